// SPDX-License-Identifier: Apache-2.0
//
// The order of the row words: projections in file order, blocks ascending, rows ascending, and
// which of them matter. It sees sizes, addresses and flags, no data.
//
// Function   drive  a row matters if its code is not 0
//            relax  every row if a lane of the block changed, else the rows that changed
//            learn  a row whose s+ and s- are 0 has no step; the steps decide about the others
// RTL        rtl/ctrl/ep_walker.sv

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "model/common/memory_map.h"
#include "model/common/network.h"

namespace ep::model {

// What the walker walks for; kHost is load and save.
enum class Walk : std::uint8_t { kDrive, kRelax, kLearn, kHost };

// The row words of one block of one projection.
struct WalkBlock {
  int projection = 0;
  int block = 0;                // of the lane population
  int lane_block = 0;           // its block in the state memory
  int neurons = 0;              // lanes within the population
  int rows = 0;                 // neurons of the row population
  int row_neuron = 0;           // neuron of row 0 in the state memory, unless rows are the input
  std::uint32_t array_row = 0;  // of row 0
};

class Walker {
 public:
  Walker(const Network& network, const Hardware& hardware);

  // The blocks of a walk, in order: drive visits projections from the input, relax the others,
  // learn the enabled ones, host all.
  std::span<const WalkBlock> Blocks(Walk walk) const { return Of(walk).blocks; }
  // Row words of a walk, sensed or not.
  std::uint64_t Words(Walk walk) const { return Of(walk).words; }

  static bool RelaxSenses(bool block_changed, bool row_changed) {
    return block_changed || row_changed;
  }

 private:
  struct Plan {
    std::vector<WalkBlock> blocks;
    std::uint64_t words = 0;
  };

  const Plan& Of(Walk walk) const { return plans_[static_cast<std::size_t>(walk)]; }
  void Append(Walk walk, const WalkBlock& block);

  std::array<Plan, 4> plans_;
};

}  // namespace ep::model
