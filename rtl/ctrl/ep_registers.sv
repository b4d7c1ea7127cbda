// SPDX-License-Identifier: Apache-2.0
//
// ep_registers - the host's side of the core: AXI4-Lite, registers, commands, events, interrupt.
//
// Function   the register map of ep_regs.rdl (docs/registers.md), and who may write what when:
//            locked registers and starts only while the core is idle, a start only by itself
// Latency    a command is a pulse one cycle after its write is taken; the core has to raise
//            status_i.busy at most 2 cycles after the pulse of a start
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
    input  logic                             clk_i,
    input  logic                             rst_ni,
    // From and to the host
    input  logic     [           11:0]       s_axil_awaddr_i,
    input  logic     [            2:0]       s_axil_awprot_i,
    input  logic                             s_axil_awvalid_i,
    output logic                             s_axil_awready_o,
    input  logic     [           31:0]       s_axil_wdata_i,
    input  logic     [            3:0]       s_axil_wstrb_i,
    input  logic                             s_axil_wvalid_i,
    output logic                             s_axil_wready_o,
    output logic     [            1:0]       s_axil_bresp_o,
    output logic                             s_axil_bvalid_o,
    input  logic                             s_axil_bready_i,
    input  logic     [           11:0]       s_axil_araddr_i,
    input  logic     [            2:0]       s_axil_arprot_i,
    input  logic                             s_axil_arvalid_i,
    output logic                             s_axil_arready_o,
    output logic     [           31:0]       s_axil_rdata_o,
    output logic     [            1:0]       s_axil_rresp_o,
    output logic                             s_axil_rvalid_o,
    input  logic                             s_axil_rready_i,
    output logic                             irq_o,              // level
    // To the core; config_o changes only while it is idle
    output config_t                          config_o,
    output command_t                         command_o,          // pulses
    // To and from ep_counters
    output logic                             counters_clear_o,   // pulse
    output logic                             counters_freeze_o,
    input  logic     [NumCounters-1:0][31:0] counters_i,
    // From the core
    input  status_t                          status_i,
    input  event_t                           events_i            // pulses; bus_error is added here
);
  import ep_regs_pkg::*;

  // Bus /////////////////////////////////////////////////////////////////////////////////////////

  logic req, req_is_wr, err, bus_error, busy;
  logic [11:0] addr;
  logic [31:0] wr_data, rd_data;
  regs_in_t  regs_in;
  regs_out_t regs_out;

  ep_axi_lite #(
      .AddressBits(12)
  ) u_axi_lite (
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
      .req_o      (req),
      .req_is_wr_o(req_is_wr),
      .addr_o     (addr),
      .wr_data_o  (wr_data),
      .err_i      (err),
      .rd_data_i  (rd_data),
      .bus_error_o(bus_error)
  );

  ep_regs u_regs (
      .clk_i,
      .rst_ni,
      .req_i      (req),
      .req_is_wr_i(req_is_wr),
      .addr_i     (addr),
      .wr_data_i  (wr_data),
      .rd_data_o  (rd_data),
      .err_o      (err),
      .busy_i     (busy),
      .counter_i  (counters_i),
      .regs_i     (regs_in),
      .regs_o     (regs_out)
  );

  // The next access comes 2 cycles after a start at the earliest; the core counts as busy then.
  logic start, start_q;
  assign start = command_o.train || command_o.infer || command_o.load || command_o.save;
  assign busy = status_i.busy || start_q;

  // Commands, events, counters //////////////////////////////////////////////////////////////////

  assign command_o.train = regs_out.control.train;
  assign command_o.infer = regs_out.control.infer;
  assign command_o.load = regs_out.control.load;
  assign command_o.save = regs_out.control.save;
  assign command_o.stop = regs_out.control.stop;
  assign command_o.soft_reset = regs_out.control.soft_reset;
  assign counters_clear_o = regs_out.counter_control.clear;
  assign counters_freeze_o = regs_out.counter_control.freeze;
  assign irq_o = |(regs_out.event_reg & regs_out.event_enable);

  // The address belongs to the event: the first error after it was cleared writes it.
  logic [12:0] error_access_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      start_q        <= 1'b0;
      error_access_q <= '0;
    end else begin
      start_q <= start;
      if (bus_error && !regs_out.event_reg.bus_error) error_access_q <= {req_is_wr, addr};
    end
  end

  assign regs_in.status.busy = busy;
  assign regs_in.status.samples_ready = status_i.samples_ready;
  assign regs_in.status.state = status_i.state;
  assign regs_in.event_reg.run_done = events_i.run_done;
  assign regs_in.event_reg.load_done = events_i.load_done;
  assign regs_in.event_reg.save_done = events_i.save_done;
  assign regs_in.event_reg.stopped = events_i.stopped;
  assign regs_in.event_reg.sample_rejected = events_i.sample_rejected;
  assign regs_in.event_reg.bus_error = bus_error;
  assign regs_in.event_reg.config_error = events_i.config_error;
  assign regs_in.event_reg.program_failed = events_i.program_failed;
  assign regs_in.samples_rejected.samples_increment = events_i.sample_rejected;
  assign regs_in.samples_rejected.samples_clear = counters_clear_o;
  assign regs_in.bus_errors.accesses_increment = bus_error;
  assign regs_in.bus_errors.accesses_clear = counters_clear_o;
  assign {regs_in.bus_error_address.write, regs_in.bus_error_address.address} =
      regs_out.event_reg.bus_error ? error_access_q : '0;

  // What this core is ///////////////////////////////////////////////////////////////////////////

  assign regs_in.version.patch = Version[7:0];
  assign regs_in.version.minor = Version[15:8];
  assign regs_in.version.major = Version[31:16];
  assign regs_in.hw_lanes.lanes = 8'(Lanes);
  assign regs_in.hw_lanes.neuron_lanes = 8'(NeuronLanes);
  assign regs_in.hw_lanes.multipliers = 8'(Multipliers);
  assign regs_in.hw_lanes.weight_bits = 8'(WeightBits);
  assign regs_in.hw_states.max_inputs = 16'(MaxInputs);
  assign regs_in.hw_states.max_states = 16'(MaxStates);
  assign regs_in.hw_array.array_rows = 32'(ArrayRows);
  assign regs_in.hw_sizes.sum_bits = 8'(SumBits);
  assign regs_in.hw_sizes.populations = 8'(NumPopulations);
  assign regs_in.hw_sizes.projections = 8'(NumProjections);
  assign regs_in.hw_sizes.counters = 8'(NumCounters);

  // The run, the network, the timing of the array ///////////////////////////////////////////////

  assign config_o.samples = regs_out.samples.samples;
  assign config_o.populations = regs_out.network.populations;
  assign config_o.projections = regs_out.network.projections;
  assign config_o.gain_max = regs_out.network.gain_max;
  assign config_o.input_scale = scale_e'(regs_out.network.input_scale);
  assign config_o.free_sweeps = regs_out.relaxation.free_sweeps;
  assign config_o.nudged_sweeps = regs_out.relaxation.nudged_sweeps;
  assign config_o.nudge_shift = regs_out.relaxation.nudge_shift;
  assign config_o.error_gate = regs_out.learning.error_gate;
  assign config_o.learning_rate = regs_out.learning.learning_rate;
  assign config_o.precharge = regs_out.timing.precharge;
  assign config_o.sense = regs_out.timing.sense;
  assign config_o.pulse = regs_out.pulse.pulse;

  for (genvar i = 0; i < NumPopulations; i++) begin : gen_population
    assign config_o.population[i].size  = regs_out.population[i].size;
    assign config_o.population[i].block = regs_out.population[i].block;
  end

  for (genvar i = 0; i < NumProjections; i++) begin : gen_projection
    assign config_o.projection[i].base = regs_out.projection_base[i].row;
    assign config_o.projection[i].a = regs_out.projection_parameters[i].a;
    assign config_o.projection[i].b = regs_out.projection_parameters[i].b;
    assign config_o.projection[i].gain_shift = regs_out.projection_parameters[i].gain_shift;
    assign config_o.projection[i].learning_shift = regs_out.projection_parameters[i].learning_shift;
    assign config_o.projection[i].learn = regs_out.projection_parameters[i].learn;
  end

  logic unused_event;
  assign unused_event = events_i.bus_error;

  `EP_PARAMETER(LanesFit, Lanes >= 1 && Lanes < 256)
  `EP_PARAMETER(NeuronLanesFit, NeuronLanes >= 1 && NeuronLanes < 256)
  `EP_PARAMETER(MultipliersFit, Multipliers >= 1 && Multipliers < 256)
  `EP_PARAMETER(StatesFit, MaxInputs < 65536 && MaxStates < 65536)
  `EP_ASSERT(OneStart_A, !start || (6'(command_o) & (6'(command_o) - 6'd1)) == '0)
endmodule
