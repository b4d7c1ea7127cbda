#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The studies: keeps the tables of their sweeps, checks them, writes the tables of the documents.

scripts/study.py keep NAME...    build/sweep/NAME/results.csv -> studies/NAME.csv
scripts/study.py check NAME...   fails unless both have the same accuracies and weight hashes
scripts/study.py docs [--check]  tables between the marks of docs/study.md and docs/devices.md, from
                                 studies/*.csv; --check only says whether they are up to date

studies/NAME.csv has the columns of a sweep that are the same on every machine.
"""

import argparse
import csv
import pathlib
import re
import statistics
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
STUDIES = ROOT / "studies"
PAGES = [ROOT / "docs/study.md", ROOT / "docs/devices.md"]
# Of the counters, those that a reader asks for first; those that the array's energy follows from.
COUNTERS = ["samples", "samples_gated", "weights_changed"]
SENSES = [f"rows_sensed_{phase}" for phase in ("drive", "free", "nudged", "learn")]
ARRAY_COUNTERS = [*SENSES, "rows_sensed_verify", "re_reads", "cells_set", "cells_reset", "shots"]
COLUMNS = 256  # of the array that sweeps run on: 32 lanes of 8 bits
FIRST = ["network", "case", "backend", "device"]
LAST = ["seed", "epochs", "evaluated", "accuracy", "correct", "tested", "weights_hash"]


def read(file):
    if not file.exists():
        sys.exit(f"{file} is missing: run `build/bin/equispin sweep {file.parent.name}` first")
    with open(file, newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def measured(name):
    return read(ROOT / "build/sweep" / name / "results.csv")


def kept(name):
    return read(STUDIES / f"{name}.csv")


def options(row):
    """Columns of keys of the network file, such as network.error_gate."""
    return [key for key in row if "." in key]


def keep(names):
    for name in names:
        rows = measured(name)
        columns = [c for c in FIRST if any(row[c] for row in rows)]
        columns += options(rows[0]) + LAST + COUNTERS
        if "device" in columns:
            columns += ARRAY_COUNTERS
        with open(STUDIES / f"{name}.csv", "w", newline="", encoding="utf-8") as table:
            writer = csv.DictWriter(table, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        print(f"studies/{name}.csv: {len(rows)} runs")


def check(names):
    wrong = 0
    for name in names:
        old, new = kept(name), measured(name)
        if len(old) != len(new):
            sys.exit(f"{name}: {len(new)} runs, but studies/{name}.csv has {len(old)}")
        for a, b in zip(old, new, strict=True):
            same = all(a[c] == b[c] for c in ("network", "seed", "accuracy", "weights_hash"))
            wrong += not same
            print(f"{b['network']:16} seed {b['seed']:>2}  {float(b['accuracy']):6.2f} %  "
                  f"{b['weights_hash']}" + ("" if same else
                  f"   DIFFERENT: {float(a['accuracy']):.2f} %, {a['weights_hash']} are kept"))
    if wrong:
        sys.exit(f"{wrong} runs differ from the kept ones")
    print("all runs as kept")


def groups(rows):
    """Rows of the same configuration together, in order."""
    found = {}
    for row in rows:
        key = tuple((c, row.get(c, "")) for c in FIRST + options(row))
        found.setdefault(key, []).append(row)
    return [(dict(key), group) for key, group in found.items()]


def varying(rows):
    """Columns that tell configurations apart; the name of a case stands for its options."""
    columns = [c for c in FIRST + options(rows[0]) if len({row.get(c, "") for row in rows}) > 1]
    return [c for c in columns if c in FIRST] if "case" in columns else columns


def cell(value):
    return value.strip("'\"") or "as the network"


def table(name):
    """One row a configuration: what varies, mean, spread, all seeds, share of gated samples."""
    rows = kept(name)
    columns = varying(rows) or ["network"]
    heads = [c.split(".")[-1].replace("_", " ") for c in columns]
    lines = [f"| {' | '.join(heads)} | epochs | {rows[0]['evaluated']}, mean | spread | by seed "
             "| ended by the gate |",
             "|" + "---|" * (len(heads) + 5)]
    for values, group in groups(rows):
        accuracies = [float(row["accuracy"]) for row in group]
        spread = f"{statistics.stdev(accuracies):.2f}" if len(group) > 1 else "-"
        gated = sum(int(r["samples_gated"]) for r in group) / sum(int(r["samples"]) for r in group)
        seeds = ", ".join(f"{a:.2f}" for a in accuracies)
        lines.append(f"| {' | '.join(cell(values[c]) for c in columns)} | {group[0]['epochs']} "
                     f"| {statistics.mean(accuracies):.2f} % | {spread} | {seeds} "
                     f"| {100 * gated:.0f} % |")
    return "\n".join(lines)


def array_energy(rows):
    """Typical nJ of the array a training sample, by constraints/energy.toml."""
    events = tomllib.loads((ROOT / "constraints/energy.toml").read_text())["event"]
    picojoules = 0.0
    for event in events:
        if event["room"] == "array":
            each = event["pJ"][1] * (COLUMNS if event.get("per") == "column" else 1)
            counters = event["counter"].split(" + ")
            picojoules += each * sum(float(row.get(c) or 0) for row in rows for c in counters)
    return picojoules / 1000 / sum(float(row["samples"]) for row in rows)


def devices(name, base):
    """Accuracy on each device, its loss against the study of ideal cells, and what it costs."""
    ideal = statistics.mean(float(row["accuracy"]) for row in kept(base) if "ideal" in
                            row.get("device", "ideal"))
    rows = kept(name)
    heads = [c.split(".")[-1].replace("_", " ") for c in varying(rows)] or ["network"]
    heads += ["runs", "test, mean", "spread", "loss", "senses", "repeated", "cells programmed",
              "pulses", "array, nJ"]
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]

    def each(group, names):
        return (sum(float(row[c]) for row in group for c in names)
                / sum(float(row["samples"]) for row in group))
    for values, group in groups(rows):
        accuracies = [float(row["accuracy"]) for row in group]
        spread = f"{statistics.stdev(accuracies):.2f}" if len(group) > 1 else "-"
        mean = statistics.mean(accuracies)
        shown = [cell(values[c]) for c in varying(rows)] or [values["network"]]
        lines.append(f"| {' | '.join(shown)} | {len(group)} | {mean:.2f} % | {spread} "
                     f"| {round(ideal - mean, 2) + 0.0:.2f} | {each(group, SENSES):.0f} "
                     f"| {each(group, ['re_reads']):.0f} "
                     f"| {each(group, ['cells_set', 'cells_reset']):.0f} "
                     f"| {each(group, ['shots']):.1f} | {array_energy(group):.1f} |")
    return "\n".join(lines)


def hashes(name):
    rows = kept(name)
    lines = ["| network | seed | " + rows[0]["evaluated"] + " | weights after the last epoch |",
             "|---|---|---|---|"]
    lines += [f"| {r['network']} | {r['seed']} | {float(r['accuracy']):.2f} % "
              f"| {r['weights_hash']} |" for r in rows]
    return "\n".join(lines)


def docs(only_check):
    def fill(match):
        kind, names = match.group(1), match.group(2).split()
        made = {"table": table, "hashes": hashes, "devices": devices}[kind](*names)
        return f"<!-- {kind} {' '.join(names)} -->\n{made}\n<!-- end -->"

    for page in PAGES:
        name = page.relative_to(ROOT)
        old = page.read_text(encoding="utf-8")
        new = re.sub(r"<!-- (table|hashes|devices) ([^\n]+) -->\n.*?<!-- end -->", fill, old,
                     flags=re.DOTALL)
        if only_check and new != old:
            sys.exit(f"{name} is not what studies/*.csv say: run scripts/study.py docs")
        if not only_check:
            page.write_text(new, encoding="utf-8")
        print(f"{name} is up to date")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("keep", "check"):
        verbs.add_parser(verb).add_argument("names", nargs="+")
    verbs.add_parser("docs").add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if arguments.verb == "docs":
        docs(arguments.check)
    else:
        {"keep": keep, "check": check}[arguments.verb](arguments.names)


if __name__ == "__main__":
    main()
