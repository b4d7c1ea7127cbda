// SPDX-License-Identifier: Apache-2.0
//
// ep_sense between random requests and an array macro whose senses flip cells and are late, against
// model/sense/sense.h over the same errors. The macro's word is there only after a whole precharge
// and a whole sense of one row, and stays in its latches until the next one begins.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "Vep_sense.h"
#include "model/array/random_array.h"
#include "model/sense/sense.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 81;
constexpr int kRows = 1024, kLanes = 8, kWeightBits = 8, kColumns = 64;
constexpr std::uint64_t kAll = ~std::uint64_t{0};

struct Request {
  bool read = false;
  std::uint32_t row = 0;
  int tag = 0;
  std::uint64_t care = kAll;  // columns whose lateness counts
  model::RowWord word{};      // what was read
};

class SenseTb : public ::testing::Test {
 protected:
  SenseTb() {
    bench->clear_i = bench->a_valid_i = bench->b_valid_i = bench->word_ready_i = 0;
    bench->ready_i = 1;
    NewArrays({}, 1);
    Timing(0, 1);
    bench.Reset();
  }

  // The macro and the model's array, of the same cells and the same errors to come.
  void NewArrays(const model::RandomErrors& errors, std::uint32_t seed) {
    for (auto* array : {&macro, &model_array}) {
      *array = std::make_unique<model::RandomArray>(kRows, kLanes, kWeightBits, errors, seed);
      Random cells_random(seed);
      for (std::uint32_t row = 0; row < kRows; ++row) {
        model::Cells cells{};
        for (int l = 0; l < kLanes; ++l) cells[l] = static_cast<std::uint8_t>(cells_random.Bits());
        (*array)->Pulse(row, true, cells);
      }
    }
    Use(access);
  }

  void Use(const ArrayAccess& used) {
    access = used;
    model = std::make_unique<model::Sense>(*model_array, kLanes, kWeightBits, access);
    // sensing_t: precharge, cycles, late, re_reads.
    bench->access_i =
        static_cast<std::uint32_t>(access.precharge << 14 | access.sense << 6 |
                                   static_cast<int>(access.late) << 4 | access.re_reads);
  }
  void Timing(int precharge, int sense) {
    access.precharge = precharge;
    access.sense = sense;
    Use(access);
  }

  // Whether this word needs one more sense after `senses`, the last of them late or not.
  bool Needs(int count, bool last_late) const {
    switch (access.late) {
      case LatePolicy::kKeep:
        return false;
      case LatePolicy::kReRead:
        return last_late && count - 1 < access.re_reads;
      case LatePolicy::kVote:
        return count == 1 ? last_late : count < 3;
      case LatePolicy::kVoteAlways:
        return count < 3;
    }
    return false;
  }

