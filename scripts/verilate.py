#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Verilates one module and gathers what Verilator wrote into two C++ files.

The names and the number of Verilator's files depend on the RTL; a build system wants to know them
before. So <name>__fast.cpp (evaluation) and <name>__slow.cpp (construction, reset, tracing) include
all others, and <name>.d tells the build which RTL files were read.

Of rtl/sources.f, packages are given to Verilator and modules are looked up by name, so that a
module is made anew only when something inside it changes.

With --netlist KIT the module is first mapped to that cell library (scripts/netlist.py), with the
parameters -GNAME=VALUE of the options, and Verilator gets the gates.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys


def read_sources(path):
    """Lines of a source list: paths relative to the root, # starts a comment."""
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]


def write_if_changed(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    else:
        os.utime(path)


def gates(args, options):
    """The files with the gates of the module, and those that they were made from."""
    import netlist  # needs Yosys, unlike the rest
    parameters = dict(o.removeprefix("-G").split("=") for o in options if o.startswith("-G"))
    try:
        files = netlist.block(args.netlist, args.top, parameters, args.dir / "gates")
    except netlist.synth.Failure as failure:
        sys.exit(f"{args.name}: {failure}")
    root = pathlib.Path(__file__).resolve().parent.parent
    made_from = [*root.glob("rtl/*/*.sv*"), *root.glob("scripts/synth/*"),
                 root / "scripts/synth.py", root / "scripts/netlist.py",
                 root / "constraints/synth.toml"]
    return [str(f) for f in files], [str(f) for f in made_from]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verilator", required=True)
    parser.add_argument("--name", required=True, help="C++ class")
    parser.add_argument("--top", required=True, help="module")
    parser.add_argument("--dir", required=True, type=pathlib.Path)
    parser.add_argument("--netlist", metavar="KIT", help="cell library of constraints/synth.toml")
    parser.add_argument("--sources", default="rtl/sources.f", type=pathlib.Path)
    parser.add_argument("options", nargs=argparse.REMAINDER, help="-- options and files")
    args = parser.parse_args()
    options = args.options[1:] if args.options[:1] == ["--"] else args.options

    sources = read_sources(args.sources)
    packages = [s for s in sources if s.endswith("_pkg.sv")]
    folders = sorted({os.path.dirname(s) for s in sources})
    args.dir.mkdir(parents=True, exist_ok=True)
    for old in args.dir.glob(args.name + "*"):
        if old.suffix in (".cpp", ".h") and not old.stem.endswith(("__fast", "__slow")):
            old.unlink()
    files = ["-Irtl/common", *[arg for f in folders for arg in ("-y", f)],
             "scripts/lint/verilator.vlt", *packages,
             *[s for s in sources if os.path.basename(s) == args.top + ".sv"]]
    read = []
    if args.netlist:
        files, read = gates(args, options)
        options = [o for o in options if not o.startswith(("-G", "-W"))]
        options += ["-Wno-fatal", "-Wno-lint", "-Wno-style"]
    command = [args.verilator, *options, "--make", "json", "--prefix", args.name,
               "--top-module", args.top, "--Mdir", str(args.dir), "--quiet-stats", *files]
    result = subprocess.run(command)
    if result.returncode:
        sys.exit(result.returncode)

    listing = json.loads((args.dir / (args.name + ".json")).read_text())["sources"]
    for kind in ("fast", "slow"):
        files = [f for key, value in listing.items() if key.endswith("_" + kind) for f in value]
        write_if_changed(args.dir / f"{args.name}__{kind}.cpp",
                         "".join(f'#include "{os.path.basename(f)}"\n' for f in files))
    outputs = [args.dir / f"{args.name}__{kind}.cpp" for kind in ("fast", "slow")]
    deps = [os.path.abspath(d) for d in listing["deps"] + read]
    (args.dir / (args.name + ".d")).write_text(
        f"{' '.join(map(str, outputs))}: {' '.join(deps)}\n")


if __name__ == "__main__":
    main()
