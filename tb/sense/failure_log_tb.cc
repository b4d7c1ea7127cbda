// SPDX-License-Identifier: Apache-2.0
//
// ep_failure_log against model/sense/failure_log.h.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>

#include "Vep_failure_log.h"
#include "model/sense/failure_log.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 97;
constexpr int kDepth = model::FailureLog::kDepth;

class FailureLogTb : public ::testing::Test {
 protected:
  FailureLogTb() {
    bench->push_i = bench->next_i = bench->clear_i = 0;
    bench.Reset();
  }

  void Push() {
    const model::Failure failure{.row = random.Below(1024),
                                 .lane = static_cast<int>(random.Below(8)),
                                 .cells = static_cast<std::uint8_t>(random.Bits())};
    model.Push(failure);
    if (std::ssize(kept) < kDepth) kept.push_back(failure);
    bench->push_i = 1;
    bench->row_i = static_cast<std::uint16_t>(failure.row);
    bench->lane_i = static_cast<std::uint8_t>(failure.lane);
    bench->cells_i = failure.cells;
    bench.Cycle();
    bench->push_i = 0;
  }
  void Next() {
    bench->next_i = 1;
    bench.Cycle();
    bench->next_i = 0;
    if (!kept.empty()) kept.pop_front();
  }
  // What the host reads, at its pace.
  void Check() {
    bench.Cycle(2);
    ASSERT_EQ(bench->count_o, kept.size());
    const model::Failure oldest = kept.empty() ? model::Failure{} : kept.front();
    ASSERT_EQ(bench->row_o, oldest.row);
    ASSERT_EQ(bench->lane_o, oldest.lane);
    ASSERT_EQ(bench->cells_o, oldest.cells);
  }
  void Clear() {
    bench->clear_i = 1;
    bench.Cycle();
    bench->clear_i = 0;
  }

  Random random{kSeed};
  Bench<Vep_failure_log> bench{kSeed};
  model::FailureLog model;
  std::deque<model::Failure> kept;
};

TEST_F(FailureLogTb, EmptyAfterReset) {
  Check();
  EXPECT_EQ(bench->lost_o, 0);
  Next();
  Check();
}

// Up to and beyond its depth; then all that it kept, in order.
TEST_F(FailureLogTb, KeepsTheFirstAndCountsTheOthers) {
  for (int more = 0; more < 5; ++more) {
    for (int i = 0; i < kDepth + more; ++i) Push();
    const auto [failures, lost] = model.Take();
    EXPECT_EQ(std::ssize(failures), kDepth);
    EXPECT_EQ(lost, more);
    EXPECT_EQ(bench->lost_o, more);
    for (const model::Failure& failure : failures) {
      Check();
      EXPECT_EQ(bench->row_o, failure.row);
      EXPECT_EQ(bench->lane_o, failure.lane);
      EXPECT_EQ(bench->cells_o, failure.cells);
      Next();
    }
    Check();
    Clear();
    EXPECT_EQ(bench->lost_o, 0);
  }
}

TEST_F(FailureLogTb, LostStaysAtItsLargestValue) {
  for (int i = 0; i < kDepth + 65535 + 3; ++i) {
    ASSERT_EQ(bench->lost_o, std::clamp(i - kDepth, 0, 65535));
    Push();
  }
  EXPECT_EQ(bench->lost_o, 65535);
  EXPECT_EQ(model.Take().second, 65535);
}

TEST_F(FailureLogTb, ClearAndResetEmptyIt) {
  for (const bool by_clear : {true, false}) {
    for (int i = 0; i < kDepth + 2; ++i) Push();
    if (by_clear) {
      Clear();
    } else {
      bench->rst_ni = 0;
      bench.Cycle();
      bench->rst_ni = 1;
    }
    kept.clear();
    Check();
    EXPECT_EQ(bench->lost_o, 0);
    Push();
    Check();
    Next();
    Check();
  }
}

// Pushes and takes in any order, the two in one cycle among them.
TEST_F(FailureLogTb, RandomTrafficKeepsTheOrder) {
  for (int i = 0; i < 5000; ++i) {
    const bool takes = random.Percent(40) && !kept.empty();
    bench->next_i = takes;
    if (random.Percent(45)) {
      const bool full = std::ssize(kept) == kDepth;
      const std::size_t before = kept.size();
      Push();
      if (full) {
        EXPECT_EQ(kept.size(), before);
      }
    } else {
      bench.Cycle();
    }
    bench->next_i = 0;
    if (takes) kept.pop_front();
    if (random.Percent(30)) {
      Check();
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace ep::tb
