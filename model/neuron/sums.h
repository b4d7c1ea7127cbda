// SPDX-License-Identifier: Apache-2.0
//
// The kept sums: u of every neuron, for the states that were propagated so far.
//
// Function   u += accumulators x scale << shift for a block, u += dot product << shift for a neuron
//            shift = G - g, scale = 1, 17, 85 or 255 for the input, 1 otherwise
//            dirty: a group that was written since its last update
// Formats    u signed Hardware::sum_bits; cannot wrap in a network that Hardware::Check lets pass
// RTL        rtl/neuron/ep_sums.sv, where an invalid group reads as 0

#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/common/words.h"

namespace ep::model {

class Sums {
 public:
  Sums(int blocks, int lanes, int neuron_lanes)
      : lanes_(lanes),
        neuron_lanes_(neuron_lanes),
        sums_(static_cast<std::size_t>(blocks) * lanes),
        dirty_(static_cast<std::size_t>(blocks) * lanes / neuron_lanes) {}

  // Sample start: every sum is 0 and no group is dirty.
  void Clear() {
    std::fill(sums_.begin(), sums_.end(), 0);
    std::fill(dirty_.begin(), dirty_.end(), 0);
  }

  // Adds to the first `neurons` lanes of a block, those within the population.
  void AddBlock(int block, int neurons, const Accumulators& accumulators, int scale, int shift) {
    const int first = block * lanes_;
    for (int l = 0; l < neurons; ++l) sums_[first + l] += Sum{accumulators[l]} * scale << shift;
    for (int l = 0; l < neurons; l += neuron_lanes_) dirty_[(first + l) / neuron_lanes_] = 1;
  }

  // Adds a dot product to one neuron.
  void AddNeuron(int neuron, std::int32_t product, int shift) {
    sums_[neuron] += Sum{product} << shift;
    dirty_[neuron / neuron_lanes_] = 1;
  }

  Sum Read(int neuron) const { return sums_[neuron]; }
  bool Dirty(int group) const { return dirty_[group] != 0; }
  void ClearDirty(int group) { dirty_[group] = 0; }

 private:
  int lanes_;
  int neuron_lanes_;
  std::vector<Sum> sums_;            // by neuron: block x lanes + lane
  std::vector<std::uint8_t> dirty_;  // by group: neuron / neuron_lanes
};

}  // namespace ep::model
