// SPDX-License-Identifier: Apache-2.0
//
// group_walker_props - ep_group_walker visits each group of the chosen populations once, in order.
//
// Proved     for sizes, blocks and populations chosen at will: the groups that leave are those of two
//            nested loops, populations ascending, groups ascending, none left out and none twice; a
//            group that waits stays as it is; the walk ends

`include "props.svh"

module group_walker_props
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 4,
    parameter int unsigned NeuronLanes = 2,
    parameter int unsigned MaxStates = 32
) (
    input logic clk_i,
    input population_t [NumPopulations-1:0] population_any_i,
    input logic [NumPopulations-1:0] chosen_any_i,
    input pop_t output_any_i,
    input group_op_e op_any_i,
    input logic start_i,
    input logic ready_i
);
  `PROPS_RESET

  population_t [NumPopulations-1:0] population_q;
  logic [NumPopulations-1:0] chosen_q;
  pop_t output_q;
  group_op_e op_q, op;

  logic upset;
  logic busy, valid, is_output;
  logic [3:0] group;
  logic [7:0] first;
  logic [NeuronLanes-1:0] lanes;

  ep_group_walker #(
      .Lanes(Lanes),
      .NeuronLanes(NeuronLanes),
      .MaxStates(MaxStates)
  ) u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .clear_i(1'b0),
      .population_i(population_q),
      .output_i(output_q),
      .start_i,
      .populations_i(chosen_q),
      .op_i(op_q),
      .busy_o(busy),
      .upset_o(upset),
      .valid_o(valid),
      .ready_i,
      .op_o(op),
      .group_o(group),
      .output_o(is_output),
      .first_o(first),
      .lanes_o(lanes)
  );

  // The loops: population and first neuron of the group that has to come next.
  pop_t p_q;
  logic [7:0] n_q;
  logic walking_q = 1'b0;

  // The lowest chosen population from `from` on; NumPopulations: none.
  function automatic pop_t Next(logic [NumPopulations-1:0] chosen, pop_t from);
    Next = pop_t'(NumPopulations);
    for (int i = int'(NumPopulations) - 1; i >= 0; i--) begin
      if (chosen[i] && pop_t'(i) >= from) Next = pop_t'(i);
    end
  endfunction

  population_t now;
  logic ends;
  assign now  = population_q[p_q];
  assign ends = 16'(n_q) + 16'(NeuronLanes) >= now.size;

  always_ff @(posedge clk_i) begin
    if (!rst_n) begin
      population_q <= population_any_i;
      chosen_q <= chosen_any_i;
      output_q <= output_any_i;
      op_q <= op_any_i;
      walking_q <= 1'b0;
    end else if (start_i) begin
      p_q <= Next(chosen_q, '0);
      n_q <= '0;
      walking_q <= chosen_q != '0;
    end else if (valid && ready_i) begin
      n_q <= ends ? '0 : n_q + 8'(NeuronLanes);
      if (ends) begin
        p_q <= Next(chosen_q, p_q + 3'd1);
        walking_q <= Next(chosen_q, p_q + 3'd1) != pop_t'(NumPopulations);
      end
    end
  end

  logic sizes_legal;
  always_comb begin
    sizes_legal = 1'b1;
    for (int i = 0; i < int'(NumPopulations); i++) begin
      if (population_q[i].size == '0 || population_q[i].size > 16'd8) sizes_legal = 1'b0;
      if (population_q[i].block > 16'd6) sizes_legal = 1'b0;
    end
  end

  logic [5:0] busy_cycles_q = '0;
  always_ff @(posedge clk_i) begin
    busy_cycles_q <= rst_n && busy && ready_i ? busy_cycles_q + 6'd1 : (busy ? busy_cycles_q : '0);
  end

  always_ff @(posedge clk_i) begin
    Sizes_M : assume (sizes_legal);
    if (start_i) Idle_M : assume (!busy && rst_n);
    if (!rst_n) Start_M : assume (busy_cycles_q == '0);
    if (rst_n) begin
      Walks_A : assert (valid == walking_q && busy == walking_q);
      if (valid) begin
        Group_A : assert (group == 4'(now.block * 16'd2) + 4'(n_q >> 1));
        First_A : assert (first == n_q && is_output == (p_q == output_q));
        Lanes_A : assert (lanes[0] && lanes[1] == (16'(n_q) + 16'd1 < now.size));
        Chosen_A : assert (p_q < pop_t'(NumPopulations) && chosen_q[p_q] && 16'(n_q) < now.size);
        Op_A : assert (op == op_q);
        Left_A : assert (u_dut.size_q == now.size - 16'(n_q) && !n_q[0]);
        Rest_A :
        assert (u_dut.left_q == (chosen_q & ~((NumPopulations'(2) << p_q) - NumPopulations'(1))));
      end
      NoUpset_A : assert (!upset);
      Ends_A : assert (busy_cycles_q <= 6'd24);
      Progress_A : assert (!valid || busy_cycles_q <= 6'(p_q) * 6'd4 + 6'(n_q >> 1));
      TwoPopulations_C : cover (valid && p_q == 3'd4 && n_q == 8'd2 && chosen_q == 6'b010010);
      Ends_C : cover (!valid && !start_i && p_q == pop_t'(NumPopulations));
    end
  end
endmodule
