// SPDX-License-Identifier: Apache-2.0
//
// ep_core and a host that errs, stops, resets and interrupts: whatever it does, nothing hangs,
// weights change only by learning, and the next run gives the results of the golden model.

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "Vep_core_l8.h"
#include "model/common/raw_random.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"

namespace ep::rtl {
namespace {

using namespace ep::regs;  // NOLINT(google-build-using-namespace): every line names registers

constexpr int kInputs = 13, kOutputs = 10;  // neither is a multiple of the lanes
constexpr int kRate = 16;
constexpr std::uint32_t kAllEvents = 0x1FFF;
constexpr Field kStarts[] = {kControlTrain, kControlInfer, kControlLoad,
                             kControlSave,  kControlScrub, kControlTest};

class CoreTb : public ::testing::Test {
 protected:
  static constexpr int kSamples = 8;

  CoreTb() {
    for (int p = 0; p < 2; ++p) {
      std::vector<std::int8_t> projection(
          static_cast<std::size_t>(network.Rows(p) * network.Lanes(p)));
      for (std::int8_t& w : projection) w = static_cast<std::int8_t>(random.Between(-100, 127));
      weights.push_back(projection);
    }
    for (int i = 0; i < kSamples; ++i) {
      std::vector<std::uint8_t> sample(kInputs);
      for (std::uint8_t& code : sample) {
        code = static_cast<std::uint8_t>(random.OneIn(3) ? 0 : random.Below(256));
      }
      codes.push_back(std::move(sample));
    }
    for (const auto& sample : codes) {
      samples.push_back({.codes = sample, .label = random.Below(kOutputs)});
    }
    golden->LoadWeights(weights);
    golden->Run(Mode::kTrain, samples, kRate, expected);
    trained = golden->ReadWeights();
    machine.LoadWeights(weights);
    machine.TakeCounters();
  }

  // After whatever happened: weights, training and inference as if nothing had.
  void ExpectFullRun() {
    machine.LoadWeights(weights);
    EXPECT_EQ(machine.ReadWeights(), weights);
    std::vector<Outcome> outcomes;
    machine.Run(Mode::kTrain, samples, kRate, outcomes);
    EXPECT_EQ(outcomes, expected);
    EXPECT_EQ(machine.ReadWeights(), trained);
  }

  void StartTraining(std::size_t count) {
    machine.PrepareRun(Mode::kTrain, count, kRate);
    machine.Start(kControlTrain);
  }
  // A sample of any length; label in 0..255.
  void PostRaw(int length, int label) {
    for (int i = 0; i < length; ++i) {
      ports.samples.Post({static_cast<std::uint32_t>(random.Between(1, 255)), false});
    }
    ports.samples.Post({static_cast<std::uint32_t>(label), true});
  }
  std::vector<Outcome> TakeOutcomes() {
    std::vector<Outcome> outcomes;
    for (const auto& beat : ports.outcomes.Beats()) outcomes.push_back(ports.OutcomeOf(beat.data));
    ports.outcomes.Beats().clear();
    return outcomes;
  }
  bool Event(const Field& event) { return event.Get(machine.Get(kEvent)) != 0; }
  void Cycles(int count) {
    for (int i = 0; i < count; ++i) ports.Cycle();
  }
  void WaitIdle() {
    for (int i = 0; i < 100000; ++i) {
      if (!kStatusBusy.Get(machine.Get(kStatus))) return;
    }
    throw Divergence("RTL stays busy");
  }
  // Writes soft_reset; the streams begin anew.
  void SoftReset() {
    machine.Must(kControl, kControlSoftReset.Put(1));
    ports.samples.Clear();
    ports.weights_in.Clear();
    ports.outcomes.Forget();
    ports.weights_out.Forget();
    Cycles(1);
    ports.outcomes.Beats().clear();
    ports.weights_out.Beats().clear();
    EXPECT_EQ(machine.Get(kStatus), kStatusPowerGood.Mask());
  }

