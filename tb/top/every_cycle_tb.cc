// SPDX-License-Identifier: Apache-2.0
//
// ep_core and a host that does something in one cycle of a run, for each cycle of it: read, write,
// stop, soft reset, reset. So each meets each state of the sequencer, those of one cycle too.

#include <gtest/gtest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "Vep_core_l8.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"

namespace ep::rtl {
namespace {

using namespace ep::regs;  // NOLINT(google-build-using-namespace): every line names registers

constexpr int kRate = 16;
constexpr std::uint32_t kAllEvents = 0x1FFF;

// States of ep_sequencer.
enum State : std::uint32_t {
  kIdle,
  kCheck,
  kSample,
  kDrive,
  kRelax,
  kGroups,
  kReadout,
  kGate,
  kSwap,
  kLearn,
  kOutcome
};

struct Kind {
  std::string name;
  Mode mode;
  int free_sweeps;
  std::set<std::uint32_t> states;  // that it goes through, but the first, which a read may miss
};

// With one free sweep the drive is the last one, after which the outputs are read.
const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kinds = {
      {"Training",
       Mode::kTrain,
       2,
       {kSample, kDrive, kRelax, kGroups, kGate, kSwap, kLearn, kOutcome}},
      {"Inference", Mode::kInfer, 1, {kSample, kDrive, kReadout, kGate}},
  };
  return kinds;
}

class EveryCycleTb : public ::testing::TestWithParam<int> {
 protected:
  EveryCycleTb() {
    network.free_sweeps = run.free_sweeps;
    golden->LoadWeights(weights);
    golden->Run(run.mode, samples, kRate, expected);
    trained = golden->ReadWeights();
    Configure();
    Begin();
    for (; !ports.irq(); ++length) {
      if (length == 10000) throw Divergence("the run does not end");
      ports.Cycle();
    }
    ExpectResults();
  }

  // The registers, as after a reset.
  void Configure() {
    for (const auto& [address, data] : NetworkRegisters(network, machine.hardware())) {
      machine.Must(address, data);
    }
    machine.Must(kLearning, kLearningLearningRate.Put(run.mode == Mode::kTrain ? kRate : 0));
    machine.Must(kSamples, 1);
    machine.Must(kEventEnable, kEventEnableRunDone.Put(1));
  }
  void Start() {
    machine.Must(kControl, run.mode == Mode::kTrain ? kControlTrain.Put(1) : kControlInfer.Put(1));
  }
  // A run of one sample up to one of its cycles.
  void Begin(int cycles = 0) {
    machine.LoadWeights(weights);
    machine.Post(samples[0]);
    Start();
    Cycles(cycles);
  }
  void Cycles(int count) {
    for (int i = 0; i < count; ++i) ports.Cycle();
  }
  // The run ends as if nothing had been.
  void ExpectResults() {
    machine.WaitForEvent(kEventRunDone);
    std::vector<Outcome> outcomes;
    for (const auto& beat : ports.outcomes.Beats()) outcomes.push_back(ports.OutcomeOf(beat.data));
    ports.outcomes.Beats().clear();
    EXPECT_EQ(outcomes, expected);
    EXPECT_EQ(machine.ReadWeights(), trained);
    EXPECT_EQ(machine.Get(kEvent), 0U);
  }
  // What the streams offer is lost in a reset.
  void Forget() {
    ports.samples.Clear();
    ports.weights_in.Clear();
    ports.outcomes.Forget();
    ports.weights_out.Forget();
  }

