#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Synthesizes ep_core into a cell library: netlist, area by room and block, timing.

  scripts/synth.py [--config 16] [--kit osu018] [--list-memory macro] [--update-budget]

Configurations and libraries are in constraints/synth.toml, clock and port timing in
constraints/ep_core.sdc. osu018 comes with Debian; the others are found below PDK_ROOT. Everything
is written to build/synth/KIT-CONFIG: netlist.v, report.json, worst-*.txt, yosys.log. The same
sources give the same numbers on any machine.

Area is in gate equivalents (GE): cell area over that of a two-input NAND. With --list-memory macro
the list of the input buffer (ep_ram) is a black box, counted as the library's SRAM macros;
otherwise it is an array of latches, as all other memories are.

A room that has grown by more than 2 % beyond constraints/budget.csv is an error (exit code 1);
--update-budget writes what came out instead.
"""

import argparse
import fnmatch
import gzip
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROOMS = ["ctrl", "sense", "synapse", "neuron", "top", "common"]


class Failure(Exception):
    """What a user can put right; the text says how."""


def table(text, columns):
    """Rows of words, right-aligned but for the first."""
    widths = [max(len(str(row[i])) for row in text) for i in range(columns)]
    for row in text:
        cells = [str(row[0]).ljust(widths[0])] + [str(row[i]).rjust(widths[i])
                                                  for i in range(1, columns)]
        print("  " + "  ".join(cells).rstrip())


def load(path=ROOT / "constraints/synth.toml"):
    return tomllib.loads(path.read_text())


class Kit:
    """A cell library: its Liberty files, unpacked, and what mapping needs to know of it."""

    def __init__(self, name, spec):
        self.name, self.spec = name, spec
        folder = pathlib.Path(spec["folder"])
        if not folder.is_absolute():
            root = os.environ.get("PDK_ROOT")
            if not root:
                raise Failure(f"kit {name}: set PDK_ROOT to the folder that holds {folder}")
            folder = pathlib.Path(root) / folder
        self.folder = folder
        self.out = ROOT / "build/synth/kits" / name
        self.out.mkdir(parents=True, exist_ok=True)
        self.libs = [self.unpack(lib) for lib in spec["libs"]]
        self.corners = {"typical": self.libs}
        for corner, libs in spec.get("corners", {}).items():
            self.corners[corner] = [self.unpack(lib) for lib in libs]
        self.areas, self.kinds = {}, {}
        for lib in self.libs:
            self.scan(lib.read_text())
        self.areas.update(spec.get("areas", {}))
        if spec["nand"] not in self.areas:
            raise Failure(f"kit {name}: no cell {spec['nand']} in {self.libs[0]}")
        self.ge = self.areas[spec["nand"]]

    def unpack(self, name):
        source = self.folder / name
        if not source.exists():
            raise Failure(f"kit {self.name}: no {source}; PDK_ROOT is the folder that holds "
                          f"{self.spec['folder']}")
        if source.suffix != ".gz":
            return source
        target = self.out / source.stem
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            target.write_bytes(gzip.decompress(source.read_bytes()))
        return target

    def scan(self, text):
        """Area of each cell, and whether it is a flip-flop or a latch."""
        for block in re.split(r"^\s*cell\s*\(", text, flags=re.M)[1:]:
            name = block[:block.index(")")].strip().strip('"')
            area = re.search(r"^\s*area\s*:\s*\"?([0-9.eE+-]+)", block, flags=re.M)
            self.areas[name] = float(area.group(1)) if area else 0.0
            self.kinds[name] = ("gate" if "clock_gating_integrated_cell" in block else
                                "flop" if re.search(r"^\s*ff\s*\(", block, flags=re.M) else
                                "latch" if re.search(r"^\s*latch\s*\(", block, flags=re.M) else
                                "logic")

    def cells(self):
        """Verilog that maps clock gates, latches and their buffers to cells of the library."""
        spec = self.spec
        latch, data, gate, q = spec["latch"]
        text = ["(* techmap_celltype = \"$_DLATCH_P_\" *)",
                "module ep_latch_p (input D, E, output Q);",
                f"  {latch} latch (.{data}(D), .{gate}(E), .{q}(Q));", "endmodule",
                "(* techmap_celltype = \"$_DLATCH_N_\" *)",
                "module ep_latch_n (input D, E, output Q);",
                f"  {latch} latch (.{data}(D), .{gate}(!E), .{q}(Q));", "endmodule",
                "module EP_ICG (input EN, CLK, output GCLK);"]
        if "icg" in spec:
            icg = spec["icg"]
            test = f", .{icg[4]}(1'b0)" if len(icg) > 4 else ""
            text.append(f"  {icg[0]} gate (.{icg[1]}(EN), .{icg[2]}(CLK), .{icg[3]}(GCLK){test});")
        else:
            text += ["  wire clk_n, open;", f"  {spec['inverter']} clock (.A(CLK), .Y(clk_n));",
                     f"  {latch} latch (.{data}(EN), .{gate}(clk_n), .{q}(open));",
                     f"  {spec['and']} gate (.A(open), .B(CLK), .Y(GCLK));"]
        text += ["endmodule", "module ep_clock_gate (input clk_i, enable_i, output clk_o);",
                 "  EP_ICG gate (.EN(enable_i), .CLK(clk_i), .GCLK(clk_o));",
                 "endmodule", "module EP_FANOUT (input A, output Y);"]
        if "buffer" in spec:
            cell, into, out = spec["buffer"]
            text.append(f"  {cell} drive (.{into}(A), .{out}(Y));")
        else:
            text.append("  assign Y = A;")
        return "\n".join(text + ["endmodule", ""])


def commit():
    """Of the sources, for reports; "-dirty" where they were changed since."""
    found = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=7"], cwd=ROOT,
                           text=True, capture_output=True, check=False).stdout.strip()
    return found or "unknown"


def rooms():
    """Room of each module: the folder of its file."""
    return {path.stem: path.parent.name for path in (ROOT / "rtl").glob("*/*.sv")}


def sizing_libs(kit, out):
    """Libraries for ABC, which sizes with the wire loads that timing has only if one is the
    default."""
    if "wire" not in kit.spec:
        return kit.libs
    libs = []
    for lib in kit.libs:
        text, found = re.subn(r"^(\s*)default_wire_load_mode", rf'\1default_wire_load : '
                              rf'"{kit.spec["wire"]}";\n\1default_wire_load_mode',
                              lib.read_text(), count=1, flags=re.M)
        if not found:
            raise Failure(f"kit {kit.name}: no default_wire_load_mode in {lib}; leave `wire` out")
        libs.append(out / f"sizing-{lib.name}")
        libs[-1].write_text(text)
    return libs


READ = ("read_slang -DSYNTHESIS --keep-hierarchy --blackboxed-module ep_clock_gate @BLACKBOX@ "
        "--top @TOP@ @GENERICS@ @SOURCES@")


def yosys(kit, parameters, out, top, list_memory, period, read=READ):
    """Maps what the commands `read` read to cells of the library: netlist.v, stat.json and more in
    the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "cells.v").write_text(kit.cells())
    strong = kit.spec.get("buffer", [None])[0]
    driver = strong or next(c for c in kit.areas if re.search(r"(BUFx2_|buf_2$|buf_2\b)", c))
    picoseconds = round(period * 500)  # of a block: most paths cross two
    (out / "abc.constr").write_text(f"set_driving_cell {driver}\n"
                                   f"set_load {kit.spec.get('load', 0.01)} [all_outputs]\n")
    avoid = [c for c in kit.areas if any(fnmatch.fnmatch(c, a) for a in kit.spec["avoid"])]
    tie = kit.spec.get("tie")
    values = {
        "TOP": top,
        "GENERICS": " ".join(f"-G {k}={v}" for k, v in parameters.items()),
        "BLACKBOX": "--blackboxed-module ep_ram" if list_memory == "macro" else "",
        "OUT": str(out),
        "MEMORIES": "techmap -map @ROOT@/scripts/synth/latches.v\nopt -fast\n"
                    "opt_merge -share_all".replace("@ROOT@", str(ROOT)),
        "LIBS": " ".join(f"-liberty {lib}" for lib in kit.libs),
        "ABC_LIBS": " ".join(f"-liberty {lib}" for lib in sizing_libs(kit, out)),
        "AVOID": " ".join(f"-dont_use {c}" for c in avoid),
        "PICOSECONDS": str(picoseconds),
        "TIE": f"hilomap -singleton -hicell {tie[0]} {tie[1]} -locell {tie[2]} {tie[3]}"
               if tie else "setundef -zero",
    }
    script = (ROOT / "scripts/synth/map.ys").read_text().replace("@READ@", read)
    values["READ_LIBS"] = "\n".join(f"read_liberty -lib -overwrite -ignore_miss_func {lib}"
                                    for lib in kit.libs)
    for name in ("MEMORIES", "TIE", "READ_LIBS"):
        script = script.replace(f"@{name}@", values.pop(name))
    (out / "map.ys").write_text(script)
    command = [str(ROOT / "scripts/yosys.py"), "-q", "-l", str(out / "yosys.log")]
    for name, value in values.items():
        command += ["-D", f"{name}={value}"]
    result = subprocess.run(command + [str(out / "map.ys")], cwd=ROOT, text=True,
                            stdout=subprocess.PIPE)
    messages = [line for line in result.stdout.splitlines()
                if "network is combinational" not in line]
    if result.returncode:
        raise Failure("\n".join(messages[-20:] + [f"yosys failed; its log is {out}/yosys.log"]))


