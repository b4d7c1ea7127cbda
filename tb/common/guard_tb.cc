// SPDX-License-Identifier: Apache-2.0
//
// ep_guard: flip-flops of a block, played here, of which some change by themselves.

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>

#include "Vep_guard.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 71;
constexpr int kWidth = 40;

class GuardTb : public ::testing::Test {
 protected:
  GuardTb() {
    bench->value_i = value = Word();
    bench.Reset();
    Step(value);
  }

  std::uint64_t Word() {
    return (std::uint64_t{random.Bits()} << 32 | random.Bits()) & ((1ULL << kWidth) - 1);
  }
  // One cycle, after which the flip-flops hold `next` but for those in `flipped`; `hold`: they load
  // nothing.
  void Step(std::uint64_t next, bool free = false, bool hold = false, std::uint64_t flipped = 0) {
    bench->next_i = hold ? Word() : next;
    bench->free_i = free;
    bench->load_i = !hold;
    bench.Cycle();
    bench->value_i = value = next ^ flipped;
    bench.Dut().eval();
  }

  Random random{kSeed};
  Bench<Vep_guard> bench{kSeed};
  std::uint64_t value = 0;
};

// Each flip-flop alone, held and changing ones: told at once, for one cycle.
TEST_F(GuardTb, EachFlipFlopThatChangesByItselfIsAnUpset) {
  for (int round = 0; round < 20; ++round) {
    for (int bit = 0; bit < kWidth; ++bit) {
      const bool hold = round % 2 == 0, hold_then = round % 4 < 2;
      Step(hold ? value : Word(), false, hold, 1ULL << bit);
      ASSERT_EQ(bench->upset_o, 1) << bit;
      Step(hold_then ? value : Word(), false, hold_then);
      ASSERT_EQ(bench->upset_o, 0) << bit;
    }
  }
}

TEST_F(GuardTb, WhatIsGivenIsNoUpset) {
  for (int i = 0; i < 20000; ++i) {
    const bool free = random.Percent(20), hold = random.Percent(30);
    // What comes of a free edge is not known before it.
    Step(hold ? value : Word(), free, hold, free ? Word() : 0);
    ASSERT_EQ(bench->upset_o, 0) << "seed " << kSeed << " cycle " << i;
  }
}

// Odd numbers of flip-flops are seen, even ones are not: one parity bit.
TEST_F(GuardTb, OddNumbersOfFlipFlopsAreSeen) {
  for (int i = 0; i < 5000; ++i) {
    const std::uint64_t flipped = Word();
    Step(Word(), false, false, flipped);
    ASSERT_EQ(bench->upset_o, std::popcount(flipped) % 2) << "seed " << kSeed << " cycle " << i;
    Step(value, false, true);
    ASSERT_EQ(bench->upset_o, 0) << "seed " << kSeed << " cycle " << i;
  }
}

// Whatever the flip-flops are reset to.
TEST_F(GuardTb, ResetIsNoUpset) {
  for (int i = 0; i < 200; ++i) {
    bench.Reset();
    bench->value_i = value = Word();
    for (int cycle = 0; cycle < 4; ++cycle) {
      Step(value, false, cycle % 2 == 0);
      ASSERT_EQ(bench->upset_o, 0) << i;
    }
  }
}

}  // namespace
}  // namespace ep::tb
