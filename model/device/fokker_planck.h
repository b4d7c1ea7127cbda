// SPDX-License-Identifier: Apache-2.0
//
// How likely a perpendicular magnetic tunnel junction has not switched after a current pulse: the
// Fokker-Planck equation of a macrospin, solved on a grid. It makes the table of write_table.h;
// nothing else calls it while cells are simulated.
//
//   dP/dt = -d/dx[(1 - x^2)(x - i) P] + d/dx[(1 - x^2) / (2 Delta) dP/dx]
//
// x    cosine of the angle between magnetization and easy axis; the state is left at x < 0
// i    overdrive: current / critical current
// t    in units of tau_D = (1 + alpha^2) / (alpha gamma mu0 Hk)
// P(0) ~ exp(Delta (x^2 - 1)) for x > 0: thermal equilibrium in the first well

#pragma once

#include <span>
#include <vector>

namespace ep::device {

struct NotSwitched {
  double stays = 1;     // probability of x > 0 at that time: the write error rate
  double switched = 0;  // probability of x < 0; their sum is 1
};

// At each of the rising times (> 0). delta > 0; cells is the number of steps of the angle, `steps`
// the number of time steps to each time.
std::vector<NotSwitched> SolveFokkerPlanck(double delta, double overdrive,
                                           std::span<const double> times, int cells = 500,
                                           int steps = 40);

}  // namespace ep::device
