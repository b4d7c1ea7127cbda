// SPDX-License-Identifier: Apache-2.0
//
// ep_group_walker - visits the neuron groups of chosen populations: populations ascending, groups
// ascending.
//
// Function   one group a cycle to ep_sums, with what is to happen to it
// Formats    addresses and flags only
// Latency    1 cycle to begin a population
// Model      model/ctrl/group_walker.h, bit exact

`include "ep_assert.svh"

module ep_group_walker
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned NeuronLanes = 8,
    parameter int unsigned MaxStates = 2048,
    localparam int unsigned GroupBits = $clog2(MaxStates / NeuronLanes),
    localparam int unsigned GroupsPerBlock = Lanes / NeuronLanes
) (
    input  logic                             clk_i,
    input  logic                             rst_ni,
    input  logic                             clear_i,
    // From ep_registers
    input  population_t [NumPopulations-1:0] population_i,
    input  pop_t                             output_i,       // the output population
    // From ep_sequencer
    input  logic                             start_i,
    input  logic        [NumPopulations-1:0] populations_i,  // those to visit, at start
    input  group_op_e                        op_i,           // at start
    output logic                             busy_o,
    output logic                             upset_o,        // ep_guard
    // To ep_sums
    output logic                             valid_o,
    input  logic                             ready_i,
    output group_op_e                        op_o,
    output logic        [     GroupBits-1:0] group_o,
    output logic                             output_o,
    output logic        [               7:0] first_o,
    output logic        [   NeuronLanes-1:0] lanes_o
);
  logic valid_q, output_q;
  logic [NumPopulations-1:0] left_q, chosen, rest;
  group_op_e op_q;
  logic [GroupBits-1:0] group_q;
  logic [7:0] first_q;
  logic [15:0] size_q, size_d;  // neurons of this and the following groups of the population
  logic valid_d, last, load, found;
  pop_t index;
  population_t next;

  assign last   = size_q <= 16'(NeuronLanes);
  assign load   = start_i || (valid_q && ready_i && last);
  assign chosen = start_i ? populations_i : left_q;

  always_comb begin
    index = '0;
    found = 1'b0;
    if (load) begin
      for (int p = int'(NumPopulations) - 1; p >= 0; p--) begin
        if (chosen[p]) begin
          index = pop_t'(p);
          found = 1'b1;
        end
      end
    end
    rest = chosen;
    rest[index] = 1'b0;
    next = population_i[index];
  end

  assign size_d = load ? next.size : size_q - 16'(NeuronLanes);
  always_comb begin
    valid_d = valid_q;
    if (clear_i) valid_d = 1'b0;
    else if (load) valid_d = found;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_d;
  end

  always_ff @(posedge clk_i) begin
    if (start_i) op_q <= op_i;
    if (load) begin
      left_q   <= rest;
      group_q  <= GroupBits'(next.block) * GroupBits'(GroupsPerBlock);
      first_q  <= '0;
      size_q   <= size_d;
      output_q <= index == output_i;
    end else if (valid_q && ready_i) begin
      group_q <= group_q + GroupBits'(1);
      first_q <= first_q + 8'(NeuronLanes);
      size_q  <= size_d;
    end
  end

  logic [1:0] upset;
  assign upset_o = upset != '0;

  ep_guard #(
      .Width(1)
  ) u_guard_valid (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (1'b1),
      .next_i (valid_d),
      .value_i(valid_q),
      .upset_o(upset[0])
  );
  ep_guard #(
      .Width(16)
  ) u_guard_size (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (load || (valid_q && ready_i)),
      .next_i (size_d),
      .value_i(size_q),
      .upset_o(upset[1])
  );

  assign busy_o = valid_q;
  assign valid_o = valid_q;
  assign op_o = op_q;
  assign group_o = group_q;
  assign output_o = output_q;
  assign first_o = first_q;
  for (genvar j = 0; j < NeuronLanes; j++) begin : gen_lane
    assign lanes_o[j] = 16'(unsigned'(j)) < size_q;
  end

  `EP_ASSERT(StartWhenIdle_A, start_i |-> !valid_q)
endmodule
