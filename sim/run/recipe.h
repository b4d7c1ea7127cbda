// SPDX-License-Identifier: Apache-2.0
//
// The one stream of random values of a run: initial weights, then the order of each epoch.
// DESIGN: docs/contract.md, "Reproducible run".

#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "model/common/network.h"
#include "sim/dataset/images.h"

namespace ep::sim {

class Recipe {
 public:
  // Draws the initial weights from -init..init; samples is the size of the whole training set.
  // shift > 0: after the order of an epoch come the shifts of its samples. With stochastic rounding
  // then the word of its first sample.
  Recipe(const Network& network, int init, std::uint32_t seed, int samples, int shift = 0);

  const Weights& FirstWeights() const { return initial_weights_; }
  // The samples of the epoch in their order; file order before the first shuffle.
  const std::vector<std::uint32_t>& Order() const { return order_; }
  // How far each sample of the order is moved; empty without shifts.
  const std::vector<Shift>& Shifts() const { return shifts_; }
  // Z of the first sample of the epoch; 0 where steps are rounded to nearest.
  std::uint32_t Random() const { return word_; }
  // Goes on to the next epoch; the order is never reset.
  void Shuffle();

 private:
  void DrawShifts();

  std::mt19937 random_;
  Weights initial_weights_;
  std::vector<std::uint32_t> order_;
  int shift_;
  std::vector<Shift> shifts_;
  bool stochastic_;
  std::uint32_t word_ = 0;
};

}  // namespace ep::sim
