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
//            `sense` cycles of sense; the word is taken in its last cycle or, where the output is
//            still in use, later, with sense held. An access during which ready falls begins anew.
// Formats    columns lane x WeightBits + bit
// Latency    2 cycles from request to word at precharge 0, sense 1; one word a cycle
// Model      model/sense/sense.h

`include "ep_assert.svh"

module ep_sense #(
    parameter int unsigned Columns  = 256,
    parameter int unsigned AddrBits = 17,
    parameter int unsigned TagBits  = 8
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                clear_i,
    // From ep_registers: cycles
    input  logic [         7:0] precharge_i,
    input  logic [         7:0] sense_i,
    // Port A: from ep_walker
    input  logic                a_valid_i,
    output logic                a_ready_o,
    input  logic                a_read_i,
    input  logic [AddrBits-1:0] a_row_i,
    input  logic [ TagBits-1:0] a_tag_i,
    // To the synapse room
    output logic                word_valid_o,
    input  logic                word_ready_i,
    output logic [ Columns-1:0] word_o,
    output logic [ TagBits-1:0] word_tag_o,
    // The tag of the next word, and the cycle in which it becomes the word
    output logic                next_o,
    output logic [ TagBits-1:0] next_tag_o,
    // Port B: from ep_learn
    input  logic                b_valid_i,
    input  logic [AddrBits-1:0] b_row_i,
    output logic                b_done_o,      // in this cycle b_word_o is the word
    output logic [ Columns-1:0] b_word_o,
    // Array port
    output logic [AddrBits-1:0] row_o,
    output logic                precharge_o,
    output logic                sense_o,
    input  logic [ Columns-1:0] q_i,
    input  logic                ready_i,       // 0 while the macro wakes up or is programmed
    // To ep_counters
    output logic                sensed_a_o,
    output logic                sensed_b_o,
    output logic                stall_o,       // a request waits for the array
    output logic                idle_o
);
  logic valid_q, read_q;
  logic [AddrBits-1:0] row_q;
  logic [TagBits-1:0] tag_q;
  logic [8:0] cycle_q;  // of the access under way

  logic use_a, use_b, active, in_sense, last, advance;

  assign use_a = valid_q && read_q;
  assign use_b = b_valid_i && !use_a;
  assign active = (use_a || use_b) && ready_i;
  assign in_sense = active && cycle_q >= {1'b0, precharge_i};
  assign last = in_sense && cycle_q + 9'd1 >= {1'b0, precharge_i} + {1'b0, sense_i};

  // The word moves to the output register when the sense has ended and the register is free.
  assign advance = valid_q && (!read_q || last) && (!word_valid_o || word_ready_i);
  assign a_ready_o = !valid_q || advance;
  assign next_o = advance;
  assign next_tag_o = tag_q;

  assign row_o = use_b ? b_row_i : row_q;
  assign precharge_o = active && !in_sense;
  assign sense_o = in_sense;
  assign b_done_o = use_b && last;
  assign b_word_o = q_i;

  assign sensed_a_o = advance && read_q;
  assign sensed_b_o = b_done_o;
  assign stall_o = (use_a || use_b) && !last;
  assign idle_o = !valid_q && !word_valid_o && !b_valid_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      read_q <= 1'b0;
      word_valid_o <= 1'b0;
      cycle_q <= '0;
    end else if (clear_i) begin
      valid_q <= 1'b0;
      read_q <= 1'b0;
      word_valid_o <= 1'b0;
      cycle_q <= '0;
    end else begin
      if (a_ready_o) begin
        valid_q <= a_valid_i;
        read_q  <= a_read_i;
      end
      if (advance) word_valid_o <= 1'b1;
      else if (word_ready_i) word_valid_o <= 1'b0;
      if (b_done_o || (advance && read_q)) cycle_q <= '0;
      else if (!active) cycle_q <= '0;
      else if (!last) cycle_q <= cycle_q + 9'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (a_ready_o && a_valid_i) begin
      row_q <= a_row_i;
      tag_q <= a_tag_i;
    end
    if (advance) begin
      word_tag_o <= tag_q;
      if (read_q) word_o <= q_i;
    end
  end

  `EP_ASSERT(PrechargeAndSenseExclude_A, !(precharge_o && sense_o))
  `EP_ASSERT(AccessKeepsItsPort_A, use_b && active && !last |=> !use_a || $past(clear_i))
  `EP_ASSERT(OneSource_A, !(sensed_a_o && sensed_b_o))
  `EP_ASSERT(WordHolds_A, word_valid_o && !word_ready_i |=> (word_valid_o && $stable(word_tag_o)
                          ) || $past(clear_i))
endmodule
