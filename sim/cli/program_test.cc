// SPDX-License-Identifier: Apache-2.0
//
// The whole program, in this process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sstream>
#include <utility>

#include "sim/cli/commands.h"
#include "sim/run/result.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class EquispinTest : public ::testing::Test {
 protected:
  EquispinTest() {
    unsetenv("EQUISPIN_DATA");
    PutSmallIdx(folder_.Path() / "idx");
    Put(net_, SmallNetwork("idx"));
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

  TempFolder folder_;
  std::string net_ = folder_ / "small.toml";
  std::string out_;
  std::string err_;
};

TEST_F(EquispinTest, TrainsTestsAndComparesOnTheModels) {
  const std::string fast = folder_ / "fast.json";
  const std::string plain = folder_ / "plain.json";
  const std::string weights = folder_ / "weights";
  EXPECT_EQ(Call({"train", net_, "--backend", "fast", "--json", fast, "--weights-out", weights}), 0)
      << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("small on fast: test "), HasSubstr("3 epochs in"),
                          HasSubstr("rows sensed"), Not(HasSubstr("RTL = model"))));
  EXPECT_EQ(Call({"train", net_, "--backend", "plain", "--json", plain}), 0) << err_;
  EXPECT_EQ(Call({"compare", fast, plain}), 0) << err_;
  EXPECT_EQ(out_, "3 epochs equal\n");
  EXPECT_EQ(Call({"compare", net_, "--backend", "fast", "--backend", "golden", "--epochs", "2"}), 0)
      << err_;
  EXPECT_EQ(out_, "small: 2 epochs equal on fast, golden\n");
  const RunResult trained = ReadResult(fast);
  EXPECT_EQ(Call({"test", net_, "--weights-in", weights, "--json", "-"}), 0) << err_;
  const auto tested = nlohmann::json::parse(out_);
  EXPECT_EQ(tested["epochs"][0]["weights_hash"], trained.epochs[2].weights_hash);
  EXPECT_EQ(tested["epochs"][0]["correct"], trained.epochs[2].correct);
  EXPECT_THAT(err_, HasSubstr("small on fast: test"));  // people read standard error then
}

TEST_F(EquispinTest, DifferentResultsAreExitCodeOne) {
  const std::string a = folder_ / "a.json";
  const std::string b = folder_ / "b.json";
  EXPECT_EQ(Call({"train", net_, "--json", a}), 0);
  EXPECT_EQ(Call({"train", net_, "--json", b, "--train-samples", "50"}), 0);
  EXPECT_EQ(Call({"compare", a, b}), kDifference);
  EXPECT_THAT(err_, HasSubstr("epoch 1: weights_hash is"));
}

TEST_F(EquispinTest, TheOptionsWinOverTheFile) {
  EXPECT_EQ(Call({"train", net_, "--epochs", "1", "--seed", "9", "--train-samples", "30",
                  "--test-samples", "10", "--json", "-"}),
            0);
  const auto json = nlohmann::json::parse(out_);
  EXPECT_EQ(json["seed"], 9);
  ASSERT_EQ(json["epochs"].size(), 1U);
  EXPECT_EQ(json["epochs"][0]["tested"], 10);
  EXPECT_EQ(json["epochs"][0]["counters"]["samples"], 30);
}

