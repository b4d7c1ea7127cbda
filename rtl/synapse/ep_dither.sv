// SPDX-License-Identifier: Apache-2.0
//
// ep_dither - the random numbers of stochastic rounding.
//
// Function   word   seed_i with load_i; with next_i the next one of a 32-bit xorshift generator;
//                   otherwise, and where steps are rounded to nearest, it keeps still
//            row_o  word XOR q q q, q = r XOR rotl(r, 3) XOR rotl(r, 5) of r = row_i
// Formats    words unsigned 32.0, of which a step takes 21 bits at most
// Latency    1 cycle; row_o combinational
// Model      model/common/dither.h, bit exact

`include "ep_assert.svh"

module ep_dither (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        stochastic_i,
    input  logic [31:0] seed_i,
    input  logic        load_i,        // a run begins
    input  logic        next_i,        // a sample ends
    // With the products of a row word
    input  logic [ 7:0] row_i,
    output logic [20:0] row_o
);
  logic [31:0] word_q;

  function automatic logic [31:0] Next(logic [31:0] word);
    logic [31:0] z;
    z = word ^ (word << 13);
    z = z ^ (z >> 17);
    return z ^ (z << 5);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) word_q <= '0;
    else if (stochastic_i && load_i) word_q <= seed_i;
    else if (stochastic_i && next_i) word_q <= Next(word_q);
  end

  logic [7:0] spread;
  assign spread = row_i ^ {row_i[4:0], row_i[7:5]} ^ {row_i[2:0], row_i[7:3]};
  assign row_o  = word_q[20:0] ^ {spread[4:0], spread, spread};

  `EP_ASSERT(NextOrLoad_A, !(load_i && next_i))
endmodule
