// SPDX-License-Identifier: Apache-2.0

#include "model/array/array.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

TEST(ArrayTest, CellsStartAtZero) {
  Array array(3, 8);
  Cells cells;
  cells.fill(0xff);
  Cells late;
  late.fill(0xff);
  array.Sense(2, 1, cells, late);
  for (int l = 0; l < 8; ++l) EXPECT_EQ(cells[l] | late[l], 0);
  EXPECT_EQ(cells[8], 0xff);  // beyond the lanes nothing is read
}

// Every pulse changes the masked cells of its row and no others.
TEST(ArrayTest, RandomPulsesChangeOnlyMaskedCells) {
  constexpr int kRows = 7;
  constexpr int kLanes = 16;
  Array array(kRows, kLanes);
  std::vector<Cells> expected(kRows);
  RawRandom random(1);
  for (int beat = 0; beat < 2000; ++beat) {
    const int row = random.Below(kRows);
    const bool value = random.OneIn(2);
    Cells mask{};
    for (int l = 0; l < kLanes; ++l) {
      mask[l] = static_cast<std::uint8_t>(random.Below(256));
      if (value) expected[row][l] |= mask[l];
      if (!value) expected[row][l] &= static_cast<std::uint8_t>(~mask[l]);
    }
    array.Pulse(row, value, mask);
    for (int other = 0; other < kRows; ++other) {
      Cells cells{}, late{};
      array.Sense(other, 1, cells, late);
      ASSERT_EQ(cells, expected[other]) << "beat " << beat << " row " << other;
    }
  }
}

}  // namespace
}  // namespace ep::model
