// SPDX-License-Identifier: Apache-2.0
//
// How far the integers are from the published equations.

#include "model/reference/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "model/plain/plain.h"
#include "model/plain/random_case.h"
#include "model/plain/recipe.h"

namespace ep::reference {
namespace {

// Bounds on |S / 255 - s| for every neuron, by the mapping of reference.h.
//
// One sweep. The integer sum is exact, so the integer v / 255 differs from the real sum a by
//   - rounding to a whole state: 1/2,
//   - the nudge: |sign(d) (|d| >> b) - d / 2^b| <= 1 - 2^-b, in the nudged phases at the output,
// both in units of 1/255, and by what the errors e of the states at the start of the sweep make of
// the sums: sum over i of |W_ij| e_i, and beta e_j through the nudge. Together: E_j.
// Clamping: v / 255 is in [a - E, a + E] and clamping is monotone, so that
//   e'_j = max(clamp(a + E) - clamp(a), clamp(a) - clamp(a - E)),
// which is 0 for a neuron whose sum is further than E below 0 or above 1. e = 0 at the start of the
// free phase (states 0, inputs exact); the nudged phases start from the errors of the free states.
// Rounding of doubles, below 1e-12 here, is covered by kDoubles.
class StateBounds {
 public:
  static constexpr double kDoubles = 1e-9;

  StateBounds(const Network& network, const RealWeights& weights)
      : network_(network), weights_(weights) {}

  States Zero() const {
    States errors;
    for (const int size : network_.populations) errors.emplace_back(size, 0.0);
    return errors;
  }

  // Errors at the end of a phase that starts with `errors`; beta is 0 in the free phase.
  States AtEnd(const Trajectory& trajectory, double beta, States errors) const {
    for (const States& sums : trajectory.sums) errors = Next(sums, beta, errors);
    return errors;
  }

 private:
  States Next(const States& sums, double beta, const States& errors) const {
    States bound = Zero();
    for (std::size_t p = 0; p < network_.projections.size(); ++p) {
      const int r = network_.projections[p].RowPopulation();
      const int c = network_.projections[p].LanePopulation();
      for (std::size_t i = 0; i < errors[r].size(); ++i) {
        for (std::size_t j = 0; j < errors[c].size(); ++j) {
          const double w = std::abs(weights_[p][i * errors[c].size() + j]);
          bound[r][i] += w * errors[c][j];
          bound[c][j] += w * errors[r][i];
        }
      }
    }
    const auto clamp = [](double value) { return std::clamp(value, 0.0, 1.0); };
    for (std::size_t q = 1; q < bound.size(); ++q) {
      const bool nudged = beta > 0 && q + 1 == bound.size();
      for (std::size_t j = 0; j < bound[q].size(); ++j) {
        double e = bound[q][j] + 0.5 / kStateMax + kDoubles;
        if (nudged) e += (1 - beta) / kStateMax + beta * errors[q][j];
        const double a = sums[q][j];
        bound[q][j] = std::max(clamp(a + e) - clamp(a), clamp(a) - clamp(a - e)) + kDoubles;
      }
    }
    std::ranges::fill(bound[0], 0.0);
    return bound;
  }

  const Network& network_;
  const RealWeights& weights_;
};

// What was compared, to see that the bounds say something.
struct Distance {
  double largest = 0;  // |integer - real|
  double largest_bound = 0;
  double sum = 0;
  double sum_bound = 0;
  int count = 0;

