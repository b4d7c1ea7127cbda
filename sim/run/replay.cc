// SPDX-License-Identifier: Apache-2.0

#include "sim/run/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/common/dither.h"
#include "sim/io/file.h"
#include "sim/io/weights_folder.h"

namespace ep::sim {
namespace {

using Json = nlohmann::ordered_json;

// Samples from begin to before end, counted from the failed one.
struct Window {
  std::int64_t begin;
  std::int64_t end;
};

// In the order in which they begin, so that the walker runs each sample once; tried from the last
// to the first. Where a difference shows only in what a sample leaves behind, it is the one before.
constexpr Window kWindows[] = {{-255, 1}, {-15, 1}, {-1, 0}, {0, 1}};

std::string ToHex(std::span<const std::uint8_t> bytes) {
  std::string hex;
  for (const std::uint8_t byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

// Throws UserError unless the text is `count` bytes in hexadecimal.
std::vector<std::uint8_t> FromHex(std::string_view hex, int count) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 2 <= hex.size(); i += 2) {
    std::uint8_t byte = 0;
    const char* end = hex.data() + i + 2;
    if (std::from_chars(hex.data() + i, end, byte, 16).ptr != end) break;
    bytes.push_back(byte);
  }
  if (bytes.size() * 2 != hex.size() || static_cast<int>(bytes.size()) != count) {
    throw UserError(fmt::format("codes of a sample are not {} bytes in hexadecimal", count));
  }
  return bytes;
}

std::vector<Sample> Slice(const SampleSet& set, std::span<const std::uint32_t> order,
                          std::uint32_t random, std::int64_t begin, std::int64_t end) {
  std::vector<Sample> samples;
  random = Dither::After(random, begin);
  for (std::int64_t i = begin; i < end; ++i) {
    samples.push_back(set.At(order.empty() ? static_cast<std::size_t>(i) : order[i]));
    samples.back().random = random;
    random = Dither::Next(random);
  }
  return samples;
}

// Keeps copies of the samples, all but Z.
SampleSet Copy(std::span<const Sample> samples, int inputs) {
  SampleSet set{.inputs = inputs};
  for (const Sample& sample : samples) {
    set.codes.insert(set.codes.end(), sample.codes.begin(), sample.codes.end());
    set.labels.push_back(static_cast<std::uint8_t>(sample.label));
  }
  return set;
}

}  // namespace

Replay FindReplay(const FailedSample& failed, const SampleSet& set,
                  std::span<const std::uint32_t> order, const MachineFactory& walker,
                  const MachineFactory& failing) {
  const bool train = failed.mode == Mode::kTrain;
  const std::int64_t samples = order.empty() ? set.Count() : std::ssize(order);
  std::vector<Replay> replays;
  const std::unique_ptr<Machine> machine = walker();
  machine->LoadWeights(failed.base);
  std::int64_t at = failed.base_index;
  for (const Window& window : kWindows) {
    const std::int64_t first = train ? failed.base_index : 0;
    const std::int64_t end = std::clamp(failed.index + window.end, first + 1, samples);
    const std::int64_t begin = std::clamp(failed.index + window.begin, first, end - 1);
    if (train && begin > at) {
      std::vector<Outcome> ignored;
      machine->Run(Mode::kTrain, Slice(set, order, failed.random, at, begin), failed.learning_rate,
                   ignored);
      at = begin;
    }
    replays.push_back({.mode = failed.mode,
                       .learning_rate = failed.learning_rate,
                       .epoch = failed.epoch,
                       .random = Dither::After(failed.random, begin),
                       .index = end - 1,
                       .samples = Copy(Slice(set, order, failed.random, begin, end), set.inputs),
                       .weights = machine->ReadWeights()});
  }
  for (auto replay = replays.rbegin(); replay != replays.rend(); ++replay) {
    try {
      RunReplay(*replay, *failing());
    } catch (const Divergence& divergence) {
      replay->text = divergence.what();
      replay->reproduced = true;
      return *replay;
    }
  }
  return replays.front();
}

std::vector<Outcome> RunReplay(const Replay& replay, Machine& machine) {
  std::vector<Sample> samples;
  samples.reserve(replay.samples.Count());
  std::uint32_t random = replay.random;
  for (int i = 0; i < replay.samples.Count(); ++i) {
    samples.push_back(replay.samples.At(i));
    samples.back().random = random;
    random = Dither::Next(random);
  }
  std::vector<Outcome> outcomes;
  machine.LoadWeights(replay.weights);
  machine.Run(replay.mode, samples, replay.learning_rate, outcomes);
  return outcomes;
}

void WriteReplay(const std::filesystem::path& folder, const Experiment& experiment,
                 const Replay& replay) {
  Json samples = Json::array();
  for (int i = 0; i < replay.samples.Count(); ++i) {
    const Sample sample = replay.samples.At(i);
    samples.push_back({{"label", sample.label}, {"codes", ToHex(sample.codes)}});
  }
  const Json json = {{"mode", replay.mode == Mode::kTrain ? "train" : "test"},
                     {"learning_rate", replay.learning_rate},
                     {"backend", replay.backend},
                     {"text", replay.text},
                     {"epoch", replay.epoch},
                     {"random", replay.random},
                     {"index", replay.index},
                     {"reproduced", replay.reproduced},
                     {"weights_hash", WeightHash(replay.weights)},
                     {"samples", samples}};
  WriteWeightsFolder(folder, experiment.network, replay.weights);
  WriteFile(folder / "network.toml", experiment.text);
  WriteFile(folder / "sample.json", json.dump(1) + "\n");
}

Replay ReadReplay(const std::filesystem::path& folder, const Experiment& experiment) {
  const std::filesystem::path file = folder / "sample.json";
  const std::string text = ReadFile(file);
  Replay replay;
  replay.samples.inputs = experiment.network.Inputs();
  try {
    const Json json = Json::parse(text);
    replay.mode = json.at("mode") == "train" ? Mode::kTrain : Mode::kInfer;
    json.at("learning_rate").get_to(replay.learning_rate);
    json.at("backend").get_to(replay.backend);
    json.at("text").get_to(replay.text);
    json.at("epoch").get_to(replay.epoch);
    replay.random = json.value("random", 0U);
    json.at("index").get_to(replay.index);
    json.at("reproduced").get_to(replay.reproduced);
    for (const Json& sample : json.at("samples")) {
      const auto codes =
          FromHex(sample.at("codes").get<std::string>(), experiment.network.Inputs());
      replay.samples.codes.insert(replay.samples.codes.end(), codes.begin(), codes.end());
      replay.samples.labels.push_back(sample.at("label").get<std::uint8_t>());
    }
  } catch (const Json::exception& error) {
    throw UserError(
        fmt::format("{} is not the sample of a replay: {}", file.string(), error.what()));
  } catch (const UserError& error) {
    throw UserError(fmt::format("{}: {}", file.string(), error.what()));
  }
  replay.weights = ReadWeightsFolder(folder, experiment.network);
  return replay;
}

}  // namespace ep::sim
