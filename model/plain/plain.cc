// SPDX-License-Identifier: Apache-2.0

#include "model/plain/plain.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "model/common/checks.h"
#include "model/common/dither.h"
#include "model/common/machine.h"

namespace ep::plain {
namespace {

int Sign(std::int64_t value) { return (value > 0) - (value < 0); }

int Int(std::size_t value) { return static_cast<int>(value); }

}  // namespace

Plain::Plain(const Network& network) : network_(network) {
  for (int p = 0; p < Int(network_.projections.size()); ++p) {
    weights_.emplace_back(static_cast<std::size_t>(network_.Rows(p)) * network_.Lanes(p));
  }
}

void Plain::LoadWeights(const Weights& weights) {
  CheckWeights(network_, weights);
  weights_ = weights;
}

void Plain::Run(Mode mode, std::span<const Sample> samples, int learning_rate,
                std::vector<Outcome>& outcomes) {
  if (mode == Mode::kTrain) CheckLearningRate(learning_rate);
  for (const Sample& sample : samples) {
    CheckSample(network_, mode, sample);
    outcomes.push_back(RunSample(mode, sample, learning_rate));
  }
}

Outcome Plain::RunSample(Mode mode, const Sample& sample, int learning_rate) {
  ++counters_.samples;
  end_ = {};
  // Steps 1 and 2.
  States& free = end_.free;
  free = Load(sample);
  Sums drive = Zeros();
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    if (network_.projections[p].FromInput()) AddProjection(Int(p), free, drive);
  }
  // Step 3 and the prediction; max_element returns the first of equals.
  counters_.sweeps_free += Relax(drive, sample.label, 0, network_.free_sweeps, free);
  const std::vector<int>& output = free.back();
  Outcome outcome;
  outcome.prediction = Int(std::ranges::max_element(output) - output.begin());
  if (mode == Mode::kInfer) return outcome;
  // Step 4.
  if (network_.error_gate > 0) {
    int error = 0;
    for (int j = 0; j < network_.Outputs(); ++j) {
      error = std::max(error, std::abs(Error(sample.label, j, free)));
    }
    if (error < network_.error_gate) {
      ++counters_.samples_gated;
      outcome.gated = true;
      return outcome;
    }
  }
  // Steps 5 to 7.
  const int limit = network_.nudged_sweeps;
  end_.plus = free;
  counters_.sweeps_plus += Relax(drive, sample.label, +1, limit, end_.plus);
  end_.minus = free;
  counters_.sweeps_minus += Relax(drive, sample.label, -1, limit, end_.minus);
  Learn(sample, learning_rate);
  return outcome;
}

States Plain::Load(const Sample& sample) const {
  States states;
  for (const int size : network_.populations) states.emplace_back(size, 0);
  for (std::size_t i = 0; i < sample.codes.size(); ++i) {
    states[0][i] = sample.codes[i] * network_.InputScale();
  }
  return states;
}

Sums Plain::Zeros() const {
  Sums sums;
  for (const int size : network_.populations) sums.emplace_back(size, 0);
  return sums;
}

// Adds A_p << (G - g_p) to the lane population and, unless it is the input, to the row population.
void Plain::AddProjection(int p, const States& states, Sums& sums) const {
  const Projection& projection = network_.projections[p];
  const int row_population = projection.RowPopulation();
  const int lane_population = projection.LanePopulation();
  const int rows = network_.Rows(p);
  const int lanes = network_.Lanes(p);
  // The shift is a product, so that negative sums need no thought.
  const std::int64_t scale = std::int64_t{1} << (network_.GainMax() - projection.gain_shift);
  const std::vector<std::int8_t>& w = weights_[p];
  std::vector<std::int64_t> to_lanes(lanes, 0);
  for (int i = 0; i < rows; ++i) {
    std::int64_t to_row = 0;
    for (int j = 0; j < lanes; ++j) {
      const std::int8_t weight = w[static_cast<std::size_t>(i) * lanes + j];
      to_lanes[j] += weight * states[row_population][i];
      to_row += weight * states[lane_population][j];
    }
    if (!projection.FromInput()) sums[row_population][i] += to_row * scale;
  }
  for (int j = 0; j < lanes; ++j) sums[lane_population][j] += to_lanes[j] * scale;
}

int Plain::Error(int label, int j, const States& states) const {
  return (j == label ? kStateMax : 0) - states.back()[j];
}

bool Plain::Sweep(const Sums& drive, int label, int nudge, States& states) {
  Sums sums = drive;
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    if (!network_.projections[p].FromInput()) AddProjection(Int(p), states, sums);
  }
  const int gain = network_.GainMax();
  const std::int64_t half = gain > 0 ? std::int64_t{1} << (gain - 1) : 0;
  const States start = states;
  for (std::size_t population = 1; population < states.size(); ++population) {
    const bool output = population + 1 == states.size();
    for (int j = 0; j < network_.populations[population]; ++j) {
      std::int64_t v = (sums[population][j] + half) >> gain;
      if (output && nudge != 0) {
        const int d = Error(label, j, start);
        v += nudge * Sign(d) * (std::abs(d) >> network_.nudge_shift);
      }
      const int next = static_cast<int>(std::clamp<std::int64_t>(v, 0, kStateMax));
      counters_.states_changed += next != start[population][j];
      states[population][j] = next;
    }
  }
  return states != start;
}

// Sweeps until nothing changes or the limit is reached; returns the number of sweeps.
int Plain::Relax(const Sums& drive, int label, int nudge, int limit, States& states) {
  int sweeps = 0;
  bool changed = true;
  while (changed && sweeps < limit) {
    changed = Sweep(drive, label, nudge, states);
    ++sweeps;
  }
  return sweeps;
}

void Plain::Learn(const Sample& sample, int learning_rate) {
  const auto& [free, plus, minus] = end_;
  const int limit = network_.WeightMax();
  const unsigned cells = (1U << network_.weight_bits) - 1;
  for (std::size_t p = 0; p < network_.projections.size(); ++p) {
    const Projection& projection = network_.projections[p];
    if (!projection.learn) continue;
    const int r = projection.RowPopulation();
    const int c = projection.LanePopulation();
    const int lanes = network_.Lanes(Int(p));
    const int k = projection.learning_shift;
    for (int i = 0; i < network_.Rows(Int(p)); ++i) {
      for (int j = 0; j < lanes; ++j) {
        const int d = learning_rate * (plus[r][i] * plus[c][j] - minus[r][i] * minus[c][j]);
        const std::uint32_t word = Dither::OfRow(sample.random, i) ^ Dither::OfLane(j);
        const int offset = network_.stochastic ? Dither::Offset(word, k) : 1 << (k - 1);
        const int step = Sign(d) * ((std::abs(d) + offset) >> k);
        if (step == 0) continue;
        std::int8_t& w = weights_[p][static_cast<std::size_t>(i) * lanes + j];
        const int next = std::clamp(w + step, -limit, limit);
        const unsigned before = static_cast<unsigned>(w) & cells;
        const unsigned after = static_cast<unsigned>(next) & cells;
        counters_.weights_changed += next != w;
        counters_.cells_set += std::popcount(after & ~before);
        counters_.cells_reset += std::popcount(before & ~after);
        w = static_cast<std::int8_t>(next);
      }
    }
  }
}

std::unique_ptr<Machine> MakePlain(const Network& network, const Hardware& hardware) {
  network.Check();
  hardware.Check(network);
  return std::make_unique<Plain>(network);
}

}  // namespace ep::plain
