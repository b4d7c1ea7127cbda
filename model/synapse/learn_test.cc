// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/learn.h"

#include <gtest/gtest.h>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

// The contract, without the clamp of the step.
int ContractWeight(int w, std::int64_t d, int k, int weight_max) {
  const std::int64_t magnitude = ((d < 0 ? -d : d) + (std::int64_t{1} << (k - 1))) >> k;
  const std::int64_t step = d < 0 ? -magnitude : magnitude;
  if (step == 0) return w;
  return static_cast<int>(std::clamp<std::int64_t>(w + step, -weight_max, weight_max));
}

TEST(LearnTest, StepRoundsHalfAwayFromZero) {
  EXPECT_EQ(Learn::Step(0, 15), 0);
  EXPECT_EQ(Learn::Step((1 << 14) - 1, 15), 0);
  EXPECT_EQ(Learn::Step(1 << 14, 15), 1);
  EXPECT_EQ(Learn::Step(-(1 << 14) + 1, 15), 0);
  EXPECT_EQ(Learn::Step(-(1 << 14), 15), -1);
  EXPECT_EQ(Learn::Step(3 << 14, 15), 2);
  EXPECT_EQ(Learn::Step(31 * 65025, 21), 1);
  EXPECT_EQ(Learn::Step(1, 1), 1);
}

TEST(LearnTest, StepIsClampedToNineBits) {
  EXPECT_EQ(Learn::Step(31 * 65025, 1), 255);
  EXPECT_EQ(Learn::Step(-31 * 65025, 1), -256);
  EXPECT_EQ(Learn::Step(510, 1), 255);
  EXPECT_EQ(Learn::Step(-510, 1), -255);
}

TEST(LearnTest, WeightOutsideTheRangeStaysWithoutAStep) {
  const Learn learn(8, 8);
  Learn::StepWord steps{};
  RowWord word{}, new_word{};
  word[0] = word[1] = word[2] = -128;  // a faulty cell
  steps[1] = 1;
  steps[2] = -1;
  const LaneMask changed = learn.Apply(word, steps, new_word);
  EXPECT_EQ(new_word[0], -128);
  EXPECT_EQ(new_word[1], -127);
  EXPECT_EQ(new_word[2], -127);
  EXPECT_FALSE(changed.Test(0));
  EXPECT_TRUE(changed.Test(1));
  EXPECT_TRUE(changed.Test(2));
}

// A weight at its bound has a step, but does not change.
TEST(LearnTest, SaturatedWeightsDoNotChange) {
  const Learn learn(8, 4);
  Learn::StepWord steps{};
  RowWord word{}, new_word{};
  word[0] = 7;
  word[1] = -7;
  steps[0] = 255;
  steps[1] = -256;
  EXPECT_EQ(learn.Apply(word, steps, new_word), LaneMask{});
  EXPECT_EQ(new_word, word);
}

// Every weight of every width, with steps around every rounding edge and beyond the clamp.
TEST(LearnTest, EveryWeightMatchesTheContract) {
  RawRandom random(7);
  for (int bits = 2; bits <= 8; ++bits) {
    const int weight_max = (1 << (bits - 1)) - 1;
    const Learn learn(8, bits);
    for (int w = -weight_max - 1; w <= weight_max; ++w) {
      for (int beat = 0; beat < 200; ++beat) {
        const int k = random.Between(1, 21);
        const int edge = random.Between(0, 300) * (1 << k) + (1 << (k - 1)) + random.Between(-1, 1);
        const int magnitude = std::min(31 * 65025, random.OneIn(2) ? edge : random.Below(2015775));
        Products::LearnWord d{};
        d[0] = random.OneIn(2) ? magnitude : -magnitude;
        Learn::StepWord steps{};
        RowWord word{}, new_word{};
        word[0] = static_cast<std::int8_t>(w);
        const bool any = learn.Steps(d, k, std::nullopt, steps);
        const LaneMask changed = learn.Apply(word, steps, new_word);
        const int expected = ContractWeight(w, d[0], k, weight_max);
        ASSERT_EQ(new_word[0], expected) << bits << " bits, w " << w << " D " << d[0] << " k " << k;
        ASSERT_EQ(changed.Test(0), expected != w);
        ASSERT_TRUE(any || expected == w);
      }
    }
  }
}

}  // namespace
}  // namespace ep::model
