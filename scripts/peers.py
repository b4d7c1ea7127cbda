#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Other open learning cores through the recipe and library of make synth: logic, memory, clock.

  scripts/peers.py [--kit osu018] [--from DIR] [--no-map] [NAME...]

constraints/peers.toml names the cores, the commit of each, its licence, and what it needs. Gets
them into build/peers (git; with --from DIR out of the clones DIR/NAME, without network), maps each
as scripts/synth.py maps ep_core - flat, the modules that stand for SRAM macros left out - and
writes build/peers/KIT/NAME (netlist, logs) and build/peers/report.json. Clock: paths between
registers of the main clock, 5 % of the period for skew and jitter; paths through the memories are
not in it.
"""

import argparse
import io
import json
import pathlib
import re
import subprocess
import sys
import tarfile
import time
import tomllib

import synth

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/peers"
Failure = synth.Failure


def git(*words, cwd=None):
    return subprocess.run(["git", *words], cwd=cwd, capture_output=True, check=False)


def sources(peer, clones):
    """The folder with the peer's files at its commit, patched."""
    folder = OUT / peer["name"]
    mark = folder / ".commit"
    wanted = json.dumps([peer["commit"], peer.get("patch", [])])
    if mark.exists() and mark.read_text() == wanted:
        return folder
    if clones:
        clone = clones / peer["name"]
        if not clone.is_dir():
            raise Failure(f"no {clone}: --from needs a git clone of {peer['url']} there")
    else:
        clone = OUT / "git" / peer["name"]
        clone.mkdir(parents=True, exist_ok=True)
        git("init", "--quiet", cwd=clone)
        print(f"peers: {peer['name']}: {peer['url']}, {peer['licence']}", flush=True)
        done = git("fetch", "--quiet", "--depth", "1", peer["url"], peer["commit"], cwd=clone)
        if done.returncode:
            raise Failure(f"cannot get {peer['url']}: "
                          f"{done.stderr.decode(errors='replace').strip().splitlines()[-1]}; "
                          "with a clone at hand: --from FOLDER-OF-CLONES")
    archive = git("archive", "--format=tar", peer["commit"], cwd=clone)
    if archive.returncode:
        raise Failure(f"{clone} lacks commit {peer['commit']} of {peer['url']}")
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    for patch in peer.get("patch", []):
        path = folder / patch["file"]
        text = path.read_bytes().decode("utf-8", errors="surrogateescape").replace("\r\n", "\n")
        if text.count(patch["old"]) != 1:
            raise Failure(f"{path}: the text to patch occurs {text.count(patch['old'])} times; it "
                          "must occur once: see constraints/peers.toml")
        text = text.replace(patch["old"], patch["new"])
        path.write_bytes(text.encode("utf-8", errors="surrogateescape"))
    mark.write_text(wanted)
    return folder


def clock_rate(kit, peer, out, period):
    """MHz of the main clock at the typical corner, whether a latch borrows time, which makes it a
    bound (scripts/synth.py), and the worst path's ends; None without a path."""
    scale = 1000 if kit.name == "asap7" else 1
    script = [f"read_liberty {lib}" for lib in kit.libs]
    script += [f"read_verilog {out}/netlist.v", f"link_design {peer['top']}",
               f"create_clock -name clk -period {period * scale} [get_ports {peer['clock']}]",
               f"set_clock_uncertainty {0.05 * period * scale} [get_clocks clk]"]
    for i, port in enumerate(peer["other"]):
        script += [f"create_clock -name other{i} -period {100 * period * scale} [get_ports {port}]",
                   f"set_clock_groups -asynchronous -group clk -group other{i}"]
    if "wire" in kit.spec:
        script.append(f"set_wire_load_model -name {kit.spec['wire']}")
    script += ["report_checks -path_delay max -format full_clock -path_group clk "
               f"> {out}/worst.txt", "exit"]
    (out / "timing.tcl").write_text("\n".join(script) + "\n")
    run = subprocess.run(["sta", "-no_splash", "-exit", str(out / "timing.tcl")], text=True,
                         capture_output=True, check=False)
    (out / "sta.log").write_text(run.stdout + run.stderr)
    text = (out / "worst.txt").read_text() if (out / "worst.txt").exists() else ""
    slack = re.search(r"(-?[0-9.]+)\s+slack", text)
    if not slack:
        return None, False, None
    ends = re.findall(r"^(?:Startpoint|Endpoint): (\S+)", text, re.MULTILINE)
    slack = float(slack.group(1)) / scale
    return 1000 / (period - slack), slack == 0, ends


