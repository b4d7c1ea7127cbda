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
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
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
