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
// Latency    reads combinational, writes in the next cycle
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
    output state_t    [NeuronLanes-1:0] state_o,
    input  state_t    [NeuronLanes-1:0] state_i,
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

  logic write, swap;
  logic [BlockBits-1:0] group_block;
  logic [NeuronLanes-1:0] changed, old_changed;
  state_t [NeuronLanes-1:0] saved, saved_d, state_d;
  delta_t [NeuronLanes-1:0] delta_d;
  logic [Lanes-1:0] block_flags, block_flags_d;

  assign swap = op_i == GroupSwap;
  assign write = valid_i && op_i != GroupRead && (update_i || swap);
  assign group_block = BlockBits'(group_i / GroupBits'(GroupsPerBlock));
  assign block_flags = changed_q[group_block] ? flags_q[group_block] : '0;

  for (genvar j = 0; j < NeuronLanes; j++) begin : gen_lane
    state_t state_q[NumGroups];
    state_t saved_q[NumGroups];
    delta_t delta_q[NumGroups];

    assign state_o[j] = known_q[group_i] ? state_q[group_i] : '0;
    assign saved[j]   = saved_q[group_i];

    always_comb begin
      state_d[j] = state_i[j];
      saved_d[j] = save_i ? state_o[j] : saved[j];
      delta_d[j] = delta_t'({1'b0, state_i[j]}) - delta_t'({1'b0, state_o[j]});
      if (swap) begin
        state_d[j] = saved[j];
        saved_d[j] = state_o[j];
        delta_d[j] = delta_t'({1'b0, saved[j]}) - delta_t'({1'b0, state_o[j]})
                     + (old_changed[j] ? delta_q[group_i] : '0);
      end
      changed[j] = delta_d[j] != '0;
    end

    always_ff @(posedge clk_i) begin
      if (write) begin
        state_q[group_i] <= state_d[j];
        delta_q[group_i] <= delta_d[j];
        if (swap || save_i) saved_q[group_i] <= saved_d[j];
      end
    end
  end

  ///////////
  // Flags //
  ///////////
  always_comb begin
    block_flags_d = '0;
    old_changed   = '0;
    if (valid_i) begin
      block_flags_d = block_flags;
      for (int unsigned g = 0; g < GroupsPerBlock; g++) begin
        if (32'(group_i) % GroupsPerBlock == g) begin
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
      if (valid_i && op_i != GroupRead) changed_q[group_block] <= block_flags_d != '0;
      if (write) begin
        known_q[group_i]   <= 1'b1;
        differs_q[group_i] <= state_d != saved_d;
        nonzero_q[group_i] <= state_d != '0 || saved_d != '0;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i && op_i != GroupRead) flags_q[group_block] <= block_flags_d;
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

  for (genvar j = 0; j < NeuronLanes; j++) begin : gen_row
    always_comb begin
      row_deltas[j]  = '0;
      row_pluses[j]  = '0;
      row_minuses[j] = '0;
      if (row_read_i) begin
        row_deltas[j]  = gen_lane[j].delta_q[row_group];
        row_pluses[j]  = gen_lane[j].saved_q[row_group];
        row_minuses[j] = gen_lane[j].state_q[row_group];
      end
    end
  end

  assign lanes_changed_o = changed_q[lanes_block_i] ? flags_q[lanes_block_i] : '0;

  for (genvar g = 0; g < GroupsPerBlock; g++) begin : gen_block
    for (genvar j = 0; j < NeuronLanes; j++) begin : gen_neuron
      logic [GroupBits-1:0] group;
      assign group = GroupBits'(int'(lanes_block_i) * int'(GroupsPerBlock) + g);
      always_comb begin
        lanes_delta_o[g*NeuronLanes+j] = '0;
        lanes_plus_o[g*NeuronLanes+j]  = '0;
        lanes_minus_o[g*NeuronLanes+j] = '0;
        if (lanes_gather_i) lanes_delta_o[g*NeuronLanes+j] = gen_lane[j].delta_q[group];
        if (lanes_learn_i) begin
          lanes_plus_o[g*NeuronLanes+j]  = gen_lane[j].saved_q[group];
          lanes_minus_o[g*NeuronLanes+j] = gen_lane[j].state_q[group];
        end
      end
    end
  end

  `EP_ASSERT(BlockEndIsNotAnUpdate_A, !(block_done_i && valid_i && group_block == block_i))
endmodule
