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

Cells have no delay here. A bit of a memory (scripts/synth/latches.v) opens with the rising edge of
the clock, and without delay flip-flops would see its new value at that same edge, which no chip
would: there, its delay holds the old value beyond the edge. Therefore such a latch is modelled as
loading at the rising edge, as flip-flops do. That is the same as long as its data stands still
while it is open; the netlist is checked to be built so that it must, and refused otherwise.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import synth

sys.path.append(str(synth.ROOT / "scripts/synth"))
import liberty  # noqa: E402

ROOT = synth.ROOT
LIBRARIES = ["libep_sim.a", "libep_fast.a", "libep_model.a"]
SOURCES = ["sim/main.cc", "scripts/synth/netlist_machine.cc", "tb/top/core_machine.cc",
           "tb/top/lockstep.cc", "tb/top/recording.cc",
           "tb/top/lockstep_rtl.cc"]


BIT = "_bit"  # what the name of a latch ends with in simulation.v where it is a bit of a memory


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
            ports = f"(input {data}, input {gate}, output reg {q});"
            text.append(f"module {cell}{ports}\n"
                        f"  always_latch if ({gate}) {q} = {data};\nendmodule\n"
                        f"module {cell}{BIT}{ports}\n"
                        f"  always @(posedge {gate}) {q} <= {data};\nendmodule")
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


def buffers(kit, used):
    """Cells that pass one input on, (input, output, inverted), by name."""
    found = {}
    for lib in kit.libs:
        for cell in liberty.tree(lib.read_text()).all("cell"):
            pins = {pin.name: pin for pin in cell.all("pin")}
            ins = [n for n, pin in pins.items() if pin.get("direction") == "input"]
            outs = [n for n, pin in pins.items() if pin.get("direction") == "output"]
            if cell.name not in used or len(ins) != 1 or len(outs) != 1:
                continue
            function = re.sub(r"[\s()]", "", pins[outs[0]].get("function") or "")
            if function in (ins[0], f"!{ins[0]}", f"{ins[0]}'"):
                found[cell.name] = (ins[0], outs[0], function != ins[0])
    return found


def bits_of_memories(kit, module, passing):
    """Latches of one module that open with the rising clock; Failure if their data may move then.

    Such a latch's gate is a gated clock, and its data comes through buffers and inverters from a
    latch that the same clock opens while it is low. Latches of that second kind have the inverted
    clock as their gate. There may be no other. That clock may be a gated one itself, of the memory.
    """
    latch, data, gate, q = kit.spec["latch"]
    icg = kit.spec.get("icg")
    driver = {}
    for name, cell in module["cells"].items():
        for pin, nets in cell["connections"].items():
            if cell.get("port_directions", {}).get(pin) == "output":
                driver.update((net, name) for net in nets)

    def source(net):
        """What drives a net: a cell or None (a port), the net there, and whether it is inverted."""
        inverted = False
        while net in driver:
            cell = module["cells"][driver[net]]
            if cell["type"] not in passing:
                return driver[net], net, inverted
            pin, _, inverts = passing[cell["type"]]
            net, inverted = cell["connections"][pin][0], inverted != inverts
        return None, net, inverted

    def pins(name):
        return {pin: nets[0] for pin, nets in module["cells"][name]["connections"].items() if nets}

    def low_clock(name):
        """The clock that opens a latch while it is low, or None."""
        if name is None or module["cells"][name]["type"] != latch:
            return None
        cell, net, inverted = source(pins(name)[gate])
        return net if inverted and (cell is None or gated_clock(cell)) else None

    def gated_clock(name):
        """The clock of a clock gate, or None."""
        if name is None:
            return None
        kind = module["cells"][name]["type"]
        if icg:
            return pins(name)[icg[2]] if kind == icg[0] else None
        if kind != kit.spec["and"]:
            return None
        clock = pins(name)["B"]
        return clock if low_clock(source(pins(name)["A"])[0]) == clock else None

    bits = set()
    for name, cell in module["cells"].items():
        if cell["type"] != latch or low_clock(name) is not None:
            continue
        from_gate, _, inverted = source(pins(name)[gate])
        clock = gated_clock(from_gate)
        if clock is None or inverted:
            raise synth.Failure(f"latch {name}: gate {gate} is neither a clock gate's output nor "
                                "the inverted clock")
        if low_clock(source(pins(name)[data])[0]) != clock:
            raise synth.Failure(f"latch {name}: data {data} may change while it is open; it does "
                                "not come from a latch that is closed while the clock is high")
        bits.add(name)
    return bits


