// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/row_adder.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/common/raw_random.h"
#include "model/synapse/digits.h"

namespace ep::model {
namespace {

void AddAll(RowAdder& adder, const RowWord& word, int multiplicand) {
  const Digits digits(multiplicand < 0 ? -multiplicand : multiplicand);
  for (int position = 0; position <= 8; ++position) {
    const bool minus = (digits.negative >> position & 1) != 0;
    if ((digits.All() >> position & 1) != 0) adder.Add(word, position, minus != (multiplicand < 0));
  }
}

TEST(RowAdderTest, ExtremeWordsAndMultiplicands) {
  for (const int weight : {-128, -127, -1, 0, 1, 127}) {
    for (int multiplicand = -255; multiplicand <= 255; ++multiplicand) {
      RowAdder adder(8);
      RowWord word{};
      word[0] = word[7] = static_cast<std::int8_t>(weight);
      AddAll(adder, word, multiplicand);
      ASSERT_EQ(adder.accumulators()[0], weight * multiplicand);
      ASSERT_EQ(adder.accumulators()[7], weight * multiplicand);
      ASSERT_EQ(adder.accumulators()[1], 0);
    }
  }
}

// A column of 4,096 rows of the largest product: what 28 bits are for.
TEST(RowAdderTest, LongestColumnIsExact) {
  RowAdder adder(8);
  RowWord word{};
  word.fill(-128);
  for (int row = 0; row < 4096; ++row) AddAll(adder, word, 255);
  EXPECT_EQ(adder.accumulators()[0], -128 * 255 * 4096);
}

TEST(RowAdderTest, RandomBlocksAreDotProducts) {
  RawRandom random(3);
  RowAdder adder(32);
  for (int block = 0; block < 100; ++block) {
    adder.Clear();
    EXPECT_FALSE(adder.written());
    std::vector<int> expected(32, 0);
    const int rows = random.Between(1, 40);
    for (int row = 0; row < rows; ++row) {
      RowWord word{};
      const int multiplicand = random.Between(1, 255) * (random.OneIn(2) ? 1 : -1);
      for (int l = 0; l < 32; ++l) {
        word[l] = static_cast<std::int8_t>(random.Between(-128, 127));
        expected[l] += word[l] * multiplicand;
      }
      AddAll(adder, word, multiplicand);
    }
    EXPECT_TRUE(adder.written());
    for (int l = 0; l < 32; ++l) ASSERT_EQ(adder.accumulators()[l], expected[l]);
  }
}

}  // namespace
}  // namespace ep::model
