// SPDX-License-Identifier: Apache-2.0
//
// ep_products - the shared multipliers: dot products of gathers, steps of learning.
//
// Function   gather  sum over the picked lanes of delta[lane] weight[lane], summed over the picks of
//                    the row word
//            learn   D = m (s+[r] s+[c] - s-[r] s-[c]) for each picked lane c,
//                    step = sign(D) ((|D| + t) >> k), clamped to -256..255; t = 2^(k-1) or, where
//                    steps are rounded stochastically, the lower k bits of the row's random number
//                    XOR seven times the lower 3 bits of the lane
// Formats    operands signed 9.0, products signed 18.0, D signed 22.0, dot signed DotBits.0
// Latency    2 cycles: products, then sum or step
// Model      model/synapse/products.h, model/synapse/learn.h, bit exact

`include "ep_assert.svh"

module ep_products
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned Multipliers = 8,
    parameter int unsigned WeightBits = 8,
    parameter int unsigned TagBits = 8,
    localparam int unsigned LaneBits = $clog2(Lanes),
    localparam int unsigned Half = Multipliers / 2,
    localparam int unsigned DotBits = 18 + LaneBits
) (
    input logic clk_i,
    input logic rst_ni,
    input logic clear_i,
    input logic [4:0] learning_rate_i,  // m
    input logic stochastic_i,
    // From ep_row_word and ep_picker
    input logic send_i,
    input logic send_pick_i,
    input logic send_end_i,
    output logic send_ready_o,
    input logic [Lanes-1:0][WeightBits-1:0] word_i,
    input logic [Half-1:0] pick_valid_i,  // of learning
    input logic [Multipliers-1:0][LaneBits-1:0] pick_lane_i,
    input logic [Multipliers-1:0][8:0] pick_value_i,
    input logic pick_first_i,
    input logic pick_last_i,
    input logic learn_i,  // else gather
    input state_t row_plus_i,  // s+[r]
    input state_t row_minus_i,  // s-[r]
    input logic [4:0] learning_shift_i,  // k
    input logic [20:0] random_i,  // of the row
    input logic [TagBits-1:0] tag_i,
    // To ep_sums: a dot product, the end of a block; always taken
    output logic gather_valid_o,
    output logic signed [DotBits-1:0] gather_dot_o,
    output logic end_o,
    // To ep_learn
    output logic step_valid_o,
    input logic step_ready_i,
    output logic [Half-1:0] step_lanes_o,  // slots in use
    output logic [Half-1:0][LaneBits-1:0] step_lane_o,
    output step_t [Half-1:0] step_o,
    output logic step_any_o,  // one is not 0
    output logic step_last_o,
    // With either
    output logic [TagBits-1:0] tag_o,
    output logic idle_o
);
  typedef logic signed [8:0] operand_t;
  typedef logic signed [17:0] product_t;
  typedef logic signed [21:0] contrast_t;  // D

  logic advance;
  logic pick_q, end_q, learn_q, first_q, last_q;
  logic [TagBits-1:0] tag_q;
  logic [4:0] shift_q;
  logic [20:0] random_q;
  logic [Half-1:0] lanes_q;  // of learning
  logic [Half-1:0][LaneBits-1:0] lane_q;
  product_t product_q[Multipliers];

  assign advance = !step_valid_o || step_ready_i;
  assign send_ready_o = advance;
  // A dot product that leaves now is taken with this edge: what begins now comes behind it.
  assign idle_o = !pick_q && !end_q && !end_o && !step_valid_o;

  //////////////
  // Products //
  //////////////
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pick_q <= 1'b0;
      end_q  <= 1'b0;
    end else if (clear_i) begin
      pick_q <= 1'b0;
      end_q  <= 1'b0;
    end else if (advance) begin
      pick_q <= send_i && send_pick_i;
      end_q  <= send_i && send_end_i;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance && send_i && send_pick_i) begin
      learn_q <= learn_i;
      first_q <= pick_first_i;
      last_q  <= pick_last_i;
      tag_q   <= tag_i;
      shift_q <= learning_shift_i;
      if (stochastic_i && learn_i) random_q <= random_i;
      lanes_q <= pick_valid_i;
      lane_q  <= pick_lane_i[Half-1:0];
      for (int j = 0; j < int'(Multipliers); j++) begin
        product_q[j] <= Product(
            operand_t'(pick_value_i[j]),
            Factor(
                learn_i, j < int'(Half) ? row_plus_i : row_minus_i, word_i[pick_lane_i[j]])
        );
      end
    end
  end

  function automatic product_t Product(operand_t a, operand_t b);
    return product_t'(a) * product_t'(b);
  endfunction

  function automatic operand_t Factor(logic learn, state_t state, logic [WeightBits-1:0] weight);
    typedef logic signed [WeightBits-1:0] weight_t;
    return learn ? operand_t'({1'b0, state}) : operand_t'(weight_t'(weight));
  endfunction

  //////////////////
  // Sum or steps //
  //////////////////
  // What |D| is rounded with, at most 2^21 - 1.
  function automatic logic [20:0] Offset(logic stochastic, logic [4:0] shift, logic [20:0] random,
                                         logic [2:0] lane);
    logic [20:0] half;
    half = 21'd1 << (shift - 5'd1);
    if (!stochastic) return half;
    return (random ^ {7{lane}}) & ((half - 21'd1) | half);
  endfunction

  function automatic step_t Step(product_t plus, product_t minus, logic [4:0] rate,
                                 logic [4:0] shift, logic [20:0] offset);
    contrast_t contrast;
    logic [21:0] magnitude;
    logic [21:0] size;
    contrast = (contrast_t'(plus) - contrast_t'(minus)) * contrast_t'({1'b0, rate});
    magnitude = contrast < 0 ? -contrast : contrast;
    size = (magnitude + {1'b0, offset}) >> shift;
    if (contrast < 0) return size > 22'd256 ? step_t'(9'h100) : step_t'(-size[8:0]);
    return size > 22'd255 ? step_t'(9'h0ff) : step_t'(size[8:0]);
  endfunction

  step_t [Half-1:0] step_d;
  always_comb begin
    step_d = '0;
    if (pick_q && learn_q) begin
      for (int j = 0; j < int'(Half); j++) begin
        step_d[j] = Step(
          product_q[j],
          product_q[j+Half],
          learning_rate_i,
          shift_q,
          Offset(
            stochastic_i, shift_q, random_q, lane_q[j][2:0])
        );
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      gather_valid_o <= 1'b0;
      end_o <= 1'b0;
      step_valid_o <= 1'b0;
    end else if (clear_i) begin
      gather_valid_o <= 1'b0;
      end_o <= 1'b0;
      step_valid_o <= 1'b0;
    end else begin
      gather_valid_o <= advance && pick_q && !learn_q && last_q;
      end_o <= advance && end_q;
      if (advance) step_valid_o <= pick_q && learn_q;
    end
  end

  always_ff @(posedge clk_i) begin
    if (advance && pick_q) begin
      tag_o <= tag_q;
      if (!learn_q) gather_dot_o <= Sum(first_q ? '0 : gather_dot_o, product_q);
      if (learn_q) begin
        step_any_o   <= 1'b0;
        step_last_o  <= last_q;
        step_lanes_o <= lanes_q;
        for (int j = 0; j < int'(Half); j++) begin
          step_lane_o[j] <= lane_q[j];
          step_o[j] <= step_d[j];
          if (step_d[j] != '0) step_any_o <= 1'b1;
        end
      end
    end
  end

  function automatic logic signed [DotBits-1:0] Sum(logic signed [DotBits-1:0] start,
                                                    product_t terms[Multipliers]);
    Sum = start;
    for (int j = 0; j < int'(Multipliers); j++) Sum = Sum + DotBits'(terms[j]);
  endfunction

  `EP_ASSERT(GatherNeverWaits_A, gather_valid_o |-> !step_valid_o)
endmodule
