// SPDX-License-Identifier: Apache-2.0

#include "sim/run/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/common/dither.h"
#include "sim/io/file.h"
#include "sim/testing/run_support.h"

namespace ep::sim {
namespace {

using ::testing::HasSubstr;

class ReplayTest : public ::testing::Test {
 protected:
  // The sample at place 40 of the order of epoch 1 differs, in a machine that has run `after`.
  Replay Find(int after) {
    const std::unique_ptr<Machine> good = run_.MakeMachine();
    Trainer trainer(run_.experiment, run_.dataset, *good, std::nullopt, std::nullopt, {}, {});
    failed_ = {.mode = Mode::kTrain,
               .epoch = 1,
               .learning_rate = 8,
               .index = 40,
               .random = run_.experiment.network.stochastic ? kWord : 0,
               .base = trainer.CurrentWeights()};
    trainer.RunEpoch();
    order_ = trainer.Order();
    const int code = run_.dataset.train.At(order_[40]).codes[0];
    return FindReplay(
        failed_, run_.dataset.train, order_, [&] { return run_.MakeMachine(); },
        [&] { return std::make_unique<FaultyMachine>(run_.MakeMachine(), code, after); });
  }

  static constexpr std::uint32_t kWord = 123456789;
  SmallRun run_;
  FailedSample failed_;
  std::vector<std::uint32_t> order_;
};

TEST_F(ReplayTest, OneSampleIsEnoughWhenItDiffersAlone) {
  const Replay replay = Find(0);
  EXPECT_TRUE(replay.reproduced);
  ASSERT_EQ(replay.samples.Count(), 1);
  // The weights are those before it.
  const std::unique_ptr<Machine> machine = run_.MakeMachine();
  machine->LoadWeights(failed_.base);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 40; ++i) {
    const Sample sample = run_.dataset.train.At(order_[i]);
    machine->Run(Mode::kTrain, {&sample, 1}, 8, outcomes);
  }
  EXPECT_EQ(replay.weights, machine->ReadWeights());
}

// Each sample comes back with its random number: 40 further than the first of the epoch.
TEST_F(ReplayTest, RandomNumbersComeAlong) {
  run_.experiment.network.stochastic = true;
  const Replay replay = Find(0);
  ASSERT_EQ(replay.samples.Count(), 1);
  EXPECT_EQ(replay.random, Dither::After(kWord, 40));
  const std::unique_ptr<Machine> machine = run_.MakeMachine();
  machine->LoadWeights(failed_.base);
  std::vector<Outcome> outcomes;
  for (int i = 0; i < 40; ++i) {
    Sample sample = run_.dataset.train.At(order_[i]);
    sample.random = Dither::After(kWord, i);
    machine->Run(Mode::kTrain, {&sample, 1}, 8, outcomes);
  }
  EXPECT_EQ(replay.weights, machine->ReadWeights());
  const std::filesystem::path folder = run_.Folder() / "replay";
  WriteReplay(folder, run_.experiment, replay);
  EXPECT_EQ(ReadReplay(folder, run_.experiment).random, replay.random);
}

TEST_F(ReplayTest, EarlierSamplesComeAlongWhereTheyMatter) {
  const Replay replay = Find(10);
  EXPECT_TRUE(replay.reproduced);
  EXPECT_EQ(replay.samples.Count(), 16);
}

TEST_F(ReplayTest, TheWidestWindowIsKeptWhereNothingDiffersAgain) {
  const Replay replay = Find(1000);
  EXPECT_FALSE(replay.reproduced);
  EXPECT_EQ(replay.samples.Count(), 41);  // from the start of the epoch
  EXPECT_EQ(replay.weights, failed_.base);
}

TEST_F(ReplayTest, AFolderReadsBack) {
  Replay replay = Find(10);
  replay.backend = "lockstep";
  replay.text = "neuron 3";
  const std::filesystem::path folder = run_.Folder() / "replay";
  WriteReplay(folder, run_.experiment, replay);
  const Experiment experiment = LoadExperiment(folder / "network.toml");
  const Replay read = ReadReplay(folder, experiment);
  EXPECT_EQ(read.mode, Mode::kTrain);
  EXPECT_EQ(read.learning_rate, 8);
  EXPECT_EQ(read.backend, "lockstep");
  EXPECT_EQ(read.text, "neuron 3");
  EXPECT_EQ(read.index, 40);
  EXPECT_TRUE(read.reproduced);
  EXPECT_EQ(read.samples.codes, replay.samples.codes);
  EXPECT_EQ(read.samples.labels, replay.samples.labels);
  EXPECT_EQ(read.weights, replay.weights);
}

TEST_F(ReplayTest, BrokenFoldersAreNamed) {
  const std::filesystem::path folder = run_.Folder() / "replay";
  WriteReplay(folder, run_.experiment, Find(0));
  const auto error = [&] { return ErrorOf([&] { ReadReplay(folder, run_.experiment); }); };
  EXPECT_EQ(error(), "");
  const std::string good = ReadFile(folder / "sample.json");
  std::string bad = good;
  bad.replace(bad.find("\"codes\": \"") + 10, 2, "zz");
  WriteFile(folder / "sample.json", bad);
  EXPECT_THAT(error(), HasSubstr("sample.json: codes of a sample are not 16 bytes"));
  WriteFile(folder / "sample.json", "{}");
  EXPECT_THAT(error(), HasSubstr("is not the sample of a replay"));
  std::filesystem::remove(folder / "sample.json");
  EXPECT_THAT(error(), HasSubstr("cannot read"));
}

}  // namespace
}  // namespace ep::sim
