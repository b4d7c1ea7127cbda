// SPDX-License-Identifier: Apache-2.0
//
// Rounds, nudges and clamps the sum of a neuron.
//
// Function   v = (u + 2^(G - 1)) >> G, clamped to [-255, 510], which changes no result
//            h = sign(d) (|d| >> b), d = y - s
//            s' = min(255, max(0, v + h, v or v - h))              DESIGN 2, steps 3, 5, 6
// Formats    u signed 32.0, s and y unsigned 8.0, h signed 9.0; rounding half up
// RTL        rtl/neuron/ep_neuron.sv

#pragma once

#include <algorithm>
#include <cstdint>

#include "model/common/network.h"
#include "model/common/words.h"

namespace ep::model {

class Neuron {
 public:
  enum class Nudge : std::int8_t { kNone, kTowards, kAway };

  // gain is G, 0..15; nudge_shift is b, 0..7.
  constexpr Neuron(int gain, int nudge_shift) : gain_(gain), nudge_shift_(nudge_shift) {}

  constexpr std::uint8_t Next(Sum sum, Nudge nudge, int target, int state) const {
    const Sum half = gain_ > 0 ? Sum{1} << (gain_ - 1) : 0;
    // >> floors on negative values, as >>> does in the RTL.
    int v =
        static_cast<int>(std::clamp<Sum>((sum + half) >> gain_, -kStateMax, Sum{2} * kStateMax));
    if (nudge != Nudge::kNone) {
      const int error = target - state;
      const int h = error < 0 ? -(-error >> nudge_shift_) : error >> nudge_shift_;
      v += nudge == Nudge::kTowards ? h : -h;
    }
    return static_cast<std::uint8_t>(std::clamp(v, 0, kStateMax));
  }

 private:
  int gain_;
  int nudge_shift_;
};

}  // namespace ep::model
