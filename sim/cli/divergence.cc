// SPDX-License-Identifier: Apache-2.0

#include "sim/cli/divergence.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "sim/backends.h"
#include "sim/run/replay.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;

fs::path ReplayFolder(const Experiment& experiment, const Replay& replay) {
  std::error_code ignored;
  const fs::path parent = fs::is_directory("build", ignored) ? "build/replay" : "replay";
  const bool train = replay.mode == Mode::kTrain;
  return parent / fmt::format("{}-{}-{}-{}", experiment.network.name, train ? "train" : "test",
                              replay.epoch, replay.index);
}

}  // namespace

void ReportDivergence(const Divergence& divergence, const FailedSample& failed,
                      const Experiment& experiment, const std::string& backend,
                      const SampleSet& set, std::span<const std::uint32_t> order,
                      const Console& console, Progress& progress) {
  const bool train = failed.mode == Mode::kTrain;
  progress.Line(fmt::format("equispin: epoch {}, {} sample {}: {}", failed.epoch,
                            train ? "training" : "test", failed.index, divergence.what()));
  const std::string walker = FindBackend("fast").make ? "fast" : "plain";
  Replay replay = FindReplay(
      failed, set, order,
      [&] { return MakeMachine(walker, experiment.network, experiment.hardware); },
      [&] { return MakeMachine(backend, experiment.network, experiment.hardware); });
  replay.backend = backend;
  replay.text = divergence.what();
  const fs::path folder = ReplayFolder(experiment, replay);
  WriteReplay(folder, experiment, replay);
  progress.Line(fmt::format("{} sample{}, with the weights before, in {}{}", replay.samples.Count(),
                            replay.samples.Count() == 1 ? "" : "s", folder.string(),
                            replay.reproduced ? "" : " (alone, they do not differ again)"));
  progress.Line(fmt::format("replay with: {} replay {}", console.args.front(), folder.string()));
}

}  // namespace ep::sim
