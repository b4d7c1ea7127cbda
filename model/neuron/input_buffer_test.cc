// SPDX-License-Identifier: Apache-2.0

#include "model/neuron/input_buffer.h"

#include <gtest/gtest.h>

#include <array>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

using Rows = std::vector<InputBuffer::Row>;

Rows Of(const InputBuffer& buffer) { return {buffer.rows().begin(), buffer.rows().end()}; }

TEST(InputBufferTest, NonzeroCodesAreListedInOrder) {
  InputBuffer buffer(5, 10, 1);
  ASSERT_TRUE(buffer.Load(std::array<std::uint8_t, 5>{0, 255, 0, 1, 15}, 9, true));
  EXPECT_EQ(Of(buffer), (Rows{{1, 255}, {3, 1}, {4, 15}}));
  EXPECT_EQ(buffer.label(), 9);
}

TEST(InputBufferTest, ZeroSampleHasNoRows) {
  InputBuffer buffer(3, 2, 1);
  ASSERT_TRUE(buffer.Load(std::array<std::uint8_t, 3>{7, 7, 7}, 0, true));
  ASSERT_TRUE(buffer.Load(std::array<std::uint8_t, 3>{0, 0, 0}, 1, true));
  EXPECT_TRUE(buffer.rows().empty());
}

// A refused sample leaves the one before.
TEST(InputBufferTest, WrongLengthOrClassIsRefused) {
  InputBuffer buffer(2, 3, 1);
  ASSERT_TRUE(buffer.Load(std::array<std::uint8_t, 2>{1, 2}, 2, true));
  EXPECT_FALSE(buffer.Load(std::array<std::uint8_t, 1>{9}, 0, true));
  EXPECT_FALSE(buffer.Load(std::array<std::uint8_t, 3>{9, 9, 9}, 0, true));
  EXPECT_FALSE(buffer.Load(std::array<std::uint8_t, 2>{9, 9}, 3, true));
  EXPECT_FALSE(buffer.Load(std::array<std::uint8_t, 2>{9, 9}, -1, true));
  EXPECT_EQ(Of(buffer), (Rows{{0, 1}, {1, 2}}));
  EXPECT_EQ(buffer.label(), 2);
}

TEST(InputBufferTest, CodeBeyondTheScaleIsRefused) {
  for (const int scale : {17, 85, 255}) {
    InputBuffer buffer(2, 3, scale);
    const auto largest = static_cast<std::uint8_t>(255 / scale);
    EXPECT_TRUE(buffer.Load(std::array<std::uint8_t, 2>{0, largest}, 0, true)) << scale;
    for (int code = largest + 1; code < 256; ++code) {
      EXPECT_FALSE(
          buffer.Load(std::array<std::uint8_t, 2>{1, static_cast<std::uint8_t>(code)}, 1, true))
          << scale << ' ' << code;
    }
    EXPECT_EQ(Of(buffer), (Rows{{1, largest}}));
  }
}

TEST(InputBufferTest, InferenceNeedsNoClass) {
  InputBuffer buffer(2, 3, 1);
  EXPECT_TRUE(buffer.Load(std::array<std::uint8_t, 2>{9, 9}, -1, false));
  EXPECT_TRUE(buffer.Load(std::array<std::uint8_t, 2>{9, 9}, 255, false));
}

TEST(InputBufferTest, RandomSamplesRebuildTheirCodes) {
  RawRandom random(8);
  InputBuffer buffer(100, 10, 1);
  for (int beat = 0; beat < 200; ++beat) {
    std::vector<std::uint8_t> codes(100);
    const int density = random.Between(1, 5);
    for (auto& code : codes) {
      code = static_cast<std::uint8_t>(random.OneIn(density) ? random.Below(256) : 0);
    }
    ASSERT_TRUE(buffer.Load(codes, 0, true));
    std::vector<std::uint8_t> rebuilt(100);
    int last = -1;
    for (const auto& [row, code] : buffer.rows()) {
      ASSERT_GT(row, last);
      ASSERT_NE(code, 0);
      rebuilt[row] = static_cast<std::uint8_t>(code);
      last = row;
    }
    ASSERT_EQ(rebuilt, codes) << "beat " << beat;
  }
}

}  // namespace
}  // namespace ep::model
