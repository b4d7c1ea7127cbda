// SPDX-License-Identifier: Apache-2.0

#include "model/sense/program.h"

#include <bit>

namespace ep::model {

const Program::Report& Program::Write(std::uint32_t row, const RowWord& old_word,
                                      const RowWord& new_word) {
  report_.cells_set = report_.cells_reset = report_.shots = 0;
  for (int l = 0; l < lanes_; ++l) {
    report_.set[l] = static_cast<std::uint8_t>(new_word[l] & ~old_word[l] & cell_mask_);
    report_.reset[l] = static_cast<std::uint8_t>(old_word[l] & ~new_word[l] & cell_mask_);
    report_.cells_set += std::popcount(report_.set[l]);
    report_.cells_reset += std::popcount(report_.reset[l]);
  }
  if (report_.cells_set > 0) {
    array_.Pulse(row, true, report_.set);
    ++report_.shots;
  }
  if (report_.cells_reset > 0) {
    array_.Pulse(row, false, report_.reset);
    ++report_.shots;
  }
  return report_;
}

}  // namespace ep::model
