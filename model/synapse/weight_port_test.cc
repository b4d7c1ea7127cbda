// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/weight_port.h"

#include <gtest/gtest.h>

namespace ep::model {
namespace {

TEST(WeightPortTest, EveryByteIsClampedToTheWeights) {
  for (int bits = 2; bits <= 8; ++bits) {
    const WeightPort port(bits);
    const int weight_max = (1 << (bits - 1)) - 1;
    for (int w = -128; w <= 127; ++w) {
      const auto byte = static_cast<std::int8_t>(w);
      EXPECT_EQ(port.Load({&byte, 1}, RowWord{})[0], std::min(std::max(w, -weight_max), weight_max))
          << bits << " bits";
    }
  }
}

TEST(WeightPortTest, LanesBeyondThePopulationStayAndReadAsZero) {
  RowWord old_word;
  old_word.fill(3);
  const std::int8_t bytes[] = {1, -2};
  const RowWord word = WeightPort(8).Load(bytes, old_word);
  EXPECT_EQ(word[0], 1);
  EXPECT_EQ(word[1], -2);
  for (int l = 2; l < kLanesMax; ++l) EXPECT_EQ(word[l], 3);
  const RowWord saved = WeightPort::Save(word, 2);
  EXPECT_EQ(saved[0], 1);
  EXPECT_EQ(saved[1], -2);
  for (int l = 2; l < kLanesMax; ++l) EXPECT_EQ(saved[l], 0);
}

TEST(WeightPortTest, FaultyCellsAreSavedAsTheyAre) {
  RowWord word{};
  word[0] = -128;
  EXPECT_EQ(WeightPort::Save(word, 1)[0], -128);
}

}  // namespace
}  // namespace ep::model
