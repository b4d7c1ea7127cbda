// SPDX-License-Identifier: Apache-2.0

#include "model/common/memory_map.h"

#include <gtest/gtest.h>

namespace ep {
namespace {

TEST(MemoryMapTest, PopulationsOccupyWholeBlocks) {
  Network network;
  network.populations = {196, 256, 33, 10};
  network.projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}, {.a = 2, .b = 3}};
  const MemoryMap map(network, Hardware{});  // 32 lanes
  EXPECT_EQ(map.population_block, (std::vector<int>{0, 0, 8, 10}));
  EXPECT_EQ(map.blocks, 11);
}

TEST(MemoryMapTest, ProjectionsFollowInFileOrder) {
  Network network;
  network.populations = {196, 256, 33, 10};
  network.projections = {{.a = 1, .b = 2}, {.a = 0, .b = 1}, {.a = 2, .b = 3}};
  const MemoryMap map(network, Hardware{});
  // [1, 2]: 8 blocks of 33 rows; [0, 1]: 8 blocks of 196 rows; [2, 3]: 2 blocks of 10 rows.
  EXPECT_EQ(map.projection_base, (std::vector<std::uint32_t>{0, 264, 264 + 1568}));
  EXPECT_EQ(map.rows, 264U + 1568U + 20U);
}

}  // namespace
}  // namespace ep
