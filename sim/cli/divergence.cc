// SPDX-License-Identifier: Apache-2.0

#include "sim/cli/divergence.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "sim/backends.h"
#include "sim/run/replay.h"
#include "sim/run/summary.h"

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
  progress.Line(fmt::format("equispin: epoch {}, {}: {}", failed.epoch, train ? "training" : "test",
                            divergence.what()));
  const std::string walker = FindBackend("fast").make ? "fast" : "plain";
  Replay replay = FindReplay(
      failed, set, order,
      [&] { return MakeMachine(walker, experiment.network, experiment.hardware); },
      [&] { return MakeMachine(backend, experiment.network, experiment.hardware); });
  replay.backend = backend;
  if (!replay.reproduced) replay.text = divergence.what();
  const fs::path folder = ReplayFolder(experiment, replay);
  WriteReplay(folder, experiment, replay);
  const std::string where = folder.string();
  const std::string sample = fmt::format("{} sample {}", train ? "training" : "test", replay.index);
  progress.Line(replay.reproduced
                    ? fmt::format("found again at {} of epoch {}, {} alone: {}", sample,
                                  replay.epoch, Counted(replay.samples.Count(), "sample"),
                                  replay.text)
                    : fmt::format("the {} up to {} of epoch {} do not differ again alone",
                                  Counted(replay.samples.Count(), "sample"), sample, replay.epoch));
  progress.Line(fmt::format("replay with: {} replay {}", console.args.front(), where));
  progress.Line(
      fmt::format("with a waveform of the 2,000 cycles around it: make waves NET={}", where));
}

}  // namespace ep::sim
