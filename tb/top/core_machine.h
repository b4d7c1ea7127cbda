// SPDX-License-Identifier: Apache-2.0
//
// A Verilated ep_core or ep_top as a Machine: what a driver does with the ports.
//
//   CoreMachine<Vep_core_l8> machine(network, BuiltHardware(8));
//
// hardware has the parameters that Top was Verilated with; registers that say them are compared.

#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/array/array.h"
#include "model/common/checks.h"
#include "model/common/memory_map.h"
#include "model/common/spare_map.h"
#include "model/ctrl/regs.h"
#include "tb/top/core_ports.h"
#include "tb/top/rtl_machine.h"

namespace ep::rtl {

// Between two events of a trace or a stream there are never so many cycles.
constexpr std::uint64_t kHangCycles = 1'000'000;

// The words of a network's registers, by address.
std::vector<std::pair<std::uint32_t, std::uint32_t>> NetworkRegisters(const Network& network,
                                                                      const Hardware& hardware);
// Those of the accesses of the array.
std::vector<std::pair<std::uint32_t, std::uint32_t>> AccessRegisters(const ArrayAccess& access);
// Weights in the order and packing of the weight streams, four a beat, and back.
std::vector<std::uint32_t> WeightBeats(const Network& network, const Hardware& hardware,
                                       const Weights& weights);
Weights WeightsOfBeats(const Network& network, const Hardware& hardware,
                       std::span<const std::uint32_t> beats);

template <typename Top>
class CoreMachine final : public RtlMachine {
 public:
  using Beat = typename CorePorts<Top>::Beat;

  // Throws UserError if the network does not fit. A null array means ideal cells.
  CoreMachine(const Network& network, const Hardware& hardware,
              std::unique_ptr<model::ArrayPort> array = nullptr, std::uint32_t state_seed = 0)
      : network_(Checked(network, hardware)),
        ports_(hardware,
               array ? std::move(array)
                     : std::make_unique<model::Array>(hardware.array_rows, hardware.lanes),
               state_seed) {
    CheckBuild();
    for (const auto& [address, data] : NetworkRegisters(network_, hardware)) Must(address, data);
    // Reset gives the defaults.
    if (network_.array != ArrayAccess{}) SetAccess(network_.array);
  }

  void LoadWeights(const Weights& weights) override;
  Weights ReadWeights() override;
  void Scrub() override {
    Start(regs::kControlScrub);
    WaitForEvent(regs::kEventScrubDone);
  }
  Weights Test(const CellTest& test) override;
  void Run(Mode mode, std::span<const Sample> samples, int learning_rate,
           std::vector<Outcome>& outcomes) override;
  Counters TakeCounters() override;

  const Hardware& hardware() const override { return ports_.hardware(); }
  bool ShowsArray() const override { return CorePorts<Top>::kArrayPort; }
  void SetObserver(model::Observer* observer) override { ports_.SetObserver(observer); }
  void SetStalls(const Stalls& stalls) override { ports_.SetStalls(stalls); }
  void SetAccess(const ArrayAccess& access) override {
    for (const auto& [address, data] : AccessRegisters(access)) Must(address, data);
  }
  std::pair<std::vector<model::Failure>, int> TakeFailures() override;
  std::uint64_t Cycles() const override { return ports_.cycles(); }
  std::uint64_t LastActivity() const override { return ports_.last_activity(); }
  void Record(const std::string& file, std::uint64_t begin, std::uint64_t end) override {
    ports_.Record(file, begin, end);
  }

  // Keeps the map of spare rows in the array, in the first place whose cells hold it; false where
  // none does. Any map is lost that was there before. Weights stay as they are.
  bool StoreSpares(std::span<const std::uint32_t> replaced);
  // The map in the array, nothing where there is none. SetAccess puts it to use.
  std::optional<std::vector<std::uint32_t>> LoadSpares();

