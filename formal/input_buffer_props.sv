// SPDX-License-Identifier: Apache-2.0
//
// input_buffer_props - ep_input_buffer hands on the samples that are whole, in order, and no other.
//
// Proved     against a queue of two: a sample becomes ready with its class, the number of its nonzero
//            codes and, for an entry of the list chosen at will, its row and code; they stay until the
//            sample is taken; a bad sample is reported once and leaves nothing behind; with both
//            places full no beat is taken

`include "props.svh"

module input_buffer_props
  import ep_pkg::*;
#(
    parameter int unsigned MaxInputs = 4,
    // The network: inputs, outputs, scale of the codes
    parameter int unsigned Inputs = 2,
    parameter int unsigned Outputs = 3,
    parameter int unsigned Scale = 0
) (
    input logic clk_i,
    input logic enable_i,
    input logic tvalid_i,
    input logic [7:0] tdata_i,
    input logic tlast_i,
    input logic take_i,
    input logic [1:0] entry_any_i
);
  `PROPS_RESET

  // The entry that is watched: chosen once.
  logic [2:0] inputs;
  logic [7:0] outputs;
  logic [1:0] scale, entry_q;

  assign inputs  = 3'(Inputs);
  assign outputs = 8'(Outputs);
  assign scale   = 2'(Scale);

  logic tready, valid, rejected, upset;
  logic [1:0] ready_count, row;
  logic [2:0] count;
  logic [7:0] sample_class, code;

  ep_input_buffer #(
      .MaxInputs(MaxInputs)
  ) u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .clear_i(1'b0),
      .enable_i,
      .s_axis_tvalid_i(tvalid_i),
      .s_axis_tready_o(tready),
      .s_axis_tdata_i(tdata_i),
      .s_axis_tlast_i(tlast_i),
      .scale_i(scale_e'(scale)),
      .inputs_i(16'(inputs)),
      .outputs_i(16'(outputs)),
      .valid_o(valid),
      .ready_count_o(ready_count),
      .class_o(sample_class),
      .count_o(count),
      .take_i,
      .rejected_o(rejected),
      .upset_o(upset),
      .read_i(1'b1),
      .index_i(entry_q),
      .row_o(row),
      .code_o(code)
  );

  typedef struct packed {
    logic [7:0] label;
    logic [2:0] count;
    logic [1:0] row;    // of the watched entry
    logic [7:0] code;
  } sample_t;

  sample_t first_q, second_q, part_q;  // ready, ready behind it, being received
  logic [1:0] ready_q = '0;
  logic [3:0] beats_q = '0;
  logic bad_q = 1'b0, rejected_q = 1'b0;
  logic beat, good_code, good, done;
  logic settled_q = 1'b0;  // the read port shows the first sample

  assign beat = tvalid_i && tready;
  assign good_code = scale == 2'd0 || (scale == 2'd1 && tdata_i <= 8'd15)
                     || (scale == 2'd2 && tdata_i <= 8'd3)
                     || (scale == 2'd3 && tdata_i <= 8'd1);
  assign good = !bad_q && beats_q == 4'(inputs) && (tdata_i < outputs || tdata_i == 8'd255);
  assign done = beat && tlast_i && good;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      entry_q <= entry_any_i;
    end else begin
      rejected_q <= beat && tlast_i && !good;
      if (beat) begin
        beats_q <= tlast_i ? '0 : (beats_q == '1 ? beats_q : beats_q + 4'd1);
        if (tlast_i) begin
          bad_q <= 1'b0;
          part_q.count <= '0;
        end else if (beats_q >= 4'(inputs)) begin
          bad_q <= 1'b1;
        end else begin
          if (!good_code) bad_q <= 1'b1;
          if (tdata_i != '0) begin
            part_q.count <= part_q.count + 3'd1;
            if (part_q.count == 3'(entry_q)) begin
              part_q.row  <= 2'(beats_q);
              part_q.code <= tdata_i;
            end
          end
        end
      end
      if (take_i) first_q <= second_q;
      if (done) begin
        if (ready_q == {1'b0, take_i}) first_q <= '{tdata_i, part_q.count, part_q.row, part_q.code};
        else second_q <= '{tdata_i, part_q.count, part_q.row, part_q.code};
      end
      ready_q   <= ready_q + 2'(done) - 2'(take_i);
      settled_q <= valid && !take_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (take_i) Take_M : assume (valid && rst_n);
    if (!rst_n) begin
      Start_M : assume ({ready_q, beats_q, bad_q, rejected_q, part_q.count, settled_q} == '0);
    end else begin
      Ready_A : assert (ready_count == ready_q && valid == (ready_q != '0));
      Takes_A : assert (tready == (enable_i && ready_q != 2'd2));
      NoUpset_A : assert (!upset);
      Rejected_A : assert (rejected == rejected_q);
      if (valid) Sample_A : assert (sample_class == first_q.label && count == first_q.count);
      if (valid && settled_q && 3'(entry_q) < count) begin
        Entry_A : assert (row == first_q.row && code == first_q.code);
        NotZero_A : assert (code != '0);
      end
      TwoReady_C : cover (ready_q == 2'd2 && first_q.label == 8'd1 && second_q.label == 8'd2);
      Entry_C : cover (valid && settled_q && entry_q == 2'd1 && count == 3'd2);
      Rejected_C : cover (rejected && ready_q == 2'd1);
    end
  end
endmodule