TEST_F(EquispinTest, ASavedRunGoesOn) {
  const std::string state = folder_ / "run.state";
  const std::string whole = folder_ / "whole.json";
  const std::string parts = folder_ / "parts.json";
  EXPECT_EQ(Call({"train", net_, "--seed", "4", "--json", whole}), 0);
  EXPECT_EQ(Call({"train", net_, "--seed", "4", "--epochs", "1", "--save", state}), 0);
  EXPECT_EQ(Call({"train", net_, "--resume", state, "--json", parts}), 0) << err_;
  EXPECT_EQ(Call({"compare", whole, parts}), 0) << err_;
  EXPECT_EQ(Call({"test", net_, "--resume", state}), 0) << err_;
  EXPECT_EQ(Call({"train", net_, "--resume", state, "--seed", "5"}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("--seed is 5, but the state was made with 4"));
  Put(net_, SmallNetwork("idx") + "[hardware]\nlanes = 16\n");
  EXPECT_EQ(Call({"train", net_, "--resume", state}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("hardware.lanes is 32 in the state, but 16 now"));
}

// A child trains for long and is interrupted; what it saved continues to the bits of a whole run.
TEST_F(EquispinTest, CtrlCSavesAndResumeReachesTheSameBits) {
  const std::string state = folder_ / "run.state";
  const std::string weights = folder_ / "weights";
  const std::string parts = folder_ / "parts.json";
  const std::string whole = folder_ / "whole.json";
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGINT, SIG_DFL);
    dup2(fds[1], STDERR_FILENO);
    close(fds[0]);
    close(fds[1]);
    std::ostringstream out;
    const std::vector<std::string> args = {"equispin", "train",         net_,   "--epochs",
                                           "10000",    "--save",        state,  "--backend",
                                           "plain",    "--weights-out", weights};
    std::_Exit(RunProgram({.out = out, .err = std::cerr, .args = args}));
  }
  close(fds[1]);
  std::string err;
  char part[4096];
  ssize_t count = 0;
  bool sent = false;
  while ((count = read(fds[0], part, sizeof(part))) > 0) {
    err.append(part, static_cast<std::size_t>(count));
    if (sent || err.find("epoch 2/") == std::string::npos) continue;
    kill(child, SIGINT);
    sent = true;
  }
  close(fds[0]);
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), kInterrupted);
  EXPECT_THAT(err,
              AllOf(HasSubstr("weights and state are in " + state),
                    HasSubstr("continue with: equispin train"), HasSubstr("--resume " + state)));
  EXPECT_TRUE(std::filesystem::exists(weights + "/w1.npy"));
  EXPECT_EQ(Call({"test", net_, "--weights-in", weights}), 0) << err_;
  // As many epochs as it had, and some more.
  const std::string marker = " samples of epoch ";
  const int epochs = std::stoi(err.substr(err.find(marker) + marker.size())) + 2;
  EXPECT_EQ(Call({"train", net_, "--resume", state, "--epochs", std::to_string(epochs), "--backend",
                  "plain", "--json", parts}),
            0)
      << err_;
  EXPECT_EQ(Call({"train", net_, "--epochs", std::to_string(epochs), "--backend", "fast", "--json",
                  whole}),
            0);
  EXPECT_EQ(Call({"compare", whole, parts}), 0) << err_;
  EXPECT_THAT(out_, StartsWith(std::to_string(epochs) + " epochs equal"));
}

