// SPDX-License-Identifier: Apache-2.0
//
// ep_learn against model/synapse/learn.h and weight_port.h, between picks, rows that are sensed and
// programmed after a while, and the host: 8 lanes of 8 bits, two a pick; 16 of 5 bits, one a pick.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "Vep_learn.h"
#include "Vep_learn_one.h"
#include "model/synapse/learn.h"
#include "model/synapse/picker.h"
#include "model/synapse/weight_port.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 71;
constexpr int kRows = 16;

// pass_e of rtl/common/ep_pkg.sv
enum Pass { kLearn = 2, kLoad = 3, kSave = 4, kScrub = 5, kTest = 6 };

struct TwoLanes {
  static constexpr char kName[] = "TwoLanes";
  using Top = Vep_learn;
  static constexpr int kLanes = 8, kLaneBits = 3, kHalf = 2, kWeightBits = 8;
};
struct OneLane {
  static constexpr char kName[] = "OneLane";
  using Top = Vep_learn_one;
  static constexpr int kLanes = 16, kLaneBits = 4, kHalf = 1, kWeightBits = 5;
};

// A row word of a pass.
struct Word {
  int row = 0, population = 0;                         // lanes of it
  model::LaneMask lanes;                               // learn: candidates
  model::Learn::StepWord steps{};                      // learn
  std::array<std::int8_t, 128> bytes{};                // load
  bool value = false, invert = false, margin = false;  // test
  std::array<model::RowWord, 3> weak{};  // scrub, test of the margin: cells of each result
};

// What ep_program is asked for.
struct Programming {
  int row = 0;
  model::RowWord old_word{}, new_word{};
};

template <typename Config>
class LearnTb : public ::testing::Test {
 protected:
  static constexpr int kLanes = Config::kLanes, kLaneBits = Config::kLaneBits;
  static constexpr int kHalf = Config::kHalf, kWeightBits = Config::kWeightBits;
  static constexpr int kLow = -(1 << (kWeightBits - 1)), kHigh = -kLow - 1;

  LearnTb() {
    for (auto& row : cells) row = RandomWord(random, kLanes, kWeightBits);
    bench->clear_i = bench->step_valid_i = bench->sense_done_i = bench->program_done_i = 0;
    bench->load_valid_i = bench->save_ready_i = bench->verified_i = 0;
    bench->sense_step_i = bench->shrink_valid_i = bench->test_i = 0;
    bench->pass_i = kLearn;
    bench.Reset();
  }

