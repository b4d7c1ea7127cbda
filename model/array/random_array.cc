// SPDX-License-Identifier: Apache-2.0

#include "model/array/random_array.h"

#include <algorithm>

namespace ep::model {

RandomArray::RandomArray(int rows, int lanes, int weight_bits, const RandomErrors& errors,
                         std::uint32_t seed)
    : lanes_(lanes),
      weight_bits_(weight_bits),
      errors_(errors),
      seed_(seed),
      random_(seed),
      cells_(static_cast<std::size_t>(rows) * lanes) {}

bool RandomArray::Stuck(std::uint32_t row, int column) const {
  std::uint32_t hash = (row * 1024 + static_cast<std::uint32_t>(column)) ^ seed_;
  hash = (hash ^ (hash >> 16)) * 0x7feb352dU;
  hash = (hash ^ (hash >> 15)) * 0x846ca68bU;
  return static_cast<int>((hash ^ (hash >> 16)) & 1023U) < errors_.stuck;
}

void RandomArray::Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) {
  std::copy_n(cells_.begin() + static_cast<std::ptrdiff_t>(row) * lanes_, lanes_, cells.begin());
  std::fill_n(late.begin(), lanes_, std::uint8_t{0});
  const auto flip = [&](int column) {
    cells[column / weight_bits_] ^= static_cast<std::uint8_t>(1 << (column % weight_bits_));
  };
  while (Happens(errors_.flips / cycles)) flip(random_.Below(lanes_ * weight_bits_));
  while (Happens(errors_.lates / cycles)) {
    const int column = random_.Below(lanes_ * weight_bits_);
    late[column / weight_bits_] |= static_cast<std::uint8_t>(1 << (column % weight_bits_));
    if (random_.OneIn(2)) flip(column);
  }
}

int RandomArray::StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) {
  row_ = row;
  value_ = value;
  switching_.clear();
  int last = 1;
  bool all = true;
  for (int column = 0; column < lanes_ * weight_bits_; ++column) {
    if ((mask[column / weight_bits_] >> (column % weight_bits_) & 1) == 0) continue;
    const int cycles = std::max(1, 1 + random_.Below(errors_.slowest) - level);
    if (Happens(errors_.fails) || Stuck(row, column)) {
      all = false;
    } else {
      switching_.push_back({column, cycles});
      last = std::max(last, cycles);
    }
  }
  return all ? last : 0;
}

void RandomArray::EndPulse(int cycles) {
  std::uint8_t* const cells = &cells_[static_cast<std::size_t>(row_) * lanes_];
  for (const Switching& cell : switching_) {
    if (cell.cycles > cycles) continue;
    const auto bit = static_cast<std::uint8_t>(1 << (cell.column % weight_bits_));
    std::uint8_t& byte = cells[cell.column / weight_bits_];
    byte = static_cast<std::uint8_t>(value_ ? byte | bit : byte & ~bit);
  }
}

RandomErrors MakeRandomErrors(std::uint32_t seed) {
  RawRandom random(seed);
  RandomErrors errors;
  errors.flips = random.Of({0, 2, 30, 300});
  errors.lates = random.Of({0, 5, 100, 600});
  errors.fails = random.Of({0, 3, 100, 500});
  errors.stuck = random.Of({0, 0, 5, 100});
  errors.slowest = random.Of({1, 1, 4, 10});
  return errors;
}

}  // namespace ep::model
