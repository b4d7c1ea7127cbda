// SPDX-License-Identifier: Apache-2.0

#include "model/common/words.h"

#include <gtest/gtest.h>

namespace ep::model {
namespace {

// The edges of both halves of the mask.
TEST(LaneMaskTest, SingleLanes) {
  for (const int lane : {0, 1, 62, 63, 64, 65, 126, 127}) {
    LaneMask mask;
    EXPECT_FALSE(mask.Any());
    mask.Set(lane);
    EXPECT_TRUE(mask.Any());
    EXPECT_EQ(mask.Count(), 1);
    EXPECT_EQ(mask.First(), lane);
    for (int other = 0; other < kLanesMax; ++other) EXPECT_EQ(mask.Test(other), other == lane);
    mask.Clear(lane);
    EXPECT_EQ(mask, LaneMask{});
  }
}

TEST(LaneMaskTest, FirstIsTheLowestLane) {
  LaneMask mask;
  mask.Set(100);
  mask.Set(64);
  EXPECT_EQ(mask.First(), 64);
  mask.Set(63);
  EXPECT_EQ(mask.First(), 63);
  EXPECT_EQ(mask.Count(), 3);
}

}  // namespace
}  // namespace ep::model
