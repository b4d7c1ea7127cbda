// SPDX-License-Identifier: Apache-2.0
//
// ep_group_walker against model/ctrl/group_walker.h.

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "Vep_group_walker.h"
#include "model/common/raw_random.h"
#include "model/ctrl/group_walker.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/stream.h"
#include "tb/ctrl/config_port.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 63;
constexpr int kLanes = 8, kNeuronLanes = 4, kStates = 128;

struct Group {
  std::uint32_t op = 0, group = 0, output = 0, first = 0, lanes = 0;
  bool operator==(const Group&) const = default;
};

class GroupWalkerTb : public ::testing::Test {
 protected:
  GroupWalkerTb() {
    bench->clear_i = bench->start_i = 0;
    hardware.lanes = kLanes;
    hardware.neuron_lanes = kNeuronLanes;
    sink.on_error = [](const std::string& what) { ADD_FAILURE() << what; };
    bench.OnCycle([this] { sink.Drive(random.Below(100) < stall); },
                  [this] {
                    EXPECT_EQ(bench->upset_o, 0);
                    sink.Sample();
                  });
    bench.Reset();
  }

  void Use(std::vector<int> populations) {
    network.populations = std::move(populations);
    Config config = MakeConfig(network, hardware);
    AddNoise(config, random);
    SetPopulations(bench->population_i, config);
    bench->output_i = config.populations - 1;
  }
  void Start(std::uint32_t chosen, std::uint32_t op) {
    bench->start_i = 1;
    bench->populations_i = chosen;
    bench->op_i = op;
    bench.Cycle();
    bench->start_i = 0;
    // Only the start counts.
    bench->populations_i = random.Below(64);
    bench->op_i = random.Below(3);
  }
  // Walks over the chosen populations; without stalls a group a cycle.
  void Walk(std::uint32_t chosen, std::uint32_t op) {
    const model::GroupWalker walker(network, hardware);
    std::vector<Group> expected;
    for (int p = 1; p < static_cast<int>(network.populations.size()); ++p) {
      if ((chosen >> p & 1) == 0) continue;
      for (const model::GroupStep& step : walker.OfPopulation(p)) {
        expected.push_back({.op = op,
                            .group = static_cast<std::uint32_t>(step.group),
                            .output = step.output,
                            // Of use in the output only, which has at most 255 neurons.
                            .first = static_cast<std::uint32_t>(step.first) & 255U,
                            .lanes = static_cast<std::uint32_t>(Ones(step.neurons))});
      }
    }
    sink.Beats().clear();
    Start(chosen, op);
    EXPECT_EQ(bench->busy_o, !expected.empty());
    int cycles = 0;
    for (; cycles < 50000 && bench->busy_o; ++cycles) bench.Cycle();
    if (stall == 0) {
      EXPECT_EQ(cycles, static_cast<int>(expected.size()));
    }
    const std::vector<Group> got(sink.Beats().begin(), sink.Beats().end());
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      ASSERT_EQ(got[i], expected[i]) << "seed " << kSeed << " beat " << i << ": group "
                                     << got[i].group << ", model " << expected[i].group;
    }
  }

  RawRandom random{kSeed};
  Bench<Vep_group_walker> bench{kSeed};
  StreamSink<Group> sink{bench->valid_o, bench->ready_i, [this] {
                           return Group{bench->op_o, bench->group_o, bench->output_o,
                                        bench->first_o, bench->lanes_o};
                         }};
  int stall = 0;
  Network network;
  Hardware hardware;
};

// One neuron, a group, a block, one more and one less; groups beyond a population are left out.
TEST_F(GroupWalkerTb, PopulationsEndInAnyGroupOfABlock) {
  for (const int size : {1, 3, 4, 5, 7, 8, 9, 12, 13, 120}) {
    Use({5, size, 1});
    Walk(2, 0);
    Walk(4, 0);
    Walk(6, 1);
  }
}

// Sizes, blocks and groups of as many bits as the registers have.
TEST_F(GroupWalkerTb, LargePopulationsEndWhereTheyShould) {
  for (const auto& [first, second] : {std::pair(1025, 64000), {64000, 1025}, {32767, 32700}}) {
    Use({5, first, second, 1});
    Walk(14, 0);
    Walk(4, 0);
  }
}

TEST_F(GroupWalkerTb, WalksNothingWhereNothingIsChosen) {
  Use({5, 9, 9, 9});
  Walk(0, 0);
  Walk(1 << 3, 2);
  Walk(0, 0);
}

TEST_F(GroupWalkerTb, WalksEveryChoiceOfSixPopulations) {
  Use({5, 9, 4, 17, 1, 30});
  for (std::uint32_t chosen = 0; chosen < 64; chosen += 2) {
    for (std::uint32_t op = 0; op < 3; ++op) Walk(chosen, op);
  }
}

// At each cycle of a walk, with a group that waits and without.
TEST_F(GroupWalkerTb, ClearAndResetEndTheWalk) {
  Use({5, 20, 20, 20});
  for (int cycles = 0; cycles < 40; ++cycles) {
    stall = cycles % 2 == 0 ? 0 : 60;
    Start(14, 0);
    bench.Cycle(cycles / 2);
    if (cycles % 4 < 2) {
      bench->clear_i = 1;
      bench.Cycle();
      bench->clear_i = 0;
    } else {
      bench.Reset();
    }
    sink.Forget();
    EXPECT_EQ(bench->busy_o, 0);
    EXPECT_EQ(bench->valid_o, 0);
    Walk(14, 1);
  }
}

// Networks that fill the memory more or less, with stalls of 0 to 90 %.
TEST_F(GroupWalkerTb, RandomWalksMatchModel) {
  for (int i = 0; i < 600 && !HasFailure(); ++i) {
    stall = random.Below(10) * 10;
    std::vector<int> populations{random.Between(1, 64)};
    int blocks = kStates / kLanes;
    for (int left = random.Between(1, 5); left > 0; --left) {
      const int size = random.Between(1, (blocks - left + 1) * kLanes);
      blocks -= (size + kLanes - 1) / kLanes;
      populations.push_back(size);
    }
    Use(populations);
    for (int walk = 0; walk < 4; ++walk) {
      const auto chosen = static_cast<std::uint32_t>(random.Below(1 << populations.size()));
      Walk(chosen & ~1U, static_cast<std::uint32_t>(random.Below(3)));
    }
  }
}

}  // namespace
}  // namespace ep::tb