  const Kind& run = Kinds().at(GetParam());
  Network network{.name = "tiny",
                  .populations = {5, 9, 3},
                  .projections = {{.a = 0, .b = 1, .gain_shift = 6, .learning_shift = 12},
                                  {.a = 1, .b = 2, .gain_shift = 6, .learning_shift = 12}}};
  Weights weights{std::vector<std::int8_t>(45, 17), std::vector<std::int8_t>(27, -9)};
  std::vector<std::uint8_t> codes = {1, 200, 0, 77, 255};
  std::vector<Sample> samples{{codes, 1}};
  std::vector<Outcome> expected;
  Weights trained;
  std::unique_ptr<model::Core> golden = model::MakeGolden(network, BuiltHardware(8));
  CoreMachine<Vep_core_l8> machine{network, BuiltHardware(8), nullptr, 5};
  CorePorts<Vep_core_l8>& ports = machine.ports();
  int length = 0;  // cycles of the run
};

TEST_P(EveryCycleTb, ReadsChangeNothing) {
  std::set<std::uint32_t> seen;
  for (int cycle = 0; cycle < length && !HasFailure(); ++cycle) {
    SCOPED_TRACE("cycle " + std::to_string(cycle));
    Begin(cycle);
    seen.insert(kStatusState.Get(machine.Get(kStatus)));
    ExpectResults();
  }
  for (const std::uint32_t state : run.states) EXPECT_TRUE(seen.contains(state)) << state;
}

TEST_P(EveryCycleTb, WritesChangeNothing) {
  for (int cycle = 0; cycle < length && !HasFailure(); ++cycle) {
    SCOPED_TRACE("cycle " + std::to_string(cycle));
    Begin(cycle);
    machine.Must(kScratch, static_cast<std::uint32_t>(~cycle));
    EXPECT_EQ(machine.Get(kScratch), static_cast<std::uint32_t>(~cycle));
    ExpectResults();
  }
}

// The sample in work is finished; one that has not begun waits for the next start.
TEST_P(EveryCycleTb, StopEndsAfterTheSampleInWork) {
  machine.Must(kSamples, 0);
  machine.Must(kEventEnable, kEventEnableStopped.Put(1));
  int waited = 0, finished = 0;
  for (int cycle = 0; cycle < length && !HasFailure(); ++cycle) {
    SCOPED_TRACE("cycle " + std::to_string(cycle));
    Begin(cycle);
    machine.Must(kControl, kControlStop.Put(1));
    for (int i = 0; !ports.irq(); ++i) {
      ASSERT_LT(i, 10000) << "the run does not stop";
      ports.Cycle();
    }
    machine.Must(kEvent, kEventStopped.Put(1));
    EXPECT_EQ(machine.Get(kStatus) & kStatusBusy.Mask(), 0U);
    machine.Must(kSamples, 1);
    const bool begun = !ports.outcomes.Beats().empty();
    ++(begun ? finished : waited);
    // The sample that waits is the next one.
    if (begun) {
      EXPECT_EQ(ports.OutcomeOf(ports.outcomes.Beats().front().data), expected[0]);
      EXPECT_EQ(machine.ReadWeights(), trained);
      EXPECT_EQ(machine.Get(kEvent), 0U);
      ports.outcomes.Beats().clear();
    } else {
      Start();
      ExpectResults();
    }
    machine.Must(kSamples, 0);
  }
  EXPECT_GT(waited, 0);
  EXPECT_GT(finished, 0);
}

TEST_P(EveryCycleTb, SoftResetThenTheRunAgain) {
  for (int cycle = 0; cycle < length && !HasFailure(); ++cycle) {
    SCOPED_TRACE("cycle " + std::to_string(cycle));
    Begin(cycle);
    machine.Must(kControl, kControlSoftReset.Put(1));
    Forget();
    Cycles(1);
    ports.outcomes.Beats().clear();
    EXPECT_EQ(machine.Get(kStatus), kStatusPowerGood.Mask());
    machine.Must(kEvent, kAllEvents);
    Begin();
    ExpectResults();
  }
}

TEST_P(EveryCycleTb, ResetThenTheRunAgain) {
  for (int cycle = 0; cycle < length && !HasFailure(); ++cycle) {
    SCOPED_TRACE("cycle " + std::to_string(cycle));
    Begin(cycle);
    Forget();
    ports.Reset();
    ports.outcomes.Beats().clear();
    Cycles(2);  // power_good passes two registers
    EXPECT_EQ(machine.Get(kStatus), kStatusPowerGood.Mask());
    EXPECT_EQ(machine.Get(kEvent), 0U);
    Configure();
    Begin();
    ExpectResults();
  }
}

INSTANTIATE_TEST_SUITE_P(Runs, EveryCycleTb, ::testing::Range(0, 2),
                         [](const auto& test) { return Kinds().at(test.param).name; });

}  // namespace
}  // namespace ep::rtl
