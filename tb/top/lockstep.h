// SPDX-License-Identifier: Apache-2.0
//
// RTL and golden model together: every sense, program, neuron update and outcome is compared in
// order, and so are weights and counters. The first difference throws Divergence, which names
// sample, phase, sweep, row or neuron, and both values.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "model/common/machine.h"
#include "model/common/network.h"
#include "tb/top/rtl_machine.h"

namespace ep::rtl {

// What the first difference is about.
enum class Concern { kSense, kProgram, kUpdate, kOutcome, kWeights, kCounters, kProgress };

struct Difference {
  std::string text;  // as Divergence says it
  Concern concern = Concern::kProgress;
  std::uint64_t cycle = 0;  // of the RTL, since reset; the last sign of life where it made none
};

class Lockstep : public Machine {
 public:
  // The first difference, once a call has thrown it.
  virtual const std::optional<Difference>& First() const = 0;
  // After the first difference the RTL goes on alone for at least so many cycles, or to the end of
  // the call, before it is thrown. 0, the default: at once.
  virtual void SetGrace(std::uint64_t cycles) = 0;
};

// Machines of the same network over ideal cells; both are new.
std::unique_ptr<Lockstep> MakeLockstep(const Network& network, const Hardware& hardware);

// The same on an RTL machine that the caller has set up (stalls, timing, array). `array` is the
// golden model's: a twin of the RTL's that answers the same accesses alike; null means ideal cells.
// A machine without array port (ep_top) is compared in what it shows.
std::unique_ptr<Lockstep> MakeLockstep(const Network& network, std::unique_ptr<RtlMachine> rtl,
                                       std::unique_ptr<model::ArrayPort> array = nullptr);

}  // namespace ep::rtl
