// SPDX-License-Identifier: Apache-2.0

#include "model/device/device_array.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "model/device/arithmetic.h"
#include "model/device/write_table.h"

namespace ep::device {
namespace {

using model::Cells;
using Purpose = Random::Purpose;

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kNoiseCut = 6;  // sigma: noise is never larger

// Second index of draws for one device.
enum DeviceDraw : std::uint64_t { kDrawLow, kDrawHigh, kDrawOutlier, kDrawDelta };

std::uint32_t Threshold(double probability) {
  return static_cast<std::uint32_t>(
      std::min(std::floor(probability * 0x1p32), static_cast<double>(0xffffffffU)));
}

}  // namespace

DeviceArray::DeviceArray(const Spec& spec, int rows, int lanes, int weight_bits, std::uint32_t seed)
    : spec_(spec),
      lanes_(lanes),
      bits_(weight_bits),
      columns_(lanes * weight_bits),
      devices_(spec.Differential() && spec.technology != Technology::kIdeal ? 2 : 1),
      random_(seed),
      amplifier_(AmplifierOf(spec)),
      resistances_(ResistancesOf(spec)),
      reference_ln_(resistances_.Reference(spec.reference_position)),
      offsets_(columns_),
      rows_(rows),
      sense_key_(random_.Bits(Purpose::kSense, 0)) {
  spec_.Check();
  // No standard normal number of 52 bits is below -8.3.
  least_life_ = spec.endurance_pulses * Exp(-8.3 * spec.endurance_sigma_ln);
  if (spec.technology != Technology::kIdeal) {
    for (int c = 0; c < columns_; ++c) {
      offsets_[c] = static_cast<float>(amplifier_.offset_ln * random_.Normal(Purpose::kOffset, c));
    }
  }
  if (spec.technology == Technology::kMram) {
    delta_ = spec.delta * DeltaRatio(spec);
    time_unit_ns_ = TimeUnitNs(spec);
    overdrive_ = spec.current_ua / CriticalCurrentUa(spec);
    constexpr int kPoints = 200;
    for (int k = 0; k < kPoints; ++k) {
      const double z = NormalQuantile((k + 0.5) / kPoints);
      const double ratio = std::max(0.1, 1 + spec.delta_cv * z);
      const double i = std::min(0.9, spec.read_overdrive / ratio);
      // The exponential stays linear for 1 ns.
      disturb_per_ns_ +=
          DisturbProbability(delta_ * ratio, i, spec.disturb_exponent, time_unit_ns_ / ratio, 1.0) /
          kPoints;
    }
  }
  exposure_left_ = -Log(random_.Uniform(Purpose::kDisturb, disturb_draws_++));
  fresh_rate_ = spec.read_error_rate * (1 + spec.late_share);
  if (fresh_rate_ > 0) fresh_late_ = 2 * spec.late_share / (1 + spec.late_share);
  fresh_gap_ = std::numeric_limits<std::uint64_t>::max();
  if (fresh_rate_ > 0) {
    fresh_gap_ = static_cast<std::uint64_t>(
        std::floor(Log(random_.Uniform(Purpose::kFresh, fresh_draws_++)) / Log(1 - fresh_rate_)));
  }
}

// Rows ///////////////////////////////////////////////////////////////////////////////////////////

DeviceArray::Row& DeviceArray::At(std::uint32_t row) {
  if (!rows_[row]) Make(row);
  return *rows_[row];
}

void DeviceArray::Make(std::uint32_t index) {
  rows_[index] = std::make_unique<Row>();
  Row& row = *rows_[index];
  row.shown.resize(lanes_);
  row.state.resize(columns_);
  row.pulses.resize(columns_);
  for (int device = 0; device < devices_; ++device) {
    row.log_r[device].resize(columns_);
    if (spec_.technology != Technology::kIdeal) row.slow[device].resize(columns_);
  }
  for (int c = 0; c < columns_; ++c) {
    bool value = false;
    if (spec_.stuck_rate > 0) {
      const std::uint64_t bits = random_.Bits(Purpose::kStuck, CellId(index, c));
      if (Random::ToUniform(bits) < spec_.stuck_rate) {
        row.state[c] = kStuck;
        value = (bits & 1) != 0;
      }
    }
    for (int device = 0; device < devices_; ++device) {
      const std::uint64_t id = DeviceId(index, c, device);
      if (spec_.technology == Technology::kMram) {
        row.slow[device][c] = static_cast<float>(random_.Normal(Purpose::kDevice, id, kDrawLow));
      } else if (spec_.technology == Technology::kRram) {
        row.slow[device][c] = static_cast<float>(random_.Normal(Purpose::kCycle, id, 1));
      }
      SetState(index, row, c, device, Target(value, device), 0);
    }
  }
}

double DeviceArray::MarginOf(const Row& row, int column) const {
  const double other = devices_ == 2 ? row.log_r[1][column] : reference_ln_;
  return other - row.log_r[0][column] + offsets_[column];
}

double DeviceArray::Margin(std::uint32_t row, int column) { return MarginOf(At(row), column); }

double DeviceArray::LogResistance(std::uint32_t row, int column, int device) {
  return At(row).log_r[device][column];
}

void DeviceArray::Refresh(Row& row, int cycles) {
  row.cycles = cycles;
  row.weak.clear();
  if (senses_ != cycles) SetSense(cycles);
  for (int column = 0; column < columns_; ++column) Judge(row, column);
}

void DeviceArray::SetSense(int cycles) {
  senses_ = cycles;
  smallest_ = amplifier_.Smallest(cycles * spec_.period_ns * 1000);
  sure_ = smallest_ + kNoiseCut * amplifier_.noise_ln;
}

void DeviceArray::Judge(Row& row, int column) {
  const int lane = column / bits_, bit = column % bits_;
  const auto mask = static_cast<std::uint8_t>(1U << bit);
  const double margin = MarginOf(row, column);
  row.shown[lane] =
      static_cast<std::uint8_t>(margin > 0 ? row.shown[lane] | mask : row.shown[lane] & ~mask);
  if (std::abs(margin) > sure_) return;
  const double noise = amplifier_.noise_ln;
  double zero = 0, one = 0;
  if (noise > 0) {
    zero = NormalTail((smallest_ + margin) / noise);
    one = NormalTail((smallest_ - margin) / noise);
  } else if (std::abs(margin) > smallest_) {
    (margin > 0 ? one : zero) = 1;
  }
  row.weak.push_back({static_cast<std::uint8_t>(lane), static_cast<std::uint8_t>(bit),
                      Threshold(zero), Threshold(1 - one)});
}

// Sense //////////////////////////////////////////////////////////////////////////////////////////

void DeviceArray::Sense(std::uint32_t index, int cycles, Cells& cells, Cells& late) {
  Row& row = At(index);
  if (row.cycles != cycles) Refresh(row, cycles);
  std::copy_n(row.shown.begin(), lanes_, cells.begin());
  std::fill_n(late.begin(), lanes_, std::uint8_t{0});
  for (const Weak& weak : row.weak) {
    const std::uint64_t draw = NextSense();
    const auto high = static_cast<std::uint32_t>(draw >> 32);
    const auto bit = static_cast<std::uint8_t>(1U << weak.bit);
    bool value = high >= weak.late;
    if (high >= weak.zero && high < weak.late) {
      late[weak.lane] |= bit;
      value = (draw & 1) != 0;
    }
    cells[weak.lane] =
        static_cast<std::uint8_t>(value ? cells[weak.lane] | bit : cells[weak.lane] & ~bit);
  }
  if (fresh_rate_ > 0) ShowFresh(cells, late);
  if (disturb_per_ns_ > 0) Disturb(index, row, cycles);
}

// Errors by rate: the bits between two of them are skipped by a geometric draw.
void DeviceArray::ShowFresh(Cells& cells, Cells& late) {
  const auto columns = static_cast<std::uint64_t>(columns_);
  while (fresh_gap_ < columns) {
    const auto lane = static_cast<int>(fresh_gap_) / bits_;
    const auto bit = static_cast<std::uint8_t>(1U << (static_cast<int>(fresh_gap_) % bits_));
    const std::uint64_t draw = random_.Bits(Purpose::kFresh, fresh_draws_++);
    if (Random::ToUniform(draw) < fresh_late_) {
      late[lane] |= bit;
      cells[lane] =
          static_cast<std::uint8_t>((draw & 1) != 0 ? cells[lane] | bit : cells[lane] & ~bit);
    } else {
      cells[lane] ^= bit;
    }
    const double u = random_.Uniform(Purpose::kFresh, fresh_draws_++);
    fresh_gap_ += 1 + static_cast<std::uint64_t>(std::floor(Log(u) / Log(1 - fresh_rate_)));
  }
  fresh_gap_ -= columns;
}

// A device of the row in the high state turns, at the mean rate of all devices.
void DeviceArray::Disturb(std::uint32_t index, Row& row, int cycles) {
  exposure_left_ -= disturb_per_ns_ * cycles * spec_.period_ns * columns_ * devices_;
  while (exposure_left_ < 0) {
    const std::uint64_t draw = random_.Bits(Purpose::kDisturb, disturb_draws_++);
    const int column = static_cast<int>((draw >> 8) % static_cast<std::uint64_t>(columns_));
    const int device = devices_ == 2 ? static_cast<int>(draw & 1) : 0;
    if ((row.state[column] & (kLow[device] | kStuck)) == 0) {
      SetState(index, row, column, device, true, 0);
      row.cycles = -1;
      ++disturbed_;
    }
    exposure_left_ -= Log(random_.Uniform(Purpose::kDisturb, disturb_draws_++));
  }
}

void DeviceArray::Age(double seconds) {
  const double loss = RetentionLoss(spec_, seconds);
  if (loss <= 0) return;
  for (std::uint32_t index = 0; index < rows_.size(); ++index) {
    if (!rows_[index]) continue;
    Row& row = *rows_[index];
    for (int c = 0; c < columns_; ++c) {
      for (int device = 0; device < devices_; ++device) {
        const bool lost = random_.Uniform(Purpose::kDisturb, disturb_draws_++) < loss;
        if (!lost || (row.state[c] & kStuck) != 0) continue;
        SetState(index, row, c, device, (row.state[c] & kLow[device]) == 0, 0);
        ++disturbed_;
      }
    }
    row.cycles = -1;
  }
}

// Pulses /////////////////////////////////////////////////////////////////////////////////////////

template <typename F>
void DeviceArray::ForEachColumn(const Cells& mask, F f) const {
  for (int lane = 0; lane < lanes_; ++lane) {
    for (unsigned bits = mask[lane] & ((1U << bits_) - 1); bits != 0; bits &= bits - 1) {
      f(lane * bits_ + std::countr_zero(bits));
    }
  }
}

bool DeviceArray::IsWorn(std::uint32_t row, int column, std::uint32_t pulses) const {
  if (spec_.endurance_pulses == 0 || pulses < least_life_) return false;
  return pulses >= Life(row, column);
}

double DeviceArray::Life(std::uint32_t row, int column) const {
  const double z = random_.Normal(Purpose::kStuck, CellId(row, column), 1);
  return spec_.endurance_pulses * Exp(spec_.endurance_sigma_ln * z);
}

DeviceArray::Switching DeviceArray::SwitchingOf(std::uint32_t row, int column, int device, bool low,
                                                std::uint32_t pulses, int level, bool fails) const {
  const std::uint64_t id = DeviceId(row, column, device);
  Switching result{.column = static_cast<std::uint16_t>(column),
                   .device = static_cast<std::uint8_t>(device),
                   .asked = true,
                   .time_ns = fails ? kNever : 0,
                   .uniform = 0,
                   .overdrive = 0,
                   .ratio = 1};
  if (fails || spec_.technology == Technology::kIdeal) return result;
  if (spec_.technology == Technology::kRram) {
    result.time_ns =
        spec_.switch_ns * Exp(spec_.switch_sigma_ln * random_.Normal(Purpose::kSwitch, id, pulses) -
                              spec_.switch_slope_per_v * spec_.reset_step_v * level);
    return result;
  }
  result.uniform = random_.Uniform(Purpose::kSwitch, id, pulses);
  if (result.uniform < spec_.wer_floor) {
    result.time_ns = kNever;
    return result;
  }
  result.ratio =
      std::max(0.1, 1 + spec_.delta_cv * random_.Normal(Purpose::kDevice, id, kDrawDelta));
  result.overdrive = overdrive_ * (1 + spec_.current_step * level) / result.ratio /
                     (low ? 1 : spec_.write_asymmetry);
  result.asked = spec_.detects_end != 0;
  if (result.asked) {
    // The device has not switched at t with probability WER(t): u = WER at the time drawn.
    const double u = result.uniform;
    result.time_ns = SwitchingTime(result.overdrive, delta_ * result.ratio, Log(u) - Log(1 - u)) *
                     time_unit_ns_ / result.ratio;
  }
  return result;
}

bool DeviceArray::HasSwitched(const Switching& switching, double length_ns) const {
  if (switching.asked) return switching.time_ns <= length_ns;
  if (switching.time_ns == kNever) return false;
  const double logit = SwitchingLogit(switching.overdrive, delta_ * switching.ratio,
                                      length_ns * switching.ratio / time_unit_ns_);
  const double u = switching.uniform;
  // WER below 1e-3 at -7: most need no logarithm.
  if (logit < -7 && u > 1e-3) return true;
  return Log(u) - Log(1 - u) >= logit;
}

int DeviceArray::StartPulse(std::uint32_t index, bool value, const Cells& mask, int level) {
  pulse_row_ = index;
  pulse_value_ = value;
  pulse_mask_ = mask;
  pulse_level_ = level;
  switching_.clear();
  Row& row = At(index);
  double longest_ns = 0;
  ForEachColumn(mask, [&](int column) {
    const std::uint32_t pulses = row.pulses[column];
    if ((row.state[column] & kStuck) == 0 && IsWorn(index, column, pulses)) {
      row.state[column] |= kStuck;
    }
    // A cell that nothing changes, or a driver that fails.
    const bool fails = (row.state[column] & kStuck) != 0 ||
                       (spec_.write_error_rate > 0 &&
                        random_.Uniform(Purpose::kSwitch, CellId(index, column),
                                        std::uint64_t{1} << 40 | pulses) < spec_.write_error_rate);
    for (int device = 0; device < devices_; ++device) {
      const bool low = Target(value, device);
      const bool is_low = (row.state[column] & kLow[device]) != 0;
      // A junction in the right state stays; a filament is formed or cut again.
      if (is_low == low && spec_.technology != Technology::kRram) continue;
      switching_.push_back(SwitchingOf(index, column, device, low, pulses, level, fails));
      longest_ns = std::max(longest_ns, switching_.back().time_ns);
    }
  });
  if (spec_.technology != Technology::kIdeal && spec_.detects_end == 0) return 0;
  if (longest_ns == kNever) return 0;
  return std::max(1, static_cast<int>(std::ceil(std::min(longest_ns / spec_.period_ns, 1e9))));
}

void DeviceArray::EndPulse(int cycles) {
  Row& row = At(pulse_row_);
  ForEachColumn(pulse_mask_, [&row](int column) { ++row.pulses[column]; });
  const double length_ns = cycles * spec_.period_ns;
  int judged = -1;  // the column whose devices come now
  const auto judge = [&] {
    if (judged < 0 || row.cycles < 0) return;
    const int lane = judged / bits_, bit = judged % bits_;
    std::erase_if(row.weak, [&](const Weak& weak) { return weak.Is(lane, bit); });
    if (senses_ == row.cycles) {
      Judge(row, judged);
    } else {
      row.cycles = -1;
    }
  };
  for (const Switching& device : switching_) {
    if (!HasSwitched(device, length_ns)) continue;
    if (device.column != judged) {
      judge();
      judged = device.column;
    }
    SetState(pulse_row_, row, device.column, device.device, Target(pulse_value_, device.device),
             pulse_level_);
  }
  judge();
}

void DeviceArray::SetState(std::uint32_t index, Row& row, int column, int device, bool low,
                           int level) {
  std::uint8_t& state = row.state[column];
  state = static_cast<std::uint8_t>(low ? state | kLow[device] : state & ~kLow[device]);
  double log_r = low ? resistances_.low_ln : resistances_.high_ln;
  const std::uint64_t id = DeviceId(index, column, device);
  if (spec_.technology == Technology::kMram) {
    // Area and barrier of a junction are frozen: the same factor in both states.
    log_r += spec_.mtj_r_sigma_ln * row.slow[device][column];
  } else if (spec_.technology == Technology::kRram) {
    const std::uint32_t pulses = row.pulses[column];
    float& slow = row.slow[device][column];
    if (pulses > 0) {
      const double kept = spec_.slow_correlation;
      slow = static_cast<float>(
          kept * slow + std::sqrt(1 - kept * kept) *
                            random_.Normal(Purpose::kCycle, id, pulses * std::uint64_t{2} + 1));
    }
    const double cycle = std::sqrt(spec_.slow_share) * slow +
                         std::sqrt(1 - spec_.slow_share) *
                             random_.Normal(Purpose::kCycle, id, pulses * std::uint64_t{2});
    const double worn =
        pulses > spec_.wear_start_pulses ? Log(pulses / spec_.wear_start_pulses) / Log(10.0) : 0;
    const double of_device = random_.Normal(Purpose::kDevice, id, low ? kDrawLow : kDrawHigh);
    if (low) {
      log_r += spec_.lrs_device_sigma_ln * of_device + spec_.lrs_cycle_sigma_ln * cycle +
               spec_.lrs_drift_ln * worn;
    } else {
      double scale = 1 + spec_.hrs_spread * worn;
      if (level > 0) {
        const double volt = spec_.reset_v + level * spec_.reset_step_v;
        log_r += ResetMedianLn(volt) - ResetMedianLn(spec_.reset_v);
        scale *= std::min(1.0, ResetSigmaLn(volt) / ResetSigmaLn(spec_.reset_v));
      }
      if (spec_.outlier_fraction > 0 &&
          random_.Uniform(Purpose::kDevice, id, kDrawOutlier) < spec_.outlier_fraction) {
        log_r -= spec_.outlier_shift_ln;
        scale *= spec_.outlier_scale;
      }
      log_r += scale * (spec_.hrs_device_sigma_ln * of_device + spec_.hrs_cycle_sigma_ln * cycle);
    }
  }
  row.log_r[device][column] = static_cast<float>(log_r);
}

int DeviceArray::CellsInLowState(std::uint32_t row) {
  return static_cast<int>(std::ranges::count_if(
      At(row).state, [](std::uint8_t state) { return (state & kLow[0]) != 0; }));
}

void DeviceArray::Use(std::uint32_t row, std::uint32_t pulses) {
  for (std::uint32_t& used : At(row).pulses) used += pulses;
}

DeviceArray::Wear DeviceArray::WearSoFar() const {
  Wear wear;
  for (std::uint32_t index = 0; index < rows_.size(); ++index) {
    const Row* row = rows_[index].get();
    if (!row) continue;
    for (int c = 0; c < columns_; ++c) {
      wear.pulses += row->pulses[c];
      wear.most_pulses = std::max(wear.most_pulses, row->pulses[c]);
      wear.stuck_cells += (row->state[c] & kStuck) != 0;
      if (spec_.endurance_pulses > 0 && row->pulses[c] > 0) {
        wear.most_worn = std::max(wear.most_worn, row->pulses[c] / Life(index, c));
      }
    }
    wear.cells += columns_;
  }
  wear.disturbed = disturbed_;
  return wear;
}

// A row that was accessed: index, cycles, shown, number of weak and these, state, pulses, log_r and
// slow of each device.
std::string DeviceArray::Save() const {
  std::string bytes;
  const auto put = [&bytes](const auto& value) {
    bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  const auto put_all = [&bytes](const auto& values) {
    bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
  };
  put(senses_);
  put(sense_draws_);
  put(fresh_gap_);
  put(fresh_draws_);
  put(exposure_left_);
  put(disturb_draws_);
  put(disturbed_);
  for (std::uint32_t index = 0; index < rows_.size(); ++index) {
    const Row* row = rows_[index].get();
    if (!row) continue;
    put(index);
    put(row->cycles);
    put_all(row->shown);
    put(static_cast<std::uint32_t>(row->weak.size()));
    for (const Weak& weak : row->weak) {
      put(weak.lane);
      put(weak.bit);
      put(weak.zero);
      put(weak.late);
    }
    put_all(row->state);
    put_all(row->pulses);
    for (int device = 0; device < devices_; ++device) {
      put_all(row->log_r[device]);
      put_all(row->slow[device]);
    }
  }
  return bytes;
}

void DeviceArray::Restore(std::string_view bytes) {
  const auto check = [](bool good) {
    if (!good) {
      throw UserError("the state of the devices does not fit this array: begin the run anew");
    }
  };
  const auto get = [&](auto& value) {
    check(bytes.size() >= sizeof(value));
    bytes.copy(reinterpret_cast<char*>(&value), sizeof(value));
    bytes.remove_prefix(sizeof(value));
  };
  const auto get_all = [&](auto& values, int count) {
    values.resize(count);
    const std::size_t size = count * sizeof(values[0]);
    check(bytes.size() >= size);
    bytes.copy(reinterpret_cast<char*>(values.data()), size);
    bytes.remove_prefix(size);
  };
  int senses = 0;
  std::uint64_t sense_draws = 0, fresh_gap = 0, fresh_draws = 0, disturb_draws = 0, disturbed = 0;
  double exposure_left = 0;
  get(senses);
  get(sense_draws);
  get(fresh_gap);
  get(fresh_draws);
  get(exposure_left);
  get(disturb_draws);
  get(disturbed);
  std::vector<std::unique_ptr<Row>> rows(rows_.size());
  while (!bytes.empty()) {
    std::uint32_t index = 0, weak_cells = 0;
    get(index);
    check(index < rows.size() && !rows[index]);
    rows[index] = std::make_unique<Row>();
    Row& row = *rows[index];
    get(row.cycles);
    get_all(row.shown, lanes_);
    get(weak_cells);
    check(weak_cells <= static_cast<std::uint32_t>(columns_));
    for (std::uint32_t i = 0; i < weak_cells; ++i) {
      Weak weak{};
      get(weak.lane);
      get(weak.bit);
      get(weak.zero);
      get(weak.late);
      check(weak.lane < lanes_ && weak.bit < bits_);
      row.weak.push_back(weak);
    }
    get_all(row.state, columns_);
    get_all(row.pulses, columns_);
    for (int device = 0; device < devices_; ++device) {
      get_all(row.log_r[device], columns_);
      if (spec_.technology != Technology::kIdeal) get_all(row.slow[device], columns_);
    }
  }
  if (senses >= 0) SetSense(senses);
  sense_draws_ = sense_draws;
  fresh_gap_ = fresh_gap;
  fresh_draws_ = fresh_draws;
  exposure_left_ = exposure_left;
  disturb_draws_ = disturb_draws;
  disturbed_ = disturbed;
  rows_ = std::move(rows);
}

}  // namespace ep::device
