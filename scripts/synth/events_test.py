#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the fit of scripts/digital_energy.py: energies made of known events give these back."""

import pathlib
import random
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import digital_energy  # noqa: E402
import power  # noqa: E402

COUNTERS = sorted({part for names in digital_energy.COUNTERS.values() for name, _ in names
                   for part in name.split(" + ")})


def stretch(draw, costs):
    """A stretch whose energies are those of the events `costs` (pJ by room, phases, counter)."""
    counters = {name: draw.randrange(100, 5000) for name in COUNTERS}
    energy = {room: {phase: dict.fromkeys(power.PARTS, 0.0) for phase in power.PHASES}
              for room in power.ROOMS}
    for (room, phases, name), picojoules in costs.items():
        joules = digital_energy.count(counters, name) * picojoules * 1e-12
        for phase in phases:  # however it is shared out
            energy[room][phase]["clock"] += joules / len(phases)
    return "drawn", (counters, energy, None)


class EventsTest(unittest.TestCase):
    def test_known_events_are_found(self):
        draw = random.Random(1)
        costs = {(room, phases, name): draw.choice([0.0, 1.5, 40.0])
                 for room in power.ROOMS for phases, names in digital_energy.COUNTERS.items()
                 for name, _ in names}
        found = digital_energy.events([stretch(draw, costs) for _ in range(8)])
        got = {(room, phase, name): picojoules for room, phase, name, picojoules in found}
        for (room, phases, name), picojoules in costs.items():
            phase = dict(digital_energy.COUNTERS[phases])[name]
            self.assertAlmostEqual(got.get((room, phase, name), 0.0), picojoules, 6,
                                   (room, phase, name))

    def test_no_event_is_negative(self):
        draw = random.Random(2)
        costs = {("synapse", ("drive",), "rows_sensed_drive"): 10.0,
                 ("synapse", ("drive",), "samples"): -1.0}
        found = digital_energy.events([stretch(draw, costs) for _ in range(4)])
        self.assertTrue(found)
        self.assertTrue(all(picojoules > 0 for *_, picojoules in found))


if __name__ == "__main__":
    unittest.main()
