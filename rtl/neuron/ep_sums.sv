// SPDX-License-Identifier: Apache-2.0
//
// ep_sums - the kept sums u of all neurons, one group a word, and what is added to them.
//
// Function   gather  u[neuron] += dot << (G - g)
//            block   u[group]  += (acc scale) << (G - g), scale 1, 17, 85 or 255
//            group   nothing is added; the group walk asks for an update, a swap or a readout
//            A gather is always taken, then a block, then the group walk; a block without work leaves
//            beside a gather. Sums of a new sample are 0.
//            A sum that was written and not used since marks its group as dirty; an update that was
//            asked for happens only where it is forced, something is added, or the group is dirty.
// Formats    u signed SumBits.0, exact: the host keeps to what SumBits covers
// Latency    2 cycles to ep_neuron, one group a cycle
// Model      model/neuron/sums.h, bit exact

`include "ep_assert.svh"

module ep_sums
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned NeuronLanes = 8,
    parameter int unsigned MaxStates = 2048,
    parameter int unsigned AccBits = 27,
    parameter int unsigned DotBits = 23,
    parameter int unsigned SumBits = 32,
    localparam int unsigned NumGroups = MaxStates / NeuronLanes,
    localparam int unsigned GroupBits = $clog2(NumGroups),
    localparam int unsigned NeuronBits = $clog2(MaxStates),
    localparam int unsigned GroupsPerBlock = Lanes / NeuronLanes,
    localparam int unsigned InLaneBits = $clog2(NeuronLanes)
) (
    input logic clk_i,
    input logic rst_ni,
    input logic clear_i,  // a new sample: all sums 0
    input scale_e scale_i,
    input logic force_i,  // update every group
    input logic nudged_i,  // update the output anyway
    // From ep_products
    input logic gather_valid_i,
    input logic signed [DotBits-1:0] gather_dot_i,
    input logic [NeuronBits-1:0] gather_neuron_i,
    input logic [3:0] gather_shift_i,  // G - g
    // From ep_row_adder
    input logic block_valid_i,
    output logic block_ready_o,
    input logic [GroupBits-1:0] block_group_i,
    input logic block_add_i,
    input logic block_scale_i,  // from the input
    input logic block_fused_i,  // update
    input logic [3:0] block_shift_i,
    input logic [NeuronLanes-1:0] block_lanes_i,
    input logic [NeuronLanes-1:0][AccBits-1:0] block_acc_i,
    output logic block_skip_o,  // no group of it needs work
    // From ep_group_walker
    input logic walk_valid_i,
    output logic walk_ready_o,
    input group_op_e walk_op_i,
    input logic [GroupBits-1:0] walk_group_i,
    input logic walk_output_i,  // group of the output
    input logic [7:0] walk_first_i,  // its first neuron
    input logic [NeuronLanes-1:0] walk_lanes_i,
    // To ep_neuron, ep_state_memory, ep_readout
    output logic valid_o,
    output logic update_o,
    output group_op_e op_o,
    output logic [GroupBits-1:0] group_o,
    output logic output_o,
    output logic [7:0] first_o,
    output logic [NeuronLanes-1:0] lanes_o,
    output logic [NeuronLanes-1:0][SumBits-1:0] sum_o,
    output logic idle_o
);
  typedef logic signed [SumBits-1:0] sum_t;
  typedef logic signed [AccBits-1:0] acc_t;

  logic [NumGroups-1:0] kept_q;  // the sum of the group is kept; otherwise it is 0
  logic [NumGroups-1:0] dirty_q;

  // Stage 1: what is added, aligned.
  logic valid_q, add_q, update_q, output_q;
  group_op_e op_q;
  logic [GroupBits-1:0] group_q;
  logic [7:0] first_q;
  logic [NeuronLanes-1:0] lanes_q;
  logic walk_q;

  logic use_block, use_walk, add, update;
  logic [GroupBits-1:0] group;
  logic [3:0] shift;

  assign use_block = block_valid_i && !gather_valid_i;
  assign use_walk = walk_valid_i && !gather_valid_i && !block_valid_i;
  // A block without work needs no access.
  assign block_ready_o = !gather_valid_i || block_skip_o;
  assign walk_ready_o = !gather_valid_i && !block_valid_i;
  assign add = gather_valid_i || (use_block && block_add_i);

  always_comb begin
    if (gather_valid_i) group = gather_neuron_i[NeuronBits-1:InLaneBits];
    else if (block_valid_i) group = block_group_i;
    else group = walk_group_i;
  end

  assign update = (use_block && block_fused_i && (block_add_i || dirty_q[group] || force_i))
                  || (use_walk && walk_op_i == GroupAdd && (dirty_q[group] || force_i
                                                        || (walk_output_i && nudged_i)));
  assign shift = gather_valid_i ? gather_shift_i : block_shift_i;

  always_comb begin
    block_skip_o = 1'b0;
    if (block_valid_i) begin
      block_skip_o = !block_add_i && !force_i;
      for (int g = 0; g < int'(GroupsPerBlock); g++) begin
        if (dirty_q[block_group_i+GroupBits'(g)]) block_skip_o = 1'b0;
      end
    end
  end

  function automatic sum_t Align(acc_t acc, scale_e scale, logic [3:0] places);
    sum_t wide, scaled;
    wide = sum_t'(acc);
    unique case (scale)
      Scale17:  scaled = wide + (wide <<< 4);
      Scale85:  scaled = (wide + (wide <<< 2)) + ((wide + (wide <<< 2)) <<< 4);
      Scale255: scaled = (wide <<< 8) - wide;
      default:  scaled = wide;
    endcase
    return scaled <<< places;
  endfunction

  // One group a word.
  logic [NeuronLanes-1:0][SumBits-1:0] mem_q[NumGroups];
  logic [NeuronLanes-1:0][SumBits-1:0] kept, sum_d;

  assign kept = kept_q[group_q] ? mem_q[group_q] : '0;

  for (genvar j = 0; j < NeuronLanes; j++) begin : gen_lane
    sum_t addend_q;
    logic here;

    assign here = gather_neuron_i[InLaneBits-1:0] == InLaneBits'(unsigned'(j));
    assign sum_d[j] = kept[j] + (add_q ? addend_q : '0);

    always_ff @(posedge clk_i) begin
      if (add) begin
        addend_q <= Align(
            gather_valid_i ? (here ? acc_t'(gather_dot_i) : '0) : acc_t'(block_acc_i[j]),
            (!gather_valid_i && block_scale_i) ? scale_i : Scale1,
            shift
        );
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_q && add_q) mem_q[group_q] <= sum_d;
    if (valid_q && update_q) sum_o <= sum_d;
  end

  logic stage2_valid;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      kept_q  <= '0;
      dirty_q <= '0;
      valid_q <= 1'b0;
      valid_o <= 1'b0;
    end else if (clear_i) begin
      kept_q  <= '0;
      dirty_q <= '0;
      valid_q <= 1'b0;
      valid_o <= 1'b0;
    end else begin
      valid_q <= add || update || use_walk;
      valid_o <= stage2_valid;
      if (valid_q && add_q) kept_q[group_q] <= 1'b1;
      if (add) dirty_q[group] <= !update;
      else if (update) dirty_q[group] <= 1'b0;
    end
  end

  assign stage2_valid = valid_q && (update_q || op_q != GroupAdd || walk_q);

  always_ff @(posedge clk_i) begin
    if (add || update || use_walk) begin
      add_q <= add;
      update_q <= update;
      op_q <= use_walk ? walk_op_i : GroupAdd;
      group_q <= group;
      output_q <= use_walk && walk_output_i;
      first_q <= walk_first_i;
      lanes_q <= use_walk ? walk_lanes_i : block_lanes_i;
      // A group walk ends the pending deltas of its group even where nothing is updated.
      walk_q <= use_walk;
    end
    if (stage2_valid) begin
      update_o <= update_q;
      op_o <= op_q;
      group_o <= group_q;
      output_o <= output_q;
      first_o <= first_q;
      lanes_o <= lanes_q;
    end
  end

  // A group that is in ep_neuron has left.
  assign idle_o = !valid_q && !block_valid_i && !gather_valid_i;
endmodule
