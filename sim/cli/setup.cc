// SPDX-License-Identifier: Apache-2.0

#include "sim/cli/setup.h"

#include <fmt/format.h>

#include "sim/backends.h"
#include "sim/config/device_file.h"
#include "sim/dataset/locate.h"
#include "sim/io/file.h"
#include "sim/io/weights_folder.h"

namespace ep::sim {
namespace {

// Keeps the state's value; an option that names another one is a fault.
template <typename Option, typename Value>
void Keep(const std::string& file, const char* name, const std::optional<Option>& option,
          Value saved, Value& value) {
  // 0 samples are all of them, which the state has as a number.
  if (option && *option != 0 && static_cast<Value>(*option) != saved) {
    throw UserError(
        fmt::format("{}: {} is {}, but the state was made with {}: leave the option out", file,
                    name, *option, saved));
  }
  value = saved;
}

}  // namespace

Experiment LoadExperiment(const Options& options) {
  std::vector<Setting> settings;
  for (const std::string& text : options.settings) {
    const std::size_t equal = text.find('=');
    if (equal == std::string::npos || equal == 0) {
      throw UserError(fmt::format(
          "--set is {}: must be KEY=VALUE, such as network.error_gate=100 (equispin info --help "
          "lists the keys)",
          text));
    }
    settings.push_back({.key = text.substr(0, equal), .value = text.substr(equal + 1)});
  }
  Experiment experiment = LoadExperiment(FindNetwork(options.network), settings);
  experiment.data.validation = options.validation.value_or(experiment.data.validation);
  Training& training = experiment.training;
  training.epochs = options.epochs.value_or(training.epochs);
  training.seed = options.seed.value_or(training.seed);
  training.train_samples = options.train_samples.value_or(training.train_samples);
  training.test_samples = options.test_samples.value_or(training.test_samples);
  return experiment;
}

std::unique_ptr<DeviceRun> LoadDevice(const Options& options, std::span<const std::string> backends,
                                      ArrayAccess& access) {
  if (options.device.empty()) {
    if (options.device_seed) {
      throw UserError(
          fmt::format("--device-seed is {}: there is no --device: name one", *options.device_seed));
    }
    return nullptr;
  }
  for (const std::string& backend : backends) {
    if (FindBackend(backend).has_array) continue;
    throw UserError(
        fmt::format("--device is {}: backend {} has ideal cells only: choose golden, rtl or "
                    "lockstep with --backend",
                    options.device, backend));
  }
  const device::Spec spec = LoadDeviceFile(FindDevice(options.device));
  if (access.sense == 1) access.sense = spec.SenseCycles();
  if (access.pulse == 1) access.pulse = spec.PulseCycles();
  return std::make_unique<DeviceRun>(spec, options.device_seed.value_or(1));
}

ArrayMaker MakerOf(const std::unique_ptr<DeviceRun>& device) {
  return device ? device->Maker() : nullptr;
}

std::optional<Weights> LoadWeights(const Options& options, const Network& network) {
  if (options.weights_in.empty()) return std::nullopt;
  if (!options.resume.empty()) {
    throw UserError("--weights-in and --resume: both name weights: leave one out");
  }
  return ReadWeightsFolder(options.weights_in, network);
}

std::optional<RunState> LoadState(const Options& options, Experiment& experiment) {
  if (options.resume.empty()) return std::nullopt;
  RunState state = ReadState(options.resume, experiment.network);
  Training& training = experiment.training;
  Keep(options.resume, "--seed", options.seed, state.seed, training.seed);
  Keep(options.resume, "--train-samples", options.train_samples, state.train_samples,
       training.train_samples);
  Keep(options.resume, "--test-samples", options.test_samples, state.test_samples,
       training.test_samples);
  return state;
}

std::optional<EnergyTable> LoadEnergy(const Options& options, const Backend& backend) {
  if (options.energy.empty()) {
    if (options.energy_table.empty()) return std::nullopt;
    throw UserError("--energy-table without --energy: name the file of the ledger with --energy");
  }
  if (backend.counts == Counts::kContract) {
    throw UserError(
        fmt::format("--energy with backend {}: it does not count accesses; use fast, golden, rtl "
                    "or lockstep",
                    backend.name));
  }
  std::string file = options.energy_table;
  if (file.empty()) {
    const auto found = FindNearby("constraints/energy.toml");
    if (found.empty()) {
      throw UserError("constraints/energy.toml not found: name a table with --energy-table");
    }
    file = found.front().string();
  }
  CheckWritable(options.energy);
  return ReadEnergyTable(file);
}

void WriteEnergy(const Options& options, const Console& console,
                 const std::optional<EnergyTable>& table, const Counters& counters,
                 const Hardware& hardware) {
  if (!table) return;
  const Ledger ledger = MakeLedger(*table, counters, hardware);
  WriteFile(options.energy, LedgerToJson(ledger).dump(2) + "\n");
  console.Human(options) << LedgerText(ledger);
}

void WriteJson(const Options& options, const Console& console, const nlohmann::ordered_json& json) {
  if (options.json.empty()) return;
  const std::string text = json.dump(2) + "\n";
  if (options.json == "-") {
    console.out << text;
  } else {
    WriteFile(options.json, text);
  }
}

}  // namespace ep::sim
