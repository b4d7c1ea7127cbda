// SPDX-License-Identifier: Apache-2.0
//
// libFuzzer's entry for the register bus.

#include <cstddef>
#include <cstdint>

#include "tb/fuzz/bus_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ep::rtl::BusTarget::Run({data, size});
  return 0;
}
