// SPDX-License-Identifier: Apache-2.0
//
// The backends by name: what each is, what it counts, and how to make one.

#pragma once

#include <memory>
#include <span>
#include <string>

#include "model/common/machine.h"

namespace ep::sim {

// What a backend counts; each level includes the ones before.
enum class Counts {
  kContract,  // samples, sweeps, changes: what the contract alone defines
  kSchedule,  // also words sensed and skipped, digits, updates, cells
  kCycles,    // also cycles and stalls
};

struct Backend {
  const char* name;
  const char* text;  // one line for --help
  Counts counts;
  // nullptr where this build does not have it.
  std::unique_ptr<Machine> (*make)(const Network& network, const Hardware& hardware);
};

std::span<const Backend> Backends();

// Throws UserError naming those that exist.
const Backend& FindBackend(const std::string& name);

// Throws UserError for an unknown backend, one that this build lacks, or a network that does not
// fit.
std::unique_ptr<Machine> MakeMachine(const std::string& backend, const Network& network,
                                     const Hardware& hardware);

// Whether both backends count this counter, so that it must be equal.
bool Comparable(const std::string& counter, Counts a, Counts b);

}  // namespace ep::sim
