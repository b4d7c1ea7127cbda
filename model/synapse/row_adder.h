// SPDX-License-Identifier: Apache-2.0
//
// LANES accumulators that add a row word once per signed digit of the row's multiplicand.
//
// Function   acc[l] += +-(w[l] << position); at the end of a block they are handed over and cleared
// Formats    acc signed 16 + ceil(log2 rows) bits
// RTL        rtl/synapse/ep_row_adder.sv

#pragma once

#include "model/common/words.h"

namespace ep::model {

class RowAdder {
 public:
  explicit RowAdder(int lanes) : lanes_(lanes) {}

  // Adds word << position, position 0..8, or subtracts it.
  void Add(const RowWord& word, int position, bool subtract) {
    const int factor = subtract ? -(1 << position) : 1 << position;
    for (int l = 0; l < lanes_; ++l) accumulators_[l] += word[l] * factor;
    written_ = true;
  }

  // Something was added since the block began.
  bool written() const { return written_; }
  const Accumulators& accumulators() const { return accumulators_; }

  void Clear() {
    accumulators_.fill(0);
    written_ = false;
  }

 private:
  int lanes_;
  Accumulators accumulators_{};
  bool written_ = false;
};

}  // namespace ep::model
