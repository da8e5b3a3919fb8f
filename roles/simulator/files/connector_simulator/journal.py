# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was asked, in order: the simulator's memory of every vendor request."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

KEPT = 50_000


@dataclass
class Entry:
    """One vendor request.

    ``path`` (without the system's prefix) and ``query`` are raw, ``params`` decoded; ``time`` is in seconds since the
    epoch. ``status`` is None where the connection was cut instead of answered. ``write`` says that the request could
    have changed something, ``applied`` that it did (a VOSS request that runs as a transaction: once that has finished),
    ``refused`` why it was outside what the vendor documents, ``fault`` what was done to it on purpose.
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
    """The last 50,000 vendor requests, numbered from 1 since the start, a reset or the last emptying."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0

    def record(self, **facts: Any) -> Entry:
        """Note a request as it arrives; the entry is completed while it is answered."""
        self._count += 1
        entry = Entry(n=self._count, **facts)
        self._entries.append(entry)
        return entry

    def entries(self, system: str | None = None) -> Iterable[Entry]:
        """The requests in their order, of one system or of all."""
        return [entry for entry in self._entries if system is None or entry.system == system]

    def clear(self) -> None:
        """Forget everything and number from 1 again."""
        self._entries.clear()
        self._count = 0
