// SPDX-License-Identifier: Apache-2.0
//
// The shared multipliers: dot products of gathers and learning products, picked lanes only.
//
// Function   gather  sum over picked lanes of w[l] delta[l]
//            learn   D[l] = m (s+[r] s+[l] - s-[r] s-[l])
// Formats    delta signed 9.0, gather as RowAdder's accumulators, states unsigned 8.0,
//            m unsigned 5.0, D signed 22 bits
// RTL        rtl/synapse/ep_products.sv

#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "model/common/words.h"
#include "model/synapse/picker.h"

namespace ep::model {

class Products {
 public:
  using LearnWord = std::array<std::int32_t, kLanesMax>;

  // A learning product takes two of the multipliers.
  explicit Products(int multipliers)
      : gather_picker_(multipliers), learn_picker_(multipliers / 2) {}

  // The lanes of a row word that can have a step; every other lane has D = 0. differing: s+ != s-;
  // active: s+ or s- is not 0.
  static LaneMask Candidates(int row_plus, int row_minus, const LaneMask& differing,
                             const LaneMask& active) {
    if (row_plus != row_minus) return active;
    return row_plus != 0 ? differing : LaneMask{};
  }

  // Dot product of a row word with the deltas of the picked lanes.
  std::int32_t Gather(const RowWord& word, std::span<const std::int16_t> delta,
                      const LaneMask& picked);

  // D of the picked lanes, 0 elsewhere; plus and minus are the lanes' s+ and s-.
  const LearnWord& Learn(int learning_rate, int row_plus, int row_minus,
                         std::span<const std::uint8_t> plus, std::span<const std::uint8_t> minus,
                         const LaneMask& picked);

 private:
  Picker gather_picker_;
  Picker learn_picker_;
  LearnWord learn_{};
};

}  // namespace ep::model
