# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture of the structure in docs/images/structure.svg, drawn of what imports what.

Every file belongs to one room, and an arrow leads from a room to each room whose code it imports, unless another way
leads there already. A file without a room is an error, and so are rooms that need each other in a circle.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path

from environment import ROOT

PICTURE = ROOT / "docs" / "images" / "structure.svg"
PACKAGE = "ansible_collections.hybrid.connectors."
# The rooms, with a word about each and the files in it.
ROOMS = {
    "Modules": ("a door: a task in a process", "plugins/modules/*"),
    "Action plugins": (
        "a door: a task in the worker",
        "plugins/action/*",
        "plugins/plugin_utils/_in_process.py",
        "plugins/plugin_utils/_fleet_action.py",
    ),
    "Inventory": ("a door: hosts and groups", "plugins/inventory/*"),
    "Event source": ("a door: events for a rulebook", "extensions/eda/plugins/event_source/*"),
    "Filters, tests": ("a door: expressions", "plugins/filter/*", "plugins/test/*"),
    "Lookup": ("a door: files with customers", "plugins/lookup/*", "plugins/plugin_utils/_table_files.py"),
    "The edge": (
        "options in, results out",
        "plugins/module_utils/_module.py",
        "plugins/module_utils/_parent_process.py",
    ),
    "Redaction": ("results without secrets", "plugins/module_utils/_redaction.py"),
    "Fleet reader": ("all systems in parallel", "plugins/module_utils/_fleet_reader.py"),
    "Providers": ("one package a vendor", "plugins/module_utils/_providers/*"),
    "Cached lists": (
        "what an inventory reads",
        "plugins/plugin_utils/_sources.py",
        "plugins/plugin_utils/_other_sources.py",
    ),
    "Expressions": (
        "evaluated once a value",
        "plugins/plugin_utils/_construct.py",
        "plugins/plugin_utils/_expressions.py",
    ),
    "Health events": ("what changed since", "plugins/plugin_utils/_health_*.py"),
    "Report, metrics": ("what the page shows", "plugins/plugin_utils/_report.py", "plugins/plugin_utils/_metrics.py"),
    "Apono": ("client", "plugins/module_utils/_apono*.py"),
    "Hybrid Data Pipeline": ("client", "plugins/module_utils/_hdp.py"),
    "VOSS Automate": ("client", "plugins/module_utils/_voss/*"),
    "Webex": ("client", "plugins/module_utils/_webex.py"),
    "Request loop": (
        "the only one that sends",
        "plugins/module_utils/_client.py",
        "plugins/module_utils/_response.py",
        "plugins/module_utils/_retry.py",
        "plugins/module_utils/_rate_limit.py",
        "plugins/module_utils/_clock.py",
        "plugins/module_utils/_session.py",
        "plugins/module_utils/_request_errors.py",
        "plugins/module_utils/_tls.py",
        "plugins/module_utils/_body.py",
        "plugins/module_utils/_attempt.py",
        "plugins/module_utils/_evidence.py",
        "plugins/module_utils/_proxy.py",
        "plugins/module_utils/_stop.py",
        "plugins/module_utils/_transport.py",
    ),
    "Settings": ("connection options, once", "plugins/module_utils/_settings.py", "plugins/module_utils/_spec.py"),
    "Plan": ("what is, what should be", "plugins/module_utils/_plan.py"),
    "Fleet record": ("one form for all systems", "plugins/module_utils/_fleet.py"),
    "Small things": (
        "errors, files, names, times",
        "plugins/module_utils/_errors.py",
        "plugins/module_utils/_unicode.py",
        "plugins/module_utils/_tables.py",
        "plugins/module_utils/_atomic_file.py",
        "plugins/module_utils/_decoding.py",
        "plugins/module_utils/_secret_*.py",
        "plugins/module_utils/_address.py",
        "plugins/module_utils/_untrusted.py",
        "plugins/module_utils/_background.py",
        "plugins/module_utils/_timestamps.py",
        "plugins/module_utils/_names.py",
    ),
}
WIDTH, HEIGHT, GAP_X, GAP_Y, EDGE = 170, 50, 60, 16, 20
COLOURS = ("#e3eefc", "#eaf6ea", "#fdf3dc", "#fbe6e3", "#efe7f9", "#e4f4f4", "#f1f1f1")
Links = Mapping[str, frozenset[str]]


def room(path: str) -> str:
    """The room of a file, given from the root of the collection on."""
    found = [name for name, (_word, *patterns) in ROOMS.items() if any(fnmatch(path, pattern) for pattern in patterns)]
    if len(found) != 1:
        raise SystemExit(f"{path} is in {len(found)} rooms of tools/structure.py; it should be in one.")
    return found[0]


