// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "sim/backends.h"
#include "sim/cli/commands.h"
#include "sim/config/experiment.h"
#include "sim/run/replay.h"
#include "sim/run/summary.h"

namespace ep::sim {

int RunReplayFolder(const Options& options, const Console& console) {
  const std::filesystem::path folder = options.network;
  const Experiment experiment = LoadExperiment(folder / "network.toml");
  const Replay replay = ReadReplay(folder, experiment);
  const std::string backend = options.backends.empty() ? replay.backend : options.Backend();
  const std::unique_ptr<Machine> machine =
      MakeMachine(backend, experiment.network, experiment.hardware);
  console.out << fmt::format("{} on {}, epoch {}, the last is {} sample {}\n",
                             Counted(replay.samples.Count(), "sample"), backend, replay.epoch,
                             replay.mode == Mode::kTrain ? "training" : "test", replay.index);
  if (!options.waves.empty()) {
    const std::string difference = RecordDifference(
        experiment.network, experiment.hardware,
        [&](Machine& lockstep) { RunReplay(replay, lockstep); }, options.waves);
    if (!difference.empty()) {
      console.out << fmt::format("waveform: {0}.fst\nlook at it: gtkwave {0}.gtkw\n",
                                 options.waves);
      throw Divergence(difference);
    }
  }
  const std::vector<Outcome> outcomes = RunReplay(replay, *machine);
  console.out << fmt::format(
      "no difference; prediction {}, class {}{}, weights {}\n", outcomes.back().prediction,
      replay.samples.At(outcomes.size() - 1).label, outcomes.back().gated ? ", gated" : "",
      WeightHash(machine->ReadWeights()));
  return kOk;
}

}  // namespace ep::sim
