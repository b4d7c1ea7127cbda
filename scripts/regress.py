#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Everything that verifies, over several seeds, with one page at the end: make regress.

  scripts/regress.py [--quick] [--again] [STEP...]

Steps, in this order: lint, test, formal, anchors, powerup, mutate, faults, fuzz, coverage. Each is
the command of its verb, over the seeds below. What has passed on the same commit is not run again,
so that a run that was stopped goes on; --again forgets that. --quick takes one seed and small
numbers. Results: build/regress/index.html, report.txt and junit.xml; logs beside them.
"""

import argparse
import html
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = os.environ.get("BUILD", "build")
OUT = ROOT / BUILD / "regress"
JOBS = os.environ.get("JOBS", str(os.cpu_count()))
PROGRAM = f"{BUILD}/bin/equispin"


def steps(quick):
    """[(step, name, command)]"""
    seeds = [1] if quick else [1, 2, 3]
    todo = [("lint", "lint", ["scripts/lint.sh"]),
            ("test", "build", ["scripts/build.sh", BUILD, JOBS]),
            ("test", "test", ["ctest", "--test-dir", BUILD, "--output-on-failure", "-j", JOBS]),
            ("formal", "formal", ["scripts/formal.py"] + ["--quick"] * quick)]
    for seed in seeds:
        for lanes in (32,) if quick else (8, 16, 32, 64, 128):
            todo.append(("anchors", f"lockstep, digits-64-32, {lanes} lanes, seed {seed}",
                         [PROGRAM, "train", "digits-64-32", "--backend", "lockstep", "--seed",
                          str(seed), "--epochs", "1", "--train-samples", "200" if quick else "1000",
                          "--test-samples", "100", "--set", f"hardware.lanes={lanes}"]))
    todo.append(("powerup", "ten initial states of all flip-flops",
                 [f"{BUILD}/bin/rtl_tests", "--gtest_filter=PowerUpTb.*"]))
    for seed in seeds:
        todo.append(("mutate", f"mutants, seed {seed}",
                     ["scripts/mutate.py", "--seed", str(seed), "--mutants",
                      "3" if quick else "12"]))
        todo.append(("faults", f"upsets, seed {seed}",
                     ["scripts/faults.py", "--seed", str(seed), "--faults",
                      "500" if quick else "10000", "--jobs", JOBS]))
    todo.append(("fuzz", "fuzz", ["scripts/fuzz.sh", "10" if quick else "120"]))
    todo.append(("coverage", "RTL", ["scripts/coverage.py"]))
    todo.append(("coverage", "C++", ["scripts/coverage_cpp.py"]))
    return todo


def commit():
    text = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=ROOT,
                          text=True, capture_output=True).stdout.strip()
    return text or "unknown"


def write(results, seconds):
    """The page, the text and the JUnit file."""
    suite = xml.Element("testsuite", name="equispin", tests=str(len(results)),
                        failures=str(sum(not r["passed"] for r in results)))
    rows, lines = [], []
    for result in results:
        case = xml.SubElement(suite, "testcase", classname=result["step"], name=result["name"],
                              time=f"{result['seconds']:.1f}")
        word = "passed" if result["passed"] else "FAILED"
        if not result["passed"]:
            xml.SubElement(case, "failure", message=f"exit code {result['code']}").text = (
                result["tail"])
        lines.append(f"{word:7} {result['step']:9} {result['seconds']:8.1f} s  {result['name']}")
        rows.append(f"<tr><td>{word}<td>{html.escape(result['step'])}<td>"
                    f"{html.escape(result['name'])}<td>{result['seconds']:.1f} s<td><a href="
                    f"'{result['log']}'>log</a><td><pre>{html.escape(result['tail'])}</pre>")
    good = all(result["passed"] for result in results)
    lines.append(f"{sum(r['passed'] for r in results)} of {len(results)} passed, commit "
                 f"{commit()}, {seconds:.0f} s")
    (OUT / "report.txt").write_text("\n".join(lines) + "\n")
    (OUT / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Equispin: regression</title>"
        "<style>td{vertical-align:top;padding:4px}pre{margin:0}</style>"
        f"<h1>{'Passed' if good else 'FAILED'}</h1><p>{html.escape(lines[-1])}<table>"
        + "".join(rows) + "</table>\n")
    xml.ElementTree(suite).write(OUT / "junit.xml", encoding="utf-8", xml_declaration=True)
    return good


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("step", nargs="*")
    args = parser.parse_args()
    todo = steps(args.quick)
    known = list(dict.fromkeys(step for step, _, _ in todo))
    for step in args.step:
        if step not in known:
            sys.exit(f"no step {step}: must be one of {', '.join(known)}")
    OUT.mkdir(parents=True, exist_ok=True)
    state_file = OUT / "state.json"
    state = json.loads(state_file.read_text()) if state_file.exists() and not args.again else {}
    if state.get("commit") != commit():
        state = {"commit": commit(), "passed": {}}
    results, begin = [], time.monotonic()
    for step, name, command in todo:
        if args.step and step not in args.step:
            continue
        key = " ".join(command)
        if key in state["passed"]:
            results.append(state["passed"][key])
            continue
        print(f"regress: {step}: {name}", flush=True)
        log = OUT / (f"{step}-" + "".join(c if c.isalnum() else "-" for c in name) + ".log")
        start = time.monotonic()
        try:
            with log.open("w") as out:
                code = subprocess.run(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT,
                                      stdin=subprocess.DEVNULL).returncode
        except KeyboardInterrupt:
            sys.exit("\nregress: stopped; the same command goes on")
        except FileNotFoundError as error:
            log.write_text(f"{error}\n")
            code = 127
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        result = {"step": step, "name": name, "passed": code == 0, "code": code, "tail": tail,
                  "seconds": time.monotonic() - start, "log": log.name}
        results.append(result)
        if code == 0:
            state["passed"][key] = result
            state_file.write_text(json.dumps(state, indent=1) + "\n")
    good = write(results, time.monotonic() - begin)
    print((OUT / "report.txt").read_text(), end="")
    print(f"page: {(OUT / 'index.html').relative_to(ROOT)}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
