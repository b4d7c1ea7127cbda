// SPDX-License-Identifier: Apache-2.0
//
// ep_learn - forms new row words and has them programmed: learning, and loading by the host.
//
// Function   learn  the first step of a row that is not 0 has the row word sensed;
//                   w' = min(W, max(-W, w + step)) where step != 0; after the last pick of the row
//                   the changed cells are programmed
//            load   the row word is sensed and programmed where it differs from the loaded one
//            save   the row word is sensed and sent to the host
//            scrub  the row word is sensed; cells that were weak in a sense of it are programmed to
//                   what it says
//            test   the row word is sensed; the cells that are found are sent to the host, and it may be
//                   programmed
//            A row address comes with its parity; one that is not right is not programmed.
//            With a sense that verifies a shot, the driven cells of the old word become those sensed.
// Formats    weight signed WeightBits.0 in [-W, W], step signed 9.0
// Latency    1 cycle a pick; a row word with a step: also its sense, 1 cycle, and its pulses
// Model      model/synapse/learn.h, bit exact

`include "ep_assert.svh"

module ep_learn
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned Half = 4,
    parameter int unsigned WeightBits = 8,
    parameter int unsigned AddrBits = 17,
    localparam int unsigned LaneBits = $clog2(Lanes),
    localparam int unsigned Columns = Lanes * WeightBits
) (
    input logic clk_i,
    input logic rst_ni,
    input logic clear_i,
    input pass_e pass_i,
    input test_t test_i,
    // From ep_products
    input logic step_valid_i,
    output logic step_ready_o,
    input logic [Half-1:0] step_lanes_i,
    input logic [Half-1:0][LaneBits-1:0] step_lane_i,
    input step_t [Half-1:0] step_i,
    input logic step_any_i,
    input logic step_last_i,
    input logic [AddrBits-1:0] step_row_i,
    input logic step_odd_i,  // parity of the row, from where it was made
    input logic [Lanes-1:0] step_population_i,  // lanes of the population
    // Port B of ep_sense
    output logic sense_valid_o,
    output logic [AddrBits-1:0] sense_row_o,
    input logic sense_done_i,
    input logic [Columns-1:0] sense_word_i,
    input logic sense_step_i,  // a result of several is there
    input logic [Columns-1:0] sense_weak_i,  // its columns that are weak
    // To ep_program
    output logic program_valid_o,
    output logic [AddrBits-1:0] program_row_o,
    output logic [Columns-1:0] program_old_o,
    output logic [Columns-1:0] program_new_o,
    input logic program_done_i,
    input logic verified_i,  // sense_word_i verifies a shot
    input logic shrink_valid_i,  // a lane of the new word becomes
    input logic [LaneBits-1:0] shrink_lane_i,
    input logic [WeightBits-1:0] shrunk_i,
    // From and to ep_weight_port
    input logic load_valid_i,
    output logic load_next_o,  // a word is wanted
    output logic load_ready_o,
    input logic [Columns-1:0] load_word_i,
    output logic save_valid_o,
    input logic save_ready_i,
    output logic [Columns-1:0] save_word_o,
    // To ep_counters
    output logic no_step_o,
    output logic [7:0] changed_o,
    output logic idle_o,
    output logic upset_o  // a row that is not the one asked for
);
  typedef logic signed [WeightBits-1:0] weight_t;
  typedef logic signed [9:0] wide_t;
  localparam wide_t WeightMax = (wide_t'(1) <<< (WeightBits - 1)) - wide_t'(1);

  typedef enum logic [1:0] {
    StStep    = 2'd0,
    StProgram = 2'd1,
    StSave    = 2'd2,
    StTaken   = 2'd3
  } state_e;

  state_e state_q, state_d;
  logic have_q, have_d;  // the row word of this row is in old_q
  logic [Lanes-1:0][WeightBits-1:0] old_q, new_q;
  logic [AddrBits-1:0] row_q;
  logic odd_q;  // its parity
  logic right, upset;
  logic first_q, first_d;  // no result of this word was looked at yet
  logic [Columns-1:0] weak_cells;
  logic apply, pass, host, find_weak, test_programs;

  assign host = pass_i == PassLoad || pass_i == PassSave || pass_i == PassScrub
                || pass_i == PassTest;
  assign find_weak = pass_i == PassScrub || (pass_i == PassTest && test_i.margin);
  assign test_programs = pass_i == PassTest && test_i.invert && !test_i.margin;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waits for a pick, for ep_sense where the row word is needed, for the host's word to load.
      StStep: begin
        if (host) begin
          if (sense_done_i) begin
            state_d = (pass_i == PassSave || pass_i == PassTest) ? StSave : StProgram;
          end
        end else if (apply && step_last_i && have_q) begin
          state_d = StProgram;
        end
      end
      // Waits for ep_program.
      StProgram: if (program_done_i) state_d = host ? StTaken : StStep;
      // Waits until the host has taken the word.
      StSave: if (save_ready_i) state_d = test_programs ? StProgram : StTaken;
      // Ends a word of the host; one cycle.
      StTaken: state_d = StStep;
      default: state_d = StStep;
    endcase
    if (clear_i) state_d = StStep;
  end

  assign apply = state_q == StStep && step_valid_i && !host && (!step_any_i || have_q);
  // While a row word is programmed, picks without a step pass.
  assign pass = state_q == StProgram && step_valid_i && !host && !step_any_i;
  assign step_ready_o = apply || pass || state_q == StTaken;
  assign no_step_o = (apply || pass) && step_last_i && !have_q;

  assign sense_valid_o = state_q == StStep && step_valid_i
                         && (host ? pass_i != PassLoad || load_valid_i : step_any_i && !have_q);
  assign sense_row_o = step_row_i;
  assign right = ^row_q == odd_q && !upset;
  assign program_valid_o = state_q == StProgram && right;
  assign program_row_o = row_q;
  assign program_old_o = old_q;
  assign program_new_o = new_q;
  assign load_ready_o = sense_done_i && pass_i == PassLoad;
  assign load_next_o = state_q == StStep && step_valid_i && pass_i == PassLoad;
  assign save_valid_o = state_q == StSave;
  assign idle_o = state_q == StStep && !step_valid_i;

  always_comb begin
    save_word_o = '0;
    if (state_q == StSave) begin
      for (int l = 0; l < int'(Lanes); l++) begin
        if (step_population_i[l]) begin
          save_word_o[l*WeightBits+:WeightBits] = old_q[l] ^ (pass_i == PassTest ? new_q[l] : '0);
        end
      end
    end
  end

  // Weak cells so far, in the lanes of the population; old_q has them until the word is there.
  always_comb begin
    weak_cells = '0;
    if (find_weak) begin
      for (int l = 0; l < int'(Lanes); l++) begin
        if (step_population_i[l]) begin
          weak_cells[l*WeightBits+:WeightBits] = sense_weak_i[l*WeightBits+:WeightBits]
                                           | (first_q ? '0 : old_q[l]);
        end
      end
    end
  end

  function automatic weight_t NewWeight(weight_t weight, step_t step);
    wide_t sum;
    sum = wide_t'(weight) + wide_t'(step);
    if (sum > WeightMax) return weight_t'(WeightMax);
    if (sum < -WeightMax) return weight_t'(-WeightMax);
    return weight_t'(sum);
  endfunction

  always_comb begin
    changed_o = '0;
    if (apply && step_any_i) begin
      for (int j = 0; j < int'(Half); j++) begin
        if (step_lanes_i[j] && step_i[j] != '0 && NewWeight(
                weight_t'(old_q[step_lane_i[j]]), step_i[j]
            ) != weight_t'(old_q[step_lane_i[j]])) begin
          changed_o = changed_o + 8'd1;
        end
      end
    end
  end

  always_comb begin
    first_d = first_q;
    if (clear_i || sense_done_i) first_d = 1'b1;
    else if (sense_step_i && state_q == StStep) first_d = 1'b0;
    have_d = have_q;
    if (clear_i) have_d = 1'b0;
    else if (sense_done_i) have_d = !host;
    else if (apply && step_last_i) have_d = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StStep;
      have_q  <= 1'b0;
      first_q <= 1'b1;
    end else begin
      state_q <= state_d;
      have_q  <= have_d;
      first_q <= first_d;
    end
  end

  // A row or a word that is not the one asked for is not programmed.
  assign upset_o = upset || (state_q == StProgram ? !right
                             : step_valid_i && ^step_row_i != step_odd_i);
  ep_guard #(
      .Width(4)
  ) u_guard (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (1'b1),
      .next_i ({state_d, have_d, first_d}),
      .value_i({state_q, have_q, first_q}),
      .upset_o(upset)
  );

  always_ff @(posedge clk_i) begin
    if (state_q == StStep && step_valid_i) begin
      row_q <= step_row_i;
      odd_q <= step_odd_i;
    end
    // The cells that were driven, as they were found.
    if (verified_i) old_q <= (old_q & ~(old_q ^ new_q)) | (sense_word_i & (old_q ^ new_q));
    if (sense_step_i && state_q == StStep && find_weak) old_q <= weak_cells;
    if (sense_done_i) begin
      // Weak cells count as wrong.
      old_q <= sense_word_i ^ weak_cells;
      for (int l = 0; l < int'(Lanes); l++) begin
        new_q[l] <= sense_word_i[l*WeightBits+:WeightBits];
        if (step_population_i[l]) begin
          if (pass_i == PassLoad) new_q[l] <= load_word_i[l*WeightBits+:WeightBits];
          if (pass_i == PassTest && !test_i.margin) new_q[l] <= {WeightBits{test_i.value}};
        end
      end
    end else if (state_q == StSave) begin
      // A test programs the other value.
      if (save_ready_i && test_programs) begin
        for (int l = 0; l < int'(Lanes); l++) begin
          if (step_population_i[l]) new_q[l] <= {WeightBits{!test_i.value}};
        end
      end
    end else if (shrink_valid_i) begin
      new_q[shrink_lane_i] <= shrunk_i;
    end else if (apply && step_any_i) begin
      for (int j = 0; j < int'(Half); j++) begin
        if (step_lanes_i[j] && step_i[j] != '0) begin
          new_q[step_lane_i[j]] <= NewWeight(weight_t'(old_q[step_lane_i[j]]), step_i[j]);
        end
      end
    end
  end

  `EP_ASSERT(VerifyOnlyWhileProgramming_A, verified_i |-> state_q == StProgram)
  `EP_ASSERT(SenseOnlyForAStep_A, sense_valid_o && !host |-> step_valid_i && step_any_i)
endmodule
