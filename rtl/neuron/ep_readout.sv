// SPDX-License-Identifier: Apache-2.0
//
// ep_readout - prediction and largest error of the output states, read group by group.
//
// Function   prediction = index of the largest state, the lowest on ties;
//            error = max over outputs of |y - s|, y = 255 for the class, 0 elsewhere
// Formats    states unsigned 8.0; prediction 8 bits
// Latency    results with the cycle after the last group
// Model      model/neuron/readout.h, bit exact

module ep_readout
  import ep_pkg::*;
#(
    parameter int unsigned NeuronLanes = 8
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    input  logic                     clear_i,   // before the first group
    input  logic                     valid_i,
    input  state_t [NeuronLanes-1:0] state_i,
    input  logic   [NeuronLanes-1:0] lanes_i,   // neurons of the population
    input  logic   [            7:0] first_i,   // first neuron of the group
    input  logic   [            7:0] class_i,
    output logic   [            7:0] prediction_o,
    output state_t                   error_o
);
  state_t best_q, best, error, distance;
  logic any_q, any;
  logic [7:0] index;

  always_comb begin
    best = best_q;
    any = any_q;
    index = prediction_o;
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
      prediction_o <= '0;
      error_o <= '0;
    end else if (clear_i) begin
      best_q <= '0;
      any_q <= 1'b0;
      prediction_o <= '0;
      error_o <= '0;
    end else if (valid_i) begin
      best_q <= best;
      any_q <= any;
      prediction_o <= index;
      error_o <= error;
    end
  end
endmodule