def _imported(path: Path) -> set[str]:
    """The files of the collection that a file imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and f"{node.module}.".startswith(PACKAGE):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    paths = {name.removeprefix(PACKAGE).replace(".", "/") for name in names}
    files = {f"{path}{end}" for path in paths for end in (".py", "/__init__.py")}
    return {name for name in files if (ROOT / name).is_file()}


def links() -> Links:
    """Which rooms each room needs."""
    found: dict[str, set[str]] = {name: set() for name in ROOMS}
    for folder in ("plugins", "extensions"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if path.read_bytes() and not name.startswith("plugins/doc_fragments/"):
                found[room(name)] |= {room(other) for other in _imported(path)} - {room(name)}
    return {name: frozenset(others) for name, others in found.items()}


def reached(start: Iterable[str], needed: Links) -> set[str]:
    """All rooms to which a way leads."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        for name in needed[waiting.pop()]:
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def without_detours(needed: Links) -> Links:
    """Only those links that no longer way replaces."""
    circles = [name for name in needed if name in reached([name], needed)]
    if circles:
        raise SystemExit(f"These need each other in a circle: {', '.join(circles)}.")
    return {name: frozenset(others - reached(others, needed)) for name, others in needed.items()}


def depths(needed: Links) -> dict[str, int]:
    """How far right each room stands: the doors first, and each room right of all that need it."""

    @cache
    def depth(name: str) -> int:
        return max((depth(other) + 1 for other, others in needed.items() if name in others), default=0)

    return {name: depth(name) for name in needed}


def ways(needed: Links) -> list[list[str]]:
    """Each link as a way through the columns, with a gap of its own in each column that it passes."""
    column = depths(needed)
    return [
        [name, *(f"{name} > {other} {number}" for number in range(column[name] + 1, column[other])), other]
        for name, others in needed.items()
        for other in sorted(others)
    ]


def columns(needed: Links) -> list[list[str]]:
    """What stands in each column from top to bottom, rooms and gaps, in an order with few crossings."""
    steps = [step for way in ways(needed) for step in pairwise(way)]
    column = depths(needed)
    for way in ways(needed):
        column.update({place: column[way[0]] + number for number, place in enumerate(way)})
    found: list[list[str]] = [[] for _ in range(max(column.values()) + 1)]
    for place, number in column.items():
        found[number].append(place)
    rows = {place: row / len(places) for places in found for row, place in enumerate(places)}
    for _round in range(24):
        for places in (*found, *reversed(found)):
            near = {place: [a if b == place else b for a, b in steps if place in (a, b)] for place in places}
            wanted = {place: sum(rows[a] for a in near[place]) / max(1, len(near[place])) for place in places}
            places.sort(key=lambda place: wanted[place])
            rows.update({place: (row + 0.5) / len(places) for row, place in enumerate(places)})
    return found


def picture() -> str:
    """The picture as SVG."""
    needed = without_detours(links())
    table = columns(needed)
    tall = [sum(HEIGHT + GAP_Y if place in ROOMS else GAP_Y for place in places) for places in table]
    height, width = max(tall) + 2 * EDGE, len(table) * (WIDTH + GAP_X) - GAP_X + 2 * EDGE
    middles: dict[str, tuple[float, float]] = {}
    boxes = []
    for number, places in enumerate(table):
        x, spare = EDGE + number * (WIDTH + GAP_X), (max(tall) - tall[number]) / len(places)
        y = float(EDGE)
        for place in places:
            room_for = (HEIGHT + GAP_Y if place in ROOMS else GAP_Y) + spare
            middles[place] = (x, y + room_for / 2)
            if place in ROOMS:
                top, middle = y + (room_for - HEIGHT) / 2, x + WIDTH / 2
                boxes.append(
                    f'<rect x="{x}" y="{top:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="7"'
                    f' fill="{COLOURS[number % len(COLOURS)]}"/>'
                    f'<text x="{middle:.0f}" y="{top + 22:.0f}" class="name">{escape(place)}</text>'
                    f'<text x="{middle:.0f}" y="{top + 38:.0f}">{escape(ROOMS[place][0])}</text>'
                )
            y += room_for
    arrows = [f'<path d="{_curve([middles[place] for place in way])}"/>' for way in ways(needed)]
    style = (
        "text{font:11px system-ui,sans-serif;text-anchor:middle;fill:#444}"
        ".name{font-size:13px;font-weight:600;fill:#111}rect{stroke:#8894a5}"
        "path{fill:none;stroke:#8894a5;stroke-width:1.3;marker-end:url(#arrow)}"
    )
    marker = (
        '<marker id="arrow" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="6" markerHeight="6" orient="auto">'
        '<polygon points="0,0 8,4 0,8" fill="#8894a5"/></marker>'
    )
    return "\n".join(
        [
            "<!-- Drawn by tools/structure.py of what imports what -->",
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" width="{width}"'
            f' height="{height:.0f}" role="img" aria-label="The rooms of the code and what each needs">',
            f"<style>{style}</style><defs>{marker}</defs>",
            f'<rect width="{width}" height="{height:.0f}" fill="#fff" style="stroke:none"/>',
            *arrows,
            *boxes,
            "</svg>\n",
        ]
    )


def _curve(places: list[tuple[float, float]]) -> str:
    """A line from the right of the first box, straight through the gaps, to the left of the last one."""
    (x, y), *rest = places
    line, x = f"M{x + WIDTH:.0f},{y:.0f}", x + WIDTH
    for number, (to_x, to_y) in enumerate(rest, 1):
        end = to_x - 7 if number == len(rest) else to_x
        line += f"C{x + GAP_X / 2:.0f},{y:.0f} {end - GAP_X / 2:.0f},{to_y:.0f} {end:.0f},{to_y:.0f}"
        if number < len(rest):
            line += f"H{to_x + WIDTH:.0f}"
        x, y = to_x + WIDTH, to_y
    return line


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
