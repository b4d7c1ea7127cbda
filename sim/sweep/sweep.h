// SPDX-License-Identifier: Apache-2.0
//
// Runs the runs of a grid side by side, keeps what they found, and never does one twice.
//
// The folder of a sweep holds, for each run, a file named after everything that can change its
// result (network, settings, data, backend, device, seed, version of the program):
//   runs/KEY.json    what it found
//   runs/KEY.state   as far as it came, while it is not done
// Runs share nothing but the data they read, so that neither their number nor their order changes a
// bit.

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/options.h"
#include "sim/config/experiment.h"
#include "sim/dataset/dataset.h"
#include "sim/run/result.h"
#include "sim/sweep/grid.h"

namespace ep::sim {

// A run, ready to go.
struct SweepRun {
  int number = 0;         // from 1, as in the grid
  int configuration = 0;  // index
  Options options;        // the same run as a call of `equispin train`
  Experiment experiment;
  std::shared_ptr<const Dataset> dataset;
  nlohmann::ordered_json identity;  // everything that can change the result
  std::string key;                  // a hash of it, 16 hexadecimal digits
  std::optional<RunResult> result;  // once it is done

  // Samples times weights: how long it takes, in units of its own.
  double Work() const;
};

class Sweep {
 public:
  // Reads every network and its data, and what earlier calls have found. data_dir is --data. Throws
  // UserError naming run and fault before anything runs.
  Sweep(const Grid& grid, const std::filesystem::path& folder, const std::string& data_dir);

  const std::vector<SweepRun>& Runs() const { return runs_; }
  const Grid& TheGrid() const { return grid_; }
  int Done() const;

  // Called from one thread at a time: the run that ended, and the share of all work that is done.
  using EndFunction = std::function<void(const SweepRun& run)>;
  using TickFunction = std::function<void(double share, int running)>;

  // Runs what is not done of these numbers (all if empty), `jobs` at a time. False if stopped
  // before the end: what was running is saved. Throws what a run threw, after the others have been
  // saved.
  bool Run(const std::vector<int>& numbers, int jobs, const std::function<bool()>& stop,
           const EndFunction& ended, const TickFunction& tick);

 private:
  class Pool;
  std::filesystem::path ResultFile(const SweepRun& run) const;
  std::filesystem::path StateFile(const SweepRun& run) const;
  std::shared_ptr<const Dataset> Data(const Experiment& experiment, const std::string& data_dir,
                                      std::string& checksum);
  void Add(const GridRun& grid_run, const std::string& data_dir);
  void LoadResult(SweepRun& run) const;
  bool RunOne(SweepRun& run, const std::function<bool()>& stop,
              const std::function<void(std::int64_t samples)>& report) const;

  Grid grid_;
  std::filesystem::path folder_;
  std::vector<SweepRun> runs_;
  std::map<std::string, std::pair<std::shared_ptr<const Dataset>, std::string>> data_;
};

}  // namespace ep::sim
