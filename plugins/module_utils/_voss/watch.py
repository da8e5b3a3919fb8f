# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Work on many customers at once that waits for the transactions of its changes.

A piece of work is a generator: it yields each change that it has to wait for, and is sent how that ended. So only
requests are ever under way at once, and not a thread for each transaction.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import time
import typing as t
import uuid
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Http
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.query import Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.transactions import (
    Accepted,
    Patience,
    Transaction,
    shown,
    submitted,
    summary,
    transaction,
    with_external_id,
)

FIRST_LOOK = 0.1
LOOK_SHARE = 8.0
MISSES = 3
BATCH = 100  # with what may come beside them, a page that every server gives
WAITING_PER_CONNECTION = 32
SENDING_PER_CONNECTION = 2
GRACE = 10.0
LIST_REFUSALS = (400, 403, 404, 405, 422)


@dataclasses.dataclass(frozen=True)
class Pending:
    """A change that is waited for; ``whole`` if what it made is wanted too, which a look at many does not show."""

    accepted: Accepted
    whole: bool = False


Work = t.Generator[Pending, Transaction, None]
T = t.TypeVar("T")
Found = t.Union[Transaction, ConnectorsError, None]


class Watch:
    """The changes of one run: sent once each, and looked at until they have ended.

    One transaction is looked at by itself. Several are looked at together, with one request for all whose external
    ids begin alike; where a server cannot do that, each by itself.
    """

    def __init__(self, http: Http) -> None:
        self.http = http
        self.place: Pairs = ()
        self.together = True
        self._run = uuid.uuid4().hex
        self._numbers = itertools.count()

    def submit(self, method: str, path: str, query: Pairs, body: t.Mapping[str, t.Any]) -> Accepted:
        """Send a change once, whatever becomes of its answer.

        :raises OutcomeUnknown: the answer was lost, and the server cannot tell what became of the change.
        """
        number = next(self._numbers)
        batch = f"{self._run}-{number // BATCH}-"
        accepted = submitted(self.http, method, path, query, body, f"{batch}{number % BATCH}.")
        return dataclasses.replace(accepted, batch=batch)

    def run(self, works: t.Iterable[Work], patience: Patience, parallel: int = 1) -> None:
        """Do pieces of work, each up to the change that it waits for, and on when that has ended.

        A change that does not end in time, or cannot be looked at, is raised in the work that waits for it. What a
        piece of work raises itself ends the run.

        :param parallel: how many requests are under way at once.
        """
        _Run(self, works, patience, parallel).until_done()

    def follow(self, identifier: str, patience: Patience) -> Transaction:
        """How a transaction ended.

        :raises ConnectorsError: it did not end in time, or cannot be looked at.
        """
        ended: list[Transaction] = []

        def work() -> Work:
            ended.append((yield Pending(Accepted(identifier))))

        self.run([work()], patience)
        return ended[0]


@dataclasses.dataclass
class _Open:
    """A piece of work that waits: since when, and since when its transaction is not to be found. Seconds."""

    work: Work
    pending: Pending
    since: float
    missing_since: float | None = None
    missed: int = 0


