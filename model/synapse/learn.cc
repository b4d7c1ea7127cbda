// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/learn.h"

#include "model/common/dither.h"

namespace ep::model {

bool Learn::Steps(const Products::LearnWord& d, int learning_shift,
                  std::optional<std::uint32_t> random, StepWord& steps) const {
  bool any = false;
  for (int l = 0; l < lanes_; ++l) {
    const int step = random ? Step(d[l], learning_shift,
                                   Dither::Offset(*random ^ Dither::OfLane(l), learning_shift))
                            : Step(d[l], learning_shift);
    steps[l] = static_cast<std::int16_t>(step);
    any |= steps[l] != 0;
  }
  return any;
}

LaneMask Learn::Apply(const RowWord& word, const StepWord& steps, RowWord& new_word) const {
  LaneMask changed;
  for (int l = 0; l < lanes_; ++l) {
    const int next =
        steps[l] == 0 ? word[l] : std::clamp(word[l] + steps[l], -weight_max_, weight_max_);
    new_word[l] = static_cast<std::int8_t>(next);
    if (next != word[l]) changed.Set(l);
  }
  return changed;
}

}  // namespace ep::model
