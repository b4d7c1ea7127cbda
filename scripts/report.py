#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One page with what has been measured in this clone: build/report/index.html.

  scripts/report.py [--build DIR] [--out FILE]

Reads what other verbs left below DIR (build unless BUILD or --build says) and what is committed in
studies/, docs/ and constraints/; measures nothing itself. For what has not been run, the page says
which command does. It holds pictures and style itself, and needs neither files nor scripts beside
it. make report has the Python that it needs (matplotlib).
"""

import argparse
import csv
import html
import json
import os
import pathlib
import re
import statistics
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts/report")]
import charts  # noqa: E402
import synth  # noqa: E402

import docs  # noqa: E402

KITS = ["sg13g2", "sky130hd", "asap7", "osu018"]  # which is shown first
CONFIGS = ["32", "16", "64", "8", "small"]
STUDIES = {"width": "hidden neurons", "pixels": "inputs", "gate": "error gate"}
PHASES = ["drive", "free", "nudged", "learn", "other"]
# Blocks of the netlist in each box of docs/machine.json; what is in none stands between the rooms.
BOXES = {
    "registers": ["u_registers", "u_config_check"], "sequencer": ["u_sequencer"],
    "walker": ["u_walker", "u_group_walker"], "counters": ["u_counters", "u_tally"],
    "input": ["u_input_buffer"], "readout": ["u_readout"], "states": ["u_state_memory"],
    "neuron": ["u_neuron"], "sums": ["u_sums"], "operand": ["u_operand", "u_digits"],
    "adder": ["u_row_adder"], "products": ["u_products", "u_picker", "u_marker"],
    "learn": ["u_learn", "u_dither"], "weights": ["u_weight_port", "u_row_word"],
    "sense": ["u_sense", "u_spare"], "program": ["u_program", "u_failure_log"]}
STYLE = """
  :root { color-scheme: light; }
  body { margin: 0; background: #f4f7fa; color: #1b2733; line-height: 1.45;
    font-family: Helvetica, Arial, "Liberation Sans", sans-serif; font-size: 16px; }
  header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 16px; }
  header { padding-top: 20px; }
  h1 { margin: 0; font-size: 28px; }
  h2 { margin: 0 0 8px; font-size: 21px; }
  section { background: #fff; border: 1px solid #d5dee7; border-radius: 8px; margin: 16px 0;
    padding: 16px; }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; align-items: start; }
  .several { display: grid; gap: 16px;
    grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); }
  figure { margin: 0; }
  figure svg { display: block; width: 100%; height: auto; max-width: 620px; }
  figcaption, .note { color: #3c4b5a; font-size: 14px; margin: 6px 0; }
  .wide { overflow-x: auto; margin: 8px 0; }
  table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
  table:not(.long) td { white-space: nowrap; }
  table.long { min-width: 900px; }
  .pair > div, .several > figure { min-width: 0; }
  th, td { padding: 4px 10px 4px 0; text-align: left; vertical-align: top;
    border-bottom: 1px solid #e3e9ef; }
  th { color: #3c4b5a; }
  td:first-child { white-space: nowrap; }
  .number { text-align: right; }
  td.number { white-space: nowrap; }
  .missing { border-left: 4px solid #c2571a; background: #fbf3e4; padding: 8px 12px; }
  code { background: #eef3f8; padding: 1px 4px; border-radius: 3px; font-size: 13px;
    overflow-wrap: anywhere; }
  ul.tiles { list-style: none; margin: 12px 0 0; padding: 0; display: grid; gap: 12px;
    grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
  .tiles li { background: #fff; border: 1px solid #d5dee7; border-radius: 8px; padding: 10px 12px;
    font-size: 14px; color: #3c4b5a; }
  .tiles b { display: block; font-size: 22px; color: #1b2733; }
  @media (max-width: 760px) { .pair { grid-template-columns: 1fr; } section { padding: 12px; } }
"""


class Failure(Exception):
    """What a user can put right; the text says how."""


# Parts of a page ////////////////////////////////////////////////////////////////////////////////


def text(value):
    return html.escape(str(value))


def missing(command, what=""):
    return f'<p class="missing">{text(what)}{": " if what else ""}not run: <code>{text(command)}' \
           "</code></p>"


def table(head, rows):
    """Columns whose cells all begin like numbers stand to the right."""
    def numbers(i):
        return all(re.match(r"[-+]?([<>] )?[0-9]|-?$", str(row[i])) for row in rows)
    marks = [' class="number"' if i and numbers(i) else "" for i in range(len(head))]
    lines = ["<tr>" + "".join(f"<th{m}>{text(h)}</th>" for h, m in zip(head, marks, strict=True))
             + "</tr>"]
    lines += ["<tr>" + "".join(f"<td{m}>{text(c)}</td>" for c, m in zip(row, marks, strict=True))
              + "</tr>" for row in rows]
    kind = " class=long" if any(len(str(cell)) > 40 for row in rows for cell in row) else ""
    return f'<div class="wide"><table{kind}>\n' + "\n".join(lines) + "\n</table></div>"


def figure(svg, caption):
    return f"<figure>{svg}<figcaption>{text(caption)}</figcaption></figure>"


def pair(*parts):
    return '<div class="pair">' + "".join(f"<div>{part}</div>" for part in parts) + "</div>"


def several(*parts):
    return '<div class="several">' + "".join(parts) + "</div>"


def note(words):
    return f'<p class="note">{text(words)}</p>'


# What there is //////////////////////////////////////////////////////////////////////////////////


def load(path):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise Failure(f"{path}:{error.lineno}: not JSON: {error.msg}; remove it and run again what "
                      "wrote it") from None


def all_of(build, pattern):
    return [load(path) for path in sorted(build.glob(pattern))]


def rank(report):
    kit, config = report["kit"], report["configuration"]
    return (KITS.index(kit) if kit in KITS else len(KITS),
            CONFIGS.index(config) if config in CONFIGS else len(CONFIGS), config,
            report.get("list_memory", "latches"))


class Data:
    """Results below a build folder; None or empty where a verb has not run."""

    def __init__(self, build):
        def one(name):
            return load(build / name) if (build / name).exists() else None
        self.build = build
        self.synth = sorted([r for r in all_of(build, "synth/*/report.json") if "kit" in r],
                            key=rank)
        self.power = sorted([p for p in all_of(build, "synth/*/power/stretches.json")
                             if isinstance(p, dict)], key=rank)
        self.ledgers = [ledger for ledger in map(one, [f"ledger/{s}.json" for s in STUDIES])
                        if ledger]
        self.mnist = [one(f"mnist/mnist-256/{name}.json") for name in ("fast", "rtl")]
        self.coverage = one("coverage/report.json")
        self.mutants = all_of(build, "mutate/[0-9]*/report.json")
        self.faults = all_of(build, "faults/[0-9]*.json")
        self.peers = one("peers/report.json")
        self.table = tomllib.loads((ROOT / "constraints/energy.toml").read_text())
        self.goals = tomllib.loads((ROOT / "constraints/goals.toml").read_text())
        self.works = tomllib.loads((ROOT / "docs/published.toml").read_text())["work"]

    def factor(self, nm):
        """Of the energy of a digital event, from a process to the goal's; None if not known."""
        name = f"{self.goals['nm']} nm"
        for ledger in self.ledgers:
            for point in ledger["points"]:
                if point["runs"][0]["nm"] == nm:
                    return point["runs"][0]["factors"][name]
        return None


def name_of(report):
    lanes = report["parameters"]["Lanes"]
    small = " (small)" if report["configuration"] == "small" else ""
    macro = ", list in SRAM" if report.get("list_memory") == "macro" else ""
    return f"{report['kit']}, {lanes} lanes{small}{macro}"


def count(counters, names):
    return sum(counters.get(name, 0) for name in names.split(" + "))


class Sample:
    """Energy of a stretch of training samples, nJ a sample, as simulated: gates and array."""

    def __init__(self, data, power, stretch):
        self.name = stretch["name"]
        counters, self.samples = stretch["counters"], stretch["counters"]["samples"]
        each = 1e9 / self.samples
        self.rooms = {room: {p: each * sum(parts.values()) for p, parts in phases.items()}
                      for room, phases in stretch["rooms_joules"].items()}
        self.clock = each * sum(parts["clock"] for phases in stretch["rooms_joules"].values()
                                for parts in phases.values())
        self.blocks = {name: each * joules for name, joules in stretch["blocks_joules"].items()}
        self.phases = {p: sum(room[p] for room in self.rooms.values()) for p in PHASES}
        self.digital = sum(self.phases.values())
        parameters = power["parameters"]
        lanes = parameters["Lanes"]
        columns = lanes * parameters.get("WeightBits", 8)
        self.array = self.pulses = 0.0  # pulses: the part that does not scale with the process
        for event in data.table["event"]:
            if event["room"] != "array":
                continue
            per = {"event": 1, "lane": lanes, "column": columns}[event.get("per", "event")]
            value = event["pJ"][1] * per * count(counters, event["counter"]) / self.samples / 1000
            self.array += value
            self.pulses += 0 if event.get("scales", True) else value
        self.all = self.digital + self.array
        factor = data.factor(power["nm"])
        self.scaled = None if factor is None else factor * (self.all - self.pulses) + self.pulses


# The machine ////////////////////////////////////////////////////////////////////////////////////


def boxes_of(blocks):
    """Values of blocks by box, and the rest."""
    box_of = {block: box for box, inside in BOXES.items() for block in inside}
    values, rest = dict.fromkeys(BOXES, 0.0), 0.0
    for name, value in blocks.items():
        box = box_of.get(name.split(".")[0])
        if box:
            values[box] += value
        else:
            rest += value
    return values, rest


def shade(share, ink):
    """White to `ink` (r, g, b) for 0 to 1, and whether text on it is white."""
    rgb = [round(255 + (c - 255) * share) for c in ink]
    return f"#{rgb[0]:02x}{rgb[1]:02x}{rgb[2]:02x}", share > 0.6


def machine(values, rest, unit, ink, title):
    """The block diagram of docs/machine.json, each box coloured by its value and showing it."""
    picture = json.loads((ROOT / "docs/machine.json").read_text())
    boxes = {box["id"]: box for box in picture["boxes"]}
    width, height = picture["size"]
    most = max(values.values()) or 1
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
           f"<title>{text(title)}</title><style>{docs.STYLE}</style>",
           f"<defs>{docs.MARKERS}</defs>"]
    out += [docs.area_svg(area | {"text": ""}) for area in picture["areas"]]
    out.append('<g opacity="0.45">')
    out += [docs.wire_svg({k: v for k, v in wire.items() if k != "text"}, boxes)
            for wire in picture["wires"]]
    out.append("</g>")
    font = 'font-family="Helvetica, Arial, sans-serif"'
    for name, box in boxes.items():
        x, y, w, h = box["at"]
        value = values.get(name)
        fill, light = shade(0.08 + 0.92 * (value / most) ** 0.6, ink) if value else ("#fff", False)
        colour = "#ffffff" if light else "#1b2733"
        if value is None and box.get("kind") == "port":
            continue
        out.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="5" fill="{fill}" '
                   'stroke="#5a6b7b" stroke-width="1.5"/>')
        words = [name if name != "cells" else "array", f"{value:.1f}" if value is not None else "-"]
        lines = [(f"{words[0]} {words[1]}", 22, 0)] if h < 50 else [(words[0], 22, -12),
                                                                    (words[1], 24, 16)]
        for line, size, dy in lines:
            out.append(f'<text x="{x + w / 2:g}" y="{y + h / 2 + dy + 7:g}" text-anchor="middle" '
                       f'style="font-size:{size}px;font-weight:bold;fill:{colour}" {font}>'
                       f"{text(line)}</text>")
    out.append(f'<text x="98" y="706" style="font-size:22px" {font}>{text(unit)}; between the '
               f"rooms {rest:.1f}</text></svg>")
    return "".join(out)


def machine_section(data):
    parts = []
    if data.synth:
        report = data.synth[0]
        values, rest = boxes_of({n: b["ge"] / 1000 for n, b in report["blocks"].items()})
        parts.append(figure(
            machine(values, rest, "kGE", (27, 94, 140), "Area by block"),
            f"Area, kGE: {report['total']['ge'] / 1000:.1f} in all on {name_of(report)}, commit "
            f"{report.get('commit', 'unknown')}. The array is not in it."))
    else:
        parts.append(missing("make synth", "Area"))
    if data.power:
        power = data.power[0]
        sample = Sample(data, power, power["stretches"][-1])
        values, rest = boxes_of(sample.blocks)
        values["cells"] = sample.array
        parts.append(figure(
            machine(values, rest, "nJ", (194, 87, 26), "Energy by block"),
            f"Energy, nJ a training sample: {sample.all:.1f} in all on {name_of(power)}, "
            f"{power['network']}, {sample.name}, at {power['nm']} nm, commit {power['commit']}. "
            "Gates simulated, without clock tree and glitches; the array by its parameters."))
    else:
        parts.append(missing("make power", "Energy"))
    return "<h2>The machine: where area and energy go</h2>" + pair(*parts)


# Energy /////////////////////////////////////////////////////////////////////////////////////////


def energy_section(data):
    out = ["<h2>Energy of a training sample</h2>"]
    goals = data.goals
    own = []
    left = missing("make power", "Where the energy of a sample goes")
    if data.power:
        power = data.power[0]
        samples = [Sample(data, power, stretch) for stretch in power["stretches"]]
        last = samples[-1]
        totals = [(f"all, {power['nm']} nm", last.all)]
        if last.scaled is not None:
            totals.append((f"scaled to {goals['nm']} nm", last.scaled))
        if power["network"] == "mnist-256":
            totals.append((f"goal at {goals['nm']} nm", goals["nanojoules"]))
        parts = [(p, last.phases[p]) for p in PHASES if last.phases[p]] + [("array", last.array)]
        left = figure(charts.waterfall("waterfall", "Energy of a sample by phase", "nJ a sample",
                                       parts, totals),
                      f"{name_of(power)}, {power['network']}, {last.name}: digital rooms by phase, "
                      "then the array. Simulated.")
        own = [(f"{power['network']} here, {power['nm']} nm", last.all)]
        if last.scaled is not None:
            own.append((f"{power['network']}, scaled to {goals['nm']} nm", last.scaled))
    kinds = {"training sample": "training", "classification": "inference",
             "inference": "inference"}
    works = [(work["name"], work["nanojoules"],
              "bound" if work.get("upper") else kinds[work["what"]])
             for work in sorted(data.works, key=lambda w: (w["year"], w["name"]))]
    right = figure(charts.published("published", "Published on-chip learning", "nJ", works
                                    + [(label, value, "own") for label, value in own]),
                   "By year, not by rank: tasks, nodes, supplies and what is counted differ. "
                   "Filled: a training sample; square: an inference; arrow: an upper bound of "
                   "learning alone; diamond: this machine, simulated.")
    out.append(pair(left, right))
    if data.power:
        rows = [[s.name, s.samples, *[f"{s.phases[p]:.1f}" for p in PHASES], f"{s.array:.1f}",
                 f"{s.all:.1f}", f"{s.clock:.1f}", "-" if s.scaled is None else f"{s.scaled:.1f}"]
                for s in samples]
        out.append(table(["samples of the run", "samples", *PHASES, "array", "all, nJ a sample",
                          "of it clock", f"scaled to {goals['nm']} nm"], rows))
        if last.scaled is None:
            out.append(missing("make ledger", "Scaling to another process"))
    rows = [[w["name"], f"{w['node_nm']}" if w["node_nm"] else "-",
             f"{w['supply_volt']:g}" if w["supply_volt"] else "-", w["task"], w["what"],
             ("< " if w.get("upper") else "") + f"{w['nanojoules']:,}", w["kind"],
             w["source"] + ("; " + w["note"] if "note" in w else "")]
            for w in sorted(data.works, key=lambda w: (w["year"], w["name"]))]
    out.append(table(["published", "nm", "V", "task", "energy of", "nJ", "measured or simulated",
                      "read in"], rows))
    out.append(note("A dash: not said by what was read (docs/published.toml, docs/references.md)."))
    return "\n".join(out)


# Accuracy ///////////////////////////////////////////////////////////////////////////////////////



def place(study, point):
    """Which line a point is on, and what it is called there."""
    if study == "width":
        return STUDIES[study], re.findall(r"\d+", point)[1]
    size, comma, bits = point.partition(", ")
    return (size, bits) if comma else (STUDIES[study], point)


def accuracy_section(data):
    out = ["<h2>Accuracy against energy</h2>"]
    if not data.ledgers:
        return "\n".join([*out, missing("make ledger", "Energy of the networks of the studies"),
                          study_tables()])
    rooms = {room for ledger in data.ledgers for point in ledger["points"]
             for room, value in point["runs"][0]["rooms"].items() if value > 0}
    counted = "the array alone" if rooms == {"array"} else ", ".join(sorted(rooms))
    nm = data.ledgers[0]["points"][0]["runs"][0]["nm"]
    evaluated = data.ledgers[0]["evaluated"]
    pictures, rows = [], []
    for ledger in data.ledgers:
        study, name, series = ledger["study"], STUDIES[ledger["study"]], {}
        for point in ledger["points"]:
            mean = statistics.mean(run["accuracy"] for run in point["runs"])
            energy = {k: statistics.mean(run["nanojoules"][k] for run in point["runs"])
                      for k in ("low", "typical", "high")}
            line, label = place(study, point["name"])
            series.setdefault(line, []).append((energy["typical"], mean, label))
            rows.append([f"{line}, {label}", len(point["runs"]), f"{mean:.2f}",
                         f"{energy['typical']:.2f}", f"{energy['low']:.2f}",
                         f"{energy['high']:.2f}"])
        pictures.append(figure(
            charts.scatter(f"accuracy-{study}", f"Accuracy over energy: {name}",
                           f"nJ a training sample at {nm} nm, {counted}",
                           f"{evaluated} accuracy, %", series),
            f"mnist-256 with other {name}; means over seeds, typical energies."))
    out.append(several(*pictures))
    made = table(["mnist-256 with", "seeds", f"{evaluated}, mean %", "nJ, typical", "low", "high"],
                 rows)
    made += note(f"Counted: {counted}. Every run has the weights of the study (studies/*.csv).")
    return "\n".join([*out, pair(made, study_tables())])


def study_tables():
    """The final networks of the study."""
    rows = []
    for name in ("final", "shift"):
        with open(ROOT / "studies" / f"{name}.csv", newline="", encoding="utf-8") as file:
            found = {}
            for row in csv.DictReader(file):
                found.setdefault(row["network"], []).append(row)
        for network, runs in found.items():
            values = [float(run["accuracy"]) for run in runs]
            rows.append([network, runs[0]["epochs"], len(runs), f"{statistics.mean(values):.2f}",
                         f"{min(values):.2f}", f"{max(values):.2f}"])
    return table(["final networks", "epochs", "seeds", "test, mean %", "lowest", "highest"], rows)


# Area and timing ////////////////////////////////////////////////////////////////////////////////


def rate(values):
    """MHz of a corner; a latch that borrows time leaves only a bound."""
    return f"{'> ' if values.get('at_least') else ''}{values['mhz']:.1f}"


def corners_of(report):
    """[(name, values)], typical first."""
    return sorted(report["timing"].items(),
                  key=lambda item: ["typical", "slow", "fast"].index(item[0]))


def timing_section(data):
    out = ["<h2>Area and clock</h2>"]
    if not data.synth:
        return "\n".join([*out, missing("make synth")])
    rows = []
    for report in data.synth:
        total, typical = report["total"], report["timing"]["typical"]
        corners = ", ".join(f"{corner} {rate(values)}"
                            for corner, values in corners_of(report)[1:])
        worst = min(typical["slack"], key=typical["slack"].get)
        rows.append([name_of(report), f"{total['ge'] / 1000:.1f}",
                     *[f"{report['rooms'].get(room, {'ge': 0})['ge'] / 1000:.1f}"
                       for room in synth.ROOMS],
                     f"{total['flops']:,}", f"{total['latches']:,}", f"{total['memory_bits']:,}",
                     rate(typical), corners or "-", worst,
                     report.get("commit", "unknown")])
    out.append(table(["library", "kGE", *synth.ROOMS, "flip-flops", "latches", "memory bits",
                      "MHz, typical", "other corners, MHz", "worst path into", "commit"], rows))
    report = data.synth[0]
    groups = {}
    room_of = {name: block["room"] for name, block in report["blocks"].items()}
    for room in [*synth.ROOMS, "ports"]:
        delays = {}
        for corner, values in corners_of(report):
            slacks = [slack for name, slack in values["slack"].items()
                      if room_of.get(name, "ports" if name == "ports" else "top") == room]
            if slacks:
                delays[corner] = report["period"] - min(slacks)
        if delays:
            groups[room] = delays
    goal = 1000 / data.goals["mhz"]
    picture = figure(charts.bars("timing", "Worst path by room", "ns", groups, line=goal),
                     f"Period that the worst path into each room asks for, {name_of(report)}; "
                     f"dashed: {goal:g} ns, the goal of {data.goals['mhz']} MHz.")
    blocks = sorted(report["timing"]["typical"]["slack"].items(), key=lambda item: item[1])[:12]
    out.append(pair(picture, table(
        ["worst paths into, typical", "slack, ns", "period, ns"],
        [[name, f"{slack:.2f}", f"{report['period'] - slack:.2f}"]
         for name, slack in blocks])))
    out.append(note(f"Goals at 32 lanes: {data.goals['kge']} kGE, {data.goals['mhz']} MHz. Netlist "
                    "with the library's wire loads, no layout, no clock tree (docs/synthesis.md)."))
    return "\n".join(out)


def peers_section(data):
    out = ["<h2>Other open learning cores, same tools</h2>"]
    if not data.peers:
        return "\n".join([*out, missing("make peers")])
    rows = [[p["name"], p["kit"], f"{p['kge']:.1f}", f"{p['buffers_kge']:.1f}",
             f"{p['flops']:,}", f"{p['memory_bits']:,}",
             rate(p) if p.get("mhz") else "-", p["learns"], p["licence"],
             p["commit"][:7]] for p in data.peers["peers"]]
    out.append(table(["core", "library", "kGE, logic", "of it buffers", "flip-flops",
                      "memory bits, not in it",
                      "MHz, typical", "learns", "licence", "commit"], rows))
    out.append(note("Same recipe, mapped flat, their memories left out of area and clock; they "
                    "compute other things: side by side, no ranking (docs/synthesis.md)."))
    return "\n".join(out)


# Runs and tests /////////////////////////////////////////////////////////////////////////////////


def run_section(data):
    out = ["<h2>mnist-256, epoch by epoch</h2>"]
    fast, rtl = data.mnist
    if not rtl:
        return "\n".join([*out, missing("make mnist")])
    rows = []
    for i, epoch in enumerate(rtl["epochs"]):
        c = epoch["counters"]
        n = c["samples"]
        cycles = c.get("cycles", sum(v for k, v in c.items() if k.startswith("cycles_")))
        same = fast and i < len(fast["epochs"]) and (
            fast["epochs"][i]["weights_hash"] == epoch["weights_hash"])
        rows.append([epoch["epoch"], f"{n:,}", f"{epoch['test_accuracy']:.2f}",
                     epoch["weights_hash"], "yes" if same else "NO",
                     f"{sum(v for k, v in c.items() if k.startswith('rows_sensed')) / n:.1f}",
                     f"{cycles / n:.1f}", f"{100 * c['samples_gated'] / n:.1f}",
                     f"{c['weights_changed'] / n:.1f}"])
    out.append(table(["epoch", "samples", "test, %", "weights in RTL", "as the fast model",
                      "row words a sample", "cycles a sample", "ended by the gate, %",
                      "weights changed a sample"], rows))
    return "\n".join(out)


def tests_section(data):
    out = ["<h2>What tests reach</h2>"]
    if data.coverage:
        cover = data.coverage
        rows = [[kind, f"{value:.2f}", cover["goals"][kind]]
                for kind, value in cover["percent"].items()]
        explained = sum(1 for hole in cover["holes"] if hole["reason"])
        out.append(table(["coverage of the core's RTL", "reached, %", "goal, %"], rows))
        out.append(note(f"{len(cover['holes'])} holes of lines, branches and bins, {explained} "
                        "explained, which count as reached."))
    else:
        out.append(missing("make coverage", "Coverage"))
    if data.mutants:
        rows = []
        for result in data.mutants:
            for room, ends in result["rooms"].items():
                caught = sum(ends.get(end, 0) for end in ("failed", "crashed", "hangs"))
                rows.append([room, sum(ends.values()), caught, ends.get("survived", 0),
                             ends.get("no fault", 0)])
        out.append(table(["mutants of", "faults", "caught", "survived", "no fault"], rows))
    else:
        out.append(missing("make mutate", "Mutants"))
    if data.faults:
        for result in data.faults:
            ends = result["ends"]
            out.append(table([f"upsets, seed {result['seed']}", *ends],
                             [[f"{result['faults']:,} faults", *ends.values()]]))
    else:
        out.append(missing("make faults", "Upsets"))
    return "\n".join(out)


def versions_section(data):
    out = ["<h2>Configuration and versions</h2>"]
    rows = [["sources", synth.commit()]]
    for run in data.mnist:
        if run:
            rows += [[f"{name}, {run['backend']} run", version]
                     for name, version in run["versions"].items()]
    for line in (ROOT / "scripts/requirements.txt").read_text().splitlines():
        if "==" in line and not line.startswith("#"):
            name, _, version = line.split(" ")[0].partition("==")
            if [name, version] not in rows:
                rows.append([name, version])
    parts = [table(["what", "version"], rows)]
    if data.synth:
        report = data.synth[0]
        parts.append(table([name_of(report), "value"], sorted(report["parameters"].items())
                           + [("gate equivalent, um2", f"{report['gate_equivalent_um2']:g}"),
                              ("period aimed at, ns", f"{report['period']:g}")]))
    else:
        parts.append(missing("make synth", "Parameters"))
    return "\n".join([*out, pair(*parts)])


def tiles(data):
    found = []
    if data.synth:
        report = data.synth[0]
        found.append((f"{report['total']['ge'] / 1000:.1f} kGE", f"area, {name_of(report)}"))
        found.append((f"{rate(report['timing']['typical'])} MHz", "typical corner"))
    if data.power:
        power = data.power[0]
        sample = Sample(data, power, power["stretches"][-1])
        found.append((f"{sample.all:.1f} nJ", f"a training sample at {power['nm']} nm, "
                      f"{power['network']}, simulated"))
    if data.mnist[1]:
        last = data.mnist[1]["epochs"][-1]
        found.append((f"{last['test_accuracy']:.2f} %", f"mnist-256 in RTL, epoch {last['epoch']}"))
    if data.coverage:
        found.append((f"{data.coverage['percent']['line']:.1f} %", "lines of the RTL covered"))
    return "".join(f"<li><b>{text(a)}</b>{text(b)}</li>" for a, b in found)


def page(data):
    sections = [machine_section, energy_section, accuracy_section, timing_section, peers_section,
                run_section, tests_section, versions_section]
    body = "\n".join(f"<section>\n{make(data)}\n</section>" for make in sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Equispin: what was measured</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>Equispin: what was measured</h1>
<p class="note">Made by <code>make report</code> at commit {text(synth.commit())} from what was run
in this clone; each figure names the commit that it is of.</p>
<ul class="tiles">{tiles(data)}</ul>
</header>
<main>
{body}
</main>
</body>
</html>
"""


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / os.environ.get("BUILD", "build"))
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build/report/index.html")
    args = parser.parse_args()
    made = page(Data(args.build))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(made, encoding="utf-8")
    absent = sorted(set(re.findall(r"not run: <code>(.*?)</code>", made)))
    print(f"report: {args.out}" + (f"; not run: {', '.join(absent)}" if absent else ""))


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"report: {failure}")
