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
    localparam int unsigned LaneBits = $clog2(Lanes)
) (
    input  logic                                     clk_i,
    // Begins a row word: from ep_sense, in the cycle before the word is there
    input  logic                                     load_i,
    input  logic   [      Lanes-1:0]                 lanes_i,   // marked lanes
    input  logic                                     learn_i,
    // The next pick of the same row word
    input  logic                                     next_i,
    // The block of the row word, from ep_state_memory; with load_i
    input  delta_t [      Lanes-1:0]                 delta_i,
    input  state_t [      Lanes-1:0]                 plus_i,
    input  state_t [      Lanes-1:0]                 minus_i,
    // The row word
    input  logic   [      Lanes-1:0][WeightBits-1:0] word_i,
    // To ep_products
    output logic   [Multipliers-1:0]                 valid_o,
    output logic   [Multipliers-1:0][  LaneBits-1:0] lane_o,
    output logic   [Multipliers-1:0][           8:0] value_o,
    output logic   [Multipliers-1:0][WeightBits-1:0] weight_o,
    output logic                                     first_o,   // the first pick of the row word
    output logic                                     last_o     // no marked lane is left
);
  localparam int unsigned Half = Multipliers / 2;

  typedef logic [LaneBits:0] rank_t;

  logic [Lanes-1:0] left_q, left_d;  // marked lanes that have not been picked
  rank_t count_q, limit;  // their number, and how many a pick takes
  logic learn_q;
  logic [Lanes-1:0][8:0] value_q;  // delta, or state of the plus phase
  logic [Lanes-1:0][7:0] minus_q;

  assign limit  = learn_q ? rank_t'(Half) : rank_t'(Multipliers);
  assign last_o = count_q <= limit;

  // Rank of each lane among the marked ones by a parallel prefix sum; the first one has rank 1.
  // After the step of a span a sum is at most twice the span.
  function automatic rank_t [Lanes-1:0] Ranks(logic [Lanes-1:0] marked);
    for (int l = 0; l < int'(Lanes); l++) Ranks[l] = rank_t'(marked[l]);
    for (int span = 1; span < int'(Lanes); span = span * 2) begin
      for (int l = 0; l < int'(Lanes); l++) begin
        if ((l & span) != 0) begin
          Ranks[l] = (Ranks[l] + Ranks[(l&~(2*span-1))|(span-1)]) & rank_t'(4 * span - 1);
        end
      end
    end
  endfunction

  // Number of marked lanes, by halves.
  function automatic rank_t Count(logic [Lanes-1:0] marked);
    rank_t [Lanes-1:0] sum;
    for (int l = 0; l < int'(Lanes); l++) sum[l] = rank_t'(marked[l]);
    for (int span = 1; span < int'(Lanes); span = span * 2) begin
      for (int l = 0; l + span < int'(Lanes); l = l + 2 * span) begin
        sum[l] = (sum[l] + sum[l+span]) & rank_t'(4 * span - 1);
      end
    end
    return sum[0];
  endfunction

  // One slot for each rank, and its lane's values.
  always_comb begin
    rank_t [Lanes-1:0] rank;
    logic [Multipliers-1:0][Lanes-1:0] slot, chosen;
    rank   = Ranks(left_q);
    left_d = '0;
    slot   = '0;
    for (int l = 0; l < int'(Lanes); l++) begin
      left_d[l] = left_q[l] && rank[l] > limit;
      for (int j = 0; j < int'(Multipliers); j++) begin
        slot[j][l] = left_q[l] && rank[l] == rank_t'(j + 1);
      end
    end
    chosen = slot;
    if (learn_q) begin
      for (int j = int'(Half); j < int'(Multipliers); j++) chosen[j] = slot[j-int'(Half)];
    end
    valid_o  = '0;
    lane_o   = '0;
    value_o  = '0;
    weight_o = '0;
    for (int j = 0; j < int'(Multipliers); j++) begin
      valid_o[j] = chosen[j] != '0;
      for (int l = 0; l < int'(Lanes); l++) begin
        if (chosen[j][l]) begin
          lane_o[j]   = lane_o[j] | LaneBits'(l);
          weight_o[j] = weight_o[j] | word_i[l];
        end
        if (j < int'(Half)) begin
          if (chosen[j][l]) value_o[j] = value_o[j] | value_q[l];
        end else begin
          if (slot[j][l] && !learn_q) value_o[j] = value_o[j] | value_q[l];
          if (slot[j-int'(Half)][l] && learn_q) value_o[j] = value_o[j] | {1'b0, minus_q[l]};
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (load_i) begin
      left_q  <= lanes_i;
      count_q <= Count(lanes_i);
      learn_q <= learn_i;
      first_o <= 1'b1;
      for (int l = 0; l < int'(Lanes); l++) begin
        value_q[l] <= learn_i ? {1'b0, plus_i[l]} : delta_i[l];
        minus_q[l] <= minus_i[l];
      end
    end else if (next_i) begin
      left_q  <= left_d;
      count_q <= count_q - limit;
      first_o <= 1'b0;
    end
  end
endmodule
