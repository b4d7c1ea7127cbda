// SPDX-License-Identifier: Apache-2.0
//
// ep_top - ep_core and the behavioural array: the whole machine for any simulator.
//
// Function   wiring; replace ep_array by a macro with the same port (docs/integration.md)
// Formats    plain vectors on all ports, those of ep_core but for the array port
// Latency    see the blocks
// Model      model/top/core.h, bit exact

module ep_top #(
    parameter  int unsigned Lanes       = 32,
    parameter  int unsigned NeuronLanes = 8,
    parameter  int unsigned Multipliers = 8,
    parameter  int unsigned WeightBits  = 8,
    parameter  int unsigned MaxInputs   = 1024,
    parameter  int unsigned MaxStates   = 2048,
    parameter  int unsigned ArrayRows   = 131072,
    parameter  int unsigned SumBits     = 32,
    localparam int unsigned Columns     = Lanes * WeightBits,
    localparam int unsigned AddrBits    = $clog2(ArrayRows),
    localparam int unsigned GroupBits   = $clog2(MaxStates / NeuronLanes)
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
    // Trace: what happens, for those who compare
    output logic                     trace_sense_o,            // a sense ends
    output logic                     trace_program_o,          // a pulse ends: array_prog_*
    output logic                     trace_update_o,           // a neuron group was updated
    output logic [    GroupBits-1:0] trace_group_o,
    output logic [NeuronLanes*8-1:0] trace_states_o,
    output logic [              1:0] trace_phase_o,
    output logic [              7:0] trace_sweep_o
);
  logic [AddrBits-1:0] array_row;
  logic array_precharge, array_sense, array_xnor_en, array_program, array_ready;
  logic [Columns-1:0] array_xnor_x, array_q, array_late, array_prog_d, array_prog_mask;
  logic [2:0] array_prog_level;

  ep_core #(
      .Lanes(Lanes),
      .NeuronLanes(NeuronLanes),
      .Multipliers(Multipliers),
      .WeightBits(WeightBits),
      .MaxInputs(MaxInputs),
      .MaxStates(MaxStates),
      .ArrayRows(ArrayRows),
      .SumBits(SumBits)
  ) u_core (
      .clk_i,
      .rst_ni,
      .power_good_i,
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
      .s_axis_sample_tvalid_i,
      .s_axis_sample_tready_o,
      .s_axis_sample_tdata_i,
      .s_axis_sample_tlast_i,
      .m_axis_outcome_tvalid_o,
      .m_axis_outcome_tready_i,
      .m_axis_outcome_tdata_o,
      .s_axis_weight_tvalid_i,
      .s_axis_weight_tready_o,
      .s_axis_weight_tdata_i,
      .m_axis_weight_tvalid_o,
      .m_axis_weight_tready_i,
      .m_axis_weight_tdata_o,
      .m_axis_weight_tlast_o,
      .array_row_o(array_row),
      .array_precharge_o(array_precharge),
      .array_sense_o(array_sense),
      .array_xnor_en_o(array_xnor_en),
      .array_xnor_x_o(array_xnor_x),
      .array_q_i(array_q),
      .array_late_i(array_late),
      .array_program_o(array_program),
      .array_prog_d_o(array_prog_d),
      .array_prog_mask_o(array_prog_mask),
      .array_prog_level_o(array_prog_level),
      .array_ready_i(array_ready),
      .trace_sense_o,
      .trace_program_o,
      .trace_update_o,
      .trace_group_o,
      .trace_states_o,
      .trace_phase_o,
      .trace_sweep_o
  );

  ep_array #(
      .Columns(Columns),
      .Rows(ArrayRows)
  ) u_array (
      .clk_i,
      .rst_ni,
      .row_i       (array_row),
      .precharge_i (array_precharge),
      .sense_i     (array_sense),
      .xnor_en_i   (array_xnor_en),
      .xnor_x_i    (array_xnor_x),
      .q_o         (array_q),
      .late_o      (array_late),
      .program_i   (array_program),
      .prog_d_i    (array_prog_d),
      .prog_mask_i (array_prog_mask),
      .prog_level_i(array_prog_level),
      .ready_o     (array_ready)
  );
endmodule
