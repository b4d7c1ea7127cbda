// SPDX-License-Identifier: Apache-2.0
//
// The learn pass of the fast model: only rows and lanes whose products can differ are looked at.
// DESIGN: docs/contract.md step 7; docs/schedule.md, "Learn".

#pragma once

#include <cstdint>
#include <vector>

#include "model/common/counters.h"
#include "model/fast/kernels.h"

namespace ep::fast {

// A neuron whose end states in the two nudged phases are not both 0.
struct Active {
  int neuron = 0;
  int plus = 0;
  int minus = 0;
  int Difference() const { return plus - minus; }
};

// The two lists from which candidates come, ascending: `differing` (s+ != s-), `active` (s+ or s-
// not 0) and, for rows, `equal` (s+ = s-, not 0).
struct ActiveLists {
  std::vector<Active> active;
  std::vector<Active> differing;
  std::vector<Active> equal;
  void Clear();
  void Add(Active neuron);
};

// The synapses of one projection and how they learn.
struct LearnTarget {
  Matrix* to_lanes = nullptr;  // rows are sources
  Matrix* to_rows = nullptr;   // lanes are sources; null for input projections
  int words = 0;               // row words
  int learning_shift = 15;
  int weight_bits = 8;
  int lanes_per_word = 32;
};

// Learns from s+ and s- of rows and lanes with the multiplier m, and counts.
void Learn(const LearnTarget& target, int m, const ActiveLists& rows, const ActiveLists& lanes,
           Counters& counters);

}  // namespace ep::fast
