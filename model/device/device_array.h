// SPDX-License-Identifier: Apache-2.0
//
// An array of real cells behind the array port: magnetic tunnel junctions or HfOx filaments, one or
// two a bit, read by sense amplifiers with frozen offsets, noise and a decision time, written by
// pulses that can fail, worn by each pulse. The same seed and the same accesses give the same bits
// on every machine.
//
//   d = ln(R_b / R_a) + offset + noise   (single cells: R_b is the reference); the bit is d > 0
//   a bit is late, and random, where |d| was not decided within the sense: t0 + tau ln(1 / |d|)
//
// Speed     a row keeps the bits that it surely shows and a list of those that noise can turn, so
//           that a sense is a copy and a few draws
// Memory    about 24 bytes a cell of the rows that were accessed
// Equations docs/devices.md

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/array/array.h"
#include "model/device/physics.h"
#include "model/device/random.h"
#include "model/device/spec.h"

namespace ep::device {

class DeviceArray final : public model::ArrayPort {
 public:
  // All cells are first programmed to 0, as well as their devices can. weight_bits cells a lane;
  // bits above are never set. Throws UserError as Spec::Check does.
  DeviceArray(const Spec& spec, int rows, int lanes, int weight_bits, std::uint32_t seed);

  void Sense(std::uint32_t row, int cycles, model::Cells& cells, model::Cells& late) override;
  int StartPulse(std::uint32_t row, bool value, const model::Cells& mask, int level) override;
  void EndPulse(int cycles) override;

  // Lets time pass without access: cells lose their state by thermal activation.
  void Age(double seconds);

  // What only a model can see ///////////////////////////////////////////////////////////////////

  // d of a cell without noise: margin towards 1 with the amplifier's offset.
  double Margin(std::uint32_t row, int column);
  // ln R of a device of a cell; device 0 is low for 1, device 1 (differential cells) high.
  double LogResistance(std::uint32_t row, int column, int device);

  // Cells of a row whose device 0 is in the low state.
  int CellsInLowState(std::uint32_t row);
  // Wears every cell of a row as so many pulses would, without changing what it holds.
  void Use(std::uint32_t row, std::uint32_t pulses);

  struct Wear {
    std::uint64_t pulses = 0;       // cell pulses given
    std::uint32_t most_pulses = 0;  // to one cell
    double most_worn = 0;           // pulses of a cell over its own life, the most; 0: no end
    std::uint64_t stuck_cells = 0;  // of the rows accessed, from the start or worn
    std::uint64_t cells = 0;        // in these rows
    std::uint64_t disturbed = 0;    // states lost by reading or with time
  };
  Wear WearSoFar() const;

  // All that accesses have changed, between two of them: an array made with the same arguments
  // that restores it goes on to the same bits. Restore throws UserError, and changes nothing, where
  // the bytes are not those of such an array.
  std::string Save() const;
  void Restore(std::string_view bytes);

  const Spec& spec() const { return spec_; }

 private:
  // A bit that a sense can show either way, or late. Thresholds of 32 random bits: below
  // `zero` it shows 0, below `late` it is late, else it shows 1.
  struct Weak {
    std::uint8_t lane;
    std::uint8_t bit;
    std::uint32_t zero;
    std::uint32_t late;
    bool Is(int of_lane, int of_bit) const { return lane == of_lane && bit == of_bit; }
  };
  struct Row {
    int cycles = -1;                  // sense length for which `shown` and `weak` hold
    std::vector<std::uint8_t> shown;  // a byte a lane
    std::vector<Weak> weak;
    std::vector<std::uint8_t> state;  // by column: kLow0, kLow1, kStuck
    std::vector<std::uint32_t> pulses;
    std::vector<float> log_r[2];  // by device and column
    std::vector<float> slow[2];   // MRAM: frozen deviation; RRAM: correlated part of cycles
  };
  static constexpr std::uint8_t kLow[2] = {1, 2};  // device 0, 1 is in the low state
  static constexpr std::uint8_t kStuck = 4;

  // One device of a pulse, and the time at which it has switched; a junction whose time nobody
  // asked for has its random number instead.
  struct Switching {
    std::uint16_t column;
    std::uint8_t device;
    bool asked;
    double time_ns;
    double uniform;
    double overdrive;
    double ratio;  // of its thermal stability to the mean
  };

  std::uint64_t CellId(std::uint32_t row, int column) const {
    return static_cast<std::uint64_t>(row) * columns_ + column;
  }
  std::uint64_t DeviceId(std::uint32_t row, int column, int device) const {
    return CellId(row, column) * 2 + device;
  }
  Row& At(std::uint32_t row);
  void Make(std::uint32_t row);
  double MarginOf(const Row& row, int column) const;
  // What a sense of this length shows, for all columns and for one.
  void Refresh(Row& row, int cycles);
  void Judge(Row& row, int column);
  void ShowFresh(model::Cells& cells, model::Cells& late);
  void Disturb(std::uint32_t row, Row& cells, int cycles);
  // f(column) for the set bits of a mask.
  template <typename F>
  void ForEachColumn(const model::Cells& mask, F f) const;
  bool IsWorn(std::uint32_t row, int column, std::uint32_t pulses) const;
  double Life(std::uint32_t row, int column) const;  // in pulses
  // What a sense of this length decides, and what it shows for sure.
  void SetSense(int cycles);
  // The state that a device goes to when a cell is programmed to value: true = low.
  static bool Target(bool value, int device) { return value == (device == 0); }
  Switching SwitchingOf(std::uint32_t row, int column, int device, bool low, std::uint32_t pulses,
                        int level, bool fails) const;
  bool HasSwitched(const Switching& switching, double length_ns) const;
  // Gives a device its new resistance.
  void SetState(std::uint32_t row, Row& cells, int column, int device, bool low, int level);

  // 64 new random bits of the stream of senses.
  std::uint64_t NextSense() {
    return Random::Mix(sense_key_ + 0x9e3779b97f4a7c15U * sense_draws_++);
  }

  Spec spec_;
  int lanes_;
  int bits_;
  int columns_;
  int devices_;  // a cell
  Random random_;
  Amplifier amplifier_;
  Resistances resistances_;
  double reference_ln_;
  double overdrive_ = 0;       // of a write at level 0 towards the low state, mean device
  double time_unit_ns_ = 1;    // tau_D
  double delta_ = 0;           // at the temperature
  double disturb_per_ns_ = 0;  // mean of all devices
  double smallest_ = 0;        // |d| decided, and |d| beyond noise, in a sense of senses_ cycles
  double sure_ = 0;
  int senses_ = -1;
  double least_life_ = 0;  // pulses that every cell lives
  double fresh_rate_ = 0;  // events of [faults] per bit sensed
  double fresh_late_ = 0;  // part of these that are late

  std::vector<float> offsets_;  // by column
  std::vector<std::unique_ptr<Row>> rows_;

  std::uint64_t sense_key_;
  std::uint64_t sense_draws_ = 0;
  std::uint64_t fresh_gap_ = 0;  // bits until the next fresh event
  std::uint64_t fresh_draws_ = 0;
  double exposure_left_ = 0;  // until the next disturbed device, in units of its mean rate
  std::uint64_t disturb_draws_ = 0;
  std::uint64_t disturbed_ = 0;

  // The pulse under way.
  std::uint32_t pulse_row_ = 0;
  int pulse_level_ = 0;
  bool pulse_value_ = false;
  model::Cells pulse_mask_{};
  std::vector<Switching> switching_;
};

}  // namespace ep::device
