#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draws the curves that `equispin array` wrote: one picture of six, PNG and SVG, per device.

    scripts/plot_array.py FOLDER [FOLDER ...]     folders with resistance.csv, strength.csv, ...

The picture lies in the folder: array.png, array.svg.
"""

import argparse
import csv
import pathlib
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter  # noqa: E402

matplotlib.rcParams["svg.hashsalt"] = "equispin"  # the same file for the same curves
matplotlib.rcParams["svg.fonttype"] = "none"

LOW, HIGH, PAIR, OTHER = "#1b6ca8", "#c1440e", "#2e7d32", "#6d6d6d"


def read(file):
    """{column: [numbers]} and the columns in order."""
    with file.open(newline="") as stream:
        rows = list(csv.reader(stream))
    if len(rows) < 2:
        sys.exit(f"{file}: no curve in it: write it again with `equispin array`")
    names = rows[0]
    return {name: [float(row[i]) for row in rows[1:]] for i, name in enumerate(names)}, names


def positive(x, y):
    """Points that a logarithmic axis can show."""
    pairs = [(a, b) for a, b in zip(x, y, strict=True) if b > 0]
    return [a for a, _ in pairs], [b for _, b in pairs]


def resistance(axes, curves, _):
    axes.semilogx(curves["low_ohm"], curves["probability"], color=LOW, label="low state")
    axes.semilogx(curves["high_ohm"], curves["probability"], color=HIGH, label="high state")
    axes.set(title="Resistance of both states", xlabel="Ohm", ylabel="part of the cells below")
    axes.legend()


def strength(axes, curves, names):
    x = curves[names[0]]
    for name, label, color in (("single_middle", "1 device, middle reference", OTHER),
                               ("single_best", "1 device, best reference", LOW),
                               ("single_best_secded", "the same with SECDED(72,64)", HIGH),
                               ("pair", "2 devices", PAIR)):
        axes.semilogy(x, curves[name], color=color, label=label)
        if name + "_drawn" in curves:
            axes.semilogy(*positive(x, curves[name + "_drawn"]), "o", color=color, ms=4)
    axes.set(title="Read errors and programming (lines: formula; dots: drawn)",
             ylabel="part of the bits wrong", ylim=(1e-10, 1),
             xlabel="TMR" if names[0] == "tmr" else "stop voltage of RESET, V")
    axes.legend(fontsize=7)


def window(axes, curves, _):
    axes.semilogy(*positive(curves["sense_ns"], curves["late"]), ".-", color=HIGH, label="late")
    axes.semilogy(*positive(curves["sense_ns"], curves["wrong"]), ".-", color=LOW, label="wrong")
    axes.set(title="Sense time", xlabel="length of the sense, ns", ylabel="part of the bits")
    axes.legend()


def pulse(axes, curves, names):
    for name in names[1:]:
        _, state, _, level = name.split("_")
        axes.loglog(*positive(curves["pulse_ns"], curves[name]), ".-",
                    color=LOW if state == "low" else HIGH,
                    alpha={"0": 1, "2": 0.65, "4": 0.35}[level],
                    label=f"to the {state} state, level {level}")
    axes.set(title="Write errors of one pulse", xlabel="length of the pulse, ns",
             ylabel="part of the cells not switched")
    axes.legend(fontsize=7)


def shots(axes, curves, _):
    width = 0.27
    bars = (("pulse", "the preset's pulse", PAIR), ("half_pulse", "half of it", LOW),
            ("quarter_pulse", "a quarter", HIGH))
    for i, (name, label, color) in enumerate(bars):
        x = [shot + (i - 1) * width for shot in curves["shots"]]
        axes.bar(x, curves[name], width, color=color, label=label)
    ticks = [int(shot) for shot in curves["shots"]]
    axes.set(title="Shots until verified, level rising", xlabel="shots", yscale="log",
             ylim=(1e-6, 2), ylabel="part of the cells", xticks=ticks,
             xticklabels=[str(t) for t in ticks[:-1]] + ["never"])
    axes.legend(fontsize=7)


def endurance(axes, curves, _):
    axes.loglog(*positive(curves["pulses"], curves["wrong"]), ".-", color=LOW, label="read wrong")
    axes.loglog(*positive(curves["pulses"], curves["stuck"]), ".--", color=HIGH, label="stuck")
    axes.set(title="Wear", xlabel="pulses of a cell", ylabel="part of the cells")
    axes.legend()


def draw(folder):
    figure, axes = plt.subplots(2, 3, figsize=(15, 8.5), layout="constrained")
    curves = (resistance, strength, window, pulse, shots, endurance)
    for one, function in zip(axes.flat, curves, strict=True):
        file = folder / f"{function.__name__}.csv"
        if not file.is_file():
            sys.exit(f"{file} is missing: write it with `equispin array`")
        function(one, *read(file))
        one.grid(True, which="major", alpha=0.3)
        if one.get_xscale() == "log":
            one.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if function is not endurance
                                                   else (1,)))
            one.xaxis.set_minor_formatter(NullFormatter())
            if function is not endurance:
                one.xaxis.set_major_formatter(ScalarFormatter())
    figure.suptitle(f"{folder.name}: cells and sense amplifiers as modelled (equispin array "
                    f"{folder.name})")
    for suffix in ("png", "svg"):
        file = folder / f"array.{suffix}"
        figure.savefig(file, dpi=110, metadata={"Date": None} if suffix == "svg" else None)
        print(file)
    plt.close(figure)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    for folder in parser.parse_args().folders:
        draw(folder)


if __name__ == "__main__":
    main()
