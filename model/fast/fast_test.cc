// SPDX-License-Identifier: Apache-2.0

#include "model/fast/fast.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "model/plain/plain.h"
#include "model/plain/random_case.h"
#include "model/plain/recipe.h"

namespace ep::fast {
namespace {

using plain::RandomCase;

// The row words of a network on this hardware.
struct Words {
  Words(const Network& network, const Hardware& hardware) {
    for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
      const std::uint64_t words =
          static_cast<std::uint64_t>(hardware.Blocks(network.Lanes(p))) * network.Rows(p);
      (network.projections[p].FromInput() ? input : relax) += words;
      if (network.projections[p].learn) learn += words;
    }
  }
  std::uint64_t input = 0;
  std::uint64_t relax = 0;
  std::uint64_t learn = 0;
};

// The identities of docs/schedule.md, and what the contract alone fixes (from the plain model).
void ExpectCountersAddUp(const RandomCase& random, Mode mode, const Counters& fast,
                         const Counters& plain) {
  const Words words(random.network, random.hardware);
  const std::uint64_t skipped = fast.rows_skipped_input_zero + fast.rows_skipped_unchanged +
                                fast.rows_skipped_settled + fast.rows_skipped_gated +
                                fast.rows_skipped_no_step;
  std::uint64_t per_sample = words.input + random.network.free_sweeps * words.relax;
  if (mode == Mode::kTrain) {
    per_sample += 2 * random.network.nudged_sweeps * words.relax + words.learn;
  }
  EXPECT_EQ(fast.RowsSensed() + skipped, fast.samples * per_sample);
  EXPECT_EQ(fast.samples, plain.samples);
  EXPECT_EQ(fast.samples_gated, plain.samples_gated);
  EXPECT_EQ(fast.sweeps_free, plain.sweeps_free);
  EXPECT_EQ(fast.sweeps_plus, plain.sweeps_plus);
  EXPECT_EQ(fast.sweeps_minus, plain.sweeps_minus);
  EXPECT_EQ(fast.states_changed, plain.states_changed);
  EXPECT_EQ(fast.weights_changed, plain.weights_changed);
  EXPECT_EQ(fast.cells_set, plain.cells_set);
  EXPECT_EQ(fast.cells_reset, plain.cells_reset);
  EXPECT_LE(fast.rows_programmed, fast.rows_sensed_learn);
  EXPECT_LE(fast.rows_programmed, fast.shots);
  EXPECT_LE(fast.shots, 2 * fast.rows_programmed);
  EXPECT_LE(fast.weights_changed, fast.cells_set + fast.cells_reset);
  EXPECT_EQ(fast.Cycles(), 0U);
}

void ExpectEqualToPlain(const RandomCase& random, Simd simd) {
  SCOPED_TRACE(random.Describe());
  const auto fast = MakeFast(random.network, random.hardware, {.simd = simd});
  const auto plain = plain::MakePlain(random.network, random.hardware);
  fast->LoadWeights(random.weights);
  plain->LoadWeights(random.weights);
  fast->TakeCounters();
  const std::vector<Sample> samples = random.Samples();
  for (const Mode mode : {Mode::kTrain, Mode::kInfer, Mode::kTrain}) {
    std::vector<Outcome> fast_outcomes;
    std::vector<Outcome> plain_outcomes;
    fast->Run(mode, samples, random.learning_rate, fast_outcomes);
    plain->Run(mode, samples, random.learning_rate, plain_outcomes);
    ASSERT_EQ(fast_outcomes, plain_outcomes);
    ExpectCountersAddUp(random, mode, fast->TakeCounters(), plain->TakeCounters());
    ASSERT_EQ(fast->ReadWeights(), plain->ReadWeights());
    fast->TakeCounters();
  }
}

class FastSimdTest : public testing::TestWithParam<Simd> {
 protected:
  void SetUp() override {
    if (!HasSimd(GetParam())) GTEST_SKIP() << "this processor lacks the instructions";
  }
};

// Sizes up to 70 cross one vector of 64 states; each case trains and infers on eight samples.
TEST_P(FastSimdTest, RandomNetworksEqualPlain) {
  for (std::uint32_t seed = 0; seed < 400 && !HasFailure(); ++seed) {
    ExpectEqualToPlain(plain::MakeRandomCase(seed, 70, 8, false), GetParam());
  }
}

// Sizes up to 700 use every tile width of the kernels.
TEST_P(FastSimdTest, LargeRandomNetworksEqualPlain) {
  for (std::uint32_t seed = 1000; seed < 1040 && !HasFailure(); ++seed) {
    ExpectEqualToPlain(plain::MakeRandomCase(seed, 700, 2, false), GetParam());
  }
}

// Sums beyond 31 bits take the 64-bit machine.
TEST(FastTest, WideSumsEqualPlain) {
  for (std::uint32_t seed = 2000; seed < 2100 && !HasFailure(); ++seed) {
    ExpectEqualToPlain(plain::MakeRandomCase(seed, 70, 4, true), Simd::kAuto);
  }
}

INSTANTIATE_TEST_SUITE_P(Simd, FastSimdTest,
                         testing::Values(Simd::kPlain, Simd::kAvx2, Simd::kAvx512),
                         [](const auto& param) {
                           return param.param == Simd::kPlain  ? "Plain"
                                  : param.param == Simd::kAvx2 ? "Avx2"
                                                               : "Avx512";
                         });

// The counters of one sample that can be followed by hand. Network 2-3-1 with 8 lanes, G = g = 0.
//   Codes 0, 3 (8 bits): one of two drive words is sensed; 3 = 4 - 1 has two digits.
//   Sweep 1: hidden = (3, 0, 6). Sweep 2: the only relax word (1 row, 1 block) is sensed, as lanes
//   changed: 2 products; output = 3 x 1 + 6 x 1 = 9.
//   Sweep 3: the output changed by 9 = 8 + 1, two digits: the word is sensed, hidden becomes
//   3 + 9 = 12, 0 + 9 = 9, 6 + 9 = 15. T = 3.
TEST(FastTest, CountersOfOneSampleFollowTheHandCalculation) {
  Network network;
  network.populations = {2, 3, 1};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 0}, {.a = 1, .b = 2, .gain_shift = 0}};
  network.free_sweeps = 3;
  const auto fast = MakeFast(network, {.lanes = 8, .neuron_lanes = 2});
  fast->LoadWeights({{7, 7, 7, 1, 0, 2}, {1, 1, 1}});
  Counters counters = fast->TakeCounters();
  EXPECT_EQ(counters.rows_sensed_host, 3U);
  EXPECT_EQ(counters.rows_programmed, 3U);
  EXPECT_EQ(counters.shots, 3U);
  EXPECT_EQ(counters.cells_set, 14U);
  const std::vector<std::uint8_t> codes = {0, 3};
  std::vector<Outcome> outcomes;
  fast->Run(Mode::kInfer, std::vector<Sample>{{.codes = codes}}, 0, outcomes);
  counters = fast->TakeCounters();
  EXPECT_EQ(counters.rows_sensed_drive, 1U);
  EXPECT_EQ(counters.rows_skipped_input_zero, 1U);
  EXPECT_EQ(counters.rows_sensed_free, 2U);
  EXPECT_EQ(counters.rows_skipped_unchanged, 1U);
  EXPECT_EQ(counters.rows_skipped_settled, 0U);
  EXPECT_EQ(counters.digits, 4U);
  EXPECT_EQ(counters.extra_digits, 2U);
  EXPECT_EQ(counters.products, 2U);
  EXPECT_EQ(counters.states_changed, 2U + 1U + 3U);
  EXPECT_EQ(counters.group_updates, 2U + 1U + 2U);
  EXPECT_EQ(counters.sweeps_free, 3U);
}

