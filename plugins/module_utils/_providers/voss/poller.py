# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Work on many customers at once that waits for the transactions of its changes.

A piece of work is a generator: it yields each change that it has to wait for, and is sent how that ended. So only
requests are ever under way at once, and not a thread for each transaction. Whatever goes wrong with one piece of work
is reported to it and stops no other.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import threading
import time
import traceback
import typing as t
import uuid
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from ansible_collections.hybrid.connectors.plugins.module_utils._client import LONG_WAIT, ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.query import Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import (
    CHECK_FIRST,
    Accepted,
    Change,
    PollOptions,
    Transaction,
    external_id_of,
    looked_up,
    shown,
    submitted,
    summary,
    transaction,
    unproven,
    with_external_id,
)

FIRST_LOOK = 0.1
LOOK_SHARE = 8.0
MISSES = 3
BATCH = 100  # with what may come beside them, a page that every server gives
WAITING_PER_CONNECTION = 32
SENDING_PER_CONNECTION = 2
GRACE = 10.0
# Seconds between two messages about transactions that take long.
SHOW_INTERVAL = 30.0
LIST_REFUSALS = (400, 403, 404, 405, 422)

Steps = t.Generator[Accepted, Transaction, None]
T = t.TypeVar("T")
Found = t.Union[Transaction, ConnectorsError, None]


@dataclasses.dataclass(frozen=True)
class WorkItem:
    """A piece of work, and what is called with the error if it fails or is never finished."""

    steps: Steps
    failed: t.Callable[[ConnectorsError], None]


def at_once(function: t.Callable[..., object], *arguments: t.Any) -> Steps:
    """The steps of work that waits for no change: one call of a function."""
    function(*arguments)
    yield from ()


def as_failure(error: Exception) -> ConnectorsError:
    """An error as one that can be reported. What nobody expected names its type and place, and none of its data."""
    if isinstance(error, ConnectorsError):
        return error
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return ConnectorsError(
        f"A response or an option cannot be processed ({type(error).__name__}{place}). Report this as a defect.",
        reason="invalid_response",
    )


def disputed(accepted: Accepted) -> ConnectorsError:
    """The failure of a change whose transaction is also that of another change."""
    return unproven(accepted.response, f"'{accepted.transaction}' as the transaction of two different changes")


def attempt(failed: t.Callable[[ConnectorsError], None], function: t.Callable[..., object], *arguments: t.Any) -> None:
    """Call a function for one item of many, whose failure stops no other, whatever it is."""
    try:
        function(*arguments)
    except Exception as error:
        failed(as_failure(error))


