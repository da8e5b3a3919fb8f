# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulate time that passes only while the poller waits, so that a slow machine does not change the result."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Any

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch

DEADLINE = 30.0


class SimulatedTime:
    """A replacement for the module ``time``, in which requests take no time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.running = 0

    def monotonic(self) -> float:
        return self.now

    def install(self, monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
        """Use this time in a module that waits for threads with a queue."""
        threads = StopSwitch.threads

        @contextlib.contextmanager
        def counted(switch: StopSwitch, parallel: int) -> Iterator[Any]:
            with threads(switch, parallel) as pool:
                submit = pool.submit

                def submitted(function: Callable[..., Any], *arguments: Any) -> Any:
                    self.running += 1
                    return submit(function, *arguments)

                monkeypatch.setattr(pool, "submit", submitted)
                yield pool

        monkeypatch.setattr(StopSwitch, "threads", counted)
        monkeypatch.setattr(module, "time", self)
        monkeypatch.setattr(module, "SimpleQueue", lambda: Results(self))


class Results:
    """A queue of the results of threads. Its time-outs move the simulated time, and only if no thread is running."""

    def __init__(self, time: SimulatedTime) -> None:
        self._time = time
        self._queue: SimpleQueue[Any] = SimpleQueue()

    def put(self, result: Any) -> None:
        self._queue.put(result)

    def get(self, timeout: float | None = None) -> Any:
        if self._time.running:
            result = self._queue.get(timeout=DEADLINE)
            self._time.running -= 1
            return result
        assert timeout is not None, "The run waits for a result, but no thread is running."
        self._time.now += timeout
        raise Empty
