// SPDX-License-Identifier: Apache-2.0
//
// ep_row_adder against model/synapse/row_adder.h: 8 lanes that leave in pairs, and 8 lanes that
// leave at once.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <string>

#include "Vep_row_adder.h"
#include "Vep_row_adder_one.h"
#include "model/synapse/row_adder.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 31;
constexpr int kLanes = 8;

struct FourGroups {
  static constexpr char kName[] = "FourGroups";
  using Top = Vep_row_adder;
  static constexpr int kNeuronLanes = 2, kWeightBits = 8, kAccBits = 27;
};
struct OneGroup {
  static constexpr char kName[] = "OneGroup";
  using Top = Vep_row_adder_one;
  static constexpr int kNeuronLanes = 8, kWeightBits = 5, kAccBits = 20;
};

// A block that was handed over.
struct Block {
  model::Accumulators acc{};
  bool written = false, skip = false;
  int lanes = kLanes, tag = 0;
};

template <typename Config>
class RowAdderTb : public ::testing::Test {
 protected:
  static constexpr int kNeuronLanes = Config::kNeuronLanes, kAccBits = Config::kAccBits;
  static constexpr int kWeightBits = Config::kWeightBits;
  static constexpr int kLow = -(1 << (kWeightBits - 1)), kHigh = -kLow - 1;

  RowAdderTb() {
    bench->clear_i = bench->add_i = bench->hand_i = bench->leave_i = 0;
    bench->group_ready_i = bench->group_skip_i = 0;
    bench.Reset();
  }

  struct Action {
    bool add = false, hand = false, now = true, leave = false, ready = true, skip = false;
    model::RowWord word{};
    int shift = 0, lanes = kLanes, tag = 0;
    bool negative = false;
  };

  // One cycle. A hand-over that is not allowed in it does not happen, nor does a leave.
  void Cycle(Action action) {
    bench->group_ready_i = action.ready;
    // Only with the first group the block can be dropped.
    const bool first = held && index == 0;
    bench->group_skip_i = first ? held_block.skip : random.Percent(50);
    bench->add_i = action.add;
    SetWord(bench->word_i, action.word, kLanes, kWeightBits);
    bench->shift_i = static_cast<std::uint8_t>(action.shift);
    bench->negative_i = action.negative;
    bench->hand_tag_i = static_cast<std::uint8_t>(action.tag);
    bench->hand_lanes_i = static_cast<std::uint8_t>(Ones(action.lanes));
    bench->hand_now_i = action.now;
    bench->leave_i = action.leave && held && !go;
    bench->hand_i = 0;
    bench.Dut().eval();
    ASSERT_NO_FATAL_FAILURE(CheckGroup());
    const bool taken = held && go && action.ready;
    const bool gone = taken && (held_block.skip || (index + 1) * kNeuronLanes >= held_block.lanes);
    ASSERT_EQ(bench->hand_ready_o, !held || gone) << Where();
    ASSERT_EQ(bench->idle_o, !held) << Where();
    action.hand = action.hand && bench->hand_ready_o;
    bench->hand_i = action.hand;
    bench.Cycle();

    if (action.leave && held) go = true;
    if (taken) ++index;
    if (gone) held = false;
    if (action.add) adder.Add(action.word, action.shift, action.negative);
    if (action.hand) {
      held_block = {adder.accumulators(), adder.written(), action.skip, action.lanes, action.tag};
      adder.Clear();
      held = true;
      go = action.now;
      index = 0;
      ++blocks;
    }
  }

  std::string Where() {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
           " block " + std::to_string(blocks) + " of " + std::to_string(held_block.lanes) +
           " lanes, group " + std::to_string(index);
  }

