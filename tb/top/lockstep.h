// SPDX-License-Identifier: Apache-2.0
//
// RTL and golden model together: every sense, program, neuron update and outcome is compared in
// order, and so are weights and counters. The first difference throws Divergence, which names
// sample, phase, sweep, row or neuron, and both values.

#pragma once

#include <memory>

#include "model/common/machine.h"
#include "model/common/network.h"
#include "tb/top/rtl_machine.h"

namespace ep::rtl {

// Machines of the same network over ideal cells; both are new.
std::unique_ptr<Machine> MakeLockstep(const Network& network, const Hardware& hardware);

// The same on an RTL machine that the caller has set up (stalls, timing, array). `array` is the
// golden model's: a twin of the RTL's that answers the same accesses alike; null means ideal cells.
// A machine without array port (ep_top) is compared in what it shows.
std::unique_ptr<Machine> MakeLockstep(const Network& network, std::unique_ptr<RtlMachine> rtl,
                                      std::unique_ptr<model::ArrayPort> array = nullptr);

}  // namespace ep::rtl