TEST(FastTest, ErrorsAreThoseOfPlain) {
  const RandomCase random = plain::MakeRandomCase(7, 20, 1, false);
  const auto fast = MakeFast(random.network, random.hardware);
  EXPECT_THROW(fast->LoadWeights({}), UserError);
  std::vector<Outcome> outcomes;
  const std::vector<std::uint8_t> codes(random.network.Inputs() + 1);
  const std::vector<Sample> samples = {{.codes = codes, .label = 0}};
  EXPECT_THROW(fast->Run(Mode::kTrain, samples, 1, outcomes), UserError);
  EXPECT_THROW(fast->Run(Mode::kTrain, {}, 32, outcomes), UserError);
  for (const int label : {-1, random.network.Outputs()}) {
    const std::vector<Sample> wrong = {{.codes = random.codes[0], .label = label}};
    EXPECT_THROW(fast->Run(Mode::kTrain, wrong, 1, outcomes), UserError);
  }
  EXPECT_TRUE(outcomes.empty());
}

TEST(FastTest, WhatNeedsAnArrayIsRefused) {
  Network network{.name = "small", .populations = {4, 3}, .projections = {{.a = 0, .b = 1}}};
  network.array = {.precharge = 1, .sense = 2, .shots = 3, .pulse = 4};
  EXPECT_NO_THROW(MakeFast(network, {}));
  network.array.verify = true;
  EXPECT_THROW(MakeFast(network, {}), UserError);
  network.array.verify = false;
  network.array.late = LatePolicy::kVoteAlways;
  EXPECT_THROW(MakeFast(network, {}), UserError);
}

