// SPDX-License-Identifier: Apache-2.0

#include "model/ctrl/sequencer.h"

#include <gtest/gtest.h>

#include <string>

namespace ep::model {
namespace {

using Action = Sequencer::Action;
using Phase = Sequencer::Phase;

Network Chain(int free_sweeps, int nudged_sweeps) {
  Network network;
  network.populations = {4, 4, 4};
  network.projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}};
  network.free_sweeps = free_sweeps;
  network.nudged_sweeps = nudged_sweeps;
  return network;
}

// The steps of a sample: d drive, f p m sweeps, r readout, s swap, l learn. The n-th sweep (with
// the drive, from 0) changes a state where changes[n] is '1', or always without changes.
std::string Steps(const Network& network, Mode mode, bool gated, const std::string& changes = "") {
  Sequencer sequencer(network);
  std::string text;
  std::size_t sweeps = 0;
  Sequencer::Step step = sequencer.Start(mode);
  while (step.action != Action::kDone && text.size() < 1000) {
    const bool sweep = step.action == Action::kDrive || step.action == Action::kSweep;
    const char* const phases = "fpm";
    text += step.action == Action::kDrive     ? 'd'
            : step.action == Action::kSweep   ? phases[static_cast<int>(step.phase)]
            : step.action == Action::kReadout ? 'r'
            : step.action == Action::kSwap    ? 's'
                                              : 'l';
    const bool changed = changes.empty() || (sweep && changes.at(sweeps) == '1');
    if (sweep) ++sweeps;
    step = sequencer.Next(changed, gated);
  }
  return text;
}

TEST(SequencerTest, SweepsEndAtTheirLimits) {
  EXPECT_EQ(Steps(Chain(3, 2), Mode::kTrain, false), "dffrppsmml");
  EXPECT_EQ(Steps(Chain(1, 1), Mode::kTrain, false), "drpsml");
  EXPECT_EQ(Steps(Chain(1, 3), Mode::kTrain, false), "drpppsmmml");
  EXPECT_EQ(Steps(Chain(255, 1), Mode::kInfer, false), "d" + std::string(254, 'f') + "r");
}

TEST(SequencerTest, SweepsEndWhenNothingChanges) {
  EXPECT_EQ(Steps(Chain(4, 4), Mode::kTrain, false, "000"), "drpsml");
  EXPECT_EQ(Steps(Chain(4, 4), Mode::kTrain, false, "1010110"), "dfrppsmmml");
}

TEST(SequencerTest, GatedAndInferredSamplesEndAfterTheReadout) {
  EXPECT_EQ(Steps(Chain(2, 2), Mode::kTrain, true), "dfr");
  EXPECT_EQ(Steps(Chain(2, 2), Mode::kInfer, false), "dfr");
}

TEST(SequencerTest, FirstNudgedSweepsUpdateAllAndPlusSaves) {
  Sequencer sequencer(Chain(1, 2));
  sequencer.Start(Mode::kTrain);
  sequencer.Next(true, false);  // readout
  EXPECT_EQ(sequencer.Next(false, false), (Sequencer::Step{.action = Action::kSweep,
                                                           .phase = Phase::kPlus,
                                                           .sweep = 1,
                                                           .update_all = true,
                                                           .update_output = true,
                                                           .save = true}));
  EXPECT_EQ(
      sequencer.Next(true, false),
      (Sequencer::Step{
          .action = Action::kSweep, .phase = Phase::kPlus, .sweep = 2, .update_output = true}));
  EXPECT_EQ(sequencer.Next(true, false).action, Action::kSwap);
  EXPECT_EQ(sequencer.Next(false, false), (Sequencer::Step{.action = Action::kSweep,
                                                           .phase = Phase::kMinus,
                                                           .sweep = 1,
                                                           .update_all = true,
                                                           .update_output = true}));
}

TEST(SequencerTest, SweepsLeftCountFromTheirPhase) {
  Sequencer sequencer(Chain(4, 3));
  sequencer.Start(Mode::kTrain);
  EXPECT_EQ(sequencer.SweepsLeft(), 3);
  sequencer.Next(true, false);
  EXPECT_EQ(sequencer.SweepsLeft(), 2);
  sequencer.Next(false, false);  // readout
  sequencer.Next(false, false);  // plus 1
  EXPECT_EQ(sequencer.SweepsLeft(), 2);
}

// docs/schedule.md: by block with the last projection of a sweep that touches the population, if it
// is that one's lane population.
TEST(SequencerTest, PopulationsAreUpdatedWithTheirLastProjection) {
  Network network;
  network.populations = {4, 4, 4, 4};
  network.projections = {{.a = 1, .b = 2}, {.a = 2, .b = 3}, {.a = 0, .b = 1}};
  {
    const Sequencer sequencer(network);
    EXPECT_TRUE(sequencer.UpdatesBlocks(0));  // 1: the input's projection is not walked
    EXPECT_TRUE(sequencer.UpdatesBlocks(1));  // 2
    EXPECT_FALSE(sequencer.UpdatesBlocks(2));
    EXPECT_FALSE(sequencer.UpdatedByGroupWalk(1));
    EXPECT_FALSE(sequencer.UpdatedByGroupWalk(2));
    EXPECT_TRUE(sequencer.UpdatedByGroupWalk(3));  // never a lane population
  }
  std::swap(network.projections[0], network.projections[1]);
  {
    const Sequencer sequencer(network);
    EXPECT_FALSE(sequencer.UpdatesBlocks(0));
    EXPECT_TRUE(sequencer.UpdatesBlocks(1));  // 1, not 2, which is its row population
    EXPECT_TRUE(sequencer.UpdatedByGroupWalk(2));
  }
}

// One projection can end two populations' sums but updates its lane population only.
TEST(SequencerTest, PopulationWithoutSweepProjectionIsUpdatedByTheGroupWalk) {
  Network network;
  network.populations = {4, 4};
  network.projections = {{.a = 0, .b = 1}};
  const Sequencer sequencer(network);
  EXPECT_FALSE(sequencer.UpdatesBlocks(0));
  EXPECT_TRUE(sequencer.UpdatedByGroupWalk(1));
}

}  // namespace
}  // namespace ep::model
