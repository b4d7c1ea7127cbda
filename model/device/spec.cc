// SPDX-License-Identifier: Apache-2.0

#include "model/device/spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace ep::device {
namespace {

constexpr unsigned kAll = 7, kMram = 2, kRram = 4, kReal = 6;

constexpr char kChoice[] = "chosen";
constexpr char kUmn[] = "UMN MTJ SPICE model";
constexpr char kOde[] = "square-law ODE of the amplifier, 10 kOhm cells";
constexpr char kSynaptogen[] = "Synaptogen, 20,000 cells";
constexpr char kUt[] = "UT Austin / NYU MTJ parameter sets";

// clang-format off
constexpr Parameter kParameters[] = {
    {"clock", "period_ns", &Spec::period_ns, "ns", 0.1, 1000, Mark::kAssumed, kChoice,
     "clock period: sense and pulse lengths come in cycles", kAll},
    {"clock", "sense_ns", &Spec::sense_ns, "ns", 0.1, 1000, Mark::kAssumed, kChoice,
     "time of a sense, where the network does not say cycles", kAll},
    {"clock", "pulse_ns", &Spec::pulse_ns, "ns", 0.1, 1e6, Mark::kAssumed, kChoice,
     "time of a program pulse, where the network does not say cycles", kAll},
    {"environment", "temperature_k", &Spec::temperature_k, "K", 200, 450, Mark::kAssumed, kChoice,
     "temperature of the array", kReal},
    {"environment", "supply_v", &Spec::supply_v, "V", 0.5, 2, Mark::kAssumed, kChoice,
     "supply of the sense amplifiers", kReal},
    {"reference", "position", &Spec::reference_position, "1", 0, 1, Mark::kAssumed, kChoice,
     "reference of single cells, in ln R: 0 at the low median, 1 at the high one", kReal},
    {"sense_amplifier", "offset_ln", &Spec::offset_ln, "ln R", 0, 1, Mark::kMeasured, kOde,
     "spread of the frozen offset of each amplifier", kReal},
    {"sense_amplifier", "noise_ln", &Spec::noise_ln, "ln R", 0, 0.2, Mark::kAssumed, kChoice,
     "spread of the noise of each sense, cut off at 6 sigma", kReal},
    {"sense_amplifier", "t0_ps", &Spec::t0_ps, "ps", 0, 100000, Mark::kMeasured, kOde,
     "decision time at |d| = 1: t = t0 + tau ln(1 / |d|)", kReal},
    {"sense_amplifier", "tau_ps", &Spec::tau_ps, "ps", 0, 100000, Mark::kMeasured, kOde,
     "regeneration time constant with the cells in series", kReal},
    {"sense_amplifier", "supply_v", &Spec::amplifier_supply_v, "V", 0.5, 2, Mark::kMeasured, kOde,
     "supply at which offset, t0 and tau hold", kReal},
    {"sense_amplifier", "threshold_v", &Spec::amplifier_threshold_v, "V", 0.1, 0.6,
     Mark::kMeasured, kOde, "they grow as ((this supply - threshold) / (supply - threshold))^exponent",
     kReal},
    {"sense_amplifier", "supply_exponent", &Spec::amplifier_supply_exponent, "1", 0, 4,
     Mark::kMeasured, kOde, "of offset and tau: from 1.2 V and 0.9 V", kReal},
    {"sense_amplifier", "t0_exponent", &Spec::amplifier_t0_exponent, "1", 0, 4, Mark::kMeasured,
     kOde, "of t0: from 1.2 V and 0.9 V", kReal},
    {"mtj", "diameter_nm", &Spec::diameter_nm, "nm", 15, 100, Mark::kRead, kUt,
     "of the junction", kMram},
    {"mtj", "ra_ohm_um2", &Spec::ra_ohm_um2, "Ohm um2", 1, 30, Mark::kRead, kUt,
     "resistance area product", kMram},
    {"mtj", "tmr", &Spec::tmr, "1", 0.1, 4, Mark::kRead, kUt,
     "(R_AP - R_P) / R_P at 300 K and the read voltage", kMram},
    {"mtj", "polarization", &Spec::polarization, "1", 0.2, 0.95, Mark::kRead, kUmn,
     "at 0 K; TMR follows 2 P^2 / (1 - P^2), P = P0 (1 - slope T^1.5)", kMram},
    {"mtj", "polarization_slope", &Spec::polarization_slope, "K^-1.5", 0, 1e-4, Mark::kRead, kUmn,
     "of the polarization", kMram},
    {"mtj", "r_sigma_ln", &Spec::mtj_r_sigma_ln, "ln R", 0, 0.3, Mark::kAssumed, kChoice,
     "resistance, device to device", kMram},
    {"mtj", "delta", &Spec::delta, "kT", 20, 100, Mark::kMeasured, "10 years without loss at 1e-9 a bit",
     "thermal stability at 300 K", kMram},
    {"mtj", "delta_cv", &Spec::delta_cv, "1", 0, 0.3, Mark::kRead, "16 kbit pMTJ, 9.6 to 14.3 %",
     "its relative spread, device to device", kMram},
    {"mtj", "curie_k", &Spec::curie_k, "K", 500, 2000, Mark::kRead, kUmn,
     "Ms = Ms0 (1 - T / Curie)^exponent", kMram},
    {"mtj", "magnetization_exponent", &Spec::magnetization_exponent, "1", 0, 1, Mark::kRead, kUmn,
     "of Ms", kMram},
    {"mtj", "barrier_exponent", &Spec::barrier_exponent, "1", 1, 8, Mark::kAssumed, kChoice,
     "the barrier follows Ms to this power", kMram},
    {"mtj", "damping", &Spec::damping, "1", 0.001, 0.1, Mark::kRead, kUt, "alpha", kMram},
    {"mtj", "efficiency", &Spec::efficiency, "1", 0.1, 1, Mark::kAssumed, kChoice,
     "eta: Ic0 = (4 e / hbar) (alpha / eta) Eb", kMram},
    {"mtj", "anisotropy_t", &Spec::anisotropy_t, "T", 0.1, 2, Mark::kAssumed, kChoice,
     "mu0 Hk; tau_D = (1 + alpha^2) / (alpha gamma mu0 Hk)", kMram},
    {"mtj", "write_asymmetry", &Spec::write_asymmetry, "1", 1, 3, Mark::kRead, kUmn,
     "critical current to the high state over that to the low state", kMram},
    {"mtj", "wer_floor", &Spec::wer_floor, "1", 0, 0.1, Mark::kAssumed, kChoice,
     "part of the pulses that never switch (branching, back-hopping)", kMram},
    {"mtj", "read_overdrive", &Spec::read_overdrive, "1", 0, 0.8, Mark::kAssumed, kChoice,
     "read current / Ic0; it pushes to the low state", kMram},
    {"mtj", "disturb_exponent", &Spec::disturb_exponent, "1", 1, 2, Mark::kAssumed, kChoice,
     "n of exp(-Delta (1 - i)^n): 2 for a macrospin", kMram},
    {"rram", "lrs_ohm", &Spec::lrs_ohm, "Ohm", 500, 1e6, Mark::kMeasured, kSynaptogen,
     "median of the low state", kRram},
    {"rram", "hrs_ohm", &Spec::hrs_ohm, "Ohm", 1000, 1e8, Mark::kAssumed, kChoice,
     "median of the high state after a pulse of reset_v", kRram},
    {"rram", "lrs_cycle_sigma_ln", &Spec::lrs_cycle_sigma_ln, "ln R", 0, 1, Mark::kAssumed, kChoice,
     "low state, cycle to cycle", kRram},
    {"rram", "lrs_device_sigma_ln", &Spec::lrs_device_sigma_ln, "ln R", 0, 1, Mark::kAssumed, kChoice,
     "low state, device to device", kRram},
    {"rram", "hrs_cycle_sigma_ln", &Spec::hrs_cycle_sigma_ln, "ln R", 0, 2, Mark::kAssumed, kChoice,
     "high state, cycle to cycle", kRram},
    {"rram", "hrs_device_sigma_ln", &Spec::hrs_device_sigma_ln, "ln R", 0, 2, Mark::kAssumed, kChoice,
     "high state, device to device", kRram},
    {"rram", "outlier_fraction", &Spec::outlier_fraction, "1", 0, 0.2, Mark::kAssumed, kChoice,
     "part of the devices with a weak high state", kRram},
    {"rram", "outlier_shift_ln", &Spec::outlier_shift_ln, "ln R", 0, 4, Mark::kMeasured, kSynaptogen,
     "their high median is lower by this", kRram},
    {"rram", "outlier_scale", &Spec::outlier_scale, "1", 1, 4, Mark::kMeasured, kSynaptogen,
     "their high state varies more by this factor", kRram},
    {"rram", "slow_share", &Spec::slow_share, "1", 0, 1, Mark::kAssumed, kChoice,
     "share of the cycle variance that is correlated from pulse to pulse", kRram},
    {"rram", "slow_correlation", &Spec::slow_correlation, "1", 0, 0.999, Mark::kRead,
     "IEEE EDL 2016: memory over about 40 cycles", "correlation of that share between pulses",
     kRram},
    {"write", "current_ua", &Spec::current_ua, "uA", 1, 1000, Mark::kAssumed, kChoice,
     "write current at level 0", kMram},
    {"write", "current_step", &Spec::current_step, "1", 0, 1, Mark::kAssumed, kChoice,
     "relative growth of the current per level", kMram},
    {"write", "reset_v", &Spec::reset_v, "V", 0.8, 1.5, Mark::kMeasured, kSynaptogen,
     "stop voltage of a RESET pulse at level 0", kRram},
    {"write", "reset_step_v", &Spec::reset_step_v, "V", 0, 0.5, Mark::kAssumed, kChoice,
     "growth of the stop voltage per level", kRram},
    {"write", "switch_ns", &Spec::switch_ns, "ns", 0.1, 1e6, Mark::kAssumed, kChoice,
     "median time after which a device has switched, at level 0", kRram},
    {"write", "switch_sigma_ln", &Spec::switch_sigma_ln, "1", 0, 3, Mark::kAssumed, kChoice,
     "spread of its logarithm, pulse to pulse", kRram},
    {"write", "switch_slope_per_v", &Spec::switch_slope_per_v, "1/V", 0, 50, Mark::kAssumed, kChoice,
     "the logarithm falls by this per volt of reset_step_v", kRram},
    {"write", "detects_end", &Spec::detects_end, "0 or 1", 0, 1, Mark::kAssumed, kChoice,
     "1: the write drivers tell when every cell has switched", kReal},
    {"wear", "endurance_pulses", &Spec::endurance_pulses, "pulses", 0, 1e15, Mark::kRead,
     "Intel 22FFL, Samsung 28FDS, LETI OxRAM: 1e6", "median of a cell's life, 0: no end", kAll},
    {"wear", "endurance_sigma_ln", &Spec::endurance_sigma_ln, "1", 0, 3, Mark::kAssumed, kChoice,
     "spread of its logarithm", kAll},
    {"wear", "start_pulses", &Spec::wear_start_pulses, "pulses", 1, 1e15, Mark::kAssumed, kChoice,
     "from here on the states change with each decade of pulses", kRram},
    {"wear", "lrs_drift_ln", &Spec::lrs_drift_ln, "ln R", 0, 1, Mark::kAssumed, kChoice,
     "rise of the low state per decade", kRram},
    {"wear", "hrs_spread", &Spec::hrs_spread, "1", 0, 1, Mark::kAssumed, kChoice,
     "relative growth of the high state's variation per decade", kRram},
    {"faults", "stuck_rate", &Spec::stuck_rate, "1", 0, 1, Mark::kAssumed, kChoice,
     "part of the cells that no pulse changes", kAll},
    {"faults", "read_error_rate", &Spec::read_error_rate, "1", 0, 0.5, Mark::kAssumed, kChoice,
     "wrong bits, drawn afresh at each sense", kAll},
    {"faults", "late_share", &Spec::late_share, "1", 0, 1, Mark::kAssumed, kChoice,
     "part of these that come as late (as many late bits are right by chance)", kAll},
    {"faults", "write_error_rate", &Spec::write_error_rate, "1", 0, 1, Mark::kAssumed, kChoice,
     "cells that a pulse leaves as they are", kAll},
};
// clang-format on

void MustNot(bool contradiction, const std::string& text) {
  if (contradiction) throw UserError(text);
}

int CyclesOf(double time_ns, double period_ns) {
  return std::max(1, static_cast<int>(std::ceil(time_ns / period_ns - 1e-9)));
}

}  // namespace

