// SPDX-License-Identifier: Apache-2.0
//
// The random numbers of stochastic rounding: one word a training sample, and the offset that each
// weight takes from it. With it a step is right on average, so that steps below one half are not
// lost. DESIGN: docs/contract.md, "Stochastic rounding".
//
// Function   Next(z)  z ^= z << 13, z ^= z >> 17, z ^= z << 5: all words but 0, each once
//            OfRow    z XOR q q q, three times the byte q = r XOR rotl(r, 3) XOR rotl(r, 5) of
//                     r = row mod 256
//            OfLane   lane mod 8, eight times: neighbours get offsets far from each other
//            Offset   the lower k bits of OfRow XOR OfLane: 0 .. 2^k - 1
// Formats    words unsigned 32.0, k 1..21
// RTL        rtl/synapse/ep_dither.sv

#pragma once

#include <bit>
#include <cstdint>

namespace ep {

class Dither {
 public:
  static constexpr std::uint32_t Next(std::uint32_t z) {
    z ^= z << 13;
    z ^= z >> 17;
    return z ^ z << 5;
  }
  // The word `samples` samples after z.
  static constexpr std::uint32_t After(std::uint32_t z, std::int64_t samples) {
    for (; samples > 0; --samples) z = Next(z);
    return z;
  }

  static constexpr std::uint32_t OfRow(std::uint32_t z, int row) {
    const auto r = static_cast<std::uint8_t>(row & 255);
    const auto q = static_cast<std::uint8_t>(r ^ std::rotl(r, 3) ^ std::rotl(r, 5));
    return z ^ q * 0x010101U;
  }
  static constexpr std::uint32_t OfLane(int lane) {
    return static_cast<std::uint32_t>(lane & 7) * 0x249249U;
  }
  static constexpr int Offset(std::uint32_t word, int learning_shift) {
    return static_cast<int>(word & ((1U << learning_shift) - 1));
  }
};

}  // namespace ep
