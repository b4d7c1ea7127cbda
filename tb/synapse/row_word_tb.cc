// SPDX-License-Identifier: Apache-2.0
//
// ep_row_word between a stream of row words and stalling users. It has no model class: the digits
// of a word must add up to its multiplicand, each pick must be sent once, the end of a block once.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>

#include "Vep_row_word.h"
#include "model/synapse/digits.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 21;

struct Word {
  bool scatter = false, negative = false, end = false;
  int magnitude = 0;
  int picks = 0;  // 0: nothing to pick; a word with nothing marked has one, which is empty
};

std::string Text(const Word& word) {
  return "scatter " + std::to_string(word.scatter) + " multiplicand " +
         std::to_string(word.negative ? -word.magnitude : word.magnitude) + " picks " +
         std::to_string(word.picks) + " end " + std::to_string(word.end);
}

class RowWordTb : public ::testing::Test {
 protected:
  RowWordTb() {
    bench->valid_i = 0;
    bench->next_i = 0;
    bench->clear_i = 0;
    bench.Reset();
  }

  // One cycle: the users' side is drawn, the word side follows from ready_o, as in ep_sense.
  void Cycle() {
    const bool valid = there;
    bench->valid_i = valid;
    bench->end_i = valid ? word.end : random.Percent(50);
    bench->hand_ready_i = !random.Percent(hand_stalls);
    bench->send_ready_i = !random.Percent(send_stalls);
    bench->products_idle_i = random.Percent(products_idle);
    // The picker knows only the word that is there.
    bench->pick_last_i = valid && word.picks > 0 ? picks + 1 == word.picks : random.Percent(50);
    bench->next_i = 0;
    bench.Dut().eval();
    const bool released = valid && bench->ready_o;
    const bool next = !words.empty() && (!valid || released) && !random.Percent(word_stalls);
    const Word coming = next ? words.front() : Word{};
    bench->next_i = next;
    const model::Digits digits(next ? coming.magnitude : static_cast<int>(random.Below(256)));
    bench->next_scatter_i = next ? coming.scatter : random.Percent(50);
    bench->next_pick_i = next ? coming.picks > 0 : random.Percent(50);
    bench->next_negative_i = next ? coming.negative : random.Percent(50);
    bench->next_plus_i = digits.positive;
    bench->next_minus_i = digits.negative;
    bench.Dut().eval();
    Check(valid, released);
    bench.Cycle();
    ++age;
    if (released) ++done;
    if (released) there = false;
    if (next) {
      words.pop_front();
      word = coming;
      there = true;
      sum = adds = picks = age = 0;
    }
  }

  void Check(bool valid, bool released) {
    const std::string where = "seed " + std::to_string(kSeed) + " cycle " +
                              std::to_string(bench.CycleCount()) + " word " + std::to_string(done) +
                              " " + Text(word);
    if (!valid) {
      ASSERT_EQ(bench->add_o | bench->hand_o | bench->send_o | bench->pick_take_o | bench->extra_o,
                0)
          << where << ": no word is there";
      return;
    }
    if (bench->add_o) {
      sum += (bench->negative_o ? -1 : 1) * (1 << bench->shift_o);
      ASSERT_EQ(bench->extra_o, adds > 0) << where << ": each digit beyond the first";
      ASSERT_EQ(adds++, age) << where << ": a digit a cycle, from the first on";
    } else {
      ASSERT_EQ(bench->extra_o, 0) << where;
    }
    // A pick is offered until it is taken.
    ASSERT_EQ(bench->send_pick_o, picks < word.picks) << where;
    const bool sent = bench->send_o && bench->send_ready_i;
    if (sent && bench->send_pick_o) ++picks;
    ASSERT_EQ(bench->pick_take_o, sent && bench->send_pick_o) << where;
    ASSERT_EQ(bench->send_o, bench->send_pick_o || bench->send_end_o) << where;
    ASSERT_EQ(bench->hand_o, released && word.end) << where << ": the end of a block, once";
    if (bench->hand_o) {
      ASSERT_TRUE(bench->hand_ready_i) << where;
      // The block leaves at once, or its end goes the way of the picks.
      ASSERT_EQ(bench->hand_now_o, bench->products_idle_i && !bench->send_pick_o) << where;
      ASSERT_EQ(bench->send_end_o, !bench->hand_now_o) << where;
      ASSERT_TRUE(!bench->send_end_o || sent) << where;
    } else {
      ASSERT_EQ(bench->send_end_o, 0) << where;
    }
    if (released) {
      const int multiplicand = word.negative ? -word.magnitude : word.magnitude;
      const int digits = word.scatter ? model::Digits(word.magnitude).Count() : 0;
      ASSERT_EQ(sum, word.scatter ? multiplicand : 0) << where;
      ASSERT_EQ(adds, digits) << where;
      ASSERT_EQ(picks, word.picks) << where;
      if (!stalled && hand_stalls + send_stalls == 0) {
        ASSERT_EQ(age + 1, std::max({digits, word.picks, 1})) << where << ": cycles";
      }
    }
  }

