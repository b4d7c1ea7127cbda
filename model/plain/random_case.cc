// SPDX-License-Identifier: Apache-2.0

#include "model/plain/random_case.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <random>
#include <utility>

#include "model/common/dither.h"

namespace ep::plain {
namespace {

class Draw {
 public:
  explicit Draw(std::uint32_t seed) : random_(seed) {}
  // A number of lowest..highest; from raw values, so that all libraries draw the same.
  int Int(int lowest, int highest) {
    const auto z = static_cast<std::uint32_t>(random_());
    return lowest + static_cast<int>(z % static_cast<std::uint32_t>(highest - lowest + 1));
  }
  bool Chance(int percent) { return Int(0, 99) < percent; }

 private:
  std::mt19937 random_;
};

// Small sizes are as likely as large ones: masks, blocks and groups then meet every remainder.
int DrawSize(Draw& draw, int size_max) {
  return draw.Int(1, draw.Chance(50) ? std::min(size_max, 12) : size_max);
}

std::vector<Projection> DrawGraph(Draw& draw, int populations) {
  std::vector<std::pair<int, int>> pairs;
  for (int a = 0; a < populations; ++a) {
    for (int b = a + 1; b < populations; ++b) {
      if (b == a + 1 || draw.Chance(35)) pairs.emplace_back(a, b);
    }
  }
  // Leave out some neighbours where others still touch both populations.
  for (std::size_t i = 0; i < pairs.size() && pairs.size() > 1;) {
    const auto touches = [&](int p) {
      return std::ranges::count_if(pairs, [p](auto& q) { return q.first == p || q.second == p; });
    };
    const bool spare = touches(pairs[i].first) > 1 && touches(pairs[i].second) > 1;
    if (spare && draw.Chance(25)) {
      pairs.erase(pairs.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
  for (std::size_t i = pairs.size() - 1; i > 0; --i) {
    if (draw.Chance(30)) std::swap(pairs[i], pairs[draw.Int(0, static_cast<int>(i))]);
  }
  std::vector<Projection> projections;
  projections.reserve(pairs.size());
  // Gains near each other let all projections matter; far apart they reach the widest sums.
  const int gain = draw.Int(0, 12);
  for (const auto& [a, b] : pairs) {
    projections.push_back({.a = a,
                           .b = b,
                           .gain_shift = draw.Chance(20) ? draw.Int(0, 15) : gain + draw.Int(0, 3),
                           .learning_shift = draw.Chance(30) ? draw.Int(1, 21) : draw.Int(9, 16),
                           .learn = draw.Chance(85)});
  }
  return projections;
}

std::vector<std::int8_t> DrawWeights(Draw& draw, std::size_t count, int limit) {
  std::vector<std::int8_t> weights(count);
  const int kind = draw.Int(0, 4);
  for (std::int8_t& w : weights) {
    const int small = std::min(limit, 38);
    int value = 0;
    switch (kind) {
      case 0:
        value = draw.Int(-small, small);
        break;
      case 1:
        value = draw.Int(-limit, limit);
        break;
      case 2:
        value = draw.Chance(50) ? limit : -limit;
        break;
      case 3:
        value = draw.Chance(10) ? draw.Int(-limit, limit) : 0;
        break;
      default:
        value = draw.Int(0, small);
        break;
    }
    w = static_cast<std::int8_t>(value);
  }
  return weights;
}

std::vector<std::uint8_t> DrawCodes(Draw& draw, const Network& network) {
  const int largest = kStateMax / network.InputScale();
  std::vector<std::uint8_t> codes(network.Inputs());
  const int kind = draw.Int(0, 5);
  for (std::uint8_t& code : codes) {
    int value = 0;
    if (kind == 1) value = largest;
    if (kind == 2) value = draw.Chance(20) ? draw.Int(0, largest) : 0;
    if (kind == 3) value = draw.Chance(20) ? largest : 0;
    if (kind >= 4) value = draw.Int(0, largest);
    code = static_cast<std::uint8_t>(value);
  }
  return codes;
}

Hardware DrawHardware(Draw& draw, const Network& network) {
  Hardware hardware;
  hardware.lanes = 8 << draw.Int(0, 4);
  hardware.neuron_lanes = 1 << draw.Int(1, 3);
  hardware.multipliers = 2 << draw.Int(0, 2);
  hardware.weight_bits = network.weight_bits;
  hardware.max_inputs = std::max(hardware.max_inputs, network.Inputs());
  hardware.max_states = 0;
  for (std::size_t p = 1; p < network.populations.size(); ++p) {
    hardware.max_states += hardware.Blocks(network.populations[p]) * hardware.lanes;
  }
  hardware.array_rows = 0;
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    hardware.array_rows += hardware.Blocks(network.Lanes(p)) * network.Rows(p);
  }
  hardware.sum_bits = 64;
  return hardware;
}

}  // namespace

RandomCase MakeRandomCase(std::uint32_t seed, int size_max, int samples, bool wide) {
  Draw draw(seed);
  RandomCase result;
  Network& network = result.network;
  network.name = fmt::format("random-{}", seed);
  const int populations = draw.Int(2, 4);
  for (int p = 0; p < populations; ++p) network.populations.push_back(DrawSize(draw, size_max));
  network.populations.back() = std::min(network.populations.back(), 255);
  network.projections = DrawGraph(draw, populations);
  network.free_sweeps = draw.Chance(20) ? 1 : draw.Int(1, 9);
  network.nudged_sweeps = draw.Chance(20) ? 1 : draw.Int(1, 9);
  network.nudge_shift = draw.Chance(50) ? draw.Int(0, 1) : draw.Int(0, 7);
  network.error_gate = draw.Chance(50) ? 0 : draw.Int(0, 256);
  network.pixel_bits = draw.Int(1, 8);
  network.weight_bits = draw.Chance(60) ? 8 : draw.Int(2, 8);
  if (wide) {
    network.projections[0].gain_shift = 0;
    network.projections.back().gain_shift = 15;
  } else {
    // Raise the smallest gain until the sums fit.
    while (network.SumBits() > 31) {
      const auto smallest =
          std::ranges::min_element(network.projections, {}, &Projection::gain_shift);
      ++smallest->gain_shift;
    }
  }
  result.hardware = DrawHardware(draw, network);
  if (!wide) result.hardware.sum_bits = 32;
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const std::size_t count = static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p);
    result.weights.push_back(DrawWeights(draw, count, network.WeightMax()));
  }
  result.learning_rate = draw.Chance(10) ? 0 : draw.Int(1, 31);
  for (int i = 0; i < samples; ++i) {
    result.codes.push_back(DrawCodes(draw, network));
    result.labels.push_back(draw.Int(0, network.Outputs() - 1));
  }
  network.stochastic = draw.Chance(40);
  if (network.stochastic) result.random = static_cast<std::uint32_t>(draw.Int(1, 1 << 30));
  return result;
}

std::vector<Sample> RandomCase::Samples() const {
  std::vector<Sample> samples;
  samples.reserve(codes.size());
  std::uint32_t word = random;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    samples.push_back({.codes = codes[i], .label = labels[i], .random = word});
    word = Dither::Next(word);
  }
  return samples;
}

std::string RandomCase::Describe() const {
  std::string text = fmt::format(
      "{}: populations {}, T {}, K {}, b {}, e {}, B {}, WB {}, m {}, lanes {}, neuron lanes {};",
      network.name, fmt::join(network.populations, "-"), network.free_sweeps, network.nudged_sweeps,
      network.nudge_shift, network.error_gate, network.pixel_bits, network.weight_bits,
      learning_rate, hardware.lanes, hardware.neuron_lanes);
  if (network.stochastic) text += fmt::format(" stochastic from {:#x}", random);
  for (const Projection& p : network.projections) {
    text += fmt::format(" [{}, {}] g {} k {}{}", p.a, p.b, p.gain_shift, p.learning_shift,
                        p.learn ? "" : " fixed");
  }
  return text;
}

}  // namespace ep::plain
