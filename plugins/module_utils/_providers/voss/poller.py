# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Run work items in parallel, and poll the transactions that their changes start.

The steps of a work item are a generator that yields each change with a transaction, and receives the transaction after
it has ended. Threads are used for requests, but not for waiting. If an error occurs, only the work item in which it
occurs fails.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import math
import threading
import time
import typing as t
import uuid
from collections import defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from ..._client import LONG_WAIT, ApiClient
from ..._errors import ConnectorsError, RequestFailed, TransactionFailed, as_failure
from ..._mappings import by_key
from ..._plan import Item, counted
from . import transactions
from .query import Pairs
from .transactions import CHECK_FIRST, Accepted, Change, PollOptions, Transaction

FIRST_INTERVAL = 0.1
# If a rate limit is set, the poll interval is long enough to send this number of requests without exceeding the limit.
REQUESTS_PER_POLL = 8.0
# If a transaction is missing from more lists than this, the poller polls each transaction separately.
MAX_MISSES = 3
BATCH = 100
WAITING_PER_CONNECTION = 32
SENDING_PER_CONNECTION = 2
# Maximum time in seconds during which a GET request for a new transaction may return 404.
MAX_MISSING_SECONDS = 10.0
# Interval in seconds between messages about slow transactions.
SHOW_INTERVAL = 30.0
LIST_REFUSALS = (400, 403, 404, 405, 422)

Steps = t.Generator[Accepted, Transaction, None]
T = t.TypeVar("T")
# The result of a poll that found the transaction or failed. If the transaction was not found, None is used instead.
Found = t.Union[Transaction, ConnectorsError]
# The next transaction of a work item, the error of the work item, or None if the work item has ended.
Stepped = t.Union[Accepted, ConnectorsError, None]


@dataclasses.dataclass(frozen=True)
class WorkItem:
    """The steps of a work item, and a callback that receives the error if a step fails or is not completed."""

    steps: Steps
    failed: t.Callable[[ConnectorsError], None]


def at_once(function: t.Callable[..., object], *arguments: t.Any) -> Steps:
    """Return the steps of a work item that calls a function and does not start a transaction."""
    function(*arguments)
    yield from ()


def disputed(accepted: Accepted) -> ConnectorsError:
    """Return the error for a change whose transaction the server also returned for a different change."""
    return transactions.unproven(
        accepted.response, f"the same transaction '{accepted.transaction}' for two different changes"
    )


class TransactionPoller:
    """Client that sends the changes of a module run, and polls their transactions until they have ended.

    A single transaction is polled with a GET. Several transactions are polled with one list request for each batch of
    external IDs. If the server does not support this, each transaction is polled with its own GET.

    :ivar place: the query parameter that specifies the node for list requests.
    :ivar together: whether the server supports list requests.
    """

    def __init__(self, http: ApiClient) -> None:
        self.http = http
        self.place: Pairs = ()
        self.together = True
        self._run = uuid.uuid4().hex
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self._transactions: set[str] = set()
        self._doubtful: set[str] = set()

    def submit(self, change: Change) -> Accepted:
        """Send a change. If its response is lost, look up its transaction.

        :raises OutcomeUnknown: the response was lost, and no transaction of the change was found.
        """
        number = next(self._numbers)
        batch = f"{self._run}-{number // BATCH}-"
        change = dataclasses.replace(change, external_id=f"{batch}{number % BATCH}.")
        accepted = transactions.submitted(self.http, change)
        if accepted.transaction and not self._is_first(accepted.transaction):
            # The server returned the transaction of a different change.
            found, _is_conclusive = transactions.looked_up(self.http, change)
            doubtful = dataclasses.replace(accepted, transaction=None, doubt=disputed(accepted))
            accepted = Accepted(found) if found and self._is_first(found) else doubtful
        return dataclasses.replace(accepted, batch=batch, external_id=change.external_id)

    def _is_first(self, identifier: str) -> bool:
        """Register the transaction of a change. Return False if another change of this run has the same transaction."""
        with self._lock:
            if identifier in self._transactions:
                self._doubtful.add(identifier)
                return False
            self._transactions.add(identifier)
            return True

    def is_doubtful(self, accepted: Accepted) -> bool:
        """Return whether the transaction was returned for two different changes and therefore proves neither."""
        return accepted.transaction in self._doubtful

    def run(self, works: t.Iterable[WorkItem], poll_options: PollOptions, parallel: int = 1) -> None:
        """Run work items in parallel. Each work item continues after its current transaction has ended.

        If a transaction times out or cannot be polled, the error is raised in the generator of the work item. Any
        exception that a work item raises is passed to its ``failed`` callback.

        :param parallel: the maximum number of parallel requests.
        """
        _Run(self, works, poll_options, parallel).until_done()

    def run_one(self, steps: Steps, poll_options: PollOptions) -> None:
        """Run one work item; see :meth:`run`.

        :raises ConnectorsError: a step failed or was not completed.
        """
        errors: list[ConnectorsError] = []
        self.run([WorkItem(steps, errors.append)], poll_options)
        if errors:
            raise errors[0]

    def follow(self, identifier: str, poll_options: PollOptions) -> Transaction:
        """Poll a transaction until it has ended, and return it.

        :raises ConnectorsError: the transaction did not end in time, or cannot be polled.
        """
        ended: list[Transaction] = []

        def steps() -> Steps:
            ended.append((yield Accepted(identifier)))

        self.run_one(steps(), poll_options)
        return ended[0]


