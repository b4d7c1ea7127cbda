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
// Latency    gather 3 cycles: operands, products, sum; learn 4: operands, products, D, step
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
    input logic [Half-1:0] pick_valid_i,  // of learning
    input logic [Half-1:0][LaneBits-1:0] pick_lane_i,  // of learning
    input logic [Multipliers-1:0][8:0] pick_value_i,
    input logic [Multipliers-1:0][WeightBits-1:0] pick_weight_i,
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
    output logic [TagBits-1:0] gather_tag_o,
    output logic end_o,
    // To ep_learn
    output logic step_valid_o,
    input logic step_ready_i,
    output logic [Half-1:0] step_lanes_o,  // slots in use
    output logic [Half-1:0][LaneBits-1:0] step_lane_o,
    output step_t [Half-1:0] step_o,
    output logic step_any_o,  // one is not 0
    output logic step_last_o,
    output logic [TagBits-1:0] step_tag_o,
    output logic idle_o
);
  typedef logic signed [8:0] operand_t;
  typedef logic signed [17:0] product_t;
  typedef logic signed [21:0] contrast_t;  // D

  // What travels with the operands, the products and the contrasts.
  typedef struct packed {
    logic                          learn;
    logic                          first;
    logic                          last;
    logic [TagBits-1:0]            tag;
    logic [4:0]                    shift;
    logic [20:0]                   random;  // 0 where steps are rounded to nearest
    logic [Half-1:0]               lanes;   // of learning
    logic [Half-1:0][LaneBits-1:0] lane;
  } pick_t;

  logic advance;
  logic pick0_q, pick1_q, pick2_q;  // operands, products, contrasts
  logic end0_q, end1_q;
  pick_t with0_q, with1_q, with2_q;
  operand_t [Multipliers-1:0] a_q, b_q;
  product_t [Multipliers-1:0] product_q;
  contrast_t [Half-1:0] contrast_q;

  assign advance = !step_valid_o || step_ready_i;
  assign send_ready_o = advance;
  // A dot product that leaves now is taken with this edge: what begins now comes behind it.
  assign idle_o = !pick0_q && !pick1_q && !pick2_q && !end0_q && !end1_q && !end_o && !step_valid_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pick0_q <= 1'b0;
      pick1_q <= 1'b0;
      pick2_q <= 1'b0;
      end0_q <= 1'b0;
      end1_q <= 1'b0;
      gather_valid_o <= 1'b0;
      end_o <= 1'b0;
      step_valid_o <= 1'b0;
    end else if (clear_i) begin
      pick0_q <= 1'b0;
      pick1_q <= 1'b0;
      pick2_q <= 1'b0;
      end0_q <= 1'b0;
      end1_q <= 1'b0;
      gather_valid_o <= 1'b0;
      end_o <= 1'b0;
      step_valid_o <= 1'b0;
    end else begin
      if (advance) begin
        pick0_q <= send_i && send_pick_i;
        end0_q <= send_i && send_end_i;
        pick1_q <= pick0_q;
        end1_q <= end0_q;
        pick2_q <= pick1_q && with1_q.learn;
        step_valid_o <= pick2_q;
      end
      gather_valid_o <= advance && pick1_q && !with1_q.learn && with1_q.last;
      end_o <= advance && end1_q;
    end
  end

  //////////////////////////
  // Operands, products //
  //////////////////////////
  typedef logic signed [WeightBits-1:0] weight_t;

  always_ff @(posedge clk_i) begin
    if (advance && send_i && send_pick_i) begin
      with0_q <= '{
          learn: learn_i,
          first: pick_first_i,
          last: pick_last_i,
          tag: tag_i,
          shift: learning_shift_i,
          random: stochastic_i ? random_i : '0,
          lanes: pick_valid_i,
          lane: pick_lane_i
      };
      for (int j = 0; j < int'(Multipliers); j++) begin
        a_q[j] <= operand_t'(pick_value_i[j]);
        if (learn_i) b_q[j] <= operand_t'({1'b0, j < int'(Half) ? row_plus_i : row_minus_i});
        else b_q[j] <= operand_t'(weight_t'(pick_weight_i[j]));
      end
    end
    if (advance && pick0_q) begin
      with1_q <= with0_q;
      for (int j = 0; j < int'(Multipliers); j++) begin
        product_q[j] <= product_t'(a_q[j]) * product_t'(b_q[j]);
      end
    end
  end

  /////////////////////////////
  // Dot product, or steps //
  /////////////////////////////
  function automatic logic signed [DotBits-1:0] Sum(logic signed [DotBits-1:0] start,
                                                    product_t [Multipliers-1:0] terms);
    Sum = start;
    for (int j = 0; j < int'(Multipliers); j++) Sum = Sum + DotBits'(terms[j]);
  endfunction

  // What |D| is rounded with, at most 2^21 - 1.
  function automatic logic [20:0] Offset(logic stochastic, logic [4:0] shift, logic [20:0] random,
                                         logic [2:0] lane);
    logic [20:0] half;
    half = 21'd1 << (shift - 5'd1);
    if (!stochastic) return half;
    return (random ^ {7{lane}}) & ((half - 21'd1) | half);
  endfunction

  function automatic step_t Step(contrast_t contrast, logic [4:0] shift, logic [20:0] offset);
    logic [21:0] magnitude, size;
    magnitude = contrast < 0 ? -contrast : contrast;
    size = (magnitude + {1'b0, offset}) >> shift;
    if (contrast < 0) return size > 22'd256 ? step_t'(9'h100) : step_t'(-size[8:0]);
    return size > 22'd255 ? step_t'(9'h0ff) : step_t'(size[8:0]);
  endfunction

  always_ff @(posedge clk_i) begin
    if (advance && pick1_q) begin
      if (with1_q.learn) begin
        with2_q <= with1_q;
        for (int j = 0; j < int'(Half); j++) begin
          contrast_q[j] <= (contrast_t'(product_q[j]) - contrast_t'(product_q[j+Half]))
                           * contrast_t'({1'b0, learning_rate_i});
        end
      end else begin
        gather_tag_o <= with1_q.tag;
        gather_dot_o <= Sum(with1_q.first ? '0 : gather_dot_o, product_q);
      end
    end
  end

  step_t [Half-1:0] step_d;
  logic step_any_d;

  always_comb begin
    step_d = '0;
    if (pick2_q) begin
      for (int j = 0; j < int'(Half); j++) begin
        step_d[j] = Step(
          contrast_q[j],
          with2_q.shift,
          Offset(
            stochastic_i, with2_q.shift, with2_q.random, with2_q.lane[j][2:0])
        );
      end
    end
    step_any_d = step_d != '0;
  end

  always_ff @(posedge clk_i) begin
    if (advance && pick2_q) begin
      step_tag_o <= with2_q.tag;
      step_last_o <= with2_q.last;
      step_lanes_o <= with2_q.lanes;
      step_lane_o <= with2_q.lane;
      step_o <= step_d;
      step_any_o <= step_any_d;
    end
  end

  logic unused;
  assign unused = ^{with2_q.learn, with2_q.first};

  // Each lane is picked once at most: weights of -2^(WeightBits - 1), deltas of -255 to 255.
  `EP_PARAMETER(DotFits, Lanes * 255 * 2 ** (WeightBits - 1) < 2 ** (DotBits - 1))
  `EP_ASSERT(GatherNeverWaits_A, gather_valid_o |-> !step_valid_o)
endmodule
