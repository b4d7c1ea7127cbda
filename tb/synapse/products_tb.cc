// SPDX-License-Identifier: Apache-2.0
//
// ep_products against model/synapse/products.h and learn.h: 16 lanes of 8 bits with 4 multipliers,
// 8 lanes of 5 bits with 2.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "Vep_products.h"
#include "Vep_products_two.h"
#include "model/common/dither.h"
#include "model/synapse/learn.h"
#include "model/synapse/picker.h"
#include "model/synapse/products.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 41;

struct FourMultipliers {
  static constexpr char kName[] = "FourMultipliers";
  using Top = Vep_products;
  static constexpr int kLanes = 16, kLaneBits = 4, kMultipliers = 4, kWeightBits = 8;
};
struct TwoMultipliers {
  static constexpr char kName[] = "TwoMultipliers";
  using Top = Vep_products_two;
  static constexpr int kLanes = 8, kLaneBits = 3, kMultipliers = 2, kWeightBits = 5;
};

// One row word, or with `end` and nothing picked the bare end of a block.
template <int Lanes>
struct Word {
  bool learn = false, end = false, pick = true;
  model::RowWord word{};
  std::array<std::int16_t, Lanes> delta{};
  std::array<std::uint8_t, Lanes> plus{}, minus{};
  int row_plus = 0, row_minus = 0, shift = 1, tag = 0;
  std::uint32_t random = 0;  // of the row, for stochastic rounding
  model::LaneMask lanes;     // picked ones
};

// What has to come out for one thing sent.
struct Result {
  bool gather = false, step = false, end = false;
  std::int64_t dot = 0;
  std::vector<int> lanes, steps;
  bool last = false;
  int tag = 0;
};

template <typename Config>
class ProductsTb : public ::testing::Test {
 protected:
  static constexpr int kLanes = Config::kLanes, kLaneBits = Config::kLaneBits;
  static constexpr int kMultipliers = Config::kMultipliers, kHalf = kMultipliers / 2;
  static constexpr int kWeightBits = Config::kWeightBits, kDotBits = 18 + kLaneBits;
  using Word = ep::tb::Word<kLanes>;

  ProductsTb() {
    bench->clear_i = bench->send_i = bench->step_ready_i = 0;
    bench->learning_rate_i = 0;
    bench->stochastic_i = 0;
    bench.Reset();
  }

  // Sends a word pick by pick; the end of a block rides with the last pick. Steps take a cycle more
  // than dot products, and no pass has both: what is under way of the other kind goes first.
  void Send(const Word& word) {
    if (word.learn != learning) ASSERT_NO_FATAL_FAILURE(Drain());
    learning = word.learn;
    const model::Products::LearnWord d = products.Learn(
        bench->learning_rate_i, word.row_plus, word.row_minus, word.plus, word.minus, word.lanes);
    model::Picker picker(word.learn ? kHalf : kMultipliers);
    picker.Start(word.lanes);
    int left = word.lanes.Count();
    for (int pick = 0; pick == 0 || left > 0; ++pick) {
      const std::span<const int> taken = picker.Take();
      left -= static_cast<int>(taken.size());
      Result result;
      result.last = left == 0;
      result.tag = word.tag;
      result.end = word.end && result.last;
      result.step = word.pick && word.learn;
      result.gather = word.pick && !word.learn && result.last;
      if (result.gather) result.dot = products.Gather(word.word, word.delta, word.lanes);
      for (const int l : taken) {
        result.lanes.push_back(l);
        const std::uint32_t mine = word.random ^ Dither::OfLane(l);
        result.steps.push_back(
            bench->stochastic_i
                ? model::Learn::Step(d[l], word.shift, Dither::Offset(mine, word.shift))
                : model::Learn::Step(d[l], word.shift));
      }
      while (random.Percent(send_stalls)) {
        bench->send_i = 0;
        Noise();
        ASSERT_NO_FATAL_FAILURE(Cycle());
      }
      Put(word, taken, pick == 0, result);
      bool sent = false;
      while (!sent) {
        bench->step_ready_i = !random.Percent(step_stalls);
        bench.Dut().eval();
        sent = bench->send_ready_o;
        ASSERT_NO_FATAL_FAILURE(Cycle(false));
      }
      results.push_back(result);
      bench->send_i = 0;
    }
  }

