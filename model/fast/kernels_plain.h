// SPDX-License-Identifier: Apache-2.0
//
// The kernels in plain C++: what every other table must equal, and what it borrows from.

#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "model/common/dither.h"
#include "model/fast/kernels.h"

namespace ep::fast {

inline std::uint32_t LoadQuad(const std::uint8_t* states) {
  std::uint32_t quad;
  std::memcpy(&quad, states, sizeof quad);
  return quad;
}

inline void Append(QuadList& list, std::uint32_t index, std::uint32_t states) {
  if (states == 0) return;
  list.index[list.size] = index;
  list.states[list.size] = states;
  ++list.size;
}

// How many blocks of `lanes` bits, 8 to 128, of so many words have a one.
inline int CountBlocks(const std::uint64_t* bits, int words, int lanes) {
  int count = 0;
  if (lanes == 128) {
    for (int i = 0; i < words; i += 2) {
      count += (bits[i] | (i + 1 < words ? bits[i + 1] : 0)) != 0 ? 1 : 0;
    }
    return count;
  }
  const std::uint64_t block = ~std::uint64_t{0} >> (64 - lanes);
  for (int i = 0; i < words; ++i) {
    if (bits[i] == 0) continue;
    for (int shift = 0; shift < 64; shift += lanes) {
      count += (bits[i] & (block << shift)) != 0 ? 1 : 0;
    }
  }
  return count;
}

inline Changes FindChangesPlain(const std::uint8_t* state, std::uint8_t* contained, int padded,
                                Wanted wanted, QuadList& added, QuadList& removed,
                                std::uint64_t* changed) {
  Changes changes;
  added.size = removed.size = 0;
  std::fill_n(changed, padded / 64, 0);
  for (int j = 0; j < padded; j += kQuad) {
    const std::uint32_t now = LoadQuad(state + j);
    const std::uint32_t before = LoadQuad(contained + j);
    if (now == before) continue;
    for (int k = j; k < j + kQuad; ++k) {
      if (state[k] == contained[k]) continue;
      ++changes.neurons;
      changes.digits += kNafDigits[std::abs(state[k] - contained[k])];
      changed[k / 64] |= std::uint64_t{1} << (k % 64);
    }
    Append(added, j / kQuad, now);
    Append(removed, j / kQuad, before);
    std::memcpy(contained + j, state + j, kQuad);
  }
  if (wanted.block_lanes > 0)
    changes.blocks = CountBlocks(changed, padded / 64, wanted.block_lanes);
  return changes;
}

inline void Append(CandidateList& list, int neuron, int plus, int minus) {
  list.neuron[list.size] = neuron;
  list.plus[list.size] = plus;
  list.minus[list.size] = minus;
  ++list.size;
}

inline void FindCandidatesPlain(const std::uint8_t* plus, const std::uint8_t* minus, int padded,
                                CandidateList& active, CandidateList& differing) {
  active.size = differing.size = 0;
  for (int j = 0; j < padded; ++j) {
    if ((plus[j] | minus[j]) == 0) continue;
    Append(active, j, plus[j], minus[j]);
    if (plus[j] != minus[j]) Append(differing, j, plus[j], minus[j]);
  }
}

inline void FindStepsPlain(const LearnRule& rule, int plus, int minus, const CandidateList& lanes,
                           StepList& steps) {
  const int k = rule.learning_shift;
  const int half = rule.Half();
  for (int i = 0; i < lanes.size; ++i) {
    const int d = rule.multiplier * (plus * lanes.plus[i] - minus * lanes.minus[i]);
    const int offset =
        rule.stochastic ? Dither::Offset(rule.random ^ Dither::OfLane(lanes.neuron[i]), k) : half;
    const int size = (std::abs(d) + offset) >> k;
    if (size == 0) continue;
    steps.lane[steps.size] = lanes.neuron[i];
    steps.step[steps.size] = d < 0 ? -size : size;
    ++steps.size;
  }
}

}  // namespace ep::fast
