// SPDX-License-Identifier: Apache-2.0
//
// Canonical signed digits (non-adjacent form) of a magnitude: 15 = 16 - 1 has two, 0 none.
//
// Function   h = x >> 1, s = x + h, c = h ^ s; positive digits s & c, negative digits h & c
// Formats    magnitude unsigned 8.0 (0..255), masks of digit positions 0..8
// RTL        rtl/synapse/ep_digits.sv

#pragma once

#include <bit>
#include <cstdint>

namespace ep::model {

struct Digits {
  std::uint16_t positive = 0;  // bit i: + 2^i
  std::uint16_t negative = 0;  // bit i: - 2^i

  constexpr explicit Digits(int magnitude) {
    const int half = magnitude >> 1;
    const int sum = magnitude + half;
    const int digits = half ^ sum;
    positive = static_cast<std::uint16_t>(sum & digits);
    negative = static_cast<std::uint16_t>(half & digits);
  }

  constexpr std::uint16_t All() const { return positive | negative; }
  constexpr int Count() const { return std::popcount(All()); }
};

}  // namespace ep::model