@dataclasses.dataclass
class _Open:
    """A change with a running transaction.

    :ivar since: the time at which polling of the transaction began.
    :ivar missing_since: the time of the first GET that returned 404; infinity if the last poll did not return 404.
    :ivar missed: the number of list requests that did not return the transaction.
    """

    accepted: Accepted
    since: float
    missing_since: float = math.inf
    missed: int = 0


class _Run:
    """One run of work items. Pool threads send the requests, and the calling thread does everything else.

    Work items are identified by numbers, because the transaction IDs that the server returns may not be unique.
    """

    def __init__(
        self, poller: TransactionPoller, works: t.Iterable[WorkItem], poll_options: PollOptions, parallel: int
    ) -> None:
        self._poller = poller
        self._poll_options = poll_options
        self._unfinished = dict(enumerate(works))
        self._fresh = deque(self._unfinished)
        self._waiting: dict[int, _Open] = {}
        self._events: SimpleQueue[t.Callable[[], None]] = SimpleQueue()
        self._parallel = parallel
        self._most_open = parallel * WAITING_PER_CONNECTION
        self._sending = self._polling = 0
        self._last_poll = 0.0
        self._interval = FIRST_INTERVAL
        self._shown = -SHOW_INTERVAL
        self._pool: ThreadPoolExecutor

    def until_done(self) -> None:
        """Run all work items. If the run stops early, the unfinished work items fail."""
        if not self._unfinished:
            return
        cause = ""
        try:
            with self._poller.http.threads(self._parallel) as self._pool:
                self._loop()
        except Exception as error:  # the caller reports the results of the remaining work items
            cause = as_failure(error).message
        finally:
            message = f"The operation did not finish, and its outcome is unknown. {cause}".strip()
            for work in self._unfinished.values():
                work.failed(ConnectorsError(message, reason="outcome_unknown"))

    def _loop(self) -> None:
        while self._unfinished:
            for _number in range(self._startable()):
                self._continue(self._fresh.popleft())
            try:
                event = self._events.get(timeout=self._next_poll())
            except Empty:
                self._poll()
            else:
                event()

    def _startable(self) -> int:
        """Return the number of work items that may be started now."""
        may_send = self._parallel * SENDING_PER_CONNECTION - self._sending
        may_open = self._most_open - self._sending - len(self._waiting)
        return min(len(self._fresh), may_send, may_open)

    def _in_pool(self, then: t.Callable[[T], None], function: t.Callable[..., T], *arguments: t.Any) -> None:
        """Call a function in the thread pool, then call ``then`` with its result in the calling thread."""
        future = self._pool.submit(function, *arguments)
        future.add_done_callback(lambda done: self._events.put(lambda: then(done.result())))

    def _continue(self, number: int, external_id: str = "", found: Found | None = None) -> None:
        self._sending += 1
        self._in_pool(lambda stepped: self._stepped(number, stepped), self._step, number, external_id, found)

    def _step(self, number: int, external_id: str, found: Found | None) -> Stepped:
        """Run a work item until it starts its next transaction, ends or fails."""
        steps = self._unfinished[number].steps
        try:
            if found is None:
                return next(steps)
            if isinstance(found, dict):
                return steps.send(self._with_reason(found, external_id))
            return steps.throw(found)
        except StopIteration:
            return None
        except Exception as error:
            return as_failure(error)

    def _with_reason(self, found: Transaction, external_id: str) -> Transaction:
        """Reread a failed transaction that was found in a list, because lists do not contain error messages.

        If the second response does not show the failure, it may be out of date. The transaction has failed anyway.
        """
        if found["whole"] or found["state"] != "failed":
            return found
        try:
            reread = transactions.transaction(self._poller.http, found["id"], external_id) or found
        except ConnectorsError:
            return found
        return reread if reread["state"] == "failed" else found

    def _stepped(self, number: int, stepped: Stepped) -> None:
        self._sending -= 1
        if isinstance(stepped, Accepted):
            now = time.monotonic()
            if not self._waiting:
                self._last_poll, self._interval = now, FIRST_INTERVAL
            self._waiting[number] = _Open(stepped, now)
            return
        work = self._unfinished.pop(number)
        if stepped:
            work.failed(stepped)

    def _next_poll(self) -> float | None:
        """Return the seconds until the next poll, or None if a poll is in progress or no transaction is running.

        The first intervals are shorter than ``poll_options.interval``, unless there are other work items to start and
        enough capacity for them.
        """
        if self._polling or not self._waiting:
            return None
        interval = self._poll_options.interval
        if not self._fresh or len(self._waiting) * 2 >= self._most_open:
            interval = min(interval, max(self._interval, self._least_interval()))
        oldest = next(iter(self._waiting.values()))
        return max(0.0, min(self._last_poll + interval, oldest.since + self._poll_options.timeout) - time.monotonic())

    def _least_interval(self) -> float:
        """Return the minimum interval between polls at which polling uses only part of the rate limit."""
        rate = self._poller.http.settings.requests_per_second
        if not rate or len(self._waiting) < 2:
            return 0.0
        return REQUESTS_PER_POLL / rate

    def _poll(self) -> None:
        """Poll all running transactions, with one list request per batch or one request per transaction."""
        self._interval *= 2
        self._show_long_wait()
        together = self._poller.together and len(self._waiting) > 1
        batches: dict[str, dict[int, Accepted]] = defaultdict(dict)
        for number, opened in self._waiting.items():
            batches[opened.accepted.batch if together else str(number)][number] = opened.accepted
        self._polling = len(batches)
        for batch, awaited in batches.items():
            then = functools.partial(self._polled, together)
            self._in_pool(then, self._found, batch if together else None, awaited)

    def _show_long_wait(self) -> None:
        """Display the number of running transactions at regular intervals during a long wait."""
        now = time.monotonic()
        since = next(iter(self._waiting.values())).since
        if now <= max(since + LONG_WAIT, self._shown + SHOW_INTERVAL):
            return
        self._shown = now
        number = len(self._waiting)
        running = counted(number, "transaction")
        self._poller.http.show(f"VOSS Automate is still running {running} after {now - since:.0f} s.")

    def _found(self, batch: str | None, awaited: t.Mapping[int, Accepted]) -> dict[int, Found | None]:
        """Poll a batch of transactions with one list request, or poll a single transaction.

        :returns: the result for each transaction; None if it was not found. The dictionary is empty if the server
            rejects the list request.
        """
        http = self._poller.http
        try:
            if batch is None:
                ((number, accepted),) = awaited.items()
                return {number: transactions.transaction(http, str(accepted.transaction), accepted.external_id)}
            _response, items = transactions.listed(http, self._poller.place, batch, limit=2 * BATCH)
            listed = by_key(items, "pkid")
            return {number: self._listed(accepted, listed) for number, accepted in awaited.items()}
        except Exception as error:
            failure = as_failure(error)
            if batch and isinstance(failure, RequestFailed) and failure.failure.status in LIST_REFUSALS:
                return {}
            return dict.fromkeys(awaited, failure)

    def _listed(self, accepted: Accepted, listed: t.Mapping[str, Item]) -> Found | None:
        """Find the transaction of a change in a list.

        :returns: None if the list does not contain the transaction; an error if it belongs to another change.
        """
        item = listed.get(str(accepted.transaction))
        if item is None:
            return None
        if transactions.external_id_of(item) in (None, "", accepted.external_id):
            return transactions.summary(self._poller.http, item)
        return ConnectorsError(
            f"VOSS Automate returned the transaction {accepted.transaction} for the change, but this transaction"
            f" belongs to another change. {CHECK_FIRST}",
            reason="invalid_response",
        )

    def _polled(self, together: bool, polled: t.Mapping[int, Found | None]) -> None:
        """Continue each work item whose transaction has ended, has timed out or cannot be polled."""
        self._polling -= 1
        self._last_poll = time.monotonic()
        if not polled:
            self._poller.together = False
        for number, found in polled.items():
            opened = self._waiting[number]
            if together:
                opened.missing_since = math.inf
                opened.missed += found is None
                if opened.missed > MAX_MISSES:
                    self._poller.together = False
            else:
                opened.missing_since = math.inf if found else min(opened.missing_since, self._last_poll)
            if isinstance(found, dict) and found["state"] != "running":
                self._interval = FIRST_INTERVAL
            elif not isinstance(found, ConnectorsError):
                found = self._timed_out(opened, found)
            if found:
                del self._waiting[number]
                self._continue(number, opened.accepted.external_id, found)

    def _timed_out(self, opened: _Open, found: Transaction | None) -> TransactionFailed | None:
        """Return the error for a transaction that was not found or timed out, or None if polling continues."""
        identifier, timeout = opened.accepted.transaction, self._poll_options.timeout
        if self._last_poll < min(opened.since + timeout, opened.missing_since + MAX_MISSING_SECONDS):
            return None
        if opened.missing_since <= self._last_poll:
            return TransactionFailed(
                f"VOSS Automate returned 404 for the transaction {identifier}, which it had accepted. {CHECK_FIRST}",
                reason="outcome_unknown",
            )
        cause, details = "the list of transactions does not contain it", None
        if found:
            cause, details = f"its status is '{found['status']}'", transactions.as_result(found)
        return TransactionFailed(
            f"The transaction {identifier} did not end within {timeout:g} s ('wait_timeout'): {cause}. The"
            " transaction may"
            " still be running. Check the transaction with the module voss_transaction_info before you run the task"
            " again.",
            {"transaction": details},
            reason="timeout",
        )