TEST(FastTest, CodesAboveTheLargestAreRefused) {
  Network network = plain::AnchorMnist256();
  const auto fast = MakeFast(network, {});
  std::vector<std::uint8_t> codes(network.Inputs());
  codes.back() = 16;
  std::vector<Outcome> outcomes;
  EXPECT_THROW(fast->Run(Mode::kInfer, std::vector<Sample>{{.codes = codes}}, 0, outcomes),
               UserError);
}

// What one anchor row of the contract fixes.
struct Anchor {
  Network network;
  int pool = 1;
  unsigned seed = 1;
  std::size_t train_samples = 0;
  std::vector<int> learning_rates;
  std::vector<std::string> hashes;  // initial, then by epoch; empty: not given
  std::vector<double> accuracies;   // by epoch, percent; 0: not given
};

void ExpectAnchor(const Anchor& anchor, const plain::DataSet& data) {
  plain::Recipe recipe(anchor.network, data, anchor.pool, anchor.seed, 38, anchor.train_samples);
  const auto fast = MakeFast(anchor.network, {});
  fast->LoadWeights(recipe.initial_weights());
  const auto expect_hash = [&](std::size_t epoch) {
    if (anchor.hashes[epoch].empty()) return;
    EXPECT_EQ(WeightHash(fast->ReadWeights()), anchor.hashes[epoch]) << "after epoch " << epoch;
  };
  expect_hash(0);
  for (std::size_t epoch = 1; epoch <= anchor.learning_rates.size(); ++epoch) {
    std::vector<Outcome> outcomes;
    fast->Run(Mode::kTrain, recipe.NextEpoch(), anchor.learning_rates[epoch - 1], outcomes);
    expect_hash(epoch);
    if (anchor.accuracies[epoch - 1] == 0) continue;
    const double tested = static_cast<double>(recipe.test().size());
    const double percent = std::round(1e4 * recipe.TestCorrect(*fast) / tested) / 100;
    EXPECT_EQ(percent, anchor.accuracies[epoch - 1]) << "after epoch " << epoch;
  }
}

TEST(FastTest, DigitsAnchorsAreReached) {
  const auto data = plain::FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing: run from the repository";
  ExpectAnchor({.network = plain::AnchorDigits128(),
                .learning_rates = {16, 16, 10, 10, 6, 6, 4, 4, 2, 2},
                .hashes = {"c8aebfeaeb3cc204", "1a0c56313bc73237", "", "", "", "", "", "", "", "",
                           "466adf6b3e930231"},
                .accuracies = {0, 0, 0, 0, 0, 0, 0, 0, 0, 98.61}},
               *data);
  ExpectAnchor({.network = plain::AnchorDigits64x32(),
                .seed = 5,
                .train_samples = 1000,
                .learning_rates = {16, 7, 7},
                .hashes = {"", "", "", "944160ef9ffd7347"},
                .accuracies = {0, 0, 70.75}},
               *data);
}

TEST(FastTest, DigitsAnchorWithStochasticRoundingIsReached) {
  const auto data = plain::FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing: run from the repository";
  Network network = plain::AnchorDigits128();
  network.stochastic = true;
  ExpectAnchor({.network = network,
                .learning_rates = {16, 16, 10, 10, 6, 6, 4, 4, 2, 2},
                .hashes = {"c8aebfeaeb3cc204", "7abafc4d9fd00917", "", "", "", "", "", "", "", "",
                           "5a0843aef76123bf"},
                .accuracies = {87.47, 0, 0, 0, 0, 0, 0, 0, 0, 98.33}},
               *data);
}

constexpr const char* kNoMnist =
    "MNIST is absent: `make mnist` gets it, or set EQUISPIN_DATA to a folder of IDX files";

TEST(FastTest, Mnist784AnchorIsReached) {
  const auto data = plain::FindMnist();
  if (!data) GTEST_SKIP() << kNoMnist;
  ExpectAnchor({.network = plain::AnchorMnist784(),
                .learning_rates = {16, 10, 6, 4},
                .hashes = {"da24940d3706fd9c", "cf7baa51cd9ddff2", "e1eef6ff6543bd3a",
                           "03c28577694ad408", "02e8cc1f613f3be9"},
                .accuracies = {95.28, 96.25, 97.22, 97.27}},
               *data);
}

TEST(FastTest, Mnist256AnchorIsReached) {
  const auto data = plain::FindMnist();
  if (!data) GTEST_SKIP() << kNoMnist;
  ExpectAnchor({.network = plain::AnchorMnist256(),
                .pool = 2,
                .learning_rates = {16, 16, 12, 10, 8, 6, 5, 4, 3, 2},
                .hashes = {"", "109f140112552199", "66e150f530708ac6", "03a9a03e6ac393be", "", "",
                           "", "", "", "", "773d650ac5668f44"},
                .accuracies = {0, 0, 0, 0, 0, 0, 0, 0, 0, 98.32}},
               *data);
}

}  // namespace
}  // namespace ep::fast
