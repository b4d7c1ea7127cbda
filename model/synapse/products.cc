// SPDX-License-Identifier: Apache-2.0

#include "model/synapse/products.h"

namespace ep::model {

std::int32_t Products::Gather(const RowWord& word, std::span<const std::int16_t> delta,
                              const LaneMask& picked) {
  std::int32_t sum = 0;
  gather_picker_.Start(picked);
  for (auto lanes = gather_picker_.Take(); !lanes.empty(); lanes = gather_picker_.Take()) {
    for (const int l : lanes) sum += word[l] * delta[l];
  }
  return sum;
}

const Products::LearnWord& Products::Learn(int learning_rate, int row_plus, int row_minus,
                                           std::span<const std::uint8_t> plus,
                                           std::span<const std::uint8_t> minus,
                                           const LaneMask& picked) {
  learn_.fill(0);
  learn_picker_.Start(picked);
  for (auto lanes = learn_picker_.Take(); !lanes.empty(); lanes = learn_picker_.Take()) {
    for (const int l : lanes) {
      learn_[l] = learning_rate * (row_plus * plus[l] - row_minus * minus[l]);
    }
  }
  return learn_;
}

}  // namespace ep::model
