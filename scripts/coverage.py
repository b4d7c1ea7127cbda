#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Coverage of the core's RTL by the core's own tests: make coverage.

  scripts/coverage.py [--report]     --report: of what was run before

Builds tb's coverage_tests (8 lanes, and 16 lanes with 6-bit weights) in build/coverage, runs it and
writes build/coverage/index.html, report.txt and report.json: lines, branches and toggles of each
RTL file, all modules and parameters together, and the bins of tb/coverage/ep_core_bins.sv. A hole
is a line, branch or bin that no test reached; scripts/lint/coverage.txt explains those that none
can reach. The page lists the bits that do not toggle too. The exit code is 1 if a goal is missed:
lines, branches and bins 100 % but for what is explained, toggles 95 %.
"""

import argparse
import collections
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREE = ROOT / os.environ.get("BUILD", "build") / "coverage"
GOALS = {"line": 100, "branch": 100, "toggle": 95, "bin": 100}
# The coverage build has one lane count; these tests need others.
WITHOUT = "-Lanes/LockstepTb.*/16*:Lanes/Lockstep*/32*:Lanes/Lockstep*/64*:Lanes/Lockstep*/128*:" \
          "LockstepTb.*"


def run_tests():
    jobs = os.environ.get("JOBS", str(os.cpu_count()))
    subprocess.run(["scripts/build.sh", str(TREE), jobs, "coverage_tests",
                    "-DEP_COVERAGE=ON", "-DEP_LANES=8"], cwd=ROOT, check=True)
    data = TREE / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    environment = os.environ | {"EQUISPIN_COVERAGE": str(data)}
    program = [str(TREE / "bin/coverage_tests"), f"--gtest_filter={WITHOUT}"]
    listed = subprocess.run([*program, "--gtest_list_tests"], cwd=ROOT, check=True, text=True,
                            capture_output=True).stdout
    tests = sum(line.startswith("  ") for line in listed.splitlines())
    logs = [TREE / f"tests-{shard}.log" for shard in range(int(jobs))]
    processes = []
    for shard, log in enumerate(logs):
        shards = {"GTEST_TOTAL_SHARDS": jobs, "GTEST_SHARD_INDEX": str(shard)}
        with log.open("w") as out:
            processes.append(subprocess.Popen(program, cwd=ROOT, env=environment | shards,
                                              stdout=out, stderr=subprocess.STDOUT))
    begin, shown = time.monotonic(), -1
    try:
        while any(process.poll() is None for process in processes):
            time.sleep(1)
            done = sum(len(re.findall(r"^\[       OK|^\[  FAILED  \].* ms\)$", log.read_text(),
                                      re.MULTILINE)) for log in logs)
            if done != shown:
                print(f"coverage: {done} of {tests} tests of the core, "
                      f"{time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
                shown = done
    except KeyboardInterrupt:
        for process in processes:
            process.terminate()
        sys.exit("\ncoverage: stopped")
    if any(process.returncode for process in processes):
        sys.exit("coverage: a test fails: " + ", ".join(
            str(log.relative_to(ROOT)) for log, process in zip(logs, processes, strict=True)
            if process.returncode))


def points():
    """{(kind, file, line, what): count}, of all modules together."""
    found = collections.Counter()
    for file in (TREE / "data").glob("*.dat"):
        for line in file.read_text(errors="replace").splitlines():
            key, _, count = line.rpartition(" ")
            fields = dict(re.findall(r"\x01([^\x02]*)\x02([^\x01']*)", key))
            name = fields.get("f", "")
            if "rtl/" in name:
                name = name[name.index("rtl/"):]
            elif "ep_core_bins" in name:
                name = name[name.rindex("tb/"):]
            else:
                continue
            kind = fields.get("page", "").split("/")[0].removeprefix("v_")
            what = fields.get("o", "")
            # Bins are the covers of ep_core_bins, each instance of its own. All else there, and
            # Verilator's own covers of the assertions in the RTL, is none of the core's.
            if (kind == "user") != ("ep_core_bins" in name):
                continue
            if kind == "user":
                kind = "bin"
                what = re.sub(r"^.*u_bins\.", "", fields.get("h", ""))
                what = re.sub(r"__BRA__(\d+)__KET__", r"[\1]", what).replace("__DOT__", ".")
            number = 0 if kind == "bin" else int(fields.get("l", 0))
            found[(kind, name, number, what)] += int(count)
    return found


def explained():
    """[(part of a hole, reason)]"""
    lines = (line.strip() for line in
             (ROOT / "scripts/lint/coverage.txt").read_text().splitlines())
    return [tuple(part.strip() for part in line.rsplit(" | ", 1)) for line in lines
            if line and not line.startswith("#")]


def source(name, line):
    """The text of a line of the RTL, without what surrounds it."""
    lines = (ROOT / name).read_text().splitlines()
    return " ".join(lines[line - 1].split()) if 0 < line <= len(lines) else ""


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--report", action="store_true")
    args = parser.parse_args()
    if not args.report:
        run_tests()
    waivers = explained()
    files = collections.defaultdict(collections.Counter)
    total, holes, used = collections.Counter(), [], set()
    still = collections.defaultdict(list)  # signals that do not toggle: the edges that are missing
    for (kind, name, line, what), count in sorted(points().items()):
        hole = (f"{name}: {what}" if kind == "bin" else
                f"{name}: {kind} {what}: {source(name, line)}")
        reason = None
        if count == 0 and kind != "toggle":
            part, reason = next(((p, r) for p, r in waivers if p in hole), (None, None))
            used.add(part)
        files[name][kind] += 1
        total[kind] += 1
        total[kind + "!"] += count > 0
        if count or reason:
            files[name][kind + "+"] += 1
            total[kind + "+"] += 1
        if count == 0 and kind == "toggle":
            still[f"{name}:{line}: {what.rpartition(':')[0]}"].append(what.rpartition(":")[2])
        elif count == 0:
            holes.append({"where": hole + (f" (line {line})" if line else ""), "reason": reason})
    def percent(counts, kind):
        return 100 * counts[kind + "+"] / counts[kind] if counts[kind] else 100.0

    text = [f"{'':40} " + " ".join(f"{kind:>16}" for kind in ("line", "branch", "toggle", "bin"))]
    for name in [*sorted(files), None]:
        counts = files[name] if name else total
        text.append(f"{name or 'RTL':40} " + " ".join(
            f"{percent(counts, kind):6.2f} ({counts[kind + '+']}/{counts[kind]})".rjust(16)
            if counts[kind] else " " * 16 for kind in ("line", "branch", "toggle", "bin")))
    open_holes = [hole for hole in holes if not hole["reason"]]
    text.append(f"{len(holes)} holes of lines, branches and bins, "
                f"{len(holes) - len(open_holes)} of them explained:")
    text += [f"  {hole['where']}{': ' + hole['reason'] if hole['reason'] else ''}"
             for hole in holes]
    text.append("reached, without what is explained: " + ", ".join(
        f"{kind} {100 * total[kind + '!'] / total[kind]:.2f} % ({total[kind + '!']}/{total[kind]})"
        for kind in GOALS))
    for part, _ in waivers:
        if part not in used:
            text.append(f"scripts/lint/coverage.txt: `{part}` explains no hole; drop it")
    missed = [kind for kind, goal in GOALS.items() if percent(total, kind) < goal]
    text.append("goals missed: " + (", ".join(
        f"{kind} {percent(total, kind):.2f} % of {GOALS[kind]} %" for kind in missed) or "none"))
    (TREE / "report.txt").write_text("\n".join(text) + "\n")
    (TREE / "report.json").write_text(json.dumps(
        {"percent": {kind: percent(total, kind) for kind in GOALS}, "holes": holes,
         "goals": GOALS, "good": not missed}, indent=1) + "\n")
    (TREE / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><title>Equispin: coverage</title><h1>Coverage</h1><pre>"
        + html.escape("\n".join(text)) + f"</pre><h2>{len(still)} bits that do not toggle</h2><pre>"
        + html.escape("\n".join(f"{bit}  {' '.join(edges)}" for bit, edges in still.items()))
        + "</pre>\n")
    print("\n".join(text))
    print(f"report: {(TREE / 'index.html').relative_to(ROOT)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
