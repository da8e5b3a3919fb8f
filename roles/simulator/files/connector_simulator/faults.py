# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define faults: rules that delay, replace, corrupt or truncate responses.

``KEYS`` is part of REFERENCE.md, which :mod:`connector_simulator.reference` generates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_simulator import quirks

CUTS = ("before", "after", "body")
ENDLESS = ("continue", "headers", "chunks", "line", "trailers")
ENCODINGS = ("gzip", "deflate")
KEYS = {
    "system": "System of the requests. Default: all systems.",
    "method": "HTTP method of the requests. Default: all methods.",
    "path": "Regular expression that must match a part of the raw path and query.",
    "skip": "Number of matching requests that are not affected. Default: 0.",
    "times": "Number of requests that are affected after the skipped requests. Default: 1. `null`: all requests.",
    "status": "HTTP status that replaces the response. The service handles the request only if `applied` or `late` "
    "is set.",
    "body": "String or JSON value that replaces the body of the response. See `status`.",
    "headers": "Headers that are added verbatim to the response.",
    "raw": "String that is sent instead of a response, one byte for each character, before the connection is closed. "
    "`{authorization}` is replaced with this header of the request, and `{NAME}` with any other header.",
    "applied": "Whether the service handles a request whose response is replaced.",
    "late": "Number of seconds between the response and the handling of the request by the service. Requires `status`, "
    "`body`, `raw`, or `cut` with the value `after`.",
    "quirks": 'Quirks that are enabled only for these requests, for example `{"unproven": "lost"}`.',
    "size": "Number of bytes to which the response is extended with spaces.",
    "encodings": "List of `gzip` and `deflate`. The response is compressed with each of them, even if the client does "
    "not accept it. With `size`, a small response unpacks to a large one.",
    "delay": "Number of seconds to wait before the request is handled.",
    "trickle": "Number of seconds between two bytes of the response or of `raw`.",
    "endless": "Part of the response that never ends: `continue` (responses with status 100), `headers`, `chunks`, "
    "`line` (the size of a chunk) or `trailers`. Stops after `size` bytes (default: 64 MiB) or 10 minutes.",
    "cut": "When the connection is reset: `before` or `after` the request is handled, or in the `body` of the "
    "response.",
    "refuse": "Number of seconds for which new connections are refused after the response.",
    "certificate": "Path of a file with the certificate and key that new connections use after the response. "
    "Requires HTTPS.",
}


