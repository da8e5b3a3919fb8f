# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Define the retry policy, which decides whether and when a failed request is sent again.

The API client uses this policy for requests, the VOSS Automate client for changes whose responses were lost, and the
event source for failed polls.
"""

from __future__ import annotations

import email.utils
import math
import random
import re
import threading
import typing as t
from datetime import timezone

from ._clock import CLOCK, Clock

MAX_ATTEMPTS = 12
# A larger 'retry_budget' allows one more attempt for each of these intervals in seconds. On average, a wait is longer.
BUDGET_PER_ATTEMPT = 10.0
MAX_RESOLUTIONS = 2
MAX_SUBMISSIONS = 3
# Parallel requests can receive the same Retry-After header at different times. Its resolution is one second.
TOLERANCE = 1.0
# Base delay and maximum delay of the exponential back-off in seconds.
BACKOFF_BASE = 0.5
BACKOFF_CAP = 30.0
# Delays in seconds before each attempt to find a change whose response was lost.
# The longer list applies if the server may still be executing the change.
LOOKUP_PAUSES = (0.2, 0.5, 1.0, 2.0)
LATE_LOOKUP_PAUSES = (*LOOKUP_PAUSES, 4.0)

# These statuses show that the server did not execute the request.
NOT_EXECUTED_STATUSES = frozenset({423, 429})
RETRYABLE_STATUSES = NOT_EXECUTED_STATUSES | {502, 503, 504}
# Besides 4xx statuses other than 408, these statuses show that the server did not make the change.
FINAL_STATUSES = frozenset({307, 308, 500, 501, 505, 511})
# These statuses show that the server has finished processing the request.
ENDED_STATUSES = frozenset({408, 502, 503})

OVERDUE = "The module does not retry requests after a timeout. Raise 'timeout' if the service needs more time."
MAX_HEADER = 100
LONGEST = 999_999_999.0


# The seconds to wait before the next attempt, or the reason not to retry, which can be an empty string.
Decision = t.Union[float, str]


class RetryPolicy:
    """A thread-safe policy that decides whether and when the requests of a run are retried.

    :param budget: the seconds that the run may spend waiting; 0 disables retries.
    :param connect_budget: the seconds for which failed connections are retried.
    """

    def __init__(self, budget: float, connect_budget: float, clock: Clock = CLOCK) -> None:
        self._seconds = budget
        self._connect_seconds = connect_budget
        self._max_attempts = max(MAX_ATTEMPTS, math.ceil(budget / BUDGET_PER_ATTEMPT))
        self._budget = RetryBudget(budget, clock)
        self._outage = Outage(connect_budget, clock)

    def connected(self) -> None:
        """Record that a connection was established, which ends the current outage."""
        self._outage.end()

    def after_status(
        self,
        status: int,
        attempt: int,
        requested: float | None,
        is_repeatable: bool = True,
        *,
        is_overdue: bool = False,
    ) -> Decision:
        """Decide whether to retry a request whose response has an error status.

        :param attempt: the number of times that the request was sent.
        :param requested: the delay in seconds from ``Retry-After``, if any.
        :param is_repeatable: whether sending the request twice has the same effect as sending it once.
        :param is_overdue: whether the deadline of the request ended the attempt.
        """
        retryable = RETRYABLE_STATUSES if is_repeatable else NOT_EXECUTED_STATUSES
        if status not in retryable:
            return ""
        return OVERDUE if is_overdue else self._decide(attempt, requested)

    def after_lost_response(self, attempt: int, is_overdue: bool, is_repeatable: bool = True) -> Decision:
        """Decide whether to retry a request whose response was lost.

        :param is_overdue: whether the deadline of the request ended the attempt.
        :param is_repeatable: whether sending the request twice has the same effect as sending it once.
        """
        if not is_repeatable:
            return ""
        if is_overdue:
            return OVERDUE
        return self._decide(attempt, None)

    def after_no_connection(
        self, attempt: int, unresolved: str | None, lookups: int, is_overdue: bool, is_refused_by_proxy: bool
    ) -> Decision:
        """Decide whether to retry a request that was not sent because the connection failed.

        :param unresolved: the host name, if it could not be resolved.
        :param lookups: the number of attempts in which the host name could not be resolved.
        :param is_overdue: whether the deadline of the request ended the attempt.
        """
        if is_refused_by_proxy:
            return "The proxy refused the connection. Check the proxy and its credentials."
        if is_overdue:
            return ""
        if unresolved and lookups >= MAX_RESOLUTIONS:
            return f"The host name '{unresolved}' could not be resolved in {lookups} attempts."
        left = self._outage.remaining_after_failure()
        if left > 0 or attempt >= self._max_attempts:
            return self._decide(attempt, None, left)
        if self._connect_seconds == self._seconds:
            return self._exhausted(attempt, None)
        return f"All retries within {self._connect_seconds:g} s failed. Set 'retry_budget' to retry for longer."

    def may_submit_again(self, submissions: int, is_repeatable: bool, is_absent: bool, timed_out: bool) -> bool:
        """Decide whether to resend a change whose response was lost, after a lookup checked whether it took effect.

        :param submissions: the number of times that the change was sent.
        :param is_repeatable: whether a second execution has no further effect. A creation is not repeatable.
        :param is_absent: whether the lookup succeeded and did not find the change.
        :param timed_out: whether the client stopped waiting for the response. The server may still execute the change.
        """
        return is_repeatable and is_absent and not timed_out and submissions < MAX_SUBMISSIONS and self._seconds > 0

    def _decide(self, attempt: int, requested: float | None, longest: float = math.inf) -> Decision:
        if attempt >= self._max_attempts:
            return self._exhausted(attempt, requested)
        delay = requested or min(longest, random.uniform(0, backoff(BACKOFF_BASE, attempt, BACKOFF_CAP)))
        granted = self._budget.grant(delay, may_shorten=not requested)
        return self._exhausted(attempt, requested) if granted is None else granted

    def _exhausted(self, attempt: int, requested: float | None) -> str:
        """Return a sentence that explains why a request is not retried."""
        if self._seconds <= 0:
            return "The module does not retry, because 'retry_budget' is 0."
        if attempt >= self._max_attempts:
            return f"The module sent the request {attempt} times without success. Run the task again later."
        if requested:
            return (
                f"Retry-After ({requested:.0f} s) exceeds the remaining part of 'retry_budget' ({self._seconds:g} s)."
                " Run the task again later, or raise 'retry_budget'."
            )
        return (
            f"Retries within 'retry_budget' ({self._seconds:g} s) failed. Run the task again later, or raise"
            " 'retry_budget'."
        )


class RetryBudget:
    """The time in seconds that a run may spend waiting. Overlapping waits of parallel requests are counted once."""

    def __init__(self, seconds: float, clock: Clock = CLOCK) -> None:
        self._clock = clock
        self._left = seconds
        self._waiting_until = 0.0
        self._lock = threading.Lock()

    def grant(self, delay: float, *, may_shorten: bool) -> float | None:
        """Reserve time for a wait, and return the reserved seconds, or None if the budget does not allow the wait."""
        with self._lock:
            now = self._clock.monotonic()
            covered = max(0.0, self._waiting_until - now)
            available = covered + self._left
            if available <= 0:
                return None
            counted = min(delay, available)
            excess = delay - counted
            tolerated = TOLERANCE if covered else 0.0
            if not may_shorten and excess > tolerated:
                return None
            self._left -= max(0.0, counted - covered)
            self._waiting_until = max(self._waiting_until, now + counted)
            return counted if may_shorten else delay


class Outage:
    """A period during which all requests of a run retry failed connections.

    The period begins with the first failure and ends when a connection is established. The period also includes
    the duration of the attempts, because each attempt takes as long as ``timeout`` if a firewall drops packets.
    """

    def __init__(self, seconds: float, clock: Clock = CLOCK) -> None:
        self._clock = clock
        self._seconds = seconds
        self._until: float | None = None
        self._lock = threading.Lock()

    def remaining_after_failure(self) -> float:
        """Record a failed connection, start an outage if there is none, and return the seconds left for retries."""
        with self._lock:
            now = self._clock.monotonic()
            if self._until is None:
                self._until = now + self._seconds
            return max(0.0, self._until - now)

    def end(self) -> None:
        """End the outage after a connection has been established."""
        with self._lock:
            self._until = None


def backoff(base: float, attempt: int, cap: float) -> float:
    """Return the exponential back-off delay in seconds. The delay doubles with each attempt up to ``cap``."""
    return min(cap, base * 2.0 ** min(attempt, 30))


def leaves_outcome_open(status: int) -> bool:
    """Return whether a server that returned this error status may still have executed the request."""
    if status // 100 == 4:
        return status == 408
    return status not in FINAL_STATUSES


def retry_after(value: str | None, clock: Clock = CLOCK) -> float | None:
    """Return the delay in seconds that a ``Retry-After`` header requests, or None if the header is invalid."""
    if not value or len(value) > MAX_HEADER:
        return None
    seconds = re.fullmatch(r"\s*([0-9]+)(\.[0-9]*)?\s*", value)
    if seconds:
        return min(float(value), LONGEST)
    try:
        date = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):  # Python 3.9 raises TypeError for an invalid date
        return None
    if date.tzinfo is None:  # HTTP dates are in UTC. The format of asctime() does not contain a time zone.
        date = date.replace(tzinfo=timezone.utc)
    return min(max(0.0, date.timestamp() - clock.time()), LONGEST)
