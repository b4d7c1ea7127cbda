// SPDX-License-Identifier: Apache-2.0

#include "model/neuron/state_memory.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

using Group = std::array<std::uint8_t, 4>;

TEST(StateMemoryTest, UpdateLeavesThePendingDelta) {
  StateMemory states(2, 8, 4);
  EXPECT_EQ(states.Update(2, Group{255, 0, 3, 0}, false), 2);
  EXPECT_EQ(states.Update(2, Group{0, 255, 3, 0}, false), 2);
  EXPECT_EQ(states.Delta(8), -255);
  EXPECT_EQ(states.Delta(9), 255);
  EXPECT_FALSE(states.Changed(10));
  LaneMask changed;
  changed.Set(0);
  changed.Set(1);
  EXPECT_EQ(states.ChangedLanes(1), changed);
  EXPECT_EQ(states.ChangedLanes(0), LaneMask{});
  EXPECT_EQ(states.States(1)[1], 255);
  EXPECT_EQ(states.Group(2)[1], 255);
}

TEST(StateMemoryTest, DropKeepsTheStates) {
  StateMemory states(1, 8, 4);
  states.Update(1, Group{1, 2, 3, 4}, false);
  states.Drop(1);
  EXPECT_EQ(states.ChangedLanes(0), LaneMask{});
  EXPECT_EQ(states.State(7), 4);
}

// Plus moves 10 -> 30 -> 25 while the sums contain 30; minus starts from 10: the delta is -20.
TEST(StateMemoryTest, SwapRestoresWhatTheSumsLack) {
  StateMemory states(1, 8, 4);
  states.Update(0, Group{10, 0, 0, 0}, false);
  states.Drop(0);
  states.Update(0, Group{30, 0, 0, 0}, true);
  EXPECT_EQ(states.Saved(0), 10);
  states.Update(0, Group{25, 0, 0, 0}, false);
  EXPECT_EQ(states.Saved(0), 10);
  states.Swap(0);
  EXPECT_EQ(states.State(0), 10);
  EXPECT_EQ(states.Saved(0), 25);
  EXPECT_EQ(states.Delta(0), -20);
}

TEST(StateMemoryTest, LearningLanes) {
  StateMemory states(1, 8, 4);
  states.Update(0, Group{5, 0, 7, 0}, false);
  states.Update(0, Group{5, 9, 0, 0}, true);  // saved 5 0 7 0
  LaneMask differing, active;
  for (const int l : {1, 2}) differing.Set(l);
  for (const int l : {0, 1, 2}) active.Set(l);
  EXPECT_EQ(states.DifferingLanes(0), differing);
  EXPECT_EQ(states.ActiveLanes(0), active);
}

TEST(StateMemoryTest, ClearStartsASample) {
  StateMemory states(1, 8, 4);
  states.Update(0, Group{1, 2, 3, 4}, false);
  states.Update(0, Group{4, 3, 2, 1}, true);
  states.Clear();
  for (int neuron = 0; neuron < 8; ++neuron) {
    EXPECT_EQ(states.State(neuron), 0);
    EXPECT_EQ(states.Saved(neuron), 0);
    EXPECT_EQ(states.Delta(neuron), 0);
  }
}

// Through updates, drops and swaps, state - delta is what was propagated, which only propagation
// (update or drop of a group) moves.
TEST(StateMemoryTest, RandomSequencesKeepTrackOfTheSums) {
  RawRandom random(11);
  StateMemory states(2, 8, 4);
  std::vector<int> state(16), saved(16), contained(16);
  for (int beat = 0; beat < 5000; ++beat) {
    const int group = random.Below(4);
    const int operation = random.Below(3);
    Group next{};
    for (auto& s : next) s = static_cast<std::uint8_t>(random.Of({0, 1, 254, 255}));
    const bool save = random.OneIn(3);
    if (operation == 0) states.Update(group, next, save);
    if (operation == 1) states.Drop(group);
    if (operation == 2) states.Swap(group);
    for (int i = 0; i < 4; ++i) {
      const int n = group * 4 + i;
      if (operation < 2) contained[n] = state[n];
      if (operation == 0 && save) saved[n] = state[n];
      if (operation == 0) state[n] = next[i];
      if (operation == 2) std::swap(state[n], saved[n]);
    }
    for (int n = 0; n < 16; ++n) {
      ASSERT_EQ(states.State(n), state[n]) << "beat " << beat;
      ASSERT_EQ(states.Saved(n), saved[n]) << "beat " << beat;
      ASSERT_EQ(states.Delta(n), state[n] - contained[n]) << "beat " << beat;
    }
  }
}

}  // namespace
}  // namespace ep::model
