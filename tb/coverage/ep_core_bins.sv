// SPDX-License-Identifier: Apache-2.0
//
// ep_core_bins - the functional coverage of ep_core: named bins that the tests of the core must fill.
//
// Bound into ep_core in the coverage build (make coverage); a bin is a cover property whose name and
// index say what it is. Indices: states as in ep_sequencer, passes and phases as in ep_pkg.

module ep_core_bins #(
    parameter int unsigned Lanes = 8,
    parameter int unsigned NeuronLanes = 8
) (
    input logic                        clk_i,
    input logic                        rst_ni,
    input logic [            4:0]      state_i,
    input logic                        soft_reset_i,
    input logic                        stop_i,
    input logic [            2:0]      pass_i,
    input logic [            1:0]      phase_i,
    input logic [            7:0]      sweep_i,
    input logic                        op_valid_i,
    input logic                        op_ready_i,
    input logic                        op_word_i,
    input logic                        op_gather_i,
    input logic                        op_last_i,
    input logic [      Lanes-1:0]      op_lanes_i,
    input logic                        skip_valid_i,
    input logic [           15:0]      skip_count_i,
    input logic                        bus_request_i,
    input logic                        bus_write_i,
    input logic                        bus_error_i,
    input logic                        update_i,
    input logic                        output_group_i,
    input logic [NeuronLanes-1:0][7:0] old_state_i,
    input logic [NeuronLanes-1:0][7:0] new_state_i,
    input logic                        outcome_valid_i,
    input logic                        outcome_ready_i,
    input logic                        gated_i,
    input logic                        program_valid_i,
    input logic [      Lanes-1:0][7:0] program_old_i,
    input logic [      Lanes-1:0][7:0] program_new_i,
    input logic                        array_ready_i,
    input logic                        sample_valid_i,
    input logic                        sample_ready_i
);
  // What the long bins look at: the first output neuron, the first weight.
  logic nudges, learns;
  logic [7:0] was, now;
  logic signed [7:0] old_weight, new_weight;
  assign nudges = update_i && output_group_i;
  assign was = old_state_i[0];
  assign now = new_state_i[0];
  assign learns = program_valid_i && pass_i == 3'd2;
  assign old_weight = program_old_i[0];
  assign new_weight = program_new_i[0];

  // What the host does x state of the sequencer.
  for (genvar s = 0; s < 12; s++) begin : gen_state
    Read_C :
    cover property (@(posedge clk_i) state_i == 5'(s) && bus_request_i && !bus_write_i);
    Write_C :
    cover property (@(posedge clk_i) state_i == 5'(s) && bus_request_i && bus_write_i);
    SoftReset_C :
    cover property (@(posedge clk_i) state_i == 5'(s) && soft_reset_i);
    if (s != 0) begin : gen_busy
      Stop_C :
      cover property (@(posedge clk_i) state_i == 5'(s) && stop_i);
    end
    Reset_C :
    cover property (@(posedge clk_i) $past(state_i) == 5'(s) && !rst_ni);
  end
  BusError_C :
  cover property (@(posedge clk_i) bus_error_i);

  // Operation x stall, x skipped or not, x edge of the block.
  for (genvar p = 0; p < 7; p++) begin : gen_pass
    logic mine;
    assign mine = pass_i == 3'(p);
    Moves_C :
    cover property (@(posedge clk_i) op_valid_i && op_word_i && mine && op_ready_i);
    Stalls_C :
    cover property (@(posedge clk_i) op_valid_i && mine && !op_ready_i);
    NotReady_C :
    cover property (@(posedge clk_i) op_valid_i && mine && !array_ready_i);
    FullBlock_C :
    cover property (@(posedge clk_i) op_valid_i && op_word_i && mine && op_lanes_i == '1);
    PartBlock_C :
    cover property (@(posedge clk_i) op_valid_i && op_word_i && mine && op_lanes_i != '1);
    OneLane_C :
    cover property (@(posedge clk_i) op_valid_i && mine && op_lanes_i == Lanes'(1));
    if (p < 3) begin : gen_skips
      Skips_C :
      cover property (@(posedge clk_i) skip_valid_i && mine && skip_count_i != 0);
      SkipsNone_C :
      cover property (@(posedge clk_i) skip_valid_i && mine && skip_count_i == 0);
    end
  end
  Token_C :
  cover property (@(posedge clk_i) op_valid_i && !op_word_i && op_last_i);
  Gather_C :
  cover property (@(posedge clk_i) op_valid_i && op_word_i && op_gather_i);

  // Phase x sweep; nudge sign x size of the change; saturation at both ends.
  for (genvar f = 0; f < 3; f++) begin : gen_phase
    logic here;
    assign here = phase_i == 2'(f);
    FirstSweep_C :
    cover property (@(posedge clk_i) update_i && here && sweep_i == 1);
    LaterSweep_C :
    cover property (@(posedge clk_i) update_i && here && sweep_i > 1);
    Up_C :
    cover property (@(posedge clk_i) nudges && here && now > was);
    Down_C :
    cover property (@(posedge clk_i) nudges && here && now < was);
    Same_C :
    cover property (@(posedge clk_i) nudges && here && now == was);
    ByOne_C :
    cover property (@(posedge clk_i) nudges && here && now == was + 8'd1);
    ByMany_C :
    cover property (@(posedge clk_i) nudges && here && now > was + 8'd99);
    Lowest_C :
    cover property (@(posedge clk_i) update_i && here && now == 8'd0 && was != 8'd0);
    Highest_C :
    cover property (@(posedge clk_i) update_i && here && now == 8'd255 && was != 8'd255);
  end

  // Weights: up, down, to both ends, over zero.
  WeightUp_C :
  cover property (@(posedge clk_i) learns && new_weight > old_weight);
  WeightDown_C :
  cover property (@(posedge clk_i) learns && new_weight < old_weight);
  WeightHighest_C :
  cover property (@(posedge clk_i) learns && new_weight == 8'sd127 && old_weight != 8'sd127);
  WeightLowest_C :
  cover property (@(posedge clk_i) learns && new_weight == -8'sd127 && old_weight != -8'sd127);
  WeightSign_C :
  cover property (@(posedge clk_i) learns && new_weight[7] != old_weight[7]);
  NoChange_C :
  cover property (@(posedge clk_i) learns && program_new_i == program_old_i);

  // Streams.
  OutcomeWaits_C :
  cover property (@(posedge clk_i) outcome_valid_i && !outcome_ready_i);
  OutcomeGated_C :
  cover property (@(posedge clk_i) outcome_valid_i && outcome_ready_i && gated_i);
  OutcomeNotGated_C :
  cover property (@(posedge clk_i) outcome_valid_i && outcome_ready_i && !gated_i);
  SampleWaits_C :
  cover property (@(posedge clk_i) sample_valid_i && !sample_ready_i);
endmodule

bind ep_core ep_core_bins #(
    .Lanes(Lanes),
    .NeuronLanes(NeuronLanes)
) u_bins (
    .clk_i,
    .rst_ni,
    .state_i(status.state),
    .soft_reset_i(command.soft_reset),
    .stop_i(command.stop),
    .pass_i(pass_q),
    .phase_i(phase),
    .sweep_i(sweep),
    .op_valid_i(op_valid),
    .op_ready_i(op_ready),
    .op_word_i(op_word),
    .op_gather_i(op_gather),
    .op_last_i(op_last),
    .op_lanes_i(op_lanes),
    .skip_valid_i(skip_valid),
    .skip_count_i(skip_count),
    .bus_request_i(u_registers.req),
    .bus_write_i(u_registers.req_is_wr),
    .bus_error_i(u_registers.bus_error),
    .update_i(new_valid && new_update),
    .output_group_i(new_output),
    .old_state_i(u_state_memory.state2_q),
    .new_state_i(new_state),
    .outcome_valid_i(m_axis_outcome_tvalid_o),
    .outcome_ready_i(m_axis_outcome_tready_i),
    .gated_i(m_axis_outcome_tdata_o[16]),
    .program_valid_i(program_valid),
    .program_old_i(program_old),
    .program_new_i(program_new),
    .array_ready_i(array_ready_i),
    .sample_valid_i(s_axis_sample_tvalid_i),
    .sample_ready_i(s_axis_sample_tready_o)
);
