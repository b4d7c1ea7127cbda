#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Yosys with a command line: the pinned pyosys, which has none, or a yosys that has slang.

  scripts/yosys.py [-q] [-l LOG] [-D NAME=VALUE]... (-p 'COMMANDS' | SCRIPT.ys)...

Commands and scripts run in the order given, from the current folder. In both, @NAME@ is replaced by
the value of -D NAME=VALUE, @SOURCES@ by the arguments for read_slang from rtl/sources.f, and
@ROOT@ by the root of the repository. EQUISPIN_YOSYS names a yosys to use instead (0.60 or newer,
with the slang plugin). The exit code is 0 only if every command succeeded.
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def sources():
    """The design's files for read_slang: those of rtl/sources.f, in order."""
    lines = [line.split("#")[0].strip() for line in
             (ROOT / "rtl/sources.f").read_text().splitlines()]
    return " ".join([f"-I {ROOT}/rtl/common"] + [f"{ROOT}/{line}" for line in lines if line])


def parse():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("-q", action="store_true", help="only warnings and errors")
    parser.add_argument("-l", metavar="LOG", help="whole log to a file")
    parser.add_argument("-D", metavar="NAME=VALUE", action="append", default=[])
    parser.add_argument("-p", metavar="COMMANDS", action="append", default=[])
    parser.add_argument("script", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    texts = args.p + [script.read_text() for script in args.script]
    if not texts:
        parser.error("nothing to run: give -p or a script")
    values = dict(d.split("=", 1) for d in args.D)
    values.setdefault("ROOT", str(ROOT))
    commands = []
    for text in texts:
        if "@SOURCES@" in text:
            values.setdefault("SOURCES", sources())
        for name in re.findall(r"@(\w+)@", text):
            if name not in values:
                parser.error(f"@{name}@ is used; give -D {name}=VALUE")
            text = text.replace(f"@{name}@", values[name])
        for line in text.splitlines():
            line = re.sub(r"(^|\s)#.*", "", line).strip()
            commands += [line] if line else []
    return args, commands


def backend():
    """The command that reads a script from standard input and runs it."""
    external = os.environ.get("EQUISPIN_YOSYS")
    if external:
        return [external, "-m", "slang", "-s", "/dev/stdin"]
    if list(ROOT.glob("build/tools/lib/python3*/site-packages/pyosys")):
        # A pass that fails prints its error and ends the process with exit code 1.
        return [str(ROOT / "build/tools/bin/python"), "-c",
                "import sys\n"
                "from pyosys import libyosys\n"
                "design = libyosys.Design()\n"
                "for line in sys.stdin: libyosys.run_pass(line.strip(), design)"]
    if shutil.which("yosys") and subprocess.run(
            ["yosys", "-m", "slang", "-p", "help read_slang"], capture_output=True).returncode == 0:
        return ["yosys", "-m", "slang", "-s", "/dev/stdin"]
    sys.exit("No Yosys with slang: run scripts/setup.sh lint, or set EQUISPIN_YOSYS")


def main():
    args, commands = parse()
    process = subprocess.Popen(backend(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True)
    process.stdin.write("\n".join(commands) + "\n")
    process.stdin.close()
    log = open(args.l, "w") if args.l else None
    last = collections.deque(maxlen=20)
    warning = False
    for line in process.stdout:
        if log:
            log.write(line)
        last.append(line)
        # A warning goes on in indented lines.
        warning = bool(re.search(r"\b(warning|error)\b:", line, re.IGNORECASE)
                       or (warning and line.startswith("    ")))
        if warning or not args.q:
            print(line, end="", flush=True)
    if process.wait() and args.q:
        print("".join(last), end="")
        print("yosys failed" + (f"; its log is {args.l}" if args.l else ""))
    return 1 if process.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
