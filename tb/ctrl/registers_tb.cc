// SPDX-License-Identifier: Apache-2.0
//
// ep_registers against the register table of model/ctrl/regs.h: what is written, read, refused, and
// what the core sees of it.

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "Vep_registers.h"
#include "model/ctrl/regs.h"
#include "tb/common/axi_lite.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

using namespace ep::regs;  // NOLINT(google-build-using-namespace): every line names registers

constexpr int kCounters = static_cast<int>(kCounterNames.size());
constexpr std::uint32_t kStarts = kControlTrain.Mask() | kControlInfer.Mask() |
                                  kControlLoad.Mask() | kControlSave.Mask() | kControlScrub.Mask() |
                                  kControlTest.Mask();
constexpr std::uint32_t kCommands = kStarts | kControlStop.Mask() | kControlSoftReset.Mask();
constexpr std::uint32_t kEvents = 0x1FFF;
constexpr std::uint32_t kFailureActs = kFailureNextNext.Mask() | kFailureNextClear.Mask();

const Register* Find(std::uint32_t address) {
  for (const Register& reg : kRegisters) {
    if (reg.address == address) return &reg;
  }
  return nullptr;
}

// The register file as the documentation has it. Times are those of the RTL: Edge() is called once
// a cycle with what happens in it.
class RegisterModel {
 public:
  RegisterModel() {
    for (const Register& reg : kRegisters) values_[reg.address] = reg.reset & reg.stored;
  }

  struct Answer {
    bool okay;
    std::uint32_t data;
  };

  // The hardware's side in this cycle.
  bool busy_in = false;
  std::uint32_t events_in = 0;  // EVENT bits
  std::uint32_t status_in = 0;  // STATUS without busy
  std::uint32_t failures_in = 0, failure_row_in = 0, failure_cells_in = 0;
  const std::uint32_t* counters = nullptr;
  std::map<std::uint32_t, std::uint32_t> constants;  // what this core is

  std::uint32_t Value(std::uint32_t address) const { return values_.at(address); }
  std::uint32_t Events() const { return events_; }
  std::uint32_t Commands() const { return commands_; }
  bool Clear() const { return clear_; }
  std::uint32_t FailureActs() const { return failure_acts_; }
  bool Irq() const { return (events_ & (values_.at(kEventEnable) | kEventUpset.Mask())) != 0; }
  bool Busy() const { return busy_in || started_; }

  // The access of this cycle.
  Answer Read(std::uint32_t address) {
    const Register* reg = Find(address);
    if (!reg) return Refuse(address, false);
    if (address >= kCounter) return {true, counters[(address - kCounter) / 4]};
    std::uint32_t data = values_[address];
    if (constants.count(address)) data = constants[address];
    if (address == kId) data = reg->reset;
    if (address == kStatus) data = status_in | kStatusBusy.Put(Busy());
    if (address == kEvent) data = events_;
    if (address == kFailures) data = failures_in;
    if (address == kFailureRow) data = failure_row_in;
    if (address == kFailureCells) data = failure_cells_in;
    if (address == kSamplesRejected) data = rejected_;
    if (address == kBusErrors) data = bus_errors_;
    if (address == kBusErrorAddress) data = kEventBusError.Get(events_) ? error_access_ : 0;
    return {true, data};
  }
  Answer Write(std::uint32_t address, std::uint32_t data, std::uint32_t strobes) {
    const Register* reg = Find(address);
    if (!reg || !reg->writable || strobes != 0xF || (busy_before_ && reg->locked)) {
      return Refuse(address, true);
    }
    if ((data & reg->starts) && (busy_before_ || (data & (data - 1)) || upset_before_)) {
      return Refuse(address, true);
    }
    values_[address] = data & reg->stored;
    if (address == kControl) next_commands_ = data & kCommands;
    if (address == kEvent) cleared_ = data & kEvents;
    if (address == kFailureNext) next_failure_acts_ = data & kFailureActs;
    if (address == kCounterControl) next_clear_ = kCounterControlClear.Get(data);
    return {true, 0};
  }

