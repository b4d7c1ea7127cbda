// SPDX-License-Identifier: Apache-2.0

#include "model/array/random_array.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "model/array/array.h"
#include "model/common/raw_random.h"

namespace ep::model {
namespace {

constexpr int kRows = 5, kLanes = 8, kBits = 6;

Cells Mask(RawRandom& random) {
  Cells mask{};
  for (int l = 0; l < kLanes; ++l) mask[l] = static_cast<std::uint8_t>(random.Below(1 << kBits));
  return mask;
}

// Cells of a row that read as 1.
int Ones(RandomArray& array, std::uint32_t row) {
  Cells cells{}, late{};
  array.Sense(row, 1, cells, late);
  int ones = 0;
  for (int l = 0; l < kLanes; ++l) ones += __builtin_popcount(cells[l]);
  return ones;
}

TEST(RandomArrayTest, WithoutErrorsItIsTheIdealArray) {
  RawRandom random(3);
  RandomArray array(kRows, kLanes, kBits, {}, 1);
  Array ideal(kRows, kLanes);
  for (int i = 0; i < 500; ++i) {
    const auto row = static_cast<std::uint32_t>(random.Below(kRows));
    const Cells mask = Mask(random);
    const bool value = random.OneIn(2);
    EXPECT_EQ(array.StartPulse(row, value, mask, 0), 1);
    array.EndPulse(1);
    ideal.Pulse(row, value, mask);
    Cells cells{}, late{}, want{}, want_late{};
    array.Sense(row, 1, cells, late);
    ideal.Sense(row, 1, want, want_late);
    for (int l = 0; l < kLanes; ++l) {
      ASSERT_EQ(cells[l], want[l]);
      ASSERT_EQ(late[l], 0);
    }
  }
}

TEST(RandomArrayTest, FailingAndStuckCellsStayAsTheyAre) {
  Cells all{};
  all.fill((1 << kBits) - 1);
  RandomArray fails(kRows, kLanes, kBits, {.fails = 1024}, 1);
  EXPECT_EQ(fails.StartPulse(0, true, all, 7), 0);  // never ready
  fails.EndPulse(1000);
  EXPECT_EQ(Ones(fails, 0), 0);
  // A quarter of the cells, the same ones again and again.
  RandomArray stuck(kRows, kLanes, kBits, {.stuck = 256}, 1);
  int before = -1;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(stuck.StartPulse(2, true, all, 7), 0);
    stuck.EndPulse(1000);
    const int ones = Ones(stuck, 2);
    EXPECT_GT(ones, kLanes * kBits / 2);
    EXPECT_LT(ones, kLanes * kBits);
    if (i > 0) {
      EXPECT_EQ(ones, before);
    }
    before = ones;
  }
}

// Cells that take up to ten cycles: none less at level 0, each level saves one.
TEST(RandomArrayTest, SlowCellsNeedTheirCyclesAndALevelSavesOne) {
  Cells all{};
  all.fill((1 << kBits) - 1);
  RandomArray array(kRows, kLanes, kBits, {.slowest = 10}, 1);
  EXPECT_EQ(array.StartPulse(0, true, all, 0), 10);
  array.EndPulse(5);
  const int half = Ones(array, 0);
  EXPECT_GT(half, kLanes * kBits / 4);
  EXPECT_LT(half, kLanes * kBits * 3 / 4);
  EXPECT_EQ(array.StartPulse(1, true, all, 7), 3);
  array.EndPulse(3);
  EXPECT_EQ(Ones(array, 1), kLanes * kBits);
}

TEST(RandomArrayTest, SensesErrLessWhenTheyAreLonger) {
  int wrong[2] = {}, lates[2] = {};
  for (int slow = 0; slow < 2; ++slow) {
    RandomArray array(kRows, kLanes, kBits, {.flips = 300, .lates = 300}, 1);
    for (int i = 0; i < 1000; ++i) {
      Cells cells{}, late{};
      array.Sense(0, slow ? 8 : 1, cells, late);
      for (int l = 0; l < kLanes; ++l) {
        wrong[slow] += cells[l] != 0;
        lates[slow] += late[l] != 0;
      }
    }
  }
  EXPECT_GT(wrong[0], 4 * wrong[1]);
  EXPECT_GT(lates[0], 4 * lates[1]);
  EXPECT_GT(lates[1], 10);
}

TEST(RandomArrayTest, ASeedGivesItsErrorsAgain) {
  for (std::uint32_t seed = 1; seed < 200; ++seed) {
    const RandomErrors errors = MakeRandomErrors(seed), again = MakeRandomErrors(seed);
    EXPECT_EQ(errors.flips, again.flips);
    RandomArray one(kRows, kLanes, kBits, errors, seed), two(kRows, kLanes, kBits, again, seed);
    RawRandom random(seed);
    const Cells mask = Mask(random);
    EXPECT_EQ(one.StartPulse(1, true, mask, 2), two.StartPulse(1, true, mask, 2));
    one.EndPulse(2);
    two.EndPulse(2);
    EXPECT_EQ(Ones(one, 1), Ones(two, 1));
  }
}

}  // namespace
}  // namespace ep::model
