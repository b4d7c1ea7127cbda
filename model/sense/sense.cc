// SPDX-License-Identifier: Apache-2.0

#include "model/sense/sense.h"

#include <algorithm>

namespace ep::model {

bool Sense::Once(std::uint32_t row, const Cells& care) {
  array_.Sense(row, access_.sense, cells_, late_);
  ++report_.senses;
  int late = 0;
  for (int l = 0; l < lanes_; ++l) late |= late_[l] & care[l];
  if (late != 0) ++report_.late;
  return late != 0;
}

Cells Sense::Care(int population) const {
  Cells care{};
  std::fill_n(care.begin(), population, static_cast<std::uint8_t>((1 << weight_bits_) - 1));
  return care;
}

void Sense::Vote(std::uint32_t row, const Cells& care) {
  const Cells first = cells_;
  weak_ = late_;
  Once(row, care);
  const Cells second = cells_;
  for (int l = 0; l < lanes_; ++l) weak_[l] |= late_[l];
  Once(row, care);
  // The third sense decides where the first two differ.
  for (int l = 0; l < lanes_; ++l) {
    const int differ = first[l] ^ second[l];
    weak_[l] = static_cast<std::uint8_t>(weak_[l] | late_[l] | differ | (first[l] ^ cells_[l]));
    cells_[l] = static_cast<std::uint8_t>((first[l] & ~differ) | (cells_[l] & differ));
  }
}

const RowWord& Sense::Word() {
  const int unused = 8 - weight_bits_;
  for (int l = 0; l < lanes_; ++l) {
    // Up to the sign bit and back down: >> copies the sign.
    word_[l] = static_cast<std::int8_t>(static_cast<std::int8_t>(cells_[l] << unused) >> unused);
  }
  return word_;
}

const RowWord& Sense::Read(std::uint32_t row, int population) {
  return Read(row, Care(population));
}

const RowWord& Sense::Scrub(std::uint32_t row, int population, Cells& weak) {
  report_ = {};
  const Cells care = Care(population);
  Once(row, care);
  Vote(row, care);
  for (int l = 0; l < kLanesMax; ++l) weak[l] = weak_[l] & care[l];
  return Word();
}

const RowWord& Sense::Read(std::uint32_t row, const Cells& care) {
  report_ = {};
  bool late = Once(row, care);
  switch (access_.late) {
    case LatePolicy::kKeep:
      break;
    case LatePolicy::kReRead:
      for (int i = 0; late && i < access_.re_reads; ++i) late = Once(row, care);
      break;
    case LatePolicy::kVote:
      if (late) Vote(row, care);
      break;
    case LatePolicy::kVoteAlways:
      Vote(row, care);
      break;
  }
  return Word();
}

}  // namespace ep::model
