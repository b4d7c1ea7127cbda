// SPDX-License-Identifier: Apache-2.0
//
// ep_state_memory against model/neuron/state_memory.h. What the RTL does not promise is not looked
// at: saved states, and flags from them, of groups that were not saved in this sample.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "Vep_state_memory.h"
#include "model/neuron/state_memory.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr int kLanes = 8, kNeuronLanes = 2, kStates = 48;
constexpr int kBlocks = kStates / kLanes, kGroups = kStates / kNeuronLanes;
constexpr int kGroupsPerBlock = kLanes / kNeuronLanes;
constexpr std::uint32_t kSeed = 25;
// group_op_e
constexpr int kAdd = 0, kSwap = 1, kRead = 2;

class StateMemoryTb : public ::testing::Test {
 protected:
  using States = std::array<std::uint8_t, kNeuronLanes>;

  StateMemoryTb() {
    bench->clear_i = bench->valid_i = bench->block_done_i = 0;
    bench.Reset();
  }

  std::string Where(const char* what, int index) {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) + ": " +
           what + " " + std::to_string(index);
  }
  States RandomStates(int group) {
    States states{};
    for (int j = 0; j < kNeuronLanes; ++j) {
      const int kept = model.State(group * kNeuronLanes + j);
      states[j] = static_cast<std::uint8_t>(random.Percent(40)   ? kept
                                            : random.Percent(20) ? random.Below(2) * 255
                                                                 : random.Bits());
    }
    return states;
  }

  void Clear() {
    bench->clear_i = 1;
    Idle();
    bench->clear_i = 0;
    model.Clear();
    saved.fill(false);
  }
  void Idle() {
    bench->valid_i = 0;
    bench->update_i = random.Percent(50);
    bench->save_i = random.Percent(50);
    bench->op_i = random.Below(3);
    bench->group_i = random.Below(kGroups);
    bench.Cycle();
  }
  // One group; returns when it is written, checks the states on the way. The ports hold noise where
  // they are not looked at.
  void Visit(int op, int group, const States& states, bool update, bool save) {
    bench->valid_i = 1;
    bench->op_i = op;
    bench->group_i = group;
    bench->update_i = update;
    bench->save_i = save;
    SetNoise(bench->state_i, 8 * kNeuronLanes, random);
    bench.Cycle();
    Others(group);
    bench.Dut().eval();
    for (int j = 0; j < kNeuronLanes; ++j) {
      ASSERT_EQ(GetBits(bench->state_o, 8 * j, 8),
                static_cast<std::uint64_t>(model.State(group * kNeuronLanes + j)))
          << Where("state of group", group);
    }
    bench.Cycle();
    Others(group);
    for (int j = 0; j < kNeuronLanes; ++j) SetBits(bench->state_i, 8 * j, 8, states[j]);
    bench.Dut().eval();
    ASSERT_EQ(bench->group_o, group) << Where("group", group);
    bench.Cycle();
    if (op == kSwap) {
      model.Swap(group);
    } else if (op == kAdd && update) {
      model.Update(group, states, save);
      if (save) saved[group] = true;
    } else if (op == kAdd) {
      model.Drop(group);
    }
  }
  void Others(int group) {
    bench->valid_i = 0;
    bench->update_i = random.Percent(50);
    bench->op_i = random.Below(3);
    bench->group_i = (group + 1) % kGroups;
  }
  void EndBlock(int block) {
    bench->block_done_i = 1;
    bench->block_i = block;
    Idle();
    bench->block_done_i = 0;
    for (int g = 0; g < kGroupsPerBlock; ++g) model.Drop(block * kGroupsPerBlock + g);
  }

  bool Saved(int block) const {
    for (int g = 0; g < kGroupsPerBlock; ++g) {
      if (!saved[block * kGroupsPerBlock + g]) return false;
    }
    return true;
  }

  // Every flag and operand of a block and of its rows.
  void ExpectBlock(int block) {
    bench->flags_block_i = bench->learn_block_i = bench->lanes_block_i = block;
    bench->lanes_gather_i = bench->lanes_learn_i = 1;
    bench->row_read_i = 1;
    const model::LaneMask changed = model.ChangedLanes(block);
    for (int l = 0; l < kLanes; ++l) {
      const int neuron = block * kLanes + l;
      bench->row_i = neuron;
      bench.Dut().eval();
      ASSERT_EQ(GetBits(bench->block_changed_o, block, 1), changed.Any()) << Where("block", block);
      ASSERT_EQ(bench->row_changed_o, changed.Test(l)) << Where("neuron", neuron);
      ASSERT_EQ(GetBits(bench->lanes_changed_o, l, 1), changed.Test(l)) << Where("neuron", neuron);
      // The walker looks at the flags of blocks that have one.
      if (changed.Any()) {
        ASSERT_EQ(GetBits(bench->flags_o, l, 1), changed.Test(l)) << Where("neuron", neuron);
      }
      if (changed.Test(l)) {
        ASSERT_EQ(GetSigned(bench->row_delta_o, 0, 9), model.Delta(neuron))
            << Where("neuron", neuron);
        ASSERT_EQ(GetSigned(bench->lanes_delta_o, 9 * l, 9), model.Delta(neuron))
            << Where("neuron", neuron);
      }
      if (!saved[neuron / kNeuronLanes]) continue;
      ASSERT_EQ(bench->row_plus_o, model.Saved(neuron)) << Where("neuron", neuron);
      ASSERT_EQ(bench->row_minus_o, model.State(neuron)) << Where("neuron", neuron);
      ASSERT_EQ(GetBits(bench->lanes_plus_o, 8 * l, 8),
                static_cast<std::uint64_t>(model.Saved(neuron)));
      ASSERT_EQ(GetBits(bench->lanes_minus_o, 8 * l, 8),
                static_cast<std::uint64_t>(model.State(neuron)));
    }
    if (Saved(block)) {
      ASSERT_EQ(bench->learn_differs_o, model.DifferingLanes(block).Any()) << Where("block", block);
      ASSERT_EQ(bench->learn_nonzero_o, model.ActiveLanes(block).Any()) << Where("block", block);
    }
  }
  void ExpectAll() {
    for (int block = 0; block < kBlocks; ++block) ExpectBlock(block);
  }

  Random random{kSeed};
  Bench<Vep_state_memory> bench{kSeed};
  model::StateMemory model{kBlocks, kLanes, kNeuronLanes};
  std::array<bool, kGroups> saved{};
};

