// SPDX-License-Identifier: Apache-2.0
//
// What a sweep found, as a table.

#pragma once

#include <string>
#include <vector>

#include "sim/sweep/sweep.h"

namespace ep::sim {

// The runs of one configuration that are done, in percent.
struct Spread {
  int runs = 0;
  double mean = 0;
  double deviation = 0;  // of the sample, n - 1; 0 for one run
  double lowest = 0;
  double highest = 0;
};

Spread SpreadOf(const std::vector<double>& values);

// One line for each run that is done, in order: number, configuration, seed, result after the last
// epoch, mean and deviation of its configuration, counters of the whole training. Text as RFC 4180.
std::string SweepCsv(const Sweep& sweep);

// One line for each configuration, for people.
std::string SweepSummary(const Sweep& sweep);

// How a configuration differs from the others, "mnist-256 error_gate 100".
std::string ConfigurationText(const Sweep& sweep, int configuration);

}  // namespace ep::sim
