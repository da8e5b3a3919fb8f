# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Limit the number of requests per second."""

from __future__ import annotations

import threading
import typing as t
from collections import deque

from ._clock import CLOCK, Clock

BURST = 4
# Sleeping threads usually wake up late, but by less than this number of seconds.
# The limiter then records the planned time of the request, so that the delay does not reduce the rate.
OVERSLEPT = 0.05


class RateLimiter:
    """Limiter that allows at most ``rate`` requests per second, and none during a pause that the server requires.

    Bursts of :data:`BURST` requests are allowed. Otherwise, requests are evenly spaced.

    :param rate: the maximum number of requests per second; 0 disables the limit.
    """

    def __init__(self, rate: float, clock: Clock = CLOCK) -> None:
        self._clock = clock
        self._count = max(1, int(rate))
        self._burst = min(BURST, self._count)
        self._interval = 1 / rate if rate > 0 else 0.0
        self._sent: deque[float] = deque(maxlen=self._count)
        self._paused_until = 0.0
        self._lock = threading.Lock()

    def pause(self, seconds: float) -> None:
        """Pause all requests for a number of seconds."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def acquire(self, sleep: t.Callable[[float], object]) -> None:
        """Wait until the next request may be sent.

        :param sleep: a function that waits for a number of seconds. It can raise an exception, for example if the run
            is stopped.
        """
        while True:
            with self._lock:
                now = self._clock.monotonic()
                free_at = self._free_at()
                if free_at <= now:
                    self._sent.append(free_at if now - free_at < OVERSLEPT else now)
                    return
            sleep(free_at - now)

    def _free_at(self) -> float:
        """Return the earliest time at which the next request may be sent."""
        free_at = self._paused_until
        if len(self._sent) == self._count:
            free_at = max(free_at, self._sent[0] + self._count * self._interval)
        if len(self._sent) >= self._burst:
            free_at = max(free_at, self._sent[-self._burst] + self._burst * self._interval)
        return free_at
