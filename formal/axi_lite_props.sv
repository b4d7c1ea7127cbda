// SPDX-License-Identifier: Apache-2.0
//
// axi_lite_props - ep_axi_lite keeps the rules of AXI4-Lite for every host that keeps them.
//
// Proved     a response, once offered, stays and does not change until it is taken; one response
//            for each access, none without one; every access that is well formed reaches the register
//            file exactly once, with the address and data that were offered; a malformed one never
//            does and gets SLVERR; a host that takes responses is answered within 5 cycles

`include "props.svh"

module axi_lite_props (
    input logic clk_i,
    input logic [11:0] awaddr_i,
    input logic awvalid_i,
    input logic [31:0] wdata_i,
    input logic [3:0] wstrb_i,
    input logic wvalid_i,
    input logic bready_i,
    input logic [11:0] araddr_i,
    input logic arvalid_i,
    input logic rready_i,
    input logic err_i,
    input logic [31:0] rd_data_i
);
  `PROPS_RESET

  logic awready, wready, bvalid, arready, rvalid, req, req_is_wr, bus_error;
  logic [1:0] bresp, rresp;
  logic [31:0] rdata, wr_data;
  logic [11:0] addr;

  ep_axi_lite u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .s_axil_awaddr_i(awaddr_i),
      .s_axil_awprot_i('0),
      .s_axil_awvalid_i(awvalid_i),
      .s_axil_awready_o(awready),
      .s_axil_wdata_i(wdata_i),
      .s_axil_wstrb_i(wstrb_i),
      .s_axil_wvalid_i(wvalid_i),
      .s_axil_wready_o(wready),
      .s_axil_bresp_o(bresp),
      .s_axil_bvalid_o(bvalid),
      .s_axil_bready_i(bready_i),
      .s_axil_araddr_i(araddr_i),
      .s_axil_arprot_i('0),
      .s_axil_arvalid_i(arvalid_i),
      .s_axil_arready_o(arready),
      .s_axil_rdata_o(rdata),
      .s_axil_rresp_o(rresp),
      .s_axil_rvalid_o(rvalid),
      .s_axil_rready_i(rready_i),
      .access_o(),
      .req_o(req),
      .req_is_wr_o(req_is_wr),
      .addr_o(addr),
      .wr_data_o(wr_data),
      .err_i,
      .rd_data_i,
      .bus_error_o(bus_error)
  );

  // What was there in the cycle before.
  logic seen_q = 1'b0;
  logic awvalid_q, awready_q, wvalid_q, wready_q, arvalid_q, arready_q;
  logic bvalid_q, bready_q, rvalid_q, rready_q, write_q, read_q, error_q;
  logic [1:0] bresp_q, rresp_q;
  logic [31:0] rdata_q, wdata_q, data_q;
  logic [11:0] awaddr_q, araddr_q;
  logic [3:0] wstrb_q;
  // Cycles that an access has waited with room for its response.
  logic [3:0] write_wait_q = '0, read_wait_q = '0;
  logic write_bad, read_bad;

  assign write_bad = awaddr_i[1:0] != '0 || wstrb_i != '1;
  assign read_bad  = araddr_i[1:0] != '0;

  always_ff @(posedge clk_i) begin
    seen_q <= rst_n;
    {awvalid_q, awready_q, awaddr_q} <= {awvalid_i, awready, awaddr_i};
    {wvalid_q, wready_q, wdata_q, wstrb_q} <= {wvalid_i, wready, wdata_i, wstrb_i};
    {arvalid_q, arready_q, araddr_q} <= {arvalid_i, arready, araddr_i};
    {bvalid_q, bready_q, bresp_q} <= {bvalid, bready_i, bresp};
    {rvalid_q, rready_q, rresp_q, rdata_q} <= {rvalid, rready_i, rresp, rdata};
    write_q <= awready && awvalid_i;
    read_q <= arready && arvalid_i;
    error_q <= bus_error;
    data_q <= rd_data_i;
    write_wait_q <= awvalid_i && wvalid_i && !awready && (!bvalid || bready_i) && rst_n
                    ? write_wait_q + 4'd1 : '0;
    read_wait_q <= arvalid_i && !arready && (!rvalid || rready_i) && rst_n
                   ? read_wait_q + 4'd1 : '0;
  end

  always_ff @(posedge clk_i) begin
    if (rst_n && seen_q) begin
      // The host keeps what it offers.
      if (awvalid_q && !awready_q) HostAw_M : assume (awvalid_i && awaddr_i == awaddr_q);
      if (wvalid_q && !wready_q)
        HostW_M : assume (wvalid_i && wdata_i == wdata_q && wstrb_i == wstrb_q);
      if (arvalid_q && !arready_q) HostAr_M : assume (arvalid_i && araddr_i == araddr_q);

      if (bvalid_q && !bready_q) HoldB_A : assert (bvalid && bresp == bresp_q);
      if (rvalid_q && !rready_q) HoldR_A : assert (rvalid && rresp == rresp_q && rdata == rdata_q);
      BFollows_A : assert (!(bvalid && (!bvalid_q || bready_q)) || write_q);
      RFollows_A : assert (!(rvalid && (!rvalid_q || rready_q)) || read_q);
      if (write_q) BOnce_A : assert (bvalid && bresp == {error_q, 1'b0});
      if (read_q) ROnce_A : assert (rvalid && rresp == {error_q, 1'b0});
      if (read_q) RData_A : assert (rdata == (error_q ? '0 : data_q));
      if (write_wait_q >= 4'd4) WriteEnds_A : assert (awready);
      if (read_wait_q >= 4'd4) ReadEnds_A : assert (arready);
    end
    if (rst_n) begin
      Together_A : assert (awready == wready && !(awready && arready));
      if (awready) begin
        TakesWrite_A : assert (awvalid_i && wvalid_i);
        Presents_A : assert (req == !write_bad);
        if (req) Write_A : assert (req_is_wr && addr == awaddr_i && wr_data == wdata_i);
        WriteError_A : assert (bus_error == (write_bad || err_i));
      end else if (arready) begin
        TakesRead_A : assert (arvalid_i);
        PresentsRead_A : assert (req == !read_bad && (!req || (!req_is_wr && addr == araddr_i)));
        ReadError_A : assert (bus_error == (read_bad || err_i));
      end else begin
        NoRequest_A : assert (!req && !bus_error);
      end
      Write_C : cover (seen_q && bvalid && bresp == 2'b00 && bvalid_q && !bready_q);
      Malformed_C : cover (bvalid && bresp == 2'b10 && !bvalid_q);
      Read_C : cover (rvalid && rresp == 2'b00 && rdata == 32'h12345678);
      TakeTurns_C : cover (arready && bvalid && awvalid_i && wvalid_i);
    end
  end
endmodule
