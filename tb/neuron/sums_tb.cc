// SPDX-License-Identifier: Apache-2.0
//
// ep_sums against model/neuron/sums.h, which has a group for a block here, as ep_sums gets them.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "Vep_sums.h"
#include "model/neuron/sums.h"
#include "tb/common/bench.h"
#include "tb/common/ports.h"
#include "tb/common/random.h"

namespace ep::tb {
namespace {

constexpr int kLanes = 8, kNeuronLanes = 4, kStates = 64;
constexpr int kAccBits = 22, kDotBits = 21, kSumBits = 32;
constexpr int kGroups = kStates / kNeuronLanes, kGroupsPerBlock = kLanes / kNeuronLanes;
constexpr int kScales[] = {1, 17, 85, 255};
constexpr std::uint32_t kSeed = 26;
// group_op_e
constexpr int kAdd = 0, kSwap = 1;

struct Gather {
  int dot = 0, neuron = 0, shift = 0;
};
struct Block {
  int group = 0;
  bool add = true, scale = false, fused = false;
  int shift = 0;
  std::uint32_t lanes = 15;
  std::array<int, kNeuronLanes> acc{};
};
struct Walk {
  int op = kAdd, group = 0;
  bool output = false;
  int first = 0;
  std::uint32_t lanes = 15;
};
// What leaves two cycles after it was taken.
struct Out {
  bool update = false;
  int op = kAdd, group = 0;
  bool output = false;
  std::optional<int> first{};
  std::uint32_t lanes = 0;
  std::array<model::Sum, kNeuronLanes> sums{};
};

class SumsTb : public ::testing::Test {
 protected:
  SumsTb() {
    Quiet();
    bench->clear_i = bench->force_i = bench->nudged_i = bench->scale_i = 0;
    bench.Reset();
  }

  // Nothing is offered; the data lines hold anything.
  void Quiet() {
    bench->gather_valid_i = bench->block_valid_i = bench->walk_valid_i = 0;
    bench->gather_dot_i = random.Bits() & Ones(kDotBits);
    bench->gather_neuron_i = random.Below(kStates);
    bench->block_add_i = random.Percent(50);
    bench->block_fused_i = random.Percent(50);
    bench->block_group_i = random.Below(kGroups);
    bench->walk_op_i = random.Below(3);
    bench->walk_group_i = random.Below(kGroups);
    SetNoise(bench->block_acc_i, kNeuronLanes * kAccBits, random);
  }

  // One cycle with what is offered in it. Takes over what the RTL takes, by its own rule: a gather,
  // else a block, else a walk.
  void Cycle(const std::optional<Gather>& gather, const std::optional<Block>& block,
             const std::optional<Walk>& walk) {
    Quiet();
    if (gather) {
      bench->gather_valid_i = 1;
      bench->gather_dot_i = static_cast<std::uint32_t>(gather->dot) & Ones(kDotBits);
      bench->gather_neuron_i = gather->neuron;
      bench->gather_shift_i = gather->shift;
    }
    if (block) {
      bench->block_valid_i = 1;
      bench->block_group_i = block->group;
      bench->block_add_i = block->add;
      bench->block_scale_i = block->scale;
      bench->block_fused_i = block->fused;
      bench->block_shift_i = block->shift;
      bench->block_lanes_i = block->lanes;
      for (int j = 0; j < kNeuronLanes; ++j) {
        SetBits(bench->block_acc_i, j * kAccBits, kAccBits,
                static_cast<std::uint64_t>(static_cast<std::int64_t>(block->acc[j])));
      }
    }
    if (walk) {
      bench->walk_valid_i = 1;
      bench->walk_op_i = walk->op;
      bench->walk_group_i = walk->group;
      bench->walk_output_i = walk->output;
      bench->walk_first_i = walk->first;
      bench->walk_lanes_i = walk->lanes;
    }
    bench.Dut().eval();
    const std::string where =
        "seed " + std::to_string(kSeed) + " cycle " + std::to_string(bench.CycleCount());
    ASSERT_EQ(bench->walk_ready_o, !gather && !block) << where;
    ASSERT_EQ(bench->idle_o, !stage_busy && !gather && !block) << where;
    bool skip = block && !block->add && !bench->force_i;
    for (int g = 0; block && g < kGroupsPerBlock; ++g) {
      skip = skip && !model.Dirty((block->group + g) % kGroups);
    }
    ASSERT_EQ(bench->block_skip_o, skip) << where;
    ASSERT_EQ(bench->block_ready_o, !gather || skip) << where;
    ExpectOut(where);

    std::optional<Out> out;
    stage_busy = true;
    if (gather) {
      model.AddNeuron(gather->neuron, gather->dot, gather->shift);
    } else if (block) {
      const bool update =
          block->fused && (block->add || model.Dirty(block->group) || bench->force_i);
      if (block->add) {
        model::Accumulators acc{};
        std::copy(block->acc.begin(), block->acc.end(), acc.begin());
        model.AddBlock(block->group, kNeuronLanes, acc, block->scale ? kScales[bench->scale_i] : 1,
                       block->shift);
      }
      if (update) out = Out{.update = true, .group = block->group, .lanes = block->lanes};
      stage_busy = block->add || update;
    } else if (walk) {
      const bool update = walk->op == kAdd && (model.Dirty(walk->group) || bench->force_i ||
                                               (walk->output && bench->nudged_i));
      out = Out{.update = update,
                .op = walk->op,
                .group = walk->group,
                .output = walk->output,
                .first = walk->first,
                .lanes = walk->lanes};
    } else {
      stage_busy = false;
    }
    if (out && out->update) {
      model.ClearDirty(out->group);
      for (int j = 0; j < kNeuronLanes; ++j) {
        out->sums[j] = model.Read(out->group * kNeuronLanes + j);
      }
    }
    leaving = stage;
    stage = out;
    if (bench->clear_i) {
      model.Clear();
      stage.reset();
      leaving.reset();
      stage_busy = false;
    }
    bench.Cycle();
  }
  void Cycle() { Cycle({}, {}, {}); }

