// SPDX-License-Identifier: Apache-2.0

#include "sim/io/weights_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/io/file.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

Network Small() {
  Network network;
  network.populations = {4, 3, 2};
  network.projections = {{.a = 0, .b = 1}, {.a = 1, .b = 2}};
  return network;
}

TEST(WeightsFolderTest, WeightsReadBack) {
  const TempFolder folder;
  std::mt19937 random(7);
  const Weights weights = InitialWeights(Small(), 127, random);
  WriteWeightsFolder(folder / "new", Small(), weights);
  EXPECT_EQ(ReadWeightsFolder(folder / "new", Small()), weights);
}

TEST(WeightsFolderTest, WeightsOfAnotherNetworkAreRefused) {
  const TempFolder folder;
  std::mt19937 random(7);
  WriteWeightsFolder(folder.Path(), Small(), InitialWeights(Small(), 38, random));
  Network other = Small();
  other.projections.pop_back();
  EXPECT_THAT(ErrorOf([&] { ReadWeightsFolder(folder.Path(), other); }),
              AllOf(HasSubstr("holds a w1.npy"), HasSubstr("1 projections")));
  EXPECT_THAT(ErrorOf([&] { CheckWeightsFolder(folder.Path(), other); }),
              HasSubstr("another folder"));
  other = Small();
  other.projections.push_back({.a = 0, .b = 2});
  EXPECT_THAT(ErrorOf([&] { ReadWeightsFolder(folder.Path(), other); }),
              AllOf(HasSubstr("w2.npy"), HasSubstr("No such file")));
  other = Small();
  other.populations = {4, 2, 2};
  EXPECT_THAT(ErrorOf([&] { ReadWeightsFolder(folder.Path(), other); }),
              HasSubstr("shape is (4,3): this network needs (4,2)"));
}

TEST(WeightsFolderTest, AFileIsNoFolder) {
  const TempFolder folder;
  WriteFile(folder / "x", "");
  EXPECT_THAT(ErrorOf([&] { ReadWeightsFolder(folder / "x", Small()); }),
              HasSubstr("is not a folder"));
}

}  // namespace
}  // namespace ep::sim