def macros(kit, parameters):
    """SRAM macros for the list of the input buffer: two banks, since one port each is enough."""
    macro = kit.spec.get("macro")
    if not macro:
        raise Failure(f"kit {kit.name} has no SRAM macro: leave --list-memory out")
    width = (parameters["MaxInputs"] - 1).bit_length() + 8
    each = -(-parameters["MaxInputs"] // macro["words"]) * -(-width // macro["bits"])
    count = 2 * each
    return {"room": "common", "ge": count * macro["area"] / kit.ge, "flops": 0, "latches": 0,
            "gates": 0, "cells": count, "memory_bits": 2 * parameters["MaxInputs"] * width}


def budget(kit_name, config, values, column, update):
    """Compares rooms with constraints/budget.csv, or writes them there. Returns what has grown."""
    path = ROOT / "constraints/budget.csv"
    lines = path.read_text().splitlines()
    notes = [line for line in lines if line.startswith("#")]
    rows = [line.split(",") for line in lines if line and not line.startswith("#")]
    header, rows = rows[0], {tuple(row[:3]): row for row in rows[1:]}
    place = header.index(column)
    grown = []
    for room, value in sorted(values.items()):
        row = rows.setdefault((kit_name, config, room),
                              [kit_name, config, room] + [""] * (len(header) - 3))
        if update:
            row[place] = f"{value:.4g}" if column == "energy_nj" else f"{value:.0f}"
        elif row[place] and value > 1.02 * float(row[place]):
            grown.append(f"{room}: {column} {value:.4g}, budget {row[place]}")
    if update:
        path.write_text("\n".join(notes + [",".join(header)]
                                  + [",".join(rows[key]) for key in sorted(rows)]) + "\n")
        print(f"budget: {path.relative_to(ROOT)} updated")
    return grown


def area(kit, out, top):
    """Blocks of the netlist: room, area in GE, flip-flops, latches, clock gates, memory bits."""
    modules = json.loads((out / "stat.json").read_text())["modules"]
    room_of = rooms()
    bits, module = {}, None
    for line in (out / "memories.il").read_text().splitlines():
        if line.startswith("module "):
            module = line.split()[1].lstrip("\\")
        elif m := re.search(r"parameter \\(WIDTH|SIZE) (\d+)", line):
            values = bits.setdefault(module, [])
            values.append(int(m.group(2)))
    blocks = {}
    for name, stat in modules.items():
        name = name.lstrip("\\")
        stem, _, path = name.partition("$")
        if stem not in room_of or not path and stem != top:
            continue
        block = {"room": room_of[stem], "ge": 0.0, "flops": 0, "latches": 0, "gates": 0,
                 "cells": 0, "memory_bits": 0}
        values = bits.get(name, [])
        block["memory_bits"] = sum(a * b for a, b in zip(values[::2], values[1::2],
                                                         strict=True))
        for cell, count in stat["num_cells_by_type"].items():
            if cell not in kit.areas:
                continue  # a block or a macro
            block["ge"] += count * kit.areas[cell] / kit.ge
            block["cells"] += count
            for kind in ("flop", "latch", "gate"):
                if kit.kinds[cell] == kind:
                    block[{"flop": "flops", "latch": "latches", "gate": "gates"}[kind]] += count
        blocks[path.removeprefix(top + ".") or stem] = block
    return blocks


def timing(kit, out, top, period):
    """Worst slack (ns) into each block and the clock rate it allows, by corner. The margins of the
    constraints stay what they are at the period aimed at. A slack of 0 is that of a latch that
    takes time from the half period after it: the clock may be faster."""
    if not shutil.which("sta"):
        raise Failure("no OpenSTA (sta): run scripts/setup.sh synth")
    result = {}
    for corner, libs in kit.corners.items():
        script = [f"read_liberty {lib}" for lib in libs]
        ends = out / f"ends-{corner}.txt"
        script += [f"read_verilog {out}/netlist.v", f"link_design {top}", f"set period {period}"]
        script += [f"source {ROOT}/constraints/ep_core.sdc"] if top == "ep_core" else [
            "create_clock -name clk -period $period [get_ports clk_i]"]
        if "wire" in kit.spec:
            script.append(f"set_wire_load_model -name {kit.spec['wire']}")
        script += ["report_checks -path_delay max -format end -group_count 100000 "
                   f"-endpoint_count 1 > {ends}",
                   "report_checks -path_delay max -format full_clock -fields {fanout slew} "
                   f"-digits 3 > {out}/worst-{corner}.txt", "exit"]
        (out / f"timing-{corner}.tcl").write_text("\n".join(script) + "\n")
        run = subprocess.run(["sta", "-no_splash", "-exit", str(out / f"timing-{corner}.tcl")],
                             text=True, capture_output=True)
        (out / f"sta-{corner}.log").write_text(run.stdout + run.stderr)
        slacks = {}
        unit = 1e-3 if kit.name == "asap7" else 1  # of the library, in ns
        for line in ends.read_text().splitlines() if ends.exists() else []:
            words = line.split()
            if len(words) < 5 or not re.fullmatch(r"-?[0-9.]+", words[4]):
                continue
            slack = round(float(words[4]) * unit, 5)
            block = words[0].rsplit("/", 2)[0].replace("/", ".") if "/" in words[0] else "ports"
            if words[0].count("/") == 1:
                block = top
            slacks[block] = min(slack, slacks.get(block, slack))
        if not slacks:
            raise Failure(f"OpenSTA found no path; see {out}/sta-{corner}.log")
        worst = min(slacks.values())
        result[corner] = {"slack": slacks, "worst": worst,
                          "mhz": 1e3 / (period * unit - worst), "at_least": worst == 0}
    return result


def main():
    data = load()
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--config", default="16", choices=data["configuration"])
    parser.add_argument("--kit", default="osu018", choices=data["kit"])
    parser.add_argument("--list-memory", default="latches", choices=["latches", "macro"])
    parser.add_argument("--period", type=float, metavar="NS")
    parser.add_argument("--update-budget", action="store_true")
    parser.add_argument("--no-map", action="store_true", help="report on the netlist that is there")
    args = parser.parse_args()
    kit = Kit(args.kit, data["kit"][args.kit])
    parameters = data["configuration"][args.config]
    period = args.period or kit.spec["period_ns"]
    top = "ep_core"
    out = ROOT / "build/synth" / f"{args.kit}-{args.config}"
    if args.list_memory == "macro":
        out = out.with_name(out.name + "-macro")
    start = time.time()
    if not args.no_map:
        print(f"synth: ep_core, configuration {args.config}, on {args.kit}, {period} ns",
              flush=True)
        yosys(kit, parameters, out, top, args.list_memory, period)
        print(f"synth: netlist after {time.time() - start:.0f} s", flush=True)
    blocks = area(kit, out, top)
    if args.list_memory == "macro":
        blocks["u_input_buffer.u_list"] = macros(kit, parameters)
    period_units = period * (1000 if args.kit == "asap7" else 1)
    times = timing(kit, out, top, period_units)
    total = {}
    for block in blocks.values():
        room = total.setdefault(block["room"], {})
        for key, value in block.items():
            if key != "room":
                room[key] = room.get(key, 0) + value
    every = {key: sum(room[key] for room in total.values()) for key in next(iter(total.values()))}
    report = {"kit": args.kit, "configuration": args.config, "parameters": parameters,
              "gate_equivalent_um2": kit.ge, "rooms": total, "blocks": blocks, "total": every,
              "period": period, "timing": times, "list_memory": args.list_memory,
              "commit": commit()}
    (out / "report.json").write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
    typical = times["typical"]["slack"]

    def row(name, values, slack):
        return [name, f"{values['ge'] / 1000:.2f}", values["cells"], values["flops"],
                values["latches"], values["gates"], values["memory_bits"],
                "" if slack is None else f"{slack:.2f}"]
    rows = [["room, block", "kGE", "cells", "flops", "latches", "gates", "memory bits", "slack"]]
    for room in [r for r in ROOMS if r in total]:
        inside = {n: b for n, b in blocks.items() if b["room"] == room}
        slacks = [typical[n] for n in inside if n in typical]
        rows.append(row(room, total[room], min(slacks) if slacks else None))
        for name, block in sorted(inside.items(), key=lambda item: -item[1]["ge"]):
            rows.append(row("  " + name, block, typical.get(name)))
    rows.append(row("all", every, None))
    table(rows, 8)
    for corner, values in times.items():
        worst = min(values["slack"], key=values["slack"].get)
        least = "at least " if values["at_least"] else ""
        print(f"{corner}: {least}{values['mhz']:.1f} MHz, worst slack {values['worst']:.2f} to "
              f"{worst}; path in {out.relative_to(ROOT)}/worst-{corner}.txt")
    print(f"synth: {time.time() - start:.0f} s, {out.relative_to(ROOT)}/report.json")
    grown = budget(args.kit, args.config + ("-macro" if args.list_memory == "macro" else ""),
                   {room: values["ge"] for room, values in total.items()}, "area_ge",
                   args.update_budget)
    if grown:
        raise Failure("larger than constraints/budget.csv by more than 2 %:\n  "
                      + "\n  ".join(grown) + "\nmake it smaller, or run with --update-budget")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"synth: {failure}")
