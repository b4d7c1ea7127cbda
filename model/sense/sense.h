// SPDX-License-Identifier: Apache-2.0
//
// Senses a row of the array: LANES weights of weight_bits cells in two's complement.
//
// Function   weight = cells, lowest bit first, sign-extended; -W - 1 counts as it is. Where a cell
// of
//            the population is late, the row is sensed again as ArrayAccess::late says.
// RTL        rtl/sense/ep_sense.sv

#pragma once

#include <cstdint>

#include "model/array/array.h"
#include "model/common/array_access.h"
#include "model/common/words.h"

namespace ep::model {

class Sense {
 public:
  // What one row word took.
  struct Report {
    int senses = 0;  // of the array
    int late = 0;    // of them with a late cell in the population
  };

  Sense(ArrayPort& array, int lanes, int weight_bits, const ArrayAccess& access)
      : array_(array), lanes_(lanes), weight_bits_(weight_bits), access_(access) {}

  // The row word, valid until the next read: the sense latches. Lateness counts in the lowest
  // `population` lanes only; the others are cells that nobody programs.
  const RowWord& Read(std::uint32_t row, int population);
  // The same to verify a shot: lateness counts in the cells that it drove.
  const RowWord& Verify(std::uint32_t row, const Cells& driven) { return Read(row, driven); }
  // Senses three times and votes, whatever the access says. weak gets the cells of the population
  // in which a sense was late or differed from the first.
  const RowWord& Scrub(std::uint32_t row, int population, Cells& weak);
  // What the last word took.
  const Report& report() const { return report_; }

 private:
  const RowWord& Read(std::uint32_t row, const Cells& care);
  // Two more senses after the first; each cell is what two of the three say. weak_ gets the cells
  // in which they differ.
  void Vote(std::uint32_t row, const Cells& care);
  const RowWord& Word();
  Cells Care(int population) const;
  // One sense of the array; true if a cell that is cared for is late.
  bool Once(std::uint32_t row, const Cells& care);

  ArrayPort& array_;
  int lanes_;
  int weight_bits_;
  ArrayAccess access_;
  Report report_;
  Cells cells_{};
  Cells late_{};
  RowWord word_{};
  Cells weak_{};
};

}  // namespace ep::model
