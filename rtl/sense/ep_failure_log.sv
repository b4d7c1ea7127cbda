// SPDX-License-Identifier: Apache-2.0
//
// ep_failure_log - keeps the first weights whose cells failed until the host takes them.
//
// Function   a first-in first-out memory of Depth weights; those that come while it is full are
//            counted, so that nothing is lost silently. A soft reset leaves it as it is.
// Formats    cells: bit i is cell i of the weight; lost unsigned 16.0, saturating
// Latency    the oldest weight is at the output 2 cycles after it came or the one before it left
// Model      model/sense/failure_log.h, bit exact

`include "ep_assert.svh"

module ep_failure_log #(
    parameter int unsigned Depth = 16,  // a power of two
    parameter int unsigned LaneBits = 5,
    parameter int unsigned WeightBits = 8,
    parameter int unsigned AddrBits = 17,
    localparam int unsigned IndexBits = $clog2(Depth)
) (
    input  logic                  clk_i,
    input  logic                  rst_ni,
    // From ep_program
    input  logic                  push_i,
    input  logic [  AddrBits-1:0] row_i,
    input  logic [  LaneBits-1:0] lane_i,
    input  logic [WeightBits-1:0] cells_i,
    // From and to ep_registers
    input  logic                  next_i,   // drops the oldest
    input  logic                  clear_i,  // drops all, and the count of those lost
    output logic [           7:0] count_o,
    output logic [          15:0] lost_o,
    output logic [  AddrBits-1:0] row_o,    // of the oldest, 0 where there is none
    output logic [  LaneBits-1:0] lane_o,
    output logic [WeightBits-1:0] cells_o
);
  localparam int unsigned Width = AddrBits + LaneBits + WeightBits;

  logic [IndexBits-1:0] first_q;
  logic [  IndexBits:0] count_q;
  logic full, keep, drop;
  logic [Width-1:0] oldest;

  assign full = count_q[IndexBits];
  assign keep = push_i && !full;
  assign drop = next_i && count_q != '0;

  ep_ram #(
      .Depth(Depth),
      .Width(Width)
  ) u_ram (
      .clk_i,
      .we_i   (keep),
      .waddr_i(first_q + count_q[IndexBits-1:0]),
      .wdata_i({row_i, lane_i, cells_i}),
      .re_i   (1'b1),
      .raddr_i(first_q),
      .rdata_o(oldest)
  );

  assign count_o = 8'(count_q);
  assign {row_o, lane_o, cells_o} = count_q != '0 ? oldest : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q <= '0;
      count_q <= '0;
      lost_o  <= '0;
    end else if (clear_i) begin
      first_q <= '0;
      count_q <= '0;
      lost_o  <= '0;
    end else begin
      if (drop) first_q <= first_q + IndexBits'(1);
      count_q <= count_q + {{IndexBits{1'b0}}, keep} - {{IndexBits{1'b0}}, drop};
      if (push_i && full && lost_o != '1) lost_o <= lost_o + 16'd1;
    end
  end

  `EP_PARAMETER(DepthIsAPowerOfTwo, Depth >= 2 && Depth == 1 << IndexBits && Depth < 256)
  `EP_ASSERT(NeverBeyondItsDepth_A, count_q <= (IndexBits + 1)'(Depth))
endmodule
