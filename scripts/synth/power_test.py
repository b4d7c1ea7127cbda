#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks scripts/power.py on netlists that can be computed by hand: inverter, flip-flop, ring.

The library below has round numbers. 1 V, wires of 1 fF for each fanout.
"""

import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import liberty  # noqa: E402
import power  # noqa: E402

LIBRARY = """
library (hand) {
  time_unit : "1ns"; voltage_unit : "1V"; leakage_power_unit : "1nW";
  capacitive_load_unit (1, ff);
  power_lut_template (by_load) {
    variable_1 : total_output_net_capacitance; variable_2 : input_transition_time;
    index_1 ("0, 10"); index_2 ("0, 1");
  }
  cell (INV) { area : 1; cell_leakage_power : 2;
    pin (A) { direction : input; capacitance : 3; }
    pin (Y) { direction : output; function : "!A";
      internal_power () { related_pin : "A";
        rise_power (by_load) { index_1 ("0, 10"); index_2 ("0, 1"); values ("1, 1", "11, 11"); }
        fall_power (by_load) { index_1 ("0, 10"); index_2 ("0, 1"); values ("3, 3", "13, 13"); }
      } } }
  cell (DFF) { area : 4; cell_leakage_power : 5;
    ff (IQ, IQN) { clocked_on : "C"; next_state : "D"; }
    pin (C) { direction : input; clock : true; capacitance : 2;
      internal_power () {
        rise_power (scalar) { values ("6"); } fall_power (scalar) { values ("4"); } } }
    pin (D) { direction : input; capacitance : 1; }
    pin (Q) { direction : output; function : "IQ";
      internal_power () { related_pin : "C";
        rise_power (scalar) { values ("20"); } fall_power (scalar) { values ("30"); } } } }
}
"""
KIT = {"volt": 1.0, "length_um": [1, 5, 20], "pF_per_um": 0.001}
CYCLES = (100, 0, 0, 0, 0)
PERIOD = 1e-9


def energies(module, counts):
    """Of a netlist with one module, its nets' toggles in the phase drive, in femtojoules."""
    with tempfile.NamedTemporaryFile("w", suffix=".lib") as file:
        file.write(LIBRARY)
        file.flush()
        library = liberty.read([file.name])
    nets, cells, primary = power.flatten({"modules": {"top": module}}, "top", library)
    toggles = {((), net, None): (n, 0, 0, 0, 0) for net, n in counts.items()}
    result, missing = power.energies(nets, cells, primary, library, KIT, toggles, CYCLES, PERIOD)
    total = {part: joules * 1e15 for part, joules in result[()]["drive"].items()}
    return total, missing


def cell(kind, **pins):
    return {"type": kind, "connections": {pin: [bit] for pin, bit in pins.items()}}


class PowerTest(unittest.TestCase):
    # Y drives one output port: 10 fF for the port and 1 fF of wire. 10 toggles: 10 x 11/2 fJ. At a
    # load of 11 fF, held at 10: 11 and 13 fJ, 12 on average. A: 10 x (3 + 1)/2 fJ.
    def test_inverter(self):
        module = {"ports": {"a": {"direction": "input", "bits": [2]},
                            "y": {"direction": "output", "bits": [3]}},
                  "netnames": {"a": {"bits": [2]}, "y": {"bits": [3]}},
                  "cells": {"u": cell("INV", A=2, Y=3)}}
        total, missing = energies(module, {"a": 10, "y": 10})
        self.assertEqual(missing, 0)
        self.assertAlmostEqual(total["switching"], 10 * 5.5 + 10 * 2)
        self.assertAlmostEqual(total["internal"], 10 * 12)
        self.assertAlmostEqual(total["leakage"], 0.2)  # 2 nW x 100 ns
        self.assertAlmostEqual(total["clock"], 0)

    # 100 cycles: 200 edges of the clock, pin and wire 3 fF: 200 x 1.5 fJ; inside 100 x 6 + 100 x 4,
    # less 6 for each of the 30 rises that made Q toggle. Q: 30 x 25 fJ, 30 x 5.5 fJ.
    def test_flip_flop(self):
        module = {"ports": {"c": {"direction": "input", "bits": [2]},
                            "d": {"direction": "input", "bits": [3]},
                            "q": {"direction": "output", "bits": [4]}},
                  "netnames": {"c": {"bits": [2]}, "d": {"bits": [3]}, "q": {"bits": [4]}},
                  "cells": {"u": cell("DFF", C=2, D=3, Q=4)}}
        total, _ = energies(module, {"c": 200, "d": 40, "q": 30})
        self.assertAlmostEqual(total["clock"], 200 * 1.5 + 100 * 6 + 100 * 4 - 30 * 6)
        self.assertAlmostEqual(total["internal"], 30 * 25)
        self.assertAlmostEqual(total["switching"], 30 * 5.5 + 40 * 1.0)
        self.assertAlmostEqual(total["leakage"], 0.5)  # 5 nW x 100 ns

    # Three inverters in a ring, each net 3 fF of a pin and 1 fF of wire: each toggle 2 fJ outside
    # and (5 + 7) / 2 = 6 fJ inside.
    def test_ring(self):
        module = {"ports": {}, "netnames": {n: {"bits": [i]} for i, n in enumerate("xyz", 2)},
                  "cells": {"u0": cell("INV", A=2, Y=3), "u1": cell("INV", A=3, Y=4),
                            "u2": cell("INV", A=4, Y=2)}}
        total, _ = energies(module, {"x": 7, "y": 7, "z": 7})
        self.assertAlmostEqual(total["switching"], 21 * 2)
        self.assertAlmostEqual(total["internal"], 21 * 6)

    # A net without a count is reported.
    def test_missing_count(self):
        module = {"ports": {}, "netnames": {"x": {"bits": [2]}},
                  "cells": {"u0": cell("INV", A=2, Y=2)}}
        _, missing = energies(module, {})
        self.assertEqual(missing, 1)


if __name__ == "__main__":
    unittest.main()
