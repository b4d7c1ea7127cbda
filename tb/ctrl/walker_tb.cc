// SPDX-License-Identifier: Apache-2.0
//
// ep_walker against model/ctrl/walker.h: its blocks in order, and in each the rows that matter.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "Vep_walker.h"
#include "model/common/random_network.h"
#include "model/common/raw_random.h"
#include "model/ctrl/walker.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/stream.h"
#include "tb/ctrl/config_port.h"

namespace ep::tb {
namespace {

constexpr std::uint32_t kSeed = 64;
constexpr int kLanes = 8, kStates = 128, kBlocks = kStates / kLanes;

// pass_e
enum class Pass { kDrive, kRelax, kLearn, kLoad, kSave, kScrub, kTest };
constexpr Pass kPasses[] = {Pass::kDrive, Pass::kRelax, Pass::kLearn, Pass::kLoad,
                            Pass::kSave,  Pass::kScrub, Pass::kTest};

// The parameters of Vep_walker.
Hardware Built() {
  Hardware hardware;
  hardware.lanes = kLanes;
  hardware.neuron_lanes = 4;
  hardware.max_inputs = 64;
  hardware.max_states = kStates;
  hardware.array_rows = 4096;
  return hardware;
}

// What ep_sense gets. Of the bare end of a block only what it needs is compared, and of a row of
// the input its neuron is not.
struct Op {
  bool word = false, input = false, gather = false, last = false, fused = false;
  std::uint32_t row = 0, neuron = 0, index = 0, block = 0, lanes = 0, shift = 0, learn = 0;
  bool operator==(const Op&) const = default;
  std::string Text() const {
    return std::string(word ? "word" : "end") + " row " + std::to_string(row) + " neuron " +
           std::to_string(neuron) + " index " + std::to_string(index) + " block " +
           std::to_string(block) + " lanes " + std::to_string(lanes) + (last ? " last" : "") +
           (gather ? " gather" : "") + (fused ? " fused" : "");
  }
};

class WalkerTb : public ::testing::Test {
 protected:
  WalkerTb() {
    bench->clear_i = bench->start_i = bench->go_i = 0;
    sink.on_error = [](const std::string& what) { ADD_FAILURE() << what; };
    bench.OnCycle(
        [this] {
          sink.Drive(random.Below(100) < stall);
          // The list memory answers a cycle later, and beyond its list with anything.
          bench->list_row_i = list_index < list.size() ? list[list_index] : random.Below(64);
        },
        [this] {
          Flags();
          if (bench->list_read_o) list_index = bench->list_index_o;
          EXPECT_EQ(bench->upset_o, 0);
          sink.Sample();
          if (bench->skip_valid_o) skips.push_back(bench->skip_count_o);
        });
    bench.Reset();
  }

  // The flags of the blocks that are looked at, in the same cycle.
  void Flags() {
    const auto flags = static_cast<std::uint32_t>(bench->flags_block_o);
    bench->flags_i = 0;
    for (int l = 0; l < kLanes; ++l) {
      if (changed[flags * kLanes + l]) bench->flags_i |= 1U << l;
    }
    bench->learn_differs_i = differs[bench->learn_block_o];
    bench->learn_nonzero_i = nonzero[bench->learn_block_o];
    // Nothing is final before the walk may go.
    if (waits) {
      bench->flags_i = random.Below(256);
      bench->learn_differs_i = random.OneIn(2);
      bench->learn_nonzero_i = random.OneIn(2);
    }
    bench.Dut().eval();
  }

  void Use(const Network& used) {
    network = used;
    Config config = MakeConfig(network, hardware);
    AddNoise(config, random);
    SetConfig(bench->config_i, config);
  }
  // States: of 256 neurons `active` changed, and of 256 inputs as many are not 0; flags of the
  // blocks for learning. Lanes beyond a population never change.
  void SetStates(int active) {
    list.clear();
    for (int i = 0; i < network.Inputs(); ++i) {
      if (random.Below(256) < active) list.push_back(i);
    }
    bench->list_count_i = list.size();
    changed.fill(false);
    const MemoryMap map(network, hardware);
    for (std::size_t p = 1; p < network.populations.size(); ++p) {
      for (int i = 0; i < network.populations[p]; ++i) {
        changed[map.population_block[p] * kLanes + i] = random.Below(256) < active;
      }
    }
    std::uint32_t blocks = 0;
    for (int block = 0; block < kBlocks; ++block) {
      for (int l = 0; l < kLanes; ++l) {
        if (changed[block * kLanes + l]) blocks |= 1U << block;
      }
      differs[block] = random.OneIn(2);
      nonzero[block] = random.OneIn(2);
    }
    block_changed = blocks;
    bench->block_changed_i = blocks;
  }