std::span<const Parameter> Parameters() { return kParameters; }

int Spec::SenseCycles() const { return CyclesOf(sense_ns, period_ns); }
int Spec::PulseCycles() const { return CyclesOf(pulse_ns, period_ns); }

void Spec::Check() const {
  MustNot(technology == Technology::kRram && hrs_ohm <= lrs_ohm,
          fmt::format("rram.hrs_ohm is {}: must be above rram.lrs_ohm = {}", hrs_ohm, lrs_ohm));
  MustNot(technology != Technology::kIdeal && amplifier_supply_v <= amplifier_threshold_v,
          fmt::format("sense_amplifier.supply_v is {}: must be above threshold_v = {}",
                      amplifier_supply_v, amplifier_threshold_v));
  MustNot(technology != Technology::kIdeal && supply_v <= amplifier_threshold_v,
          fmt::format("environment.supply_v is {}: must be above sense_amplifier.threshold_v = {}",
                      supply_v, amplifier_threshold_v));
  MustNot(SenseCycles() > 255,
          fmt::format("clock.sense_ns is {}: {} cycles of period_ns = {}, at most 255", sense_ns,
                      SenseCycles(), period_ns));
  MustNot(PulseCycles() > 65535,
          fmt::format("clock.pulse_ns is {}: {} cycles of period_ns = {}, at most 65535", pulse_ns,
                      PulseCycles(), period_ns));
  MustNot(detects_end != 0 && detects_end != 1,
          fmt::format("write.detects_end is {}: must be 0 or 1", detects_end));
  MustNot(read_error_rate * (1 + late_share) > 1,
          fmt::format("faults.read_error_rate is {}: with late_share = {} more than every bit "
                      "would be wrong or late: lower one of them",
                      read_error_rate, late_share));
}

