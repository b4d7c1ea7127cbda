// SPDX-License-Identifier: Apache-2.0
//
// ep_ram - memory with one write and one read port; the place of an SRAM or register-file macro.
//
// Function   rdata_o is the word at the raddr_i of the last cycle with re_i
// Formats    words are not reset; a word read in the cycle of its own write is the old one
// Latency    1 cycle
// Model      none: a container

module ep_ram #(
    parameter int unsigned Depth = 16,
    parameter int unsigned Width = 8,
    localparam int unsigned AddrBits = (Depth > 1) ? $clog2(Depth) : 1
) (
    input  logic                clk_i,
    input  logic                we_i,
    input  logic [AddrBits-1:0] waddr_i,
    input  logic [   Width-1:0] wdata_i,
    input  logic                re_i,
    input  logic [AddrBits-1:0] raddr_i,
    output logic [   Width-1:0] rdata_o
);
  logic [Width-1:0] mem_q[Depth];

  always_ff @(posedge clk_i) begin
    if (we_i) mem_q[waddr_i] <= wdata_i;
    if (re_i) rdata_o <= mem_q[raddr_i];
  end
endmodule
