// SPDX-License-Identifier: Apache-2.0
//
// Takes the lanes of a mask in ascending order, at most `limit` at a time: one pick feeds the
// shared multipliers once.
//
// RTL        rtl/synapse/ep_picker.sv

#pragma once

#include <array>
#include <span>

#include "model/common/words.h"

namespace ep::model {

class Picker {
 public:
  // limit is 1..128.
  explicit Picker(int limit) : limit_(limit) {}

  void Start(const LaneMask& mask) { left_ = mask; }

  // The next lanes, none at the end; valid until the next call.
  std::span<const int> Take() {
    int count = 0;
    while (count < limit_ && left_.Any()) {
      lanes_[count] = left_.First();
      left_.Clear(lanes_[count]);
      ++count;
    }
    return std::span(lanes_).first(count);
  }

 private:
  int limit_;
  LaneMask left_;
  std::array<int, kLanesMax> lanes_{};
};

}  // namespace ep::model