@dataclass
class Rule:
    """A rule that causes a fault. ``KEYS`` describes its keys.

    :param seen: number of matching requests so far.
    :param hits: number of affected requests so far.
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
    def replaces(self) -> bool:
        """Return whether the rule replaces the response of the service."""
        return self.status is not None or self.body is not None or self.raw is not None

    @property
    def loses(self) -> bool:
        """Return whether the rule prevents the response of the service from reaching the client."""
        return self.replaces or self.cut == "after"

    @property
    def follows(self) -> bool:
        """Return whether the rule affects subsequent connections."""
        return bool(self.refuse or self.certificate)

    def describe(self) -> str:
        """Describe the effects of the rule for the journal."""
        parts = [*self._response_effects(), *self._sending_effects()]
        if self.refuse:
            parts.append(f"then refuse for {self.refuse:g} s")
        if self.certificate:
            parts.append("then another certificate")
        return ", ".join(parts)

    def _response_effects(self) -> list[str]:
        parts = []
        if self.raw is not None:
            parts.append("raw bytes")
        elif self.replaces:
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

    def _sending_effects(self) -> list[str]:
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
        """Return the rule in the format of the control interface."""
        return dict(vars(self))


def parse_rule(given: Any) -> Rule:
    """Create a rule from a JSON object.

    :raises ValueError: the object is not a valid rule.
    """
    if not isinstance(given, dict):
        raise ValueError("A fault must be an object.")
    unknown = sorted(set(given) - set(KEYS))
    if unknown:
        raise ValueError(f"Unknown key in a fault: {', '.join(unknown)}. Valid keys: {', '.join(sorted(KEYS))}.")
    rule = Rule(**given)
    for name, values in (("system", quirks.ALL_SYSTEMS), ("cut", CUTS), ("endless", ENDLESS)):
        if getattr(rule, name) not in (None, *values):
            raise ValueError(f"{name} in a fault must be one of {', '.join(values)}.")
    _check_numbers(rule)
    if not isinstance(rule.certificate, (str, type(None))) or not isinstance(rule.applied, bool):
        raise ValueError("certificate in a fault must be the path of a file, and applied must be true or false.")
    _check_headers(rule)
    _check_encodings(rule)
    if rule.raw is not None and not _is_latin(rule.raw):
        raise ValueError("raw in a fault must be a string of characters up to U+00FF, one for each byte.")
    rule.quirks = quirks.parse(rule.quirks, rule.system)
    _check_meaning(rule)
    return rule


def _check_numbers(rule: Rule) -> None:
    whole_numbers: list[Any] = [rule.skip, rule.times, rule.status, rule.size]
    if not all(value is None or _is_number(value, int) for value in whole_numbers):
        raise ValueError("skip, times, status and size in a fault must be whole numbers.")
    for seconds in (rule.delay, rule.refuse, rule.trickle, rule.late):
        if not _is_number(seconds, (int, float)) or not 0 <= seconds < 10**6:
            raise ValueError("delay, refuse, trickle and late in a fault must be numbers of seconds.")


def _is_number(value: Any, types: type | tuple[type, ...]) -> bool:
    return isinstance(value, types) and not isinstance(value, bool)


def _check_headers(rule: Rule) -> None:
    if not isinstance(rule.headers, dict):
        raise ValueError("headers in a fault must be an object of names and values.")
    rule.headers = {str(name): str(value) for name, value in rule.headers.items()}
    for text in (*rule.headers, *rule.headers.values()):
        if re.search(r"[\r\n\0]", text):
            raise ValueError("headers in a fault must not have line breaks. Use raw to send them.")


def _check_encodings(rule: Rule) -> None:
    if not isinstance(rule.encodings, list) or not all(name in ENCODINGS for name in rule.encodings):
        raise ValueError(f"encodings in a fault must be a list of {', '.join(ENCODINGS)}.")


def _is_latin(text: Any) -> bool:
    return isinstance(text, str) and all(ord(character) < 256 for character in text)


def _check_meaning(rule: Rule) -> None:
    try:
        re.compile(rule.path)
    except (re.error, TypeError) as error:
        raise ValueError(f"path in a fault must be a regular expression: {error}.") from None
    if rule.late and not rule.loses:
        raise ValueError("late in a fault requires status, body, raw, or cut with the value after.")
    effects = (
        *(rule.replaces, rule.headers, rule.quirks, rule.size, rule.encodings, rule.delay, rule.trickle),
        *(rule.endless, rule.cut, rule.follows),
    )
    if not any(effects):
        raise ValueError(
            "A fault requires at least one of status, body, raw, headers, quirks, size, encodings, delay, trickle, "
            "endless, cut, refuse and certificate."
        )


def filled(raw: str, headers: Mapping[str, str]) -> bytes:
    """Replace each ``{name}`` in ``raw`` with the request header of that name, and encode the result."""
    text = re.sub(r"\{([A-Za-z0-9-]+)\}", lambda found: headers.get(found[1], found[0]), raw)
    return text.encode("latin-1", "replace")


class Faults:
    """The fault rules in order of creation. For each request, only the first applicable rule is used."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def due(self, system: str, method: str, target: str) -> Rule | None:
        """Return the rule that applies to a request, or None if there is none. Update the request counts of the rules.

        :param target: raw path and query.
        """
        for rule in self.rules:
            if not _matches(rule, system, method, target):
                continue
            rule.seen += 1
            if rule.seen <= rule.skip or (rule.times is not None and rule.hits >= rule.times):
                continue
            rule.hits += 1
            return rule
        return None


def _matches(rule: Rule, system: str, method: str, target: str) -> bool:
    if rule.system not in (None, system) or (rule.method or method).upper() != method:
        return False
    return not rule.path or re.search(rule.path, target) is not None
