// SPDX-License-Identifier: Apache-2.0
//
// The verbs. Each returns an ExitCode and throws UserError for what the user can mend.

#pragma once

#include <string>
#include <vector>

#include "sim/cli/options.h"

namespace ep::sim {

int Train(const Options& options, const Console& console);
int Test(const Options& options, const Console& console);
int Compare(const Options& options, const Console& console);
int MeasureArray(const Options& options, const Console& console);
int Bist(const Options& options, const Console& console);
int Info(const Options& options, const Console& console);
int RunSweep(const Options& options, const Console& console);
int RunReplayFolder(const Options& options, const Console& console);

// The whole program: args[0] is its name. Errors become one line on console.err.
int RunProgram(const Console& console);

}  // namespace ep::sim
