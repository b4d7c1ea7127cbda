// SPDX-License-Identifier: Apache-2.0

#include "sim/cli/network_map.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "model/common/memory_map.h"

namespace ep::sim {
namespace {

using Json = nlohmann::ordered_json;

int Words(const Network& network, const Hardware& hardware, int p) {
  return hardware.Blocks(network.Lanes(p)) * network.Rows(p);
}

// Signed bits of a dot product of n weights and states.
int ProductBits(int n, int weight_bits) {
  int bits = weight_bits + 8;
  while ((1 << (bits - weight_bits - 8)) < n) ++bits;
  return bits;
}

std::string PopulationsText(const Experiment& experiment) {
  const Network& network = experiment.network;
  std::string text = "population   neurons  blocks\n";
  for (std::size_t i = 0; i < network.populations.size(); ++i) {
    const bool input = i == 0;
    const char* kind = input ? "input" : i + 1 == network.populations.size() ? "output" : "hidden";
    const int blocks = experiment.hardware.Blocks(network.populations[i]);
    text += fmt::format("{:>2} {:<8} {:>8} {:>7}\n", i, kind, network.populations[i],
                        input ? "-" : fmt::format("{}", blocks));
  }
  return text;
}

std::string ProjectionsText(const Experiment& experiment) {
  const Network& network = experiment.network;
  const MemoryMap map(network, experiment.hardware);
  std::string text = "projection     rows x lanes  gain  learn    base   words  sum of products\n";
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const Projection& projection = network.projections[p];
    const std::string learn =
        projection.learn ? fmt::format("{}", projection.learning_shift) : "off";
    const int n =
        projection.FromInput() ? network.Rows(p) : std::max(network.Rows(p), network.Lanes(p));
    text +=
        fmt::format("{:>2} {} - {} {:>10} x {:<6} {:>4} {:>6} {:>7} {:>7}  {} bits\n", p,
                    projection.a, projection.b, network.Rows(p), network.Lanes(p),
                    projection.gain_shift, learn, map.projection_base[p],
                    Words(network, experiment.hardware, p), ProductBits(n, network.weight_bits));
  }
  return text;
}

std::string FitText(const Experiment& experiment) {
  std::string text = "hardware that fits: lanes, states, row words, bits of an array word\n";
  for (const int lanes : {8, 16, 32, 64, 128}) {
    Hardware hardware = experiment.hardware;
    hardware.lanes = lanes;
    const MemoryMap map(experiment.network, hardware);
    text += fmt::format("{:>5}{:>9}{:>9}{:>7}{}\n", lanes, map.blocks * lanes, map.rows,
                        lanes * hardware.weight_bits,
                        lanes == experiment.hardware.lanes ? "  <- this file" : "");
  }
  return text;
}

}  // namespace

std::string MapText(const Experiment& experiment) {
  const Network& network = experiment.network;
  const Hardware& hardware = experiment.hardware;
  const MemoryMap map(network, hardware);
  std::string text = fmt::format("{} ({})\n", network.name, experiment.file.string());
  text += fmt::format("data {}, pool {}, {}-bit pixels: codes 0..{}, input state = code x {}\n",
                      experiment.data.set, experiment.data.pool, network.pixel_bits,
                      kStateMax / network.InputScale(), network.InputScale());
  text += fmt::format("sweeps {} free, {} nudged; nudge shift {}; error gate {}{}\n",
                      network.free_sweeps, network.nudged_sweeps, network.nudge_shift,
                      network.error_gate, network.stochastic ? "; stochastic rounding" : "");
  text +=
      fmt::format("training {} epochs, learning rate {}, seed {}\n\n", experiment.training.epochs,
                  fmt::join(experiment.training.learning_rate, " "), experiment.training.seed);
  text += PopulationsText(experiment) + "\n" + ProjectionsText(experiment) + "\n";
  text += fmt::format("array     {} of {} row words of {} x {} bits: {} cells\n", map.rows,
                      hardware.array_rows, hardware.lanes, hardware.weight_bits,
                      std::uint64_t{map.rows} * hardware.lanes * hardware.weight_bits);
  text += fmt::format("states    {} of {}; inputs {} of {}\n", map.blocks * hardware.lanes,
                      hardware.max_states, network.Inputs(), hardware.max_inputs);
  text += fmt::format("sums      {} of {} bits\n\n", network.SumBits(), hardware.sum_bits);
  return text + FitText(experiment);
}

Json MapToJson(const Experiment& experiment) {
  const Network& network = experiment.network;
  const MemoryMap map(network, experiment.hardware);
  Json projections = Json::array();
  for (int p = 0; p < static_cast<int>(network.projections.size()); ++p) {
    const Projection& projection = network.projections[p];
    projections.push_back({{"between", {projection.a, projection.b}},
                           {"rows", network.Rows(p)},
                           {"lanes", network.Lanes(p)},
                           {"blocks", experiment.hardware.Blocks(network.Lanes(p))},
                           {"base", map.projection_base[p]},
                           {"words", Words(network, experiment.hardware, p)},
                           {"gain_shift", projection.gain_shift},
                           {"learning_shift", projection.learning_shift},
                           {"learn", projection.learn}});
  }
  return {{"network", network.name},
          {"populations", network.populations},
          {"lanes", experiment.hardware.lanes},
          {"input_scale", network.InputScale()},
          {"row_words", map.rows},
          {"states", map.blocks * experiment.hardware.lanes},
          {"sum_bits", network.SumBits()},
          {"projections", projections}};
}

}  // namespace ep::sim
