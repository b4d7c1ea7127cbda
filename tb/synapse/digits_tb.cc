// SPDX-License-Identifier: Apache-2.0
//
// ep_digits for all 256 magnitudes, against model/synapse/digits.h and against what it is for.

#include <gtest/gtest.h>

#include <algorithm>
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

// Lowest first, as ep_row_word takes them, digits never lead further from 0 than 255: what the
// accumulators of ep_row_adder have room for.
TEST_F(DigitsTb, PartialSumsStayWithinTheRange) {
  for (int magnitude = 0; magnitude < 256; ++magnitude) {
    Set(magnitude);
    int sum = 0, largest = 0;
    for (int digit = 1; digit <= 256; digit *= 2) {
      sum += (bench->plus_o & digit) - (bench->minus_o & digit);
      largest = std::max({largest, sum, -sum});
    }
    EXPECT_EQ(sum, magnitude);
    EXPECT_LE(largest, 255) << "magnitude " << magnitude;
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