const char* Name(Technology technology) {
  switch (technology) {
    case Technology::kMram:
      return "mram";
    case Technology::kRram:
      return "rram";
    default:
      return "ideal";
  }
}

const char* Name(CellKind cell) { return cell == CellKind::kSingle ? "single" : "differential"; }

const char* Name(Mark mark) {
  switch (mark) {
    case Mark::kRead:
      return "read";
    case Mark::kMeasured:
      return "measured";
    default:
      return "assumed";
  }
}

std::string ToToml(const Spec& spec) {
  const Spec defaults;
  std::string text =
      fmt::format("technology = \"{}\"\ncell = \"{}\"\n", Name(spec.technology), Name(spec.cell));
  std::string_view section;
  for (const Parameter& parameter : kParameters) {
    if (!parameter.UsedBy(spec.technology)) continue;
    if (section != parameter.section) text += fmt::format("\n[{}]\n", parameter.section);
    section = parameter.section;
    const double value = spec.*parameter.member;
    const bool is_default = value == defaults.*parameter.member;
    text += fmt::format(
        "{:<26}  # {}, {:g}..{:g}; {}{}\n", fmt::format("{} = {}", parameter.key, value),
        parameter.unit, parameter.lowest, parameter.highest, parameter.text,
        is_default ? fmt::format(" [{}: {}]", Name(parameter.mark), parameter.source)
                   : " [assumed: this preset's corner]");
  }
  return text;
}

}  // namespace ep::device
