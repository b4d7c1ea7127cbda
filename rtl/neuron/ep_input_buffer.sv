// SPDX-License-Identifier: Apache-2.0
//
// ep_input_buffer - receives samples and keeps the nonzero codes of two of them.
//
// Function   A sample is inputs_i codes and one class, the last beat (tlast). Its nonzero codes are
//            stored as a list of (row, code) in ascending row order, so that a walk over the list
//            meets only rows that matter. While one bank is walked, the other one is filled.
//            A sample of another length, with a code that the scale does not have (more than 15, 3 or 1
//            for 4, 2 or 1 bits), or whose class is neither below outputs_i nor 255 (none),
//            is dropped whole and reported by rejected_o.
// Formats    code unsigned 8.0; class unsigned 8 bits
// Latency    with read_i the list entry at index_i is on row_o, code_o from the next cycle on
// Model      model/neuron/input_buffer.h, bit exact

`include "ep_assert.svh"

module ep_input_buffer
  import ep_pkg::*;
#(
    parameter  int unsigned MaxInputs = 1024,
    localparam int unsigned RowBits   = $clog2(MaxInputs),
    localparam int unsigned CountBits = $clog2(MaxInputs + 1)
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic                   clear_i,          // drops everything
    // Sample stream; ready only while a run is going on
    input  logic                   enable_i,
    input  logic                   s_axis_tvalid_i,
    output logic                   s_axis_tready_o,
    input  logic   [          7:0] s_axis_tdata_i,
    input  logic                   s_axis_tlast_i,
    // From ep_registers
    input  scale_e                 scale_i,
    input  logic   [         15:0] inputs_i,
    input  logic   [         15:0] outputs_i,
    // To ep_sequencer
    output logic                   valid_o,          // a sample is ready
    output logic   [          1:0] ready_count_o,    // samples ready
    output logic   [          7:0] class_o,          // its class, 255 = none
    output logic   [CountBits-1:0] count_o,          // its list entries
    input  logic                   take_i,           // the sample is done with
    output logic                   rejected_o,
    output logic                   upset_o,          // ep_guard
    // To ep_walker and the operand registers
    input  logic                   read_i,           // otherwise the entry stays
    input  logic   [  RowBits-1:0] index_i,
    output logic   [  RowBits-1:0] row_o,
    output logic   [          7:0] code_o
);
  logic [1:0] full_q, full_d;
  logic wbank_q, wbank_d, rbank_q, rbank_d;
  logic [CountBits-1:0] position_q, position_d, entries_q, entries_d;
  logic [CountBits-1:0] count_q[2];
  logic [7:0] class_q[2];
  logic overrun_q, overrun_d;  // more beats than a sample has
  logic range_q, range_d;  // a code that the scale does not have

  logic beat, at_class, pixel, good_code, good_class, bad, done;

  assign s_axis_tready_o = enable_i && !full_q[wbank_q];
  assign beat = s_axis_tvalid_i && s_axis_tready_o;
  assign at_class = {{(16 - CountBits) {1'b0}}, position_q} == inputs_i;
  assign pixel = beat && !at_class && !overrun_q;
  assign good_class = {8'd0, s_axis_tdata_i} < outputs_i || s_axis_tdata_i == 8'hff;
  assign done = beat && s_axis_tlast_i && at_class && !overrun_q && !range_q && good_class;
  always_comb begin
    unique case (scale_i)
      Scale17:  good_code = s_axis_tdata_i[7:4] == '0;
      Scale85:  good_code = s_axis_tdata_i[7:2] == '0;
      Scale255: good_code = s_axis_tdata_i[7:1] == '0;
      default:  good_code = 1'b1;
    endcase
  end
  assign bad = beat && s_axis_tlast_i && !done;

  assign valid_o = full_q[rbank_q];
  assign ready_count_o = {1'b0, full_q[0]} + {1'b0, full_q[1]};
  assign class_o = class_q[rbank_q];
  assign count_o = count_q[rbank_q];

  always_comb begin
    full_d = full_q;
    wbank_d = wbank_q;
    rbank_d = rbank_q;
    position_d = position_q;
    entries_d = entries_q;
    overrun_d = overrun_q;
    range_d = range_q;
    if (beat) begin
      if (s_axis_tlast_i) begin
        position_d = '0;
        entries_d = '0;
        overrun_d = 1'b0;
        range_d = 1'b0;
      end else if (at_class) begin
        overrun_d = 1'b1;
      end else if (!overrun_q) begin
        position_d = position_q + 1'b1;
        if (!good_code) range_d = 1'b1;
        if (s_axis_tdata_i != '0) entries_d = entries_q + 1'b1;
      end
    end
    if (done) begin
      full_d[wbank_q] = 1'b1;
      wbank_d = !wbank_q;
    end
    if (take_i) begin
      full_d[rbank_q] = 1'b0;
      rbank_d = !rbank_q;
    end
    if (clear_i) begin
      full_d = '0;
      wbank_d = 1'b0;
      rbank_d = 1'b0;
      position_d = '0;
      entries_d = '0;
      overrun_d = 1'b0;
      range_d = 1'b0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= '0;
      wbank_q <= 1'b0;
      rbank_q <= 1'b0;
      position_q <= '0;
      entries_q <= '0;
      overrun_q <= 1'b0;
      range_q <= 1'b0;
      rejected_o <= 1'b0;
    end else begin
      full_q <= full_d;
      wbank_q <= wbank_d;
      rbank_q <= rbank_d;
      position_q <= position_d;
      entries_q <= entries_d;
      overrun_q <= overrun_d;
      range_q <= range_d;
      rejected_o <= bad && !clear_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (done) begin
      count_q[wbank_q] <= entries_q;
      class_q[wbank_q] <= s_axis_tdata_i;
    end
  end

  // Where a sample is lost or made up, host and core wait for each other.
  ep_guard #(
      .Width(6 + 2 * CountBits)
  ) u_guard (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (1'b1),
      .next_i ({full_d, wbank_d, rbank_d, position_d, entries_d, overrun_d, range_d}),
      .value_i({full_q, wbank_q, rbank_q, position_q, entries_q, overrun_q, range_q}),
      .upset_o
  );

  ep_ram #(
      .Depth(2 * MaxInputs),
      .Width(RowBits + 8)
  ) u_list (
      .clk_i,
      .we_i   (pixel && s_axis_tdata_i != '0),
      .waddr_i({wbank_q, entries_q[RowBits-1:0]}),
      .wdata_i({position_q[RowBits-1:0], s_axis_tdata_i}),
      .re_i   (read_i),
      .raddr_i({rbank_q, index_i}),
      .rdata_o({row_o, code_o})
  );

  `EP_ASSERT(TakeNeedsSample_A, take_i |-> valid_o)
endmodule
