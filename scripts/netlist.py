#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the program `equispin` with a netlist in the place of the RTL.

  scripts/netlist.py [--kit osu018] [--config small]

Takes the netlist of scripts/synth.py, writes models of the library's cells (from its Liberty file;
clock gates and latches by name), has Verilator compile both, with counts of toggles, and links
build/synth/KIT-CONFIG/equispin. That program takes every option of equispin; --backend lockstep
compares the gates with the golden model. Registers and latches start with random values:
EQUISPIN_POWER_UP=SEED (default 1). EQUISPIN_TOGGLES=FILE has it count toggles.
Needs the libraries of `make build`.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

import synth

ROOT = synth.ROOT
LIBRARIES = ["libep_sim.a", "libep_fast.a", "libep_model.a"]
SOURCES = ["sim/main.cc", "scripts/synth/netlist_machine.cc", "tb/top/core_machine.cc",
           "tb/top/lockstep.cc", "tb/top/recording.cc",
           "tb/top/lockstep_rtl.cc"]


def run(command, log, what, **options):
    with open(log, "w", encoding="utf-8") as out:
        if subprocess.run(command, stdout=out, stderr=subprocess.STDOUT, **options).returncode:
            tail = "\n".join(pathlib.Path(log).read_text().splitlines()[-20:])
            raise synth.Failure(f"{tail}\n{what} failed; its log is {log}")


def models(kit, out):
    """Verilog models of the cells that the netlist uses."""
    used = set()
    for module in json.loads((out / "stat.json").read_text())["modules"].values():
        used |= set(module["num_cells_by_type"])
    used &= set(kit.areas)
    text = ["// Made by scripts/netlist.py from the Liberty files.", "/* verilator tracing_off */"]
    icg, latch = kit.spec.get("icg"), kit.spec["latch"]
    for cell in sorted(used):
        if icg and cell == icg[0]:
            test = f", input {icg[4]}" if len(icg) > 4 else ""
            enable = f"{icg[1]} | {icg[4]}" if len(icg) > 4 else icg[1]
            text.append(f"module {cell}(input {icg[1]}, input {icg[2]}{test}, output {icg[3]});\n"
                        f"  reg open;\n  always_latch if (!{icg[2]}) open = {enable};\n"
                        f"  assign {icg[3]} = open & {icg[2]};\nendmodule")
        elif cell == latch[0]:
            _, data, gate, q = latch
            text.append(f"module {cell}(input {data}, input {gate}, output reg {q});\n"
                        f"  always_latch if ({gate}) {q} = {data};\nendmodule")
        else:
            continue
        used.discard(cell)
    rest = out / "models.v"
    commands = [f"read_liberty -ignore_miss_func {lib}" for lib in kit.libs]
    commands += ["select -set used " + " ".join(f"={cell}" for cell in sorted(used)),
                 "delete =* @used %d", "proc", "simplemap", "opt_clean",
                 f"write_verilog -noattr {rest}"]
    script = out / "models.ys"
    script.write_text("\n".join(commands) + "\n")
    run([str(ROOT / "scripts/yosys.py"), "-q", str(script)], out / "models.log", "yosys", cwd=ROOT)
    (out / "cells-models.v").write_text("\n".join(text) + "\n" + rest.read_text())


def main():
    data = synth.load()
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--config", default="small", choices=data["configuration"])
    parser.add_argument("--kit", default="osu018", choices=data["kit"])
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    args = parser.parse_args()
    kit = synth.Kit(args.kit, data["kit"][args.kit])
    out = ROOT / "build/synth" / f"{args.kit}-{args.config}"
    build = ROOT / args.build
    if not (out / "netlist.v").exists():
        raise synth.Failure(f"no netlist in {out}: run scripts/synth.py --kit {args.kit} "
                            f"--config {args.config}")
    for library in LIBRARIES:
        if not (build / library).exists():
            raise synth.Failure(f"no {build / library}: run make build")
    where = subprocess.run([str(ROOT / "scripts/verilator.sh"), "--where"], text=True, check=True,
                           capture_output=True).stdout.strip()
    program, root = where.split(";")
    cxx = out / "cxx"
    done = cxx / "done"
    fresh = done.exists() and done.stat().st_mtime > (out / "netlist.v").stat().st_mtime
    if not fresh:
        models(kit, out)
        cxx.mkdir(exist_ok=True)
        for old in cxx.iterdir():
            old.unlink()
        # Clock gates make clocks that Verilator cannot order at once; it iterates instead.
        run([program, "--cc", "-O3", "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-MULTITOP",
             "--x-initial", "unique", "--x-assign", "unique", "--no-timing", "--trace-vcd",
             "--trace-underscore", "--prefix", "Vep_netlist", "--top-module", "ep_core", "--Mdir",
             str(cxx), "--make", "json", "--output-split", "20000", "--output-split-cfuncs", "2000",
             str(out / "cells-models.v"), str(out / "netlist.v")],
            out / "verilator.log", "Verilator", env=dict(os.environ, VERILATOR_ROOT=root))
    spec = data["configuration"][args.config]
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", key).upper(): value for key, value in spec.items()}
    include = pathlib.Path(root) / "include"
    flags = ["-std=c++20", "-w", f"-I{ROOT}", f"-I{cxx}", f"-I{include}", f"-I{include}/vltstd",
             "-DVERILATOR=1", "-DVM_SC=0", "-DVM_TIMING=0", "-DVM_TRACE=1", "-DVM_TRACE_FST=0",
             "-DVM_TRACE_VCD=1", "-DVM_TRACE_SAIF=0", "-DVM_COVERAGE=0"]
    flags += [f"-DEP_{name}={value}" for name, value in names.items()]
    objects, commands = [], []
    files = [ROOT / s for s in SOURCES] + sorted(cxx.glob("*.cpp"))
    files += [include / "verilated.cpp", include / "verilated_threads.cpp",
              include / "verilated_vcd_c.cpp"]
    for source in files:
        target = cxx / (source.stem + ".o")
        objects.append(str(target))
        # Long flat code: compiling it well costs more than it gains.
        level = "-O2" if source.parent == include else "-O0"
        if fresh and target.exists() and (
                source.is_relative_to(cxx) or source.is_relative_to(include)):
            continue
        commands.append(["g++", level, *flags, "-c", str(source), "-o", str(target)])
    for command in commands:
        run(command, out / "cxx.log", "g++")
    done.touch()
    archives = [str(build / lib) for lib in LIBRARIES]
    run(["g++", *objects, "-Wl,--start-group", *archives, "-Wl,--end-group", "-lfmt", "-lz",
         "-lhwy", "-ltomlplusplus", "-llz4", "-pthread", "-o", str(out / "equispin")],
        out / "link.log", "the linker")
    print(f"netlist: {(out / 'equispin').relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except synth.Failure as failure:
        sys.exit(f"netlist: {failure}")
