// SPDX-License-Identifier: Apache-2.0
//
// Sweeps of the small network, through the command line.

#include "sim/sweep/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "sim/cli/commands.h"
#include "sim/run/result.h"
#include "sim/sweep/table.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SweepTest : public ::testing::Test {
 protected:
  SweepTest() {
    PutSmallIdx(folder_.Path() / "idx");
    Put(folder_ / "small.toml", SmallNetwork("idx"));
    Put(grid_, kGrid);
  }

  int Call(std::vector<std::string> args) {
    args.insert(args.begin(), "equispin");
    std::ostringstream out;
    std::ostringstream err;
    const int code = RunProgram({.out = out, .err = err, .args = args});
    out_ = out.str();
    err_ = err.str();
    return code;
  }

  // The table without the columns that time has made.
  std::vector<std::vector<std::string>> Table(const std::string& file) const {
    std::vector<std::vector<std::string>> rows;
    std::istringstream lines(Get(file));
    for (std::string line; std::getline(lines, line);) {
      std::vector<std::string> fields;
      std::istringstream parts(line);
      for (std::string field; std::getline(parts, field, ',');) fields.push_back(field);
      rows.push_back(fields);
    }
    const auto seconds = std::ranges::find(rows.at(0), "seconds") - rows.at(0).begin();
    for (auto& row : rows) row.erase(row.begin() + seconds);
    return rows;
  }

  static constexpr char kGrid[] =
      "networks = [\"small.toml\"]\nseeds = [1, 2, 3]\nvalidation = 15\n"
      "[options]\nnetwork.error_gate = [0, 60]\nnetwork.nudge_shift = [0]\n";
  TempFolder folder_;
  std::string grid_ = folder_ / "gate.toml";
  std::string out_;
  std::string err_;
};

TEST_F(SweepTest, AnyNumberOfJobsGivesTheTableOfSingleRuns) {
  EXPECT_EQ(Call({"sweep", grid_, "--out", folder_ / "one", "--jobs", "1"}), 0) << err_;
  EXPECT_EQ(Call({"sweep", grid_, "--out", folder_ / "many", "--jobs", "4"}), 0) << err_;
  const auto table = Table(folder_ / "one/results.csv");
  EXPECT_EQ(table, Table(folder_ / "many/results.csv"));
  ASSERT_EQ(table.size(), 7U);
  const auto column = [&](const std::string& name) {
    return std::ranges::find(table[0], name) - table[0].begin();
  };
  // Run 5 by itself, as `equispin train`.
  EXPECT_EQ(Call({"train", folder_ / "small.toml", "--seed", "2", "--set", "network.error_gate=60",
                  "--set", "network.nudge_shift=0", "--validation", "15", "--json", "-"}),
            0)
      << err_;
  const auto json = nlohmann::json::parse(out_);
  const auto& last = json["epochs"][2];
  EXPECT_EQ(json["validation"], 15);
  EXPECT_EQ(last["tested"], 15);
  EXPECT_EQ(table[5][column("weights_hash")], last["weights_hash"].get<std::string>());
  EXPECT_EQ(table[5][column("correct")], std::to_string(last["correct"].get<int>()));
  EXPECT_EQ(table[5][column("seed")], "2");
  EXPECT_EQ(table[5][column("network.error_gate")], "60");
  EXPECT_EQ(table[5][column("evaluated")], "validation");
  EXPECT_EQ(table[5][column("samples")], "135");  // three epochs of 45
  EXPECT_EQ(table[5][column("configuration_runs")], "3");
}

TEST_F(SweepTest, WhatIsDoneIsNotRunAgain) {
  const std::string out = folder_ / "out";
  EXPECT_EQ(Call({"sweep", grid_, "--out", out}), 0);
  const std::string table = Get(out + "/results.csv");
  EXPECT_EQ(Call({"sweep", grid_, "--out", out}), 0);
  EXPECT_THAT(err_, AllOf(HasSubstr("6 of 6 runs were done before"), Not(HasSubstr("run 1 of"))));
  EXPECT_EQ(Get(out + "/results.csv"), table);  // seconds too
  // Another gate is other runs; those with a gate of 60 are the same.
  Put(grid_, std::string(kGrid).replace(std::string(kGrid).find("[0, 60]"), 7, "[60, 9]"));
  EXPECT_EQ(Call({"sweep", grid_, "--out", out}), 0);
  EXPECT_THAT(err_, AllOf(HasSubstr("3 of 6 runs were done before"), HasSubstr("run 4 of 6"),
                          Not(HasSubstr("run 3 of 6"))));
  // So is another set of held-out images.
  Put(grid_, std::string(kGrid).replace(std::string(kGrid).find("= 15"), 4, "= 16"));
  EXPECT_EQ(Call({"sweep", grid_, "--out", out, "--list"}), 0);
  EXPECT_EQ(out_.find("correct"), std::string::npos);
  EXPECT_THAT(out_, HasSubstr("6  "));
  EXPECT_THAT(out_, Not(HasSubstr("validation")));
}

