#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints tables of sweeps as Markdown: one row a configuration, mean and spread of its seeds.

    scripts/sweep_markdown.py build/sweep/read-errors/results.csv [more.csv ...]

Columns: network, device, what else varies, runs, accuracy (mean, standard deviation of the runs),
loss against the first configuration of the same network, and per training sample: senses of row
words, array senses repeated, cells programmed, pulses.
"""

import argparse
import csv
import pathlib
import statistics


def load(files):
    """[(key, [rows])] in the order of the files; the key is what a configuration is."""
    found, keys = {}, []
    for file in files:
        with file.open(newline="", encoding="utf-8") as table:
            reader = csv.DictReader(table)
            names = reader.fieldnames
            options = names[names.index("device") + 1:names.index("seed")]
            for row in reader:
                device = pathlib.Path(row["device"]).stem if row["device"] else "ideal cells"
                settings = tuple(f"{option} {row[option]}" for option in options)
                key = (row["network"], device, settings)
                if key not in found:
                    keys.append(key)
                found.setdefault(key, []).append(row)
    return [(key, found[key]) for key in keys]


def per_sample(rows, *names):
    total = sum(float(row.get(name) or 0) for row in rows for name in names)
    return total / sum(float(row["samples"]) for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="+", type=pathlib.Path)
    first = {}
    print("| network | device | settings | runs | test % | loss | senses | repeated "
          "| cells programmed | pulses |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for (network, device, settings), rows in load(parser.parse_args().tables):
        accuracies = [float(row["accuracy"]) for row in rows]
        mean = statistics.mean(accuracies)
        spread = statistics.stdev(accuracies) if len(accuracies) > 1 else 0
        first.setdefault(network, mean)
        senses = per_sample(rows, "rows_sensed_drive", "rows_sensed_free", "rows_sensed_nudged",
                            "rows_sensed_learn")
        repeated = per_sample(rows, "re_reads")
        cells = per_sample(rows, "cells_set", "cells_reset")
        pulses = per_sample(rows, "shots")
        print(f"| {network} | {device} | {', '.join(settings)} | {len(rows)} "
              f"| {mean:.2f} +- {spread:.2f} | {first[network] - mean:.2f} | {senses:.0f} "
              f"| {repeated:.1f} | {cells:.1f} | {pulses:.1f} |")


if __name__ == "__main__":
    main()
