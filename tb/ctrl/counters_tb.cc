// SPDX-License-Identifier: Apache-2.0
//
// ep_counters against 64-bit sums that are cut off at 2^32 - 1.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <string>

#include "Vep_counters.h"
#include "model/common/counters.h"
#include "model/ctrl/regs.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr int kCount = static_cast<int>(regs::kCounterNames.size());
constexpr std::uint64_t kFull = 0xFFFFFFFF;

class CountersTb : public ::testing::Test {
 protected:
  CountersTb() {
    for (int i = 0; i < kCount; ++i) bench->increment_i[i] = 0;
    bench->clear_i = 0;
    bench->freeze_i = 0;
    bench.Reset();
  }

  // One cycle with the inputs as they are, in the RTL and in the expectation.
  void Cycle() {
    for (int i = 0; i < kCount; ++i) {
      if (bench->clear_i) {
        expected[i] = 0;
      } else if (!bench->freeze_i) {
        expected[i] = std::min(expected[i] + bench->increment_i[i], kFull);
      }
    }
    bench.Cycle();
    for (int i = 0; i < kCount; ++i) {
      ASSERT_EQ(bench->counters_o[i], expected[i])
          << regs::kCounterNames[i] << " in cycle " << bench.CycleCount();
    }
  }

  Bench<Vep_counters> bench{1};
  std::array<std::uint64_t, kCount> expected{};
};

TEST_F(CountersTb, StartsAtZero) {
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(bench->counters_o[i], 0u);
}

TEST_F(CountersTb, CountsEachCounterAlone) {
  for (int i = 0; i < kCount; ++i) {
    bench->increment_i[i] = 1u + static_cast<unsigned>(i);
    Cycle();
    bench->increment_i[i] = 0;
    Cycle();
  }
}

// Each bit of an increment counts, alone.
TEST_F(CountersTb, CountsEachBitOfAnIncrement) {
  for (int bit = 0; bit < 32; ++bit) {
    for (int i = 0; i < kCount; ++i) bench->increment_i[i] = 1u << bit;
    Cycle();
  }
}

// From 2^32 - 2, 1 reaches the largest value, and 1, 2 and the largest increment keep it.
TEST_F(CountersTb, StaysAtLargestValue) {
  for (const std::uint32_t increment : {0xFFFFFFFEu, 1u, 1u, 2u, 0xFFFFFFFFu, 0u}) {
    for (int i = 0; i < kCount; ++i) bench->increment_i[i] = increment;
    Cycle();
  }
  EXPECT_EQ(bench->counters_o[0], kFull);
}

TEST_F(CountersTb, ClearWinsOverFreezeAndIncrement) {
  for (int i = 0; i < kCount; ++i) bench->increment_i[i] = 7;
  Cycle();
  bench->freeze_i = 1;
  Cycle();
  bench->clear_i = 1;
  Cycle();
  EXPECT_EQ(bench->counters_o[0], 0u);
  bench->freeze_i = 0;
  Cycle();
  EXPECT_EQ(bench->counters_o[0], 0u);
  bench->clear_i = 0;
  Cycle();
  EXPECT_EQ(bench->counters_o[0], 7u);
}

TEST_F(CountersTb, ResetClears) {
  for (int i = 0; i < kCount; ++i) bench->increment_i[i] = 0xFFFF;
  Cycle();
  bench.Reset();
  for (int i = 0; i < kCount; ++i) EXPECT_EQ(bench->counters_o[i], 0u);
}

// Small increments as in a run, and large ones that reach the largest value several times between
// clears; one counter in four idle; frozen one cycle in eight.
TEST_F(CountersTb, RandomIncrementsMatchSums) {
  Random random(2);
  for (int cycle = 0; cycle < 20000; ++cycle) {
    const std::uint32_t shift = random.Below(8) * 4;
    for (int i = 0; i < kCount; ++i) {
      bench->increment_i[i] = random.Percent(25) ? 0 : random.Bits() >> shift;
    }
    bench->freeze_i = random.Percent(12);
    bench->clear_i = random.Percent(2);
    Cycle();
    if (HasFatalFailure()) return;
  }
}

// The list of the golden model, the registers and the RTL: the same names, texts, order and number.
TEST_F(CountersTb, ListsAgree) {
  int i = 0;
  ep::Counters().ForEach([&](const char* name, const char* text, std::uint64_t) {
    ASSERT_LT(i, kCount) << name;
    EXPECT_EQ(std::string(regs::kCounterNames[i]), name);
    std::string sentence = std::string(text) + ".";
    sentence[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(sentence[0])));
    EXPECT_EQ(regs::kCounterTexts[i], sentence);
    ++i;
  });
  EXPECT_EQ(i, kCount);
  // Plain vectors of 32 bits a counter at the ports.
  EXPECT_EQ(sizeof(bench->counters_o), kCount * sizeof(std::uint32_t));
}

}  // namespace
}  // namespace ep::tb
