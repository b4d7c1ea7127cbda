// SPDX-License-Identifier: Apache-2.0
//
// program_props - ep_program pulses only what it may, ends, and tells every cell that failed.
//
// Proved     no pulse in reset, or in a cycle after one without power; only cells are driven that
//            differ from what was last sensed, to the value that they should have; row, data, mask
//            and level are there in the cycle before a pulse and stay to its end; with verify, the
//            cells that differ at the end are those that went to the failure log, each once; in each
//            cycle in which neither the macro nor the sense is waited for, a measure of the work left
//            decreases, so every request ends within a bound

`include "props.svh"

module program_props
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 2,
    parameter int unsigned WeightBits = 2,
    localparam int unsigned AddrBits = 2,
    localparam int unsigned Columns = Lanes * WeightBits,
    localparam int unsigned LaneBits = $clog2(Lanes)
) (
    input logic clk_i,
    input logic reset_i,
    input logic clear_i,
    input logic power_good_i,
    input programming_t access_i,
    // What comes next
    input logic request_i,
    input logic [AddrBits-1:0] row_i,
    input logic [Columns-1:0] old_i,
    input logic [Columns-1:0] new_i,
    input logic verify_done_i,
    input logic [Columns-1:0] sensed_i,
    input logic ready_i
);
  `PROPS_RESET

  // States of ep_program.
  localparam logic [1:0] StShot = 2'd0;
  localparam logic [1:0] StVerify = 2'd1;
  localparam logic [1:0] StCheck = 2'd2;
  localparam logic [1:0] StReport = 2'd3;

  logic run, stop;
  logic valid_q, done, verify, busy, program_now, fail, shot, shot_set, shot_again, changed, failed;
  logic [AddrBits-1:0] row_q, row;
  logic [Columns-1:0] old_q, new_q, differ, care, data, mask;
  logic [2:0] level;
  logic [LaneBits-1:0] fail_lane;
  logic [WeightBits-1:0] fail_cells, shrunk;
  logic shrink_valid;
  logic [15:0] cells;
  logic [3:0] fail_set, fail_reset;

  assign run = rst_n && !reset_i;
  assign stop = !run || clear_i || !power_good_i;
  assign differ = old_q ^ new_q;

  ep_program #(
      .Lanes(Lanes),
      .WeightBits(WeightBits),
      .AddrBits(AddrBits)
  ) u_dut (
      .clk_i,
      .rst_ni(run),
      .clear_i,
      .power_good_i,
      .access_i,
      .valid_i(valid_q),
      .row_i(row_q),
      .old_i(old_q),
      .new_i(new_q),
      .done_o(done),
      .verify_o(verify),
      .verify_care_o(care),
      .verify_done_i(verify && verify_done_i),
      .busy_o(busy),
      .row_o(row),
      .program_o(program_now),
      .prog_d_o(data),
      .prog_mask_o(mask),
      .prog_level_o(level),
      .ready_i,
      .fail_o(fail),
      .fail_lane_o(fail_lane),
      .fail_cells_o(fail_cells),
      .shrink_valid_o(shrink_valid),
      .shrunk_o(shrunk),
      .shot_o(shot),
      .shot_set_o(shot_set),
      .shot_again_o(shot_again),
      .cells_o(cells),
      .changed_o(changed),
      .failed_o(failed),
      .fail_set_o(fail_set),
      .fail_reset_o(fail_reset)
  );

  // ep_learn: holds a request, and takes what a verify has found of the cells that were driven.
  always_ff @(posedge clk_i) begin
    if (stop) begin
      valid_q <= 1'b0;
    end else if (!valid_q || done) begin
      valid_q <= request_i;
      row_q   <= row_i;
      old_q   <= old_i;
      new_q   <= new_i;
    end else if (verify && verify_done_i) begin
      old_q <= (old_q & ~differ) | (sensed_i & differ);
    end else if (shrink_valid) begin
      new_q[int'(fail_lane)*WeightBits+:WeightBits] <= shrunk;
    end
  end

  // The failure log: cells of this request that were told since its last shot.
  logic [Columns-1:0] told_q, told;
  always_comb begin
    told = '0;
    if (fail) told[int'(fail_lane)*WeightBits+:WeightBits] = fail_cells;
  end
  always_ff @(posedge clk_i) begin
    if (stop || u_dut.lane_q == LaneBits'(Lanes - 1)) told_q <= '0;
    else told_q <= told_q | told;
  end

  // The weight in the report, and its highest cell that failed.
  logic [WeightBits-1:0] lane_new, highest;
  assign lane_new = new_q[int'(fail_lane)*WeightBits+:WeightBits];
  always_comb begin
    highest = '0;
    for (int i = 0; i < int'(WeightBits); i++) begin
      if (fail_cells[i]) highest = WeightBits'(1) << i;
    end
  end

  // Columns of the lanes that were told.
  logic [Columns-1:0] lanes_told;
  always_comb begin
    for (int c = 0; c < int'(Columns); c++)
    lanes_told[c] = c / int'(WeightBits) < int'(u_dut.lane_q);
  end

  // The work left: shots, what is next in a shot, its cycles.
  typedef struct packed {
    logic        shrink;   // the second row word
    logic [3:0]  shots;
    logic [2:0]  phase;
    logic        set_up;
    logic [3:0]  lengths;
    logic [15:0] cycles;
  } work_t;
  work_t work, work_q;
  logic waits, moves_q;
  logic [3:0] step;

  assign step = u_dut.step.length;
  assign waits = (u_dut.state_q == StShot && !program_now && mask != '0 && !ready_i)
                 || (u_dut.state_q == StVerify && !verify_done_i);
  always_comb begin
    work = '0;
    work.shrink = access_i.shrink && !u_dut.second_q;
    unique case (u_dut.state_q)
      StShot: begin
        work.shots  = access_i.shots - u_dut.shot_q;
        work.phase  = u_dut.reset_q ? 3'd3 : 3'd4;
        work.set_up = !program_now;
        if (program_now) begin
          work.lengths = step - u_dut.unit_q;
          work.cycles  = access_i.pulse - u_dut.cycle_q;
        end
      end
      StVerify: begin
        work.shots = access_i.shots - u_dut.shot_q;
        work.phase = 3'd2;
      end
      StCheck: begin
        work.shots = access_i.shots - u_dut.shot_q;
        work.phase = 3'd1;
      end
      default: work.cycles = 16'(Lanes - 1) - 16'(u_dut.lane_q);
    endcase
  end

  // What was there in the cycle before.
  logic seen_q = 1'b0;
  logic power_q, program_q;
  logic [AddrBits-1:0] row_q2;
  logic [Columns-1:0] data_q, mask_q;
  logic [2:0] level_q;
  programming_t access_q;
  always_ff @(posedge clk_i) begin
    seen_q <= rst_n;
    power_q <= power_good_i;
    program_q <= program_now;
    row_q2 <= row;
    data_q <= data;
    mask_q <= mask;
    level_q <= level;
    access_q <= access_i;
    work_q <= work;
    moves_q <= !stop && valid_q && !done && !waits;
  end

  function automatic logic Legal(programming_t a);
    Legal = a.pulse != '0 && a.shots != '0;
    for (int i = 0; i < int'(NumShots); i++) begin
      if (a.set[i].length == '0 || a.reset[i].length == '0) Legal = 1'b0;
    end
  endfunction

  always_comb begin
    AccessIsLegal : assume (Legal(access_i));
    if (seen_q) AccessStays : assume (access_i == access_q);
  end

  always_comb begin
    if (!run) NoPulseInReset : assert (!program_now);
    if (seen_q && run) begin
      NoPulseWithoutPower : assert (!program_now || power_q);
      PulseOnlyWrongCells :
      assert (!program_now || (valid_q && mask != '0 && (mask & ~differ) == '0));
      PulseToTheirValue : assert (!program_now || (data & mask) == (new_q & mask));
      OperandsAreThere :
      assert (!program_now || {row, data, mask, level} == {row_q2, data_q, mask_q, level_q});
      NothingIsLost : assert (!done || !access_i.verify || (told_q | told) == differ);
      ToldOnce : assert ((told_q & told) == '0);
      ToldOfItsRow : assert (!fail || row == row_q);
      WorkDecreases : assert (!moves_q || (valid_q && work < work_q));
      // What holds of the states between, for the induction.
      PulseInShot : assert (!program_now || u_dut.state_q == StShot);
      RequestInWork :
      assert (valid_q || (u_dut.state_q == StShot && u_dut.shot_q == '0 && !u_dut.second_q));
      SecondWord : assert (!u_dut.second_q || (access_i.shrink && access_i.verify));
      ShotsLeft : assert (u_dut.state_q == StReport || u_dut.shot_q < access_i.shots);
      Direction : assert (valid_q || !u_dut.reset_q);
      DirectionHasCells :
      assert (u_dut.state_q != StShot || !u_dut.reset_q || (old_q & ~new_q) != '0);
      LaneOnlyInReport : assert (u_dut.state_q == StReport || u_dut.lane_q == '0);
      ToldOnlyInReport : assert (u_dut.state_q == StReport || told_q == '0);
      ToldByLane :
      assert (u_dut.state_q != StReport || u_dut.again || told_q == (differ & lanes_told));
      ToldLanes : assert ((told_q & ~lanes_told) == '0);
      // The other bit in the highest cell that failed; nearer to zero, or just beyond it.
      ShrinkCanBe : assert (!shrink_valid || (fail && ((shrunk ^ lane_new) & highest) != '0));
      ShrinksPositive :
      assert (!shrink_valid || lane_new[WeightBits-1] || shrunk == '1 || shrunk < lane_new);
      ShrinksNegative :
      assert (!shrink_valid || !lane_new[WeightBits-1] || shrunk == '0 || shrunk > lane_new);
      VerifyAfterPulse : assert (access_i.verify || u_dut.state_q == StShot);
      Count : assert (!program_now || (u_dut.cycle_q < access_i.pulse && u_dut.unit_q < step));
    end
  end

  always_comb begin
    if (seen_q && run) begin
      Sets : cover (shot && shot_set);
      Resets : cover (shot && !shot_set);
      SecondShot : cover (shot && shot_again);
      Shrinks : cover (done && u_dut.second_q && changed && differ == '0);
      Verified : cover (done && access_i.verify && changed && differ == '0);
      TwoLanesFail : cover (done && told_q != '0 && told != '0);
      EndsEarly : cover (shot && access_i.self_timed && access_i.pulse > 16'd100);
      PowerEndsPulse : cover (program_q && !power_q && !program_now);
    end
    if (seen_q && !run) ResetEndsPulse : cover (program_q);
  end

  logic unused;
  assign unused = ^{busy, care, cells, failed, fail_set, fail_reset};
endmodule
