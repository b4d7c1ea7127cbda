// SPDX-License-Identifier: Apache-2.0
//
// The array port and ideal cells behind it: a row reads as it was programmed.
//
// Formats    a row word is `lanes` bytes of weight_bits cells each (Cells)
// RTL        rtl/array/ep_array.sv

#pragma once

#include <cstdint>
#include <vector>

#include "model/common/words.h"

namespace ep::model {

// What an array macro does, one access a call; a device model can take the place of ideal cells.
class ArrayPort {
 public:
  virtual ~ArrayPort() = default;
  // Reads a row into the first `lanes` bytes of cells; the others stay as they are.
  virtual void Sense(std::uint32_t row, Cells& cells) = 0;
  // One pulse: drives the masked cells of a row to `value`.
  virtual void Program(std::uint32_t row, bool value, const Cells& mask) = 0;
};

class Array final : public ArrayPort {
 public:
  // All cells start at 0.
  Array(int rows, int lanes) : lanes_(lanes), cells_(static_cast<std::size_t>(rows) * lanes) {}

  void Sense(std::uint32_t row, Cells& cells) override;
  void Program(std::uint32_t row, bool value, const Cells& mask) override;

 private:
  int lanes_;
  std::vector<std::uint8_t> cells_;
};

}  // namespace ep::model