  // A word from its first pick until its last one is taken. What it changes is programmed then,
  // while the next word comes.
  void Run(const Word& word) {
    const model::RowWord old = cells[word.row];
    model::RowWord next = old;
    int expected_changed = 0;
    bool expected_sense = pass != kLearn;
    if (pass == kLearn) {
      expected_changed = learn.Apply(old, word.steps, next).Count();
      for (int l = 0; l < kLanes; ++l) expected_sense = expected_sense || word.steps[l] != 0;
    } else if (pass == kLoad) {
      next = port.Load(std::span(word.bytes).first(word.population), old);
    }
    Programming programming{word.row, old, next};
    sent = model::WeightPort::Save(old, word.population);
    if (FindsWeak(word)) {
      model::RowWord weak{};
      for (int l = 0; l < word.population; ++l) {
        weak[l] = static_cast<std::int8_t>(word.weak[0][l] | word.weak[1][l] | word.weak[2][l]);
        programming.old_word[l] = static_cast<std::int8_t>(old[l] ^ weak[l]);
      }
      sent = model::WeightPort::Save(weak, word.population);
    } else if (pass == kTest) {
      model::RowWord found{};
      for (int l = 0; l < word.population; ++l) {
        found[l] = static_cast<std::int8_t>(old[l] ^ (word.value ? -1 : 0));
        next[l] = static_cast<std::int8_t>(word.value ? 0 : -1);
      }
      sent = model::WeightPort::Save(found, word.population);
      programming.new_word = next;
    }
    const bool sends = pass == kSave || pass == kTest;
    const bool programs = pass != kSave && (pass != kTest || TestPrograms(word));
    read = old;
    result = sensed = changed = no_steps = saved = 0;
    bench->pass_i = pass;
    bench->test_i = static_cast<std::uint8_t>(word.value << 2 | word.invert << 1 | word.margin);

    model::Picker picker(kHalf);
    picker.Start(word.lanes);
    int left = word.lanes.Count();
    for (int pick = 0; pick == 0 || left > 0; ++pick) {
      const std::span<const int> taken = picker.Take();
      left -= static_cast<int>(taken.size());
      while (random.Percent(pick_stalls)) {
        Noise();
        ASSERT_NO_FATAL_FAILURE(Cycle(word, programming, false));
      }
      Put(word, taken, left == 0);
      do {
        ASSERT_NO_FATAL_FAILURE(Cycle(word, programming, true));
        ASSERT_LT(bench.CycleCount(), 2000000u) << Where(word) << ": no end";
      } while (!accepted);
    }
    if (expected_sense && pass == kLearn) pending = programming;
    if (programs) cells[word.row] = next;
    ASSERT_EQ(sensed, expected_sense ? 1 : 0) << Where(word);
    ASSERT_EQ(saved, sends ? 1 : 0) << Where(word);
    ASSERT_EQ(changed, expected_changed) << Where(word);
    ASSERT_EQ(no_steps, expected_sense ? 0 : 1) << Where(word);
    ASSERT_TRUE(pass == kLearn || !pending) << Where(word) << ": taken before it is programmed";
  }

  bool FindsWeak(const Word& word) const {
    return pass == kScrub || (pass == kTest && word.margin);
  }
  bool TestPrograms(const Word& word) const { return pass == kTest && word.invert && !word.margin; }

  // Until the last word is programmed.
  void Drain() {
    for (int i = 0; i < 100 && pending; ++i) {
      Noise();
      ASSERT_NO_FATAL_FAILURE(Cycle({}, {}, false));
    }
    ASSERT_FALSE(pending) << "seed " << kSeed << ": a word is not programmed";
  }

  void RunAlone(const Word& word) {
    ASSERT_NO_FATAL_FAILURE(Run(word));
    ASSERT_NO_FATAL_FAILURE(Drain());
  }

  // A row with its parity, as it comes.
  void SetRow(std::uint32_t row) {
    bench->step_row_i = static_cast<std::uint16_t>(row);
    bench->step_odd_i = std::popcount(row) % 2;
  }

  void Noise() {
    SetNoise(bench->step_lanes_i, kHalf, random);
    SetNoise(bench->step_lane_i, kHalf * kLaneBits, random);
    SetNoise(bench->step_i, kHalf * 9, random);
    bench->step_any_i = random.Percent(50);
    bench->step_last_i = random.Percent(50);
    SetRow(random.Below(kRows));
    SetNoise(bench->step_population_i, kLanes, random);
  }

  void Put(const Word& word, std::span<const int> taken, bool last) {
    SetRow(word.row);
    SetLanes(bench->step_population_i, LowLanes(word.population), kLanes);
    bool any = false;
    for (int j = 0; j < kHalf; ++j) {
      const bool used = j < static_cast<int>(taken.size());
      // A slot that is not used has step 0 and any lane.
      const int l = used ? taken[j] : static_cast<int>(random.Below(kLanes));
      const int step = used ? word.steps[l] : 0;
      any = any || step != 0;
      SetBits(bench->step_lanes_i, j, 1, used);
      SetBits(bench->step_lane_i, j * kLaneBits, kLaneBits, static_cast<std::uint64_t>(l));
      SetBits(bench->step_i, j * 9, 9, static_cast<std::uint64_t>(step));
    }
    bench->step_any_i = any;
    bench->step_last_i = last;
  }

  std::string Where(const Word& word) {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
           " pass " + std::to_string(pass) + " row " + std::to_string(word.row) + " lanes " +
           std::to_string(word.population) + " candidates " + std::to_string(word.lanes.Count());
  }

