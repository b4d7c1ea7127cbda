// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/products.h"

#include <gtest/gtest.h>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

TEST(ProductsTest, ExtremeGather) {
  Products products(8);
  RowWord word;
  word.fill(-128);
  std::array<std::int16_t, kLanesMax> delta;
  delta.fill(-255);
  LaneMask all;
  for (int l = 0; l < kLanesMax; ++l) all.Set(l);
  EXPECT_EQ(products.Gather(word, delta, all), 128 * 128 * 255);
  EXPECT_EQ(products.Gather(word, delta, LaneMask{}), 0);
}

TEST(ProductsTest, RandomGathersIgnoreLanesNotPicked) {
  RawRandom random(5);
  for (int beat = 0; beat < 500; ++beat) {
    Products products(2 << random.Below(7));
    RowWord word{};
    std::array<std::int16_t, kLanesMax> delta{};
    LaneMask picked;
    int expected = 0;
    for (int l = 0; l < kLanesMax; ++l) {
      word[l] = static_cast<std::int8_t>(random.Between(-128, 127));
      delta[l] = static_cast<std::int16_t>(random.Between(-255, 255));
      if (!random.OneIn(3)) continue;
      picked.Set(l);
      expected += word[l] * delta[l];
    }
    ASSERT_EQ(products.Gather(word, delta, picked), expected) << "beat " << beat;
  }
}

// D = m (s+[r] s+[c] - s-[r] s-[c]) at its bounds: 22 bits.
TEST(ProductsTest, ExtremeLearningProducts) {
  Products products(2);
  const std::array<std::uint8_t, 8> high = {255, 255, 0, 0, 255, 0, 0, 0};
  const std::array<std::uint8_t, 8> low = {0, 255, 255, 0, 0, 0, 0, 0};
  LaneMask picked;
  for (int l = 0; l < 4; ++l) picked.Set(l);
  const Products::LearnWord& d = products.Learn(31, 255, 255, high, low, picked);
  EXPECT_EQ(d[0], 31 * 255 * 255);
  EXPECT_EQ(d[1], 0);
  EXPECT_EQ(d[2], -31 * 255 * 255);
  EXPECT_EQ(d[3], 0);
  EXPECT_EQ(d[4], 0);  // not picked
  EXPECT_LT(d[0], 1 << 21);
  EXPECT_EQ(products.Learn(0, 255, 0, high, low, picked)[0], 0);
}

// Lanes that are no candidates have D = 0, so leaving them out is exact.
TEST(ProductsTest, CandidatesLoseNoProduct) {
  RawRandom random(6);
  Products products(8);
  for (int beat = 0; beat < 2000; ++beat) {
    std::array<std::uint8_t, kLanesMax> plus{};
    std::array<std::uint8_t, kLanesMax> minus{};
    LaneMask differing, active;
    const auto state = [&] { return random.OneIn(2) ? 0 : random.Of({1, 2, 254, 255}); };
    for (int l = 0; l < 32; ++l) {
      plus[l] = static_cast<std::uint8_t>(state());
      minus[l] = random.OneIn(2) ? plus[l] : static_cast<std::uint8_t>(state());
      if (plus[l] != minus[l]) differing.Set(l);
      if (plus[l] != 0 || minus[l] != 0) active.Set(l);
    }
    const int row_plus = state();
    const int row_minus = random.OneIn(2) ? row_plus : state();
    const int m = random.Below(32);
    const LaneMask candidates = Products::Candidates(row_plus, row_minus, differing, active);
    const Products::LearnWord& d = products.Learn(m, row_plus, row_minus, plus, minus, candidates);
    for (int l = 0; l < 32; ++l) {
      ASSERT_EQ(d[l], m * (row_plus * plus[l] - row_minus * minus[l])) << "beat " << beat;
    }
  }
}

TEST(ProductsTest, CandidatesByRow) {
  LaneMask differing, active;
  differing.Set(1);
  active.Set(1);
  active.Set(2);
  EXPECT_EQ(Products::Candidates(0, 0, differing, active), LaneMask{});
  EXPECT_EQ(Products::Candidates(9, 9, differing, active), differing);
  EXPECT_EQ(Products::Candidates(9, 0, differing, active), active);
  EXPECT_EQ(Products::Candidates(0, 9, differing, active), active);
}

}  // namespace
}  // namespace ep::model