TEST_F(EquispinTest, BadInputIsOneLineWithTheRemedy) {
  const auto expect = [&](std::vector<std::string> args, const std::string& text) {
    EXPECT_EQ(Call(std::move(args)), kBadInput) << text;
    EXPECT_THAT(err_, AllOf(StartsWith("equispin: "), HasSubstr(text)));
    EXPECT_EQ(std::count(err_.begin(), err_.end(), '\n'), 1) << err_;
    EXPECT_EQ(out_, "");
  };
  expect({}, "no verb: must be train, test");
  expect({"trian", net_}, "the verb is trian: must be train, test");
  expect({"train"}, "network is required");
  expect({"train", net_, "--epoch", "3"}, "--epoch");
  expect({"train", net_, "--epochs", "-3"}, "--epochs");
  expect({"train", net_, "--epochs", "three"}, "--epochs");
  expect({"train", net_, "--seed", "4294967296"}, "--seed");
  expect({"train", "nothing.toml"}, "is neither a file nor a network of sim/nets");
  expect({"train", net_, "--backend", "slow"}, "--backend is slow: must be one of fast, golden");
  expect({"train", net_, "--backend", "fast", "--backend", "golden"}, "train takes one");
  expect({"train", net_, "--device", "x.toml"}, "backend fast has ideal cells only");
  expect({"train", net_, "--device", "x.toml", "--backend", "golden"},
         "x.toml is neither a file nor a device of sim/devices");
  expect({"train", net_, "--device-seed", "3"}, "there is no --device");
  expect({"array"}, "no device: name a .toml file");
  expect({"array", "ideal"}, "is of ideal cells: there is nothing to measure");
  expect({"array", "nothing"}, "nothing is neither a file nor a device of sim/devices");
  expect({"train", net_, "--weights-in", folder_ / "none"}, "is not a folder");
  expect({"train", net_, "--weights-in", "a", "--resume", net_}, "both name weights");
  expect({"train", net_, "--resume", net_}, "is not a saved state");
  expect({"train", net_, "--data", folder_ / "none"}, "not found");
  expect({"train", net_, "--set", "network"}, "--set is network: must be KEY=VALUE");
  expect({"train", net_, "--set", "network.error_gate=300"}, "network.error_gate is 300");
  expect({"train", net_, "--validation", "60"}, "data.validation is 60, but there are 60");
  expect({"train", net_, "--train-samples", "61"}, "train_samples is 61");
  expect({"test", net_}, "name them with --weights-in");
  expect({"compare", net_, "--backend", "fast"}, "compare needs two backends");
  expect({"compare", "a.json"}, "name at least two");
  expect({"compare", "a.json", "b.json"}, "cannot read a.json");
  expect({"train", folder_ / "two\nlines.toml"}, "two lines.toml");
  expect({"compare", net_, net_}, "one network, or two");
  expect({"replay", folder_ / "none"}, "cannot read");
}

TEST_F(EquispinTest, PlacesThatCannotBeWrittenAreToldBeforeTraining) {
  for (const char* option : {"--json", "--save", "--weights-out"}) {
    EXPECT_EQ(Call({"train", net_, option, net_ + "/below"}), kCannotWrite) << option;
    EXPECT_THAT(err_, AllOf(StartsWith("equispin: cannot write "), Not(HasSubstr("epoch"))));
  }
}

TEST_F(EquispinTest, AFullDiskIsOneLineAndExitCodeThree) {
  EXPECT_EQ(Call({"train", net_, "--epochs", "1", "--json", "/dev/full"}), kCannotWrite);
  EXPECT_THAT(err_, HasSubstr("cannot write /dev/full: No space left on device: free some space"));
  EXPECT_EQ(Call({"train", net_, "--epochs", "1", "--save", "/dev/full"}), kCannotWrite);
}