TEST_F(SweepTest, OneRunOfAnArrayAndThenTheTable) {
  const std::string out = folder_ / "out";
  for (const char* number : {"2", "4"}) {
    EXPECT_EQ(Call({"sweep", grid_, "--out", out, "--only", number}), 0) << err_;
    EXPECT_FALSE(std::filesystem::exists(out + "/results.csv"));
  }
  EXPECT_EQ(Call({"sweep", grid_, "--out", out}), 0);
  EXPECT_THAT(err_, AllOf(HasSubstr("2 of 6 runs were done before"), HasSubstr("run 1 of 6"),
                          Not(HasSubstr("run 2 of 6"))));
  const std::string script = folder_ / "array.sh";
  EXPECT_EQ(Call({"sweep", grid_, "--out", out, "--slurm", script}), 0);
  EXPECT_THAT(Get(script), AllOf(StartsWith("#!/bin/bash\n"), HasSubstr("#SBATCH --array=1-6\n"),
                                 HasSubstr("--only \"$SLURM_ARRAY_TASK_ID\"")));
}

// Stopped before every chunk: each call finishes nothing or a part, and the end is the same.
TEST_F(SweepTest, AStoppedSweepGoesOnToTheSameBits) {
  EXPECT_EQ(Call({"sweep", grid_, "--out", folder_ / "whole"}), 0);
  const std::filesystem::path parts = folder_ / "parts";
  int stops = 0;
  for (bool ended = false; !ended && stops < 1000; ++stops) {
    Sweep sweep(LoadGrid(grid_), parts, "");
    int asked = 0;
    ended =
        sweep.Run({}, 1, [&] { return ++asked > 3; }, [](const SweepRun&) {}, [](double, int) {});
  }
  EXPECT_GT(stops, 6);
  EXPECT_EQ(Call({"sweep", grid_, "--out", parts.string()}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("6 of 6 runs were done before"));
  EXPECT_EQ(Table(folder_ / "whole/results.csv"), Table((parts / "results.csv").string()));
  for (const auto& entry : std::filesystem::directory_iterator(parts / "runs")) {
    EXPECT_EQ(entry.path().extension(), ".json");
  }
}

TEST_F(SweepTest, FaultsAreToldBeforeAnythingRuns) {
  const auto expect = [&](const std::string& grid, const std::string& text) {
    Put(grid_, grid);
    EXPECT_EQ(Call({"sweep", grid_, "--out", folder_ / "out"}), kBadInput) << text;
    EXPECT_THAT(err_, AllOf(StartsWith("equispin: "), HasSubstr(text)));
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
  };
  const std::string one = "networks = [\"small.toml\"]\n";
  expect(one + "[options]\nnetwork.error_gate = [0, 300]\n",
         "gate.toml: run 2: " + folder_ / "small.toml" + ": network.error_gate is 300: must be");
  expect(one + "[options]\nnetwork.eror_gate = [0]\n", "network.eror_gate is not a key");
  expect(one + "[options]\nprojection.2.learn = [true]\n", "has no projection 2: there are 2");
  expect(one + "backends = [\"slow\"]\n", "--backend is slow: must be one of");
  expect(one + "validation = 60\n", "data.validation is 60, but there are 60 training images");
  expect("networks = [\"none\"]\n", "none is neither a file nor a network");
  EXPECT_EQ(Call({"sweep", "none"}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("none is neither a file nor a grid of studies"));
  Put(grid_, one);
  EXPECT_EQ(Call({"sweep", grid_, "--out", folder_ / "out", "--only", "2"}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("--only is 2: gate has runs 1..1"));
}

TEST_F(SweepTest, ADamagedResultIsNotBelieved) {
  const std::string out = folder_ / "out";
  EXPECT_EQ(Call({"sweep", grid_, "--out", out}), 0);
  const auto first = std::filesystem::directory_iterator(out + "/runs")->path();
  Put(first.string(), Get(first.string()).substr(0, 100));
  EXPECT_EQ(Call({"sweep", grid_, "--out", out}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("is damaged, or of another run: remove it"));
}

TEST(SpreadTest, MeanAndDeviationOfASample) {
  const Spread spread = SpreadOf({97, 98, 99.5});
  EXPECT_EQ(spread.runs, 3);
  EXPECT_NEAR(spread.mean, 98.1667, 1e-4);
  EXPECT_NEAR(spread.deviation, 1.2583, 1e-4);
  EXPECT_EQ(spread.lowest, 97);
  EXPECT_EQ(spread.highest, 99.5);
  EXPECT_EQ(SpreadOf({98}).deviation, 0);
  EXPECT_EQ(SpreadOf({}).runs, 0);
}

}  // namespace
}  // namespace ep::sim
