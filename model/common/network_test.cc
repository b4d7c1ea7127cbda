// SPDX-License-Identifier: Apache-2.0

#include "model/common/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "model/common/random_network.h"

namespace ep {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Network Mnist256() {
  Network network;
  network.name = "mnist-256";
  network.populations = {196, 256, 10};
  network.projections = {{.a = 0, .b = 1, .gain_shift = 8}, {.a = 1, .b = 2, .gain_shift = 10}};
  network.pixel_bits = 4;
  network.error_gate = 100;
  return network;
}

// The text of the UserError that f throws, "" if it throws none.
std::string ErrorOf(const std::function<void()>& f) {
  try {
    f();
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

std::string CheckError(const std::function<void(Network&)>& change) {
  Network network = Mnist256();
  change(network);
  return ErrorOf([&] { network.Check(); });
}

std::string FitError(const std::function<void(Network&, Hardware&)>& change) {
  Network network = Mnist256();
  Hardware hardware;
  change(network, hardware);
  return ErrorOf([&] { hardware.Check(network); });
}

TEST(NetworkTest, HeadlineNetworkIsLegalAndFits) {
  EXPECT_EQ(CheckError([](Network&) {}), "");
  EXPECT_EQ(FitError([](Network&, Hardware&) {}), "");
}

TEST(NetworkTest, RowsAndLanesFollowTheInput) {
  const Network network = Mnist256();
  EXPECT_EQ(network.Rows(0), 196);
  EXPECT_EQ(network.Lanes(0), 256);
  EXPECT_EQ(network.Rows(1), 10);  // not from the input: rows are the later population
  EXPECT_EQ(network.Lanes(1), 256);
}

TEST(NetworkTest, GainMaxIsTheLargestGainShift) {
  Network network = Mnist256();
  EXPECT_EQ(network.GainMax(), 10);
  network.projections[0].gain_shift = 15;
  EXPECT_EQ(network.GainMax(), 15);
}

TEST(NetworkTest, InputScaleIsExactOnlyForOneTwoAndFourBits) {
  Network network = Mnist256();
  const int expected[] = {255, 85, 1, 17, 1, 1, 1, 1};
  for (int bits = 1; bits <= 8; ++bits) {
    network.pixel_bits = bits;
    EXPECT_EQ(network.InputScale(), expected[bits - 1]) << bits;
  }
}

TEST(NetworkTest, SumBitsOfTheContractExample) {
  Network network = Mnist256();
  network.populations = {784, 256, 10};
  network.projections[0].gain_shift = 9;
  network.projections[1].gain_shift = 10;
  EXPECT_EQ(network.SumBits(), 27);
}

// One projection, one lane: u = A, and A of N products of at most 128 x 255 needs
// 16 + ceil(log2 N) bits where N is a power of two.
TEST(NetworkTest, SumBitsOfOneProjection) {
  Network network;
  network.projections = {{.a = 0, .b = 1, .gain_shift = 0}};
  network.populations = {1, 1};
  EXPECT_EQ(network.SumBits(), 16);
  network.populations = {1024, 1};
  EXPECT_EQ(network.SumBits(), 26);
  network.populations = {4096, 1};
  EXPECT_EQ(network.SumBits(), 28);
}

TEST(NetworkTest, SumBitsGrowWithTheDistanceOfTheGains) {
  Network network = Mnist256();
  network.projections[0].gain_shift = 0;
  network.projections[1].gain_shift = 15;
  EXPECT_EQ(network.SumBits(), 39);  // 128 x 255 x 196 << 15
}

TEST(NetworkTest, IllegalGraphsAreRefused) {
  EXPECT_THAT(CheckError([](Network& n) { n.populations = {196}; }), HasSubstr("at least two"));
  EXPECT_THAT(CheckError([](Network& n) { n.populations[1] = 0; }),
              AllOf(HasSubstr("populations[1] is 0"), HasSubstr("1..")));
  EXPECT_THAT(CheckError([](Network& n) { n.projections.clear(); }),
              HasSubstr("add a [[projection]]"));
  EXPECT_THAT(CheckError([](Network& n) { n.projections[1].b = 3; }),
              AllOf(HasSubstr("projection 1"), HasSubstr("[1, 3]"), HasSubstr("<= 2")));
  EXPECT_THAT(CheckError([](Network& n) { n.projections[1].a = 2; }), HasSubstr("[2, 2]"));
  EXPECT_THAT(CheckError([](Network& n) { n.projections[0].a = -1; }), HasSubstr("[-1, 1]"));
  EXPECT_THAT(CheckError([](Network& n) { n.projections.push_back(n.projections[0]); }),
              AllOf(HasSubstr("projection 2"), HasSubstr("second time")));
  EXPECT_THAT(CheckError([](Network& n) { n.projections.erase(n.projections.begin()); }),
              HasSubstr("starts from the input"));
  EXPECT_THAT(CheckError([](Network& n) { n.populations.insert(n.populations.begin() + 2, 7); }),
              HasSubstr("no projection touches population 3"));
}

TEST(NetworkTest, ParametersOutsideTheirRangeAreRefused) {
  EXPECT_THAT(CheckError([](Network& n) { n.projections[0].gain_shift = 16; }),
              HasSubstr("projection 0: gain_shift is 16: must be 0..15"));
  EXPECT_THAT(CheckError([](Network& n) { n.projections[1].learning_shift = 0; }),
              HasSubstr("projection 1: learning_shift is 0: must be 1..21"));
  EXPECT_THAT(CheckError([](Network& n) { n.free_sweeps = 0; }), HasSubstr("must be 1..255"));
  EXPECT_THAT(CheckError([](Network& n) { n.nudged_sweeps = 256; }), HasSubstr("must be 1..255"));
  EXPECT_THAT(CheckError([](Network& n) { n.nudge_shift = 8; }), HasSubstr("must be 0..7"));
  EXPECT_THAT(CheckError([](Network& n) { n.error_gate = 257; }), HasSubstr("must be 0..256"));
  EXPECT_THAT(CheckError([](Network& n) { n.pixel_bits = 9; }), HasSubstr("must be 1..8"));
  EXPECT_THAT(CheckError([](Network& n) { n.weight_bits = 1; }), HasSubstr("must be 2..8"));
}

TEST(HardwareTest, NetworksThatDoNotFitAreRefused) {
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.max_inputs = 195; }),
              AllOf(HasSubstr("is 196"), HasSubstr("hardware.max_inputs is 195"),
                    HasSubstr("max_inputs >= 196")));
  // 256 and 10 neurons in blocks of 32: 256 + 32.
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.max_states = 287; }),
              HasSubstr("max_states >= 288"));
  EXPECT_EQ(FitError([](Network&, Hardware& h) { h.max_states = 288; }), "");
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.max_populations = 2; }),
              HasSubstr("max_populations >= 3"));
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.max_projections = 1; }),
              HasSubstr("max_projections >= 2"));
  // 8 blocks x (196 + 10) rows.
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.array_rows = 1647; }),
              HasSubstr("array_rows >= 1648"));
  EXPECT_EQ(FitError([](Network&, Hardware& h) { h.array_rows = 1648; }), "");
  EXPECT_THAT(FitError([](Network& n, Hardware&) { n.projections[0].gain_shift = 0; }),
              HasSubstr("sum_bits >= "));
  EXPECT_THAT(FitError([](Network& n, Hardware&) { n.populations[2] = 256; }),
              HasSubstr("must be 1..255"));
  EXPECT_THAT(FitError([](Network& n, Hardware&) { n.weight_bits = 6; }),
              HasSubstr("make them equal"));
}

