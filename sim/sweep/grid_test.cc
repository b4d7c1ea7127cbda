// SPDX-License-Identifier: Apache-2.0

#include "sim/sweep/grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Grid Parse(const std::string& text) { return ParseGrid(text, "some/gate.toml"); }
std::string ParseError(const std::string& text) {
  return ErrorOf([&] { Parse(text); });
}

std::string Shown(const Configuration& configuration) {
  std::string text;
  for (const Setting& setting : configuration.settings) {
    text += setting.key + "=" + setting.value + ";";
  }
  return text;
}

TEST(GridTest, OneNetworkIsOneRunWithItsOwnSeed) {
  const Grid grid = Parse("networks = [\"mnist-256\"]\n");
  EXPECT_EQ(grid.name, "gate");
  EXPECT_EQ(grid.validation, 0);
  ASSERT_EQ(grid.runs.size(), 1U);
  EXPECT_FALSE(grid.runs[0].seed);
  ASSERT_EQ(grid.configurations.size(), 1U);
  EXPECT_EQ(grid.configurations[0].network, "mnist-256");
  EXPECT_EQ(grid.configurations[0].backend, "fast");
  EXPECT_EQ(grid.configurations[0].device, "");
  EXPECT_EQ(Shown(grid.configurations[0]), "");
}

TEST(GridTest, AllCombinationsTheLastFastest) {
  const Grid grid = Parse(R"(
name = "x"
networks = ["a", "b"]
backends = ["fast", "plain"]
seeds = [7, 4294967295]
validation = 100
[options]
network.error_gate = [0, 50]
training.learning_rate = [[16, 8], [4]]
)");
  EXPECT_EQ(grid.name, "x");
  EXPECT_EQ(grid.validation, 100);
  ASSERT_EQ(grid.configurations.size(), 16U);
  ASSERT_EQ(grid.runs.size(), 32U);
  EXPECT_EQ(Shown(grid.configurations[0]), "network.error_gate=0;training.learning_rate=[16, 8];");
  EXPECT_EQ(grid.configurations[1].backend, "plain");
  EXPECT_EQ(Shown(grid.configurations[2]), "network.error_gate=0;training.learning_rate=[4];");
  EXPECT_EQ(Shown(grid.configurations[4]), "network.error_gate=50;training.learning_rate=[16, 8];");
  EXPECT_EQ(grid.configurations[8].network, "b");
  EXPECT_EQ(grid.runs[1].seed, 4294967295U);
  EXPECT_EQ(grid.runs[2].configuration, 1);
  EXPECT_THAT(grid.Keys(), ElementsAre("network.error_gate", "training.learning_rate"));
}

TEST(GridTest, CasesHoldValuesTogether) {
  const Grid grid = Parse(R"(
networks = ["a"]
[options]
projection.1.gain_shift = [9, 10]
[[case]]
name = "wide"
network.populations = [196, 512, 10]
data.set = "mnist"
projection.0.learn = false
[[case]]
)");
  ASSERT_EQ(grid.configurations.size(), 4U);
  EXPECT_EQ(grid.configurations[0].label, "wide");
  EXPECT_THAT(Shown(grid.configurations[0]), AllOf(HasSubstr("network.populations=[196, 512, 10];"),
                                                   HasSubstr("projection.0.learn=false;"),
                                                   HasSubstr("projection.1.gain_shift=9;")));
  EXPECT_THAT(Shown(grid.configurations[0]), testing::ContainsRegex("data.set=[\"']mnist[\"'];"));
  EXPECT_EQ(grid.configurations[2].label, "2");
  EXPECT_EQ(Shown(grid.configurations[3]), "projection.1.gain_shift=10;");
}

TEST(GridTest, FaultsNameFileLineAndRemedy) {
  EXPECT_THAT(ParseError(""),
              HasSubstr("some/gate.toml:1: networks is missing: name at least one"));
  EXPECT_THAT(ParseError("networks = \"a\"\n"),
              HasSubstr("some/gate.toml:1: networks must be a list of texts"));
  EXPECT_THAT(ParseError("networks = [1]\n"), HasSubstr("must be a list of texts"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\nseeds = [1, -1]\n"),
              HasSubstr(":2: seeds has -1: must be integers 0..4294967295"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\nseeds = [2, 2]\n"), HasSubstr("seeds has 2 twice"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\nseeds = []\n"), HasSubstr("seeds must be a list"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\n[options]\nnetwork.error_gate = 3\n"),
              HasSubstr(":3: options.network.error_gate must be the list of its values, such as "
                        "[3]"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\nseed = 3\n"), HasSubstr(":2: seed is not a key"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\nname = \"a/b\"\n"), HasSubstr("name is a/b"));
  EXPECT_THAT(ParseError("networks = [\n"), HasSubstr("not TOML"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\n[[case]]\nname = \"x\"\n[[case]]\nname = \"x\"\n"),
              HasSubstr("two cases are called x"));
  EXPECT_THAT(ParseError("networks = [\"a\"]\n[options]\na.b = [1]\n[[case]]\na.b = 2\n"),
              HasSubstr("a.b stands in options and in case 1: leave one out"));
}

}  // namespace
}  // namespace ep::sim
