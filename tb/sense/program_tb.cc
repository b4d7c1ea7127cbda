// SPDX-License-Identifier: Apache-2.0
//
// ep_program on an array whose cells are watched and fail, against model/sense/program.h over the
// same failures. ep_sense and ep_learn are played here: a verify takes any time, and with it the
// cells that were driven go to the old word.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "Vep_program.h"
#include "model/array/random_array.h"
#include "model/common/random_network.h"
#include "model/sense/program.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 91;
constexpr int kRows = 64, kLanes = 8, kWeightBits = 8;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

struct SeenPulse {
  std::uint32_t row = 0;
  bool value = false;
  std::uint64_t mask = 0;
  int level = 0;
  int cycles = 0;
  bool operator==(const SeenPulse&) const = default;
};

std::uint64_t Columns(const model::Cells& cells) {
  std::uint64_t columns = 0;
  for (int l = 0; l < kLanes; ++l) columns |= std::uint64_t{cells[l]} << (8 * l);
  return columns;
}

model::Cells ToCells(std::uint64_t columns) {
  model::Cells cells{};
  for (int l = 0; l < kLanes; ++l) cells[l] = static_cast<std::uint8_t>(columns >> (8 * l));
  return cells;
}

// What the model does to its array.
class Recorder final : public model::ArrayPort {
 public:
  explicit Recorder(const model::RandomErrors& errors, std::uint32_t seed)
      : array_(kRows, kLanes, kWeightBits, errors, seed) {}
  void Sense(std::uint32_t row, int cycles, model::Cells& cells, model::Cells& late) override {
    array_.Sense(row, cycles, cells, late);
  }
  int StartPulse(std::uint32_t row, bool value, const model::Cells& mask, int level) override {
    pulses.push_back({row, value, Columns(mask), level, 0});
    return array_.StartPulse(row, value, mask, level);
  }
  void EndPulse(int cycles) override {
    pulses.back().cycles = cycles;
    array_.EndPulse(cycles);
  }
  std::deque<SeenPulse> pulses;

 private:
  model::RandomArray array_;
};

model::RowWord ToWord(std::uint64_t columns) { return GetWord(columns, kLanes, kWeightBits); }

class ProgramTb : public ::testing::Test {
 protected:
  ProgramTb() {
    bench->clear_i = bench->valid_i = bench->verify_done_i = 0;
    bench->ready_i = bench->power_good_i = 1;
    Use({}, {}, 1);
    bench.Reset();
  }

  // How to program, and two arrays with the same failures.
  void Use(const ArrayAccess& used, const model::RandomErrors& errors, std::uint32_t seed) {
    access = used;
    // Senses are not what this is about.
    access.late = LatePolicy::kKeep;
    macro = std::make_unique<model::RandomArray>(kRows, kLanes, kWeightBits, errors, seed);
    recorder = std::make_unique<Recorder>(errors, seed);
    sense = std::make_unique<model::Sense>(*recorder, kLanes, kWeightBits, access);
    model =
        std::make_unique<model::Program>(*recorder, *sense, model_log, kLanes, kWeightBits, access);
    // programming_t, the first member highest.
    int next = 16 + 1 + 1 + 1 + 4 + 2 * 8 * 7;
    const auto put = [&](int width, int value) {
      next -= width;
      SetBits(bench->access_i, next, width, static_cast<std::uint64_t>(value));
    };
    put(16, access.pulse);
    put(1, access.verify);
    put(1, access.self_timed);
    put(1, access.shrink);
    put(4, access.shots);
    for (const ArrayAccess::Ladder* ladder : {&access.set, &access.reset}) {
      for (int i = ArrayAccess::kShots - 1; i >= 0; --i) {
        put(4, (*ladder)[i].length);
        put(3, (*ladder)[i].level);
      }
    }
  }

