// SPDX-License-Identifier: Apache-2.0
//
// The results and counters of the golden model at speed: one thread, batch 1, the same integers.
// DESIGN: docs/contract.md for the numbers, docs/schedule.md for what is counted.

#pragma once

#include <atomic>
#include <memory>

#include "model/common/machine.h"
#include "model/fast/kernels.h"

namespace ep::fast {

// What the machine is at, for a sampling profiler.
enum class Phase : int { kIdle, kDrive, kFree, kNudged, kLearn };
inline constexpr int kPhases = 5;

struct Options {
  Simd simd = Simd::kAuto;
  bool count = true;                    // false: counters stay 0, to measure what they cost
  std::atomic<Phase>* phase = nullptr;  // written at each change of phase
};

// All counters but cycles and stalls, for the lanes and neuron lanes of the hardware. Throws
// UserError where network or hardware are not legal or do not fit, and where the array is to be
// verified or read again.
std::unique_ptr<Machine> MakeFast(const Network& network, const Hardware& hardware);
std::unique_ptr<Machine> MakeFast(const Network& network, const Hardware& hardware,
                                  const Options& options);

}  // namespace ep::fast
