// SPDX-License-Identifier: Apache-2.0

#include "sim/config/experiment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/dataset/locate.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMinimal[] =
    "[network]\npopulations = [64, 128, 10]\n[[projection]]\n[[projection]]\n";

std::string ParseError(const std::string& text) {
  return ErrorOf([&] { ParseExperiment(text, "some/net.toml"); });
}

TEST(ExperimentTest, EveryOtherKeyHasADefault) {
  const Experiment experiment = ParseExperiment(kMinimal, "some/net.toml");
  const Network& network = experiment.network;
  EXPECT_EQ(network.name, "net");
  EXPECT_THAT(network.populations, ElementsAre(64, 128, 10));
  ASSERT_EQ(network.projections.size(), 2U);
  EXPECT_EQ(network.projections[1].a, 1);
  EXPECT_EQ(network.projections[1].b, 2);
  EXPECT_EQ(network.projections[1].gain_shift, 8);
  EXPECT_EQ(network.projections[1].learning_shift, 15);
  EXPECT_TRUE(network.projections[1].learn);
  EXPECT_EQ(network.free_sweeps, 4);
  EXPECT_EQ(network.nudged_sweeps, 4);
  EXPECT_EQ(network.nudge_shift, 1);
  EXPECT_EQ(network.error_gate, 0);
  EXPECT_EQ(network.pixel_bits, 8);
  EXPECT_EQ(experiment.data.set, "digits");
  EXPECT_EQ(experiment.data.pool, 1);
  EXPECT_EQ(experiment.training.weight_init, 38);
  EXPECT_EQ(experiment.training.epochs, 10);
  EXPECT_EQ(experiment.training.seed, 1U);
  EXPECT_EQ(experiment.hardware.lanes, 32);
}

TEST(ExperimentTest, EveryKeyIsRead) {
  const Experiment experiment = ParseExperiment(R"(
name = "x-1"
[data]
set = "mnist"
pool = 2
pixel_bits = 4
[network]
populations = [196, 20, 12, 10]
free_sweeps = 255
nudged_sweeps = 7
nudge_shift = 3
error_gate = 256
weight_init = 20
[[projection]]
between = [0, 2]
gain_shift = 15
learning_shift = 21
learn = false
[[projection]]
between = [0, 1]
gain_shift = 14
[[projection]]
between = [1, 3]
gain_shift = 13
[training]
epochs = 2
learning_rate = [31, 0]
seed = 4294967295
train_samples = 100
test_samples = 50
[hardware]
lanes = 64
neuron_lanes = 16
multipliers = 4
weight_bits = 6
max_inputs = 200
max_states = 300
max_populations = 4
max_projections = 3
array_rows = 1000
sum_bits = 40
)",
                                                "a/b.toml");
  const Network& network = experiment.network;
  EXPECT_EQ(network.name, "x-1");
  EXPECT_EQ(network.projections[0].b, 2);
  EXPECT_FALSE(network.projections[0].learn);
  EXPECT_EQ(network.projections[0].learning_shift, 21);
  EXPECT_EQ(network.projections[2].gain_shift, 13);
  EXPECT_EQ(network.error_gate, 256);
  EXPECT_EQ(network.weight_bits, 6);
  EXPECT_EQ(experiment.training.seed, 4294967295U);
  EXPECT_EQ(experiment.training.LearningRate(1), 31);
  EXPECT_EQ(experiment.training.LearningRate(2), 0);
  EXPECT_EQ(experiment.training.LearningRate(9), 0);  // the last one stays
  EXPECT_EQ(experiment.training.train_samples, 100);
  EXPECT_EQ(experiment.training.test_samples, 50);
  EXPECT_EQ(experiment.hardware.multipliers, 4);
  EXPECT_EQ(experiment.hardware.sum_bits, 40);
}

TEST(ExperimentTest, AFolderOfDataIsRelativeToTheFile) {
  const std::string text = std::string("[data]\nset = \"idx\"\n") + kMinimal;
  EXPECT_EQ(ParseExperiment(text, "some/net.toml").data.set, "some/idx");
}

