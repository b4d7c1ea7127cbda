// SPDX-License-Identifier: Apache-2.0

#include "model/neuron/readout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

TEST(ReadoutTest, LowestIndexWinsTies) {
  Readout readout;
  readout.Start(2);
  readout.Read(0, std::array<std::uint8_t, 4>{0, 9, 3, 9});
  readout.Read(4, std::array<std::uint8_t, 2>{9, 1});
  EXPECT_EQ(readout.prediction(), 1);
  EXPECT_EQ(readout.error(), 252);
}

TEST(ReadoutTest, AllZeroPredictsTheFirst) {
  Readout readout;
  readout.Start(0);
  readout.Read(0, std::array<std::uint8_t, 4>{});
  EXPECT_EQ(readout.prediction(), 0);
  EXPECT_EQ(readout.error(), 255);
}

TEST(ReadoutTest, PerfectOutputHasNoError) {
  Readout readout;
  readout.Start(4);
  readout.Read(0, std::array<std::uint8_t, 4>{0, 0, 0, 0});
  readout.Read(4, std::array<std::uint8_t, 2>{255, 0});
  EXPECT_EQ(readout.prediction(), 4);
  EXPECT_EQ(readout.error(), 0);
}

TEST(ReadoutTest, StartForgetsTheSampleBefore) {
  Readout readout;
  readout.Start(0);
  readout.Read(0, std::array<std::uint8_t, 2>{0, 255});
  readout.Start(0);
  readout.Read(0, std::array<std::uint8_t, 2>{200, 0});
  EXPECT_EQ(readout.prediction(), 0);
  EXPECT_EQ(readout.error(), 55);
}

TEST(ReadoutTest, RandomOutputsMatchTheContract) {
  RawRandom random(12);
  Readout readout;
  for (int beat = 0; beat < 2000; ++beat) {
    std::vector<std::uint8_t> states(random.Between(1, 40));
    const int range = random.Between(1, 256);
    for (auto& s : states) s = static_cast<std::uint8_t>(random.Below(range));
    const int size = static_cast<int>(states.size());
    const int label = random.Below(size);
    readout.Start(label);
    for (int first = 0; first < size; first += 8) {
      readout.Read(first, std::span(states).subspan(first, std::min(8, size - first)));
    }
    int error = 0;
    for (int j = 0; j < size; ++j) {
      error = std::max(error, j == label ? 255 - states[j] : int{states[j]});
    }
    ASSERT_EQ(readout.prediction(), std::ranges::max_element(states) - states.begin());
    ASSERT_EQ(readout.error(), error);
  }
}

}  // namespace
}  // namespace ep::model
