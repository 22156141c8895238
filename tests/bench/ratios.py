#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ratios.py [--markdown] JSON [SVG]: what the lines of smb3bench in JSON say of the servers: medians of
each row, their spread, and medians of the ratios of each round; SVG gets a chart of the CPU time of the
others for one of ours."""
import json
import math
import statistics
import sys
from collections import defaultdict
from html import escape

OURS = "smb3d"
SMBD = ("smbd-full", "smbd-best")  # of the chart


def cost(line):
    """The unit and how much CPU time one takes; the rate of the same things."""
    if line["work"] == "connections":
        return "KiB/connection", line["kib"] / line["ops"], line["ops"] / line["seconds"]
    if line["entries"] and line["work"] == "list":
        return "us/entry", line["cpu_us"] / line["entries"], line["entries"] / line["seconds"]
    if line["bytes"] and line["size"] >= 65536:
        gib = line["bytes"] / 2**30
        return "s/GiB", line["cpu_us"] / 1e6 / gib, gib * 1024 / line["seconds"]
    return "us/op", line["cpu_us"] / max(line["ops"], 1), line["ops"] / line["seconds"]


def read(path):
    rows = {}
    for text in open(path, encoding="utf-8"):
        line = json.loads(text)
        server, label = line["label"].split(" ", 1)
        if line["work"] == "connections" and not label.startswith("memory"):
            continue
        if line["work"] == "create" and label.startswith("delete"):
            continue  # what is deleted then
        unit, each, rate = cost(line)
        row = rows.setdefault(label, {"unit": unit, "cost": defaultdict(list), "rate": defaultdict(list),
                                     "p99": defaultdict(list)})
        row["cost"][server].append(each)
        row["rate"][server].append(rate)
        row["p99"][server].append(line.get("p99_us", 0))
    return rows


def number(n):
    return f"{n:.3f}" if n < 1 else f"{n:.2f}" if n < 100 else f"{n:.0f}"


def spread(values):
    return (max(values) - min(values)) / statistics.median(values) * 100 if len(values) > 1 else 0


def others(rows):
    """The other servers, in the order in which they appear."""
    return [s for s in dict.fromkeys(s for row in rows.values() for s in row["cost"]) if s != OURS]


def typical(row, what, server):
    """The median; of memory what a server that had done nothing yet took, for later rounds take what was freed."""
    values = row[what][server]
    if not values:
        return None
    return values[0] if row["unit"].startswith("KiB") and what == "cost" else statistics.median(values)


def ratio(row, what, server):
    """The median of each round's ratio: a machine that drifts does so between rounds more than within one."""
    ours, theirs = row[what][OURS], row[what][server]
    if row["unit"].startswith("KiB") or len(ours) != len(theirs):
        ours, theirs = [typical(row, what, OURS)], [typical(row, what, server)]
    pairs = [a / b for a, b in zip(ours, theirs) if a and b]
    return statistics.median(pairs) if pairs else None


def table(rows):
    peers = others(rows)
    heads = "".join(f"{s:>10}" for s in peers)
    shares = "".join(f"{'/' + s:>11}" for s in peers)
    print(f"{'server CPU, medians':<24}{'unit':<16}{OURS:>9}{'+-%':>5}{heads}{shares} | rate{shares} | p99{shares}")
    for name, row in rows.items():
        medians = [typical(row, "cost", s) for s in [OURS] + peers]
        cells = [number(m) if m is not None else "-" for m in medians]
        texts = [[f"{r:.2f}" if r else "-" for r in (ratio(row, what, s) for s in peers)]
                 for what in ("cost", "rate", "p99")]
        lines = ["".join(f"{t:>11}" for t in part) for part in texts]
        print(f"{name:<24}{row['unit']:<16}{cells[0]:>9}{spread(row['cost'][OURS] or [0, 0.1]):>5.0f}"
              + "".join(f"{c:>10}" for c in cells[1:]) + f"{lines[0]} |     {lines[1]} |    {lines[2]}")


def markdown(rows):
    peers = others(rows)
    heads = " | ".join([OURS, *peers, *(f"{what} / {p}" for what in ("CPU", "rate", "p99") for p in peers)])
    print(f"| work | unit | {heads} |\n|" + "---|" * (3 + 4 * len(peers)))
    for name, row in rows.items():
        cells = [typical(row, "cost", s) for s in [OURS, *peers]]
        cells = [number(c) if c is not None else "" for c in cells]
        for what in ("cost", "rate", "p99"):
            cells += [f"{r:.2f}" if r else "" for r in (ratio(row, what, p) for p in peers)]
        print(f"| {name} | {row['unit']} | {' | '.join(cells)} |")


def chart(rows, path):
    """Bars of a logarithmic scale that begins at half of ours."""
    bars = [(name, *(ratio(row, "cost", s) for s in SMBD)) for name, row in rows.items()]
    bars = [(n, 1 / full if full else None, 1 / best if best else None) for n, full, best in bars]
    scale = 430 / math.log2(2 * max(max(f or 1, b or 1) for _, f, b in bars))
    bottom = 46 + len(bars) * 26
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="680" height="{bottom + 24}"'
             ' font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="#fff"/>',
             "<title>CPU time of Samba's smbd for one of smb3d</title>",
             "<text x='10' y='18' font-weight='bold'>CPU time of smbd for the same work, smb3d = 1"
             "</text><text x='10' y='34' fill='#666'>dark: with ACLs, streams, DOS attributes; "
             "light: stripped and tuned; in rows of memory it is that</text>"]
    for i, (name, full, best) in enumerate(bars):
        y = 46 + i * 26
        parts.append(f'<text x="180" y="{y + 14}" text-anchor="end">{escape(name)}</text>')
        for value, top, colour in ((full, y, "#2b5c8a"), (best, y + 10, "#9dc3e6")):
            if value is None:
                continue
            width = max(math.log2(2 * value) * scale, 1)
            parts.append(f'<rect x="188" y="{top}" width="{width:.1f}" height="9" fill="{colour}"/>'
                         f'<text x="{192 + width:.1f}" y="{top + 9}" font-size="9">{value:.1f}</text>')
    for step in range(int(430 / scale) + 1):
        x, colour = 188 + step * scale, "#c00" if step == 1 else "#ddd"
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="42" y2="{bottom}" stroke="{colour}"'
                     f' stroke-dasharray="3 3"/><text x="{x:.1f}" y="{bottom + 14}" font-size="9"'
                     f' text-anchor="middle">{2 ** (step - 1):g}</text>')
    parts.append("</svg>")
    with open(path, "w", encoding="utf-8") as f:
        f.write("\n".join(parts) + "\n")


def main():
    args = [a for a in sys.argv[1:] if a != "--markdown"]
    if len(args) not in (1, 2):
        sys.exit(__doc__)
    rows = read(args[0])
    (markdown if "--markdown" in sys.argv else table)(rows)
    if len(args) == 2:
        chart(rows, args[1])


main()