TEST(ExperimentTest, UnknownKeysNameFileLineAndKey) {
  EXPECT_THAT(ParseError(std::string(kMinimal) + "[training]\nmomentum = 1\n"),
              AllOf(HasSubstr("some/net.toml:6:"), HasSubstr("training.momentum is not a key"),
                    HasSubstr("learning_rate")));
  EXPECT_THAT(ParseError("[netwrok]\n" + std::string(kMinimal)),
              AllOf(HasSubstr(":1: netwrok is not a key"), HasSubstr("network")));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "gian_shift = 3\n"),
              HasSubstr(":5: projection 1.gian_shift is not a key"));
}

TEST(ExperimentTest, EveryKeyIsInTheHelp) {
  // The message for an unknown key lists those that are known.
  for (const char* table : {"data", "training", "hardware", "array"}) {
    const std::string error = ParseError(std::string(kMinimal) + "[" + table + "]\nunknown = 1\n");
    std::string known = error.substr(error.find("known here are ") + 15) + ", ";
    while (!known.empty()) {
      const std::string key = known.substr(0, known.find(", "));
      EXPECT_THAT(std::string(ExperimentKeys()), HasSubstr("\n    " + key + " "));
      known.erase(0, key.size() + 2);
    }
  }
}

TEST(ExperimentTest, ArrayAccessIsReadAndTheLastStepStays) {
  EXPECT_EQ(ParseExperiment(kMinimal, "net.toml").network.array, ArrayAccess{});
  const ArrayAccess array = ParseExperiment(std::string(kMinimal) + R"([array]
precharge = 1
sense = 2
late = "vote-always"
re_reads = 15
verify = true
self_timed = true
shrink = true
shots = 4
pulse = 300
set_levels = [1, 2, 7]
set_lengths = [3]
reset_lengths = [1, 2, 3, 4, 5, 6, 7, 15]
spare = [17, 0]
)",
                                            "net.toml")
                                .network.array;
  ArrayAccess expected{.precharge = 1,
                       .sense = 2,
                       .late = LatePolicy::kVoteAlways,
                       .re_reads = 15,
                       .verify = true,
                       .self_timed = true,
                       .shrink = true,
                       .shots = 4,
                       .pulse = 300,
                       .spare = {17, 0}};
  for (int i = 0; i < ArrayAccess::kShots; ++i) {
    expected.set[i] = {.level = i == 0 ? 1 : i == 1 ? 2 : 7, .length = 3};
    expected.reset[i] = {.level = 0, .length = i == 7 ? 15 : i + 1};
  }
  EXPECT_EQ(array, expected);
}

TEST(ExperimentTest, ArrayFaultsNameFileLineAndKey) {
  const auto with = [](const std::string& line) {
    return ParseError(std::string(kMinimal) + "[array]\n" + line + "\n");
  };
  EXPECT_THAT(with("late = \"often\""),
              HasSubstr(":6: array.late is often: must be keep, re-read, vote or vote-always"));
  EXPECT_THAT(with("shots = 16"), HasSubstr(":6: array.shots is 16: must be an integer 1..15"));
  EXPECT_THAT(with("set_levels = [8]"), HasSubstr("array.set_levels"));
  EXPECT_THAT(with("reset_lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9]"),
              HasSubstr(":6: array.reset_lengths has 9 entries: must be 1..8"));
}

