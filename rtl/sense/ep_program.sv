// SPDX-License-Identifier: Apache-2.0
//
// ep_program - programs the cells in which a new row word differs from the one last sensed, and
// verifies them.
//
// Function   A shot: first the cells that become 1, in one pulse, then those that become 0, in
//            another, each with level and length of its ladder. A direction without cells has no
//            pulse. With `verify` the row is sensed after each shot; the cells that were driven
//            become those sensed in ep_learn's old word, and what still differs gets the next
//            shot, `shots` at most. What differs then goes to ep_failure_log, a lane a cycle.
//            With `shrink` each weight that failed then shrinks towards zero, to the first value with
//            the other bit in its highest cell that failed, with `shots` more; what differs after them
//            is logged too.
//            A pulse lasts length x pulse cycles; with `self_timed` it ends in the first cycle but
//            its first in which the macro is ready.
//            A cell that was right when last sensed is never pulsed, and nothing is pulsed in reset,
//            without power, or begun while the macro is not ready.
//            program_o is a flip-flop; row, data, mask and level are stable in the cycle before it
//            rises and change no earlier than it falls.
// Formats    columns lane x WeightBits + bit
// Latency    one cycle of set-up for each direction up to the last with cells, and the pulse for each
//            that has cells; equal words: at once. With verify also the sense and one cycle a shot,
//            and Lanes cycles where cells fail.
// Model      model/sense/program.h, bit exact

