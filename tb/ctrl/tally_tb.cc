// SPDX-License-Identifier: Apache-2.0
//
// ep_tally against the product that model/top/core.cc adds: sweeps x words.

#include <gtest/gtest.h>

#include <cstdint>

#include "Vep_tally.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 62;

class TallyTb : public ::testing::Test {
 protected:
  TallyTb() {
    bench->valid_i = bench->clear_i = bench->sweeps_i = 0;
    bench->words_i = 1;
    bench.OnCycle([] {}, [this] { sum += bench->increment_o; });
    bench.Reset();
  }

  // Hands over a number of sweeps as soon as it is taken; false if it never is.
  void Add(int sweeps) {
    for (int i = 0; i < 2000 && !bench->ready_o; ++i) bench.Cycle();
    ASSERT_EQ(bench->ready_o, 1);
    bench->valid_i = 1;
    bench->sweeps_i = sweeps;
    bench.Cycle();
    bench->valid_i = 0;
    bench->sweeps_i = random.Bits() & 255u;
    expected += static_cast<std::uint64_t>(sweeps) * bench->words_i;
  }
  void Drain() {
    int cycles = 0;
    for (; cycles < 2000 && !bench->idle_o; ++cycles) bench.Cycle();
    EXPECT_LT(cycles, 1024);
    EXPECT_EQ(sum, expected) << "seed " << kSeed << " cycle " << bench.CycleCount();
    EXPECT_EQ(bench->increment_o, 0U);
  }

  Random random{kSeed};
  Bench<Vep_tally> bench{kSeed};
  std::uint64_t sum = 0, expected = 0;
};

// 0, 1 and the largest number of sweeps and of words.
TEST_F(TallyTb, CountsEdges) {
  for (const std::uint32_t words : {0U, 1U, 0xFFFFFFFFU}) {
    bench->words_i = words;
    for (const int sweeps : {0, 1, 2, 254, 255}) {
      Add(sweeps);
      Drain();
    }
  }
}

// The sample does not wait: one number after the other goes in until the counter is half full.
TEST_F(TallyTb, TakesNumbersAtOnceUntilItIsFull) {
  bench->words_i = 7;
  EXPECT_EQ(bench->ready_o, 1);
  Add(255);
  Add(255);
  EXPECT_EQ(bench->ready_o, 1);
  Add(255);
  EXPECT_EQ(bench->ready_o, 0);
  Add(255);
  Drain();
}

TEST_F(TallyTb, ClearAndResetForgetWhatIsLeft) {
  bench->words_i = 3;
  for (const bool reset : {false, true}) {
    Add(200);
    bench.Cycle(10);
    if (reset) {
      bench.Reset();
    } else {
      bench->clear_i = 1;
      bench.Cycle();
      bench->clear_i = 0;
    }
    EXPECT_EQ(bench->idle_o, 1);
    expected = sum;
    Add(5);
    Drain();
  }
}

// Numbers at any distance; words change only while nothing is left, as between runs.
TEST_F(TallyTb, RandomNumbersMatchTheProduct) {
  for (int run = 0; run < 40 && !HasFailure(); ++run) {
    bench->words_i = random.Bits() >> random.Below(32);
    for (int i = 0; i < 50; ++i) {
      Add(static_cast<int>(random.Percent(30) ? random.Below(256) : random.Below(6)));
      bench.Cycle(static_cast<int>(random.Below(random.Percent(20) ? 300 : 10)));
    }
    Drain();
  }
}

}  // namespace
}  // namespace ep::tb
