// SPDX-License-Identifier: Apache-2.0

#include "sim/run/recipe.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ep::sim {

Recipe::Recipe(const Network& network, int init, std::uint32_t seed, int samples, int shift)
    : random_(seed),
      initial_weights_(InitialWeights(network, init, random_)),
      order_(samples),
      shift_(shift),
      stochastic_(network.stochastic) {
  std::iota(order_.begin(), order_.end(), 0U);
}

void Recipe::Shuffle() {
  for (std::size_t i = order_.size() - 1; i > 0; --i) {
    const auto z = static_cast<std::uint32_t>(random_());
    std::swap(order_[i], order_[z % (i + 1)]);
  }
  DrawShifts();
  if (stochastic_) word_ = std::max(static_cast<std::uint32_t>(random_()), 1U);
}

void Recipe::DrawShifts() {
  if (shift_ == 0) return;
  const auto side = static_cast<std::uint32_t>(2 * shift_ + 1);
  shifts_.clear();
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const auto z = static_cast<std::uint32_t>(random_());
    shifts_.push_back({.right = static_cast<int>(z % side) - shift_,
                       .down = static_cast<int>(z / side % side) - shift_});
  }
}

}  // namespace ep::sim
