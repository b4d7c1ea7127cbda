// SPDX-License-Identifier: Apache-2.0
//
// readout_props - ep_readout hands out each prediction once, and it is the right one.
//
// Proved     a prediction stays as it is until it is taken; there is one for each outcome_i and none
//            without; prediction and error are those of a scan neuron by neuron

`include "props.svh"

module readout_props (
    input logic clk_i,
    input logic clear_i,
    input logic valid_i,
    input logic [1:0][7:0] state_i,
    input logic [1:0] lanes_i,
    input logic [7:0] class_i,
    input logic outcome_i,
    input logic gated_i,
    input logic tready_i
);
  `PROPS_RESET

  logic outcome_ready, tvalid;
  logic [ 7:0] error;
  logic [31:0] tdata;
  logic [ 7:0] first_q = '0;

  ep_readout #(
      .NeuronLanes(2)
  ) u_dut (
      .clk_i,
      .rst_ni(rst_n),
      .reset_i(1'b0),
      .clear_i,
      .valid_i,
      .state_i,
      .lanes_i,
      .first_i(first_q),
      .class_i,
      .error_o(error),
      .outcome_i,
      .gated_i,
      .outcome_ready_o(outcome_ready),
      .m_axis_tvalid_o(tvalid),
      .m_axis_tready_i(tready_i),
      .m_axis_tdata_o(tdata)
  );

  // The scan: the best so far, by its index and state, and the largest error.
  logic any_q = 1'b0, seen_q = 1'b0, valid_q, ready_q;
  logic [7:0] best_q = '0, index_q = '0, error_q = '0, class_q;
  logic [31:0] data_q, given_q = '0, taken_q = '0;
  logic any, waits_q = 1'b0;
  logic [7:0] best, index, largest;

  function automatic logic [7:0] Error(logic [7:0] state, logic wanted);
    return wanted ? 8'd255 - state : state;
  endfunction

  always_comb begin
    any = any_q;
    best = best_q;
    index = index_q;
    largest = error_q;
    for (int unsigned j = 0; j < 2; j++) begin
      if (valid_i && lanes_i[j]) begin
        if (!any || state_i[j] > best) begin
          best  = state_i[j];
          index = first_q + 8'(j);
        end
        any = 1'b1;
        if (Error(state_i[j], first_q + 8'(j) == class_i) > largest) begin
          largest = Error(state_i[j], first_q + 8'(j) == class_i);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    seen_q <= rst_n;
    {valid_q, ready_q, data_q} <= {tvalid, tready_i, tdata};
    class_q <= class_i;
    if (rst_n) begin
      if (clear_i) {any_q, best_q, index_q, error_q, first_q} <= '0;
      else begin
        {any_q, best_q, index_q, error_q} <= {any, best, index, largest};
        if (valid_i) first_q <= first_q + 8'd2;
      end
      if (outcome_i) waits_q <= 1'b1;
      else if (tvalid && tready_i) waits_q <= 1'b0;
      if (outcome_i) given_q <= {15'd0, gated_i, class_i, index_q};
    end
  end

  always_ff @(posedge clk_i) begin
    if (outcome_i) WhenReady_M : assume (outcome_ready && rst_n);
    if (!rst_n) Start_M : assume ({any_q, best_q, index_q, error_q, first_q, waits_q} == '0);
    if (rst_n) begin
      Error_A : assert (error == error_q);
      Prediction_A : assert (u_dut.prediction_q == index_q && u_dut.any_q == any_q);
      Best_A : assert (u_dut.best_q == best_q);
      OnePerOutcome_A : assert (tvalid == waits_q && outcome_ready == !tvalid);
      if (tvalid) Data_A : assert (tdata == given_q);
      if (seen_q && valid_q && !ready_q) Hold_A : assert (tvalid && tdata == data_q);
      Tie_C :
      cover (any_q && index_q == 8'd0 && first_q == 8'd4 && best_q == 8'd9 && error == 8'd9);
      Taken_C : cover (tvalid && tready_i && valid_q && !ready_q && tdata[7:0] == 8'd3);
    end
  end
endmodule
