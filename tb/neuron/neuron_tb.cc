// SPDX-License-Identifier: Apache-2.0
//
// ep_neuron against model/neuron/neuron.h: groups of 4 neurons, sums of 32 bits.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string>

#include "Vep_neuron.h"
#include "model/neuron/neuron.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 41;
constexpr int kLanes = 4;
constexpr std::int64_t kSumMax = (std::int64_t{1} << 31) - 1, kSumMin = -kSumMax - 1;

class NeuronTb : public ::testing::Test {
 protected:
  struct Group {
    std::array<std::int64_t, kLanes> sum{};
    std::array<int, kLanes> state{};
    int lanes = 15, gain = 0, shift = 0, label = 0, first = 0;
    bool nudge = false, away = false;
  };

  NeuronTb() {
    bench->clear_i = bench->valid_i = 0;
    bench.Reset();
  }

  // Gives the group to the block, which has it two cycles later; its states come a cycle after its
  // sums, and meanwhile the inputs are those of another group.
  void Drive(const Group& group, bool valid = true, bool update = true) {
    Group other = group;
    for (int j = 0; j < kLanes; ++j) {
      other.sum[j] = static_cast<std::int32_t>(random.Bits());
      other.state[j] = static_cast<int>(random.Below(256));
    }
    Put(other);
    PutSums(group);
    bench->valid_i = valid;
    bench->update_i = update;
    bench.Cycle();
    EXPECT_EQ(bench->idle_o, !valid && !bench->valid_i);
    bench->valid_i = 0;
    Put(group);
    PutSums(other);
    bench->update_i = random.Percent(50);
    bench->lanes_i = random.Bits() & 15u;
    bench->output_i = random.Percent(50);
    bench->first_i = random.Bits() & 255u;
    bench.Cycle();
    EXPECT_EQ(bench->valid_o, valid);
    EXPECT_EQ(bench->idle_o, 1);
  }
  void PutSums(const Group& group) {
    for (int j = 0; j < kLanes; ++j) {
      SetBits(bench->sum_i, j * 32, 32, static_cast<std::uint64_t>(group.sum[j]));
    }
  }
  void Put(const Group& group) {
    for (int j = 0; j < kLanes; ++j) {
      SetBits(bench->state_i, j * 8, 8, static_cast<std::uint64_t>(group.state[j]));
    }
    bench->lanes_i = static_cast<std::uint8_t>(group.lanes);
    bench->gain_max_i = static_cast<std::uint8_t>(group.gain);
    bench->output_i = group.nudge;
    bench->nudged_i = 1;
    bench->away_i = group.away;
    bench->nudge_shift_i = static_cast<std::uint8_t>(group.shift);
    bench->class_i = static_cast<std::uint8_t>(group.label);
    bench->first_i = static_cast<std::uint8_t>(group.first);
  }

  int State(int lane) { return static_cast<int>(GetBits(bench->state_o, lane * 8, 8)); }
  bool Changed(int lane) { return GetBits(bench->changed_o, lane, 1) != 0; }

  // Gives the group to the block and compares each lane with the model.
  void Check(const Group& group) {
    Drive(group);
    const model::Neuron neuron(group.gain, group.shift);
    using Nudge = model::Neuron::Nudge;
    const Nudge nudge = !group.nudge ? Nudge::kNone : group.away ? Nudge::kAway : Nudge::kTowards;
    for (int j = 0; j < kLanes; ++j) {
      const int target = group.first + j == group.label ? 255 : 0;
      const bool used = (group.lanes >> j & 1) != 0;
      const int want = used ? neuron.Next(group.sum[j], nudge, target, group.state[j]) : 0;
      const std::string where =
          "seed " + std::to_string(kSeed) + " lane " + std::to_string(j) + " sum " +
          std::to_string(group.sum[j]) + " state " + std::to_string(group.state[j]) + " G " +
          std::to_string(group.gain) + " b " + std::to_string(group.shift) + " nudge " +
          std::to_string(static_cast<int>(nudge)) + " target " + std::to_string(target);
      ASSERT_EQ(State(j), want) << where;
      ASSERT_EQ(Changed(j), want != group.state[j]) << where;
    }
  }

