// SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "sim/cli/commands.h"
#include "sim/cli/network_map.h"
#include "sim/cli/setup.h"

namespace ep::sim {

int Info(const Options& options, const Console& console) {
  const Experiment experiment = LoadExperiment(options);
  WriteJson(options, console, MapToJson(experiment));
  if (options.json != "-") console.out << MapText(experiment);
  return kOk;
}

}  // namespace ep::sim
