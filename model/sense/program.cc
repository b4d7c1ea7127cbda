// SPDX-License-Identifier: Apache-2.0

#include "model/sense/program.h"

#include <algorithm>
#include <bit>

namespace ep::model {

Program::ShotCells Program::Difference(const RowWord& old_word, const RowWord& new_word) const {
  ShotCells cells;
  for (int l = 0; l < lanes_; ++l) {
    cells.set[l] = static_cast<std::uint8_t>(new_word[l] & ~old_word[l] & cell_mask_);
    cells.reset[l] = static_cast<std::uint8_t>(old_word[l] & ~new_word[l] & cell_mask_);
    cells.cells_set += std::popcount(cells.set[l]);
    cells.cells_reset += std::popcount(cells.reset[l]);
  }
  return cells;
}

void Program::Pulse(std::uint32_t row, bool value, const Cells& cells, int shot) {
  const Shot& step = access_.Step(value, shot);
  const int ready = array_.StartPulse(row, value, cells, step.level);
  int cycles = access_.Cycles(step);
  // The macro's answer is seen a cycle later.
  if (access_.self_timed && ready > 0) cycles = std::min(cycles, ready + 1);
  array_.EndPulse(cycles);
  ++report_.pulses;
}

int Program::Shrink(int value, unsigned failed) {
  const int step = static_cast<int>(std::bit_floor(failed));
  const int first = value & -step;
  return value < 0 ? first + step : first - 1;
}

const Program::Report& Program::Write(std::uint32_t row, const RowWord& old_word,
                                      const RowWord& new_word, bool verify, bool shrink) {
  report_ = {};
  RowWord held = old_word;
  Shots(row, held, new_word, verify);
  if (!shrink || !report_.Failed()) return report_;
  RowWord target = new_word;
  for (int l = 0; l < lanes_; ++l) {
    const unsigned failed = report_.failed.set[l] | report_.failed.reset[l];
    if (failed == 0) continue;
    target[l] = static_cast<std::int8_t>(Shrink(new_word[l], failed));
  }
  Shots(row, held, target, verify);
  return report_;
}

void Program::Shots(std::uint32_t row, RowWord& held, const RowWord& new_word, bool verify) {
  ShotCells cells = Difference(held, new_word);
  for (int shot = 0; cells.cells_set + cells.cells_reset > 0; ++shot) {
    report_.shots.push_back(cells);
    if (cells.cells_set > 0) Pulse(row, true, cells.set, shot);
    if (cells.cells_reset > 0) Pulse(row, false, cells.reset, shot);
    if (!verify) return;
    Cells driven{};
    for (int l = 0; l < lanes_; ++l) {
      driven[l] = static_cast<std::uint8_t>(cells.set[l] | cells.reset[l]);
    }
    const RowWord& sensed = sense_.Verify(row, driven);
    ++report_.verifies;
    report_.senses += sense_.report().senses;
    report_.late += sense_.report().late;
    // Only cells that were driven are looked at.
    for (int l = 0; l < lanes_; ++l) {
      held[l] = static_cast<std::int8_t>((held[l] & ~driven[l]) | (sensed[l] & driven[l]));
    }
    cells = Difference(held, new_word);
    if (shot + 1 == access_.shots) break;
  }
  report_.failed.cells_set += cells.cells_set;
  report_.failed.cells_reset += cells.cells_reset;
  for (int l = 0; l < lanes_; ++l) {
    const int failed = cells.set[l] | cells.reset[l];
    if (failed == 0) continue;
    report_.failed.set[l] |= cells.set[l];
    report_.failed.reset[l] |= cells.reset[l];
    log_.Push({row, l, static_cast<std::uint8_t>(failed)});
  }
}

}  // namespace ep::model
