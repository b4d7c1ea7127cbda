// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/digits.h"

#include <gtest/gtest.h>

namespace ep::model {
namespace {

TEST(DigitsTest, EveryMagnitudeIsTheSumOfItsDigits) {
  for (int x = 0; x <= 255; ++x) {
    const Digits digits(x);
    EXPECT_EQ(digits.positive - digits.negative, x);
    EXPECT_LT(digits.All(), 1 << 9) << x;
  }
}

// This makes the form unique and its digits fewest.
TEST(DigitsTest, NoTwoNeighboursAreDigits) {
  for (int x = 0; x <= 255; ++x) {
    const Digits digits(x);
    EXPECT_EQ(digits.positive & digits.negative, 0) << x;
    EXPECT_EQ(digits.All() & digits.All() >> 1, 0) << x;
  }
}

TEST(DigitsTest, KnownCounts) {
  EXPECT_EQ(Digits(0).Count(), 0);
  EXPECT_EQ(Digits(1).Count(), 1);
  EXPECT_EQ(Digits(3).Count(), 2);
  EXPECT_EQ(Digits(15).Count(), 2);
  EXPECT_EQ(Digits(15).positive, 16);
  EXPECT_EQ(Digits(15).negative, 1);
  EXPECT_EQ(Digits(85).Count(), 4);
  EXPECT_EQ(Digits(171).Count(), 5);  // 256 - 64 - 16 - 4 - 1
  EXPECT_EQ(Digits(255).Count(), 2);
}

}  // namespace
}  // namespace ep::model
