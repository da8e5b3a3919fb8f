# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Stop a run immediately: send no more requests, end waits, and shut down the connections of pending requests.

A run is stopped if an exception ends it, for example because of a task timeout or Ctrl+C. Otherwise, the threads of a
pool would continue to retry requests, and Python would wait for these threads.
"""

from __future__ import annotations

import contextlib
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor

from . import _signals
from ._clock import CLOCK, Clock
from ._errors import ConnectorsError, Stopped

# Interval in seconds at which the module checks whether Ansible is still waiting for the result.
CHECK_INTERVAL = 1.0


class Stoppable(t.Protocol):
    """An operation that another thread can abort."""

    def abort(self) -> None: ...


class StopSwitch:
    """A switch that stops one or more runs, for example the runs for all systems in an inventory.

    :param is_awaited: returns whether Ansible still waits for the result of the run.
    """

    def __init__(self, is_awaited: t.Callable[[], bool] = lambda: True, clock: Clock = CLOCK) -> None:
        self._is_awaited = is_awaited
        self._clock = clock
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._in_flight: set[Stoppable] = set()

    def set(self) -> None:
        """Stop the run. This method is thread-safe and can be called repeatedly."""
        self._event.set()
        with self._lock:
            in_flight = list(self._in_flight)
        for one in in_flight:
            one.abort()

    def check(self) -> None:
        """Check that the run may still send requests.

        :raises Stopped: the run was stopped.
        :raises ConnectorsError: Ansible no longer waits for the result of the run.
        """
        if self._event.is_set():
            raise Stopped()
        if not self._is_awaited():
            raise ConnectorsError("Ansible was killed while this task was running. The task sends no more requests.")

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds. If the run is stopped, raise the same exceptions as :meth:`check`."""
        until = self._clock.monotonic() + seconds
        while True:
            self.check()
            remaining = until - self._clock.monotonic()
            if remaining <= 0:
                return
            self._clock.wait(self._event, min(remaining, CHECK_INTERVAL))

    @contextlib.contextmanager
    def interrupting(self, one: Stoppable) -> t.Iterator[None]:
        """Abort an operation if the run is stopped while the ``with`` block is running."""
        with self._lock:
            self._in_flight.add(one)
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._in_flight.discard(one)

    @contextlib.contextmanager
    def threads(self, number: int) -> t.Iterator[ThreadPoolExecutor]:
        """Provide a thread pool. If the block raises an exception, stop the run so that the threads end promptly."""
        pool = ThreadPoolExecutor(number, initializer=_signals.block_in_this_thread)
        try:
            yield pool
        except BaseException:
            self.set()
            raise
        finally:
            pool.shutdown(cancel_futures=True)
