# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the rate limiter with an injected clock."""

from __future__ import annotations

import threading

import pytest
from support.clock import FakeClock

from ansible_collections.hybrid.connectors.plugins.module_utils._rate_limit import BURST, OVERSLEPT, RateLimiter


def sent_at(limiter: RateLimiter, clock: FakeClock, count: int) -> list[float]:
    """Return the seconds after which each request is sent."""
    start = clock.now
    times = []
    for _number in range(count):
        limiter.acquire(clock.sleep)
        times.append(clock.now - start)
    return times


def test_no_rate_means_no_wait() -> None:
    clock = FakeClock()
    assert sent_at(RateLimiter(0, clock), clock, 1000) == [0] * 1000


@pytest.mark.parametrize("rate", [4, 20, 100])
def test_a_burst_is_sent_before_requests_are_spread(rate: int) -> None:
    clock = FakeClock()
    times = sent_at(RateLimiter(rate, clock), clock, 3 * rate)
    assert times == pytest.approx([(number // BURST) * BURST / rate for number in range(3 * rate)])


@pytest.mark.parametrize("rate", [1, 2, 3, 7, 20, 2.5])
def test_no_second_has_more_requests_than_the_rate(rate: float) -> None:
    clock = FakeClock()
    times = sent_at(RateLimiter(rate, clock), clock, 60)
    count = int(rate)
    gaps = [later - earlier for earlier, later in zip(times, times[count:], strict=False)]
    assert min(gaps) == pytest.approx(count / rate)
    assert times[-1] <= 60 / rate


def test_a_rate_below_one_spreads_requests_over_seconds() -> None:
    clock = FakeClock()
    assert sent_at(RateLimiter(0.8, clock), clock, 3) == pytest.approx([0, 1.25, 2.5])


def test_idle_time_allows_no_more_than_a_burst() -> None:
    clock = FakeClock()
    limiter = RateLimiter(10, clock)
    sent_at(limiter, clock, 10)
    clock.sleep(60)
    assert sent_at(limiter, clock, BURST + 1) == pytest.approx([0] * BURST + [BURST / 10])


@pytest.mark.parametrize(
    ("late", "second"),
    [(OVERSLEPT / 2, 2.0), (2 * OVERSLEPT, 2.0 + 2 * OVERSLEPT)],
    ids=["a thread that wakes up late", "a later request"],
)
def test_waking_up_late_does_not_reduce_the_rate(late: float, second: float) -> None:
    clock = FakeClock()
    limiter = RateLimiter(1, clock)
    sent_at(limiter, clock, 1)
    clock.sleep(1 + late)
    limiter.acquire(clock.sleep)
    limiter.acquire(clock.sleep)
    assert clock.now == pytest.approx(1000 + second)


@pytest.mark.parametrize("rate", [0, 10])
def test_the_longest_pause_counts_and_ends(rate: float) -> None:
    clock = FakeClock()
    limiter = RateLimiter(rate, clock)
    limiter.pause(20)
    limiter.pause(10)
    assert sent_at(limiter, clock, 2) == [20, 20]


def test_a_wait_that_raises_sends_no_request() -> None:
    clock = FakeClock()
    limiter = RateLimiter(1, clock)
    limiter.acquire(clock.sleep)

    def stopped(seconds: float) -> None:
        raise KeyboardInterrupt(seconds)

    with pytest.raises(KeyboardInterrupt):
        limiter.acquire(stopped)
    assert sent_at(limiter, clock, 1) == [1]


def test_threads_share_the_rate() -> None:
    clock = FakeClock()
    limiter = RateLimiter(20, clock)
    lock = threading.Lock()
    times: list[float] = []

    def sleep(seconds: float) -> None:
        with lock:
            clock.sleep(seconds)

    def work() -> None:
        for _number in range(6):
            limiter.acquire(sleep)
            times.append(clock.now)

    threads = [threading.Thread(target=work) for _number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(limiter._sent) == 20
    sent = list(limiter._sent)
    assert all(later - earlier >= BURST / 20 - 1e-9 for earlier, later in zip(sent, sent[BURST:], strict=False))
