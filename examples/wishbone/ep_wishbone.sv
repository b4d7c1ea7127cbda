// SPDX-License-Identifier: Apache-2.0
//
// ep_wishbone - one Wishbone B4 slave for everything that a host does with ep_core.
//
// Function   registers over AXI4-Lite, samples, outcomes and weights over AXI-Stream, a beat an access
// Formats    32-bit port, 8 KiB; wb_adr_i counts words
//              0x0000..0x0fff  registers of the core; an access that the core refuses gets err
//              0x1000  STREAMS  read: [0] a sample beat fits, [1] an outcome waits,
//                               [2] a weight beat fits, [3] a weight beat waits
//              0x1004  SAMPLE   write: [7:0] code or class, [8] last of the sample
//              0x1008  OUTCOME  read: takes one
//              0x100c  WEIGHT   write: four weights of a load; read: takes four of a save
//            SAMPLE, OUTCOME and WEIGHT get err where STREAMS says no: nothing is written or taken,
//            and no access waits for a stream
// Latency    2 cycles for streams, 4 for registers of ep_core; one access at a time, ack or err for one cycle
// Bus        classic cycles (B4 3.2); a master that ends a cycle early gets no answer, and a register
//            access that the core has begun to see is finished without it

`include "ep_assert.svh"

module ep_wishbone (
    input  logic        clk_i,
    input  logic        rst_ni,
    // Wishbone
    input  logic        wb_cyc_i,
    input  logic        wb_stb_i,
    input  logic        wb_we_i,
    input  logic [12:2] wb_adr_i,
    input  logic [31:0] wb_dat_i,
    input  logic [ 3:0] wb_sel_i,
    output logic [31:0] wb_dat_o,
    output logic        wb_ack_o,
    output logic        wb_err_o,
    // To the registers of the core
    output logic [11:0] m_axil_awaddr_o,
    output logic [ 2:0] m_axil_awprot_o,
    output logic        m_axil_awvalid_o,
    input  logic        m_axil_awready_i,
    output logic [31:0] m_axil_wdata_o,
    output logic [ 3:0] m_axil_wstrb_o,
    output logic        m_axil_wvalid_o,
    input  logic        m_axil_wready_i,
    input  logic [ 1:0] m_axil_bresp_i,
    input  logic        m_axil_bvalid_i,
    output logic        m_axil_bready_o,
    output logic [11:0] m_axil_araddr_o,
    output logic [ 2:0] m_axil_arprot_o,
    output logic        m_axil_arvalid_o,
    input  logic        m_axil_arready_i,
    input  logic [31:0] m_axil_rdata_i,
    input  logic [ 1:0] m_axil_rresp_i,
    input  logic        m_axil_rvalid_i,
    output logic        m_axil_rready_o,
    // To and from the streams of the core
    output logic        m_axis_sample_tvalid_o,
    input  logic        m_axis_sample_tready_i,
    output logic [ 7:0] m_axis_sample_tdata_o,
    output logic        m_axis_sample_tlast_o,
    input  logic        s_axis_outcome_tvalid_i,
    output logic        s_axis_outcome_tready_o,
    input  logic [31:0] s_axis_outcome_tdata_i,
    output logic        m_axis_weight_tvalid_o,
    input  logic        m_axis_weight_tready_i,
    output logic [31:0] m_axis_weight_tdata_o,
    input  logic        s_axis_weight_tvalid_i,
    output logic        s_axis_weight_tready_o,
    input  logic [31:0] s_axis_weight_tdata_i
);
  // Words of the streams.
  localparam logic [11:2] StreamsWord = 10'd0;
  localparam logic [11:2] SampleWord = 10'd1;
  localparam logic [11:2] OutcomeWord = 10'd2;
  localparam logic [11:2] WeightWord = 10'd3;

  typedef enum logic [1:0] {
    StIdle     = 2'd0,
    StStream   = 2'd1,
    StRegister = 2'd2
  } state_e;

  state_e state_q, state_d;
  logic        we_q;
  logic [11:2] adr_q;
  logic [31:0] dat_q;
  logic [ 3:0] sel_q;
  logic        dropped_q;  // the master has ended the cycle: no answer

  // Of what the core must still take.
  logic awvalid_q, wvalid_q, arvalid_q;
  logic sample_valid_q, weight_valid_q;
  logic [ 8:0] sample_q;
  logic [31:0] weight_q;

  logic request, begins, answered;
  assign request  = wb_cyc_i && wb_stb_i;
  // Not in the cycle of an answer, where the access that was answered still stands.
  assign begins   = state_q == StIdle && request && !wb_ack_o && !wb_err_o;
  assign answered = m_axil_bvalid_i || m_axil_rvalid_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waits for an access.
      StIdle: if (begins) state_d = wb_adr_i[12] ? StStream : StRegister;
      // Reads or writes the word of a stream.
      StStream: state_d = StIdle;
      // Waits for the response of the core.
      StRegister: if (answered) state_d = StIdle;
      default: state_d = StIdle;
    endcase
  end

  // What an access to a stream does.
  logic take_sample, take_weight, give_outcome, give_weight, stream_okay;
  logic [31:0] stream_data;
  logic whole;
  assign whole = sel_q == 4'b1111;

  always_comb begin
    take_sample  = 1'b0;
    take_weight  = 1'b0;
    give_outcome = 1'b0;
    give_weight  = 1'b0;
    stream_data  = '0;
    stream_okay  = 1'b0;
    unique case (adr_q)
      StreamsWord: begin
        stream_data = {
          28'b0, s_axis_weight_tvalid_i, !weight_valid_q, s_axis_outcome_tvalid_i, !sample_valid_q
        };
        stream_okay = !we_q;
      end
      SampleWord: begin
        take_sample = we_q && whole && !sample_valid_q;
        stream_okay = take_sample;
      end
      OutcomeWord: begin
        give_outcome = !we_q && s_axis_outcome_tvalid_i;
        stream_data  = s_axis_outcome_tdata_i;
        stream_okay  = give_outcome;
      end
      WeightWord: begin
        take_weight = we_q && whole && !weight_valid_q;
        give_weight = !we_q && s_axis_weight_tvalid_i;
        stream_data = s_axis_weight_tdata_i;
        stream_okay = take_weight || give_weight;
      end
      default: stream_okay = 1'b0;
    endcase
  end

  // Nothing happens for a master that is gone.
  logic acts;
  assign acts = state_q == StStream && request;
  assign s_axis_outcome_tready_o = acts && give_outcome;
  assign s_axis_weight_tready_o = acts && give_weight;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q        <= StIdle;
      we_q           <= 1'b0;
      adr_q          <= '0;
      dat_q          <= '0;
      sel_q          <= '0;
      dropped_q      <= 1'b0;
      awvalid_q      <= 1'b0;
      wvalid_q       <= 1'b0;
      arvalid_q      <= 1'b0;
      sample_valid_q <= 1'b0;
      weight_valid_q <= 1'b0;
      sample_q       <= '0;
      weight_q       <= '0;
      wb_ack_o       <= 1'b0;
      wb_err_o       <= 1'b0;
      wb_dat_o       <= '0;
    end else begin
      state_q <= state_d;
      if (begins) begin
        we_q      <= wb_we_i;
        adr_q     <= wb_adr_i[11:2];
        dat_q     <= wb_dat_i;
        sel_q     <= wb_sel_i;
        awvalid_q <= !wb_adr_i[12] && wb_we_i;
        wvalid_q  <= !wb_adr_i[12] && wb_we_i;
        arvalid_q <= !wb_adr_i[12] && !wb_we_i;
      end else begin
        if (m_axil_awready_i) awvalid_q <= 1'b0;
        if (m_axil_wready_i) wvalid_q <= 1'b0;
        if (m_axil_arready_i) arvalid_q <= 1'b0;
      end
      dropped_q <= !begins && (dropped_q || !request);
      wb_ack_o  <= 1'b0;
      wb_err_o  <= 1'b0;
      if (acts) begin
        wb_ack_o <= stream_okay;
        wb_err_o <= !stream_okay;
        wb_dat_o <= stream_data;
      end
      if (state_q == StRegister && answered && request && !dropped_q) begin
        wb_ack_o <= !(we_q ? m_axil_bresp_i[1] : m_axil_rresp_i[1]);
        wb_err_o <= we_q ? m_axil_bresp_i[1] : m_axil_rresp_i[1];
        wb_dat_o <= m_axil_rdata_i;
      end
      if (acts && take_sample) begin
        sample_valid_q <= 1'b1;
        sample_q       <= dat_q[8:0];
      end else if (m_axis_sample_tready_i) begin
        sample_valid_q <= 1'b0;
      end
      if (acts && take_weight) begin
        weight_valid_q <= 1'b1;
        weight_q       <= dat_q;
      end else if (m_axis_weight_tready_i) begin
        weight_valid_q <= 1'b0;
      end
    end
  end

  assign m_axil_awvalid_o = awvalid_q;
  assign m_axil_awaddr_o = {adr_q, 2'b00};
  assign m_axil_awprot_o = 3'b000;
  assign m_axil_wvalid_o = wvalid_q;
  assign m_axil_wdata_o = dat_q;
  assign m_axil_wstrb_o = sel_q;
  assign m_axil_bready_o = 1'b1;
  assign m_axil_arvalid_o = arvalid_q;
  assign m_axil_araddr_o = {adr_q, 2'b00};
  assign m_axil_arprot_o = 3'b000;
  assign m_axil_rready_o = 1'b1;
  assign m_axis_sample_tvalid_o = sample_valid_q;
  assign m_axis_sample_tdata_o = sample_q[7:0];
  assign m_axis_sample_tlast_o = sample_q[8];
  assign m_axis_weight_tvalid_o = weight_valid_q;
  assign m_axis_weight_tdata_o = weight_q;

  logic unused_resp;
  assign unused_resp = ^{m_axil_bresp_i[0], m_axil_rresp_i[0]};

  `EP_ASSERT(OneAnswer_A, !(wb_ack_o && wb_err_o))
  `EP_ASSERT(ResponseIsAwaited_A, !answered || state_q == StRegister)
  `EP_ASSERT(WriteStays_A, m_axil_awvalid_o && !m_axil_awready_i |=> m_axil_awvalid_o && $stable
                           (m_axil_awaddr_o))
  `EP_ASSERT(ReadStays_A, m_axil_arvalid_o && !m_axil_arready_i |=> m_axil_arvalid_o && $stable
                          (m_axil_araddr_o))
  `EP_ASSERT(SampleStays_A,
             m_axis_sample_tvalid_o && !m_axis_sample_tready_i |=> m_axis_sample_tvalid_o && $stable
             ({m_axis_sample_tdata_o, m_axis_sample_tlast_o}))
endmodule
