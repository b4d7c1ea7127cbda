// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "model/device/gates.h"
#include "model/device/measure.h"
#include "model/device/physics.h"
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/config/device_file.h"
#include "sim/dataset/locate.h"
#include "sim/io/file.h"

namespace ep::sim {
namespace {

namespace fs = std::filesystem;

// The presets that come with the program, by name.
std::vector<device::Spec> Presets() {
  std::vector<device::Spec> presets;
  for (const auto& entry : fs::directory_iterator(FindDevice("ideal").parent_path())) {
    if (entry.path().extension() == ".toml") presets.push_back(LoadDeviceFile(entry.path()));
  }
  std::ranges::sort(presets, {}, &device::Spec::name);
  return presets;
}

int CheckGates(const Options& options, const Console& console) {
  int failed = 0;
  console.out << fmt::format("{:<7} {:<78} {:>10} {:>10} {:>22}\n", "gate", "what", "expected",
                             "obtained", "must be");
  const std::vector<device::Gate> gates =
      device::RunGates(Presets(), options.cells.value_or(1000000));
  for (const device::Gate& gate : gates) {
    failed += gate.Passed() ? 0 : 1;
    console.out << fmt::format("{:<7} {:<78} {:>10.3g} {:>10.3g} {:>10.3g} .. {:<8.3g} {}\n",
                               gate.id, gate.what, gate.expected, gate.obtained, gate.lowest,
                               gate.highest, gate.Passed() ? "pass" : "FAIL");
  }
  console.out << fmt::format("{} of {} gates pass\n", gates.size() - failed, gates.size());
  return failed == 0 ? kOk : kDifference;
}

}  // namespace

int MeasureArray(const Options& options, const Console& console) {
  if (options.gates) return CheckGates(options, console);
  if (options.network.empty()) {
    throw UserError("no device: name a .toml file or one of sim/devices, or ask for --gates");
  }
  const device::Spec spec = LoadDeviceFile(FindDevice(options.network));
  if (spec.technology == device::Technology::kIdeal) {
    throw UserError(
        fmt::format("{} is of ideal cells: there is nothing to measure: name mram or "
                    "rram cells",
                    options.network));
  }
  const fs::path folder =
      options.out.empty() ? fs::path("build/array") / spec.name : fs::path(options.out);
  fs::create_directories(folder);
  CheckWritable(folder / "resistance.csv");
  const auto curves = device::Measure(spec, options.cells.value_or(100000), [&](const auto& name) {
    console.err << fmt::format("{}: {}\n", spec.name, name) << std::flush;
  });
  for (const device::Curves& one : curves) {
    WriteFile(folder / (one.name + ".csv"), one.Csv());
    console.out << (folder / (one.name + ".csv")).string() << "\n";
  }
  console.out << fmt::format("read errors by formula: {:.3g} of the bits\n",
                             device::ReadErrorRate(spec));
  return kOk;
}

}  // namespace ep::sim
