// SPDX-License-Identifier: Apache-2.0
//
// ep_weight_port - the host's streams of weights: four weights a beat, Lanes / 4 beats a row word.
//
// Function   load  collects a row word; a byte beyond [-W, W] becomes -W or W
//            save  sends a row word; tlast with the last beat of a row word
//            Row words come in the order of the walk: projections in file order, lane blocks
//            ascending, rows ascending; lanes beyond the population are sent as 0 and ignored.
// Formats    one byte per weight, lowest lane in the lowest byte; signed WeightBits.0, sign-extended
// Latency    Lanes / 4 beats per row word
// Model      model/synapse/weight_port.h, bit exact

`include "ep_assert.svh"

module ep_weight_port #(
    parameter int unsigned Lanes = 32,
    parameter int unsigned WeightBits = 8,
    localparam int unsigned Columns = Lanes * WeightBits,
    localparam int unsigned Beats = Lanes / 4,
    localparam int unsigned BeatBits = (Beats > 1) ? $clog2(Beats) : 1
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               clear_i,
    input  logic               load_i,           // the pass is a load
    // Weights in
    input  logic               s_axis_tvalid_i,
    output logic               s_axis_tready_o,
    input  logic [       31:0] s_axis_tdata_i,
    // Weights out
    output logic               m_axis_tvalid_o,
    input  logic               m_axis_tready_i,
    output logic [       31:0] m_axis_tdata_o,
    output logic               m_axis_tlast_o,
    // To and from ep_learn
    output logic               load_valid_o,
    input  logic               load_ready_i,
    output logic [Columns-1:0] load_word_o,
    output logic               idle_o,           // nothing is on its way to the host
    input  logic               save_valid_i,
    output logic               save_ready_o,
    input  logic [Columns-1:0] save_word_i
);
  typedef logic signed [WeightBits-1:0] weight_t;
  localparam logic signed [7:0] WeightMax = 8'(2 ** (WeightBits - 1) - 1);  // W

  logic [BeatBits-1:0] in_q, out_q;
  logic full_q;  // word_q is a loaded word
  logic send_q;  // word_q is a word on its way to the host
  logic [Lanes-1:0][WeightBits-1:0] word_q;
  logic in_beat, out_beat;

  assign s_axis_tready_o = load_i && !full_q;
  assign in_beat = s_axis_tvalid_i && s_axis_tready_o;
  assign load_valid_o = full_q;
  assign idle_o = !send_q;
  assign load_word_o = word_q;

  assign m_axis_tvalid_o = send_q;
  assign m_axis_tlast_o = out_q == BeatBits'(Beats - 1);
  assign out_beat = m_axis_tvalid_o && m_axis_tready_i;
  assign save_ready_o = !send_q;

  always_comb begin
    m_axis_tdata_o = '0;
    if (send_q) begin
      for (int i = 0; i < 4; i++) begin
        m_axis_tdata_o[i*8+:8] = 8'(weight_t'(word_q[int'(out_q)*4+i]));
      end
    end
  end

  function automatic weight_t Legal(logic signed [7:0] data);
    if (data > WeightMax) return weight_t'(WeightMax);
    if (data < -WeightMax) return weight_t'(-WeightMax);
    return weight_t'(data);
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      in_q   <= '0;
      out_q  <= '0;
      full_q <= 1'b0;
      send_q <= 1'b0;
    end else if (clear_i) begin
      in_q   <= '0;
      out_q  <= '0;
      full_q <= 1'b0;
      send_q <= 1'b0;
    end else begin
      if (in_beat) begin
        in_q <= in_q == BeatBits'(Beats - 1) ? '0 : in_q + BeatBits'(1);
        if (in_q == BeatBits'(Beats - 1)) full_q <= 1'b1;
      end
      if (load_ready_i) full_q <= 1'b0;
      if (save_valid_i && save_ready_o) send_q <= 1'b1;
      else if (out_beat && m_axis_tlast_o) send_q <= 1'b0;
      if (out_beat) out_q <= m_axis_tlast_o ? '0 : out_q + BeatBits'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (in_beat) begin
      for (int i = 0; i < 4; i++) word_q[int'(in_q)*4+i] <= Legal(s_axis_tdata_i[i*8+:8]);
    end
    if (save_valid_i && save_ready_o) word_q <= save_word_i;
  end

  `EP_ASSERT(LoadTakesFullWord_A, load_ready_i |-> full_q)
endmodule