  // One cycle; ep_sense, ep_program and the host answer when they have waited long enough.
  void Cycle(const Word& word, const Programming& programming, bool valid) {
    bench->step_valid_i = valid;
    load_there = pass == kLoad && valid && (load_there || !random.Percent(host_stalls));
    bench->load_valid_i = load_there;
    const model::RowWord bytes = port.Load(std::span(word.bytes).first(kLanes), {});
    SetWord(bench->load_word_i, bytes, kLanes, kWeightBits);
    bench->save_ready_i = !random.Percent(host_stalls);
    bench->sense_done_i = bench->program_done_i = bench->verified_i = 0;
    bench->sense_step_i = bench->shrink_valid_i = 0;
    SetNoise(bench->sense_weak_i, kLanes * kWeightBits, random);
    SetNoise(bench->sense_word_i, kLanes * kWeightBits, random);
    bench.Dut().eval();

    ASSERT_EQ(bench->upset_o, 0) << Where(word);
    ASSERT_TRUE(sense_left == 0 || bench->sense_valid_o) << Where(word) << ": a sense is held";
    ASSERT_EQ(bench->program_valid_o, pending.has_value()) << Where(word);
    if (bench->sense_valid_o) {
      ASSERT_TRUE(valid && !pending) << Where(word);
      ASSERT_TRUE(pass != kLearn || bench->step_any_i) << Where(word) << ": sensed without a step";
      ASSERT_TRUE(pass != kLoad || load_there) << Where(word);
      ASSERT_EQ(bench->sense_row_o, word.row) << Where(word);
      if (sense_left == 0) sense_left = sense_cycles > 0 ? sense_cycles : Delay();
      if (--sense_left == 0) {
        // Three results where weak cells are looked for, one to three elsewhere, one
        // where the test sets the times.
        bench->sense_step_i = 1;
        if (FindsWeak(word)) SetWord(bench->sense_weak_i, word.weak[result], kLanes, kWeightBits);
        ++result;
        if (result == 3 || (!FindsWeak(word) && (sense_cycles > 0 || random.Percent(70)))) {
          bench->sense_done_i = 1;
          SetWord(bench->sense_word_i, read, kLanes, kWeightBits);
          ++sensed;
          result = 0;
        } else {
          sense_left = sense_cycles > 0 ? sense_cycles : Delay();
        }
      }
    }
    if (pending) {
      ASSERT_EQ(bench->program_row_o, pending->row) << Where(word);
      CheckWord(GetWord(bench->program_old_o, kLanes, kWeightBits), pending->old_word, "old");
      CheckWord(GetWord(bench->program_new_o, kLanes, kWeightBits), pending->new_word, "new");
      if (program_left == 0) program_left = program_cycles > 0 ? program_cycles : Delay();
      if (--program_left == 0) bench->program_done_i = 1;
      bench->verified_i = program_left > 0 && random.Percent(verifies);
      if (program_left > 0 && !bench->verified_i && random.Percent(shrinks)) {
        shrunk_lane = static_cast<int>(random.Below(kLanes));
        shrunk = RandomWord(random, 1, kWeightBits)[0];
        bench->shrink_valid_i = 1;
        bench->shrink_lane_i = static_cast<std::uint8_t>(shrunk_lane);
        bench->shrunk_i = static_cast<std::uint8_t>(shrunk) & ((1U << kWeightBits) - 1);
      }
    }
    bench.Dut().eval();
    ASSERT_EQ(bench->load_ready_o, pass == kLoad && bench->sense_done_i) << Where(word);
    if (bench->load_ready_o) load_there = false;
    if (bench->save_valid_o) {
      ASSERT_TRUE(pass == kSave || pass == kTest) << Where(word);
      CheckWord(GetWord(bench->save_word_o, kLanes, kWeightBits), sent, "sent");
      saved += bench->save_ready_i;
    }
    accepted = valid && bench->step_ready_o;
    if (!accepted) {
      ASSERT_EQ(bench->changed_o, 0) << Where(word);
      ASSERT_EQ(bench->no_step_o, 0) << Where(word);
    }
    ASSERT_EQ(bench->idle_o, !valid && !pending && !bench->save_valid_o) << Where(word);
    changed += bench->changed_o;
    no_steps += bench->no_step_o;
    if (bench->program_done_i) pending.reset();
    // The cells that were driven are what was found of them.
    if (bench->verified_i) {
      const model::RowWord found = GetWord(bench->sense_word_i, kLanes, kWeightBits);
      for (int l = 0; l < kLanes; ++l) {
        const int driven = pending->old_word[l] ^ pending->new_word[l];
        pending->old_word[l] =
            static_cast<std::int8_t>((pending->old_word[l] & ~driven) | (found[l] & driven));
      }
    }
    if (bench->shrink_valid_i) pending->new_word[shrunk_lane] = shrunk;
    if (bench->sense_done_i && (pass == kLoad || pass == kScrub)) pending = programming;
    if (bench->save_valid_o && bench->save_ready_i && TestPrograms(word)) pending = programming;
    bench.Cycle();
  }

