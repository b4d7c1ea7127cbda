// SPDX-License-Identifier: Apache-2.0
//
// ep_neuron - rounds, nudges and clamps the kept sums of one neuron group.
//
// Function   v = (u + 2^(G-1)) >> G (G = 0: v = u); output neurons in a nudged phase use v +- h with
//            h = sign(d) (|d| >> b), d = y - s; s' = min(255, max(0, v))
// Formats    u signed SumBits.0, states unsigned 8.0, rounding half up
// Latency    combinational
// Model      model/neuron/neuron.h, bit exact

module ep_neuron
  import ep_pkg::*;
#(
    parameter int unsigned NeuronLanes = 8,
    parameter int unsigned SumBits = 32
) (
    input  logic                                  valid_i,        // outputs are 0 otherwise
    input  logic   [NeuronLanes-1:0][SumBits-1:0] sum_i,
    input  state_t [NeuronLanes-1:0]              state_i,        // s at the start of the sweep
    input  logic   [NeuronLanes-1:0]              lanes_i,        // neurons of the population
    input  logic   [            3:0]              gain_max_i,     // G
    input  logic                                  nudge_i,        // output group in a nudged phase
    input  logic                                  away_i,         // minus: away from the target
    input  logic   [            2:0]              nudge_shift_i,  // b
    input  logic   [            7:0]              class_i,
    input  logic   [            7:0]              first_i,        // first neuron of the group
    output state_t [NeuronLanes-1:0]              state_o,
    output logic   [NeuronLanes-1:0]              changed_o
);
  typedef logic signed [SumBits-1:0] sum_t;
  typedef logic signed [11:0] field_t;  // v clamped to [-255, 510], and v +- h

  function automatic field_t Round(sum_t sum, logic [3:0] gain);
    logic signed [SumBits:0] rounded;
    rounded = (SumBits + 1)'(sum);
    if (gain != '0) rounded = (rounded + ((SumBits + 1)'(1) <<< (gain - 4'd1))) >>> gain;
    if (rounded > (SumBits + 1)'(510)) return field_t'(510);
    if (rounded < -(SumBits + 1)'(255)) return -field_t'(255);
    return field_t'(rounded);
  endfunction

  function automatic field_t Nudge(state_t state, logic target, logic [2:0] shift);
    // d = 255 - s towards the class, -s elsewhere; the shift acts on the magnitude.
    return target ? field_t'({4'd0, (8'd255 - state) >> shift}) : -field_t'({4'd0, state >> shift});
  endfunction

  function automatic state_t Clamp(field_t field);
    if (field < 0) return 8'd0;
    if (field > 12'sd255) return 8'd255;
    return field[7:0];
  endfunction

  for (genvar j = 0; j < NeuronLanes; j++) begin : gen_lane
    always_comb begin
      field_t nudge;
      nudge = '0;
      state_o[j] = '0;
      changed_o[j] = 1'b0;
      if (valid_i) begin
        if (nudge_i) begin
          nudge = Nudge(state_i[j], first_i + 8'(j) == class_i, nudge_shift_i);
          if (away_i) nudge = -nudge;
        end
        if (lanes_i[j]) state_o[j] = Clamp(Round(sum_t'(sum_i[j]), gain_max_i) + nudge);
        changed_o[j] = state_o[j] != state_i[j];
      end
    end
  end
endmodule