  Bench<Vep_neuron> bench{kSeed};
  Random random{kSeed};
};

TEST_F(NeuronTb, NothingComesOfAnInvalidGroup) {
  Group group;
  group.sum = {255, 255, 255, 255};
  group.nudge = true;
  Drive(group, false);
  EXPECT_EQ(bench->changed_o, 0u);
  Drive(group);
  EXPECT_EQ(bench->state_o, 0xFFFFFFFFu);
  EXPECT_EQ(bench->changed_o, 15u);
}

// What a readout needs of a group that is not updated.
TEST_F(NeuronTb, GroupWithoutUpdateKeepsItsStates) {
  Group group;
  group.sum = {255, 0, 9, 255};
  group.state = {1, 2, 3, 255};
  group.lanes = 7;
  group.first = 8;
  group.nudge = true;
  Drive(group, true, false);
  for (int j = 0; j < kLanes; ++j) EXPECT_EQ(State(j), group.state[j]);
  EXPECT_EQ(bench->changed_o, 0u);
  EXPECT_EQ(bench->update_o, 0);
  EXPECT_EQ(bench->lanes_o, 7);
  EXPECT_EQ(bench->first_o, 8);
  EXPECT_EQ(bench->output_o, 1);
}

// An output is nudged in a nudged phase alone.
TEST_F(NeuronTb, FreePhaseHasNoNudge) {
  Group group;
  group.sum = {100, 100, 100, 100};
  group.nudge = true;
  group.label = 1;
  Drive(group);
  EXPECT_EQ(State(1), 255);
  for (int cycle = 0; cycle < 2; ++cycle) {
    Put(group);
    PutSums(group);
    bench->update_i = 1;
    bench->nudged_i = 0;
    bench->valid_i = cycle == 0;
    bench.Cycle();
  }
  for (int j = 0; j < kLanes; ++j) EXPECT_EQ(State(j), 100);
}

// A group a cycle, and a clear and a reset that drop what is under way.
TEST_F(NeuronTb, GroupsFollowEachOther) {
  Group group;
  for (int i = 0; i < 20; ++i) {
    group.sum = {i, i + 1, i + 2, i + 3};
    Put(group);
    PutSums(group);
    bench->valid_i = bench->update_i = 1;
    bench.Cycle();
    if (i > 0) EXPECT_EQ(State(0), i - 1);
    EXPECT_EQ(bench->idle_o, 0);
  }
  for (const bool hard : {false, true}) {
    bench->valid_i = 1;
    bench.Cycle(3);
    bench->clear_i = !hard;
    if (hard) bench.Reset();
    if (!hard) bench.Cycle();
    bench->clear_i = bench->valid_i = 0;
    bench.Dut().eval();
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(bench->valid_o, 0);
      EXPECT_EQ(bench->changed_o, 0u);
      EXPECT_EQ(bench->idle_o, 1);
      bench.Cycle();
    }
  }
}

TEST_F(NeuronTb, GainZeroDoesNotRound) {
  Group group;
  group.sum = {0, 1, 254, -1};
  Drive(group);
  EXPECT_EQ(State(0), 0);
  EXPECT_EQ(State(1), 1);
  EXPECT_EQ(State(2), 254);
  EXPECT_EQ(State(3), 0);
  EXPECT_EQ(bench->changed_o, 0b0110u);
}

TEST_F(NeuronTb, HalfIsRoundedUp) {
  Group group;
  group.gain = 15;
  group.sum = {(1 << 14) - 1, 1 << 14, (3 << 14) - 1, 3 << 14};
  Drive(group);
  EXPECT_EQ(State(0), 0);
  EXPECT_EQ(State(1), 1);
  EXPECT_EQ(State(2), 1);
  EXPECT_EQ(State(3), 2);
}

