// SPDX-License-Identifier: Apache-2.0
//
// Random numbers of the device models: each is a function of seed, purpose and two indices, so that
// what a cell is does not depend on what was asked before.

#pragma once

#include <cstdint>

#include "model/device/arithmetic.h"

namespace ep::device {

class Random {
 public:
  // What numbers are drawn for.
  enum class Purpose : std::uint32_t {
    kOffset,   // of a sense amplifier
    kDevice,   // device to device: fixed parameters
    kCycle,    // cycle to cycle: what a pulse makes of a device
    kSwitch,   // when a pulse switches a device
    kStuck,    // which cells cannot be programmed, from the start or when worn
    kSense,    // noise of a sense
    kFresh,    // errors drawn afresh at each sense
    kDisturb,  // cells that lose their state
  };

  explicit Random(std::uint32_t seed) : seed_(seed) {}

  // 64 bits: twice the finalizer of splitmix64 over seed, purpose and both indices.
  std::uint64_t Bits(Purpose purpose, std::uint64_t a, std::uint64_t b = 0) const {
    const std::uint64_t key = seed_ << 32 | static_cast<std::uint64_t>(purpose);
    return Mix(Mix(key * 0x9e3779b97f4a7c15U + a) + b * 0xd1342543de82ef95U);
  }
  // Evenly in (0, 1), never 0 or 1.
  double Uniform(Purpose purpose, std::uint64_t a, std::uint64_t b = 0) const {
    return ToUniform(Bits(purpose, a, b));
  }
  // Standard normal.
  double Normal(Purpose purpose, std::uint64_t a, std::uint64_t b = 0) const {
    return NormalQuantile(Uniform(purpose, a, b));
  }

  static double ToUniform(std::uint64_t bits) {
    return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
  }
  static std::uint64_t Mix(std::uint64_t z) {
    z += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
  }

 private:
  std::uint64_t seed_;
};

}  // namespace ep::device