  // One cycle, with what each output has to be: held is the request that was taken and has not
  // become the word, out the word.
  void Cycle() {
    const bool reading = held && held->read;
    Offer(reading);
    bench->word_ready_i = !random.Percent(word_stalls);
    bench->ready_i = !random.Percent(macro_stalls);
    const bool by_b = b && !reading;
    const bool waits = reading || by_b;
    const bool active = waits && bench->ready_i && !latched;
    const Request* const current = by_b ? &*b : reading ? &*held : nullptr;
    const std::uint32_t row = current ? current->row : 0;
    const bool precharge = active && precharged < access.precharge;
    const bool sense = active && !precharge;
    const bool whole = sense && sensed + 1 >= access.sense;
    const bool keep = access.late == LatePolicy::kKeep;
    const bool vote = access.late == LatePolicy::kVote || access.late == LatePolicy::kVoteAlways;
    const bool need = latched && Needs(senses, late);
    const bool available = waits && (keep ? whole || latched : latched && !need);
    const bool again = need && !(vote && senses == 1 && out && out->read && !bench->word_ready_i);

    if (!latched) {
      SetNoise(bench->q_i, kColumns, random);
      SetNoise(bench->late_i, kColumns, random);
    }
    bool whole_late = false;
    if (whole) {
      model::Cells cells{}, late_cells{};
      macro->Sense(row, sensed + 1, cells, late_cells);
      for (int l = 0; l < kLanes; ++l) {
        SetBits(bench->q_i, l * kWeightBits, kWeightBits, cells[l]);
        SetBits(bench->late_i, l * kWeightBits, kWeightBits, late_cells[l]);
      }
      whole_late = (bench->late_i & current->care) != 0;
    }
    bench->next_care_i = held ? held->care : Noise();
    bench->b_care_i = b ? b->care : Noise();
    bench.Dut().eval();

    const std::string where = Where();
    ASSERT_FALSE(bench->precharge_o && bench->sense_o) << where;
    ASSERT_EQ(bench->precharge_o, precharge) << where;
    ASSERT_EQ(bench->sense_o, sense) << where;
    ASSERT_EQ(bench->end_o, whole) << where;
    ASSERT_EQ(bench->late_o, ended_late) << where;
    ASSERT_EQ(bench->again_o, again) << where;
    // From the first cycle of precharge to the last of the sense.
    if (active) {
      if (precharged + sensed == 0) access_row = row;
      ASSERT_EQ(bench->row_o, row) << where;
      ASSERT_EQ(bench->row_o, access_row) << where << ": the row moved in an access";
    }

    const bool advance =
        held && (!held->read || (reading && available)) && (!out || bench->word_ready_i);
    const bool b_done = by_b && available;
    const bool a_done = advance && held->read;
    ASSERT_EQ(bench->next_o, advance) << where;
    if (advance) {
      ASSERT_EQ(bench->next_tag_o, held->tag) << where;
    }
    ASSERT_EQ(bench->a_ready_o, !held || advance) << where;
    ASSERT_EQ(bench->word_valid_o, out.has_value()) << where;
    if (out) {
      ASSERT_EQ(bench->word_tag_o, out->tag) << where;
      if (out->read) {
        ASSERT_NO_FATAL_FAILURE(CheckWord(bench->word_o, out->word));
      }
    }
    ASSERT_EQ(bench->b_done_o, b_done) << where;
    if (whole) ++senses;
    if (whole && whole_late) ++lates;
    if (a_done || b_done) {
      Request& done = b_done ? *b : *held;
      model::Cells care{};
      for (int l = 0; l < kLanes; ++l) care[l] = static_cast<std::uint8_t>(done.care >> (8 * l));
      done.word = model->Verify(done.row, care);
      ASSERT_EQ(model->report().senses, senses) << where;
      ASSERT_EQ(model->report().late, lates) << where;
      if (b_done) {
        ASSERT_NO_FATAL_FAILURE(CheckWord(bench->b_word_o, done.word));
      }
    }
    ASSERT_EQ(bench->sensed_a_o, a_done) << where;
    ASSERT_EQ(bench->sensed_b_o, b_done) << where;
    ASSERT_EQ(bench->stall_o, waits && !available) << where;
    ASSERT_EQ(bench->idle_o, !held && !out && !b) << where;

    stalls += bench->stall_o;
    words_a += bench->sensed_a_o;
    words_b += bench->sensed_b_o;
    repeated += bench->again_o;
    const bool taken = offered && bench->a_ready_o;
    bench.Cycle();

    if (precharge) ++precharged;
    if (sense && !whole) ++sensed;
    if (whole || !active) precharged = sensed = 0;
    ended_late = whole && whole_late;
    if (whole) {
      latched = true;
      late = whole_late;
    }
    if (a_done || b_done) senses = lates = 0;
    if (a_done || b_done || again) latched = false;
    if (out && bench->word_ready_i) out.reset();
    if (advance) {
      out = held;
      held.reset();
    }
    if (b_done) b.reset();
    if (taken) {
      held = requests.front();
      requests.pop_front();
      offered = false;
    }
  }

  // Port A offers its next request and keeps it. The passes that use port B read nothing on port A:
  // while B asks, A brings no further read, and B does not ask while a read is offered.
  void Offer(bool reading) {
    const bool offers_read = offered && requests.front().read;
    if (!b && !b_requests.empty() && !offers_read && (b_beside_reads || !reading)) {
      b = b_requests.front();
      b_requests.pop_front();
    }
    if (!offered) {
      offered =
          !requests.empty() && !random.Percent(request_stalls) && !(b && requests.front().read);
    }
    bench->a_valid_i = offered;
    bench->a_read_i = offered ? requests.front().read : random.Percent(50);
    bench->a_row_i =
        static_cast<std::uint16_t>(offered ? requests.front().row : random.Below(kRows));
    bench->a_tag_i = static_cast<std::uint8_t>(offered ? requests.front().tag : random.Bits());
    bench->b_valid_i = b.has_value();
    bench->b_row_i = static_cast<std::uint16_t>(b ? b->row : random.Below(kRows));
  }

