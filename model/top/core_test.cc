// SPDX-License-Identifier: Apache-2.0

#include "model/top/core.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "model/common/random_network.h"
#include "model/plain/plain.h"
#include "model/plain/recipe.h"

namespace ep::model {
namespace {

std::uint64_t RelaxWords(const Network& network, const Hardware& hardware) {
  std::uint64_t words = 0;
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    if (network.projections[p].FromInput()) continue;
    words += static_cast<std::uint64_t>(hardware.Blocks(network.Lanes(p))) * network.Rows(p);
  }
  return words;
}

// docs/schedule.md: sensed and skipped words add up.
void ExpectWordsAddUp(const Network& network, const Hardware& hardware, Mode mode,
                      const Counters& c) {
  std::uint64_t input = 0;
  std::uint64_t learn = 0;
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const std::uint64_t words =
        static_cast<std::uint64_t>(hardware.Blocks(network.Lanes(p))) * network.Rows(p);
    if (network.projections[p].FromInput()) input += words;
    if (network.projections[p].learn) learn += words;
  }
  const std::uint64_t relax = RelaxWords(network, hardware);
  std::uint64_t expected = input + network.free_sweeps * relax;
  if (mode == Mode::kTrain) expected += 2 * network.nudged_sweeps * relax + learn;
  EXPECT_EQ(c.RowsSensed() + c.rows_skipped_input_zero + c.rows_skipped_unchanged +
                c.rows_skipped_settled + c.rows_skipped_gated + c.rows_skipped_no_step,
            c.samples * expected);
}

void ExpectPlainCounters(const Counters& golden, const Counters& plain) {
  EXPECT_EQ(golden.samples, plain.samples);
  EXPECT_EQ(golden.samples_gated, plain.samples_gated);
  EXPECT_EQ(golden.sweeps_free, plain.sweeps_free);
  EXPECT_EQ(golden.sweeps_plus, plain.sweeps_plus);
  EXPECT_EQ(golden.sweeps_minus, plain.sweeps_minus);
  EXPECT_EQ(golden.states_changed, plain.states_changed);
  EXPECT_EQ(golden.weights_changed, plain.weights_changed);
  EXPECT_EQ(golden.cells_set, plain.cells_set);
  EXPECT_EQ(golden.cells_reset, plain.cells_reset);
}

// Graphs, sizes, gains, gates, inputs and hardware at their edges: see RandomNetworkTest for what
// the cases reach. Training, then inference, then training with what was learnt.
TEST(CoreTest, RandomNetworksMatchPlain) {
  for (std::uint32_t seed = 0; seed < 1000; ++seed) {
    const RandomCase random = MakeRandomCase(seed, MakeRandomHardware(seed));
    SCOPED_TRACE(random.Describe());
    const auto golden = MakeGolden(random.network, random.hardware);
    const auto plain = plain::MakePlain(random.network, random.hardware);
    golden->LoadWeights(random.weights);
    plain->LoadWeights(random.weights);
    ASSERT_EQ(golden->ReadWeights(), random.weights);
    golden->TakeCounters();
    const std::vector<Sample> samples = random.Samples();
    for (const Mode mode : {Mode::kTrain, Mode::kInfer, Mode::kTrain}) {
      std::vector<Outcome> outcomes;
      std::vector<Outcome> expected;
      golden->Run(mode, samples, random.learning_rate, outcomes);
      plain->Run(mode, samples, random.learning_rate, expected);
      EXPECT_EQ(outcomes, expected);
      const Counters counters = golden->TakeCounters();
      ExpectPlainCounters(counters, plain->TakeCounters());
      ExpectWordsAddUp(random.network, random.hardware, mode, counters);
      ASSERT_EQ(golden->ReadWeights(), plain->ReadWeights());
      golden->TakeCounters();
      if (HasFailure()) return;
    }
  }
}

// A machine keeps nothing between samples but weights and counters.
TEST(CoreTest, RunsMayBeSplit) {
  for (std::uint32_t seed = 2000; seed < 2050; ++seed) {
    const RandomCase random = MakeRandomCase(seed, MakeRandomHardware(seed));
    SCOPED_TRACE(random.Describe());
    const auto whole = MakeGolden(random.network, random.hardware);
    const auto split = MakeGolden(random.network, random.hardware);
    whole->LoadWeights(random.weights);
    std::vector<Outcome> whole_outcomes;
    std::vector<Outcome> split_outcomes;
    whole->Run(Mode::kTrain, random.Samples(), random.learning_rate, whole_outcomes);
    Weights weights = random.weights;
    for (const Sample& sample : random.Samples()) {
      split->LoadWeights(weights);
      split->Run(Mode::kTrain, {&sample, 1}, random.learning_rate, split_outcomes);
      weights = split->ReadWeights();
    }
    EXPECT_EQ(whole_outcomes, split_outcomes);
    EXPECT_EQ(whole->ReadWeights(), weights);
  }
}

// Errors //

TEST(CoreTest, NetworkThatDoesNotFitIsRefused) {
  Hardware hardware;
  hardware.neuron_lanes = 0;
  EXPECT_THROW(MakeGolden(plain::AnchorDigits128(), hardware), UserError);
  hardware = {};
  hardware.array_rows = 10;
  EXPECT_THROW(MakeGolden(plain::AnchorDigits128(), hardware), UserError);
}

