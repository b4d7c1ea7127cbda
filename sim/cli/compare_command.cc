// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/backends.h"
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/dataset/dataset.h"
#include "sim/run/compare.h"
#include "sim/run/interrupt.h"
#include "sim/run/progress.h"
#include "sim/run/summary.h"
#include "sim/run/trainer.h"

namespace ep::sim {
namespace {

int CompareResults(const Options& options, const Console& console) {
  std::vector<RunResult> results;
  results.reserve(options.files.size());
  for (const std::string& file : options.files) results.push_back(ReadResult(file));
  std::size_t common = results.front().epochs.size();
  for (std::size_t i = 1; i < results.size(); ++i) {
    common = std::min(common, results[i].epochs.size());
    const std::string difference =
        CompareRuns(results[0], options.files[0], results[i], options.files[i]);
    if (difference.empty()) continue;
    console.err << "equispin: " << difference << '\n' << std::flush;
    return kDifference;
  }
  if (common == 0) throw UserError("the results have no epoch in common: train at least one");
  console.out << fmt::format("{} equal\n", Counted(common, "epoch"));
  return kOk;
}

// The same network on several machines, epoch by epoch.
class CompareCommand {
 public:
  CompareCommand(const Options& options, const Console& console)
      : options_(options),
        console_(console),
        experiment_(LoadExperiment(options)),
        progress_(console.err, console.terminal) {}

  int Run() {
    const int epochs = experiment_.training.epochs;
    if (epochs == 0) throw UserError("--epochs is 0: compare at least one");
    device_ = LoadDevice(options_, options_.backends, experiment_.network.array);
    const std::optional<Weights> initial = LoadWeights(options_, experiment_.network);
    dataset_ = LoadDataset(experiment_, options_.data);
    for (const std::string& name : options_.backends) AddRun(name, initial);
    progress_.Plan(epochs, trainers_[0]->TrainSamples(), trainers_[0]->TestSamples());
    for (int epoch = 1; epoch <= epochs; ++epoch) {
      for (std::size_t i = 0; i < trainers_.size(); ++i) {
        progress_.StartEpoch(epoch);
        if (!trainers_[i]->RunEpoch()) {
          progress_.Line(
              fmt::format("interrupted in epoch {}; {} epochs were equal", epoch, epoch - 1));
          return kInterrupted;
        }
        results_[i].epochs = trainers_[i]->Finished();
        progress_.Line(
            fmt::format("epoch {}/{} {:<8} {}", epoch, epochs, results_[i].backend,
                        EpochText(results_[i].epochs.back(), experiment_.data.TestName())));
        const std::string difference =
            CompareRuns(results_[0], results_[0].backend, results_[i], results_[i].backend);
        if (difference.empty()) continue;
        progress_.Line("equispin: " + difference);
        return kDifference;
      }
    }
    console_.out << fmt::format("{}: {} equal on {}\n", experiment_.network.name,
                                Counted(epochs, "epoch"), fmt::join(options_.backends, ", "));
    return kOk;
  }

 private:
  void AddRun(const std::string& name, const std::optional<Weights>& initial) {
    machines_.push_back(
        MakeMachine(name, experiment_.network, experiment_.hardware, MakerOf(device_)));
    trainers_.push_back(std::make_unique<Trainer>(
        experiment_, dataset_, *machines_.back(), initial, std::nullopt,
        [this] { return interrupt_.Requested(); },
        [this](const ChunkReport& report) { progress_.OnChunk(report); }));
    results_.push_back(
        {.network = experiment_.network.name, .seed = experiment_.training.seed, .backend = name});
  }

  const Options& options_;
  const Console& console_;
  Experiment experiment_;
  std::unique_ptr<DeviceRun> device_;
  Interrupt interrupt_;
  Progress progress_;
  Dataset dataset_;
  std::vector<std::unique_ptr<Machine>> machines_;
  std::vector<std::unique_ptr<Trainer>> trainers_;
  std::vector<RunResult> results_;
};

}  // namespace

int Compare(const Options& options, const Console& console) {
  const auto is_result = [](const std::string& file) { return file.ends_with(".json"); };
  if (std::all_of(options.files.begin(), options.files.end(), is_result)) {
    if (options.files.size() < 2) throw UserError("one result: name at least two .json files");
    return CompareResults(options, console);
  }
  if (options.files.size() != 1) {
    throw UserError("compare takes one network, or two and more .json results");
  }
  if (options.backends.size() < 2) {
    throw UserError("compare needs two backends: --backend fast --backend golden");
  }
  Options run = options;
  run.network = options.files.front();
  return CompareCommand(run, console).Run();
}

}  // namespace ep::sim
