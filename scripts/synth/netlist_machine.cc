// SPDX-License-Identifier: Apache-2.0
//
// The netlist in the place of the Verilated RTL: the program `equispin` linked with this file
// instead of tb/top/rtl_machine.cc runs networks on gates. scripts/netlist.py gives the parameters.
// Registers and latches start with random values, from EQUISPIN_POWER_UP (a seed, default 1).

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <utility>

#include "Vep_netlist.h"
#include "tb/top/core_machine.h"
#include "tb/top/rtl_machine.h"

namespace ep::rtl {

Hardware BuiltHardware(int lanes) {
  if (lanes != EP_LANES) {
    throw UserError(
        fmt::format("hardware.lanes is {}: this netlist has {}; set it with --set "
                    "hardware.lanes={}",
                    lanes, EP_LANES, EP_LANES));
  }
  Hardware hardware;
  hardware.lanes = EP_LANES;
  hardware.neuron_lanes = EP_NEURON_LANES;
  hardware.multipliers = EP_MULTIPLIERS;
  hardware.weight_bits = 8;
  hardware.max_inputs = EP_MAX_INPUTS;
  hardware.max_states = EP_MAX_STATES;
  hardware.max_populations = 6;
  hardware.max_projections = 8;
  hardware.array_rows = EP_ARRAY_ROWS;
  hardware.sum_bits = EP_SUM_BITS;
  return hardware;
}

std::unique_ptr<RtlMachine> MakeRtl(const Network& network, const Hardware& hardware,
                                    std::unique_ptr<model::ArrayPort> array,
                                    std::uint32_t state_seed) {
  if (state_seed == 0) {
    const char* seed = std::getenv("EQUISPIN_POWER_UP");
    state_seed = seed ? static_cast<std::uint32_t>(std::stoul(seed)) : 1;
  }
  return std::make_unique<CoreMachine<Vep_netlist>>(network, BuiltHardware(hardware.lanes),
                                                    std::move(array), state_seed);
}

}  // namespace ep::rtl
