// SPDX-License-Identifier: Apache-2.0
//
// ep_picker against model/synapse/picker.h: all masks of 8 lanes with 2 multipliers, random masks
// of 16 lanes with 4.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <string>

#include "Vep_picker.h"
#include "Vep_picker_two.h"
#include "model/synapse/picker.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 9;

struct SixteenLanes {
  static constexpr char kName[] = "SixteenLanes";
  using Top = Vep_picker;
  static constexpr int kLanes = 16, kLaneBits = 4, kMultipliers = 4;
};
struct EightLanes {
  static constexpr char kName[] = "EightLanes";
  using Top = Vep_picker_two;
  static constexpr int kLanes = 8, kLaneBits = 3, kMultipliers = 2;
};

template <typename Config>
class PickerTb : public ::testing::Test {
 protected:
  static constexpr int kLanes = Config::kLanes, kMultipliers = Config::kMultipliers;
  static constexpr int kLaneBits = Config::kLaneBits, kHalf = kMultipliers / 2;

  struct Block {
    std::array<int, kLanes> delta{}, plus{}, minus{}, weight{};
  };

  // Half of the values at the ends of their range.
  Block RandomBlock() {
    Block block;
    for (int l = 0; l < kLanes; ++l) {
      const bool edge = random.Percent(50);
      block.delta[l] =
          edge ? (random.Percent(50) ? -255 : 255) : static_cast<int>(random.Below(511)) - 255;
      block.plus[l] = edge ? 255 : static_cast<int>(random.Below(256));
      block.minus[l] = edge ? 0 : static_cast<int>(random.Below(256));
      block.weight[l] = static_cast<int>(random.Below(256));
    }
    return block;
  }

  void Put(const Block& block) {
    for (int l = 0; l < kLanes; ++l) {
      SetBits(bench->delta_i, 9 * l, 9, static_cast<std::uint64_t>(block.delta[l]));
      SetBits(bench->plus_i, 8 * l, 8, static_cast<std::uint64_t>(block.plus[l]));
      SetBits(bench->minus_i, 8 * l, 8, static_cast<std::uint64_t>(block.minus[l]));
    }
  }
  void PutWord(const Block& block) {
    for (int l = 0; l < kLanes; ++l) {
      SetBits(bench->word_i, 8 * l, 8, static_cast<std::uint64_t>(block.weight[l]));
    }
    bench.Dut().eval();
  }

  // One row word: its picks, with `stalls` percent of cycles between them in which all inputs but
  // load_i, take_i and the word are noise. The values come with the load, the word after it.
  void CheckWord(std::uint32_t lanes, bool learn, int stalls, int beat) {
    model::Picker picker(learn ? kHalf : kMultipliers);
    model::LaneMask mask;
    for (int l = 0; l < kLanes; ++l) {
      if (lanes >> l & 1) mask.Set(l);
    }
    picker.Start(mask);
    const Block block = RandomBlock();
    int left = mask.Count();
    for (int pick = 0; pick == 0 || left > 0; ++pick) {
      bench->load_i = pick == 0;
      bench->take_i = pick != 0;
      // With next, mask and kind come from the load.
      bench->lanes_i = static_cast<decltype(bench->lanes_i + 0)>(
          pick == 0 ? lanes : random.Bits() & static_cast<std::uint32_t>(Ones(kLanes)));
      bench->count_i = pick == 0 ? std::popcount(lanes) : random.Below(kLanes + 1);
      bench->learn_i = pick == 0 ? learn : random.Percent(50);
      Put(pick == 0 ? block : RandomBlock());
      bench.Cycle();
      PutWord(block);
      const std::span<const int> taken = picker.Take();
      left -= static_cast<int>(taken.size());
      const std::string where = "seed " + std::to_string(kSeed) + " beat " + std::to_string(beat) +
                                " mask " + std::to_string(lanes) + " learn " +
                                std::to_string(learn) + " pick " + std::to_string(pick);
      ASSERT_NO_FATAL_FAILURE(CheckPick(block, taken, learn, pick == 0, left == 0)) << where;
      while (random.Percent(stalls)) {
        bench->load_i = 0;
        bench->take_i = 0;
        bench->lanes_i = static_cast<decltype(bench->lanes_i + 0)>(
            random.Bits() & static_cast<std::uint32_t>(Ones(kLanes)));
        bench->count_i = random.Below(kLanes + 1);
        bench->learn_i = random.Percent(50);
        Put(RandomBlock());
        bench.Cycle();
        ASSERT_NO_FATAL_FAILURE(CheckPick(block, taken, learn, pick == 0, left == 0))
            << where << ", held";
      }
    }
    // The last pick leaves, and nothing is left.
    bench->load_i = 0;
    bench->take_i = 1;
    bench.Cycle();
    ASSERT_NO_FATAL_FAILURE(CheckPick(block, {}, learn, false, true)) << "beat " << beat;
  }

