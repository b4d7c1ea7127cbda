// SPDX-License-Identifier: Apache-2.0
//
// Where populations and projections lie: what the host writes to the BLOCK and BASE registers.
//
// Populations 1, 2, ... occupy whole lane blocks of the state memory in order from block 0.
// Projections follow one another from array row 0 in file order; the word [row r][block k] of a
// projection is at base + k x rows + r.

#pragma once

#include <cstdint>
#include <vector>

#include "model/common/network.h"

namespace ep {

struct MemoryMap {
  MemoryMap(const Network& network, const Hardware& hardware) : population_block{0} {
    for (std::size_t i = 1; i < network.populations.size(); ++i) {
      population_block.push_back(blocks);
      blocks += hardware.Blocks(network.populations[i]);
    }
    for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
      projection_base.push_back(rows);
      rows += static_cast<std::uint32_t>(hardware.Blocks(network.Lanes(p)) * network.Rows(p));
    }
  }

  std::vector<int> population_block;  // first block by population; [0], the input, has none
  std::vector<std::uint32_t> projection_base;  // array row of [row 0][block 0] by projection
  int blocks = 0;                              // blocks of the state memory in use
  std::uint32_t rows = 0;                      // rows of the array in use
};

}  // namespace ep
