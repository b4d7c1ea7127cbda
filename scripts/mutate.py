#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts how many faults in the RTL the testbenches see: make mutate.

  scripts/mutate.py [--seed S] [--mutants N] [--again | --survivors] [NAME...]

Each Verilated block of tb/CMakeLists.txt (NAME is its name there) is read into Yosys with the
parameters of its testbench. `mutate` picks N faults of its netlist at random (a bit inverted,
stuck at 0 or 1, or swapped with another), all switched off but the one whose number the
environment variable EP_MUTANT has. The netlist, back in Verilog, is Verilated once and linked to
the block's own testbench, which then runs once without a fault (it must pass) and once with each.

A fault is caught if the testbench fails, crashes, or is still running after ten times as long
as without. Results are kept in build/mutate/SEED/NAME.json, so that a run that was stopped goes on,
and summed up by room in build/mutate/SEED/report.txt and report.json; survivors are listed with the
place in the RTL. No fault is what Yosys proves to be equivalent, and what
scripts/lint/mutants.txt names with its reason. --survivors runs what survived once more, after new
tests; --again runs all, after a change of the RTL. The exit code is 1 if a room is below 95 %.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
GOAL = 95  # percent, in each room
FLAGS = ["--cc", "--no-timing", "-O3", "--x-assign", "unique", "--x-initial", "unique",
         "-Wno-fatal", "--make", "json", "--quiet-stats"]


class Failed(Exception):
    """A block that cannot be mutated."""


def run(command, **options):
    result = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, **options)
    if result.returncode:
        raise Failed(f"{shlex.join(map(str, command))[:200]}: "
                     f"{(result.stdout + result.stderr).strip()[-800:]}")
    return result.stdout


def blocks():
    """{NAME: (top, parameters, room, stem)} of the ep_verilate calls with a testbench."""
    text = re.sub(r"#.*", "", (ROOT / "tb/CMakeLists.txt").read_text())
    rooms = {p.stem: p.parent.name for p in ROOT.glob("rtl/*/*.sv")}
    found = {}
    for call in re.findall(r"ep_verilate\(([^)]*)\)", text):
        words = call.split()
        if "NO_TEST" in words or "${" in call:
            continue
        name, top = words[words.index("NAME") + 1], words[words.index("TOP") + 1]
        parameters = [w for w in words if "=" in w]
        if rooms[top] == "array":
            continue  # behavioural: its assertions, which a netlist has not, are part of it
        stem = top.removeprefix("ep_")
        tb = f"tb/{rooms[top]}/{stem}_tb.cc"
        if (ROOT / tb).exists() and f"{name}.h" in (ROOT / tb).read_text():
            found[name] = (top, parameters, rooms[top], stem)
    return found


def netlist(name, top, parameters, count, seed, folder):
    """Writes the netlist with its faults; their descriptions, and the numbers of those that it has:
    what nobody reads is not in it."""
    generics = " ".join(f"-G {p}" for p in parameters)
    # Without bits that do nothing, whose faults would be none.
    read = (f"read_slang -D SYNTHESIS {generics} --top {top} @SOURCES@\nproc\nopt -full\n"
            "wreduce\nopt -full\nopt_clean\n")
    (folder / "read.ys").write_text(read)
    listing = folder / "list.ys"
    run([sys.executable, "scripts/yosys.py", "-q", "-p",
         f"{read}mutate -list {count} -seed {seed} -o {listing}"])
    faults = listing.read_text().splitlines()
    script = folder / "netlist.ys"
    script.write_text(read + "\n".join(f"{fault} -ctrl mutsel 16 {i + 1}"
                                       for i, fault in enumerate(faults))
                      + f"\nopt_clean\nbwmuxmap\nwrite_verilog -noattr {folder}/netlist.v\n")
    run([sys.executable, "scripts/yosys.py", "-q", str(script)])
    verilog = (folder / "netlist.v").read_text()
    # The number of the fault comes from the testbench's process, not from a port.
    verilog, ports = re.subn(r",\s*mutsel\s*\);", ");", verilog)
    verilog, inputs = re.subn(
        r"  input \[15:0\] mutsel;\n  wire \[15:0\] mutsel;\n",
        '  import "DPI-C" function int ep_mutant();\n'
        "  reg [15:0] mutsel;\n  initial mutsel = ep_mutant();\n", verilog)
    if ports != 1 or inputs != 1:
        raise Failed(f"{name}: the netlist has no port mutsel")
    (folder / f"{top}.sv").write_text(verilog)
    present = {int(number, 16) for number in re.findall(r"mutsel == 16'h([0-9a-f]+)", verilog)}
    return faults, present


