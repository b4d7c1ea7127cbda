// SPDX-License-Identifier: Apache-2.0
//
// walker_props - ep_walker visits each row word that matters once, in order, and no other: the walker
// that skips is equivalent to one that looks at every row word.
//
// Proved     in small networks, for any flags, list of codes and stalls: a row word chosen at will
//            (projection, lane block, row) is emitted exactly once in the walk if the schedule wants
//            it, else never, with its address, block, neuron and lanes; array rows ascend; words
//            emitted and words counted as skipped are the words of the walked projections; what waits
//            stays as it is; the walk ends; one that starts before the states are final sees nothing of
//            them until they are

`include "props.svh"

module walker_props
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 2,
    parameter int unsigned MaxInputs = 4,
    parameter int unsigned MaxStates = 8,
    parameter int unsigned AddrBits = 6,
    // The pass, and the network: neurons by population, the pairs of its projections
    parameter int unsigned Pass = 1,
    parameter int unsigned Size0 = 2,
    parameter int unsigned Size1 = 3,
    parameter int unsigned Size2 = 2,
    parameter int unsigned Pair0 = 0,
    parameter int unsigned Pair1 = 1,
    localparam int unsigned NumBlocks = MaxStates / Lanes
) (
    input logic clk_i,
    input logic [1:0] learn_any_i,
    input logic [1:0] fused_any_i,
    input logic [NumBlocks-1:0] changed_any_i,
    input logic [NumBlocks-1:0] differs_any_i,
    input logic [NumBlocks-1:0] nonzero_any_i,
    input logic [NumBlocks-1:0][Lanes-1:0] flags_any_i,
    input logic [3:0] listed_any_i,
    input logic late_any_i,
    input logic [NumBlocks-1:0] noise_any_i,
    input logic watch_any_i,
    input logic watch_block_any_i,
    input logic [1:0] watch_row_any_i,
    input logic ready_i
);
  `PROPS_RESET

  // Chosen once: the network, what changed, the word that is watched.
  logic [2:0] size0, size1;
  logic [1:0] size2;
  logic [1:0][1:0] pair;  // of each projection: 0 (0, 1), 1 (1, 2), 2 (0, 2)
  logic second;  // there are two projections
  logic [1:0] learn_q, fused_q;
  pass_e pass;
  logic [NumBlocks-1:0] changed_q, differs_q, nonzero_q;
  logic [NumBlocks-1:0][Lanes-1:0] flags_q;
  logic [3:0] listed_q;  // inputs with a nonzero code
  logic late_q;  // the walk starts before the states are final
  logic watch_q, watch_block_q;
  logic [1:0] watch_row_q;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      learn_q <= learn_any_i;
      fused_q <= fused_any_i;
      changed_q <= changed_any_i;
      differs_q <= differs_any_i;
      nonzero_q <= nonzero_any_i;
      flags_q <= flags_any_i;
      listed_q <= listed_any_i;
      late_q <= late_any_i && pass != PassDrive;
      watch_q <= watch_any_i;
      watch_block_q <= watch_block_any_i;
      watch_row_q <= watch_row_any_i;
    end
  end

  assign size0  = 3'(Size0);
  assign size1  = 3'(Size1);
  assign size2  = 2'(Size2);
  assign pair   = {2'(Pair1), 2'(Pair0)};
  assign second = 1'b1;
  assign pass   = pass_e'(Pass);

  // The network as registers.
  logic [1:0] block2;
  assign block2 = 2'((size1 + 3'd1) >> 1);  // first block of population 2

  typedef struct packed {
    logic [2:0] rows;
    logic [1:0] blocks;
    logic       from_input;
    logic [1:0] lane_block;  // first
    logic [1:0] row_block;
    logic [2:0] lanes;
    logic       wanted;      // walked in this pass
    logic [5:0] base;
    logic       learn;
    logic       fused;
  } shape_t;

  function automatic logic Walked(pass_e pass, logic from_input, logic learn);
    case (pass)
      PassDrive: return from_input;
      PassRelax: return !from_input;
      PassLearn: return learn;
      default:   return 1'b1;
    endcase
  endfunction

  shape_t [1:0] shape;
  config_t cfg;
  always_comb begin
    for (int i = 0; i < 2; i++) begin
      shape[i].from_input = pair[i] != 2'd1;
      shape[i].rows = pair[i] == 2'd1 ? 3'(size2) : size0;
      shape[i].lanes = pair[i] == 2'd2 ? 3'(size2) : size1;
      shape[i].blocks = 2'((shape[i].lanes + 3'd1) >> 1);
      shape[i].lane_block = pair[i] == 2'd2 ? block2 : 2'd0;
      shape[i].row_block = pair[i] == 2'd1 ? block2 : 2'd0;
      shape[i].learn = learn_q[i];
      shape[i].fused = fused_q[i];
      shape[i].wanted = Walked(pass, shape[i].from_input, learn_q[i]) && (i == 0 || second);
      shape[i].base = i == 0 ? 6'd3 : 6'd3 + 6'(shape[0].rows) * 6'(shape[0].blocks);
    end
    cfg = '0;
    cfg.populations = 3'd3;
    cfg.projections = second ? 4'd2 : 4'd1;
    cfg.population[0].size = 16'(size0);
    cfg.population[1].size = 16'(size1);
    cfg.population[2].size = 16'(size2);
    cfg.population[2].block = 16'(block2);
    cfg.gain_max = 4'd9;
    for (int i = 0; i < 2; i++) begin
      cfg.projection[i].base = 32'(shape[i].base);
      cfg.projection[i].a = pair[i] == 2'd1 ? 3'd1 : 3'd0;
      cfg.projection[i].b = pair[i] == 2'd0 ? 3'd1 : 3'd2;
      cfg.projection[i].gain_shift = 4'd2 + 4'(i);
      cfg.projection[i].learn = learn_q[i];
    end
  end

  // The list of nonzero codes, rows ascending; its memory answers a cycle later.
  logic [3:0][1:0] list_rows;
  logic [2:0] list_count;
  always_comb begin
    list_rows  = '0;
    list_count = '0;
    for (int i = 0; i < 4; i++) begin
      if (listed_q[i] && 3'(i) < size0) begin
        list_rows[list_count[1:0]] = 2'(i);
        list_count = list_count + 3'd1;
      end
    end
  end

  logic upset;
  logic start, busy, op_valid, op_word, op_input, op_gather, op_last, op_fused, skip_valid;
  logic list_read;
  logic [1:0] list_index, list_row_q, flags_block, learn_block, op_block, op_lanes;
  logic [AddrBits-1:0] op_row;
  logic [2:0] op_neuron;
  logic [3:0] op_shift;
  logic [15:0] skip_count;
  logic [1:0] cycle_q = '0;
  logic go, went_q = 1'b0;
  logic [NumBlocks-1:0] noise;

  assign start = cycle_q == 2'd1;
  assign go = !went_q && (late_q ? cycle_q == 2'd3 : start);
  assign noise = {NumBlocks{late_q && !went_q}} & noise_any_i;

  ep_walker #(
      .Lanes(Lanes),
      .MaxInputs(MaxInputs),
      .MaxStates(MaxStates),
      .AddrBits(AddrBits)
  ) u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .clear_i(1'b0),
      .config_i(cfg),
      .start_i(start),
      .go_i(go),
      .pass_i(pass),
      .fused_i(NumProjections'(fused_q)),
      .busy_o(busy),
      .upset_o(upset),
      .list_count_i(list_count),
      .list_read_o(list_read),
      .list_index_o(list_index),
      .list_row_i(list_row_q),
      .block_changed_i(changed_q ^ noise),
      .flags_block_o(flags_block),
      .flags_i(flags_q[flags_block] ^ noise[Lanes-1:0]),
      .learn_block_o(learn_block),
      .learn_differs_i(differs_q[learn_block] ^ noise[0]),
      .learn_nonzero_i(nonzero_q[learn_block] ^ noise[1]),
      .op_valid_o(op_valid),
      .op_ready_i(ready_i),
      .op_word_o(op_word),
      .op_row_o(op_row),
      .op_neuron_o(op_neuron),
      .op_index_o(),
      .op_input_o(op_input),
      .op_gather_o(op_gather),
      .op_last_o(op_last),
      .op_fused_o(op_fused),
      .op_block_o(op_block),
      .op_lanes_o(op_lanes),
      .op_shift_o(op_shift),
      .op_learn_o(),
      .skip_valid_o(skip_valid),
      .skip_count_o(skip_count)
  );

  // The word that is watched, and whether the schedule wants it.
  shape_t mine;
  logic [1:0] my_block, my_row_block;
  logic [5:0] my_row;
  logic row_flag, block_wanted, wanted, here;
  assign mine = shape[watch_q];
  assign my_block = mine.lane_block + 2'(watch_block_q);
  assign my_row_block = mine.row_block + 2'(watch_row_q >> 1);
  assign my_row = mine.base + 6'(watch_block_q) * 6'(mine.rows) + 6'(watch_row_q);
  assign row_flag = changed_q[my_row_block] && flags_q[my_row_block][watch_row_q[0]];
  always_comb begin
    case (pass)
      PassDrive: wanted = listed_q[watch_row_q];
      PassRelax: wanted = changed_q[my_block] || row_flag;
      PassLearn:
      wanted = mine.from_input ? differs_q[my_block] && listed_q[watch_row_q] : nonzero_q[my_block];
      default: wanted = 1'b1;
    endcase
    if (!mine.wanted) wanted = 1'b0;
  end
  assign here = op_valid && ready_i && op_word && op_row == my_row;

  // What was emitted and skipped so far.
  logic [1:0] seen_q = '0;
  logic [5:0] emitted_q = '0, skipped_q = '0, top_q = '0, total, cycles_q = '0;
  logic [1:0] stalls_q = '0;
  logic held_q = 1'b0, done_q = 1'b0, was_busy_q = 1'b0;
  logic [14:0] held_op_q, op_now;
  assign op_now = {op_word, op_last, op_input, op_gather, op_block, op_lanes, op_row, op_fused};

  always_comb begin
    total = '0;
    for (int i = 0; i < 2; i++) begin
      if (shape[i].wanted) total = total + 6'(shape[i].rows) * 6'(shape[i].blocks);
    end
  end

  always_ff @(posedge clk_i) begin
    if (rst_n) begin
      if (cycle_q != 2'd3) cycle_q <= cycle_q + 2'd1;
      if (list_read) list_row_q <= list_rows[list_index];
      if (here) seen_q <= seen_q == '1 ? seen_q : seen_q + 2'd1;
      if (op_valid && ready_i && op_word) begin
        emitted_q <= emitted_q + 6'd1;
        top_q <= op_row;
      end
      if (skip_valid) skipped_q <= skipped_q + 6'(skip_count);
      if (!ready_i) stalls_q <= stalls_q + 2'd1;
      held_q <= op_valid && !ready_i;
      held_op_q <= op_now;
      if (busy) cycles_q <= cycles_q + 6'd1;
      was_busy_q <= busy;
      if (go) went_q <= 1'b1;
      if (!busy && went_q) done_q <= 1'b1;
    end
  end

  logic flags_legal;
  always_comb begin
    flags_legal = 1'b1;
    for (int b = 0; b < int'(NumBlocks); b++) begin
      // A block that counts as changed has a changed lane, and lanes beyond a population have none.
      if (changed_q[b] && flags_q[b] == '0) flags_legal = 1'b0;
      if (2'(b) >= block2 + 2'((size2 + 2'd1) >> 1) && changed_q[b]) flags_legal = 1'b0;
    end
    if (size1[0] && flags_q[block2-2'd1][1]) flags_legal = 1'b0;
    if (size2[0] && flags_q[block2][1]) flags_legal = 1'b0;
  end

  always_ff @(posedge clk_i) begin
    Flags_M : assume (flags_legal);
    Watch_M :
    assume (2'(watch_block_q) < mine.blocks && 3'(watch_row_q) < mine.rows && (!watch_q || second));
    Stalls_M : assume (ready_i || stalls_q != 2'd1);
    if (!rst_n) begin
      Start_M :
      assume ({cycle_q, went_q, seen_q, emitted_q, skipped_q, top_q, cycles_q, stalls_q, held_q,
                         done_q, was_busy_q} == '0);
    end else begin
      if (held_q) Hold_A : assert (op_valid && op_now == held_op_q);
      if (op_valid && op_word) Ascends_A : assert (op_row > top_q);
      if (here) begin
        Once_A : assert (seen_q == '0 && wanted);
        Word_A : assert (op_block == my_block && op_input == mine.from_input);
        Neuron_A :
        assert (mine.from_input || op_neuron == {mine.row_block, 1'b0} + 3'(watch_row_q));
        Lanes_A :
        assert (op_lanes == ((3'(watch_block_q) * 3'd2 + 3'd1 < mine.lanes) ? 2'b11 : 2'b01));
        Gather_A : assert (pass != PassRelax || op_gather == changed_q[my_block]);
        Shift_A : assert (op_shift == 4'd7 - 4'(watch_q));
      end
      if (op_valid && !op_word) Token_A : assert (pass == PassRelax && op_last && op_fused);
      if (done_q) begin
        Seen_A : assert (seen_q == (wanted ? 2'd1 : 2'd0));
        Counted_A : assert (emitted_q + skipped_q == total);
        Idle_A : assert (!busy && !op_valid);
      end
      NoUpset_A : assert (!upset);
      Ends_A : assert (cycles_q <= 6'd15);
      if (!went_q) Waits_A : assert (!busy && !op_valid && !skip_valid);
      Skips_C : cover (done_q && emitted_q != '0 && (skipped_q != '0 || pass >= PassLoad));
      Late_C : cover (done_q && late_q && emitted_q != '0 || pass == PassDrive);
      Watched_C : cover (done_q && seen_q == 2'd1 && stalls_q == 2'd1);
    end
  end
endmodule