  void CheckWord(const model::RowWord& actual, const model::RowWord& expected, const char* which) {
    for (int l = 0; l < kLanes; ++l) {
      EXPECT_EQ(actual[l], expected[l])
          << "seed " << kSeed << " cycle " << bench.CycleCount() << " pass " << pass << " " << which
          << " lane " << l << (pending ? " was " + std::to_string(pending->old_word[l]) : "");
    }
    if (this->HasNonfatalFailure()) FAIL();
  }

  int Delay() { return random.Percent(50) ? 1 : 1 + static_cast<int>(random.Below(6)); }

  // Steps are 0 in a third of the candidates, small or at the ends of their range otherwise.
  Word RandomLearnWord() {
    Word word;
    word.row = static_cast<int>(random.Below(kRows));
    word.population = 1 + static_cast<int>(random.Below(kLanes));
    const int density = static_cast<int>(random.Below(5)) * 25;
    for (int l = 0; l < word.population; ++l) {
      if (!random.Percent(density)) continue;
      word.lanes.Set(l);
      constexpr int kSteps[] = {0, 0, 1, -1, 255, -256};
      word.steps[l] = static_cast<std::int16_t>(
          random.Percent(50) ? kSteps[random.Below(6)] : static_cast<int>(random.Below(16)) - 8);
    }
    return word;
  }

  Word RandomHostWord() {
    Word word;
    word.row = static_cast<int>(random.Below(kRows));
    word.population = 1 + static_cast<int>(random.Below(kLanes));
    for (auto& byte : word.bytes) byte = static_cast<std::int8_t>(random.Bits());
    word.value = random.Percent(50);
    word.invert = random.Percent(50);
    word.margin = random.Percent(30);
    for (model::RowWord& weak : word.weak) {
      const model::RowWord a = RandomWord(random, kLanes, kWeightBits);
      const model::RowWord b = RandomWord(random, kLanes, kWeightBits);
      for (int l = 0; l < kLanes; ++l) {
        weak[l] = static_cast<std::int8_t>(random.Percent(30) ? a[l] & b[l] : 0);
      }
    }
    return word;
  }

  Random random{kSeed};
  Bench<typename Config::Top> bench{kSeed};
  model::Learn learn{kLanes, kWeightBits};
  model::WeightPort port{kWeightBits};
  std::array<model::RowWord, kRows> cells{};
  Pass pass = kLearn;
  int pick_stalls = 0, host_stalls = 0;      // percent
  int sense_cycles = 0, program_cycles = 0;  // 0: random
  int verifies = 0, shrinks = 0;             // percent of the cycles in which a word is programmed
  int shrunk_lane = 0;
  std::int8_t shrunk = 0;
  model::RowWord read{}, sent{};  // what the last result of the word shows; what the host gets
  int result = 0;                 // of several
  int sense_left = 0, program_left = 0;  // cycles of what is under way
  std::optional<Programming> pending;    // what is programmed now
  bool load_there = false, accepted = false;
  int sensed = 0, changed = 0, no_steps = 0, saved = 0;  // of the word
};

