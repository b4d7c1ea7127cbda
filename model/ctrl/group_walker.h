// SPDX-License-Identifier: Apache-2.0
//
// The order of the neuron groups: populations ascending, groups ascending. Groups that lie wholly
// beyond their population are not visited.
//
// RTL        rtl/ctrl/ep_group_walker.sv

#pragma once

#include <span>
#include <vector>

#include "model/common/network.h"

namespace ep::model {

struct GroupStep {
  int population = 0;
  int group = 0;        // in the state memory: block x lanes / neuron_lanes + group in block
  int first = 0;        // index of its first neuron in the population
  int neurons = 0;      // neurons within the population, 1..neuron_lanes
  bool output = false;  // of the last population
};

class GroupWalker {
 public:
  GroupWalker(const Network& network, const Hardware& hardware);

  // Every group of every population but the input.
  std::span<const GroupStep> All() const { return groups_; }
  std::span<const GroupStep> OfPopulation(int population) const {
    return Range(population_first_[population], population_first_[population + 1]);
  }
  // The groups of one block of the state memory.
  std::span<const GroupStep> OfBlock(int lane_block) const {
    return Range(block_first_[lane_block], block_first_[lane_block + 1]);
  }

 private:
  std::span<const GroupStep> Range(int first, int last) const {
    return std::span(groups_).subspan(first, last - first);
  }

  std::vector<GroupStep> groups_;
  // Where the groups of a population and of a block begin in groups_, and the end.
  std::vector<int> population_first_;
  std::vector<int> block_first_;
};

}  // namespace ep::model