  // The cycles that a word takes, from that of the request to that of done. The row holds old_word
  // as far as its cells can.
  int Write(std::uint32_t row, std::uint64_t old_word, std::uint64_t new_word) {
    Start(row, old_word, new_word);
    const model::Program::Report report = model->Write(row, ToWord(old_word), ToWord(new_word));
    int pulses = 0, set = 0, reset = 0, set_again = 0, reset_again = 0, failed = 0;
    int failed_set = 0, failed_reset = 0, verifies = 0;
    for (int cycles = 1; cycles < 4000000; ++cycles) {
      Drive();
      Check();
      if (HasFatalFailure()) return 0;
      const bool done = bench->done_o;
      if (done) {
        EXPECT_EQ(bench->changed_o, !report.shots.empty()) << Where();
      }
      if (bench->shot_o) {
        ++pulses;
        (bench->shot_again_o ? (bench->shot_set_o ? set_again : reset_again)
                             : (bench->shot_set_o ? set : reset)) += shot_cells;
      }
      failed += bench->failed_o;
      if (bench->fail_o) {
        log.Push({bench->row_o, bench->fail_lane_o, bench->fail_cells_o});
        failed_set += bench->fail_set_o;
        failed_reset += bench->fail_reset_o;
      }
      verifies += bench->verify_done_i;
      End();
      if (!done) continue;
      bench->valid_i = 0;
      EXPECT_TRUE(recorder->pulses.empty()) << Where() << ": pulses are missing";
      EXPECT_EQ(pulses, report.pulses) << Where();
      EXPECT_EQ(verifies, report.verifies) << Where();
      model::Program::ShotCells again;
      for (std::size_t i = 1; i < report.shots.size(); ++i) {
        again.cells_set += report.shots[i].cells_set;
        again.cells_reset += report.shots[i].cells_reset;
      }
      EXPECT_EQ(set, report.shots.empty() ? 0 : report.shots[0].cells_set) << Where();
      EXPECT_EQ(reset, report.shots.empty() ? 0 : report.shots[0].cells_reset) << Where();
      EXPECT_EQ(set_again, again.cells_set) << Where();
      EXPECT_EQ(reset_again, again.cells_reset) << Where();
      EXPECT_EQ(failed, report.Failed()) << Where();
      EXPECT_EQ(failed_set, report.failed.cells_set) << Where();
      EXPECT_EQ(failed_reset, report.failed.cells_reset) << Where();
      EXPECT_EQ(log.Take(), model_log.Take()) << Where();
      failures += failed;
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
    verify_left = -1;
  }

  // Inputs of a cycle that follow from the one before: ready is 0 before a pulse as the macro
  // likes; in a pulse it is what the macro said of the cycle before.
  void Drive() {
    bench->ready_i = length > 0 ? ready_next : !random.Percent(macro_stalls);
    bench->verify_done_i = 0;
    bench.Dut().eval();
    if (bench->verify_o) {
      if (verify_left < 0) {
        verify_left = static_cast<int>(random.Below(4));
        EXPECT_EQ(bench->verify_care_o, bench->old_i ^ bench->new_i) << Where();
      }
      bench->verify_done_i = verify_left-- == 0;
      bench.Dut().eval();
    }
  }

  // The end of the cycle: with verify_done the driven cells of the old word become those sensed; a
  // weight that failed may become another.
  void End() {
    std::uint64_t old_word = bench->old_i, new_word = bench->new_i;
    if (bench->shrink_valid_o) {
      SetBits(new_word, bench->fail_lane_o * kWeightBits, kWeightBits, bench->shrunk_o);
    }
    if (bench->verify_done_i) {
      verify_left = -1;
      model::Cells cells{}, late{};
      macro->Sense(bench->row_i, access.sense, cells, late);
      const std::uint64_t driven = old_word ^ bench->new_i;
      old_word = (old_word & ~driven) | (Columns(cells) & driven);
    }
    bench.Cycle();
    bench->old_i = old_word;
    bench->new_i = new_word;
    bench->verify_done_i = 0;
  }

  // Looks at the array port in each cycle.
  void Check() {
    const Port now{static_cast<bool>(bench->program_o),
                   static_cast<bool>(bench->ready_i),
                   bench->row_o,
                   bench->prog_d_o,
                   bench->prog_mask_o,
                   bench->prog_level_o};
    ASSERT_EQ(bench->busy_o, bench->valid_i) << Where();
    if (now.program) {
      ASSERT_TRUE(bench->valid_i) << Where();
      ASSERT_NE(now.mask, 0u) << Where();
      ASSERT_EQ(now.row, bench->row_i) << Where();
      ASSERT_EQ(now.mask & ~(bench->old_i ^ bench->new_i), 0u)
          << Where() << ": a cell is right already";
      ASSERT_EQ(now.data & now.mask, bench->new_i & now.mask) << Where();
      // From the cycle before program rises on.
      ASSERT_EQ(now.row, before.row) << Where() << ": row moved";
      ASSERT_EQ(now.data, before.data) << Where() << ": data moved";
      ASSERT_EQ(now.mask, before.mask) << Where() << ": mask moved";
      ASSERT_EQ(now.level, before.level) << Where() << ": level moved";
      const bool value = (now.data & now.mask) != 0;
      if (!before.program) {
        ASSERT_TRUE(before.ready) << Where() << ": begun while the macro was not ready";
        ASSERT_FALSE(recorder->pulses.empty()) << Where() << ": no pulse expected";
        length = 0;
        ready_after = macro->StartPulse(now.row, value, ToCells(now.mask), now.level);
      }
      ++length;
      ready_next = ready_after > 0 && length >= ready_after;
      if (bench->shot_o) {
        const SeenPulse pulse{now.row, value, now.mask, now.level, length};
        const SeenPulse& expected = recorder->pulses.front();
        ASSERT_EQ(pulse.row, expected.row) << Where();
        ASSERT_EQ(pulse.value, expected.value) << Where();
        ASSERT_EQ(pulse.mask, expected.mask) << Where();
        ASSERT_EQ(pulse.level, expected.level) << Where();
        ASSERT_EQ(pulse.cycles, expected.cycles) << Where();
        recorder->pulses.pop_front();
        macro->EndPulse(length);
        ASSERT_EQ(bench->shot_set_o, value) << Where();
      }
    }
    ASSERT_LE(bench->shot_o, now.program) << Where();
    if (ended) {
      ASSERT_EQ(bench->cells_o, shot_cells) << Where();
    }
    if (bench->shot_o) shot_cells = std::popcount(now.mask);
    ASSERT_TRUE(now.program || !before.program || ended) << Where() << ": a pulse was cut";
    ended = bench->shot_o;
    if (ended) length = 0;
    before = now;
  }

  void ForgetPulse() {
    before = {};
    ended = false;
    length = 0;
  }

  std::string Where() {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
           " row " + std::to_string(bench->row_i) + " old " + std::to_string(bench->old_i) +
           " new " + std::to_string(bench->new_i);
  }

  std::uint64_t Noise() { return std::uint64_t{random.Bits()} << 32 | random.Bits(); }

  struct Port {
    bool program = false, ready = false;
    std::uint32_t row = 0;
    std::uint64_t data = 0, mask = 0;
    int level = 0;
  };

  Random random{kSeed};
  Bench<Vep_program> bench{kSeed};
  ArrayAccess access;
  std::unique_ptr<model::RandomArray> macro;
  std::unique_ptr<Recorder> recorder;
  std::unique_ptr<model::Sense> sense;
  std::unique_ptr<model::Program> model;
  model::FailureLog log, model_log;
  int macro_stalls = 0;  // percent
  int verify_left = -1;  // cycles until the sense is done
  Port before;           // the cycle before
  int length = 0;        // of the pulse so far
  int ready_after = 0;   // what the macro said at its start
  bool ready_next = true;
  bool ended = false;  // in the cycle before
  int shot_cells = 0;  // of the last pulse
  int failures = 0;    // row words
};

TEST_F(ProgramTb, EqualWordsAreDoneAtOnce) {
  for (const bool verify : {false, true}) {
    Use({.verify = verify}, {}, 1);
    for (const std::uint64_t word : {std::uint64_t{0}, kAll, Noise()}) {
      EXPECT_EQ(Write(5, word, word), 1);
    }
  }
}

// Each cell alone in both directions: the first and the last column of each lane among them.
TEST_F(ProgramTb, EachCellIsProgrammedAlone) {
  Use({.pulse = 2}, {}, 1);
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

// Pulses of 1 to 8 cycles and the longest, each length of a ladder: a cycle of set-up, or two where
// no cell becomes 1, and the pulse; the other direction takes its own.
TEST_F(ProgramTb, DirectionTakesSetUpAndPulse) {
  for (const int pulse : {1, 2, 3, 4, 5, 6, 7, 8, 255, 256, 65535}) {
    for (const int units : {1, 2, 15}) {
      if (pulse == 65535 && units == 15) continue;
      ArrayAccess used{.pulse = pulse};
      used.set[0] = {.level = 3, .length = units};
      Use(used, {}, 1);
      EXPECT_EQ(Write(2, 0x0F, 0x1F), 1 + units * pulse);
      EXPECT_EQ(Write(2, 0x1F, 0x0F), 2 + pulse);
      EXPECT_EQ(Write(2, 0x0F, 0xF0), 2 + (units + 1) * pulse);
      if (HasFailure()) return;
    }
  }
}

// Cells that never switch: each shot takes its step of the ladder, from the ninth on the last one;
// then all are in the log.
TEST_F(ProgramTb, ShotsClimbTheLadder) {
  for (const int shots : {1, 2, 8, 9, 15}) {
    ArrayAccess used{.verify = true, .shots = shots, .pulse = 2};
    for (int i = 0; i < ArrayAccess::kShots; ++i) {
      used.set[i] = {.level = i, .length = i + 1};
      used.reset[i] = {.level = 7 - i, .length = 15 - i};
    }
    Use(used, {.fails = 1024}, 1);
    Write(3, 0x00FF, 0xFF00);
    if (HasFailure()) return;
  }
  EXPECT_EQ(failures, 5);
}

// Cells that switch in a third of their pulses: some need each step of any ladder, in both
// directions.
TEST_F(ProgramTb, BothLaddersAreClimbedToTheirEnds) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    ArrayAccess used = MakeRandomAccess(seed);
    used.verify = true;
    used.self_timed = false;
    used.shots = 8;
    used.pulse = 2;
    Use(used, {.fails = 700}, seed);
    for (int i = 0; i < 4; ++i) {
      Write(3, 0, kAll);
      Write(3, kAll, 0);
      if (HasFailure()) return;
    }
  }
}

