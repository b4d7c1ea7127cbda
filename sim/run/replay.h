// SPDX-License-Identifier: Apache-2.0
//
// A sample at which two machines differed, kept with the weights before it so that it can be run
// again alone: a folder with network.toml, sample.json, w0.npy, w1.npy, ...

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "model/common/machine.h"
#include "sim/config/experiment.h"
#include "sim/dataset/encode.h"
#include "sim/run/trainer.h"

namespace ep::sim {

struct Replay {
  Mode mode = Mode::kTrain;
  int learning_rate = 0;
  std::string backend{};  // that differed
  std::string text{};     // what it said
  int epoch = 0;
  std::uint32_t random = 0;  // Z of the first sample
  std::int64_t index = 0;    // of the last sample, in its epoch's order or in the test set
  SampleSet samples;         // the last one is where the machines differed
  Weights weights;           // before the first
  bool reproduced = false;
};

using MachineFactory = std::function<std::unique_ptr<Machine>()>;

// Finds the fewest samples (1, 16 or 256, ending with the failed one or the one before) that differ
// again in a fresh machine. Weights before them come from `walker`, a backend with the same
// results. set and order are those of the failed run.
Replay FindReplay(const FailedSample& failed, const SampleSet& set,
                  std::span<const std::uint32_t> order, const MachineFactory& walker,
                  const MachineFactory& failing);

// Runs it on a machine; throws Divergence if they differ again.
std::vector<Outcome> RunReplay(const Replay& replay, Machine& machine);

void WriteReplay(const std::filesystem::path& folder, const Experiment& experiment,
                 const Replay& replay);
// Throws UserError naming the file and what is wrong. The experiment is read from the folder.
Replay ReadReplay(const std::filesystem::path& folder, const Experiment& experiment);

}  // namespace ep::sim
