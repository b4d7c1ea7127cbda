// SPDX-License-Identifier: Apache-2.0
//
// ep_dither against model/common/dither.h: the words of a run, and all rows of each.

#include <gtest/gtest.h>

#include "Vep_dither.h"
#include "model/common/dither.h"
#include "tb/common/bench.h"

namespace ep::tb {
namespace {

class DitherTb : public ::testing::Test {
 protected:
  DitherTb() {
    bench->stochastic_i = 1;
    bench->load_i = bench->next_i = bench->row_i = 0;
    bench->seed_i = 0;
    bench.Reset();
  }

  void Load(std::uint32_t seed) {
    bench->seed_i = seed;
    bench->load_i = 1;
    bench.Cycle();
    bench->load_i = 0;
    bench->seed_i = ~seed;
  }
  std::uint32_t Row(int row) {
    bench->row_i = static_cast<unsigned char>(row);
    bench.Dut().eval();
    return bench->row_o;
  }

  Bench<Vep_dither> bench{1};
};

TEST_F(DitherTb, WordsAndRowsAreTheModels) {
  for (const std::uint32_t seed : {1U, 0x80000000U, 0xffffffffU, 0x12345678U}) {
    Load(seed);
    std::uint32_t word = seed;
    for (int sample = 0; sample < 50; ++sample) {
      for (int row = 0; row < 256; ++row) {
        ASSERT_EQ(Row(row), Dither::OfRow(word, row) & 0x1fffff) << seed << " row " << row;
      }
      bench.Cycle();  // without next_i it keeps still
      bench->next_i = 1;
      bench.Cycle();
      bench->next_i = 0;
      word = Dither::Next(word);
    }
  }
}

// Neither the word of another run nor the end of a sample moves anything: no power is spent.
TEST_F(DitherTb, KeepsStillToNearest) {
  Load(77);
  bench->stochastic_i = 0;
  Load(78);
  bench->next_i = 1;
  bench.Cycle();
  bench->next_i = 0;
  EXPECT_EQ(Row(3), Dither::OfRow(77, 3) & 0x1fffff);
}

}  // namespace
}  // namespace ep::tb
