#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks scripts/report.py on a folder of results written here: the page has their numbers, says
what is missing, and needs nothing beside it."""

import collections
import html.parser
import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "scripts")]
import report  # noqa: E402

PARAMETERS = {"Lanes": 32, "NeuronLanes": 8, "Multipliers": 8, "MaxInputs": 256, "MaxStates": 288,
              "ArrayRows": 2048, "SumBits": 28}
BLOCKS = {"ep_core": ("top", 1234.0), "u_sums": ("neuron", 65432.0),
          "u_learn": ("synapse", 20100.0), "u_dither": ("synapse", 900.0),
          "u_registers.u_regs": ("ctrl", 14700.0)}


def synth_report():
    def values(ge):
        return {"ge": ge, "flops": 10, "latches": 4, "gates": 1, "cells": 99, "memory_bits": 7}
    rooms = collections.defaultdict(float)
    for room, ge in BLOCKS.values():
        rooms[room] += ge
    return {"kit": "sg13g2", "configuration": "32", "parameters": PARAMETERS,
            "gate_equivalent_um2": 7.2576, "period": 5, "commit": "abcdef0",
            "rooms": {room: values(ge) for room, ge in rooms.items()},
            "blocks": {name: values(ge) | {"room": room} for name, (room, ge) in BLOCKS.items()},
            "total": values(sum(rooms.values())),
            "timing": {"typical": {"slack": {"u_sums": 0.25, "u_learn": -3.75, "ports": -1.5},
                                   "worst": -3.75, "mhz": 114.2857},
                       "slow": {"slack": {"u_sums": -2.0, "u_learn": -7.5}, "worst": -7.5,
                                "mhz": 80.0}}}


def stretch(name, samples, scale):
    counters = dict.fromkeys(["rows_sensed_drive", "rows_sensed_free", "rows_sensed_nudged",
                              "rows_sensed_learn", "rows_sensed_verify", "re_reads", "rows_tested",
                              "cells_reset"], 0)
    counters |= {"samples": samples, "rows_sensed_drive": 300 * samples, "cells_set": 2 * samples}
    parts = {"switching": 1e-9, "internal": 2e-9, "leakage": 0.5e-9, "clock": 1.5e-9}
    rooms = {room: {phase: {part: samples * scale * joules for part, joules in parts.items()}
                    for phase in report.PHASES} for room in ("neuron", "synapse")}
    each = samples * scale * 25e-9
    return {"name": name, "counters": counters, "cycles": [1, 1, 1, 1, 1], "rooms_joules": rooms,
            "blocks_joules": {"u_sums": each, "u_learn": each}}


def ledger():
    def run(seed, accuracy, nanojoules):
        return {"seed": seed, "accuracy": accuracy, "weights_hash": "0", "command": "equispin",
                "nanojoules": {"low": nanojoules / 2, "typical": nanojoules,
                               "high": 2 * nanojoules},
                "phases": {}, "rooms": {"array": nanojoules, "neuron": 0.0}, "nm": 130,
                "factors": {"65 nm": 0.25}, "scaled": {}}
    return {"study": "gate", "column": "network.error_gate", "evaluated": "validation",
            "points": [{"name": "0", "runs": [run(1, 97.5, 6.0), run(2, 97.7, 6.4)]},
                       {"name": "100", "runs": [run(1, 98.25, 5.125)]}]}


def mnist(backend):
    counters = {"samples": 1000, "samples_gated": 965, "weights_changed": 2345,
                "rows_sensed_drive": 372500, "rows_sensed_free": 180000, "cycles_drive": 700000,
                "cycles_free": 321500}
    return {"network": "mnist-256", "seed": 1, "backend": backend, "seconds": 1.0,
            "versions": {"equispin": "0.1.0", "compiler": "gcc 99.1"},
            "epochs": [{"epoch": 1, "test_accuracy": 95.43, "correct": 9543, "tested": 10000,
                        "weights_hash": "0123456789abcdef", "counters": counters}]}


FILES = {
    "synth/sg13g2-32/report.json": synth_report(),
    "synth/sg13g2-32/power/stretches.json": {
        "kit": "sg13g2", "nm": 130, "volt": 1.2, "configuration": "32", "parameters": PARAMETERS,
        "network": "mnist-256", "mhz": 100, "commit": "fedcba9",
        "stretches": [stretch("initial weights, samples 2 to 5", 4, 3),
                      stretch("after an epoch, samples 6 to 9", 4, 1)]},
    "ledger/gate.json": ledger(),
    "mnist/mnist-256/fast.json": mnist("fast"), "mnist/mnist-256/rtl.json": mnist("rtl"),
    "coverage/report.json": {"percent": {"line": 99.87, "branch": 98.76}, "good": True,
                             "goals": {"line": 100, "branch": 100},
                             "holes": [{"where": "a", "reason": "b"}]},
    "mutate/1/report.json": {"rooms": {"neuron": {"failed": 50, "hangs": 8, "no fault": 2}},
                             "survivors": [], "goal": 90, "good": True},
    "faults/1.json": {"seed": 1, "faults": 12345, "ends": {"masked": 12000, "hang": 345}},
    "peers/report.json": {"peers": [{"name": "ODIN", "kit": "sg13g2", "kge": 54.73,
                                     "buffers_kge": 1.23, "flops": 4239,
                                     "memory_bits": 294912, "mhz": 120.5, "learns": "yes",
                                     "licence": "Solderpad 2.0", "commit": "17819318d17b"}]},
}


class Page(html.parser.HTMLParser):
    """Rows of all tables, texts of all pictures, attributes."""

    def __init__(self, made):
        super().__init__()
        self.rows, self.ids, self.attributes, self.open = [], [], [], []
        self.texts, self.tags = [], collections.Counter()
        self.feed(made)

    def handle_starttag(self, tag, attributes):
        self.tags[tag] += 1
        self.attributes += attributes
        self.ids += [value for name, value in attributes if name == "id"]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag not in ("meta",):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-3:]}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data
        elif data.strip():
            self.texts.append(data.strip())

    def row(self, *begin):
        found = [row for row in self.rows if row[:len(begin)] == list(begin)]
        assert len(found) == 1, f"{begin}: {found}"
        return found[0]


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.build = pathlib.Path(self.folder.name)
        self.addCleanup(self.folder.cleanup)
        for name, value in FILES.items():
            (self.build / name).parent.mkdir(parents=True, exist_ok=True)
            (self.build / name).write_text(json.dumps(value))

    def make(self):
        return report.page(report.Data(self.build))

    def test_numbers_are_those_of_the_files(self):
        page = Page(self.make())
        area = page.row("sg13g2, 32 lanes", "102.4")
        self.assertEqual(area[2:8], ["14.7", "0.0", "21.0", "65.4", "1.2", "0.0"])
        self.assertEqual(area[-4:], ["114.3", "slow 80.0", "u_learn", "abcdef0"])
        self.assertEqual(page.row("u_learn")[1:], ["-3.75", "8.75"])
        # 2 rooms x 5 nJ a phase; 300 words x 256 columns x 35 fJ + 2 cells x 1.5 pJ of the array.
        array = 300 * 256 * 0.035e-3 + 2 * 1.5e-3
        last = page.row("after an epoch, samples 6 to 9", "4")
        self.assertEqual(last[2:7], ["10.0"] * 5)
        self.assertEqual(last[7:], [f"{array:.1f}", f"{50 + array:.1f}", "15.0",
                                    f"{0.25 * (50 + array - 0.003) + 0.003:.1f}"])
        self.assertEqual(page.row("initial weights, samples 2 to 5", "4")[2:7], ["30.0"] * 5)
        self.assertEqual(page.row("error gate, 0")[1:], ["2", "97.60", "6.20", "3.10", "12.40"])
        self.assertEqual(page.row("error gate, 100")[1:], ["1", "98.25", "5.12", "2.56", "10.25"])
        self.assertEqual(page.row("1", "1,000")[2:], ["95.43", "0123456789abcdef", "yes", "552.5",
                                                      "1021.5", "96.5", "2.3"])
        self.assertEqual(page.row("line")[1:], ["99.87", "100"])
        self.assertEqual(page.row("neuron", "60")[2:], ["58", "0", "2"])
        self.assertEqual(page.row("12,345 faults")[1:], ["12000", "345"])
        self.assertEqual(page.row("ODIN", "sg13g2")[2:7],
                         ["54.7", "1.2", "4,239", "294,912", "120.5"])
        # In the block diagrams: area, then energy.
        for name, kge, nanojoules in (("sums", "65.4", "25.0"), ("learn", "21.0", "25.0")):
            at = [page.texts[i + 1] for i, word in enumerate(page.texts) if word == name]
            self.assertEqual(at[:2], [kge, nanojoules], name)
        self.assertNotIn("not run", " ".join(page.texts))
        self.assertEqual(page.open, [])

    def test_published_figures_are_those_of_their_file(self):
        page = Page(self.make())
        works = report.Data(self.build).works
        self.assertGreater(len(works), 4)
        for work in works:
            row = page.row(work["name"])
            self.assertEqual(row[5].lstrip("< "), f"{work['nanojoules']:,}")
            self.assertEqual(row[6], work["kind"])

    def test_empty_build_says_what_to_run(self):
        with tempfile.TemporaryDirectory() as empty:
            page = Page(report.page(report.Data(pathlib.Path(empty))))
        makefile = (ROOT / "Makefile").read_text()
        verbs = [word.removeprefix("make ") for word in page.texts if word.startswith("make ")]
        for verb in ("synth", "power", "ledger", "mnist", "coverage", "mutate", "faults", "peers"):
            self.assertIn(verb, verbs)
            self.assertTrue(re.search(rf"(?m)^{verb}: ##", makefile), f"Makefile has no {verb}")

    def test_each_missing_file_is_named(self):
        for name in FILES:
            with self.subTest(name):
                if name.endswith("fast.json"):
                    continue  # the other says it
                (self.build / name).rename(self.build / "away")
                self.assertIn("not run", self.make())
                (self.build / "away").rename(self.build / name)

    def test_page_stands_alone(self):
        made = self.make()
        page = Page(made)
        self.assertFalse(page.tags["script"] + page.tags["link"] + page.tags["img"])
        for name, value in page.attributes:
            if name in ("href", "xlink:href"):
                self.assertRegex(value, "^#")
            if not name.startswith("xmlns"):
                self.assertNotIn("://", value or "", name)
        self.assertNotRegex(made, r"@import|url\((?!#)")
        twice = {name for name, n in collections.Counter(page.ids).items() if n > 1}
        self.assertLessEqual(twice, {"data", "bus", "control"})  # arrow heads of both diagrams
        for value in re.findall(r'(?:href="#|url\(#)([^")]+)', made):
            self.assertIn(value, page.ids)
        self.assertNotIn(str(ROOT), made)

    def test_same_files_same_bytes(self):
        self.assertEqual(self.make(), self.make())

    def test_bad_file_is_one_line(self):
        (self.build / "coverage/report.json").write_text('{"percent": \n')
        out = self.build / "page.html"
        run = subprocess.run([sys.executable, ROOT / "scripts/report.py", "--build", self.build,
                              "--out", out], text=True, capture_output=True, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertRegex(run.stderr, r"^report: .*coverage/report.json:2: not JSON.*\n$")
        self.assertFalse(out.exists())


def no_network(*_):
    raise AssertionError("the report opens a socket")


if __name__ == "__main__":
    socket.socket = no_network
    unittest.main()
