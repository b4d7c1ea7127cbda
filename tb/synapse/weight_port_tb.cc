// SPDX-License-Identifier: Apache-2.0
//
// ep_weight_port against model/synapse/weight_port.h: 16 lanes of 8 bits, 8 lanes of 5 bits.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "Vep_weight_port.h"
#include "Vep_weight_port_five.h"
#include "model/synapse/weight_port.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 51;

struct EightBits {
  static constexpr char kName[] = "EightBits";
  using Top = Vep_weight_port;
  static constexpr int kLanes = 16, kWeightBits = 8;
};
struct FiveBits {
  static constexpr char kName[] = "FiveBits";
  using Top = Vep_weight_port_five;
  static constexpr int kLanes = 8, kWeightBits = 5;
};

template <typename Config>
class WeightPortTb : public ::testing::Test {
 protected:
  static constexpr int kLanes = Config::kLanes, kWeightBits = Config::kWeightBits;
  static constexpr int kBeats = kLanes / 4;
  using Bytes = std::array<std::int8_t, kLanes>;

  WeightPortTb() {
    bench->clear_i = bench->load_i = bench->load_ready_i = bench->save_valid_i = 0;
    bench->s_axis_tvalid_i = bench->m_axis_tready_i = 0;
    bench.Reset();
  }

  std::string Where(const char* what, int beat) {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) + " " +
           what + " beat " + std::to_string(beat);
  }

  // Loads a word and takes it `delay` cycles after it is there.
  void Load(const Bytes& bytes, int stalls, int delay) {
    bench->load_i = 1;
    for (int beat = 0; beat < kBeats; ++beat) {
      bench->s_axis_tvalid_i = 0;
      while (random.Percent(stalls)) {
        bench->s_axis_tdata_i = random.Bits();
        bench.Cycle();
      }
      bench->s_axis_tvalid_i = 1;
      for (int i = 0; i < 4; ++i) {
        SetBits(bench->s_axis_tdata_i, 8 * i, 8, static_cast<std::uint8_t>(bytes[4 * beat + i]));
      }
      bench.Dut().eval();
      ASSERT_EQ(bench->s_axis_tready_o, 1) << Where("load", beat);
      ASSERT_EQ(bench->load_valid_o, 0) << Where("load", beat);
      bench.Cycle();
    }
    const model::RowWord expected = model::WeightPort(kWeightBits).Load(bytes, {});
    for (int i = 0; i <= delay; ++i) {
      // The next word waits.
      bench->s_axis_tvalid_i = random.Percent(50);
      bench->s_axis_tdata_i = random.Bits();
      bench->load_ready_i = i == delay;
      bench.Dut().eval();
      ASSERT_EQ(bench->s_axis_tready_o, 0) << Where("load", kBeats);
      ASSERT_EQ(bench->load_valid_o, 1) << Where("load", kBeats);
      const model::RowWord word = GetWord(bench->load_word_o, kLanes, kWeightBits);
      for (int l = 0; l < kLanes; ++l) {
        ASSERT_EQ(word[l], expected[l])
            << Where("load", kBeats) << " lane " << l << " byte " << int{bytes[l]};
      }
      bench.Cycle();
    }
    bench->load_ready_i = 0;
    bench->s_axis_tvalid_i = 0;
  }

  // Saves a word; the host takes a beat in all but `stalls` percent of the cycles.
  void Save(const model::RowWord& word, int stalls) {
    bench->load_i = 0;
    bench->save_valid_i = 1;
    SetWord(bench->save_word_i, word, kLanes, kWeightBits);
    bench.Dut().eval();
    ASSERT_EQ(bench->save_ready_o, 1) << Where("save", 0);
    ASSERT_EQ(bench->idle_o, 1) << Where("save", 0);
    bench.Cycle();
    const model::RowWord expected = model::WeightPort::Save(word, kLanes);
    for (int beat = 0; beat < kBeats;) {
      // The next word waits.
      bench->save_valid_i = random.Percent(50);
      SetNoise(bench->save_word_i, kLanes * kWeightBits, random);
      bench->m_axis_tready_i = !random.Percent(stalls);
      bench.Dut().eval();
      ASSERT_EQ(bench->save_ready_o, 0) << Where("save", beat);
      ASSERT_EQ(bench->idle_o, 0) << Where("save", beat);
      ASSERT_EQ(bench->m_axis_tvalid_o, 1) << Where("save", beat);
      ASSERT_EQ(bench->m_axis_tlast_o, beat == kBeats - 1) << Where("save", beat);
      for (int i = 0; i < 4; ++i) {
        ASSERT_EQ(GetSigned(bench->m_axis_tdata_o, 8 * i, 8), expected[4 * beat + i])
            << Where("save", beat) << " lane " << 4 * beat + i;
      }
      beat += bench->m_axis_tready_i;
      bench.Cycle();
    }
    bench->save_valid_i = 0;
    bench->m_axis_tready_i = 0;
    bench.Dut().eval();
    ASSERT_EQ(bench->m_axis_tvalid_o, 0) << Where("save", kBeats);
    ASSERT_EQ(bench->idle_o, 1) << Where("save", kBeats);
  }

  Bytes RandomBytes() {
    Bytes bytes;
    for (auto& byte : bytes) byte = static_cast<std::int8_t>(random.Bits());
    return bytes;
  }

  Random random{kSeed};
  Bench<typename Config::Top> bench{kSeed};
};

