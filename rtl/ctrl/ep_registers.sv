// SPDX-License-Identifier: Apache-2.0
//
// ep_registers - the host's side of the core: AXI4-Lite, registers, commands, events, interrupt.
//
// Function   the register map of ep_regs.rdl (docs/registers.md), and who may write what when:
//            locked registers and starts only while the core is idle, a start only by itself
//            A register that changes without a write is an upset; while EVENT.upset is 1 nothing starts.
//            Bus and registers have their clock only while there is an access, an event or a pulse of
//            a command; what the host reads of the core passes by them.
// Latency    a command is a pulse one cycle after its write is taken; the core has to raise
//            status_i.busy at most 2 cycles after the pulse of a start. An event is in EVENT 2 cycles
//            after its pulse.
// Model      none: model/ctrl/regs.h has the addresses and fields, from the same source

`include "ep_assert.svh"

module ep_registers
  import ep_pkg::*;
#(
    // What the core was built with, for the host to read
    parameter int unsigned Lanes = 32,
    parameter int unsigned NeuronLanes = 4,
    parameter int unsigned Multipliers = 8,
    parameter int unsigned WeightBits = 8,
    parameter int unsigned MaxInputs = 1024,
    parameter int unsigned MaxStates = 2048,
    parameter int unsigned ArrayRows = 65536,
    parameter int unsigned SumBits = 32
) (
    input  logic                              clk_i,
    input  logic                              rst_ni,
    // From and to the host
    input  logic      [           11:0]       s_axil_awaddr_i,
    input  logic      [            2:0]       s_axil_awprot_i,
    input  logic                              s_axil_awvalid_i,
    output logic                              s_axil_awready_o,
    input  logic      [           31:0]       s_axil_wdata_i,
    input  logic      [            3:0]       s_axil_wstrb_i,
    input  logic                              s_axil_wvalid_i,
    output logic                              s_axil_wready_o,
    output logic      [            1:0]       s_axil_bresp_o,
    output logic                              s_axil_bvalid_o,
    input  logic                              s_axil_bready_i,
    input  logic      [           11:0]       s_axil_araddr_i,
    input  logic      [            2:0]       s_axil_arprot_i,
    input  logic                              s_axil_arvalid_i,
    output logic                              s_axil_arready_o,
    output logic      [           31:0]       s_axil_rdata_o,
    output logic      [            1:0]       s_axil_rresp_o,
    output logic                              s_axil_rvalid_o,
    input  logic                              s_axil_rready_i,
    output logic                              irq_o,              // level
    // To the core; config_o changes only while it is idle
    output config_t                           config_o,
    output command_t                          command_o,          // pulses
    // To and from ep_counters
    output logic                              counters_clear_o,   // pulse
    output logic                              counters_freeze_o,
    input  logic      [NumCounters-1:0][31:0] counters_i,
    // To and from ep_failure_log
    output logic                              failures_next_o,    // pulse
    output logic                              failures_clear_o,   // pulse
    input  failures_t                         failures_i,
    // From the core
    input  status_t                           status_i,
    input  event_t                            events_i,           // pulses; bus_error is added here
    output logic                              upset_o             // a register changed by itself
);
  import ep_regs_pkg::*;

  // Clock ///////////////////////////////////////////////////////////////////////////////////////

  // Nothing here changes without an access that waits, is in work or is answered, a pulse that ends,
  // or an event.
  logic clk, awake, access, pulses_q;
  event_t events_q;

  assign awake = s_axil_awvalid_i || s_axil_wvalid_i || s_axil_arvalid_i || access
                 || s_axil_bvalid_o || s_axil_rvalid_o || pulses_q || events_i != '0
                 || events_q != '0;

  ep_clock_gate u_clock_gate (
      .clk_i,
      .enable_i(awake),
      .clk_o(clk)
  );

  // Commands and other pulses of ep_regs follow an access and end with the next edge. Events come by
  // registers of this clock, so that all of ep_regs stands still without it.
  always_ff @(posedge clk or negedge rst_ni) begin
    if (!rst_ni) begin
      pulses_q <= 1'b0;
      events_q <= '0;
    end else begin
      pulses_q <= access;
      events_q <= events_i;
    end
  end

  // Bus /////////////////////////////////////////////////////////////////////////////////////////

  logic req, req_is_wr, refuse, err, bus_error;
  logic [11:0] addr;
  logic [31:0] wr_data, rd_data, core_data;
  logic rd_ack, rd_err, wr_ack, wr_err, counter_write, stall_rd, stall_wr;
  ep_regs__in_t  hwif_in;
  ep_regs__out_t hwif_out;

  ep_axi_lite #(
      .AddressBits(12)
  ) u_axi_lite (
      .clk_i      (clk),
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
      .access_o   (access),
      .req_o      (req),
      .req_is_wr_o(req_is_wr),
      .addr_o     (addr),
      .wr_data_o  (wr_data),
      .err_i      (err),
      .rd_data_i  (rd_data | core_data),
      .bus_error_o(bus_error)
  );

  ep_regs u_regs (
      .clk,
      .arst_n              (rst_ni),
      .s_cpuif_req         (req && !refuse),
      .s_cpuif_req_is_wr   (req_is_wr),
      .s_cpuif_addr        (addr),
      .s_cpuif_wr_data     (wr_data),
      .s_cpuif_wr_biten    ('1),
      .s_cpuif_req_stall_wr(stall_wr),
      .s_cpuif_req_stall_rd(stall_rd),
      .s_cpuif_rd_ack      (rd_ack),
      .s_cpuif_rd_err      (rd_err),
      .s_cpuif_rd_data     (rd_data),
      .s_cpuif_wr_ack      (wr_ack),
      .s_cpuif_wr_err      (wr_err),
      .hwif_in,
      .hwif_out
  );

  // What may be written when: 0x100 to 0x1FF only while the core is idle, and likewise a start in
  // CONTROL, that only by itself and not after an upset. The next access comes 2 cycles after a start at the earliest; the
  // core counts as busy then. Writes look at how it was in the cycle before. Addresses without a
  // register and read-only ones are ep_regs' errors.
  logic start, start_q, busy, busy_q, locked, starts, single;
  logic told_q;  // EVENT.upset
  assign start = command_o.train || command_o.infer || command_o.load || command_o.save
                 || command_o.scrub || command_o.test;
  assign busy = status_i.busy || start_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) start_q <= 1'b0;
    else start_q <= start;
  end
  always_ff @(posedge clk or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      told_q <= 1'b0;
    end else begin
      busy_q <= busy || start;
      told_q <= hwif_out.EVENT.upset.value;
    end
  end
  assign locked = addr[11:8] == 4'h1;
  assign starts = addr == 12'h020 && (wr_data[3:0] != '0 || wr_data[7:6] != '0);
  assign single = (wr_data & (wr_data - 32'd1)) == '0;
  assign refuse = req_is_wr && ((busy_q && (locked || starts)) || (starts && (!single || told_q)));
  assign err = refuse || rd_err || wr_err || counter_write || stall_rd;

  // Commands, events ////////////////////////////////////////////////////////////////////////////

  // A pulse without an access before it is an upset, and no command.
  assign command_o.train = hwif_out.CONTROL.train.value && pulses_q;
  assign command_o.infer = hwif_out.CONTROL.infer.value && pulses_q;
  assign command_o.load = hwif_out.CONTROL.load.value && pulses_q;
  assign command_o.save = hwif_out.CONTROL.save.value && pulses_q;
  assign command_o.stop = hwif_out.CONTROL.stop.value && pulses_q;
  assign command_o.soft_reset = hwif_out.CONTROL.soft_reset.value && pulses_q;
  assign command_o.scrub = hwif_out.CONTROL.scrub.value && pulses_q;
  assign command_o.test = hwif_out.CONTROL.test.value && pulses_q;

  assign hwif_in.EVENT.run_done.hwset = events_q.run_done;
  assign hwif_in.EVENT.load_done.hwset = events_q.load_done;
  assign hwif_in.EVENT.save_done.hwset = events_q.save_done;
  assign hwif_in.EVENT.stopped.hwset = events_q.stopped;
  assign hwif_in.EVENT.sample_rejected.hwset = events_q.sample_rejected;
  assign hwif_in.EVENT.bus_error.hwset = bus_error;
  assign hwif_in.EVENT.config_error.hwset = events_q.config_error;
  assign hwif_in.EVENT.program_failed.hwset = events_q.program_failed;
  assign hwif_in.EVENT.power_failed.hwset = events_q.power_failed;
  assign hwif_in.EVENT.scrub_done.hwset = events_q.scrub_done;
  assign hwif_in.EVENT.test_done.hwset = events_q.test_done;
  assign hwif_in.EVENT.timed_out.hwset = events_q.timed_out;
  assign hwif_in.EVENT.upset.hwset = events_q.upset;
  assign irq_o = hwif_out.EVENT.intr;

  // Cells that failed ///////////////////////////////////////////////////////////////////////////

  assign failures_next_o = hwif_out.FAILURE_NEXT.next.value;
  assign failures_clear_o = hwif_out.FAILURE_NEXT.clear.value;
  // The address belongs to the event: the first error after it was cleared writes it.
  logic [12:0] error_access_q;
  always_ff @(posedge clk or negedge rst_ni) begin
    if (!rst_ni) error_access_q <= '0;
    else if (bus_error && !hwif_out.EVENT.bus_error.value) error_access_q <= {req_is_wr, addr};
  end
  assign {hwif_in.BUS_ERROR_ADDRESS.write.next, hwif_in.BUS_ERROR_ADDRESS.address.next} =
      hwif_out.EVENT.bus_error.value ? error_access_q : '0;

  // Counters ////////////////////////////////////////////////////////////////////////////////////

  assign counters_clear_o = hwif_out.COUNTER_CONTROL.clear.value;
  assign counters_freeze_o = hwif_out.COUNTER_CONTROL.freeze.value;
  assign hwif_in.SAMPLES_REJECTED.samples.incr = events_q.sample_rejected;
  assign hwif_in.SAMPLES_REJECTED.samples.hwclr = counters_clear_o;
  assign hwif_in.BUS_ERRORS.accesses.incr = bus_error;
  assign hwif_in.BUS_ERRORS.accesses.hwclr = counters_clear_o;

  // Those of ep_counters are read-only; ep_regs leaves it to us to refuse the write of one.
  logic counter_read;
  assign counter_read = hwif_out.COUNTER.req && !hwif_out.COUNTER.req_is_wr;
  assign counter_write = hwif_out.COUNTER.req && hwif_out.COUNTER.req_is_wr;
  // ep_regs stalls only after an upset of the flip-flop that remembers an access without an answer.
  assign hwif_in.COUNTER.rd_ack = counter_read || stall_rd;
  assign hwif_in.COUNTER.rd_data = '0;
  assign hwif_in.COUNTER.wr_ack = counter_write;

  // What the core has now ///////////////////////////////////////////////////////////////////////

  // Past ep_regs, whose own answer is 0, to the response.
  ep_regs__STATUS__external__fields__in_t status;
  ep_regs__FAILURES__external__fields__in_t failures;
  ep_regs__FAILURE_ROW__external__fields__in_t failure_row;
  ep_regs__FAILURE_CELLS__external__fields__in_t failure_cells;
  assign hwif_in.STATUS = '{rd_ack: hwif_out.STATUS.req, rd_data: '0};
  assign hwif_in.FAILURES = '{rd_ack: hwif_out.FAILURES.req, rd_data: '0};
  assign hwif_in.FAILURE_ROW = '{rd_ack: hwif_out.FAILURE_ROW.req, rd_data: '0};
  assign hwif_in.FAILURE_CELLS = '{rd_ack: hwif_out.FAILURE_CELLS.req, rd_data: '0};

  always_comb begin
    status = '0;
    status.busy = busy;
    status.power_good = status_i.power_good;
    status.samples_ready = status_i.samples_ready;
    status.state = status_i.state;
    failures = '0;
    failures.count = failures_i.count;
    failures.lost = failures_i.lost;
    failure_row.row = failures_i.row;
    failure_cells = '0;
    failure_cells.cells = failures_i.cells;
    failure_cells.lane = failures_i.lane;
    core_data = '0;
    if (counter_read) core_data = counters_i[hwif_out.COUNTER.addr[7:2]];
    if (hwif_out.STATUS.req) core_data = status;
    if (hwif_out.FAILURES.req) core_data = failures;
    if (hwif_out.FAILURE_ROW.req) core_data = failure_row;
    if (hwif_out.FAILURE_CELLS.req) core_data = failure_cells;
  end

  // What this core is ///////////////////////////////////////////////////////////////////////////

  assign hwif_in.VERSION.patch.next = Version[7:0];
  assign hwif_in.VERSION.minor.next = Version[15:8];
  assign hwif_in.VERSION.major.next = Version[31:16];
  assign hwif_in.HW_LANES.lanes.next = 8'(Lanes);
  assign hwif_in.HW_LANES.neuron_lanes.next = 8'(NeuronLanes);
  assign hwif_in.HW_LANES.multipliers.next = 8'(Multipliers);
  assign hwif_in.HW_LANES.weight_bits.next = 8'(WeightBits);
  assign hwif_in.HW_STATES.max_inputs.next = 16'(MaxInputs);
  assign hwif_in.HW_STATES.max_states.next = 16'(MaxStates);
  assign hwif_in.HW_ARRAY.array_rows.next = 32'(ArrayRows);
  assign hwif_in.HW_SIZES.sum_bits.next = 8'(SumBits);
  assign hwif_in.HW_SIZES.populations.next = 8'(NumPopulations);
  assign hwif_in.HW_SIZES.projections.next = 8'(NumProjections);
  assign hwif_in.HW_SIZES.counters.next = 8'(NumCounters);

  // The run, the network, the accesses of the array /////////////////////////////////////////////

  assign config_o.samples = hwif_out.SAMPLES.samples.value;
  assign config_o.populations = hwif_out.NETWORK.populations.value;
  assign config_o.projections = hwif_out.NETWORK.projections.value;
  assign config_o.gain_max = hwif_out.NETWORK.gain_max.value;
  assign config_o.input_scale = scale_e'(hwif_out.NETWORK.input_scale.value);
  assign config_o.free_sweeps = hwif_out.RELAXATION.free_sweeps.value;
  assign config_o.nudged_sweeps = hwif_out.RELAXATION.nudged_sweeps.value;
  assign config_o.nudge_shift = hwif_out.RELAXATION.nudge_shift.value;
  assign config_o.error_gate = hwif_out.LEARNING.error_gate.value;
  assign config_o.learning_rate = hwif_out.LEARNING.learning_rate.value;
  assign config_o.stochastic = hwif_out.LEARNING.stochastic.value;
  assign config_o.random = hwif_out.RANDOM.random.value;
  assign config_o.sensing.precharge = hwif_out.TIMING.precharge.value;
  assign config_o.sensing.cycles = hwif_out.TIMING.sense.value;
  assign config_o.programming.pulse = hwif_out.PULSE.pulse.value;
  assign config_o.sensing.late = late_e'(hwif_out.LATE.policy.value);
  assign config_o.sensing.re_reads = hwif_out.LATE.re_reads.value;
  assign config_o.programming.verify = hwif_out.PROGRAM.verify.value;
  assign config_o.programming.self_timed = hwif_out.PROGRAM.self_timed.value;
  assign config_o.programming.shrink = hwif_out.PROGRAM.shrink.value;
  for (genvar i = 0; i < int'(NumSpares); i++) begin : gen_spare
    assign config_o.spare[i].used = hwif_out.SPARE[i].used.value;
    assign config_o.spare[i].row  = hwif_out.SPARE[i].row.value;
  end
  assign config_o.time_limit = hwif_out.TIME_LIMIT.cycles.value;
  assign config_o.test.value = hwif_out.TEST.value.value;
  assign config_o.test.invert = hwif_out.TEST.invert.value;
  assign config_o.test.margin = hwif_out.TEST.margin.value;
  assign config_o.programming.shots = hwif_out.PROGRAM.shots.value;
  for (genvar i = 0; i < NumShots; i++) begin : gen_shot
    assign config_o.programming.set[i].level = hwif_out.SHOT[i].set_level.value;
    assign config_o.programming.set[i].length = hwif_out.SHOT[i].set_length.value;
    assign config_o.programming.reset[i].level = hwif_out.SHOT[i].reset_level.value;
    assign config_o.programming.reset[i].length = hwif_out.SHOT[i].reset_length.value;
  end

  for (genvar i = 0; i < NumPopulations; i++) begin : gen_population
    assign config_o.population[i].size  = hwif_out.POPULATION[i].size.value;
    assign config_o.population[i].block = hwif_out.POPULATION[i].block.value;
  end

  for (genvar i = 0; i < NumProjections; i++) begin : gen_projection
    assign config_o.projection[i].base = hwif_out.PROJECTION[i].BASE.row.value;
    assign config_o.projection[i].a = hwif_out.PROJECTION[i].PARAMETERS.a.value;
    assign config_o.projection[i].b = hwif_out.PROJECTION[i].PARAMETERS.b.value;
    assign config_o.projection[i].gain_shift = hwif_out.PROJECTION[i].PARAMETERS.gain_shift.value;
    assign config_o.projection[i].learning_shift =
        hwif_out.PROJECTION[i].PARAMETERS.learning_shift.value;
    assign config_o.projection[i].learn = hwif_out.PROJECTION[i].PARAMETERS.learn.value;
  end

  // Registers that change by themselves ///////////////////////////////////////////////////////////

  // They are written with the edge after a write is taken; their clock may stand still, this one's not.
  localparam int unsigned GuardBits = $bits(config_t) + 12;
  logic [GuardBits-1:0] guarded;
  assign guarded = {
    config_o,
    hwif_out.EVENT_ENABLE.run_done.value,
    hwif_out.EVENT_ENABLE.load_done.value,
    hwif_out.EVENT_ENABLE.save_done.value,
    hwif_out.EVENT_ENABLE.stopped.value,
    hwif_out.EVENT_ENABLE.sample_rejected.value,
    hwif_out.EVENT_ENABLE.bus_error.value,
    hwif_out.EVENT_ENABLE.config_error.value,
    hwif_out.EVENT_ENABLE.program_failed.value,
    hwif_out.EVENT_ENABLE.power_failed.value,
    hwif_out.EVENT_ENABLE.scrub_done.value,
    hwif_out.EVENT_ENABLE.test_done.value,
    hwif_out.EVENT_ENABLE.timed_out.value
  };

  ep_guard #(
      .Width(GuardBits)
  ) u_guard (
      .clk_i,
      .rst_ni,
      .free_i (req && req_is_wr && !refuse),
      .load_i (1'b0),
      .next_i ('0),
      .value_i(guarded),
      .upset_o
  );

  logic unused;
  assign unused = ^{stall_wr, events_q.bus_error, hwif_out.COUNTER.addr[1:0],
                    hwif_out.COUNTER.wr_data, hwif_out.COUNTER.wr_biten, hwif_out.STATUS.req_is_wr,
                    hwif_out.FAILURES.req_is_wr, hwif_out.FAILURE_ROW.req_is_wr,
                    hwif_out.FAILURE_CELLS.req_is_wr};

  `EP_PARAMETER(LanesFit, Lanes >= 1 && Lanes < 256)
  `EP_PARAMETER(NeuronLanesFit, NeuronLanes >= 1 && NeuronLanes < 256)
  `EP_PARAMETER(MultipliersFit, Multipliers >= 1 && Multipliers < 256)
  `EP_PARAMETER(StatesFit, MaxInputs < 65536 && MaxStates < 65536)
  `EP_ASSERT(AnswersAtOnce_A, (rd_ack || wr_ack) == (req && !refuse) && !stall_rd && !stall_wr)
  `EP_ASSERT(OneStart_A, !start || $onehot0(command_o))
endmodule
