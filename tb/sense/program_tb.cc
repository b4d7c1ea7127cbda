// SPDX-License-Identifier: Apache-2.0
//
// ep_program on an array whose cells are watched, against model/sense/program.h.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "Vep_program.h"
#include "model/array/array.h"
#include "model/sense/program.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 91;
constexpr int kRows = 1024, kLanes = 8, kWeightBits = 8;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

struct SeenPulse {
  std::uint32_t row = 0;
  bool value = false;
  std::uint64_t mask = 0;
  bool operator==(const SeenPulse&) const = default;
};

// What the model does to the array.
class Recorder final : public model::ArrayPort {
 public:
  void Sense(std::uint32_t, int, model::Cells&, model::Cells&) override {}
  int StartPulse(std::uint32_t row, bool value, const model::Cells& mask, int) override {
    std::uint64_t columns = 0;
    for (int l = 0; l < kLanes; ++l) columns |= std::uint64_t{mask[l]} << (8 * l);
    pulses.push_back({row, value, columns});
    return 0;
  }
  void EndPulse(int) override {}
  std::deque<SeenPulse> pulses;
};

model::RowWord ToWord(std::uint64_t columns) { return GetWord(columns, kLanes, kWeightBits); }

class ProgramTb : public ::testing::Test {
 protected:
  ProgramTb() {
    bench->clear_i = bench->valid_i = 0;
    bench->ready_i = 1;
    bench->pulse_i = 1;
    bench.Reset();
  }

  // The cycles that a word takes, from that of the request to that of done.
  int Write(std::uint32_t row, std::uint64_t old_word, std::uint64_t new_word) {
    Start(row, old_word, new_word);
    const model::Program::Report report = model.Write(row, ToWord(old_word), ToWord(new_word));
    int shots = 0, set = 0, reset = 0;
    for (int cycles = 1; cycles < 300000; ++cycles) {
      bench->ready_i = !random.Percent(macro_stalls);
      bench.Dut().eval();
      Check();
      if (HasFatalFailure()) return 0;
      const bool done = bench->done_o;
      if (done) {
        EXPECT_EQ(bench->changed_o, report.shots > 0) << Where();
      }
      if (bench->shot_o) {
        ++shots;
        (bench->shot_set_o ? set : reset) += bench->cells_o;
      }
      bench.Cycle();
      if (!done) continue;
      bench->valid_i = 0;
      EXPECT_TRUE(recorder.pulses.empty()) << Where() << ": pulses are missing";
      EXPECT_EQ(cells, new_word) << Where();
      EXPECT_EQ(shots, report.shots) << Where();
      EXPECT_EQ(set, report.cells_set) << Where();
      EXPECT_EQ(reset, report.cells_reset) << Where();
      return cycles;
    }
    ADD_FAILURE() << Where() << ": not done";
    return 0;
  }

  void Start(std::uint32_t row, std::uint64_t old_word, std::uint64_t new_word) {
    bench->valid_i = 1;
    bench->row_i = static_cast<std::uint16_t>(row);
    bench->old_i = old_word;
    bench->new_i = new_word;
    cells = old_word;
  }

