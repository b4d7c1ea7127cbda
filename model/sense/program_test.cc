// SPDX-License-Identifier: Apache-2.0

#include "model/sense/program.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

#include "model/common/raw_random.h"
#include "model/sense/sense.h"

namespace ep::model {
namespace {

// Cells that remember their pulses; those of `dead` never switch, and level 0 is too weak for those
// of `weak`, in lane 0.
class Recorder final : public ArrayPort {
 public:
  struct Pulse {
    std::uint32_t row;
    bool value;
    Cells mask;
    int level;
    int cycles;
  };

  explicit Recorder(int lanes) : array_(4, lanes) {}
  void Sense(std::uint32_t row, int cycles, Cells& cells, Cells& late) override {
    ++senses;
    array_.Sense(row, cycles, cells, late);
  }
  int StartPulse(std::uint32_t row, bool value, const Cells& mask, int level) override {
    pulses.push_back({row, value, mask, level, 0});
    Cells switching = mask;
    switching[0] &= static_cast<std::uint8_t>(~(level == 0 ? dead | weak : dead));
    array_.StartPulse(row, value, switching, level);
    return ready;
  }
  void EndPulse(int cycles) override {
    pulses.back().cycles = cycles;
    array_.EndPulse(cycles);
  }

  std::vector<Pulse> pulses;
  int senses = 0, dead = 0, weak = 0, ready = 0;

