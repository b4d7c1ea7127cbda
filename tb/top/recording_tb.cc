// SPDX-License-Identifier: Apache-2.0
//
// RTL that differs from the model on purpose, and what the recording shows of it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "Vep_core_traced.h"
#include "model/common/random_network.h"
#include "tb/top/core_machine.h"
#include "tb/top/recording.h"

namespace ep::rtl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The parameters of Vep_core_traced.
Hardware Traced() {
  Hardware hardware;
  hardware.lanes = 8;
  hardware.neuron_lanes = 4;
  hardware.multipliers = 4;
  hardware.weight_bits = 8;
  hardware.max_inputs = 32;
  hardware.max_states = 64;
  hardware.max_populations = 6;
  hardware.max_projections = 8;
  hardware.array_rows = 1024;
  hardware.sum_bits = 32;
  return hardware;
}

// Cells that read wrong once, one in each lane, at the sense of this number, counted from 0; the
// model has other cells.
class LyingArray final : public model::ArrayPort {
 public:
  LyingArray(const Hardware& hardware, int at)
      : array_(hardware.array_rows, hardware.lanes), at_(at) {}

  void Sense(std::uint32_t row, int cycles, model::Cells& cells, model::Cells& late) override {
    array_.Sense(row, cycles, cells, late);
    if (at_ != sense_++) return;
    for (std::uint8_t& cell : cells) cell ^= 0x40;
  }
  int StartPulse(std::uint32_t row, bool value, const model::Cells& mask, int level) override {
    return array_.StartPulse(row, value, mask, level);
  }
  void EndPulse(int cycles) override { array_.EndPulse(cycles); }

 private:
  model::Array array_;
  int at_;
  int sense_ = 0;
};

class RecordingTb : public ::testing::Test {
 protected:
  RecordingTb() {
    std::string pattern = ::testing::TempDir() + "recording-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    network_.name = "small";
    network_.populations = {20, 18, 5};
    network_.projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}};
    for (Projection& projection : network_.projections) projection.gain_shift = 7;
    weights_ = {Fill(20 * 18, 5), Fill(18 * 5, 9)};
    for (int i = 0; i < 20; ++i) codes_.push_back(static_cast<std::uint8_t>(37 * i));
  }
  ~RecordingTb() override { std::filesystem::remove_all(folder_); }

  static std::vector<std::int8_t> Fill(int count, int factor) {
    std::vector<std::int8_t> weights;
    for (int i = 0; i < count; ++i) {
      weights.push_back(static_cast<std::int8_t>(i * factor % 61 - 30));
    }
    return weights;
  }

  std::optional<Difference> Record(int lie) {
    return RecordDifference(
        network_,
        [&] {
          return std::make_unique<CoreMachine<Vep_core_traced>>(
              network_, Traced(), std::make_unique<LyingArray>(Traced(), lie));
        },
        [&](Machine& machine) {
          std::vector<Outcome> outcomes;
          const std::vector<Sample> samples(60, Sample{codes_, 3});
          machine.LoadWeights(weights_);
          machine.Run(Mode::kTrain, samples, 10, outcomes);
        },
        folder_ / "wave");
  }

  std::string View() const {
    std::ifstream stream(folder_ / "wave.gtkw");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::filesystem::path folder_;
  Network network_;
  Weights weights_;
  std::vector<std::uint8_t> codes_;
};

// Late enough for a thousand cycles before it.
TEST_F(RecordingTb, AWrongReadIsShownFromAThousandCyclesBeforeToAThousandAfter) {
  const std::optional<Difference> difference = Record(60 + 15 + 1000);
  ASSERT_TRUE(difference);
  EXPECT_EQ(difference->concern, Concern::kUpdate);
  EXPECT_THAT(difference->text, HasSubstr("sample "));
  EXPECT_THAT(difference->text, HasSubstr("neuron"));
  const WaveContents contents = ReadWaveContents(folder_ / "wave.fst");
  ASSERT_GT(difference->cycle, 1000U);
  EXPECT_NEAR(static_cast<double>(contents.begin), 2.0 * (difference->cycle - 1000), 4);
  EXPECT_NEAR(static_cast<double>(contents.end), 2.0 * (difference->cycle + 1000), 4);
  EXPECT_THAT(View(), HasSubstr(difference->text));
  EXPECT_THAT(View(), HasSubstr("ep_core.group_sum.group_sum[0]["));
  EXPECT_THAT(View(), Not(HasSubstr("ep_core.op_ready")));
}

TEST_F(RecordingTb, MachinesThatAgreeLeaveNoFile) {
  EXPECT_FALSE(Record(-1));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

// A signal that was renamed would be missing in the picture, unseen.
TEST_F(RecordingTb, EverySignalOfEveryConcernExists) {
  ASSERT_TRUE(Record(100));
  const std::vector<std::string> signals = ReadWaveContents(folder_ / "wave.fst").signals;
  for (const Concern concern :
       {Concern::kSense, Concern::kProgram, Concern::kUpdate, Concern::kOutcome, Concern::kWeights,
        Concern::kCounters, Concern::kProgress}) {
    for (const std::string& name : SignalsOf(concern)) {
      EXPECT_FALSE(FindSignals(signals, name).empty()) << name;
    }
  }
}

}  // namespace
}  // namespace ep::rtl