// One group of all differs, is not zero: its block is to learn, and no other.
TEST_F(StateMemoryTb, EachGroupAloneMarksItsBlock) {
  for (int alone = 0; alone < kGroups; ++alone) {
    for (const bool differs : {true, false}) {
      for (int group = 0; group < kGroups; ++group) {
        const std::uint8_t state = group == alone ? 7 : 0;
        Visit(kAdd, group, {0, differs ? std::uint8_t{0} : state}, true, true);
        Visit(kAdd, group, {0, state}, true, false);
      }
      ExpectAll();
      if (HasFatalFailure()) return;
    }
  }
}

TEST_F(StateMemoryTb, ReadsZeroAfterResetAndClear) {
  ExpectAll();
  for (int group = 0; group < kGroups; ++group) Visit(kAdd, group, {255, 1}, true, false);
  Clear();
  ExpectAll();
  for (int group = 0; group < kGroups; ++group) Visit(kRead, group, {9, 9}, true, true);
  ExpectAll();
}

// From 0 to 255 and back, and no change: the deltas' ends.
TEST_F(StateMemoryTb, DeltasReachBothEnds) {
  Visit(kAdd, 5, {255, 0}, true, true);
  ExpectAll();
  Visit(kAdd, 5, {0, 255}, true, false);
  ExpectAll();
  Visit(kAdd, 5, {0, 255}, true, false);
  ExpectAll();
}