  // Looks at the array port in each cycle.
  void Check() {
    const Port now{static_cast<bool>(bench->program_o), static_cast<bool>(bench->ready_i),
                   bench->row_o, bench->prog_d_o, bench->prog_mask_o};
    ASSERT_EQ(bench->busy_o, bench->valid_i) << Where();
    ASSERT_EQ(bench->prog_level_o, 0) << Where();
    if (now.program) {
      ASSERT_TRUE(bench->valid_i) << Where();
      ASSERT_NE(now.mask, 0u) << Where();
      ASSERT_EQ(now.row, bench->row_i) << Where();
      ASSERT_EQ(now.mask & ~(cells ^ bench->new_i), 0u) << Where() << ": a cell is right already";
      ASSERT_EQ(now.data & now.mask, bench->new_i & now.mask) << Where();
      // From the cycle before program rises on.
      ASSERT_EQ(now.row, before.row) << Where() << ": row moved";
      ASSERT_EQ(now.data, before.data) << Where() << ": data moved";
      ASSERT_EQ(now.mask, before.mask) << Where() << ": mask moved";
      if (!before.program) {
        ASSERT_TRUE(before.ready) << Where() << ": begun while the macro was not ready";
        ASSERT_FALSE(recorder.pulses.empty()) << Where() << ": no pulse expected";
        const SeenPulse pulse{now.row, (now.data & now.mask) != 0, now.mask};
        ASSERT_EQ(pulse.row, recorder.pulses.front().row) << Where();
        ASSERT_EQ(pulse.value, recorder.pulses.front().value) << Where();
        ASSERT_EQ(pulse.mask, recorder.pulses.front().mask) << Where();
        recorder.pulses.pop_front();
        length = 0;
      }
      ++length;
    }
    const bool last = now.program && length == std::max<int>(1, bench->pulse_i);
    ASSERT_EQ(bench->shot_o, last) << Where() << ": cycle " << length << " of the pulse";
    ASSERT_EQ(bench->cells_o, last ? std::popcount(now.mask) : 0) << Where();
    if (last) {
      ASSERT_EQ(bench->shot_set_o, (now.data & now.mask) != 0) << Where();
      cells = (cells & ~now.mask) | (now.data & now.mask);
    }
    ASSERT_TRUE(now.program || !before.program || ended) << Where() << ": a pulse was cut";
    ended = last;
    before = now;
  }

  std::string Where() {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
           " pulse " + std::to_string(bench->pulse_i) + " row " + std::to_string(bench->row_i) +
           " old " + std::to_string(bench->old_i) + " new " + std::to_string(bench->new_i);
  }

  std::uint64_t Noise() { return std::uint64_t{random.Bits()} << 32 | random.Bits(); }

  struct Port {
    bool program = false, ready = false;
    std::uint32_t row = 0;
    std::uint64_t data = 0, mask = 0;
  };

  Random random{kSeed};
  Bench<Vep_program> bench{kSeed};
  Recorder recorder;
  model::Program model{recorder, kLanes, kWeightBits};
  int macro_stalls = 0;     // percent
  std::uint64_t cells = 0;  // of the row
  Port before;              // the cycle before
  int length = 0;           // of the pulse so far
  bool ended = false;       // in the cycle before
};

TEST_F(ProgramTb, EqualWordsAreDoneAtOnce) {
  for (const std::uint64_t word : {std::uint64_t{0}, kAll, Noise()}) {
    EXPECT_EQ(Write(5, word, word), 1);
  }
}

// Each cell alone in both directions: the first and the last column of each lane among them.
TEST_F(ProgramTb, EachCellIsProgrammedAlone) {
  bench->pulse_i = 2;
  for (int column = 0; column < 64; ++column) {
    const std::uint64_t word = Noise(), cell = std::uint64_t{1} << column;
    Write(kRows - 1, word & ~cell, word | cell);
    Write(0, word | cell, word & ~cell);
    if (HasFailure()) return;
  }
}

TEST_F(ProgramTb, AllCellsAreProgrammedInOnePulse) {
  Write(1, 0, kAll);
  Write(1, kAll, 0);
  Write(1, 0x5555555555555555, 0xAAAAAAAAAAAAAAAA);
}

// Pulses of 1 to 8 cycles, the longest, and 0, which counts as 1: a cycle of set-up, or two where
// no cell becomes 1, and the pulse; the other direction takes its own.
TEST_F(ProgramTb, DirectionTakesSetUpAndPulse) {
  for (const int pulse : {0, 1, 2, 3, 4, 5, 6, 7, 8, 255, 256, 65535}) {
    bench->pulse_i = static_cast<std::uint16_t>(pulse);
    const int cycles = std::max(1, pulse);
    EXPECT_EQ(Write(2, 0x0F, 0x1F), 1 + cycles);
    EXPECT_EQ(Write(2, 0x1F, 0x0F), 2 + cycles);
    EXPECT_EQ(Write(2, 0x0F, 0xF0), 2 + 2 * cycles);
    if (HasFailure()) return;
  }
}