def equivalent(top, fault, folder):
    """Whether Yosys proves that the fault never shows at an output or in a register."""
    read = (folder / "read.ys").read_text()
    # Read once: a second time in the same process, cells have other names.
    script = (f"{read}design -save base\nmemory_map\nasync2sync\nopt_clean\n"
              f"rename {top} gold\ndesign -stash gold\n"
              f"design -load base\n{fault}\nmemory_map\nasync2sync\nopt_clean\n"
              f"rename {top} gate\ndesign -copy-from gold -as gold gold\n"
              "equiv_make gold gate equiv\nhierarchy -top equiv\n"
              "equiv_simple -undef -seq 2\nequiv_induct -undef -seq 4\nequiv_status -assert\n")
    with subprocess.Popen([sys.executable, "scripts/yosys.py", "-q", "-p", script], cwd=ROOT,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as process:
        try:
            return process.wait(30) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return False


def build(name, top, stem, room, folder):
    """Links the faulty netlist to the testbench; the command that runs it."""
    where = run(["scripts/verilator.sh", "--where"]).strip().split(";")
    include = pathlib.Path(where[1]) / "include"
    run([where[0], *FLAGS, "--prefix", name, "--top-module", top, "--Mdir", str(folder),
         str(folder / f"{top}.sv")], env=os.environ | {"VERILATOR_ROOT": where[1]})
    sources = json.loads((folder / f"{name}.json").read_text())["sources"]
    files = [f for key, value in sources.items()
             if key.endswith(("_fast", "_slow")) for f in value]
    whole = folder / "whole.cpp"
    whole.write_text(
        "".join(f'#include "{os.path.basename(f)}"\n' for f in files)
        + "#include <cstdlib>\n"
        'extern "C" int ep_mutant() {\n'
        '  static const char* text = std::getenv("EP_MUTANT");\n'
        "  static const int mutant = text ? std::atoi(text) : 0;\n  return mutant;\n}\n")
    # The compiled testbench knows the block by the ports of its class, in the order of the RTL.
    header = folder / f"{name}.h"
    pattern = re.compile(r"^\s*VL_(?:IN|OUT).*\n", re.MULTILINE)
    wanted = pattern.findall((ROOT / BUILD / f"verilated/{name}/{name}.h").read_text())
    text = header.read_text()
    if sorted(pattern.findall(text)) != sorted(wanted):
        raise Failed(f"{name}: the netlist has other ports than the RTL")
    ports = iter(wanted)
    header.write_text(pattern.sub(lambda _: next(ports), text))
    objects = ROOT / BUILD / f"tb/CMakeFiles/rtl_tests.dir/{room}/{stem}_tb.cc.o"
    libraries = [ROOT / BUILD / f"tb/lib{other}.a" for other, (t, _, _, _) in blocks().items()
                 if t == top and other != name]
    defines = ["-DVERILATOR=1", "-DVM_SC=0", "-DVM_TIMING=0", "-DVM_TRACE=0", "-DVM_TRACE_FST=0",
               "-DVM_TRACE_VCD=0", "-DVM_TRACE_SAIF=0", "-DVM_COVERAGE=0"]
    program = folder / "tests"
    run(["g++", "-std=gnu++20", "-O1", "-w", *defines, f"-I{include}", f"-I{include}/vltstd",
         f"-I{folder}", str(whole), str(objects), "-o", str(program), *map(str, libraries),
         *[str(ROOT / BUILD / lib) for lib in ("tb/libep_tb.a", "libep_model.a",
                                               "tb/libep_verilated_00.a")],
         *[str(p) for p in sorted((ROOT / BUILD / "tb").glob("libVep_core_l*.a"))],
         str(ROOT / BUILD / "libep_model.a"), str(ROOT / BUILD / "tb/libep_verilated_00.a"),
         "-lgmock", "-lgtest", "-lgtest_main", "-lfmt", "-lz", "-lpthread"])
    text = (ROOT / f"tb/{room}/{stem}_tb.cc").read_text()
    suites = set(re.findall(r"^(?:TYPED_)?TEST(?:_F|_P)?\((\w+)", text, re.MULTILINE))
    names = ":".join(f"{s}.*:{s}/*.*:*/{s}.*" for s in sorted(suites))
    return [str(program), f"--gtest_filter={names}", "--gtest_fail_fast", "--gtest_brief=1"]


def run_tests(command, mutant, seconds):
    """How the testbench ended: passed, failed, crashed or hangs."""
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"EP_MUTANT": str(mutant)},
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as process:
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return "hangs"
    return "passed" if code == 0 else "failed" if code == 1 else "crashed"


def place(fault):
    """file:line of a fault, and what it does."""
    sources = re.findall(r"-src (\S+)", fault)
    mode = re.search(r"-mode (\S+)", fault).group(1)
    wire = re.search(r"-wire (\S+) -wirebit (\d+)", fault)
    cell = re.search(r"-cell (\S+) -port (\S+) -portbit (\d+)", fault)
    what = f"{wire.group(1)}[{wire.group(2)}]" if wire else (
        f"{cell.group(1)}.{cell.group(2)}[{cell.group(3)}]" if cell else "?")
    where = sources[-1] if sources else "?"
    return f"{where.removeprefix(str(ROOT) + '/')}: {mode} {what}"


