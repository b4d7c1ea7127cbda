// SPDX-License-Identifier: Apache-2.0

#include "sim/run/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/io/file.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::HasSubstr;

RunResult Result(const std::string& backend) {
  RunResult result{.network = "net", .seed = 3, .backend = backend};
  for (int epoch = 1; epoch <= 2; ++epoch) {
    result.epochs.push_back(
        {.epoch = epoch, .correct = 90 + epoch, .tested = 100, .weights_hash = "0123"});
    result.epochs.back().counters.sweeps_free = 7;
    result.epochs.back().counters.digits = backend == "plain" ? 0 : 11;
    result.epochs.back().counters.cycles_learn = backend == "rtl" ? 13 : 0;
  }
  return result;
}

std::string Difference(const RunResult& a, const RunResult& b) {
  return CompareRuns(a, "a", b, "b");
}

TEST(CompareTest, CountersOfOneBackendAloneAreLeftOut) {
  EXPECT_EQ(Difference(Result("fast"), Result("rtl")), "");
  EXPECT_EQ(Difference(Result("plain"), Result("rtl")), "");
}

TEST(CompareTest, TheFirstDifferenceIsNamed) {
  RunResult other = Result("golden");
  other.epochs[1].counters.digits = 12;
  EXPECT_EQ(Difference(Result("fast"), other), "epoch 2: digits is 11 with a, 12 with b");
  EXPECT_EQ(Difference(Result("plain"), other), "");
  other.epochs[1].correct = 1;
  EXPECT_EQ(Difference(Result("fast"), other), "epoch 2: correct is 92 with a, 1 with b");
  other.epochs[0].weights_hash = "4567";
  EXPECT_EQ(Difference(Result("fast"), other), "epoch 1: weights_hash is 0123 with a, 4567 with b");
  other.seed = 4;
  EXPECT_EQ(Difference(Result("fast"), other), "run: seed is 3 with a, 4 with b");
}

TEST(CompareTest, CyclesOfTwoRunsInRtlAreCompared) {
  RunResult other = Result("rtl");
  other.epochs[0].counters.cycles_learn = 14;
  EXPECT_EQ(Difference(Result("rtl"), other), "epoch 1: cycles_learn is 13 with a, 14 with b");
}

TEST(ResultTest, JsonReadsBackAndHasTheFieldsOfTheContract) {
  const TempFolder folder;
  const nlohmann::ordered_json json = ResultToJson(Result("rtl"));
  for (const char* key : {"network", "seed", "backend", "seconds", "versions", "epochs"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["epochs"][0]["test_accuracy"], 91.0);
  EXPECT_EQ(json["epochs"][0]["counters"]["cycles_learn"], 13);
  WriteFile(folder / "x.json", json.dump());
  EXPECT_EQ(Difference(ReadResult(folder / "x.json"), Result("rtl")), "");
}

TEST(ResultTest, OtherFilesAreRefused) {
  const TempFolder folder;
  const auto error = [&](const std::string& text) {
    WriteFile(folder / "x.json", text);
    return ErrorOf([&] { ReadResult(folder / "x.json"); });
  };
  EXPECT_THAT(error("not json"), HasSubstr("x.json is not a result of --json"));
  EXPECT_THAT(error("{\"network\": 3}"), HasSubstr("x.json is not a result of --json"));
  std::string text = ResultToJson(Result("rtl")).dump();
  text.replace(text.find("sweeps_plus"), 11, "sweeps_plug");
  EXPECT_THAT(error(text), HasSubstr("sweeps_plus"));
}

}  // namespace
}  // namespace ep::sim
