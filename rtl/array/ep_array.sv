// SPDX-License-Identifier: Apache-2.0
//
// ep_array - behavioural synapse array: ideal cells behind the array port. Not for synthesis.
//
// Function   A sense of SenseMin cycles reads the row word of row_i; a shorter one is late in every
//            column. The latches hold q_o and late_o until the next precharge or sense. A pulse of
//            PulseMin cycles sets the masked cells of row_i to prog_d_i; a shorter one changes
//            nothing. The xnor operand, where enabled, is applied inside the sense amplifier:
//            q = cell xnor operand.
//            Assertions name a core that does not keep to the port: a row that moves within an
//            access, too little precharge, a pulse that is too long or whose operands move.
// Formats    Columns bits a row
// Latency    q_o in the cycle of the sense; a cell is programmed at the end of a pulse cycle
// Model      model/array/array.h, bit exact with PrechargeMin 0, SenseMin 1 and PulseMin 1

`include "ep_assert.svh"

module ep_array #(
    parameter int unsigned Columns = 256,
    parameter int unsigned Rows = 131072,
    // The macro's data sheet, in clock cycles
    parameter int unsigned PrechargeMin = 0,  // before each sense; 0: it precharges by itself
    parameter int unsigned SenseMin = 1,
    parameter int unsigned PulseMin = 1,
    parameter int unsigned PulseMax = 0,  // 0: any length
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
  logic [Columns-1:0] latch_q, sensed;
  logic late_q, late;
  logic [31:0] precharge_q, sense_q, pulse_q;  // cycles of the one under way or just ended
  logic [AddrBits-1:0] row_q;
  logic [31:0] sense_d;
  logic first;

  // A sense begins where the one before was not of this row.
  assign first   = sense_q == '0 || row_i != row_q;
  assign sense_d = first ? 32'd1 : sense_q + 32'd1;

  always_comb begin
    sensed = '0;
    late   = 1'b0;
    if (sense_i) begin
      sensed = xnor_en_i ? cells_q[row_i] ~^ xnor_x_i : cells_q[row_i];
      late   = sense_d < SenseMin;
    end else if (!precharge_i) begin
      sensed = latch_q;
      late   = late_q;
    end
  end
  assign q_o = sensed;
  assign late_o = {Columns{late}};
  assign ready_o = 1'b1;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      latch_q <= '0;
      late_q <= 1'b0;
      precharge_q <= '0;
      sense_q <= '0;
      pulse_q <= '0;
      row_q <= '0;
    end else begin
      latch_q <= sensed;
      late_q <= late;
      row_q <= row_i;
      precharge_q <= precharge_i ? precharge_q + 32'd1 : '0;
      sense_q <= sense_i ? sense_d : '0;
      pulse_q <= program_i ? pulse_q + 32'd1 : '0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_ni && program_i && pulse_q + 32'd1 >= PulseMin) begin
      cells_q[row_i] <= (cells_q[row_i] & ~prog_mask_i) | (prog_d_i & prog_mask_i);
    end
  end

  `EP_ASSERT(SenseNotInPrecharge_A, !(sense_i && precharge_i))
  `EP_ASSERT(NoAccessInProgram_A, !(program_i && (sense_i || precharge_i)))
  `EP_ASSERT(RowStaysInPrecharge_A, precharge_i |=> !(precharge_i || sense_i) || $stable(row_i))
  `EP_ASSERT(RowStaysInSense_A, sense_i && sense_d < SenseMin |=> !sense_i || $stable(row_i))
  `EP_ASSERT(PrechargedLongEnough_A, sense_i && sense_q == '0 |-> precharge_q >= PrechargeMin)
  `EP_ASSERT(OneRowAPrecharge_A, sense_i |=> PrechargeMin == 0 || !sense_i || $stable(row_i))
  `EP_ASSERT(PulseOperandsAreThere_A, program_i |-> $stable(row_i) && $stable(prog_d_i) && $stable
                                      (prog_mask_i) && $stable(prog_level_i))
  `EP_ASSERT(PulseNotTooLong_A, program_i |-> PulseMax == 0 || pulse_q < PulseMax)
endmodule
