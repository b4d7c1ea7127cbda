// SPDX-License-Identifier: Apache-2.0
//
// States, saved states and pending deltas of all neurons but the input's, written by group.
//
// Function   update  pending = new - state, state = new; in the first plus sweep saved = old state
//            drop    pending = 0: the sums contain the state
//            swap    state <-> saved; pending = state - (state that the sums contain)
// Formats    states unsigned 8.0, deltas signed 9.0; changed: the delta is not 0
// RTL        rtl/neuron/ep_state_memory.sv, where an invalid group reads as 0

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/common/words.h"

namespace ep::model {

class StateMemory {
 public:
  StateMemory(int blocks, int lanes, int neuron_lanes);

  // Sample start: every state is 0 and nothing is pending.
  void Clear();

  // Gives a group its states, one per neuron lane; returns how many changed.
  int Update(int group, std::span<const std::uint8_t> states, bool save);
  void Drop(int group);
  void Swap(int group);

  // One neuron: block x lanes + lane.
  int State(int neuron) const { return states_[neuron]; }
  int Saved(int neuron) const { return saved_[neuron]; }
  int Delta(int neuron) const { return deltas_[neuron]; }
  bool Changed(int neuron) const { return deltas_[neuron] != 0; }

  // One group, `neuron_lanes` states.
  std::span<const std::uint8_t> Group(int group) const {
    return std::span(states_).subspan(static_cast<std::size_t>(group) * neuron_lanes_,
                                      neuron_lanes_);
  }

  // One block, `lanes` entries.
  std::span<const std::uint8_t> States(int block) const { return Block(states_, block); }
  std::span<const std::uint8_t> SavedStates(int block) const { return Block(saved_, block); }
  std::span<const std::int16_t> Deltas(int block) const { return Block(deltas_, block); }
  LaneMask ChangedLanes(int block) const;
  // Lanes whose state and saved state differ, and those where one of them is not 0.
  LaneMask DifferingLanes(int block) const;
  LaneMask ActiveLanes(int block) const;

 private:
  template <typename T>
  std::span<const T> Block(const std::vector<T>& memory, int block) const {
    return std::span(memory).subspan(static_cast<std::size_t>(block) * lanes_, lanes_);
  }

  // The lanes of a block whose neuron has a property.
  template <typename Property>
  LaneMask Lanes(int block, Property has) const {
    LaneMask mask;
    for (int l = 0; l < lanes_; ++l) {
      if (has(block * lanes_ + l)) mask.Set(l);
    }
    return mask;
  }

  int lanes_;
  int neuron_lanes_;
  std::vector<std::uint8_t> states_;
  std::vector<std::uint8_t> saved_;
  std::vector<std::int16_t> deltas_;  // pending
};

}  // namespace ep::model
