// SPDX-License-Identifier: Apache-2.0
//
// Write errors of a magnetic tunnel junction from a table: ln(WER / (1 - WER)) over overdrive,
// thermal stability and pulse length, in steps of 1/256. The table is committed as integers
// (write_table.inc), so that every machine reads the same bits; SolveFokkerPlanck makes it, and
// WriteTableTest compares both:
//
//   EQUISPIN_UPDATE=1 build/bin/model_tests --gtest_filter='WriteTableTest.*'   writes it anew
//
// Range     overdrive 0.5..5, delta 20..100, pulses 0.25..64 tau_D; values beyond are taken at the
//           end of the range, longer pulses at a constant rate
// Error     of the logit against the solver: 1/512 at the points, below 0.25 between them
//           (WriteTableTest)

#pragma once

#include <span>
#include <string>

namespace ep::device {

// ln(WER / (1 - WER)) after a pulse of `time` tau_D; falls with time, within -60..60 in the table.
double SwitchingLogit(double overdrive, double delta, double time);

// Write error rate after the pulse.
double WriteErrorRate(double overdrive, double delta, double time);

// The time at which SwitchingLogit has fallen to `logit`; infinite if it never does.
double SwitchingTime(double overdrive, double delta, double logit);

// The axes of the table.
std::span<const double> TableOverdrives();
std::span<const double> TableDeltas();
std::span<const double> TableTimes();
// One stored value, by the indices of the axes.
int TableEntry(std::size_t overdrive, std::size_t delta, std::size_t time);

// The values for one overdrive and delta as SolveFokkerPlanck gives them, and the whole text of
// write_table.inc.
std::string SolvedTable();
int SolvedEntry(double stays, double switched);

}  // namespace ep::device
