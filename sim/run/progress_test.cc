// SPDX-License-Identifier: Apache-2.0

#include "sim/run/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace ep::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ChunkReport Chunk(std::int64_t position, double seconds) {
  return {.mode = Mode::kTrain,
          .position = position,
          .end = 1000,
          .chunk = 100,
          .correct = 90,
          .seconds = seconds};
}

TEST(ProgressTest, ATerminalGetsABarWithAccuracySpeedAndTimeLeft) {
  std::ostringstream stream;
  Progress progress(stream, true);
  progress.Plan(2, 1000, 0);
  progress.StartEpoch(1);
  progress.OnChunk(Chunk(500, 1.0));
  EXPECT_EQ(stream.str(),
            "\r\x1b[Kepoch 1/2 train [######......]  50 %, 90.00 % correct, 100/s, 0:15 left");
  progress.Line("text");
  EXPECT_THAT(stream.str(), ::testing::EndsWith("\r\x1b[Ktext\n"));
}

TEST(ProgressTest, ALineFitsAnOrdinaryTerminal) {
  std::ostringstream stream;
  Progress progress(stream, true);
  progress.Plan(10, 60000, 10000);
  progress.StartEpoch(10);
  progress.OnChunk({.mode = Mode::kTrain,
                    .position = 1,
                    .end = 60000,
                    .chunk = 1000000,
                    .correct = 1000000,
                    .seconds = 0.9});
  EXPECT_LE(stream.str().size(), 4U + 79U);
}

TEST(ProgressTest, OtherPlacesGetALineNowAndThen) {
  std::ostringstream stream;
  Progress progress(stream, false);
  progress.Plan(2, 1000, 0);
  progress.StartEpoch(1);
  progress.OnChunk(Chunk(100, 6));
  EXPECT_EQ(stream.str(), "");
  progress.OnChunk(Chunk(200, 6));
  EXPECT_THAT(stream.str(), HasSubstr("epoch 1/2 train  20 %, 90.00 % correct, 16.7 samples/s"));
  EXPECT_THAT(stream.str(), Not(HasSubstr("\r")));
}

TEST(ProgressTest, ATestHasAnAccuracyOfItsOwn) {
  std::ostringstream stream;
  Progress progress(stream, true);
  progress.Plan(0, 0, 1000);
  progress.OnChunk(Chunk(100, 1));
  ChunkReport test = Chunk(100, 1);
  test.mode = Mode::kInfer;
  test.correct = 50;
  progress.OnChunk(test);
  EXPECT_THAT(stream.str(), HasSubstr("test  [#...........]  10 %, 50.00 % correct"));
}

TEST(ProgressTest, ClocksReadAsPeopleWriteThem) {
  EXPECT_EQ(ClockText(0), "0:00");
  EXPECT_EQ(ClockText(59.2), "1:00");
  EXPECT_EQ(ClockText(754), "12:34");
  EXPECT_EQ(ClockText(3723), "1:02:03");
}

}  // namespace
}  // namespace ep::sim
