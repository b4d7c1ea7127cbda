// SPDX-License-Identifier: Apache-2.0

#include "model/neuron/neuron.h"

#include <gtest/gtest.h>

#include "model/common/raw_random.h"

namespace ep::model {
namespace {

using Nudge = Neuron::Nudge;

TEST(NeuronTest, RoundsHalfUp) {
  const Neuron neuron(4, 0);
  EXPECT_EQ(neuron.Next(7, Nudge::kNone, 0, 0), 0);
  EXPECT_EQ(neuron.Next(8, Nudge::kNone, 0, 0), 1);
  EXPECT_EQ(neuron.Next(23, Nudge::kNone, 0, 0), 1);
  EXPECT_EQ(neuron.Next(24, Nudge::kNone, 0, 0), 2);
}

// -8 / 16 rounds up to 0, -9 / 16 down to -1: seen through a nudge of +10.
TEST(NeuronTest, NegativeSumsRoundHalfUp) {
  const Neuron neuron(4, 0);
  EXPECT_EQ(neuron.Next(-8, Nudge::kTowards, 10, 0), 10);
  EXPECT_EQ(neuron.Next(-9, Nudge::kTowards, 10, 0), 9);
  EXPECT_EQ(neuron.Next(-24, Nudge::kTowards, 10, 0), 9);
}

TEST(NeuronTest, GainZeroKeepsTheSum) {
  const Neuron neuron(0, 0);
  EXPECT_EQ(neuron.Next(7, Nudge::kNone, 0, 0), 7);
  EXPECT_EQ(neuron.Next(-7, Nudge::kNone, 0, 0), 0);
}

TEST(NeuronTest, StatesAreClamped) {
  const Neuron neuron(8, 0);
  EXPECT_EQ(neuron.Next(255 << 8, Nudge::kNone, 0, 0), 255);
  EXPECT_EQ(neuron.Next(256 << 8, Nudge::kNone, 0, 0), 255);
  EXPECT_EQ(neuron.Next(std::int64_t{1} << 43, Nudge::kNone, 0, 0), 255);
  EXPECT_EQ(neuron.Next(-(std::int64_t{1} << 43), Nudge::kNone, 0, 0), 0);
}

// The nudge shrinks the magnitude of the error, so that both signs shift alike.
TEST(NeuronTest, NudgeIsSymmetric) {
  const Neuron neuron(0, 1);
  EXPECT_EQ(neuron.Next(100, Nudge::kTowards, 255, 252), 101);
  EXPECT_EQ(neuron.Next(100, Nudge::kTowards, 0, 3), 99);
  EXPECT_EQ(neuron.Next(100, Nudge::kAway, 255, 252), 99);
  EXPECT_EQ(neuron.Next(100, Nudge::kAway, 0, 3), 101);
  EXPECT_EQ(neuron.Next(100, Nudge::kAway, 0, 1), 100);
}

// Where the clamp of v to [-255, 510] could show: a full nudge against a far sum.
TEST(NeuronTest, InnerClampChangesNoResult) {
  const Neuron neuron(0, 0);
  EXPECT_EQ(neuron.Next(-255, Nudge::kTowards, 255, 0), 0);
  EXPECT_EQ(neuron.Next(-254, Nudge::kTowards, 255, 0), 1);
  EXPECT_EQ(neuron.Next(-1000, Nudge::kTowards, 255, 0), 0);
  EXPECT_EQ(neuron.Next(510, Nudge::kTowards, 0, 255), 255);
  EXPECT_EQ(neuron.Next(509, Nudge::kTowards, 0, 255), 254);
  EXPECT_EQ(neuron.Next(100000, Nudge::kTowards, 0, 255), 255);
}

TEST(NeuronTest, RandomSumsMatchTheContract) {
  RawRandom random(10);
  for (int beat = 0; beat < 200000; ++beat) {
    const int gain = random.Below(16);
    const int shift = random.Below(8);
    const Nudge nudge = random.Of({Nudge::kNone, Nudge::kTowards, Nudge::kAway});
    const int target = random.OneIn(2) ? 255 : 0;
    const int state = random.Below(256);
    const std::int64_t u =
        (std::int64_t{random.Between(-700, 700)} << gain) + random.Below(1 << gain);
    // floor((u + half) / 2^G) by division.
    const std::int64_t scale = std::int64_t{1} << gain;
    const std::int64_t rounded = u + scale / 2;
    std::int64_t v = rounded / scale - (rounded % scale < 0 ? 1 : 0);
    const int d = target - state;
    const int h = (d > 0) * (d >> shift) - (d < 0) * (-d >> shift);
    if (nudge == Nudge::kTowards) v += h;
    if (nudge == Nudge::kAway) v -= h;
    const auto expected = v < 0 ? 0 : v > 255 ? 255 : v;
    ASSERT_EQ(Neuron(gain, shift).Next(u, nudge, target, state), expected)
        << "u " << u << " G " << gain << " b " << shift << " y " << target << " s " << state;
  }
}

}  // namespace
}  // namespace ep::model
