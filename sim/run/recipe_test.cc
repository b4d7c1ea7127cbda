// SPDX-License-Identifier: Apache-2.0

#include "sim/run/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ep::sim {
namespace {

Network Tiny() {
  Network network;
  network.populations = {2, 3};
  network.projections = {{.a = 0, .b = 1}};
  return network;
}

// The whole stream by hand: six weights, then one value for each swap.
TEST(RecipeTest, OneStreamServesWeightsThenShuffles) {
  Recipe recipe(Tiny(), 5, 99, 4);
  std::mt19937 random(99);
  for (const std::int8_t w : recipe.FirstWeights()[0]) {
    EXPECT_EQ(w, static_cast<int>(random() % 11) - 5);
  }
  EXPECT_THAT(recipe.Order(), ::testing::ElementsAre(0, 1, 2, 3));
  std::vector<std::uint32_t> order = {0, 1, 2, 3};
  for (int epoch = 0; epoch < 3; ++epoch) {
    for (std::size_t i = 3; i >= 1; --i) std::swap(order[i], order[random() % (i + 1)]);
    recipe.Shuffle();
    EXPECT_EQ(recipe.Order(), order);  // goes on from the last one
  }
}

// With shifts, each epoch draws one value more for every sample, after its order.
TEST(RecipeTest, ShiftsFollowTheOrderInTheSameStream) {
  Recipe recipe(Tiny(), 5, 99, 4, 2);
  std::mt19937 random(99);
  random.discard(6);
  EXPECT_TRUE(recipe.Shifts().empty());
  for (int epoch = 0; epoch < 3; ++epoch) {
    random.discard(3);
    recipe.Shuffle();
    ASSERT_EQ(recipe.Shifts().size(), 4U);
    for (const Shift& shift : recipe.Shifts()) {
      const auto z = static_cast<std::uint32_t>(random());
      EXPECT_EQ(shift.right, static_cast<int>(z % 5) - 2);
      EXPECT_EQ(shift.down, static_cast<int>(z / 5 % 5) - 2);
    }
  }
}

// With stochastic rounding, each epoch draws one value more, after its order and its shifts.
TEST(RecipeTest, WordOfTheFirstSampleIsDrawnLast) {
  Network network = Tiny();
  EXPECT_EQ(Recipe(network, 5, 99, 4).Random(), 0U);
  network.stochastic = true;
  Recipe recipe(network, 5, 99, 4, 2);
  std::mt19937 random(99);
  random.discard(6);
  for (int epoch = 0; epoch < 3; ++epoch) {
    random.discard(3 + 4);
    recipe.Shuffle();
    EXPECT_EQ(recipe.Random(), static_cast<std::uint32_t>(random()));
  }
}

}  // namespace
}  // namespace ep::sim
