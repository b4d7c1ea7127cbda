// SPDX-License-Identifier: Apache-2.0
//
// ep_array against model/array/array.h.

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "Vep_array.h"
#include "Vep_array_timed.h"
#include "model/array/array.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 61;
constexpr int kRows = 32, kLanes = 8;  // of 8 bits
constexpr std::uint64_t kAll = ~std::uint64_t{0};

model::Cells ToCells(std::uint64_t columns) {
  model::Cells cells{};
  for (int l = 0; l < kLanes; ++l) cells[l] = static_cast<std::uint8_t>(columns >> (8 * l));
  return cells;
}

class ArrayTb : public ::testing::Test {
 protected:
  ArrayTb() {
    Idle();
    bench.Reset();
    for (std::uint32_t row = 0; row < kRows; ++row) Program(row, 0, kAll);
  }

  void Idle() { bench->precharge_i = bench->sense_i = bench->program_i = bench->xnor_en_i = 0; }

  // A pulse of some cycles. The model drives the masked cells to one value a call.
  void Program(std::uint32_t row, std::uint64_t data, std::uint64_t mask, int cycles = 1) {
    Idle();
    bench->row_i = static_cast<std::uint8_t>(row);
    bench->prog_d_i = data;
    bench->prog_mask_i = mask;
    bench->prog_level_i = static_cast<std::uint8_t>(random.Below(8));
    bench.Cycle();
    bench->program_i = 1;
    bench.Cycle(cycles);
    bench->program_i = 0;
    model.Pulse(row, true, ToCells(mask & data));
    model.Pulse(row, false, ToCells(mask & ~data));
  }

  std::uint64_t Model(std::uint32_t row) {
    model::Cells cells{}, late{};
    model.Sense(row, 1, cells, late);
    std::uint64_t columns = 0;
    for (int l = 0; l < kLanes; ++l) columns |= std::uint64_t{cells[l]} << (8 * l);
    return columns;
  }

  // q in the cycle of the sense and after it, until the next precharge; in that it is 0.
  void CheckSense(std::uint32_t row, bool xnor, std::uint64_t operand) {
    Idle();
    bench->row_i = static_cast<std::uint8_t>(row);
    bench->xnor_en_i = xnor;
    bench->xnor_x_i = operand;
    bench->prog_d_i = Noise();
    bench->prog_mask_i = Noise();
    bench->precharge_i = 1;
    bench.Cycle();
    ASSERT_EQ(bench->q_o, 0u);
    bench->precharge_i = 0;
    bench->sense_i = 1;
    bench.Dut().eval();
    const std::uint64_t cells = Model(row), expected = xnor ? ~(cells ^ operand) : cells;
    ASSERT_EQ(bench->q_o, expected) << "seed " << kSeed << " cycle " << bench.CycleCount()
                                    << " row " << row << " xnor " << xnor << " " << operand;
    ASSERT_EQ(bench->late_o, 0u);
    ASSERT_EQ(bench->ready_o, 1);
    bench.Cycle();
    ASSERT_EQ(bench->q_o, expected) << "a sense changes no cell";
    Idle();
    bench->row_i = static_cast<std::uint8_t>(random.Below(kRows));
    bench.Cycle(2);
    ASSERT_EQ(bench->q_o, expected) << "the latches hold";
  }

  std::uint64_t Noise() { return std::uint64_t{random.Bits()} << 32 | random.Bits(); }

  Random random{kSeed};
  Bench<Vep_array> bench{kSeed};
  model::Array model{kRows, kLanes};
};

// Each column alone in the first and the last row, to 1 and back.
TEST_F(ArrayTb, EachCellIsProgrammedAlone) {
  for (const std::uint32_t row : {0, kRows - 1}) {
    for (int column = 0; column < 64; ++column) {
      Program(row, kAll, std::uint64_t{1} << column);
      ASSERT_NO_FATAL_FAILURE(CheckSense(row, false, 0));
      Program(row, column % 2 == 0 ? 0 : Noise(), kAll);
    }
    for (int column = 0; column < 64; ++column) {
      Program(row, 0, std::uint64_t{1} << column);
      ASSERT_NO_FATAL_FAILURE(CheckSense(row, false, 0));
    }
  }
}

TEST_F(ArrayTb, PulseWithoutMaskChangesNothing) {
  Program(3, 0x123456789ABCDEF0, kAll);
  Program(3, Noise(), 0, 5);
  ASSERT_NO_FATAL_FAILURE(CheckSense(3, false, 0));
  EXPECT_EQ(Model(3), 0x123456789ABCDEF0u);
}

TEST_F(ArrayTb, LongPulseIsThatOfOneCycle) {
  Program(7, 0x0F0F0F0F0F0F0F0F, 0x00FFFF00FFFF0000, 100);
  ASSERT_NO_FATAL_FAILURE(CheckSense(7, false, 0));
}

TEST_F(ArrayTb, NothingIsProgrammedInReset) {
  bench.Cycle();
  bench->rst_ni = 0;
  bench->row_i = 5;
  bench->prog_d_i = kAll;
  bench->prog_mask_i = kAll;
  bench->program_i = 1;
  bench.Cycle(3);
  bench->program_i = 0;
  bench->rst_ni = 1;
  ASSERT_NO_FATAL_FAILURE(CheckSense(5, false, 0));
}