  void ExpectOut(const std::string& where) {
    ASSERT_EQ(bench->valid_o, leaving.has_value()) << where;
    if (!leaving) return;
    ASSERT_EQ(bench->update_o, leaving->update) << where;
    ASSERT_EQ(bench->op_o, leaving->op) << where;
    ASSERT_EQ(bench->group_o, leaving->group) << where;
    ASSERT_EQ(bench->output_o, leaving->output) << where;
    if (leaving->first) {
      ASSERT_EQ(bench->first_o, *leaving->first) << where;
    }
    ASSERT_EQ(bench->lanes_o, leaving->lanes) << where;
    // The host keeps to what the format covers; here sums may wrap, the same on both sides.
    for (int j = 0; leaving->update && j < kNeuronLanes; ++j) {
      ASSERT_EQ(GetBits(bench->sum_o, j * kSumBits, kSumBits),
                static_cast<std::uint64_t>(leaving->sums[j]) & Ones(kSumBits))
          << where << " lane " << j << " model " << leaving->sums[j];
    }
  }

  // The sums of all groups, by a walk that updates them.
  void ExpectSums() {
    bench->force_i = 1;
    for (int group = 0; group < kGroups; ++group) Cycle({}, {}, Walk{.group = group});
    bench->force_i = 0;
    Cycle();
    Cycle();
    Cycle();
  }

  Gather RandomGather() {
    const int low = -(1 << (kDotBits - 1));
    return {.dot = random.Percent(20) ? random.Percent(50) ? low : -low - 1
                                      : low + static_cast<int>(random.Bits() & Ones(kDotBits)),
            .neuron = static_cast<int>(random.Below(random.Percent(50) ? 8 : kStates)),
            .shift = static_cast<int>(random.Below(16))};
  }
  Block RandomBlock() {
    Block block{.group = static_cast<int>(random.Below(random.Percent(50) ? 2 : kGroups)),
                .add = random.Percent(60),
                .scale = random.Percent(50),
                .fused = random.Percent(60),
                .shift = static_cast<int>(random.Below(16)),
                .lanes = random.Below(16)};
    const int low = -(1 << (kAccBits - 1));
    for (int& acc : block.acc) {
      acc = random.Percent(20) ? random.Percent(50) ? low : -low - 1
                               : low + static_cast<int>(random.Bits() & Ones(kAccBits));
    }
    return block;
  }
  Walk RandomWalk() {
    return {.op = random.Percent(70) ? kAdd : static_cast<int>(random.Below(3)),
            .group = static_cast<int>(random.Below(random.Percent(50) ? 2 : kGroups)),
            .output = random.Percent(40),
            .first = static_cast<int>(random.Below(256)),
            .lanes = random.Below(16)};
  }

