// SPDX-License-Identifier: Apache-2.0
//
// ep_core and golden model in lockstep on random networks: every sense, program, neuron update,
// outcome, weight and counter.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "Vep_core_w6.h"
#include "model/array/random_array.h"
#include "model/common/random_network.h"
#include "model/common/raw_random.h"
#include "model/fast/fast.h"
#include "model/plain/recipe.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"
#include "tb/top/lockstep.h"

namespace ep::rtl {
namespace {

// Stalls of every stream, the bus and the array, none to most of the time.
void Stall(RtlMachine& machine, std::uint32_t seed) {
  RawRandom random(seed);
  const auto stall = [&] { return random.Of({0, 0, 20, 128, 230}); };
  machine.SetStalls({.sample = stall(),
                     .outcome = stall(),
                     .weight = stall(),
                     .bus = stall(),
                     // A sense begins anew when the array stops being ready.
                     .array = random.Of({0, 0, 20, 80}),
                     .seed = seed});
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
void ExpectEqual(const RandomCase& random, std::unique_ptr<RtlMachine> rtl,
                 std::unique_ptr<model::ArrayPort> golden_array = nullptr) {
  try {
    Exercise(*MakeLockstep(random.network, std::move(rtl), std::move(golden_array)), random);
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
// stalls and another way to access the array, every fourth begins with random registers and
// memories.
TEST_P(LockstepTb, RandomNetworksEqualGolden) {
  const auto [lanes, shard] = GetParam();
  for (int i = 0; i < kNetworks && !HasFailure(); ++i) {
    const auto seed = static_cast<std::uint32_t>((lanes * kShards + shard) * kNetworks + i);
    RandomCase random = MakeRandomCase(seed, BuiltHardware(lanes), {.populations_max = 6});
    if (i % 2 == 1) random.network.array = MakeRandomAccess(seed);
    auto rtl = MakeRtl(random.network, random.hardware, nullptr, i % 4 == 0 ? seed + 1 : 0);
    if (i % 2 == 1) Stall(*rtl, seed);
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
    RandomCase random = MakeRandomCase(seed, SixBits(), {.populations_max = 6});
    if (i % 2 == 1) random.network.array = MakeRandomAccess(seed);
    auto rtl = std::make_unique<CoreMachine<Vep_core_w6>>(random.network, random.hardware, nullptr,
                                                          i % 4 == 0 ? seed : 0);
    if (i % 2 == 1) Stall(*rtl, seed);
    ExpectEqual(random, std::move(rtl));
  }
}

INSTANTIATE_TEST_SUITE_P(Shards, LockstepSixBitsTb, ::testing::Range(0, 2));

// Bytes of a load that six bits do not hold become the nearest weight.
TEST(SixBitsTb, LoadedBytesAreClampedToTheWeights) {
  Network network;
  network.name = "bytes";
  network.populations = {16, 16};
  network.weight_bits = 6;
  network.projections = {{.a = 0, .b = 1}};
  CoreMachine<Vep_core_w6> machine(network, SixBits());
  Weights bytes{std::vector<std::int8_t>(256)}, clamped = bytes;
  for (int i = 0; i < 256; ++i) {
    bytes[0][i] = static_cast<std::int8_t>(i - 128);
    clamped[0][i] = static_cast<std::int8_t>(std::clamp(i - 128, -31, 31));
  }
  machine.Start(regs::kControlLoad);
  for (const std::uint32_t beat : WeightBeats(network, machine.hardware(), bytes)) {
    machine.ports().weights_in.Post({beat});
  }
  machine.WaitForEvent(regs::kEventLoadDone);
  EXPECT_EQ(machine.ReadWeights(), clamped);
}

// Arrays that err ////////////////////////////////////////////////////////////////////////////////

// Every cell to 0, to 1 and back, each read after it was programmed.
constexpr CellTest kMarch[] = {
    {.value = true, .invert = true},
    {.value = false, .invert = true},
    {.value = true, .invert = true},
    {.value = false},
};

class LockstepErrorsTb : public ::testing::TestWithParam<std::tuple<int, int>> {};

// Senses that flip and are late, pulses that fail, cells that are stuck, each from never to often,
// under every policy, ladders of any kind, verify on and off, pulses timed by the macro, stalls.
// The two arrays draw the same errors only as long as they are asked the same in the same order.
TEST_P(LockstepErrorsTb, RandomErrorsEqualGolden) {
  const auto [lanes, shard] = GetParam();
  Counters total;
  for (int i = 0; i < kNetworks && !HasFailure(); ++i) {
    const auto seed = static_cast<std::uint32_t>(300000 + (lanes * 3 + shard) * kNetworks + i);
    RandomCase random = MakeRandomCase(seed, lanes == 16 ? SixBits() : BuiltHardware(lanes),
                                       {.size_max = 40, .samples = 5});
    random.network.array = MakeRandomAccess(seed);
    const model::RandomErrors errors = model::MakeRandomErrors(seed);
    const auto array = [&] {
      return std::make_unique<model::RandomArray>(random.hardware.array_rows, random.hardware.lanes,
                                                  random.hardware.weight_bits, errors, seed);
    };
    std::unique_ptr<RtlMachine> rtl;
    if (lanes == 16) {
      rtl = std::make_unique<CoreMachine<Vep_core_w6>>(random.network, random.hardware, array());
    } else {
      rtl = MakeRtl(random.network, random.hardware, array());
    }
    if (i % 2 == 1) Stall(*rtl, seed);
    try {
      const auto machine = MakeLockstep(random.network, std::move(rtl), array());
      std::vector<Outcome> outcomes;
      machine->LoadWeights(random.weights);
      machine->Run(Mode::kTrain, random.Samples(), random.learning_rate, outcomes);
      total += machine->TakeCounters();
      machine->Scrub();
      machine->Test({.margin = true});
      machine->Run(Mode::kInfer, random.Samples(), 0, outcomes);
      machine->ReadWeights();
      total += machine->TakeCounters();
      for (const CellTest& test : kMarch) machine->Test(test);
      machine->TakeCounters();
    } catch (const std::exception& error) {
      ADD_FAILURE() << random.Describe() << "\n" << error.what();
    }
  }
  // What this is about has happened.
  EXPECT_GT(total.late_senses, 0U);
  EXPECT_GT(total.re_reads, 0U);
  EXPECT_GT(total.rows_sensed_verify, 0U);
  EXPECT_GT(total.cells_set_again, 0U);
  EXPECT_GT(total.cells_reset_again, 0U);
  EXPECT_GT(total.cells_failed_set, 0U);
  EXPECT_GT(total.cells_failed_reset, 0U);
  EXPECT_GT(total.verify_failures, 0U);
  EXPECT_GT(total.cells_weak, 0U);
  EXPECT_LT(total.cells_weak, total.rows_tested * static_cast<unsigned>(lanes) * 4);
}

INSTANTIATE_TEST_SUITE_P(Lanes, LockstepErrorsTb,
                         ::testing::Combine(::testing::Values(8, 16, 32), ::testing::Range(0, 3)),
                         [](const auto& test) {
                           return std::to_string(std::get<0>(test.param)) + "Shard" +
                                  std::to_string(std::get<1>(test.param));
                         });

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
