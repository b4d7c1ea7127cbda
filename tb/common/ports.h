// SPDX-License-Identifier: Apache-2.0
//
// Fields of the ports of a Verilated module: a port of up to 64 bits is an integer, a wider one an
// array of 32-bit words, and a packed array of lanes is one field after the other, lane 0 lowest.

#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "model/common/words.h"
#include "tb/common/random.h"

namespace ep::tb {

constexpr std::uint64_t Ones(int count) {
  return count >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
}

// Bits low .. low + width - 1 of a port; width is 1..64.
template <typename Port>
std::uint64_t GetBits(const Port& port, int low, int width) {
  if constexpr (std::is_integral_v<Port>) {
    return static_cast<std::uint64_t>(port) >> low & Ones(width);
  } else {
    std::uint64_t value = 0;
    for (int i = 0; i < width;) {
      const int bit = (low + i) % 32, count = std::min(width - i, 32 - bit);
      value |= (port[(low + i) / 32] >> bit & Ones(count)) << i;
      i += count;
    }
    return value;
  }
}

template <typename Port>
std::int64_t GetSigned(const Port& port, int low, int width) {
  const int unused = 64 - width;
  return static_cast<std::int64_t>(GetBits(port, low, width) << unused) >> unused;
}

template <typename Port>
void SetBits(Port& port, int low, int width, std::uint64_t value) {
  if constexpr (std::is_integral_v<Port>) {
    const std::uint64_t mask = Ones(width) << low;
    port = static_cast<Port>((port & ~mask) | (value << low & mask));
  } else {
    for (int i = 0; i < width;) {
      const int bit = (low + i) % 32, count = std::min(width - i, 32 - bit);
      const auto mask = static_cast<std::uint32_t>(Ones(count) << bit);
      const auto part = static_cast<std::uint32_t>(value >> i << bit);
      port[(low + i) / 32] = (port[(low + i) / 32] & ~mask) | (part & mask);
      i += count;
    }
  }
}

// What stands on a port that nobody may look at.
template <typename Port>
void SetNoise(Port& port, int width, Random& random) {
  for (int low = 0; low < width; low += 32) {
    SetBits(port, low, std::min(32, width - low), random.Bits());
  }
}

// Row words: weight_bits cells a lane.

template <typename Port>
void SetWord(Port& port, const model::RowWord& word, int lanes, int weight_bits) {
  for (int l = 0; l < lanes; ++l) {
    SetBits(port, l * weight_bits, weight_bits, static_cast<std::uint8_t>(word[l]));
  }
}

template <typename Port>
model::RowWord GetWord(const Port& port, int lanes, int weight_bits) {
  model::RowWord word{};
  for (int l = 0; l < lanes; ++l) {
    word[l] = static_cast<std::int8_t>(GetSigned(port, l * weight_bits, weight_bits));
  }
  return word;
}

// Any cells, a quarter of the weights at the ends of the range, -W - 1 included, or near zero.
inline model::RowWord RandomWord(Random& random, int lanes, int weight_bits) {
  const int low = -(1 << (weight_bits - 1)), high = -low - 1;
  const int edges[] = {low, low + 1, -1, 0, 1, high};
  model::RowWord word{};
  for (int l = 0; l < lanes; ++l) {
    word[l] = static_cast<std::int8_t>(
        random.Percent(25) ? edges[random.Below(6)]
                           : low + static_cast<int>(random.Below(2u << (weight_bits - 1))));
  }
  return word;
}

// The lanes of a population in a block: the lowest `count`.
inline model::LaneMask LowLanes(int count) {
  model::LaneMask mask;
  for (int l = 0; l < count; ++l) mask.Set(l);
  return mask;
}

template <typename Port>
void SetLanes(Port& port, const model::LaneMask& mask, int lanes) {
  for (int l = 0; l < lanes; ++l) SetBits(port, l, 1, mask.Test(l) ? 1 : 0);
}

}  // namespace ep::tb
