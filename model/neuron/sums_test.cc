// SPDX-License-Identifier: Apache-2.0

#include "model/neuron/sums.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

TEST(SumsTest, BlockIsScaledAndShifted) {
  Sums sums(2, 8, 4);
  Accumulators accumulators{};
  accumulators[0] = -3;
  accumulators[7] = 5;
  sums.AddBlock(1, 8, accumulators, 17, 2);
  EXPECT_EQ(sums.Read(8), -3 * 17 * 4);
  EXPECT_EQ(sums.Read(15), 5 * 17 * 4);
  EXPECT_EQ(sums.Read(0), 0);
}

TEST(SumsTest, LargestSumDoesNotWrap) {
  Sums sums(1, 8, 4);
  Accumulators accumulators{};
  accumulators[0] = -128 * 4096;
  sums.AddBlock(0, 8, accumulators, 255, 15);
  EXPECT_EQ(sums.Read(0), std::int64_t{-128} * 4096 * 255 * 32768);
}

TEST(SumsTest, WrittenGroupsAreDirtyEvenWithZero) {
  Sums sums(2, 8, 4);
  sums.AddBlock(0, 8, Accumulators{}, 1, 0);
  EXPECT_TRUE(sums.Dirty(0));
  EXPECT_TRUE(sums.Dirty(1));
  EXPECT_FALSE(sums.Dirty(2));
  sums.ClearDirty(0);
  EXPECT_FALSE(sums.Dirty(0));
  sums.AddNeuron(11, 0, 3);
  EXPECT_TRUE(sums.Dirty(2));
  EXPECT_FALSE(sums.Dirty(3));
}

// Groups that lie wholly beyond the population are not written.
TEST(SumsTest, PartialBlockMarksItsGroupsOnly) {
  Sums sums(1, 16, 4);
  sums.AddBlock(0, 5, Accumulators{}, 1, 0);
  EXPECT_TRUE(sums.Dirty(0));
  EXPECT_TRUE(sums.Dirty(1));
  EXPECT_FALSE(sums.Dirty(2));
  EXPECT_FALSE(sums.Dirty(3));
}

TEST(SumsTest, ClearStartsASample) {
  Sums sums(1, 8, 4);
  sums.AddNeuron(3, -100, 5);
  sums.Clear();
  EXPECT_EQ(sums.Read(3), 0);
  EXPECT_FALSE(sums.Dirty(0));
}

TEST(SumsTest, RandomAdditionsAddUp) {
  RawRandom random(9);
  Sums sums(3, 16, 8);
  std::vector<std::int64_t> expected(48);
  for (int beat = 0; beat < 2000; ++beat) {
    const int shift = random.Below(16);
    if (random.OneIn(2)) {
      const int neuron = random.Below(48);
      const int product = random.Between(-2088960, 2088960);
      sums.AddNeuron(neuron, product, shift);
      expected[neuron] += std::int64_t{product} * (1 << shift);
    } else {
      const int block = random.Below(3);
      const int neurons = random.Between(1, 16);
      const int scale = random.Of({1, 17, 85, 255});
      Accumulators accumulators{};
      for (int l = 0; l < neurons; ++l) {
        accumulators[l] = random.Between(-100000, 100000);
        expected[block * 16 + l] += std::int64_t{accumulators[l]} * scale * (1 << shift);
      }
      sums.AddBlock(block, neurons, accumulators, scale, shift);
    }
  }
  for (int neuron = 0; neuron < 48; ++neuron) EXPECT_EQ(sums.Read(neuron), expected[neuron]);
}

}  // namespace
}  // namespace ep::model
