// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/picker.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

std::vector<std::vector<int>> Picks(int limit, const std::vector<int>& lanes) {
  LaneMask mask;
  for (const int lane : lanes) mask.Set(lane);
  Picker picker(limit);
  picker.Start(mask);
  std::vector<std::vector<int>> picks;
  for (auto pick = picker.Take(); !pick.empty(); pick = picker.Take()) {
    picks.emplace_back(pick.begin(), pick.end());
  }
  return picks;
}

TEST(PickerTest, EmptyMaskHasNoPick) { EXPECT_TRUE(Picks(8, {}).empty()); }

TEST(PickerTest, PicksAreFullButTheLast) {
  EXPECT_EQ(Picks(2, {127, 0, 64, 63, 5}),
            (std::vector<std::vector<int>>{{0, 5}, {63, 64}, {127}}));
  EXPECT_EQ(Picks(8, {3, 1}), (std::vector<std::vector<int>>{{1, 3}}));
  EXPECT_EQ(Picks(1, {3, 1}), (std::vector<std::vector<int>>{{1}, {3}}));
}

TEST(PickerTest, AllLanesInAscendingOrder) {
  RawRandom random(4);
  for (int beat = 0; beat < 200; ++beat) {
    std::vector<int> lanes;
    const int density = random.Between(1, 6);
    for (int lane = 0; lane < kLanesMax; ++lane) {
      if (random.OneIn(density)) lanes.push_back(lane);
    }
    const int limit = 1 << random.Below(8);
    std::vector<int> taken;
    for (const auto& pick : Picks(limit, lanes)) {
      EXPECT_LE(static_cast<int>(pick.size()), limit);
      taken.insert(taken.end(), pick.begin(), pick.end());
    }
    ASSERT_EQ(taken, lanes) << "beat " << beat;
  }
}

}  // namespace
}  // namespace ep::model
