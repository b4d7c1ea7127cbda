// SPDX-License-Identifier: Apache-2.0
//
// weight_port_props - ep_weight_port keeps the rules of AXI-Stream, and every weight.
//
// Proved     a beat to the host stays as it is until it is taken; a row word leaves as Lanes / 4 beats,
//            lanes ascending, tlast with the last one alone; a loaded row word is the beats that were
//            taken, in order, bytes beyond [-W, W] clamped, and stays until it is taken; nothing is
//            taken meanwhile

`include "props.svh"

module weight_port_props #(
    parameter int unsigned Lanes = 8,
    parameter int unsigned WeightBits = 8,
    localparam int unsigned Beats = Lanes / 4
) (
    input logic clk_i,
    input logic load_i,
    input logic tvalid_i,
    input logic [31:0] tdata_i,
    input logic tready_i,
    input logic load_ready_i,
    input logic save_valid_i,
    input logic [Lanes*WeightBits-1:0] save_word_i
);
  `PROPS_RESET

  logic s_ready, m_valid, m_last, load_valid, idle, save_ready;
  logic [31:0] m_data;
  logic [Lanes*WeightBits-1:0] load_word;

  ep_weight_port #(
      .Lanes(Lanes),
      .WeightBits(WeightBits)
  ) u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .clear_i(1'b0),
      .load_i,
      .s_axis_tvalid_i(tvalid_i),
      .s_axis_tready_o(s_ready),
      .s_axis_tdata_i(tdata_i),
      .m_axis_tvalid_o(m_valid),
      .m_axis_tready_i(tready_i),
      .m_axis_tdata_o(m_data),
      .m_axis_tlast_o(m_last),
      .load_valid_o(load_valid),
      .load_ready_i,
      .load_word_o(load_word),
      .idle_o(idle),
      .save_valid_i,
      .save_ready_o(save_ready),
      .save_word_i
  );

  logic seen_q = 1'b0, valid_q, ready_q, last_q, load_valid_q, load_ready_q;
  logic [31:0] data_q;
  logic [Lanes*WeightBits-1:0] load_q, save_q, want_q;
  logic [3:0] out_q = '0, in_q = '0;  // beats sent of the word, beats taken of the next
  logic sending_q = 1'b0, passed_q = 1'b0;

  // The beats of the word so far are where they belong.
  logic parts_kept;
  always_comb begin
    parts_kept = 1'b1;
    for (int unsigned b = 0; b < Beats; b++) begin
      if (in_q > 4'(b) && u_dut.word_q[b*4+:4] != want_q[b*32+:32]) parts_kept = 1'b0;
    end
  end

  function automatic logic [7:0] Legal(logic [7:0] data);
    return data == 8'h80 ? 8'h81 : data;
  endfunction

  always_ff @(posedge clk_i) begin
    seen_q <= rst_n;
    {valid_q, ready_q, last_q, data_q} <= {m_valid, tready_i, m_last, m_data};
    {load_valid_q, load_ready_q, load_q} <= {load_valid, load_ready_i, load_word};
    passed_q <= load_i;
    if (rst_n) begin
      if (save_valid_i && save_ready) begin
        save_q <= save_word_i;
        sending_q <= 1'b1;
        out_q <= '0;
      end else if (m_valid && tready_i) begin
        save_q <= save_q >> 32;
        out_q  <= out_q + 4'd1;
        if (m_last) sending_q <= 1'b0;
      end
      if (tvalid_i && s_ready) begin
        for (int i = 0; i < 4; i++) begin
          want_q[(int'(in_q)*4+i)*8+:8] <= Legal(tdata_i[i*8+:8]);
        end
        in_q <= in_q == 4'(Beats - 1) ? '0 : in_q + 4'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    // The machine loads or saves, and begins neither while the other goes on.
    if (load_ready_i) Takes_M : assume (load_valid);
    if (save_valid_i) Saves_M : assume (!load_i && rst_n && !load_valid && in_q == '0);
    if (load_i) Loads_M : assume (!sending_q && !save_valid_i);
    if (!rst_n) Start_M : assume (!sending_q && in_q == '0 && out_q == '0);
    if (rst_n && seen_q) begin
      if (valid_q && !ready_q) Hold_A : assert (m_valid && m_data == data_q && m_last == last_q);
      if (load_valid_q && !load_ready_q) HoldLoad_A : assert (load_valid && load_word == load_q);
    end
    if (rst_n) begin
      Sends_A : assert (m_valid == sending_q && idle == !sending_q && save_ready == !sending_q);
      if (m_valid) begin
        Data_A : assert (m_data == save_q[31:0]);
        Last_A : assert (m_last == (out_q == 4'(Beats - 1)));
        OutCount_A : assert (out_q < 4'(Beats) && 4'(u_dut.out_q) == out_q);
        Word_A : assert (u_dut.word_q >> (32 * out_q) == save_q);
      end else begin
        OutRest_A : assert (u_dut.out_q == '0);
      end
      NotWhileFull_A : assert (!(s_ready && (load_valid || !load_i)));
      InCount_A : assert (4'(u_dut.in_q) == in_q && in_q < 4'(Beats));
      if (load_valid) begin
        Loaded_A : assert (load_word == want_q);
        LoadRest_A : assert (in_q == '0 && !m_valid);
      end
      if (in_q != '0) Part_A : assert (parts_kept && !m_valid);
      Sent_C : cover (m_valid && m_last && tready_i && out_q == 4'd1);
      Stalled_C : cover (m_valid && valid_q && !ready_q && m_data == 32'h11223344);
      Loaded_C : cover (load_valid && load_word[7:0] == 8'h81 && load_word[63:56] == 8'h7F);
    end
  end
endmodule
