// SPDX-License-Identifier: Apache-2.0

#include "tb/top/rtl_machine.h"

#include <fmt/format.h>

#include <utility>

#include "tb/top/core_machine.h"
// Those of EP_LANES.
#if __has_include("Vep_core_l8.h")
#include "Vep_core_l8.h"
#endif
#if __has_include("Vep_core_l16.h")
#include "Vep_core_l16.h"
#endif
#if __has_include("Vep_core_l32.h")
#include "Vep_core_l32.h"
#endif
#if __has_include("Vep_core_l64.h")
#include "Vep_core_l64.h"
#endif
#if __has_include("Vep_core_l128.h")
#include "Vep_core_l128.h"
#endif

namespace ep::rtl {

Hardware BuiltHardware(int lanes) {
  if (lanes != 8 && lanes != 16 && lanes != 32 && lanes != 64 && lanes != 128) {
    throw UserError(
        fmt::format("hardware.lanes is {}: RTL is built for 8, 16, 32, 64 and 128", lanes));
  }
  // The defaults of ep_core.
  Hardware hardware;
  hardware.lanes = lanes;
  hardware.neuron_lanes = 8;
  hardware.multipliers = 8;
  hardware.weight_bits = 8;
  hardware.max_inputs = 1024;
  hardware.max_states = 2048;
  hardware.max_populations = 6;
  hardware.max_projections = 8;
  hardware.array_rows = 131072;
  hardware.sum_bits = 32;
  return hardware;
}

std::unique_ptr<RtlMachine> MakeRtl(const Network& network, const Hardware& hardware,
                                    std::unique_ptr<model::ArrayPort> array,
                                    std::uint32_t state_seed) {
  const Hardware built = BuiltHardware(hardware.lanes);
  const auto make = [&]<typename Top>(std::in_place_type_t<Top>) {
    return std::make_unique<CoreMachine<Top>>(network, built, std::move(array), state_seed);
  };
  switch (hardware.lanes) {
#if __has_include("Vep_core_l8.h")
    case 8:
      return make(std::in_place_type<Vep_core_l8>);
#endif
#if __has_include("Vep_core_l16.h")
    case 16:
      return make(std::in_place_type<Vep_core_l16>);
#endif
#if __has_include("Vep_core_l32.h")
    case 32:
      return make(std::in_place_type<Vep_core_l32>);
#endif
#if __has_include("Vep_core_l64.h")
    case 64:
      return make(std::in_place_type<Vep_core_l64>);
#endif
#if __has_include("Vep_core_l128.h")
    case 128:
      return make(std::in_place_type<Vep_core_l128>);
#endif
    default:
      throw UserError(
          fmt::format("hardware.lanes is {}: this build (EP_LANES) has no such RTL", built.lanes));
  }
}

}  // namespace ep::rtl
