# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""How fast and for how long: the pace of requests, the budget of waits, and how long a server asks to wait. Seconds."""

from __future__ import annotations

import email.utils
import re
import threading
import time
import typing as t
from collections import deque
from datetime import datetime, timedelta, timezone

BURST = 4
# A thread wakes up a little late; counting from when it should have kept the pace from slowing down.
OVERSLEPT = 0.05
MAX_HEADER = 100
LONGEST = 999_999_999.0


class RateLimiter:
    """At most ``rate`` requests in any one second, and none while a pause that the server asked for lasts.

    They are spread over the second but for a few, since requests do not arrive as evenly as they are sent.
    """

    def __init__(self, rate: float) -> None:
        self._count = max(1, int(rate))
        self._burst = min(BURST, self._count)
        self._burst_window = self._burst / rate if rate > 0 else 0.0
        self._window = self._count / rate if rate > 0 else 0.0
        self._sent: deque[float] = deque(maxlen=self._count)
        self._held_until = 0.0
        self._lock = threading.Lock()

    def hold(self, seconds: float) -> None:
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def take(self, sleep: t.Callable[[float], object]) -> None:
        """Wait until the next request may be sent.

        :param sleep: waits for so many seconds; it may raise, for example if the run is stopped.
        """
        while True:
            with self._lock:
                now = time.monotonic()
                free_at = self._held_until
                if self._window and len(self._sent) == self._count:
                    free_at = max(free_at, self._sent[0] + self._window)
                if self._window and len(self._sent) >= self._burst:
                    free_at = max(free_at, self._sent[-self._burst] + self._burst_window)
                if free_at <= now:
                    if self._window:
                        self._sent.append(free_at if now - free_at < OVERSLEPT else now)
                    return
            sleep(free_at - now)


class RetryBudget:
    """Seconds that a run may spend waiting. Waits that overlap, of parallel requests, are spent once."""

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._waiting_until = 0.0
        self._lock = threading.Lock()

    def grant(self, wanted: float, *, may_shorten: bool) -> float | None:
        """The seconds to wait now, or None if the budget does not allow it."""
        with self._lock:
            now = time.monotonic()
            covered = max(0.0, self._waiting_until - now)
            available = covered + self._left
            if self._left <= 0 or (wanted > available and not may_shorten):
                return None
            granted = min(wanted, available)
            self._left -= max(0.0, granted - covered)
            self._waiting_until = max(self._waiting_until, now + granted)
            return granted


class Outage:
    """How long connections that cannot be made are retried, over all requests of a run.

    The time begins with the first failure. It includes the attempts themselves, because a firewall that drops packets
    makes each of them last as long as ``timeout``. It ends when a connection is made.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: float | None = None
        self._lock = threading.Lock()

    def left(self) -> float:
        """Return the seconds that are left after a failure; 0 if no connection is to be tried again."""
        with self._lock:
            now = time.monotonic()
            if self._until is None:
                self._until = now + self._seconds
            return max(0.0, self._until - now)

    def end(self) -> None:
        """Note that a connection was made."""
        with self._lock:
            self._until = None


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks to wait, in any of its forms; None if it is not valid."""
    if not value or len(value) > MAX_HEADER:
        return None
    seconds = re.fullmatch(r"\s*([0-9]+)(\.[0-9]*)?\s*", value)
    if seconds:
        return min(float(value), LONGEST)
    parsed = email.utils.parsedate_tz(value)
    if parsed is None:
        return None
    try:
        # Dates of HTTP are in UTC. The form of asctime() does not name a time zone.
        moment = datetime(*parsed[:6], tzinfo=timezone(timedelta(seconds=parsed[9] or 0)))
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, moment.timestamp() - time.time()), LONGEST)