  // The rising edge.
  void Edge() {
    upset_before_ = kEventUpset.Get(events_) != 0;
    busy_before_ = Busy() || (commands_ & kStarts);
    started_ = commands_ & kStarts;
    if (refused_ && !kEventBusError.Get(events_)) error_access_ = refused_access_;
    std::uint32_t set = events_before_ & ~kEventBusError.Mask();
    if (refused_) set |= kEventBusError.Mask();
    events_ = (events_ & ~cleared_) | set;
    if (clear_) rejected_ = bus_errors_ = 0;
    if (events_before_ & kEventSampleRejected.Mask()) ++rejected_;
    events_before_ = events_in;
    if (refused_) ++bus_errors_;
    commands_ = next_commands_;
    clear_ = next_clear_;
    failure_acts_ = std::exchange(next_failure_acts_, 0);
    next_commands_ = cleared_ = 0;
    next_clear_ = refused_ = false;
  }

 private:
  Answer Refuse(std::uint32_t address, bool write) {
    refused_ = true;
    refused_access_ = kBusErrorAddressAddress.Put(address) | kBusErrorAddressWrite.Put(write);
    return {false, 0};
  }

  std::map<std::uint32_t, std::uint32_t> values_;  // stored bits
  std::uint32_t events_ = 0, commands_ = 0, next_commands_ = 0, cleared_ = 0;
  std::uint32_t rejected_ = 0, bus_errors_ = 0, error_access_ = 0, refused_access_ = 0;
  std::uint32_t failure_acts_ = 0, next_failure_acts_ = 0;
  std::uint32_t events_before_ = 0;  // of the cycle before
  bool busy_before_ = false, upset_before_ = false;
  bool clear_ = false, next_clear_ = false, started_ = false, refused_ = false;
};

// Bits of a port that is a packed structure, from its last member on.
class PackedPort {
 public:
  template <typename Port>
  PackedPort(const Port& port, std::uint32_t bits) : next_(bits) {
    for (std::uint32_t i = 0; i * 32 < bits; ++i) words_.push_back(port[i]);
  }
  // The next member, from the first on.
  std::uint32_t Take(std::uint32_t width) {
    next_ -= width;
    std::uint64_t two = words_.at(next_ / 32);
    if (next_ / 32 + 1 < words_.size()) {
      two |= static_cast<std::uint64_t>(words_[next_ / 32 + 1]) << 32u;
    }
    return static_cast<std::uint32_t>(two >> (next_ % 32)) & (0xFFFFFFFFu >> (32u - width));
  }
  bool Empty() const { return next_ == 0; }

 private:
  std::vector<std::uint32_t> words_;
  std::uint32_t next_;
};

class RegistersTb : public ::testing::Test {
 protected:
  RegistersTb() {
    model.constants = {
        {kVersion, kVersionMinor.Put(1)},  // 0.1.0
        {kHwLanes, kHwLanesLanes.Put(8) | kHwLanesNeuronLanes.Put(2) | kHwLanesMultipliers.Put(3) |
                       kHwLanesWeightBits.Put(7)},
        {kHwStates, kHwStatesMaxInputs.Put(100) | kHwStatesMaxStates.Put(2000)},
        {kHwArray, 30000},
        {kHwSizes, kHwSizesSumBits.Put(33) | kHwSizesPopulations.Put(kPopulation.size()) |
                       kHwSizesProjections.Put(kProjectionBase.size()) |
                       kHwSizesCounters.Put(kCounters)}};
    counters.resize(kCounters);
    for (std::uint32_t& counter : counters) counter = random.Bits();
    model.counters = counters.data();
    bus.on_error = [](const std::string& what) { ADD_FAILURE() << what; };
    bench.OnCycle([this] { Drive(); }, [this] { Sample(); });
    Drive();
    bench.Reset();
  }

  void Drive() {
    bus.Drive();
    // status_t: busy, power_good, state, samples_ready.
    bench->status_i = static_cast<std::uint16_t>(
        (model.busy_in ? 0x100u : 0u) + 0x80 * kStatusPowerGood.Get(model.status_in) +
        4 * kStatusState.Get(model.status_in) + kStatusSamplesReady.Get(model.status_in));
    bench->events_i = static_cast<std::uint16_t>(model.events_in);
    // failures_t: count, lost, row, lane, cells.
    SetBits(bench->failures_i, 63, 8, kFailuresCount.Get(model.failures_in));
    SetBits(bench->failures_i, 47, 16, kFailuresLost.Get(model.failures_in));
    SetBits(bench->failures_i, 15, 32, model.failure_row_in);
    SetBits(bench->failures_i, 8, 7, kFailureCellsLane.Get(model.failure_cells_in));
    SetBits(bench->failures_i, 0, 8, kFailureCellsCells.Get(model.failure_cells_in));
    for (int i = 0; i < kCounters; ++i) bench->counters_i[i] = counters[i];
  }

