// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/encode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(EncodeTest, EightBitsKeepThePixel) {
  for (int x = 0; x < 256; ++x) EXPECT_EQ(EncodePixel(static_cast<std::uint8_t>(x), 8), x);
}

// x = (code 255) div Q with code = (X Q + 127) div 255, in whole numbers, for every pixel and
// width.
TEST(EncodeTest, CodesAndStatesFollowTheContract) {
  for (int bits = 1; bits <= 8; ++bits) {
    const int q = (1 << bits) - 1;
    Network network;
    network.pixel_bits = bits;
    for (int x = 0; x < 256; ++x) {
      const int code = (x * q + 127) / 255;
      const int state = EncodePixel(static_cast<std::uint8_t>(x), bits) * network.InputScale();
      EXPECT_EQ(state, code * 255 / q) << bits << " " << x;
    }
  }
}

TEST(EncodeTest, OneBitRoundsAtTheMiddle) {
  EXPECT_EQ(EncodePixel(127, 1), 0);
  EXPECT_EQ(EncodePixel(128, 1), 1);
  EXPECT_EQ(EncodePixel(255, 1), 1);
}

TEST(EncodeTest, PoolingTakesRoundedMeansOfTwoByTwo) {
  const Images images{.height = 2,
                      .width = 4,
                      .pixels = {1, 2, 255, 255, 0, 3, 255, 255, 0, 0, 0, 1, 0, 1, 0, 0},
                      .labels = {5, 6}};
  const SampleSet set = Encode(images, 2, 8);
  EXPECT_EQ(set.inputs, 2);
  EXPECT_THAT(set.codes, ElementsAre(2, 255, 0, 0));
  EXPECT_EQ(set.At(1).label, 6);
  EXPECT_EQ(set.At(0).codes[1], 255);
}

TEST(EncodeTest, OddSizesCannotBePooled) {
  const Images images{.height = 3, .width = 4, .pixels = {}, .labels = {}};
  EXPECT_THAT(ErrorOf([&] { Encode(images, 2, 8); }),
              HasSubstr("images are 3x4: only even sizes can be pooled: set data.pool = 1"));
}

TEST(EncodeTest, ShiftsMoveImagesAndFillWithZero) {
  const Images images{.height = 2,
                      .width = 3,
                      .pixels = {1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16},
                      .labels = {7, 8}};
  const std::vector<std::uint32_t> order = {1, 0, 1, 0, 1};
  const std::vector<Shift> shifts = {
      {}, {.right = 1}, {.right = -1}, {.right = 2, .down = 1}, {.right = -2, .down = -1}};
  const Images shifted = ShiftImages(images, order, shifts, 5);
  EXPECT_THAT(shifted.labels, ElementsAre(8, 7, 8, 7, 8));
  EXPECT_THAT(shifted.pixels, ElementsAre(11, 12, 13, 14, 15, 16,  //
                                          0, 1, 2, 0, 4, 5,        //
                                          12, 13, 0, 15, 16, 0,    //
                                          0, 0, 0, 0, 0, 1,        //
                                          16, 0, 0, 0, 0, 0));
  EXPECT_EQ(ShiftImages(images, order, shifts, 2).Count(), 2);
}

}  // namespace
}  // namespace ep::sim
