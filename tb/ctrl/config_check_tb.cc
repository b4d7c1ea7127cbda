// SPDX-License-Identifier: Apache-2.0
//
// ep_config_check against Hardware::Check of model/common/network.h, and, for registers that no
// network gives, against its rules written down once more. Graphs are legal here: that a pair
// stands there twice or a population is left out does no harm, and only the software refuses it.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "Vep_config_check.h"
#include "model/common/random_network.h"
#include "model/common/raw_random.h"
#include "model/ctrl/sequencer.h"
#include "model/ctrl/walker.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/ctrl/config_port.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 61;

// The parameters of Vep_config_check.
Hardware Built() {
  Hardware hardware;
  hardware.lanes = 8;
  hardware.neuron_lanes = 4;
  hardware.multipliers = 4;
  hardware.weight_bits = 6;
  hardware.max_inputs = 64;
  hardware.max_states = 128;
  hardware.max_populations = 6;
  hardware.max_projections = 8;
  hardware.array_rows = 70000;
  hardware.sum_bits = 31;
  return hardware;
}

bool Fits(const Network& network, const Hardware& hardware) {
  try {
    hardware.Check(network);
    return true;
  } catch (const UserError&) {
    return false;
  }
}

// Whether registers make a network that this hardware can run.
bool Accepts(const Config& config, const Hardware& hardware) {
  if (config.populations < 2 || config.populations > 6) return false;
  if (config.projections < 1 || config.projections > 8) return false;
  if (config.free_sweeps == 0 || config.nudged_sweeps == 0) return false;
  if (config.access.sense == 0 || config.access.pulse == 0) return false;
  if (config.access.shots == 0) return false;
  for (const ArrayAccess::Ladder* ladder : {&config.access.set, &config.access.reset}) {
    for (const Shot& shot : *ladder) {
      if (shot.length == 0) return false;
    }
  }
  std::uint64_t block = 0;
  for (int i = 0; i < config.populations; ++i) {
    const auto& [size, first] = config.population[i];
    if (size == 0 || (i == config.populations - 1 && size > 255)) return false;
    if (i == 0) {
      if (size > static_cast<std::uint32_t>(hardware.max_inputs)) return false;
      continue;
    }
    if (first != block) return false;
    block += static_cast<std::uint64_t>(hardware.Blocks(static_cast<int>(size)));
    if (block * hardware.lanes > static_cast<std::uint64_t>(hardware.max_states)) return false;
  }
  std::uint64_t end = 0;
  std::vector<std::uint64_t> bound(8, 0);
  for (int p = 0; p < config.projections; ++p) {
    const Config::ProjectionWords& projection = config.projection[p];
    if (projection.a >= projection.b || projection.b >= config.populations) return false;
    if (projection.gain_shift > config.gain_max) return false;
    if (projection.learning_shift < 1 || projection.learning_shift > 21) return false;
    if (projection.base < end) return false;
    const bool input = projection.a == 0;
    const int lane_population = input ? projection.b : projection.a;
    const std::uint64_t rows = config.population[input ? 0 : projection.b].size;
    const std::uint64_t lanes = config.population[lane_population].size;
    end = projection.base + rows * hardware.Blocks(static_cast<int>(lanes));
    if (end > static_cast<std::uint64_t>(hardware.array_rows)) return false;
    const std::uint64_t product = std::uint64_t{255} << (hardware.weight_bits - 1)
                                                     << (config.gain_max - projection.gain_shift);
    bound[lane_population] += product * rows;
    if (!input) bound[projection.b] += product * lanes;
  }
  return std::ranges::max(bound) < std::uint64_t{1} << (hardware.sum_bits - 1);
}

class ConfigCheckTb : public ::testing::Test {
 protected:
  ConfigCheckTb() {
    bench->clear_i = bench->start_i = 0;
    bench.Reset();
  }

  void Start(const Config& config) {
    SetConfig(bench->config_i, config);
    bench->start_i = 1;
    bench.Cycle();
    bench->start_i = 0;
  }
  // The verdict.
  bool Check(const Config& config) {
    Start(config);
    for (int i = 0; i < 200000 && !bench->done_o; ++i) bench.Cycle();
    EXPECT_EQ(bench->done_o, 1) << "no verdict";
    const bool okay = bench->ok_o;
    bench.Cycle();
    EXPECT_EQ(bench->done_o, 0);
    return okay;
  }