  // Follows the accesses at the handshakes, compares everything, and ends the cycle in the model.
  void Sample() {
    ASSERT_EQ(Commands(), model.Commands()) << "cycle " << bench.CycleCount();
    ASSERT_EQ(bench->irq_o, model.Irq()) << "cycle " << bench.CycleCount();
    ASSERT_EQ(bench->upset_o, 0) << "cycle " << bench.CycleCount();
    ASSERT_EQ(bench->counters_clear_o, model.Clear()) << "cycle " << bench.CycleCount();
    ASSERT_EQ(bench->failures_next_o, kFailureNextNext.Get(model.FailureActs()));
    ASSERT_EQ(bench->failures_clear_o, kFailureNextClear.Get(model.FailureActs()));
    ASSERT_EQ(bench->counters_freeze_o, kCounterControlFreeze.Get(model.Value(kCounterControl)));
    if (bench->s_axil_awvalid_i && bench->s_axil_awready_o) {
      ASSERT_TRUE(bench->s_axil_wvalid_i && bench->s_axil_wready_o);
      expected_writes.push_back(
          model.Write(bench->s_axil_awaddr_i, bench->s_axil_wdata_i, bench->s_axil_wstrb_i));
    }
    if (bench->s_axil_arvalid_i && bench->s_axil_arready_o) {
      expected_reads.push_back(model.Read(bench->s_axil_araddr_i));
    }
    if (bench->s_axil_bvalid_o && bench->s_axil_bready_i) {
      ASSERT_FALSE(expected_writes.empty());
      EXPECT_EQ(bench->s_axil_bresp_o == 0, expected_writes.front().okay)
          << "cycle " << bench.CycleCount();
      expected_writes.pop_front();
    }
    if (bench->s_axil_rvalid_o && bench->s_axil_rready_i) {
      ASSERT_FALSE(expected_reads.empty());
      EXPECT_EQ(bench->s_axil_rresp_o == 0, expected_reads.front().okay)
          << "cycle " << bench.CycleCount();
      EXPECT_EQ(bench->s_axil_rdata_o, expected_reads.front().data)
          << "cycle " << bench.CycleCount();
      expected_reads.pop_front();
    }
    bus.Sample();
    model.Edge();
    model.events_in = next_events;
    next_events = 0;
  }

  bool Write(std::uint32_t address, std::uint32_t data, std::uint32_t strobes = 0xF) {
    return bus.Write(address, data, [this] { bench.Cycle(); }, strobes).okay;
  }
  AxiLiteResponse Read(std::uint32_t address) {
    return bus.Read(address, [this] { bench.Cycle(); });
  }

  // command_o in the bit order of CONTROL; its own is the reverse.
  std::uint32_t Commands() {
    std::uint32_t reversed = 0;
    for (std::uint32_t i = 0; i < 8; ++i) {
      reversed |= ((std::uint32_t{bench->command_o} >> i) & 1u) << (7u - i);
    }
    return reversed;
  }

  // Every register reads as the model says; with the events of the reads themselves.
  void ExpectAll() {
    for (const Register& reg : kRegisters) {
      const RegisterModel::Answer expected = model.Read(reg.address);
      const AxiLiteResponse read = Read(reg.address);
      EXPECT_TRUE(read.okay) << reg.name;
      EXPECT_EQ(read.data, expected.data) << reg.name;
    }
  }

  Random random{4};
  Bench<Vep_registers> bench{4};
  AxiLiteMaster<Vep_registers> bus{bench.Dut(), random};
  RegisterModel model;
  std::vector<std::uint32_t> counters;
  std::uint32_t next_events = 0;  // EVENT bits of the next cycle
  std::deque<RegisterModel::Answer> expected_writes, expected_reads;
};

TEST_F(RegistersTb, ResetValuesAreThoseOfTheTable) {
  for (const Register& reg : kRegisters) {
    const AxiLiteResponse read = Read(reg.address);
    EXPECT_TRUE(read.okay) << reg.name;
    EXPECT_EQ(read.data & ~reg.hardware, reg.reset & ~reg.hardware) << reg.name;
  }
  ExpectAll();
}

