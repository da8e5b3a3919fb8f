# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Determine the calls of a task from the journal of a run without faults."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from support.simulator import PACKAGE_PARENT

SAMPLES = "connector_simulator/data/samples.json"
_SAMPLE_IDS = frozenset(re.findall(r"[0-9a-z]{24}", (PACKAGE_PARENT / SAMPLES).read_text(encoding="utf-8")))
_VOLATILE = (
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[id]"),
    (r"[0-9a-f]{32}-\d+-(?:\d+\.)?", "[external id]"),
    (r"(?<![0-9a-z])[0-9a-z]{24}(?![0-9a-z])", "[pkid]"),
)


@dataclass(frozen=True)
class Call:
    """One request of a task. ``pattern`` matches the request, and ``skip`` is the number of earlier matching requests.
    ``before`` is the position of the previous request, or None for the first request. ``granted`` is true if the access
    token comes from a refresh grant. ``optional`` is true if the user may lack the permission for the request.
    """

    system: str
    method: str
    path: str
    query: str
    pattern: str
    skip: int
    write: bool
    before: int | None
    granted: bool
    optional: bool

    @property
    def kind(self) -> str:
        """Return the name of the call in the reference of its system."""
        path = self.path
        for pattern, name in _VOLATILE[::2]:
            path = re.sub(pattern, name, path)
        path = re.sub(r"(?<=/connectors/)[^/?]+", "[id]", path)
        fields = [word.split("=")[1] for word in self.query.split("&") if word.startswith("filter_field=")]
        return f"{self.method} {path}" + (f" by {fields[0]}" if fields else "")

    @property
    def rule(self) -> dict[str, Any]:
        """Return the part of a fault rule that matches the call."""
        return {"system": self.system, "method": self.method, "path": self.pattern, "skip": self.skip}


def calls_of(journal: Sequence[dict[str, Any]], optional: str = "") -> list[Call]:
    """Return the requests of a journal in their order. ``optional`` matches the paths of optional requests."""
    seen: Counter[tuple[str, str]] = Counter()
    calls = []
    granted = False
    for place, entry in enumerate(journal):
        target = entry["path"] + ("?" + entry["query"] if entry["query"] else "")
        pattern = f"^{_pattern(target)}$"
        key = entry["method"], pattern
        calls.append(
            Call(
                entry["system"],
                entry["method"],
                entry["path"],
                entry["query"],
                pattern,
                seen[key],
                entry["write"],
                place - 1 if place else None,
                granted,
                bool(re.fullmatch(optional, entry["path"])),
            )
        )
        granted = granted or entry["path"] == "/access_token"
        seen[key] += 1
    return calls


def _pattern(target: str) -> str:
    """Return a pattern that matches the request in a different run."""
    volatile = re.compile("|".join(f"({pattern})" for pattern, _name in _VOLATILE))
    pieces = []
    end = 0
    for found in volatile.finditer(target):
        pieces += [re.escape(target[end : found.start()]), _VOLATILE[(found.lastindex or 1) - 1][0]]
        end = found.end()
    return "".join([*pieces, re.escape(target[end:])])


def identity(entry: dict[str, Any]) -> str:
    """Return a value that is equal for a request and its repetition in a run."""
    body = entry["body"]
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "request_meta"}
    return _without_ids(f"{entry['method']} {entry['path']} {entry['query']} {body}")


def changes(entry: dict[str, Any]) -> list[str]:
    """Return the changes of a request, one for each object."""
    body = entry["body"]
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "request_meta"}
        if "hrefs" in body:
            move = entry["path"].startswith("/api/tool/")
            return [f"POST {entry['path']} {href}" if move else f"DELETE {href}/ {{}}" for href in body["hrefs"]]
    return [_without_ids(f"{entry['method']} {entry['path']} {body}")]


def _without_ids(words: str) -> str:
    """Return a string without IDs that differ in each run. The IDs of the samples are kept."""
    for pattern, name in _VOLATILE:
        words = re.sub(pattern, lambda found: found[0] if found[0] in _SAMPLE_IDS else name, words)  # noqa: B023
    return words
