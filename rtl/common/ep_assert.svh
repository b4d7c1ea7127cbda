// SPDX-License-Identifier: Apache-2.0
//
// EP_ASSERT(Name_A, property) states a fact: a concurrent assertion in simulation, an immediate
// one in proofs (FORMAL), nothing in synthesis. Needs clk_i and rst_ni in scope.
// EP_PARAMETER(Name, condition) stops elaboration where a parameter is outside its range.

`ifndef EP_ASSERT_SVH
`define EP_ASSERT_SVH

`ifdef SYNTHESIS
`define EP_ASSERT(name, prop)
`elsif FORMAL
`define EP_ASSERT(name, prop) \
  always_ff @(posedge clk_i) if (rst_ni) name : assert (prop);
`else
`define EP_ASSERT(name, prop) \
  name : assert property (@(posedge clk_i) disable iff (!rst_ni) prop) \
  else $error("%m: fact does not hold");
`endif

`define EP_PARAMETER(name, condition) \
  if (!(condition)) begin : gen_``name \
    $error("parameter outside its range"); \
  end

`endif