// For each G the sums around every rounding step of 0 and 255, around the inner clamp at -255 and
// 510, and the ends of 32 bits, where the half that is added must not wrap. A full nudge away from
// a state of 255 moves v by 255, so that the inner clamp decides the result.
TEST_F(NeuronTb, EdgesOfEveryGainMatchModel) {
  for (int gain = 0; gain <= 15; ++gain) {
    const std::int64_t one = std::int64_t{1} << gain, half = one / 2;
    for (const std::int64_t v : {-256, -255, -254, -1, 0, 1, 254, 255, 256, 509, 510, 511}) {
      for (int kind = 0; kind < 5; ++kind) {
        Group group;
        group.gain = gain;
        group.sum = {v * one - half - 1, v * one - half, v * one + half - 1, v * one + half};
        group.state = {0, 255, 255, 0};
        group.nudge = kind > 0;
        group.away = kind > 2;
        group.first = kind % 2 == 0 ? 0 : 8;
        group.label = 1;
        Check(group);
        if (HasFatalFailure()) return;
      }
    }
    Group ends;
    ends.gain = gain;
    ends.sum = {kSumMax, kSumMin, kSumMax - half, kSumMin + 1};
    Check(ends);
    if (HasFatalFailure()) return;
  }
}

// Every state, shift and sign, on the target lane and beside it, where v is in the middle: neither
// clamp hides the nudge unless it is large.
TEST_F(NeuronTb, EveryNudgeMatchesModel) {
  for (int shift = 0; shift < 8; ++shift) {
    for (int state = 0; state < 256; ++state) {
      for (const bool away : {false, true}) {
        Group group;
        group.sum = {128, 128, 0, 255};
        group.state = {state, state, state, state};
        group.nudge = true;
        group.away = away;
        group.shift = shift;
        group.first = 8;
        group.label = 8 + state % 4;
        Check(group);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST_F(NeuronTb, NudgeShiftsTheMagnitude) {
  Group group;
  group.sum = {100, 100, 100, 100};
  group.state = {7, 8, 9, 247};
  group.nudge = true;
  group.shift = 3;
  group.label = 3;
  Drive(group);
  EXPECT_EQ(State(0), 100);
  EXPECT_EQ(State(1), 99);
  EXPECT_EQ(State(2), 99);
  EXPECT_EQ(State(3), 101);
  group.away = true;
  Drive(group);
  EXPECT_EQ(State(0), 100);
  EXPECT_EQ(State(1), 101);
  EXPECT_EQ(State(2), 101);
  EXPECT_EQ(State(3), 99);
}

// The last group of 256 outputs; a class of another group is the target of no lane.
TEST_F(NeuronTb, TargetIsTheLaneOfTheClass) {
  for (const int first : {0, 4, 8, 252}) {
    for (const int label : {0, 3, 4, 7, 8, 11, 251, 252, 255}) {
      Group group;
      group.sum = {100, 100, 100, 100};
      group.state = {100, 100, 100, 100};
      group.nudge = true;
      group.shift = 1;
      group.first = first;
      group.label = label;
      Drive(group);
      for (int j = 0; j < kLanes; ++j) {
        EXPECT_EQ(State(j), first + j == label ? 177 : 50) << "first " << first << " lane " << j;
      }
    }
  }
}

TEST_F(NeuronTb, LanesBeyondThePopulationAreZero) {
  for (int lanes = 0; lanes < 16; ++lanes) {
    Group group;
    group.sum = {200, 200, 200, 200};
    group.state = {0, 9, 200, 0};
    group.lanes = lanes;
    Check(group);
    if (HasFatalFailure()) return;
  }
}

// Half of the sums within [-256, 512) after rounding, the others anywhere in 32 bits.
TEST_F(NeuronTb, RandomGroupsMatchModel) {
  for (int i = 0; i < 50000; ++i) {
    Group group;
    group.gain = static_cast<int>(random.Below(16));
    for (int j = 0; j < kLanes; ++j) {
      const auto any = static_cast<std::int32_t>(random.Bits());
      const auto near = static_cast<std::int64_t>(random.Below(768u << group.gain));
      group.sum[j] = random.Percent(50) ? any : near - (std::int64_t{256} << group.gain);
      group.state[j] = static_cast<int>(random.Below(256));
    }
    group.lanes = random.Percent(50) ? 15 : static_cast<int>(random.Below(16));
    group.shift = static_cast<int>(random.Below(8));
    group.nudge = random.Percent(66);
    group.away = random.Percent(50);
    group.first = 4 * static_cast<int>(random.Below(4));
    group.label = static_cast<int>(random.Below(16));
    Check(group);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace ep::tb
