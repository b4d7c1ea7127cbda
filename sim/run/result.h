// SPDX-License-Identifier: Apache-2.0
//
// What a run found, epoch by epoch, and its JSON.

#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "model/common/counters.h"

namespace ep::sim {

struct EpochResult {
  int epoch = 0;  // from 1; 0 for a test without training
  int correct = 0;
  int tested = 0;
  std::string weights_hash{};
  Counters counters{};  // of the epoch's training

  double Accuracy() const { return tested ? 100.0 * correct / tested : 0.0; }  // percent
};

struct RunResult {
  std::string network{};
  std::uint32_t seed = 1;
  std::string backend{};
  double seconds = 0;
  int validation = 0;               // training images held out; 0: the test set was tested
  nlohmann::ordered_json device{};  // null without one; see DeviceRun::ToJson
  std::vector<EpochResult> epochs{};
};

nlohmann::ordered_json CountersToJson(const Counters& counters);
nlohmann::ordered_json EpochToJson(const EpochResult& epoch);
// {network, seed, backend, seconds, versions, device and validation (only with one), epochs:
// [{epoch, test_accuracy, correct, tested, weights_hash, counters}]}
nlohmann::ordered_json ResultToJson(const RunResult& result);

// Throws nlohmann::json::exception where a field is missing or of the wrong type.
EpochResult EpochFromJson(const nlohmann::ordered_json& json);

// Reads a file that --json wrote. Throws UserError naming file and field.
RunResult ReadResult(const std::string& file);

// The counters of all epochs together.
Counters TotalCounters(const std::vector<EpochResult>& epochs);

}  // namespace ep::sim