  // The rows of a block that matter.
  std::vector<int> Rows(Pass pass, const model::WalkBlock& block) const {
    const bool input = network.projections[block.projection].FromInput();
    std::vector<int> all(block.rows), rows;
    for (int row = 0; row < block.rows; ++row) all[row] = row;
    switch (pass) {
      case Pass::kDrive:
        return list;
      case Pass::kLearn:
        if (input) return differs[block.lane_block] ? list : rows;
        return nonzero[block.lane_block] ? all : rows;
      case Pass::kRelax:
        for (const int row : all) {
          if (model::Walker::RelaxSenses(Gathers(block), changed[block.row_neuron + row])) {
            rows.push_back(row);
          }
        }
        return rows;
      default:
        return all;
    }
  }
  bool Gathers(const model::WalkBlock& block) const {
    for (int l = 0; l < kLanes; ++l) {
      if (changed[block.lane_block * kLanes + l]) return true;
    }
    return false;
  }

  void Expect(Pass pass, std::uint32_t fused, std::vector<Op>& ops,
              std::vector<std::uint32_t>& skipped) const {
    const model::Walker walker(network, hardware);
    const model::Walk walk = pass == Pass::kDrive   ? model::Walk::kDrive
                             : pass == Pass::kRelax ? model::Walk::kRelax
                             : pass == Pass::kLearn ? model::Walk::kLearn
                                                    : model::Walk::kHost;
    for (const model::WalkBlock& block : walker.Blocks(walk)) {
      const Projection& projection = network.projections[block.projection];
      const std::vector<int> rows = Rows(pass, block);
      Op op{.input = projection.FromInput(),
            .fused = (fused >> block.projection & 1) != 0,
            .block = static_cast<std::uint32_t>(block.lane_block),
            .lanes = static_cast<std::uint32_t>(Ones(block.neurons)),
            .shift = static_cast<std::uint32_t>(network.GainMax() - projection.gain_shift),
            .learn = static_cast<std::uint32_t>(projection.learning_shift)};
      skipped.push_back(static_cast<std::uint32_t>(block.rows) -
                        static_cast<std::uint32_t>(rows.size()));
      if (rows.empty() && op.fused && pass == Pass::kRelax) {
        op.last = true;
        ops.push_back(op);
      }
      op.word = true;
      op.gather = pass == Pass::kRelax && Gathers(block);
      for (std::size_t i = 0; i < rows.size(); ++i) {
        op.row = block.array_row + static_cast<std::uint32_t>(rows[i]);
        op.index = static_cast<std::uint32_t>(rows[i]) & 255;
        op.neuron = op.input ? 0 : static_cast<std::uint32_t>(block.row_neuron + rows[i]);
        op.last = i + 1 == rows.size();
        ops.push_back(op);
      }
    }
  }

  void Start(Pass pass, std::uint32_t fused) {
    bench->pass_i = static_cast<int>(pass);
    bench->fused_i = fused;
    bench->start_i = 1;
    // All but the drive may start before the states are final.
    const int early = pass == Pass::kDrive || random.OneIn(2) ? 0 : random.Between(1, 5);
    waits = early > 0;
    for (int i = 0; i < early; ++i) {
      bench->block_changed_i = random.Below(1 << kBlocks);
      bench.Cycle();
      bench->start_i = 0;
      EXPECT_EQ(bench->busy_o, 0) << "it waits";
      EXPECT_EQ(bench->op_valid_o, 0) << "it waits";
    }
    bench->go_i = 1;
    bench.Cycle();
    waits = false;
    bench->block_changed_i = block_changed;
    bench->start_i = bench->go_i = 0;
    bench.Dut().eval();
  }
  void Walk(Pass pass, std::uint32_t fused) {
    std::vector<Op> expected;
    std::vector<std::uint32_t> skipped;
    Expect(pass, fused, expected, skipped);
    sink.Beats().clear();
    skips.clear();
    Start(pass, fused);
    std::size_t cycles = 0;
    for (; cycles < 50000 && bench->busy_o; ++cycles) bench.Cycle();
    ASSERT_EQ(bench->busy_o, 0) << "hangs";
    if (stall == 0) {
      // A word a cycle, a cycle more for each block without one and each projection.
      ASSERT_LE(cycles, expected.size() + skipped.size() + network.projections.size());
    }
    const std::vector<Op> got(sink.Beats().begin(), sink.Beats().end());
    for (std::size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
      ASSERT_EQ(got[i], expected[i])
          << "seed " << kSeed << " pass " << static_cast<int>(pass) << " beat " << i << ": "
          << got[i].Text() << ", model " << expected[i].Text();
    }
    ASSERT_EQ(got.size(), expected.size()) << "pass " << static_cast<int>(pass);
    ASSERT_EQ(skips, skipped) << "pass " << static_cast<int>(pass);
  }

