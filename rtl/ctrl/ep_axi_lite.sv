// SPDX-License-Identifier: Apache-2.0
//
// ep_axi_lite - AXI4-Lite to the register file, one access at a time.
//
// Function   presents each access to the register file for one cycle and returns its answer; an
//            access that is misaligned or lacks byte strobes gets SLVERR and is not presented
// Formats    32-bit data, byte addresses
// Latency    2 cycles from valid to response, one access every 2 cycles; reads and writes take
//            turns when both wait; address and data of a write may come in any order
// Bus        the ready outputs do not depend on inputs of the same cycle; a master must hold what it
//            offers (AXI4 A3.2.1), so an access is copied a cycle before it is taken, and executed
//            in the cycle in which it is taken

`include "ep_assert.svh"

module ep_axi_lite #(
    parameter int unsigned AddressBits = 12
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    // From and to the host
    input  logic [AddressBits-1:0] s_axil_awaddr_i,
    input  logic [            2:0] s_axil_awprot_i,
    input  logic                   s_axil_awvalid_i,
    output logic                   s_axil_awready_o,
    input  logic [           31:0] s_axil_wdata_i,
    input  logic [            3:0] s_axil_wstrb_i,
    input  logic                   s_axil_wvalid_i,
    output logic                   s_axil_wready_o,
    output logic [            1:0] s_axil_bresp_o,
    output logic                   s_axil_bvalid_o,
    input  logic                   s_axil_bready_i,
    input  logic [AddressBits-1:0] s_axil_araddr_i,
    input  logic [            2:0] s_axil_arprot_i,
    input  logic                   s_axil_arvalid_i,
    output logic                   s_axil_arready_o,
    output logic [           31:0] s_axil_rdata_o,
    output logic [            1:0] s_axil_rresp_o,
    output logic                   s_axil_rvalid_o,
    input  logic                   s_axil_rready_i,
    // To and from ep_regs, which answers in the same cycle
    output logic                   access_o,          // an access is in work, malformed or not
    output logic                   req_o,
    output logic                   req_is_wr_o,
    output logic [AddressBits-1:0] addr_o,
    output logic [           31:0] wr_data_o,
    input  logic                   err_i,             // it is refused
    input  logic [           31:0] rd_data_i,
    // To ep_registers
    output logic                   bus_error_o        // the access of this cycle gets SLVERR
);
  localparam logic [1:0] RespOkay = 2'b00;
  localparam logic [1:0] RespSlverr = 2'b10;

  typedef enum logic [1:0] {
    StIdle  = 2'd0,
    StWrite = 2'd1,
    StRead  = 2'd2
  } state_e;

  state_e state_q, state_d;
  logic last_was_write_q;
  logic malformed_q, malformed_d;
  logic [AddressBits-1:0] addr_q, addr_d;
  logic [31:0] wr_data_q;
  logic bvalid_q, berror_q, rvalid_q, rerror_q;
  logic [31:0] rdata_q;

  // A response register that is empty, or emptied in this cycle, can take the next response.
  logic write_waits, read_waits;
  assign write_waits = s_axil_awvalid_i && s_axil_wvalid_i && (!bvalid_q || s_axil_bready_i);
  assign read_waits  = s_axil_arvalid_i && (!rvalid_q || s_axil_rready_i);

  always_comb begin
    state_d = StIdle;
    unique case (state_q)
      // Waits for an access whose response has a place.
      StIdle: begin
        if (write_waits && !(read_waits && last_was_write_q)) state_d = StWrite;
        else if (read_waits) state_d = StRead;
      end
      // The access is taken and executed.
      StWrite, StRead: state_d = StIdle;
      default: state_d = StIdle;
    endcase
  end

  assign addr_d = state_d == StWrite ? s_axil_awaddr_i : s_axil_araddr_i;
  assign malformed_d = addr_d[1:0] != 2'b00 || (state_d == StWrite && s_axil_wstrb_i != 4'b1111);

  logic error;
  // Nothing is taken or executed that was not offered, whatever the state is. No input gets here
  // without a flip-flop: all registers hang on it.
  logic write, read, offered_write_q, offered_read_q;
  assign write = state_q == StWrite && offered_write_q;
  assign read = state_q == StRead && offered_read_q;
  assign access_o = write || read;
  assign req_is_wr_o = write;
  assign addr_o = addr_q;
  assign wr_data_o = wr_data_q;
  assign req_o = access_o && !malformed_q;
  assign error = malformed_q || err_i;
  assign bus_error_o = access_o && error;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q          <= StIdle;
      offered_write_q  <= 1'b0;
      offered_read_q   <= 1'b0;
      last_was_write_q <= 1'b0;
      malformed_q      <= 1'b0;
      addr_q           <= '0;
      wr_data_q        <= '0;
      bvalid_q         <= 1'b0;
      berror_q         <= 1'b0;
      rvalid_q         <= 1'b0;
      rerror_q         <= 1'b0;
      rdata_q          <= '0;
    end else begin
      state_q <= state_d;
      offered_write_q <= state_d == StWrite;
      offered_read_q <= state_d == StRead;
      if (state_d != StIdle) begin
        malformed_q <= malformed_d;
        addr_q      <= addr_d;
        wr_data_q   <= s_axil_wdata_i;
      end
      if (access_o) last_was_write_q <= req_is_wr_o;
      if (write) begin
        bvalid_q <= 1'b1;
        berror_q <= error;
      end else if (s_axil_bready_i) begin
        bvalid_q <= 1'b0;
      end
      if (read) begin
        rvalid_q <= 1'b1;
        rerror_q <= error;
        rdata_q  <= error ? '0 : rd_data_i;
      end else if (s_axil_rready_i) begin
        rvalid_q <= 1'b0;
      end
    end
  end

  assign s_axil_awready_o = write;
  assign s_axil_wready_o  = write;
  assign s_axil_arready_o = read;
  assign s_axil_bvalid_o  = bvalid_q;
  assign s_axil_bresp_o   = berror_q ? RespSlverr : RespOkay;
  assign s_axil_rvalid_o  = rvalid_q;
  assign s_axil_rresp_o   = rerror_q ? RespSlverr : RespOkay;
  assign s_axil_rdata_o   = rdata_q;

  logic unused_prot;
  assign unused_prot = ^{s_axil_awprot_i, s_axil_arprot_i};

  `EP_ASSERT(MasterHoldsWrite_A, state_q != StWrite || (s_axil_awvalid_i && s_axil_wvalid_i))
  `EP_ASSERT(MasterHoldsAwaddr_A, state_q != StWrite || s_axil_awaddr_i == addr_q)
  `EP_ASSERT(MasterHoldsWdata_A, state_q != StWrite || s_axil_wdata_i == wr_data_q)
  `EP_ASSERT(MasterHoldsRead_A, state_q != StRead || s_axil_arvalid_i)
  `EP_ASSERT(MasterHoldsAraddr_A, state_q != StRead || s_axil_araddr_i == addr_q)
endmodule
