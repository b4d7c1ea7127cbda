// SPDX-License-Identifier: Apache-2.0

#include "sim/run/state_file.h"

#include <fmt/format.h>

#include <charconv>
#include <string_view>

#include "sim/io/file.h"

namespace ep::sim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kMagic = "EQUISPIN-STATE ";
constexpr std::string_view kVersionLine = "1";
constexpr std::size_t kChecksumBytes = 17;  // 16 digits and a line end

std::string Checksum(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return fmt::format("{:016x}\n", hash);
}

Json HeaderOf(const RunState& state) {
  Json finished = Json::array();
  for (const EpochResult& epoch : state.finished) finished.push_back(EpochToJson(epoch));
  return {{"identity", state.identity},
          {"backend", state.backend},
          {"seed", state.seed},
          {"train_samples", state.train_samples},
          {"test_samples", state.test_samples},
          {"learning_rates", state.learning_rates},
          {"finished", finished},
          {"position", state.position},
          {"counters", CountersToJson(state.counters)},
          {"seconds", state.seconds},
          {"cells", state.cells.size()},
          {"weights_hash", WeightHash(state.weights)}};
}

RunState FromHeader(const Json& json) {
  RunState state;
  json.at("identity").get_to(state.identity);
  json.at("backend").get_to(state.backend);
  json.at("seed").get_to(state.seed);
  json.at("train_samples").get_to(state.train_samples);
  json.at("test_samples").get_to(state.test_samples);
  json.at("learning_rates").get_to(state.learning_rates);
  for (const Json& epoch : json.at("finished")) state.finished.push_back(EpochFromJson(epoch));
  json.at("position").get_to(state.position);
  const Json& counters = json.at("counters");
  state.counters.ForEach([&](const char* name, const char*, std::uint64_t& value) {
    counters.at(name).get_to(value);
  });
  json.at("seconds").get_to(state.seconds);
  return state;
}

// Takes the text up to the next line end off the front.
std::string_view TakeLine(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

}  // namespace

Json MakeIdentity(const Experiment& experiment, const std::string& data_checksum) {
  const Network& network = experiment.network;
  Json identity = {{"network.populations", network.populations},
                   {"network.free_sweeps", network.free_sweeps},
                   {"network.nudged_sweeps", network.nudged_sweeps},
                   {"network.nudge_shift", network.nudge_shift},
                   {"network.error_gate", network.error_gate},
                   {"network.weight_init", experiment.training.weight_init},
                   {"data.pool", experiment.data.pool},
                   {"data.pixel_bits", network.pixel_bits},
                   {"checksum of the data", data_checksum},
                   {"hardware.weight_bits", network.weight_bits},
                   {"hardware.lanes", experiment.hardware.lanes},
                   {"hardware.neuron_lanes", experiment.hardware.neuron_lanes},
                   {"hardware.multipliers", experiment.hardware.multipliers},
                   {"number of projections", network.projections.size()}};
  if (experiment.data.shift > 0) identity["data.shift"] = experiment.data.shift;
  if (network.stochastic) identity["network.rounding"] = "stochastic";
  const ArrayAccess& array = network.array;
  const auto ladder = [](const ArrayAccess::Ladder& steps) {
    Json list = Json::array();
    for (const Shot& shot : steps) list.push_back({shot.level, shot.length});
    return list;
  };
  identity["array.precharge"] = array.precharge;
  identity["array.sense"] = array.sense;
  identity["array.late"] = Name(array.late);
  identity["array.re_reads"] = array.re_reads;
  identity["array.verify"] = array.verify;
  identity["array.self_timed"] = array.self_timed;
  if (array.shrink) identity["array.shrink"] = true;
  if (!array.spare.empty()) identity["array.spare"] = array.spare;
  identity["array.shots"] = array.shots;
  identity["array.pulse"] = array.pulse;
  identity["levels and lengths of array.set"] = ladder(array.set);
  identity["levels and lengths of array.reset"] = ladder(array.reset);
  for (std::size_t p = 0; p < network.projections.size(); ++p) {
    const Projection& projection = network.projections[p];
    const std::string field = fmt::format("projection {}: ", p);
    identity[field + "between"] = {projection.a, projection.b};
    identity[field + "gain_shift"] = projection.gain_shift;
    identity[field + "learning_shift"] = projection.learning_shift;
    identity[field + "learn"] = projection.learn;
  }
  return identity;
}

void CheckIdentity(const Json& saved, const Json& now, const std::string& file) {
  Json all = saved;
  all.update(now);
  for (const auto& [key, ignored] : all.items()) {
    const Json value = now.value(key, Json());
    const Json other = saved.value(key, Json());
    if (value == other) continue;
    throw UserError(
        fmt::format("{}: {} is {} in the state, but {} now: continue with the network, "
                    "data and device that the state was made with",
                    file, key, other.dump(), value.dump()));
  }
}

void WriteState(const std::filesystem::path& file, const RunState& state) {
  const std::string header = HeaderOf(state).dump();
  std::string bytes = fmt::format("{}{}\n{}\n{}", kMagic, kVersionLine, header.size(), header);
  for (const std::vector<std::int8_t>& weights : state.weights) {
    bytes.append(reinterpret_cast<const char*>(weights.data()), weights.size());
  }
  bytes += state.cells;
  bytes += Checksum(bytes);
  WriteFile(file, bytes);
}

RunState ReadState(const std::filesystem::path& file, const Network& network) {
  const std::string bytes = ReadFile(file);
  const std::string shown = file.string();
  std::string_view rest = bytes;
  const std::string_view first = TakeLine(rest);
  if (!first.starts_with(kMagic)) {
    throw UserError(fmt::format("{} is not a saved state: name a file that --save wrote", shown));
  }
  if (first.substr(kMagic.size()) != kVersionLine) {
    throw UserError(fmt::format("{}: state format is '{}': this program reads {}: start again",
                                shown, first.substr(kMagic.size()), kVersionLine));
  }
  const std::string damaged =
      fmt::format("{} is truncated or damaged: use another state or start again", shown);
  if (bytes.size() < kChecksumBytes ||
      Checksum(std::string_view(bytes).substr(0, bytes.size() - kChecksumBytes)) !=
          bytes.substr(bytes.size() - kChecksumBytes)) {
    throw UserError(damaged);
  }
  rest.remove_suffix(kChecksumBytes);
  const std::string_view length_text = TakeLine(rest);
  std::size_t length = 0;
  std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
  if (length > rest.size()) throw UserError(damaged);
  RunState state;
  Json header;
  try {
    header = Json::parse(rest.substr(0, length));
    state = FromHeader(header);
  } catch (const Json::exception& error) {
    throw UserError(fmt::format("{} ({})", damaged, error.what()));
  }
  rest.remove_prefix(length);
  const auto cells = header.value("cells", std::size_t{0});
  if (cells > rest.size()) throw UserError(damaged);
  state.cells = rest.substr(rest.size() - cells);
  rest.remove_suffix(cells);
  std::size_t need = 0;
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const std::size_t count = static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p);
    const std::string_view part = rest.substr(std::min(need, rest.size()), count);
    state.weights.emplace_back(part.begin(), part.end());
    need += count;
  }
  if (need != rest.size()) {
    throw UserError(
        fmt::format("{} holds {} weights, but the network has {}: continue with the "
                    "network that the state was made with",
                    shown, rest.size(), need));
  }
  return state;
}

}  // namespace ep::sim
