// SPDX-License-Identifier: Apache-2.0
//
// ep_neuron - rounds, nudges and clamps the kept sums of one neuron group.
//
// Function   v = (u + 2^(G-1)) >> G (G = 0: v = u); output neurons in a nudged phase use v +- h with
//            h = sign(d) (|d| >> b), d = y - s; s' = min(255, max(0, v)). A group that is not updated
//            keeps its states and passes
// Formats    u signed SumBits.0, states unsigned 8.0, rounding half up
// Latency    2 cycles, one group a cycle: rounded, then nudged and clamped
// Model      model/neuron/neuron.h, bit exact

module ep_neuron
  import ep_pkg::*;
#(
    parameter int unsigned NeuronLanes = 8,
    parameter int unsigned SumBits = 32
) (
    input  logic                                  clk_i,
    input  logic                                  rst_ni,
    input  logic                                  clear_i,
    // From ep_sums
    input  logic                                  valid_i,
    input  logic                                  update_i,       // otherwise the group passes
    input  logic   [NeuronLanes-1:0][SumBits-1:0] sum_i,
    input  logic   [NeuronLanes-1:0]              lanes_i,        // neurons of the population
    input  logic                                  output_i,       // output group
    input  logic   [            7:0]              first_i,        // first neuron of the group
    // From ep_state_memory, a cycle after valid_i: s at the start of the sweep
    input  state_t [NeuronLanes-1:0]              state_i,
    // From ep_registers and ep_sequencer, held while a group is under way
    input  logic   [            3:0]              gain_max_i,     // G
    input  logic                                  nudged_i,       // nudged phase
    input  logic                                  away_i,         // minus: away from the target
    input  logic   [            2:0]              nudge_shift_i,  // b
    input  logic   [            7:0]              class_i,
    // To ep_state_memory and ep_readout
    output logic                                  valid_o,
    output logic                                  update_o,
    output state_t [NeuronLanes-1:0]              state_o,
    output logic   [NeuronLanes-1:0]              changed_o,      // 0 unless updated
    output logic   [NeuronLanes-1:0]              lanes_o,
    output logic                                  output_o,
    output logic   [            7:0]              first_o,
    output logic                                  idle_o          // but for what leaves now
);
  typedef logic signed [SumBits-1:0] sum_t;
  typedef logic signed [11:0] field_t;  // v clamped to [-1024, 1023], and v +- h

  // ((u << 1) >> G) + 1, halved: the bit below v is added to it. A v beyond [-255, 510] may be any
  // other: the nudge is at most 255.
  function automatic field_t Round(sum_t sum, logic [3:0] gain);
    logic signed [SumBits:0] doubled;
    field_t kept;
    doubled = $signed({sum, 1'b0}) >>> gain;
    kept = doubled[11:0];
    if (doubled[SumBits:11] != {(SumBits - 10) {doubled[SumBits]}}) begin
      kept = doubled[SumBits] ? -12'sd1024 : 12'sd1023;
      kept = kept <<< 1;
    end
    return (kept >>> 1) + field_t'({11'd0, kept[0]});
  endfunction

  function automatic field_t Nudge(state_t state, logic target, logic away, logic [2:0] shift);
    // d = 255 - s towards the class, -s elsewhere; the shift acts on the magnitude.
    logic [7:0] size;
    size = (target ? ~state : state) >> shift;
    return (target ^ away) ? field_t'({4'd0, size}) : -field_t'({4'd0, size});
  endfunction

  function automatic state_t Clamp(field_t field);
    if (field < 0) return 8'd0;
    if (field > 12'sd255) return 8'd255;
    return field[7:0];
  endfunction

  // Stage 1: v.
  logic valid_q, update_q, output_q;
  logic [NeuronLanes-1:0] lanes_q, target_q;
  logic [7:0] first_q;
  field_t [NeuronLanes-1:0] field_q;

  // Stage 2: the states.
  state_t [NeuronLanes-1:0] state_d;
  logic [NeuronLanes-1:0] changed_d;

  for (genvar j = 0; j < NeuronLanes; j++) begin : gen_lane
    always_comb begin
      field_t nudge;
      nudge = '0;
      state_d[j] = '0;
      changed_d[j] = 1'b0;
      if (valid_q) begin
        state_d[j] = state_i[j];
        if (output_q && nudged_i) nudge = Nudge(state_i[j], target_q[j], away_i, nudge_shift_i);
        if (update_q) state_d[j] = lanes_q[j] ? Clamp($signed(field_q[j]) + nudge) : '0;
        changed_d[j] = state_d[j] != state_i[j];
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q   <= 1'b0;
      valid_o   <= 1'b0;
      changed_o <= '0;
    end else if (clear_i) begin
      valid_q   <= 1'b0;
      valid_o   <= 1'b0;
      changed_o <= '0;
    end else begin
      valid_q   <= valid_i;
      valid_o   <= valid_q;
      changed_o <= changed_d;
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      update_q <= update_i;
      output_q <= output_i;
      lanes_q  <= lanes_i;
      first_q  <= first_i;
      for (int j = 0; j < int'(NeuronLanes); j++) begin
        target_q[j] <= first_i + 8'(j) == class_i;
        if (update_i) field_q[j] <= Round(sum_t'(sum_i[j]), gain_max_i);
      end
    end
    if (valid_q) begin
      update_o <= update_q;
      output_o <= output_q;
      lanes_o  <= lanes_q;
      first_o  <= first_q;
      state_o  <= state_d;
    end
  end

  // A group that leaves now is written with this edge: whoever begins now finds it written.
  assign idle_o = !valid_i && !valid_q;
endmodule
