// SPDX-License-Identifier: Apache-2.0
//
// Random networks, weights and samples for tests that compare machines.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/common/machine.h"

namespace ep::plain {

struct RandomCase {
  Network network;
  Hardware hardware;
  Weights weights;
  int learning_rate = 16;
  std::vector<std::vector<std::uint8_t>> codes;
  std::vector<int> labels;
  std::uint32_t random = 0;  // of the first sample

  std::vector<Sample> Samples() const;
  std::string Describe() const;
};

// The case of a seed: 2 to 4 populations of 1 to size_max neurons in any legal graph, every range
// of every parameter, weights that are small, large, extreme or sparse, inputs that are zero, full,
// sparse or dense, any lane count. Sums may need 64 bits where wide is set; otherwise the case fits
// hardware with 32-bit sums.
RandomCase MakeRandomCase(std::uint32_t seed, int size_max, int samples, bool wide);

}  // namespace ep::plain
