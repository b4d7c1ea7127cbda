// SPDX-License-Identifier: Apache-2.0
//
// PROPS_RESET: rst_n is 0 in the first cycle and 1 from then on.

`ifndef PROPS_SVH
`define PROPS_SVH

`define PROPS_RESET \
  logic rst_n = 1'b0; \
  always_ff @(posedge clk_i) rst_n <= 1'b1;

`endif
