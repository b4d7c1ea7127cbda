// SPDX-License-Identifier: Apache-2.0

#include "model/plain/plain.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "model/plain/recipe.h"

namespace ep::plain {
namespace {

// Trains epoch by epoch and returns the hash of the initial weights and after each epoch.
std::vector<std::string> TrainHashes(Machine& machine, Recipe& recipe, const std::vector<int>& m) {
  machine.LoadWeights(recipe.initial_weights());
  std::vector<std::string> hashes = {WeightHash(machine.ReadWeights())};
  for (const int learning_rate : m) {
    std::vector<Outcome> outcomes;
    machine.Run(Mode::kTrain, recipe.NextEpoch(), learning_rate, outcomes);
    hashes.push_back(WeightHash(machine.ReadWeights()));
  }
  return hashes;
}

// Per cent with two decimals, as the anchor table prints it.
double Percent(int correct, std::size_t tested) { return std::round(1e4 * correct / tested) / 100; }

TEST(PlainTest, DigitsAnchorIsReached) {
  const auto data = FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing: run from the repository";
  const Network network = AnchorDigits128();
  Recipe recipe(network, *data, 1, 1, 38);
  const auto machine = MakePlain(network, {});
  const auto hashes = TrainHashes(*machine, recipe, {16, 16, 10, 10, 6, 6, 4, 4, 2, 2});
  EXPECT_EQ(hashes[0], "c8aebfeaeb3cc204");
  EXPECT_EQ(hashes[1], "1a0c56313bc73237");
  EXPECT_EQ(hashes.back(), "466adf6b3e930231");
  EXPECT_EQ(Percent(recipe.TestCorrect(*machine), recipe.test().size()), 98.61);
}

TEST(PlainTest, DigitsAnchorWithStochasticRoundingIsReached) {
  const auto data = FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing: run from the repository";
  Network network = AnchorDigits128();
  network.stochastic = true;
  Recipe recipe(network, *data, 1, 1, 38);
  const auto machine = MakePlain(network, {});
  const auto hashes = TrainHashes(*machine, recipe, {16});
  EXPECT_EQ(hashes[0], "c8aebfeaeb3cc204");
  EXPECT_EQ(hashes[1], "7abafc4d9fd00917");
}

TEST(PlainTest, DigitsAnchorWithAllOptionsIsReached) {
  const auto data = FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing: run from the repository";
  const Network network = AnchorDigits64x32();
  Recipe recipe(network, *data, 1, 5, 38, 1000);
  const auto machine = MakePlain(network, {});
  const auto hashes = TrainHashes(*machine, recipe, {16, 7, 7});
  EXPECT_EQ(hashes.back(), "944160ef9ffd7347");
  EXPECT_EQ(Percent(recipe.TestCorrect(*machine), recipe.test().size()), 70.75);
}

// A network small enough to follow by hand: one input of 255, one output, no hidden neuron.
//   G = g = 1, b = 0, k = 8, m = 1, w = 1: u = 255, v = (255 + 1) >> 1 = 128, so s = 128 after the
//   first sweep and unchanged after the second. d = 255 - 128 = 127.
//   plus: 128 + 127 = 255, then d = 0, v = 128: the sweeps alternate 255, 128; K = 1 stops at 255.
//   minus: 128 - 127 = 1. D = 255 x 255 - 255 x 1 = 64770; (64770 + 128) >> 8 = 253: w = 127 at
//   most.
TEST(PlainTest, OneSynapseFollowsTheHandCalculation) {
  Network network;
  network.populations = {1, 1};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 1, .learning_shift = 8, .learn = true}};
  network.free_sweeps = 4;
  network.nudged_sweeps = 1;
  network.nudge_shift = 0;
  const auto machine = MakePlain(network, {});
  machine->LoadWeights({{1}});
  const std::vector<std::uint8_t> codes = {255};
  const std::vector<Sample> samples = {{.codes = codes, .label = 0}};
  std::vector<Outcome> outcomes;
  machine->Run(Mode::kTrain, samples, 1, outcomes);
  EXPECT_EQ(machine->ReadWeights(), (Weights{{127}}));
  const Counters counters = machine->TakeCounters();
  EXPECT_EQ(counters.samples, 1U);
  EXPECT_EQ(counters.sweeps_free, 2U);
  EXPECT_EQ(counters.sweeps_plus, 1U);
  EXPECT_EQ(counters.sweeps_minus, 1U);
  EXPECT_EQ(counters.states_changed, 3U);
  EXPECT_EQ(counters.weights_changed, 1U);
  EXPECT_EQ(counters.cells_set, 6U);  // 1 -> 127
  EXPECT_EQ(counters.cells_reset, 0U);
}

TEST(PlainTest, TiesGoToTheLowestOutput) {
  Network network;
  network.populations = {1, 3};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 0, .learning_shift = 8, .learn = true}};
  const auto machine = MakePlain(network, {});
  machine->LoadWeights({{0, 1, 1}});
  const std::vector<std::uint8_t> codes = {9};
  std::vector<Outcome> outcomes;
  machine->Run(Mode::kInfer, std::vector<Sample>{{.codes = codes}}, 0, outcomes);
  EXPECT_EQ(outcomes[0].prediction, 1);
}

TEST(PlainTest, WrongInputIsRefusedWithItsName) {
  Network network;
  network.populations = {2, 3};
  network.projections = {{.a = 0, .b = 1}};
  network.weight_bits = 4;
  network.pixel_bits = 2;
  const auto machine = MakePlain(network, {.weight_bits = 4});
  EXPECT_THROW(machine->LoadWeights({}), UserError);
  EXPECT_THROW(machine->LoadWeights({{1, 2, 3, 4, 5}}), UserError);
  EXPECT_THROW(machine->LoadWeights({{1, 2, 3, 4, 5, -8}}), UserError);
  std::vector<Outcome> outcomes;
  const std::vector<std::uint8_t> codes = {1, 2};
  const std::vector<Sample> wrong_class = {{.codes = codes, .label = 3}};
  EXPECT_THROW(machine->Run(Mode::kTrain, wrong_class, 1, outcomes), UserError);
  const std::vector<Sample> short_input = {{.codes = std::span(codes).first(1), .label = 0}};
  EXPECT_THROW(machine->Run(Mode::kTrain, short_input, 1, outcomes), UserError);
  const std::vector<std::uint8_t> large_codes = {1, 4};
  const std::vector<Sample> large = {{.codes = large_codes, .label = 0}};
  EXPECT_THROW(machine->Run(Mode::kTrain, large, 1, outcomes), UserError);
  EXPECT_THROW(machine->Run(Mode::kTrain, {}, 32, outcomes), UserError);
  EXPECT_TRUE(outcomes.empty());
}

}  // namespace
}  // namespace ep::plain
