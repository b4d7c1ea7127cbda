// SPDX-License-Identifier: Apache-2.0
//
// ep_guard - finds a flip-flop that changed by itself: one parity bit over many of them.
//
// Function   with load_i the flip-flops take next_i at the edge, else they hold; value_i is what they
//            hold now. An odd number of them that differ from what they should hold is an upset. With
//            free_i they may become anything at this edge.
// Latency    none: upset_o in the cycle in which the wrong value is there first
// Model      none: it is 0 but for a fault (tb/common/guard_tb.cc)

module ep_guard #(
    parameter int unsigned Width = 8
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic             free_i,
    input  logic             load_i,
    input  logic [Width-1:0] next_i,
    input  logic [Width-1:0] value_i,
    output logic             upset_o
);
  logic known_q, parity_q;

  assign upset_o = known_q && parity_q != ^value_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      known_q  <= 1'b0;
      parity_q <= 1'b0;
    end else begin
      known_q  <= !free_i;
      parity_q <= load_i ? ^next_i : ^value_i;
    end
  end
endmodule