  Random random{kSeed};
  Bench<Vep_sums> bench{kSeed};
  model::Sums model{kGroups, kNeuronLanes, kNeuronLanes};
  std::optional<Out> stage, leaving;
  bool stage_busy = false;
};

TEST_F(SumsTb, SumsOfANewSampleAreZero) {
  ExpectSums();
  for (int group = 0; group < kGroups; ++group)
    Cycle({}, Block{.group = group, .acc = {1, 2, 3, 4}}, {});
  bench->clear_i = 1;
  Cycle({}, Block{.group = 3, .acc = {1, 2, 3, 4}}, {});
  bench->clear_i = 0;
  ExpectSums();
}

// Every scale and shift with the ends of both formats.
TEST_F(SumsTb, AlignsEveryScaleAndShift) {
  const int acc = (1 << (kAccBits - 1)) - 1, dot = (1 << (kDotBits - 1)) - 1;
  for (int scale = 0; scale < 4; ++scale) {
    bench->scale_i = scale;
    for (int shift = 0; shift < 16; ++shift) {
      for (const bool from_input : {false, true}) {
        Cycle({},
              Block{.group = 7,
                    .scale = from_input,
                    .fused = true,
                    .shift = shift,
                    .acc = {acc, -acc - 1, 1, -1}},
              {});
        Cycle(Gather{.dot = dot, .neuron = 29, .shift = shift}, {}, {});
        Cycle(Gather{.dot = -dot - 1, .neuron = 30, .shift = shift}, {}, {});
        Cycle({}, {}, Walk{.group = 7});
      }
    }
  }
  ExpectSums();
}

// A dot product, a block and a walk at once, all on one group: in this order.
TEST_F(SumsTb, GatherThenBlockThenWalk) {
  const Gather gather{.dot = 100, .neuron = 5, .shift = 1};
  const Block block{.group = 1, .fused = true, .acc = {1, 2, 3, 4}};
  const Walk walk{.group = 1};
  Cycle(gather, block, walk);
  Cycle(gather, block, walk);
  Cycle({}, block, walk);
  Cycle({}, {}, walk);
  Cycle();
  Cycle();
  Cycle();
}

// Each reason to update, alone: added, written before, forced, output of a nudged phase; and none.
TEST_F(SumsTb, UpdatesOnlyForAReason) {
  for (const bool force : {false, true}) {
    for (const bool nudged : {false, true}) {
      bench->force_i = force;
      bench->nudged_i = nudged;
      for (const bool dirty : {false, true}) {
        for (const bool flag : {false, true}) {
          if (dirty) Cycle(Gather{.dot = 1, .neuron = 8}, {}, {});
          Cycle({}, {}, Walk{.group = 2, .output = flag});
          if (dirty) Cycle(Gather{.dot = 1, .neuron = 8}, {}, {});
          Cycle({}, Block{.group = 2, .add = flag, .fused = true}, {});
          if (dirty) Cycle(Gather{.dot = 1, .neuron = 8}, {}, {});
          Cycle({}, Block{.group = 2, .add = flag, .fused = false}, {});
          Cycle({}, {}, Walk{.op = kSwap, .group = 2, .output = flag});
          Cycle({}, Block{.group = 2, .add = false, .fused = true}, {});
        }
      }
    }
  }
  Cycle();
  Cycle();
}

// Anything offered with any probability, half of it on two groups so that additions and updates of
// one group follow each other at every distance; what is not taken stays; clears and resets.
TEST_F(SumsTb, RandomTrafficMatchesModel) {
  std::optional<Block> block;
  std::optional<Walk> walk;
  for (int round = 0; round < 100 && !HasFatalFailure(); ++round) {
    const int gathers = static_cast<int>(random.Below(5)) * 20;
    const int blocks = static_cast<int>(random.Below(6)) * 20;
    const int walks = static_cast<int>(random.Below(6)) * 20;
    bench->scale_i = random.Below(4);
    for (int i = 0; i < 300 && !HasFatalFailure(); ++i) {
      if (random.Percent(5)) bench->force_i = random.Percent(30);
      if (random.Percent(5)) bench->nudged_i = random.Percent(50);
      std::optional<Gather> gather;
      if (random.Percent(gathers)) gather = RandomGather();
      if (!block && random.Percent(blocks)) block = RandomBlock();
      if (!walk && random.Percent(walks)) walk = RandomWalk();
      bench->clear_i = random.Percent(1);
      Cycle(gather, block, walk);
      if (block && !gather) {
        block.reset();
      } else if (walk && !gather && !block) {
        walk.reset();
      }
    }
    bench->clear_i = 0;
    if (!HasFatalFailure()) ExpectSums();
  }
}

}  // namespace
}  // namespace ep::tb
