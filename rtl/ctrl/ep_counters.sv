// SPDX-License-Identifier: Apache-2.0
//
// ep_counters - the counters of the machine, in the order of model/common/counters.h.
//
// Function   each counter adds its increment, stays at 2^32 - 1 when it gets there, is held while
//            frozen and cleared by `clear_i`, which wins over both
// Formats    increments and counters unsigned 32.0, saturating
// Latency    1 cycle
// Model      model/common/counters.h

`include "ep_assert.svh"

module ep_counters
  import ep_pkg::*;
(
    input  logic                         clk_i,
    input  logic                         rst_ni,
    // From ep_registers
    input  logic                         clear_i,
    input  logic                         freeze_i,
    // From all rooms: what happened in this cycle
    input  logic [NumCounters-1:0][31:0] increment_i,
    // To ep_registers
    output logic [NumCounters-1:0][31:0] counters_o
);
  for (genvar i = 0; i < NumCounters; i++) begin : gen_counter
    logic [31:0] count_q;
    logic [32:0] sum;

    assign sum = {1'b0, count_q} + 33'(increment_i[i]);

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) count_q <= '0;
      else if (clear_i) count_q <= '0;
      else if (!freeze_i && increment_i[i] != '0) count_q <= sum[32] ? '1 : sum[31:0];
    end

    assign counters_o[i] = count_q;
  end
endmodule
