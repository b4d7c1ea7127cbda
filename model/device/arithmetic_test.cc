// SPDX-License-Identifier: Apache-2.0

#include "model/device/arithmetic.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>

#include "model/device/random.h"

namespace ep::device {
namespace {

TEST(ArithmeticTest, ExpAndLogAreTheLibrarysToTheLastBits) {
  for (double x = -690; x < 690; x += 0.37) ASSERT_NEAR(Exp(x) / std::exp(x), 1, 1e-15) << x;
  EXPECT_EQ(Exp(-701), 0);
  EXPECT_EQ(Exp(0), 1);
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    ASSERT_NEAR(Log(x), std::log(x), 1e-15 * std::max(1.0, std::abs(std::log(x)))) << x;
  }
  EXPECT_EQ(Log(1), 0);
}

TEST(ArithmeticTest, NormalTailAndQuantileAreTheErrorFunctions) {
  for (double x = -8; x < 36; x += 0.013) {
    ASSERT_NEAR(NormalTail(x) / (std::erfc(x / std::sqrt(2)) / 2), 1, 1e-7) << x;
  }
  for (double p = 1e-13; p < 1; p = p < 0.5 ? p * 1.07 : 1 - (1 - p) / 1.1) {
    if (1 - p < 1e-13) break;
    ASSERT_NEAR(NormalTail(-NormalQuantile(p)) / p, 1, 1e-6) << p;
  }
}

// The bits themselves: whoever gets others would get other errors from the same seed.
TEST(ArithmeticTest, GivesTheSameBitsEverywhere) {
  const Random random(1);
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::uint64_t bits) { hash = (hash ^ bits) * 0x100000001b3U; };
  for (std::uint64_t i = 0; i < 100000; ++i) {
    add(random.Bits(Random::Purpose::kSwitch, i));
    const double normal = random.Normal(Random::Purpose::kCycle, i, 1);
    add(std::bit_cast<std::uint64_t>(normal));
    add(std::bit_cast<std::uint64_t>(Exp(normal)));
    add(std::bit_cast<std::uint64_t>(NormalTail(normal)));
    add(std::bit_cast<std::uint64_t>(Log(random.Uniform(Random::Purpose::kSense, i))));
  }
  EXPECT_EQ(hash, 1900395715021191083U);
}

// Mean, variance and correlation of neighbours over indices and purposes.
TEST(ArithmeticTest, DrawsAreStandardNormalAndIndependent) {
  const Random random(7);
  constexpr int kDraws = 200000;
  for (const auto purpose : {Random::Purpose::kOffset, Random::Purpose::kDevice}) {
    double sum = 0, square = 0, next = 0, across = 0, previous = 0;
    for (int i = 0; i < kDraws; ++i) {
      const double z = random.Normal(purpose, i, 3);
      sum += z;
      square += z * z;
      next += z * previous;
      across += z * random.Normal(purpose, i, 4);
      previous = z;
    }
    // Four standard errors.
    EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(kDraws));
    EXPECT_NEAR(square / kDraws, 1, 4 * std::sqrt(2.0 / kDraws));
    EXPECT_NEAR(next / kDraws, 0, 4 / std::sqrt(kDraws));
    EXPECT_NEAR(across / kDraws, 0, 4 / std::sqrt(kDraws));
  }
}

}  // namespace
}  // namespace ep::device
