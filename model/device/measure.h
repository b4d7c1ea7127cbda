// SPDX-License-Identifier: Apache-2.0
//
// What a device engineer measures on an array: each function draws cells of a spec and returns a
// table of curves. `equispin array` writes them, scripts/plot_array.py draws them.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/device/spec.h"

namespace ep::device {

struct Curves {
  std::string name;                  // resistance, strength, ...: the file's name
  std::vector<std::string> columns;  // the first is the axis
  std::vector<std::vector<double>> rows;

  std::string Csv() const;
};

// Cumulative distribution of the resistance of both states, Ohm.
Curves MeasureResistance(const Spec& spec, int cells);
// Read errors against how far the states are apart: stop voltage of RESET (RRAM), TMR (MRAM). Lines
// by formula for one device with the best and the middle reference, two devices, and one device
// with SECDED(72,64); points drawn, 0 where fewer than 20 bits were wrong.
Curves MeasureStrength(const Spec& spec, int cells);
// Part of the bits late and wrong against the length of the sense, ns.
Curves MeasureWindow(const Spec& spec, int cells);
// Part of the cells that a pulse leaves as they were against its length, ns, by target and level.
Curves MeasurePulse(const Spec& spec, int cells);
// Pulses until a cell reads right, level 0, 1, ..., verified after each: part of the cells by
// count, for pulses of clock.pulse_ns, half and a quarter of it; the last count, 9, is that of
// cells that do not after 8.
Curves MeasureShots(const Spec& spec, int cells);
// Part of the cells stuck and wrong after so many pulses.
Curves MeasureEndurance(const Spec& spec, int cells);

// All of them, ideal technology: none.
std::vector<Curves> Measure(const Spec& spec, int cells,
                            const std::function<void(const std::string&)>& begun);

}  // namespace ep::device
