#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Energy of a mapped core while it trains, and of the events that the ledger counts.

  scripts/digital_energy.py [--kit osu018] [--config small] [--samples 12] [--update]

Maps the core (scripts/netlist.py) unless that is done, runs its gates on training
samples from initial weights and on samples after an epoch of the fast model - the small core on
digits-24, the others on mnist-256 - counts toggles, and prints energy by room and phase
(scripts/power.py) of each stretch of samples, four after each start. The first sample, with the
loading of the weights before it, is in none. Run it by `make power`, which has the Python that it
needs.

Then it fits, for each room, energy = sum of counters x energy of one, none of them negative, on
every other stretch, and compares the fit with the rest. A counter that belongs to one phase is an
event of it; one that counts over free and nudged sweeps is of the phase other. --update writes the
fit into constraints/energy.toml, as the events of the digital rooms.

Everything is written to build/synth/KIT-CONFIG/power. The same netlist and numbers of samples give
the same energies on any machine.
"""

import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys

import numpy
import power
import synth

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "constraints/energy.toml"
MARK = "# Digital rooms, "
STRETCHES = 4  # after each start
# What the energy of phases follows from: counters, and the phase that each is an event of.
COUNTERS = {
    ("drive",): [("rows_sensed_drive", "drive"), ("samples", "drive")],
    ("free", "nudged"): [("rows_sensed_free", "free"), ("rows_sensed_nudged", "nudged"),
                         ("products", "other"), ("sweeps_plus + sweeps_minus", "nudged"),
                         ("samples", "free")],
    ("learn",): [("rows_sensed_learn", "learn"), ("products_learn", "learn"),
                 ("rows_skipped_no_step", "learn"), ("shots", "learn")],
    ("other",): [("samples", "other")],
}
# Glitches and the clock tree are not in the netlist's run: what they may add at most (assumed).
HIGH = 1.5


def network_of(config):
    """The network that a configuration is sized for, with its hardware."""
    spec = synth.load()["configuration"][config]
    return ["digits-24" if config == "small" else "mnist-256",
            "--set", f"hardware.lanes={spec['Lanes']}",
            "--set", f"hardware.neuron_lanes={spec['NeuronLanes']}",
            "--set", f"hardware.multipliers={spec['Multipliers']}"]


def run(program, arguments, toggles=None, each=0):
    environment = os.environ | ({"EQUISPIN_TOGGLES": str(toggles),
                                 "EQUISPIN_TOGGLES_EACH": str(each)} if toggles else {})
    result = subprocess.run([str(program), "train", *arguments, "--json", "-"], cwd=ROOT, text=True,
                            env=environment, stdout=subprocess.PIPE, check=False)
    if result.returncode:
        raise power.Failure(f"{program} train {' '.join(arguments)}: exit code "
                            f"{result.returncode}")
    return json.loads(result.stdout)["epochs"][0]["counters"]


def map_core(kit, config):
    """The folder of the mapped core and its program."""
    result = subprocess.run([str(ROOT / "scripts/netlist.py"), "--kit", kit, "--config", config],
                            check=False)
    if result.returncode:
        raise power.Failure(f"scripts/netlist.py: exit code {result.returncode}")
    return ROOT / "build/synth" / f"{kit}-{config}"


class Netlist:
    def __init__(self, folder):
        self.folder = folder
        self.report, self.spec = power.load_kit(folder)
        self.kit = synth.Kit(self.report["kit"], self.spec)
        self.library = power.cells_of(self.kit, self.spec)
        design = json.loads((folder / "netlist.json").read_text())
        self.flat = power.flatten(design, "ep_core", self.library)
        self.rooms = {name: block["room"] for name, block in self.report["blocks"].items()}

    def energies(self, toggles, mhz):
        """{room: {phase: {part: J}}}, cycles by phase, {block: J}."""
        counts, cycles = power.read_toggles(toggles, "ep_core")
        paths, _ = power.energies(*self.flat, self.library, self.spec, counts, cycles, 1e-6 / mhz)
        rooms = power.by_room(paths, self.rooms)
        names = {name: name for name in self.rooms if name != "ep_core"}
        blocks = power.by_room(paths, names, "ep_core")
        return rooms, cycles, {name: total({name: block}) for name, block in blocks.items()}


def stretches(netlist, config, samples, mhz, build):
    """Counters, energies by room and phase and part, and cycles, of each stretch of samples."""
    out = netlist.folder / "power"
    out.mkdir(exist_ok=True)
    network = network_of(config)
    weights = out / "weights"
    run(build / "bin/equispin", [network[0], "--backend", "fast", "--epochs", "1",
                                 "--weights-out", str(weights)])
    ends = [1 + samples * i for i in range(STRETCHES + 1)]
    toggles = out / "toggles.tsv"
    found = []
    for name, start in (("initial weights", []), ("after an epoch",
                                                  ["--weights-in", str(weights)])):
        # One sample more: the weights are read after the last one.
        print(f"power: {name}, {ends[-1] + 1} samples", file=sys.stderr, flush=True)
        few = [*network, *start, "--epochs", "1", "--test-samples", "1", "--train-samples"]
        for old in out.glob(toggles.name + "*"):
            old.unlink()
        run(netlist.folder / "equispin", [*few, str(ends[-1] + 1), "--backend", "lockstep"],
            toggles, samples)
        last = None
        for end in ends:
            # Lockstep has compared the gates' counters with those of the model.
            counters = run(build / "bin/equispin", [*few, str(end), "--backend", "fast"])
            now = (counters, *netlist.energies(out / f"{toggles.name}.{end}", mhz))
            if last:
                found.append((f"{name}, samples {end - samples + 1} to {end}", less(now, last)))
            last = now
    return found


def less(a, b):
    if isinstance(a, dict):
        return {key: less(a[key], b[key]) for key in a}
    if isinstance(a, tuple):
        return tuple(less(x, y) for x, y in zip(a, b, strict=True))
    return a - b


def count(counters, names):
    return sum(counters[name] for name in names.split(" + "))


def fit(rows, values):
    """Factors that are not negative, with the least square of relative errors."""
    rows, values = numpy.array(rows, float), numpy.array(values, float)
    best, error = numpy.zeros(rows.shape[1]), numpy.inf
    weight = 1 / numpy.maximum(values, values.max() * 1e-3 + 1e-30)
    for size in range(1, rows.shape[1] + 1):
        for chosen in itertools.combinations(range(rows.shape[1]), size):
            part = rows[:, chosen] * weight[:, None]
            factors = numpy.linalg.lstsq(part, values * weight, rcond=None)[0]
            wrong = float(((part @ factors - values * weight) ** 2).sum())
            if (factors >= 0).all() and wrong < error * (1 - 1e-9):
                best = numpy.zeros(rows.shape[1])
                best[list(chosen)] = factors
                error = wrong
    return best


def events(found):
    """[(room, phase, counters, pJ)] of these stretches."""
    result = []
    for room in power.ROOMS:
        for phases, names in COUNTERS.items():
            values = [sum(sum(energy[room][phase].values()) for phase in phases) * 1e12
                      for _, (_, energy, *_) in found]
            rows = [[count(counters, name) for name, _ in names] for _, (counters, *_) in found]
            for (name, phase), factor in zip(names, fit(rows, values), strict=True):
                if factor > 0:
                    result.append((room, phase, name, factor))
    return result


def write(table, report, netlist):
    head = TABLE.read_text().split(MARK)[0].rstrip("\n")
    if netlist.spec["nm"] != 130:
        raise power.Failure(f"{TABLE.name} is of 130 nm: --update needs a kit of 130 nm")
    text = [head, "", f"{MARK}of {report['kit']}, configuration {report['configuration']}: energy",
            "# of a counted event, fitted by scripts/digital_energy.py; high: what glitches and a",
            "# clock tree may add at most (assumed)."]
    for room, phase, counter, picojoules in table:
        low = float(f"{picojoules:.4g}")
        text += ["[[event]]", f'room = "{room}"', f'phase = "{phase}"', f'counter = "{counter}"',
                 f"pJ = [{low:g}, {low:g}, {float(f'{HIGH * picojoules:.4g}'):g}]",
                 'source = "scripts/digital_energy.py"', ""]
    TABLE.write_text("\n".join(text).rstrip("\n") + "\n")
    print(f"{TABLE.relative_to(ROOT)}: {len(table)} events written")


def total(energy):
    return sum(joules for phases in energy.values() for parts in phases.values()
               for joules in parts.values())


def main():
    data = synth.load()
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("--kit", default="osu018", choices=data["kit"])
    parser.add_argument("--config", default="small", choices=data["configuration"])
    parser.add_argument("--samples", type=int, default=6, help="of each stretch (6)")
    parser.add_argument("--mhz", type=float, default=100.0, help="clock rate, for leakage (100)")
    parser.add_argument("--build", default=os.environ.get("BUILD", "build"),
                        help="folder with the program bin/equispin")
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    folder = map_core(args.kit, args.config)
    netlist = Netlist(folder)
    found = stretches(netlist, args.config, args.samples, args.mhz, ROOT / args.build)
    for name, (counters, energy, cycles, _) in found:
        print(f"\n{name}")
        power.show(energy, cycles, counters["samples"])
    fitted, other = found[::2], found[1::2]
    table = events(fitted)
    worst = 0.0
    print("\nfitted energies of events against the netlist")
    for name, (counters, energy, *_) in other:
        guess = sum(count(counters, counter) * pj for _, _, counter, pj in table) * 1e-12
        real = total(energy)
        worst = max(worst, abs(guess / real - 1))
        print(f"  {name}: {guess / counters['samples'] * 1e9:.2f} nJ a sample, netlist "
              f"{real / counters['samples'] * 1e9:.2f}, {100 * (guess / real - 1):+.2f} %")
    (folder / "power/stretches.json").write_text(json.dumps(
        {"kit": netlist.report["kit"], "nm": netlist.spec["nm"], "volt": netlist.spec["volt"],
         "configuration": args.config, "parameters": netlist.report["parameters"],
         "network": network_of(args.config)[0], "mhz": args.mhz,
         "commit": netlist.report.get("commit", "unknown"),
         "stretches": [{"name": name, "counters": c, "rooms_joules": e, "cycles": cycles,
                        "blocks_joules": b} for name, (c, e, cycles, b) in found]},
        indent=1) + "\n")
    if worst > 0.05:
        raise power.Failure("the events' energies and the netlist differ by more than 5 %")
    if args.update:
        write(table, netlist.report, netlist)


if __name__ == "__main__":
    try:
        main()
    except power.Failure as failure:
        sys.exit(f"power: {failure}")
