// SPDX-License-Identifier: Apache-2.0

#include "model/device/write_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "model/device/arithmetic.h"
#include "model/device/fokker_planck.h"

namespace ep::device {
namespace {

constexpr std::array kOverdrives = {0.5,  0.55, 0.6,  0.65, 0.7,  0.75, 0.8,  0.85, 0.9,
                                    0.95, 1.0,  1.05, 1.1,  1.15, 1.2,  1.25, 1.3,  1.35,
                                    1.4,  1.45, 1.5,  1.6,  1.7,  1.8,  1.9,  2.0,  2.2,
                                    2.4,  2.6,  2.8,  3.0,  3.3,  3.6,  4.0,  5.0};
constexpr std::array kDeltas = {20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0};
constexpr int kStepsAnOctave = 8;
constexpr std::size_t kTimes = 8 * kStepsAnOctave + 1;  // 0.25 .. 64
constexpr double kLongest = 64;
constexpr double kUnit = 256;    // steps of the table per unit of the logit
constexpr double kLargest = 60;  // the logit is kept within

// 0.25 x 2^(k / 8), the root by square roots alone.
constexpr std::array<double, kTimes> MakeTimes() {
  std::array<double, kTimes> times{};
  constexpr double kRoots[kStepsAnOctave] = {1.0,
                                             1.0905077326652577,
                                             1.189207115002721,
                                             1.2968395546510096,
                                             1.4142135623730951,
                                             1.5422108254079407,
                                             1.681792830507429,
                                             1.8340080864093424};
  double octave = 0.25;
  for (std::size_t k = 0; k < kTimes; ++k) {
    times[k] = octave * kRoots[k % kStepsAnOctave];
    if (k % kStepsAnOctave == kStepsAnOctave - 1) octave *= 2;
  }
  return times;
}
constexpr std::array<double, kTimes> kTimeAxis = MakeTimes();

// [overdrive][delta][time].
constexpr std::int16_t kTable[] = {
#include "model/device/write_table.inc"
};
static_assert(std::size(kTable) == kOverdrives.size() * kDeltas.size() * kTimes);

// Where a value lies on an axis: between index and index + 1, at `part` of the way.
struct Place {
  std::size_t index = 0;
  double part = 0;
};

template <typename Axis>
Place Find(const Axis& axis, double value) {
  value = std::clamp(value, axis.front(), axis.back());
  const auto above = std::upper_bound(axis.begin() + 1, axis.end() - 1, value);
  const auto index = static_cast<std::size_t>(above - axis.begin()) - 1;
  return {index, (value - axis[index]) / (axis[index + 1] - axis[index])};
}

double Between(double a, double b, double part) { return a + part * (b - a); }

// The logits over time at one overdrive and delta.
class Curve {
 public:
  Curve(double overdrive, double delta)
      : overdrive_(Find(kOverdrives, overdrive)), delta_(Find(kDeltas, delta)) {}

  double At(std::size_t time) const {
    const auto entry = [&](std::size_t i, std::size_t d) {
      return static_cast<double>(TableEntry(overdrive_.index + i, delta_.index + d, time));
    };
    return Between(Between(entry(0, 0), entry(0, 1), delta_.part),
                   Between(entry(1, 0), entry(1, 1), delta_.part), overdrive_.part) /
           kUnit;
  }

 private:
  Place overdrive_, delta_;
};

// From the logit to ln WER.
double LogOfRate(double logit) { return -Log(1 + Exp(-logit)); }

}  // namespace

std::span<const double> TableOverdrives() { return kOverdrives; }
std::span<const double> TableDeltas() { return kDeltas; }
std::span<const double> TableTimes() { return kTimeAxis; }

int TableEntry(std::size_t overdrive, std::size_t delta, std::size_t time) {
  return kTable[(overdrive * kDeltas.size() + delta) * kTimes + time];
}

double SwitchingLogit(double overdrive, double delta, double time) {
  const Curve curve(overdrive, delta);
  if (time > kLongest) {
    // ln WER falls by the same in the same time.
    const double log_rate = LogOfRate(curve.At(kTimes - 1)) * (time / kLongest);
    return log_rate < -kLargest ? -kLargest : log_rate - Log(1 - Exp(log_rate));
  }
  if (time < kTimeAxis.front()) return kLargest;
  const Place place = Find(kTimeAxis, time);
  return Between(curve.At(place.index), curve.At(place.index + 1), place.part);
}

double WriteErrorRate(double overdrive, double delta, double time) {
  return 1 / (1 + Exp(-SwitchingLogit(overdrive, delta, time)));
}

double SwitchingTime(double overdrive, double delta, double logit) {
  const Curve curve(overdrive, delta);
  if (logit >= curve.At(0)) return kTimeAxis.front();
  const double last = curve.At(kTimes - 1);
  if (logit < last) {
    if (last <= -kLargest) return kLongest;
    return kLongest * (LogOfRate(logit) / LogOfRate(last));
  }
  std::size_t low = 0, high = kTimes - 1;  // the logit at low is above, at high not
  while (high - low > 1) {
    const std::size_t middle = (low + high) / 2;
    (curve.At(middle) > logit ? low : high) = middle;
  }
  const double above = curve.At(low), below = curve.At(high);
  return Between(kTimeAxis[low], kTimeAxis[high], (above - logit) / (above - below));
}

int SolvedEntry(double stays, double switched) {
  const double logit = std::log(stays) - std::log(switched);
  const double kept = std::isnan(logit) ? 0 : std::clamp(logit, -kLargest, kLargest);
  return static_cast<int>(std::lround(kept * kUnit));
}

std::string SolvedTable() {
  std::string text =
      "// SPDX-License-Identifier: Apache-2.0\n"
      "// Generated by SolvedTable in write_table.cc; see write_table.h.\n";
  for (const double overdrive : kOverdrives) {
    for (const double delta : kDeltas) {
      text += fmt::format("// overdrive {}, delta {}\n", overdrive, delta);
      std::string line;
      for (const NotSwitched& result : SolveFokkerPlanck(delta, overdrive, kTimeAxis)) {
        const std::string entry = fmt::format("{},", SolvedEntry(result.stays, result.switched));
        if (line.size() + entry.size() > 99) {
          text += line + "\n";
          line.clear();
        }
        line += entry;
      }
      text += line + "\n";
    }
  }
  return text;
}

}  // namespace ep::device