class TransactionPoller:
    """The changes of one run: sent once each, and looked at until they have ended.

    One transaction is looked at by itself. Several are looked at together, with one request for all whose external
    ids begin alike; where a server cannot do that, each by itself.
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
        """Send a change once, whatever becomes of its response.

        :raises OutcomeUnknown: the response was lost, and the server shows no transaction of the change.
        """
        number = next(self._numbers)
        batch = f"{self._run}-{number // BATCH}-"
        change = dataclasses.replace(change, external_id=f"{batch}{number % BATCH}.")
        accepted = submitted(self.http, change)
        if accepted.transaction and not self._is_first(accepted.transaction):
            accepted = self._without_dispute(change, accepted)
        return dataclasses.replace(accepted, batch=batch, external_id=change.external_id)

    def _is_first(self, identifier: str) -> bool:
        """Whether no other change of this run has this transaction; from now on, one has."""
        with self._lock:
            if identifier in self._transactions:
                self._doubtful.add(identifier)
                return False
            self._transactions.add(identifier)
            return True

    def _without_dispute(self, change: Change, accepted: Accepted) -> Accepted:
        """What is known of a change that was accepted as the transaction of another one."""
        found, _could_tell = looked_up(self.http, change)
        if found and found != accepted.transaction and self._is_first(found):
            return Accepted(found)
        return dataclasses.replace(accepted, transaction=None, doubt=disputed(accepted))

    def is_doubtful(self, accepted: Accepted) -> bool:
        """Whether the transaction of a change is also that of another one, so that it proves neither."""
        return accepted.transaction in self._doubtful

    def run(self, works: t.Iterable[WorkItem], poll_options: PollOptions, parallel: int = 1) -> None:
        """Do pieces of work, each up to the change that it waits for, and on when that has ended.

        A change that does not end in time, or cannot be looked at, is raised in the work that waits for it. What a
        piece of work raises, whatever it is, is its failure. So is that it is never finished.

        :param parallel: how many requests are under way at once.
        """
        _Run(self, works, poll_options, parallel).until_done()

    def follow(self, identifier: str, poll_options: PollOptions) -> Transaction:
        """How a transaction ended.

        :raises ConnectorsError: it did not end in time, or cannot be looked at.
        """
        ended: list[Transaction] = []
        errors: list[ConnectorsError] = []

        def steps() -> Steps:
            ended.append((yield Accepted(identifier)))

        self.run([WorkItem(steps(), errors.append)], poll_options)
        if errors:
            raise errors[0]
        return ended[0]


@dataclasses.dataclass
class _Open:
    """A piece of work that waits: since when, and since when its transaction is not to be found. Seconds."""

    accepted: Accepted
    since: float
    missing_since: float | None = None
    missed: int = 0


@dataclasses.dataclass(frozen=True)
class _Stepped:
    """What a piece of work came to: it waits for a change, it failed, or it is done."""

    accepted: Accepted | None = None
    error: ConnectorsError | None = None


class _Run:
    """Pieces of work in the hands of a pool of threads. All but the requests happens in the thread that made it.

    Each piece of work is known by a number of our own. What a server calls its transactions keys nothing.
    """

    def __init__(
        self, watch: TransactionPoller, works: t.Iterable[WorkItem], poll_options: PollOptions, parallel: int
    ) -> None:
        self._watch = watch
        self._poll_options = poll_options
        self._unfinished = dict(enumerate(works))
        self._fresh = deque(self._unfinished)
        self._waiting: dict[int, _Open] = {}
        self._events: SimpleQueue[t.Callable[[], None]] = SimpleQueue()
        self._parallel = parallel
        self._most_sending = parallel * SENDING_PER_CONNECTION
        self._most_open = parallel * WAITING_PER_CONNECTION
        self._sending = self._looking = 0
        self._looked = 0.0
        self._pause = FIRST_LOOK
        self._shown = -SHOW_INTERVAL
        self._pool: ThreadPoolExecutor

    def until_done(self) -> None:
        """Do all work. What is left over in the end, whatever ended it, has failed."""
        if not self._unfinished:
            return
        cause = ""
        try:
            with self._watch.http.threads(self._parallel) as self._pool:
                self._loop()
        except Exception as error:  # of the run itself: what was done so far is still reported
            cause = as_failure(error).message
        finally:
            for work in self._unfinished.values():
                work.failed(
                    ConnectorsError(
                        f"The work on it was not finished. What of it was done is not known. {cause}".strip(),
                        reason="outcome_unknown",
                    )
                )

    def _loop(self) -> None:
        while self._fresh or self._sending or self._waiting:
            while (
                self._fresh
                and self._sending < self._most_sending
                and self._sending + len(self._waiting) < self._most_open
            ):
                self._go_on(self._fresh.popleft(), None, None)
            try:
                event = self._events.get(timeout=self._next_look())
            except Empty:
                self._poll()
            else:
                event()

    def _in_pool(self, function: t.Callable[..., T], arguments: tuple[t.Any, ...], then: t.Callable[[T], None]) -> None:
        """Call a function in the pool, and then another one with its result where the run is waited for."""

        def call() -> None:
            try:
                self._events.put(functools.partial(then, function(*arguments)))
            except BaseException as error:
                self._events.put(functools.partial(_raise, error))

        self._pool.submit(call)

    def _go_on(self, number: int, accepted: Accepted | None, found: Found) -> None:
        self._sending += 1
        self._in_pool(self._step, (number, accepted, found), lambda stepped: self._stepped(number, stepped))

    def _step(self, number: int, accepted: Accepted | None, found: Found) -> _Stepped:
        """Do a piece of work up to the next change that it waits for."""
        steps = self._unfinished[number].steps
        try:
            if accepted is None:
                return _Stepped(next(steps))
            if isinstance(found, dict) and not found["whole"] and found["state"] == "failed":
                found = self._with_reason(accepted, found)
            return _Stepped(steps.throw(found) if isinstance(found, ConnectorsError) else steps.send(found or {}))
        except StopIteration:
            return _Stepped()
        except Exception as error:
            return _Stepped(error=as_failure(error))

    def _with_reason(self, accepted: Accepted, found: Transaction) -> Found:
        """A transaction that failed, with what only its own GET shows."""
        try:
            return transaction(self._watch.http, found["id"], accepted.external_id) or found
        except ConnectorsError as error:
            return error

    def _stepped(self, number: int, stepped: _Stepped) -> None:
        self._sending -= 1
        if stepped.accepted:
            now = time.monotonic()
            if not self._waiting:
                self._looked, self._pause = now, FIRST_LOOK
            self._waiting[number] = _Open(stepped.accepted, now)
            return
        work = self._unfinished.pop(number)
        if stepped.error:
            work.failed(stepped.error)

    def _next_look(self) -> float | None:
        """Seconds to the next look, None if there is none to come.

        As long as there is something else to do, no more looks are made than ``patience`` asks for.
        """
        if not self._waiting or self._looking:
            return None
        pause = self._poll_options.interval
        if not self._fresh or len(self._waiting) * 2 >= self._most_open:
            rate = self._watch.http.settings.requests_per_second
            share = LOOK_SHARE / rate if rate and len(self._waiting) > 1 else 0.0
            pause = min(pause, max(self._pause, share))
        oldest = next(iter(self._waiting.values()))
        return max(0.0, min(self._looked + pause, oldest.since + self._poll_options.timeout) - time.monotonic())

    def _poll(self) -> None:
        """Have all transactions looked at that are waited for."""
        self._pause *= 2
        self._show_long_wait()
        groups: dict[t.Any, list[int]] = {}
        many = self._watch.together and len(self._waiting) > 1
        for number, opened in self._waiting.items():
            groups.setdefault(opened.accepted.batch if many else number, []).append(number)
        self._looking = len(groups)
        for batch, numbers in groups.items():
            awaited = {number: self._waiting[number].accepted for number in numbers}
            if many:
                self._in_pool(self._look_at_many, (batch, awaited), self._seen_together)
            else:
                self._in_pool(self._look_at_one, (awaited,), self._seen)

    def _show_long_wait(self) -> None:
        """Display from time to time what is waited for, where that is possible."""
        now = time.monotonic()
        seconds = now - next(iter(self._waiting.values())).since
        if seconds <= LONG_WAIT or now - self._shown < SHOW_INTERVAL:
            return
        self._shown = now
        number = len(self._waiting)
        running = "1 transaction is" if number == 1 else f"{number} transactions are"
        self._watch.http.show(f"VOSS Automate: {running} still running after {seconds:.0f} s.")

    def _look_at_one(self, awaited: t.Mapping[int, Accepted]) -> dict[int, Found]:
        ((number, accepted),) = awaited.items()
        try:
            return {number: transaction(self._watch.http, str(accepted.transaction), accepted.external_id)}
        except Exception as error:
            return {number: as_failure(error)}

    def _look_at_many(self, batch: str, awaited: t.Mapping[int, Accepted]) -> dict[int, Found]:
        """What one request shows of transactions: None for those that are missing, nothing if it is refused."""
        try:
            items = with_external_id(self._watch.http, self._watch.place, batch, limit=2 * BATCH)
            listed = {item["pkid"]: item for item in items}
            return {number: self._listed(accepted, listed) for number, accepted in awaited.items()}
        except Exception as error:
            if isinstance(error, RequestFailed) and error.failure.status in LIST_REFUSALS:
                return {}
            return dict.fromkeys(awaited, as_failure(error))

    def _listed(self, accepted: Accepted, listed: t.Mapping[str, t.Mapping[str, t.Any]]) -> Found:
        """The transaction of a change among those that were listed."""
        item = listed.get(str(accepted.transaction))
        if item is None:
            return None
        external_id = external_id_of(item)
        if external_id and accepted.external_id and external_id != accepted.external_id:
            return ConnectorsError(
                f"VOSS Automate accepted the change as the transaction {accepted.transaction}, which is that of another"
                f" change. {CHECK_FIRST}",
                reason="invalid_response",
            )
        return summary(self._watch.http, item)

    def _seen_together(self, seen: t.Mapping[int, Found]) -> None:
        for number in [number for number, found in seen.items() if found is None]:
            self._waiting[number].missed += 1
        if not seen or any(self._waiting[number].missed > MISSES for number in seen):
            self._watch.together = False
        self._seen(seen, together=True)

    def _seen(self, seen: t.Mapping[int, Found], together: bool = False) -> None:
        """Let the work go on whose transactions have ended."""
        now = time.monotonic()
        self._looking -= 1
        self._looked = now
        for number, found in seen.items():
            opened = self._waiting[number]
            if isinstance(found, dict) and found["state"] != "running":
                self._pause = FIRST_LOOK
            elif not isinstance(found, ConnectorsError):
                opened.missing_since = (opened.missing_since or now) if found is None and not together else None
                too_late = now - opened.since >= self._poll_options.timeout
                if opened.missing_since and (too_late or now - opened.missing_since > GRACE):
                    found = TransactionFailed(
                        f"VOSS Automate does not know the transaction {opened.accepted.transaction} that it announced."
                        " Whether the change was made is not known.",
                        reason="outcome_unknown",
                    )
                elif too_late:
                    found = self._too_late(opened.accepted, found)
                else:
                    continue
            del self._waiting[number]
            self._go_on(number, opened.accepted, found)

    def _too_late(self, accepted: Accepted, found: Transaction | None) -> TransactionFailed:
        return TransactionFailed(
            f"The transaction {accepted.transaction} is still '{found['status'] if found else 'not to be seen'}' after"
            f" {self._poll_options.timeout:g} s ('wait_timeout'). It goes on on the server; look at it with the module"
            " voss_transaction_info before you run this again.",
            {"transaction": found and shown(found)},
            reason="timeout",
        )


def _raise(error: BaseException) -> t.NoReturn:
    raise error
