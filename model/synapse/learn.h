// SPDX-License-Identifier: Apache-2.0
//
// Steps of the weights of a row word and the new word that they make.
//
// Function   step = sign(D) ((|D| + t) >> k), clamped to 9 bits, which changes no result;
//            t = 2^(k - 1) or, where steps are rounded stochastically, the offset of Dither
//            w' = w where step = 0, else min(W, max(-W, w + step))          DESIGN 2, step 7
// Formats    D signed 22 bits, step signed 9.0 (-256..255), k 1..21
// RTL        rtl/synapse/ep_learn.sv

#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>

#include "model/common/words.h"
#include "model/synapse/products.h"

namespace ep::model {

class Learn {
 public:
  using StepWord = std::array<std::int16_t, kLanesMax>;

  Learn(int lanes, int weight_bits) : lanes_(lanes), weight_max_((1 << (weight_bits - 1)) - 1) {}

  static constexpr int Step(std::int32_t d, int learning_shift, int offset) {
    const std::int32_t magnitude = ((d < 0 ? -d : d) + offset) >> learning_shift;
    return d < 0 ? std::max(-256, -magnitude) : std::min(255, magnitude);
  }
  // To nearest.
  static constexpr int Step(std::int32_t d, int learning_shift) {
    return Step(d, learning_shift, 1 << (learning_shift - 1));
  }

  // The steps of a row word; true if one of them is not 0. random is the word of its row
  // (Dither::OfRow), nothing where steps are rounded to nearest.
  bool Steps(const Products::LearnWord& d, int learning_shift, std::optional<std::uint32_t> random,
             StepWord& steps) const;

  // The new word and the lanes where it differs.
  LaneMask Apply(const RowWord& word, const StepWord& steps, RowWord& new_word) const;

 private:
  int lanes_;
  int weight_max_;  // W
};

}  // namespace ep::model