TEST_F(RegistersTb, IdentifiesTheCore) {
  EXPECT_EQ(Read(kId).data, 0x45515350u);
  EXPECT_EQ(kHwLanesLanes.Get(Read(kHwLanes).data), 8u);
  EXPECT_EQ(kHwStatesMaxStates.Get(Read(kHwStates).data), 2000u);
  EXPECT_EQ(kHwSizesCounters.Get(Read(kHwSizes).data), static_cast<std::uint32_t>(kCounters));
}

TEST_F(RegistersTb, CountersOfAnyValueAreRead) {
  for (int i = 0; i < 40; ++i) {
    for (std::uint32_t& counter : counters) counter = i == 0 ? 0 : i == 1 ? ~0U : random.Bits();
    ExpectAll();
  }
}

// All ones, all zeros, then random words; after each register all others still hold theirs.
TEST_F(RegistersTb, WhatIsWrittenReadsBack) {
  for (const Register& reg : kRegisters) {
    if (!reg.stored) continue;
    for (const std::uint32_t data : {0xFFFFFFFFu, 0u, random.Bits()}) {
      const std::uint32_t acts = reg.pulses;
      EXPECT_TRUE(Write(reg.address, data & ~acts)) << reg.name;
      EXPECT_EQ(Read(reg.address).data, data & reg.stored) << reg.name;
    }
    ExpectAll();
  }
}

TEST_F(RegistersTb, ConfigReachesTheCore) {
  std::map<std::uint32_t, std::uint32_t> written;
  for (const Register& reg : kRegisters) {
    if (!reg.locked) continue;
    written[reg.address] = random.Bits();
    EXPECT_TRUE(Write(reg.address, written[reg.address]));
  }
  // config_t, member by member.
  const std::uint32_t bits = 3 + 4 + 6 * 32 + 8 * 48 + 8 + 8 + 3 + 9 + 5 + 1 + 32 + 4 + 2 + 32 + 8 +
                             8 + 2 + 4 + 16 + 1 + 1 + 1 + 4 + 2 * 8 * 7 + 3 + 4 * 25 + 12;
  PackedPort config(bench->config_o, bits);
  const auto expect = [&](const char* name, std::uint32_t address, Field field) {
    EXPECT_EQ(config.Take(field.width), field.Get(written.at(address))) << name;
  };
  expect("populations", kNetwork, kNetworkPopulations);
  expect("projections", kNetwork, kNetworkProjections);
  for (std::size_t i = kPopulation.size(); i-- > 0;) {
    expect("size", kPopulation[i], kPopulationSize);
    expect("block", kPopulation[i], kPopulationBlock);
  }
  for (std::size_t i = kProjectionBase.size(); i-- > 0;) {
    expect("base", kProjectionBase[i], kProjectionBaseRow);
    expect("a", kProjectionParameters[i], kProjectionParametersA);
    expect("b", kProjectionParameters[i], kProjectionParametersB);
    expect("gain_shift", kProjectionParameters[i], kProjectionParametersGainShift);
    expect("learning_shift", kProjectionParameters[i], kProjectionParametersLearningShift);
    expect("learn", kProjectionParameters[i], kProjectionParametersLearn);
  }
  expect("free_sweeps", kRelaxation, kRelaxationFreeSweeps);
  expect("nudged_sweeps", kRelaxation, kRelaxationNudgedSweeps);
  expect("nudge_shift", kRelaxation, kRelaxationNudgeShift);
  expect("error_gate", kLearning, kLearningErrorGate);
  expect("learning_rate", kLearning, kLearningLearningRate);
  expect("stochastic", kLearning, kLearningStochastic);
  expect("random", kRandom, kRandomRandom);
  expect("gain_max", kNetwork, kNetworkGainMax);
  expect("input_scale", kNetwork, kNetworkInputScale);
  expect("samples", kSamples, kSamplesSamples);
  expect("precharge", kTiming, kTimingPrecharge);
  expect("sense", kTiming, kTimingSense);
  expect("policy", kLate, kLatePolicy);
  expect("re_reads", kLate, kLateReReads);
  expect("pulse", kPulse, kPulsePulse);
  expect("verify", kProgram, kProgramVerify);
  expect("self_timed", kProgram, kProgramSelfTimed);
  expect("shrink", kProgram, kProgramShrink);
  expect("shots", kProgram, kProgramShots);
  for (std::size_t i = kShot.size(); i-- > 0;) {
    expect("set_length", kShot[i], kShotSetLength);
    expect("set_level", kShot[i], kShotSetLevel);
  }
  for (std::size_t i = kShot.size(); i-- > 0;) {
    expect("reset_length", kShot[i], kShotResetLength);
    expect("reset_level", kShot[i], kShotResetLevel);
  }
  expect("value", kTest, kTestValue);
  expect("invert", kTest, kTestInvert);
  expect("margin", kTest, kTestMargin);
  for (std::size_t i = kSpare.size(); i-- > 0;) {
    expect("used", kSpare[i], kSpareUsed);
    expect("row", kSpare[i], kSpareRow);
  }
  expect("cycles", kTimeLimit, kTimeLimitCycles);
  EXPECT_TRUE(config.Empty());
}

