// SPDX-License-Identifier: Apache-2.0

#include "model/common/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace ep {

void CheckWeights(const Network& network, const Weights& weights) {
  if (weights.size() != network.projections.size()) {
    throw UserError(fmt::format("weights: {} arrays for {} projections: give one for each",
                                weights.size(), network.projections.size()));
  }
  for (int p = 0; p < static_cast<int>(weights.size()); ++p) {
    const std::size_t expected = static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p);
    if (weights[p].size() != expected) {
      throw UserError(fmt::format("w{}: {} weights instead of {} x {}: give [rows, lanes]", p,
                                  weights[p].size(), network.Rows(p), network.Lanes(p)));
    }
    const int limit = network.WeightMax();
    const auto outside =
        std::ranges::find_if(weights[p], [limit](int weight) { return std::abs(weight) > limit; });
    if (outside != weights[p].end()) {
      throw UserError(fmt::format("w{}: weight {} is outside {}..{}: clip it or raise weight_bits",
                                  p, int{*outside}, -limit, limit));
    }
  }
}

void CheckLearningRate(int learning_rate) {
  if (learning_rate < 0 || learning_rate > 31) {
    throw UserError(fmt::format("learning_rate is {}: must be 0..31", learning_rate));
  }
}

void CheckSample(const Network& network, Mode mode, const Sample& sample) {
  if (static_cast<int>(sample.codes.size()) != network.Inputs()) {
    throw UserError(
        fmt::format("a sample has {} codes for {} inputs: change populations[0] or the "
                    "data",
                    sample.codes.size(), network.Inputs()));
  }
  const int largest = kStateMax / network.InputScale();
  if (largest < kStateMax) {
    const auto above = std::ranges::find_if(sample.codes, [=](int code) { return code > largest; });
    if (above != sample.codes.end()) {
      throw UserError(fmt::format("a sample has the code {}: {}-bit pixels have 0..{}", int{*above},
                                  network.pixel_bits, largest));
    }
  }
  if (mode == Mode::kTrain && (sample.label < 0 || sample.label >= network.Outputs())) {
    throw UserError(
        fmt::format("a sample has the class {}, but the output has {} neurons: enlarge "
                    "the last population or change the data",
                    sample.label, network.Outputs()));
  }
}

}  // namespace ep
