// SPDX-License-Identifier: Apache-2.0
//
// Results in words.

#pragma once

#include <cstddef>
#include <string>

#include "sim/run/result.h"

namespace ep::sim {

// "1 epoch", "2 epochs".
std::string Counted(std::size_t count, const std::string& what);

// "test 98.61 % (354 of 359), hash 466adf6b3e930231"; part says what was tested.
std::string EpochText(const EpochResult& epoch, const char* part = "test");

// Cycles per (row word sensed + extra digit), "" where no cycles were counted.
std::string CycleRatioText(const Counters& counters);

// What the samples cost: cycles, rows sensed, extra digits; one line for each.
std::string CostText(const Counters& counters);

}  // namespace ep::sim