  void Noise() {
    bench->send_pick_i = random.Percent(50);
    bench->send_end_i = random.Percent(50);
    SetNoise(bench->pick_weight_i, kMultipliers * kWeightBits, random);
    SetNoise(bench->pick_value_i, kMultipliers * 9, random);
    SetNoise(bench->pick_lane_i, kHalf * kLaneBits, random);
    bench->learn_i = random.Percent(50);
    bench->random_i = random.Bits() & 0x1fffff;
    bench->pick_first_i = random.Percent(50);
    bench->pick_last_i = random.Percent(50);
    bench->row_plus_i = static_cast<std::uint8_t>(random.Bits());
    bench->row_minus_i = static_cast<std::uint8_t>(random.Bits());
  }

  // A slot that is not used has value 0 and any lane.
  void Put(const Word& word, std::span<const int> taken, bool first, const Result& result) {
    Noise();
    bench->send_i = 1;
    bench->send_pick_i = word.pick;
    bench->send_end_i = result.end;
    SetBits(bench->pick_valid_i, 0, kHalf,
            word.learn ? Ones(static_cast<int>(taken.size())) : random.Bits());
    for (int j = 0; j < kMultipliers; ++j) {
      const int slot = word.learn ? j % kHalf : j;
      int value = 0;
      if (slot < static_cast<int>(taken.size())) {
        const int l = taken[slot];
        value = !word.learn ? word.delta[l] : j < kHalf ? word.plus[l] : word.minus[l];
        SetBits(bench->pick_weight_i, j * kWeightBits, kWeightBits,
                static_cast<std::uint64_t>(word.word[l]));
        if (j < kHalf) {
          SetBits(bench->pick_lane_i, j * kLaneBits, kLaneBits, static_cast<std::uint64_t>(l));
        }
      }
      SetBits(bench->pick_value_i, j * 9, 9, static_cast<std::uint64_t>(value));
    }
    bench->pick_first_i = first;
    bench->pick_last_i = result.last;
    bench->learn_i = word.learn;
    bench->row_plus_i = static_cast<std::uint8_t>(word.row_plus);
    bench->row_minus_i = static_cast<std::uint8_t>(word.row_minus);
    bench->learning_shift_i = static_cast<std::uint8_t>(word.shift);
    bench->random_i = word.random & 0x1fffff;
    bench->tag_i = static_cast<std::uint8_t>(word.tag);
  }

  // One cycle: what comes out is what was sent first.
  void Cycle(bool draw = true) {
    if (draw) bench->step_ready_i = !random.Percent(step_stalls);
    bench.Dut().eval();
    const std::string where =
        "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
        " result " + std::to_string(done) + " rate " + std::to_string(bench->learning_rate_i);
    // What has no result has gone by.
    while (!results.empty() && !results.front().gather && !results.front().step &&
           !results.front().end) {
      results.pop_front();
    }
    const Result expected = results.empty() ? Result{} : results.front();
    if (bench->gather_valid_o || bench->end_o) {
      ASSERT_EQ(bench->gather_valid_o, expected.gather) << where;
      ASSERT_EQ(bench->end_o, expected.end) << where;
      if (expected.gather) {
        ASSERT_EQ(GetSigned(bench->gather_dot_o, 0, kDotBits), expected.dot) << where;
        ASSERT_EQ(bench->gather_tag_o, expected.tag) << where;
      }
    }
    if (bench->step_valid_o) {
      ASSERT_TRUE(expected.step) << where;
      ASSERT_NO_FATAL_FAILURE(CheckSteps(expected)) << where;
    }
    // A dot product that leaves in this cycle is all that may be left.
    if (bench->idle_o) {
      ASSERT_LE(results.size(), bench->gather_valid_o ? 1u : 0u) << where << ": results to come";
    }
    ASSERT_EQ(bench->send_ready_o, !bench->step_valid_o || bench->step_ready_i) << where;
    if (bench->gather_valid_o || bench->end_o || (bench->step_valid_o && bench->step_ready_i)) {
      ASSERT_FALSE(results.empty()) << where;
      results.pop_front();
      ++done;
    }
    bench.Cycle();
  }