def mutate(name, block, args, folder):
    """Runs the faults of one block that have not run yet; its result."""
    top, parameters, room, stem = block
    result_file = folder.parent / f"{name}.json"
    result = {}
    if result_file.exists() and not args.again:
        result = json.loads(result_file.read_text())
    if result.get("count") != args.mutants:
        result = {"name": name, "room": room, "count": args.mutants, "runs": []}
    again = [i for i, entry in enumerate(result["runs"]) if entry["end"] == "passed"]
    if result.get("done") and not (args.survivors and again):
        return result
    folder.mkdir(parents=True, exist_ok=True)
    faults, present = netlist(name, top, parameters, args.mutants, args.seed, folder)
    command = build(name, top, stem, room, folder)
    begin = time.monotonic()
    if run_tests(command, 0, 600) != "passed":
        raise Failed(f"{name}: the testbench fails on the netlist without a fault")
    limit = max(20.0, 10 * (time.monotonic() - begin))
    todo = list(range(len(result["runs"]), len(faults)))
    for number in (again if args.survivors else []) + todo:
        end = run_tests(command, number + 1, limit)
        if end == "passed" and number + 1 not in present:
            end = "equivalent"
        if end == "passed" and equivalent(top, faults[number], folder):
            end = "equivalent"
        result["runs"][number:number + 1] = [{"fault": place(faults[number]), "end": end}]
        result_file.write_text(json.dumps(result, indent=1) + "\n")
        if sys.stderr.isatty():
            print(f"\r{name}: {number + 1} of {len(faults)} ", end="", file=sys.stderr, flush=True)
    result["done"] = True
    result_file.write_text(json.dumps(result, indent=1) + "\n")
    (folder / "tests").unlink()
    return result


def no_faults():
    """[(pattern, reason)] of scripts/lint/mutants.txt."""
    file = ROOT / "scripts/lint/mutants.txt"
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return [tuple(part.strip() for part in line.split("|", 1)) for line in lines if line]


def report(results, folder):
    """Prints and writes the scores; whether each room reaches the goal."""
    explained = no_faults()
    rooms = collections.defaultdict(collections.Counter)
    lines, survivors = [], []
    for result in results:
        for entry in result["runs"]:
            end = entry["end"]
            if end == "equivalent":
                end = "no fault"
            elif end == "passed":
                reason = next((r for p, r in explained if p in entry["fault"]), None)
                end = "no fault" if reason else "survived"
                survivors.append((result["room"], result["name"], entry["fault"], reason))
            rooms[result["room"]][end] += 1
    good = True
    lines.append(f"{'room':10} {'faults':>7} {'caught':>7} {'survived':>9} {'no fault':>9}  score")
    total = collections.Counter()
    for room, counts in [*sorted(rooms.items()), ("all", None)]:
        if counts is None:
            counts = total
        else:
            total += counts
        caught = counts["failed"] + counts["crashed"] + counts["hangs"]
        score = 100 * caught / max(1, caught + counts["survived"])
        good &= score >= GOAL
        lines.append(f"{room:10} {sum(counts.values()):7} {caught:7} {counts['survived']:9} "
                     f"{counts['no fault']:9}  {score:.1f} %")
    for room, name, fault, reason in survivors:
        lines.append(f"  {room}/{name}: {fault}{': ' + reason if reason else ''}")
    (folder / "report.txt").write_text("\n".join(lines) + "\n")
    (folder / "report.json").write_text(json.dumps(
        {"rooms": rooms, "survivors": survivors, "goal": GOAL, "good": good}, indent=1) + "\n")
    print("\n".join(lines))
    return good


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutants", type=int, default=12, help="a block (12)")
    parser.add_argument("--again", action="store_true", help="forget what was run before")
    parser.add_argument("--survivors", action="store_true", help="run what survived once more")
    parser.add_argument("name", nargs="*")
    args = parser.parse_args()
    known = blocks()
    for name in args.name:
        if name not in known:
            sys.exit(f"no block {name}: must be one of {', '.join(known)}")
    folder = ROOT / BUILD / "mutate" / str(args.seed)
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    try:
        for name in args.name or sorted(known, key=lambda n: known[n][2] == "top"):
            results.append(mutate(name, known[name], args, folder / name))
    except Failed as failure:
        sys.exit(f"mutate: {failure}")
    except KeyboardInterrupt:
        sys.exit("\nmutate: stopped; the same command goes on")
    return 0 if report(results, folder) else 1


if __name__ == "__main__":
    sys.exit(main())
