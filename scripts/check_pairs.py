#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the three descriptions of the machine stay side by side.

Each rtl/<room>/ep_x.sv stands in rtl/sources.f, declares ep_x, and has
  model  model/<room>/x.h
  test   model/<room>/x_test.cc
  tb     tb/<room>/x_tb.cc
unless scripts/lint/pairs.txt names what it lacks and why. Each room has docs/rooms/<room>.md.
Each source file has its SPDX line near the top.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPDX = "SPDX-License-Identifier: Apache-2.0"
SUFFIXES = {".sv", ".svh", ".v", ".vlt", ".f", ".h", ".cc", ".py", ".sh", ".cmake", ".rdl",
            ".toml", ".ys", ".sdc", ".tcl"}
NAMES = {"CMakeLists.txt", "Makefile", ".clang-format", ".clang-tidy", "run", "requirements.txt"}


def lines(path):
    """Lines of a list without # comments and empty lines."""
    if not path.exists():
        return []
    stripped = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in stripped if line]


def exceptions(path):
    """{file: {part: reason}} from lines `file: part part: reason`."""
    found = {}
    for line in lines(path):
        file, parts, reason = (field.strip() for field in line.split(":", 2))
        found[file] = {part: reason for part in parts.split()}
    return found


def main():
    problems = []
    allowed = exceptions(ROOT / "scripts/lint/pairs.txt")
    listed = lines(ROOT / "rtl/sources.f")
    rtl = sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("rtl/**/*.sv"))

    for path in sorted(set(listed) - set(rtl)):
        problems.append(f"rtl/sources.f: {path} does not exist")
    for path in sorted(set(rtl) - set(listed)):
        problems.append(f"{path}: not in rtl/sources.f")
    for path in sorted({p for p in listed if listed.count(p) > 1}):
        problems.append(f"rtl/sources.f: {path} stands there twice")

    for path in rtl:
        room, stem = pathlib.Path(path).parent.name, pathlib.Path(path).stem
        text = (ROOT / path).read_text()
        if not re.search(rf"^\s*(module|package)\s+{stem}\b", text, re.MULTILINE):
            problems.append(f"{path}: declares no module or package {stem}")
        if not stem.startswith("ep_"):
            problems.append(f"{path}: the name does not start with ep_")
        name = stem.removeprefix("ep_")
        parts = {"model": f"model/{room}/{name}.h", "test": f"model/{room}/{name}_test.cc",
                 "tb": f"tb/{room}/{name}_tb.cc"}
        for part, wanted in parts.items():
            lacks, waived = not (ROOT / wanted).exists(), part in allowed.get(path, {})
            if lacks and not waived:
                problems.append(f"{path}: no {wanted}")
            if waived and not lacks:
                problems.append(f"scripts/lint/pairs.txt: {path} has {wanted}; drop the exception")
    for path in sorted(set(allowed) - set(rtl)):
        problems.append(f"scripts/lint/pairs.txt: {path} does not exist")
    for room in sorted({pathlib.Path(p).parent.name for p in rtl}):
        if not (ROOT / f"docs/rooms/{room}.md").exists():
            problems.append(f"rtl/{room}: no docs/rooms/{room}.md")

    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True,
                           capture_output=True, check=True).stdout.splitlines()
    for file in files:
        path = ROOT / file
        if (path.suffix in SUFFIXES or path.name in NAMES) and path.is_file():
            with path.open(errors="replace") as source:
                if SPDX not in source.read(500):
                    problems.append(f"{file}: no '{SPDX}'")

    for problem in problems:
        print(problem)
    print(f"pairs: {len(rtl)} RTL files, {len(files)} files, "
          + (f"{len(problems)} problems" if problems else "all in place"))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
