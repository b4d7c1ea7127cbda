#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks which latches scripts/netlist.py takes for bits of memories, and which it refuses.

One memory bit: data, master latch (open while the clock is low), bit latch with a gated clock.
"""

import copy
import pathlib
import sys
import types
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import netlist  # noqa: E402
import synth  # noqa: E402

PASSING = {"INV": ("A", "Y", True), "BUF": ("A", "Y", False)}
LATCH = ["LATCH", "D", "G", "Q"]
CLOCK, DATA, ENABLE, CLOCK_N, MASTER, GATED, BIT, DATA_2, OPEN = range(2, 11)


def cell(kind, output, **pins):
    return {"type": kind, "connections": {pin: [net] for pin, net in pins.items()},
            "port_directions": {pin: "output" if pin == output else "input" for pin in pins}}


def kit(icg):
    spec = {"latch": LATCH, "icg": ["ICG", "EN", "CK", "GCK"]} if icg else {
        "latch": LATCH, "inverter": "INV", "and": "AND"}
    return types.SimpleNamespace(spec=spec)


WITH_ICG = {
    "clock": cell("INV", "Y", A=CLOCK, Y=CLOCK_N),
    "master": cell("LATCH", "Q", D=DATA, G=CLOCK_N, Q=MASTER),
    "gate": cell("ICG", "GCK", EN=ENABLE, CK=CLOCK, GCK=GATED),
    "buffer": cell("BUF", "Y", A=MASTER, Y=DATA_2),
    "bit": cell("LATCH", "Q", D=DATA_2, G=GATED, Q=BIT),
}
WITH_AND = {name: value for name, value in WITH_ICG.items() if name != "gate"} | {
    "open": cell("LATCH", "Q", D=ENABLE, G=CLOCK_N, Q=OPEN),
    "gate": cell("AND", "Y", A=OPEN, B=CLOCK, Y=GATED),
}


class Bits(unittest.TestCase):
    def found(self, cells, icg=True, **changes):
        cells = copy.deepcopy(cells)
        for name, pins in changes.items():
            cells[name]["connections"].update({pin: [net] for pin, net in pins.items()})
        return netlist.bits_of_memories(kit(icg), {"cells": cells}, PASSING)

    def test_bit_of_each_kind_of_clock_gate(self):
        self.assertEqual(self.found(WITH_ICG), {"bit"})
        self.assertEqual(self.found(WITH_AND, icg=False), {"bit"})

    def test_data_that_may_move_while_open_is_refused(self):
        for net in (DATA, ENABLE, BIT):
            with self.assertRaisesRegex(synth.Failure, "data D may change"):
                self.found(WITH_ICG, bit={"D": net})

    def test_master_that_is_open_while_the_clock_is_high_is_refused(self):
        for net in (CLOCK, ENABLE):
            with self.assertRaises(synth.Failure):
                self.found(WITH_ICG, master={"G": net})

    def test_other_clock_is_refused(self):
        with self.assertRaisesRegex(synth.Failure, "data D may change"):
            self.found(WITH_ICG, gate={"CK": ENABLE})

    def test_gate_that_is_no_gated_clock_is_refused(self):
        with self.assertRaisesRegex(synth.Failure, "neither a clock gate"):
            self.found(WITH_ICG, bit={"G": ENABLE})
        with self.assertRaisesRegex(synth.Failure, "neither a clock gate"):
            self.found(WITH_AND, icg=False, gate={"A": ENABLE})


if __name__ == "__main__":
    unittest.main()
