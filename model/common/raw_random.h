// SPDX-License-Identifier: Apache-2.0
//
// Numbers for tests, drawn from raw std::mt19937 values: the same with every standard library.

#pragma once

#include <cstdint>
#include <random>

namespace ep {

class RawRandom {
 public:
  explicit RawRandom(std::uint32_t seed) : random_(seed) {}

  // 0 .. count - 1; count is at least 1.
  int Below(int count) { return static_cast<int>(random_() % static_cast<std::uint32_t>(count)); }
  // lowest .. highest.
  int Between(int lowest, int highest) { return lowest + Below(highest - lowest + 1); }
  // True once in `count` times.
  bool OneIn(int count) { return Below(count) == 0; }
  // One of the values.
  template <typename T, std::size_t N>
  T Of(const T (&values)[N]) {
    return values[Below(static_cast<int>(N))];
  }

 private:
  std::mt19937 random_;
};

}  // namespace ep
