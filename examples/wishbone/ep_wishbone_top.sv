// SPDX-License-Identifier: Apache-2.0
//
// ep_wishbone_top - ep_top behind one Wishbone slave: what a small SoC instantiates.
//
// Function   wiring; for a chip put ep_core and the array macro in the place of ep_top
// Formats    those of ep_wishbone
// Latency    see ep_wishbone

module ep_wishbone_top #(
    parameter int unsigned Lanes       = 16,
    parameter int unsigned NeuronLanes = 8,
    parameter int unsigned Multipliers = 8,
    parameter int unsigned MaxInputs   = 64,
    parameter int unsigned MaxStates   = 256,
    parameter int unsigned ArrayRows   = 1024
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        power_good_i,  // of the array
    input  logic        wb_cyc_i,
    input  logic        wb_stb_i,
    input  logic        wb_we_i,
    input  logic [12:2] wb_adr_i,
    input  logic [31:0] wb_dat_i,
    input  logic [ 3:0] wb_sel_i,
    output logic [31:0] wb_dat_o,
    output logic        wb_ack_o,
    output logic        wb_err_o,
    output logic        irq_o
);
  logic [11:0] awaddr, araddr;
  logic [2:0] awprot, arprot;
  logic awvalid, awready, wvalid, wready, bvalid, bready, arvalid, arready, rvalid, rready;
  logic [31:0] wdata, rdata;
  logic [3:0] wstrb;
  logic [1:0] bresp, rresp;
  logic sample_tvalid, sample_tready, sample_tlast, outcome_tvalid, outcome_tready;
  logic [7:0] sample_tdata;
  logic [31:0] outcome_tdata, load_tdata, save_tdata;
  logic load_tvalid, load_tready, save_tvalid, save_tready, save_tlast;
  // Observation, left open.
  logic trace_sense, trace_program, trace_update;
  logic [$clog2(MaxStates / NeuronLanes)-1:0] trace_group;
  logic [NeuronLanes*8-1:0] trace_states;
  logic [1:0] trace_phase;
  logic [7:0] trace_sweep;
  logic unused_outputs;
  assign unused_outputs = ^{
    save_tlast,
    trace_sense,
    trace_program,
    trace_update,
    trace_group,
    trace_states,
    trace_phase,
    trace_sweep
  };

  ep_wishbone u_wishbone (
      .clk_i,
      .rst_ni,
      .wb_cyc_i,
      .wb_stb_i,
      .wb_we_i,
      .wb_adr_i,
      .wb_dat_i,
      .wb_sel_i,
      .wb_dat_o,
      .wb_ack_o,
      .wb_err_o,
      .m_axil_awaddr_o        (awaddr),
      .m_axil_awprot_o        (awprot),
      .m_axil_awvalid_o       (awvalid),
      .m_axil_awready_i       (awready),
      .m_axil_wdata_o         (wdata),
      .m_axil_wstrb_o         (wstrb),
      .m_axil_wvalid_o        (wvalid),
      .m_axil_wready_i        (wready),
      .m_axil_bresp_i         (bresp),
      .m_axil_bvalid_i        (bvalid),
      .m_axil_bready_o        (bready),
      .m_axil_araddr_o        (araddr),
      .m_axil_arprot_o        (arprot),
      .m_axil_arvalid_o       (arvalid),
      .m_axil_arready_i       (arready),
      .m_axil_rdata_i         (rdata),
      .m_axil_rresp_i         (rresp),
      .m_axil_rvalid_i        (rvalid),
      .m_axil_rready_o        (rready),
      .m_axis_sample_tvalid_o (sample_tvalid),
      .m_axis_sample_tready_i (sample_tready),
      .m_axis_sample_tdata_o  (sample_tdata),
      .m_axis_sample_tlast_o  (sample_tlast),
      .s_axis_outcome_tvalid_i(outcome_tvalid),
      .s_axis_outcome_tready_o(outcome_tready),
      .s_axis_outcome_tdata_i (outcome_tdata),
      .m_axis_weight_tvalid_o (load_tvalid),
      .m_axis_weight_tready_i (load_tready),
      .m_axis_weight_tdata_o  (load_tdata),
      .s_axis_weight_tvalid_i (save_tvalid),
      .s_axis_weight_tready_o (save_tready),
      .s_axis_weight_tdata_i  (save_tdata)
  );

  ep_top #(
      .Lanes      (Lanes),
      .NeuronLanes(NeuronLanes),
      .Multipliers(Multipliers),
      .MaxInputs  (MaxInputs),
      .MaxStates  (MaxStates),
      .ArrayRows  (ArrayRows)
  ) u_top (
      .clk_i,
      .rst_ni,
      .power_good_i,
      .s_axil_awaddr_i        (awaddr),
      .s_axil_awprot_i        (awprot),
      .s_axil_awvalid_i       (awvalid),
      .s_axil_awready_o       (awready),
      .s_axil_wdata_i         (wdata),
      .s_axil_wstrb_i         (wstrb),
      .s_axil_wvalid_i        (wvalid),
      .s_axil_wready_o        (wready),
      .s_axil_bresp_o         (bresp),
      .s_axil_bvalid_o        (bvalid),
      .s_axil_bready_i        (bready),
      .s_axil_araddr_i        (araddr),
      .s_axil_arprot_i        (arprot),
      .s_axil_arvalid_i       (arvalid),
      .s_axil_arready_o       (arready),
      .s_axil_rdata_o         (rdata),
      .s_axil_rresp_o         (rresp),
      .s_axil_rvalid_o        (rvalid),
      .s_axil_rready_i        (rready),
      .irq_o,
      .s_axis_sample_tvalid_i (sample_tvalid),
      .s_axis_sample_tready_o (sample_tready),
      .s_axis_sample_tdata_i  (sample_tdata),
      .s_axis_sample_tlast_i  (sample_tlast),
      .m_axis_outcome_tvalid_o(outcome_tvalid),
      .m_axis_outcome_tready_i(outcome_tready),
      .m_axis_outcome_tdata_o (outcome_tdata),
      .s_axis_weight_tvalid_i (load_tvalid),
      .s_axis_weight_tready_o (load_tready),
      .s_axis_weight_tdata_i  (load_tdata),
      .m_axis_weight_tvalid_o (save_tvalid),
      .m_axis_weight_tready_i (save_tready),
      .m_axis_weight_tdata_o  (save_tdata),
      .m_axis_weight_tlast_o  (save_tlast),
      .trace_sense_o          (trace_sense),
      .trace_program_o        (trace_program),
      .trace_update_o         (trace_update),
      .trace_group_o          (trace_group),
      .trace_states_o         (trace_states),
      .trace_phase_o          (trace_phase),
      .trace_sweep_o          (trace_sweep)
  );
endmodule
