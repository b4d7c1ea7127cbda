// SPDX-License-Identifier: Apache-2.0
//
// A waveform of the cycles around the first difference of a lockstep run, with a GTKWave save file
// that shows the signals that the difference is about. Needs a build with tracing (EP_TRACE).

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tb/top/lockstep.h"

namespace ep::rtl {

// Cycles of a recording before and after the difference.
constexpr std::uint64_t kCyclesAround = 1000;

// Calls run on a fresh machine in lockstep to find the first difference, and on another one to
// record the cycles around it: STEM.fst, and STEM.gtkw with the signals that it is about. Nothing
// if there is no difference. Throws UserError where the build has no tracing or the files cannot be
// written.
std::optional<Difference> RecordDifference(const Network& network,
                                           const std::function<std::unique_ptr<RtlMachine>()>& make,
                                           const std::function<void(Machine&)>& run,
                                           const std::filesystem::path& stem);

// Signals worth a look for a difference, as paths from ep_core on, without bit ranges.
std::vector<std::string> SignalsOf(Concern concern);

// What a waveform has. Times are half clock cycles.
struct WaveContents {
  std::uint64_t begin = 0, end = 0;
  std::vector<std::string> signals;  // whole paths with bit ranges
};

// The whole paths of a signal of SignalsOf, more than one for an array; none if there is none.
std::vector<std::string> FindSignals(const std::vector<std::string>& signals,
                                     const std::string& name);

// Throws UserError if the file is no FST.
WaveContents ReadWaveContents(const std::filesystem::path& fst);

}  // namespace ep::rtl
