// SPDX-License-Identifier: Apache-2.0
//
// The kernels in plain C++: what every other table must equal, and what it borrows from.

#pragma once

#include <algorithm>
#include <cstring>

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

inline Changes FindChangesPlain(const std::uint8_t* state, std::uint8_t* contained, int padded,
                                QuadList& added, QuadList& removed, std::uint64_t* changed) {
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
      changes.digits += NafDigits(state[k] > contained[k] ? state[k] - contained[k]
                                                          : contained[k] - state[k]);
      changed[k / 64] |= std::uint64_t{1} << (k % 64);
    }
    Append(added, j / kQuad, now);
    Append(removed, j / kQuad, before);
    std::memcpy(contained + j, state + j, kQuad);
  }
  return changes;
}

inline void ComparePlain(const std::uint8_t* plus, const std::uint8_t* minus, int padded,
                         std::uint64_t* differs, std::uint64_t* active) {
  for (int j = 0; j < padded; j += 64) {
    std::uint64_t differs_word = 0;
    std::uint64_t active_word = 0;
    for (int k = 63; k >= 0; --k) {
      differs_word = 2 * differs_word + (plus[j + k] != minus[j + k] ? 1 : 0);
      active_word = 2 * active_word + ((plus[j + k] | minus[j + k]) != 0 ? 1 : 0);
    }
    differs[j / 64] = differs_word;
    active[j / 64] = active_word;
  }
}

}  // namespace ep::fast