  // The group that is there; it stays until it is taken since this is so in every cycle.
  void CheckGroup() {
    ASSERT_EQ(bench->group_valid_o, held && go) << Where();
    if (!held || !go) return;
    ASSERT_EQ(bench->group_first_o, index == 0) << Where();
    ASSERT_EQ(bench->group_index_o, index) << Where();
    ASSERT_EQ(bench->group_tag_o, held_block.tag) << Where();
    ASSERT_EQ(bench->group_add_o, held_block.written) << Where();
    for (int i = 0; i < kNeuronLanes; ++i) {
      const int l = index * kNeuronLanes + i;
      ASSERT_EQ(GetBits(bench->group_lanes_o, i, 1), l < held_block.lanes ? 1u : 0u) << Where();
      if (held_block.written) {
        ASSERT_EQ(GetSigned(bench->group_acc_o, i * kAccBits, kAccBits), held_block.acc[l])
            << Where() << " lane " << l;
      }
    }
  }

  Action Add(int weight, int shift, bool negative) {
    Action action;
    action.add = true;
    action.word.fill(static_cast<std::int8_t>(weight));
    action.shift = shift;
    action.negative = negative;
    return action;
  }

  void HandOverAndLeave(int cycles) {
    Action hand;
    hand.hand = true;
    Cycle(hand);
    for (int i = 0; i < cycles && !this->HasFatalFailure(); ++i) Cycle({});
  }

  Random random{kSeed};
  Bench<typename Config::Top> bench{kSeed};
  model::RowAdder adder{kLanes};
  bool held = false, go = false;  // the second rank holds a block; it may leave
  Block held_block;
  int index = 0;   // its present group
  int blocks = 0;  // handed over so far
};

using Configs = ::testing::Types<FourGroups, OneGroup>;
TYPED_TEST_SUITE(RowAdderTb, Configs, ConfigNames);

// Each end of the weights, -1, 0 and 1 at each shift with both signs, one digit a block: the
// largest term of either sign is among them.
TYPED_TEST(RowAdderTb, EdgeWeightsMatchModel) {
  for (const int weight :
       {TestFixture::kLow, TestFixture::kLow + 1, -1, 0, 1, TestFixture::kHigh}) {
    for (int shift = 0; shift <= 8; ++shift) {
      for (const bool negative : {false, true}) {
        this->Cycle(this->Add(weight, shift, negative));
        this->HandOverAndLeave(4);
        if (this->HasFatalFailure()) return;
      }
    }
  }
}

// As many largest terms of one sign as the accumulator holds, then their opposite: the accumulator
// reaches both ends of its range and comes back through zero without wrapping.
TYPED_TEST(RowAdderTb, AccumulatorHoldsItsWholeRange) {
  const int terms = (1 << (TestFixture::kAccBits - 1)) / (-TestFixture::kLow << 8);
  for (const bool negative : {false, true}) {
    for (int i = 0; i < terms - negative; ++i) {
      this->Cycle(this->Add(TestFixture::kLow, 8, negative));
    }
    this->HandOverAndLeave(4);
    for (int i = 0; i < terms - 1; ++i) this->Cycle(this->Add(TestFixture::kLow, 8, negative));
    for (int i = 0; i < terms; ++i) this->Cycle(this->Add(TestFixture::kLow, 8, !negative));
    this->HandOverAndLeave(4);
    if (this->HasFatalFailure()) return;
  }
}

// The last digit comes with the hand-over; the next block starts from zero with a digit in the
// cycle after, while the first block leaves.
TYPED_TEST(RowAdderTb, BlocksFollowWithoutAGap) {
  for (int block = 0; block < 20; ++block) {
    for (int i = 0; i < kLanes / TestFixture::kNeuronLanes; ++i) {
      auto action = this->Add(block + i - 8, block % 9, block % 2 == 1);
      action.hand = (i + 1) * TestFixture::kNeuronLanes == kLanes;
      action.tag = block;
      this->Cycle(action);
      if (this->HasFatalFailure()) return;
    }
    ASSERT_EQ(this->blocks, block + 1) << "a hand-over had to wait";
  }
}