def simulation(kit, out):
    """Writes simulation.v, where bits of memories have a type of their own; gives their count."""
    modules = json.loads((out / "netlist.json").read_text())["modules"]
    used = {cell["type"] for module in modules.values() for cell in module["cells"].values()}
    passing = buffers(kit, used)
    bits = {}
    for name, module in modules.items():
        try:
            bits[name] = bits_of_memories(kit, module, passing)
        except synth.Failure as failure:
            raise synth.Failure(f"{out / 'netlist.v'}: module {name}: {failure}") from None
    latch, count, text, here = kit.spec["latch"][0], 0, [], set()
    for line in (out / "netlist.v").read_text().splitlines():
        if m := re.match(r"module \\?(\S+?) ?\(", line):
            here = bits[m.group(1)]
        elif m := re.match(rf"  {re.escape(latch)} \\?(\S+) ", line):
            if m.group(1) in here:
                line = line.replace(latch, latch + BIT, 1)
                count += 1
        text.append(line)
    if count != sum(map(len, bits.values())):
        raise synth.Failure(f"{out}: netlist.v and netlist.json differ: run scripts/synth.py again")
    (out / "simulation.v").write_text("\n".join(text) + "\n")
    return count


def block(kit_name, top, parameters, out):
    """Maps one block; the Verilog files that simulate its gates."""
    spec = synth.load()["kit"][kit_name]
    kit = synth.Kit(kit_name, spec)
    synth.yosys(kit, parameters, out, top, "latches", spec["period_ns"])
    models(kit, out)
    simulation(kit, out)
    return [out / "cells-models.v", out / "simulation.v"]


def is_mapped(out):
    """Whether a netlist is there, and newer than what it is made from."""
    if not (out / "report.json").exists():
        return False
    sources = [*ROOT.glob("rtl/*/*.sv*"), *ROOT.glob("scripts/synth/*.v"),
               *ROOT.glob("scripts/synth/*.ys"), ROOT / "scripts/synth.py",
               ROOT / "constraints/synth.toml"]
    made = (out / "netlist.v").stat().st_mtime
    return all(source.stat().st_mtime < made for source in sources)


def main():
    data = synth.load()
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--config", default="small", choices=data["configuration"])
    parser.add_argument("--kit", default="osu018", choices=data["kit"])
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    args = parser.parse_args()
    kit = synth.Kit(args.kit, data["kit"][args.kit])
    out = ROOT / "build/synth" / f"{args.kit}-{args.config}"
    build = ROOT / args.build
    if not is_mapped(out):
        command = [ROOT / "scripts/synth.py", "--kit", args.kit, "--config", args.config]
        if subprocess.run(command, check=False).returncode:
            raise synth.Failure(f"no netlist in {out}")
    for library in LIBRARIES:
        if not (build / library).exists():
            raise synth.Failure(f"no {build / library}: run make build")
    where = subprocess.run([str(ROOT / "scripts/verilator.sh"), "--where"], text=True, check=True,
                           capture_output=True).stdout.strip()
    program, root = where.split(";")
    cxx = out / "cxx"
    done = cxx / "done"
    fresh = done.exists() and all(done.stat().st_mtime > source.stat().st_mtime
                                  for source in (out / "netlist.v", pathlib.Path(__file__)))
    if not fresh:
        models(kit, out)
        print(f"netlist: {simulation(kit, out)} latches are bits of memories, with data that "
              "stands still", flush=True)
        cxx.mkdir(exist_ok=True)
        for old in cxx.iterdir():
            old.unlink()
        # Clock gates make clocks that Verilator cannot order at once; it iterates instead.
        run([program, "--cc", "-O3", "-Wno-fatal", "-Wno-lint", "-Wno-style", "-Wno-MULTITOP",
             "--x-initial", "unique", "--x-assign", "unique", "--no-timing", "--trace-vcd",
             "--trace-underscore", "--prefix", "Vep_netlist", "--top-module", "ep_core", "--Mdir",
             str(cxx), "--make", "json", "--output-split", "20000", "--output-split-cfuncs", "2000",
             str(out / "cells-models.v"), str(out / "simulation.v")],
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
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(run, command, pathlib.Path(command[-1]).with_suffix(".log"), "g++")
                for command in commands]
        try:
            for job in jobs:
                job.result()
        except synth.Failure:
            pool.shutdown(cancel_futures=True)
            raise
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
