// SPDX-License-Identifier: Apache-2.0
//
// Random numbers of the testbenches: raw values of std::mt19937, so that they are the same with
// every library.

#pragma once

#include <cstdint>
#include <random>

namespace ep::tb {

class Random {
 public:
  explicit Random(std::uint32_t seed) : bits_(seed) {}

  std::uint32_t Bits() { return static_cast<std::uint32_t>(bits_()); }
  // 0 to limit - 1; the bias of the remainder does not matter here.
  std::uint32_t Below(std::uint32_t limit) { return Bits() % limit; }
  bool Percent(int percent) { return static_cast<int>(Below(100)) < percent; }

 private:
  std::mt19937 bits_;
};

}  // namespace ep::tb
