#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lines of the C++ that its unit tests run: make coverage.

  scripts/coverage_cpp.py [--report]     --report: of what was run before

Builds model_tests (all tests of model/ and sim/) with gcc's counters in build/coverage-cpp, runs
it, and has gcovr write build/coverage-cpp/index.html and report.txt: lines of model/ and sim/
without the tests themselves, and those that no test ran. The exit code is 1 below 95 %.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TREE = ROOT / os.environ.get("BUILD", "build") / "coverage-cpp"
GOAL = 95


def run_tests():
    jobs = os.environ.get("JOBS", str(os.cpu_count()))
    # The lane counts that the unit tests use.
    subprocess.run(["scripts/build.sh", str(TREE), jobs, "model_tests", "-DEP_GCOV=ON",
                    "-DEP_LANES=8;32"], cwd=ROOT, check=True)
    for counts in TREE.rglob("*.gcda"):
        counts.unlink()
    log = TREE / "tests.log"
    print("coverage: the unit tests of model/ and sim/", file=sys.stderr, flush=True)
    with log.open("w") as out:
        code = subprocess.run([str(TREE / "bin/model_tests"), "--gtest_brief=1"], cwd=ROOT,
                              stdout=out, stderr=subprocess.STDOUT).returncode
    if code:
        sys.exit(f"coverage: a test fails: {log.relative_to(ROOT)}")


def ranges(numbers):
    """'3-5, 9' of [3, 4, 5, 9]"""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--report", action="store_true")
    if not parser.parse_args().report:
        run_tests()
    tools = ROOT / "build/tools/bin"
    subprocess.run([str(tools / "gcovr"), "--root", str(ROOT), "--filter", "model/", "--filter",
                    "sim/", "--exclude", r".*_test\.cc", "--exclude", "sim/testing/",
                    "--exclude", "sim/fuzz/fuzz_main.cc", "--json", str(TREE / "lines.json"),
                    "--html-details", str(TREE / "index.html"), str(TREE)],
                   cwd=ROOT, check=True, capture_output=True)
    text, lines, ran, folders = [], 0, 0, {}
    for file in sorted(json.loads((TREE / "lines.json").read_text())["files"],
                       key=lambda f: f["file"]):
        counts = {}  # a line counts once, however many functions or templates have it
        for line in file["lines"]:
            counts[line["line_number"]] = counts.get(line["line_number"], 0) + line["count"]
        missed = sorted(number for number, count in counts.items() if count == 0)
        folder = folders.setdefault(str(pathlib.PurePath(file["file"]).parent), [0, 0])
        folder[0] += len(counts) - len(missed)
        folder[1] += len(counts)
        if missed:
            text.append(f"  {file['file']}: {len(missed)} of {len(counts)}: {ranges(missed)}")
    for done, count in folders.values():
        ran, lines = ran + done, lines + count
    text = ([f"{name:20} {100 * done / count:6.2f} % ({done}/{count})"
             for name, (done, count) in folders.items() if count]
            + [f"{'C++':20} {100 * ran / lines:6.2f} % ({ran}/{lines}), goal {GOAL} %",
               "lines that no unit test runs:"] + text)
    (TREE / "report.txt").write_text("\n".join(text) + "\n")
    print("\n".join(text))
    print(f"report: {(TREE / 'index.html').relative_to(ROOT)}")
    return 0 if 100 * ran >= GOAL * lines else 1


if __name__ == "__main__":
    sys.exit(main())
