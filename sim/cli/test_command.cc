// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>

#include "sim/backends.h"
#include "sim/cli/commands.h"
#include "sim/cli/divergence.h"
#include "sim/cli/setup.h"
#include "sim/dataset/dataset.h"
#include "sim/io/file.h"
#include "sim/run/chunk_runner.h"
#include "sim/run/interrupt.h"
#include "sim/run/progress.h"
#include "sim/run/summary.h"

namespace ep::sim {
namespace {

Weights TestedWeights(const Options& options, const Experiment& experiment) {
  if (auto weights = LoadWeights(options, experiment.network)) return *weights;
  if (options.resume.empty()) {
    throw UserError("no weights to test: name them with --weights-in DIR or --resume FILE");
  }
  return ReadState(options.resume, experiment.network).weights;
}

}  // namespace

int Test(const Options& options, const Console& console) {
  Experiment experiment = LoadExperiment(options);
  const Backend& backend = FindBackend(options.Backend());
  const std::string backend_name = backend.name;
  const std::unique_ptr<DeviceRun> device =
      LoadDevice(options, {&backend_name, 1}, experiment.network.array);
  const Weights weights = TestedWeights(options, experiment);
  const Dataset dataset = LoadDataset(experiment, options.data);
  const int wanted = experiment.training.test_samples;
  if (wanted > dataset.test.Count()) {
    throw UserError(
        fmt::format("test_samples is {}, but the data has {}: ask for at most that many", wanted,
                    dataset.test.Count()));
  }
  const int count = wanted == 0 ? dataset.test.Count() : wanted;
  if (!options.json.empty() && options.json != "-") CheckWritable(options.json);
  const std::optional<EnergyTable> energy = LoadEnergy(options, backend);
  const std::unique_ptr<Machine> machine =
      MakeMachine(backend.name, experiment.network, experiment.hardware, MakerOf(device));
  machine->LoadWeights(weights);
  machine->TakeCounters();  // those of loading

  const auto begin = std::chrono::steady_clock::now();
  const Interrupt interrupt;
  Progress progress(console.err, console.terminal);
  progress.Plan(0, 0, count);
  ChunkRunner runner(
      *machine, [&] { return interrupt.Requested(); },
      [&](const ChunkReport& report) { progress.OnChunk(report); });
  std::int64_t position = 0;
  std::int64_t correct = 0;
  try {
    if (!runner.Run(Mode::kInfer, 0, dataset.test, {}, 0, count, position, correct)) {
      progress.Line(
          fmt::format("interrupted after {} of {} samples, {} correct", position, count, correct));
      return kInterrupted;
    }
  } catch (const Divergence& divergence) {
    if (!runner.InChunk() || device) throw;
    const std::int64_t index = position + runner.CompletedInChunk();
    const FailedSample failed{
        .mode = Mode::kInfer, .index = index, .base_index = index, .base = weights};
    ReportDivergence(divergence, failed, experiment, backend.name, dataset.test, {}, console,
                     progress);
    return kDifference;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  const EpochResult result{.correct = static_cast<int>(correct),
                           .tested = count,
                           .weights_hash = WeightHash(weights),
                           .counters = machine->TakeCounters()};
  WriteJson(options, console,
            ResultToJson({.network = experiment.network.name,
                          .seed = experiment.training.seed,
                          .backend = backend.name,
                          .seconds = seconds.count(),
                          .validation = experiment.data.validation,
                          .device = device ? device->ToJson() : nlohmann::ordered_json(),
                          .epochs = {result}}));
  std::ostream& human = console.Human(options);
  human << fmt::format("{} on {}: {}, {:.1f} s\n", experiment.network.name, backend.name,
                       EpochText(result, experiment.data.TestName()), seconds.count());
  human << CostText(result.counters);
  if (device) human << device->Text();
  WriteEnergy(options, console, energy, result.counters, experiment.hardware);
  if (options.Backend() == "lockstep") human << "RTL = model\n";
  return kOk;
}

}  // namespace ep::sim
