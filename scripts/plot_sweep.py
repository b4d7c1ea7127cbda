#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the table of a sweep: accuracy over one of its columns, mean and spread of the seeds.

build/tools/bin/python scripts/plot_sweep.py TABLE.csv... --x network.error_gate --out NAME.svg

A table is build/sweep/NAME/results.csv, or one of studies.

--by draws one line for each value of another column; without --x the configurations stand side by
side. Needs matplotlib (scripts/setup.sh study installs it in build/tools).
"""

import argparse
import csv
import pathlib
import statistics
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

INK = ["#1b5e8c", "#c2571a", "#3d7d3d", "#7a4f9a", "#8a6d1c", "#555555"]


def keys(row):
    """Columns that tell configurations apart."""
    return [c for c in row if c in ("network", "case", "backend", "device") or "." in c]


def read(files):
    """One row for each configuration of all tables, with the mean and spread of its runs."""
    rows = []
    for file in files:
        found = {}
        with open(file, newline="", encoding="utf-8") as table:
            for row in csv.DictReader(table):
                found.setdefault(tuple(row[c] for c in keys(row)), []).append(row)
        if not found:
            sys.exit(f"{file} has no run: run the sweep first")
        for runs in found.values():
            values = [float(run["accuracy"]) for run in runs]
            spread = statistics.stdev(values) if len(values) > 1 else 0
            rows.append(runs[0] | {"mean": statistics.mean(values), "spread": spread})
    return rows


def number(text):
    """The number in a field, the middle sizes of populations, or nothing."""
    try:
        return float(text)
    except ValueError:
        pass
    sizes = [part.strip() for part in text.strip("[]").split(",")]
    if len(sizes) >= 3 and all(size.isdigit() for size in sizes):
        return float(sizes[1])
    return None


def label(row, varying):
    words = [row["network"], row.get("case", "")]
    words += [f"{key.split('.')[-1]} {row[key]}" for key in varying if "." in key and row[key]]
    return ", ".join(filter(None, words))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="+", type=pathlib.Path, help="results.csv of sweeps")
    parser.add_argument("--x", help="column of numbers, or populations (width of the first hidden)")
    parser.add_argument("--by", help="column: one line for each of its values")
    parser.add_argument("--log", action="store_true", help="logarithmic x")
    parser.add_argument("--title", default="")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("sweep.svg"))
    options = parser.parse_args()
    rows = read(options.tables)
    for column in filter(None, (options.x, options.by)):
        if column not in rows[0]:
            sys.exit(f"{options.tables[0]} has no column {column}: there are "
                     + ", ".join(rows[0]))
    matplotlib.rcParams.update({"svg.hashsalt": "equispin", "font.size": 9})
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    if options.x:
        draw_lines(axes, rows, options)
    else:
        draw_points(axes, rows)
    kinds = {row["evaluated"] for row in rows}
    axes.set_ylabel(f"{' and '.join(sorted(kinds))} accuracy, %")
    axes.set_title(options.title)
    axes.grid(alpha=0.3)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out, metadata={"Date": None})
    print(options.out)


def draw_lines(axes, rows, options):
    lines = {}
    for row in rows:
        x = number(row[options.x])
        if x is None:
            sys.exit(f"{options.x} is {row[options.x]}: --x needs a column of numbers")
        lines.setdefault(row[options.by] if options.by else "", []).append(
            (x, row["mean"], row["spread"]))
    for i, (name, points) in enumerate(lines.items()):
        x, mean, spread = zip(*sorted(points), strict=True)
        axes.errorbar(x, mean, yerr=spread, marker="o", markersize=4, capsize=3, linewidth=1.2,
                      color=INK[i % len(INK)], label=name)
    if options.log:
        axes.set_xscale("log", base=2)
        ticks = sorted({point[0] for points in lines.values() for point in points})
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlabel(options.x)
    if options.by:
        axes.legend(title=options.by, frameon=False)


def draw_points(axes, rows):
    varying = [key for key in keys(rows[0]) if len({row.get(key) for row in rows}) > 1]
    names = [label(row, [] if row.get("case") else varying) for row in rows]
    axes.errorbar(range(len(rows)), [row["mean"] for row in rows],
                  yerr=[row["spread"] for row in rows], fmt="o", markersize=4, capsize=3,
                  color=INK[0])
    axes.set_xticks(range(len(rows)), names, rotation=45, ha="right", fontsize=7)


if __name__ == "__main__":
    main()
