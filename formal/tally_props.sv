// SPDX-License-Identifier: Apache-2.0
//
// tally_props - ep_tally counts every sweep that it was given, once, and comes to an end.
//
// Proved     the sweeps given are the sweeps counted and those still left; what is left never wraps;
//            idle_o means that nothing is left; each cycle with something left counts one sweep

`include "props.svh"

module tally_props (
    input logic clk_i,
    input logic valid_i,
    input logic [7:0] sweeps_i,
    input logic [31:0] words_i
);
  `PROPS_RESET

  logic ready, idle;
  logic [31:0] increment;

  ep_tally u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .clear_i(1'b0),
      .valid_i,
      .sweeps_i,
      .ready_o(ready),
      .words_i,
      .increment_o(increment),
      .idle_o(idle)
  );

  logic [23:0] given_q = '0, counted_q = '0;

  always_ff @(posedge clk_i) begin
    if (rst_n) begin
      if (valid_i) given_q <= given_q + 24'(sweeps_i);
      if (!idle) counted_q <= counted_q + 24'd1;
    end
  end

  always_ff @(posedge clk_i) begin
    if (valid_i) OnlyWhenReady_M : assume (ready && rst_n);
    if (rst_n) begin
      EverySweep_A : assert (given_q == counted_q + 24'(u_dut.left_q));
      NeverWraps_A : assert (u_dut.left_q <= 10'd766);
      Idle_A : assert (idle == (u_dut.left_q == '0));
      Counts_A : assert (increment == (idle ? '0 : words_i));
      Full_C : cover (!ready);
      Ends_C : cover (idle && counted_q == 24'd5);
    end else begin
      Nothing_M : assume (given_q == '0 && counted_q == '0);
    end
  end
endmodule
