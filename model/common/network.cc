// SPDX-License-Identifier: Apache-2.0

#include "model/common/network.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace ep {
namespace {

// Throws when a field is outside lowest..highest.
void CheckRange(const std::string& field, std::int64_t value, std::int64_t lowest,
                std::int64_t highest) {
  if (value >= lowest && value <= highest) return;
  throw UserError(fmt::format("{} is {}: must be {}..{}", field, value, lowest, highest));
}

// Throws when a size is larger than what the hardware was built with.
void CheckFits(const std::string& what, std::int64_t need, const std::string& field,
               std::int64_t capacity) {
  if (need <= capacity) return;
  throw UserError(
      fmt::format("{} {}, but hardware.{} is {}: use hardware with {} >= {}, or a smaller network",
                  what, need, field, capacity, field, need));
}

void CheckProjection(const Network& network, int p) {
  const Projection& projection = network.projections[p];
  const std::string field = fmt::format("projection {}", p);
  const int last = static_cast<int>(network.populations.size()) - 1;
  if (projection.a < 0 || projection.a >= projection.b || projection.b > last) {
    throw UserError(fmt::format("{}: between is [{}, {}]: must be [a, b] with 0 <= a < b <= {}",
                                field, projection.a, projection.b, last));
  }
  CheckRange(field + ": gain_shift", projection.gain_shift, 0, 15);
  CheckRange(field + ": learning_shift", projection.learning_shift, 1, 21);
}

void CheckGraph(const Network& network) {
  std::set<std::pair<int, int>> pairs;
  std::vector<bool> touched(network.populations.size(), false);
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const auto& [a, b] = std::pair(network.projections[p].a, network.projections[p].b);
    if (!pairs.emplace(a, b).second) {
      throw UserError(fmt::format(
          "projection {}: between is [{}, {}] for the second time: name each pair once", p, a, b));
    }
    touched[a] = touched[b] = true;
  }
  for (std::size_t i = 0; i < touched.size(); ++i) {
    if (touched[i]) continue;
    throw UserError(fmt::format("no projection touches population {}: {}", i,
                                i == 0 ? "add one that starts from the input, `between = [0, b]`"
                                       : "add a projection to it, or leave the population out"));
  }
}

std::int64_t CeilLog2(std::int64_t value) {
  std::int64_t bits = 0;
  while ((std::int64_t{1} << bits) < value) ++bits;
  return bits;
}

}  // namespace

int Network::GainMax() const {
  int gain = 0;
  for (const Projection& projection : projections) gain = std::max(gain, projection.gain_shift);
  return gain;
}

int Network::InputScale() const {
  const bool exact = pixel_bits == 1 || pixel_bits == 2 || pixel_bits == 4;
  return exact ? kStateMax / ((1 << pixel_bits) - 1) : 1;
}

int Network::SumBits() const {
  const int gain_max = GainMax();
  // Largest |w s|, with a cell that reads as -W - 1.
  const std::int64_t product = std::int64_t{WeightMax() + 1} * kStateMax;
  std::vector<std::int64_t> bound(populations.size(), 0);
  for (int p = 0; p < static_cast<int>(projections.size()); ++p) {
    const Projection& projection = projections[p];
    const int shift = gain_max - projection.gain_shift;
    bound[projection.LanePopulation()] += (product * Rows(p)) << shift;
    if (!projection.FromInput()) {
      bound[projection.RowPopulation()] += (product * Lanes(p)) << shift;
    }
  }
  return 1 + static_cast<int>(CeilLog2(*std::max_element(bound.begin(), bound.end()) + 1));
}