// The samples before the wrong one have run, and the weights are theirs.
TEST(CoreTest, WrongSampleIsRefusedAndChangesNothing) {
  const RandomCase random = MakeRandomCase(3, MakeRandomHardware(3));
  const auto core = MakeGolden(random.network, random.hardware);
  core->LoadWeights(random.weights);
  std::vector<Sample> samples(2, random.Samples().at(0));
  samples[1].label = random.network.Outputs();
  std::vector<Outcome> outcomes;
  EXPECT_THROW(core->Run(Mode::kTrain, samples, 1, outcomes), UserError);
  EXPECT_EQ(outcomes.size(), 1U);
  EXPECT_EQ(core->TakeCounters().samples, 1U);
  EXPECT_THROW(core->Run(Mode::kTrain, samples, 32, outcomes), UserError);
  EXPECT_NO_THROW(core->Run(Mode::kInfer, samples, 0, outcomes));
  EXPECT_THROW(core->LoadWeights({}), UserError);
}

// Faulty cells //

// Ideal cells but for one weight, whose cells are stuck at -W - 1.
class StuckWeight final : public ArrayPort {
 public:
  StuckWeight(const Hardware& hardware, std::uint32_t row, int lane)
      : array_(hardware.array_rows, hardware.lanes), row_(row), lane_(lane) {}
  void Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) override {
    array_.Sense(row, cycles, cells, late);
    if (row == row_) cells[lane_] = 0x80;
  }
  int StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) override {
    return array_.StartPulse(row, value, mask, level);
  }
  void EndPulse(int cycles) override { array_.EndPulse(cycles); }

 private:
  Array array_;
  std::uint32_t row_;
  int lane_;
};

// Two inputs, one output, no gain: the stuck cell counts as -128, and is saved so.
TEST(CoreTest, FaultyWeightCountsAsItIs) {
  Network network;
  network.populations = {2, 1};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 0, .learning_shift = 1}};
  Hardware hardware;
  hardware.lanes = 8;
  Core core(network, hardware, std::make_unique<StuckWeight>(hardware, 1, 0));
  core.LoadWeights({{127, 127}});
  EXPECT_EQ(core.ReadWeights(), (Weights{{127, -128}}));
  const std::vector<std::uint8_t> codes = {2, 1};
  class States final : public Observer {
   public:
    void OnSense(Pass, int, std::uint32_t) override {}
    void OnProgram(Pass, std::uint32_t, std::span<const std::uint8_t>,
                   std::span<const std::uint8_t>) override {}
    void OnUpdate(Pass, int, std::uint32_t, std::span<const std::uint8_t> states) override {
      state = states[0];
    }
    void OnOutcome(const Outcome&) override {}
    int state = -1;
  } states;
  core.SetObserver(&states);
  std::vector<Outcome> outcomes;
  core.Run(Mode::kInfer, std::vector<Sample>{{codes, 0}}, 0, outcomes);
  EXPECT_EQ(states.state, 2 * 127 - 128);
}

// Anchors //

std::vector<std::string> Hashes(const Network& network, const plain::DataSet& data, unsigned seed,
                                const std::vector<int>& learning_rates, std::size_t train_samples,
                                int& correct) {
  Hardware hardware;
  hardware.lanes = 16;
  plain::Recipe recipe(network, data, 1, seed, 38, train_samples);
  const auto golden = MakeGolden(network, hardware);
  golden->LoadWeights(recipe.initial_weights());
  std::vector<std::string> hashes{WeightHash(golden->ReadWeights())};
  for (const int m : learning_rates) {
    std::vector<Outcome> outcomes;
    golden->Run(Mode::kTrain, recipe.NextEpoch(), m, outcomes);
    hashes.push_back(WeightHash(golden->ReadWeights()));
  }
  correct = recipe.TestCorrect(*golden);
  return hashes;
}

TEST(CoreTest, DigitsReachTheAnchor) {
  const auto data = plain::FindDigits();
  if (!data) GTEST_SKIP() << "sim/data/digits.csv.gz is absent";
  int correct = 0;
  const auto hashes =
      Hashes(plain::AnchorDigits128(), *data, 1, {16, 16, 10, 10, 6, 6, 4, 4, 2, 2}, 0, correct);
  EXPECT_EQ(hashes.at(0), "c8aebfeaeb3cc204");
  EXPECT_EQ(hashes.at(1), "1a0c56313bc73237");
  EXPECT_EQ(hashes.at(10), "466adf6b3e930231");
  EXPECT_EQ(correct, 354);  // of 359: 98.61 %
}

TEST(CoreTest, TwoHiddenLayersReachTheAnchor) {
  const auto data = plain::FindDigits();
  if (!data) GTEST_SKIP() << "sim/data/digits.csv.gz is absent";
  int correct = 0;
  const auto hashes = Hashes(plain::AnchorDigits64x32(), *data, 5, {16, 7, 7}, 1000, correct);
  EXPECT_EQ(hashes.at(3), "944160ef9ffd7347");
  EXPECT_EQ(correct, 254);  // of 359: 70.75 %
}

}  // namespace
}  // namespace ep::model