  template <typename Port>
  void CheckWord(const Port& port, const model::RowWord& expected) {
    const model::RowWord actual = GetWord(port, kLanes, kWeightBits);
    for (int l = 0; l < kLanes; ++l) ASSERT_EQ(actual[l], expected[l]) << Where() << " lane " << l;
  }

  std::string Where() {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
           " precharge " + std::to_string(access.precharge) + " sense " +
           std::to_string(access.sense) + " policy " + Name(access.late) + " words " +
           std::to_string(words_a) + "+" + std::to_string(words_b) + " precharged " +
           std::to_string(precharged) + " sensed " + std::to_string(sensed) + " senses " +
           std::to_string(senses);
  }

  bool Busy() const { return held || out || b || !requests.empty() || !b_requests.empty(); }

  void RunAll(int limit) {
    for (int i = 0; i < limit && Busy(); ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
    ASSERT_FALSE(Busy()) << Where() << ": no end";
  }

  std::uint64_t Noise() { return std::uint64_t{random.Bits()} << 32 | random.Bits(); }

  Request RandomRequest(bool read) {
    // The first and the last row one time in eight.
    const std::uint32_t row =
        random.Percent(12) ? (kRows - 1) * random.Below(2) : random.Below(kRows);
    // All lanes, some of the lowest, or the cells of a verify.
    const std::uint32_t kind = random.Below(3);
    const std::uint64_t care = kind == 0   ? kAll
                               : kind == 1 ? kAll >> (8 * random.Below(8))
                                           : Noise() & Noise() & Noise();
    return {.read = read,
            .row = row,
            .tag = static_cast<int>(random.Below(256)),
            .care = care,
            .word = {}};
  }

  Random random{kSeed};
  Bench<Vep_sense> bench{kSeed};
  ArrayAccess access;
  std::unique_ptr<model::RandomArray> macro, model_array;
  std::unique_ptr<model::Sense> model;
  std::deque<Request> requests, b_requests;
  int request_stalls = 0, word_stalls = 0, macro_stalls = 0;  // percent
  bool b_beside_reads = true;                                 // B may ask while A holds a read
  std::optional<Request> held, out, b;
  bool offered = false;
  int precharged = 0, sensed = 0;  // cycles of the access under way
  bool latched = false;            // the sense has ended and its word was not taken
  bool late = false;               // that sense
  bool ended_late = false;         // a sense ended in the cycle before, and was late
  int senses = 0, lates = 0;       // of this word
  std::uint32_t access_row = 0;    // its row in its first cycle
  int stalls = 0, words_a = 0, words_b = 0, repeated = 0;
};

TEST_F(SenseTb, QuietAfterReset) {
  EXPECT_EQ(bench->word_valid_o | bench->precharge_o | bench->sense_o | bench->next_o, 0);
  EXPECT_EQ(bench->idle_o, 1);
  EXPECT_EQ(bench->a_ready_o, 1);
}

TEST_F(SenseTb, OneWordACycleWithoutPrecharge) {
  for (int i = 0; i < 100; ++i) requests.push_back(RandomRequest(true));
  RunAll(102);
  EXPECT_EQ(bench.CycleCount(), 102u) << "2 cycles after the last request";
  EXPECT_EQ(stalls, 0);
  EXPECT_EQ(words_a, 100);
}

// Precharge 0 to 4 with sense 1 to 4, and the ends of both registers: an access takes precharge +
// sense cycles on either port, all but the last of them stalls.
TEST_F(SenseTb, AccessTakesPrechargeAndSense) {
  const auto check = [this](int precharge, int sense) {
    Timing(precharge, sense);
    const int cycles = precharge + sense;
    stalls = 0;
    std::uint64_t start = bench.CycleCount();
    for (int i = 0; i < 3; ++i) requests.push_back(RandomRequest(true));
    ASSERT_NO_FATAL_FAILURE(RunAll(3 * cycles + 10));
    EXPECT_EQ(bench.CycleCount() - start, static_cast<std::uint64_t>(3 * cycles + 2)) << Where();
    EXPECT_EQ(stalls, 3 * (cycles - 1)) << Where();
    start = bench.CycleCount();
    for (int i = 0; i < 3; ++i) b_requests.push_back(RandomRequest(true));
    ASSERT_NO_FATAL_FAILURE(RunAll(3 * cycles + 10));
    EXPECT_EQ(bench.CycleCount() - start, static_cast<std::uint64_t>(3 * cycles)) << Where();
  };
  for (int precharge = 0; precharge <= 4; ++precharge) {
    for (int sense = 1; sense <= 4; ++sense) ASSERT_NO_FATAL_FAILURE(check(precharge, sense));
  }
  for (const int precharge : {0, 255}) {
    for (const int sense : {1, 255}) ASSERT_NO_FATAL_FAILURE(check(precharge, sense));
  }
}

// The word is held, the next one waits in the macro's latches after a sense of its own length, and
// a third request is not taken.
TEST_F(SenseTb, WordStaysUntilItIsTaken) {
  Timing(1, 2);
  word_stalls = 100;
  for (int i = 0; i < 3; ++i) requests.push_back(RandomRequest(true));
  for (int i = 0; i < 30; ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
  EXPECT_EQ(bench->sense_o, 0);
  EXPECT_TRUE(latched);
  EXPECT_EQ(words_a, 1);
  EXPECT_EQ(requests.size(), 1u);
  word_stalls = 0;
  RunAll(20);
  EXPECT_EQ(words_a, 3);
}

TEST_F(SenseTb, RequestsWithoutReadOnlyPassOn) {
  Timing(3, 3);
  for (int i = 0; i < 50; ++i) requests.push_back(RandomRequest(false));
  RunAll(52);
  EXPECT_EQ(words_a, 0);
  EXPECT_EQ(stalls, 0);
}

// B asks while A holds a read that waits for its word to be taken: A is first. Requests that read
// nothing pass by while B is served.
TEST_F(SenseTb, PortBWaitsForReadsOfPortA) {
  for (const int precharge : {0, 2}) {
    Timing(precharge, 2);
    word_stalls = 100;
    words_a = words_b = 0;
    for (int i = 0; i < 2; ++i) requests.push_back(RandomRequest(true));
    for (int i = 0; i < 10; ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
    b_requests.push_back(RandomRequest(true));
    for (int i = 0; i < 20; ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
    EXPECT_EQ(bench->b_valid_i, 1);
    EXPECT_EQ(words_b, 0);
    EXPECT_EQ(words_a, 1);
    word_stalls = 0;
    requests.push_back(RandomRequest(false));
    ASSERT_NO_FATAL_FAILURE(RunAll(30));
    EXPECT_EQ(words_a, 2);
    EXPECT_EQ(words_b, 1);
  }
}

// The macro's ready falls before, in and after each cycle of an access: precharge and sense are low
// meanwhile, and the access begins anew.
TEST_F(SenseTb, AccessBeginsAnewWhenTheMacroIsReadyAgain) {
  Timing(3, 3);
  for (const bool by_b : {false, true}) {
    for (int cycle = 0; cycle <= 8; ++cycle) {
      (by_b ? b_requests : requests).push_back(RandomRequest(true));
      for (int i = 0; i < cycle; ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
      macro_stalls = 100;
      for (int i = 0; i < 5; ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
      macro_stalls = 0;
      ASSERT_NO_FATAL_FAILURE(RunAll(20));
    }
  }
}

// Nothing is late: one sense, and a cycle to see that it was in time. All is late: re_reads more.
TEST_F(SenseTb, ReReadsEndWhenNothingIsLateOrAtTheirLimit) {
  for (const int re_reads : {0, 1, 3, 15}) {
    for (const bool all_late : {false, true}) {
      NewArrays({.lates = all_late ? 1023 : 0}, 5);
      access = {.precharge = 1, .sense = 1, .late = LatePolicy::kReRead, .re_reads = re_reads};
      Use(access);
      repeated = words_a = words_b = 0;
      for (int i = 0; i < 5; ++i) {
        requests.push_back(RandomRequest(true));
        requests.back().care = kAll;
        ASSERT_NO_FATAL_FAILURE(RunAll(200));
        b_requests.push_back(RandomRequest(true));
        b_requests.back().care = kAll;
        ASSERT_NO_FATAL_FAILURE(RunAll(200));
      }
      EXPECT_EQ(words_a, 5);
      EXPECT_EQ(words_b, 5);
      EXPECT_EQ(repeated, all_late ? 10 * re_reads : 0);
    }
  }
}

TEST_F(SenseTb, LateColumnsThatNobodyCaresForCountNothing) {
  NewArrays({.lates = 1023}, 6);
  for (const LatePolicy policy : {LatePolicy::kReRead, LatePolicy::kVote}) {
    access.late = policy;
    Use(access);
    repeated = 0;
    for (int i = 0; i < 20; ++i) {
      (i % 2 == 0 ? requests : b_requests).push_back(RandomRequest(true));
      (i % 2 == 0 ? requests : b_requests).back().care = 0;
      ASSERT_NO_FATAL_FAILURE(RunAll(50));
    }
    EXPECT_EQ(repeated, 0);
  }
}

// Three senses that flip cells: what two of them say. At a read word that waits, the first result
// of the next vote waits too.
TEST_F(SenseTb, VoteTakesTheMajority) {
  NewArrays({.flips = 600}, 7);
  access.late = LatePolicy::kVoteAlways;
  Use(access);
  for (int i = 0; i < 200; ++i) {
    word_stalls = static_cast<int>(random.Below(4)) * 30;
    (i % 2 == 0 ? requests : b_requests).push_back(RandomRequest(true));
    if (i % 3 == 0) requests.push_back(RandomRequest(true));
    ASSERT_NO_FATAL_FAILURE(RunAll(500));
  }
  EXPECT_EQ(repeated, 2 * (words_a + words_b));
}

// Random timing, both ports, 0 to 90 % stalls of requests and users, the macro not ready in up to
// 40 % of the cycles. Every third round is one word a cycle; in every other one B asks at once,
// else only when A holds no read. Every policy over arrays without errors and with many.
TEST_F(SenseTb, RandomRequestsWithStallsMatchModel) {
  for (int round = 0; round < 200; ++round) {
    NewArrays(model::MakeRandomErrors(static_cast<std::uint32_t>(round)), random.Bits());
    access.late = static_cast<LatePolicy>(round % 4);
    access.re_reads = static_cast<int>(random.Below(5));
    Timing(round % 3 == 0 ? 0 : static_cast<int>(random.Below(5)),
           round % 3 == 0 ? 1 : 1 + static_cast<int>(random.Below(4)));
    request_stalls = static_cast<int>(random.Below(4)) * 30;
    word_stalls = static_cast<int>(random.Below(4)) * 30;
    macro_stalls = static_cast<int>(random.Below(3)) * 20;
    b_beside_reads = round % 2 == 0;
    const int reads = static_cast<int>(random.Below(5)) * 25;
    for (int i = 0; i < 60; ++i) requests.push_back(RandomRequest(random.Percent(reads)));
    for (int i = 0; i < 20; ++i) b_requests.push_back(RandomRequest(true));
    ASSERT_NO_FATAL_FAILURE(RunAll(100000));
  }
}

// After each number of cycles of an access of either port, with a word in the output register or
// not: the next access is a whole one.
TEST_F(SenseTb, ClearAndResetDropRequestsAndWord) {
  for (int i = 0; i < 64; ++i) {
    Timing(i % 2 == 0 ? 2 : 0, 3);
    word_stalls = i % 4 < 2 ? 100 : 0;
    for (int r = 0; r < 3; ++r) (i % 8 < 4 ? requests : b_requests).push_back(RandomRequest(true));
    for (int cycle = 0; cycle < i / 4; ++cycle) ASSERT_NO_FATAL_FAILURE(Cycle());
    bench->a_valid_i = 1;  // what comes with the clear is dropped too
    bench->a_read_i = 1;
    if (i % 16 < 8) {
      bench->clear_i = 1;
      bench.Cycle();
      bench->clear_i = 0;
      bench->a_valid_i = 0;
    } else {
      // With a clock edge in it, which tells the assertions of the reset.
      bench->rst_ni = 0;
      bench.Cycle();
      bench->rst_ni = 1;
      bench->a_valid_i = 0;
    }
    requests.clear();
    b_requests.clear();
    held.reset();
    out.reset();
    b.reset();
    offered = false;
    precharged = sensed = senses = lates = 0;
    latched = ended_late = false;
    word_stalls = 0;
    access.late = static_cast<LatePolicy>(i / 4 % 4);
    NewArrays({.flips = 100, .lates = 300}, random.Bits());
    ASSERT_NO_FATAL_FAILURE(Cycle());
    requests.push_back(RandomRequest(true));
    b_requests.push_back(RandomRequest(true));
    ASSERT_NO_FATAL_FAILURE(RunAll(500));
  }
}

}  // namespace
}  // namespace ep::tb