// The macro says after 1 to 12 cycles that its cells hold, or never; a pulse is 1 to 45 cycles.
TEST_F(ProgramTb, SelfTimedPulseEndsWhenTheMacroIsReady) {
  int i = 0;
  for (const int pulse : {1, 2, 5, 15}) {
    for (const int fails : {0, 20}) {
      ArrayAccess used{.self_timed = true, .pulse = pulse};
      used.set[0].length = used.reset[0].length = 3;
      Use(used, {.fails = fails, .slowest = 12}, static_cast<std::uint32_t>(++i));
      for (int n = 0; n < 200; ++n) {
        Write(random.Below(kRows), Noise(), Noise());
        if (HasFailure()) return;
      }
    }
  }
}

// Before either pulse, in it and between them.
TEST_F(ProgramTb, NoPulseBeginsBeforeTheMacroIsReady) {
  for (int cycle = 0; cycle < 10; ++cycle) {
    Use({.pulse = 3}, {}, 1);
    model->Write(3, ToWord(0xF0), ToWord(0x0F));
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
    bench->valid_i = 0;
  }
}

TEST_F(ProgramTb, NothingIsPulsedWithoutRequest) {
  bench->old_i = 0;
  bench->new_i = kAll;
  for (int i = 0; i < 20; ++i) {
    bench.Dut().eval();
    ASSERT_EQ(bench->program_o | bench->done_o | bench->busy_o | bench->verify_o | bench->fail_o,
              0);
    bench.Cycle();
  }
}

