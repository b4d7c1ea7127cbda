// SPDX-License-Identifier: Apache-2.0
//
// ep_program - programs the cells in which a new row word differs from the one last sensed.
//
// Function   First the cells that become 1, in one pulse, then those that become 0, in another. A
//            direction without cells has no pulse. A cell that is right already is never pulsed, and
//            nothing is pulsed in reset or begun while the macro is not ready.
//            program_o is a flip-flop; row, data and mask are stable in the cycle before it rises and
//            change no earlier than it falls.
// Formats    columns lane x WeightBits + bit
// Latency    one cycle of set-up for each direction up to the last with cells, and `pulse` cycles for
//            each that has cells; equal words: at once
// Model      model/sense/program.h

`include "ep_assert.svh"

module ep_program #(
    parameter int unsigned Columns  = 256,
    parameter int unsigned AddrBits = 17
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                clear_i,
    input  logic [        15:0] pulse_i,       // cycles, from ep_registers
    // From ep_learn; held until done
    input  logic                valid_i,
    input  logic [AddrBits-1:0] row_i,
    input  logic [ Columns-1:0] old_i,
    input  logic [ Columns-1:0] new_i,
    output logic                done_o,
    // Array port
    output logic                busy_o,        // row_o is in charge of the port
    output logic [AddrBits-1:0] row_o,
    output logic                program_o,
    output logic [ Columns-1:0] prog_d_o,
    output logic [ Columns-1:0] prog_mask_o,
    output logic [         2:0] prog_level_o,
    input  logic                ready_i,
    // To ep_counters
    output logic                shot_o,        // the last cycle of a pulse
    output logic                shot_set_o,    // its direction
    output logic [        15:0] cells_o,       // its cells
    output logic                changed_o      // with done_o: at least one cell was programmed
);
  logic reset_q;  // direction: cells that become 0
  logic [15:0] cycle_q;
  logic [Columns-1:0] set_mask, reset_mask;
  logic any_set, any_reset, begin_pulse, end_pulse;

  always_comb begin
    set_mask   = '0;
    reset_mask = '0;
    if (valid_i) begin
      set_mask   = new_i & ~old_i;
      reset_mask = old_i & ~new_i;
    end
  end

  assign any_set = |set_mask;
  assign any_reset = |reset_mask;
  assign changed_o = any_set || any_reset;

  assign begin_pulse = valid_i && !program_o && ready_i && (reset_q ? any_reset : any_set);
  assign end_pulse = program_o && cycle_q + 16'd1 >= pulse_i;
  assign done_o = (end_pulse && (reset_q || !any_reset)) || (valid_i && !changed_o);

  assign busy_o = valid_i;
  assign row_o = row_i;
  assign prog_d_o = reset_q ? '0 : set_mask;
  assign prog_mask_o = reset_q ? reset_mask : set_mask;
  assign prog_level_o = '0;
  assign shot_o = end_pulse;
  assign shot_set_o = !reset_q;

  always_comb begin
    cells_o = '0;
    if (end_pulse) cells_o = 16'($countones(prog_mask_o));
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      program_o <= 1'b0;
      reset_q   <= 1'b0;
      cycle_q   <= '0;
    end else if (clear_i) begin
      program_o <= 1'b0;
      reset_q   <= 1'b0;
      cycle_q   <= '0;
    end else begin
      if (begin_pulse) program_o <= 1'b1;
      else if (end_pulse) program_o <= 1'b0;
      cycle_q <= (program_o && !end_pulse) ? cycle_q + 16'd1 : '0;
      // The other direction follows, or the next word begins with the first.
      if (done_o) reset_q <= 1'b0;
      else if (end_pulse || (valid_i && !any_set)) reset_q <= 1'b1;
    end
  end

  `EP_ASSERT(PulseOnlyWrongCells_A, program_o |-> (prog_mask_o & ~(old_i ^ new_i)) == '0)
  `EP_ASSERT(PulseNeedsCells_A, program_o |-> prog_mask_o != '0)
  `EP_ASSERT(RequestHolds_A, valid_i && !done_o && !clear_i |=> valid_i || $past(clear_i))
endmodule
