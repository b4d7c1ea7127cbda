// SPDX-License-Identifier: Apache-2.0
//
// A network description: the TOML file that drives every backend.

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "model/common/network.h"

namespace ep::sim {

struct DataSpec {
  std::string set = "digits";  // digits, mnist, fashion-mnist, or a folder of IDX files
  int pool = 1;                // 1, or 2 for 2x2 pooling
  int validation = 0;          // the last N training images are held out and tested instead
  int shift = 0;               // training images are moved by up to so many pixels each way

  // What a test looks at.
  const char* TestName() const { return validation > 0 ? "validation" : "test"; }
};

struct Training {
  int epochs = 10;
  // m by epoch; the last one stays.
  std::vector<int> learning_rate = {16, 16, 12, 10, 8, 6, 5, 4, 3, 2};
  std::uint32_t seed = 1;
  int weight_init = 38;   // I
  int train_samples = 0;  // the first N of each epoch's order, 0 for all
  int test_samples = 0;   // the first N of the test set, 0 for all

  // m of epoch 1, 2, ...
  int LearningRate(int epoch) const;
};

// A key that takes the place of the file's: "network.error_gate", "projection.1.gain_shift" (from
// 0), and its value as TOML, "100".
struct Setting {
  std::string key;
  std::string value;
};

struct Experiment {
  std::filesystem::path file;
  std::string text;  // the file's content, after settings
  Network network;
  DataSpec data;
  Training training;
  Hardware hardware;
};

// The rule for gain_shift = "auto" and learning_shift = "auto"; docs/study.md says where it comes
// from. fan_in counts the neurons of population a, the one nearer to the input.
int AutoGainShift(const Network& network, const Projection& projection);
int AutoLearningShift(const Network& network, const Projection& projection);

// The keys of the file with defaults, ranges and meanings, for --help.
const char* ExperimentKeys();

// Reads and checks a description. Throws UserError naming file, line, key and remedy.
Experiment LoadExperiment(const std::filesystem::path& file,
                          const std::vector<Setting>& settings = {});

// The same from text; file is for messages and for folders named relative to it.
Experiment ParseExperiment(const std::string& text, const std::filesystem::path& file,
                           const std::vector<Setting>& settings = {});

}  // namespace ep::sim
