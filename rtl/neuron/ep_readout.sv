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
  state_t best_q, best, error, distance;
  logic any_q, any;
  logic [7:0] index, prediction_q;

  always_comb begin
    best = best_q;
    any = any_q;
    index = prediction_q;
    error = error_o;
    distance = '0;
    if (valid_i) begin
      for (int j = 0; j < int'(NeuronLanes); j++) begin
        if (lanes_i[j]) begin
          distance = (first_i + 8'(j) == class_i) ? 8'd255 - state_i[j] : state_i[j];
          if (!any || state_i[j] > best) begin
            best  = state_i[j];
            index = first_i + 8'(j);
          end
          any = 1'b1;
          if (distance > error) error = distance;
        end
      end
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
      best_q <= best;
      any_q <= any;
      prediction_q <= index;
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