// In each cycle of a word with both pulses, also where it falls between clock edges: program falls
// with the reset and stays low in it, whatever is asked for; after it the word begins again.
TEST_F(ProgramTb, NothingIsPulsedInReset) {
  for (int cycle = 0; cycle < 9; ++cycle) {
    Use({.pulse = 3}, {}, 1);
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
    ForgetPulse();
    Write(4, 0xFF00, 0x00FF);
    if (HasFailure()) return;
  }
}

// In each cycle of a word with both pulses, its verify and its report: a pulse ends, and the next
// word begins with the first shot and the cells that become 1. Without power nothing begins.
TEST_F(ProgramTb, ClearAndLossOfPowerEndThePulse) {
  for (int cycle = 0; cycle < 40; ++cycle) {
    for (const bool by_clear : {true, false}) {
      Use({.verify = true, .shots = 2, .pulse = 3}, {.fails = 1024}, 1);
      Start(4, 0xFF00, 0x00FF);
      for (int i = 0; i < cycle; ++i) {
        Drive();
        End();
      }
      if (by_clear) {
        bench->clear_i = 1;
        bench.Cycle();
        bench->clear_i = 0;
        bench->valid_i = 0;
      } else {
        bench->power_good_i = 0;
        bench.Cycle();
        for (int i = 0; i < 5; ++i) {
          bench.Dut().eval();
          ASSERT_EQ(bench->program_o, 0) << "after " << cycle << " cycles";
          bench.Cycle();
        }
        bench->power_good_i = 1;
        bench->valid_i = 0;
      }
      bench.Dut().eval();
      ASSERT_EQ(bench->program_o, 0) << "after " << cycle << " cycles";
      bench.Cycle();
      ForgetPulse();
      Use({.verify = true, .shots = 2, .pulse = 3}, {.fails = 400}, 2);
      Write(4, 0xFF00, 0x00FF);
      if (HasFailure()) return;
    }
  }
}

// Words one after the other and with pauses, of any difference, of few cells, of one direction, and
// equal ones; every way to program, over cells that never, seldom and often fail; the macro not
// ready in 0 to 80 % of the cycles.
TEST_F(ProgramTb, RandomWordsMatchModel) {
  for (int i = 0; i < 4000; ++i) {
    if (i % 40 == 0) {
      const auto seed = static_cast<std::uint32_t>(i);
      Use(MakeRandomAccess(seed), model::MakeRandomErrors(seed), seed);
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
      ForgetPulse();
      bench.Cycle();
      bench.Dut().eval();
      ASSERT_EQ(bench->program_o, 0) << Where();
    }
  }
  EXPECT_GT(failures, 100);
}

}  // namespace
}  // namespace ep::tb