using Configs = ::testing::Types<EightBits, FiveBits>;
TYPED_TEST_SUITE(WeightPortTb, Configs, ConfigNames);

TYPED_TEST(WeightPortTb, QuietAfterReset) {
  this->bench->s_axis_tvalid_i = 1;
  this->bench.Dut().eval();
  EXPECT_EQ(this->bench->s_axis_tready_o, 0) << "the pass is not a load";
  EXPECT_EQ(this->bench->load_valid_o, 0);
  EXPECT_EQ(this->bench->m_axis_tvalid_o, 0);
  EXPECT_EQ(this->bench->save_ready_o, 1);
  EXPECT_EQ(this->bench->idle_o, 1);
}

// All 256 bytes in each lane: what is beyond [-W, W] becomes -W or W.
TYPED_TEST(WeightPortTb, EveryByteInEveryLaneMatchesModel) {
  for (int start = 0; start < 256; ++start) {
    typename TestFixture::Bytes bytes;
    for (int l = 0; l < TestFixture::kLanes; ++l) bytes[l] = static_cast<std::int8_t>(start + l);
    ASSERT_NO_FATAL_FAILURE(this->Load(bytes, 0, 0));
  }
}

// All weights in each lane, -W-1 too: a faulty cell may read as it, and it goes to the host.
TYPED_TEST(WeightPortTb, EveryWeightInEveryLaneIsSentSignExtended) {
  const int count = 1 << TestFixture::kWeightBits;
  for (int start = 0; start < count; ++start) {
    model::RowWord word{};
    for (int l = 0; l < TestFixture::kLanes; ++l) {
      word[l] = static_cast<std::int8_t>((start + l) % count - count / 2);
    }
    ASSERT_NO_FATAL_FAILURE(this->Save(word, 0));
  }
}

// A word in kBeats cycles, and one to take it.
TYPED_TEST(WeightPortTb, WordTakesItsBeats) {
  const std::uint64_t start = this->bench.CycleCount();
  for (int i = 0; i < 10; ++i) ASSERT_NO_FATAL_FAILURE(this->Load(this->RandomBytes(), 0, 0));
  EXPECT_EQ(this->bench.CycleCount() - start, 10u * (TestFixture::kBeats + 1));
  const std::uint64_t middle = this->bench.CycleCount();
  for (int i = 0; i < 10; ++i) ASSERT_NO_FATAL_FAILURE(this->Save({}, 0));
  EXPECT_EQ(this->bench.CycleCount() - middle, 10u * (TestFixture::kBeats + 1));
}

// Loads and saves in any order, with 0 to 90 % stalls on the host's side and words that wait to be
// taken for up to 5 cycles.
TYPED_TEST(WeightPortTb, RandomWordsWithStallsMatchModel) {
  for (int i = 0; i < 1000; ++i) {
    const int stalls = static_cast<int>(this->random.Below(4)) * 30;
    if (this->random.Percent(50)) {
      ASSERT_NO_FATAL_FAILURE(
          this->Load(this->RandomBytes(), stalls, static_cast<int>(this->random.Below(6))));
    } else {
      ASSERT_NO_FATAL_FAILURE(this->Save(
          RandomWord(this->random, TestFixture::kLanes, TestFixture::kWeightBits), stalls));
    }
  }
}

// After each number of beats of a load and of a save: the next word begins with its first lane.
TYPED_TEST(WeightPortTb, ClearAndResetDropTheWord) {
  for (int i = 0; i < 4 * (TestFixture::kBeats + 1); ++i) {
    const bool load = i % 2 == 0;
    this->bench->load_i = load;
    this->bench->save_valid_i = !load;
    this->bench->s_axis_tvalid_i = load;
    this->bench->m_axis_tready_i = 1;
    for (int beat = 0; beat < i / 4; ++beat) {
      this->bench.Cycle();
      this->bench->save_valid_i = 0;
    }
    this->bench->save_valid_i = 0;
    if (i % 4 < 2) {
      this->bench->clear_i = 1;
      this->bench.Cycle();
      this->bench->clear_i = 0;
    } else {
      this->bench.Reset();
    }
    this->bench->s_axis_tvalid_i = 0;
    this->bench->m_axis_tready_i = 0;
    this->bench.Dut().eval();
    ASSERT_EQ(this->bench->load_valid_o, 0);
    ASSERT_EQ(this->bench->m_axis_tvalid_o, 0);
    ASSERT_NO_FATAL_FAILURE(
        this->Save(RandomWord(this->random, TestFixture::kLanes, TestFixture::kWeightBits), 30));
    ASSERT_NO_FATAL_FAILURE(this->Load(this->RandomBytes(), 30, 1));
  }
}

}  // namespace
}  // namespace ep::tb
