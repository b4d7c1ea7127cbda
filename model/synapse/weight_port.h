// SPDX-License-Identifier: Apache-2.0
//
// Weights from and to the host, a row word at a time, one byte a weight.
//
// Function   load  a byte beyond [-W, W] is programmed as -W or W; lanes beyond the population
//                  stay as they are
//            save  the weights as sensed, 0 in lanes beyond the population
// Formats    bytes signed 8.0 of which weight_bits are stored
// RTL        rtl/synapse/ep_weight_port.sv

#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "model/common/words.h"

namespace ep::model {

class WeightPort {
 public:
  explicit WeightPort(int weight_bits) : weight_max_((1 << (weight_bits - 1)) - 1) {}

  // The word to program over old_word; one byte per lane of the population.
  RowWord Load(std::span<const std::int8_t> bytes, const RowWord& old_word) const {
    RowWord word = old_word;
    for (std::size_t l = 0; l < bytes.size(); ++l) {
      word[l] = static_cast<std::int8_t>(std::clamp<int>(bytes[l], -weight_max_, weight_max_));
    }
    return word;
  }

  // The word to send to the host; lanes is the number within the population.
  static RowWord Save(const RowWord& word, int lanes) {
    RowWord bytes{};
    std::copy_n(word.begin(), lanes, bytes.begin());
    return bytes;
  }

 private:
  int weight_max_;  // W
};

}  // namespace ep::model
