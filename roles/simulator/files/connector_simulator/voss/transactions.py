# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Transactions: every write is one. One that is not waited for finishes after it has been looked at a few times.

Source: the vendor's pages on asynchronous writes, correlation identifiers, polling and replay.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector_simulator.journal import Entry
from connector_simulator.voss.hierarchy import Node
from connector_simulator.voss.store import Failure, timestamp

Apply = Callable[[], tuple[str, bool]]


@dataclass(frozen=True)
class Work:
    """What a transaction does.

    ``apply`` returns the pkid of its object and whether anything changed, or raises Failure. ``names_result`` says
    whether the object is there afterwards, ``external`` holds the caller's own ``id`` and ``reference``.
    ``rolled_back`` says that ``apply`` undoes what it did.
    """

    action: str
    node: Node
    username: str
    apply: Apply
    names_result: bool = True
    external: Mapping[str, str] = field(default_factory=dict)
    rolled_back: bool = False


@dataclass
class Transaction:
    """One transaction. ``succeeded`` is None while it runs; ``pkid`` is the object it made or changed."""

    work: Work
    entry: Entry
    number: int
    pkid: str | None = None
    succeeded: bool | None = None
    message: str = ""
    looks: int = 0
    lists_missed: int = 0
    completed: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    submitted: str = field(default_factory=lambda: timestamp(0))
    born: float = field(default_factory=time.monotonic)

    def finish(self) -> None:
        """Do the work, now."""
        try:
            self.pkid, changed = self.work.apply()
            self.entry.applied = self.entry.applied or changed
            self.succeeded = True
        except Failure as failure:
            self.succeeded = False
            self.message = str(failure)
        self.completed = timestamp(0)


class Transactions:
    """All transactions, in the order they were submitted."""

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings
        self._by_id: dict[str, Transaction] = {}
        self._running: dict[str, Transaction] = {}

    def submit(self, work: Work, entry: Entry, wait: bool) -> Transaction:
        """Take in some work: done at once with ``wait``, otherwise after the looks that the settings ask for."""
        transaction = Transaction(work, entry, number=len(self._by_id) + 20001)
        self._by_id[transaction.id] = transaction
        if wait or self._settings["looks"] == 0:
            transaction.finish()
        else:
            self._running[transaction.id] = transaction
        return transaction

    @property
    def first(self) -> Transaction | None:
        """The first transaction of all."""
        return next(iter(self._by_id.values()), None)

    def settle(self) -> None:
        """Finish what has been running for as long as the settings allow."""
        seconds = self._settings["settle"]
        if seconds is None:
            return
        for transaction in list(self._running.values()):
            if time.monotonic() - transaction.born >= seconds:
                self._finish(transaction)

    def find(self, transaction_id: str) -> Transaction | None:
        """The transaction of an id, without looking at it."""
        return self._by_id.get(transaction_id)

    def look(self, transaction: Transaction) -> None:
        """Let a running transaction get on: it is finished once it has been looked at often enough."""
        if transaction.id not in self._running:
            return
        if transaction.looks >= self._settings["looks"]:
            self._finish(transaction)
        else:
            transaction.looks += 1

    def visible(self, wanted: Callable[[Transaction], bool]) -> list[Transaction]:
        """The wanted transactions as a list shows them, newest first; each is looked at."""
        shown = []
        for transaction in reversed(list(self._by_id.values())):
            if not wanted(transaction):
                continue
            if transaction.lists_missed < self._settings["transaction_visible_after"]:
                transaction.lists_missed += 1
                continue
            shown.append(transaction)
        for transaction in shown:
            self.look(transaction)
        return shown

    def status(self, transaction: Transaction) -> str:
        """The status in the service's words."""
        if transaction.succeeded is None:
            return "Queued" if transaction.looks <= 1 else "In Progress"
        return str(self._settings["success_word" if transaction.succeeded else "fail_word"])

    def _finish(self, transaction: Transaction) -> None:
        del self._running[transaction.id]
        transaction.finish()
