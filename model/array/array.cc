// SPDX-License-Identifier: Apache-2.0

#include "model/array/array.h"

#include <algorithm>

namespace ep::model {

void Array::Sense(std::uint32_t row, Cells& cells) {
  std::copy_n(cells_.begin() + static_cast<std::ptrdiff_t>(row) * lanes_, lanes_, cells.begin());
}

void Array::Program(std::uint32_t row, bool value, const Cells& mask) {
  std::uint8_t* const cells = &cells_[static_cast<std::size_t>(row) * lanes_];
  for (int l = 0; l < lanes_; ++l) {
    cells[l] = static_cast<std::uint8_t>(value ? cells[l] | mask[l] : cells[l] & ~mask[l]);
  }
}

}  // namespace ep::model
