// SPDX-License-Identifier: Apache-2.0
//
// The fast model against the golden one: results and every counter but cycles and stalls.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/fast/fast.h"
#include "model/plain/random_case.h"
#include "model/top/core.h"

namespace ep::fast {
namespace {

std::map<std::string, std::uint64_t> Named(const Counters& counters) {
  std::map<std::string, std::uint64_t> named;
  counters.ForEach([&](const char* name, const char* /*text*/, std::uint64_t value) {
    const std::string key = name;
    if (!key.starts_with("cycles_") && !key.starts_with("stalls_")) named[key] = value;
  });
  return named;
}

void ExpectEqualToGolden(const plain::RandomCase& random) {
  SCOPED_TRACE(random.Describe());
  const auto fast = MakeFast(random.network, random.hardware);
  const auto golden = model::MakeGolden(random.network, random.hardware);
  const auto expect_counters = [&](const std::string& what) {
    EXPECT_EQ(Named(fast->TakeCounters()), Named(golden->TakeCounters())) << what;
  };
  fast->LoadWeights(random.weights);
  golden->LoadWeights(random.weights);
  expect_counters("loading");
  const std::vector<Sample> samples = random.Samples();
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    std::vector<Outcome> fast_outcomes;
    std::vector<Outcome> golden_outcomes;
    fast->Run(mode, samples, random.learning_rate, fast_outcomes);
    golden->Run(mode, samples, random.learning_rate, golden_outcomes);
    ASSERT_EQ(fast_outcomes, golden_outcomes);
    expect_counters(mode == Mode::kTrain ? "training" : "inference");
  }
  ASSERT_EQ(fast->ReadWeights(), golden->ReadWeights());
  expect_counters("reading back");
}

TEST(FastGoldenTest, RandomNetworksEqualGolden) {
  for (std::uint32_t seed = 5000; seed < 5300 && !HasFailure(); ++seed) {
    ExpectEqualToGolden(plain::MakeRandomCase(seed, 70, 6, false));
  }
}

TEST(FastGoldenTest, LargeRandomNetworksEqualGolden) {
  for (std::uint32_t seed = 6000; seed < 6020 && !HasFailure(); ++seed) {
    ExpectEqualToGolden(plain::MakeRandomCase(seed, 400, 3, false));
  }
}

}  // namespace
}  // namespace ep::fast
