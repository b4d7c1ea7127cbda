// SPDX-License-Identifier: Apache-2.0

#include "model/sense/program.h"

#include <gtest/gtest.h>

#include <vector>

#include "model/common/raw_random.h"
#include "model/sense/sense.h"

namespace ep::model {
namespace {

// Cells that remember their pulses.
class Recorder final : public ArrayPort {
 public:
  struct Pulse {
    std::uint32_t row;
    bool value;
    Cells mask;
  };

  explicit Recorder(int lanes) : array_(4, lanes) {}
  void Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) override {
    array_.Sense(row, cycles, cells, late);
  }
  int StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) override {
    pulses.push_back({row, value, mask});
    return array_.StartPulse(row, value, mask, level);
  }
  void EndPulse(int cycles) override { array_.EndPulse(cycles); }

  std::vector<Pulse> pulses;

 private:
  Array array_;
};

TEST(ProgramTest, EqualWordsAreNotPulsed) {
  Recorder array(8);
  Program program(array, 8, 8);
  RowWord word{};
  word[0] = -128;
  word[7] = 127;
  const Program::Report& report = program.Write(1, word, word);
  EXPECT_EQ(report.shots, 0);
  EXPECT_EQ(report.cells_set, 0);
  EXPECT_EQ(report.cells_reset, 0);
  EXPECT_TRUE(array.pulses.empty());
}

TEST(ProgramTest, SetComesBeforeReset) {
  Recorder array(8);
  Program program(array, 8, 8);
  RowWord old_word{};
  RowWord new_word{};
  old_word[3] = 4;   // 00000100
  new_word[3] = -1;  // 11111111
  old_word[5] = 3;   // 00000011
  new_word[5] = 1;   // 00000001
  const Program::Report& report = program.Write(2, old_word, new_word);
  EXPECT_EQ(report.shots, 2);
  EXPECT_EQ(report.cells_set, 7);
  EXPECT_EQ(report.cells_reset, 1);
  ASSERT_EQ(array.pulses.size(), 2U);
  EXPECT_EQ(array.pulses[0].row, 2U);
  EXPECT_TRUE(array.pulses[0].value);
  EXPECT_EQ(array.pulses[0].mask[3], 0xfb);
  EXPECT_EQ(array.pulses[0].mask[5], 0);
  EXPECT_FALSE(array.pulses[1].value);
  EXPECT_EQ(array.pulses[1].mask[3], 0);
  EXPECT_EQ(array.pulses[1].mask[5], 2);
}

TEST(ProgramTest, OneDirectionTakesOneShot) {
  Recorder array(8);
  Program program(array, 8, 4);
  RowWord zero{};
  RowWord minus{};
  minus[0] = -1;
  EXPECT_EQ(program.Write(0, zero, minus).shots, 1);
  EXPECT_EQ(array.pulses.back().mask[0], 0x0f);  // four cells a weight, not eight
  EXPECT_EQ(program.Write(0, minus, zero).shots, 1);
  EXPECT_FALSE(array.pulses.back().value);
}

// The array holds the new word, and no cell that was right is pulsed.
TEST(ProgramTest, RandomWordsAreHeldAndOnlyChangedCellsPulsed) {
  RawRandom random(2);
  for (int bits = 2; bits <= 8; ++bits) {
    Recorder array(16);
    Sense sense(array, 16, bits);
    Program program(array, 16, bits);
    const int largest = (1 << (bits - 1)) - 1;
    for (int beat = 0; beat < 300; ++beat) {
      const std::uint32_t row = random.Below(4);
      const RowWord old_word = sense.Read(row);
      RowWord new_word{};
      int changed = 0;
      for (int l = 0; l < 16; ++l) {
        new_word[l] = static_cast<std::int8_t>(random.Between(-largest, largest));
        changed += std::popcount(static_cast<std::uint8_t>(old_word[l] ^ new_word[l]) &
                                 ((1U << bits) - 1));
      }
      const Program::Report& report = program.Write(row, old_word, new_word);
      ASSERT_EQ(report.cells_set + report.cells_reset, changed) << "beat " << beat;
      ASSERT_EQ(sense.Read(row), new_word) << "beat " << beat;
    }
  }
}

}  // namespace
}  // namespace ep::model
