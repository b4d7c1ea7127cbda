// SPDX-License-Identifier: Apache-2.0

#include "model/common/spare_map.h"

#include <gtest/gtest.h>

namespace ep {
namespace {

TEST(SpareMapTest, RowsComeBack) {
  for (const std::vector<std::uint32_t>& rows :
       {std::vector<std::uint32_t>{}, {0}, {0xffffff, 1, 0x123456, 4}}) {
    const std::vector<std::int8_t> weights = SpareMap::Encode(rows);
    EXPECT_EQ(std::ssize(weights), SpareMap::kWeights);
    for (const std::int8_t weight : weights) EXPECT_TRUE(weight >= 0 && weight <= 15);
    EXPECT_EQ(SpareMap::Decode(weights), rows);
  }
}

TEST(SpareMapTest, CellsAboveTheFourthDoNotCount) {
  std::vector<std::int8_t> weights = SpareMap::Encode(std::vector<std::uint32_t>{77});
  for (std::int8_t& weight : weights) weight = static_cast<std::int8_t>(weight | 0xa0);
  EXPECT_EQ(SpareMap::Decode(weights), std::vector<std::uint32_t>{77});
}

// Each single cell that is wrong, cells that are all 0 and all 1, and weights of another length.
TEST(SpareMapTest, OtherWeightsAreNoMap) {
  const std::vector<std::int8_t> weights = SpareMap::Encode(std::vector<std::uint32_t>{77, 2});
  for (std::size_t i = 0; i < weights.size(); ++i) {
    for (int cell = 0; cell < 4; ++cell) {
      std::vector<std::int8_t> wrong = weights;
      wrong[i] = static_cast<std::int8_t>(wrong[i] ^ 1 << cell);
      EXPECT_FALSE(SpareMap::Decode(wrong)) << "weight " << i << " cell " << cell;
    }
  }
  EXPECT_FALSE(SpareMap::Decode(std::vector<std::int8_t>(SpareMap::kWeights, 0)));
  EXPECT_FALSE(SpareMap::Decode(std::vector<std::int8_t>(SpareMap::kWeights, -1)));
  EXPECT_FALSE(SpareMap::Decode(std::vector<std::int8_t>(SpareMap::kWeights - 1, 0)));
}

TEST(SpareMapTest, PlacesEndBelowTheSpareRows) {
  for (const int lanes : {8, 16, 32, 64, 128}) {
    Hardware hardware;
    hardware.lanes = lanes;
    const int words = hardware.Blocks(SpareMap::kWeights);
    for (int place = 1; place < SpareMap::kPlaces; ++place) {
      EXPECT_EQ(SpareMap::Row(hardware, place) - SpareMap::Row(hardware, place - 1),
                static_cast<std::uint32_t>(words));
    }
    EXPECT_EQ(SpareMap::Row(hardware, SpareMap::kPlaces - 1) + words,
              static_cast<std::uint32_t>(hardware.array_rows - ArrayAccess::kSpares));
  }
}

}  // namespace
}  // namespace ep
