// SPDX-License-Identifier: Apache-2.0

#include "model/device/device_array.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "model/common/raw_random.h"
#include "model/device/arithmetic.h"
#include "model/device/write_table.h"

namespace ep::device {
namespace {

using model::Cells;

constexpr int kLanes = 32;
constexpr int kColumns = kLanes * 8;

Spec Mram() {
  Spec spec;
  spec.technology = Technology::kMram;
  spec.supply_v = spec.amplifier_supply_v = 0.9;
  spec.offset_ln = 0.1;
  spec.noise_ln = 0.01;
  spec.t0_ps = 344;
  spec.tau_ps = 294;
  return spec;
}

Spec Rram() {
  Spec spec;
  spec.technology = Technology::kRram;
  spec.offset_ln = 0.15;
  spec.noise_ln = 0.01;
  spec.t0_ps = 247;
  spec.tau_ps = 149;
  return spec;
}

// Every cell of the first lanes.
Cells AllCells() {
  Cells mask{};
  std::fill_n(mask.begin(), kLanes, std::uint8_t{0xff});
  return mask;
}

int Ones(const Cells& cells) {
  int ones = 0;
  for (const std::uint8_t byte : cells) ones += std::popcount(byte);
  return ones;
}

// Ideal cells that live for ever.
Spec Ideal() {
  Spec spec;
  spec.endurance_pulses = 0;
  return spec;
}

// Within `sigmas` standard errors of a count with this probability.
void ExpectRate(std::int64_t count, double trials, double probability, double sigmas = 5) {
  EXPECT_NEAR(static_cast<double>(count) / trials, probability,
              sigmas * std::sqrt(probability * (1 - probability) / trials))
      << count << " of " << trials;
}

// Random senses and pulses; a hash of everything that comes back.
std::uint64_t Exercise(model::ArrayPort& array, int beats, std::uint32_t seed) {
  RawRandom random(seed);
  std::uint64_t hash = 0xcbf29ce484222325U;
  const auto add = [&hash](std::uint64_t value) { hash = (hash ^ value) * 0x100000001b3U; };
  Cells cells{}, late{}, mask{};
  for (int beat = 0; beat < beats; ++beat) {
    const auto row = static_cast<std::uint32_t>(random.Below(5));
    if (random.OneIn(2)) {
      array.Sense(row, random.Between(1, 2), cells, late);
      for (int l = 0; l < kLanes; ++l) add(cells[l] | late[l] << 8);
      continue;
    }
    for (int l = 0; l < kLanes; ++l) {
      mask[l] = static_cast<std::uint8_t>(random.Below(256) & random.Below(256));
    }
    const bool value = random.OneIn(2);
    const int level = random.Below(8);
    add(static_cast<std::uint64_t>(array.StartPulse(row, value, mask, level)));
    array.EndPulse(random.Between(1, 300));
  }
  return hash;
}

TEST(DeviceArrayTest, IdealCellsEqualTheIdealArray) {
  DeviceArray device(Ideal(), 5, kLanes, 8, 1);
  model::Array ideal(5, kLanes);
  EXPECT_EQ(Exercise(device, 3000, 7), Exercise(ideal, 3000, 7));
}

TEST(DeviceArrayTest, BitsAreThoseOfTheSeed) {
  Spec faulty = Ideal();
  faulty.read_error_rate = 0.01;
  faulty.late_share = 0.5;
  faulty.stuck_rate = 0.01;
  faulty.write_error_rate = 0.05;
  Spec mram = Mram();
  mram.offset_ln = 0.4;
  Spec rram = Rram();
  rram.switch_ns = 500;
  // The hashes are those of any machine: other arithmetic would show here.
  const struct {
    Spec spec;
    std::uint64_t hash;
  } cases[] = {
      {faulty, 4747913772280640782U}, {mram, 5744315754871583674U}, {rram, 17361511072517878461U}};
  for (const auto& [spec, hash] : cases) {
    DeviceArray a(spec, 5, kLanes, 8, 1), b(spec, 5, kLanes, 8, 1), other(spec, 5, kLanes, 8, 2);
    const std::uint64_t got = Exercise(a, 2000, 3);
    EXPECT_EQ(got, hash) << Name(spec.technology);
    EXPECT_EQ(Exercise(b, 2000, 3), got);
    EXPECT_NE(Exercise(other, 2000, 3), got);
  }
}

TEST(DeviceArrayTest, ARestoredArrayGoesOnToTheSameBits) {
  Spec faulty = Ideal();
  faulty.read_error_rate = 0.01;
  faulty.stuck_rate = 0.01;
  Spec worn = Mram();
  worn.endurance_pulses = 300;
  worn.delta = 20;  // reading disturbs
  Spec rram = Rram();
  rram.outlier_fraction = 0.1;
  for (const Spec& spec : {faulty, worn, rram}) {
    DeviceArray whole(spec, 5, kLanes, 8, 1), restored(spec, 5, kLanes, 8, 1);
    Exercise(whole, 500, 3);
    const std::string saved = whole.Save();
    Exercise(restored, 300, 4);
    const std::string other = restored.Save();
    EXPECT_NE(saved, other);
    // What does not fit leaves the array as it was.
    EXPECT_THROW(restored.Restore(saved.substr(0, saved.size() - 1)), UserError);
    EXPECT_THROW(restored.Restore(saved + "x"), UserError);
    EXPECT_THROW(restored.Restore(""), UserError);
    EXPECT_EQ(restored.Save(), other);
    restored.Restore(saved);
    EXPECT_EQ(Exercise(restored, 2000, 5), Exercise(whole, 2000, 5)) << Name(spec.technology);
    EXPECT_EQ(restored.Save(), whole.Save());
    EXPECT_EQ(restored.WearSoFar().most_worn, whole.WearSoFar().most_worn);
  }
}

// A 6-bit lane: bits above are never set, neighbours not touched.
TEST(DeviceArrayTest, LanesOfFewerBitsKeepToThem) {
  Spec spec = Mram();
  DeviceArray array(spec, 2, kLanes, 6, 1);
  array.Pulse(1, true, AllCells(), 0, 100);
  Cells cells{}, late{};
  array.Sense(1, 1, cells, late);
  for (int l = 0; l < kLanes; ++l) EXPECT_EQ(cells[l] & 0xc0, 0);
  EXPECT_GT(Ones(cells), 6 * kLanes * 9 / 10);
}

// Errors by rate
// ///////////////////////////////////////////////////////////////////////////////////

TEST(DeviceArrayTest, FreshErrorsComeAtTheirRate) {
  for (const double rate : {1e-4, 1e-2, 0.2}) {
    for (const double share : {0.0, 0.3, 1.0}) {
      Spec spec = Ideal();
      spec.read_error_rate = rate;
      spec.late_share = share;
      DeviceArray array(spec, 2, kLanes, 8, 11);
      array.Pulse(1, true, AllCells());
      std::int64_t wrong = 0, late_wrong = 0, late_right = 0;
      Cells cells{}, late{};
      const int senses = rate < 1e-3 ? 20000 : 2000;
      for (int i = 0; i < senses; ++i) {
        array.Sense(1, 1, cells, late);
        wrong += kColumns - Ones(cells);
        for (int l = 0; l < kLanes; ++l) {
          late_right += std::popcount(static_cast<unsigned>(late[l] & cells[l]));
          late_wrong += std::popcount(static_cast<unsigned>(late[l] & ~cells[l]));
        }
      }
      const double bits = static_cast<double>(senses) * kColumns;
      ExpectRate(wrong, bits, rate);
      ExpectRate(late_wrong, bits, rate * share);
      ExpectRate(late_right, bits, rate * share);
    }
  }
}

TEST(DeviceArrayTest, StuckCellsStayAndTheOthersObey) {
  Spec spec = Ideal();
  spec.stuck_rate = 0.03;
  constexpr int kRows = 400;
  DeviceArray array(spec, kRows, kLanes, 8, 5);
  std::int64_t at_one = 0, at_zero = 0;
  for (std::uint32_t row = 0; row < kRows; ++row) {
    Cells low{}, high{}, late{};
    array.Pulse(row, true, AllCells());
    array.Sense(row, 1, high, late);
    array.Pulse(row, false, AllCells());
    array.Sense(row, 1, low, late);
    at_one += Ones(low);
    at_zero += kColumns - Ones(high);
  }
  ExpectRate(at_one, kRows * kColumns, 0.015);
  ExpectRate(at_zero, kRows * kColumns, 0.015);
  EXPECT_EQ(array.WearSoFar().stuck_cells, static_cast<std::uint64_t>(at_one + at_zero));
}

TEST(DeviceArrayTest, PulsesFailAtTheirRate) {
  Spec spec = Ideal();
  spec.write_error_rate = 0.1;
  DeviceArray array(spec, 200, kLanes, 8, 5);
  std::int64_t failed = 0;
  Cells cells{}, late{};
  for (std::uint32_t row = 0; row < 200; ++row) {
    array.Pulse(row, true, AllCells());
    array.Sense(row, 1, cells, late);
    failed += kColumns - Ones(cells);
  }
  ExpectRate(failed, 200 * kColumns, 0.1);
}

// Sense amplifiers
// /////////////////////////////////////////////////////////////////////////////////

// Cells near 0 show 0, 1 or late as a normal noise around their margin says.
TEST(DeviceArrayTest, NoiseDecidesNearZero) {
  Spec spec = Mram();
  spec.offset_ln = 0.5;
  spec.noise_ln = 0.1;
  spec.period_ns = 1;
  DeviceArray array(spec, 2, kLanes, 8, 3);
  const Amplifier amplifier = AmplifierOf(spec);
  constexpr int kSenses = 20000;
  // 1 ns decides |d| > 0.107.
  const double smallest = amplifier.Smallest(1000);
  EXPECT_NEAR(smallest, 0.107, 0.001);
  std::vector<int> ones(kColumns), lates(kColumns);
  Cells cells{}, late{};
  for (int i = 0; i < kSenses; ++i) {
    array.Sense(0, 1, cells, late);
    for (int c = 0; c < kColumns; ++c) {
      const bool is_late = (late[c / 8] >> (c % 8) & 1) != 0;
      lates[c] += is_late;
      ones[c] += !is_late && (cells[c / 8] >> (c % 8) & 1) != 0;
    }
  }
  int near = 0;
  for (int c = 0; c < kColumns; ++c) {
    const double margin = array.Margin(0, c);
    const double one = 0.5 * std::erfc((smallest - margin) / 0.1 / std::sqrt(2));
    const double zero = 0.5 * std::erfc((smallest + margin) / 0.1 / std::sqrt(2));
    near += std::abs(margin) < 0.3;
    ExpectRate(ones[c], kSenses, one, 5.5);
    ExpectRate(lates[c], kSenses, 1 - one - zero, 5.5);
  }
  EXPECT_GT(near, 20);
}

TEST(DeviceArrayTest, LongerSensesAreLateLessOften) {
  Spec spec = Mram();
  spec.offset_ln = 0.4;
  spec.period_ns = 0.25;
  DeviceArray array(spec, 100, kLanes, 8, 3);
  std::vector<int> lates;
  Cells cells{}, late{};
  for (const int cycles : {2, 4, 6, 8, 12}) {
    lates.push_back(0);
    for (std::uint32_t row = 0; row < 100; ++row) {
      array.Sense(row, cycles, cells, late);
      lates.back() += Ones(late);
    }
  }
  for (std::size_t i = 1; i < lates.size(); ++i) EXPECT_LT(lates[i], lates[i - 1]);
  EXPECT_GT(lates.front(), 1000);
}

// Programming
// //////////////////////////////////////////////////////////////////////////////////////

// Junctions without spread fail as the table says, towards either state.
TEST(DeviceArrayTest, MramWriteErrorsAreThoseOfTheTable) {
  Spec spec = Mram();
  spec.cell = CellKind::kSingle;
  spec.delta_cv = 0;
  spec.offset_ln = 0;
  spec.period_ns = 1;
  spec.current_ua = 2.2 * CriticalCurrentUa(spec);
  spec.read_overdrive = 0;
  constexpr int kRows = 800;
  DeviceArray array(spec, kRows, kLanes, 8, 9);
  for (const auto& [value, overdrive, cycles] :
       {std::tuple(true, 2.2, 2), std::tuple(true, 2.2, 3), std::tuple(false, 2.2 / 1.5, 3),
        std::tuple(false, 2.2 / 1.5, 5)}) {
    std::int64_t failed = 0;
    Cells cells{}, late{};
    for (std::uint32_t row = 0; row < kRows; ++row) {
      array.Pulse(row, !value, AllCells(), 7, 100);
      array.Pulse(row, value, AllCells(), 0, cycles);
      array.Sense(row, 100, cells, late);
      failed += value ? kColumns - Ones(cells) : Ones(cells);
    }
    ExpectRate(failed, kRows * kColumns, WriteErrorRate(overdrive, 60, cycles / TimeUnitNs(spec)));
  }
}

// The macro's answer is the time at which the last cell has switched.
TEST(DeviceArrayTest, PulsesThatTellTheirEndEndThere) {
  for (Spec spec : {Mram(), Rram()}) {
    spec.cell = CellKind::kSingle;
    spec.detects_end = 1;
    spec.period_ns = 1;
    spec.offset_ln = 0;
    spec.mtj_r_sigma_ln = 0;
    DeviceArray array(spec, 50, kLanes, 8, 2);
    Cells cells{}, late{};
    for (std::uint32_t row = 0; row < 50; ++row) {
      const int done = array.StartPulse(row, true, AllCells(), 0);
      ASSERT_GT(done, 1);
      array.EndPulse(done);
      array.Sense(row, 20, cells, late);
      EXPECT_EQ(Ones(cells), kColumns);
      const int again = array.StartPulse(row, false, AllCells(), 0);
      array.EndPulse(again - 1);
      array.Sense(row, 20, cells, late);
      EXPECT_GT(Ones(cells), 0);  // one has not switched yet
    }
    spec.detects_end = 0;
    EXPECT_EQ(DeviceArray(spec, 1, kLanes, 8, 2).StartPulse(0, true, AllCells(), 0), 0);
  }
}

// Resistances of one filament from pulse to pulse, over many: correlated up to 40 pulses.
TEST(DeviceArrayTest, RramCyclesRemember) {
  Spec spec = Rram();
  spec.hrs_device_sigma_ln = 0;  // what is the same in every cycle would correlate too
  constexpr int kCycles = 60, kRows = 40;
  DeviceArray array(spec, kRows, kLanes, 8, 4);
  const double mean = std::log(spec.hrs_ohm);
  std::vector<std::vector<double>> x(kCycles);  // by cycle: all filaments around their mean
  for (std::vector<double>& cycle : x) {
    for (std::uint32_t row = 0; row < kRows; ++row) {
      array.Pulse(row, false, AllCells(), 0, 1000);
      for (int c = 0; c < kColumns; ++c) cycle.push_back(array.LogResistance(row, c, 0) - mean);
    }
  }
  for (const int lag : {0, 1, 5, 20, 40}) {
    double sum = 0;
    for (int cycle = 0; cycle + lag < kCycles; ++cycle) {
      for (std::size_t i = 0; i < x[0].size(); ++i) sum += x[cycle][i] * x[cycle + lag][i];
    }
    const double correlation = sum / (kCycles - lag) / static_cast<double>(x[0].size()) /
                               std::pow(spec.hrs_cycle_sigma_ln, 2);
    const double expected = lag == 0 ? 1 : spec.slow_share * std::pow(spec.slow_correlation, lag);
    EXPECT_NEAR(correlation, expected, 0.015) << lag;
    EXPECT_GT(correlation, 0.015) << lag;
  }
}

TEST(DeviceArrayTest, HigherLevelsResetToHigherResistances) {
  DeviceArray array(Rram(), 20, kLanes, 8, 4);
  double previous = 0;
  for (int level = 0; level < 5; ++level) {
    double sum = 0;
    for (std::uint32_t row = 0; row < 20; ++row) {
      array.Pulse(row, false, AllCells(), level, 1000);
      for (int c = 0; c < kColumns; ++c) sum += array.LogResistance(row, c, 0);
    }
    EXPECT_GT(sum, previous);
    previous = sum;
  }
}

// Wear and loss
// ////////////////////////////////////////////////////////////////////////////////////

TEST(DeviceArrayTest, CellsEndAfterTheirLife) {
  Spec spec = Ideal();
  spec.endurance_pulses = 50;
  spec.endurance_sigma_ln = 0.3;
  DeviceArray array(spec, 20, kLanes, 8, 4);
  std::vector<double> stuck;
  for (int pulse = 0; pulse < 100; ++pulse) {
    for (std::uint32_t row = 0; row < 20; ++row) array.Pulse(row, pulse % 2 == 0, AllCells());
    stuck.push_back(static_cast<double>(array.WearSoFar().stuck_cells) / (20 * kColumns));
  }
  // Pulse n, from 0, finds a cell stuck if its life is at most n: a normal in ln n.
  for (const int pulse : {30, 40, 50, 60, 80}) {
    ExpectRate(static_cast<std::int64_t>(std::lround(stuck[pulse] * 20 * kColumns)), 20 * kColumns,
               NormalTail(-std::log(pulse / 50.0) / 0.3));
  }
  EXPECT_EQ(array.WearSoFar().most_pulses, 100U);
  EXPECT_EQ(array.WearSoFar().pulses, 100U * 20 * kColumns);
}

TEST(DeviceArrayTest, WeakJunctionsAreTurnedByReads) {
  Spec spec = Mram();
  spec.delta = 30;
  spec.delta_cv = 0;
  spec.read_overdrive = 0.5;
  DeviceArray array(spec, 4, kLanes, 8, 4);
  Cells cells{}, late{};
  constexpr int kSenses = 20000;
  for (int i = 0; i < kSenses; ++i) array.Sense(0, 1, cells, late);
  // Each cell has one junction in the high state, of 512 in the row; after it is turned none.
  const double each = DisturbProbability(30, 0.5, 2, TimeUnitNs(spec), spec.period_ns);
  const double expected = kColumns * (1 - std::exp(-each * kSenses));
  EXPECT_GT(expected, 50);
  EXPECT_NEAR(static_cast<double>(array.WearSoFar().disturbed), expected, 5 * std::sqrt(expected));
  EXPECT_EQ(DeviceArray(Mram(), 4, kLanes, 8, 4).WearSoFar().disturbed, 0U);
}

TEST(DeviceArrayTest, TimeTurnsJunctionsAsTheirBarrierSays) {
  Spec spec = Mram();
  spec.delta = 40;
  constexpr int kRows = 50;
  DeviceArray array(spec, kRows, kLanes, 8, 4);
  for (std::uint32_t row = 0; row < kRows; ++row) array.Margin(row, 0);  // makes the row
  array.Age(3600);
  const double loss = RetentionLoss(spec, 3600);
  EXPECT_GT(loss, 0.001);
  ExpectRate(static_cast<std::int64_t>(array.WearSoFar().disturbed), kRows * kColumns * 2.0, loss);
}

}  // namespace
}  // namespace ep::device
