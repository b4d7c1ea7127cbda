// SPDX-License-Identifier: Apache-2.0

#include "model/common/random_network.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "model/common/dither.h"
#include "model/common/raw_random.h"

namespace ep {
namespace {

// 1, a size beside a multiple of the lanes, or any.
int Size(RawRandom& random, int lanes, int largest) {
  switch (random.Below(6)) {
    case 0:
      return 1;
    case 1:
      return std::clamp(lanes * random.Between(1, 3) + random.Between(-1, 1), 1, largest);
    default:
      return random.Between(1, largest);
  }
}

void Shuffle(RawRandom& random, std::vector<Projection>& projections) {
  for (int i = static_cast<int>(projections.size()) - 1; i > 0; --i) {
    std::swap(projections[i], projections[random.Below(i + 1)]);
  }
}

bool Contains(const std::vector<Projection>& projections, int a, int b) {
  return std::ranges::any_of(projections,
                             [=](const Projection& p) { return p.a == a && p.b == b; });
}

// A chain or any graph that touches every population, in any file order.
std::vector<Projection> Graph(RawRandom& random, int populations, int projections_max) {
  std::vector<Projection> graph;
  const bool chain = random.OneIn(3);
  for (int b = 1; b < populations; ++b) {
    // With a < b for each b, every population is touched; b = 1 starts from the input.
    graph.push_back({.a = chain ? b - 1 : random.Below(b), .b = b});
  }
  if (chain) return graph;
  for (int a = 0; a < populations; ++a) {
    for (int b = a + 1; b < populations; ++b) {
      const bool room = static_cast<int>(graph.size()) < projections_max;
      if (room && !Contains(graph, a, b) && random.OneIn(2)) graph.push_back({.a = a, .b = b});
    }
  }
  Shuffle(random, graph);
  return graph;
}

void Parameters(RawRandom& random, Network& network, int sweeps_max) {
  // Half of the networks get gains that suit their sizes, so that states are neither all 0 nor 255.
  const bool suitable = random.OneIn(2);
  for (Projection& projection : network.projections) {
    projection.gain_shift =
        suitable ? random.Between(network.weight_bits - 1, 9) : random.Between(0, 15);
    projection.learning_shift = suitable ? random.Between(9, 17) : random.Between(1, 21);
    projection.learn = !random.OneIn(5);
  }
  network.free_sweeps = random.OneIn(4) ? 1 : random.Between(1, sweeps_max);
  network.nudged_sweeps = random.OneIn(4) ? 1 : random.Between(1, sweeps_max);
  network.nudge_shift = random.OneIn(3) ? random.Between(0, 7) : random.Below(2);
  network.error_gate = random.OneIn(2) ? 0 : random.OneIn(4) ? 256 : random.Between(1, 255);
  network.pixel_bits = random.Between(1, 8);
}

// Raises the lowest gains until the sums fit.
void FitGains(Network& network, int sum_bits) {
  while (network.SumBits() > sum_bits) {
    const auto lowest = std::ranges::min_element(network.projections, {}, &Projection::gain_shift);
    if (lowest->gain_shift == network.GainMax()) return;
    ++lowest->gain_shift;
  }
}

bool Fits(const Network& network, const Hardware& hardware) {
  try {
    hardware.Check(network);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

int Weight(RawRandom& random, int style, int largest) {
  switch (style) {
    case 0:
      return 0;
    case 1:
      return largest;
    case 2:
      return -largest;
    case 3:
      return random.OneIn(2) ? largest : -largest;
    case 4:  // sparse
      return random.OneIn(4) ? random.Between(-largest, largest) : 0;
    case 5:  // small
      return random.Between(-(largest / 4), largest / 4);
    default:
      return random.Between(-largest, largest);
  }
}

int Code(RawRandom& random, int style, int largest) {
  switch (style) {
    case 0:
      return 0;
    case 1:
      return largest;
    case 2:
      return random.OneIn(2) ? largest : 0;
    case 3:  // one row in eight
      return random.OneIn(8) ? random.Between(1, largest) : 0;
    default:
      return random.Between(0, largest);
  }
}

}  // namespace

RandomCase MakeRandomCase(std::uint32_t seed, const Hardware& hardware,
                          const RandomLimits& limits) {
  RawRandom random(seed);
  RandomCase result;
  result.hardware = hardware;
  Network& network = result.network;
  network.name = fmt::format("random-{}", seed);
  network.weight_bits = hardware.weight_bits;
  const int populations = random.Between(
      2,
      std::min({limits.populations_max, hardware.max_populations, hardware.max_projections + 1}));
  for (int i = 0; i < populations; ++i) {
    network.populations.push_back(Size(random, hardware.lanes, limits.size_max));
  }
  network.populations.back() = std::min(network.populations.back(), 255);
  network.projections = Graph(random, populations, hardware.max_projections);
  Parameters(random, network, limits.sweeps_max);
  FitGains(network, hardware.sum_bits);
  // Smaller until it fits; a network of single neurons that does not fit shows why.
  while (!Fits(network, hardware)) {
    const auto largest = std::ranges::max_element(network.populations);
    if (*largest == 1) hardware.Check(network);
    *largest /= 2;
    FitGains(network, hardware.sum_bits);
  }

  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const int style = random.Below(10);
    std::vector<std::int8_t> weights(static_cast<std::size_t>(network.Rows(p)) * network.Lanes(p));
    for (std::int8_t& w : weights) {
      w = static_cast<std::int8_t>(Weight(random, style, network.WeightMax()));
    }
    result.weights.push_back(std::move(weights));
  }
  const int code_max = kStateMax / network.InputScale();
  for (int i = 0; i < limits.samples; ++i) {
    const int style = random.Below(8);
    std::vector<std::uint8_t> codes(network.Inputs());
    for (std::uint8_t& code : codes) {
      code = static_cast<std::uint8_t>(Code(random, style, code_max));
    }
    result.codes.push_back(std::move(codes));
    result.labels.push_back(random.Below(network.Outputs()));
  }
  result.learning_rate = random.OneIn(4) ? 31 : random.Below(32);
  network.stochastic = random.OneIn(3);
  if (network.stochastic) result.random = random.Below(1 << 30) + 1U;
  return result;
}

ArrayAccess MakeRandomAccess(std::uint32_t seed) {
  RawRandom random(seed);
  ArrayAccess access;
  access.precharge = random.Below(3);
  access.sense = random.Between(1, 3);
  access.late = static_cast<LatePolicy>(random.Below(4));
  access.re_reads = random.Of({0, 1, 3, 15});
  access.verify = !random.OneIn(4);
  access.self_timed = random.OneIn(2);
  access.shots = random.Of({1, 2, 3, 5, 10, 15});
  access.pulse = random.Between(1, 4);
  for (ArrayAccess::Ladder* ladder : {&access.set, &access.reset}) {
    for (Shot& shot : *ladder) {
      shot.level = random.Below(8);
      shot.length = random.Of({1, 1, 2, 3, 15});
    }
  }
  access.shrink = random.OneIn(2);
  // Some rows twice.
  for (int i = random.Below(ArrayAccess::kSpares + 1); i > 0; --i) {
    access.spare.push_back(random.Below(random.OneIn(2) ? 4 : 100));
  }
  access.Check();
  return access;
}

Hardware MakeRandomHardware(std::uint32_t seed) {
  RawRandom random(seed);
  Hardware hardware;
  hardware.lanes = random.Of({8, 16, 32, 64, 128});
  hardware.neuron_lanes = random.Of({4, 8});
  hardware.multipliers = 2;
  while (hardware.multipliers < hardware.lanes && random.OneIn(2)) hardware.multipliers *= 2;
  hardware.weight_bits = random.Between(2, 8);
  hardware.max_inputs = 128;
  hardware.max_states = 512;
  hardware.array_rows = 4096;
  return hardware;
}

std::vector<Sample> RandomCase::Samples() const {
  std::vector<Sample> samples;
  std::uint32_t word = random;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    samples.push_back({.codes = codes[i], .label = labels[i], .random = word});
    word = Dither::Next(word);
  }
  return samples;
}

std::string RandomCase::Describe() const {
  std::string text = fmt::format(
      "{}: populations {}, T {} K {} b {} e {} B {} WB {} m {}, {} lanes, {} neuron lanes, "
      "{} multipliers",
      network.name, network.populations, network.free_sweeps, network.nudged_sweeps,
      network.nudge_shift, network.error_gate, network.pixel_bits, network.weight_bits,
      learning_rate, hardware.lanes, hardware.neuron_lanes, hardware.multipliers);
  if (network.stochastic) text += fmt::format(", stochastic from {:#x}", random);
  for (const Projection& p : network.projections) {
    text += fmt::format(", [{}, {}] g {} k {}{}", p.a, p.b, p.gain_shift, p.learning_shift,
                        p.learn ? "" : " not learning");
  }
  return text;
}

}  // namespace ep
