// SPDX-License-Identifier: Apache-2.0

#include "sim/run/result.h"

#include <fmt/format.h>

#include "sim/io/file.h"
#include "sim/version.h"

namespace ep::sim {

using Json = nlohmann::ordered_json;

Json CountersToJson(const Counters& counters) {
  Json json = Json::object();
  counters.ForEach([&](const char* name, const char*, std::uint64_t value) { json[name] = value; });
  return json;
}

Json EpochToJson(const EpochResult& epoch) {
  return {{"epoch", epoch.epoch},
          {"test_accuracy", epoch.Accuracy()},
          {"correct", epoch.correct},
          {"tested", epoch.tested},
          {"weights_hash", epoch.weights_hash},
          {"counters", CountersToJson(epoch.counters)}};
}

Json ResultToJson(const RunResult& result) {
  Json epochs = Json::array();
  for (const EpochResult& epoch : result.epochs) epochs.push_back(EpochToJson(epoch));
  Json json = {{"network", result.network},
               {"seed", result.seed},
               {"backend", result.backend},
               {"seconds", result.seconds},
               {"versions", VersionsJson()}};
  if (!result.device.is_null()) json["device"] = result.device;
  if (result.validation > 0) json["validation"] = result.validation;
  json["epochs"] = epochs;
  return json;
}

EpochResult EpochFromJson(const Json& json) {
  EpochResult epoch;
  json.at("epoch").get_to(epoch.epoch);
  json.at("correct").get_to(epoch.correct);
  json.at("tested").get_to(epoch.tested);
  json.at("weights_hash").get_to(epoch.weights_hash);
  const Json& counters = json.at("counters");
  epoch.counters.ForEach([&](const char* name, const char*, std::uint64_t& value) {
    counters.at(name).get_to(value);
  });
  return epoch;
}

RunResult ReadResult(const std::string& file) {
  const std::string text = ReadFile(file);
  try {
    const Json json = Json::parse(text);
    RunResult result;
    json.at("network").get_to(result.network);
    json.at("seed").get_to(result.seed);
    json.at("backend").get_to(result.backend);
    json.at("seconds").get_to(result.seconds);
    result.validation = json.value("validation", 0);
    for (const Json& epoch : json.at("epochs")) result.epochs.push_back(EpochFromJson(epoch));
    return result;
  } catch (const Json::exception& error) {
    throw UserError(fmt::format("{} is not a result of --json: {}", file, error.what()));
  }
}

Counters TotalCounters(const std::vector<EpochResult>& epochs) {
  Counters total;
  for (const EpochResult& epoch : epochs) total += epoch.counters;
  return total;
}

}  // namespace ep::sim
