// SPDX-License-Identifier: Apache-2.0
//
// Programs the cells of a row word that change, and verifies them.
//
// Function   set = new & ~old, reset = old & ~new, in the weight_bits cells of each lane. A shot is
//            a pulse for set, then one for reset, each with level and length of its ladder, if
//            there are any cells. With verify the row is sensed after each shot; cells that were
//            pulsed and do not hold their value get the next one, `shots` at most. What then still
//            fails goes to the failure log. With shrink, weights that failed then go towards zero,
//            to the first value with the other bit in their highest cell that failed, with `shots`
//            more; cells that fail again are logged again.
// RTL        rtl/sense/ep_program.sv

#pragma once

#include <cstdint>
#include <vector>

#include "model/array/array.h"
#include "model/common/array_access.h"
#include "model/common/words.h"
#include "model/sense/failure_log.h"
#include "model/sense/sense.h"

namespace ep::model {

class Program {
 public:
  struct ShotCells {
    Cells set{};    // cells driven to 1
    Cells reset{};  // cells driven to 0
    int cells_set = 0;
    int cells_reset = 0;
  };
  // What one row word took; empty if the words are equal.
  struct Report {
    std::vector<ShotCells> shots;
    int pulses = 0;
    int verifies = 0;  // row words sensed to verify
    int senses = 0;    // of the array for them
    int late = 0;      // of these senses with a late cell
    ShotCells failed;  // cells that still failed after the last shot; with shrink, of both words
    bool Failed() const { return failed.cells_set + failed.cells_reset > 0; }
  };

  Program(ArrayPort& array, Sense& sense, FailureLog& log, int lanes, int weight_bits,
          const ArrayAccess& access)
      : array_(array),
        sense_(sense),
        log_(log),
        lanes_(lanes),
        cell_mask_((1 << weight_bits) - 1),
        access_(access) {}

  // Makes a row that was sensed as old_word hold new_word. The report is valid until the next
  // write.
  const Report& Write(std::uint32_t row, const RowWord& old_word, const RowWord& new_word) {
    return Write(row, old_word, new_word, access_.verify, access_.shrink);
  }
  // The same, with other policies.
  const Report& Write(std::uint32_t row, const RowWord& old_word, const RowWord& new_word,
                      bool verify, bool shrink);

  // The first value from `value` towards zero with the other bit in the highest of the `failed`
  // cells, of which there is one; -1 or 0 where the sign failed.
  static int Shrink(int value, unsigned failed);

 private:
  ShotCells Difference(const RowWord& old_word, const RowWord& new_word) const;
  // The shots that make `held` new_word; held becomes what the verifies find.
  void Shots(std::uint32_t row, RowWord& held, const RowWord& new_word, bool verify);
  void Pulse(std::uint32_t row, bool value, const Cells& cells, int shot);

  ArrayPort& array_;
  Sense& sense_;
  FailureLog& log_;
  int lanes_;
  int cell_mask_;
  ArrayAccess access_;
  Report report_;
};

}  // namespace ep::model
