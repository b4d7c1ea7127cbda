// SPDX-License-Identifier: Apache-2.0
//
// ep_picker - picks the marked lanes of a block, Multipliers at a time in ascending order.
//
// Function   A gather picks lanes with a pending delta, the value is the delta. A learning word picks
//            candidate lanes, half as many at a time: slot j and slot j + Multipliers / 2 hold the
//            same lane, with its state of the plus and of the minus phase.
// Formats    values signed 9.0
// Latency    1 cycle; the values of the block are kept, the weights are those of the present row word
// Model      model/synapse/picker.h, bit exact

`include "ep_assert.svh"

module ep_picker
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned Multipliers = 8,
    parameter int unsigned WeightBits = 8,
    localparam int unsigned LaneBits = $clog2(Lanes),
    localparam int unsigned Half = Multipliers / 2
) (
    input  logic                                     clk_i,
    // Begins a row word: from ep_sense, in the cycle before the word is there
    input  logic                                     load_i,
    input  logic   [      Lanes-1:0]                 lanes_i,   // marked lanes
    input  logic   [     LaneBits:0]                 count_i,   // their number
    input  logic                                     learn_i,
    // The pick leaves
    input  logic                                     take_i,
    // The block of the row word, from ep_state_memory; with load_i
    input  delta_t [      Lanes-1:0]                 delta_i,
    input  state_t [      Lanes-1:0]                 plus_i,
    input  state_t [      Lanes-1:0]                 minus_i,
    // The row word
    input  logic   [      Lanes-1:0][WeightBits-1:0] word_i,
    // To ep_products; 0 where no lane is left
    output logic   [       Half-1:0]                 valid_o,   // of learning
    output logic   [       Half-1:0][  LaneBits-1:0] lane_o,    // of learning
    output logic   [Multipliers-1:0][           8:0] value_o,
    output logic   [Multipliers-1:0][WeightBits-1:0] weight_o,  // of a gather
    output logic                                     first_o,   // the first pick of the row word
    output logic                                     last_o,    // no marked lane is left after it
    // To ep_counters
    output logic   [     LaneBits:0]                 count_o    // lanes of the pick
);
  typedef logic [LaneBits:0] rank_t;
  typedef logic [LaneBits:0][Lanes-1:0] ranks_t;  // bit b of the rank of lane l is [b][l]

  logic [Lanes-1:0] left_q, left_d;  // marked lanes that have not left
  rank_t count_q, limit;  // their number, and how many a pick takes
  logic learn_q;
  logic [Lanes-1:0][8:0] value_q;  // delta, or state of the plus phase
  state_t [Lanes-1:0] minus_q;

  assign limit   = learn_q ? rank_t'(Half) : rank_t'(Multipliers);
  assign last_o  = count_q <= limit;
  assign count_o = last_o ? count_q : limit;

  // Rank of each lane among the marked ones, the first one has rank 1: a parallel prefix sum of all
  // lanes at once, bit by bit. After the step of a span a sum is at most twice the span.
  function automatic ranks_t Ranks(logic [Lanes-1:0] marked);
    logic [Lanes-1:0] lower, carry, sum;
    Ranks = '0;
    Ranks[0] = marked;
    for (int step = 0; step < int'(LaneBits); step++) begin
      carry = '0;
      for (int b = 0; b <= step + 1; b++) begin
        lower = Ranks[b] << (1 << step);
        sum = Ranks[b] ^ lower ^ carry;
        carry = (Ranks[b] & lower) | (carry & (Ranks[b] ^ lower));
        Ranks[b] = sum;
      end
    end
  endfunction

  // The lanes of a rank.
  function automatic logic [Lanes-1:0] Having(ranks_t ranks, rank_t rank);
    Having = '1;
    for (int b = 0; b <= int'(LaneBits); b++) Having = Having & (rank[b] ? ranks[b] : ~ranks[b]);
  endfunction

  // One slot for each rank, and its lane's values.
  always_comb begin
    ranks_t ranks;
    logic [Multipliers-1:0][Lanes-1:0] slot;
    ranks = '0;
    slot = '0;
    left_d = '0;
    valid_o = '0;
    lane_o = '0;
    value_o = '0;
    weight_o = '0;
    if (count_q != '0) begin
      ranks  = Ranks(left_q);
      left_d = left_q;
      for (int j = 0; j < int'(Multipliers); j++) begin
        slot[j] = Having(ranks, rank_t'(j + 1));
        if (j < int'(Half) || !learn_q) left_d = left_d & ~slot[j];
      end
      for (int l = 0; l < int'(Lanes); l++) begin
        if (left_q[l]) begin
          for (int j = 0; j < int'(Half); j++) begin
            if (slot[j][l]) begin
              valid_o[j]  = 1'b1;
              lane_o[j]   = lane_o[j] | LaneBits'(l);
              value_o[j]  = value_o[j] | value_q[l];
              weight_o[j] = weight_o[j] | word_i[l];
              if (learn_q) value_o[j+Half] = value_o[j+Half] | {1'b0, minus_q[l]};
            end
            if (slot[j+Half][l]) begin
              if (!learn_q) value_o[j+Half] = value_o[j+Half] | value_q[l];
              weight_o[j+Half] = weight_o[j+Half] | word_i[l];
            end
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      left_q  <= lanes_i;
      count_q <= count_i;
      learn_q <= learn_i;
      first_o <= 1'b1;
      minus_q <= minus_i;
      value_q <= delta_i;
      if (learn_i) for (int l = 0; l < int'(Lanes); l++) value_q[l] <= {1'b0, plus_i[l]};
    end else if (take_i) begin
      left_q  <= left_d;
      count_q <= count_q - count_o;
      first_o <= 1'b0;
    end
  end
endmodule
