// SPDX-License-Identifier: Apache-2.0

#include "sim/run/recipe.h"

#include <numeric>
#include <utility>

namespace ep::sim {

Recipe::Recipe(const Network& network, int init, std::uint32_t seed, int samples)
    : random_(seed), initial_weights_(InitialWeights(network, init, random_)), order_(samples) {
  std::iota(order_.begin(), order_.end(), 0U);
}

void Recipe::Shuffle() {
  for (std::size_t i = order_.size() - 1; i > 0; --i) {
    const auto z = static_cast<std::uint32_t>(random_());
    std::swap(order_[i], order_[z % (i + 1)]);
  }
}

}  // namespace ep::sim