using Configs = ::testing::Types<TwoLanes, OneLane>;
TYPED_TEST_SUITE(LearnTb, Configs, ConfigNames);

// All weights, -W-1 too, with steps of both signs around what takes them to the end of the range:
// 0, 1, just to the end, beyond it, and the largest. All lanes of a word learn.
TYPED_TEST(LearnTb, EveryWeightMatchesModel) {
  const int low = TestFixture::kLow, high = TestFixture::kHigh;
  for (int start = low; start <= high; start += TestFixture::kLanes) {
    for (const int to : {0, 1, -1, 1000, 1001, -1000, -1001, 255, -256}) {
      Word word;
      word.population = TestFixture::kLanes;
      word.lanes = LowLanes(TestFixture::kLanes);
      for (int l = 0; l < TestFixture::kLanes; ++l) {
        const int weight = start + l;
        this->cells[0][l] = static_cast<std::int8_t>(weight);
        // +-1000: just to the end of the range, +-1001: one beyond.
        const int step = to >= 1000    ? high - weight + to - 1000
                         : to <= -1000 ? -high - weight + to + 1000
                                       : to;
        word.steps[l] = static_cast<std::int16_t>(std::max(-256, std::min(255, step)));
      }
      ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
    }
  }
}

// A step in each lane alone, the others are candidates without a step: the word is sensed with the
// pick of this lane, the first or the last.
TYPED_TEST(LearnTb, OneStepInAnyLaneSensesTheWord) {
  for (int lane = 0; lane < TestFixture::kLanes; ++lane) {
    Word word;
    word.row = lane % kRows;
    word.population = TestFixture::kLanes;
    word.lanes = LowLanes(TestFixture::kLanes);
    word.steps[lane] = -3;
    ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
  }
}

TYPED_TEST(LearnTb, WordWithoutStepIsNotSensed) {
  Word word;
  word.population = TestFixture::kLanes;
  ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
  word.lanes = LowLanes(TestFixture::kLanes);
  ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
}

// n picks without a step take n cycles; with one also the cycles of sense and pulses.
TYPED_TEST(LearnTb, PicksTakeOneCycleEach) {
  for (int picks = 1; picks <= 4; ++picks) {
    Word word;
    word.population = TestFixture::kLanes;
    word.lanes = LowLanes(picks * TestFixture::kHalf);
    std::uint64_t start = this->bench.CycleCount();
    ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
    EXPECT_EQ(this->bench.CycleCount() - start, static_cast<std::uint64_t>(picks));
    word.steps[0] = 1;
    for (int cycles = 1; cycles <= 3; ++cycles) {
      this->sense_cycles = cycles;
      this->program_cycles = 2 * cycles;
      start = this->bench.CycleCount();
      ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
      EXPECT_EQ(this->bench.CycleCount() - start, static_cast<std::uint64_t>(picks + 3 * cycles));
    }
  }
}

// Loads, saves, scrubs and tests of blocks that end in each lane.
TYPED_TEST(LearnTb, LanesBeyondThePopulationStayAsTheyAre) {
  for (int population = 1; population <= TestFixture::kLanes; ++population) {
    Word word = this->RandomHostWord();
    word.population = population;
    for (const Pass kind : {kLoad, kSave, kScrub, kTest}) {
      this->pass = kind;
      ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
    }
  }
}

// The five passes in turn, the words of a pass one after the other, so that a word comes while the
// one before is programmed, often to the same row; picks come, rows are sensed and programmed, and
// the host is ready in 10 to 100 % of the cycles, senses and pulses take 1 to 6.
TYPED_TEST(LearnTb, RandomWordsWithStallsMatchModel) {
  for (int round = 0; round < 150; ++round) {
    this->pass = static_cast<Pass>(kLearn + round % 5);
    this->pick_stalls = static_cast<int>(this->random.Below(4)) * 30;
    this->host_stalls = static_cast<int>(this->random.Below(4)) * 30;
    this->verifies = round % 2 * 40;
    this->shrinks = round % 3 * 20;
    for (int i = 0; i < 50; ++i) {
      ASSERT_NO_FATAL_FAILURE(
          this->Run(this->pass == kLearn ? this->RandomLearnWord() : this->RandomHostWord()));
    }
    ASSERT_NO_FATAL_FAILURE(this->Drain());
  }
}