// A block to which nothing was added says so, whatever was added to the block before.
TYPED_TEST(RowAdderTb, EmptyBlockHasNothingToAdd) {
  this->Cycle(this->Add(1, 0, false));
  this->HandOverAndLeave(4);
  ASSERT_FALSE(this->HasFatalFailure());
  typename TestFixture::Action hand;
  hand.hand = true;
  this->Cycle(hand);
  EXPECT_EQ(this->bench->group_valid_o, 1);
  EXPECT_EQ(this->bench->group_add_o, 0);
}

// Populations that end in each lane: groups without a lane of the population do not come.
TYPED_TEST(RowAdderTb, LastGroupHoldsTheLastLane) {
  for (int lanes = 1; lanes <= kLanes; ++lanes) {
    auto action = this->Add(lanes, 3, false);
    action.hand = true;
    action.lanes = lanes;
    this->Cycle(action);
    for (int i = 0; i < kLanes && this->held; ++i) this->Cycle({});
    ASSERT_FALSE(this->HasFatalFailure());
    ASSERT_FALSE(this->held);
  }
}

TYPED_TEST(RowAdderTb, BlockWaitsForLeave) {
  auto action = this->Add(1, 0, false);
  action.hand = true;
  action.now = false;
  this->Cycle(action);
  for (int i = 0; i < 10; ++i) this->Cycle(this->Add(1, i % 9, false));
  ASSERT_TRUE(this->held && this->index == 0);
  typename TestFixture::Action leave;
  leave.leave = true;
  this->Cycle(leave);
  for (int i = 0; i < 4; ++i) this->Cycle({});
  EXPECT_FALSE(this->held);
}

// Short and long blocks, half of them to leave later, a quarter dropped, partly empty ones; the
// next room takes a group in 10 to 100 % of the cycles. Adds go on meanwhile, up to what the
// accumulator can hold.
TYPED_TEST(RowAdderTb, RandomBlocksWithStallsMatchModel) {
  const int limit = (1 << (TestFixture::kAccBits - 1)) / (-TestFixture::kLow << 8) - 1;
  int adds = 0;
  for (int cycle = 0; cycle < 20000; ++cycle) {
    const int busy = 10 + 30 * (cycle / 1000 % 4);
    typename TestFixture::Action action;
    action.add = adds < limit && this->random.Percent(80);
    action.word = RandomWord(this->random, kLanes, TestFixture::kWeightBits);
    action.shift = static_cast<int>(this->random.Below(9));
    action.negative = this->random.Percent(50);
    action.hand = this->random.Percent(cycle / 4000 % 2 == 0 ? 30 : 3);
    action.now = this->random.Percent(50);
    action.leave = this->random.Percent(20);
    action.ready = this->random.Percent(busy);
    action.skip = this->random.Percent(25);
    action.lanes = this->random.Percent(50) ? kLanes : 1 + static_cast<int>(this->random.Below(8));
    action.tag = static_cast<int>(this->random.Below(256));
    const int before = this->blocks;
    this->Cycle(action);
    if (this->HasFatalFailure()) return;
    adds = this->blocks != before ? 0 : adds + action.add;
  }
  EXPECT_GT(this->blocks, 500);
}

// A clear and a reset while a block is summed, while one waits, and while one leaves.
TYPED_TEST(RowAdderTb, ClearAndResetDropBothRanks) {
  for (int i = 0; i < 8; ++i) {
    auto action = this->Add(5, 2, false);
    action.hand = true;
    action.now = i % 2 == 0;
    action.ready = false;
    if (i % 4 < 2) this->Cycle(action);
    this->Cycle(this->Add(7, 1, true));
    this->bench->hand_i = this->bench->leave_i = this->bench->add_i = 0;
    if (i < 4) {
      this->bench->clear_i = 1;
      this->bench.Cycle();
      this->bench->clear_i = 0;
    } else {
      this->bench.Reset();
    }
    this->held = false;
    this->adder.Clear();
    ASSERT_EQ(this->bench->group_valid_o, 0);
    this->Cycle(this->Add(i, 0, false));
    this->HandOverAndLeave(4);
    if (this->HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace ep::tb