  // Checked in each cycle that they are there, so they hold while they wait.
  void CheckSteps(const Result& expected) {
    bool any = false;
    for (int j = 0; j < kHalf; ++j) {
      const bool used = j < static_cast<int>(expected.lanes.size());
      ASSERT_EQ(GetBits(bench->step_lanes_o, j, 1), used ? 1u : 0u) << "slot " << j;
      ASSERT_EQ(GetSigned(bench->step_o, j * 9, 9), used ? expected.steps[j] : 0) << "slot " << j;
      if (!used) continue;
      any = any || expected.steps[j] != 0;
      ASSERT_EQ(GetBits(bench->step_lane_o, j * kLaneBits, kLaneBits),
                static_cast<unsigned>(expected.lanes[j]))
          << "slot " << j;
    }
    ASSERT_EQ(bench->step_any_o, any);
    ASSERT_EQ(bench->step_last_o, expected.last);
    ASSERT_EQ(bench->step_tag_o, expected.tag);
  }

  void Drain() {
    for (int i = 0; i < 1000 && !bench->idle_o; ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
    ASSERT_TRUE(bench->idle_o);
    ASSERT_NO_FATAL_FAILURE(Cycle());
    ASSERT_TRUE(results.empty()) << "results are missing";
  }

  // A quarter of the values at the ends of their range.
  Word RandomWord() {
    Word word;
    word.learn = random.Percent(50);
    word.end = !word.learn && random.Percent(30);
    word.pick = !word.end || random.Percent(70);
    word.word = ep::tb::RandomWord(random, kLanes, kWeightBits);
    const auto state = [this] {
      return static_cast<std::uint8_t>(random.Percent(25) ? 255 * random.Below(2)
                                                          : random.Below(256));
    };
    for (int l = 0; l < kLanes; ++l) {
      word.delta[l] = static_cast<std::int16_t>(state() - state());
      word.plus[l] = state();
      word.minus[l] = state();
      if (word.pick && random.Percent(40)) word.lanes.Set(l);
    }
    word.row_plus = state();
    word.row_minus = random.Percent(25) ? word.row_plus : state();
    word.shift = 1 + static_cast<int>(random.Below(21));
    word.tag = static_cast<int>(random.Below(256));
    return word;
  }

  Random random{kSeed};
  Bench<typename Config::Top> bench{kSeed};
  model::Products products{kMultipliers};
  std::deque<Result> results;  // to come
  int send_stalls = 0, step_stalls = 0;
  int done = 0;
  bool learning = false;  // what was sent last
};

using Configs = ::testing::Types<FourMultipliers, TwoMultipliers>;
TYPED_TEST_SUITE(ProductsTb, Configs, ConfigNames);

// All lanes at the largest products of either sign: the dot product reaches its ends, in as many
// picks as there can be.
TYPED_TEST(ProductsTb, LargestDotProductsAreExact) {
  const int low = -(1 << (TestFixture::kWeightBits - 1));
  for (const int weight : {low, low + 1, -low - 1}) {
    for (const int delta : {-255, 255, -1, 0}) {
      typename TestFixture::Word word;
      word.lanes = LowLanes(TestFixture::kLanes);
      word.word.fill(static_cast<std::int8_t>(weight));
      word.delta.fill(static_cast<std::int16_t>(delta));
      ASSERT_NO_FATAL_FAILURE(this->Send(word));
    }
  }
  ASSERT_NO_FATAL_FAILURE(this->Drain());
}

// Each lane alone, the last one too, with a weight that no other lane has.
TYPED_TEST(ProductsTb, GatherTakesTheWeightOfItsLane) {
  typename TestFixture::Word word;
  for (int l = 0; l < TestFixture::kLanes; ++l) word.word[l] = static_cast<std::int8_t>(l - 8);
  for (int l = 0; l < TestFixture::kLanes; ++l) {
    word.lanes = {};
    word.lanes.Set(l);
    word.delta[l] = 1;
    ASSERT_NO_FATAL_FAILURE(this->Send(word));
  }
  ASSERT_NO_FATAL_FAILURE(this->Drain());
}

// Rates and states at their ends with every shift: D is 0, small and its largest of either sign,
// and steps beyond -256 and 255 are cut off.
TYPED_TEST(ProductsTb, EdgeStepsMatchModel) {
  constexpr int kStates[] = {0, 1, 2, 127, 128, 254, 255};
  for (const int rate : {0, 1, 16, 31}) {
    this->bench->learning_rate_i = static_cast<std::uint8_t>(rate);
    for (int shift = 1; shift <= 21; ++shift) {
      for (const int row_plus : kStates) {
        for (const int row_minus : kStates) {
          typename TestFixture::Word word;
          word.learn = true;
          word.shift = shift;
          word.row_plus = row_plus;
          word.row_minus = row_minus;
          word.lanes = LowLanes(7);
          for (int l = 0; l < 7; ++l) {
            word.plus[l] = static_cast<std::uint8_t>(kStates[l]);
            word.minus[l] = static_cast<std::uint8_t>(kStates[(l + row_plus) % 7]);
          }
          ASSERT_NO_FATAL_FAILURE(this->Send(word));
        }
      }
    }
    ASSERT_NO_FATAL_FAILURE(this->Drain());
  }
}

// For every shift: |D| = 2^(k-1) - 1 and 2^(k-1), where the step turns from 0 to 1, and the largest
// |D| of steps 254 to 258, where it is cut off, in both signs. |D| is 255 q + r, or
// 255 (q + 1) - (255 - r), as far as two products of states reach.
TYPED_TEST(ProductsTb, StepRoundsHalfAwayFromZeroAndIsCutOff) {
  this->bench->learning_rate_i = 1;
  for (int shift = 1; shift <= 16; ++shift) {
    const int half = 1 << (shift - 1);
    for (const int size : {0, 1, 254, 255, 256, 257, 258}) {
      const int d = size == 1 ? half : (size << shift) + half - 1;
      const int q = d / 255, r = d % 255;
      if (d > 255 * 255) continue;
      for (const bool negative : {false, true}) {
        typename TestFixture::Word word;
        word.learn = true;
        word.shift = shift;
        word.lanes = LowLanes(1);
        (negative ? word.row_minus : word.row_plus) = r == 0 ? q : q + 1;
        (negative ? word.minus : word.plus)[0] = 255;
        (negative ? word.row_plus : word.row_minus) = r == 0 ? 0 : 255 - r;
        (negative ? word.plus : word.minus)[0] = 1;
        ASSERT_NO_FATAL_FAILURE(this->Send(word));
        ASSERT_EQ(this->results.back().steps[0],
                  negative ? std::max(-256, -size) : std::min(255, size))
            << d << " >> " << shift;
      }
    }
  }
  ASSERT_NO_FATAL_FAILURE(this->Drain());
}

// With every shift, D of 0 to its largest and offsets of 0 to 2^k - 1: what is rounded up is what
// the model rounds up, lane by lane.
TYPED_TEST(ProductsTb, StochasticStepsMatchModel) {
  this->bench->stochastic_i = 1;
  for (const int rate : {1, 31}) {
    this->bench->learning_rate_i = static_cast<std::uint8_t>(rate);
    for (int shift = 1; shift <= 21; ++shift) {
      for (int i = 0; i < 20; ++i) {
        typename TestFixture::Word word = this->RandomWord();
        word.pick = word.learn = true;
        word.end = false;
        word.shift = shift;
        word.random = i == 0 ? 0 : i == 1 ? 0x1fffff : this->random.Bits() & 0x1fffff;
        ASSERT_NO_FATAL_FAILURE(this->Send(word));
      }
    }
    ASSERT_NO_FATAL_FAILURE(this->Drain());
  }
}

// One pick a cycle, a dot product three cycles later, a step four.
TYPED_TEST(ProductsTb, ResultsComeThreeOrFourCyclesLater) {
  this->bench->learning_rate_i = 3;
  for (const int latency : {3, 4}) {
    ASSERT_NO_FATAL_FAILURE(this->Drain());
    this->learning = latency == 4;
    const std::uint64_t start = this->bench.CycleCount();
    for (int i = 0; i < 20; ++i) {
      typename TestFixture::Word word = this->RandomWord();
      word.lanes = LowLanes(1);
      word.pick = true;
      word.end = false;
      word.learn = this->learning;
      ASSERT_NO_FATAL_FAILURE(this->Send(word));
      ASSERT_LE(this->results.size(), static_cast<std::size_t>(latency));
      ASSERT_EQ(this->bench.CycleCount() - start, static_cast<std::uint64_t>(i) + 1);
    }
    for (int i = 0; i < latency; ++i) ASSERT_NO_FATAL_FAILURE(this->Cycle());
    EXPECT_TRUE(this->results.empty());
  }
  EXPECT_EQ(this->done, 40);
}

// Gathers and learning words with 0 to all lanes, ends of blocks alone and behind the last pick,
// one result after the other, while ep_learn takes its steps in 10 to 100 % of the cycles.
TYPED_TEST(ProductsTb, RandomWordsWithStallsMatchModel) {
  for (int round = 0; round < 60; ++round) {
    this->send_stalls = static_cast<int>(this->random.Below(4)) * 30;
    this->step_stalls = static_cast<int>(this->random.Below(4)) * 30;
    this->bench->learning_rate_i = static_cast<std::uint8_t>(this->random.Below(32));
    for (int i = 0; i < 50; ++i) {
      typename TestFixture::Word word = this->RandomWord();
      if (word.learn != this->learning && this->random.Percent(80)) continue;
      ASSERT_NO_FATAL_FAILURE(this->Send(word));
    }
    ASSERT_NO_FATAL_FAILURE(this->Drain());
  }
}

// A clear and a reset with a step that waits and a pick behind it, and with a gather and its end
// on their way.
TYPED_TEST(ProductsTb, ClearAndResetDropWhatIsUnderWay) {
  for (int i = 0; i < 8; ++i) {
    typename TestFixture::Word word;
    word.learn = i % 2 == 0;
    word.end = !word.learn;
    word.lanes = LowLanes(1);
    this->step_stalls = 0;
    ASSERT_NO_FATAL_FAILURE(this->Send(word));
    this->step_stalls = 100;
    for (int cycle = 0; cycle < i / 2 % 2 * 3; ++cycle) ASSERT_NO_FATAL_FAILURE(this->Cycle());
    this->bench->send_i = 1;  // what comes with the clear is dropped too
    if (i < 4) {
      this->bench->clear_i = 1;
      this->bench.Cycle();
      this->bench->clear_i = 0;
    } else {
      this->bench.Reset();
    }
    this->bench->send_i = 0;
    this->results.clear();
    this->bench.Dut().eval();
    ASSERT_EQ(this->bench->idle_o, 1);
    for (int cycle = 0; cycle < 4; ++cycle) ASSERT_NO_FATAL_FAILURE(this->Cycle());
    ASSERT_EQ(this->bench->gather_valid_o | this->bench->end_o | this->bench->step_valid_o, 0);
  }
}

}  // namespace
}  // namespace ep::tb