 private:
  Array array_;
};

// What a test needs to program rows.
struct Fixture {
  explicit Fixture(int lanes, int bits = 8, const ArrayAccess& access = {})
      : array(lanes),
        sense(array, lanes, bits, access),
        program(array, sense, log, lanes, bits, access) {}
  Recorder array;
  Sense sense;
  FailureLog log;
  Program program;
};

TEST(ProgramTest, EqualWordsAreNotPulsed) {
  Fixture f(8, 8, {.verify = true});
  RowWord word{};
  word[0] = -128;
  word[7] = 127;
  const Program::Report& report = f.program.Write(1, word, word);
  EXPECT_TRUE(report.shots.empty());
  EXPECT_EQ(report.pulses, 0);
  EXPECT_TRUE(f.array.pulses.empty());
  EXPECT_EQ(f.array.senses, 0);
}

TEST(ProgramTest, SetComesBeforeReset) {
  Fixture f(8);
  RowWord old_word{};
  RowWord new_word{};
  old_word[3] = 4;   // 00000100
  new_word[3] = -1;  // 11111111
  old_word[5] = 3;   // 00000011
  new_word[5] = 1;   // 00000001
  const Program::Report& report = f.program.Write(2, old_word, new_word);
  ASSERT_EQ(report.shots.size(), 1U);
  EXPECT_EQ(report.shots[0].cells_set, 7);
  EXPECT_EQ(report.shots[0].cells_reset, 1);
  EXPECT_EQ(report.verifies, 0);
  const std::vector<Recorder::Pulse>& pulses = f.array.pulses;
  ASSERT_EQ(pulses.size(), 2U);
  EXPECT_EQ(pulses[0].row, 2U);
  EXPECT_TRUE(pulses[0].value);
  EXPECT_EQ(pulses[0].mask[3], 0xfb);
  EXPECT_EQ(pulses[0].mask[5], 0);
  EXPECT_EQ(pulses[0].level, 0);
  EXPECT_EQ(pulses[0].cycles, 1);
  EXPECT_FALSE(pulses[1].value);
  EXPECT_EQ(pulses[1].mask[3], 0);
  EXPECT_EQ(pulses[1].mask[5], 2);
}

TEST(ProgramTest, OneDirectionTakesOnePulse) {
  Fixture f(8, 4);
  RowWord zero{};
  RowWord minus{};
  minus[0] = -1;
  EXPECT_EQ(f.program.Write(0, zero, minus).pulses, 1);
  EXPECT_EQ(f.array.pulses.back().mask[0], 0x0f);  // four cells a weight, not eight
  EXPECT_EQ(f.program.Write(0, minus, zero).pulses, 1);
  EXPECT_FALSE(f.array.pulses.back().value);
}

// Two cells become 1, one of them only with the second shot, which drives it alone.
TEST(ProgramTest, OnlyCellsThatFailedArePulsedAgain) {
  ArrayAccess access{.verify = true, .shots = 3, .pulse = 5};
  access.set = {{{0, 1}, {2, 4}, {3, 1}}};
  Fixture f(8, 8, access);
  f.array.weak = 0x02;
  RowWord word{};
  word[0] = 3;
  const Program::Report& report = f.program.Write(0, {}, word);
  ASSERT_EQ(f.array.pulses.size(), 2U);
  EXPECT_EQ(f.array.pulses[0].mask[0], 3);
  EXPECT_EQ(f.array.pulses[0].cycles, 5);
  EXPECT_EQ(f.array.pulses[1].mask[0], 2);
  EXPECT_EQ(f.array.pulses[1].level, 2);
  EXPECT_EQ(f.array.pulses[1].cycles, 20);
  EXPECT_EQ(report.verifies, 2);
  EXPECT_FALSE(report.Failed());
  EXPECT_EQ(f.sense.Read(0, 8), word);
  EXPECT_TRUE(f.log.Take().first.empty());
}

// One cell of each direction never switches: all shots, then the log.
TEST(ProgramTest, WhatStillFailsGoesToTheLog) {
  Fixture f(8, 8, {.verify = true, .shots = 3});
  RowWord old_word{};
  RowWord new_word{};
  new_word[0] = 0x11;
  f.program.Write(2, old_word, new_word);
  f.array.dead = 0x11;
  f.array.pulses.clear();
  old_word[0] = 0x11;
  new_word[0] = 0x22;
  const Program::Report& report = f.program.Write(2, old_word, new_word);
  EXPECT_EQ(f.array.pulses.size(), 1U + 3U);  // the cells that become 1 need no second shot
  EXPECT_EQ(report.verifies, 3);
  EXPECT_TRUE(report.Failed());
  EXPECT_EQ(report.failed.cells_set, 0);
  EXPECT_EQ(report.failed.cells_reset, 2);
  EXPECT_EQ(f.log.Take().first, (std::vector<Failure>{{.row = 2, .lane = 0, .cells = 0x11}}));
  EXPECT_EQ(f.sense.Read(2, 8)[0], 0x33);
}

// Every value, every set of cells that failed: the other bit in the highest of them, and no value
// on the way there has it.
TEST(ProgramTest, ShrinkIsTheFirstValueTowardsZero) {
  for (int bits = 2; bits <= 8; ++bits) {
    const int over = 1 << (bits - 1);
    for (int value = -over; value < over; ++value) {
      for (unsigned failed = 1; failed < 1U << bits; ++failed) {
        const int cell = std::bit_width(failed) - 1;
        const int shrunk = Program::Shrink(value, failed);
        const int step = value < 0 ? 1 : -1;
        int first = value;
        while ((first >> cell & 1) == (value >> cell & 1)) first += step;
        ASSERT_EQ(shrunk, first) << value << " failed " << failed;
        ASSERT_TRUE(value < 0 ? shrunk <= 0 : shrunk >= -1) << value << " failed " << failed;
      }
    }
  }
}

// A step from 7 to 8 where the cell of 8 is dead: 7 again, not 0.
TEST(ProgramTest, WeightThatFailsShrinks) {
  for (const bool shrink : {false, true}) {
    Fixture f(8, 8, {.verify = true, .shrink = shrink, .shots = 2});
    RowWord seven{};
    RowWord eight{};
    seven[0] = 7;
    eight[0] = 8;
    f.program.Write(1, {}, seven);
    f.array.dead = 0x08;
    const Program::Report& report = f.program.Write(1, seven, eight);
    EXPECT_TRUE(report.Failed());
    EXPECT_EQ(report.shots.size(), shrink ? 3U : 2U);
    EXPECT_EQ(report.verifies, shrink ? 3 : 2);
    EXPECT_EQ(f.sense.Read(1, 8)[0], shrink ? 7 : 0);
    EXPECT_EQ(f.log.Take().first, (std::vector<Failure>{{.row = 1, .lane = 0, .cells = 0x08}}));
  }
}

TEST(ProgramTest, SelfTimedPulseEndsACycleAfterTheMacroIsReady) {
  for (const int ready : {0, 1, 4, 9, 100}) {
    Fixture f(8, 8, {.self_timed = true, .pulse = 10});
    f.array.ready = ready;
    RowWord word{};
    word[0] = 1;
    f.program.Write(0, {}, word);
    EXPECT_EQ(f.array.pulses[0].cycles, ready == 0 || ready > 9 ? 10 : ready + 1);
  }
}

// The array holds the new word, and no cell that was right is pulsed.
TEST(ProgramTest, RandomWordsAreHeldAndOnlyChangedCellsPulsed) {
  RawRandom random(2);
  for (int bits = 2; bits <= 8; ++bits) {
    Fixture f(16, bits);
    const int largest = (1 << (bits - 1)) - 1;
    for (int beat = 0; beat < 300; ++beat) {
      const std::uint32_t row = random.Below(4);
      const RowWord old_word = f.sense.Read(row, 16);
      RowWord new_word{};
      int changed = 0;
      for (int l = 0; l < 16; ++l) {
        new_word[l] = static_cast<std::int8_t>(random.Between(-largest, largest));
        changed += std::popcount(static_cast<std::uint8_t>(old_word[l] ^ new_word[l]) &
                                 ((1U << bits) - 1));
      }
      const Program::Report& report = f.program.Write(row, old_word, new_word);
      int pulsed = 0;
      for (const Program::ShotCells& shot : report.shots) {
        pulsed += shot.cells_set + shot.cells_reset;
      }
      ASSERT_EQ(pulsed, changed) << "beat " << beat;
      ASSERT_EQ(f.sense.Read(row, 16), new_word) << "beat " << beat;
    }
  }
}

}  // namespace
}  // namespace ep::model