`include "ep_assert.svh"

module ep_program
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned WeightBits = 8,
    parameter int unsigned AddrBits = 17,
    localparam int unsigned Columns = Lanes * WeightBits,
    localparam int unsigned LaneBits = $clog2(Lanes)
) (
    input  logic                          clk_i,
    input  logic                          rst_ni,
    input  logic                          clear_i,
    input  logic                          power_good_i,
    input  programming_t                  access_i,        // from ep_registers
    // From ep_learn; held until done
    input  logic                          valid_i,
    input  logic         [  AddrBits-1:0] row_i,
    input  logic         [   Columns-1:0] old_i,
    input  logic         [   Columns-1:0] new_i,
    output logic                          done_o,
    // Port B of ep_sense; with verify_done_i ep_learn takes the driven cells into old_i
    output logic                          verify_o,
    output logic         [   Columns-1:0] verify_care_o,   // the cells that were driven
    input  logic                          verify_done_i,
    // Array port
    output logic                          busy_o,          // row_o is in charge of the port
    output logic         [  AddrBits-1:0] row_o,
    output logic                          program_o,
    output logic         [   Columns-1:0] prog_d_o,
    output logic         [   Columns-1:0] prog_mask_o,
    output logic         [           2:0] prog_level_o,
    input  logic                          ready_i,
    // To ep_failure_log: a weight of row_i with cells that failed
    output logic                          fail_o,
    output logic         [  LaneBits-1:0] fail_lane_o,
    output logic         [WeightBits-1:0] fail_cells_o,
    // To ep_learn, with fail_o: the weight becomes shrunk_o
    output logic                          shrink_valid_o,
    output logic         [WeightBits-1:0] shrunk_o,
    // To ep_counters
    output logic                          shot_o,          // the last cycle of a pulse
    output logic                          shot_set_o,      // its direction
    output logic                          shot_again_o,    // not of the first shot
    output logic         [          15:0] cells_o,         // its cells, in the cycle after shot_o
    output logic                          changed_o,       // with done_o: something was programmed
    output logic                          failed_o,        // the row word has failed; one cycle
    output logic         [           3:0] fail_set_o,      // with fail_o: its cells by direction
    output logic         [           3:0] fail_reset_o
);
  typedef enum logic [1:0] {
    StShot   = 2'd0,
    StVerify = 2'd1,
    StCheck  = 2'd2,
    StReport = 2'd3
  } state_e;

  state_e state_q, state_d;
  logic reset_q;  // direction: cells that become 0
  logic [15:0] cycle_q;  // of the unit under way
  logic [3:0] unit_q;  // of the pulse under way
  logic [3:0] shot_q;  // from 0
  logic pulsed_q;  // this row word was programmed
  logic second_q;  // weights that failed shrink
  logic [LaneBits-1:0] lane_q;
  logic [Columns-1:0] set_mask, reset_mask;
  logic again, any_set, any_reset, differs, begin_pulse, end_unit, end_pulse, end_shot, last_shot;
  shot_t step;

  // Without a row word no column is masked: a pulse that no one asks for drives no cell.
  always_comb begin
    set_mask   = '0;
    reset_mask = '0;
    if (valid_i) begin
      set_mask   = new_i & ~old_i;
      reset_mask = old_i & ~new_i;
    end
  end

  assign any_set   = |set_mask;
  assign any_reset = |reset_mask;
  assign differs   = any_set || any_reset;

  // The step of the ladder; beyond its end the last one stays.
  always_comb begin
    automatic logic [2:0] index = shot_q[3] ? 3'd7 : shot_q[2:0];
    step = reset_q ? access_i.reset[index] : access_i.set[index];
  end

  assign begin_pulse = state_q == StShot && valid_i && !program_o && ready_i && power_good_i
                       && (reset_q ? any_reset : any_set);
  assign end_unit = cycle_q + 16'd1 >= access_i.pulse;
  // The macro's answer to the first cycle of a pulse is there in the second.
  assign end_pulse = program_o
                     && ((end_unit && unit_q + 4'd1 >= step.length)
                         || (access_i.self_timed && ready_i && {unit_q, cycle_q} != '0));
  assign end_shot = end_pulse && (reset_q || !any_reset);
  assign last_shot = shot_q + 4'd1 >= access_i.shots;
  assign again = access_i.shrink && !second_q;

  always_comb begin
    state_d = state_q;
    done_o  = 1'b0;
    unique case (state_q)
      // Waits for a row word, for the macro, for the end of both pulses.
      StShot: begin
        if (end_shot && access_i.verify) state_d = StVerify;
        else done_o = end_shot || (valid_i && !differs);
      end
      // Waits for the sense.
      StVerify: if (verify_done_i) state_d = StCheck;
      // The old word is what the driven cells hold; one cycle.
      StCheck: begin
        done_o = !differs;
        if (!differs) state_d = StShot;
        else state_d = last_shot ? StReport : StShot;
      end
      // One lane a cycle.
      StReport: begin
        done_o = lane_q == LaneBits'(Lanes - 1) && !again;
        if (lane_q == LaneBits'(Lanes - 1)) state_d = StShot;
      end
      default:  state_d = StShot;
    endcase
  end

  assign verify_o = state_q == StVerify;
  assign verify_care_o = set_mask | reset_mask;
  assign changed_o = pulsed_q || end_pulse;
  assign failed_o = state_q == StCheck && state_d == StReport && !second_q;

  assign busy_o = valid_i;
  assign row_o = row_i;
  assign prog_d_o = reset_q ? '0 : set_mask;
  assign prog_mask_o = reset_q ? reset_mask : set_mask;
  assign prog_level_o = step.level;
  assign shot_o = end_pulse;
  assign shot_set_o = !reset_q;
  assign shot_again_o = shot_q != '0 || second_q;

  // Counted by parts, which are added up in the cycle after.
  localparam int unsigned PartColumns = 32;
  localparam int unsigned Parts = (Columns + PartColumns - 1) / PartColumns;
  logic [Parts*PartColumns-1:0] pulsed_cells;
  logic [Parts-1:0][5:0] part_q;

  assign pulsed_cells = (Parts * PartColumns)'(prog_mask_o);

  always_ff @(posedge clk_i) begin
    if (end_pulse) begin
      for (int p = 0; p < int'(Parts); p++) begin
        part_q[p] <= 6'($countones(pulsed_cells[p*PartColumns+:PartColumns]));
      end
    end
  end

  always_comb begin
    cells_o = '0;
    for (int p = 0; p < int'(Parts); p++) cells_o = cells_o + 16'(part_q[p]);
  end

  logic [WeightBits-1:0] lane_old, lane_new, lane_set, lane_reset;
  always_comb begin
    lane_old = '0;
    lane_new = '0;
    if (state_q == StReport) begin
      lane_old = old_i[int'(lane_q)*WeightBits+:WeightBits];
      lane_new = new_i[int'(lane_q)*WeightBits+:WeightBits];
    end
  end
  assign lane_set = lane_new & ~lane_old;
  assign lane_reset = lane_old & ~lane_new;
  assign fail_cells_o = lane_set | lane_reset;
  assign fail_o = fail_cells_o != '0;
  assign fail_lane_o = lane_q;

  // Towards zero past all values that have lane_new's bit in the highest cell that failed.
  logic [WeightBits-1:0] first, cell_step;
  always_comb begin
    cell_step = '0;
    for (int i = 0; i < int'(WeightBits); i++) begin
      if (fail_cells_o[i]) cell_step = WeightBits'(1) << i;
    end
    first = lane_new & ~(cell_step - WeightBits'(1));
  end
  assign shrink_valid_o = fail_o && again;
  assign shrunk_o = lane_new[WeightBits-1] ? first + cell_step : first - WeightBits'(1);
  assign fail_set_o = 4'($countones(lane_set));
  assign fail_reset_o = 4'($countones(lane_reset));

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StShot;
      program_o <= 1'b0;
      reset_q   <= 1'b0;
      cycle_q   <= '0;
      unit_q    <= '0;
      shot_q    <= '0;
      pulsed_q  <= 1'b0;
      second_q  <= 1'b0;
      lane_q    <= '0;
    end else if (clear_i || !power_good_i) begin
      state_q   <= StShot;
      program_o <= 1'b0;
      reset_q   <= 1'b0;
      cycle_q   <= '0;
      unit_q    <= '0;
      shot_q    <= '0;
      pulsed_q  <= 1'b0;
      second_q  <= 1'b0;
      lane_q    <= '0;
    end else begin
      state_q <= state_d;
      if (begin_pulse) program_o <= 1'b1;
      else if (end_pulse || !valid_i) program_o <= 1'b0;
      cycle_q <= (program_o && !end_pulse && !end_unit) ? cycle_q + 16'd1 : '0;
      if (!program_o || end_pulse) unit_q <= '0;
      else if (end_unit) unit_q <= unit_q + 4'd1;
      // The other direction follows; the next shot or word begins with the first.
      if (state_q != StShot || done_o) reset_q <= 1'b0;
      else if (end_pulse || (valid_i && !any_set)) reset_q <= 1'b1;
      if (done_o || state_q == StReport) shot_q <= '0;
      else if (state_q == StCheck) shot_q <= shot_q + 4'd1;
      if (done_o) second_q <= 1'b0;
      else if (state_q == StReport && state_d == StShot) second_q <= 1'b1;
      pulsed_q <= !done_o && (pulsed_q || end_pulse);
      lane_q   <= state_q == StReport ? lane_q + LaneBits'(1) : '0;
    end
  end

  `EP_ASSERT(PulseOnlyWrongCells_A, program_o |-> (prog_mask_o & ~(old_i ^ new_i)) == '0)
  `EP_ASSERT(PulseNeedsCells_A, program_o |-> prog_mask_o != '0)
  `EP_ASSERT(PulseOnlyInShot_A, program_o |-> state_q == StShot)
  `EP_ASSERT(RequestHolds_A, valid_i && !done_o && !clear_i && power_good_i |=> valid_i || $past
                             (clear_i) || $past(!power_good_i))
endmodule
