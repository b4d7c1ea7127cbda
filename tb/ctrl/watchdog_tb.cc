// SPDX-License-Identifier: Apache-2.0
//
// ep_watchdog: when it ends what makes no progress, and when not.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>

#include "Vep_watchdog.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 72;

class WatchdogTb : public ::testing::Test {
 protected:
  WatchdogTb() {
    bench->limit_i = 1;
    Drive(false, false, false);
    bench.Reset();
  }
  void Drive(bool busy, bool progress, bool host) {
    bench->busy_i = busy;
    bench->progress_i = progress;
    bench->host_i = host;
  }
  // Cycles until it ends a core that does nothing; `most` if it does not.
  int CyclesToEnd(int most) {
    Drive(true, false, false);
    for (int i = 0; i < most; ++i) {
      bench.Cycle();
      if (bench->timed_out_o) return i + 1;
    }
    return most;
  }

  Random random{kSeed};
  Bench<Vep_watchdog> bench{kSeed};
};

// Each bit of the limit, and the largest.
TEST_F(WatchdogTb, EndsAfterTheLimit) {
  for (const int limit : {1, 2, 3, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4095}) {
    Drive(false, false, false);
    bench.Cycle();
    bench->limit_i = limit;
    EXPECT_EQ(CyclesToEnd(5'000'000), limit * 1024);
    // Until the core is idle.
    bench.Cycle(5);
    EXPECT_EQ(bench->timed_out_o, 1);
    Drive(false, false, false);
    bench.Cycle();
    EXPECT_EQ(bench->timed_out_o, 0);
  }
}

TEST_F(WatchdogTb, NoLimitNeverEnds) {
  bench->limit_i = 0;
  EXPECT_EQ(CyclesToEnd(5'000'000), 5'000'000);
}

// One cycle of anything begins anew, also the last before the end.
TEST_F(WatchdogTb, ProgressOrAWaitForTheHostBeginsAnew) {
  for (int what = 0; what < 3; ++what) {
    for (const int cycles : {1, 2, 500, 1022, 1023}) {
      Drive(false, false, false);
      bench.Cycle();
      EXPECT_EQ(CyclesToEnd(cycles), cycles);
      Drive(what != 0, what == 1, what == 2);
      bench.Cycle();
      EXPECT_EQ(CyclesToEnd(5000), 1024) << what << " after " << cycles;
    }
  }
}

// Against a count of the cycles, with the limits changed between commands.
TEST_F(WatchdogTb, RandomCommands) {
  int counted = 0, ended = 0;
  for (int command = 0; command < 300; ++command) {
    const int limit = static_cast<int>(random.Below(4));
    const int rare = static_cast<int>(random.Below(3000)) + 1;
    Drive(false, false, false);
    bench.Cycle();
    bench->limit_i = limit;
    counted = 0;
    for (int cycle = 0; cycle < 5000; ++cycle) {
      const bool progress = random.Below(rare) == 0, host = random.Below(rare) == 0;
      Drive(true, progress, host);
      bench.Cycle();
      counted = progress || host ? 0 : counted + 1;
      const bool end = limit > 0 && counted >= limit * 1024;
      ASSERT_EQ(bench->timed_out_o, end) << "seed " << kSeed << " command " << command;
      if (!end) continue;
      ++ended;
      break;
    }
  }
  EXPECT_GT(ended, 30);
}

}  // namespace
}  // namespace ep::tb