def measure(kit, peer, folder, no_map):
    out = OUT / kit.name / peer["name"]
    files = sorted({path for pattern in peer["files"] for path in folder.glob(pattern)})
    if not files:
        raise Failure(f"{folder}: no file matches {', '.join(peer['files'])}")
    period = kit.spec["period_ns"]
    read = "\n".join(f"read_verilog {path}" for path in files)
    read += f"\nblackbox {' '.join(peer['memories'])}\nhierarchy -check -top {peer['top']}\n"
    read += "proc\nflatten"  # small enough to be sized as one, which ep_core is not
    start = time.time()
    print(f"peers: {peer['name']} on {kit.name}, {period} ns", flush=True)
    if not no_map:  # twice the period, of which half counts, since no path crosses blocks
        synth.yosys(kit, {}, out, peer["top"], "latches", 2 * period, read)
    cells = json.loads((out / "stat.json").read_text())["design"]["num_cells_by_type"]
    counts = {"ge": 0.0, "buffers": 0.0, "cells": 0, "flop": 0, "latch": 0, "gate": 0, "logic": 0}
    bits, unknown = 0, []
    for cell, count in cells.items():
        if cell in kit.areas:
            counts["ge"] += count * kit.areas[cell] / kit.ge
            if "buf" in cell.lower():
                counts["buffers"] += count * kit.areas[cell] / kit.ge
            counts["cells"] += count
            counts[kit.kinds[cell]] += count
        elif cell in peer["memories"]:
            words, width = map(int, re.search(r"(\d+)x(\d+)", cell).groups())
            bits += count * words * width
        elif not cell.startswith("$"):
            unknown.append(cell)
    modules = {name.lstrip("\\") for name in
               json.loads((out / "stat.json").read_text())["modules"]}
    unknown = [cell for cell in unknown if cell not in modules]
    if unknown:
        raise Failure(f"{peer['name']}: cells without area: {', '.join(unknown)}")
    if not bits:
        raise Failure(f"{peer['name']}: none of its memories {', '.join(peer['memories'])}")
    mhz, at_least, ends = clock_rate(kit, peer, out, period)
    print(f"peers: {peer['name']}: {time.time() - start:.0f} s, {out.relative_to(ROOT)}",
          flush=True)
    return {"name": peer["name"], "kit": kit.name, "commit": peer["commit"],
            "licence": peer["licence"], "url": peer["url"], "learns": peer["learns"],
            "does": peer["does"], "patched": "patch" in peer, "kge": counts["ge"] / 1000,
            "buffers_kge": counts["buffers"] / 1000, "cells": counts["cells"],
            "flops": counts["flop"], "latches": counts["latch"], "gates": counts["gate"],
            "memory_bits": bits, "mhz": mhz, "at_least": at_least, "worst": ends}


def main():
    peers = tomllib.loads((ROOT / "constraints/peers.toml").read_text())["peer"]
    names = [peer["name"] for peer in peers]
    data = synth.load()
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--kit", default="osu018", choices=data["kit"])
    parser.add_argument("--from", dest="clones", type=pathlib.Path, metavar="DIR")
    parser.add_argument("--no-map", action="store_true", help="report on netlists that are there")
    parser.add_argument("name", nargs="*", metavar="NAME", help=", ".join(names))
    args = parser.parse_args()
    for name in args.name:
        if name not in names:
            raise Failure(f"no core {name}: must be one of {', '.join(names)}")
    kit = synth.Kit(args.kit, data["kit"][args.kit])
    path = OUT / "report.json"
    known = json.loads(path.read_text())["peers"] if path.exists() else []
    for peer in peers:
        if args.name and peer["name"] not in args.name:
            continue
        folder = sources(peer, args.clones)
        found = measure(kit, peer, folder, args.no_map)
        known = [p for p in known if (p["name"], p["kit"]) != (found["name"], kit.name)] + [found]
        known.sort(key=lambda p: (p["kit"], names.index(p["name"])))
        path.write_text(json.dumps({"peers": known}, indent=1) + "\n")
    rows = [["core", "kGE", "of it buffers", "cells", "flip-flops", "latches", "clock gates",
             "memory bits", "MHz"]]
    rows += [[p["name"], f"{p['kge']:.1f}", f"{p['buffers_kge']:.1f}", p["cells"],
              p["flops"], p["latches"], p["gates"], p["memory_bits"],
              f"{'> ' if p['at_least'] else ''}{p['mhz']:.1f}" if p["mhz"] else "-"]
             for p in known if p["kit"] == kit.name]
    synth.table(rows, len(rows[0]))
    print(f"peers: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"peers: {failure}")
