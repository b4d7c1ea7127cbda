#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Accuracy beside energy: trains the networks of studies again, with an energy ledger each.

  scripts/ledgers.py [--jobs N] [STUDY...]      studies: width, pixels, gate (all unless named)

Takes the runs of studies/STUDY.csv, trains each with the fast model and `--energy`
(constraints/energy.toml), and writes build/ledger/STUDY.json: for each configuration accuracy (%)
and nJ a training sample, by seed. A run whose accuracy or weights are not those of the study is an
error: both numbers of a point belong to the same weights. What has been run is not run again.
make ledger gets MNIST and builds the program first.
"""

import argparse
import concurrent.futures
import csv
import json
import os
import pathlib
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / os.environ.get("BUILD", "build") / "bin/equispin"
TABLE = ROOT / "constraints/energy.toml"
OUT = ROOT / "build/ledger"
# What is drawn: the column that tells points apart, and which rows.
STUDIES = {
    "width": ("network.populations", {"network.weight_init": "38"}),
    "pixels": ("case", {}),
    "gate": ("network.error_gate", {}),
}


class Failure(Exception):
    """What a user can put right; the text says how."""


def read(name):
    """Rows of a study that are drawn."""
    with open(ROOT / "studies" / f"{name}.csv", newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    chosen = STUDIES[name][1].items()
    return [row for row in rows if all(row[key] == value for key, value in chosen)]


def arguments(row):
    """Of `equispin train`, for a row of a study."""
    result = [row["network"], "--backend", "fast", "--seed", row["seed"], "--epochs", row["epochs"]]
    if row["evaluated"] == "validation":
        result += ["--validation", "10000"]
    for key, value in row.items():
        if "." in key and value:
            result += ["--set", f"{key}={value}"]
    return result


def run(row, folder):
    """Accuracy and nanojoules of one run."""
    command = [str(PROGRAM), "train", *arguments(row)]
    stem = folder / f"{row['seed']}-{hash_of(command[1:]):08x}"
    energy, result = stem.with_suffix(".energy.json"), stem.with_suffix(".json")
    if not (energy.exists() and result.exists()):
        done = subprocess.run([*command, "--energy", str(energy), "--json", str(result)], cwd=ROOT,
                              text=True, capture_output=True, check=False)
        if done.returncode:
            energy.unlink(missing_ok=True)
            raise Failure(f"{shlex.join(command)}: {done.stderr.strip().splitlines()[-1]}")
    last = json.loads(result.read_text())["epochs"][-1]
    ledger = json.loads(energy.read_text())
    if last["weights_hash"] != row["weights_hash"] or last["correct"] != int(row["correct"]):
        raise Failure(f"{shlex.join(command)}: weights {last['weights_hash']}, "
                      f"{last['correct']} correct; the study has {row['weights_hash']}, "
                      f"{row['correct']}: build the program anew, and remove {folder}")
    return {"seed": int(row["seed"]), "accuracy": float(row["accuracy"]),
            "weights_hash": row["weights_hash"], "command": shlex.join(["equispin", *command[1:]]),
            "nanojoules": ledger["nanojoules_a_sample"],
            "phases": {phase: value["typical"] for phase, value in ledger["phases"].items()},
            "rooms": {room: value["typical"] for room, value in ledger["rooms"].items()},
            "nm": ledger["nm"], "scaled": ledger["scaled"], "factors": ledger["factors"]}


def hash_of(words):
    """FNV-1a, 32 bits, of the command and of the table of energies."""
    value = 0x811C9DC5
    for byte in "\0".join(words).encode() + TABLE.read_bytes():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def study(name, pool):
    column = STUDIES[name][0]
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    rows = read(name)
    points = {}
    for i, (row, found) in enumerate(zip(rows, pool.map(lambda r: run(r, folder), rows),
                                         strict=True)):
        points.setdefault(row[column], []).append(found)
        print(f"ledger: {name} {i + 1}/{len(rows)}: {row[column]}, seed {found['seed']}: "
              f"{found['accuracy']:.2f} %, {found['nanojoules']['typical']:.3f} nJ", flush=True)
    (OUT / f"{name}.json").write_text(json.dumps(
        {"study": name, "column": column, "evaluated": rows[0]["evaluated"],
         "points": [{"name": key, "runs": runs} for key, runs in points.items()]},
        indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("JOBS", os.cpu_count())))
    parser.add_argument("study", nargs="*", metavar="STUDY", help=", ".join(STUDIES))
    args = parser.parse_args()
    for name in args.study:
        if name not in STUDIES:
            raise Failure(f"no study {name}: must be one of {', '.join(STUDIES)}")
    if not PROGRAM.exists():
        raise Failure(f"no {PROGRAM}: run make ledger")
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for name in args.study or STUDIES:
            study(name, pool)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"ledger: {failure}")
