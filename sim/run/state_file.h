// SPDX-License-Identifier: Apache-2.0
//
// A run on disk: everything that continues it to the same bits, also in the middle of an epoch.
//
//   EQUISPIN-STATE 1\n    format version
//   <bytes of JSON>\n
//   JSON                  seed, position, counters, results so far, what must be equal to continue
//   weights               one byte each, projection by projection
//   cells                 of a run with a device: DeviceArray::Save
//   checksum\n            FNV-1a 64 of everything before, 16 hexadecimal digits
//
// The random generator and the order of the samples follow from the seed and the number of finished
// epochs: they are drawn again.

#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/config/experiment.h"
#include "sim/run/result.h"

namespace ep::sim {

struct RunState {
  // Name -> value of everything that must not change; see MakeIdentity.
  nlohmann::ordered_json identity;
  std::string backend;  // that ran the current epoch so far
  std::uint32_t seed = 1;
  int train_samples = 0;
  int test_samples = 0;
  std::vector<int> learning_rates;    // m of the epochs begun
  std::vector<EpochResult> finished;  // epochs trained and tested
  std::int64_t position = 0;          // samples trained of the epoch after those
  Counters counters;                  // of these samples
  double seconds = 0;
  Weights weights;
  std::string cells;  // of a run with a device
};

// Network, parameters, hardware sizes that counters depend on, and the data's checksum.
nlohmann::ordered_json MakeIdentity(const Experiment& experiment, const std::string& data_checksum);

// Throws UserError naming the first value that differs.
void CheckIdentity(const nlohmann::ordered_json& saved, const nlohmann::ordered_json& now,
                   const std::string& file);

void WriteState(const std::filesystem::path& file, const RunState& state);
// Throws UserError if it is no state file, of another version, damaged, or of another network.
RunState ReadState(const std::filesystem::path& file, const Network& network);

}  // namespace ep::sim
