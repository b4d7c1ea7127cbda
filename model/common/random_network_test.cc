// SPDX-License-Identifier: Apache-2.0

#include "model/common/random_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "model/common/checks.h"

namespace ep {
namespace {

TEST(RandomNetworkTest, EveryCaseIsLegal) {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    const RandomCase random = MakeRandomCase(seed, MakeRandomHardware(seed));
    SCOPED_TRACE(random.Describe());
    EXPECT_NO_THROW(random.hardware.Check(random.network));
    EXPECT_NO_THROW(CheckWeights(random.network, random.weights));
    EXPECT_NO_THROW(CheckLearningRate(random.learning_rate));
    for (const Sample& sample : random.Samples()) {
      EXPECT_NO_THROW(CheckSample(random.network, Mode::kTrain, sample));
    }
  }
}

TEST(RandomNetworkTest, SameSeedGivesTheSameCase) {
  const RandomCase one = MakeRandomCase(7, MakeRandomHardware(7));
  const RandomCase two = MakeRandomCase(7, MakeRandomHardware(7));
  EXPECT_EQ(one.Describe(), two.Describe());
  EXPECT_EQ(one.weights, two.weights);
  EXPECT_EQ(one.codes, two.codes);
  EXPECT_EQ(one.labels, two.labels);
}

TEST(RandomNetworkTest, NetworksShrinkToSmallHardware) {
  Hardware hardware;
  hardware.lanes = 8;
  hardware.max_inputs = 9;
  hardware.max_states = 48;
  hardware.max_projections = 4;
  hardware.array_rows = 100;
  hardware.sum_bits = 24;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const RandomCase random = MakeRandomCase(seed, hardware);
    EXPECT_NO_THROW(hardware.Check(random.network)) << random.Describe();
  }
}

// What the tests of two machines rely on to reach their branches.
TEST(RandomNetworkTest, CasesReachTheEdges) {
  std::set<std::size_t> populations;
  std::set<int> lanes, weight_bits, pixel_bits;
  int zero_input = 0, full_input = 0, one_sweep = 0, gates = 0, not_learning = 0, partial = 0;
  int fused_later = 0;
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    const RandomCase random = MakeRandomCase(seed, MakeRandomHardware(seed));
    const Network& network = random.network;
    populations.insert(network.populations.size());
    lanes.insert(random.hardware.lanes);
    weight_bits.insert(network.weight_bits);
    pixel_bits.insert(network.pixel_bits);
    one_sweep += network.free_sweeps == 1 && network.nudged_sweeps == 1;
    gates += network.error_gate > 0;
    for (const Projection& p : network.projections) not_learning += !p.learn;
    for (const int size : network.populations) partial += size % random.hardware.neuron_lanes != 0;
    fused_later += network.projections.front().a != 0;
    const int largest = kStateMax / network.InputScale();
    for (const auto& codes : random.codes) {
      zero_input += std::ranges::all_of(codes, [](int code) { return code == 0; });
      full_input += std::ranges::all_of(codes, [=](int code) { return code == largest; });
    }
  }
  EXPECT_EQ(populations, (std::set<std::size_t>{2, 3, 4}));
  EXPECT_EQ(lanes, (std::set<int>{8, 16, 32, 64, 128}));
  EXPECT_EQ(weight_bits.size(), 7U);
  EXPECT_EQ(pixel_bits.size(), 8U);
  for (const int count :
       {zero_input, full_input, one_sweep, gates, not_learning, partial, fused_later}) {
    EXPECT_GT(count, 20);
  }
}

}  // namespace
}  // namespace ep
