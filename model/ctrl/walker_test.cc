// SPDX-License-Identifier: Apache-2.0

#include "model/ctrl/walker.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "model/common/random_network.h"

namespace ep::model {
namespace {

// Input 5, hidden 10 and 3, output 2, of 8 lanes; [1, 2] does not learn.
Network Graph() {
  Network network;
  network.populations = {5, 10, 3, 2};
  network.projections = {
      {.a = 1, .b = 2, .learn = false}, {.a = 0, .b = 1}, {.a = 2, .b = 3}, {.a = 1, .b = 3}};
  return network;
}

Hardware EightLanes() {
  Hardware hardware;
  hardware.lanes = 8;
  return hardware;
}

std::vector<std::pair<int, int>> Order(const Walker& walker, Walk walk) {
  std::vector<std::pair<int, int>> order;
  for (const WalkBlock& block : walker.Blocks(walk)) {
    order.emplace_back(block.projection, block.block);
  }
  return order;
}

TEST(WalkerTest, ProjectionsInFileOrderBlocksAscending) {
  using List = std::vector<std::pair<int, int>>;
  const Walker walker(Graph(), EightLanes());
  EXPECT_EQ(Order(walker, Walk::kDrive), (List{{1, 0}, {1, 1}}));
  EXPECT_EQ(Order(walker, Walk::kRelax), (List{{0, 0}, {0, 1}, {2, 0}, {3, 0}, {3, 1}}));
  EXPECT_EQ(Order(walker, Walk::kLearn), (List{{1, 0}, {1, 1}, {2, 0}, {3, 0}, {3, 1}}));
  EXPECT_EQ(Order(walker, Walk::kHost),
            (List{{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 0}, {3, 0}, {3, 1}}));
}

TEST(WalkerTest, WordsAreBlocksTimesRows) {
  const Walker walker(Graph(), EightLanes());
  EXPECT_EQ(walker.Words(Walk::kDrive), 2U * 5U);
  EXPECT_EQ(walker.Words(Walk::kRelax), 2U * 3U + 2U + 2U * 2U);
  EXPECT_EQ(walker.Words(Walk::kLearn), 2U * 5U + 2U + 2U * 2U);
  EXPECT_EQ(walker.Words(Walk::kHost), 2U * 3U + 2U * 5U + 2U + 2U * 2U);
}

TEST(WalkerTest, AddressesFollowTheMemoryMap) {
  const Walker walker(Graph(), EightLanes());
  const WalkBlock& last = walker.Blocks(Walk::kRelax).back();  // [1, 3], second block
  EXPECT_EQ(last.lane_block, 1);
  EXPECT_EQ(last.neurons, 2);      // 10 = 8 + 2
  EXPECT_EQ(last.rows, 2);         // population 3
  EXPECT_EQ(last.row_neuron, 24);  // after two blocks of population 1 and one of population 2
  EXPECT_EQ(last.array_row, 6U + 10U + 2U + 2U);
}

TEST(WalkerTest, RowsMatterByTheirOwnOrTheirBlocksChange) {
  EXPECT_FALSE(Walker::RelaxSenses(false, false));
  EXPECT_TRUE(Walker::RelaxSenses(false, true));
  EXPECT_TRUE(Walker::RelaxSenses(true, false));
  EXPECT_TRUE(Walker::RelaxSenses(true, true));
}

// Every weight is in exactly one word, and no array row is used twice.
TEST(WalkerTest, RandomNetworksUseEveryRowOnce) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const RandomCase random = MakeRandomCase(seed, MakeRandomHardware(seed));
    SCOPED_TRACE(random.Describe());
    const Walker walker(random.network, random.hardware);
    std::set<std::uint32_t> rows;
    std::vector<std::size_t> weights(random.network.projections.size());
    for (const WalkBlock& block : walker.Blocks(Walk::kHost)) {
      weights[block.projection] += static_cast<std::size_t>(block.rows) * block.neurons;
      for (int row = 0; row < block.rows; ++row) rows.insert(block.array_row + row);
    }
    EXPECT_EQ(rows.size(), walker.Words(Walk::kHost));
    EXPECT_EQ(*rows.rbegin() + 1, rows.size());
    for (std::size_t p = 0; p < weights.size(); ++p) {
      EXPECT_EQ(weights[p], random.weights[p].size());
    }
  }
}

}  // namespace
}  // namespace ep::model
