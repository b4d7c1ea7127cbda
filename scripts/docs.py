#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Renders the diagrams of docs/: each source .json becomes the .svg beside it.

    scripts/docs.py          render what is stale
    scripts/docs.py --check  exit code 1 if anything is stale

docs/wave/*.json are WaveJSON, rendered by WaveDrom. docs/*.json and docs/draw/*.json are boxes and
wires:
  size    [width, height]
  areas   {"at": [x, y, w, h], "text": "title", "kind": "room" | "outside"}
  boxes   {"id": "a", "at": [x, y, w, h], "text": ["name", "second line", ...],
           "kind": "block" | "memory" | "port"}
  wires   {"from": END, "to": END, "via": [[x, y], ...], "text": "label", "at": [x, y],
           "anchor": "start" | "middle" | "end", "kind": "data" | "control" | "bus",
           "arrow": "to" | "both" | "none"}
  texts   {"at": [x, y], "text": "label", "anchor": "start"}
An END is [x, y] or "id.side" or "id.side:0.25" with side l, r, t, b and the place along that side
(0.5). A via may be "h" (first horizontal, then vertical) or "v" for one corner.
Each SVG ends with the checksum of its source, so that staleness does not depend on the renderer.
"""

import hashlib
import json
import pathlib
import re
import sys
from xml.sax.saxutils import escape

DOCS = pathlib.Path(__file__).resolve().parent.parent / "docs"
STYLE = """
  text { font-family: Helvetica, Arial, "Liberation Sans", sans-serif; fill: #1b2733; }
  .name { font-size: 18px; font-weight: bold; text-anchor: middle; }
  .more { font-size: 15px; text-anchor: middle; fill: #3c4b5a; }
  .area { font-size: 18px; font-weight: bold; fill: #5a6b7b; }
  .wire { font-size: 15px; font-style: italic; fill: #24425f; paint-order: stroke; stroke: #f4f7fa;
    stroke-width: 5px; stroke-linejoin: round; }
  .room { fill: #eef3f8; stroke: #b6c5d3; stroke-width: 1.5; }
  .outside { fill: #fbf3e4; stroke: #d3b070; stroke-width: 1.5; stroke-dasharray: 6 4; }
  .block { fill: #ffffff; stroke: #2d5f8b; stroke-width: 2; }
  .memory { fill: #e2ecd9; stroke: #5a7d3c; stroke-width: 2; }
  .port { fill: none; stroke: none; }
  .data { fill: none; stroke: #24425f; stroke-width: 2; }
  .bus { fill: none; stroke: #24425f; stroke-width: 4; }
  .control { fill: none; stroke: #a0522d; stroke-width: 1.8; stroke-dasharray: 5 4; }
"""
MARKERS = "".join(
    f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" '
    f'markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
    f'<path d="M0 0L10 5L0 10z" fill="{colour}"/></marker>'
    for name, colour in (("data", "#24425f"), ("bus", "#24425f"), ("control", "#a0522d")))


def end_point(end, boxes):
    """Coordinates of a wire's end."""
    if not isinstance(end, str):
        return tuple(end)
    name, _, place = end.partition(":")
    box, side = name.split(".")
    x, y, w, h = boxes[box]["at"]
    part = float(place) if place else 0.5
    return {"l": (x, y + h * part), "r": (x + w, y + h * part),
            "t": (x + w * part, y), "b": (x + w * part, y + h)}[side]


def wire_svg(wire, boxes):
    start, end = end_point(wire["from"], boxes), end_point(wire["to"], boxes)
    via = wire.get("via", [])
    if via == "h":
        via = [[end[0], start[1]]]
    elif via == "v":
        via = [[start[0], end[1]]]
    points = [start, *via, end]
    kind, arrow = wire.get("kind", "data"), wire.get("arrow", "to")
    path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    marks = f' marker-end="url(#{kind})"' if arrow != "none" else ""
    marks += f' marker-start="url(#{kind})"' if arrow == "both" else ""
    svg = f'<path class="{kind}" d="{path}"{marks}/>\n'
    return svg + (text_svg(wire) if "text" in wire else "")


def text_svg(item):
    x, y = item["at"]
    anchor = item.get("anchor", "start")
    return (f'<text class="{item.get("class", "wire")}" x="{x:g}" y="{y:g}" '
            f'text-anchor="{anchor}">{escape(item["text"])}</text>\n')


def box_svg(box):
    x, y, w, h = box["at"]
    kind = box.get("kind", "block")
    svg = f'<rect class="{kind}" x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="5"/>\n'
    lines = box.get("text", [box["id"]])
    first = y + h / 2 + 6 - 9.5 * (len(lines) - 1)
    for i, line in enumerate(lines):
        style = "name" if i == 0 else "more"
        place = f'x="{x + w / 2:g}" y="{first + 19 * i:g}"'
        svg += f'<text class="{style}" {place}>{escape(line)}</text>\n'
    return svg


def area_svg(area):
    x, y, w, h = area["at"]
    svg = (f'<rect class="{area.get("kind", "room")}" x="{x:g}" y="{y:g}" width="{w:g}" '
           f'height="{h:g}" rx="8"/>\n')
    return svg + text_svg({"at": [x + 10, y + 22], "text": area.get("text", ""), "class": "area"})


def draw(source):
    """SVG of boxes and wires."""
    picture = json.loads(source)
    width, height = picture["size"]
    boxes = {box["id"]: box for box in picture["boxes"]}
    svg = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
           f'width="{width}" height="{height}">\n'
           f'<title>{escape(picture["title"])}</title>\n<style>{STYLE}</style>\n'
           f'<defs>{MARKERS}</defs>\n'
           f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>\n')
    svg += "".join(area_svg(area) for area in picture.get("areas", []))
    svg += "".join(wire_svg(wire, boxes) for wire in picture.get("wires", []))
    svg += "".join(box_svg(box) for box in boxes.values())
    svg += "".join(text_svg(text) for text in picture.get("texts", []))
    return svg + "</svg>\n"


def wave(source):
    """SVG of a timing diagram."""
    import yowasp_wavedrom  # noqa: PLC0415 (only rendering needs it)

    svg = yowasp_wavedrom.render(json.loads(source))
    # The skin has a shape for every transition; keep those that are used.
    used = set(re.findall(r'href="#([^"]+)"', svg))
    shapes, rest = svg.split("</defs>", 1)
    shapes = re.sub(r'<g id="([^"]+)">(?:(?!</g>).)*</g>',
                    lambda shape: shape[0] if shape[1] in used else "", shapes)
    svg = shapes + "</defs>" + rest
    return svg.replace(">", ' style="background:#fff">', 1).rstrip() + "\n"


def main():
    check = "--check" in sys.argv[1:]
    stale = []
    for folder, render in ((".", draw), ("draw", draw), ("wave", wave)):
        for source in sorted((DOCS / folder).glob("*.json")):
            text = source.read_text()
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            mark = f"<!-- source {source.name} {digest} -->\n"
            target = source.with_suffix(".svg")
            if target.exists() and target.read_text().endswith(mark) and "--all" not in sys.argv:
                continue
            stale.append(target)
            if not check:
                target.write_text(render(text) + mark)
    for target in stale:
        print(f"docs: {'stale' if check else 'rendered'} {target.relative_to(DOCS.parent)}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