  // The constants of a network that was accepted, which hold until the next start.
  void ExpectConstants(const Network& network) {
    const model::Walker walker(network, hardware);
    const model::Sequencer sequencer(network);
    const std::uint64_t relax = walker.Words(model::Walk::kRelax);
    bench.Cycle(static_cast<int>(random.Below(4)));
    EXPECT_EQ(bench->relax_words_o, relax);
    EXPECT_EQ(bench->gated_words_o,
              2 * network.nudged_sweeps * relax + walker.Words(model::Walk::kLearn));
    const int projections = static_cast<int>(network.projections.size());
    for (int p = 0; p < 8; ++p) {
      const bool driven = p < projections && network.projections[p].FromInput();
      const bool fused = p < projections && sequencer.UpdatesBlocks(p);
      // No pair stands there twice, so that each projection from the input is its lanes' last.
      EXPECT_EQ(bench->drive_fused_o >> p & 1, driven) << "projection " << p;
      EXPECT_EQ(bench->relax_fused_o >> p & 1, fused) << "projection " << p;
    }
    for (int i = 0; i < 6; ++i) {
      const bool walked = i > 0 && i < static_cast<int>(network.populations.size()) &&
                          sequencer.UpdatedByGroupWalk(i);
      EXPECT_EQ(bench->walked_o >> i & 1, walked) << "population " << i;
    }
  }

  void ExpectVerdict(const Network& network, const std::string& text) {
    const bool fits = Fits(network, hardware);
    (fits ? accepted : refused)++;
    Config config = MakeConfig(network, hardware);
    AddNoise(config, random);
    ASSERT_EQ(Check(config), fits) << text;
    if (fits) ExpectConstants(network);
  }
  void ExpectVerdict(const Config& config, const std::string& text) {
    const bool fits = Accepts(config, hardware);
    (fits ? accepted : refused)++;
    ASSERT_EQ(Check(config), fits) << text;
  }

  RawRandom random{kSeed};
  Bench<Vep_config_check> bench{kSeed};
  Hardware hardware = Built();
  int accepted = 0, refused = 0;
};

Network Chain(std::vector<int> populations, int gain = 8) {
  Network network{
      .name = "chain", .populations = std::move(populations), .projections = {}, .weight_bits = 6};
  for (int b = 1; b < static_cast<int>(network.populations.size()); ++b) {
    network.projections.push_back({.a = b - 1, .b = b, .gain_shift = gain});
  }
  return network;
}

// Each size at its limit and one beyond: inputs, neurons, outputs, populations.
TEST_F(ConfigCheckTb, SizesEndAtTheirLimits) {
  for (const auto& populations : std::vector<std::vector<int>>{{64, 8},
                                                               {65, 8},
                                                               {1, 1},
                                                               {4, 128},
                                                               {4, 129},
                                                               {4, 120, 8},
                                                               {4, 120, 9},
                                                               {4, 121, 8},
                                                               {4, 113, 1},
                                                               {4, 1, 1, 1, 1, 1},
                                                               {4, 112, 1, 1},
                                                               {4, 112, 1, 1, 1}}) {
    ExpectVerdict(Chain(populations), "");
  }
  EXPECT_GE(accepted, 6);
  EXPECT_GE(refused, 4);
}

// 16-bit sizes and 32-bit bases whose sums with what is added to them do not fit their registers.
TEST_F(ConfigCheckTb, LargestRegisterValuesDoNotWrap) {
  Network star = Chain({4, 8, 8, 8});
  star.projections[2].a = 1;  // population 2 is nobody's lanes
  const Config good = MakeConfig(star, hardware);
  for (std::uint32_t size = 65520; size <= 65535; ++size) {
    for (int i = 0; i < 4; ++i) {
      Config config = good;
      config.population[i].size = size;
      // As if the blocks were counted in 16 bits.
      for (int next = i + 1; next < 4 && size > 65528; ++next) {
        config.population[next].block = config.population[i].block + next - i - 1;
      }
      config.projection[2].base = size + 12;
      ExpectVerdict(config, "population " + std::to_string(i) + " size " + std::to_string(size));
    }
  }
  for (std::uint32_t below = 1; below <= 80; ++below) {
    for (int p = 0; p < 3; ++p) {
      Config config = good;
      config.projection[p].base = 0U - below;
      ExpectVerdict(config,
                    "projection " + std::to_string(p) + " base 2^32 - " + std::to_string(below));
    }
  }
}

