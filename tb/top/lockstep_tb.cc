// SPDX-License-Identifier: Apache-2.0
//
// ep_core and golden model in lockstep on random networks: every sense, program, neuron update,
// outcome, weight and counter.

#include <gtest/gtest.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "Vep_core_w6.h"
#include "model/common/random_network.h"
#include "model/common/raw_random.h"
#include "model/fast/fast.h"
#include "model/plain/recipe.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"
#include "tb/top/lockstep.h"

namespace ep::rtl {
namespace {

// Stalls of every stream, the bus and the array, none to most of the time; access times of 1 to 6
// cycles.
void MakeSlow(RtlMachine& machine, std::uint32_t seed) {
  RawRandom random(seed);
  const auto stall = [&] { return random.Of({0, 0, 20, 128, 230}); };
  machine.SetStalls({.sample = stall(),
                     .outcome = stall(),
                     .weight = stall(),
                     .bus = stall(),
                     // A sense begins anew when the array stops being ready.
                     .array = random.Of({0, 0, 20, 80}),
                     .seed = seed});
  machine.SetTiming(
      {.precharge = random.Below(4), .sense = random.Between(1, 3), .pulse = random.Between(1, 6)});
}

// Loads, trains, infers, trains again, and reads the weights. The comparisons are the lockstep's.
void Exercise(Machine& machine, const RandomCase& random) {
  const std::vector<Sample> samples = random.Samples();
  std::vector<Outcome> outcomes;
  machine.LoadWeights(random.weights);
  machine.TakeCounters();
  machine.Run(Mode::kTrain, samples, random.learning_rate, outcomes);
  machine.TakeCounters();
  machine.ReadWeights();
  machine.Run(Mode::kInfer, samples, 0, outcomes);
  machine.Run(Mode::kTrain, std::span(samples).first(2), random.learning_rate, outcomes);
  machine.TakeCounters();
  machine.ReadWeights();
  machine.TakeCounters();
}

// As Exercise, naming the network where it fails.
void ExpectEqual(const RandomCase& random, std::unique_ptr<RtlMachine> rtl) {
  try {
    Exercise(*MakeLockstep(random.network, std::move(rtl)), random);
  } catch (const std::exception& error) {
    ADD_FAILURE() << random.Describe() << "\n" << error.what();
  }
}

// Random networks ////////////////////////////////////////////////////////////////////////////////

constexpr int kShards = 5;
constexpr int kNetworks = 50;  // a shard

class LockstepTb : public ::testing::TestWithParam<std::tuple<int, int>> {};

// 250 networks for each lane count: 2 to 4 populations in any graph, 1 to 80 neurons beside
// multiples of the lanes, all gains and shifts, T and K of 1, gates that never and always close,
// weights all 0, all extreme, sparse; inputs all 0, all largest, sparse. Every second network has
// stalls and slow arrays, every fourth begins with random registers and memories.
TEST_P(LockstepTb, RandomNetworksEqualGolden) {
  const auto [lanes, shard] = GetParam();
  for (int i = 0; i < kNetworks && !HasFailure(); ++i) {
    const auto seed = static_cast<std::uint32_t>((lanes * kShards + shard) * kNetworks + i);
    const RandomCase random = MakeRandomCase(seed, BuiltHardware(lanes));
    auto rtl = MakeRtl(random.network, random.hardware, nullptr, i % 4 == 0 ? seed + 1 : 0);
    if (i % 2 == 1) MakeSlow(*rtl, seed);
    ExpectEqual(random, std::move(rtl));
  }
}

INSTANTIATE_TEST_SUITE_P(Lanes, LockstepTb,
                         ::testing::Combine(::testing::Values(8, 16, 32, 64, 128),
                                            ::testing::Range(0, kShards)),
                         [](const auto& test) {
                           return std::to_string(std::get<0>(test.param)) + "Shard" +
                                  std::to_string(std::get<1>(test.param));
                         });

// The parameters of Vep_core_w6.
Hardware SixBits() {
  Hardware hardware;
  hardware.lanes = 16;
  hardware.neuron_lanes = 4;
  hardware.multipliers = 4;
  hardware.weight_bits = 6;
  hardware.max_inputs = 128;
  hardware.max_states = 512;
  hardware.max_populations = 6;
  hardware.max_projections = 8;
  hardware.array_rows = 4096;
  hardware.sum_bits = 32;
  return hardware;
}

class LockstepSixBitsTb : public ::testing::TestWithParam<int> {};

// Weights that do not fill their bytes, 4 neuron lanes, 4 multipliers; as above otherwise.
TEST_P(LockstepSixBitsTb, RandomNetworksEqualGolden) {
  for (int i = 0; i < kNetworks && !HasFailure(); ++i) {
    const auto seed = static_cast<std::uint32_t>(100000 + GetParam() * kNetworks + i);
    const RandomCase random = MakeRandomCase(seed, SixBits());
    auto rtl = std::make_unique<CoreMachine<Vep_core_w6>>(random.network, random.hardware, nullptr,
                                                          i % 4 == 0 ? seed : 0);
    if (i % 2 == 1) MakeSlow(*rtl, seed);
    ExpectEqual(random, std::move(rtl));
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, LockstepSixBitsTb, ::testing::Range(0, 2));

// Runs that go on ////////////////////////////////////////////////////////////////////////////////

struct Result {
  std::vector<Outcome> outcomes;
  Weights weights;
  std::vector<std::uint64_t> counters;  // but cycles and stalls
};

std::vector<std::uint64_t> Comparable(const Counters& counters) {
  std::vector<std::uint64_t> values;
  counters.ForEach([&](const char* name, const char*, std::uint64_t value) {
    const std::string counter = name;
    if (!counter.starts_with("cycles_") && !counter.starts_with("stalls_")) values.push_back(value);
  });
  return values;
}

// Cells that hold anything, those beyond the populations too.
std::unique_ptr<model::ArrayPort> UsedArray(const Hardware& hardware, std::uint32_t seed) {
  auto array = std::make_unique<model::Array>(hardware.array_rows, hardware.lanes);
  RawRandom random(seed);
  for (int row = 0; row < 2000; ++row) {
    model::Cells mask{};
    for (int l = 0; l < hardware.lanes; ++l) {
      mask[l] = static_cast<std::uint8_t>(random.Below(256));
    }
    array->Pulse(static_cast<std::uint32_t>(row), true, mask);
  }
  return array;
}

// Trained weights go to a machine that begins with other registers, memories and cells.
TEST(LockstepTb, ContinuesOnAFreshMachineWithTheSameBits) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    const RandomCase random = MakeRandomCase(seed, BuiltHardware(16), {.samples = 12});
    SCOPED_TRACE(random.Describe());
    const std::vector<Sample> samples = random.Samples();
    std::vector<Outcome> whole, parts;
    const auto machine = MakeRtl(random.network, random.hardware);
    machine->LoadWeights(random.weights);
    machine->Run(Mode::kTrain, samples, random.learning_rate, whole);
    const Weights expected = machine->ReadWeights();

    Weights weights = random.weights;
    for (int part = 0; part < 3; ++part) {
      const auto fresh =
          MakeRtl(random.network, random.hardware, UsedArray(random.hardware, seed), seed + part);
      fresh->LoadWeights(weights);
      fresh->Run(Mode::kTrain, std::span(samples).subspan(4 * part, 4), random.learning_rate,
                 parts);
      weights = fresh->ReadWeights();
    }
    EXPECT_EQ(parts, whole);
    EXPECT_EQ(weights, expected);
  }
}

// One epoch of the digits, whose hash is an anchor of the contract: the RTL against the golden and
// the fast model, and each against the anchor.
TEST(LockstepTb, DigitsGiveTheAnchor) {
  const auto data = plain::FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing";
  const Network network = plain::AnchorDigits128();
  const Hardware hardware = BuiltHardware(32);
  const auto train = [&](Machine& machine) {
    plain::Recipe recipe(network, *data, 1, 1, 38);
    Result result;
    machine.LoadWeights(recipe.initial_weights());
    machine.TakeCounters();
    machine.Run(Mode::kTrain, recipe.NextEpoch(), 16, result.outcomes);
    result.counters = Comparable(machine.TakeCounters());
    result.weights = machine.ReadWeights();
    machine.Run(Mode::kInfer, recipe.test(), 0, result.outcomes);
    return result;
  };
  const Result golden = train(*model::MakeGolden(network, hardware));
  const Result fast = train(*fast::MakeFast(network, hardware));
  const Result rtl = train(*MakeRtl(network, hardware, nullptr, 7));
  EXPECT_EQ(WeightHash(rtl.weights), "1a0c56313bc73237");
  EXPECT_EQ(WeightHash(golden.weights), "1a0c56313bc73237");
  EXPECT_EQ(WeightHash(fast.weights), "1a0c56313bc73237");
  EXPECT_EQ(rtl.outcomes, golden.outcomes);
  EXPECT_EQ(rtl.outcomes, fast.outcomes);
  EXPECT_EQ(rtl.counters, golden.counters);
  EXPECT_EQ(rtl.counters, fast.counters);
}

}  // namespace
}  // namespace ep::rtl
