// SPDX-License-Identifier: Apache-2.0
//
// Senses a row of the array: LANES weights of weight_bits cells in two's complement.
//
// Function   weight = cells, lowest bit first, sign-extended; -W - 1 counts as it is
// RTL        rtl/sense/ep_sense.sv

#pragma once

#include <cstdint>

#include "model/array/array.h"
#include "model/common/words.h"

namespace ep::model {

class Sense {
 public:
  Sense(ArrayPort& array, int lanes, int weight_bits)
      : array_(array), lanes_(lanes), weight_bits_(weight_bits) {}

  // The row word, valid until the next read: the sense latches.
  const RowWord& Read(std::uint32_t row) {
    array_.Sense(row, 1, cells_, late_);
    const int unused = 8 - weight_bits_;
    for (int l = 0; l < lanes_; ++l) {
      // Up to the sign bit and back down: >> copies the sign.
      word_[l] = static_cast<std::int8_t>(static_cast<std::int8_t>(cells_[l] << unused) >> unused);
    }
    return word_;
  }

 private:
  ArrayPort& array_;
  int lanes_;
  int weight_bits_;
  Cells cells_{};
  Cells late_{};
  RowWord word_{};
};

}  // namespace ep::model
