// SPDX-License-Identifier: Apache-2.0
//
// ep_marker against Products::Candidates of model/synapse/products.h.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>

#include "Vep_marker.h"
#include "model/synapse/products.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr int kLanes = 16;
constexpr std::uint32_t kSeed = 5;

struct Block {
  int population = kLanes;  // lanes of it
  std::array<int, kLanes> plus{}, minus{};
  int row_plus = 0, row_minus = 0;
  std::uint32_t changed = 0;
};

class MarkerTb : public ::testing::Test {
 protected:
  std::uint32_t Marked(const Block& block, bool gather, bool learn) {
    bench->gather_i = gather;
    bench->learn_i = learn;
    bench->population_i = static_cast<std::uint16_t>(Ones(block.population));
    bench->changed_i = static_cast<std::uint16_t>(block.changed);
    for (int l = 0; l < kLanes; ++l) {
      SetBits(bench->plus_i, 8 * l, 8, static_cast<std::uint64_t>(block.plus[l]));
      SetBits(bench->minus_i, 8 * l, 8, static_cast<std::uint64_t>(block.minus[l]));
    }
    bench->row_plus_i = static_cast<std::uint8_t>(block.row_plus);
    bench->row_minus_i = static_cast<std::uint8_t>(block.row_minus);
    bench.Cycle();
    EXPECT_EQ(bench->count_o, std::popcount(static_cast<std::uint32_t>(bench->lanes_o)));
    return bench->lanes_o;
  }

  // In a learning pass, by the model.
  static std::uint32_t Candidates(const Block& block) {
    model::LaneMask differing, active;
    for (int l = 0; l < block.population; ++l) {
      if (block.plus[l] != block.minus[l]) differing.Set(l);
      if (block.plus[l] != 0 || block.minus[l] != 0) active.Set(l);
    }
    const model::LaneMask mask =
        model::Products::Candidates(block.row_plus, block.row_minus, differing, active);
    std::uint32_t lanes = 0;
    for (int l = 0; l < kLanes; ++l) lanes |= static_cast<std::uint32_t>(mask.Test(l)) << l;
    return lanes;
  }

  void CheckLearn(const Block& block, int beat) {
    const std::uint32_t expected = Candidates(block), actual = Marked(block, false, true);
    ASSERT_EQ(actual, expected) << "seed " << kSeed << " beat " << beat << " row " << block.row_plus
                                << "/" << block.row_minus << " lanes " << block.population
                                << ", lane 0 " << block.plus[0] << "/" << block.minus[0];
    // No other lane can have a product.
    for (int l = 0; l < block.population; ++l) {
      if ((actual >> l & 1) == 0) {
        ASSERT_EQ(block.row_plus * block.plus[l], block.row_minus * block.minus[l]) << "lane " << l;
      }
    }
  }

  Random random{kSeed};
  Bench<Vep_marker> bench{kSeed};
};

TEST_F(MarkerTb, WithoutGatherOrLearnNothingIsMarked) {
  Block block;
  block.changed = 0xFFFF;
  block.row_plus = 255;
  block.plus.fill(255);
  EXPECT_EQ(Marked(block, false, false), 0u);
}

// No lane, each lane alone, all lanes; states and row do not matter.
TEST_F(MarkerTb, GatherMarksChangedLanes) {
  for (int i = -1; i <= kLanes; ++i) {
    Block block;
    block.changed = i < 0 ? 0 : i == kLanes ? 0xFFFF : 1u << i;
    block.row_plus = static_cast<int>(random.Below(2)) * 255;
    block.plus[random.Below(kLanes)] = 7;
    EXPECT_EQ(Marked(block, true, false), block.changed);
  }
}

// Each lane alone, active and differing, in a block that ends before, at and after it.
TEST_F(MarkerTb, LanesBeyondThePopulationAreNeverMarked) {
  for (int lane = 0; lane < kLanes; ++lane) {
    for (int population = 1; population <= kLanes; ++population) {
      for (const int row_minus : {1, 2}) {
        Block block;
        block.population = population;
        block.row_plus = 1;
        block.row_minus = row_minus;
        block.plus[lane] = 1;
        ASSERT_EQ(Marked(block, false, true), lane < population ? 1u << lane : 0u)
            << "lane " << lane << " of " << population;
      }
    }
  }
}

// All quadruples of row and lane states from zero, each bit alone, neighbours and extremes:
// every comparison of the contract is reached from both sides. Each quadruple stands in two random
// lanes, the others are random.
TEST_F(MarkerTb, EdgeStatesMatchModel) {
  constexpr int kEdges[] = {0, 1, 2, 4, 8, 16, 32, 64, 127, 128, 254, 255};
  int beat = 0;
  for (const int row_plus : kEdges) {
    for (const int row_minus : kEdges) {
      for (const int plus : kEdges) {
        for (const int minus : kEdges) {
          Block block;
          block.row_plus = row_plus;
          block.row_minus = row_minus;
          for (int l = 0; l < kLanes; ++l) {
            block.plus[l] = kEdges[random.Below(12)];
            block.minus[l] = kEdges[random.Below(12)];
          }
          for (int i = 0; i < 2; ++i) {
            const std::uint32_t lane = random.Below(kLanes);
            block.plus[lane] = plus;
            block.minus[lane] = minus;
          }
          ASSERT_NO_FATAL_FAILURE(CheckLearn(block, beat++));
        }
      }
    }
  }
}

// Rows at rest, settled (s+ = s-) and moved in equal parts; a third of the lanes at rest, a third
// settled.
TEST_F(MarkerTb, RandomBlocksMatchModel) {
  const auto draw = [this](int& plus, int& minus) {
    const std::uint32_t kind = random.Below(3);
    plus = kind == 0 ? 0 : static_cast<int>(random.Below(256));
    minus = kind == 2 ? static_cast<int>(random.Below(256)) : plus;
  };
  for (int beat = 0; beat < 5000; ++beat) {
    Block block;
    block.population = 1 + static_cast<int>(random.Below(kLanes));
    draw(block.row_plus, block.row_minus);
    for (int l = 0; l < kLanes; ++l) draw(block.plus[l], block.minus[l]);
    block.changed = random.Bits() & 0xFFFF;
    ASSERT_NO_FATAL_FAILURE(CheckLearn(block, beat));
    ASSERT_EQ(Marked(block, true, false), block.changed) << "seed " << kSeed << " beat " << beat;
  }
}

}  // namespace
}  // namespace ep::tb
