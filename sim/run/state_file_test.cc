// SPDX-License-Identifier: Apache-2.0

#include "sim/run/state_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/testing/run_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class StateFileTest : public ::testing::Test {
 protected:
  StateFileTest() {
    std::mt19937 random(3);
    state_.identity = MakeIdentity(run_.experiment, "12345678");
    state_.backend = "golden";
    state_.seed = 4000000000U;
    state_.train_samples = 60;
    state_.test_samples = 20;
    state_.learning_rates = {8, 4};
    state_.finished = {{.epoch = 1, .correct = 17, .tested = 20, .weights_hash = "abc"}};
    state_.finished[0].counters.digits = 1ULL << 60;
    state_.position = 33;
    state_.counters.samples = 33;
    state_.seconds = 1.25;
    state_.weights = InitialWeights(run_.experiment.network, 127, random);
  }

  std::string ReadError() {
    return ErrorOf([&] { ReadState(file_, run_.experiment.network); });
  }

  SmallRun run_;
  RunState state_;
  std::string file_ = run_.Folder() / "x.state";
};

TEST_F(StateFileTest, EverythingReadsBack) {
  WriteState(file_, state_);
  const RunState read = ReadState(file_, run_.experiment.network);
  EXPECT_EQ(read.identity, state_.identity);
  EXPECT_EQ(read.backend, "golden");
  EXPECT_EQ(read.seed, 4000000000U);
  EXPECT_EQ(read.train_samples, 60);
  EXPECT_EQ(read.test_samples, 20);
  EXPECT_EQ(read.learning_rates, state_.learning_rates);
  ASSERT_EQ(read.finished.size(), 1U);
  EXPECT_EQ(read.finished[0].correct, 17);
  EXPECT_EQ(read.finished[0].counters.digits, 1ULL << 60);
  EXPECT_EQ(read.position, 33);
  EXPECT_EQ(read.counters.samples, 33U);
  EXPECT_EQ(read.seconds, 1.25);
  EXPECT_EQ(read.weights, state_.weights);
}

TEST_F(StateFileTest, ADamagedBitOrAMissingByteIsFound) {
  WriteState(file_, state_);
  const std::string good = Get(file_);
  for (std::size_t at = 20; at < good.size(); at += 97) {
    std::string bad = good;
    bad[at] ^= 1;
    Put(file_, bad);
    EXPECT_THAT(ReadError(), HasSubstr("truncated or damaged")) << at;
    Put(file_, good.substr(0, at));
    EXPECT_THAT(ReadError(), HasSubstr("truncated or damaged")) << at;
  }
}

TEST_F(StateFileTest, OtherFilesAndVersionsAreRefused) {
  Put(file_, "something else\n");
  EXPECT_THAT(ReadError(), HasSubstr("is not a saved state"));
  Put(file_, "");
  EXPECT_THAT(ReadError(), HasSubstr("is not a saved state"));
  Put(file_, "EQUISPIN-STATE 99\n");
  EXPECT_THAT(ReadError(), HasSubstr("state format is '99': this program reads 1"));
}

TEST_F(StateFileTest, TheWeightsFitTheNetwork) {
  WriteState(file_, state_);
  run_.experiment.network.populations[1] = 13;
  EXPECT_THAT(ReadError(), HasSubstr("holds 228 weights, but the network has 247"));
}

TEST_F(StateFileTest, WhateverChangedIsNamed) {
  const auto error = [&](const Experiment& now, const std::string& checksum) {
    return ErrorOf([&] { CheckIdentity(state_.identity, MakeIdentity(now, checksum), "f"); });
  };
  EXPECT_EQ(error(run_.experiment, "12345678"), "");
  EXPECT_THAT(error(run_.experiment, "87654321"), HasSubstr("checksum of the data"));
  Experiment other = run_.experiment;
  other.network.error_gate = 7;
  EXPECT_THAT(error(other, "12345678"),
              AllOf(HasSubstr("f: network.error_gate is 0 in the state, but 7 now"),
                    HasSubstr("continue with the network")));
  other = run_.experiment;
  other.network.projections[1].learn = false;
  EXPECT_THAT(error(other, "12345678"), HasSubstr("projection 1: learn is true"));
  other = run_.experiment;
  other.hardware.lanes = 64;
  EXPECT_THAT(error(other, "12345678"), HasSubstr("hardware.lanes is 32"));
}

}  // namespace
}  // namespace ep::sim