class _Run:
    """Pieces of work in the hands of a pool of threads. All but the requests happens in the thread that made it."""

    def __init__(self, watch: Watch, works: t.Iterable[Work], patience: Patience, parallel: int) -> None:
        self._watch = watch
        self._patience = patience
        self._fresh = deque(works)
        self._waiting: dict[str, _Open] = {}
        self._events: SimpleQueue[t.Callable[[], None]] = SimpleQueue()
        self._pool = ThreadPoolExecutor(parallel)
        self._most_sending = parallel * SENDING_PER_CONNECTION
        self._most_open = parallel * WAITING_PER_CONNECTION
        self._sending = self._looking = 0
        self._looked = 0.0
        self._pause = FIRST_LOOK

    def until_done(self) -> None:
        try:
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
                    self._look()
                else:
                    event()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _in_pool(self, function: t.Callable[..., T], arguments: tuple[t.Any, ...], then: t.Callable[[T], None]) -> None:
        """Call a function in the pool, and then another one with its result where the run is waited for."""

        def call() -> None:
            try:
                self._events.put(functools.partial(then, function(*arguments)))
            except BaseException as error:
                self._events.put(functools.partial(_raise, error))

        self._pool.submit(call)

    def _go_on(self, work: Work, pending: Pending | None, found: Found) -> None:
        self._sending += 1
        self._in_pool(self._step, (work, pending, found), lambda then: self._stepped(work, then))

    def _step(self, work: Work, pending: Pending | None, found: Found) -> Pending | None:
        """Do a piece of work up to the next change that it waits for; None if it is done."""
        try:
            if pending is None:
                return next(work)
            if isinstance(found, dict) and not found["whole"] and (pending.whole or found["state"] == "failed"):
                try:
                    found = transaction(self._watch.http, found["id"]) or found
                except ConnectorsError as error:
                    found = error
            return work.throw(found) if isinstance(found, ConnectorsError) else work.send(found or {})
        except StopIteration:
            return None

    def _stepped(self, work: Work, pending: Pending | None) -> None:
        self._sending -= 1
        if pending:
            now = time.monotonic()
            if not self._waiting:
                self._looked, self._pause = now, FIRST_LOOK
            self._waiting[pending.accepted.transaction or ""] = _Open(work, pending, now)

    def _next_look(self) -> float | None:
        """Seconds to the next look, None if there is none to come.

        As long as there is something else to do, no more looks are made than ``patience`` asks for.
        """
        if not self._waiting or self._looking:
            return None
        pause = self._patience.interval
        if not self._fresh or len(self._waiting) * 2 >= self._most_open:
            rate = self._watch.http.settings.requests_per_second
            share = LOOK_SHARE / rate if rate and len(self._waiting) > 1 else 0.0
            pause = min(pause, max(self._pause, share))
        oldest = next(iter(self._waiting.values()))
        return max(0.0, min(self._looked + pause, oldest.since + self._patience.timeout) - time.monotonic())

    def _look(self) -> None:
        """Have all transactions looked at that are waited for."""
        self._pause *= 2
        groups: dict[str, list[str]] = {}
        many = self._watch.together and len(self._waiting) > 1
        for name, opened in self._waiting.items():
            groups.setdefault(opened.pending.accepted.batch if many else name, []).append(name)
        self._looking = len(groups)
        for group, names in groups.items():
            if many:
                self._in_pool(self._look_at_many, (group, names), self._seen_together)
            else:
                self._in_pool(self._look_at_one, (group,), self._seen)

    def _look_at_one(self, name: str) -> dict[str, Found]:
        try:
            return {name: transaction(self._watch.http, name)}
        except ConnectorsError as error:
            return {name: error}

    def _look_at_many(self, batch: str, names: t.Sequence[str]) -> dict[str, Found]:
        """What one request shows of transactions: None for those that are missing, nothing if it is refused."""
        try:
            items = with_external_id(self._watch.http, self._watch.place, batch, limit=2 * BATCH)
        except RequestFailed as error:
            return {} if error.failure.status in LIST_REFUSALS else dict.fromkeys(names, error)
        listed = {item["pkid"]: item for item in items}
        return {name: summary(self._watch.http, listed[name]) if name in listed else None for name in names}

    def _seen_together(self, seen: t.Mapping[str, Found]) -> None:
        for name in [name for name, found in seen.items() if found is None]:
            self._waiting[name].missed += 1
        if not seen or any(self._waiting[name].missed > MISSES for name in seen):
            self._watch.together = False
        self._seen(seen, together=True)

    def _seen(self, seen: t.Mapping[str, Found], together: bool = False) -> None:
        """Let the work go on whose transactions have ended."""
        now = time.monotonic()
        self._looking -= 1
        self._looked = now
        for name, found in seen.items():
            opened = self._waiting[name]
            if isinstance(found, dict) and found["state"] != "running":
                self._pause = FIRST_LOOK
            elif not isinstance(found, ConnectorsError):
                opened.missing_since = (opened.missing_since or now) if found is None and not together else None
                too_late = now - opened.since >= self._patience.timeout
                if opened.missing_since and (too_late or now - opened.missing_since > GRACE):
                    found = TransactionFailed(f"VOSS Automate does not know the transaction {name} that it announced.")
                elif too_late:
                    found = self._too_late(name, found)
                else:
                    continue
            del self._waiting[name]
            self._go_on(opened.work, opened.pending, found)

    def _too_late(self, name: str, found: Transaction | None) -> TransactionFailed:
        return TransactionFailed(
            f"The transaction {name} is still '{found['status'] if found else 'not to be seen'}' after"
            f" {self._patience.timeout:g} s ('wait_timeout'). It goes on on the server; look at it with the module"
            " voss_transaction_info before you run this again.",
            {"transaction": found and shown(found)},
        )


def _raise(error: BaseException) -> t.NoReturn:
    raise error
