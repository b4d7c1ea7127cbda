// SPDX-License-Identifier: Apache-2.0
//
// A grid: the file that says which runs a sweep makes, and these runs one by one.
//
//   run            one training: a network, settings, a backend, a device, a seed
//   configuration  the runs that differ in nothing but the seed

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/experiment.h"

namespace ep::sim {

// One configuration: what `equispin train` takes on its command line, but the seed.
struct Configuration {
  std::string network;  // as the grid names it: a file, or the name of one in sim/nets
  std::string label;    // the name of its case, "" without cases
  std::string backend;
  std::string device;  // file, "" for ideal cells
  std::vector<Setting> settings;
};

struct GridRun {
  int configuration = 0;                // index into Grid::configurations
  std::optional<std::uint32_t> seed{};  // nothing: the network's own
};

struct Grid {
  std::filesystem::path file;
  std::string name;
  int validation = 0;  // training images held out in every run; 0: as each network says
  std::vector<Configuration> configurations;
  std::vector<GridRun> runs;  // configuration by configuration, seeds in order
  // The keys that any configuration sets, in order of first use.
  std::vector<std::string> Keys() const;
};

// The grid file in words, for --help.
const char* GridKeys();

// Reads a grid. Throws UserError naming file, line, key and remedy.
Grid LoadGrid(const std::filesystem::path& file);
Grid ParseGrid(const std::string& text, const std::filesystem::path& file);

}  // namespace ep::sim
