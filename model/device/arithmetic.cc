// SPDX-License-Identifier: Apache-2.0

#include "model/device/arithmetic.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace ep::device {
namespace {

constexpr double kLn2High = 0x1.62e42fee00000p-1;  // 21 bits of 0 at the end: k x this is exact
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kLog2E = 0x1.71547652b82fep+0;

// c[0] x^(n-1) + ... + c[n-1].
template <typename Coefficients>
double Polynomial(const Coefficients& coefficients, double x) {
  double sum = 0;
  for (const double c : coefficients) sum = sum * x + c;
  return sum;
}

// 2^k for -1022 <= k <= 1023.
double PowerOfTwo(int k) {
  return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52);
}

}  // namespace

double Exp(double x) {
  if (x < -700) return 0;
  x = std::min(x, 700.0);
  const double k = std::floor(x * kLog2E + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  // Taylor: |r| <= 0.35, so the first term left out is below 1e-17.
  double sum = 1;
  for (int n = 14; n > 0; --n) sum = 1 + sum * r / n;
  return sum * PowerOfTwo(static_cast<int>(k));
}

double Log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  double m = std::bit_cast<double>((bits & 0xfffffffffffffU) | std::uint64_t{1023} << 52);
  if (m > 1.4142135623730951) {
    m /= 2;
    ++exponent;
  }
  // ln m = 2 artanh(s), |s| <= 0.172.
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double sum = 0;
  for (int n = 21; n > 0; n -= 2) sum = sum * square + 1.0 / n;
  return exponent * kLn2High + (exponent * kLn2Low + 2 * s * sum);
}

// Hart's rational approximation (J. F. Hart, Computer Approximations, 1968, no. 5666).
double NormalTail(double x) {
  constexpr double kAbove[] = {3.52624965998911e-02, 0.700383064443688, 6.37396220353165,
                               33.912866078383,      112.079291497871,  221.213596169931,
                               220.206867912376};
  constexpr double kBelow[] = {8.83883476483184e-02, 1.75566716318264, 16.064177579207,
                               86.7807322029461,     296.564248779674, 637.333633378831,
                               793.826512519948,     440.413735824752};
  const double a = x < 0 ? -x : x;
  double tail = 0;
  if (a < 37) {
    tail = Exp(-a * a / 2);
    if (a < 7.07106781186547) {
      tail *= Polynomial(kAbove, a) / Polynomial(kBelow, a);
    } else {
      tail /= (a + 1 / (a + 2 / (a + 3 / (a + 4 / (a + 0.65))))) * 2.506628274631;
    }
  }
  return x < 0 ? 1 - tail : tail;
}

// P. J. Acklam's rational approximation of the inverse normal distribution.
double NormalQuantile(double p) {
  constexpr double kA[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                           1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double kB[] = {-5.447609879822406e+01, 1.615858368580409e+02,  -1.556989798598866e+02,
                           6.680131188771972e+01,  -1.328068155288572e+01, 1};
  constexpr double kC[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                           -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double kD[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                           3.754408661907416e+00, 1};
  constexpr double kLow = 0.02425;
  if (p < kLow) {
    const double q = std::sqrt(-2 * Log(p));
    return Polynomial(kC, q) / Polynomial(kD, q);
  }
  if (p > 1 - kLow) {
    const double q = std::sqrt(-2 * Log(1 - p));
    return -Polynomial(kC, q) / Polynomial(kD, q);
  }
  const double q = p - 0.5;
  const double r = q * q;
  return Polynomial(kA, r) * q / Polynomial(kB, r);
}

}  // namespace ep::device