  void CheckPick(const Block& block, std::span<const int> taken, bool learn, bool first,
                 bool last) {
    const int count = static_cast<int>(taken.size());
    ASSERT_EQ(bench->first_o, first);
    ASSERT_EQ(bench->last_o, last);
    ASSERT_EQ(bench->count_o, count);
    for (int j = 0; j < kMultipliers; ++j) {
      const int slot = learn ? j % kHalf : j;
      const std::int64_t value = GetSigned(bench->value_o, 9 * j, 9);
      if (j < kHalf) {
        ASSERT_EQ(GetBits(bench->valid_o, j, 1), slot < count) << "slot " << j;
      }
      if (slot >= count) {
        ASSERT_EQ(value, 0) << "slot " << j << ": the sum takes it in";
        continue;
      }
      const int lane = taken[slot];
      if (j < kHalf) {
        ASSERT_EQ(GetBits(bench->lane_o, kLaneBits * j, kLaneBits), static_cast<unsigned>(lane))
            << "slot " << j;
      }
      if (!learn) {
        ASSERT_EQ(GetBits(bench->weight_o, 8 * j, 8),
                  static_cast<std::uint64_t>(block.weight[lane]))
            << "slot " << j << " lane " << lane;
      }
      ASSERT_EQ(value, !learn      ? block.delta[lane]
                       : j < kHalf ? block.plus[lane]
                                   : block.minus[lane])
          << "slot " << j << " lane " << lane;
    }
  }

  Random random{kSeed};
  Bench<typename Config::Top> bench{kSeed};
};

using Configs = ::testing::Types<SixteenLanes, EightLanes>;
TYPED_TEST_SUITE(PickerTb, Configs, ConfigNames);

// A word of the host's: nothing is marked, and its one pick is the last.
TYPED_TEST(PickerTb, EmptyMaskIsOneEmptyPick) {
  for (const bool learn : {false, true}) {
    ASSERT_NO_FATAL_FAILURE(this->CheckWord(0, learn, 50, 0));
  }
}

// Each lane alone, all lanes, all but one, and 1, 2, .. lowest and highest lanes: counts below, at
// and one above every multiple of the limit.
TYPED_TEST(PickerTb, DirectedMasksMatchModel) {
  const auto all = static_cast<std::uint32_t>(Ones(TypeParam::kLanes));
  for (const bool learn : {false, true}) {
    for (int l = 0; l < TypeParam::kLanes; ++l) {
      const auto low = static_cast<std::uint32_t>(Ones(l + 1));
      for (const std::uint32_t mask : {1u << l, all & ~(1u << l), low, all & ~low >> 1, all}) {
        ASSERT_NO_FATAL_FAILURE(this->CheckWord(mask, learn, 0, l));
      }
    }
  }
}

// All masks of 8 lanes; as many spread over 16 lanes.
TYPED_TEST(PickerTb, EveryMaskMatchesModel) {
  constexpr std::uint32_t kStep = TypeParam::kLanes == 8 ? 1 : 251;
  int beat = 0;
  for (std::uint32_t mask = 0; mask <= Ones(TypeParam::kLanes); mask += kStep) {
    for (const bool learn : {false, true}) {
      ASSERT_NO_FATAL_FAILURE(this->CheckWord(mask, learn, 0, beat));
    }
    ++beat;
  }
}

// Words of both kinds one after the other, sparse, even and dense masks, half of the cycles idle:
// picks stay while nobody asks for the next, and a new word can come after any pick but the last
// only by a soft clear, which the picker does not see.
TYPED_TEST(PickerTb, RandomWordsWithStallsMatchModel) {
  for (int beat = 0; beat < 2000; ++beat) {
    std::uint32_t mask = this->random.Bits();
    if (this->random.Percent(33)) mask &= this->random.Bits();
    if (this->random.Percent(33)) mask |= this->random.Bits();
    mask &= static_cast<std::uint32_t>(Ones(TypeParam::kLanes));
    ASSERT_NO_FATAL_FAILURE(this->CheckWord(mask, this->random.Percent(50), 50, beat));
  }
}

// What is left of a word is forgotten with the next load.
TYPED_TEST(PickerTb, LoadDropsTheRestOfAWord) {
  for (int beat = 0; beat < 50; ++beat) {
    this->bench->load_i = 1;
    this->bench->take_i = 0;
    this->bench->lanes_i = static_cast<decltype(this->bench->lanes_i + 0)>(Ones(TypeParam::kLanes));
    this->bench->count_i = TypeParam::kLanes;
    this->bench->learn_i = this->random.Percent(50);
    this->bench.Cycle();
    ASSERT_EQ(this->bench->last_o, 0);
    ASSERT_NO_FATAL_FAILURE(this->CheckWord(1u << this->random.Below(TypeParam::kLanes),
                                            this->random.Percent(50), 20, beat));
  }
}

}  // namespace
}  // namespace ep::tb