// The states of minus begin as the free ones; what the sums contain stays what it was.
TEST_F(StateMemoryTb, SwapKeepsWhatTheSumsContain) {
  Visit(kAdd, 3, {100, 7}, true, false);
  Visit(kAdd, 3, {90, 7}, true, true);
  Visit(kAdd, 3, {80, 9}, true, false);
  ExpectAll();
  Visit(kSwap, 3, {1, 2}, false, false);
  ExpectAll();
  EXPECT_EQ(model.State(6), 100);
  Visit(kAdd, 3, {80, 9}, true, false);
  ExpectAll();
}

TEST_F(StateMemoryTb, PendingDeltasEndWithGroupOrBlock) {
  for (int group = 4; group < 8; ++group) Visit(kAdd, group, {1, 2}, true, false);
  ExpectAll();
  Visit(kAdd, 5, {3, 3}, false, false);
  ExpectAll();
  EndBlock(1);
  ExpectAll();
}

// A read of the operands that nobody asked for gives 0.
TEST_F(StateMemoryTb, OperandsAreZeroWhenIdle) {
  Visit(kAdd, 0, {200, 100}, true, true);
  bench->row_read_i = bench->lanes_gather_i = bench->lanes_learn_i = 0;
  bench->row_i = bench->lanes_block_i = 0;
  bench.Dut().eval();
  EXPECT_EQ(bench->row_changed_o + bench->row_plus_o + bench->row_minus_o + bench->row_delta_o, 0);
  for (int l = 0; l < kLanes; ++l) {
    EXPECT_EQ(GetBits(bench->lanes_delta_o, 9 * l, 9), 0U);
    EXPECT_EQ(GetBits(bench->lanes_plus_o, 8 * l, 8), 0U);
    EXPECT_EQ(GetBits(bench->lanes_minus_o, 8 * l, 8), 0U);
  }
}

// Samples as the machine makes them and in between anything that the ports allow: updates with and
// without saving, groups passed by, ends of blocks, readouts, swaps of saved groups, gaps; a new
// sample or a reset at any time.
TEST_F(StateMemoryTb, RandomAccessesMatchModel) {
  for (int i = 0; i < 20000 && !HasFatalFailure(); ++i) {
    const int group = static_cast<int>(random.Below(kGroups));
    const std::uint32_t kind = random.Below(100);
    if (kind < 50) {
      Visit(kAdd, group, RandomStates(group), true, random.Percent(30));
    } else if (kind < 60) {
      Visit(kAdd, group, RandomStates(group), false, random.Percent(30));
    } else if (kind < 70) {
      Visit(kRead, group, RandomStates(group), random.Percent(50), random.Percent(50));
    } else if (kind < 85) {
      if (saved[group]) Visit(kSwap, group, RandomStates(group), random.Percent(50), false);
    } else if (kind < 93) {
      EndBlock(static_cast<int>(random.Below(kBlocks)));
    } else if (kind < 98) {
      Idle();
    } else if (random.Percent(30)) {
      Clear();
    } else if (random.Percent(10)) {
      bench.Reset();
      model.Clear();
      saved.fill(false);
    }
    ExpectBlock(static_cast<int>(random.Below(kBlocks)));
    if (i % 50 == 0) ExpectAll();
  }
}

// The plus phase's first sweep saves every group at once, as the machine does.
TEST_F(StateMemoryTb, WholeSamplesMatchModel) {
  for (int sample = 0; sample < 60 && !HasFatalFailure(); ++sample) {
    Clear();
    const auto sweep = [&](bool all, bool save) {
      for (int group = 0; group < kGroups; ++group) {
        Visit(kAdd, group, RandomStates(group), all || random.Percent(50), save);
      }
      ExpectAll();
    };
    for (int i = 0; i < 3; ++i) sweep(false, false);
    sweep(true, true);
    sweep(false, false);
    for (int group = 0; group < kGroups; ++group) Visit(kSwap, group, {}, false, false);
    ExpectAll();
    sweep(true, false);
    sweep(false, false);
  }
}

}  // namespace
}  // namespace ep::tb
