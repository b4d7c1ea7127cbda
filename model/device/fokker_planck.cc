// SPDX-License-Identifier: Apache-2.0

#include "model/device/fokker_planck.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace ep::device {
namespace {

// Bernoulli function v / (e^v - 1) of the Scharfetter-Gummel flux.
double Bernoulli(double v) {
  if (std::abs(v) < 1e-8) return 1 - v / 2;
  return v / std::expm1(v);
}

// A tridiagonal matrix, row k: lower[k] u[k-1] + middle[k] u[k] + upper[k] u[k+1].
struct Tridiagonal {
  std::vector<double> lower, middle, upper;

  // Solves (1 - factor x this) u = right in place of right.
  void Solve(double factor, std::vector<double>& right, std::vector<double>& work) const {
    const std::size_t n = right.size();
    double pivot = 1 - factor * middle[0];
    right[0] /= pivot;
    for (std::size_t k = 1; k < n; ++k) {
      work[k] = -factor * upper[k - 1] / pivot;
      pivot = 1 - factor * middle[k] + factor * lower[k] * work[k];
      right[k] = (right[k] + factor * lower[k] * right[k - 1]) / pivot;
    }
    for (std::size_t k = n - 1; k-- > 0;) right[k] -= work[k + 1] * right[k + 1];
  }
};

}  // namespace

std::vector<NotSwitched> SolveFokkerPlanck(double delta, double overdrive,
                                           std::span<const double> times, int cells, int steps) {
  const auto n = static_cast<std::size_t>(cells);
  // Equal steps of the angle: fine near the poles, where the probability is. x rises with k.
  const auto edge = [n](std::size_t k) {
    return -std::cos(std::numbers::pi * static_cast<double>(k) / static_cast<double>(n));
  };
  std::vector<double> centre(n), width(n), mass(n);
  double total = 0;
  for (std::size_t k = 0; k < n; ++k) {
    centre[k] = (edge(k) + edge(k + 1)) / 2;
    width[k] = edge(k + 1) - edge(k);
    mass[k] = centre[k] > 0 ? std::exp(delta * (centre[k] * centre[k] - 1)) * width[k] : 0;
    total += mass[k];
  }
  for (double& m : mass) m /= total;
  // d mass[k] / dt = flux into k from below - flux out of k above.
  Tridiagonal rate{std::vector<double>(n), std::vector<double>(n), std::vector<double>(n)};
  for (std::size_t k = 0; k + 1 < n; ++k) {
    const double x = edge(k + 1);
    const double distance = centre[k + 1] - centre[k];
    const double diffusion = (1 - x * x) / (2 * delta) / distance;
    const double v = 2 * delta * (x - overdrive) * distance;
    const double up = diffusion * Bernoulli(-v) / width[k];
    const double down = diffusion * Bernoulli(v) / width[k + 1];
    rate.middle[k] -= up;
    rate.lower[k + 1] += up;
    rate.middle[k + 1] -= down;
    rate.upper[k] += down;
  }
  // A two-stage implicit Runge-Kutta step of second order that damps stiff modes (SDIRK2).
  const double gamma = 1 - std::numbers::sqrt2 / 2;
  std::vector<double> before(n), stage(n), work(n);
  std::vector<NotSwitched> results;
  double now = 0;
  for (const double time : times) {
    const double dt = (time - now) / steps;
    for (int step = 0; step < steps; ++step) {
      before = mass;
      stage = mass;
      rate.Solve(gamma * dt, stage, work);
      for (std::size_t k = 0; k < n; ++k) {
        mass[k] = before[k] + (1 - gamma) / gamma * (stage[k] - before[k]);
      }
      rate.Solve(gamma * dt, mass, work);
    }
    now = time;
    NotSwitched result{.stays = 0, .switched = 0};
    for (std::size_t k = 0; k < n; ++k) (centre[k] > 0 ? result.stays : result.switched) += mass[k];
    results.push_back(result);
  }
  return results;
}

}  // namespace ep::device