  // The steps of the above, for tests that go other ways.
  CorePorts<Top>& ports() { return ports_; }
  void Must(std::uint32_t address, std::uint32_t data);
  std::uint32_t Get(std::uint32_t address);
  // What a run needs but the start: length, error gate and learning rate.
  void PrepareRun(Mode mode, std::size_t samples, int learning_rate, std::uint32_t random = 0);
  // Writes a command and waits until the core has accepted the network.
  void Start(const regs::Field& command);
  void Post(const Sample& sample);
  // Cycles until the event, which it clears.
  void WaitForEvent(const regs::Field& event);

 private:
  void UseNetwork(const Network& network) {
    network_ = network;
    for (const auto& [address, data] : NetworkRegisters(network_, hardware())) Must(address, data);
  }
  // Calls f() with the network of the map at each place, until it returns true; false if it never
  // does.
  template <typename F>
  bool AtMaps(F f);
  // The bytes that a save or a test sends.
  Weights ReadBytes(const regs::Field& command, const regs::Field& done);
  static const Network& Checked(const Network& network, const Hardware& hardware) {
    hardware.Check(network);
    return network;
  }
  void CheckBuild();
  // Cycles until done() holds. Whoever makes progress sets last_progress_.
  template <typename Done>
  void CycleUntil(const char* what, Done done) {
    last_progress_ = ports_.cycles();
    while (!done()) {
      ports_.Cycle();
      if (Hangs()) Hang(what);
    }
  }
  bool Hangs() const {
    return ports_.cycles() - std::max(last_progress_, ports_.last_activity()) > kHangCycles;
  }
  [[noreturn]] void Hang(const char* what) {
    throw Divergence(fmt::format("RTL made no progress for {} cycles while {}: STATUS.state {}",
                                 kHangCycles, what, regs::kStatusState.Get(Get(regs::kStatus))));
  }

