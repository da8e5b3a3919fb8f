# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record all requests to the four systems in a journal."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

MAXIMUM_ENTRIES = 50_000


@dataclass
class Entry:
    """A request in the journal.

    :param path: raw path without the prefix of the system.
    :param query: raw query string. ``params`` contains its decoded values.
    :param time: time of the request, in seconds since the epoch.
    :param status: status of the response, or None if a fault reset the connection or sent raw bytes.
    :param write: whether the request can change the state.
    :param applied: whether the request changed the state. For a VOSS transaction, it is set when the transaction ends.
    :param refused: reason why the request was rejected as undocumented, or None.
    :param fault: effects of the fault that applied to the request, or None.
    """

    n: int
    system: str
    method: str
    path: str
    query: str
    params: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    connection: int
    time: float = field(default_factory=time.time)
    status: int | None = None
    write: bool = False
    applied: bool = False
    refused: str | None = None
    fault: str | None = None


class Journal:
    """The last 50,000 requests. Request numbers restart at 1 after a reset or when the journal is cleared."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=MAXIMUM_ENTRIES)
        self._count = 0

    def record(self, **facts: Any) -> Entry:
        """Add a request and return its entry. The caller completes the entry when the response is known."""
        self._count += 1
        entry = Entry(n=self._count, **facts)
        self._entries.append(entry)
        return entry

    def entries(self, system: str | None = None) -> Iterable[Entry]:
        """Return the requests to one system or to all systems, oldest first."""
        if system is None:
            return list(self._entries)
        return [entry for entry in self._entries if entry.system == system]

    def clear(self) -> None:
        """Remove all requests and restart the numbering at 1."""
        self._entries.clear()
        self._count = 0