TEST(ExperimentTest, WrongTypesAndRangesNameValueAndRemedy) {
  const auto with = [](const std::string& line) {
    return ParseError("[network]\npopulations = [64, 10]\n" + line + "\n[[projection]]\n");
  };
  EXPECT_THAT(with("free_sweeps = 0"),
              HasSubstr("some/net.toml:3: network.free_sweeps is 0: must be an integer 1..255"));
  EXPECT_THAT(with("free_sweeps = \"4\""), HasSubstr("must be an integer 1..255"));
  EXPECT_THAT(with("free_sweeps = 4.5"), HasSubstr("network.free_sweeps is 4.5"));
  EXPECT_THAT(with("free_sweeps = 99999999999999999999"), HasSubstr(":3: not TOML"));
  EXPECT_THAT(with("error_gate = [1]"), HasSubstr("network.error_gate is a list"));
  EXPECT_THAT(with("weight_init = 128"), HasSubstr("0..127"));
  EXPECT_THAT(with("rounding = \"up\""),
              HasSubstr("network.rounding is up: must be nearest or stochastic"));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "learn = 1\n"),
              HasSubstr("projection 1.learn is 1: must be true or false"));
  EXPECT_THAT(ParseError("name = \"a/b\"\n" + std::string(kMinimal)), HasSubstr("name is a/b"));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "[training]\nlearning_rate = []\n"),
              HasSubstr("learning_rate is empty"));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "[training]\nlearning_rate = 16\n"),
              HasSubstr("must be a list of integers"));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "[training]\nlearning_rate = [16, 32]\n"),
              HasSubstr("is 32: must be an integer 0..31"));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "between = [0, 1, 2]\n"),
              HasSubstr("must be [a, b]"));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "[data]\nset = 3\n"),
              HasSubstr("data.set is 3: must be a text"));
}

TEST(ExperimentTest, MissingPartsAreNamed) {
  EXPECT_THAT(ParseError("[[projection]]\n"), HasSubstr("network.populations is missing"));
  EXPECT_THAT(ParseError("[network]\npopulations = [64, 10]\n"), HasSubstr("add a [[projection]]"));
  EXPECT_THAT(ParseError("[network]\npopulations = [64, 10]\n[projection]\n"),
              HasSubstr("must be tables, [[projection]]"));
  EXPECT_THAT(ParseError("data = 1\n" + std::string(kMinimal)), HasSubstr("must be a table"));
}

TEST(ExperimentTest, BrokenSyntaxNamesTheLine) {
  EXPECT_THAT(ParseError("[network]\npopulations = [64, \n[[projection]]"),
              AllOf(HasSubstr("some/net.toml:"), HasSubstr("not TOML")));
  EXPECT_THAT(ParseError("[[/projection]]\n"), HasSubstr("some/net.toml:1: not TOML"));
}

TEST(ExperimentTest, WeightInitFitsTheWeightBits) {
  EXPECT_THAT(ParseError(std::string(kMinimal) + "[hardware]\nweight_bits = 6\n"),
              HasSubstr("network.weight_init is 38: must be 0..31 with hardware.weight_bits = 6"));
}

TEST(ExperimentTest, SizesThatDoNotFitTheHardwareAreRefused) {
  EXPECT_THAT(ParseError(std::string(kMinimal) + "[hardware]\nmax_states = 100\n"),
              AllOf(HasSubstr("some/net.toml: "), HasSubstr("max_states >= 160")));
}

TEST(ExperimentTest, AMissingFileIsOneLine) {
  EXPECT_THAT(ErrorOf([] { LoadExperiment("none.toml"); }),
              HasSubstr("cannot read none.toml: No such file"));
}

