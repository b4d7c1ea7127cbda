#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the table of a sweep: accuracy over one of its columns, mean and spread of the seeds.

scripts/plot_sweep.py build/sweep/NAME/results.csv --x network.error_gate --out NAME.svg

--by draws one line for each value of another column; without --x the configurations stand side by
side. Needs matplotlib (scripts/setup.sh study installs it in build/tools).
"""

import argparse
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

INK = ["#1b5e8c", "#c2571a", "#3d7d3d", "#7a4f9a", "#8a6d1c", "#555555"]


def read(files):
    """The rows of all tables, one per configuration: the first of its runs."""
    rows = []
    for file in files:
        with open(file, newline="", encoding="utf-8") as table:
            found = {}
            for row in csv.DictReader(table):
                found.setdefault(row["configuration"], row)
        if not found:
            sys.exit(f"{file} has no run: run the sweep first")
        rows += found.values()
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


def label(row, keys):
    words = [row["network"], row["case"]] + [f"{key.split('.')[-1]} {row[key]}" for key in keys]
    return ", ".join(word for word in words if word and not word.endswith(" "))


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
            (x, float(row["configuration_mean"]), float(row["configuration_deviation"])))
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
    columns = list(rows[0])
    keys = columns[columns.index("device") + 1:columns.index("seed")]
    varying = [key for key in keys if len({row[key] for row in rows}) > 1]
    names = [label(row, [] if row["case"] else varying) for row in rows]
    axes.errorbar(range(len(rows)), [float(row["configuration_mean"]) for row in rows],
                  yerr=[float(row["configuration_deviation"]) for row in rows], fmt="o",
                  markersize=4, capsize=3, color=INK[0])
    axes.set_xticks(range(len(rows)), names, rotation=45, ha="right", fontsize=7)


if __name__ == "__main__":
    main()
