// SPDX-License-Identifier: Apache-2.0
//
// Power-up: whatever registers and memories hold before reset, the core gives the same results in
// the same cycles.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "Vep_core_l8.h"
#include "model/common/random_network.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"

namespace ep::rtl {
namespace {

struct Result {
  std::vector<Outcome> outcomes;
  Weights weights;
  std::vector<std::uint64_t> counters;  // cycles and stalls too
  std::uint64_t cycles = 0;
  bool operator==(const Result&) const = default;
};

Result Train(const RandomCase& random, std::uint32_t state_seed) {
  CoreMachine<Vep_core_l8> machine(random.network, random.hardware, nullptr, state_seed);
  Result result;
  machine.LoadWeights(random.weights);
  machine.TakeCounters();
  machine.Run(Mode::kTrain, random.Samples(), random.learning_rate, result.outcomes);
  machine.TakeCounters().ForEach(
      [&](const char*, const char*, std::uint64_t value) { result.counters.push_back(value); });
  result.weights = machine.ReadWeights();
  result.cycles = machine.Cycles();
  return result;
}

// Ten initial states for each of four networks; 0 is the one where all registers are 0.
TEST(PowerUpTb, TenInitialStatesGiveTheSameResultsInTheSameCycles) {
  for (std::uint32_t network = 1; network <= 4; ++network) {
    const RandomCase random = MakeRandomCase(network, BuiltHardware(8));
    SCOPED_TRACE(random.Describe());
    const Result first = Train(random, 0);
    for (std::uint32_t seed = 1; seed <= 10; ++seed) {
      EXPECT_EQ(Train(random, seed * 7919), first) << "initial state " << seed;
    }
  }
}

}  // namespace
}  // namespace ep::rtl
