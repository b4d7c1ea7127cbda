// SPDX-License-Identifier: Apache-2.0
//
// ep_watchdog - ends what makes no progress, so that no fault can hang the core.
//
// Function   counts the cycles in which the core is busy, makes no progress and does not wait for its
//            host; any other cycle begins anew. timed_out_o when limit_i x 1024 such cycles have
//            passed; limit_i = 0: never.
// Formats    limit unsigned 12.0, in units of 1024 cycles
// Latency    timed_out_o in the cycle after the last that is counted, until it is cleared by busy_i
// Model      none: no result depends on it

`include "ep_assert.svh"

module ep_watchdog (
    input logic clk_i,
    input logic rst_ni,
    input logic [11:0] limit_i,  // from ep_registers
    input logic busy_i,
    input logic progress_i,  // a sample begins, a step begins, a row word moves, a pulse ends
    input logic host_i,  // the host has to give or take something
    output logic timed_out_o
);
  logic [21:0] count_q;

  assign timed_out_o = limit_i != '0 && count_q[21:10] == limit_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) count_q <= '0;
    else if (!busy_i || progress_i || host_i || limit_i == '0) count_q <= '0;
    else if (!timed_out_o) count_q <= count_q + 22'd1;
  end

  `EP_ASSERT(OnlyWhileStuck_A, timed_out_o |-> count_q >= 22'd1024)
endmodule
