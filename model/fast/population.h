// SPDX-License-Identifier: Apache-2.0
//
// What the fast model keeps of populations and projections.

#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "model/fast/kernels.h"
#include "model/fast/learn.h"

namespace ep::fast {

// The neurons of one population; arrays are padded to 64.
template <typename Sum>
struct Population {
  explicit Population(int neurons)
      : size(neurons),
        padded(RoundUp(neurons, 64)),
        state(padded),
        contained(padded),
        free(padded),
        plus(padded),
        sums(padded),
        changed(padded / 64) {
    added.Reserve(padded);
    removed.Reserve(padded);
  }

  void Reset() {
    std::ranges::fill(state, 0);
    std::ranges::fill(contained, 0);
    std::ranges::fill(sums, 0);
    moved = dirty = false;
  }

  int size;
  int padded;
  int groups = 0;
  bool has_drive = false;
  Wanted wanted;  // counts for the schedule
  Aligned<std::uint8_t> state;
  Aligned<std::uint8_t> contained;  // the states that the sums of others contain
  Aligned<std::uint8_t> free;       // end states of the free phase
  Aligned<std::uint8_t> plus;       // end states of the plus phase
  Aligned<Sum> sums;                // kept: aligned to the largest gain shift
  bool moved = false;               // state and contained may differ
  bool dirty = false;               // a sum was written since the last update
  // What the present sweep propagates.
  QuadList added;
  QuadList removed;
  Changes changes;
  std::vector<std::uint64_t> changed;
};

// A projection with its weights, by source row and, between unclamped populations, by source lane.
struct Link {
  int rows = 0;   // population
  int lanes = 0;  // population
  int row_count = 0;
  int lane_count = 0;
  int blocks = 0;
  std::uint64_t words = 0;
  int shift = 0;  // G - g
  int learning_shift = 0;
  bool learn = false;
  Synapses synapses;
};

// Calls f(j) for each one, ascending.
template <typename F>
void ForEachBit(const std::vector<std::uint64_t>& bits, F&& f) {
  for (std::size_t i = 0; i < bits.size(); ++i) {
    for (std::uint64_t word = bits[i]; word != 0; word &= word - 1) {
      f(static_cast<int>(64 * i) + std::countr_zero(word));
    }
  }
}

}  // namespace ep::fast
