# SPDX-License-Identifier: Apache-2.0
"""Reads what power needs from Liberty files: capacitances, internal energies, leakage.

Energies are in joules, capacitances in farads, times in seconds, leakage in watts.
"""

import bisect
import re

TOKEN = re.compile(r'"[^"]*"|[A-Za-z0-9_.+\-*&!\'\[\]<>=^|$%]+|[(){}:;,]')
PREFIX = {"f": 1e-15, "p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0}


class Group:
    """A group of Liberty: kind (name) { attributes, groups }."""

    def __init__(self, kind, name):
        self.kind, self.name = kind, name
        self.attributes, self.groups = {}, []

    def all(self, kind):
        return [g for g in self.groups if g.kind == kind]

    def get(self, key, default=None):
        return self.attributes.get(key, default)


def tree(text):
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S).replace("\\\n", " ")
    tokens = [t.group() for t in TOKEN.finditer(text)]
    root = Group("", "")
    stack, i = [root], 0
    while i < len(tokens):
        token = tokens[i]
        if token == "}":
            stack.pop()
            i += 1
        elif token == ";":
            i += 1
        elif i + 1 < len(tokens) and tokens[i + 1] == ":":
            end = tokens.index(";", i) if ";" in tokens[i:i + 40] else i + 3
            stack[-1].attributes[token] = " ".join(tokens[i + 2:end]).strip('"')
            i = end
        elif i + 1 < len(tokens) and tokens[i + 1] == "(":
            end = tokens.index(")", i)
            arguments = [t.strip('"') for t in tokens[i + 2:end] if t != ","]
            if end + 1 < len(tokens) and tokens[end + 1] == "{":
                group = Group(token, " ".join(arguments))
                stack[-1].groups.append(group)
                stack.append(group)
                i = end + 2
            else:
                stack[-1].attributes[token] = arguments
                i = end + 1
        else:
            raise ValueError(f"Liberty: '{token}' at token {i}")
    return root.groups[0]


def unit(text):
    """(factor, letter) of a unit such as 1ns or 10pW."""
    found = re.match(r"([0-9.]+)\s*([fpnum]?)([A-Za-z]+)", text)
    return float(found.group(1)) * PREFIX[found.group(2)]


class Table:
    """Energy by input transition and output load; one of the two, or neither, may be missing."""

    def __init__(self, group, templates, time, cap, energy):
        rows = [[float(x) for x in re.split(r"[\s,]+", row.strip()) if x]
                for row in group.get("values", [])]
        self.rows = [[x * energy for x in row] for row in rows]
        variables = templates.get(group.name, [])
        if not variables and group.name != "scalar" and len(self.rows) > 1:
            variables = ["input_transition_time", "total_output_net_capacitance"]
        self.axes = []
        for k, variable in enumerate(variables):
            index = group.get(f"index_{k + 1}") or []
            values = [float(x) for x in re.split(r"[\s,]+", " ".join(index).strip()) if x]
            load = "capacitance" in variable
            self.axes.append((load, [v * (cap if load else time) for v in values]))

    def at(self, slew, load):
        if not self.rows:
            return 0.0
        points = [load if is_load else slew for is_load, _ in self.axes]

        def place(axis, x):  # neighbours and weight; held at the ends
            if len(axis) < 2:
                return 0, 0, 0.0
            x = min(max(x, axis[0]), axis[-1])
            i = min(max(bisect.bisect_right(axis, x) - 1, 0), len(axis) - 2)
            return i, i + 1, (x - axis[i]) / (axis[i + 1] - axis[i])
        if len(self.axes) == 2 and len(self.rows) > 1:
            a, b, u = place(self.axes[0][1], points[0])
            c, d, v = place(self.axes[1][1], points[1])
            r = self.rows
            return ((1 - u) * ((1 - v) * r[a][c] + v * r[a][d])
                    + u * ((1 - v) * r[b][c] + v * r[b][d]))
        flat = [x for row in self.rows for x in row]
        if len(self.axes) >= 1 and len(flat) == len(self.axes[0][1]):
            a, b, u = place(self.axes[0][1], points[0])
            return (1 - u) * flat[a] + u * flat[b]
        return flat[0]


class Cell:
    """kind: logic, flop, latch or gate (of a clock). pins: direction, capacitance, energies."""

    def __init__(self, group, templates, scale):
        time, cap, energy, watt = scale
        self.name = group.name
        self.kind = ("gate" if group.get("clock_gating_integrated_cell") else
                     "flop" if group.all("ff") else "latch" if group.all("latch") else "logic")
        leaks = [float(g.get("value")) for g in group.all("leakage_power") if g.get("value")]
        leak = sum(leaks) / len(leaks) if leaks else float(group.get("cell_leakage_power", 0))
        self.leakage = leak * watt
        clocks = [g.get("clocked_on", g.get("enable", "")) for g in group.all("ff") +
                  group.all("latch")]
        self.clocks = set(re.findall(r"\w+", " ".join(clocks)))
        self.pins = {}
        for pin in group.all("pin"):
            if pin.get("clock_gate_clock_pin") or pin.get("clock") == "true":
                self.clocks.add(pin.name)
            tables = {}
            for power in pin.all("internal_power"):
                pair = []
                for edge in ("rise_power", "fall_power"):
                    found = power.all(edge) or power.all("power")
                    pair.append(Table(found[0], templates, time, cap, energy) if found else None)
                tables.setdefault((power.get("related_pin") or "").split(" ")[0], []).append(pair)
            self.pins[pin.name] = {"direction": pin.get("direction", "internal"),
                                   "cap": float(pin.get("capacitance", 0) or 0) * cap,
                                   "energy": tables}

    def edge_energy(self, pin, slew, load):
        """Mean energy of a rise and of a fall of the pin, over its conditions and related pins."""
        tables = self.pins[pin]["energy"]
        if self.kind in ("flop", "latch", "gate") and any(k in self.clocks for k in tables):
            tables = {k: v for k, v in tables.items() if k in self.clocks}
        pairs = [pair for group in tables.values() for pair in group]
        result = []
        for edge in (0, 1):
            values = [pair[edge].at(slew, load) for pair in pairs if pair[edge]]
            result.append(sum(values) / len(values) if values else 0.0)
        return result


def read(paths):
    """Cells of Liberty files by name."""
    cells = {}
    for path in paths:
        with open(path, encoding="utf-8") as file:
            library = tree(file.read())
        time = unit(library.get("time_unit"))
        number, letter = library.get("capacitive_load_unit")
        cap = float(number) * PREFIX[letter.lower()[0]]
        volt = unit(library.get("voltage_unit"))
        scale = (time, cap, cap * volt * volt, unit(library.get("leakage_power_unit", "1nW")))
        templates = {g.name: [g.get(f"variable_{k}") for k in (1, 2, 3) if g.get(f"variable_{k}")]
                     for g in library.groups if g.kind == "power_lut_template"}
        for group in library.all("cell"):
            cells[group.name] = Cell(group, templates, scale)
    return cells
