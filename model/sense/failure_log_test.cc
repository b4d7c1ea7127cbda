// SPDX-License-Identifier: Apache-2.0

#include "model/sense/failure_log.h"

#include <gtest/gtest.h>

namespace ep::model {
namespace {

TEST(FailureLogTest, KeepsTheFirstAndCountsTheOthers) {
  FailureLog log;
  for (std::uint32_t i = 0; i < FailureLog::kDepth + 3; ++i) {
    log.Push({.row = i, .lane = static_cast<int>(i % 8), .cells = 1});
  }
  const auto [failures, lost] = log.Take();
  ASSERT_EQ(std::ssize(failures), FailureLog::kDepth);
  for (std::uint32_t i = 0; i < FailureLog::kDepth; ++i) EXPECT_EQ(failures[i].row, i);
  EXPECT_EQ(lost, 3);
  EXPECT_TRUE(log.Take().first.empty());
}

TEST(FailureLogTest, TakingMakesRoomAndForgetsTheLost) {
  FailureLog log;
  for (int i = 0; i < 20; ++i) log.Push({});
  log.Take();
  log.Push({.row = 7, .lane = 3, .cells = 0x81});
  const auto [failures, lost] = log.Take();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0], (Failure{.row = 7, .lane = 3, .cells = 0x81}));
  EXPECT_EQ(lost, 0);
}

TEST(FailureLogTest, LostStaysAtItsLargestValue) {
  FailureLog log;
  for (int i = 0; i < FailureLog::kDepth + FailureLog::kLostMax + 5; ++i) log.Push({});
  EXPECT_EQ(log.Take().second, FailureLog::kLostMax);
}

}  // namespace
}  // namespace ep::model