  void Add(double distance, double bound) {
    largest = std::max(largest, distance);
    largest_bound = std::max(largest_bound, bound);
    sum += distance;
    sum_bound += bound;
    ++count;
    ASSERT_LE(distance, bound);
  }
};

void CompareStates(const plain::States& integers, const States& reals, const States& bounds,
                   Distance& distance) {
  for (std::size_t q = 1; q < reals.size(); ++q) {
    for (std::size_t j = 0; j < reals[q].size(); ++j) {
      const double s = static_cast<double>(integers[q][j]) / kStateMax;
      distance.Add(std::abs(s - reals[q][j]), bounds[q][j]);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

// In weight units, an integer step is D / 2^k rounded: 1/2 off at most, 1 stochastically. D / 2^k
// is m 255^2 / 2^k (S+ S+ - S- S-) / 255^2, and a product of states a b with errors e, f is off by
// a f + b e + e f at most. Holding both w + step in [-W, W] brings them no further apart.
void CompareSteps(const Network& network, int m, const Weights& before, const Weights& after,
                  const Reference& reference, const Result& result, const States& plus_bounds,
                  const States& minus_bounds, Distance& distance) {
  const RealWeights steps = reference.Step(result, m);
  const auto product_bound = [](const States& s, const States& e, int r, std::size_t i, int c,
                                std::size_t j) {
    return s[r][i] * e[c][j] + s[c][j] * e[r][i] + e[r][i] * e[c][j];
  };
  for (std::size_t p = 0; p < steps.size(); ++p) {
    const Projection& projection = network.projections[p];
    if (!projection.learn) continue;
    const int r = projection.RowPopulation();
    const int c = projection.LanePopulation();
    const std::size_t lanes = result.free.start[c].size();
    const double factor = std::ldexp(m * kStateMax * kStateMax, -projection.learning_shift);
    for (std::size_t k = 0; k < steps[p].size(); ++k) {
      const std::size_t i = k / lanes;
      const std::size_t j = k % lanes;
      const double limit = network.WeightMax();
      const double expected =
          std::clamp(before[p][k] + std::ldexp(steps[p][k], projection.gain_shift), -limit, limit);
      const double rounding = network.stochastic ? 1.0 : 0.5;
      const double bound = rounding + StateBounds::kDoubles +
                           factor * (product_bound(result.plus.end(), plus_bounds, r, i, c, j) +
                                     product_bound(result.minus.end(), minus_bounds, r, i, c, j));
      distance.Add(std::abs(after[p][k] - expected), bound);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

struct Distances {
  Distance states;
  Distance steps;
};

// Relaxes one sample both ways from the integer weights, which learn from it; nothing is compared
// where the gate may decide differently.
void CompareSample(const Network& network, plain::Plain& plain, const Sample& sample, int m,
                   Distances& distances) {
  const Weights before = plain.ReadWeights();
  Reference reference(network);
  reference.LoadWeights(before);
  const Result result = reference.Relax(Mode::kTrain, sample);
  std::vector<Outcome> outcomes;
  plain.Run(Mode::kTrain, std::vector<Sample>{sample}, m, outcomes);

  const StateBounds bounds(network, reference.Current());
  const States free = bounds.AtEnd(result.free, 0, bounds.Zero());
  ASSERT_NO_FATAL_FAILURE(
      CompareStates(plain.LastStates().free, result.free.end(), free, distances.states));
  if (result.gated || outcomes[0].gated) return;
  const double beta = std::ldexp(1.0, -network.nudge_shift);
  const States plus = bounds.AtEnd(result.plus, beta, free);
  const States minus = bounds.AtEnd(result.minus, beta, free);
  ASSERT_NO_FATAL_FAILURE(
      CompareStates(plain.LastStates().plus, result.plus.end(), plus, distances.states));
  ASSERT_NO_FATAL_FAILURE(
      CompareStates(plain.LastStates().minus, result.minus.end(), minus, distances.states));
  ASSERT_NO_FATAL_FAILURE(CompareSteps(network, m, before, plain.ReadWeights(), reference, result,
                                       plus, minus, distances.steps));
}

// The digits network while it learns: one sample in 25 of two epochs.
TEST(ReferenceTest, IntegersStayWithinTheDerivedBounds) {
  const auto data = plain::FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing: run from the repository";
  const Network network = plain::AnchorDigits128();
  plain::Recipe recipe(network, *data, 1, 1, 38);
  plain::Plain plain(network);
  plain.LoadWeights(recipe.initial_weights());
  Distances distances;
  for (int epoch = 0; epoch < 2; ++epoch) {
    const std::vector<Sample> samples = recipe.NextEpoch();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (i % 25 == 0) {
        CompareSample(network, plain, samples[i], 16, distances);
        if (HasFatalFailure()) return;
      } else {
        std::vector<Outcome> outcomes;
        plain.Run(Mode::kTrain, std::vector<Sample>{samples[i]}, 16, outcomes);
      }
    }
  }
  // Measured: states 0.04 / 255 off on average and 1.8 / 255 at most, steps 0.01 and 0.7; the
  // bounds say 0.2 and 18 (states), 0.5 and 5.6 (steps). They would say nothing if they were much
  // wider.
  const auto& [states, steps] = distances;
  EXPECT_GT(states.count, 100 * 128);
  EXPECT_LT(states.sum / states.count, 0.1 / kStateMax);
  EXPECT_LT(states.largest, 3.0 / kStateMax);
  EXPECT_LT(states.sum_bound / states.count, 0.3 / kStateMax);
  EXPECT_LT(states.largest_bound, 25.0 / kStateMax);
  EXPECT_LT(steps.sum / steps.count, 0.02);
  EXPECT_LT(steps.largest, 1.0);
  EXPECT_LT(steps.largest_bound, 8.0);
}

// Any graph, any parameter; here most sums saturate and the bounds are loose where gains are high.
TEST(ReferenceTest, RandomNetworksStayWithinTheDerivedBounds) {
  Distances distances;
  for (std::uint32_t seed = 9000; seed < 9100; ++seed) {
    const plain::RandomCase random = plain::MakeRandomCase(seed, 40, 3, false);
    SCOPED_TRACE(random.Describe());
    plain::Plain plain(random.network);
    plain.LoadWeights(random.weights);
    for (const Sample& sample : random.Samples()) {
      CompareSample(random.network, plain, sample, random.learning_rate, distances);
      if (HasFatalFailure()) return;
    }
  }
}

// The published rule learns by itself, with the rates that the integer recipe stands for.
TEST(ReferenceTest, PublishedEquationsLearnTheDigits) {
  const auto data = plain::FindDigits();
  ASSERT_TRUE(data) << "sim/data/digits.csv.gz is missing: run from the repository";
  const Network network = plain::AnchorDigits128();
  plain::Recipe recipe(network, *data, 1, 1, 38);
  Reference reference(network);
  reference.LoadWeights(recipe.initial_weights());
  for (const int m : {16, 10, 6, 4}) {
    for (const Sample& sample : recipe.NextEpoch()) reference.Train(sample, m);
  }
  int correct = 0;
  for (const Sample& sample : recipe.test()) {
    correct += reference.Relax(Mode::kInfer, sample).prediction == sample.label;
  }
  EXPECT_GE(correct, 345);  // of 359; 350 with these doubles
}

}  // namespace
}  // namespace ep::reference
