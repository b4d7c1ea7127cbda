// SPDX-License-Identifier: Apache-2.0
//
// What a synapse array is made of: cells, sense amplifiers, write drivers, environment. One number
// a parameter, with unit, range and source in Parameters(); a device file (sim/devices/*.toml)
// names them as section.key.

#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/common/network.h"

namespace ep::device {

enum class Technology {
  kIdeal,  // a cell holds what it is told; errors only by the rates of [faults]
  kMram,   // magnetic tunnel junctions, written by spin-transfer torque
  kRram,   // HfOx filaments
};

// How a cell becomes a bit.
enum class CellKind {
  kSingle,        // one device against a reference (1T1R, 1T1MTJ)
  kDifferential,  // two devices, programmed to opposite states (2T2R)
};

struct Spec {
  std::string name;
  Technology technology = Technology::kIdeal;
  CellKind cell = CellKind::kDifferential;

  // [clock]
  double period_ns = 5;
  double sense_ns = 5;
  double pulse_ns = 10;
  // [environment]
  double temperature_k = 300;
  double supply_v = 1.2;
  // [reference]
  double reference_position = 0.5;
  // [sense_amplifier]
  double offset_ln = 0;
  double noise_ln = 0;
  double t0_ps = 0;
  double tau_ps = 0;
  double amplifier_supply_v = 1.2;
  double amplifier_threshold_v = 0.35;
  double amplifier_supply_exponent = 1.69;
  double amplifier_t0_exponent = 0.89;
  // [mtj]
  double diameter_nm = 40;
  double ra_ohm_um2 = 7;
  double tmr = 1.2;
  double polarization = 0.715;
  double polarization_slope = 2e-5;
  double mtj_r_sigma_ln = 0.05;
  double delta = 60;
  double delta_cv = 0.1;
  double curie_k = 1420;
  double magnetization_exponent = 0.4;
  double barrier_exponent = 2;
  double damping = 0.015;
  double efficiency = 0.6;
  double anisotropy_t = 0.5;
  double write_asymmetry = 1.5;
  double wer_floor = 0;
  double read_overdrive = 0.2;
  double disturb_exponent = 2;
  // [rram]
  double lrs_ohm = 4500;
  double hrs_ohm = 36000;
  double lrs_cycle_sigma_ln = 0.083;
  double lrs_device_sigma_ln = 0.125;
  double hrs_cycle_sigma_ln = 0.45;
  double hrs_device_sigma_ln = 0.218;
  double outlier_fraction = 0;
  double outlier_shift_ln = 1.386;
  double outlier_scale = 2;
  double slow_share = 0.316;
  double slow_correlation = 0.95;
  // [write]
  double current_ua = 80;
  double current_step = 0.1;
  double reset_v = 1.26;
  double reset_step_v = 0.05;
  double switch_ns = 200;
  double switch_sigma_ln = 0.3;
  double switch_slope_per_v = 10;
  double detects_end = 0;
  // [wear]
  double endurance_pulses = 1e6;
  double endurance_sigma_ln = 0.5;
  double lrs_drift_ln = 0.05;
  double hrs_spread = 0.15;
  double wear_start_pulses = 1e6;
  // [faults]
  double stuck_rate = 0;
  double read_error_rate = 0;
  double late_share = 0;
  double write_error_rate = 0;

  // Cycles of the clock that the times fill.
  int SenseCycles() const;
  int PulseCycles() const;
  bool Differential() const { return cell == CellKind::kDifferential; }
  // Throws UserError where values contradict each other; ranges are those of Parameters().
  void Check() const;
};

// Where a number comes from.
enum class Mark {
  kRead,      // read in the source
  kMeasured,  // computed by a model that the source names
  kAssumed,   // a choice
};

struct Parameter {
  const char* section;
  const char* key;
  double Spec::* member;
  const char* unit;
  double lowest;
  double highest;
  Mark mark;           // of the default
  const char* source;  // of the default
  const char* text;
  // Which technologies read it: bit 0 ideal, 1 MRAM, 2 RRAM.
  unsigned technologies;

  bool UsedBy(Technology technology) const {
    return (technologies >> static_cast<unsigned>(technology) & 1) != 0;
  }
};

std::span<const Parameter> Parameters();

const char* Name(Technology technology);
const char* Name(CellKind cell);
const char* Name(Mark mark);

// The whole device file of a spec, each parameter with unit, range, mark and source.
std::string ToToml(const Spec& spec);

}  // namespace ep::device
