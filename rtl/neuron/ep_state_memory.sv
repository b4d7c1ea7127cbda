// SPDX-License-Identifier: Apache-2.0
//
// ep_state_memory - states, saved states and pending deltas of all neurons, one group a word.
//
// Function   update  s <- s', pending delta <- s' - s; with save: the saved state <- s
//            none    the pending deltas of the group end
//            swap    s <-> saved state; pending delta <- new s - (state that the sums contain)
//            States of a new sample are 0. Flags say which neurons have a pending delta, which groups
//            have s != saved (learning: s+ and s-), and which have one that is not 0.
// Formats    states unsigned 8.0, deltas signed 9.0
// Latency    a group: states after 1 cycle, new states and writing after 2; other reads combinational
// Model      model/neuron/state_memory.h, bit exact

`include "ep_assert.svh"

module ep_state_memory
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned NeuronLanes = 8,
    parameter int unsigned MaxStates = 2048,
    localparam int unsigned NumGroups = MaxStates / NeuronLanes,
    localparam int unsigned GroupBits = $clog2(NumGroups),
    localparam int unsigned NumBlocks = MaxStates / Lanes,
    localparam int unsigned BlockBits = (NumBlocks > 1) ? $clog2(NumBlocks) : 1,
    localparam int unsigned NeuronBits = $clog2(MaxStates),
    localparam int unsigned GroupsPerBlock = Lanes / NeuronLanes,
    localparam int unsigned InLaneBits = $clog2(NeuronLanes)
) (
    input  logic                        clk_i,
    input  logic                        rst_ni,
    input  logic                        clear_i,          // a new sample
    // One group: from ep_sums and ep_neuron
    input  logic                        valid_i,
    input  group_op_e                   op_i,
    input  logic                        update_i,
    input  logic                        save_i,
    input  logic      [  GroupBits-1:0] group_i,
    output state_t    [NeuronLanes-1:0] state_o,          // a cycle after valid_i
    input  state_t    [NeuronLanes-1:0] state_i,          // two cycles after valid_i
    output logic      [  GroupBits-1:0] group_o,          // of state_i
    // The pending deltas of a block end: from ep_row_adder
    input  logic                        block_done_i,
    input  logic      [  BlockBits-1:0] block_i,
    // Flags for ep_walker
    output logic      [  NumBlocks-1:0] block_changed_o,
    input  logic      [  BlockBits-1:0] flags_block_i,
    output logic      [      Lanes-1:0] flags_o,
    input  logic      [  BlockBits-1:0] learn_block_i,
    output logic                        learn_differs_o,
    output logic                        learn_nonzero_o,
    // A row neuron: to the operand registers
    input  logic                        row_read_i,       // operands are 0 otherwise
    input  logic      [ NeuronBits-1:0] row_i,
    output logic                        row_changed_o,
    output delta_t                      row_delta_o,
    output state_t                      row_plus_o,
    output state_t                      row_minus_o,
    // A lane block: to ep_picker
    input  logic                        lanes_gather_i,   // deltas are wanted
    input  logic                        lanes_learn_i,    // states are wanted
    input  logic      [  BlockBits-1:0] lanes_block_i,
    output logic      [      Lanes-1:0] lanes_changed_o,
    output delta_t    [      Lanes-1:0] lanes_delta_o,
    output state_t    [      Lanes-1:0] lanes_plus_o,
    output state_t    [      Lanes-1:0] lanes_minus_o
);
  logic [NumGroups-1:0] known_q;  // the group has states of this sample; otherwise they are 0
  logic [NumGroups-1:0] differs_q, nonzero_q;
  logic [NumBlocks-1:0] changed_q;  // a flag of the block is set; otherwise none counts
  logic [Lanes-1:0] flags_q[NumBlocks];

  // One group a word.
  typedef struct packed {
    logic [NeuronLanes-1:0][8:0] delta;
    state_t [NeuronLanes-1:0]    state;
  } word_t;
  word_t word_q[NumGroups];
  state_t [NeuronLanes-1:0] saved_q[NumGroups];

  ///////////////
  // One group //
  ///////////////
  // Stage 1 reads the states, stage 2 what is left of the group, stage 3 writes it.
  logic valid1_q, valid2_q, update1_q, update2_q, write, swap;
  group_op_e op1_q, op2_q;
  logic [GroupBits-1:0] group1_q, group2_q;
  state_t [NeuronLanes-1:0] state1_q, state2_q, saved2_q, saved_d, state_d;
  logic [NeuronLanes-1:0][8:0] delta2_q, delta_d;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
    end else if (clear_i) begin
      valid1_q <= 1'b0;
      valid2_q <= 1'b0;
    end else begin
      valid1_q <= valid_i;
      valid2_q <= valid1_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) begin
      op1_q <= op_i;
      update1_q <= update_i;
      group1_q <= group_i;
      state1_q <= known_q[group_i] ? word_q[group_i].state : '0;
    end
    if (valid1_q) begin
      op2_q <= op1_q;
      update2_q <= update1_q;
      group2_q <= group1_q;
      state2_q <= state1_q;
      saved2_q <= saved_q[group1_q];
      if (op1_q == GroupSwap) delta2_q <= word_q[group1_q].delta;
    end
  end

  assign state_o = state1_q;
  assign group_o = group2_q;
  assign swap = op2_q == GroupSwap;
  assign write = valid2_q && op2_q != GroupRead && (update2_q || swap);

  logic [BlockBits-1:0] group_block;
  logic [NeuronLanes-1:0] changed, old_changed;
  logic [Lanes-1:0] block_flags, block_flags_d;

  assign group_block = BlockBits'(group2_q / GroupBits'(GroupsPerBlock));
  assign block_flags = changed_q[group_block] ? flags_q[group_block] : '0;

  for (genvar j = 0; j < NeuronLanes; j++) begin : gen_lane
    always_comb begin
      state_d[j] = swap ? saved2_q[j] : state_i[j];
      saved_d[j] = (swap || save_i) ? state2_q[j] : saved2_q[j];
      delta_d[j] = {1'b0, state_d[j]} - {1'b0, state2_q[j]};
      if (swap && old_changed[j]) delta_d[j] = delta_d[j] + delta2_q[j];
      changed[j] = delta_d[j] != '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (write) word_q[group2_q] <= '{delta: delta_d, state: state_d};
    if (write && (swap || save_i)) saved_q[group2_q] <= saved_d;
  end

  ///////////
  // Flags //
  ///////////
  always_comb begin
    block_flags_d = '0;
    old_changed   = '0;
    if (valid2_q) begin
      block_flags_d = block_flags;
      for (int unsigned g = 0; g < GroupsPerBlock; g++) begin
        if (32'(group2_q) % GroupsPerBlock == g) begin
          old_changed = block_flags[g*NeuronLanes+:NeuronLanes];
          block_flags_d[g*NeuronLanes+:NeuronLanes] = write ? changed : '0;
        end
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      known_q   <= '0;
      changed_q <= '0;
      differs_q <= '0;
      nonzero_q <= '0;
    end else if (clear_i) begin
      known_q   <= '0;
      changed_q <= '0;
      differs_q <= '0;
      nonzero_q <= '0;
    end else begin
      if (block_done_i) changed_q[block_i] <= 1'b0;
      if (valid2_q && op2_q != GroupRead) changed_q[group_block] <= block_flags_d != '0;
      if (write) begin
        known_q[group2_q]   <= 1'b1;
        differs_q[group2_q] <= state_d != saved_d;
        nonzero_q[group2_q] <= state_d != '0 || saved_d != '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid2_q && op2_q != GroupRead) flags_q[group_block] <= block_flags_d;
  end

  assign block_changed_o = changed_q;
  assign flags_o = flags_q[flags_block_i];

  always_comb begin
    learn_differs_o = 1'b0;
    learn_nonzero_o = 1'b0;
    for (int g = 0; g < int'(GroupsPerBlock); g++) begin
      learn_differs_o |= differs_q[GroupBits'(int'(learn_block_i)*int'(GroupsPerBlock)+g)];
      learn_nonzero_o |= nonzero_q[GroupBits'(int'(learn_block_i)*int'(GroupsPerBlock)+g)];
    end
  end

  ////////////////////////////
  // Row and lane operands //
  ////////////////////////////
  logic [GroupBits-1:0] row_group;
  logic [InLaneBits-1:0] row_lane;
  logic [NeuronLanes-1:0][8:0] row_deltas;
  logic [NeuronLanes-1:0][7:0] row_pluses, row_minuses;
  logic [Lanes-1:0] row_flags;

  assign row_group = row_i[NeuronBits-1:InLaneBits];
  assign row_lane = row_i[InLaneBits-1:0];
  assign row_flags = flags_q[row_i[NeuronBits-1:$clog2(Lanes)]];
  assign row_changed_o = row_read_i && changed_q[row_i[NeuronBits-1:$clog2(
      Lanes
  )]] && row_flags[row_i[$clog2(
      Lanes
  )-1:0]];
  assign row_delta_o = delta_t'(row_deltas[row_lane]);
  assign row_plus_o = row_pluses[row_lane];
  assign row_minus_o = row_minuses[row_lane];

  always_comb begin
    row_deltas  = '0;
    row_pluses  = '0;
    row_minuses = '0;
    if (row_read_i) begin
      row_deltas  = word_q[row_group].delta;
      row_pluses  = saved_q[row_group];
      row_minuses = word_q[row_group].state;
    end
  end

  assign lanes_changed_o = changed_q[lanes_block_i] ? flags_q[lanes_block_i] : '0;

  for (genvar g = 0; g < GroupsPerBlock; g++) begin : gen_block
    logic [GroupBits-1:0] group;
    assign group = GroupBits'(int'(lanes_block_i) * int'(GroupsPerBlock) + g);
    always_comb begin
      lanes_delta_o[g*NeuronLanes+:NeuronLanes] = '0;
      lanes_plus_o[g*NeuronLanes+:NeuronLanes]  = '0;
      lanes_minus_o[g*NeuronLanes+:NeuronLanes] = '0;
      if (lanes_gather_i) lanes_delta_o[g*NeuronLanes+:NeuronLanes] = word_q[group].delta;
      if (lanes_learn_i) begin
        lanes_plus_o[g*NeuronLanes+:NeuronLanes]  = saved_q[group];
        lanes_minus_o[g*NeuronLanes+:NeuronLanes] = word_q[group].state;
      end
    end
  end

  // A group is not visited again before it is written: sweeps visit each group once.
  `EP_ASSERT(GroupsApart_A,
             valid_i |-> !(valid1_q && group1_q == group_i) && !(valid2_q && group2_q == group_i))
  `EP_ASSERT(BlockEndIsNotAnUpdate_A, !(block_done_i && valid2_q && group_block == block_i))
endmodule