TEST(HardwareTest, ImpossibleHardwareIsRefused) {
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.lanes = 24; }), HasSubstr("must be 8, 16"));
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.neuron_lanes = 3; }),
              HasSubstr("divide hardware.lanes (32)"));
  EXPECT_THAT(FitError([](Network&, Hardware& h) { h.multipliers = 64; }), HasSubstr("2..32"));
}

TEST(WeightsTest, DigitsInitialWeightsHaveTheAnchorHash) {
  Network network;
  network.populations = {64, 128, 10};
  network.projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}};
  std::mt19937 random(1);
  EXPECT_EQ(WeightHash(InitialWeights(network, 38, random)), "c8aebfeaeb3cc204");
}

TEST(WeightsTest, InitialWeightsBeyondTheWeightRangeAreRefused) {
  Network network = Mnist256();
  network.weight_bits = 6;
  std::mt19937 random(1);
  EXPECT_THAT(ErrorOf([&] { InitialWeights(network, 38, random); }),
              HasSubstr("weight_init is 38: must be 0..31"));
}

TEST(WeightsTest, HashOfNothingIsTheOffsetBasis) {
  EXPECT_EQ(WeightHash({}), "cbf29ce484222325");
  EXPECT_EQ(WeightHash({{-1}}), "af64724c8602eb6e");  // FNV-1a 64 of the byte ff
}

// Checked where they are made; every policy and number of shots is among them.
TEST(NetworkTest, RandomAccessesHaveEveryPolicy) {
  std::set<LatePolicy> policies;
  std::set<int> shots;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    const ArrayAccess access = MakeRandomAccess(seed);
    EXPECT_EQ(access, MakeRandomAccess(seed));
    policies.insert(access.late);
    shots.insert(access.shots);
  }
  EXPECT_EQ(policies.size(), 4U);
  EXPECT_EQ(shots.size(), 6U);
}

}  // namespace
}  // namespace ep
