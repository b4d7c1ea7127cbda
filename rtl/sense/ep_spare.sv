// SPDX-License-Identifier: Apache-2.0
//
// ep_spare - sends the accesses of weak rows to spare rows of the array.
//
// Function   where spare[i] is in use and names row_i, row_o is row Rows - 1 - i, the lowest i first;
//            else row_o is row_i. The map is in registers; the host keeps it in the array itself.
// Latency    none
// Model      model/array/spare_rows.h, bit exact

module ep_spare
  import ep_pkg::*;
#(
    parameter int unsigned Rows = 131072,
    localparam int unsigned AddrBits = $clog2(Rows)
) (
    input  spare_t [NumSpares-1:0] spare_i,  // from ep_registers
    input  logic   [ AddrBits-1:0] row_i,
    output logic   [ AddrBits-1:0] row_o
);
  always_comb begin
    row_o = row_i;
    for (int i = int'(NumSpares) - 1; i >= 0; i--) begin
      if (spare_i[i].used && 32'(spare_i[i].row) == 32'(row_i)) begin
        row_o = AddrBits'(Rows - 1 - unsigned'(i));
      end
    end
  end
endmodule
