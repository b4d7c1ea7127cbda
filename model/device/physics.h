// SPDX-License-Identifier: Apache-2.0
//
// What follows from the parameters of a spec: temperature and supply laws, decision times, write
// currents. Used by the array and by the gates that check it; equations in docs/devices.md.

#pragma once

#include "model/device/spec.h"

namespace ep::device {

// Sense amplifier ////////////////////////////////////////////////////////////////////////////////

struct Amplifier {
  double offset_ln;  // spread of the frozen offset
  double noise_ln;   // spread of the noise of a sense
  double t0_ps;
  double tau_ps;

  // ps from the start of the sense until |d| is decided; infinite for 0.
  double DecisionTime(double d) const;
  // The smallest |d| that is decided within time_ps.
  double Smallest(double time_ps) const;
};

// At the supply of the spec.
Amplifier AmplifierOf(const Spec& spec);

// Resistances ////////////////////////////////////////////////////////////////////////////////////

// Medians and total spreads of ln R of the two states, level 0, unworn devices without outliers.
struct Resistances {
  double low_ln;
  double high_ln;
  double low_sigma_ln;
  double high_sigma_ln;

  double Window() const { return high_ln - low_ln; }
  double Reference(double position) const { return low_ln + position * Window(); }
};
Resistances ResistancesOf(const Spec& spec);

// Part of the bits that read wrong with all the time of the world, without faults: mean of both
// values. Outliers of RRAM are counted.
double ReadErrorRate(const Spec& spec);

// Magnetic tunnel junctions //////////////////////////////////////////////////////////////////////

// Polarization model: TMR at T.
double TmrOfPolarization(double polarization, double slope, double temperature_k);
// mtj.tmr at the temperature of the spec.
double Tmr(const Spec& spec);
// Thermal stability at the temperature of the spec over that at 300 K.
double DeltaRatio(const Spec& spec);
// tau_D of the mean device.
double TimeUnitNs(const Spec& spec);
// Critical current of the mean device towards the low state.
double CriticalCurrentUa(const Spec& spec);
// Probability that a device of thermal stability delta (at temperature) in the high state is turned
// by a read current of overdrive i during time_ns.
double DisturbProbability(double delta, double overdrive, double exponent, double time_unit_ns,
                          double time_ns);
// Part of the bits lost after `seconds` without access, tau0 = 1 ns, over the spread of devices.
double RetentionLoss(const Spec& spec, double seconds);

// HfOx ///////////////////////////////////////////////////////////////////////////////////////////

// ln of the median high resistance at a stop voltage of RESET, and its spread: medians of 20,000
// cells at 0.8 .. 1.5 V (Synaptogen), between them by straight lines; ends outside.
double ResetMedianLn(double reset_v);
double ResetSigmaLn(double reset_v);

}  // namespace ep::device
