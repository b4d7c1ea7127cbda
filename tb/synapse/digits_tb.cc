// SPDX-License-Identifier: Apache-2.0
//
// ep_digits for all 256 magnitudes, against model/synapse/digits.h and against what it is for.

#include <gtest/gtest.h>

#include <bit>

#include "Vep_digits.h"
#include "model/synapse/digits.h"
#include "tb/common/bench.h"

namespace ep::tb {
namespace {

class DigitsTb : public ::testing::Test {
 protected:
  void Set(int magnitude) {
    bench->magnitude_i = static_cast<unsigned char>(magnitude);
    bench.Cycle();
  }
  int Count() { return std::popcount(static_cast<unsigned>(bench->plus_o | bench->minus_o)); }

  Bench<Vep_digits> bench{1};
};

TEST_F(DigitsTb, ZeroHasNoDigit) {
  Set(0);
  EXPECT_EQ(bench->plus_o, 0);
  EXPECT_EQ(bench->minus_o, 0);
}

TEST_F(DigitsTb, RunOfOnesTakesTwoDigits) {
  Set(15);
  EXPECT_EQ(bench->plus_o, 16);
  EXPECT_EQ(bench->minus_o, 1);
  Set(255);
  EXPECT_EQ(bench->plus_o, 256);
  EXPECT_EQ(bench->minus_o, 1);
}

TEST_F(DigitsTb, PowerOfTwoTakesOneDigit) {
  for (int i = 0; i < 8; ++i) {
    Set(1 << i);
    EXPECT_EQ(bench->plus_o, 1 << i);
    EXPECT_EQ(bench->minus_o, 0);
  }
}

// All magnitudes. A form of this value without neighbouring digits is the only one, and no signed
// form has fewer digits.
TEST_F(DigitsTb, EveryMagnitudeMatchesModel) {
  for (int magnitude = 0; magnitude < 256; ++magnitude) {
    Set(magnitude);
    const model::Digits expected(magnitude);
    EXPECT_EQ(bench->plus_o, expected.positive) << "magnitude " << magnitude;
    EXPECT_EQ(bench->minus_o, expected.negative) << "magnitude " << magnitude;
    EXPECT_EQ(bench->plus_o - bench->minus_o, magnitude);
    EXPECT_EQ(bench->plus_o & bench->minus_o, 0) << "magnitude " << magnitude;
    const int digits = bench->plus_o | bench->minus_o;
    EXPECT_EQ(digits & digits >> 1, 0) << "neighbouring digits of " << magnitude;
    EXPECT_LE(Count(), 5);
  }
}

}  // namespace
}  // namespace ep::tb
