// SPDX-License-Identifier: Apache-2.0
//
// Whether two runs of the same network are equal.

#pragma once

#include <string>

#include "sim/run/result.h"

namespace ep::sim {

// The first difference in words, "" if there is none: network and seed, then for each epoch that
// both have accuracy, weight hash, and every counter that both backends count. Names are those
// under which the runs appear in the text. Throws UserError for an unknown backend.
std::string CompareRuns(const RunResult& a, const std::string& name_a, const RunResult& b,
                        const std::string& name_b);

}  // namespace ep::sim