// The whole page of 4,096 bytes, read and written: what is not in the table is a hole.
TEST_F(RegistersTb, HolesAreErrors) {
  std::uint32_t errors = 0;
  for (std::uint32_t address = 0; address < 0x1000; ++address) {
    if (Find(address)) continue;
    EXPECT_FALSE(Read(address).okay) << address;
    EXPECT_FALSE(Write(address, 0xFFFFFFFF)) << address;
    errors += 2;
  }
  EXPECT_EQ(Read(kBusErrors).data, errors);
  ExpectAll();
}

TEST_F(RegistersTb, ReadOnlyRegistersRefuseWrites) {
  int refused = 0;
  for (const Register& reg : kRegisters) {
    if (reg.writable) continue;
    EXPECT_FALSE(Write(reg.address, random.Bits())) << reg.name;
    ++refused;
  }
  EXPECT_GE(refused, 6 + 4 + kCounters);
  ExpectAll();
}

TEST_F(RegistersTb, PartialWritesChangeNothing) {
  for (const Register& reg : kRegisters) {
    for (std::uint32_t strobes = 0; strobes < 15; ++strobes) {
      EXPECT_FALSE(Write(reg.address, random.Bits(), strobes)) << reg.name;
    }
  }
  ExpectAll();
}

TEST_F(RegistersTb, LockedRegistersRefuseWritesWhileBusy) {
  model.busy_in = true;
  int locked = 0;
  for (const Register& reg : kRegisters) {
    if (!reg.stored) continue;
    EXPECT_EQ(Write(reg.address, random.Bits() & ~reg.pulses), !reg.locked) << reg.name;
    locked += reg.locked;
  }
  EXPECT_EQ(locked, 8 + 6 + 1 + 8 * 2 + 8 + 1 + 4 + 1);
  ExpectAll();
  model.busy_in = false;
  EXPECT_TRUE(Write(kPulse, 3));
}

// No start before EVENT.upset is cleared; everything else goes on.
TEST_F(RegistersTb, NothingStartsAfterAnUpset) {
  next_events = kEventUpset.Mask();
  bench.Cycle(4);
  EXPECT_EQ(Read(kEvent).data, kEventUpset.Mask());
  for (std::uint32_t bit = 0; bit < 8; ++bit) {
    EXPECT_EQ(Write(kControl, 1U << bit), ((1U << bit) & kStarts) == 0) << bit;
  }
  EXPECT_TRUE(Write(kPulse, 7));
  EXPECT_TRUE(Write(kEvent, kEvents));
  EXPECT_TRUE(Write(kControl, kControlTrain.Mask()));
  ExpectAll();
}

// All 256 words of commands, idle and busy: single commands pass when they may, a start only alone;
// the model demands pulses of one cycle.
TEST_F(RegistersTb, CommandsPulseOnce) {
  for (const bool busy : {false, true}) {
    for (std::uint32_t word = 0; word < 256; ++word) {
      model.busy_in = busy;
      const bool start = word & kStarts;
      const bool single = (word & (word - 1)) == 0;
      EXPECT_EQ(Write(kControl, word), !start || (single && !busy)) << word;
      EXPECT_EQ(Read(kControl).data, 0u);
      bench.Cycle(3);
    }
  }
  EXPECT_EQ(Read(kBusErrorAddress).data, kControl | kBusErrorAddressWrite.Mask());
}

