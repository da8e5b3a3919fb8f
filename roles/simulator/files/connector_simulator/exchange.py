# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Represent requests and responses independently of the web framework."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_simulator.journal import Entry


@dataclass
class Call:
    """A request to the API of a simulated system.

    The checks set ``arguments``, ``parameters`` and ``content``. Authentication sets ``user``.

    :param path: raw path, percent-encoded, without the prefix of the system.
    :param query: raw query string, percent-encoded.
    :param origin: scheme, host and port that the client used.
    :param prefix: path of the system below ``origin``.
    :param quirks: quirks that are enabled for this request, by name.
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
        """Return the value of a quirk, or an empty string if the quirk is disabled."""
        return self.quirks.get(name, "")

    def parameter(self, name: str) -> str | None:
        """Return the first value of a query parameter, or None if the parameter is missing."""
        values = self.parameters.get(name)
        return values[0] if values else None

    def applied(self) -> None:
        """Record in the journal that this request has changed the state."""
        self.entry.applied = True


@dataclass
class Response:
    """A response to a client. The web server may compress ``body``."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


class ApiError(Exception):
    """An error response. Each system returns ``message`` and ``code`` in the format of its vendor."""

    def __init__(self, status: int, message: str, *, code: Any = None, headers: dict[str, str] | None = None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}


class UndocumentedRequest(ApiError):
    """An error response to a request that the vendor does not document. The journal records the message."""


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a response with a JSON body."""
    return Response(status, json.dumps(value, separators=(",", ":")).encode(), headers=dict(headers or {}))


def text_response(text: str, status: int = 200, content_type: str = "text/plain") -> Response:
    """Return a text response encoded in UTF-8."""
    return Response(status, text.encode(), f"{content_type}; charset=utf-8")
