// SPDX-License-Identifier: Apache-2.0
//
// ep_readout - prediction and largest error of the output states, read group by group.
//
// Function   prediction = index of the largest state, the lowest on ties;
//            error = max over outputs of |y - s|, y = 255 for the class, 0 elsewhere
// Formats    states unsigned 8.0; prediction 8 bits
// Latency    results with the cycle after the last group; the prediction leaves a cycle after outcome_i
// Model      model/neuron/readout.h, bit exact

`include "ep_assert.svh"

module ep_readout
  import ep_pkg::*;
#(
    parameter int unsigned NeuronLanes = 8
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    input  logic                     reset_i,          // drops everything
    input  logic                     clear_i,          // before the first group of a sweep
    input  logic                     valid_i,
    input  state_t [NeuronLanes-1:0] state_i,
    input  logic   [NeuronLanes-1:0] lanes_i,          // neurons of the population
    input  logic   [            7:0] first_i,          // first neuron of the group
    input  logic   [            7:0] class_i,
    output state_t                   error_o,
    // From ep_sequencer: the prediction is final
    input  logic                     outcome_i,
    input  logic                     gated_i,
    output logic                     outcome_ready_o,
    // Predictions: [7:0] prediction, [15:8] class, [16] gated
    output logic                     m_axis_tvalid_o,
    input  logic                     m_axis_tready_i,
    output logic   [           31:0] m_axis_tdata_o
);
  // A neuron that may be the prediction.
  typedef struct packed {
    logic       any;
    state_t     state;
    logic [7:0] index;
  } candidate_t;

  state_t best_q, error, distance;
  logic any_q;
  logic [7:0] prediction_q;
  candidate_t best;

  // `right` has the higher index, so that it has to be larger.
  function automatic candidate_t Larger(candidate_t left, candidate_t right);
    return (right.any && (!left.any || right.state > left.state)) ? right : left;
  endfunction

  function automatic state_t Worse(state_t left, state_t right);
    return left > right ? left : right;
  endfunction

  // Two neighbours at a time, then their winners: a tree of comparisons.
  always_comb begin
    candidate_t [NeuronLanes-1:0] candidate;
    state_t [NeuronLanes-1:0] errors;
    candidate = '0;
    errors = '0;
    distance = '0;
    best = '0;
    error = '0;
    if (valid_i) begin
      for (int j = 0; j < int'(NeuronLanes); j++) begin
        candidate[j] = '{any: lanes_i[j], state: state_i[j], index: first_i + 8'(j)};
        distance = (first_i + 8'(j) == class_i) ? 8'd255 - state_i[j] : state_i[j];
        errors[j] = lanes_i[j] ? distance : '0;
      end
      for (int span = 1; span < int'(NeuronLanes); span = span * 2) begin
        for (int j = 0; j + span < int'(NeuronLanes); j = j + 2 * span) begin
          candidate[j] = Larger(candidate[j], candidate[j+span]);
          errors[j] = Worse(errors[j], errors[j+span]);
        end
      end
      best  = Larger('{any: any_q, state: best_q, index: prediction_q}, candidate[0]);
      error = Worse(error_o, errors[0]);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      best_q <= '0;
      any_q <= 1'b0;
      prediction_q <= '0;
      error_o <= '0;
    end else if (clear_i) begin
      best_q <= '0;
      any_q <= 1'b0;
      prediction_q <= '0;
      error_o <= '0;
    end else if (valid_i) begin
      best_q <= best.state;
      any_q <= best.any;
      prediction_q <= best.index;
      error_o <= error;
    end
  end

  // A prediction waits in a register, so that the machine goes on while it is taken.
  assign outcome_ready_o = !m_axis_tvalid_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) m_axis_tvalid_o <= 1'b0;
    else if (reset_i) m_axis_tvalid_o <= 1'b0;
    else if (outcome_i) m_axis_tvalid_o <= 1'b1;
    else if (m_axis_tready_i) m_axis_tvalid_o <= 1'b0;
  end

  always_ff @(posedge clk_i) begin
    if (outcome_i) m_axis_tdata_o <= {15'd0, gated_i, class_i, prediction_q};
  end

  `EP_ASSERT(OutcomeWhenReady_A, outcome_i |-> outcome_ready_o)
endmodule
