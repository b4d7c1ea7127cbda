// SPDX-License-Identifier: Apache-2.0

#include "sim/cli/divergence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "sim/cli/commands.h"
#include "sim/run/trainer.h"
#include "sim/testing/run_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DivergenceTest : public ::testing::Test {
 protected:
  DivergenceTest() : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(run_.Folder().Path());
  }
  ~DivergenceTest() override { std::filesystem::current_path(before_); }

  std::filesystem::path before_;
  SmallRun run_;
};

// The machine that differed is not the one that is asked again: the widest window is kept, and the
// folder can be run on any backend.
TEST_F(DivergenceTest, TheSampleIsKeptAndCanBeReplayed) {
  const int code = run_.dataset.train.At(5).codes[0];
  FaultyMachine machine(run_.MakeMachine(), code, 0);
  Trainer trainer(run_.experiment, run_.dataset, machine, std::nullopt, std::nullopt, {}, {});
  std::ostringstream out;
  std::ostringstream err;
  const Console console{.out = out, .err = err, .args = {"equispin"}};
  Progress progress(err, false);
  try {
    trainer.RunEpoch();
    FAIL() << "no difference";
  } catch (const Divergence& divergence) {
    ReportDivergence(divergence, *trainer.Failed(), run_.experiment, "plain", run_.dataset.train,
                     trainer.Order(), console, progress);
  }
  EXPECT_THAT(err.str(), AllOf(HasSubstr("epoch 1, training: neuron 3 is 1, not 2"),
                               HasSubstr("do not differ again alone"),
                               HasSubstr("replay with: equispin replay replay/small-train-1-"),
                               HasSubstr("make waves NET=replay/small-train-1-")));
  const std::string folder = (*std::filesystem::directory_iterator("replay")).path().string();
  const Console again{.out = out, .err = err, .args = {"equispin", "replay", folder}};
  EXPECT_EQ(RunProgram(again), kOk) << err.str();
  EXPECT_THAT(out.str(), AllOf(HasSubstr("on plain, epoch 1"), HasSubstr("no difference")));
}

TEST_F(DivergenceTest, ADifferenceInATestKeepsTheTestedWeights) {
  std::ostringstream out;
  std::ostringstream err;
  const Console console{.out = out, .err = err, .args = {"equispin"}};
  Progress progress(err, false);
  const std::unique_ptr<Machine> machine = run_.MakeMachine();
  const Trainer trainer(run_.experiment, run_.dataset, *machine, std::nullopt, std::nullopt, {},
                        {});
  const FailedSample failed{
      .mode = Mode::kInfer, .index = 7, .base_index = 7, .base = trainer.CurrentWeights()};
  ReportDivergence(Divergence("row 3"), failed, run_.experiment, "plain", run_.dataset.test, {},
                   console, progress);
  EXPECT_THAT(err.str(), HasSubstr("replay/small-test-0-7"));
  EXPECT_TRUE(std::filesystem::exists("replay/small-test-0-7/w1.npy"));
}

}  // namespace
}  // namespace ep::sim
