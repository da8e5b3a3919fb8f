# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every write operation as a transaction. An asynchronous transaction ends after a configurable number of polls.

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
    """The operation that a transaction runs.

    :param apply: function that runs the operation. It returns the pkid of the affected object and whether the state
        changed, or raises Failure.
    :param names_result: whether the object exists afterwards.
    :param external: correlation identifiers from the client, ``id`` and ``reference``.
    :param rolled_back: whether ``apply`` undoes its changes.
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
    """A transaction, its status and its result.

    :param pkid: pkid of the object that the transaction created, changed or deleted.
    :param succeeded: None while the transaction is running.
    :param polls: number of polls so far.
    :param lists_missed: number of list responses that did not contain the transaction yet.
    """

    work: Work
    entry: Entry
    number: int
    pkid: str | None = None
    succeeded: bool | None = None
    message: str = ""
    polls: int = 0
    lists_missed: int = 0
    completed: str | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    submitted: str = field(default_factory=lambda: timestamp(0))
    created: float = field(default_factory=time.monotonic)

    def finish(self) -> None:
        """Run the operation of the transaction, and record its result."""
        try:
            self.pkid, changed = self.work.apply()
            self.entry.applied = self.entry.applied or changed
            self.succeeded = True
        except Failure as failure:
            self.succeeded = False
            self.message = str(failure)
        self.completed = timestamp(0)


class Transactions:
    """All transactions of the simulator, oldest first."""

    def __init__(self, settings: Mapping[str, Any]):
        self._settings = settings
        self._by_id: dict[str, Transaction] = {}
        self._running: dict[str, Transaction] = {}

    def submit(self, work: Work, entry: Entry, wait: bool) -> Transaction:
        """Start a transaction.

        :param wait: whether the transaction ends at once. Otherwise, it ends after a number of polls.
        """
        transaction = Transaction(work, entry, number=len(self._by_id) + 20001)
        self._by_id[transaction.id] = transaction
        if wait or self._settings["polls"] == 0:
            transaction.finish()
        else:
            self._running[transaction.id] = transaction
        return transaction

    @property
    def first(self) -> Transaction | None:
        """Return the first transaction, or None if there are no transactions."""
        return next(iter(self._by_id.values()), None)

    def settle(self) -> None:
        """End the transactions that have been running longer than the setting ``settle`` permits."""
        seconds = self._settings["settle"]
        if seconds is None:
            return
        for transaction in list(self._running.values()):
            if time.monotonic() - transaction.created >= seconds:
                self._finish(transaction)

    def find(self, transaction_id: str) -> Transaction | None:
        """Return a transaction, or None if it does not exist. This does not count as a poll."""
        return self._by_id.get(transaction_id)

    def poll(self, transaction: Transaction) -> None:
        """Count a poll of a running transaction, and end the transaction after the configured number of polls."""
        if transaction.id not in self._running:
            return
        if transaction.polls >= self._settings["polls"]:
            self._finish(transaction)
        else:
            transaction.polls += 1

    def visible(self, desired: Callable[[Transaction], bool]) -> list[Transaction]:
        """Return the transactions for a list, newest first. This counts as one poll of each returned transaction."""
        shown = []
        for transaction in reversed(list(self._by_id.values())):
            if not desired(transaction):
                continue
            if transaction.lists_missed < self._settings["transaction_visible_after"]:
                transaction.lists_missed += 1
                continue
            shown.append(transaction)
        for transaction in shown:
            self.poll(transaction)
        return shown

    def status(self, transaction: Transaction) -> str:
        """Return the status of a transaction as shown in responses."""
        if transaction.succeeded is None:
            return "Queued" if transaction.polls <= 1 else "In Progress"
        return str(self._settings["success_word" if transaction.succeeded else "fail_word"])

    def _finish(self, transaction: Transaction) -> None:
        del self._running[transaction.id]
        transaction.finish()