  RawRandom random{kSeed};
  Bench<Vep_walker> bench{kSeed};
  StreamSink<Op> sink{bench->op_valid_o, bench->op_ready_i, [this] {
                        const bool word = bench->op_word_o;
                        const bool input = bench->op_input_o;
                        return Op{.word = word,
                                  .input = input,
                                  .gather = static_cast<bool>(bench->op_gather_o),
                                  .last = static_cast<bool>(bench->op_last_o),
                                  .fused = static_cast<bool>(bench->op_fused_o),
                                  .row = word ? bench->op_row_o : 0U,
                                  .neuron = word && !input ? bench->op_neuron_o : 0U,
                                  .index = word ? bench->op_index_o : 0U,
                                  .block = bench->op_block_o,
                                  .lanes = bench->op_lanes_o,
                                  .shift = bench->op_shift_o,
                                  .learn = bench->op_learn_o};
                      }};
  int stall = 0;
  Hardware hardware = Built();
  Network network;
  std::vector<int> list;  // rows of the nonzero codes
  std::array<bool, kStates> changed{};
  std::array<bool, kBlocks> differs{}, nonzero{};
  std::size_t list_index = 0;
  std::uint32_t block_changed = 0;
  bool waits = false;  // the walk that has started
  std::vector<std::uint32_t> skips;
};

Network Square() {
  return {.name = "square",
          .populations = {20, 24, 16, 9},
          .projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}, {.a = 0, .b = 3}, {.a = 1, .b = 3}}};
}

// Nothing changed, everything changed, and one neuron at a time at both ends of each block.
TEST_F(WalkerTb, ChangedNeuronsBringTheirRowsAndBlocks) {
  Use(Square());
  for (const int active : {0, 256}) {
    SetStates(active);
    for (const Pass pass : kPasses) Walk(pass, 0xA);
  }
  SetStates(0);
  // Populations of 24, 16 and 9 neurons from block 0 on.
  for (int neuron = 0; neuron < 49; ++neuron) {
    changed.fill(false);
    changed[neuron] = true;
    block_changed = 1U << (neuron / kLanes);
    bench->block_changed_i = block_changed;
    Walk(Pass::kRelax, 0);
    Walk(Pass::kRelax, 0xA);
  }
}

// As many populations and projections as there are registers, each as rows and as lanes.
TEST_F(WalkerTb, SixPopulationsAndEightProjections) {
  for (int i = 0; i < 40 && !HasFailure(); ++i) {
    Network used{.name = "six", .populations = {}, .projections = {}};
    for (int p = 0; p < 6; ++p) used.populations.push_back(random.Between(1, 20));
    for (int p = 0; p < 8; ++p) {
      const int b = random.Between(1, 5);
      used.projections.push_back({.a = random.Below(b),
                                  .b = b,
                                  .gain_shift = random.Below(16),
                                  .learning_shift = random.Between(1, 21),
                                  .learn = random.OneIn(2)});
    }
    Use(used);
    SetStates(random.Of({2, 60, 256}));
    for (const Pass pass : kPasses) Walk(pass, static_cast<std::uint32_t>(random.Below(256)));
  }
}

// With no projection of its kind a pass ends at once.
TEST_F(WalkerTb, PassWithoutProjectionsIsEmpty) {
  Use({.name = "one", .populations = {5, 3}, .projections = {{.a = 0, .b = 1, .learn = false}}});
  SetStates(128);
  Walk(Pass::kRelax, 0xFF);
  Walk(Pass::kLearn, 0);
  Walk(Pass::kDrive, 1);
}

// At each cycle of each pass, with stalls half of the time. Nothing is left for the next one, not
// even in its count of skipped words.
TEST_F(WalkerTb, ClearAndResetEndTheWalk) {
  Use(Square());
  for (int cycles = 0; cycles < 60; ++cycles) {
    SetStates(random.Between(0, 256));
    for (const Pass pass : kPasses) {
      stall = cycles % 2 == 0 ? 0 : 50;
      Start(pass, 0xA);
      bench.Cycle(cycles);
      if (random.OneIn(2)) {
        bench->clear_i = 1;
        bench.Cycle();
        bench->clear_i = 0;
      } else {
        bench.Reset();
      }
      sink.Forget();
      ASSERT_EQ(bench->busy_o, 0);
      ASSERT_EQ(bench->op_valid_o, 0);
      Walk(random.Of(kPasses), 0xA);
    }
  }
}

// Random networks of 2 to 4 populations in any graph, with all, few, one or no neuron changed, any
// projections fused, one pass after the other with stalls of 0 to 90 %.
TEST_F(WalkerTb, RandomWalksMatchModel) {
  for (std::uint32_t seed = 0; seed < 400 && !HasFailure(); ++seed) {
    Network used = MakeRandomCase(seed, hardware, {.size_max = 64, .samples = 0}).network;
    for (Projection& projection : used.projections)
      projection.learning_shift = random.Between(1, 21);
    Use(used);
    stall = random.OneIn(2) ? 0 : random.Below(10) * 10;
    for (int i = 0; i < 8 && !HasFailure(); ++i) {
      SetStates(random.Of({0, 2, 10, 60, 256}));
      Walk(random.Of(kPasses), static_cast<std::uint32_t>(random.Below(256)));
      bench.Cycle(random.Below(3));
    }
  }
}

}  // namespace
}  // namespace ep::tb
