// SPDX-License-Identifier: Apache-2.0
//
// watchdog_props - ep_watchdog ends a busy core that does nothing, and no other.
//
// Proved     for every limit but 0: the core is ended exactly when limit x 1024 cycles one after the
//            other were busy, without progress and without a wait for the host; it stays so until
//            then. With a limit of 0 it is never ended.

`include "props.svh"

module watchdog_props (
    input logic clk_i,
    input logic [11:0] limit_any_i,
    input logic busy_i,
    input logic progress_i,
    input logic host_i
);
  `PROPS_RESET

  logic [11:0] limit_q;
  logic [21:0] stuck_q;  // cycles one after the other, no further than the limit
  logic timed_out, over_q;

  ep_watchdog u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .limit_i(limit_q),
      .busy_i,
      .progress_i,
      .host_i,
      .timed_out_o(timed_out)
  );

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      limit_q <= limit_any_i;
      stuck_q <= '0;
    end else if (!busy_i || progress_i || host_i) begin
      stuck_q <= '0;
    end else if (stuck_q < {limit_q, 10'd0}) begin
      stuck_q <= stuck_q + 22'd1;
    end
    over_q <= rst_n && timed_out && busy_i && !progress_i && !host_i;
  end

  always_ff @(posedge clk_i) begin
    if (rst_n) begin
      if (limit_q == '0)
        NoLimit_A :
        assert (!timed_out);
        else Ends_A : assert (timed_out == (stuck_q == {limit_q, 10'd0}));
      if (over_q) Stays_A : assert (timed_out);
      Counts_A : assert (u_dut.count_q == (limit_q == '0 ? '0 : stuck_q));
      Stuck_A : assert (stuck_q <= {limit_q, 10'd0});
      Counted_C : cover (stuck_q == 22'd12);
      Anew_C : cover (stuck_q == 22'd3 && progress_i && limit_q == 12'd7);
    end
  end
endmodule
