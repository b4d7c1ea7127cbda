// SPDX-License-Identifier: Apache-2.0
//
// ep_sense - turns requests for row words into the timing of the array port.
//
// Function   Port A takes a stream of requests in order: with `read`, the row word is sensed;
//            without, the request only passes on, with its tag. The word stays in the output
//            register until it is taken, so that it can be used more than once.
//            Port B serves one request at a time for learning and for the host; it waits until
//            port A holds no read. The passes that use it read nothing on port A.
//            A sense is `precharge` cycles of precharge (0: the macro precharges by itself), then
//            `sense` cycles of sense. The macro's latches hold its result until the next one; it is
//            taken in the last cycle of the sense or, where the output is still in use, later. An
//            access during which ready falls before its end begins anew.
//            Where a column that is cared for is late, `late` says what follows: nothing, up to
//            `re_reads` more senses until none is late, or two more and the majority of the three.
//            Under another policy than `keep` lateness is looked at in the cycle after the sense.
// Formats    columns lane x WeightBits + bit
// Latency    2 cycles from request to word at precharge 0, sense 1, policy keep; one word a cycle
// Model      model/sense/sense.h, bit exact

`include "ep_assert.svh"

module ep_sense
  import ep_pkg::*;
#(
    parameter int unsigned Columns  = 256,
    parameter int unsigned AddrBits = 17,
    parameter int unsigned TagBits  = 8
) (
    input logic clk_i,
    input logic rst_ni,
    input logic clear_i,
    // From ep_registers
    input sensing_t access_i,
    // Port A: from ep_walker
    input logic a_valid_i,
    output logic a_ready_o,
    input logic a_read_i,
    input logic [AddrBits-1:0] a_row_i,
    input logic [TagBits-1:0] a_tag_i,
    // To the synapse room
    output logic word_valid_o,
    input logic word_ready_i,
    output logic [Columns-1:0] word_o,
    output logic [TagBits-1:0] word_tag_o,
    // The tag of the next word, and the cycle in which it becomes the word
    output logic next_o,
    output logic [TagBits-1:0] next_tag_o,
    input logic [Columns-1:0] next_care_i,  // columns whose lateness counts
    // Port B: from ep_learn and ep_program
    input logic b_valid_i,
    input logic [AddrBits-1:0] b_row_i,
    input logic [Columns-1:0] b_care_i,  // columns whose lateness counts
    output logic b_done_o,  // in this cycle b_word_o is the word
    output logic b_step_o,  // a result of the word is looked at; with it b_weak_o
    output logic [Columns-1:0] b_weak_o,  // columns that are late or differ from the first result
    output logic [Columns-1:0] b_word_o,
    // Array port
    output logic [AddrBits-1:0] row_o,
    output logic precharge_o,
    output logic sense_o,
    input logic [Columns-1:0] q_i,
    input logic [Columns-1:0] late_i,
    input logic ready_i,  // 0 while the macro wakes up or is programmed
    // To ep_counters and the trace
    output logic sensed_a_o,
    output logic sensed_b_o,
    output logic end_o,  // the last cycle of a sense
    output logic late_o,  // the sense that ended in the cycle before was late
    output logic again_o,  // the row word is sensed once more
    output logic stall_o,  // a request waits for the array
    output logic idle_o
);
  logic valid_q, read_q;
  logic [AddrBits-1:0] row_q;
  logic [TagBits-1:0] tag_q;
  logic [8:0] cycle_q;  // of the access under way
  logic held_q;  // the sense has ended: its result is in the macro's latches
  logic late_q;  // it was late
  logic ended_q;  // it ended in the cycle before
  logic [3:0] more_q;  // senses of this word that have been repeated
  logic word_read_q;  // word_o is a row word that waits to be taken
  logic [Columns-1:0] differ_q;  // columns in which the first two of three senses differ

  logic use_a, use_b, active, in_sense, keep, vote, need, store, available, take, advance;
  logic [Columns-1:0] voted;

  assign use_a = valid_q && read_q;
  assign use_b = b_valid_i && !use_a;
  assign active = (use_a || use_b) && ready_i && !held_q;
  assign in_sense = active && cycle_q >= {1'b0, access_i.precharge};
  assign end_o = in_sense && cycle_q + 9'd1 >= {1'b0, access_i.precharge} + {1'b0, access_i.cycles};

  // What the result is good for. `need`: another sense; the first of three waits for room in word_o.
  assign keep = access_i.late == LateKeep;
  assign vote = access_i.late == LateVote || access_i.late == LateVoteAlways;
  assign store = vote && more_q == '0;
  always_comb begin
    unique case (access_i.late)
      LateReRead: need = late_q && more_q < access_i.re_reads;
      LateVote: need = more_q == '0 ? late_q : more_q == 4'd1;
      LateVoteAlways: need = more_q < 4'd2;
      default: need = 1'b0;
    endcase
  end
  assign again_o = held_q && need && !(store && word_read_q && !word_ready_i);
  assign available = keep ? end_o || held_q : held_q && !need;
  assign voted = (vote && more_q == 4'd2) ? (word_o & ~differ_q) | (q_i & differ_q) : q_i;

  // The word moves to the output register when it is there and the register is free.
  assign advance = valid_q && (!read_q || available) && (!word_valid_o || word_ready_i);
  assign a_ready_o = !valid_q || advance;
  assign next_o = advance;
  assign next_tag_o = tag_q;

  assign row_o = use_b ? b_row_i : row_q;
  assign precharge_o = active && !in_sense;
  assign sense_o = in_sense;
  assign b_done_o = use_b && available;
  assign b_word_o = voted;
  assign b_step_o = use_b && (again_o || available);
  assign b_weak_o = late_i | (more_q != '0 ? word_o ^ q_i : '0);
  assign take = b_done_o || sensed_a_o;

  assign sensed_a_o = advance && read_q;
  assign sensed_b_o = b_done_o;
  assign late_o = ended_q && late_q;
  assign stall_o = (use_a || use_b) && !available;
  assign idle_o = !valid_q && !word_valid_o && !b_valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      read_q <= 1'b0;
      word_valid_o <= 1'b0;
      word_read_q <= 1'b0;
      cycle_q <= '0;
      held_q <= 1'b0;
      late_q <= 1'b0;
      ended_q <= 1'b0;
      more_q <= '0;
    end else if (clear_i) begin
      valid_q <= 1'b0;
      read_q <= 1'b0;
      word_valid_o <= 1'b0;
      word_read_q <= 1'b0;
      cycle_q <= '0;
      held_q <= 1'b0;
      late_q <= 1'b0;
      ended_q <= 1'b0;
      more_q <= '0;
    end else begin
      if (a_ready_o) begin
        valid_q <= a_valid_i;
        read_q  <= a_read_i;
      end
      if (advance) begin
        word_valid_o <= 1'b1;
        word_read_q  <= read_q;
      end else if (word_ready_i) begin
        word_valid_o <= 1'b0;
        word_read_q  <= 1'b0;
      end
      if (end_o || !active) cycle_q <= '0;
      else cycle_q <= cycle_q + 9'd1;
      if (take || again_o) held_q <= 1'b0;
      else if (end_o) held_q <= 1'b1;
      ended_q <= end_o;
      if (end_o) late_q <= (late_i & (use_b ? b_care_i : next_care_i)) != '0;
      if (take) more_q <= '0;
      else if (again_o) more_q <= more_q + 4'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (a_ready_o && a_valid_i) begin
      row_q <= a_row_i;
      tag_q <= a_tag_i;
    end
    if (advance) word_tag_o <= tag_q;
    if (again_o && store) word_o <= q_i;
    else if (sensed_a_o) word_o <= voted;
    if (again_o && vote && more_q == 4'd1) differ_q <= word_o ^ q_i;
  end

  `EP_ASSERT(PrechargeAndSenseExclude_A, !(precharge_o && sense_o))
  `EP_ASSERT(AccessKeepsItsPort_A, use_b && (active || held_q) && !b_done_o |=> !use_a || $past
                                   (clear_i))
  `EP_ASSERT(OneSource_A, !(sensed_a_o && sensed_b_o))
  `EP_ASSERT(WordHolds_A, word_valid_o && !word_ready_i |=> (word_valid_o && $stable(word_tag_o)
                          ) || $past(clear_i))
  `EP_ASSERT(ReadWordHolds_A, word_read_q && !word_ready_i |=> $stable(word_o) || $past(clear_i))
endmodule
