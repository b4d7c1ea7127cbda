// SPDX-License-Identifier: Apache-2.0
//
// failure_log_props - ep_failure_log loses nothing silently, and keeps the order.
//
// Proved     weights that came = those taken + those kept + those counted as lost, until the count
//            of the lost stands at its largest value, where it stays; a weight that was kept is at
//            the output unchanged when those before it were taken

`include "props.svh"

module failure_log_props (
    input logic clk_i,
    input logic reset_i,
    input logic push_i,
    input logic [1:0] row_i,
    input logic lane_i,
    input logic [1:0] cells_i,
    input logic next_i,
    input logic clear_i,
    input logic track_i  // this weight is followed
);
  `PROPS_RESET

  logic run;
  logic [7:0] count;
  logic [15:0] lost;
  logic [1:0] row, cells;
  logic lane;

  assign run = rst_n && !reset_i;

  ep_failure_log #(
      .Depth(4),
      .LaneBits(1),
      .WeightBits(2),
      .AddrBits(2)
  ) u_dut (
      .clk_i,
      .rst_ni (run),
      .push_i,
      .row_i,
      .lane_i,
      .cells_i,
      .next_i,
      .clear_i,
      .count_o(count),
      .lost_o (lost),
      .row_o  (row),
      .lane_o (lane),
      .cells_o(cells)
  );

  // Weights that came and were taken since the log was last cleared.
  logic [31:0] came_q, taken_q;
  logic seen_q = 1'b0;
  logic [15:0] lost_q;
  // The one that is followed: how many are before it, and for how long it has been the oldest.
  logic followed_q;
  logic [7:0] before_q;
  logic [1:0] age_q;
  logic [4:0] value_q;

  always_ff @(posedge clk_i) begin
    seen_q <= rst_n;
    lost_q <= lost;
    if (!run || clear_i) begin
      came_q <= '0;
      taken_q <= '0;
      followed_q <= 1'b0;
      before_q <= '0;
      age_q <= '0;
    end else begin
      came_q  <= came_q + {31'd0, push_i};
      taken_q <= taken_q + {31'd0, next_i && count != '0};
      if (followed_q) begin
        if (next_i && count != '0) begin
          if (before_q == '0) followed_q <= 1'b0;
          else before_q <= before_q - 8'd1;
        end
        if (before_q != '0) age_q <= '0;
        else if (age_q != 2'd3) age_q <= age_q + 2'd1;
      end else if (push_i && track_i && count < 8'd4) begin
        followed_q <= 1'b1;
        before_q   <= count - {7'd0, next_i && count != '0};
        age_q      <= '0;
        value_q    <= {row_i, lane_i, cells_i};
      end
    end
  end

  always_comb begin
    if (seen_q && run) begin
      NothingIsLostSilently :
      assert (lost == 16'hffff || came_q == taken_q + 32'(count) + 32'(lost));
      AtMostItsDepth : assert (count <= 8'd4);
      FollowedIsInside : assert (!followed_q || before_q < count);
      KeptUnchanged : assert (!followed_q || age_q < 2'd2 || {row, lane, cells} == value_q);
      EmptyShowsNothing : assert (count != '0 || {row, lane, cells} == '0);
    end
  end

  always_comb begin
    if (seen_q && run) begin
      Full : cover (count == 8'd4);
      Loses : cover (lost == 16'd2);
      TakenAndPushed : cover (push_i && next_i && count == 8'd4);
      LastIsOldest : cover (followed_q && age_q == 2'd2 && taken_q == 32'd3);
    end
  end

  logic unused;
  assign unused = ^lost_q;
endmodule