// The core needs a cycle to become busy: what comes in it is refused all the same.
TEST_F(RegistersTb, SecondStartIsRefusedBeforeTheCoreIsBusy) {
  bus.PostWrite(kControl, kControlTrain.Mask());
  bus.PostWrite(kControl, kControlInfer.Mask());
  for (int i = 0; i < 10 && bus.Writes().size() < 2; ++i) {
    bench.Cycle();
    if (bench->command_o != 0) model.busy_in = true;
  }
  ASSERT_EQ(bus.Writes().size(), 2u);
  EXPECT_TRUE(bus.Writes()[0].okay);
  EXPECT_FALSE(bus.Writes()[1].okay);
}

TEST_F(RegistersTb, StatusShowsTheCore) {
  for (int i = 0; i < 50; ++i) {
    model.busy_in = random.Bits() & 1u;
    model.status_in = kStatusState.Put(random.Bits()) | kStatusSamplesReady.Put(random.Below(3)) |
                      kStatusPowerGood.Put(random.Bits());
    EXPECT_EQ(Read(kStatus).data, model.status_in | kStatusBusy.Put(model.busy_in));
  }
}

TEST_F(RegistersTb, EventsStayUntilCleared) {
  for (std::uint32_t bit = 0; bit < 11; ++bit) {
    if (1u << bit == kEventBusError.Mask()) continue;
    next_events = 1u << bit;
    bench.Cycle(5);
    EXPECT_EQ(Read(kEvent).data, 1u << bit);
    EXPECT_TRUE(Write(kEvent, ~(1u << bit)));
    EXPECT_EQ(Read(kEvent).data, 1u << bit);
    EXPECT_TRUE(Write(kEvent, 1u << bit));
    EXPECT_EQ(Read(kEvent).data, 0u);
  }
}

// An event around the cycle of its clearing: before it, it is cleared; in it or later, it stays.
TEST_F(RegistersTb, EventInTheCycleOfItsClearingIsKept) {
  int kept = 0, lost = 0;
  for (int delay = 0; delay < 10; ++delay) {
    for (int i = 0; i < 10; ++i) {
      if (i == 4) bus.PostWrite(kEvent, kEvents);
      if (i == delay) next_events = kEventRunDone.Mask();
      bench.Cycle();
    }
    bench.Cycle();
    bus.Writes().clear();
    const bool stays = Read(kEvent).data == kEventRunDone.Mask();
    ++(stays ? kept : lost);
    // Once late enough, always late enough.
    EXPECT_TRUE(stays || kept == 0);
    EXPECT_TRUE(Write(kEvent, kEvents));
  }
  EXPECT_EQ(lost, 3);
  EXPECT_EQ(kept, 7);
}

TEST_F(RegistersTb, InterruptIsEventAndEnable) {
  for (std::uint32_t event = 0; event < 11; ++event) {
    for (std::uint32_t enable = 0; enable < 11; ++enable) {
      EXPECT_TRUE(Write(kEventEnable, 1u << enable));
      if (1u << event == kEventBusError.Mask()) {
        EXPECT_FALSE(Write(0xFFC, 0));
      } else {
        next_events = 1u << event;
      }
      bench.Cycle(4);
      EXPECT_EQ(bench->irq_o, event == enable);
      EXPECT_TRUE(Write(kEventEnable, 0));
      EXPECT_EQ(bench->irq_o, 0);
      EXPECT_TRUE(Write(kEventEnable, 0xFFFFFFFF));
      EXPECT_EQ(bench->irq_o, 1);
      EXPECT_TRUE(Write(kEvent, kEvents));
      EXPECT_EQ(bench->irq_o, 0);
    }
  }
}

TEST_F(RegistersTb, FirstBusErrorIsCaptured) {
  EXPECT_EQ(Read(kBusErrorAddress).data, 0u);
  EXPECT_FALSE(Read(0x401).okay);
  EXPECT_FALSE(Write(0x7F0, 0));
  EXPECT_EQ(Read(kEvent).data, kEventBusError.Mask());
  EXPECT_EQ(Read(kBusErrorAddress).data, 0x401u);
  EXPECT_EQ(Read(kBusErrors).data, 2u);
  EXPECT_TRUE(Write(kEvent, kEventBusError.Mask()));
  EXPECT_EQ(Read(kBusErrorAddress).data, 0u);
  EXPECT_FALSE(Write(0x7F0, 0));
  EXPECT_EQ(Read(kBusErrorAddress).data, 0x7F0u | kBusErrorAddressWrite.Mask());
  EXPECT_EQ(Read(kBusErrors).data, 3u);
}

