// SPDX-License-Identifier: Apache-2.0

#include "model/device/measure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

#include "model/device/arithmetic.h"
#include "model/device/device_array.h"
#include "model/device/gates.h"
#include "model/device/physics.h"

namespace ep::device {
namespace {

using model::Cells;

constexpr int kLanes = 128;
constexpr int kColumns = kLanes * 8;
constexpr int kRows = 4;
constexpr int kArrayCells = kRows * kColumns;
constexpr int kLongPulse = 1 << 20;

Cells AllCells() {
  Cells mask{};
  mask.fill(0xff);
  return mask;
}

// Calls f(array, row) for each row of enough arrays of other seeds.
template <typename F>
void ForEachRow(const Spec& spec, int cells, F f) {
  const int arrays = std::max(1, (cells + kArrayCells - 1) / kArrayCells);
  for (int k = 1; k <= arrays; ++k) {
    DeviceArray array(spec, kRows, kLanes, 8, static_cast<std::uint32_t>(k));
    for (std::uint32_t row = 0; row < kRows; ++row) f(array, row);
  }
}

double Drawn(int cells) {
  const int arrays = (cells + kArrayCells - 1) / kArrayCells;
  return static_cast<double>(arrays) * kArrayCells;
}

int Ones(const Cells& cells) {
  int ones = 0;
  for (const std::uint8_t byte : cells) ones += std::popcount(byte);
  return ones;
}

// Errors left by a code of 72 bits that corrects one.
double AfterSecded(double p) {
  constexpr int kBits = 72;
  double left = 0;
  double term = 1;  // C(72, k) p^k (1 - p)^(72 - k)
  for (int bit = 0; bit < kBits; ++bit) term *= 1 - p;
  for (int k = 1; k <= kBits; ++k) {
    term *= p / (1 - p) * (kBits - k + 1) / k;
    if (k > 1) left += term * k / kBits;
  }
  return left;
}

// The spec with states as far apart as a stop voltage of RESET, or a TMR, makes them.
Spec WithStrength(Spec spec, double strength) {
  if (spec.technology == Technology::kMram) {
    spec.tmr *= strength / Tmr(spec);
    return spec;
  }
  const double scale = std::min(1.0, ResetSigmaLn(strength) / ResetSigmaLn(spec.reset_v));
  spec.hrs_ohm *= Exp(ResetMedianLn(strength) - ResetMedianLn(spec.reset_v));
  spec.hrs_cycle_sigma_ln *= scale;
  spec.hrs_device_sigma_ln *= scale;
  spec.reset_v = strength;
  return spec;
}

Spec WithCell(Spec spec, CellKind cell) {
  spec.cell = cell;
  return spec;
}

double BestPosition(Spec spec) {
  spec.cell = CellKind::kSingle;
  double best = 1, position = 0.5;
  for (int k = 0; k <= 200; ++k) {
    spec.reference_position = k / 200.0;
    const double rate = ReadErrorRate(spec);
    if (rate < best) {
      best = rate;
      position = spec.reference_position;
    }
  }
  return position;
}

double Counted(const MonteCarlo& drawn) { return drawn.wrong >= 20 ? drawn.rate : 0; }

}  // namespace

std::string Curves::Csv() const {
  std::string text = fmt::format("{}\n", fmt::join(columns, ","));
  for (const std::vector<double>& row : rows) text += fmt::format("{:.6g}\n", fmt::join(row, ","));
  return text;
}

Curves MeasureResistance(const Spec& spec, int cells) {
  std::vector<double> low, high;
  ForEachRow(spec, cells, [&](DeviceArray& array, std::uint32_t row) {
    for (const bool value : {false, true}) {
      if (value) array.Pulse(row, true, AllCells(), 0, kLongPulse);
      for (int c = 0; c < kColumns; ++c) {
        (value ? low : high).push_back(Exp(array.LogResistance(row, c, 0)));
      }
    }
  });
  std::ranges::sort(low);
  std::ranges::sort(high);
  Curves curves{"resistance", {"probability", "low_ohm", "high_ohm"}, {}};
  // Evenly in the quantile of a normal distribution, from 1e-4 to 1 - 1e-4.
  for (double z = -3.7; z <= 3.7001; z += 0.1) {
    const double p = NormalTail(-z);
    const auto at = static_cast<std::size_t>(p * static_cast<double>(low.size() - 1));
    curves.rows.push_back({p, low[at], high[at]});
  }
  return curves;
}

Curves MeasureStrength(const Spec& spec, int cells) {
  const bool mram = spec.technology == Technology::kMram;
  Curves curves{"strength",
                {mram ? "tmr" : "reset_v", "single_middle", "single_best", "pair",
                 "single_best_secded", "single_middle_drawn", "single_best_drawn", "pair_drawn"},
                {}};
  for (int k = 0; k < 15; ++k) {
    const double strength = mram ? 0.3 + 0.12 * k : 0.8 + 0.05 * k;
    Spec at = WithStrength(spec, strength);
    const Spec pair = WithCell(at, CellKind::kDifferential);
    Spec middle = WithCell(at, CellKind::kSingle);
    middle.reference_position = 0.5;
    Spec best = middle;
    best.reference_position = BestPosition(at);
    const double best_rate = ReadErrorRate(best);
    curves.rows.push_back({strength, ReadErrorRate(middle), best_rate, ReadErrorRate(pair),
                           AfterSecded(best_rate), Counted(SenseAtRandom(middle, cells)),
                           Counted(SenseAtRandom(best, cells)),
                           Counted(SenseAtRandom(pair, cells))});
  }
  return curves;
}

Curves MeasureWindow(const Spec& spec, int cells) {
  Spec fine = spec;
  fine.period_ns = 0.02;
  const Amplifier amplifier = AmplifierOf(spec);
  Curves curves{"window", {"sense_ns", "late", "wrong"}, {}};
  // From where half of the bits are late to some time constants later.
  for (double time = amplifier.t0_ps * 0.8; time < amplifier.t0_ps + 8 * amplifier.tau_ps;
       time += amplifier.tau_ps * 0.25) {
    const int cycles = std::max(1, static_cast<int>(std::lround(time / 1000 / fine.period_ns)));
    double lates = 0, wrong = 0;
    Cells shown{}, late{};
    ForEachRow(fine, cells, [&](DeviceArray& array, std::uint32_t row) {
      array.Sense(row, cycles, shown, late);
      lates += Ones(late);
      wrong += Ones(shown);
    });
    curves.rows.push_back({cycles * fine.period_ns, lates / Drawn(cells), wrong / Drawn(cells)});
  }
  return curves;
}

Curves MeasurePulse(const Spec& spec, int cells) {
  Spec one = spec;
  one.cell = CellKind::kSingle;
  one.period_ns = spec.technology == Technology::kMram ? 0.25 : 10;
  one.offset_ln = one.noise_ln = 0;
  one.detects_end = 0;
  constexpr int kLevels[] = {0, 2, 4};
  Curves curves{"pulse", {"pulse_ns"}, {}};
  for (const int level : kLevels) {
    curves.columns.push_back(fmt::format("to_low_level_{}", level));
    curves.columns.push_back(fmt::format("to_high_level_{}", level));
  }
  for (double length = 2; length < 300; length *= 1.25) {
    const int cycles = static_cast<int>(length);
    std::vector<double> row_of = {cycles * one.period_ns};
    if (!curves.rows.empty() && curves.rows.back()[0] == row_of[0]) continue;
    for (const int level : kLevels) {
      for (const bool value : {true, false}) {
        double stayed = 0;
        ForEachRow(one, cells, [&](DeviceArray& array, std::uint32_t row) {
          array.Pulse(row, !value, AllCells(), 0, kLongPulse);
          array.Pulse(row, value, AllCells(), level, cycles);
          stayed += array.CellsInLowState(row) * (value ? -1 : 1) + (value ? kColumns : 0);
        });
        row_of.push_back(stayed / Drawn(cells));
      }
    }
    curves.rows.push_back(row_of);
  }
  return curves;
}

Curves MeasureShots(const Spec& spec, int cells) {
  constexpr int kShots = 8;
  constexpr double kParts[] = {1, 0.5, 0.25};
  Curves curves{"shots", {"shots", "pulse", "half_pulse", "quarter_pulse"}, {}};
  for (int shot = 0; shot <= kShots; ++shot) curves.rows.push_back({shot + 1.0, 0, 0, 0});
  Cells shown{}, late{};
  for (std::size_t part = 0; part < std::size(kParts); ++part) {
    Spec fine = spec;
    fine.period_ns = spec.pulse_ns / 64;
    const int sense = std::max(1, static_cast<int>(std::lround(spec.sense_ns / fine.period_ns)));
    const int pulse = static_cast<int>(64 * kParts[part]);
    ForEachRow(fine, cells, [&](DeviceArray& array, std::uint32_t row) {
      for (const bool value : {true, false}) {
        Cells wrong = AllCells();
        for (int shot = 0; shot < kShots; ++shot) {
          const int before = Ones(wrong);
          array.Pulse(row, value, wrong, std::min(shot, 7), pulse);
          array.Sense(row, sense, shown, late);
          for (int l = 0; l < kLanes; ++l) {
            wrong[l] &= static_cast<std::uint8_t>(value ? ~shown[l] : shown[l]);
          }
          curves.rows[shot][part + 1] += (before - Ones(wrong)) / (2 * Drawn(cells));
        }
        curves.rows[kShots][part + 1] += Ones(wrong) / (2 * Drawn(cells));
      }
    });
  }
  return curves;
}

Curves MeasureEndurance(const Spec& spec, int cells) {
  Curves curves{"endurance", {"pulses", "stuck", "wrong"}, {}};
  Cells shown{}, late{};
  for (double pulses = 1e4; pulses < 4e9; pulses *= std::sqrt(10.0)) {
    double stuck = 0, wrong = 0;
    ForEachRow(spec, cells, [&](DeviceArray& array, std::uint32_t row) {
      array.Use(row, static_cast<std::uint32_t>(pulses));
      array.Pulse(row, true, AllCells(), 0, kLongPulse);
      array.Pulse(row, false, AllCells(), 0, kLongPulse);
      array.Pulse(row, true, AllCells(), 0, kLongPulse);
      array.Sense(row, spec.SenseCycles(), shown, late);
      wrong += kColumns - Ones(shown);
      if (row + 1 == kRows) stuck += static_cast<double>(array.WearSoFar().stuck_cells);
    });
    curves.rows.push_back({pulses, stuck / Drawn(cells), wrong / Drawn(cells)});
  }
  return curves;
}

std::vector<Curves> Measure(const Spec& spec, int cells,
                            const std::function<void(const std::string&)>& begun) {
  using Function = Curves (*)(const Spec&, int);
  constexpr std::pair<const char*, Function> kAll[] = {
      {"resistance", MeasureResistance}, {"strength", MeasureStrength},
      {"window", MeasureWindow},         {"pulse", MeasurePulse},
      {"shots", MeasureShots},           {"endurance", MeasureEndurance}};
  std::vector<Curves> curves;
  if (spec.technology == Technology::kIdeal) return curves;
  for (const auto& [name, function] : kAll) {
    begun(name);
    curves.push_back(function(spec, cells));
  }
  return curves;
}

}  // namespace ep::device
