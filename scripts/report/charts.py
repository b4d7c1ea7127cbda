# SPDX-License-Identifier: Apache-2.0
"""Charts of the report, as inline SVG, each drawn at the width of a phone; it grows with the page.

Text stays text. The same numbers give the same bytes.
"""

import io
import re

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402

INK = ["#2d5f8b", "#c2571a", "#3d7d3d", "#7a4f9a", "#8a6d1c"]
GREY, DARK = "#9aa8b5", "#1b2733"
WIDTH = 4.0  # inches, the width of a phone
matplotlib.rcParams.update({
    "svg.fonttype": "none", "font.family": "sans-serif", "font.size": 9, "axes.edgecolor": GREY,
    "font.sans-serif": ["Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
    "axes.labelcolor": DARK, "xtick.color": DARK, "ytick.color": DARK, "text.color": DARK,
    "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.8,
    "axes.axisbelow": True})


def svg(figure, name, title):
    """The figure as an SVG element whose ids belong to `name` alone."""
    matplotlib.rcParams["svg.hashsalt"] = name
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Title": title, "Creator": None,
                                                 "Format": None, "Type": None})
    plt.close(figure)
    found = text.getvalue()
    found = found[found.index("<svg"):]
    found = re.sub(r"<metadata>.*?</metadata>\s*", "", found, flags=re.DOTALL)
    found = re.sub(r'\b(id="|href="#|url\(#)', rf"\g<1>{name}-", found)
    found = re.sub(r' width="[0-9.]+pt" height="[0-9.]+pt"', "", found, count=1)
    return re.sub(r"\n\s*", "\n", found).rstrip()


def new(height):
    return plt.subplots(figsize=(WIDTH, height), layout="constrained")


def waterfall(name, title, unit, parts, totals):
    """Bars that begin where the one before ends, then `totals` [(label, value)] from zero."""
    figure, axes = new(0.8 + 0.27 * (len(parts) + len(totals)))
    labels, end = [], 0.0
    for i, (label, value) in enumerate(parts):
        axes.barh(i, value, left=end, color=INK[0], height=0.7)
        end += value
        axes.annotate(f"{value:.1f}", (end, i), xytext=(3, 0), textcoords="offset points",
                      va="center")
        if i + 1 < len(parts):
            axes.plot([end, end], [i, i + 1], color=GREY, linewidth=0.8)
        labels.append(label)
    for i, (label, value) in enumerate(totals, len(parts)):
        axes.barh(i, value, color=INK[1] if i == len(parts) else INK[2 if "goal" in label else 3],
                  height=0.7)
        axes.annotate(f"{value:.1f}", (value, i), xytext=(3, 0), textcoords="offset points",
                      va="center")
        labels.append(label)
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.set_xlim(left=0)
    axes.set_xlabel(unit)
    axes.grid(axis="x", alpha=0.3)
    return svg(figure, name, title)


def published(name, title, unit, works):
    """[(label, value, kind)] on a logarithmic axis, in the order given; kinds: "training",
    "inference", "bound", "own"."""
    figure, axes = new(0.9 + 0.26 * len(works))
    marks = {"training": ("o", INK[0], INK[0]), "inference": ("s", INK[0], "white"),
             "bound": ("<", INK[0], "white"), "own": ("D", INK[1], INK[1])}
    for i, (_, value, kind) in enumerate(works):
        shape, edge, face = marks[kind]
        axes.plot([value], [i], shape, markeredgecolor=edge, markerfacecolor=face, markersize=6)
        axes.annotate(f"{value:.3g}" if value < 1000 else f"{value:,.0f}", (value, i),
                      xytext=(7, 0), textcoords="offset points", va="center")
    axes.set_xscale("log")
    axes.set_yticks(range(len(works)), [label for label, _, _ in works])
    axes.set_ylim(len(works) - 0.4, -0.6)
    low, high = min(w[1] for w in works), max(w[1] for w in works)
    axes.set_xlim(low / 3, high * 60)
    axes.set_xlabel(unit)
    axes.grid(axis="x", alpha=0.3)
    return svg(figure, name, title)


def scatter(name, title, x_label, y_label, series):
    """{legend: [(x, y, label)]}: points joined in their order; labels keep clear of each other."""
    figure, axes = new(3.0)
    points = [point for line in series.values() for point in line]
    for (legend, line), ink in zip(series.items(), INK, strict=False):
        axes.plot([p[0] for p in line], [p[1] for p in line], "o-", color=ink, markersize=5,
                  linewidth=1, label=legend)
    wide = max(p[0] for p in points) > 4 * min(p[0] for p in points)
    axes.set_xscale("log" if wide else "linear")
    axes.margins(x=0.12, y=0.12)
    if wide:
        low, high = axes.get_xlim()
        ticks = [digit * 10.0 ** power for power in range(-3, 6) for digit in (1, 2, 3, 5)
                 if low <= digit * 10.0 ** power <= high]
        axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
        axes.minorticks_off()
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(alpha=0.3)
    if len(series) > 1:
        axes.legend(frameon=False, fontsize=8, loc="lower right")
    figure.canvas.draw()
    places = [axes.transData.transform(p[:2]) * 72 / figure.dpi for p in points]
    taken = [(x - 3, y - 3, x + 3, y + 3) for x, y in places]
    for at, (x, y, label) in zip(places, points, strict=True):
        wide = 4.4 * len(label)
        for dx, dy in [(5, 3), (5, -9), (-5 - wide, 3), (-5 - wide, -9), (5, 12), (5, -18)]:
            box = (at[0] + dx, at[1] + dy, at[0] + dx + wide, at[1] + dy + 7)
            if not any(box[0] < t[2] and t[0] < box[2] and box[1] < t[3] and t[1] < box[3]
                       for t in taken):
                break
        taken.append(box)
        axes.annotate(label, (x, y), xytext=(dx, dy), textcoords="offset points", fontsize=8)
    return svg(figure, name, title)


def bars(name, title, unit, groups, line=None):
    """{label: {series: value}} side by side; `line` is a value to compare with."""
    names = list(dict.fromkeys(s for values in groups.values() for s in values))
    step = 0.8 / len(names)
    figure, axes = new(0.9 + 0.17 * len(groups) * (len(names) + 0.6))
    for k, series in enumerate(names):
        places = [i + (k - (len(names) - 1) / 2) * step for i, v in enumerate(groups.values())
                  if series in v]
        values = [v[series] for v in groups.values() if series in v]
        axes.barh(places, values, height=0.9 * step, color=INK[k % len(INK)], label=series)
        for place, value in zip(places, values, strict=True):
            axes.annotate(f"{value:.1f}", (value, place), xytext=(3, 0),
                          textcoords="offset points", va="center", fontsize=7.5)
    if line is not None:
        axes.axvline(line, color=DARK, linewidth=0.8, linestyle="--")
    axes.set_yticks(range(len(groups)), list(groups))
    axes.invert_yaxis()
    axes.margins(x=0.14)
    axes.set_xlabel(unit)
    axes.grid(axis="x", alpha=0.3)
    if len(names) > 1:
        figure.legend(frameon=False, fontsize=8, loc="outside upper left", ncols=len(names))
    return svg(figure, name, title)