TEST_F(RegistersTb, RejectedSamplesAreCountedAndCleared) {
  for (int i = 0; i < 10; ++i) {
    next_events = kEventSampleRejected.Mask();
    bench.Cycle();
  }
  bench.Cycle();
  EXPECT_EQ(Read(kSamplesRejected).data, 10u);
  EXPECT_TRUE(Write(kCounterControl, kCounterControlFreeze.Mask()));
  next_events = kEventSampleRejected.Mask();
  bench.Cycle(3);
  EXPECT_EQ(Read(kSamplesRejected).data, 11u);
  EXPECT_FALSE(Read(0x404).okay);
  EXPECT_TRUE(Write(kCounterControl, kCounterControlClear.Mask()));
  EXPECT_EQ(Read(kSamplesRejected).data, 0u);
  EXPECT_EQ(Read(kBusErrors).data, 0u);
  EXPECT_EQ(Read(kCounterControl).data, 0u);
}

TEST_F(RegistersTb, CountersReadByNumber) {
  for (int round = 0; round < 3; ++round) {
    for (std::uint32_t& counter : counters) counter = random.Bits();
    for (int i = 0; i < kCounters; ++i) {
      EXPECT_EQ(Read(kCounter + 4 * static_cast<std::uint32_t>(i)).data, counters[i])
          << kCounterNames[i];
    }
  }
  EXPECT_FALSE(Read(kCounter + 4 * kCounters).okay);
}

TEST_F(RegistersTb, ResetInTheMiddleGivesResetValues) {
  for (const Register& reg : kRegisters) {
    if (!reg.stored) continue;
    EXPECT_TRUE(Write(reg.address, 0xFFFFFFFF & ~reg.pulses));
  }
  next_events = kEvents & ~kEventBusError.Mask();
  bench.Cycle(3);
  bench.Reset();
  const auto constants = model.constants;
  model = RegisterModel();
  model.constants = constants;
  model.counters = counters.data();
  ExpectAll();
}

// Both directions with stalls on every channel, while the core becomes busy and idle and events
// come: one access of 5 goes anywhere in the page, one write of 10 lacks strobes, EVENT and CONTROL
// are written often. Sample() compares every answer, command and interrupt with the model.
TEST_F(RegistersTb, RandomTrafficMatchesTheModel) {
  for (int round = 0; round < 40; ++round) {
    for (int* stall :
         {&bus.stalls.aw, &bus.stalls.w, &bus.stalls.b, &bus.stalls.ar, &bus.stalls.r}) {
      *stall = static_cast<int>(random.Below(10)) * 10;
    }
    for (int cycle = 0; cycle < 1000; ++cycle) {
      if (bus.Open() < 4) {
        std::uint32_t address = kRegisters[random.Below(kRegisters.size())].address;
        if (random.Percent(30)) address = random.Percent(50) ? kEvent : kControl;
        if (random.Percent(20)) address = random.Bits() & 0xFFFu;
        if (random.Bits() & 1u) {
          bus.PostRead(address);
        } else {
          const std::uint32_t data =
              address == kControl ? 1u << random.Below(9) : random.Bits() & random.Bits();
          bus.PostWrite(address, data, random.Percent(10) ? random.Bits() & 0xFu : 0xF);
        }
      }
      if (random.Percent(20)) next_events = random.Bits() & random.Bits() & kEvents;
      if (random.Percent(5)) model.busy_in = !model.busy_in;
      if (random.Percent(5)) model.status_in = kStatusState.Put(random.Bits());
      if (random.Percent(5)) {
        model.failures_in = kFailuresCount.Put(random.Bits()) | kFailuresLost.Put(random.Bits());
        model.failure_row_in = random.Bits();
        model.failure_cells_in =
            kFailureCellsCells.Put(random.Bits()) | kFailureCellsLane.Put(random.Bits());
      }
      if (random.Percent(5)) counters[random.Below(kCounters)] = random.Bits();
      bench.Cycle();
      if (HasFatalFailure()) return;
    }
    bus.Writes().clear();
    bus.Reads().clear();
  }
}

}  // namespace
}  // namespace ep::tb
