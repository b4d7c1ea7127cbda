// SPDX-License-Identifier: Apache-2.0

#include "model/ctrl/walker.h"

#include <algorithm>

namespace ep::model {

Walker::Walker(const Network& network, const Hardware& hardware) {
  const MemoryMap map(network, hardware);
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const Projection& projection = network.projections[p];
    const int rows = network.Rows(p);
    const int lanes = network.Lanes(p);
    for (int block = 0; block < hardware.Blocks(lanes); ++block) {
      const WalkBlock step{
          .projection = p,
          .block = block,
          .lane_block = map.population_block[projection.LanePopulation()] + block,
          .neurons = std::min(hardware.lanes, lanes - block * hardware.lanes),
          .rows = rows,
          .row_neuron = map.population_block[projection.RowPopulation()] * hardware.lanes,
          .array_row = map.projection_base[p] + static_cast<std::uint32_t>(block * rows)};
      Append(projection.FromInput() ? Walk::kDrive : Walk::kRelax, step);
      if (projection.learn) Append(Walk::kLearn, step);
      Append(Walk::kHost, step);
    }
  }
}

void Walker::Append(Walk walk, const WalkBlock& block) {
  Plan& plan = plans_[static_cast<std::size_t>(walk)];
  plan.blocks.push_back(block);
  plan.words += static_cast<std::uint64_t>(block.rows);
}

}  // namespace ep::model
