// SPDX-License-Identifier: Apache-2.0

#include "model/common/dither.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace ep {
namespace {

TEST(DitherTest, WordsFollowTheGenerator) {
  // By hand: 1 ^ 1 << 13 = 0x2001; >> 17 is 0; ^ << 5 = 0x2001 ^ 0x40020.
  EXPECT_EQ(Dither::Next(1), 0x42021U);
  EXPECT_EQ(Dither::Next(0), 0U);
  EXPECT_EQ(Dither::After(7, 3), Dither::Next(Dither::Next(Dither::Next(7))));
  EXPECT_EQ(Dither::After(7, 0), 7U);
}

TEST(DitherTest, RowAndLaneByHand) {
  // r = 1: q = 1 ^ 8 ^ 32 = 0x29.
  EXPECT_EQ(Dither::OfRow(0, 1), 0x292929U);
  EXPECT_EQ(Dither::OfRow(0xffffffff, 257), 0xffd6d6d6U);
  EXPECT_EQ(Dither::OfLane(1), 0x249249U);
  EXPECT_EQ(Dither::OfLane(15), 0xffffffU);
  EXPECT_EQ(Dither::Offset(0xffffffff, 15), 0x7fff);
  EXPECT_EQ(Dither::Offset(0x80000001, 1), 1);
}

// The 256 rows have 256 offsets, spread over the range: one in each part of 1/256 of it, whatever
// k; the 8 lanes of a row likewise in its eighths.
TEST(DitherTest, RowsAndLanesAreSpreadEvenly) {
  for (int k = 8; k <= 21; ++k) {
    std::set<int> parts;
    for (int row = 0; row < 256; ++row) {
      parts.insert(Dither::Offset(Dither::OfRow(0x9e3779b9, row), k) >> (k - 8));
    }
    EXPECT_EQ(parts.size(), 256U) << k;
    parts.clear();
    for (int lane = 0; lane < 8; ++lane) {
      parts.insert(Dither::Offset(0x9e3779b9 ^ Dither::OfLane(lane), k) >> (k - 3));
    }
    EXPECT_EQ(parts.size(), 8U) << k;
  }
}

// A step of D is on average D / 2^k: over many samples the mean of the offsets is one half.
TEST(DitherTest, StepsAreRightOnAverage) {
  constexpr int kSamples = 100'000, kShift = 15, kD = 1234;
  std::uint32_t word = 5;
  double sum = 0;
  for (int i = 0; i < kSamples; ++i) {
    sum += (kD + Dither::Offset(Dither::OfRow(word, 20) ^ Dither::OfLane(5), kShift)) >> kShift;
    word = Dither::Next(word);
  }
  const double expected = static_cast<double>(kD) / (1 << kShift);
  EXPECT_NEAR(sum / kSamples, expected, 5 * std::sqrt(expected / kSamples));
}

}  // namespace
}  // namespace ep
