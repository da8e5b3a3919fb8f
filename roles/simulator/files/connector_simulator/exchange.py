# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer, free of any web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_simulator.journal import Entry


@dataclass
class Call:
    """A vendor request on its way through the checks.

    ``path`` and ``query`` are as they came over the wire, still percent-encoded and without the system's prefix.
    ``origin`` is the scheme, host and port that the client used, ``prefix`` the system's path below it.
    ``arguments``, ``parameters`` and ``content`` are filled by the checks, ``user`` by the authentication.
    ``quirks`` are the misbehaviours that are on for this request, by name.
    """

    entry: Entry
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    origin: str
    prefix: str
    user: str = ""
    arguments: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, list[str]] = field(default_factory=dict)
    content: Any = None
    quirks: Mapping[str, str] = field(default_factory=dict)

    def quirk(self, name: str) -> str:
        """The word that a quirk is on with; empty if it is off."""
        return self.quirks.get(name, "")

    def parameter(self, name: str) -> str | None:
        """The single value of a query parameter, or None."""
        values = self.parameters.get(name)
        return values[0] if values else None

    def applied(self) -> None:
        """Note in the journal that this request changed the state."""
        self.entry.applied = True


@dataclass
class Reply:
    """An answer: ``body`` is what goes over the wire before any compression."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


class Problem(Exception):
    """An answer that is not a success, worded by the vendor's error shape.

    ``message`` is the sentence shown, ``code`` the vendor's own code where there is one.
    """

    def __init__(self, status: int, message: str, *, code: Any = None, headers: dict[str, str] | None = None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}


class Misuse(Problem):
    """A request outside what the vendor documents; its message names what is documented and goes into the journal."""


def json_reply(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """An answer in JSON."""
    return Reply(status, json.dumps(value, separators=(",", ":")).encode(), headers=dict(headers or {}))


def text_reply(text: str, status: int = 200, content_type: str = "text/plain") -> Reply:
    """An answer in UTF-8 text."""
    return Reply(status, text.encode(), f"{content_type}; charset=utf-8")
