// SPDX-License-Identifier: Apache-2.0
//
// ep_program - programs the cells in which a new row word differs from the one last sensed.
//
// Function   First the cells that become 1, in one pulse, then those that become 0, in another. A
//            direction without cells has no pulse. A cell that is right already is never pulsed, and
//            nothing is pulsed in reset or while the macro is not ready.
// Formats    columns lane x WeightBits + bit
// Latency    per direction one cycle of set-up and `pulse` cycles; equal words: at once
// Model      model/sense/program.h

`include "ep_assert.svh"

module ep_program #(
    parameter int unsigned Columns  = 256,
    parameter int unsigned AddrBits = 17
) (
    input  logic                clk_i,
    input  logic                rst_ni,
    input  logic                clear_i,
    input  logic [        15:0] pulse_i,      // cycles, from ep_registers
    // From ep_learn; held until done
    input  logic                valid_i,
    input  logic [AddrBits-1:0] row_i,
    input  logic [ Columns-1:0] old_i,
    input  logic [ Columns-1:0] new_i,
    output logic                done_o,
    // Array port
    output logic                busy_o,       // row_o is in charge of the port
    output logic [AddrBits-1:0] row_o,
    output logic                program_o,
    output logic [ Columns-1:0] prog_d_o,
    output logic [ Columns-1:0] prog_mask_o,
    output logic [         2:0] prog_level_o,
    input  logic                ready_i,
    // To ep_counters
    output logic                shot_o,
    output logic                shot_set_o,   // the direction of the shot
    output logic [        15:0] cells_o,      // cells of the shot
    output logic                changed_o     // with done_o: at least one cell was programmed
);
  typedef enum logic [1:0] {
    StIdle  = 2'd0,
    StSet   = 2'd1,
    StReset = 2'd2
  } state_e;

  state_e state_q, state_d;
  logic [15:0] cycle_q;
  logic [Columns-1:0] set_mask, reset_mask;
  logic any_set, any_reset, pulse_end;

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
  assign pulse_end = program_o && cycle_q + 16'd1 >= pulse_i;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waits for a request; the masks settle in this cycle.
      StIdle:
      if (valid_i) begin
        if (any_set) state_d = StSet;
        else if (any_reset) state_d = StReset;
      end
      // Waits for the end of the pulse to 1.
      StSet: if (pulse_end) state_d = any_reset ? StReset : StIdle;
      // Waits for the end of the pulse to 0.
      StReset: if (pulse_end) state_d = StIdle;
      default: state_d = StIdle;
    endcase
    if (clear_i) state_d = StIdle;
  end

  assign busy_o = state_q == StSet || state_q == StReset;
  assign done_o = state_q == StIdle ? valid_i && !changed_o : state_d == StIdle && pulse_end;
  assign changed_o = any_set || any_reset;
  assign row_o = row_i;
  assign program_o = busy_o && ready_i;
  assign prog_d_o = state_q == StSet ? set_mask : '0;
  assign prog_mask_o = state_q == StSet ? set_mask : state_q == StReset ? reset_mask : '0;
  assign prog_level_o = '0;
  assign shot_o = pulse_end;
  assign shot_set_o = state_q == StSet;

  always_comb begin
    cells_o = '0;
    if (pulse_end) cells_o = 16'($countones(prog_mask_o));
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StIdle;
      cycle_q <= '0;
    end else begin
      state_q <= state_d;
      if (program_o) cycle_q <= pulse_end ? '0 : cycle_q + 16'd1;
      else if (clear_i) cycle_q <= '0;
    end
  end

  `EP_ASSERT(PulseOnlyWrongCells_A, program_o |-> (prog_mask_o & ~(old_i ^ new_i)) == '0)
  `EP_ASSERT(RequestHolds_A, valid_i && !done_o && !clear_i |=> valid_i || $past(clear_i))
endmodule
