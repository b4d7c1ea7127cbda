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

const RowWord& Sense::Read(std::uint32_t row, int population) {
  Cells care{};
  std::fill_n(care.begin(), population, static_cast<std::uint8_t>((1 << weight_bits_) - 1));
  return Read(row, care);
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
      if (!late) break;
      [[fallthrough]];
    case LatePolicy::kVoteAlways: {
      const Cells first = cells_;
      Once(row, care);
      const Cells second = cells_;
      Once(row, care);
      // The third sense decides where the first two differ.
      for (int l = 0; l < lanes_; ++l) {
        const int differ = first[l] ^ second[l];
        cells_[l] = static_cast<std::uint8_t>((first[l] & ~differ) | (cells_[l] & differ));
      }
      break;
    }
  }
  const int unused = 8 - weight_bits_;
  for (int l = 0; l < lanes_; ++l) {
    // Up to the sign bit and back down: >> copies the sign.
    word_[l] = static_cast<std::int8_t>(static_cast<std::int8_t>(cells_[l] << unused) >> unused);
  }
  return word_;
}

}  // namespace ep::model
