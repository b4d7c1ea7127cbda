// SPDX-License-Identifier: Apache-2.0
//
// ep_array - behavioural synapse array: ideal cells behind the array port. Not for synthesis.
//
// Function   q_o is the row word of row_i while sense_i is high; a pulse sets the masked cells of
//            row_i to prog_d_i. The xnor operand, where enabled, is applied inside the sense
//            amplifier: q = cell xnor operand.
// Formats    Columns bits a row
// Latency    q_o in the cycle of the sense; a cell is programmed at the end of each pulse cycle
// Model      model/array/array.h, bit exact

`include "ep_assert.svh"

module ep_array #(
    parameter int unsigned Columns = 256,
    parameter int unsigned Rows = 131072,
    localparam int unsigned AddrBits = $clog2(Rows)
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic [AddrBits-1:0] row_i,
    input  logic                precharge_i,
    input  logic                sense_i,
    input  logic                xnor_en_i,
    input  logic [ Columns-1:0] xnor_x_i,
    output logic [ Columns-1:0] q_o,
    output logic [ Columns-1:0] late_o,
    input  logic                program_i,
    input  logic [ Columns-1:0] prog_d_i,
    input  logic [ Columns-1:0] prog_mask_i,
    input  logic [         2:0] prog_level_i,
    output logic                ready_o
);
  logic [Columns-1:0] cells_q[Rows];

  always_comb begin
    q_o = '0;
    if (sense_i) q_o = xnor_en_i ? cells_q[row_i] ~^ xnor_x_i : cells_q[row_i];
  end
  assign late_o  = '0;
  assign ready_o = 1'b1;

  always_ff @(posedge clk_i) begin
    if (rst_ni && program_i) begin
      cells_q[row_i] <= (cells_q[row_i] & ~prog_mask_i) | (prog_d_i & prog_mask_i);
    end
  end

  logic unused;
  assign unused = ^prog_level_i;

  `EP_ASSERT(SenseNotInPrecharge_A, !(sense_i && precharge_i))
  `EP_ASSERT(SenseNotInProgram_A, !(sense_i && program_i))
endmodule
