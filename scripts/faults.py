#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Single faults in a small core while it trains, and what comes of each: make faults.

  scripts/faults.py [--seed S] [--faults N] [--jobs J] [--again]
  scripts/faults.py --replay FILE [--ends END...]

The core (parameters below) is read into Yosys; every flip-flop and memory of the netlist can be
upset. tb/faults/fault_campaign.cc has the network, the choice of faults and the verdicts. Results
are kept in build/faults/SEED.jsonl, so that a campaign that was stopped goes on, and summed up by
room and by register in build/faults/SEED.txt and SEED.json.

--replay injects the faults of a FILE of results once more, those that ended as END says or all,
also after a change of the RTL; results go to build/faults/replay.*.

The exit code is 1 if a fault hung the core, left it unable to go on after a soft reset, or had a
row programmed that was not addressed.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD", "build"))
OUT = ROOT / BUILD / "faults"
PARAMETERS = {"Lanes": 8, "NeuronLanes": 4, "Multipliers": 4, "MaxInputs": 64, "MaxStates": 64,
              "ArrayRows": 1024}
ENDS = ["no effect", "corrected", "stopped", "wrong prediction", "wrong weight", "worse accuracy",
        "rule broken", "hang"]
CHUNK = 50  # faults of one call


def run(command, **options):
    result = subprocess.run([str(c) for c in command], cwd=ROOT, text=True, capture_output=True,
                            **options)
    if result.returncode:
        sys.exit(f"faults: {command[0]}: {(result.stdout + result.stderr).strip()[-2000:]}")
    return result.stdout


def build():
    """The campaign's program, made anew when the RTL or the testbench changed."""
    program = OUT / "fault_campaign"
    inputs = [*ROOT.glob("rtl/**/*.sv"), *ROOT.glob("tb/top/*"), *ROOT.glob("tb/common/*"),
              *ROOT.glob("tb/faults/*"), pathlib.Path(__file__)]
    if program.exists() and program.stat().st_mtime > max(p.stat().st_mtime for p in inputs):
        return program
    print("faults: building the netlist", file=sys.stderr, flush=True)
    generics = " ".join(f"-G {k}={v}" for k, v in PARAMETERS.items())
    run([sys.executable, "scripts/yosys.py", "-q", "-p",
         f"read_slang -D SYNTHESIS {generics} --top ep_core @SOURCES@\nproc\nopt_clean\n"
         f"bwmuxmap\nrename ep_core ep_core_netlist\nwrite_verilog -noattr {OUT}/netlist.v"])
    verilog = (OUT / "netlist.v").read_text()
    verilog, count = re.subn(r"^(  reg .*);$", r"\1 /*verilator public_flat_rw*/;", verilog,
                             flags=re.MULTILINE)
    (OUT / "ep_core_netlist.sv").write_text(verilog)
    print(f"faults: {count} registers and memories", file=sys.stderr, flush=True)
    where = run(["scripts/verilator.sh", "--where"]).strip().split(";")
    include = pathlib.Path(where[1]) / "include"
    run([where[0], "--cc", "--no-timing", "-O3", "--x-assign", "unique", "--x-initial", "unique",
         "-Wno-fatal", "--make", "json", "--quiet-stats", "--prefix", "Vep_core_faults",
         "--top-module", "ep_core_netlist", "--Mdir", OUT, OUT / "ep_core_netlist.sv"],
        env=os.environ | {"VERILATOR_ROOT": where[1]})
    sources = json.loads((OUT / "Vep_core_faults.json").read_text())["sources"]
    (OUT / "whole.cpp").write_text("".join(
        f'#include "{os.path.basename(f)}"\n' for key, value in sources.items()
        if key.endswith(("_fast", "_slow")) for f in value))
    flags = ["-std=gnu++20", "-O1", "-w", "-I.", f"-I{OUT}", f"-I{include}", f"-I{include}/vltstd",
             *[f"-D{d}" for d in ("VERILATOR=1", "VM_SC=0", "VM_TIMING=0", "VM_TRACE=0",
                                  "VM_TRACE_FST=0", "VM_TRACE_VCD=0", "VM_TRACE_SAIF=0",
                                  "VM_COVERAGE=0")]]
    cache = ["ccache"] if subprocess.run(["which", "ccache"], capture_output=True).stdout else []
    for source, target in ((OUT / "whole.cpp", "whole.o"),
                           ("tb/faults/fault_campaign.cc", "campaign.o")):
        run([*cache, "g++", *flags, "-c", source, "-o", OUT / target])
    run(["g++", OUT / "campaign.o", OUT / "whole.o", "-o", program,
         *[ROOT / BUILD / lib for lib in ("tb/libep_tb.a", "libep_model.a",
                                          "tb/libep_verilated_00.a")],
         *sorted((ROOT / BUILD / "tb").glob("libVep_core_l*.a")), ROOT / BUILD / "libep_model.a",
         ROOT / BUILD / "tb/libep_verilated_00.a", "-lfmt", "-lz", "-lpthread"])
    return program