// A clear and a reset 1 to 6 cycles after the first pick of each pass: before the sense, in it,
// after it, in the pulse. The next word is sensed again.
// In every pass that programs, for every bit of the row and its parity: told, and not programmed
// until it is cleared.
TYPED_TEST(LearnTb, RowOfWrongParityIsNotProgrammed) {
  for (const Pass pass : {kLearn, kLoad, kScrub, kTest}) {
    for (int bit = 0; bit <= 10; ++bit) {
      this->pass = pass;
      Word word = this->RandomHostWord();
      word.lanes = LowLanes(1);
      word.steps[0] = 1;
      this->bench->pass_i = pass;
      this->bench->test_i = 2;
      this->bench->sense_weak_i = {};
      this->bench->step_valid_i = this->bench->load_valid_i = this->bench->save_ready_i = 1;
      this->Put(word, std::array{0}, true);
      if (bit < 10) this->bench->step_row_i ^= 1U << bit;
      if (bit == 10) this->bench->step_odd_i ^= 1U;
      int upsets = 0;
      for (int cycle = 0; cycle < 12; ++cycle) {
        this->bench->sense_done_i = this->bench->sense_step_i = cycle == 2;
        this->bench.Dut().eval();
        ASSERT_EQ(this->bench->program_valid_o, 0) << "pass " << pass << " bit " << bit;
        this->bench.Cycle();
        this->bench->sense_done_i = this->bench->sense_step_i = 0;
        upsets += this->bench->upset_o;
      }
      EXPECT_GT(upsets, 0) << "pass " << pass << " bit " << bit;
      this->bench->step_valid_i = this->bench->load_valid_i = this->bench->save_ready_i = 0;
      this->bench->clear_i = 1;
      this->bench.Cycle();
      this->bench->clear_i = 0;
      this->bench.Cycle();
      EXPECT_EQ(this->bench->upset_o, 0);
      ASSERT_NO_FATAL_FAILURE(this->RunAlone(this->RandomHostWord()));
    }
  }
}

TYPED_TEST(LearnTb, ClearAndResetDropTheWord) {
  this->sense_cycles = 2;
  for (int i = 0; i < 60; ++i) {
    this->pass = static_cast<Pass>(kLearn + i / 2 % 5);
    this->host_stalls = 0;
    Word word = this->RandomHostWord();
    word.population = TestFixture::kLanes;
    word.lanes = LowLanes(TestFixture::kHalf);
    word.steps[0] = 1;
    this->bench->pass_i = this->pass;
    this->bench->step_valid_i = this->bench->load_valid_i = 1;
    this->SetRow(3);
    this->Put(word, std::array{0}, i % 4 < 2);
    for (int cycle = 0; cycle < i / 10; ++cycle) {
      this->bench->sense_done_i = this->bench->sense_step_i = cycle == 2;
      this->bench.Cycle();
    }
    this->bench->sense_done_i = this->bench->step_valid_i = this->bench->load_valid_i = 0;
    this->bench->sense_step_i = 0;
    if (i % 2 == 0) {
      this->bench->clear_i = 1;
      this->bench.Cycle();
      this->bench->clear_i = 0;
    } else {
      this->bench.Reset();
    }
    this->bench.Dut().eval();
    ASSERT_EQ(this->bench->idle_o, 1);
    ASSERT_EQ(this->bench->program_valid_o | this->bench->save_valid_o, 0);
    ASSERT_NO_FATAL_FAILURE(this->RunAlone(word));
  }
}

}  // namespace
}  // namespace ep::tb