// Before either pulse, in it and between them.
TEST_F(ProgramTb, NoPulseBeginsBeforeTheMacroIsReady) {
  bench->pulse_i = 3;
  for (int cycle = 0; cycle < 10; ++cycle) {
    model.Write(3, ToWord(0xF0), ToWord(0x0F));
    Start(3, 0xF0, 0x0F);
    bool done = false;
    for (int i = 0; i < 30 && !done; ++i) {
      bench->ready_i = i < cycle || i >= cycle + 6;
      bench.Dut().eval();
      Check();
      if (HasFatalFailure()) return;
      done = bench->done_o;
      bench.Cycle();
    }
    EXPECT_TRUE(done);
    EXPECT_EQ(cells, 0x0Fu);
  }
}

TEST_F(ProgramTb, NothingIsPulsedWithoutRequest) {
  bench->old_i = 0;
  bench->new_i = kAll;
  for (int i = 0; i < 20; ++i) {
    bench.Dut().eval();
    ASSERT_EQ(bench->program_o | bench->done_o | bench->busy_o | bench->changed_o, 0);
    bench.Cycle();
  }
}

// In each cycle of a word with both pulses, also where it falls between clock edges: program falls
// with the reset and stays low in it, whatever is asked for; after it the word begins again.
TEST_F(ProgramTb, NothingIsPulsedInReset) {
  bench->pulse_i = 3;
  for (int cycle = 0; cycle < 9; ++cycle) {
    Start(4, 0xFF00, 0x00FF);
    bench.Cycle(cycle);
    bench->rst_ni = 0;
    bench.Dut().eval();
    for (int i = 0; i < 4; ++i) {
      ASSERT_EQ(bench->program_o, 0) << "after " << cycle << " cycles";
      bench.Cycle();
    }
    ASSERT_EQ(bench->program_o, 0);
    bench->rst_ni = 1;
    bench->valid_i = 0;
    before = {};
    ended = false;
    Write(4, 0xFF00, 0x00FF);
    if (HasFailure()) return;
  }
}

// In each cycle of a word with both pulses: the pulse ends, and the next word begins with the cells
// that become 1.
TEST_F(ProgramTb, ClearEndsThePulse) {
  bench->pulse_i = 3;
  for (int cycle = 0; cycle < 9; ++cycle) {
    Start(4, 0xFF00, 0x00FF);
    bench.Cycle(cycle);
    bench->clear_i = 1;
    bench.Cycle();
    bench->clear_i = 0;
    bench->valid_i = 0;
    bench.Dut().eval();
    ASSERT_EQ(bench->program_o, 0) << "after " << cycle << " cycles";
    bench.Cycle();
    before = {};
    ended = false;
    Write(4, 0xFF00, 0x00FF);
    if (HasFailure()) return;
  }
}

// Words one after the other and with pauses, of any difference, of few cells, of one direction, and
// equal ones; pulses of 1 to 6 cycles, the macro not ready in 0 to 80 % of the cycles.
TEST_F(ProgramTb, RandomWordsMatchModel) {
  for (int i = 0; i < 3000; ++i) {
    if (i % 50 == 0) {
      bench->pulse_i = static_cast<std::uint16_t>(1 + random.Below(6));
      macro_stalls = static_cast<int>(random.Below(5)) * 20;
    }
    const std::uint64_t old_word = Noise(), sparse = Noise() & Noise() & Noise() & Noise();
    const std::uint32_t kind = random.Below(5);
    const std::uint64_t new_word = kind == 0   ? Noise()
                                   : kind == 1 ? old_word ^ sparse
                                   : kind == 2 ? old_word | sparse
                                   : kind == 3 ? old_word & ~sparse
                                               : old_word;
    Write(random.Below(kRows), old_word, new_word);
    if (HasFailure()) return;
    for (std::uint32_t pause = random.Below(3); pause > 0; --pause) {
      before = {};
      bench.Cycle();
      bench.Dut().eval();
      ASSERT_EQ(bench->program_o, 0) << Where();
    }
  }
}

}  // namespace
}  // namespace ep::tb