def rooms():
    """{instance in ep_core: room}."""
    folder = {p.stem: p.parent.name for p in ROOT.glob("rtl/*/*.sv")}
    text = (ROOT / "rtl/top/ep_core.sv").read_text()
    return {u: folder[m] for m, u in re.findall(r"^  (ep_\w+)(?: #\([^;]*?\))? (u_\w+) \(", text,
                                                re.MULTILINE | re.DOTALL) if m in folder}


def room_of(line, by_instance):
    if line["kind"] != "upset":
        return "array"
    return by_instance.get(line["where"].lstrip("\\").split(".")[0], "top")


def replay(program, file, ends):
    """What comes of the faults of a file of results now."""
    chosen = [line for line in file.read_text().splitlines()
              if not ends or json.loads(line)["end"] in ends]
    if not chosen:
        sys.exit(f"faults: {file} has no fault that ended as {' or '.join(ends)}")
    answer = run([program, "replay"], input="\n".join(chosen) + "\n")
    (OUT / "replay.jsonl").write_text(answer)
    return [json.loads(line) for line in answer.splitlines()]


def report(lines, seed, seconds):
    by_instance = rooms()
    by_room, by_site = collections.defaultdict(collections.Counter), {}
    for line in lines:
        by_room[room_of(line, by_instance)][line["end"]] += 1
        site = line["kind"]
        if site == "upset":
            site = re.sub(r"\[\d+\]", "[]", line["where"].lstrip("\\"))
        by_site.setdefault(site, collections.Counter())[line["end"]] += 1
    total = sum(by_room.values(), collections.Counter())
    count = max(1, sum(total.values()))
    text = [f"{count} faults, {'seed ' if seed != 'replay' else ''}{seed}",
            f"{'room':10} {'faults':>7} " + " ".join(f"{end:>16}" for end in ENDS)]
    for room, ends in [*sorted(by_room.items()), ("all", total)]:
        text.append(f"{room:10} {sum(ends.values()):7} "
                    + " ".join(f"{ends[end]:16}" for end in ENDS))
    text.append(f"{'percent':10} {'':7} "
                + " ".join(f"{100 * total[end] / count:16.2f}" for end in ENDS))
    recovers = collections.Counter(line["recovers"] for line in lines)
    text.append("goes on after: " + ", ".join(f"{k} {v}" for k, v in sorted(recovers.items())))
    strays = [line for line in lines if line["strays"]]
    text.append(f"faults that had a row programmed that was not sensed before: {len(strays)}")
    text.append("registers with the most hangs, broken rules and wrong weights:")
    bad = ["hang", "rule broken", "worse accuracy", "wrong weight", "wrong prediction"]
    worst = sorted(by_site.items(), key=lambda s: -sum(s[1][end] for end in bad))[:25]
    for site, ends in worst:
        text.append(f"  {site:50} " + ", ".join(f"{ends[e]} {e}" for e in ENDS if ends[e]))
    (OUT / f"{seed}.txt").write_text("\n".join(text) + "\n")
    stays = [line for line in lines if line["recovers"] != "soft reset"]
    hangs = [line for line in lines if line["end"] == "hang"]
    good = not hangs and not stays and not strays
    (OUT / f"{seed}.json").write_text(json.dumps(
        {"seed": seed, "faults": count, "rooms": by_room, "ends": total, "recovers": recovers,
         "strays": strays[:50], "stays": stays[:50], "hangs": hangs[:200], "good": good,
         "sites": by_site},
        indent=1) + "\n")
    print("\n".join(text))
    print(f"{seconds:.0f} s")
    return good


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=10000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--again", action="store_true", help="forget what was run before")
    parser.add_argument("--replay", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--ends", nargs="+", default=[], choices=ENDS, metavar="END")
    args = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    file = OUT / f"{args.seed}.jsonl"
    if args.again:
        file.unlink(missing_ok=True)
    program = build()
    if args.replay:
        begin = time.monotonic()
        lines = replay(program, args.replay, args.ends)
        return 0 if report(lines, "replay", time.monotonic() - begin) else 1
    lines = {}
    if file.exists():
        lines = {line["number"]: line for line in map(json.loads, file.read_text().splitlines())}
    chunks = [first for first in range(0, args.faults, CHUNK)
              if any(n not in lines for n in range(first, min(first + CHUNK, args.faults)))]
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool, file.open("a") as out:
        jobs = [pool.submit(run, [program, args.seed, first, min(first + CHUNK, args.faults)])
                for first in chunks]
        try:
            for done, job in enumerate(concurrent.futures.as_completed(jobs), 1):
                out.write(job.result())
                out.flush()
                lines.update({line["number"]: line
                              for line in map(json.loads, job.result().splitlines())})
                left = (time.monotonic() - begin) / done * (len(jobs) - done)
                if sys.stderr.isatty() or done % 20 == 0:
                    print(f"faults: {len(lines)} of {args.faults}, {left:.0f} s left",
                          file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            sys.exit("\nfaults: stopped; the same command goes on")
    wanted = [lines[n] for n in sorted(lines) if n < args.faults]
    return 0 if report(wanted, args.seed, time.monotonic() - begin) else 1


if __name__ == "__main__":
    sys.exit(main())
