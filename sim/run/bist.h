// SPDX-License-Identifier: Apache-2.0
//
// Built-in self test of the array: a march over the cells of a network's row words, and the margin
// of the sense amplifiers. Both lose the weights: run them before weights are loaded.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/common/machine.h"
#include "sim/backends.h"

namespace ep::sim {

// Cells that a test found: one byte a weight, bit i for cell i.
struct CellMap {
  Weights not_0;  // read 1 after they were programmed to 0
  Weights not_1;  // read 0 after they were programmed to 1

  // Both together.
  Weights Any() const;
};

// Programs every cell to 0, to 1 and to 0 again, and reads it each time before the next: four tests
// of the machine, row words in the order of the walk.
CellMap March(Machine& machine);

struct Margin {
  int sense_cycles = 0;
  std::uint64_t weak_at_0 = 0;  // cells that are late, or of two minds in three senses, holding 0
  std::uint64_t weak_at_1 = 0;
};

// Cells of the map: the lowest weight_bits of each byte.
std::uint64_t CountCells(const Weights& map, int weight_bits);

struct BistResult {
  CellMap march;
  std::vector<Margin> margins;  // from the sense of the network down to one cycle
};

// A fresh machine for each length of the sense; a device has the same seed in all of them.
BistResult RunBist(const std::string& backend, const Network& network, const Hardware& hardware,
                   const ArrayMaker& array);

// {cells, march: {not_0, not_1, weights, row_words, by_cell}, margin: [...]}.
nlohmann::ordered_json BistToJson(const BistResult& result, const Network& network,
                                  const Hardware& hardware);
// The same for people.
std::string BistText(const BistResult& result, const Network& network, const Hardware& hardware);

}  // namespace ep::sim
