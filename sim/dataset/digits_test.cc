// SPDX-License-Identifier: Apache-2.0

#include "sim/dataset/digits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/dataset/locate.h"
#include "sim/testing/test_support.h"

namespace ep::sim {
namespace {

using ::testing::HasSubstr;

std::string Line(const std::string& first, const std::string& label) {
  std::string line = first;
  for (int i = 1; i < 64; ++i) line += ",0";
  return line + "," + label + "\n";
}

class DigitsFileTest : public ::testing::Test {
 protected:
  std::string ErrorFor(const std::string& text) {
    Put(file_, text);
    return ErrorOf([&] { ReadDigits(file_); });
  }

  TempFolder folder_;
  std::string file_ = folder_ / "digits.csv";
};

TEST_F(DigitsFileTest, TheSetOfTheProgram) {
  const ImageSets sets = ReadDigits(FindData("digits", "") / "digits.csv.gz");
  EXPECT_EQ(sets.train.Count(), 1438);
  EXPECT_EQ(sets.test.Count(), 359);
  EXPECT_EQ(sets.train.height, 8);
  EXPECT_EQ(sets.train.pixels.size(), 1438U * 64U);
}

TEST_F(DigitsFileTest, EveryFifthImageTestsAndSixteenIsWhite) {
  std::string text;
  for (int i = 0; i < 10; ++i) text += Line(i == 4 ? "16" : "15", std::to_string(i));
  Put(file_, text);
  const ImageSets sets = ReadDigits(file_);
  EXPECT_THAT(sets.train.labels, ::testing::ElementsAre(0, 1, 2, 3, 5, 6, 7, 8));
  EXPECT_THAT(sets.test.labels, ::testing::ElementsAre(4, 9));
  EXPECT_EQ(sets.test.pixels[0], 255);  // 256 does not fit a state
  EXPECT_EQ(sets.train.pixels[0], 240);
}

TEST_F(DigitsFileTest, FaultsNameLineAndValue) {
  EXPECT_THAT(ErrorFor(Line("0", "1") + "1,2,3\n"), HasSubstr("digits.csv:2: 3 values"));
  EXPECT_THAT(ErrorFor(Line("17", "1")), HasSubstr(":1: value 1 is '17': must be 0..16"));
  EXPECT_THAT(ErrorFor(Line("x", "1")), HasSubstr("value 1 is 'x'"));
  EXPECT_THAT(ErrorFor(Line("1.5", "1")), HasSubstr("value 1 is '1.5'"));
  EXPECT_THAT(ErrorFor(Line("0", "10")), HasSubstr("value 65 is '10': must be 0..9"));
  EXPECT_THAT(ErrorFor(Line("0", "1")), HasSubstr("fewer than 5 images"));
  EXPECT_THAT(ErrorFor(""), HasSubstr("fewer than 5 images"));
}

}  // namespace
}  // namespace ep::sim
