// SPDX-License-Identifier: Apache-2.0

#include "sim/backends.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "model/plain/plain.h"
#if __has_include("model/fast/fast.h") && !defined(EP_WITHOUT_FAST)
#include "model/fast/fast.h"
#define EP_HAS_FAST
#endif
#if __has_include("model/top/core.h") && !defined(EP_WITHOUT_GOLDEN)
#include "model/top/core.h"
#define EP_HAS_GOLDEN
#endif
#if __has_include("tb/top/lockstep.h") && !defined(EP_WITHOUT_RTL)
#include "tb/top/lockstep.h"
#include "tb/top/recording.h"
#define EP_HAS_RTL
#endif

namespace ep::sim {
namespace {

using Maker = std::unique_ptr<Machine> (*)(const Network&, const Hardware&, const ArrayMaker&);

// Null without a maker.
std::unique_ptr<model::ArrayPort> MakeArray(const ArrayMaker& maker, const Hardware& hardware) {
  return maker ? maker(hardware) : nullptr;
}

#ifdef EP_HAS_FAST
constexpr Maker kMakeFast = [](const Network& network, const Hardware& hardware,
                               const ArrayMaker&) { return fast::MakeFast(network, hardware); };
#else
constexpr Maker kMakeFast = nullptr;
#endif
#ifdef EP_HAS_GOLDEN
constexpr Maker kMakeGolden = [](const Network& network, const Hardware& hardware,
                                 const ArrayMaker& array) -> std::unique_ptr<Machine> {
  return model::MakeGolden(network, hardware, MakeArray(array, hardware));
};
#else
constexpr Maker kMakeGolden = nullptr;
#endif
#ifdef EP_HAS_RTL
constexpr Maker kMakeRtl = [](const Network& network, const Hardware& hardware,
                              const ArrayMaker& array) -> std::unique_ptr<Machine> {
  const Hardware built = rtl::BuiltHardware(hardware.lanes);
  return rtl::MakeRtl(network, built, MakeArray(array, built));
};
constexpr Maker kMakeLockstep = [](const Network& network, const Hardware& hardware,
                                   const ArrayMaker& array) -> std::unique_ptr<Machine> {
  const Hardware built = rtl::BuiltHardware(hardware.lanes);
  return rtl::MakeLockstep(network, rtl::MakeRtl(network, built, MakeArray(array, built)),
                           MakeArray(array, built));
};
#else
constexpr Maker kMakeRtl = nullptr;
constexpr Maker kMakeLockstep = nullptr;
#endif
constexpr Maker kMakePlain = [](const Network& network, const Hardware& hardware,
                                const ArrayMaker&) { return plain::MakePlain(network, hardware); };

constexpr std::array kBackends = {
    Backend{"fast", "the golden model's results and counters at speed", Counts::kSchedule,
            kMakeFast, false},
    Backend{"golden", "the golden model, block by block as the RTL", Counts::kSchedule, kMakeGolden,
            true},
    Backend{"rtl", "the Verilated RTL", Counts::kCycles, kMakeRtl, true},
    Backend{"lockstep", "RTL and golden model together; stops at the first difference",
            Counts::kCycles, kMakeLockstep, true},
    Backend{"plain", "the contract as written, full sums; slow", Counts::kContract, kMakePlain,
            false},
};

}  // namespace

std::span<const Backend> Backends() { return kBackends; }

const Backend& FindBackend(const std::string& name) {
  std::string names;
  for (const Backend& backend : kBackends) {
    if (backend.name == name) return backend;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", backend.name);
  }
  throw UserError(fmt::format("--backend is {}: must be one of {}", name, names));
}

std::unique_ptr<Machine> MakeMachine(const std::string& backend, const Network& network,
                                     const Hardware& hardware, const ArrayMaker& array) {
  const Backend& found = FindBackend(backend);
  if (!found.make) {
    throw UserError(
        fmt::format("backend {} is not in this build: run `make build`, or choose "
                    "another with --backend",
                    backend));
  }
  if (array && !found.has_array) {
    throw UserError(fmt::format(
        "--device with backend {}: it has ideal cells only: choose golden, rtl or lockstep with "
        "--backend",
        backend));
  }
  hardware.Check(network);
  return found.make(network, hardware, array);
}

std::string RecordDifference(const Network& network, const Hardware& hardware,
                             const std::function<void(Machine&)>& run,
                             const std::filesystem::path& stem) {
#ifdef EP_HAS_RTL
  hardware.Check(network);
  const auto make = [&] { return rtl::MakeRtl(network, hardware); };
  const auto difference = rtl::RecordDifference(network, make, run, stem);
  return difference ? difference->text : "";
#else
  static_cast<void>(network), static_cast<void>(hardware), static_cast<void>(run);
  throw UserError(
      fmt::format("{}: there is no RTL in this build: use `make waves`", stem.string()));
#endif
}

bool Comparable(const std::string& counter, Counts a, Counts b) {
  constexpr std::string_view kContract[] = {"samples",         "samples_gated", "sweeps_free",
                                            "sweeps_plus",     "sweeps_minus",  "states_changed",
                                            "weights_changed", "cells_set",     "cells_reset"};
  switch (std::min(a, b)) {
    case Counts::kContract:
      return std::ranges::find(kContract, counter) != std::end(kContract);
    case Counts::kSchedule:
      return !counter.starts_with("cycles_") && !counter.starts_with("stalls_");
    case Counts::kCycles:
      return true;
  }
  return true;
}

}  // namespace ep::sim
