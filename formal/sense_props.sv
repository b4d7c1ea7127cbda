// SPDX-License-Identifier: Apache-2.0
//
// sense_props - ep_sense keeps to the timing of the array port, and gives what was sensed.
//
// Proved     precharge and sense never overlap; a sense comes after exactly its cycles of precharge
//            of the same row, and ends after exactly its own; a word is the result of the last sense
//            or, after three, what two of them say; under re-read no late word is taken while a
//            re-read is left; in each cycle in which neither the macro nor the user of the word is
//            waited for, a measure of the work left decreases, so every request ends within a bound

`include "props.svh"

module sense_props
  import ep_pkg::*;
#(
    parameter  int unsigned Columns  = 2,
    localparam int unsigned AddrBits = 2
) (
    input logic clk_i,
    input logic reset_i,
    input logic clear_i,
    input sensing_t access_i,
    input logic a_valid_i,
    input logic a_read_i,
    input logic [AddrBits-1:0] a_row_i,
    input logic a_tag_i,
    input logic word_ready_i,
    input logic [Columns-1:0] next_care_i,
    input logic b_request_i,
    input logic [AddrBits-1:0] b_row_i,
    input logic [Columns-1:0] b_care_i,
    input logic [Columns-1:0] q_i,
    input logic [Columns-1:0] late_i,
    input logic ready_i
);
  `PROPS_RESET

  logic run, stop;
  logic a_ready, word_valid, word_tag, next, next_tag, b_valid_q, b_done, precharge, sense;
  logic sensed_a, sensed_b, ends, late, again, stall, idle;
  logic [AddrBits-1:0] b_row_q, row;
  logic [Columns-1:0] word, b_word;

  assign run  = rst_n && !reset_i;
  assign stop = !run || clear_i;

  ep_sense #(
      .Columns (Columns),
      .AddrBits(AddrBits),
      .TagBits (1)
  ) u_dut (
      .clk_i,
      .rst_ni(run),
      .clear_i,
      .access_i,
      .a_valid_i,
      .a_ready_o(a_ready),
      .a_read_i,
      .a_row_i,
      .a_tag_i,
      .word_valid_o(word_valid),
      .word_ready_i,
      .word_o(word),
      .word_tag_o(word_tag),
      .next_o(next),
      .next_tag_o(next_tag),
      .next_care_i,
      .b_valid_i(b_valid_q && run),
      .b_row_i(b_row_q),
      .b_care_i,
      .b_done_o(b_done),
      .b_word_o(b_word),
      .row_o(row),
      .precharge_o(precharge),
      .sense_o(sense),
      .q_i,
      .late_i,
      .ready_i,
      .sensed_a_o(sensed_a),
      .sensed_b_o(sensed_b),
      .end_o(ends),
      .late_o(late),
      .again_o(again),
      .stall_o(stall),
      .idle_o(idle)
  );

  // Port B holds a request until it is done, and begins none while port A is offered a read.
  always_ff @(posedge clk_i) begin
    if (stop) begin
      b_valid_q <= 1'b0;
    end else if (!b_valid_q || b_done) begin
      b_valid_q <= b_request_i && !(a_valid_i && a_read_i && !a_ready);
      b_row_q   <= b_row_i;
    end
  end

  // Results of the senses of a word, the last one first, and their cycles so far.
  logic [Columns-1:0] last_q, second_q, third_q, two_of_three, taken;
  logic late_q;
  logic [8:0] precharged_q, sensed_q;
  logic take;
  assign take = sensed_a || sensed_b;
  assign two_of_three = (last_q & second_q) | (last_q & third_q) | (second_q & third_q);
  // Under keep a word can be taken in the very cycle in which its sense ends.
  assign taken = ends ? q_i : last_q;

  always_ff @(posedge clk_i) begin
    if (ends) begin
      last_q   <= q_i;
      second_q <= last_q;
      third_q  <= second_q;
      late_q   <= (late_i & (u_dut.use_b ? b_care_i : next_care_i)) != '0;
    end
    if (stop || ends || !(precharge || sense)) begin
      precharged_q <= '0;
      sensed_q <= '0;
    end else begin
      precharged_q <= precharged_q + {8'd0, precharge};
      sensed_q <= sensed_q + {8'd0, sense};
    end
  end

  // The work left: senses, and whether one is under way, with its cycles.
  typedef struct packed {
    logic [4:0] senses;
    logic       sensing;
    logic [9:0] cycles;
  } work_t;
  work_t work, work_q;
  logic waits, moves_q, vote;
  assign vote = access_i.late == LateVote || access_i.late == LateVoteAlways;
  always_comb begin
    work.senses = vote ? 5'd3 - 5'(u_dut.more_q) : 5'(access_i.re_reads) - 5'(u_dut.more_q);
    if (access_i.late == LateKeep) work.senses = '0;
    work.sensing = !u_dut.held_q;
    work.cycles  = u_dut.held_q ? '0 : 10'(access_i.precharge) + 10'(access_i.cycles)
                   - 10'(u_dut.cycle_q);
  end
  // A word that is there waits for its user, and the first one of a vote for room.
  assign waits = !ready_i || (word_valid && !word_ready_i);

  logic seen_q = 1'b0;
  logic active_q, ended_q, word_waits_q;
  logic [ Columns-1:0] word_q;
  logic [AddrBits-1:0] row_q;
  logic [Columns-1:0] q_q, late_q2;
  logic b_q;
  sensing_t access_q;
  always_ff @(posedge clk_i) begin
    seen_q <= rst_n;
    active_q <= (precharge || sense) && !ends && !stop;
    ended_q <= ends;
    word_q <= word;
    word_waits_q <= !stop && word_valid && u_dut.word_read_q && !word_ready_i;
    row_q <= row;
    q_q <= q_i;
    late_q2 <= late_i;
    access_q <= access_i;
    work_q <= work;
    b_q <= u_dut.use_b;
    moves_q <= !stop && (u_dut.use_a || u_dut.use_b) && !take && !waits;
  end

  always_comb begin
    AccessIsLegal : assume (access_i.cycles != '0);
    if (seen_q) AccessStays : assume (access_i == access_q);
    // The macro's latches hold until the next precharge or sense.
    LatchesHold : assume (!u_dut.held_q || (q_i == q_q && late_i == late_q2));
    // While port B asks, port A brings no read.
    OneReader : assume (!(b_valid_q && a_valid_i && a_read_i));
  end

  always_comb begin
    if (!run) QuietInReset : assert (!precharge && !sense);
    if (seen_q && run) begin
      NeverBoth : assert (!(precharge && sense));
      RowStays : assert (!active_q || !(precharge || sense) || row == row_q);
      PrechargedEnough : assert (!sense || precharged_q == {1'b0, access_i.precharge});
      EndsInTime : assert (!ends || sensed_q + 9'd1 == {1'b0, access_i.cycles});
      GoesOnUntilItEnds : assert (!sense || ends || sensed_q + 9'd1 < {1'b0, access_i.cycles});
      WordOfPortB :
      assert (!sensed_b || b_word == (vote && u_dut.more_q == 4'd2 ? two_of_three : taken));
      WordOfPortA :
      assert (!sensed_a || u_dut.voted == (vote && u_dut.more_q == 4'd2 ? two_of_three : taken));
      NoLateWordTooSoon :
      assert (!take || access_i.late != LateReRead || !late_q || u_dut.more_q == access_i.re_reads);
      VoteIsComplete : assert (!take || access_i.late != LateVoteAlways || u_dut.more_q == 4'd2);
      WordStays : assert (!word_waits_q || (word_valid && u_dut.word_read_q && word == word_q));
      OneSource : assert (!(sensed_a && sensed_b));
      WorkDecreases : assert (!moves_q || ((u_dut.use_a || u_dut.use_b) && work < work_q));
      // What holds of the states between, for the induction.
      Cycles : assert (10'(u_dut.cycle_q) == 10'(precharged_q) + 10'(sensed_q));
      Split :
      assert (sensed_q == '0 ? precharged_q <= {1'b0, access_i.precharge}
              : precharged_q == {1'b0, access_i.precharge});
      FirstIsKept :
      assert (!vote || u_dut.more_q != 4'd1 || word == (u_dut.held_q ? second_q : last_q));
      SecondIsKept :
      assert (!vote || u_dut.more_q != 4'd2 || (word == (u_dut.held_q ? third_q : second_q)
              && u_dut.differ_q == (word ^ (u_dut.held_q ? second_q : last_q))));
      ReadIsValid : assert (word_valid || !u_dut.word_read_q);
      CyclesAreZero : assert (!u_dut.held_q || u_dut.cycle_q == '0);
      CyclesLeft : assert (u_dut.cycle_q < {1'b0, access_i.precharge} + {1'b0, access_i.cycles});
      HeldIsLast : assert (!u_dut.held_q || q_i == last_q);
      LateIsLast : assert (!u_dut.held_q || u_dut.late_q == late_q);
      HeldHasRequest : assert (!u_dut.held_q || u_dut.use_a || u_dut.use_b);
      MoreHasRequest : assert (u_dut.more_q == '0 || u_dut.use_a || u_dut.use_b);
      More :
      assert (access_i.late == LateKeep ? u_dut.more_q == '0
              : vote ? u_dut.more_q <= 4'd2 : u_dut.more_q <= access_i.re_reads);
    end
  end

  always_comb begin
    if (seen_q && run) begin
      WordsFollowEachOther : cover (sensed_a && ended_q && access_i.precharge == '0);
      Waits : cover (u_dut.held_q && access_i.late == LateKeep && word_valid && !word_ready_i);
      ReReads : cover (take && access_i.late == LateReRead && u_dut.more_q == 4'd2 && !late_q);
      GivesUp : cover (sensed_a && access_i.late == LateReRead && late_q);
      VotesA : cover (sensed_a && vote && u_dut.more_q == 4'd2 && two_of_three != last_q);
      VotesB : cover (sensed_b && vote && u_dut.more_q == 4'd2 && two_of_three != last_q);
      BeginsAnew : cover (active_q && !ready_i && b_q);
    end
  end

  logic unused;
  assign unused = ^{word_tag, next, next_tag, late, again, stall, idle};
endmodule
