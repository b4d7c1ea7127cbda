// SPDX-License-Identifier: Apache-2.0
//
// ep_picker - picks the marked lanes of a block, Multipliers at a time in ascending order.
//
// Function   A gather picks lanes with a pending delta, the value is the delta. A learning word picks
//            candidate lanes, half as many at a time: slot j and slot j + Multipliers / 2 hold the
//            same lane, with its state of the plus and of the minus phase.
// Formats    values signed 9.0
// Latency    1 cycle; while the lanes of one pick are used, the next ones are found
// Model      model/synapse/picker.h, bit exact

`include "ep_assert.svh"

module ep_picker
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned Multipliers = 8,
    localparam int unsigned LaneBits = $clog2(Lanes)
) (
    input  logic                                   clk_i,
    // Begins a row word: from ep_sense, in the cycle before the word is there
    input  logic                                   load_i,
    input  logic   [      Lanes-1:0]               lanes_i,  // marked lanes
    input  logic                                   learn_i,
    // The next pick of the same row word
    input  logic                                   next_i,
    // The block of the row word, from ep_state_memory
    input  delta_t [      Lanes-1:0]               delta_i,
    input  state_t [      Lanes-1:0]               plus_i,
    input  state_t [      Lanes-1:0]               minus_i,
    // To ep_products
    output logic   [Multipliers-1:0]               valid_o,
    output logic   [Multipliers-1:0][LaneBits-1:0] lane_o,
    output logic   [Multipliers-1:0][         8:0] value_o,
    output logic                                   first_o,  // the first pick of the row word
    output logic                                   last_o    // no marked lane is left after these
);
  localparam int unsigned Half = Multipliers / 2;

  logic [Lanes-1:0] left_q;  // marked lanes after the present pick
  logic learn_q;

  typedef logic [LaneBits:0] rank_t;

  typedef struct packed {
    logic [Multipliers-1:0]               valid;
    logic [Multipliers-1:0][LaneBits-1:0] lane;
    logic [Multipliers-1:0][8:0]          value;
    logic [Lanes-1:0]                     left;
  } pick_t;

  // Rank of each lane among the marked ones by a parallel prefix sum, then one slot for each rank.
  function automatic pick_t Pick(logic [Lanes-1:0] marked, logic learn, delta_t [Lanes-1:0] delta,
                                 state_t [Lanes-1:0] plus, state_t [Lanes-1:0] minus);
    rank_t [Lanes-1:0] count;
    rank_t limit;
    limit = learn ? rank_t'(Half) : rank_t'(Multipliers);
    for (int l = 0; l < int'(Lanes); l++) count[l] = rank_t'(marked[l]);
    for (int span = 1; span < int'(Lanes); span = span * 2) begin
      for (int l = 0; l < int'(Lanes); l++) begin
        if ((l & span) != 0) count[l] = count[l] + count[(l&~(2*span-1))|(span-1)];
      end
    end
    Pick = '0;
    for (int l = 0; l < int'(Lanes); l++) begin
      // count[l] includes lane l, so the first marked lane has count 1.
      Pick.left[l] = marked[l] && count[l] > limit;
      if (marked[l] && count[l] <= limit) begin
        for (int j = 0; j < int'(Multipliers); j++) begin
          if (count[l] == rank_t'(j + 1) && !(learn && j >= int'(Half))) begin
            Pick.valid[j] = 1'b1;
            Pick.lane[j]  = Pick.lane[j] | LaneBits'(l);
            Pick.value[j] = Pick.value[j] | (learn ? {1'b0, plus[l]} : delta[l]);
          end
          if (learn && j >= int'(Half) && count[l] == rank_t'(j + 1 - int'(Half))) begin
            Pick.valid[j] = 1'b1;
            Pick.lane[j]  = Pick.lane[j] | LaneBits'(l);
            Pick.value[j] = Pick.value[j] | {1'b0, minus[l]};
          end
        end
      end
    end
  endfunction

  assign last_o = left_q == '0;

  pick_t pick;
  always_comb begin
    pick = '0;
    if (load_i) pick = Pick(lanes_i, learn_i, delta_i, plus_i, minus_i);
    else if (next_i) pick = Pick(left_q, learn_q, delta_i, plus_i, minus_i);
  end

  always_ff @(posedge clk_i) begin
    if (load_i || next_i) begin
      valid_o <= pick.valid;
      lane_o  <= pick.lane;
      value_o <= pick.value;
      left_q  <= pick.left;
      first_o <= load_i;
    end
    if (load_i) learn_q <= learn_i;
  end
endmodule
