#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""curves.py JSON [SVG]: what the lines of `scale` say: for each curve a table of both servers, and
in SVG the server's CPU time over what grows."""
import json
import math
import statistics
import sys
from html import escape

COLOURS = {"smb3d": "#2b5c8a", "smbd": "#b5651d"}


def unit_and_cost(line):
    if line["work"] == "list" and line["entries"]:
        return "us/entry", line["cpu_us"] / line["entries"]
    if line["bytes"] and (line["size"] >= 65536 or ",bytes " in line["label"]):
        return "s/GiB", line["cpu_us"] / 1e6 / (line["bytes"] / 2**30)
    return "us/op", line["cpu_us"] / max(line["ops"], 1)


def middle(lines):
    """A point that was measured several times: medians of its numbers."""
    return {k: statistics.median(l[k] for l in lines) if type(v) in (int, float) else v for k, v in lines[0].items()}


def read(path):
    """curves[(name, work, what)][x][server] = line; figures[name][server] = (value, unit)"""
    curves, figures = {}, {}
    for text in open(path, encoding="utf-8"):
        line = json.loads(text)
        server, label = line["label"].split(" ", 1)
        if line["work"] == "figure":
            figures.setdefault(label, {})[server] = (line["value"], line["unit"])
        elif "," in label and line["work"] != "connections":
            name, at = label.split(",", 1)
            what, x = at.rsplit(" ", 1)
            points = curves.setdefault((name, line["work"], what), {})
            points.setdefault(int(x), {}).setdefault(server, []).append(line)
    for points in curves.values():
        for servers in points.values():
            servers.update({s: middle(lines) for s, lines in servers.items()})
    return curves, figures


def number(n):
    return f"{n:.3f}" if n < 10 else f"{n:.1f}" if n < 1000 else f"{n:.0f}"


def table(key, points):
    name, work, what = key
    any_line = next(iter(next(iter(points.values())).values()))
    print(f"\n{name}: {work}, server CPU in {unit_and_cost(any_line)[0]}")
    print(f"{what:>12}{'smb3d':>10}{'smbd':>10}{'ratio':>8} | a second{'smb3d':>10}{'smbd':>10} |"
          f" p50 us{'smb3d':>9}{'smbd':>9} | p99 us{'smb3d':>9}{'smbd':>9}")
    for x in sorted(points):
        lines = [points[x].get(s) for s in COLOURS]
        costs = [unit_and_cost(l)[1] if l else None for l in lines]
        rates = [l["ops"] / l["seconds"] if l else None for l in lines]
        cells = [number(c) if c is not None else "-" for c in costs + rates]
        ratio = f"{costs[0] / costs[1]:.2f}" if costs[0] and costs[1] else "-"
        times = [number(l[k]) if l else "-" for k in ("p50_us", "p99_us") for l in lines]
        print(f"{x:>12}{cells[0]:>10}{cells[1]:>10}{ratio:>8} |         {cells[2]:>10}{cells[3]:>10} |"
              f"       {times[0]:>9}{times[1]:>9} |       {times[2]:>9}{times[3]:>9}")


def plot(key, points, left, top):
    """One small diagram, both axes logarithmic."""
    name, work, what = key
    values = {s: [(x, unit_and_cost(points[x][s])[1]) for x in sorted(points) if s in points[x]] for s in COLOURS}
    values = {s: [(x, max(y, 1e-4)) for x, y in v if x > 0] for s, v in values.items()}
    xs, ys = [x for v in values.values() for x, _ in v], [y for v in values.values() for _, y in v]
    low, high = math.log10(min(ys)) - 0.1, math.log10(max(ys)) + 0.1
    begin, wide = math.log10(min(xs)), max(math.log10(max(xs)) - math.log10(min(xs)), 0.1)

    def place(x, y):
        return (left + 50 + (math.log10(x) - begin) / wide * 230,
                top + 150 - (math.log10(y) - low) / (high - low) * 115)

    unit = unit_and_cost(next(iter(next(iter(points.values())).values())))[0]
    parts = [f'<text x="{left + 10}" y="{top + 18}" font-weight="bold">{escape(name)}: {escape(work)}, {unit}</text>',
             f'<rect x="{left + 50}" y="{top + 30}" width="230" height="122" fill="none" stroke="#ccc"/>',
             f'<text x="{left + 165}" y="{top + 180}" text-anchor="middle" fill="#666">{escape(what)}</text>']
    for y in (min(ys), max(ys)):
        parts.append(f'<text x="{left + 46}" y="{place(min(xs), y)[1] + 4:.0f}" text-anchor="end">{number(y)}</text>')
    for x in (min(xs), max(xs)):
        parts.append(f'<text x="{place(x, min(ys))[0]:.0f}" y="{top + 166}" text-anchor="middle">{x:,}</text>')
    for server, line in values.items():
        dots = [place(x, y) for x, y in line]
        parts.append(f'<polyline fill="none" stroke="{COLOURS[server]}" stroke-width="2" points="'
                     + " ".join(f"{x:.1f},{y:.1f}" for x, y in dots) + '"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{COLOURS[server]}"/>' for x, y in dots]
    return parts


def chart(curves, path):
    curves = {k: v for k, v in curves.items() if len([x for x in v if x > 0]) > 2}
    rows = (len(curves) + 1) // 2
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="620" height="{rows * 195 + 40}"'
             ' font-family="sans-serif" font-size="11">', '<rect width="100%" height="100%" fill="#fff"/>',
             "<title>server CPU time as work grows</title>",
             '<text x="10" y="20" font-size="13">Server CPU time as work grows: '
             '<tspan fill="#2b5c8a">smb3d</tspan>, <tspan fill="#b5651d">smbd</tspan></text>']
    for i, (key, points) in enumerate(curves.items()):
        parts += plot(key, points, i % 2 * 305, 30 + i // 2 * 195)
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(parts) + "\n</svg>\n")


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    curves, figures = read(sys.argv[1])
    for key, points in curves.items():
        table(key, points)
    print()
    for name, values in figures.items():
        cells = [f"{s} {number(v)} {u}" for s, (v, u) in values.items()]
        print(f"{name}: {', '.join(cells)}")
    if len(sys.argv) == 3:
        chart(curves, sys.argv[2])


main()