  RawRandom random{11};
  Network network{.name = "small",
                  .populations = {kInputs, 20, kOutputs},
                  .projections = {{.a = 0, .b = 1, .gain_shift = 8, .learning_shift = 12},
                                  {.a = 1, .b = 2, .gain_shift = 9, .learning_shift = 12}},
                  .nudged_sweeps = 3};
  Weights weights, trained;
  std::vector<std::vector<std::uint8_t>> codes;
  std::vector<Sample> samples;
  std::vector<Outcome> expected;
  std::unique_ptr<model::Core> golden = model::MakeGolden(network, BuiltHardware(8));
  CoreMachine<Vep_core_l8> machine{network, BuiltHardware(8), nullptr, 5};
  CorePorts<Vep_core_l8>& ports = machine.ports();
};

// Bus ////////////////////////////////////////////////////////////////////////////////////////////

// Every kind of access that is refused, again and again while samples run. All locked registers are
// tried with a value that would ruin the run.
TEST_F(CoreTb, RefusedAccessesChangeNothing) {
  std::vector<std::uint32_t> refused_writes = {0x01C, 0x050,   0x1B4,      0x2AC,          0xFFC,
                                               kId,   kStatus, kBusErrors, kCounterSamples};
  std::map<std::uint32_t, std::uint32_t> locked;
  StartTraining(kSamples);
  for (const Register& reg : kRegisters) {
    if (!reg.locked) continue;
    refused_writes.push_back(reg.address);
    locked[reg.address] = machine.Get(reg.address);
  }
  std::uint32_t refused = 0;
  std::size_t posted = 0;
  for (const std::uint32_t address : refused_writes) {
    if (posted < samples.size()) machine.Post(samples[posted++]);
    EXPECT_FALSE(ports.Write(address, 0xFFFFFFFF).okay) << address;
    ++refused;
  }
  for (const Field& start : kStarts) {
    EXPECT_FALSE(ports.Write(kControl, start.Put(1)).okay);
    EXPECT_FALSE(ports.Write(kControl, start.Put(1) | kControlSoftReset.Put(1)).okay);
    refused += 2;
  }
  for (const std::uint32_t address : {0x01CU, 0x400U, 0x021U}) {
    EXPECT_FALSE(ports.Read(address).okay);
    ++refused;
  }
  EXPECT_FALSE(ports.bus.Write(kScratch, 1, [this] { ports.Cycle(); }, 0x7).okay);
  ++refused;
  for (const auto& [address, data] : locked) EXPECT_EQ(machine.Get(address), data) << address;
  EXPECT_TRUE(Event(kEventBusError));
  EXPECT_EQ(machine.Get(kBusErrors), refused);
  EXPECT_EQ(machine.Get(kBusErrorAddress),
            kBusErrorAddressAddress.Put(refused_writes[0]) | kBusErrorAddressWrite.Put(1));
  machine.WaitForEvent(kEventRunDone);
  EXPECT_EQ(TakeOutcomes(), expected);
  EXPECT_EQ(machine.ReadWeights(), trained);
}

// "EQSP", 0.1.0
TEST_F(CoreTb, SaysWhatItIs) {
  EXPECT_EQ(machine.Get(kId), 0x45515350U);
  EXPECT_EQ(machine.Get(kVersion), kVersionMinor.Put(1));
}

TEST_F(CoreTb, InterruptFollowsEventAndEnable) {
  machine.Must(kEvent, kAllEvents);
  machine.Must(kEventEnable, kEventEnableRunDone.Put(1));
  EXPECT_FALSE(ports.Read(0xFFC).okay);  // an event that is not enabled
  StartTraining(1);
  machine.Post(samples[0]);
  int cycles = 0;
  for (; !ports.irq() && cycles < 100000; ++cycles) ports.Cycle();
  EXPECT_GT(cycles, 20);
  EXPECT_TRUE(ports.irq());
  EXPECT_EQ(machine.Get(kEvent), kEventRunDone.Put(1) | kEventBusError.Put(1));
  machine.Must(kEvent, kEventRunDone.Put(1));
  Cycles(2);
  EXPECT_FALSE(ports.irq());
  machine.Must(kEventEnable, kAllEvents);
  Cycles(2);
  EXPECT_TRUE(ports.irq());
}

// Samples ////////////////////////////////////////////////////////////////////////////////////////

// One too short, one too long, empty, three times too long, two in one; classes beside and beyond
// the last one.
TEST_F(CoreTb, BadSamplesAreDroppedAndCounted) {
  const std::vector<std::pair<int, int>> bad = {
      {kInputs - 1, 3}, {kInputs + 1, 3}, {0, 0},         {3 * kInputs, 3}, {2 * kInputs + 1, 3},
      {kInputs, 10},    {kInputs, 254},   {kInputs, 255}, {2000, 3},        {kInputs, 128}};
  StartTraining(kSamples);
  for (const auto& [length, label] : bad) PostRaw(length, label);
  Cycles(4 * kInputs * 10 + 3000);
  EXPECT_TRUE(Event(kEventSampleRejected));
  EXPECT_EQ(machine.Get(kSamplesRejected), bad.size());
  EXPECT_EQ(machine.Get(kCounterSamples), 0U);
  EXPECT_EQ(machine.Get(kCounterWeightsChanged), 0U);
  // Mixed with good ones, which give their results.
  for (const Sample& sample : samples) {
    const auto& [length, label] = bad[random.Below(static_cast<int>(bad.size()))];
    PostRaw(length, label);
    machine.Post(sample);
  }
  machine.WaitForEvent(kEventRunDone);
  EXPECT_EQ(TakeOutcomes(), expected);
  EXPECT_EQ(machine.Get(kSamplesRejected), bad.size() + samples.size());
  EXPECT_EQ(machine.ReadWeights(), trained);
}

// One code of one bit more than the inputs of the network have.
TEST_F(CoreTb, CodesBeyondTheBitsOfTheInputsAreRefused) {
  for (const int bits : {1, 2, 4}) {
    network.pixel_bits = bits;
    for (const auto& [address, data] : NetworkRegisters(network, machine.hardware())) {
      machine.Must(address, data);
    }
    const std::uint32_t before = machine.Get(kSamplesRejected);
    std::vector<std::uint8_t> largest(kInputs, static_cast<std::uint8_t>((1 << bits) - 1));
    StartTraining(1);
    for (int i = 0; i < kInputs; ++i) {
      std::vector<std::uint8_t> bad = largest;
      bad[i] = static_cast<std::uint8_t>(1 << random.Between(bits, 7));
      machine.Post({.codes = bad, .label = 3});
    }
    machine.Post({.codes = largest, .label = 3});
    machine.WaitForEvent(kEventRunDone);
    EXPECT_EQ(machine.Get(kSamplesRejected) - before, static_cast<std::uint32_t>(kInputs));
    EXPECT_EQ(TakeOutcomes().size(), 1U);
  }
  EXPECT_EQ(machine.Get(kCounterSamples), 3U);
}

// A run that gets nothing but bad samples leaves the array as it was.
TEST_F(CoreTb, BadSamplesChangeNoWeight) {
  StartTraining(1);
  PostRaw(kInputs - 1, 1);
  PostRaw(kInputs, 255);
  PostRaw(kInputs, 10);
  PostRaw(kInputs + 5, 1);
  Cycles(1000);
  machine.Must(kControl, kControlStop.Put(1));
  machine.WaitForEvent(kEventStopped);
  EXPECT_EQ(machine.Get(kSamplesRejected), 4U);
  EXPECT_EQ(machine.ReadWeights(), weights);
  ExpectFullRun();
}

// Inference needs no class, and takes one that is there; other classes are refused as well.
TEST_F(CoreTb, InferenceTakesSamplesWithoutClass) {
  std::vector<Sample> unlabelled = samples;
  for (std::size_t i = 0; i < unlabelled.size(); i += 2) unlabelled[i].label = -1;
  std::vector<Outcome> want, got;
  golden->Run(Mode::kInfer, unlabelled, 0, want);
  machine.LoadWeights(trained);
  PostRaw(kInputs, 10);
  machine.Run(Mode::kInfer, unlabelled, 0, got);
  EXPECT_EQ(got, want);
  EXPECT_EQ(machine.Get(kSamplesRejected), 1U);
  EXPECT_EQ(machine.ReadWeights(), trained);
}

// Each stream is taken only by the command that wants it, and no further than it wants.
TEST_F(CoreTb, StreamsWaitForTheirCommand) {
  machine.Post(samples[0]);
  for (int i = 0; i < 5; ++i) ports.weights_in.Post({0x7F7F7F7F});
  Cycles(50);
  EXPECT_EQ(ports.samples.Waiting(), kInputs + 1U);
  EXPECT_EQ(machine.ReadWeights(), weights);
  StartTraining(kSamples);
  for (const Sample& sample : std::span(samples).subspan(1)) machine.Post(sample);
  machine.WaitForEvent(kEventRunDone);
  EXPECT_EQ(TakeOutcomes(), expected);
  EXPECT_EQ(ports.weights_in.Waiting(), 5U);
  ports.weights_in.Clear();

  machine.Post(samples[0]);
  machine.Start(kControlLoad);
  for (const std::uint32_t beat : WeightBeats(network, machine.hardware(), weights)) {
    ports.weights_in.Post({beat});
  }
  for (int i = 0; i < 5; ++i) ports.weights_in.Post({0x7F7F7F7F});
  machine.WaitForEvent(kEventLoadDone);
  EXPECT_EQ(machine.ReadWeights(), weights);
  EXPECT_EQ(ports.weights_in.Waiting(), 5U);
  EXPECT_EQ(ports.samples.Waiting(), kInputs + 1U);
  ports.weights_in.Clear();
  ports.samples.Clear();
  ExpectFullRun();
}

// Stop ///////////////////////////////////////////////////////////////////////////////////////////

// Stopped at any cycle, as often as it happens to be, an endless and a counted run end after the
// sample in work, keep those that wait, and go on.
TEST_F(CoreTb, StopAndStartContinueTheSamples) {
  for (int round = 0; round < 12; ++round) {
    machine.LoadWeights(weights);
    for (const Sample& sample : samples) machine.Post(sample);
    std::size_t starts = 0;
    while (ports.outcomes.Beats().size() < samples.size()) {
      ASSERT_LT(++starts, 1000U);
      const std::size_t left = samples.size() - ports.outcomes.Beats().size();
      StartTraining(round % 2 == 0 ? 0 : left);
      Cycles(random.Below(2000));
      machine.Must(kControl, kControlStop.Put(1));
      // A counted run may be over before the stop comes, which does nothing then.
      WaitIdle();
      EXPECT_TRUE(machine.Get(kEvent) & (kEventStopped.Mask() | kEventRunDone.Mask()));
      machine.Must(kEvent, kAllEvents);
    }
    EXPECT_EQ(TakeOutcomes(), expected);
    EXPECT_EQ(machine.ReadWeights(), trained);
  }
}

TEST_F(CoreTb, StopDoesNothingToIdleLoadAndSave) {
  machine.Must(kControl, kControlStop.Put(1));
  EXPECT_EQ(machine.Get(kEvent), 0U);
  machine.Start(kControlLoad);
  const std::vector<std::uint32_t> beats = WeightBeats(network, machine.hardware(), weights);
  for (std::size_t i = 0; i < beats.size(); ++i) {
    ports.weights_in.Post({beats[i]});
    if (i % 7 == 0) machine.Must(kControl, kControlStop.Put(1));
  }
  machine.WaitForEvent(kEventLoadDone);
  machine.Start(kControlSave);
  machine.Must(kControl, kControlStop.Put(1));
  machine.WaitForEvent(kEventSaveDone);
  std::vector<std::uint32_t> saved;
  for (const auto& beat : ports.weights_out.Beats()) saved.push_back(beat.data);
  ports.weights_out.Beats().clear();
  EXPECT_EQ(WeightsOfBeats(network, machine.hardware(), saved), weights);
  EXPECT_EQ(machine.Get(kEvent), 0U);
  ExpectFullRun();
}

// Soft reset /////////////////////////////////////////////////////////////////////////////////////

// At random cycles of each command, with stalls and slow arrays every other time: pulses under way,
// words in the streams, samples in the buffer, predictions not taken.
TEST_F(CoreTb, SoftResetAnywhereThenAFullRun) {
  constexpr int kRounds = 80;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const auto seed = static_cast<std::uint32_t>(round + 1);
    if (round % 2 == 1) {
      machine.SetStalls({.sample = 60, .outcome = 250, .weight = 60, .array = 60, .seed = seed});
      machine.SetAccess({.precharge = 1,
                         .sense = 2,
                         .late = static_cast<LatePolicy>(round / 8 % 4),
                         .verify = round % 4 == 1,
                         .pulse = 5});
    }
    machine.PrepareRun(Mode::kTrain, 0, kRate);
    const int command = round / 2 % 6;
    machine.Must(kControl, kStarts[command].Put(1));
    if (command == 2) {
      for (const std::uint32_t beat : WeightBeats(network, machine.hardware(), weights)) {
        ports.weights_in.Post({~beat});
      }
    } else {
      for (const Sample& sample : samples) machine.Post(sample);
    }
    Cycles(random.Below(round % 3 == 0 ? 40 : command >= 2 ? 500 : 5000));
    SoftReset();
    machine.SetStalls({});
    machine.SetAccess({});
    machine.Must(kEvent, kAllEvents);
    ExpectFullRun();
    if (HasFailure()) return;
  }
}

// Spare rows /////////////////////////////////////////////////////////////////////////////////////

// Ideal cells that outlive the machine, but those of some rows that only ever hold 0, and, where
// the map of spare rows would be first, that of a weight.
class LastingArray final : public model::ArrayPort {
 public:
  explicit LastingArray(model::Array& array) : array_(array) {}
  void Sense(std::uint32_t row, int cycles, model::Cells& cells, model::Cells& late) override {
    array_.Sense(row, cycles, cells, late);
    if (row == 2 || row == 30) cells.fill(0);
    if (row == SpareMap::Row(BuiltHardware(8), 0)) cells[1] ^= 1;
  }
  int StartPulse(std::uint32_t row, bool value, const model::Cells& mask, int level) override {
    return array_.StartPulse(row, value, mask, level);
  }
  void EndPulse(int cycles) override { array_.EndPulse(cycles); }

