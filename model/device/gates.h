// SPDX-License-Identifier: Apache-2.0
//
// What the device models must reproduce: published or independently computed numbers, each with
// what the models give, a tolerance and the verdict. `make devices` prints them; a test runs them.

#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "model/device/spec.h"

namespace ep::device {

struct Gate {
  std::string id;    // of the table in docs/devices.md
  std::string what;  // the quantity, and how it was obtained
  double expected = 0;
  double obtained = 0;
  double lowest = 0;  // pass: lowest <= obtained <= highest
  double highest = 0;
  bool Passed() const { return obtained >= lowest && obtained <= highest; }
};

// cells: how many cells a Monte Carlo draws. 1,000,000 for all; a test takes fewer. presets: those
// whose read error rates are compared with the list of corners; others are passed over.
std::vector<Gate> RunGates(std::span<const Spec> presets, int cells);

// Read errors of a spec by Monte Carlo, over fresh arrays with other seeds.
struct MonteCarlo {
  double rate = 0;     // wrong bits / bits, by Sense
  double wrong = 0;    // wrong bits
  double moments = 0;  // the rate that mean and spread of the margins give, if they are normal
};
MonteCarlo SenseAtRandom(const Spec& spec, int cells);

}  // namespace ep::device
