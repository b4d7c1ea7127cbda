// SPDX-License-Identifier: Apache-2.0
//
// What a run does when RTL and golden model differ.

#pragma once

#include <span>
#include <string>

#include "model/common/machine.h"
#include "sim/cli/options.h"
#include "sim/config/experiment.h"
#include "sim/dataset/encode.h"
#include "sim/run/progress.h"
#include "sim/run/trainer.h"

namespace ep::sim {

// Prints the difference, keeps the sample in build/replay (replay where there is no build folder),
// and prints the command that runs it again.
void ReportDivergence(const Divergence& divergence, const FailedSample& failed,
                      const Experiment& experiment, const std::string& backend,
                      const SampleSet& set, std::span<const std::uint32_t> order,
                      const Console& console, Progress& progress);

}  // namespace ep::sim
