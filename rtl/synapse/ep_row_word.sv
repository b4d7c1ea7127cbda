// SPDX-License-Identifier: Apache-2.0
//
// ep_row_word - decides how long a row word is used: once per digit, once per pick.
//
// Function   While a row word is there, one digit a cycle goes to ep_row_adder and one pick a cycle
//            to ep_products; the word is released with the last of both. The end of a block hands
//            the accumulators over and rides behind the last pick, if there is one under way.
// Formats    digits in non-adjacent form, nine positions
// Latency    max(digits, picks, 1) cycles per row word
// Model      model/synapse/row_adder.h, model/synapse/picker.h (no clock there)

`include "ep_assert.svh"

module ep_row_word (
    input logic clk_i,
    input logic rst_ni,
    input logic clear_i,
    // A word becomes the word: from ep_sense, one cycle ahead
    input logic next_i,
    input logic next_scatter_i,  // add it to the accumulators
    input logic next_pick_i,  // pick products or learn
    input logic next_negative_i,  // sign of the multiplicand
    input logic [8:0] next_plus_i,  // digits of its magnitude
    input logic [8:0] next_minus_i,
    // The word that is there
    input logic valid_i,
    input logic end_i,  // it ends a block that leaves the accumulators
    output logic ready_o,
    // To ep_row_adder
    output logic add_o,
    output logic [3:0] shift_o,
    output logic negative_o,
    output logic hand_o,
    input logic hand_ready_i,
    output logic hand_now_o,  // nothing gathered is under way: the block may leave at once
    // To ep_picker and ep_products
    output logic pick_take_o,  // the pick leaves
    input logic pick_last_i,
    output logic send_o,  // something goes to ep_products
    output logic send_pick_o,  // it is a pick
    output logic send_end_o,  // it ends the block
    input logic send_ready_i,
    input logic products_idle_i,
    // To ep_counters
    output logic extra_o  // a digit beyond the first
);
  logic [8:0] plus_q, minus_q, digits, lowest, rest;
  logic negative_q, pick_q, first_q;
  logic digits_done, picks_done;

  assign digits = plus_q | minus_q;
  assign lowest = digits & (~digits + 9'd1);
  assign rest = digits & ~lowest;
  assign add_o = valid_i && digits != '0;
  assign negative_o = negative_q ^ ((minus_q & lowest) != '0);
  assign extra_o = add_o && !first_q;

  always_comb begin
    shift_o = '0;
    for (int i = 0; i < 9; i++) if (lowest[i]) shift_o |= 4'(i);
  end

  assign digits_done = rest == '0;
  assign send_pick_o = valid_i && pick_q;
  assign picks_done = !pick_q || (pick_last_i && send_ready_i);
  assign ready_o = digits_done && picks_done && (!end_i || (hand_ready_i && send_ready_i));
  assign hand_o = valid_i && end_i && ready_o;
  assign hand_now_o = products_idle_i && !send_pick_o;
  assign send_end_o = hand_o && !hand_now_o;
  assign send_o = send_pick_o || send_end_o;
  assign pick_take_o = send_pick_o && send_ready_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      plus_q  <= '0;
      minus_q <= '0;
      pick_q  <= 1'b0;
    end else if (clear_i) begin
      plus_q  <= '0;
      minus_q <= '0;
      pick_q  <= 1'b0;
    end else if (next_i) begin
      plus_q  <= next_scatter_i ? next_plus_i : '0;
      minus_q <= next_scatter_i ? next_minus_i : '0;
      pick_q  <= next_pick_i;
    end else if (valid_i) begin
      plus_q  <= plus_q & rest;
      minus_q <= minus_q & rest;
      if (send_ready_i && pick_last_i) pick_q <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (next_i) begin
      negative_q <= next_negative_i;
      first_q <= 1'b1;
    end else if (valid_i) begin
      first_q <= 1'b0;
    end
  end

  `EP_ASSERT(DigitsNotAdjacent_A, (digits & (digits >> 1)) == '0)
endmodule
