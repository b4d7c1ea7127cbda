// SPDX-License-Identifier: Apache-2.0
//
// sequencer_props - ep_sequencer comes back to idle, from anywhere.
//
// Proved     whatever the state register holds, a soft reset, a time-out, an upset or a state without
//            a meaning is followed by idle; each state is left as soon as what it waits for is there, to the state that the
//            contract wants next; sweeps are counted from 1 and never beyond the limit, so that each
//            phase is finite; walks begin only where nothing moves; a prediction leaves only where
//            there is room for it; a run is told to have ended exactly once

`include "props.svh"

module sequencer_props
  import ep_pkg::*;
(
    input logic clk_i,
    input logic power_good_i,
    input logic timed_out_i,
    input logic upset_i,
    input config_t config_any_i,
    input command_t command_i,
    input logic check_done_i,
    input logic check_ok_i,
    input logic [NumPopulations-1:0] walked_any_i,
    input logic sample_valid_i,
    input logic [7:0] class_i,
    input logic changed_i,
    input state_t error_i,
    input logic drained_i,
    input logic quiet_i,
    input logic outcome_ready_i,
    input logic settled_ready_i,
    input logic settled_idle_i
);
  `PROPS_RESET

  config_t config_q;
  logic [NumPopulations-1:0] walked_q;
  status_t status;
  event_t events;
  logic upset;
  logic clear, check_start, run, take, begins, rejected, walk_start, walk_go, group_start;
  pass_e walk_pass;
  group_op_e group_op;
  phase_e phase;
  logic readout_clear, outcome, gated, count_sample, count_gated, count_sweep, settled_valid;
  logic [7:0] sweep, settled;

  ep_sequencer u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .power_good_i,
      .timed_out_i,
      .upset_i,
      .upset_o(upset),
      .config_i(config_q),
      .command_i,
      .status_o(status),
      .event_o(events),
      .clear_o(clear),
      .check_start_o(check_start),
      .check_done_i,
      .check_ok_i,
      .walked_i(walked_q),
      .run_o(run),
      .sample_valid_i,
      .samples_ready_i('0),
      .class_i,
      .sample_take_o(take),
      .sample_begin_o(begins),
      .sample_rejected_o(rejected),
      .walk_start_o(walk_start),
      .walk_go_o(walk_go),
      .walk_pass_o(walk_pass),
      .group_start_o(group_start),
      .group_op_o(group_op),
      .groups_o(),
      .phase_o(phase),
      .force_o(),
      .save_o(),
      .changed_i,
      .readout_clear_o(readout_clear),
      .error_i,
      .drained_i,
      .quiet_i,
      .outcome_o(outcome),
      .outcome_ready_i,
      .outcome_gated_o(gated),
      .sweep_o(sweep),
      .count_sample_o(count_sample),
      .count_gated_o(count_gated),
      .count_sweep_o(count_sweep),
      .settled_o(settled),
      .settled_valid_o(settled_valid),
      .settled_ready_i,
      .settled_idle_i,
      .in_drive_o(),
      .in_free_o(),
      .in_nudged_o(),
      .in_learn_o(),
      .wait_input_o(),
      .wait_output_o()
  );

  localparam logic [4:0] Idle = 5'd0, Check = 5'd1, Sample = 5'd2, Drive = 5'd3, Relax = 5'd4,
      Groups = 5'd5, Readout = 5'd6, Gate = 5'd7, Swap = 5'd8, Learn = 5'd9, Outcome = 5'd10,
      Host = 5'd11;

  logic seen_q = 1'b0, waits_q = 1'b0;  // a walk has started ahead
  logic [4:0] was_q, now;
  logic clear_q, begins_q, quiet_q, moved_q, limit_q, settled_ready_q, outcome_ready_q, train_q;
  logic drained_q, walked_any_q, ended_q, check_q, start_q, more_q, in_phase;
  logic [7:0] limit;
  phase_e phase_q;

  assign now = u_dut.state_q;
  assign limit = phase == PhaseFree ? config_q.free_sweeps : config_q.nudged_sweeps;
  assign in_phase = now == Drive || now == Relax || now == Groups;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      config_q <= config_any_i;
      walked_q <= walked_any_i;
    end
    seen_q <= rst_n;
    was_q <= now;
    clear_q <= clear;
    begins_q <= begins;
    quiet_q <= quiet_i;
    drained_q <= drained_i;
    moved_q <= u_dut.changed_q || changed_i;
    limit_q <= sweep == limit;
    settled_ready_q <= settled_ready_i;
    outcome_ready_q <= outcome_ready_i;
    ended_q <= events.run_done || events.stopped || events.load_done || events.save_done
               || events.scrub_done || events.test_done
               || events.config_error || events.power_failed || events.timed_out || events.upset;
    check_q <= check_done_i;
    start_q <= power_good_i
               && (command_i.train || command_i.infer || command_i.load || command_i.save
                   || command_i.scrub || command_i.test);
    walked_any_q <= walked_q != '0;
    phase_q <= phase;
    waits_q <= rst_n && !clear && !walk_go && (waits_q || walk_start);
  end

  always_ff @(posedge clk_i) begin
    // What ep_config_check lets pass, and the register file sends.
    Sweeps_M : assume (config_q.free_sweeps != '0 && config_q.nudged_sweeps != '0);
    if (now != Idle)
      NoStart_M :
      assume (!command_i.train && !command_i.infer && !command_i.load && !command_i.save
              && !command_i.scrub && !command_i.test);
    if (rst_n && seen_q) begin
      // From anywhere.
      if (clear_q) SoftReset_A : assert (now == Idle);
      if (was_q > Host) NoMeaning_A : assert (now == Idle);
      if (!clear_q) begin
        case (was_q)
          Idle: Idle_A : assert (now == (start_q ? Check : Idle));
          Check: Check_A : assert ((now == Check) == !check_q);
          Sample: Sample_A : assert ((now == Drive) == begins_q && (now == Idle) == ended_q);
          Drive:
          Drive_A :
          assert (!quiet_q ? now == Drive
                            : !moved_q || limit_q ? now == (settled_ready_q ? Readout : Drive)
                            : now == Relax);
          Readout: Readout_A : assert (now == (quiet_q ? Gate : Readout));
          Gate: Gate_A : assert (now == Relax || now == Outcome || now == Sample);
          Swap: Swap_A : assert (now == (quiet_q ? Relax : Swap));
          Learn: Learn_A : assert (now == (quiet_q ? Outcome : Learn));
          Outcome: Outcome_A : assert (now == (outcome_ready_q ? Sample : Outcome));
          Host: Host_A : assert (now == (quiet_q ? Idle : Host));
          Groups:
          Groups_A :
          assert (!quiet_q ? now == Groups
                             : !moved_q || limit_q ? (settled_ready_q ? now != Groups
                                                                       : now == Groups)
                             : now == Relax);
          Relax: if (walked_any_q) RelaxWalks_A : assert (now == (drained_q ? Groups : Relax));
          default: ;
        endcase
      end
      if (was_q != Idle && now == Idle) ToldEnd_A : assert (ended_q || clear_q || was_q > Host);
      if (ended_q) EndsOnce_A : assert (now == Idle);
    end
    if (rst_n) begin
      if (now != Idle && !power_good_i) PowerLost_A : assert (clear && events.power_failed);
      if (now != Idle && timed_out_i) TimedOut_A : assert (clear && events.timed_out);
      if (now == Idle) IdleIsNoTimeOut_A : assert (!events.timed_out);
      if (upset_i) Upset_A : assert (clear && events.upset);
      // Nothing that the logic does is an upset.
      NoUpset_A : assert (!upset);
      if (check_start) StartNeedsPower_A : assert (power_good_i && now == Idle);
      // Sweeps count up to the limit; phases follow each other.
      if (in_phase) Sweeps_A : assert (sweep >= 8'd1 && sweep <= limit);
      if (now == Host) HostRun_A : assert (u_dut.run_q >= 3'd2 && u_dut.run_q <= 3'd5);
      PhaseHasMeaning_A : assert (phase != phase_e'(2'd3));
      if (now == Drive) DriveIsFree_A : assert (phase == PhaseFree && sweep == 8'd1);
      if (now == Swap) SwapIsPlus_A : assert (phase == PhasePlus);
      if (now == Learn) LearnIsMinus_A : assert (phase == PhaseMinus);
      if (walk_go) begin
        Quiet_A : assert (now == Check || now == Sample || now == Gate || quiet_i);
        Started_A : assert (walk_start != waits_q);
      end
      if (walk_start && !walk_go) begin
        Ahead_A : assert (walk_pass == PassRelax && !waits_q);
        AheadOfSweep_A :
        assert ((group_start && group_op == GroupSwap)
                || (sweep != limit && (u_dut.changed_q || changed_i)));
      end
      // A walk that has started goes, in its step; and only a soft reset ends it before.
      Waits_A : assert (waits_q == u_dut.ahead_q);
      if (now == Swap) SwapWaits_A : assert (waits_q);
      if (waits_q && now != Swap) begin
        SweepWaits_A : assert (in_phase && u_dut.changed_q && sweep != limit);
        RelaxWaits_A : assert (now != Relax || walked_q == '0);
      end
      if (outcome) Room_A : assert (outcome_ready_i && take && (now == Gate || now == Outcome));
      if (settled_valid) SettledFits_A : assert (settled_ready_i && settled < limit);
      if (take) TakeIsEnd_A : assert (outcome || rejected);
      Ahead_C : cover (walk_go && waits_q && now == Groups);
      Minus_C : cover (now == Learn && sweep == 8'd3);
      GatedEnd_C : cover (outcome && gated && now == Gate);
      Stopped_C : cover (events.stopped);
      SecondSample_C : cover (count_sample && u_dut.left_q == 32'd1 && config_q.samples == 32'd2);
      ConfigError_C : cover (events.config_error);
      Refused_C : cover (events.power_failed && now == Idle);
      PowerLost_C : cover (events.power_failed && now == Learn);
      TimedOut_C : cover (events.timed_out && now == Learn);
      Upset_C : cover (events.upset && now == Learn);
      Saved_C : cover (events.save_done);
      Scrubbed_C : cover (events.scrub_done);
      Tested_C : cover (events.test_done);
    end
  end
endmodule
