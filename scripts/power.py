#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Power of a netlist from its cells, its wires and the toggles of a run, by room and phase.

  scripts/power.py FOLDER TOGGLES [--mhz 100] [--samples N] [--json FILE] [--update-budget]

FOLDER is one of scripts/synth.py (build/synth/KIT-CONFIG), TOGGLES what its program `equispin`
wrote (EQUISPIN_TOGGLES, scripts/netlist.py). For each net, by phase:

  switching  toggles x 1/2 C V^2, C = input pins + wire; the wire by fanout from
             constraints/synth.toml
  internal   toggles of each output pin x mean of the Liberty energies of a rise and a fall at that
             load and a slew of 0.1 ns, over related pins and conditions; toggles of each input pin
             that has energies of its own likewise. An edge of a clock pin that made an output
             toggle is in the output's energy, and is not counted again.
  leakage    mean over the states of the cell x time at the clock rate given
  clock      of the first two: nets that drive clock pins of flip-flops, latches and clock gates,
             and these pins. Without a clock tree.

Between clock edges each net settles once: glitches are not counted.
"""

import argparse
import fnmatch
import json
import pathlib
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "scripts/synth")]
import liberty  # noqa: E402
import synth  # noqa: E402

PHASES = ["drive", "free", "nudged", "learn", "other"]
SLEW = 0.1e-9
PARTS = ["switching", "internal", "leakage", "clock"]
ROOMS = ["ctrl", "sense", "synapse", "neuron", "common", "top"]


Failure = synth.Failure


def flatten(design, top, library):
    """Nets and cells of a hierarchical netlist. A net: [names (scope, net, index)], drivers, loads.

    A cell is (block path, type, {pin: net}); constants are net None.
    """
    modules = design["modules"]
    nets, cells, primary = [], [], {}

    def visit(name, path, ports):
        module = modules[name]
        local = dict(ports)

        def net(bit):
            if isinstance(bit, str):
                return None
            if bit not in local:
                local[bit] = len(nets)
                nets.append([])
            return local[bit]
        for net_name, spec in module["netnames"].items():
            bits = spec["bits"]
            for i, bit in enumerate(bits):
                number = net(bit)
                if number is not None:
                    index = spec.get("offset", 0) + i if len(bits) > 1 else None
                    nets[number].append((path, net_name, index))
        if not path:
            for port, spec in module["ports"].items():
                for bit in spec["bits"]:
                    if not isinstance(bit, str):
                        primary[net(bit)] = (port, spec["direction"])
        for cell_name, cell in module["cells"].items():
            kind = cell["type"]
            if kind in library:
                cells.append((path, kind, {pin: net(bits[0]) if bits else None
                                           for pin, bits in cell["connections"].items()}))
            elif kind in modules:
                inner = {}
                for port, bits in cell["connections"].items():
                    for outside, inside in zip(bits, modules[kind]["ports"][port]["bits"],
                                               strict=True):
                        if not isinstance(inside, str):
                            inner[inside] = net(outside)
                inner = {bit: number for bit, number in inner.items() if number is not None}
                visit(kind, path + (cell_name,), inner)
            else:
                raise Failure(f"cell {kind} is neither in the library nor in the netlist")
    visit(top, (), {})
    return nets, cells, primary


def read_toggles(path, top):
    """Toggles by (scope, net, index) and phase, and cycles by phase."""
    counts, cycles = {}, None
    with open(path, encoding="utf-8") as file:
        header = file.readline().split("\t")[1:]
        if [h.strip() for h in header] != PHASES:
            raise Failure(f"{path} is not a file of EQUISPIN_TOGGLES")
        for line in file:
            words = line.rstrip("\n").split("\t")
            values = tuple(int(v) for v in words[-len(PHASES):])
            names = words[:-len(PHASES)]
            if names == ["cycles"]:
                cycles = values
                continue
            net, index = names[-1], None
            if net.endswith("]"):
                net, _, number = net[:-1].rpartition("[")
                index = int(number)
            while names and names[0] in ("TOP", "", top):
                names = names[1:]
            counts[(tuple(names[:-1]), net.strip(), index)] = values
    return counts, cycles


def wire_capacitance(kit, fanout):
    one, five, twenty = kit["length_um"]
    if fanout <= 1:
        length = one * fanout
    elif fanout <= 5:
        length = one + (five - one) * (fanout - 1) / 4
    else:
        length = five + (twenty - five) * (fanout - 5) / 15
    return length * kit["pF_per_um"] * 1e-12


def energies(nets, cells, primary, library, kit, toggles, cycles, period):
    """{block path: {phase: {part: joules}}} and how many nets had no count."""
    zero = (0,) * len(PHASES)
    volt = kit["volt"]
    count_of, missing = [], 0
    for names in nets:
        found = next((toggles[n] for n in names if n in toggles), None)
        if found is None:
            missing += 1
        count_of.append(found or zero)
    load, sinks = [0.0] * len(nets), [0] * len(nets)
    clock = [False] * len(nets)
    for _, kind, pins in cells:
        cell = library[kind]
        for pin, net in pins.items():
            if net is None or cell.pins[pin]["direction"] != "input":
                continue
            load[net] += cell.pins[pin]["cap"]
            sinks[net] += 1
            clock[net] |= pin in cell.clocks
    for net, (_, direction) in primary.items():
        if direction == "output":
            sinks[net] += 1
            load[net] += 10e-15
    result = {}

    def add(path, phase, part, joules):
        phases = result.setdefault(path, {p: dict.fromkeys(PARTS, 0.0) for p in PHASES})
        phases[PHASES[phase]][part] += joules
    half = 0.5 * volt * volt
    capacitance = [load[n] + wire_capacitance(kit, sinks[n]) for n in range(len(nets))]
    memo = {}
    for path, kind, pins in cells:
        cell = library[kind]
        outputs = [(pin, net) for pin, net in pins.items()
                   if net is not None and cell.pins[pin]["direction"] == "output"]
        made = [max((count_of[net][p] for _, net in outputs), default=0)
                for p in range(len(PHASES))]
        for p in range(len(PHASES)):
            add(path, p, "leakage", cell.leakage * cycles[p] * period)
        for pin, net in pins.items():
            if net is None:
                continue
            counts = count_of[net]
            output = cell.pins[pin]["direction"] == "output"
            if output:
                key = (kind, pin, round(capacitance[net] * 1e16))
                if key not in memo:
                    memo[key] = cell.edge_energy(pin, SLEW, capacitance[net])
                rise, fall = memo[key]
            else:
                if (kind, pin) not in memo:
                    memo[kind, pin] = cell.edge_energy(pin, SLEW, 0.0)
                rise, fall = memo[kind, pin]
            is_clock = pin in cell.clocks or (output and clock[net])
            for p, count in enumerate(counts):
                if not count:
                    continue
                joules = count * 0.5 * (rise + fall)
                if pin in cell.clocks and cell.kind == "flop":
                    joules -= min(made[p], count / 2) * rise
                elif pin in cell.clocks and cell.kind == "gate":
                    joules -= min(made[p], count) * 0.5 * (rise + fall)
                add(path, p, "clock" if is_clock else "internal", joules)
                if output:
                    add(path, p, "clock" if is_clock else "switching",
                        count * half * capacitance[net])
                elif net in primary and primary[net][1] == "input":
                    # Nets from outside are counted where they are used.
                    share = cell.pins[pin]["cap"] + wire_capacitance(kit, sinks[net]) / sinks[net]
                    add(path, p, "clock" if is_clock else "switching", count * half * share)
    return result, missing


def load_kit(folder):
    report = json.loads((folder / "report.json").read_text())
    data = tomllib.loads((ROOT / "constraints/synth.toml").read_text())
    return report, data["kit"][report["kit"]]


def cells_of(kit, spec):
    """Cells of the library; latches by name, where the Liberty file does not say."""
    library = liberty.read(kit.libs)
    for cell in library.values():
        if fnmatch.fnmatch(cell.name, spec["latch"][0]):
            cell.clocks.add(spec["latch"][2])
    return library


def by_room(blocks, rooms, other="top"):
    """Sums of block paths by what `rooms` has for the nearest block around each, or `other`."""
    total = {}
    for path, phases in blocks.items():
        stem = path
        while stem and ".".join(stem) not in rooms:
            stem = stem[:-1]
        room = rooms.get(".".join(stem), other)
        for phase, parts in phases.items():
            for part, joules in parts.items():
                cell = total.setdefault(room, {}).setdefault(phase, dict.fromkeys(PARTS, 0.0))
                cell[part] += joules
    return total


def show(total, cycles, samples):
    """Prints energies by room and phase and part, and cycles by phase."""
    rows = [["nJ a sample"] + PHASES + ["all"] + PARTS]
    names = [room for room in ROOMS if room in total]
    for room in names + ["all"]:
        chosen = names if room == "all" else [room]
        phases = [sum(sum(total[r][p].values()) for r in chosen) for p in PHASES]
        parts = [sum(total[r][p][part] for r in chosen for p in PHASES) for part in PARTS]
        rows.append([room] + [f"{x / samples * 1e9:.3f}" for x in [*phases, sum(phases), *parts]])
    synth.table(rows, len(rows[0]))
    print("cycles a sample: " + ", ".join(f"{p} {c / samples:.1f}"
                                          for p, c in zip(PHASES, cycles, strict=True)))


def main():
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("toggles", type=pathlib.Path)
    parser.add_argument("--mhz", type=float, default=100.0)
    parser.add_argument("--samples", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--update-budget", action="store_true")
    args = parser.parse_args()
    report, spec = load_kit(args.folder)
    kit = synth.Kit(report["kit"], spec)
    library = cells_of(kit, spec)
    design = json.loads((args.folder / "netlist.json").read_text())
    nets, cells, primary = flatten(design, "ep_core", library)
    toggles, cycles = read_toggles(args.toggles, "ep_core")
    blocks, missing = energies(nets, cells, primary, library, spec, toggles, cycles,
                               1e-6 / args.mhz)
    rooms = {name: block["room"] for name, block in report["blocks"].items()}
    total = by_room(blocks, rooms)
    n = args.samples
    print(f"{report['kit']}, {report['configuration']}, {n} samples, {args.mhz:g} MHz; "
          f"{len(nets)} nets, {missing} of them constant or not seen")
    show(total, cycles, n)
    by_phase = dict(zip(PHASES, cycles, strict=True))
    whole = {"kit": report["kit"], "nm": spec["nm"], "volt": spec["volt"],
             "configuration": report["configuration"], "parameters": report["parameters"],
             "samples": n, "mhz": args.mhz, "cycles": by_phase,
             "rooms_joules": total,
             "blocks_joules": {".".join(path): value for path, value in sorted(blocks.items())}}
    (args.json or args.folder / "power.json").write_text(json.dumps(whole, indent=1,
                                                                    sort_keys=True) + "\n")
    grown = synth.budget(report["kit"], report["configuration"],
                         {r: 1e9 / n * sum(sum(p.values()) for p in total[r].values())
                          for r in total}, "energy_nj", args.update_budget)
    if grown:
        raise Failure("more energy than constraints/budget.csv by over 2 %:\n  "
                      + "\n  ".join(grown) + "\nmake it less, or run with --update-budget")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"power: {failure}")
