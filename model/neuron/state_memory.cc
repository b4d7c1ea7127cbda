// SPDX-License-Identifier: Apache-2.0

#include "model/neuron/state_memory.h"

#include <algorithm>
#include <utility>

namespace ep::model {

StateMemory::StateMemory(int blocks, int lanes, int neuron_lanes)
    : lanes_(lanes),
      neuron_lanes_(neuron_lanes),
      states_(static_cast<std::size_t>(blocks) * lanes),
      saved_(states_.size()),
      deltas_(states_.size()) {}

void StateMemory::Clear() {
  std::fill(states_.begin(), states_.end(), 0);
  std::fill(saved_.begin(), saved_.end(), 0);
  std::fill(deltas_.begin(), deltas_.end(), 0);
}

int StateMemory::Update(int group, std::span<const std::uint8_t> states, bool save) {
  int changed = 0;
  const int first = group * neuron_lanes_;
  for (int i = 0; i < neuron_lanes_; ++i) {
    const int old_state = std::exchange(states_[first + i], states[i]);
    if (save) saved_[first + i] = static_cast<std::uint8_t>(old_state);
    deltas_[first + i] = static_cast<std::int16_t>(states[i] - old_state);
    changed += Changed(first + i) ? 1 : 0;
  }
  return changed;
}

void StateMemory::Drop(int group) {
  std::fill_n(deltas_.begin() + static_cast<std::ptrdiff_t>(group) * neuron_lanes_, neuron_lanes_,
              0);
}

void StateMemory::Swap(int group) {
  const int first = group * neuron_lanes_;
  for (int neuron = first; neuron < first + neuron_lanes_; ++neuron) {
    const int contained = states_[neuron] - deltas_[neuron];
    std::swap(states_[neuron], saved_[neuron]);
    deltas_[neuron] = static_cast<std::int16_t>(states_[neuron] - contained);
  }
}

LaneMask StateMemory::ChangedLanes(int block) const {
  return Lanes(block, [this](int neuron) { return Changed(neuron); });
}

LaneMask StateMemory::DifferingLanes(int block) const {
  return Lanes(block, [this](int neuron) { return states_[neuron] != saved_[neuron]; });
}

LaneMask StateMemory::ActiveLanes(int block) const {
  return Lanes(block, [this](int neuron) { return (states_[neuron] | saved_[neuron]) != 0; });
}

}  // namespace ep::model