TEST_F(EquispinTest, HelpTeaches) {
  EXPECT_EQ(Call({"--help"}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("Exit codes"), HasSubstr("130"), HasSubstr("EQUISPIN_DATA")));
  EXPECT_EQ(Call({"train", "--help"}), 0);
  EXPECT_THAT(out_, AllOf(HasSubstr("Usage: equispin train"), HasSubstr("Examples:"),
                          HasSubstr("--backend"), HasSubstr("--resume")));
  EXPECT_EQ(Call({"info", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("error_gate"));
  EXPECT_EQ(Call({"--version"}), 0);
  EXPECT_THAT(out_, StartsWith("equispin "));
}

// Few cells: the curves are there and have the order that they must have.
TEST_F(EquispinTest, ArrayMeasuresTheCellsOfADevice) {
  for (const auto& [device, errors] :
       {std::pair("mram-typ", "6.98e-11"), std::pair("rram-weak", "0.00363")}) {
    const std::string out = folder_ / device;
    EXPECT_EQ(Call({"array", device, "--cells", "2000", "--out", out}), 0) << err_;
    EXPECT_THAT(out_, HasSubstr(std::string("read errors by formula: ") + errors));
    for (const char* name : {"resistance", "strength", "window", "pulse", "shots", "endurance"}) {
      EXPECT_THAT(out_, HasSubstr(std::string("/") + name + ".csv"));
      EXPECT_THAT(err_, HasSubstr(std::string(": ") + name));
    }
    std::istringstream lines(Get(out + "/resistance.csv"));
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line, "probability,low_ohm,high_ohm");
    double before = 0;
    int count = 0;
    for (; std::getline(lines, line); ++count) {
      double probability = 0, low = 0, high = 0;
      char comma = 0;
      std::istringstream(line) >> probability >> comma >> low >> comma >> high;
      EXPECT_GT(probability, before);
      EXPECT_GT(high, low);
      before = probability;
    }
    EXPECT_GT(count, 10);
  }
  EXPECT_EQ(Call({"array"}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("no device"));
  EXPECT_EQ(Call({"array", "ideal"}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("there is nothing to measure"));
}

// With fewer cells than the bounds are made for, some are missed, and said to be.
TEST_F(EquispinTest, ArrayChecksTheModels) {
  EXPECT_EQ(Call({"array", "--gates", "--cells", "2000"}), kDifference) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("pass\n"), HasSubstr("FAIL\n"), HasSubstr(" gates pass\n")));
}

// The same run on the same device gives the same ledger; on ideal cells another one.
TEST_F(EquispinTest, TrainsOnADeviceAndKeepsItsLedger) {
  const auto ledger = [this](const std::vector<std::string>& more) {
    const std::string file = folder_ / "energy.json";
    std::vector<std::string> args = {"train", net_, "--backend", "golden", "--energy", file};
    args.insert(args.end(), more.begin(), more.end());
    EXPECT_EQ(Call(args), 0) << err_;
    return nlohmann::json::parse(Get(file));
  };
  const auto first = ledger({"--device", "mram-worst"});
  EXPECT_THAT(out_, HasSubstr("mram-worst"));
  EXPECT_EQ(first, ledger({"--device", "mram-worst"}));
  EXPECT_NE(first, ledger({"--device", "mram-worst", "--device-seed", "2"}));
  const std::string weights = folder_ / "weights";
  EXPECT_EQ(Call({"train", net_, "--weights-out", weights}), 0) << err_;
  EXPECT_EQ(
      Call({"test", net_, "--weights-in", weights, "--device", "mram-typ", "--backend", "golden"}),
      0)
      << err_;
  EXPECT_THAT(out_, HasSubstr("mram-typ"));
}

// The map has the weights that the march found, no more and no less.
TEST_F(EquispinTest, BistFindsTheCellsThatAreStuck) {
  const std::string map = folder_ / "map";
  EXPECT_EQ(Call({"bist", net_, "--device", "stuck-1e-1", "--json", "-", "--map", map}), 0) << err_;
  const auto json = nlohmann::json::parse(out_);
  EXPECT_EQ(json["device"]["name"], "stuck-1e-1");
  EXPECT_EQ(json["cells"], (16 * 12 + 12 * 3) * 8);
  int found = 0;
  for (const char* file : {"/w0.npy", "/w1.npy"}) {
    const std::string bytes = Get(map + file);
    const std::size_t count = file[2] == '0' ? 16 * 12 : 12 * 3;
    ASSERT_GT(bytes.size(), count);
    for (const char weight : bytes.substr(bytes.size() - count)) found += weight != 0;
  }
  EXPECT_GT(found, 0);
  EXPECT_EQ(json["march"]["weights"], found);
  EXPECT_EQ(Call({"bist", net_, "--device", "stuck-1e-1", "--backend", "lockstep"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("march: of 1824 cells"), HasSubstr("RTL = model")));
  EXPECT_EQ(Call({"bist", net_, "--backend", "fast"}), kBadInput);
  EXPECT_THAT(err_, HasSubstr("choose golden, rtl or lockstep"));
}

TEST_F(EquispinTest, InfoPrintsTheMapOfTheArray) {
  EXPECT_EQ(Call({"info", "mnist-256"}), 0) << err_;
  EXPECT_THAT(out_, AllOf(HasSubstr("1648 of 131072 row words"), HasSubstr("196 x 256"),
                          HasSubstr("hardware that fits")));
  EXPECT_EQ(Call({"info", "mnist-256", "--json", "-"}), 0);
  const auto json = nlohmann::json::parse(out_);
  EXPECT_EQ(json["projections"][1]["base"], 1568);
  EXPECT_EQ(json["row_words"], 1648);
}

}  // namespace
}  // namespace ep::sim
