// SPDX-License-Identifier: Apache-2.0
//
// ep_clock_gate - passes whole pulses of a clock while it is enabled; the place of a library's
// clock-gating cell.
//
// Function   clk_o has the high phase of clk_i that follows a low phase at whose end enable_i was 1;
//            what enable_i does while clk_i is high changes nothing
// Latency    none
// Model      none: a clock

module ep_clock_gate (
    input  logic clk_i,
    input  logic enable_i,
    output logic clk_o
);
  logic enable_q;

  always_latch if (!clk_i) enable_q = enable_i;

  assign clk_o = clk_i & enable_q;
endmodule
