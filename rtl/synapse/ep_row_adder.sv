// SPDX-License-Identifier: Apache-2.0
//
// ep_row_adder - one accumulator per lane; adds a row word times a signed power of two.
//
// Function   acc[l] += +-(word[l] << shift); at the end of a block the accumulators move to a second
//            rank, which leaves group by group while the next block is summed
// Formats    word signed WeightBits.0, acc signed AccBits.0, exact: AccBits covers every legal row
//            count
// Latency    one digit of one row word a cycle; a block of Lanes leaves in Lanes / NeuronLanes beats
// Model      model/synapse/row_adder.h, bit exact

`include "ep_assert.svh"

module ep_row_adder #(
    parameter int unsigned Lanes = 32,
    parameter int unsigned NeuronLanes = 8,
    parameter int unsigned WeightBits = 8,
    parameter int unsigned AccBits = 27,
    parameter int unsigned TagBits = 8
) (
    input logic clk_i,
    input logic rst_ni,
    input logic clear_i,
    // Row word and digit, from the row word stage
    input logic add_i,
    input logic [Lanes-1:0][WeightBits-1:0] word_i,
    input logic [3:0] shift_i,  // 0..8
    input logic negative_i,
    // End of a block; only with hand_ready_o
    input logic hand_i,
    input logic [TagBits-1:0] hand_tag_i,
    input logic [Lanes-1:0] hand_lanes_i,  // lanes of the population
    output logic hand_ready_o,
    // The block may leave, since what was gathered before it has reached the sums: at once, or later
    input logic hand_now_i,
    input logic leave_i,
    // To ep_sums, group by group
    output logic group_valid_o,
    input logic group_ready_i,
    output logic group_first_o,
    output logic [7:0] group_index_o,  // in the block
    output logic group_add_o,  // the accumulators hold something
    output logic [NeuronLanes-1:0] group_lanes_o,
    output logic [NeuronLanes-1:0][AccBits-1:0] group_acc_o,
    output logic [TagBits-1:0] group_tag_o,
    input logic group_skip_i,  // with group_first_o: drop the block
    output logic idle_o
);
  typedef logic signed [WeightBits-1:0] weight_t;
  typedef logic signed [AccBits-1:0] acc_t;

  logic empty_q;  // the accumulators hold nothing of this block yet
  logic held_q, go_q, add_q;
  logic [7:0] index_q;
  logic [Lanes-1:0] lanes_q;
  logic [TagBits-1:0] tag_q;
  logic shift_out, leave;

  assign hand_ready_o = !held_q || leave;
  assign group_valid_o = held_q && go_q;
  assign group_first_o = index_q == '0;
  assign group_index_o = index_q;
  assign group_add_o = add_q;
  assign group_lanes_o = lanes_q[NeuronLanes-1:0];
  assign group_tag_o = tag_q;
  assign shift_out = group_valid_o && group_ready_i;
  // The last group with a lane of the population ends the block.
  if (Lanes == NeuronLanes) begin : gen_one_group
    logic unused;
    assign unused = group_skip_i;  // one beat in any case
    assign leave  = shift_out;
  end else begin : gen_groups
    assign leave = shift_out && ((group_first_o && group_skip_i)
                                 || lanes_q[Lanes-1:NeuronLanes] == '0);
  end
  assign idle_o = !held_q;

  // One select for each place of a digit, for all lanes.
  logic [8:0] place;
  for (genvar i = 0; i < 9; i++) begin : gen_place
    assign place[i] = shift_i == 4'(unsigned'(i));
  end

  for (genvar l = 0; l < Lanes; l++) begin : gen_lane
    acc_t acc_q, acc_d, rank_q;
    weight_t weight;
    acc_t term;

    assign weight = weight_t'(word_i[l]);
    always_comb begin
      term  = '0;
      acc_d = acc_q;
      if (add_i) begin
        for (int i = 0; i < 9; i++) if (place[i]) term = term | (acc_t'(weight) <<< i);
        acc_d = (empty_q ? acc_t'(0) : acc_q) + (negative_i ? ~term : term) + acc_t'(negative_i);
      end
    end

    always_ff @(posedge clk_i) begin
      if (add_i) acc_q <= acc_d;
    end

    if (l + NeuronLanes < Lanes) begin : gen_shift
      always_ff @(posedge clk_i) begin
        if (hand_i) rank_q <= acc_d;
        else if (shift_out) rank_q <= gen_lane[l+NeuronLanes].rank_q;
      end
    end else begin : gen_end
      always_ff @(posedge clk_i) begin
        if (hand_i) rank_q <= acc_d;
      end
    end

    `EP_ASSERT(AccFits_A,
               !add_i || (AccBits + 1)'(acc_d)
                          == (AccBits + 1)'(empty_q ? acc_t'(0) : acc_q)
                             + (negative_i ? -(AccBits + 1)'(term) : (AccBits + 1)'(term)))

    if (l < NeuronLanes) begin : gen_out
      assign group_acc_o[l] = rank_q;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      empty_q <= 1'b1;
      held_q <= 1'b0;
      go_q <= 1'b0;
    end else if (clear_i) begin
      empty_q <= 1'b1;
      held_q <= 1'b0;
      go_q <= 1'b0;
    end else begin
      if (hand_i) empty_q <= 1'b1;
      else if (add_i) empty_q <= 1'b0;
      if (hand_i) held_q <= 1'b1;
      else if (leave) held_q <= 1'b0;
      if (hand_i) go_q <= hand_now_i;
      else if (leave_i) go_q <= 1'b1;
      else if (leave) go_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (hand_i) begin
      add_q   <= add_i || !empty_q;
      tag_q   <= hand_tag_i;
      lanes_q <= hand_lanes_i;
      index_q <= '0;
    end else if (shift_out) begin
      lanes_q <= Lanes'({{NeuronLanes{1'b0}}, lanes_q} >> NeuronLanes);
      index_q <= index_q + 8'd1;
    end
  end

  `EP_ASSERT(HandWhenFree_A, hand_i |-> hand_ready_o)
  `EP_ASSERT(LeaveWhenHeld_A, leave_i |-> held_q && !go_q)
endmodule
