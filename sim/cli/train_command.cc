// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include "sim/backends.h"
#include "sim/cli/commands.h"
#include "sim/cli/divergence.h"
#include "sim/cli/setup.h"
#include "sim/dataset/dataset.h"
#include "sim/io/file.h"
#include "sim/io/weights_folder.h"
#include "sim/run/interrupt.h"
#include "sim/run/progress.h"
#include "sim/run/summary.h"
#include "sim/run/trainer.h"

namespace ep::sim {
namespace {

// An argument as a shell takes it.
std::string Quoted(const std::string& argument) {
  const auto plain = [](unsigned char c) {
    return std::isalnum(c) ||
           std::string_view("-_./=:,+@%").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!argument.empty() && std::all_of(argument.begin(), argument.end(), plain)) return argument;
  std::string quoted = "'";
  for (const char c : argument) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

// The command line that continues this run from a state.
std::string ResumeCommand(const std::vector<std::string>& args, const std::string& state) {
  std::string command;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--resume" || arg == "--weights-in") {
      ++i;
    } else if (!arg.starts_with("--resume=") && !arg.starts_with("--weights-in=")) {
      command += Quoted(arg) + " ";
    }
  }
  return command + "--resume " + Quoted(state);
}

// One call of `equispin train`.
class TrainCommand {
 public:
  TrainCommand(const Options& options, const Console& console)
      : options_(options),
        console_(console),
        experiment_(LoadExperiment(options)),
        backend_(FindBackend(options.Backend())),
        progress_(console.err, console.terminal) {}

  int Run();

 private:
  using Clock = std::chrono::steady_clock;

  void CheckOutputs() const;
  nlohmann::ordered_json Identity() const;
  double Seconds() const {
    return seconds_before_ + std::chrono::duration<double>(Clock::now() - begin_).count();
  }
  RunResult Result(const Trainer& trainer) const;
  void SaveState(const Trainer& trainer, const std::string& file) const;
  void ShowEpoch(const EpochResult& epoch);
  void ShowSummary(const Trainer& trainer) const;
  std::string DefaultState() const;
  int Interrupted(const Trainer& trainer);

