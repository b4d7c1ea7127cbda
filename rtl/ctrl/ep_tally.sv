// SPDX-License-Identifier: Apache-2.0
//
// ep_tally - counts the row words of sweeps that were not needed.
//
// Function   takes a number of sweeps and adds the row words of one sweep per cycle, so that no
//            multiplier is needed and the sample need not wait
// Formats    sweeps unsigned 8.0, words unsigned 32.0
// Latency    one cycle a sweep
// Model      model/ctrl/sequencer.h (there a product)

`include "ep_assert.svh"

module ep_tally (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        clear_i,
    // From ep_sequencer; only with ready_o
    input  logic        valid_i,
    input  logic [ 7:0] sweeps_i,
    output logic        ready_o,
    input  logic [31:0] words_i,      // of one sweep, from ep_config_check
    // To ep_counters
    output logic [31:0] increment_o,
    output logic        idle_o
);
  logic [9:0] left_q;
  logic busy;

  assign busy = left_q != '0;
  assign idle_o = !busy;
  assign ready_o = !left_q[9];
  assign increment_o = busy ? words_i : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) left_q <= '0;
    else if (clear_i) left_q <= '0;
    else left_q <= left_q + (valid_i ? {2'd0, sweeps_i} : 10'd0) - {9'd0, busy};
  end

  `EP_ASSERT(OnlyWhenReady_A, valid_i |-> ready_o)
endmodule
