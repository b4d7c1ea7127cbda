// SPDX-License-Identifier: Apache-2.0
//
// ep_top: the core and the behavioural array against the golden model.

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "Vep_top.h"
#include "model/common/random_network.h"
#include "model/plain/recipe.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"
#include "tb/top/lockstep.h"

namespace ep::rtl {
namespace {

// The parameters of Vep_top.
Hardware SmallTop() {
  Hardware hardware = BuiltHardware(16);
  hardware.max_inputs = 64;
  hardware.max_states = 256;
  hardware.array_rows = 1024;
  return hardware;
}

// Digits 64-128-10: the array begins with random cells, so that loading programs what differs and
// lanes beyond a population hold anything.
TEST(TopTb, TrainsAndTestsDigitsLikeTheGoldenModel) {
  const auto data = plain::FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing";
  const Network network = plain::AnchorDigits128();
  struct Result {
    std::vector<Outcome> outcomes;
    Weights weights;
    Counters counters;
  };
  const auto run = [&](Machine& machine) {
    plain::Recipe recipe(network, *data, 1, 1, 38, 400);
    Result result;
    machine.LoadWeights(recipe.initial_weights());
    machine.TakeCounters();
    machine.Run(Mode::kTrain, recipe.NextEpoch(), 16, result.outcomes);
    machine.Run(Mode::kInfer, std::span(recipe.test()).first(200), 0, result.outcomes);
    result.counters = machine.TakeCounters();
    result.weights = machine.ReadWeights();
    return result;
  };
  CoreMachine<Vep_top> top(network, SmallTop(), nullptr, 3);
  const Result got = run(top);
  const Result expected = run(*model::MakeGolden(network, SmallTop()));
  EXPECT_EQ(got.outcomes, expected.outcomes);
  EXPECT_EQ(got.outcomes.size(), 600U);
  EXPECT_EQ(got.weights, expected.weights);
  std::vector<std::uint64_t> values;
  expected.counters.ForEach(
      [&](const char*, const char*, std::uint64_t value) { values.push_back(value); });
  std::size_t i = 0;
  got.counters.ForEach([&](const char* name, const char*, std::uint64_t value) {
    const std::string counter = name;
    const std::uint64_t model = values[i++];
    if (counter.starts_with("cycles_") || counter.starts_with("stalls_")) return;
    EXPECT_EQ(value, model) << counter;
  });
}

// Every second one with stalls and access times that the array has to bear.
TEST(TopTb, RandomNetworksEqualGolden) {
  for (std::uint32_t seed = 200000; seed < 200040; ++seed) {
    const RandomCase random = MakeRandomCase(seed, SmallTop(), {.size_max = 60});
    const std::vector<Sample> samples = random.Samples();
    Network network = random.network;
    if (seed % 4 == 3) network.array = MakeRandomAccess(seed);
    auto rtl = std::make_unique<CoreMachine<Vep_top>>(network, random.hardware);
    if (seed % 2 == 1) {
      rtl->SetStalls({.sample = 40, .outcome = 200, .weight = 40, .bus = 40, .seed = seed});
    }
    const auto machine = MakeLockstep(network, std::move(rtl));
    std::vector<Outcome> outcomes;
    try {
      machine->LoadWeights(random.weights);
      machine->Run(Mode::kTrain, samples, random.learning_rate, outcomes);
      machine->Run(Mode::kInfer, samples, 0, outcomes);
      machine->ReadWeights();
      machine->TakeCounters();
    } catch (const std::exception& error) {
      FAIL() << random.Describe() << "\n" << error.what();
    }
  }
}

}  // namespace
}  // namespace ep::rtl
