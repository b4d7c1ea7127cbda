#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the JSON results of training runs: weight hash and accuracy after each epoch.

scripts/compare_runs.py FIRST.json SECOND.json...     exit code 0 only if all are equal
"""

import json
import sys


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip())
    runs = []
    for name in sys.argv[1:]:
        with open(name) as file:
            runs.append(json.load(file))
    print("epoch " + " ".join(f"{run['backend']:>17}" for run in runs) + "   test")
    equal = True
    epochs = [run["epochs"] for run in runs]
    for rows in zip(*epochs, strict=False):
        same = len({(r["weights_hash"], r["test_accuracy"]) for r in rows}) == 1
        equal &= same
        print(f"{rows[0]['epoch']:5} " + " ".join(f"{r['weights_hash']:>17}" for r in rows)
              + f"   {rows[0]['test_accuracy']:.2f} %" + ("" if same else "   DIFFERENT"))
    if len({len(e) for e in epochs}) != 1:
        equal = False
        print("different numbers of epochs: " + ", ".join(str(len(e)) for e in epochs))
    names = " = ".join(run["backend"] for run in runs)
    print(f"{names}: the same weights after each of {len(epochs[0])} epochs" if equal
          else f"NOT {names}")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
