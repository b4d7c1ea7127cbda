// SPDX-License-Identifier: Apache-2.0
//
// ep_sequencer - leads a sample through drive, free sweeps, readout, nudged sweeps and learning.
//
// Function   The steps of the contract, in order. A sweep is a walk over the row words that matter
//            (relax), then a walk over the neuron groups that were not updated with it. A phase ends
//            after its last sweep or a sweep that changed no state. The next step begins when all
//            blocks are quiet; where it is a sweep for sure, ep_walker loads its projection before.
//            A run ends where power is lost, nothing moves any more (ep_watchdog), or a flip-flop of
//            the control changed by itself (ep_guard).
// Formats    phases, flags, counts of sweeps; no data but the largest output error
// Latency    1 cycle between steps
// Model      model/ctrl/sequencer.h, bit exact

`include "ep_assert.svh"

module ep_sequencer
  import ep_pkg::*;
(
    input  logic                           clk_i,
    input  logic                           rst_ni,
    input  logic                           power_good_i,       // of the array
    input  logic                           timed_out_i,        // ep_watchdog
    input  logic                           upset_i,            // one of ep_guard
    output logic                           upset_o,            // of the flip-flops in here
    // From ep_registers
    input  config_t                        config_i,
    input  command_t                       command_i,
    output status_t                        status_o,
    output event_t                         event_o,            // but bus_error and sample_rejected
    output logic                           clear_o,            // soft reset, or an end as above
    // ep_config_check
    output logic                           check_start_o,
    input  logic                           check_done_i,
    input  logic                           check_ok_i,
    input  logic      [NumPopulations-1:0] walked_i,
    // ep_input_buffer
    output logic                           run_o,              // samples are wanted
    input  logic                           sample_valid_i,
    input  logic      [               1:0] samples_ready_i,
    input  logic      [               7:0] class_i,
    output logic                           sample_take_o,
    output logic                           sample_begin_o,     // clears sums and states
    output logic                           sample_rejected_o,  // no class to train with
    // ep_walker
    output logic                           walk_start_o,
    output logic                           walk_go_o,          // with the start or later
    output pass_e                          walk_pass_o,        // with the start
    // ep_group_walker
    output logic                           group_start_o,
    output group_op_e                      group_op_o,
    output logic      [NumPopulations-1:0] groups_o,
    // The neuron room
    output phase_e                         phase_o,
    output logic                           force_o,            // first sweep of a nudged phase
    output logic                           save_o,             // first sweep of plus
    input  logic                           changed_i,          // an update changed a state
    output logic                           readout_clear_o,
    input  state_t                         error_i,            // largest |y - s|
    input  logic                           drained_i,          // all words used
    input  logic                           quiet_i,            // and all groups done with
    output logic                           outcome_o,          // the prediction is final
    input  logic                           outcome_ready_i,
    output logic                           outcome_gated_o,
    // To ep_counters and the trace
    output logic      [               7:0] sweep_o,            // from 1, of the phase
    output logic                           count_sample_o,
    output logic                           count_gated_o,
    output logic                           count_sweep_o,
    output logic      [               7:0] settled_o,          // sweeps that were not needed
    output logic                           settled_valid_o,
    input  logic                           settled_ready_i,
    input  logic                           settled_idle_i,
    output logic                           in_drive_o,
    output logic                           in_free_o,
    output logic                           in_nudged_o,
    output logic                           in_learn_o,
    output logic                           wait_input_o,
    output logic                           wait_output_o
);
  typedef enum logic [4:0] {
    StIdle    = 5'd0,
    StCheck   = 5'd1,
    StSample  = 5'd2,
    StDrive   = 5'd3,
    StRelax   = 5'd4,
    StGroups  = 5'd5,
    StReadout = 5'd6,
    StGate    = 5'd7,
    StSwap    = 5'd8,
    StLearn   = 5'd9,
    StOutcome = 5'd10,
    StHost    = 5'd11
  } state_e;

  typedef enum logic [2:0] {
    RunTrain = 3'd0,
    RunInfer = 3'd1,
    RunLoad  = 3'd2,
    RunSave  = 3'd3,
    RunScrub = 3'd4,
    RunTest  = 3'd5
  } run_e;

  state_e state_q, state_d;
  run_e run_q, run_d;
  pass_e host_pass;
  phase_e phase_q, phase_d;
  logic [7:0] sweep_q, sweep_d, limit;
  logic [31:0] left_q, left_d;  // samples left of the run
  logic changed_q, changed_d, stop_q, stop_d, gated_q, gated_d;
  logic ahead_q, ahead_d;  // the walk of the next step has started
  logic host, sweep_end, phase_end, gate, train, more, moved, again, power_lost, timed_out;

  assign host = run_q == RunLoad || run_q == RunSave || run_q == RunScrub || run_q == RunTest;
  always_comb begin
    unique case (run_q)
      RunLoad: host_pass = PassLoad;
      RunSave: host_pass = PassSave;
      RunTest: host_pass = PassTest;
      default: host_pass = PassScrub;
    endcase
  end
  assign train = run_q == RunTrain;
  assign limit = phase_q == PhaseFree ? config_i.free_sweeps : config_i.nudged_sweeps;
  assign power_lost = state_q != StIdle && !power_good_i;
  assign timed_out = state_q != StIdle && timed_out_i;
  assign clear_o = command_i.soft_reset || power_lost || timed_out || upset_i;
  assign more = !stop_q && (config_i.samples == '0 || left_q != '0);

  // The walk of a step ends when all is quiet; a sweep ends with its group walk.
  assign sweep_end = quiet_i && (state_q == StDrive || state_q == StGroups
                                 || (state_q == StRelax && walked_i == '0));
  assign moved = changed_q || changed_i;
  assign again = moved && sweep_q != limit;  // another sweep follows
  assign phase_end = sweep_end && !again && settled_ready_i;
  assign gate = train && config_i.error_gate != '0 && {1'b0, error_i} < config_i.error_gate;

  always_comb begin
    state_d = state_q;
    phase_d = phase_q;
    sweep_d = sweep_q;
    gated_d = gated_q;
    check_start_o = 1'b0;
    walk_start_o = 1'b0;
    walk_go_o = 1'b0;
    walk_pass_o = PassRelax;
    group_start_o = 1'b0;
    group_op_o = GroupAdd;
    groups_o = walked_i;
    sample_begin_o = 1'b0;
    sample_take_o = 1'b0;
    sample_rejected_o = 1'b0;
    readout_clear_o = 1'b0;
    outcome_o = 1'b0;
    event_o = '0;
    count_sample_o = 1'b0;
    count_gated_o = 1'b0;
    count_sweep_o = sweep_end && (settled_ready_i || again);
    settled_valid_o = 1'b0;
    settled_o = limit - sweep_q;

    unique case (state_q)
      // Waits for a command; without power it is refused.
      StIdle: begin
        if (command_i.train || command_i.infer || command_i.load || command_i.save
            || command_i.scrub || command_i.test) begin
          check_start_o = power_good_i;
          event_o.power_failed = !power_good_i;
          if (power_good_i) state_d = StCheck;
        end
      end
      // Waits for the verdict on the network.
      StCheck: begin
        if (check_done_i) begin
          if (!check_ok_i) begin
            event_o.config_error = 1'b1;
            state_d = StIdle;
          end else if (host) begin
            walk_start_o = 1'b1;
            walk_go_o = 1'b1;
            walk_pass_o = host_pass;
            state_d = StHost;
          end else begin
            state_d = StSample;
          end
        end
      end
      // Waits for a sample, if the run wants one more.
      StSample: begin
        if (!more) begin
          if (settled_idle_i) begin
            event_o.run_done = !stop_q;
            event_o.stopped = stop_q;
            state_d = StIdle;
          end
        end else if (sample_valid_i) begin
          if (train && class_i == 8'hff) begin
            sample_rejected_o = 1'b1;
            sample_take_o = 1'b1;
          end else begin
            sample_begin_o = 1'b1;
            count_sample_o = 1'b1;
            phase_d = PhaseFree;
            sweep_d = 8'd1;
            walk_start_o = 1'b1;
            walk_go_o = 1'b1;
            walk_pass_o = PassDrive;
            state_d = StDrive;
          end
        end
      end
      // The drive, and with it the first sweep.
      StDrive: begin
        if (phase_end) begin
          settled_valid_o = 1'b1;
          readout_clear_o = 1'b1;
          group_start_o = 1'b1;
          group_op_o = GroupRead;
          groups_o = NumPopulations'(1) << (config_i.populations - 3'd1);
          state_d = StReadout;
        end else if (sweep_end && again) begin
          sweep_d = sweep_q + 8'd1;
          walk_start_o = !ahead_q;
          walk_go_o = 1'b1;
          state_d = StRelax;
        end else if (drained_i && again) begin
          walk_start_o = !ahead_q;
        end
      end
      // A sweep: what changed goes to the sums.
      StRelax, StGroups: begin
        if (state_q == StRelax && drained_i && walked_i != '0) begin
          group_start_o = 1'b1;
          readout_clear_o = phase_q == PhaseFree;
          walk_start_o = again;
          state_d = StGroups;
        end else if (phase_end) begin
          settled_valid_o = 1'b1;
          unique case (phase_q)
            // The group walk of each free sweep passes the output groups to the readout.
            PhaseFree: state_d = StGate;
            PhasePlus: begin
              group_start_o = 1'b1;
              group_op_o = GroupSwap;
              groups_o = Neurons(config_i.populations);
              walk_start_o = 1'b1;
              state_d = StSwap;
            end
            default: begin
              walk_start_o = 1'b1;
              walk_go_o = 1'b1;
              walk_pass_o = PassLearn;
              state_d = StLearn;
            end
          endcase
        end else if (sweep_end && again) begin
          sweep_d = sweep_q + 8'd1;
          walk_start_o = !ahead_q;
          walk_go_o = 1'b1;
          state_d = StRelax;
        end else if (drained_i && again) begin
          walk_start_o = !ahead_q;
        end
      end
      // Waits until the output states have been read.
      StReadout: if (quiet_i) state_d = StGate;
      // Decides whether the nudged phases are needed; one cycle.
      StGate: begin
        gated_d = gate;
        if (train && !gate) begin
          phase_d = PhasePlus;
          sweep_d = 8'd1;
          walk_start_o = 1'b1;
          walk_go_o = 1'b1;
          state_d = StRelax;
        end else begin
          count_gated_o = gate;
          state_d = StOutcome;
          if (outcome_ready_i) begin
            outcome_o = 1'b1;
            sample_take_o = 1'b1;
            state_d = StSample;
          end
        end
      end
      // Waits until the free states are back.
      StSwap: begin
        if (quiet_i) begin
          phase_d   = PhaseMinus;
          sweep_d   = 8'd1;
          walk_go_o = 1'b1;
          state_d   = StRelax;
        end
      end
      // Waits until every row word is learnt and programmed.
      StLearn:   if (quiet_i) state_d = StOutcome;
      // Waits until the prediction before this one is taken.
      StOutcome: begin
        if (outcome_ready_i) begin
          outcome_o = 1'b1;
          sample_take_o = 1'b1;
          state_d = StSample;
        end
      end
      // Waits until every row word is loaded, saved, scrubbed or tested.
      StHost: begin
        if (quiet_i) begin
          event_o.load_done = run_q == RunLoad;
          event_o.save_done = run_q == RunSave;
          event_o.scrub_done = run_q == RunScrub;
          event_o.test_done = run_q == RunTest;
          state_d = StIdle;
        end
      end
      default:   state_d = StIdle;
    endcase
    if (power_lost) event_o.power_failed = 1'b1;
    event_o.timed_out = timed_out;
    event_o.upset = upset_i;
    if (clear_o) state_d = StIdle;
  end

  // All populations but the input.
  function automatic logic [NumPopulations-1:0] Neurons(logic [2:0] populations);
    for (int unsigned p = 0; p < NumPopulations; p++) Neurons[p] = p != 0 && 3'(p) < populations;
  endfunction

  assign run_o = state_q != StIdle && state_q != StCheck && !host;
  assign status_o.busy = state_q != StIdle;
  assign status_o.power_good = power_good_i;
  assign status_o.state = state_q;
  assign status_o.samples_ready = samples_ready_i;
  assign phase_o = phase_q;
  assign sweep_o = sweep_q;
  assign force_o = phase_q != PhaseFree && sweep_q == 8'd1
                   && (state_q == StRelax || state_q == StGroups);
  assign save_o = phase_q == PhasePlus && sweep_q == 8'd1;
  assign outcome_gated_o = gated_d;
  assign in_drive_o = state_q == StDrive;
  assign in_free_o = phase_q == PhaseFree && (state_q == StRelax || state_q == StGroups
                                              || state_q == StReadout || state_q == StGate);
  assign in_nudged_o = (phase_q != PhaseFree && (state_q == StRelax || state_q == StGroups))
                       || state_q == StSwap;
  assign in_learn_o = state_q == StLearn;
  assign wait_input_o = state_q == StSample;
  assign wait_output_o = state_q == StOutcome && !outcome_ready_i;

  always_comb begin
    run_d = run_q;
    left_d = left_q;
    stop_d = stop_q;
    changed_d = changed_q;
    if (state_q == StIdle) begin
      stop_d = 1'b0;
      left_d = config_i.samples;
      if (command_i.train) run_d = RunTrain;
      else if (command_i.infer) run_d = RunInfer;
      else if (command_i.load) run_d = RunLoad;
      else if (command_i.save) run_d = RunSave;
      else if (command_i.scrub) run_d = RunScrub;
      else if (command_i.test) run_d = RunTest;
    end else begin
      if (command_i.stop) stop_d = 1'b1;
      if (count_sample_o) left_d = left_q - 32'd1;
    end
    if (walk_go_o) changed_d = 1'b0;
    else if (changed_i) changed_d = 1'b1;
    ahead_d = ahead_q;
    if (clear_o || walk_go_o) ahead_d = 1'b0;
    else if (walk_start_o) ahead_d = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      run_q <= RunTrain;
      phase_q <= PhaseFree;
      sweep_q <= '0;
      left_q <= '0;
      changed_q <= 1'b0;
      ahead_q <= 1'b0;
      stop_q <= 1'b0;
      gated_q <= 1'b0;
    end else begin
      state_q <= state_d;
      run_q <= run_d;
      phase_q <= phase_d;
      sweep_q <= sweep_d;
      left_q <= left_d;
      changed_q <= changed_d;
      ahead_q <= ahead_d;
      stop_q <= stop_d;
      gated_q <= gated_d;
    end
  end

  ep_guard #(
      .Width(54)
  ) u_guard (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (1'b1),
      .next_i ({state_d, run_d, phase_d, sweep_d, left_d, changed_d, ahead_d, stop_d, gated_d}),
      .value_i({state_q, run_q, phase_q, sweep_q, left_q, changed_q, ahead_q, stop_q, gated_q}),
      .upset_o
  );

  `EP_ASSERT(SampleWhileWalking_A, walk_start_o && walk_pass_o == PassDrive |-> sample_valid_i)
endmodule
