// SPDX-License-Identifier: Apache-2.0
//
// The backends by name: what each is, what it counts, and how to make one.

#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "model/array/array.h"
#include "model/common/machine.h"

namespace ep::sim {

// What a backend counts; each level includes the ones before.
enum class Counts {
  kContract,  // samples, sweeps, changes: what the contract alone defines
  kSchedule,  // also words sensed and skipped, digits, updates, cells
  kCycles,    // also cycles and stalls
};

// Makes one array for hardware; each machine of a lockstep run gets its own, twins of each other.
// None: ideal cells.
using ArrayMaker = std::function<std::unique_ptr<model::ArrayPort>(const Hardware& hardware)>;

struct Backend {
  const char* name;
  const char* text;  // one line for --help
  Counts counts;
  // nullptr where this build does not have it.
  std::unique_ptr<Machine> (*make)(const Network& network, const Hardware& hardware,
                                   const ArrayMaker& array);
  bool has_array;  // it accesses an array through the array port; others have ideal cells only
};

std::span<const Backend> Backends();

// Throws UserError naming those that exist.
const Backend& FindBackend(const std::string& name);

// Throws UserError for an unknown backend, one that this build lacks, a network that does not fit,
// or an array for a backend that has none.
std::unique_ptr<Machine> MakeMachine(const std::string& backend, const Network& network,
                                     const Hardware& hardware, const ArrayMaker& array = nullptr);

// Runs it in lockstep and records the cycles around the first difference, if there is one: STEM.fst
// and STEM.gtkw. The text of the difference, empty without one. Throws UserError where this build
// records no waveforms.
std::string RecordDifference(const Network& network, const Hardware& hardware,
                             const std::function<void(Machine&)>& run,
                             const std::filesystem::path& stem);

// Whether both backends count this counter, so that it must be equal.
bool Comparable(const std::string& counter, Counts a, Counts b);

}  // namespace ep::sim