  void RunAll(int limit) {
    for (int i = 0; i < limit && (there || !words.empty()); ++i) {
      Cycle();
      if (HasFatalFailure()) return;
    }
    ASSERT_TRUE(words.empty() && !there) << "seed " << kSeed << ": words are left";
  }

  Word RandomWord() {
    Word random_word;
    random_word.scatter = random.Percent(66);
    random_word.negative = random.Percent(50);
    random_word.end = random.Percent(25);
    random_word.magnitude =
        random.Percent(10) ? 0 : static_cast<int>(random.Bits() & 0xFF) >> random.Below(8);
    random_word.picks = random.Percent(50) ? 0 : static_cast<int>(random.Below(6));
    return random_word;
  }

  Random random{kSeed};
  Bench<Vep_row_word> bench{kSeed};
  std::deque<Word> words;
  int word_stalls = 0, hand_stalls = 0, send_stalls = 0, products_idle = 50;  // percent
  // The word that is there, and what became of it.
  Word word;
  bool there = false;
  int sum = 0, adds = 0, picks = 0, age = 0;
  int done = 0;
  bool stalled = false;  // stalls were switched off while the word was there
};

// All magnitudes with 0 to 6 picks, both signs in turn, with and without the end of a block: each
// word takes max(digits, picks, 1) cycles, and the next one follows at once.
TEST_F(RowWordTb, EveryWordTakesDigitsOrPicks) {
  int cycles = 0;
  for (int magnitude = 0; magnitude < 256; ++magnitude) {
    for (int word_picks = 0; word_picks <= 6; ++word_picks) {
      for (const bool end : {false, true}) {
        words.push_back({true, (magnitude + word_picks) % 2 == 1, end, magnitude, word_picks});
        cycles += std::max({model::Digits(magnitude).Count(), word_picks, 1});
      }
    }
  }
  const std::uint64_t start = bench.CycleCount();
  RunAll(cycles + 10);
  EXPECT_EQ(bench.CycleCount() - start, static_cast<std::uint64_t>(cycles) + 1);
}

// The bare end of a block has neither digits nor picks; a word that is not scattered none either,
// whatever its magnitude.
TEST_F(RowWordTb, WordsWithoutWorkTakeOneCycle) {
  for (int i = 0; i < 100; ++i) words.push_back({false, i % 2 == 1, i % 3 == 0, i, 0});
  const std::uint64_t start = bench.CycleCount();
  RunAll(200);
  EXPECT_EQ(bench.CycleCount() - start, 101u);
}

// The accumulators of the block before are not free: digits go on, the end waits.
TEST_F(RowWordTb, EndWaitsForTheAccumulators) {
  hand_stalls = 100;
  words.push_back({true, false, true, 0x55, 0});
  for (int i = 0; i < 20; ++i) {
    Cycle();
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(adds, 4);
  EXPECT_EQ(sum, 0x55);
  EXPECT_TRUE(there);
  stalled = true;
  hand_stalls = 0;
  Cycle();
  EXPECT_FALSE(there);
}

// With the products blocked no pick and no end passes; digits do.
TEST_F(RowWordTb, PicksWaitForTheProducts) {
  send_stalls = 100;
  words.push_back({true, true, true, 3, 2});
  for (int i = 0; i < 20; ++i) {
    Cycle();
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(sum, -3);
  EXPECT_EQ(picks, 0);
  EXPECT_TRUE(there);
  stalled = true;
  send_stalls = 0;
  RunAll(10);
}

// Stalls of 0 to 90 % on each side, the products idle in 0 to 100 % of the cycles: an end after the
// last pick, with it, and with picks of words before under way. A third of the words have no
// digits, half no picks, a quarter end a block.
TEST_F(RowWordTb, RandomWordsWithStallsKeepTheContract) {
  for (int round = 0; round < 100; ++round) {
    word_stalls = static_cast<int>(random.Below(4)) * 30;
    hand_stalls = static_cast<int>(random.Below(4)) * 30;
    send_stalls = static_cast<int>(random.Below(4)) * 30;
    products_idle = static_cast<int>(random.Below(5)) * 25;
    for (int i = 0; i < 100; ++i) words.push_back(RandomWord());
    RunAll(100000);
    if (HasFatalFailure()) return;
  }
}

// A clear or a reset after 0 to 7 cycles of a word with work for 8: nothing of it is left.
TEST_F(RowWordTb, ClearAndResetDropTheWord) {
  for (int i = 0; i < 16; ++i) {
    words.assign(1, {true, false, true, 0x55, 8});
    for (int cycle = 0; cycle <= i % 8; ++cycle) Cycle();
    if (i < 8) {
      // The word goes with it, as in ep_sense.
      bench->valid_i = 0;
      bench->next_i = 0;
      bench->clear_i = 1;
      bench.Cycle();
      bench->clear_i = 0;
    } else {
      bench.Reset();
    }
    there = false;
    words.clear();
    // A word that comes without its next_i shows what the registers hold.
    bench->valid_i = 1;
    bench->end_i = 0;
    bench.Dut().eval();
    EXPECT_EQ(bench->add_o | bench->send_pick_o, 0) << "after " << i % 8 << " cycles";
    words.push_back({true, true, false, 255, 3});
    RunAll(10);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace ep::tb
