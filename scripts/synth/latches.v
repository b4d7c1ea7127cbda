// SPDX-License-Identifier: Apache-2.0
//
// ep_map_memory - a memory with one write port as latches: one master latch a column, open while the
// clock is low, and one slave latch a bit, open while the clock is high and its word is written. Each
// bit is a flip-flop whose first half is shared by all words: it acts as the flip-flops that it
// replaces do, cycle for cycle, with about two thirds of their area and no clock but in the word that
// is written.

(* techmap_celltype = "$mem_v2" *)
module ep_map_memory (
    RD_CLK, RD_EN, RD_ARST, RD_SRST, RD_ADDR, RD_DATA, WR_CLK, WR_EN, WR_ADDR, WR_DATA
);
  parameter MEMID = "";
  parameter SIZE = 0;
  parameter OFFSET = 0;
  parameter ABITS = 0;
  parameter WIDTH = 0;
  parameter signed INIT = 0;
  parameter RD_PORTS = 0;
  parameter RD_CLK_ENABLE = 0;
  parameter RD_CLK_POLARITY = 0;
  parameter RD_TRANSPARENCY_MASK = 0;
  parameter RD_COLLISION_X_MASK = 0;
  parameter RD_WIDE_CONTINUATION = 0;
  parameter RD_CE_OVER_SRST = 0;
  parameter RD_ARST_VALUE = 0;
  parameter RD_SRST_VALUE = 0;
  parameter RD_INIT_VALUE = 0;
  parameter WR_PORTS = 0;
  parameter WR_CLK_ENABLE = 0;
  parameter WR_CLK_POLARITY = 0;
  parameter WR_PRIORITY_MASK = 0;
  parameter WR_WIDE_CONTINUATION = 0;
  parameter _TECHMAP_CONNMAP_WR_EN_ = 0;
  parameter _TECHMAP_BITS_CONNMAP_ = 1;

  input [RD_PORTS-1:0] RD_CLK, RD_EN, RD_ARST, RD_SRST;
  input [RD_PORTS*ABITS-1:0] RD_ADDR;
  output [RD_PORTS*WIDTH-1:0] RD_DATA;
  input [WR_PORTS-1:0] WR_CLK;
  input [WR_PORTS*WIDTH-1:0] WR_EN;
  input [WR_PORTS*ABITS-1:0] WR_ADDR;
  input [WR_PORTS*WIDTH-1:0] WR_DATA;

  // One enable for all bits of the word.
  localparam [_TECHMAP_BITS_CONNMAP_-1:0] EnableId = _TECHMAP_CONNMAP_WR_EN_;
  wire _TECHMAP_FAIL_ = WR_PORTS != 1 || RD_CLK_ENABLE != 0 || OFFSET != 0 || WR_CLK_POLARITY != 1
      || _TECHMAP_CONNMAP_WR_EN_ != {WIDTH{EnableId}};

  // A master drives the words through buffers, one for 16 words and, with more than 8 of these, one
  // for 8 of them.
  localparam Buffers = (SIZE + 15) / 16;
  localparam Stems = (Buffers + 7) / 8;

  wire clock;  // of all of it, while a word is written
  wire [WIDTH-1:0] master;
  wire [WIDTH*Stems-1:0] stem;
  wire [WIDTH*Buffers-1:0] held;
  wire [WIDTH*SIZE-1:0] words;

  EP_ICG memory_gate (.EN(WR_EN[0]), .CLK(WR_CLK[0]), .GCLK(clock));

  genvar i, w, r;
  generate
    for (i = 0; i < WIDTH; i = i + 1) begin : column
      \$_DLATCH_N_ latch (.E(clock), .D(WR_DATA[i]), .Q(master[i]));
      for (w = 0; w < Stems; w = w + 1) begin : upper
        if (Stems > 1) EP_FANOUT drive (.A(master[i]), .Y(stem[w*WIDTH+i]));
        else assign stem[w*WIDTH+i] = master[i];
      end
      for (w = 0; w < Buffers; w = w + 1) begin : lower
        if (Buffers > 1) EP_FANOUT drive (.A(stem[w/8*WIDTH+i]), .Y(held[w*WIDTH+i]));
        else assign held[w*WIDTH+i] = stem[i];
      end
    end
    for (w = 0; w < SIZE; w = w + 1) begin : word
      wire gated;
      EP_ICG gate (.EN(WR_ADDR == w), .CLK(clock), .GCLK(gated));
      for (i = 0; i < WIDTH; i = i + 1) begin : bits
        \$_DLATCH_P_ latch (.E(gated), .D(held[w/16*WIDTH+i]), .Q(words[w*WIDTH+i]));
      end
    end
    // Reading is an AND and OR of all words, one select a word: narrower and sooner than a tree of
    // multiplexers, whose selects fan out to every bit of every word. Node n is the OR of nodes 2 n
    // and 2 n + 1.
    for (r = 0; r < RD_PORTS; r = r + 1) begin : read
      wire [(WIDTH << (ABITS + 1))-1:0] node;
      for (w = 0; w < (1 << ABITS); w = w + 1) begin : leaf
        if (w < SIZE) begin : used
          wire select;
          assign select = RD_ADDR[r*ABITS+:ABITS] == w;
          assign node[((1<<ABITS)+w)*WIDTH+:WIDTH] = {WIDTH{select}} & words[w*WIDTH+:WIDTH];
        end else begin : unused
          assign node[((1<<ABITS)+w)*WIDTH+:WIDTH] = {WIDTH{1'b0}};
        end
      end
      for (w = 1; w < (1 << ABITS); w = w + 1) begin : fork
        assign node[w*WIDTH+:WIDTH] = node[2*w*WIDTH+:WIDTH] | node[(2*w+1)*WIDTH+:WIDTH];
      end
      assign RD_DATA[r*WIDTH+:WIDTH] = node[WIDTH+:WIDTH];
    end
  endgenerate
endmodule
