// SPDX-License-Identifier: Apache-2.0

#include "model/reference/reference.h"

#include <algorithm>
#include <cmath>

#include "model/common/checks.h"

namespace ep::reference {
namespace {

int Int(std::size_t value) { return static_cast<int>(value); }

}  // namespace

Reference::Reference(const Network& network) : network_(network) {
  network_.Check();
  for (int p = 0; p < Int(network_.projections.size()); ++p) {
    weights_.emplace_back(static_cast<std::size_t>(network_.Rows(p)) * network_.Lanes(p));
  }
}

void Reference::LoadWeights(const Weights& weights) {
  CheckWeights(network_, weights);
  for (std::size_t p = 0; p < weights.size(); ++p) {
    for (std::size_t i = 0; i < weights[p].size(); ++i) {
      weights_[p][i] = std::ldexp(weights[p][i], -network_.projections[p].gain_shift);
    }
  }
}

// sums = dPhi/ds + nudge (y - s) at the output.
void Reference::Sweep(int label, double nudge, const States& states, States& sums) const {
  for (Vector& population : sums) std::ranges::fill(population, 0.0);
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    const Vector& rows = states[network_.projections[p].RowPopulation()];
    const Vector& lanes = states[network_.projections[p].LanePopulation()];
    Vector& row_sums = sums[network_.projections[p].RowPopulation()];
    Vector& lane_sums = sums[network_.projections[p].LanePopulation()];
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const double* w = &weights_[p][i * lanes.size()];
      for (std::size_t j = 0; j < lanes.size(); ++j) {
        row_sums[i] += w[j] * lanes[j];
        lane_sums[j] += w[j] * rows[i];
      }
    }
  }
  if (nudge == 0) return;
  for (int j = 0; j < network_.Outputs(); ++j) {
    sums.back()[j] += nudge * ((j == label ? 1.0 : 0.0) - states.back()[j]);
  }
}

Trajectory Reference::Run(int label, double nudge, int sweeps, const States& start) const {
  Trajectory trajectory;
  trajectory.start = start;
  const States* last = &trajectory.start;
  for (int t = 0; t < sweeps; ++t) {
    States sums = start;  // for its shape
    Sweep(label, nudge, *last, sums);
    States next = sums;
    next[0] = start[0];
    for (std::size_t population = 1; population < next.size(); ++population) {
      for (double& s : next[population]) s = std::clamp(s, 0.0, 1.0);
    }
    trajectory.sums.push_back(std::move(sums));
    trajectory.states.push_back(std::move(next));
    last = &trajectory.states.back();
  }
  return trajectory;
}

Result Reference::Relax(Mode mode, const Sample& sample) const {
  CheckSample(network_, mode, sample);
  States start;
  for (const int size : network_.populations) start.emplace_back(size, 0.0);
  for (std::size_t i = 0; i < sample.codes.size(); ++i) {
    start[0][i] = static_cast<double>(sample.codes[i] * network_.InputScale()) / kStateMax;
  }
  Result result;
  result.free = Run(sample.label, 0.0, network_.free_sweeps, start);
  const Vector& output = result.free.end().back();
  result.prediction = Int(std::ranges::max_element(output) - output.begin());
  if (mode == Mode::kInfer) return result;
  double error = 0;
  for (int j = 0; j < network_.Outputs(); ++j) {
    error = std::max(error, std::abs((j == sample.label ? 1.0 : 0.0) - output[j]));
  }
  result.gated = error * kStateMax < network_.error_gate;
  if (result.gated) return result;
  const double beta = std::ldexp(1.0, -network_.nudge_shift);
  result.plus = Run(sample.label, +beta, network_.nudged_sweeps, result.free.end());
  result.minus = Run(sample.label, -beta, network_.nudged_sweeps, result.free.end());
  return result;
}

RealWeights Reference::Step(const Result& result, int learning_rate) const {
  const States& plus = result.plus.end();
  const States& minus = result.minus.end();
  const double beta = std::ldexp(1.0, -network_.nudge_shift);
  RealWeights steps;
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    const Projection& projection = network_.projections[p];
    const double eta = std::ldexp(2 * beta * learning_rate * kStateMax * kStateMax,
                                  -(projection.learning_shift + projection.gain_shift));
    const int r = projection.RowPopulation();
    const int c = projection.LanePopulation();
    Vector& step = steps.emplace_back();
    for (std::size_t i = 0; i < plus[r].size(); ++i) {
      for (std::size_t j = 0; j < plus[c].size(); ++j) {
        step.push_back(eta / (2 * beta) * (plus[r][i] * plus[c][j] - minus[r][i] * minus[c][j]));
      }
    }
  }
  return steps;
}

Result Reference::Train(const Sample& sample, int learning_rate) {
  CheckLearningRate(learning_rate);
  Result result = Relax(Mode::kTrain, sample);
  if (result.gated) return result;
  const RealWeights steps = Step(result, learning_rate);
  for (std::size_t p = 0; p < weights_.size(); ++p) {
    if (!network_.projections[p].learn) continue;
    for (std::size_t i = 0; i < weights_[p].size(); ++i) weights_[p][i] += steps[p][i];
  }
  return result;
}

}  // namespace ep::reference
