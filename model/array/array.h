// SPDX-License-Identifier: Apache-2.0
//
// The array port and ideal cells behind it: a row reads as it was programmed.
//
// Formats    a row word is `lanes` bytes of weight_bits cells each (Cells)
// Units      times in clock cycles of the core
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
  // Reads a row into the first `lanes` bytes of cells; the others stay as they are. late is 1 for
  // each cell whose sense amplifier had not decided after `cycles` of sense; cells then has what it
  // shows.
  virtual void Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) = 0;
  // One pulse that drives the masked cells of a row to `value`, with amplitude code `level` (0..7).
  // StartPulse returns the cycles after which the macro says that every masked cell holds `value`,
  // 0 if it cannot tell or they never do; EndPulse ends the pulse after `cycles`.
  virtual int StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) = 0;
  virtual void EndPulse(int cycles) = 0;

  // A whole pulse.
  void Pulse(std::uint32_t row, bool value, const Cells& mask, int level = 0, int cycles = 1) {
    StartPulse(row, value, mask, level);
    EndPulse(cycles);
  }
};

class Array final : public ArrayPort {
 public:
  // All cells start at 0.
  Array(int rows, int lanes) : lanes_(lanes), cells_(static_cast<std::size_t>(rows) * lanes) {}

  void Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) override;
  // Any pulse programs every masked cell.
  int StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) override;
  void EndPulse(int cycles) override;

 private:
  int lanes_;
  std::vector<std::uint8_t> cells_;
  // The pulse under way.
  std::uint32_t row_ = 0;
  bool value_ = false;
  Cells mask_{};
};

}  // namespace ep::model