  Network network_;
  CorePorts<Top> ports_;
  std::uint64_t last_progress_ = 0;
  int learning_rate_ = -1;
};

// Registers //////////////////////////////////////////////////////////////////////////////////////

template <typename Top>
void CoreMachine<Top>::Must(std::uint32_t address, std::uint32_t data) {
  if (!ports_.Write(address, data).okay) {
    throw Divergence(fmt::format("RTL refused register {:#05x} = {:#x}", address, data));
  }
}

template <typename Top>
std::uint32_t CoreMachine<Top>::Get(std::uint32_t address) {
  const tb::AxiLiteResponse response = ports_.Read(address);
  if (!response.okay) {
    throw Divergence(fmt::format("RTL refused to read register {:#05x}", address));
  }
  return response.data;
}

template <typename Top>
void CoreMachine<Top>::CheckBuild() {
  const auto expect = [this](const char* name, std::uint32_t address, const regs::Field& field,
                             int built) {
    const std::uint32_t got = field.Get(Get(address));
    if (got == static_cast<std::uint32_t>(built)) return;
    throw Divergence(fmt::format("RTL is built with {} {}, the harness with {}", name, got, built));
  };
  const Hardware& built = hardware();
  expect("lanes", regs::kHwLanes, regs::kHwLanesLanes, built.lanes);
  expect("neuron lanes", regs::kHwLanes, regs::kHwLanesNeuronLanes, built.neuron_lanes);
  expect("multipliers", regs::kHwLanes, regs::kHwLanesMultipliers, built.multipliers);
  expect("weight bits", regs::kHwLanes, regs::kHwLanesWeightBits, built.weight_bits);
  expect("inputs", regs::kHwStates, regs::kHwStatesMaxInputs, built.max_inputs);
  expect("states", regs::kHwStates, regs::kHwStatesMaxStates, built.max_states);
  expect("array rows", regs::kHwArray, regs::kHwArrayArrayRows, built.array_rows);
  expect("sum bits", regs::kHwSizes, regs::kHwSizesSumBits, built.sum_bits);
  expect("populations", regs::kHwSizes, regs::kHwSizesPopulations, built.max_populations);
  expect("projections", regs::kHwSizes, regs::kHwSizesProjections, built.max_projections);
}

template <typename Top>
void CoreMachine<Top>::Start(const regs::Field& command) {
  constexpr std::uint32_t kChecking = 1;  // StCheck of ep_sequencer
  Must(regs::kControl, command.Put(1));
  while (regs::kStatusState.Get(Get(regs::kStatus)) == kChecking) {
  }
  if (regs::kEventConfigError.Get(Get(regs::kEvent))) {
    Must(regs::kEvent, regs::kEventConfigError.Put(1));
    throw Divergence("RTL refused the network: EVENT.config_error");
  }
}

template <typename Top>
void CoreMachine<Top>::WaitForEvent(const regs::Field& event) {
  last_progress_ = ports_.cycles();
  for (;;) {
    if (event.Get(Get(regs::kEvent))) break;
    if (Hangs()) Hang("waiting for an event");
  }
  Must(regs::kEvent, event.Put(1));
  ports_.CheckAssertions();
}

// Weights ////////////////////////////////////////////////////////////////////////////////////////

template <typename Top>
void CoreMachine<Top>::LoadWeights(const Weights& weights) {
  CheckWeights(network_, weights);
  Start(regs::kControlLoad);
  for (const std::uint32_t beat : WeightBeats(network_, hardware(), weights)) {
    ports_.weights_in.Post({beat});
  }
  std::size_t waiting = ports_.weights_in.Waiting();
  CycleUntil("loading weights", [&] {
    if (ports_.weights_in.Waiting() != waiting) last_progress_ = ports_.cycles();
    waiting = ports_.weights_in.Waiting();
    return waiting == 0;
  });
  WaitForEvent(regs::kEventLoadDone);
}

template <typename Top>
Weights CoreMachine<Top>::ReadWeights() {
  return ReadBytes(regs::kControlSave, regs::kEventSaveDone);
}

template <typename Top>
Weights CoreMachine<Top>::Test(const CellTest& test) {
  Must(regs::kTest, regs::kTestValue.Put(test.value) | regs::kTestInvert.Put(test.invert) |
                        regs::kTestMargin.Put(test.margin));
  return ReadBytes(regs::kControlTest, regs::kEventTestDone);
}

template <typename Top>
Weights CoreMachine<Top>::ReadBytes(const regs::Field& command, const regs::Field& done) {
  const int beats_a_word = hardware().lanes / 4;
  std::size_t beats = 0;
  for (int p = 0; p < static_cast<int>(network_.projections.size()); ++p) {
    beats += static_cast<std::size_t>(hardware().Blocks(network_.Lanes(p))) * network_.Rows(p) *
             beats_a_word;
  }
  std::vector<std::uint32_t> data;
  Start(command);
  CycleUntil("reading weights", [&] {
    for (; !ports_.weights_out.Beats().empty(); ports_.weights_out.Beats().pop_front()) {
      const Beat beat = ports_.weights_out.Beats().front();
      data.push_back(beat.data);
      if (beat.last != (data.size() % beats_a_word == 0)) {
        throw Divergence(fmt::format("weight beat {}: tlast is {}", data.size() - 1, beat.last));
      }
      last_progress_ = ports_.cycles();
    }
    return data.size() >= beats;
  });
  WaitForEvent(done);
  if (!ports_.weights_out.Beats().empty()) throw Divergence("RTL sends too many weights");
  return WeightsOfBeats(network_, hardware(), data);
}

template <typename Top>
template <typename F>
bool CoreMachine<Top>::AtMaps(F f) {
  const Network kept = network_;
  UseNetwork(SpareMap::AsNetwork());
  bool found = false;
  for (int place = 0; place < SpareMap::kPlaces && !found; ++place) {
    Must(regs::kProjectionBase[0], SpareMap::Row(hardware(), place));
    found = f();
  }
  UseNetwork(kept);
  return found;
}

template <typename Top>
bool CoreMachine<Top>::StoreSpares(std::span<const std::uint32_t> replaced) {
  const std::vector<std::int8_t> map = SpareMap::Encode(replaced);
  const std::vector<std::uint32_t> rows(replaced.begin(), replaced.end());
  return AtMaps([&] {
    LoadWeights({map});
    return SpareMap::Decode(ReadWeights()[0]) == rows;
  });
}

template <typename Top>
std::optional<std::vector<std::uint32_t>> CoreMachine<Top>::LoadSpares() {
  std::optional<std::vector<std::uint32_t>> rows;
  AtMaps([&] {
    rows = SpareMap::Decode(ReadWeights()[0]);
    return rows.has_value();
  });
  return rows;
}

// Samples ////////////////////////////////////////////////////////////////////////////////////////

template <typename Top>
void CoreMachine<Top>::PrepareRun(Mode mode, std::size_t samples, int learning_rate,
                                  std::uint32_t random) {
  const int rate = mode == Mode::kTrain ? learning_rate : 0;
  if (rate != learning_rate_) {
    Must(regs::kLearning, regs::kLearningErrorGate.Put(network_.error_gate) |
                              regs::kLearningLearningRate.Put(rate) |
                              regs::kLearningStochastic.Put(network_.stochastic));
    learning_rate_ = rate;
  }
  if (mode == Mode::kTrain && network_.stochastic) Must(regs::kRandom, random);
  Must(regs::kSamples, static_cast<std::uint32_t>(samples));
}

template <typename Top>
void CoreMachine<Top>::Post(const Sample& sample) {
  for (const std::uint8_t code : sample.codes) ports_.samples.Post({code, false});
  ports_.samples.Post({static_cast<std::uint32_t>(sample.label < 0 ? 255 : sample.label), true});
}

template <typename Top>
void CoreMachine<Top>::Run(Mode mode, std::span<const Sample> samples, int learning_rate,
                           std::vector<Outcome>& outcomes) {
  if (samples.empty()) return;
  for (const Sample& sample : samples) CheckSample(network_, mode, sample);
  PrepareRun(mode, samples.size(), learning_rate, samples.front().random);
  Start(mode == Mode::kTrain ? regs::kControlTrain : regs::kControlInfer);
  std::size_t posted = 0, done = 0;
  CycleUntil("running a sample", [&] {
    if (ports_.samples.Waiting() == 0 && posted < samples.size()) Post(samples[posted++]);
    for (; !ports_.outcomes.Beats().empty(); ports_.outcomes.Beats().pop_front()) {
      const std::uint32_t data = ports_.outcomes.Beats().front().data;
      const std::uint32_t label = data >> 8 & 0xff;
      if (done >= samples.size() || label != (static_cast<unsigned>(samples[done].label) & 0xff)) {
        throw Divergence(fmt::format("outcome {} of the run is of class {}", done, label));
      }
      outcomes.push_back(CorePorts<Top>::OutcomeOf(data));
      last_progress_ = ports_.cycles();
      ++done;
    }
    return done == samples.size();
  });
  WaitForEvent(regs::kEventRunDone);
}

template <typename Top>
Counters CoreMachine<Top>::TakeCounters() {
  Counters counters;
  std::uint32_t address = regs::kCounter;
  counters.ForEach([&](const char*, const char*, std::uint64_t& value) {
    value = Get(address);
    address += 4;
  });
  Must(regs::kCounterControl, regs::kCounterControlClear.Put(1));
  return counters;
}

template <typename Top>
std::pair<std::vector<model::Failure>, int> CoreMachine<Top>::TakeFailures() {
  std::vector<model::Failure> failures;
  const std::uint32_t log = Get(regs::kFailures);
  for (std::uint32_t i = 0; i < regs::kFailuresCount.Get(log); ++i) {
    const std::uint32_t cells = Get(regs::kFailureCells);
    failures.push_back({.row = Get(regs::kFailureRow),
                        .lane = static_cast<int>(regs::kFailureCellsLane.Get(cells)),
                        .cells = static_cast<std::uint8_t>(regs::kFailureCellsCells.Get(cells))});
    Must(regs::kFailureNext, regs::kFailureNextNext.Put(1));
  }
  Must(regs::kFailureNext, regs::kFailureNextClear.Put(1));
  return {failures, static_cast<int>(regs::kFailuresLost.Get(log))};
}

}  // namespace ep::rtl
