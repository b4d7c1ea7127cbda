// SPDX-License-Identifier: Apache-2.0
//
// Random networks with weights and samples, for tests that two machines agree. They prefer the
// edges: sizes beside multiples of LANES, extreme weights, all-zero and all-255 inputs, T and K of
// 1, every gate. The same seed gives the same case everywhere.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/common/machine.h"
#include "model/common/network.h"

namespace ep {

struct RandomLimits {
  int size_max = 80;        // neurons of a population, before it is made to fit the hardware
  int populations_max = 4;  // 2..4
  int sweeps_max = 6;       // T and K
  int samples = 8;
};

struct RandomCase {
  Network network;
  Hardware hardware;
  Weights weights;
  std::vector<std::vector<std::uint8_t>> codes;  // by sample
  std::vector<int> labels;
  std::uint32_t random = 0;  // of the first sample
  int learning_rate = 0;     // m

  // Views of codes and labels, valid while this object stays unchanged.
  std::vector<Sample> Samples() const;
  // What a failing test prints.
  std::string Describe() const;
};

// A network that hardware.Check lets pass; its weight_bits are the hardware's.
RandomCase MakeRandomCase(std::uint32_t seed, const Hardware& hardware,
                          const RandomLimits& limits = {});

// Any way to access the array: every policy, ladders of any levels and lengths, verify on and off.
ArrayAccess MakeRandomAccess(std::uint32_t seed);

// Hardware of any supported shape, just large enough for RandomLimits: lanes 8..128, 4 or 8 neuron
// lanes, 2..lanes multipliers, 2..8 weight bits.
Hardware MakeRandomHardware(std::uint32_t seed);

}  // namespace ep
