// SPDX-License-Identifier: Apache-2.0
//
// Sends the accesses of weak rows of an array to its spare rows.
//
// Function   replaced[i] is row rows - 1 - i, the lowest i first; every other row is itself
// RTL        rtl/sense/ep_spare.sv

#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "model/array/array.h"

namespace ep::model {

class SpareRows final : public ArrayPort {
 public:
  SpareRows(std::unique_ptr<ArrayPort> array, int rows, std::vector<std::uint32_t> replaced)
      : array_(std::move(array)), rows_(rows), replaced_(std::move(replaced)) {}

  // The row that is accessed instead.
  std::uint32_t Row(std::uint32_t row) const {
    for (std::size_t i = 0; i < replaced_.size(); ++i) {
      if (replaced_[i] == row) return static_cast<std::uint32_t>(rows_ - 1 - i);
    }
    return row;
  }

  void Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) override {
    array_->Sense(Row(row), cycles, cells, late);
  }
  int StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) override {
    return array_->StartPulse(Row(row), value, mask, level);
  }
  void EndPulse(int cycles) override { array_->EndPulse(cycles); }

 private:
  std::unique_ptr<ArrayPort> array_;
  int rows_;
  std::vector<std::uint32_t> replaced_;
};

}  // namespace ep::model