 private:
  model::Array& array_;
};

// A host that finds two dead rows, replaces them and keeps the map; after the power was off,
// another machine finds map and weights in the array.
TEST_F(CoreTb, SpareRowsAndTheirMapSurviveInTheArray) {
  const Hardware hardware = BuiltHardware(8);
  const std::vector<std::uint32_t> dead = {30, 2};
  model::Array cells(hardware.array_rows, hardware.lanes);
  {
    CoreMachine<Vep_core_l8> first(network, hardware, std::make_unique<LastingArray>(cells));
    EXPECT_EQ(first.LoadSpares(), std::nullopt);
    first.LoadWeights(weights);
    EXPECT_NE(first.ReadWeights(), weights);
    first.SetAccess({.spare = dead});
    EXPECT_TRUE(first.StoreSpares(dead));
    first.LoadWeights(weights);
    EXPECT_EQ(first.ReadWeights(), weights);
  }
  CoreMachine<Vep_core_l8> second(network, hardware, std::make_unique<LastingArray>(cells), 3);
  EXPECT_NE(second.ReadWeights(), weights);
  const auto found = second.LoadSpares();
  ASSERT_EQ(found, dead);
  second.SetAccess({.spare = *found});
  EXPECT_EQ(second.ReadWeights(), weights);
  std::vector<Outcome> outcomes;
  second.Run(Mode::kTrain, samples, kRate, outcomes);
  EXPECT_EQ(outcomes, expected);
  EXPECT_EQ(second.ReadWeights(), trained);
}

// Power ends at random cycles of each command, pulses under way among them: the pulse ends within
// three cycles, nothing is programmed until power is back, and a start without it is refused.
TEST_F(CoreTb, NothingIsProgrammedWithoutPower) {
  int cut = 0;
  machine.SetAccess({.verify = true, .shots = 3, .pulse = 9});
  for (int round = 0; round < 40; ++round) {
    machine.PrepareRun(Mode::kTrain, 0, kRate);
    const int command = round % 4;
    machine.Must(kControl, kStarts[command].Put(1));
    if (command == 2) {
      for (const std::uint32_t beat : WeightBeats(network, machine.hardware(), weights)) {
        ports.weights_in.Post({~beat});
      }
    } else {
      for (const Sample& sample : samples) machine.Post(sample);
    }
    Cycles(random.Below(command == 0 ? 4000 : 400));
    ports.SetPowerGood(false);
    cut += ports.pulsing();
    Cycles(4);
    for (int i = 0; i < 50; ++i) {
      EXPECT_FALSE(ports.pulsing());
      Cycles(1);
    }
    EXPECT_EQ(machine.Get(kStatus), 0U);
    machine.Must(kEvent, kAllEvents);
    machine.Must(kControl, kControlTrain.Put(1));
    EXPECT_TRUE(Event(kEventPowerFailed));
    EXPECT_EQ(machine.Get(kStatus), 0U);
    ports.SetPowerGood(true);
    Cycles(3);
    SoftReset();
    machine.Must(kEvent, kAllEvents);
    ExpectFullRun();
    if (HasFailure()) return;
  }
  EXPECT_GT(cut, 0);
}

// An array that never answers, from any cycle of each command on: idle with EVENT.timed_out, not
// before the limit and not long after it; with TIME_LIMIT 0 the core waits.
TEST_F(CoreTb, CommandWithoutProgressTimesOut) {
  machine.Must(kEventEnable, kEventTimedOut.Mask());
  for (int round = 0; round < 30; ++round) {
    const int limit = round / 6 % 3;
    machine.Must(kTimeLimit, kTimeLimitCycles.Put(limit));
    machine.PrepareRun(Mode::kTrain, 0, kRate);
    const int command = round % 6;
    machine.Must(kControl, kStarts[command].Put(1));
    if (command == 2) {
      for (const std::uint32_t beat : WeightBeats(network, machine.hardware(), weights)) {
        ports.weights_in.Post({~beat});
      }
    } else {
      for (const Sample& sample : samples) machine.Post(sample);
    }
    Cycles(random.Below(120));
    machine.SetStalls({.array = 256});
    int waited = 0;
    for (; waited < 4000 && !ports.irq(); ++waited) Cycles(1);
    if (limit == 0) {
      EXPECT_EQ(waited, 4000) << round;
    } else {
      EXPECT_GE(waited, 1024 * limit) << round;
      EXPECT_LE(waited, 1024 * limit + 200) << round;
      EXPECT_EQ(machine.Get(kEvent), kEventTimedOut.Mask()) << round;
      EXPECT_EQ(machine.Get(kStatus), kStatusPowerGood.Mask()) << round;
    }
    machine.SetStalls({});
    SoftReset();
    machine.Must(kEvent, kAllEvents);
    machine.Must(kTimeLimit, 1);
    ExpectFullRun();
    if (HasFailure()) return;
  }
}

// Ten limits long each: no sample, half a sample, a prediction that is not taken, no weight, half
// the weights, weights that are not taken.
TEST_F(CoreTb, WaitingForTheHostDoesNotTimeOut) {
  constexpr int kLong = 10 * 1024;
  machine.Must(kTimeLimit, 1);
  const auto expect_nothing = [&] {
    Cycles(kLong);
    EXPECT_EQ(machine.Get(kEvent), 0U);
    EXPECT_EQ(kStatusBusy.Get(machine.Get(kStatus)), 1U);
  };
  StartTraining(4);
  expect_nothing();
  machine.Post(samples[0]);
  for (int i = 0; i < kInputs / 2; ++i) ports.samples.Post({7, false});
  expect_nothing();
  EXPECT_EQ(ports.outcomes.Beats().size(), 1U);
  for (int i = kInputs / 2; i < kInputs; ++i) ports.samples.Post({7, false});
  machine.SetStalls({.outcome = 256});
  ports.samples.Post({1, true});
  machine.Post(samples[1]);
  machine.Post(samples[2]);
  expect_nothing();
  machine.SetStalls({});
  machine.WaitForEvent(kEventRunDone);
  ports.outcomes.Beats().clear();

  machine.Start(kControlLoad);
  expect_nothing();
  const std::vector<std::uint32_t> beats = WeightBeats(network, machine.hardware(), weights);
  for (std::size_t i = 0; i < beats.size() / 2; ++i) ports.weights_in.Post({beats[i]});
  expect_nothing();
  for (std::size_t i = beats.size() / 2; i < beats.size(); ++i) ports.weights_in.Post({beats[i]});
  machine.WaitForEvent(kEventLoadDone);

  machine.SetStalls({.weight = 256});
  machine.Start(kControlSave);
  expect_nothing();
  machine.SetStalls({});
  machine.WaitForEvent(kEventSaveDone);
  ports.weights_out.Beats().clear();
  ExpectFullRun();
}

// An idle core forgets a waiting prediction and a half sent sample.
TEST_F(CoreTb, SoftResetDropsWhatWaits) {
  machine.SetStalls({.outcome = 256});
  StartTraining(1);
  machine.Post(samples[0]);
  machine.WaitForEvent(kEventRunDone);
  StartTraining(2);
  for (int i = 0; i < 5; ++i) ports.samples.Post({9, false});
  Cycles(50);
  SoftReset();
  machine.SetStalls({});
  Cycles(50);
  EXPECT_TRUE(ports.outcomes.Beats().empty());
  ExpectFullRun();
}

// Networks that do not fit ///////////////////////////////////////////////////////////////////////

// One register at a time; ep_config_check's own testbench has the limits.
TEST_F(CoreTb, StartIsRefusedWhereTheNetworkDoesNotFit) {
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> faults = {
      {kNetwork, 0},
      {kNetwork, kNetworkPopulations.Put(7) | kNetworkProjections.Put(2) | kNetworkGainMax.Put(9)},
      {kNetwork, kNetworkPopulations.Put(3) | kNetworkProjections.Put(2) | kNetworkGainMax.Put(8)},
      {kRelaxation, kRelaxationNudgedSweeps.Put(3)},
      {kPulse, 0},
      {kTiming, 0},
      {kProgram, 0},
      {kShot[7], kShotSetLength.Put(1)},
      {kPopulation[0], 2000},
      {kPopulation[2], kPopulationSize.Put(10) | kPopulationBlock.Put(2)},
      {kProjectionParameters[1], kProjectionParametersA.Put(2) | kProjectionParametersB.Put(1)},
      {kProjectionBase[1], 131072},
      {kProjectionBase[1], 38},
  };
  for (const auto& [address, data] : faults) {
    const std::uint32_t good = machine.Get(address);
    machine.Must(address, data);
    for (const Field& start : kStarts) {
      machine.Must(kControl, start.Put(1));
      WaitIdle();
      EXPECT_EQ(machine.Get(kEvent), kEventConfigError.Put(1)) << address << " = " << data;
      machine.Must(kEvent, kAllEvents);
    }
    machine.Must(address, good);
  }
  const Counters counters = machine.TakeCounters();
  EXPECT_EQ(counters.RowsSensed() + counters.rows_sensed_host + counters.shots, 0U);
  EXPECT_EQ(machine.ReadWeights(), weights);
  ExpectFullRun();
}

// 13 x 255 x 127 x 2^15 is more than sums of 32 bits hold, and 2^12 is not.
TEST_F(CoreTb, StartIsRefusedWhereSumsWouldNotFit) {
  const std::uint32_t parameters = machine.Get(kProjectionParameters[0]);
  machine.Must(kNetwork, machine.Get(kNetwork) | kNetworkGainMax.Put(15));
  for (const auto& [gain, fits] : {std::pair(0, false), std::pair(3, true)}) {
    machine.Must(kProjectionParameters[0],
                 (parameters & ~kProjectionParametersGainShift.Mask()) |
                     kProjectionParametersGainShift.Put(static_cast<std::uint32_t>(gain)));
    machine.Must(kControl, kControlSave.Put(1));
    WaitIdle();
    EXPECT_EQ(Event(kEventConfigError), !fits) << "gain_shift " << gain;
    EXPECT_EQ(Event(kEventSaveDone), fits) << "gain_shift " << gain;
    machine.Must(kEvent, kAllEvents);
    ports.weights_out.Beats().clear();
  }
}

}  // namespace
}  // namespace ep::rtl
