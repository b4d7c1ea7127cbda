// SPDX-License-Identifier: Apache-2.0
//
// ep_sense between random requests and an array macro whose word is there only after a whole
// precharge and a whole sense of one row, against model/sense/sense.h.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "Vep_sense.h"
#include "model/array/array.h"
#include "model/sense/sense.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 81;
constexpr int kRows = 1024, kLanes = 8, kWeightBits = 8, kColumns = 64;

struct Request {
  bool read = false;
  std::uint32_t row = 0;
  int tag = 0;
};

class SenseTb : public ::testing::Test {
 protected:
  SenseTb() {
    for (std::uint32_t row = 0; row < kRows; ++row) {
      model::Cells cells{};
      for (int l = 0; l < kLanes; ++l) cells[l] = static_cast<std::uint8_t>(random.Bits());
      array.Pulse(row, true, cells);
    }
    bench->clear_i = bench->a_valid_i = bench->b_valid_i = bench->word_ready_i = 0;
    bench->ready_i = 1;
    Timing(0, 1);
    bench.Reset();
  }

  void Timing(int precharge, int sense) {
    bench->precharge_i = static_cast<std::uint8_t>(precharge);
    bench->sense_i = static_cast<std::uint8_t>(sense);
  }

  // One cycle, with what each output has to be: held is the request that was taken and has not
  // become the word, out the word.
  void Cycle() {
    const bool reading = held && held->read;
    Offer(reading);
    bench->word_ready_i = !random.Percent(word_stalls);
    bench->ready_i = !random.Percent(macro_stalls);
    const bool by_b = b && !reading;
    const bool active = (reading || by_b) && bench->ready_i;
    const std::uint32_t row = by_b ? b->row : reading ? held->row : 0;
    const bool precharge = active && precharged < bench->precharge_i;
    const bool sense = active && !precharge;
    const bool whole = sense && sensed + 1 >= bench->sense_i;

    SetNoise(bench->q_i, kColumns, random);
    if (whole) SetWord(bench->q_i, model.Read(row), kLanes, kWeightBits);
    bench.Dut().eval();

    const std::string where = Where();
    ASSERT_FALSE(bench->precharge_o && bench->sense_o) << where;
    ASSERT_EQ(bench->precharge_o, precharge) << where;
    ASSERT_EQ(bench->sense_o, sense) << where;
    // From the first cycle of precharge to the last of the sense.
    if (active) {
      if (precharged + sensed == 0) access_row = row;
      ASSERT_EQ(bench->row_o, row) << where;
      ASSERT_EQ(bench->row_o, access_row) << where << ": the row moved in an access";
    }

    const bool advance = held && (!held->read || whole) && (!out || bench->word_ready_i);
    ASSERT_EQ(bench->next_o, advance) << where;
    if (advance) {
      ASSERT_EQ(bench->next_tag_o, held->tag) << where;
    }
    ASSERT_EQ(bench->a_ready_o, !held || advance) << where;
    ASSERT_EQ(bench->word_valid_o, out.has_value()) << where;
    if (out) {
      ASSERT_EQ(bench->word_tag_o, out->tag) << where;
      if (out->read) {
        ASSERT_NO_FATAL_FAILURE(CheckWord(bench->word_o, out->row));
      }
    }
    const bool b_done = by_b && whole;
    ASSERT_EQ(bench->b_done_o, b_done) << where;
    if (b_done) {
      ASSERT_NO_FATAL_FAILURE(CheckWord(bench->b_word_o, b->row));
    }
    ASSERT_EQ(bench->sensed_a_o, advance && held->read) << where;
    ASSERT_EQ(bench->sensed_b_o, b_done) << where;
    ASSERT_EQ(bench->stall_o, (reading || by_b) && !whole) << where;
    ASSERT_EQ(bench->idle_o, !held && !out && !b) << where;

    stalls += bench->stall_o;
    words_a += bench->sensed_a_o;
    words_b += bench->sensed_b_o;
    const bool taken = offered && bench->a_ready_o;
    bench.Cycle();

    // A sense goes on until its word has been taken.
    if (precharge) ++precharged;
    if (sense && !whole) ++sensed;
    if (b_done || (advance && held->read) || !active) precharged = sensed = 0;
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
  void CheckWord(const Port& port, std::uint32_t row) {
    const model::RowWord& expected = model.Read(row);
    const model::RowWord actual = GetWord(port, kLanes, kWeightBits);
    for (int l = 0; l < kLanes; ++l) {
      ASSERT_EQ(actual[l], expected[l]) << Where() << " row " << row << " lane " << l;
    }
  }

  std::string Where() {
    return "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount()) +
           " precharge " + std::to_string(bench->precharge_i) + " sense " +
           std::to_string(bench->sense_i) + " words " + std::to_string(words_a) + "+" +
           std::to_string(words_b) + " precharged " + std::to_string(precharged) + " sensed " +
           std::to_string(sensed);
  }

  bool Busy() const { return held || out || b || !requests.empty() || !b_requests.empty(); }

  void RunAll(int limit) {
    for (int i = 0; i < limit && Busy(); ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
    ASSERT_FALSE(Busy()) << Where() << ": no end";
  }

  Request RandomRequest(bool read) {
    // The first and the last row one time in eight.
    const std::uint32_t row =
        random.Percent(12) ? (kRows - 1) * random.Below(2) : random.Below(kRows);
    return {read, row, static_cast<int>(random.Below(256))};
  }

  Random random{kSeed};
  Bench<Vep_sense> bench{kSeed};
  model::Array array{kRows, kLanes};
  model::Sense model{array, kLanes, kWeightBits};
  std::deque<Request> requests, b_requests;
  int request_stalls = 0, word_stalls = 0, macro_stalls = 0;  // percent
  bool b_beside_reads = true;                                 // B may ask while A holds a read
  std::optional<Request> held, out, b;
  bool offered = false;
  int precharged = 0, sensed = 0;  // cycles of the access under way
  std::uint32_t access_row = 0;    // its row in its first cycle
  int stalls = 0, words_a = 0, words_b = 0;
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

// The word is held, the next one waits with its sense held, and a third request is not taken.
TEST_F(SenseTb, WordStaysUntilItIsTaken) {
  Timing(1, 2);
  word_stalls = 100;
  for (int i = 0; i < 3; ++i) requests.push_back(RandomRequest(true));
  for (int i = 0; i < 30; ++i) ASSERT_NO_FATAL_FAILURE(Cycle());
  EXPECT_EQ(bench->sense_o, 1);
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

// Random timing, both ports, 0 to 90 % stalls of requests and users, the macro not ready in up to
// 60 % of the cycles. Every third round is one word a cycle; in every other one B asks at once,
// else only when A holds no read.
TEST_F(SenseTb, RandomRequestsWithStallsMatchModel) {
  for (int round = 0; round < 150; ++round) {
    Timing(round % 3 == 0 ? 0 : static_cast<int>(random.Below(5)),
           round % 3 == 0 ? 1 : 1 + static_cast<int>(random.Below(4)));
    request_stalls = static_cast<int>(random.Below(4)) * 30;
    word_stalls = static_cast<int>(random.Below(4)) * 30;
    macro_stalls = static_cast<int>(random.Below(3)) * 30;
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
    precharged = sensed = 0;
    word_stalls = 0;
    ASSERT_NO_FATAL_FAILURE(Cycle());
    requests.push_back(RandomRequest(true));
    b_requests.push_back(RandomRequest(true));
    ASSERT_NO_FATAL_FAILURE(RunAll(30));
  }
}

}  // namespace
}  // namespace ep::tb
