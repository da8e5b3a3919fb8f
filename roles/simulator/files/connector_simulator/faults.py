# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures on request: canned answers, delays and cut connections, by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

SYSTEMS = ("apono", "hdp", "voss", "webex")
CUTS = ("before", "after", "body")
_KEYS = {
    *("system", "method", "path", "skip", "times"),
    *("status", "headers", "body", "applied", "size", "delay", "cut", "refuse", "certificate"),
}


@dataclass
class Rule:
    """One fault.

    It concerns the requests of ``system`` and ``method`` (None: any) in whose raw ``path?query`` the regular
    expression ``path`` is found; the first ``skip`` of them pass, the next ``times`` (None: all others) are hit.

    A ``status`` or a ``body`` answers instead of the service, which has handled the request before only if it is
    ``applied``; ``headers`` alone are added to its answer, spaces make the answer ``size`` bytes long, ``delay`` waits
    that many seconds first, and ``cut`` resets the connection: ``before`` the request is handled, ``after`` it was
    handled (nothing is answered), or in the middle of the ``body`` of the answer.

    ``refuse`` and ``certificate`` concern the connections that follow: once the request is answered, its own is closed,
    new ones are refused for so many seconds, or are met with the certificate (and key) of that file.
    """

    system: str | None = None
    method: str | None = None
    path: str = ""
    skip: int = 0
    times: int | None = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    applied: bool = False
    size: int = 0
    delay: float = 0.0
    cut: str | None = None
    refuse: float = 0.0
    certificate: str | None = None
    seen: int = 0
    hits: int = 0

    @property
    def answers(self) -> bool:
        """Whether the rule answers instead of the service."""
        return self.status is not None or self.body is not None

    @property
    def follows(self) -> bool:
        """Whether the rule concerns the connections that follow."""
        return bool(self.refuse or self.certificate)

    def describe(self) -> str:
        """What the rule does, for the journal."""
        parts = []
        if self.answers:
            parts.append(f"status {self.status or 200}" + (" once it was applied" if self.applied else ""))
        elif self.headers:
            parts.append("headers " + ", ".join(sorted(self.headers)))
        if self.size:
            parts.append(f"size {self.size}")
        if self.delay:
            parts.append(f"delay {self.delay:g} s")
        if self.cut:
            parts.append(f"cut {self.cut}")
        if self.refuse:
            parts.append(f"then refuse for {self.refuse:g} s")
        if self.certificate:
            parts.append("then another certificate")
        return ", ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """The rule as the control interface shows it."""
        return dict(vars(self))


def parse_rule(given: Any) -> Rule:
    """Build a rule from JSON; raises ValueError with a sentence that says what is wrong."""
    if not isinstance(given, dict):
        raise ValueError("A fault is an object.")
    unknown = sorted(set(given) - _KEYS)
    if unknown:
        raise ValueError(f"A fault has no {', '.join(unknown)}; it has {', '.join(sorted(_KEYS))}.")
    rule = Rule(**given)
    if rule.system is not None and rule.system not in SYSTEMS:
        raise ValueError(f"A fault's system is one of {', '.join(SYSTEMS)}.")
    if rule.cut is not None and rule.cut not in CUTS:
        raise ValueError(f"A fault's cut is one of {', '.join(CUTS)}.")
    whole_numbers: list[Any] = [rule.skip, rule.times, rule.status, rule.size]
    if any(value is not None and (not isinstance(value, int) or isinstance(value, bool)) for value in whole_numbers):
        raise ValueError("A fault's skip, times, status and size are whole numbers.")
    for seconds in (rule.delay, rule.refuse):
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or seconds < 0:
            raise ValueError("A fault's delay and refuse are numbers of seconds.")
    if not isinstance(rule.certificate, (str, type(None))) or not isinstance(rule.applied, bool):
        raise ValueError("A fault's certificate is the path of a file, and applied is true or false.")
    if not isinstance(rule.headers, dict):
        raise ValueError("A fault's headers are an object of names and values.")
    rule.headers = {str(name): str(value) for name, value in rule.headers.items()}
    if not (rule.answers or rule.headers or rule.size or rule.delay or rule.cut or rule.follows):
        raise ValueError(
            "A fault needs a status, a body, headers, a size, a delay, a cut, a time to refuse or a certificate."
        )
    try:
        re.compile(rule.path)
    except (re.error, TypeError) as error:
        raise ValueError(f"A fault's path is a regular expression: {error}.") from None
    return rule


class Faults:
    """The rules in force, in the order they were given; the first that is due hits."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def due(self, system: str, method: str, target: str) -> Rule | None:
        """The rule that hits this request, if any. ``target`` is the raw path and query."""
        for rule in self.rules:
            if rule.system not in (None, system) or (rule.method or method).upper() != method:
                continue
            if rule.path and not re.search(rule.path, target):
                continue
            rule.seen += 1
            if rule.seen <= rule.skip or (rule.times is not None and rule.hits >= rule.times):
                continue
            rule.hits += 1
            return rule
        return None
