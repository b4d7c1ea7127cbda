// SPDX-License-Identifier: Apache-2.0
//
// ep_spare against SpareRows of model/array/spare_rows.h, every row of the array.

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "Vep_spare.h"
#include "model/array/spare_rows.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr int kRows = 1000, kSpares = 4, kRowBits = 24;
constexpr std::uint32_t kSeed = 1;

class SpareTb : public ::testing::Test {
 protected:
  // The spares from 0 on replace these rows; those after them are not in use.
  void Check(const std::vector<std::uint32_t>& replaced) {
    for (int i = 0; i < kSpares; ++i) {
      const bool used = i < static_cast<int>(replaced.size());
      // A spare that is not in use names a row, too.
      const std::uint32_t row = used ? replaced[i] : random.Below(kRows);
      SetBits(bench->spare_i, (kRowBits + 1) * i, kRowBits, row);
      SetBits(bench->spare_i, (kRowBits + 1) * i + kRowBits, 1, used);
    }
    const model::SpareRows model(nullptr, kRows, replaced);
    for (std::uint32_t row = 0; row < kRows; ++row) {
      bench->row_i = static_cast<std::uint16_t>(row);
      bench.Cycle();
      ASSERT_EQ(bench->row_o, model.Row(row)) << "row " << row << ", seed " << kSeed;
    }
  }

  Random random{kSeed};
  Bench<Vep_spare> bench{kSeed};
};

TEST_F(SpareTb, WithoutSparesEveryRowIsItself) { ASSERT_NO_FATAL_FAILURE(Check({})); }

TEST_F(SpareTb, RowsAtTheEdgesAreReplaced) {
  ASSERT_NO_FATAL_FAILURE(Check({0, kRows - 5, 1, 512}));
}

TEST_F(SpareTb, TheLowestOfTwoForTheSameRowWins) { ASSERT_NO_FATAL_FAILURE(Check({7, 3, 3, 7})); }

TEST_F(SpareTb, RandomMapsMatchTheModel) {
  for (int i = 0; i < 20; ++i) {
    std::vector<std::uint32_t> replaced(random.Below(kSpares + 1));
    for (std::uint32_t& row : replaced) row = random.Below(kRows);
    ASSERT_NO_FATAL_FAILURE(Check(replaced));
  }
}

}  // namespace
}  // namespace ep::tb
