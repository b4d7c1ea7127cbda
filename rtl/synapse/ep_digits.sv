// SPDX-License-Identifier: Apache-2.0
//
// ep_digits - canonical signed digits of a multiplicand.
//
// Function   magnitude = sum over i of (plus_o[i] - minus_o[i]) 2^i with no two neighbouring digits
//            nonzero (non-adjacent form), so that a product takes the fewest additions
// Formats    magnitude unsigned 8.0; nine digits
// Latency    combinational
// Model      model/synapse/digits.h, bit exact

module ep_digits (
    input  logic [7:0] magnitude_i,
    output logic [8:0] plus_o,
    output logic [8:0] minus_o
);
  logic [9:0] half, sum, digits;

  // With h = x >> 1, the bits of x + h that differ from those of h are the nonzero digits of x.
  assign half = {3'b000, magnitude_i[7:1]};
  assign sum = {2'b00, magnitude_i} + half;
  assign digits = sum ^ half;
  assign plus_o = sum[8:0] & digits[8:0];
  assign minus_o = half[8:0] & digits[8:0];

  logic unused;
  assign unused = sum[9] ^ half[9] ^ digits[9];
endmodule
