// SPDX-License-Identifier: Apache-2.0
//
// ep_core - the learning processor up to the array port.
//
// Function   wiring of the rooms: ctrl (registers, sequencer, walkers, counters), sense, synapse,
//            neuron; DESIGN of the machine in docs/architecture.md, ports in docs/integration.md
// Formats    plain vectors on all ports
// Latency    see the blocks
// Model      model/top/core.h, bit exact

`include "ep_assert.svh"

module ep_core
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,  // weights of a row word
    parameter int unsigned NeuronLanes = 8,  // neurons updated together
    parameter int unsigned Multipliers = 8,  // shared multipliers
    parameter int unsigned WeightBits = 8,
    parameter int unsigned MaxInputs = 1024,
    parameter int unsigned MaxStates = 2048,  // neurons, whole lane blocks
    parameter int unsigned ArrayRows = 131072,
    parameter int unsigned SumBits = 32,  // of a kept sum
    localparam int unsigned Columns = Lanes * WeightBits,
    localparam int unsigned AddrBits = $clog2(ArrayRows),
    localparam int unsigned GroupBits = $clog2(MaxStates / NeuronLanes)
) (
    input  logic                     clk_i,
    input  logic                     rst_ni,
    input  logic                     power_good_i,             // of the array; any clock
    // Registers: AXI4-Lite
    input  logic [             11:0] s_axil_awaddr_i,
    input  logic [              2:0] s_axil_awprot_i,
    input  logic                     s_axil_awvalid_i,
    output logic                     s_axil_awready_o,
    input  logic [             31:0] s_axil_wdata_i,
    input  logic [              3:0] s_axil_wstrb_i,
    input  logic                     s_axil_wvalid_i,
    output logic                     s_axil_wready_o,
    output logic [              1:0] s_axil_bresp_o,
    output logic                     s_axil_bvalid_o,
    input  logic                     s_axil_bready_i,
    input  logic [             11:0] s_axil_araddr_i,
    input  logic [              2:0] s_axil_arprot_i,
    input  logic                     s_axil_arvalid_i,
    output logic                     s_axil_arready_o,
    output logic [             31:0] s_axil_rdata_o,
    output logic [              1:0] s_axil_rresp_o,
    output logic                     s_axil_rvalid_o,
    input  logic                     s_axil_rready_i,
    output logic                     irq_o,
    // Samples: codes, then the class with tlast
    input  logic                     s_axis_sample_tvalid_i,
    output logic                     s_axis_sample_tready_o,
    input  logic [              7:0] s_axis_sample_tdata_i,
    input  logic                     s_axis_sample_tlast_i,
    // Predictions: [7:0] prediction, [15:8] class, [16] gated
    output logic                     m_axis_outcome_tvalid_o,
    input  logic                     m_axis_outcome_tready_i,
    output logic [             31:0] m_axis_outcome_tdata_o,
    // Weights in and out, four a beat
    input  logic                     s_axis_weight_tvalid_i,
    output logic                     s_axis_weight_tready_o,
    input  logic [             31:0] s_axis_weight_tdata_i,
    output logic                     m_axis_weight_tvalid_o,
    input  logic                     m_axis_weight_tready_i,
    output logic [             31:0] m_axis_weight_tdata_o,
    output logic                     m_axis_weight_tlast_o,
    // Array port
    output logic [     AddrBits-1:0] array_row_o,
    output logic                     array_precharge_o,
    output logic                     array_sense_o,
    output logic                     array_xnor_en_o,
    output logic [      Columns-1:0] array_xnor_x_o,
    input  logic [      Columns-1:0] array_q_i,
    input  logic [      Columns-1:0] array_late_i,
    output logic                     array_program_o,
    output logic [      Columns-1:0] array_prog_d_o,
    output logic [      Columns-1:0] array_prog_mask_o,
    output logic [              2:0] array_prog_level_o,
    input  logic                     array_ready_i,
    // Trace: what happens, for those who compare
    output logic                     trace_sense_o,            // a sense ends: array_row_o
    output logic                     trace_program_o,          // a pulse ends: array_prog_*
    output logic                     trace_update_o,           // a neuron group was updated
    output logic [    GroupBits-1:0] trace_group_o,
    output logic [NeuronLanes*8-1:0] trace_states_o,
    output logic [              1:0] trace_phase_o,
    output logic [              7:0] trace_sweep_o
);
  localparam int unsigned NumBlocks = MaxStates / Lanes;
  localparam int unsigned BlockBits = (NumBlocks > 1) ? $clog2(NumBlocks) : 1;
  localparam int unsigned NeuronBits = $clog2(MaxStates);
  localparam int unsigned InputBits = $clog2(MaxInputs);
  localparam int unsigned CountBits = $clog2(MaxInputs + 1);
  localparam int unsigned LaneBits = $clog2(Lanes);
  localparam int unsigned Half = Multipliers / 2;
  localparam int unsigned DotBits = 18 + LaneBits;
  localparam int unsigned MaxRows = (MaxInputs > MaxStates) ? MaxInputs : MaxStates;
  // A_p: 16 + ceil(log2 N) bits for N rows
  localparam int unsigned AccBits = 16 + ((MaxInputs > MaxStates) ? InputBits : NeuronBits);
  localparam int unsigned GroupsPerBlock = Lanes / NeuronLanes;

  `EP_PARAMETER(LanesRange, Lanes == 8 || Lanes == 16 || Lanes == 32 || Lanes == 64 || Lanes == 128)
  `EP_PARAMETER(NeuronLanesRange,
                NeuronLanes >= 2 && NeuronLanes <= Lanes && Lanes % NeuronLanes == 0)
  `EP_PARAMETER(MultipliersRange, Multipliers >= 2 && Multipliers <= Lanes && Multipliers % 2 == 0)
  `EP_PARAMETER(WeightBitsRange, WeightBits >= 2 && WeightBits <= 8)
  `EP_PARAMETER(MaxStatesRange, MaxStates % Lanes == 0 && MaxStates > Lanes)
  `EP_PARAMETER(MaxInputsRange, MaxInputs == 1 << InputBits)
  // A row adds its weight times -255 to 255, and its digits on the way there no more than that.
  `EP_PARAMETER(AccFits, MaxRows * 255 * 2 ** (WeightBits - 1) < 2 ** (AccBits - 1))
  `EP_PARAMETER(SumBitsRange, SumBits >= AccBits && SumBits <= 44)

  // What travels with a row word.
  typedef struct packed {
    logic                  word;
    logic                  from_input;
    logic                  gather;
    logic                  last;
    logic                  fused;
    logic [7:0]            code;            // of a row of the input
    logic [3:0]            shift;
    logic [4:0]            learning_shift;
    logic [NeuronBits-1:0] neuron;
    logic [7:0]            index;           // row of the projection, of learning
    logic [AddrBits-1:0]   row;
    logic                  odd;             // parity of the row
    logic [BlockBits-1:0]  block;
    logic [Lanes-1:0]      lanes;
  } op_t;

  // What travels with a block that leaves the accumulators.
  typedef struct packed {
    logic                 from_input;
    logic                 fused;
    logic [3:0]           shift;
    logic [BlockBits-1:0] block;
  } hand_t;

  // What travels with products.
  typedef struct packed {
    logic [3:0]            shift;
    logic [NeuronBits-1:0] neuron;
    logic [AddrBits-1:0]   row;
    logic                  odd;     // its parity
    logic [Lanes-1:0]      lanes;
  } product_t;

  //////////
  // Ctrl //
  //////////
  logic power_good_q, power_good_q2;
  logic timed_out, progress, waits_for_host;
  logic [6:0] upset;
  logic upset_q;
  config_t cfg;
  command_t command;
  status_t status;
  event_t events, sequencer_events;
  logic clear, sample_begin;
  logic counters_clear, counters_freeze, failures_next, failures_clear, failed;
  failures_t failures;
  logic counters_clear_q, counters_freeze_q;
  logic [NumCounters-1:0][31:0] counters, increment;

  logic check_start, check_done, check_ok;
  logic [31:0] relax_words, gated_words;
  logic [NumProjections-1:0] drive_fused, relax_fused;
  logic [NumPopulations-1:0] walked, groups;

  logic run, sample_valid, sample_take, rejected_length, rejected_class;
  logic [1:0] samples_ready;
  logic [7:0] sample_class;
  logic list_read;
  logic [CountBits-1:0] list_count;
  logic [InputBits-1:0] list_index, list_row;
  logic [7:0] list_code;

  logic walk_start, walk_go, walk_busy, drained, quiet;
  pass_e walk_pass, pass_q;
  logic group_start, group_busy;
  group_op_e group_op;
  phase_e phase;
  logic force_update, save, changed, readout_clear, outcome_gated;
  state_t error;
  logic outcome, outcome_ready;
  logic [7:0] sweep, settled;
  logic count_sample, count_gated, count_sweep, settled_valid, settled_ready, settled_idle;
  logic [31:0] settled_increment;
  logic in_drive, in_free, in_nudged, in_learn, wait_input, wait_output;

  ep_registers #(
      .Lanes(Lanes),
      .NeuronLanes(NeuronLanes),
      .Multipliers(Multipliers),
      .WeightBits(WeightBits),
      .MaxInputs(MaxInputs),
      .MaxStates(MaxStates),
      .ArrayRows(ArrayRows),
      .SumBits(SumBits)
  ) u_registers (
      .clk_i,
      .rst_ni,
      .s_axil_awaddr_i,
      .s_axil_awprot_i,
      .s_axil_awvalid_i,
      .s_axil_awready_o,
      .s_axil_wdata_i,
      .s_axil_wstrb_i,
      .s_axil_wvalid_i,
      .s_axil_wready_o,
      .s_axil_bresp_o,
      .s_axil_bvalid_o,
      .s_axil_bready_i,
      .s_axil_araddr_i,
      .s_axil_arprot_i,
      .s_axil_arvalid_i,
      .s_axil_arready_o,
      .s_axil_rdata_o,
      .s_axil_rresp_o,
      .s_axil_rvalid_o,
      .s_axil_rready_i,
      .irq_o,
      .config_o         (cfg),
      .command_o        (command),
      .counters_clear_o (counters_clear),
      .counters_freeze_o(counters_freeze),
      .counters_i       (counters),
      .failures_next_o  (failures_next),
      .failures_clear_o (failures_clear),
      .failures_i       (failures),
      .status_i         (status),
      .events_i         (events),
      .upset_o          (upset[0])
  );

  always_comb begin
    events = sequencer_events;
    events.sample_rejected = rejected_length || rejected_class;
    events.program_failed = failed;
  end

  ep_config_check #(
      .Lanes(Lanes),
      .MaxInputs(MaxInputs),
      .MaxStates(MaxStates),
      .ArrayRows(ArrayRows),
      .WeightBits(WeightBits),
      .SumBits(SumBits)
  ) u_config_check (
      .clk_i,
      .rst_ni,
      .clear_i      (clear),
      .config_i     (cfg),
      .start_i      (check_start),
      .done_o       (check_done),
      .ok_o         (check_ok),
      .relax_words_o(relax_words),
      .gated_words_o(gated_words),
      .drive_fused_o(drive_fused),
      .relax_fused_o(relax_fused),
      .walked_o     (walked)
  );

  ep_sequencer u_sequencer (
      .clk_i,
      .rst_ni,
      .power_good_i     (power_good_q),
      .timed_out_i      (timed_out),
      .upset_i          (upset_q),
      .upset_o          (upset[1]),
      .config_i         (cfg),
      .command_i        (command),
      .status_o         (status),
      .event_o          (sequencer_events),
      .clear_o          (clear),
      .check_start_o    (check_start),
      .check_done_i     (check_done),
      .check_ok_i       (check_ok),
      .walked_i         (walked),
      .run_o            (run),
      .sample_valid_i   (sample_valid),
      .samples_ready_i  (samples_ready),
      .class_i          (sample_class),
      .sample_take_o    (sample_take),
      .sample_begin_o   (sample_begin),
      .sample_rejected_o(rejected_class),
      .walk_start_o     (walk_start),
      .walk_go_o        (walk_go),
      .walk_pass_o      (walk_pass),
      .group_start_o    (group_start),
      .group_op_o       (group_op),
      .groups_o         (groups),
      .phase_o          (phase),
      .force_o          (force_update),
      .save_o           (save),
      .changed_i        (changed),
      .readout_clear_o  (readout_clear),
      .error_i          (error),
      .drained_i        (drained),
      .quiet_i          (quiet),
      .outcome_o        (outcome),
      .outcome_ready_i  (outcome_ready),
      .outcome_gated_o  (outcome_gated),
      .sweep_o          (sweep),
      .count_sample_o   (count_sample),
      .count_gated_o    (count_gated),
      .count_sweep_o    (count_sweep),
      .settled_o        (settled),
      .settled_valid_o  (settled_valid),
      .settled_ready_i  (settled_ready),
      .settled_idle_i   (settled_idle),
      .in_drive_o       (in_drive),
      .in_free_o        (in_free),
      .in_nudged_o      (in_nudged),
      .in_learn_o       (in_learn),
      .wait_input_o     (wait_input),
      .wait_output_o    (wait_output)
  );

  // The pass under way, from the cycle after its start on.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pass_q <= PassDrive;
    else if (walk_start) pass_q <= walk_pass;
  end

  ep_guard #(
      .Width(3)
  ) u_guard (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (walk_start),
      .next_i (walk_pass),
      .value_i(pass_q),
      .upset_o(upset[6])
  );

  logic op_valid, op_ready, op_word, op_input, op_gather, op_last, op_fused;
  logic [AddrBits-1:0] op_row;
  logic [NeuronBits-1:0] op_neuron;
  logic [7:0] op_index;
  logic [BlockBits-1:0] op_block;
  logic [Lanes-1:0] op_lanes;
  logic [3:0] op_shift;
  logic [4:0] op_learn;
  logic skip_valid;
  logic [15:0] skip_count;
  logic [NumBlocks-1:0] block_changed;
  logic [BlockBits-1:0] flags_block, learn_block;
  logic [Lanes-1:0] flags;
  logic learn_differs, learn_nonzero;

  ep_walker #(
      .Lanes(Lanes),
      .MaxInputs(MaxInputs),
      .MaxStates(MaxStates),
      .AddrBits(AddrBits)
  ) u_walker (
      .clk_i,
      .rst_ni,
      .clear_i        (clear),
      .config_i       (cfg),
      .start_i        (walk_start),
      .go_i           (walk_go),
      .pass_i         (pass_q),
      .fused_i        (pass_q == PassDrive ? drive_fused : relax_fused),
      .busy_o         (walk_busy),
      .upset_o        (upset[2]),
      .list_count_i   (list_count),
      .list_read_o    (list_read),
      .list_index_o   (list_index),
      .list_row_i     (list_row),
      .block_changed_i(block_changed),
      .flags_block_o  (flags_block),
      .flags_i        (flags),
      .learn_block_o  (learn_block),
      .learn_differs_i(learn_differs),
      .learn_nonzero_i(learn_nonzero),
      .op_valid_o     (op_valid),
      .op_ready_i     (op_ready),
      .op_word_o      (op_word),
      .op_row_o       (op_row),
      .op_neuron_o    (op_neuron),
      .op_index_o     (op_index),
      .op_input_o     (op_input),
      .op_gather_o    (op_gather),
      .op_last_o      (op_last),
      .op_fused_o     (op_fused),
      .op_block_o     (op_block),
      .op_lanes_o     (op_lanes),
      .op_shift_o     (op_shift),
      .op_learn_o     (op_learn),
      .skip_valid_o   (skip_valid),
      .skip_count_o   (skip_count)
  );

  logic walk_valid, walk_ready, walk_output;
  group_op_e walk_op;
  logic [GroupBits-1:0] walk_group;
  logic [7:0] walk_first;
  logic [NeuronLanes-1:0] walk_lanes;

  ep_group_walker #(
      .Lanes(Lanes),
      .NeuronLanes(NeuronLanes),
      .MaxStates(MaxStates)
  ) u_group_walker (
      .clk_i,
      .rst_ni,
      .clear_i      (clear),
      .population_i (cfg.population),
      .output_i     (cfg.populations - 3'd1),
      .start_i      (group_start),
      .populations_i(groups),
      .op_i         (group_op),
      .busy_o       (group_busy),
      .upset_o      (upset[3]),
      .valid_o      (walk_valid),
      .ready_i      (walk_ready),
      .op_o         (walk_op),
      .group_o      (walk_group),
      .output_o     (walk_output),
      .first_o      (walk_first),
      .lanes_o      (walk_lanes)
  );

  ep_tally u_tally (
      .clk_i,
      .rst_ni,
      .clear_i    (clear),
      .valid_i    (settled_valid),
      .sweeps_i   (settled),
      .ready_o    (settled_ready),
      .words_i    (relax_words),
      .increment_o(settled_increment),
      .idle_o     (settled_idle)
  );

  ep_counters u_counters (
      .clk_i,
      .rst_ni,
      .clear_i    (counters_clear_q),
      .freeze_i   (counters_freeze_q),
      .increment_i(increment),
      .counters_o (counters)
  );

  ///////////
  // Sense //
  ///////////
  op_t op, next_op, word_op;
  product_t product_in, gather_tag, product_out;
  logic array_ready_q;
  logic next, word_valid, word_ready;
  logic [Columns-1:0] word;
  logic learn_sense, sense_b_done, sensed_a, sensed_b, sense_stall, sense_idle;
  logic sense_end, sense_late, sense_again;
  logic [AddrBits-1:0] learn_sense_row, sense_row, program_row, learn_row;
  logic sense_b_step;
  logic [Columns-1:0] sense_b_weak, sense_b_word, next_care, learn_care, verify_care;
  logic program_valid, program_done, program_busy, shot, shot_set, shot_again, program_changed;
  logic verify;
  logic [Columns-1:0] program_old, program_new;
  logic [15:0] shot_cells;
  logic fail;
  logic [LaneBits-1:0] fail_lane, log_lane;
  logic [WeightBits-1:0] fail_cells, log_cells, shrunk;
  logic shrink_valid;
  logic [AddrBits-1:0] log_row;
  logic [3:0] fail_set, fail_reset;

  // A scrub votes always, and verifies.
  sensing_t sensing;
  programming_t programming;
  always_comb begin
    sensing = cfg.sensing;
    programming = cfg.programming;
    if (pass_q == PassScrub) begin
      if (!verify) sensing.late = LateVoteAlways;
      programming.verify = 1'b1;
    end
    // A test shows what the cells are.
    if (pass_q == PassTest) begin
      if (cfg.test.margin) sensing.late = LateVoteAlways;
      programming.shrink = 1'b0;
    end
  end

  ep_sense #(
      .Columns (Columns),
      .AddrBits(AddrBits),
      .TagBits ($bits(op_t))
  ) u_sense (
      .clk_i,
      .rst_ni,
      .clear_i     (clear),
      .access_i    (sensing),
      .a_valid_i   (op_valid),
      .a_ready_o   (op_ready),
      .a_read_i    (op_word && (pass_q == PassDrive || pass_q == PassRelax)),
      .a_row_i     (op_row),
      .a_tag_i     (op),
      .word_valid_o(word_valid),
      .word_ready_i(word_ready),
      .word_o      (word),
      .word_tag_o  (word_op),
      .next_o      (next),
      .next_tag_o  (next_op),
      .next_care_i (next_care),
      .b_valid_i   (learn_sense || verify),
      .b_row_i     (verify ? learn_row : learn_sense_row),
      .b_care_i    (verify ? verify_care : learn_care),
      .b_done_o    (sense_b_done),
      .b_word_o    (sense_b_word),
      .b_step_o    (sense_b_step),
      .b_weak_o    (sense_b_weak),
      .row_o       (sense_row),
      .precharge_o (array_precharge_o),
      .sense_o     (array_sense_o),
      .q_i         (array_q_i),
      .late_i      (array_late_i),
      .ready_i     (array_ready_q),
      .sensed_a_o  (sensed_a),
      .sensed_b_o  (sensed_b),
      .end_o       (sense_end),
      .late_o      (sense_late),
      .again_o     (sense_again),
      .stall_o     (sense_stall),
      .idle_o      (sense_idle)
  );

  // Late cells beyond the population do not matter, and in a verify only those just driven do.
  for (genvar l = 0; l < Lanes; l++) begin : gen_care
    assign next_care[l*WeightBits+:WeightBits]  = {WeightBits{next_op.lanes[l]}};
    assign learn_care[l*WeightBits+:WeightBits] = {WeightBits{product_out.lanes[l]}};
  end

  ep_program #(
      .Lanes(Lanes),
      .WeightBits(WeightBits),
      .AddrBits(AddrBits)
  ) u_program (
      .clk_i,
      .rst_ni,
      .clear_i       (clear),
      .power_good_i  (power_good_q),
      .access_i      (programming),
      .valid_i       (program_valid),
      .row_i         (learn_row),
      .old_i         (program_old),
      .new_i         (program_new),
      .done_o        (program_done),
      .verify_o      (verify),
      .verify_care_o (verify_care),
      .verify_done_i (verify && sense_b_done),
      .busy_o        (program_busy),
      .row_o         (program_row),
      .program_o     (array_program_o),
      .prog_d_o      (array_prog_d_o),
      .prog_mask_o   (array_prog_mask_o),
      .prog_level_o  (array_prog_level_o),
      .ready_i       (array_ready_q),
      .fail_o        (fail),
      .fail_lane_o   (fail_lane),
      .fail_cells_o  (fail_cells),
      .shrink_valid_o(shrink_valid),
      .shrunk_o      (shrunk),
      .shot_o        (shot),
      .shot_set_o    (shot_set),
      .shot_again_o  (shot_again),
      .cells_o       (shot_cells),
      .changed_o     (program_changed),
      .failed_o      (failed),
      .fail_set_o    (fail_set),
      .fail_reset_o  (fail_reset)
  );

  ep_failure_log #(
      .LaneBits  (LaneBits),
      .WeightBits(WeightBits),
      .AddrBits  (AddrBits)
  ) u_failure_log (
      .clk_i,
      .rst_ni,
      .push_i (fail),
      .row_i  (learn_row),
      .lane_i (fail_lane),
      .cells_i(fail_cells),
      .next_i (failures_next),
      .clear_i(failures_clear),
      .count_o(failures.count),
      .lost_o (failures.lost),
      .row_o  (log_row),
      .lane_o (log_lane),
      .cells_o(log_cells)
  );
  assign failures.row   = 32'(log_row);
  assign failures.lane  = 7'(log_lane);
  assign failures.cells = 8'(log_cells);

  // The macro's ready is taken with a cycle of delay: no access hangs on a pin. Power good comes from
  // anywhere, through two.
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      array_ready_q <= 1'b0;
      power_good_q2 <= 1'b0;
      power_good_q  <= 1'b0;
    end else begin
      array_ready_q <= array_ready_i;
      power_good_q2 <= power_good_i;
      power_good_q  <= power_good_q2;
    end
  end

  ep_spare #(
      .Rows(ArrayRows)
  ) u_spare (
      .spare_i(cfg.spare),
      .row_i  (program_busy ? program_row : sense_row),
      .row_o  (array_row_o)
  );
  assign array_xnor_en_o = 1'b0;
  assign array_xnor_x_o  = '0;

  /////////////
  // Synapse //
  /////////////
  logic row_changed, next_scatter, next_negative, word_scatter_q;
  delta_t row_delta;
  state_t row_plus, row_minus, next_plus, next_minus, word_plus_q, word_minus_q;
  logic [8:0] digits_plus, digits_minus;
  logic add, negative, hand, hand_ready, hand_now, products_idle, pick_take, pick_first, pick_last;
  logic [3:0] shift;
  logic send, send_pick, send_end, send_ready, extra;
  logic [Lanes-1:0] lanes_changed, marked;
  delta_t [Lanes-1:0] lanes_delta;
  state_t [Lanes-1:0] lanes_plus, lanes_minus;
  logic [Half-1:0] pick_valid;
  logic [Half-1:0][LaneBits-1:0] pick_lane;
  logic [LaneBits:0] pick_count, marked_count;
  logic [Multipliers-1:0][8:0] pick_value;
  logic [Multipliers-1:0][WeightBits-1:0] pick_weight;
  logic learning, next_pick, word_end;

  // The operand is found while the row is sensed, and goes with the row word.
  ep_operand u_operand (
      .pass_i       (pass_q),
      .word_i       (next_op.word),
      .from_input_i (next_op.from_input),
      .scale_i      (cfg.input_scale),
      .code_i       (next_op.code),
      .row_changed_i(row_changed),
      .row_delta_i  (row_delta),
      .row_plus_i   (row_plus),
      .row_minus_i  (row_minus),
      .scatter_o    (next_scatter),
      .negative_o   (next_negative),
      .plus_o       (next_plus),
      .minus_o      (next_minus)
  );

  always_ff @(posedge clk_i) begin
    if (next) begin
      word_scatter_q <= next_scatter;
      word_plus_q <= next_plus;
      word_minus_q <= next_minus;
    end
  end

  assign op = '{
          word: op_word,
          from_input: op_input,
          gather: op_gather,
          last: op_last,
          fused: op_fused,
          code: list_code,
          shift: op_shift,
          learning_shift: op_learn,
          neuron: op_neuron,
          index: op_index,
          row: op_row,
          odd: ^op_row,
          block: op_block,
          lanes: op_lanes
      };

  ep_digits u_digits (
      .magnitude_i(next_plus),
      .plus_o     (digits_plus),
      .minus_o    (digits_minus)
  );

  // Learning and the host's weights go through ep_products to ep_learn, word for word.
  assign learning  = pass_q != PassDrive && pass_q != PassRelax;
  assign next_pick = next_op.word && (next_op.gather || learning);

  // A block leaves the accumulators when something was added to them, or to be updated.
  logic scattered_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) scattered_q <= 1'b0;
    else if (clear) scattered_q <= 1'b0;
    else if (word_valid && word_ready) begin
      scattered_q <= !word_op.last && (scattered_q || word_scatter_q);
    end
  end
  assign word_end = word_op.last && !learning && (word_op.fused || word_scatter_q || scattered_q);

  ep_row_word u_row_word (
      .clk_i,
      .rst_ni,
      .clear_i        (clear),
      .next_i         (next),
      .next_scatter_i (next_scatter),
      .next_pick_i    (next_pick),
      .next_negative_i(next_negative),
      .next_plus_i    (digits_plus),
      .next_minus_i   (digits_minus),
      .valid_i        (word_valid),
      .end_i          (word_end),
      .ready_o        (word_ready),
      .add_o          (add),
      .shift_o        (shift),
      .negative_o     (negative),
      .hand_o         (hand),
      .hand_ready_i   (hand_ready),
      .hand_now_o     (hand_now),
      .pick_take_o    (pick_take),
      .pick_last_i    (pick_last),
      .send_o         (send),
      .send_pick_o    (send_pick),
      .send_end_o     (send_end),
      .send_ready_i   (send_ready),
      .products_idle_i(products_idle),
      .extra_o        (extra)
  );

  hand_t hand_in, hand_out;
  logic leave, block_valid, block_ready, block_first, block_add, block_skip, adder_idle;
  logic [7:0] block_index;
  logic [NeuronLanes-1:0] block_lanes;
  logic [NeuronLanes-1:0][AccBits-1:0] block_acc;

  assign hand_in = '{
          from_input: word_op.from_input,
          fused: word_op.fused,
          shift: word_op.shift,
          block: word_op.block
      };

  ep_row_adder #(
      .Lanes(Lanes),
      .NeuronLanes(NeuronLanes),
      .WeightBits(WeightBits),
      .AccBits(AccBits),
      .TagBits($bits(hand_t))
  ) u_row_adder (
      .clk_i,
      .rst_ni,
      .clear_i      (clear),
      .add_i        (add),
      .word_i       (word),
      .shift_i      (shift),
      .negative_i   (negative),
      .hand_i       (hand),
      .hand_tag_i   (hand_in),
      .hand_lanes_i (word_op.lanes),
      .hand_ready_o (hand_ready),
      .hand_now_i   (hand_now),
      .leave_i      (leave),
      .group_valid_o(block_valid),
      .group_ready_i(block_ready),
      .group_first_o(block_first),
      .group_index_o(block_index),
      .group_add_o  (block_add),
      .group_lanes_o(block_lanes),
      .group_acc_o  (block_acc),
      .group_tag_o  (hand_out),
      .group_skip_i (block_skip),
      .idle_o       (adder_idle)
  );

  ep_marker #(
      .Lanes(Lanes)
  ) u_marker (
      .gather_i    (next_op.gather),
      .learn_i     (pass_q == PassLearn),
      .population_i(next_op.lanes),
      .changed_i   (lanes_changed),
      .plus_i      (lanes_plus),
      .minus_i     (lanes_minus),
      .row_plus_i  (next_plus),
      .row_minus_i (next_minus),
      .lanes_o     (marked),
      .count_o     (marked_count)
  );

  ep_picker #(
      .Lanes(Lanes),
      .Multipliers(Multipliers),
      .WeightBits(WeightBits)
  ) u_picker (
      .clk_i,
      .load_i  (next && next_pick),
      .lanes_i (marked),
      .count_i (marked_count),
      .learn_i (learning),
      .take_i  (pick_take),
      .delta_i (lanes_delta),
      .plus_i  (lanes_plus),
      .minus_i (lanes_minus),
      .word_i  (word),
      .valid_o (pick_valid),
      .lane_o  (pick_lane),
      .value_o (pick_value),
      .weight_o(pick_weight),
      .first_o (pick_first),
      .last_o  (pick_last),
      .count_o (pick_count)
  );

  logic gather_valid, step_valid, step_ready, step_any, step_last, learn_idle;
  logic signed [DotBits-1:0] gather_dot;
  logic [Half-1:0] step_lanes;
  logic [Half-1:0][LaneBits-1:0] step_lane;
  step_t [Half-1:0] step;

  assign product_in = '{
          shift: word_op.shift,
          neuron: word_op.neuron,
          row: word_op.row,
          odd: word_op.odd,
          lanes: word_op.lanes
      };

  logic [20:0] row_random;

  ep_dither u_dither (
      .clk_i,
      .rst_ni,
      .stochastic_i(cfg.stochastic),
      .seed_i      (cfg.random),
      .load_i      (command.train),
      .next_i      (sample_take && !rejected_class),
      .row_i       (word_op.index),
      .row_o       (row_random)
  );

  ep_products #(
      .Lanes(Lanes),
      .Multipliers(Multipliers),
      .WeightBits(WeightBits),
      .TagBits($bits(product_t))
  ) u_products (
      .clk_i,
      .rst_ni,
      .clear_i         (clear),
      .learning_rate_i (cfg.learning_rate),
      .stochastic_i    (cfg.stochastic),
      .send_i          (send),
      .send_pick_i     (send_pick),
      .send_end_i      (send_end),
      .send_ready_o    (send_ready),
      .pick_valid_i    (pick_valid),
      .pick_lane_i     (pick_lane),
      .pick_value_i    (pick_value),
      .pick_weight_i   (pick_weight),
      .pick_first_i    (pick_first),
      .pick_last_i     (pick_last),
      .learn_i         (learning),
      .row_plus_i      (word_plus_q),
      .row_minus_i     (word_minus_q),
      .learning_shift_i(word_op.learning_shift),
      .random_i        (row_random),
      .tag_i           (product_in),
      .gather_valid_o  (gather_valid),
      .gather_dot_o    (gather_dot),
      .gather_tag_o    (gather_tag),
      .end_o           (leave),
      .step_valid_o    (step_valid),
      .step_ready_i    (step_ready),
      .step_lanes_o    (step_lanes),
      .step_lane_o     (step_lane),
      .step_o          (step),
      .step_any_o      (step_any),
      .step_last_o     (step_last),
      .step_tag_o      (product_out),
      .idle_o          (products_idle)
  );

  logic load_next, load_valid, load_ready, save_valid, save_ready, port_idle, no_step;
  logic [Columns-1:0] load_word, save_word;
  logic [7:0] weights_changed;

  ep_learn #(
      .Lanes(Lanes),
      .Half(Half),
      .WeightBits(WeightBits),
      .AddrBits(AddrBits)
  ) u_learn (
      .clk_i,
      .rst_ni,
      .clear_i          (clear),
      .pass_i           (pass_q),
      .test_i           (cfg.test),
      .step_valid_i     (step_valid),
      .step_ready_o     (step_ready),
      .step_lanes_i     (step_lanes),
      .step_lane_i      (step_lane),
      .step_i           (step),
      .step_any_i       (step_any),
      .step_last_i      (step_last),
      .step_row_i       (product_out.row),
      .step_odd_i       (product_out.odd),
      .step_population_i(product_out.lanes),
      .sense_valid_o    (learn_sense),
      .sense_row_o      (learn_sense_row),
      .sense_done_i     (sense_b_done && !verify),
      .sense_word_i     (sense_b_word),
      .sense_step_i     (sense_b_step && !verify),
      .sense_weak_i     (sense_b_weak),
      .program_valid_o  (program_valid),
      .program_row_o    (learn_row),
      .program_old_o    (program_old),
      .program_new_o    (program_new),
      .program_done_i   (program_done),
      .verified_i       (sense_b_done && verify),
      .shrink_valid_i   (shrink_valid),
      .shrink_lane_i    (fail_lane),
      .shrunk_i         (shrunk),
      .load_valid_i     (load_valid),
      .load_next_o      (load_next),
      .load_ready_o     (load_ready),
      .load_word_i      (load_word),
      .save_valid_o     (save_valid),
      .save_ready_i     (save_ready),
      .save_word_o      (save_word),
      .no_step_o        (no_step),
      .changed_o        (weights_changed),
      .idle_o           (learn_idle),
      .upset_o          (upset[5])
  );

  ep_weight_port #(
      .Lanes(Lanes),
      .WeightBits(WeightBits)
  ) u_weight_port (
      .clk_i,
      .rst_ni,
      .clear_i        (clear),
      .load_i         (load_next),
      .s_axis_tvalid_i(s_axis_weight_tvalid_i),
      .s_axis_tready_o(s_axis_weight_tready_o),
      .s_axis_tdata_i (s_axis_weight_tdata_i),
      .m_axis_tvalid_o(m_axis_weight_tvalid_o),
      .m_axis_tready_i(m_axis_weight_tready_i),
      .m_axis_tdata_o (m_axis_weight_tdata_o),
      .m_axis_tlast_o (m_axis_weight_tlast_o),
      .load_valid_o   (load_valid),
      .load_ready_i   (load_ready),
      .load_word_o    (load_word),
      .idle_o         (port_idle),
      .save_valid_i   (save_valid),
      .save_ready_o   (save_ready),
      .save_word_i    (save_word)
  );

  ////////////
  // Neuron //
  ////////////
  logic sums_clear;
  logic group_valid, group_update, group_output, sums_idle;
  group_op_e group_op_done;
  logic [GroupBits-1:0] group;
  logic [7:0] group_first;
  logic [NeuronLanes-1:0] group_lanes;
  logic [NeuronLanes-1:0][SumBits-1:0] group_sum;
  state_t [NeuronLanes-1:0] group_state, new_state;
  logic new_valid, new_update, new_output, neuron_idle;
  logic [GroupBits-1:0] new_group;
  logic [7:0] new_first;
  logic [NeuronLanes-1:0] new_lanes, new_changed;

  assign sums_clear = sample_begin || clear;

  ep_input_buffer #(
      .MaxInputs(MaxInputs)
  ) u_input_buffer (
      .clk_i,
      .rst_ni,
      .clear_i        (clear),
      .enable_i       (run),
      .s_axis_tvalid_i(s_axis_sample_tvalid_i),
      .s_axis_tready_o(s_axis_sample_tready_o),
      .s_axis_tdata_i (s_axis_sample_tdata_i),
      .s_axis_tlast_i (s_axis_sample_tlast_i),
      .scale_i        (cfg.input_scale),
      .inputs_i       (cfg.population[0].size),
      .outputs_i      (cfg.population[cfg.populations-3'd1].size),
      .valid_o        (sample_valid),
      .ready_count_o  (samples_ready),
      .class_o        (sample_class),
      .count_o        (list_count),
      .take_i         (sample_take),
      .rejected_o     (rejected_length),
      .upset_o        (upset[4]),
      .read_i         (list_read),
      .index_i        (list_index),
      .row_o          (list_row),
      .code_o         (list_code)
  );

  ep_sums #(
      .Lanes(Lanes),
      .NeuronLanes(NeuronLanes),
      .MaxStates(MaxStates),
      .AccBits(AccBits),
      .DotBits(DotBits),
      .SumBits(SumBits)
  ) u_sums (
      .clk_i,
      .rst_ni,
      .clear_i        (sums_clear),
      .scale_i        (cfg.input_scale),
      .force_i        (force_update),
      .nudged_i       (phase != PhaseFree),
      .gather_valid_i (gather_valid),
      .gather_dot_i   (gather_dot),
      .gather_neuron_i(gather_tag.neuron),
      .gather_shift_i (gather_tag.shift),
      .block_valid_i  (block_valid),
      .block_ready_o  (block_ready),
      .block_group_i  (GroupBits'(int'(hand_out.block) * int'(GroupsPerBlock) + int'(block_index))),
      .block_add_i    (block_add),
      .block_scale_i  (hand_out.from_input),
      .block_fused_i  (hand_out.fused),
      .block_shift_i  (hand_out.shift),
      .block_lanes_i  (block_lanes),
      .block_acc_i    (block_acc),
      .block_skip_o   (block_skip),
      .walk_valid_i   (walk_valid),
      .walk_ready_o   (walk_ready),
      .walk_op_i      (walk_op),
      .walk_group_i   (walk_group),
      .walk_output_i  (walk_output),
      .walk_first_i   (walk_first),
      .walk_lanes_i   (walk_lanes),
      .valid_o        (group_valid),
      .update_o       (group_update),
      .op_o           (group_op_done),
      .group_o        (group),
      .output_o       (group_output),
      .first_o        (group_first),
      .lanes_o        (group_lanes),
      .sum_o          (group_sum),
      .idle_o         (sums_idle)
  );

  ep_neuron #(
      .NeuronLanes(NeuronLanes),
      .SumBits(SumBits)
  ) u_neuron (
      .clk_i,
      .rst_ni,
      .clear_i      (clear),
      .valid_i      (group_valid),
      .update_i     (group_update),
      .sum_i        (group_sum),
      .lanes_i      (group_lanes),
      .output_i     (group_output),
      .first_i      (group_first),
      .state_i      (group_state),
      .gain_max_i   (cfg.gain_max),
      .nudged_i     (phase != PhaseFree),
      .away_i       (phase == PhaseMinus),
      .nudge_shift_i(cfg.nudge_shift),
      .class_i      (sample_class),
      .valid_o      (new_valid),
      .update_o     (new_update),
      .state_o      (new_state),
      .changed_o    (new_changed),
      .lanes_o      (new_lanes),
      .output_o     (new_output),
      .first_o      (new_first),
      .idle_o       (neuron_idle)
  );

  ep_state_memory #(
      .Lanes(Lanes),
      .NeuronLanes(NeuronLanes),
      .MaxStates(MaxStates)
  ) u_state_memory (
      .clk_i,
      .rst_ni,
      .clear_i        (sums_clear),
      .valid_i        (group_valid),
      .op_i           (group_op_done),
      .update_i       (group_update),
      .save_i         (save),
      .group_i        (group),
      .state_o        (group_state),
      .state_i        (new_state),
      .group_o        (new_group),
      .block_done_i   (block_valid && block_first && hand_out.fused),
      .block_i        (hand_out.block),
      .block_changed_o(block_changed),
      .flags_block_i  (flags_block),
      .flags_o        (flags),
      .learn_block_i  (learn_block),
      .learn_differs_o(learn_differs),
      .learn_nonzero_o(learn_nonzero),
      .row_read_i     (next_op.word && (pass_q == PassRelax || pass_q == PassLearn)),
      .row_i          (next_op.neuron),
      .row_changed_o  (row_changed),
      .row_delta_o    (row_delta),
      .row_plus_o     (row_plus),
      .row_minus_o    (row_minus),
      .lanes_gather_i (pass_q == PassRelax && next_op.gather),
      .lanes_learn_i  (pass_q == PassLearn),
      .lanes_block_i  (next_op.block),
      .lanes_changed_o(lanes_changed),
      .lanes_delta_o  (lanes_delta),
      .lanes_plus_o   (lanes_plus),
      .lanes_minus_o  (lanes_minus)
  );

  ep_readout #(
      .NeuronLanes(NeuronLanes)
  ) u_readout (
      .clk_i,
      .rst_ni,
      .reset_i        (clear),
      .clear_i        (readout_clear),
      .valid_i        (new_valid && new_output && phase == PhaseFree),
      .state_i        (new_state),
      .lanes_i        (new_lanes),
      .first_i        (new_first),
      .class_i        (sample_class),
      .error_o        (error),
      .outcome_i      (outcome),
      .gated_i        (outcome_gated),
      .outcome_ready_o(outcome_ready),
      .m_axis_tvalid_o(m_axis_outcome_tvalid_o),
      .m_axis_tready_i(m_axis_outcome_tready_i),
      .m_axis_tdata_o (m_axis_outcome_tdata_o)
  );

  assign changed = new_changed != '0;
  assign drained = !walk_busy && sense_idle && products_idle && learn_idle;
  assign quiet   = drained && adder_idle && !group_busy && sums_idle && neuron_idle && port_idle;

  ////////////
  // Upsets //
  ////////////
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) upset_q <= 1'b0;
    else upset_q <= upset != '0;
  end

  // Nothing moves, and not because a stream stands still on the host's side.
  assign progress = walk_start || group_start || (op_valid && op_ready) || shot;
  assign waits_for_host = (wait_input && s_axis_sample_tready_o && !s_axis_sample_tvalid_i)
                          || (m_axis_outcome_tvalid_o && !m_axis_outcome_tready_i && wait_output)
                          || (s_axis_weight_tready_o && !s_axis_weight_tvalid_i)
                          || (m_axis_weight_tvalid_o && !m_axis_weight_tready_i);

  ep_watchdog u_watchdog (
      .clk_i,
      .rst_ni,
      .limit_i    (cfg.time_limit),
      .busy_i     (status.busy),
      .progress_i (progress),
      .host_i     (waits_for_host),
      .timed_out_o(timed_out)
  );

  ///////////
  // Trace //
  ///////////
  assign trace_sense_o   = sense_end;
  assign trace_program_o = shot;
  assign trace_update_o  = new_valid && new_update;
  assign trace_group_o   = new_group;
  assign trace_states_o  = new_state;
  assign trace_phase_o   = phase;
  assign trace_sweep_o   = sweep;

  //////////////
  // Counters //
  //////////////
  // What happened in a cycle is counted in the next one; numbers stand still while nothing happens.
  typedef struct packed {
    phase_e phase;
    pass_e pass;
    logic sample;
    logic gated;
    logic sweep;
    logic sensed_a;
    logic sensed_b;
    logic verify;
    logic late;
    logic again;
    logic skip;
    logic no_step;
    logic digit;
    logic extra;
    logic pick;
    logic group;
    logic update;
    logic programmed;
    logic shot;
    logic shot_set;
    logic shot_again;
    logic fail;
    logic failed;
    logic in_drive;
    logic in_free;
    logic in_nudged;
    logic in_learn;
    logic wait_input;
    logic wait_output;
    logic wait_array;
  } happened_t;

  happened_t happened_q;
  logic [15:0] skip_count_q;
  logic [LaneBits:0] pick_count_q;
  logic [NeuronLanes-1:0] new_changed_q;
  logic [3:0] fail_set_q, fail_reset_q;
  logic [7:0] weights_changed_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      happened_q <= '0;
      counters_clear_q <= 1'b0;
      counters_freeze_q <= 1'b0;
      weights_changed_q <= '0;
    end else begin
      counters_clear_q <= counters_clear;
      counters_freeze_q <= counters_freeze;
      happened_q <= '{
          phase: phase,
          pass: pass_q,
          sample : count_sample,
          gated: count_gated,
          sweep: count_sweep,
          sensed_a: sensed_a,
          sensed_b: sensed_b,
          verify: verify,
          late: sense_late,
          again: sense_again,
          skip: skip_valid,
          no_step: no_step,
          digit: add,
          extra: extra,
          pick: pick_take,
          group: new_valid,
          update: new_update,
          programmed: program_done && program_changed,
          shot: shot,
          shot_set: shot_set,
          shot_again: shot_again,
          fail: fail,
          failed: failed,
          in_drive: in_drive,
          in_free: in_free,
          in_nudged: in_nudged,
          in_learn: in_learn,
          wait_input: wait_input,
          wait_output: wait_output,
          wait_array: sense_stall || program_busy
      };
      // The last ones of a pass are counted before the next pass begins.
      if (pass_q == PassLearn) weights_changed_q <= weights_changed;
    end
  end

  always_ff @(posedge clk_i) begin
    if (skip_valid) skip_count_q <= skip_count;
    if (pick_take) pick_count_q <= pick_count;
    if (new_valid) new_changed_q <= new_changed;
    if (fail) begin
      fail_set_q   <= fail_set;
      fail_reset_q <= fail_reset;
    end
  end

  logic relaxed, learnt, hosted;
  logic [31:0] picked, first_cells, more_cells;

  always_comb begin
    relaxed = happened_q.sensed_a && happened_q.pass == PassRelax;
    hosted = happened_q.sensed_b && !happened_q.verify;
    learnt = happened_q.pass != PassDrive && happened_q.pass != PassRelax;
    picked = happened_q.pick ? 32'(pick_count_q) : '0;
    first_cells = happened_q.shot && !happened_q.shot_again ? 32'(shot_cells) : '0;
    more_cells = happened_q.shot && happened_q.shot_again ? 32'(shot_cells) : '0;

    increment = '0;
    increment[0] = 32'(happened_q.sample);
    increment[1] = 32'(happened_q.gated);
    increment[2] = 32'(happened_q.sweep && happened_q.phase == PhaseFree);
    increment[3] = 32'(happened_q.sweep && happened_q.phase == PhasePlus);
    increment[4] = 32'(happened_q.sweep && happened_q.phase == PhaseMinus);
    increment[5] = 32'(happened_q.sensed_a && happened_q.pass == PassDrive);
    increment[6] = 32'(relaxed && happened_q.phase == PhaseFree);
    increment[7] = 32'(relaxed && happened_q.phase != PhaseFree);
    increment[8] = 32'(hosted && happened_q.pass == PassLearn);
    increment[9] = 32'(hosted && (happened_q.pass == PassLoad || happened_q.pass == PassSave));
    if (happened_q.skip) begin
      unique case (happened_q.pass)
        PassDrive: increment[10] = 32'(skip_count_q);
        PassRelax: increment[11] = 32'(skip_count_q);
        PassLearn: increment[14] = 32'(skip_count_q);
        default:   ;
      endcase
    end
    if (happened_q.sample) increment[11] = relax_words;
    increment[12] = settled_increment;
    if (happened_q.gated) increment[13] = gated_words;
    increment[14] = increment[14] + 32'(happened_q.no_step);
    increment[15] = 32'(happened_q.digit);
    increment[16] = 32'(happened_q.extra);
    if (learnt) increment[18] = picked;
    else increment[17] = picked;
    increment[19] = 32'(happened_q.group && happened_q.update);
    if (happened_q.group) increment[20] = 32'($countones(new_changed_q));
    increment[21] = 32'(weights_changed_q);
    increment[22] = 32'(happened_q.programmed);
    if (happened_q.shot_set) increment[23] = first_cells;
    else increment[24] = first_cells;
    increment[25] = 32'(happened_q.shot);
    increment[26] = 32'(happened_q.failed);
    increment[27] = 32'(happened_q.late);
    increment[28] = 32'(happened_q.again);
    increment[29] = 32'(happened_q.in_drive);
    increment[30] = 32'(happened_q.in_free);
    increment[31] = 32'(happened_q.in_nudged);
    increment[32] = 32'(happened_q.in_learn);
    increment[33] = 32'(happened_q.wait_input);
    increment[34] = 32'(happened_q.wait_output);
    increment[35] = 32'(happened_q.wait_array);
    increment[36] = 32'(happened_q.sensed_b && happened_q.verify);
    if (happened_q.shot_set) increment[37] = more_cells;
    else increment[38] = more_cells;
    if (happened_q.fail) begin
      increment[39] = 32'(fail_set_q);
      increment[40] = 32'(fail_reset_q);
    end
    increment[41] = 32'(hosted && (happened_q.pass == PassScrub || happened_q.pass == PassTest));
    // The first shot drives every weak cell.
    if (happened_q.pass == PassScrub) increment[42] = first_cells;
  end

  logic unused;
  assign unused = ^{next_op, word_op, gather_tag, product_out};

  `EP_ASSERT(NoPulseInReset_A, array_program_o |-> rst_ni)
endmodule
