// SPDX-License-Identifier: Apache-2.0
//
// Programs the cells of a row word that change: first those that become 1, then those that become
// 0, one shot each if there are any.
//
// Function   set = new & ~old, reset = old & ~new, in the weight_bits cells of each lane
// RTL        rtl/sense/ep_program.sv

#pragma once

#include <cstdint>

#include "model/array/array.h"
#include "model/common/words.h"

namespace ep::model {

class Program {
 public:
  // What one row word took.
  struct Report {
    Cells set{};    // cells that became 1
    Cells reset{};  // cells that became 0
    int cells_set = 0;
    int cells_reset = 0;
    int shots = 0;
  };

  Program(ArrayPort& array, int lanes, int weight_bits)
      : array_(array), lanes_(lanes), cell_mask_((1 << weight_bits) - 1) {}

  // Makes a row that was sensed as old_word hold new_word; valid until the next write.
  const Report& Write(std::uint32_t row, const RowWord& old_word, const RowWord& new_word);

 private:
  ArrayPort& array_;
  int lanes_;
  int cell_mask_;
  Report report_;
};

}  // namespace ep::model
