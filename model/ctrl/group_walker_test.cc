// SPDX-License-Identifier: Apache-2.0

#include "model/ctrl/group_walker.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/common/random_network.h"

namespace ep::model {
namespace {

std::vector<int> Groups(std::span<const GroupStep> steps) {
  std::vector<int> groups;
  for (const GroupStep& step : steps) groups.push_back(step.group);
  return groups;
}

// 16 lanes of 4 groups: 21 neurons are 6 groups in two blocks, 3 neurons one group in the third.
TEST(GroupWalkerTest, GroupsBeyondThePopulationAreLeftOut) {
  Network network;
  network.populations = {9, 21, 3};
  network.projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}};
  Hardware hardware;
  hardware.lanes = 16;
  hardware.neuron_lanes = 4;
  const GroupWalker walker(network, hardware);
  EXPECT_EQ(Groups(walker.All()), (std::vector<int>{0, 1, 2, 3, 4, 5, 8}));
  EXPECT_EQ(Groups(walker.OfPopulation(1)), (std::vector<int>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(Groups(walker.OfPopulation(2)), (std::vector<int>{8}));
  EXPECT_EQ(Groups(walker.OfBlock(0)), (std::vector<int>{0, 1, 2, 3}));
  EXPECT_EQ(Groups(walker.OfBlock(1)), (std::vector<int>{4, 5}));
  EXPECT_EQ(Groups(walker.OfBlock(2)), (std::vector<int>{8}));
  EXPECT_EQ(walker.All()[5].first, 20);
  EXPECT_EQ(walker.All()[5].neurons, 1);
  EXPECT_FALSE(walker.All()[5].output);
  EXPECT_EQ(walker.All()[6].first, 0);
  EXPECT_EQ(walker.All()[6].neurons, 3);
  EXPECT_TRUE(walker.All()[6].output);
}

TEST(GroupWalkerTest, RandomNetworksVisitEveryNeuronOnce) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const RandomCase random = MakeRandomCase(seed, MakeRandomHardware(seed));
    SCOPED_TRACE(random.Describe());
    const GroupWalker walker(random.network, random.hardware);
    int last = -1;
    for (int population = 1; population < std::ssize(random.network.populations); ++population) {
      int neurons = 0;
      for (const GroupStep& step : walker.OfPopulation(population)) {
        EXPECT_EQ(step.population, population);
        EXPECT_EQ(step.first, neurons);
        EXPECT_GT(step.group, last);
        neurons += step.neurons;
        last = step.group;
      }
      EXPECT_EQ(neurons, random.network.populations[population]);
    }
  }
}

}  // namespace
}  // namespace ep::model
