// SPDX-License-Identifier: Apache-2.0
//
// Words that the rooms exchange, as wide as the widest hardware, so that no row allocates. Lanes
// from the number built upwards are 0. RTL counterpart: the types of rtl/common/ep_pkg.sv.

#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace ep::model {

constexpr int kLanesMax = 128;

// Cells of a row word: bit i of byte l is column l * weight_bits + i; higher bits are 0.
using Cells = std::array<std::uint8_t, kLanesMax>;

// Weights of a row word, sign-extended.
using RowWord = std::array<std::int8_t, kLanesMax>;

// Sum of a neuron, aligned to the largest gain shift, and the accumulators that add to it.
using Sum = std::int64_t;
using Accumulators = std::array<std::int32_t, kLanesMax>;

// One bit a lane.
class LaneMask {
 public:
  void Set(int lane) { bits_[lane >> 6] |= std::uint64_t{1} << (lane & 63); }
  void Clear(int lane) { bits_[lane >> 6] &= ~(std::uint64_t{1} << (lane & 63)); }
  bool Test(int lane) const { return (bits_[lane >> 6] >> (lane & 63) & 1) != 0; }
  bool Any() const { return (bits_[0] | bits_[1]) != 0; }
  int Count() const { return std::popcount(bits_[0]) + std::popcount(bits_[1]); }
  // The lowest lane that is set; the mask must not be empty.
  int First() const {
    return bits_[0] != 0 ? std::countr_zero(bits_[0]) : 64 + std::countr_zero(bits_[1]);
  }
  bool operator==(const LaneMask&) const = default;

 private:
  std::array<std::uint64_t, kLanesMax / 64> bits_{};
};

}  // namespace ep::model
