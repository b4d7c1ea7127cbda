// SPDX-License-Identifier: Apache-2.0
//
// Reads the output states: prediction and largest error.
//
// Function   prediction = the output with the largest state, the lowest index on ties
//            error = max |y - s| over the outputs                        DESIGN 2, step 4
// RTL        rtl/neuron/ep_readout.sv

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "model/common/network.h"

namespace ep::model {

class Readout {
 public:
  void Start(int label) { *this = Readout(label); }

  // Takes the states of a group, those within the population; first is the first one's index.
  void Read(int first, std::span<const std::uint8_t> states) {
    for (int i = 0; i < static_cast<int>(states.size()); ++i) {
      if (states[i] > largest_) {
        largest_ = states[i];
        prediction_ = first + i;
      }
      const int target = first + i == label_ ? kStateMax : 0;
      error_ = std::max(error_, std::abs(target - states[i]));
    }
  }

  int prediction() const { return prediction_; }
  int error() const { return error_; }

  Readout() = default;

 private:
  explicit Readout(int label) : label_(label) {}

  int label_ = -1;
  int largest_ = -1;
  int prediction_ = 0;
  int error_ = 0;
};

}  // namespace ep::model
