// SPDX-License-Identifier: Apache-2.0
//
// ep_clock_gate: whole pulses, those that were enabled at the end of the low phase.

#include <gtest/gtest.h>

#include <cstdint>

#include "Vep_clock_gate.h"
#include "tb/common/bench.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

class ClockGateTb : public ::testing::Test {
 protected:
  void Drive(bool clock, bool enable) {
    bench->clk_i = clock;
    bench->enable_i = enable;
    bench->eval();
  }

  Bench<Vep_clock_gate> bench{1};
  Random random{2};
};

TEST_F(ClockGateTb, PulsePassesIfItWasEnabledAtTheEndOfTheLowPhase) {
  for (int i = 0; i < 1000; ++i) {
    bool enable = false;
    for (int j = 0; j < 3; ++j) {
      enable = random.Percent(50);
      Drive(false, enable);
      ASSERT_EQ(bench->clk_o, 0);
    }
    for (int j = 0; j < 3; ++j) {
      Drive(true, j == 0 ? enable : random.Percent(50));
      ASSERT_EQ(bench->clk_o, enable) << "pulse " << i;
    }
  }
}

}  // namespace
}  // namespace ep::tb
