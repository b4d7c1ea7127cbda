// SPDX-License-Identifier: Apache-2.0
//
// ep_marker - marks the lanes of a block for which a row word has products to form.
//
// Function   gather  lanes with a pending delta
//            learn   row with s+ = s- = 0: none; with s+ = s-: lanes with s+ != s-; otherwise lanes
//                    with s+ or s- not 0; every other lane has D = 0
//            Lanes are marked and counted for each of these before the row's states are there, which
//            only choose.
// Formats    one bit a lane
// Latency    combinational
// Model      model/synapse/products.h (Candidates), bit exact

module ep_marker
  import ep_pkg::*;
#(
    parameter int unsigned Lanes = 32,
    localparam int unsigned LaneBits = $clog2(Lanes)
) (
    input  logic                gather_i,
    input  logic                learn_i,
    input  logic   [ Lanes-1:0] population_i,  // lanes of the population
    input  logic   [ Lanes-1:0] changed_i,
    input  state_t [ Lanes-1:0] plus_i,
    input  state_t [ Lanes-1:0] minus_i,
    input  state_t              row_plus_i,
    input  state_t              row_minus_i,
    output logic   [ Lanes-1:0] lanes_o,
    output logic   [LaneBits:0] count_o        // of them
);
  typedef logic [LaneBits:0] count_t;

  logic [Lanes-1:0] differing, active;
  count_t differings, actives;

  always_comb begin
    differing = '0;
    active = '0;
    if (learn_i) begin
      for (int l = 0; l < int'(Lanes); l++) begin
        differing[l] = population_i[l] && plus_i[l] != minus_i[l];
        active[l] = population_i[l] && (plus_i[l] | minus_i[l]) != '0;
      end
    end
    differings = count_t'($countones(differing));
    actives = count_t'($countones(active));
  end

  always_comb begin
    lanes_o = '0;
    count_o = '0;
    if (gather_i) begin
      lanes_o = changed_i;
      count_o = count_t'($countones(changed_i));
    end
    if (learn_i && (row_plus_i != '0 || row_minus_i != '0)) begin
      lanes_o = row_plus_i == row_minus_i ? differing : active;
      count_o = row_plus_i == row_minus_i ? differings : actives;
    end
  end
endmodule