// 0, 1, and an operand equal to the cells give the complement, the cells, and all ones.
TEST_F(ArrayTb, XnorComparesCellsWithItsOperand) {
  Program(9, 0x00FF00FF55AA33CC, kAll);
  for (const std::uint64_t operand : {std::uint64_t{0}, kAll, Model(9), ~Model(9)}) {
    ASSERT_NO_FATAL_FAILURE(CheckSense(9, true, operand));
    ASSERT_NO_FATAL_FAILURE(CheckSense(9, false, operand));
  }
}

// Pulses of 1 to 3 cycles on random cells to random values, one in four on the last row and its
// neighbour, between them senses, one in four with an operand; at the end every row.
TEST_F(ArrayTb, RandomOperationsMatchModel) {
  for (int i = 0; i < 5000; ++i) {
    const std::uint32_t row =
        random.Percent(25) ? kRows - 1 - random.Below(2) : random.Below(kRows);
    if (random.Percent(50)) {
      const std::uint64_t mask = random.Percent(10) ? 0 : Noise() & Noise();
      Program(row, random.Percent(50) ? Noise() : (random.Percent(50) ? kAll : 0), mask,
              1 + static_cast<int>(random.Below(3)));
    } else {
      ASSERT_NO_FATAL_FAILURE(CheckSense(row, random.Percent(25), Noise()));
    }
  }
  for (std::uint32_t row = 0; row < kRows; ++row) {
    ASSERT_NO_FATAL_FAILURE(CheckSense(row, false, 0));
  }
}

// A macro that needs 2 cycles of precharge, 2 of sense, and pulses of 3 to 8 cycles.
class TimedArray {
 public:
  TimedArray() {
    bench->precharge_i = bench->sense_i = bench->program_i = bench->xnor_en_i = 0;
    bench.Reset();
    bench.Cycle();
    Program(1, kCells, 3);
  }

  // Sets what is to become of a row, then pulses.
  void Program(std::uint32_t row, std::uint64_t data, int cycles) {
    bench->row_i = static_cast<std::uint8_t>(row);
    bench->prog_d_i = data;
    bench->prog_mask_i = kAll;
    bench.Cycle();
    bench->program_i = 1;
    bench.Cycle(cycles);
    bench->program_i = 0;
    bench.Cycle();
  }
  // q and late after the sense; its last cycle can be of another row.
  std::pair<std::uint64_t, std::uint64_t> Sense(int precharge, int sense, bool moves = false) {
    bench->row_i = 1;
    bench->precharge_i = 1;
    bench.Cycle(precharge);
    bench->precharge_i = 0;
    bench->sense_i = 1;
    bench.Cycle(sense - 1);
    if (moves) bench->row_i = 2;
    bench.Cycle();
    bench->sense_i = 0;
    bench.Cycle();
    return {bench->q_o, bench->late_o};
  }

  static constexpr std::uint64_t kCells = 0x0123456789ABCDEF;
  Bench<Vep_array_timed> bench{kSeed};
};

TEST(TimedArrayTb, LongEnoughAccessesAreRight) {
  TimedArray array;
  EXPECT_EQ(array.Sense(2, 2), std::pair(array.kCells, std::uint64_t{0}));
  EXPECT_EQ(array.Sense(5, 3), std::pair(array.kCells, std::uint64_t{0}));
  array.Program(1, ~array.kCells, 8);
  EXPECT_EQ(array.Sense(2, 2), std::pair(~array.kCells, std::uint64_t{0}));
}

TEST(TimedArrayTb, ShortSenseIsLateAndShortPulseChangesNothing) {
  TimedArray array;
  EXPECT_EQ(array.Sense(2, 1).second, kAll);
  array.Program(1, ~array.kCells, 2);
  EXPECT_EQ(array.Sense(2, 2).first, array.kCells);
}

TEST(TimedArrayTb, FaultsOfTheCoreAreTold) {
  const std::vector<std::pair<const char*, std::function<void(TimedArray&)>>> faults = {
      {"too little precharge", [](TimedArray& array) { array.Sense(1, 2); }},
      {"the row moves in a sense", [](TimedArray& array) { array.Sense(2, 2, true); }},
      {"too long a pulse", [](TimedArray& array) { array.Program(1, array.kCells, 9); }},
      {"the row moves in a precharge",
       [](TimedArray& array) {
         array.bench->precharge_i = 1;
         array.bench.Cycle();
         array.bench->row_i = 3;
         array.bench.Cycle(2);
       }},
      {"the mask moves in a pulse",
       [](TimedArray& array) {
         array.bench->program_i = 1;
         array.bench.Cycle();
         array.bench->prog_mask_i = 1;
         array.bench.Cycle(2);
       }},
      {"a sense in a pulse",
       [](TimedArray& array) {
         array.bench->precharge_i = 1;
         array.bench.Cycle(2);
         array.bench->precharge_i = 0;
         array.bench->sense_i = array.bench->program_i = 1;
         array.bench.Cycle(2);
       }},
      {"a sense in a precharge", [](TimedArray& array) {
         array.bench->precharge_i = 1;
         array.bench.Cycle(2);
         array.bench->sense_i = 1;
         array.bench.Cycle(2);
       }}};
  for (const auto& [name, fault] : faults) {
    TimedArray array;
    EXPECT_FALSE(array.bench.TakeError());
    fault(array);
    EXPECT_TRUE(array.bench.TakeError()) << name;
  }
}

}  // namespace
}  // namespace ep::tb