// The bound of a sum by one row more or less, through sizes and gains: 255 x 32 x rows << (G - g)
// against 2^30.
TEST_F(ConfigCheckTb, SumsEndAtTheirBits) {
  for (int rows = 60; rows <= 64; ++rows) {
    for (int shift = 8; shift <= 13; ++shift) {
      for (const bool relax : {false, true}) {
        Network network = Chain({rows, 64, 32}, 15);
        network.projections[relax ? 1 : 0].gain_shift = 15 - shift;
        ExpectVerdict(network, "rows " + std::to_string(rows) + " shift " + std::to_string(shift));
        // One more way into a population.
        network.projections.push_back({.a = 0, .b = 2, .gain_shift = 15 - shift});
        ExpectVerdict(network, "rows " + std::to_string(rows) + " shift " + std::to_string(shift));
      }
    }
  }
  EXPECT_GE(accepted, 20);
  EXPECT_GE(refused, 20);
}

// The end of the array: a gap before the last projection that leaves room, just, or one row short.
TEST_F(ConfigCheckTb, ArrayEndsAtItsLastRow) {
  for (int gap = 69850; gap <= 70000; ++gap) {
    Config config = MakeConfig(Chain({10, 20, 30}), hardware);
    config.projection[1].base = static_cast<std::uint32_t>(gap);
    ExpectVerdict(config, "base " + std::to_string(gap));
  }
  EXPECT_GE(accepted, 20);
  EXPECT_GE(refused, 20);
}

// Six populations and eight projections in any order, some of them twice: who is the last one to
// touch its lanes, and who is left for the group walk.
TEST_F(ConfigCheckTb, LastProjectionOfItsLanesUpdatesThem) {
  for (int i = 0; i < 4000 && !HasFailure(); ++i) {
    Network network = Chain({random.Between(1, 30), 1, 1, 1, 1, 1}, 15);
    for (int p = 1; p < 6; ++p) network.populations[p] = random.Between(1, 20);
    network.nudged_sweeps = random.Between(1, 255);
    network.projections.clear();
    // Few pairs, so that many projections share their lanes.
    std::vector<Projection> pairs;
    for (int left = random.Between(1, 4); left > 0; --left) {
      const int b = random.Between(random.OneIn(2) ? 4 : 1, 5);
      pairs.push_back({.a = random.OneIn(2) ? 0 : random.Below(b), .b = b, .gain_shift = 15});
    }
    for (int left = random.OneIn(2) ? 8 : random.Between(1, 8); left > 0; --left) {
      network.projections.push_back(pairs[random.Below(static_cast<int>(pairs.size()))]);
      network.projections.back().learn = random.OneIn(2);
    }
    Config config = MakeConfig(network, hardware);
    AddNoise(config, random);
    ASSERT_TRUE(Accepts(config, hardware));
    ASSERT_TRUE(Check(config));
    std::uint32_t drive = 0, relax = 0, walked = 0x3E;
    std::uint64_t relax_words = 0, learn_words = 0;
    const int projections = config.projections;
    for (int p = 0; p < projections; ++p) {
      const auto& [base, a, b, gain, shift, learn] = config.projection[p];
      const int lanes = a == 0 ? b : a;
      bool last = true;
      for (int q = p + 1; q < projections; ++q) {
        const auto& next = config.projection[q];
        const bool touches = next.a == lanes || next.b == lanes;
        last = last && !(touches && (next.a == 0) == (a == 0));
      }
      const std::uint64_t words =
          network.populations[a == 0 ? 0 : b] *
          static_cast<std::uint64_t>(hardware.Blocks(network.populations[lanes]));
      if (a != 0) relax_words += words;
      if (learn) learn_words += words;
      if (last) (a == 0 ? drive : relax) |= 1U << p;
      if (last && a != 0) walked &= ~(1U << lanes);
    }
    EXPECT_EQ(bench->drive_fused_o, drive);
    EXPECT_EQ(bench->relax_fused_o, relax);
    EXPECT_EQ(bench->walked_o, walked);
    EXPECT_EQ(bench->relax_words_o, relax_words);
    EXPECT_EQ(bench->gated_words_o, 2 * network.nudged_sweeps * relax_words + learn_words);
  }
}