  const Options& options_;
  const Console& console_;
  Experiment experiment_;
  const Backend& backend_;
  Progress progress_;
  Dataset dataset_;
  std::string data_checksum_;
  std::unique_ptr<DeviceRun> device_;
  Clock::time_point begin_ = Clock::now();
  double seconds_before_ = 0;
};

int TrainCommand::Run() {
  const std::string backend = backend_.name;
  device_ = LoadDevice(options_, {&backend, 1}, experiment_.network.array);
  const std::optional<Weights> initial = LoadWeights(options_, experiment_.network);
  const std::optional<RunState> state = LoadState(options_, experiment_);
  dataset_ = LoadDataset(experiment_, options_.data);
  data_checksum_ = DatasetChecksum(dataset_);
  if (state) {
    CheckIdentity(state->identity, Identity(), options_.resume);
    seconds_before_ = state->seconds;
    if (state->position > 0 && FindBackend(state->backend).counts != backend_.counts) {
      progress_.Line(
          fmt::format("note: the epoch was begun on backend {}: what it does not count "
                      "counts only a part of the epoch",
                      state->backend));
    }
  }
  CheckOutputs();
  const std::optional<EnergyTable> energy = LoadEnergy(options_, backend_);
  const std::unique_ptr<Machine> machine =
      MakeMachine(backend_.name, experiment_.network, experiment_.hardware, MakerOf(device_));
  begin_ = Clock::now();
  const Interrupt interrupt;
  Trainer trainer(
      experiment_, dataset_, *machine, initial, state, [&] { return interrupt.Requested(); },
      [&](const ChunkReport& report) { progress_.OnChunk(report); }, kChunkSamples, device_.get());
  const int epochs = experiment_.training.epochs;
  progress_.Plan(epochs, trainer.TrainSamples(), trainer.TestSamples());
  while (static_cast<int>(trainer.Finished().size()) < epochs) {
    progress_.StartEpoch(static_cast<int>(trainer.Finished().size()) + 1);
    try {
      if (!trainer.RunEpoch()) return Interrupted(trainer);
    } catch (const Divergence& divergence) {
      const std::optional<FailedSample> failed = trainer.Failed();
      if (!failed) throw;
      if (device_) throw;  // the sample alone, without the devices before it, shows nothing
      const bool train = failed->mode == Mode::kTrain;
      ReportDivergence(divergence, *failed, experiment_, backend_.name,
                       train ? trainer.Set() : dataset_.test,
                       train ? trainer.Order() : std::vector<std::uint32_t>{}, console_, progress_);
      return kDifference;
    }
    ShowEpoch(trainer.Finished().back());
    if (!options_.save.empty()) SaveState(trainer, options_.save);
  }
  if (!options_.weights_out.empty()) {
    WriteWeightsFolder(options_.weights_out, experiment_.network, trainer.CurrentWeights());
  }
  WriteJson(options_, console_, ResultToJson(Result(trainer)));
  ShowSummary(trainer);
  WriteEnergy(options_, console_, energy, TotalCounters(trainer.Finished()), experiment_.hardware);
  return kOk;
}

// Hours of work must not end at a file that could not be written from the start.
void TrainCommand::CheckOutputs() const {
  if (!options_.weights_out.empty()) CheckWeightsFolder(options_.weights_out, experiment_.network);
  if (!options_.save.empty()) CheckWritable(options_.save);
  if (!options_.json.empty() && options_.json != "-") CheckWritable(options_.json);
}

nlohmann::ordered_json TrainCommand::Identity() const {
  nlohmann::ordered_json identity = MakeIdentity(experiment_, data_checksum_);
  if (device_) device_->AddIdentity(identity);
  return identity;
}

RunResult TrainCommand::Result(const Trainer& trainer) const {
  return {.network = experiment_.network.name,
          .seed = experiment_.training.seed,
          .backend = backend_.name,
          .seconds = Seconds(),
          .validation = experiment_.data.validation,
          .device = device_ ? device_->ToJson() : nlohmann::ordered_json(),
          .epochs = trainer.Finished()};
}

void TrainCommand::SaveState(const Trainer& trainer, const std::string& file) const {
  RunState state = trainer.State();
  state.identity = Identity();
  state.backend = backend_.name;
  state.seconds = Seconds();
  WriteState(file, state);
}

void TrainCommand::ShowEpoch(const EpochResult& epoch) {
  const std::string ratio = CycleRatioText(epoch.counters);
  progress_.Line(fmt::format("epoch {}/{}: {}{}, {}", epoch.epoch, experiment_.training.epochs,
                             EpochText(epoch, experiment_.data.TestName()),
                             ratio.empty() ? "" : fmt::format(", {} cycles per row", ratio),
                             fmt::format("{:.1f} s", Seconds())));
}

void TrainCommand::ShowSummary(const Trainer& trainer) const {
  std::ostream& human = console_.Human(options_);
  const std::vector<EpochResult>& epochs = trainer.Finished();
  const std::string name = experiment_.network.name;
  if (epochs.empty()) {
    human << fmt::format("{}: no epoch, initial weights {}\n", name,
                         WeightHash(trainer.CurrentWeights()));
  } else {
    human << fmt::format("{} on {}: {}, {} in {:.1f} s\n", name, backend_.name,
                         EpochText(epochs.back(), experiment_.data.TestName()),
                         Counted(epochs.size(), "epoch"), Seconds());
    human << CostText(TotalCounters(epochs));
  }
  if (device_) human << device_->Text();
  if (std::string_view(backend_.name) == "lockstep") human << "RTL = model\n";
}

// Beside what else was built, or here.
std::string TrainCommand::DefaultState() const {
  std::error_code ignored;
  const std::string name = experiment_.network.name + ".state";
  return std::filesystem::is_directory("build", ignored) ? "build/" + name : name;
}

int TrainCommand::Interrupted(const Trainer& trainer) {
  const std::string file = options_.save.empty() ? DefaultState() : options_.save;
  SaveState(trainer, file);
  if (!options_.weights_out.empty()) {
    WriteWeightsFolder(options_.weights_out, experiment_.network, trainer.CurrentWeights());
  }
  WriteJson(options_, console_, ResultToJson(Result(trainer)));
  const RunState state = trainer.State();
  progress_.Line(
      fmt::format("interrupted after {} samples of epoch {}; weights and state are in {}",
                  state.position, state.finished.size() + 1, file));
  progress_.Line("continue with: " + ResumeCommand(console_.args, file));
  return kInterrupted;
}

}  // namespace

int Train(const Options& options, const Console& console) {
  return TrainCommand(options, console).Run();
}

}  // namespace ep::sim
