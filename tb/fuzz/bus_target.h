// SPDX-License-Identifier: Apache-2.0
//
// A host of ep_core that does what a string of bytes says: register accesses of any kind, samples
// and weights whole or broken, resets, stalls, an array that is not ready. Whatever it does, the
// rules of the ports hold and nothing hangs: at the end the core, after a soft reset, gives the
// golden results.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <vector>

#include "Vep_core_l8.h"
#include "model/top/core.h"
#include "tb/top/core_machine.h"

namespace ep::rtl {

class BusTarget {
 public:
  // Throws Divergence or std::runtime_error where the core misbehaves.
  static void Run(std::span<const std::uint8_t> bytes) { BusTarget().RunAll(bytes); }

 private:
  using Ports = CorePorts<Vep_core_l8>;
  static constexpr int kCyclesMax = 20000;  // of one string

  void RunAll(std::span<const std::uint8_t> bytes) {
    bytes_ = bytes;
    machine_.LoadWeights(weights_);
    while (at_ < bytes_.size() && machine_.Cycles() < kCyclesMax) Step();
    ExpectGoldenRun();
  }

  // One call takes one argument from here: the order of arguments is the compiler's.
  std::uint32_t Take(int count) {
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) value = value << 8 | (at_ < bytes_.size() ? bytes_[at_++] : 0);
    return value;
  }

  void Step() {
    const std::uint32_t what = Take(1);
    switch (what % 12) {
      case 0: {  // any write
        const std::uint32_t address = Take(2) & 0xfff;
        Write(address, Take(4));
        break;
      }
      case 1:  // any read
        ports_.Read(Take(2) & 0xfff);
        break;
      case 2: {  // a value into a register of the network
        const std::uint32_t address = 0x100 + 4 * (Take(1) % 32);
        Write(address, Take(4));
        break;
      }
      case 3:  // a command
        Write(regs::kControl, 1U << Take(1) % 8);
        break;
      case 4:  // the network as it should be
        for (const auto& [address, data] : NetworkRegisters(network_, hardware_)) {
          ports_.Write(address, data);
        }
        break;
      case 5:  // one beat of a sample
        ports_.samples.Post({Take(1), (what & 0x80) != 0});
        break;
      case 6:  // a whole sample
        for (int i = 0; i < network_.Inputs(); ++i) ports_.samples.Post({Take(1), false});
        ports_.samples.Post({Take(1) % 8, true});
        break;
      case 7:  // weights
        for (std::uint32_t i = Take(1) % 64; i > 0; --i) ports_.weights_in.Post({i * 0x9e3779b9U});
        break;
      case 8:
        ports_.SetStalls({.sample = static_cast<int>(Take(1)),
                          .outcome = static_cast<int>(Take(1) % 250),
                          .weight = static_cast<int>(Take(1) % 250),
                          .bus = static_cast<int>(Take(1) % 200),
                          .array = static_cast<int>(Take(1) % 128),
                          .seed = what + 1});
        break;
      case 9: {  // a write with strobes missing, or not aligned; two accesses at once
        const std::uint32_t address = Take(2) & 0xfff;
        const std::uint32_t data = Take(4);
        ports_.bus.PostWrite(address, data, Take(1) & 0xf);
        ports_.bus.PostRead(Take(2) & 0xfff);
        const bool soft_reset = IsSoftReset(address, data);
        for (int i = 0; i < 200 && ports_.bus.Open() > 0; ++i) AccessCycle(soft_reset);
        if (soft_reset) ForgetOffers();
        if (ports_.bus.Open() > 0) throw std::runtime_error("an access is not answered");
        ports_.bus.Writes().clear();
        ports_.bus.Reads().clear();
        break;
      }
      case 10:  // the hardware's reset
        if (what >= 0xc0) {
          ports_.samples.Clear();
          ports_.weights_in.Clear();
          ports_.Reset();
        }
        break;
      default:
        for (std::uint32_t i = Take(1) * 4; i > 0; --i) ports_.Cycle();
    }
    ports_.outcomes.Beats().clear();
    ports_.weights_out.Beats().clear();
  }

  // A soft reset drops what the streams offer; the rule that an offer stays is off while it is
  // written, and no longer.
  static bool IsSoftReset(std::uint32_t address, std::uint32_t data) {
    return (address & ~3U) == regs::kControl && regs::kControlSoftReset.Get(data) != 0;
  }
  void ForgetOffers() {
    ports_.outcomes.Forget();
    ports_.weights_out.Forget();
  }
  void AccessCycle(bool soft_reset) {
    if (soft_reset) ForgetOffers();
    ports_.Cycle();
  }
  void Write(std::uint32_t address, std::uint32_t data) {
    const bool soft_reset = IsSoftReset(address, data);
    ports_.bus.Write(address, data, [&] { AccessCycle(soft_reset); });
    if (soft_reset) ForgetOffers();
  }

  void ExpectGoldenRun() {
    ports_.SetStalls({});
    ports_.samples.Clear();
    ports_.weights_in.Clear();
    machine_.Must(regs::kControl, regs::kControlSoftReset.Put(1));
    ports_.outcomes.Forget();
    ports_.weights_out.Forget();
    for (int i = 0; i < 4; ++i) ports_.Cycle();
    ports_.outcomes.Beats().clear();
    ports_.weights_out.Beats().clear();
    if (regs::kStatusBusy.Get(machine_.Get(regs::kStatus)))
      throw std::runtime_error("busy after a soft reset");
    machine_.Must(regs::kEvent, 0x1fff);
    machine_.Must(regs::kEventEnable, 0);
    for (const auto& [address, data] : NetworkRegisters(network_, hardware_)) {
      machine_.Must(address, data);
    }
    for (const auto& [address, data] : AccessRegisters({})) machine_.Must(address, data);
    machine_.Must(regs::kLearning, regs::kLearningLearningRate.Put(16));
    machine_.LoadWeights(weights_);
    const std::vector<std::uint8_t> codes = {1, 200, 0, 77, 255};
    const std::vector<Sample> samples(2, Sample{codes, 1});
    std::vector<Outcome> got, expected;
    const auto golden = model::MakeGolden(network_, hardware_);
    golden->LoadWeights(weights_);
    golden->Run(Mode::kTrain, samples, 16, expected);
    machine_.Run(Mode::kTrain, samples, 16, got);
    if (got != expected || machine_.ReadWeights() != golden->ReadWeights()) {
      throw std::runtime_error("after a soft reset the results are not the golden model's");
    }
  }

  Hardware hardware_ = BuiltHardware(8);
  Network network_{.name = "fuzz",
                   .populations = {5, 9, 3},
                   .projections = {{.a = 0, .b = 1, .gain_shift = 6, .learning_shift = 12},
                                   {.a = 1, .b = 2, .gain_shift = 6, .learning_shift = 12}}};
  Weights weights_{std::vector<std::int8_t>(45, 17), std::vector<std::int8_t>(27, -9)};
  CoreMachine<Vep_core_l8> machine_{network_, hardware_, nullptr, 9};
  Ports& ports_ = machine_.ports();
  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace ep::rtl
