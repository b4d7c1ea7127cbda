// SPDX-License-Identifier: Apache-2.0

#include "model/sense/sense.h"

#include <gtest/gtest.h>

namespace ep::model {
namespace {

// Every pattern of cells at every width: the value of two's complement, -W - 1 included.
TEST(SenseTest, EveryPatternIsSignExtended) {
  for (int bits = 2; bits <= 8; ++bits) {
    Array array(1 << bits, 8);
    Sense sense(array, 8, bits);
    for (int pattern = 0; pattern < 1 << bits; ++pattern) {
      Cells mask{};
      mask[0] = mask[7] = static_cast<std::uint8_t>(pattern);
      array.Pulse(pattern, true, mask);
    }
    for (int pattern = 0; pattern < 1 << bits; ++pattern) {
      const RowWord& word = sense.Read(pattern);
      const int expected = pattern >= 1 << (bits - 1) ? pattern - (1 << bits) : pattern;
      EXPECT_EQ(word[0], expected) << bits << " bits";
      EXPECT_EQ(word[7], expected) << bits << " bits";
      EXPECT_EQ(word[1], 0);
      EXPECT_EQ(word[8], 0);  // beyond the lanes
    }
  }
}

}  // namespace
}  // namespace ep::model
