// SPDX-License-Identifier: Apache-2.0

#include "model/array/array.h"

#include <algorithm>

namespace ep::model {

void Array::Sense(std::uint32_t row, int /*cycles*/, Cells& cells, Cells& late) {
  std::copy_n(cells_.begin() + static_cast<std::ptrdiff_t>(row) * lanes_, lanes_, cells.begin());
  std::fill_n(late.begin(), lanes_, std::uint8_t{0});
}

int Array::StartPulse(std::uint32_t row, bool value, const Cells& mask, int /*level*/) {
  row_ = row;
  value_ = value;
  mask_ = mask;
  return 1;
}

void Array::EndPulse(int /*cycles*/) {
  std::uint8_t* const cells = &cells_[static_cast<std::size_t>(row_) * lanes_];
  for (int l = 0; l < lanes_; ++l) {
    cells[l] = static_cast<std::uint8_t>(value_ ? cells[l] | mask_[l] : cells[l] & ~mask_[l]);
  }
}

}  // namespace ep::model
