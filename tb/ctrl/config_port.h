// SPDX-License-Identifier: Apache-2.0
//
// config_t of rtl/common/ep_pkg.sv on a port of a Verilated module: what the registers hold.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/common/machine.h"
#include "model/common/memory_map.h"
#include "model/common/network.h"
#include "model/common/raw_random.h"
#include "tb/common/ports.h"

namespace ep::tb {

struct Config {
  struct Population {
    std::uint32_t size = 0, block = 0;
  };
  struct ProjectionWords {
    std::uint32_t base = 0;
    int a = 0, b = 0, gain_shift = 0, learning_shift = 0;
    bool learn = false;
  };

  int populations = 0, projections = 0;
  std::array<Population, 6> population{};
  std::array<ProjectionWords, 8> projection{};
  int free_sweeps = 1, nudged_sweeps = 1, nudge_shift = 0, error_gate = 0, learning_rate = 0;
  int gain_max = 0, input_scale = 0;
  bool stochastic = false;
  std::uint32_t random = 0, samples = 0;
  ArrayAccess access = {};
  CellTest test = {};
  int time_limit = 0;
};

constexpr int kPopulationBits = 32, kConfigBits = 959;

// The network where MemoryMap puts it. It need not fit the hardware, but the registers.
inline Config MakeConfig(const Network& network, const Hardware& hardware) {
  const MemoryMap map(network, hardware);
  Config config{.populations = static_cast<int>(network.populations.size()),
                .projections = static_cast<int>(network.projections.size()),
                .free_sweeps = network.free_sweeps,
                .nudged_sweeps = network.nudged_sweeps,
                .nudge_shift = network.nudge_shift,
                .error_gate = network.error_gate,
                .gain_max = network.GainMax(),
                .stochastic = network.stochastic};
  for (std::size_t i = 0; i < network.populations.size() && i < 6; ++i) {
    config.population[i] = {static_cast<std::uint32_t>(network.populations[i]),
                            static_cast<std::uint32_t>(map.population_block[i])};
  }
  for (std::size_t p = 0; p < network.projections.size() && p < 8; ++p) {
    const Projection& projection = network.projections[p];
    config.projection[p] = {
        map.projection_base[p],    projection.a,    projection.b, projection.gain_shift,
        projection.learning_shift, projection.learn};
  }
  return config;
}

// Registers of populations and projections that the network does not have hold anything.
inline void AddNoise(Config& config, RawRandom& random) {
  const auto word = [&random] { return static_cast<std::uint32_t>(random.Below(0x7FFFFFFF)) * 2; };
  for (int i = config.populations; i < 6; ++i) {
    config.population[i] = {word() >> 16, word() >> 16};
  }
  for (int p = config.projections; p < 8; ++p) {
    config.projection[p] = {word(),           random.Below(8),  random.Below(8),
                            random.Below(16), random.Below(32), random.OneIn(2)};
  }
}

// Population 0 lowest, as on a packed array; of each the size above the block.
template <typename Port>
void SetPopulations(Port& port, const Config& config, int low = 0) {
  for (std::size_t i = 0; i < config.population.size(); ++i) {
    const int at = low + static_cast<int>(i) * kPopulationBits;
    SetBits(port, at, 16, config.population[i].block);
    SetBits(port, at + 16, 16, config.population[i].size);
  }
}

template <typename Port>
void SetConfig(Port& port, const Config& config) {
  // The first member of a packed structure is the highest.
  int next = kConfigBits;
  const auto put = [&](int width, std::uint64_t value) {
    next -= width;
    SetBits(port, next, width, value);
  };
  put(3, config.populations);
  put(4, config.projections);
  next -= static_cast<int>(config.population.size()) * kPopulationBits;
  SetPopulations(port, config, next);
  for (std::size_t p = config.projection.size(); p-- > 0;) {
    const Config::ProjectionWords& projection = config.projection[p];
    put(32, projection.base);
    put(3, projection.a);
    put(3, projection.b);
    put(4, projection.gain_shift);
    put(5, projection.learning_shift);
    put(1, projection.learn ? 1 : 0);
  }
  put(8, config.free_sweeps);
  put(8, config.nudged_sweeps);
  put(3, config.nudge_shift);
  put(9, config.error_gate);
  put(5, config.learning_rate);
  put(1, config.stochastic ? 1 : 0);
  put(32, config.random);
  put(4, config.gain_max);
  put(2, config.input_scale);
  put(32, config.samples);
  put(8, config.access.precharge);
  put(8, config.access.sense);
  put(2, static_cast<std::uint64_t>(config.access.late));
  put(4, config.access.re_reads);
  put(16, config.access.pulse);
  put(1, config.access.verify ? 1 : 0);
  put(1, config.access.self_timed ? 1 : 0);
  put(1, config.access.shrink ? 1 : 0);
  put(4, config.access.shots);
  for (const ArrayAccess::Ladder* ladder : {&config.access.set, &config.access.reset}) {
    for (std::size_t i = ladder->size(); i-- > 0;) {
      put(4, (*ladder)[i].length);
      put(3, (*ladder)[i].level);
    }
  }
  put(1, config.test.value ? 1 : 0);
  put(1, config.test.invert ? 1 : 0);
  put(1, config.test.margin ? 1 : 0);
  for (std::size_t i = ArrayAccess::kSpares; i-- > 0;) {
    const bool used = i < config.access.spare.size();
    put(1, used ? 1 : 0);
    put(24, used ? config.access.spare[i] : 0);
  }
  put(12, config.time_limit);
}

}  // namespace ep::tb
