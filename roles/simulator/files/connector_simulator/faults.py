# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures on request: canned responses, delays, cut connections and broken HTTP, by rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_simulator import quirks

SYSTEMS = ("apono", "hdp", "voss", "webex")
CUTS = ("before", "after", "body")
ENDLESS = ("continue", "headers", "chunks", "line", "trailers")
ENCODINGS = ("gzip", "deflate")
_KEYS = {
    *("system", "method", "path", "skip", "times"),
    *("status", "headers", "body", "raw", "applied", "late", "quirks"),
    *("size", "encodings", "delay", "trickle", "endless", "cut", "refuse", "certificate"),
}


@dataclass
class Rule:
    """One fault.

    The rule concerns the requests of ``system`` and ``method`` (None: any) in whose raw ``path?query`` the regular
    expression ``path`` is found. The first ``skip`` of them pass, the next ``times`` (None: all others) are hit.

    Which response:

    * ``status`` or ``body`` replace the response of the service, and ``raw`` replaces all bytes of it. The service
      handles the request only if the rule is ``applied``, or ``late`` seconds after the response.
    * ``headers`` are added to the response, spaces make it ``size`` bytes long, and ``encodings`` compress it, one
      after the other.
    * ``quirks`` are misbehaviours of the service for this request alone.

    How the response is sent:

    * ``delay`` waits that many seconds first. ``trickle`` waits that many seconds before each byte.
    * ``endless`` never ends a part of the response.
    * ``cut`` resets the connection ``before`` or ``after`` the request is handled, or in the ``body`` of the response.

    ``refuse`` and ``certificate`` concern the connections that follow. After the response, the simulator closes the
    connection and refuses new ones for that many seconds, or presents the certificate (and key) of that file.
    """

    system: str | None = None
    method: str | None = None
    path: str = ""
    skip: int = 0
    times: int | None = 1
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    raw: str | None = None
    applied: bool = False
    late: float = 0.0
    quirks: dict[str, str] = field(default_factory=dict)
    size: int = 0
    encodings: list[str] = field(default_factory=list)
    delay: float = 0.0
    trickle: float = 0.0
    endless: str | None = None
    cut: str | None = None
    refuse: float = 0.0
    certificate: str | None = None
    seen: int = 0
    hits: int = 0

    @property
    def answers(self) -> bool:
        """Whether the rule replaces the response of the service."""
        return self.status is not None or self.body is not None or self.raw is not None

    @property
    def loses(self) -> bool:
        """Whether the client does not get the response of the service."""
        return self.answers or self.cut == "after"

    @property
    def follows(self) -> bool:
        """Whether the rule concerns the connections that follow."""
        return bool(self.refuse or self.certificate)

    def describe(self) -> str:
        """What the rule does, for the journal."""
        parts = [*self._described_response(), *self._described_sending()]
        if self.refuse:
            parts.append(f"then refuse for {self.refuse:g} s")
        if self.certificate:
            parts.append("then another certificate")
        return ", ".join(parts)

    def _described_response(self) -> list[str]:
        parts = []
        if self.raw is not None:
            parts.append("raw bytes")
        elif self.answers:
            parts.append(f"status {self.status or 200}" + (" once it was applied" if self.applied else ""))
        elif self.headers:
            parts.append("headers " + ", ".join(sorted(self.headers)))
        if self.late:
            parts.append(f"applied {self.late:g} s late")
        if self.quirks:
            parts.append("quirks " + ", ".join(sorted(self.quirks)))
        if self.size:
            parts.append(f"size {self.size}")
        if self.encodings:
            parts.append("encodings " + ", ".join(self.encodings))
        return parts

    def _described_sending(self) -> list[str]:
        parts = []
        if self.delay:
            parts.append(f"delay {self.delay:g} s")
        if self.trickle:
            parts.append(f"trickle {self.trickle:g} s")
        if self.endless:
            parts.append(f"endless {self.endless}")
        if self.cut:
            parts.append(f"cut {self.cut}")
        return parts

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
    for name, words in (("system", SYSTEMS), ("cut", CUTS), ("endless", ENDLESS)):
        if getattr(rule, name) not in (None, *words):
            raise ValueError(f"A fault's {name} is one of {', '.join(words)}.")
    _check_numbers(rule)
    if not isinstance(rule.certificate, (str, type(None))) or not isinstance(rule.applied, bool):
        raise ValueError("A fault's certificate is the path of a file, and applied is true or false.")
    _check_content(rule)
    rule.quirks = quirks.parse(rule.quirks, rule.system)
    _check_meaning(rule)
    return rule


def _check_numbers(rule: Rule) -> None:
    whole_numbers: list[Any] = [rule.skip, rule.times, rule.status, rule.size]
    if any(value is not None and (not isinstance(value, int) or isinstance(value, bool)) for value in whole_numbers):
        raise ValueError("A fault's skip, times, status and size are whole numbers.")
    for seconds in (rule.delay, rule.refuse, rule.trickle, rule.late):
        if not isinstance(seconds, (int, float)) or isinstance(seconds, bool) or not 0 <= seconds < 10**6:
            raise ValueError("A fault's delay, refuse, trickle and late are numbers of seconds.")


def _check_content(rule: Rule) -> None:
    if not isinstance(rule.headers, dict):
        raise ValueError("A fault's headers are an object of names and values.")
    rule.headers = {str(name): str(value) for name, value in rule.headers.items()}
    if any(re.search(r"[\r\n\0]", text) for header in rule.headers.items() for text in header):
        raise ValueError("A fault's headers have no line break; send those as raw.")
    if not isinstance(rule.encodings, list) or not all(name in ENCODINGS for name in rule.encodings):
        raise ValueError(f"A fault's encodings are a list of {', '.join(ENCODINGS)}.")
    if rule.raw is not None and (not isinstance(rule.raw, str) or not _is_latin(rule.raw)):
        raise ValueError("A fault's raw is a string of characters up to U+00FF, one for each byte.")


def _check_meaning(rule: Rule) -> None:
    try:
        re.compile(rule.path)
    except (re.error, TypeError) as error:
        raise ValueError(f"A fault's path is a regular expression: {error}.") from None
    if rule.late and not rule.loses:
        raise ValueError("A fault that is late needs a status, a body, raw, or cut: after.")
    does = (rule.answers, rule.headers, rule.quirks, rule.size, rule.encodings, rule.delay, rule.trickle, rule.endless)
    if not (any(does) or rule.cut or rule.follows):
        raise ValueError(
            "A fault needs a status, a body, raw, headers, quirks, a size, encodings, a delay, trickle, endless, "
            "a cut, a time to refuse or a certificate."
        )


def _is_latin(text: str) -> bool:
    return all(ord(character) < 256 for character in text)


def filled(raw: str, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a ``raw``; ``{name}`` stands for the request header of that name."""
    text = re.sub(r"\{([A-Za-z0-9-]+)\}", lambda found: headers.get(found[1], found[0]), raw)
    return text.encode("latin-1", "replace")


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
