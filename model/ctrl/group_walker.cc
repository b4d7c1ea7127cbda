// SPDX-License-Identifier: Apache-2.0

#include "model/ctrl/group_walker.h"

#include <algorithm>

namespace ep::model {

GroupWalker::GroupWalker(const Network& network, const Hardware& hardware) {
  const int last = static_cast<int>(network.populations.size()) - 1;
  const auto count = [this] { return static_cast<int>(groups_.size()); };
  int lane_block = 0;
  population_first_.push_back(0);  // the input has no groups
  for (int population = 1; population <= last; ++population) {
    const int size = network.populations[population];
    population_first_.push_back(count());
    for (int first = 0; first < size; first += hardware.neuron_lanes) {
      if (first % hardware.lanes == 0) {
        block_first_.push_back(count());
        ++lane_block;
      }
      const int neuron = (lane_block - 1) * hardware.lanes + first % hardware.lanes;
      groups_.push_back({.population = population,
                         .group = neuron / hardware.neuron_lanes,
                         .first = first,
                         .neurons = std::min(hardware.neuron_lanes, size - first),
                         .output = population == last});
    }
  }
  population_first_.push_back(count());
  block_first_.push_back(count());
}

}  // namespace ep::model
