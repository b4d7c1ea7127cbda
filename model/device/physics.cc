// SPDX-License-Identifier: Apache-2.0

#include "model/device/physics.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include "model/device/arithmetic.h"

namespace ep::device {
namespace {

constexpr double kElectronCharge = 1.602176634e-19;  // C
constexpr double kReducedPlanck = 1.054571817e-34;   // J s
constexpr double kBoltzmann = 1.380649e-23;          // J / K
constexpr double kGyromagnetic = 1.76e11;            // rad / (s T)
constexpr double kPi = 3.141592653589793;
constexpr double kRoom = 300;  // K: where mtj.tmr and mtj.delta hold

double Power(double x, double exponent) { return x > 0 ? Exp(exponent * Log(x)) : 0; }

// Mean of f over a standard normal variable, by its quantiles.
template <typename F>
double MeanOverNormal(F f) {
  constexpr int kPoints = 400;
  double sum = 0;
  for (int k = 0; k < kPoints; ++k) sum += f(NormalQuantile((k + 0.5) / kPoints));
  return sum / kPoints;
}

struct ResetPoint {
  double volt, median_ohm, sigma_ln;
};
constexpr ResetPoint kReset[] = {{0.8, 6.0e3, 0.17},  {0.9, 9.2e3, 0.17},  {1.0, 13.7e3, 0.16},
                                 {1.1, 20.2e3, 0.16}, {1.3, 40.5e3, 0.24}, {1.5, 75.5e3, 0.47}};

template <typename Value>
double OnResetLine(double volt, Value value) {
  volt = std::clamp(volt, kReset[0].volt, std::end(kReset)[-1].volt);
  int k = 0;
  while (volt > kReset[k + 1].volt) ++k;
  const double part = (volt - kReset[k].volt) / (kReset[k + 1].volt - kReset[k].volt);
  return value(kReset[k]) + part * (value(kReset[k + 1]) - value(kReset[k]));
}

// Both values of a bit as one pair of normal distributions of ln R each.
double ErrorOfPair(double low, double low_sigma, double high, double high_sigma,
                   double amplifier_sigma, const Spec& spec, double reference) {
  const auto q = [](double distance, double sigma) {
    if (sigma == 0) return distance < 0 ? 1.0 : distance > 0 ? 0.0 : 0.5;
    return NormalTail(distance / sigma);
  };
  const double amplifier = amplifier_sigma * amplifier_sigma;
  if (spec.Differential()) {
    return q(high - low, std::sqrt(low_sigma * low_sigma + high_sigma * high_sigma + amplifier));
  }
  return (q(reference - low, std::sqrt(low_sigma * low_sigma + amplifier)) +
          q(high - reference, std::sqrt(high_sigma * high_sigma + amplifier))) /
         2;
}

}  // namespace

double Amplifier::DecisionTime(double d) const {
  const double size = std::abs(d);
  if (size == 0) return std::numeric_limits<double>::infinity();
  return std::max(0.0, t0_ps - tau_ps * Log(size));
}

double Amplifier::Smallest(double time_ps) const {
  if (tau_ps == 0) return time_ps >= t0_ps ? 0 : std::numeric_limits<double>::infinity();
  return Exp((t0_ps - time_ps) / tau_ps);
}

Amplifier AmplifierOf(const Spec& spec) {
  const double less = (spec.amplifier_supply_v - spec.amplifier_threshold_v) /
                      (spec.supply_v - spec.amplifier_threshold_v);
  const double slower = Power(less, spec.amplifier_supply_exponent);
  return {.offset_ln = spec.offset_ln * slower,
          .noise_ln = spec.noise_ln,
          .t0_ps = spec.t0_ps * Power(less, spec.amplifier_t0_exponent),
          .tau_ps = spec.tau_ps * slower};
}

Resistances ResistancesOf(const Spec& spec) {
  if (spec.technology == Technology::kMram) {
    const double area_um2 = kPi / 4 * spec.diameter_nm * spec.diameter_nm * 1e-6;
    const double low = Log(spec.ra_ohm_um2 / area_um2);
    return {low, low + Log(1 + Tmr(spec)), spec.mtj_r_sigma_ln, spec.mtj_r_sigma_ln};
  }
  if (spec.technology == Technology::kRram) {
    const auto total = [](double a, double b) { return std::sqrt(a * a + b * b); };
    return {Log(spec.lrs_ohm), Log(spec.hrs_ohm),
            total(spec.lrs_cycle_sigma_ln, spec.lrs_device_sigma_ln),
            total(spec.hrs_cycle_sigma_ln, spec.hrs_device_sigma_ln)};
  }
  return {0, 1, 0, 0};
}

double ReadErrorRate(const Spec& spec) {
  const Resistances r = ResistancesOf(spec);
  const Amplifier amplifier = AmplifierOf(spec);
  const double sigma = std::sqrt(amplifier.offset_ln * amplifier.offset_ln +
                                 amplifier.noise_ln * amplifier.noise_ln);
  const double reference = r.Reference(spec.reference_position);
  const double normal =
      ErrorOfPair(r.low_ln, r.low_sigma_ln, r.high_ln, r.high_sigma_ln, sigma, spec, reference);
  if (spec.technology != Technology::kRram) return normal;
  const double weak = ErrorOfPair(r.low_ln, r.low_sigma_ln, r.high_ln - spec.outlier_shift_ln,
                                  r.high_sigma_ln * spec.outlier_scale, sigma, spec, reference);
  return normal + spec.outlier_fraction * (weak - normal);
}

double TmrOfPolarization(double polarization, double slope, double temperature_k) {
  const double p = polarization * (1 - slope * temperature_k * std::sqrt(temperature_k));
  return 2 * p * p / (1 - p * p);
}

double Tmr(const Spec& spec) {
  const auto at = [&](double t) {
    return TmrOfPolarization(spec.polarization, spec.polarization_slope, t);
  };
  return spec.tmr * at(spec.temperature_k) / at(kRoom);
}

double DeltaRatio(const Spec& spec) {
  const auto magnetization = [&](double t) {
    return Power(1 - t / spec.curie_k, spec.magnetization_exponent);
  };
  return Power(magnetization(spec.temperature_k) / magnetization(kRoom), spec.barrier_exponent) *
         kRoom / spec.temperature_k;
}

double TimeUnitNs(const Spec& spec) {
  return (1 + spec.damping * spec.damping) / (spec.damping * kGyromagnetic * spec.anisotropy_t) *
         1e9;
}

double CriticalCurrentUa(const Spec& spec) {
  const double barrier = spec.delta * DeltaRatio(spec) * kBoltzmann * spec.temperature_k;
  return 4 * kElectronCharge / kReducedPlanck * (spec.damping / spec.efficiency) * barrier * 1e6;
}

double DisturbProbability(double delta, double overdrive, double exponent, double time_unit_ns,
                          double time_ns) {
  const double i = overdrive;
  const double rate =
      std::sqrt(delta / kPi) * (1 - i) * (1 - i * i) * Exp(-delta * Power(1 - i, exponent));
  return 1 - Exp(-rate * time_ns / time_unit_ns);
}

double RetentionLoss(const Spec& spec, double seconds) {
  if (spec.technology != Technology::kMram) return 0;
  const double delta = spec.delta * DeltaRatio(spec);
  return MeanOverNormal([&](double z) {
    const double stable = delta * std::max(0.1, 1 + spec.delta_cv * z);
    return 1 - Exp(-seconds * 1e9 * Exp(-stable));
  });
}

double ResetMedianLn(double reset_v) {
  return OnResetLine(reset_v, [](const ResetPoint& point) { return Log(point.median_ohm); });
}

double ResetSigmaLn(double reset_v) {
  return OnResetLine(reset_v, [](const ResetPoint& point) { return point.sigma_ln; });
}

}  // namespace ep::device
