// SPDX-License-Identifier: Apache-2.0
//
// ep_walker - visits the row words that matter: projections in file order, lane blocks ascending,
// rows ascending.
//
// Function   PassDrive  the listed rows of each projection from the input
//            PassRelax  per block: every row if a state of the block changed, else the rows whose
//                       state changed; with a fused projection each block ends with a token, word
//                       or not, so that its neurons are updated
//            PassLearn  per enabled projection and block that can have a step: the listed rows, or
//                       every row of a population
//            PassLoad, PassSave, PassScrub, PassTest  every row word
// Formats    addresses and one-bit flags only
//            A walk may start before the states are final: it waits for go_i before it looks at any.
// Latency    1 cycle to begin a projection, 1 more if it is not driven, 1 to pass a block without rows,
//            then one row word a cycle
// Model      model/ctrl/walker.h, bit exact

`include "ep_assert.svh"

module ep_walker
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    parameter int unsigned MaxInputs = 1024,
    parameter int unsigned MaxStates = 2048,
    parameter int unsigned AddrBits = 17,
    localparam int unsigned NumBlocks = MaxStates / Lanes,
    localparam int unsigned BlockBits = (NumBlocks > 1) ? $clog2(NumBlocks) : 1,
    localparam int unsigned LaneBits = $clog2(Lanes),
    localparam int unsigned NeuronBits = $clog2(MaxStates),
    localparam int unsigned InputBits = $clog2(MaxInputs),
    localparam int unsigned CountBits = $clog2(MaxInputs + 1),
    localparam int unsigned RowBits = (MaxInputs > MaxStates) ? $clog2(
        MaxInputs + 1
    ) : $clog2(
        MaxStates + 1
    )
) (
    input logic clk_i,
    input logic rst_ni,
    input logic clear_i,
    input config_t config_i,
    // From ep_sequencer
    input logic start_i,
    input logic go_i,  // with start_i or later: from the next cycle on flags are final
    input pass_e pass_i,  // held during the pass
    input logic [NumProjections-1:0] fused_i,  // update with this projection, for this pass
    output logic busy_o,  // and not waiting for go_i
    output logic upset_o,  // ep_guard, or a row that the population does not have
    // From ep_input_buffer: the list of nonzero codes
    input logic [CountBits-1:0] list_count_i,
    output logic list_read_o,
    output logic [InputBits-1:0] list_index_o,  // entry wanted from the next cycle on
    input logic [InputBits-1:0] list_row_i,
    // From ep_state_memory: which states changed, where learning is possible
    input logic [NumBlocks-1:0] block_changed_i,
    output logic [BlockBits-1:0] flags_block_o,
    input logic [Lanes-1:0] flags_i,
    output logic [BlockBits-1:0] learn_block_o,
    input logic learn_differs_i,  // s+ != s- somewhere in learn_block_o
    input logic learn_nonzero_i,  // s+ or s- != 0 somewhere in it
    // To ep_sense: one row word, or the bare end of a block
    output logic op_valid_o,
    input logic op_ready_i,
    output logic op_word_o,  // 0: only ends the block
    output logic [AddrBits-1:0] op_row_o,  // array row
    output logic [NeuronBits-1:0] op_neuron_o,  // row neuron in the state memory
    output logic [7:0] op_index_o,  // row of the projection, modulo 256
    output logic op_input_o,  // row of the input
    output logic op_gather_o,  // a lane of the block changed
    output logic op_last_o,  // ends the block
    output logic op_fused_o,
    output logic [BlockBits-1:0] op_block_o,  // lane block in the state memory
    output logic [Lanes-1:0] op_lanes_o,  // lanes of the population
    output logic [3:0] op_shift_o,  // G - g
    output logic [4:0] op_learn_o,  // k
    // To ep_counters, at the end of a block: words not emitted
    output logic skip_valid_o,
    output logic [15:0] skip_count_o
);
  typedef enum logic [1:0] {
    StIdle  = 2'd0,
    StBlock = 2'd1,
    StRows  = 2'd2,
    StLoad  = 2'd3
  } state_e;

  typedef enum logic [1:0] {
    RowsListed  = 2'd0,
    RowsAll     = 2'd1,
    RowsChanged = 2'd2
  } rows_e;

  state_e state_q, state_d;
  logic waits_q, waits_d;  // for go_i
  logic at_block;

  assign at_block = state_q == StBlock && !waits_q;

  // The projection under way, loaded when it begins.
  logic [RowBits-1:0] rows_q;  // rows of the row population
  logic [15:0] lanes_left_q, lanes_left_d;  // lanes of this and the following blocks
  logic [Lanes-1:0] lanes_q, lanes_d;  // lanes of this block
  logic [BlockBits-1:0] row_block_q;  // first block of the row population
  logic [NumBlocks-1:0] row_window_q;  // blocks of the row population
  logic [BlockBits-1:0] block_q, block_d;  // lane block
  logic [AddrBits-1:0] base_q, base_d;  // array row of row 0 in this block
  logic input_q, fused_q, fused_d;
  logic [3:0] shift_q, shift_d;
  logic [4:0] learn_q;

  // The row under way.
  rows_e mode_q;
  logic gather_q;
  logic [RowBits-1:0] row_q;  // list index or row
  logic [Lanes-1:0] window_q;  // rows left in this row block
  logic [BlockBits-1:0] window_block_q;
  logic [NumBlocks-1:0] windows_q;  // row blocks left with a changed state
  logic [15:0] emitted_q;

  //////////////////////
  // Which projection //
  //////////////////////
  logic load, found, done;
  logic [2:0] index_d;
  logic [3:0] from_q, from_d;  // projections before this one have been walked

  function automatic logic Wanted(pass_e pass, projection_t projection);
    unique case (pass)
      PassDrive: return projection.a == '0;
      PassRelax: return projection.a != '0;
      PassLearn: return projection.learn;
      default:   return 1'b1;
    endcase
  endfunction

  always_comb begin
    index_d = '0;
    found   = 1'b0;
    for (int unsigned p = 0; p < NumProjections; p++) begin
      if (!found && 4'(p) < config_i.projections && 4'(p) >= from_q && Wanted(
              pass_i, config_i.projection[p]
          )) begin
        index_d = 3'(p);
        found   = 1'b1;
      end
    end
  end

  projection_t next;
  population_t next_rows, next_lanes;
  logic [NumBlocks-1:0] next_window;

  always_comb begin
    next = '0;
    next_rows = '0;
    next_lanes = '0;
    next_window = '0;
    if (load) begin
      next = config_i.projection[index_d];
      next_rows = config_i.population[(next.a=='0)?3'd0 : next.b];
      next_lanes = config_i.population[(next.a=='0)?next.b : next.a];
      if (next.a != '0) begin
        next_window = BlockRange(next_rows.block[BlockBits-1:0], next_rows.size);
      end
    end
  end

  // Blocks that a population of `size` neurons from block `first` on occupies.
  function automatic logic [NumBlocks-1:0] BlockRange(logic [BlockBits-1:0] first,
                                                      logic [15:0] size);
    logic [NumBlocks-1:0] range;
    logic [15:0] count;
    count = (size + 16'(Lanes - 1)) >> LaneBits;
    range = '0;
    for (int unsigned i = 0; i < NumBlocks; i++) begin
      range[i] = 16'(i) >= 16'(first) && 16'(i) < 16'(first) + count;
    end
    return range;
  endfunction

  function automatic logic [BlockBits-1:0] LowestBlock(logic [NumBlocks-1:0] blocks);
    LowestBlock = '0;
    for (int i = int'(NumBlocks) - 1; i >= 0; i--) begin
      if (blocks[i]) LowestBlock = BlockBits'(i);
    end
  endfunction

  function automatic logic [LaneBits-1:0] LowestLane(logic [Lanes-1:0] lanes);
    LowestLane = '0;
    for (int i = int'(Lanes) - 1; i >= 0; i--) begin
      if (lanes[i]) LowestLane = LaneBits'(i);
    end
  endfunction

  function automatic logic [Lanes-1:0] LaneMask(logic [15:0] count);
    for (int unsigned i = 0; i < Lanes; i++) LaneMask[i] = 16'(i) < count;
  endfunction

  ///////////
  // Block //
  ///////////
  logic block_gather, block_has_rows, block_token, block_begin, block_end, last_block;
  rows_e block_mode;
  logic [NumBlocks-1:0] block_windows;
  logic [BlockBits-1:0] first_window;

  // A block is looked at in StBlock, or with the last row of the block before it.
  logic look, emit, row_last;
  logic [BlockBits-1:0] looked_block;
  assign look = state_q == StBlock || (state_q == StRows && row_last && !last_block);
  assign looked_block = state_q == StBlock ? block_q : block_q + BlockBits'(1);
  assign learn_block_o = looked_block;
  assign last_block = lanes_left_q <= 16'(Lanes);

  always_comb begin
    block_gather = 1'b0;
    block_mode = RowsAll;
    block_has_rows = 1'b1;
    block_windows = '0;
    if (look) begin
      block_windows = block_changed_i & row_window_q;
      unique case (pass_i)
        PassDrive: begin
          block_mode = RowsListed;
          block_has_rows = list_count_i != '0;
        end
        PassRelax: begin
          block_gather = block_changed_i[looked_block];
          if (!block_gather) begin
            block_mode = RowsChanged;
            block_has_rows = block_windows != '0;
          end
        end
        PassLearn: begin
          if (input_q) begin
            block_mode = RowsListed;
            block_has_rows = learn_differs_i && list_count_i != '0;
          end else begin
            block_has_rows = learn_nonzero_i;
          end
        end
        default: ;
      endcase
    end
  end

  assign block_token = at_block && !block_has_rows && fused_q && pass_i == PassRelax;
  assign block_begin = look && block_has_rows && (at_block || emit);

  //////////
  // Rows //
  //////////
  logic [Lanes-1:0] window_rest;
  logic [LaneBits-1:0] window_lane;
  logic [RowBits-1:0] window_row;

  assign window_rest = window_q & (window_q - Lanes'(1));
  assign emit = state_q == StRows && op_ready_i;

  always_comb begin
    window_lane = '0;
    if (state_q == StRows && mode_q == RowsChanged) window_lane = LowestLane(window_q);
  end
  assign window_row = RowBits'({window_block_q - row_block_q, window_lane});

  // The window after this one; its flags are read while the last row of this one is emitted.
  always_comb begin
    first_window = '0;
    if (look) first_window = LowestBlock(block_windows);
    else if (mode_q == RowsChanged && window_rest == '0) first_window = LowestBlock(windows_q);
  end
  assign flags_block_o = first_window;

  always_comb begin
    unique case (mode_q)
      RowsListed: row_last = row_q + RowBits'(1) == RowBits'(list_count_i);
      RowsAll: row_last = row_q + RowBits'(1) == rows_q;
      default: row_last = window_rest == '0 && windows_q == '0;
    endcase
  end

  logic [RowBits-1:0] row_now;
  always_comb begin
    unique case (mode_q)
      RowsListed: row_now = RowBits'(list_row_i);
      RowsAll: row_now = row_q;
      default: row_now = window_row;
    endcase
  end

  // The list memory answers one cycle later: the next entry, or the first of the next block, is read
  // as soon as this one is taken; its address does not wait for that.
  logic [RowBits-1:0] list_next;
  always_comb begin
    list_next = '0;
    if (state_q == StRows && !row_last) list_next = row_q + RowBits'(1);
  end
  assign list_read_o  = state_q != StRows || emit;
  assign list_index_o = list_next[InputBits-1:0];
  logic unused;
  assign unused = ^{list_next, next.a};

  assign op_valid_o = state_q == StRows || block_token;
  assign op_word_o = state_q == StRows;
  assign op_row_o = base_q + AddrBits'(row_now);
  assign op_neuron_o = {row_block_q, {LaneBits{1'b0}}} + NeuronBits'(row_now);
  assign op_index_o = 8'(row_now);
  assign op_input_o = input_q;
  assign op_gather_o = gather_q && state_q == StRows;
  assign op_last_o = block_token || row_last;
  assign op_fused_o = fused_q;
  assign op_block_o = block_q;
  assign op_lanes_o = lanes_q;
  assign op_shift_o = shift_q;
  assign op_learn_o = learn_q;

  assign block_end = (emit && row_last)
                     || (at_block && !block_has_rows && (!block_token || op_ready_i));
  assign load = state_q == StLoad;
  assign done = block_end && last_block;

  assign skip_valid_o = block_end;
  // In StRows a block ends with a row word that is emitted.
  assign skip_count_o = 16'(rows_q) - emitted_q - {15'd0, state_q == StRows};

  ////////////////////
  // State machine //
  ///////////////////
  assign busy_o = state_q != StIdle && !waits_q;

  always_comb begin
    state_d = state_q;
    unique case (state_q)
      // Waits for start_i.
      StIdle:  ;
      // Looks at the flags of a block, once they are final; waits for ep_sense only where it sends the
      // bare end of one.
      StBlock: if (at_block && block_has_rows) state_d = StRows;
      // Sends row words; waits for ep_sense.
      StRows:  if (block_end && !block_begin) state_d = StBlock;
      // Loads a projection; one cycle.
      StLoad: begin
        state_d = StIdle;
        if (found) state_d = (pass_i == PassDrive && list_count_i != '0) ? StRows : StBlock;
      end
      default: state_d = StIdle;
    endcase
    if (done) state_d = found ? StLoad : StIdle;
    if (start_i) state_d = StLoad;
    if (clear_i) state_d = StIdle;
  end

  always_comb begin
    from_d = from_q;
    if (start_i) from_d = '0;
    else if (load) from_d = {1'b0, index_d} + 4'd1;
    waits_d = waits_q;
    if (clear_i || go_i) waits_d = 1'b0;
    else if (start_i) waits_d = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q   <= StIdle;
      waits_q   <= 1'b0;
      from_q    <= '0;
      emitted_q <= '0;
    end else begin
      state_q <= state_d;
      waits_q <= waits_d;
      from_q  <= from_d;
      if (block_end || clear_i) emitted_q <= '0;
      else if (emit) emitted_q <= emitted_q + 16'd1;
    end
  end

  assign lanes_left_d = load ? next_lanes.size : lanes_left_q - 16'(Lanes);
  assign lanes_d = LaneMask(lanes_left_d);
  assign block_d = load ? next_lanes.block[BlockBits-1:0] : block_q + BlockBits'(1);
  assign base_d = load ? AddrBits'(next.base) : base_q + AddrBits'(rows_q);
  assign fused_d = fused_i[index_d];
  assign shift_d = config_i.gain_max - next.gain_shift;

  always_ff @(posedge clk_i) begin
    if (load || block_end) begin
      lanes_left_q <= lanes_left_d;
      lanes_q <= lanes_d;
      block_q <= block_d;
      base_q <= base_d;
    end
    if (load) begin
      rows_q <= RowBits'(next_rows.size);
      row_block_q <= next_rows.block[BlockBits-1:0];
      row_window_q <= next_window;
      input_q <= next.a == '0;
      fused_q <= fused_d;
      shift_q <= shift_d;
      learn_q <= next.learning_shift;
    end
  end

  always_ff @(posedge clk_i) begin
    if (load) begin
      // The drive needs no look at its blocks: it begins with the first listed row.
      mode_q   <= RowsListed;
      gather_q <= 1'b0;
      row_q    <= '0;
    end else if (block_begin) begin
      mode_q <= block_mode;
      gather_q <= block_gather;
      row_q <= '0;
      window_q <= flags_i;
      window_block_q <= first_window;
      windows_q <= block_windows & (block_windows - NumBlocks'(1));
    end else if (emit) begin
      row_q <= row_q + RowBits'(1);
      window_q <= window_rest;
      if (window_rest == '0) begin
        window_q <= flags_i;
        window_block_q <= first_window;
        windows_q <= windows_q & (windows_q - NumBlocks'(1));
      end
    end
  end

  ////////////
  // Upsets //
  ////////////
  // Where a flip-flop of the place in the array is wrong, or a row leaves its block, rows that no one
  // asked for would be sensed and programmed.
  logic [2:0] upset;
  logic outside;
  assign outside = state_q == StRows && row_now >= rows_q;
  assign upset_o = upset != '0 || outside;

  ep_guard #(
      .Width(7)
  ) u_guard_state (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (1'b1),
      .next_i ({state_d, waits_d, from_d}),
      .value_i({state_q, waits_q, from_q}),
      .upset_o(upset[0])
  );
  ep_guard #(
      .Width(16 + Lanes + BlockBits + AddrBits)
  ) u_guard_block (
      .clk_i,
      .rst_ni,
      .free_i (1'b0),
      .load_i (load || block_end),
      .next_i ({lanes_left_d, lanes_d, block_d, base_d}),
      .value_i({lanes_left_q, lanes_q, block_q, base_q}),
      .upset_o(upset[1])
  );
  ep_guard #(
      .Width(RowBits + BlockBits + 11)
  ) u_guard_projection (
      .clk_i,
      .rst_ni,
      .free_i(1'b0),
      .load_i(load),
      .next_i({
        RowBits'(next_rows.size),
        next_rows.block[BlockBits-1:0],
        next.a == '0,
        fused_d,
        shift_d,
        next.learning_shift
      }),
      .value_i({rows_q, row_block_q, input_q, fused_q, shift_q, learn_q}),
      .upset_o(upset[2])
  );

  `EP_ASSERT(StartWhenIdle_A, start_i |-> state_q == StIdle)
  `EP_ASSERT(DriveGoesAtOnce_A, start_i && !go_i |=> pass_i != PassDrive)
  `EP_ASSERT(RowsOfTheBlock_A, !outside)
  `EP_ASSERT(ChangedWindowNotEmpty_A, state_q == StRows && mode_q == RowsChanged |-> window_q != '0)
endmodule