void Network::Check() const {
  // 2^20 neurons keep every sum far inside 64 bits.
  constexpr int kPopulationMax = 1 << 20;
  if (populations.size() < 2) {
    throw UserError(
        fmt::format("populations has {} entries: name at least two sizes, the input and the output",
                    populations.size()));
  }
  for (std::size_t i = 0; i < populations.size(); ++i) {
    CheckRange(fmt::format("populations[{}]", i), populations[i], 1, kPopulationMax);
  }
  if (projections.empty()) {
    throw UserError("no projection: add a [[projection]] for each pair of populations");
  }
  for (int p = 0; p < static_cast<int>(projections.size()); ++p) CheckProjection(*this, p);
  CheckGraph(*this);
  CheckRange("free_sweeps", free_sweeps, 1, 255);
  CheckRange("nudged_sweeps", nudged_sweeps, 1, 255);
  CheckRange("nudge_shift", nudge_shift, 0, 7);
  CheckRange("error_gate", error_gate, 0, 256);
  CheckRange("pixel_bits", pixel_bits, 1, 8);
  CheckRange("weight_bits", weight_bits, 2, 8);
  array.Check();
}

Weights InitialWeights(const Network& network, int init, std::mt19937& random) {
  CheckRange("weight_init", init, 0, network.WeightMax());
  Weights weights(network.projections.size());
  for (int p = 0; p < static_cast<int>(weights.size()); ++p) {
    weights[p].resize(static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p));
    for (std::int8_t& w : weights[p]) {
      const auto z = static_cast<std::uint32_t>(random());
      w = static_cast<std::int8_t>(static_cast<int>(z % (2U * init + 1U)) - init);
    }
  }
  return weights;
}

std::string WeightHash(const Weights& weights) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const std::vector<std::int8_t>& projection : weights) {
    for (const std::int8_t w : projection) {
      hash = (hash ^ static_cast<std::uint8_t>(w)) * 0x100000001b3U;
    }
  }
  return fmt::format("{:016x}", hash);
}

void Hardware::Check(const Network& network) const {
  network.Check();
  if (lanes < 8 || lanes > 128 || (lanes & (lanes - 1)) != 0) {
    throw UserError(fmt::format("hardware.lanes is {}: must be 8, 16, 32, 64 or 128", lanes));
  }
  if (neuron_lanes < 2 || lanes % neuron_lanes != 0) {
    throw UserError(fmt::format(
        "hardware.neuron_lanes is {}: must be at least 2 and divide hardware.lanes ({})",
        neuron_lanes, lanes));
  }
  if (multipliers < 2 || multipliers > lanes || (multipliers & (multipliers - 1)) != 0) {
    throw UserError(fmt::format("hardware.multipliers is {}: must be a power of two, 2..{}",
                                multipliers, lanes));
  }
  if (weight_bits != network.weight_bits) {
    throw UserError(
        fmt::format("hardware.weight_bits is {}, but the network has {}: make them equal",
                    weight_bits, network.weight_bits));
  }
  CheckRange("populations[last] (the label is one byte)", network.Outputs(), 1, 255);
  CheckFits("the number of populations is", std::ssize(network.populations), "max_populations",
            max_populations);
  CheckFits("the number of projections is", std::ssize(network.projections), "max_projections",
            max_projections);
  CheckFits("populations[0] (the input) is", network.Inputs(), "max_inputs", max_inputs);
  std::int64_t states = 0;
  for (std::size_t i = 1; i < network.populations.size(); ++i) {
    states += std::int64_t{Blocks(network.populations[i])} * lanes;
  }
  CheckFits(fmt::format("the neurons of all populations but the input, each population rounded up "
                        "to {} lanes, are",
                        lanes),
            states, "max_states", max_states);
  std::int64_t words = 0;
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    words += std::int64_t{Blocks(network.Lanes(p))} * network.Rows(p);
  }
  const auto spares = std::ssize(network.array.spare);
  CheckFits(spares > 0 ? "the row words of all projections and the spare rows are"
                       : "the row words of all projections are",
            words + spares, "array_rows", array_rows);
  CheckFits("the bits of a neuron's sum are", network.SumBits(), "sum_bits", sum_bits);
}

}  // namespace ep