// A start after a clear at each cycle of a check gives its own verdict, and so does one at once.
TEST_F(ConfigCheckTb, ClearAtAnyCycle) {
  const Network good = Chain({20, 20, 30, 10}), large = Chain({20, 120, 30, 10});
  for (int cycles = 0; cycles < 60; ++cycles) {
    Start(MakeConfig(cycles % 2 == 0 ? large : good, hardware));
    bench.Cycle(cycles);
    bench->clear_i = 1;
    bench.Cycle();
    bench->clear_i = 0;
    EXPECT_EQ(bench->done_o, 0);
    ExpectVerdict(good, "after a clear");
    ExpectVerdict(large, "after a clear");
  }
}

// Random networks, many beyond a limit, in the file order of any graph.
TEST_F(ConfigCheckTb, RandomNetworksAsTheModelChecksThem) {
  Hardware large = hardware;
  large.max_inputs = 90;
  large.max_states = 200;
  large.sum_bits = 38;
  for (std::uint32_t seed = 0; seed < 3000 && !HasFailure(); ++seed) {
    Network network = MakeRandomCase(seed, large, {.samples = 0}).network;
    if (random.OneIn(3)) {
      // Gains that keep the sums small.
      for (Projection& p : network.projections) p.gain_shift = random.Between(7, 9);
    }
    ExpectVerdict(network, network.name);
  }
  EXPECT_GE(accepted, 500);
  EXPECT_GE(refused, 500);
}

// Registers of a network that fits, one to three of them changed a little or to any value.
TEST_F(ConfigCheckTb, RandomRegistersAsTheRulesSay) {
  for (std::uint32_t seed = 0; seed < 4000 && !HasFailure(); ++seed) {
    Config config = MakeConfig(
        MakeRandomCase(seed, hardware, {.size_max = 40, .samples = 0}).network, hardware);
    config.access = MakeRandomAccess(seed);
    config.access.sense = random.Between(1, 255);
    config.access.pulse = random.Between(1, 65535);
    const int populations = config.populations, projections = config.projections;
    for (int changes = random.Below(4); changes > 0; --changes) {
      const int i = random.Below(random.OneIn(4) ? 6 : populations);
      const int p = random.Below(random.OneIn(4) ? 8 : projections);
      auto& projection = config.projection[p];
      switch (random.Below(15)) {
        case 0:
          config.populations = random.Below(8);
          break;
        case 1:
          config.projections = random.Below(16);
          break;
        case 2:
          config.population[i].size += static_cast<std::uint32_t>(random.Between(-8, 8));
          config.population[i].size &= 0xFFFF;
          break;
        case 3:
          config.population[i].size = static_cast<std::uint32_t>(random.Below(65536));
          break;
        case 4:
          config.population[i].block += static_cast<std::uint32_t>(random.Between(-1, 1));
          config.population[i].block &= 0xFFFF;
          break;
        case 5:
          projection.base += static_cast<std::uint32_t>(random.Between(-1, 1));
          break;
        case 6:
          projection.base = static_cast<std::uint32_t>(random.Between(69000, 71000));
          break;
        case 7:
          projection.a = random.Below(8);
          break;
        case 8:
          projection.b = random.Below(8);
          break;
        case 9:
          config.gain_max = random.Below(16);
          break;
        case 10:
          projection.learning_shift = random.Below(32);
          break;
        case 11:
          (random.OneIn(2) ? config.free_sweeps : config.nudged_sweeps) = random.Below(2);
          break;
        case 12:
          config.access.shots = random.Below(2);
          break;
        case 13:
          (random.OneIn(2) ? config.access.set : config.access.reset)[random.Below(8)].length =
              random.Below(2);
          break;
        default:
          (random.OneIn(2) ? config.access.sense : config.access.pulse) = random.Below(2);
          break;
      }
    }
    ExpectVerdict(config, "seed " + std::to_string(seed));
  }
  EXPECT_GE(accepted, 500);
  EXPECT_GE(refused, 500);
}

}  // namespace
}  // namespace ep::tb