TEST(ExperimentTest, EveryNetworkOfTheProgramIsLegal) {
  for (const char* name : {"digits-128", "digits-64-32", "mnist-128", "mnist-256", "mnist-512",
                           "mnist-784-256", "mnist-784-1024", "mnist-256-256", "mnist-1024",
                           "mnist-1024-256", "mnist-1024-256-128", "mnist-1024-256-shift"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(LoadExperiment(FindNetwork(name)).network.name, name);
  }
}

TEST(ExperimentTest, SettingsTakeThePlaceOfTheFiles) {
  const Experiment experiment = ParseExperiment(kMinimal, "some/net.toml",
                                                {{"network.error_gate", "100"},
                                                 {"projection.1.gain_shift", "11"},
                                                 {"training.learning_rate", "[3, 2]"},
                                                 {"data.set", "\"mnist\""},
                                                 {"network.error_gate", "90"},
                                                 {"projection.0.learn", "false"}});
  EXPECT_EQ(experiment.network.error_gate, 90);
  EXPECT_EQ(experiment.network.projections[1].gain_shift, 11);
  EXPECT_FALSE(experiment.network.projections[0].learn);
  EXPECT_THAT(experiment.training.learning_rate, ElementsAre(3, 2));
  EXPECT_EQ(experiment.data.set, "mnist");
  // The text is that of the experiment.
  const Experiment again = ParseExperiment(experiment.text, "some/net.toml");
  EXPECT_EQ(again.network.error_gate, 90);
  EXPECT_FALSE(again.network.projections[0].learn);
  EXPECT_EQ(again.network.projections[1].gain_shift, 11);
  EXPECT_THAT(again.network.populations, ElementsAre(64, 128, 10));
}

TEST(ExperimentTest, SettingsThatDoNotFitAreNamed) {
  const auto error = [](const std::string& key, const std::string& value) {
    return ErrorOf([&] { ParseExperiment(kMinimal, "some/net.toml", {{key, value}}); });
  };
  EXPECT_THAT(error("network.error_gate", "300"),
              HasSubstr("some/net.toml: network.error_gate is 300: must be an integer 0..256"));
  EXPECT_THAT(error("network.eror_gate", "3"),
              HasSubstr("some/net.toml: network.eror_gate is not a key: known here are"));
  EXPECT_THAT(error("network.error_gate", "3x"), HasSubstr("= 3x is not a TOML value"));
  EXPECT_THAT(error("network.error_gate", "3\nb = 4"), HasSubstr("is not a TOML value"));
  EXPECT_THAT(error("network.error_gate", ""), HasSubstr("is not a TOML value"));
  EXPECT_THAT(error("projection.2.learn", "true"), HasSubstr("has no projection 2: there are 2"));
  EXPECT_THAT(error("projection.x.learn", "true"), HasSubstr("has no projection x"));
  EXPECT_THAT(error("projection.1", "true"), HasSubstr("names no key"));
  EXPECT_THAT(error("network.populations.x", "1"), HasSubstr("has no populations x"));
  EXPECT_THAT(error("name.x", "1"), HasSubstr("name is a table"));
}

// log2(sqrt(n)) rounded: 3 for 64, 4 for 128..511, 5 for 512..2047.
TEST(ExperimentTest, AutomaticShiftsFollowTheNumberOfNeurons) {
  const auto shifts = [](const std::string& populations, int projections) {
    std::string text =
        "[network]\npopulations = " + populations + "\n[hardware]\nmax_states = 9999\n";
    for (int p = 0; p < projections; ++p) {
      text += "[[projection]]\ngain_shift = \"auto\"\nlearning_shift = \"auto\"\n";
    }
    std::vector<int> found;
    for (const Projection& projection : ParseExperiment(text, "x.toml").network.projections) {
      found.push_back(projection.gain_shift);
      found.push_back(projection.learning_shift);
    }
    return found;
  };
  EXPECT_THAT(shifts("[64, 128, 10]", 2), ElementsAre(7, 15, 10, 15));
  EXPECT_THAT(shifts("[196, 511, 10]", 2), ElementsAre(8, 15, 10, 15));
  EXPECT_THAT(shifts("[784, 512, 10]", 2), ElementsAre(9, 15, 11, 15));
  EXPECT_THAT(shifts("[196, 256, 1024, 10]", 3), ElementsAre(8, 14, 12, 13, 11, 15));
  EXPECT_THAT(ParseError(std::string(kMinimal) + "gain_shift = \"best\"\n"),
              HasSubstr(":5: projection 1.gain_shift is 'best': must be an integer 0..15 or "
                        "\"auto\""));
}

}  // namespace
}  // namespace ep::sim
