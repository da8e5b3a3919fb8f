# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the retry policy: each decision with its wait and its explanation."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from support.clock import FakeClock
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._retry import (
    MAX_ATTEMPTS,
    RETRYABLE_STATUSES,
    Decision,
    Outage,
    RetryBudget,
    RetryPolicy,
    backoff,
    leaves_outcome_open,
)

ZERO = "retry.zero_budget"
TWELVE = "retry.twelve_attempts"
SPENT = "retry.budget_spent"
TOO_LONG = "retry.long_retry_after"
OVERDUE = "retry.overdue"
REFUSED = "retry.refused_by_proxy"
RESOLVED = "retry.unresolved"
CONNECT_SPENT = "retry.connection"

# A decision that depends only on the policy and the number of the attempt.
Decide = Callable[[RetryPolicy, int], Decision]


def after_503(policy: RetryPolicy, attempt: int) -> Decision:
    return policy.after_status(503, attempt, None)


def after_loss(policy: RetryPolicy, attempt: int) -> Decision:
    return policy.after_lost_response(attempt, is_overdue=False)


def after_no_connection(policy: RetryPolicy, attempt: int, **facts: object) -> Decision:
    given: dict[str, object] = {"unresolved": None, "lookups": 0, "is_overdue": False, "is_refused_by_proxy": False}
    given.update(facts)
    return policy.after_no_connection(attempt, **given)  # type: ignore[arg-type]


ALL = [after_503, after_loss, after_no_connection]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(autouse=True)
def longest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Random waits are as long as possible."""
    monkeypatch.setattr(random, "uniform", lambda low, high: high)


def policy(clock: FakeClock, budget: float = 60.0, connect: float = 60.0) -> RetryPolicy:
    return RetryPolicy(budget, connect, clock)


def check_end(messages: MessageTable, decision: Decision, row: str, **facts: object) -> None:
    """Check that a decision ends the retries with the explanation of a row."""
    assert isinstance(decision, str)
    messages.check(row, decision, **facts)


# Every kind of retry


@pytest.mark.parametrize("decide", ALL)
@pytest.mark.parametrize(("attempt", "wait"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (11, 30)])
def test_waits_double_up_to_a_limit(clock: FakeClock, decide: Decide, attempt: int, wait: float) -> None:
    assert decide(policy(clock), attempt) == wait


@pytest.mark.parametrize("decide", ALL)
def test_waits_are_random(clock: FakeClock, decide: Decide, monkeypatch: pytest.MonkeyPatch) -> None:
    ranges: list[tuple[float, float]] = []

    def drawn(low: float, high: float) -> float:
        ranges.append((low, high))
        return 0.25

    monkeypatch.setattr(random, "uniform", drawn)
    assert decide(policy(clock), 3) == 0.25
    assert ranges == [(0, 4)]


@pytest.mark.parametrize("decide", ALL)
def test_a_budget_of_zero_means_no_retries(clock: FakeClock, decide: Decide, messages: MessageTable) -> None:
    check_end(messages, decide(policy(clock, 0, 0), 1), ZERO)


@pytest.mark.parametrize("decide", ALL)
def test_twelve_attempts_are_enough(clock: FakeClock, decide: Decide, messages: MessageTable) -> None:
    check_end(messages, decide(policy(clock), MAX_ATTEMPTS), TWELVE, attempts=12)


@pytest.mark.parametrize("decide", ALL)
def test_short_waits_use_a_large_budget(
    clock: FakeClock, decide: Decide, messages: MessageTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(random, "uniform", lambda low, high: high / 2)
    started, made, attempt = clock.now, policy(clock, 3600, 3600), 1
    while not isinstance(decision := decide(made, attempt), str):
        clock.sleep(decision)
        attempt += 1
    assert clock.now - started == pytest.approx(3600, abs=30)
    check_end(messages, decision, SPENT, seconds=3600)


@pytest.mark.parametrize("decide", ALL)
def test_a_wait_is_shortened_to_what_is_left(clock: FakeClock, decide: Decide, messages: MessageTable) -> None:
    made = policy(clock)
    waits = []
    for _number in range(3):
        decision = decide(made, 6)
        made.connected()
        waits.append(decision)
        clock.sleep(0 if isinstance(decision, str) else decision)
    assert waits[:2] == [30, 30]
    check_end(messages, waits[2], SPENT, seconds=60)
    assert decide(policy(clock, 5), 6) == 5


# Statuses


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 408, 409, 423, 429, 500, 501, 502, 503, 504, 505, 599])
@pytest.mark.parametrize("budget", [0, 60])
def test_only_some_statuses_are_retried(clock: FakeClock, status: int, budget: float, messages: MessageTable) -> None:
    expected: Decision = ""
    if status in (423, 429, 502, 503, 504):
        expected = 1 if budget else messages.expected(ZERO)
    assert policy(clock, budget).after_status(status, 1, None) == expected


@pytest.mark.parametrize("status", sorted(RETRYABLE_STATUSES))
@pytest.mark.parametrize(
    ("attempt", "requested", "wait"),
    [(1, 7.0, 7), (11, 60.0, 60), (1, 0.0, 1)],
)
def test_retry_after_is_waited_in_full(
    clock: FakeClock, status: int, attempt: int, requested: float, wait: float
) -> None:
    assert policy(clock).after_status(status, attempt, requested) == wait


@pytest.mark.parametrize("status", sorted(RETRYABLE_STATUSES))
@pytest.mark.parametrize(
    ("attempt", "requested", "row", "facts"),
    [(1, 60.6, TOO_LONG, {"seconds": 61, "budget": 60}), (12, 7.0, TWELVE, {"attempts": 12})],
)
def test_some_values_of_retry_after_are_refused(
    clock: FakeClock,
    status: int,
    attempt: int,
    requested: float,
    row: str,
    facts: dict[str, int],
    messages: MessageTable,
) -> None:
    check_end(messages, policy(clock).after_status(status, attempt, requested), row, **facts)


def test_retry_after_with_a_budget_of_zero(clock: FakeClock, messages: MessageTable) -> None:
    check_end(messages, policy(clock, 0).after_status(429, 1, 7.0), ZERO)


# Lost responses


@pytest.mark.parametrize(("attempt", "budget"), [(1, 60), (12, 60), (1, 0)])
def test_a_request_beyond_its_deadline_is_not_retried(
    clock: FakeClock, attempt: int, budget: float, messages: MessageTable
) -> None:
    check_end(messages, policy(clock, budget).after_lost_response(attempt, is_overdue=True), OVERDUE)
    check_end(messages, policy(clock, budget).after_status(503, attempt, None, is_overdue=True), OVERDUE)


# Connections that cannot be established


@pytest.mark.parametrize("attempt", [1, 12])
def test_a_refusal_of_the_proxy_is_not_retried(clock: FakeClock, attempt: int, messages: MessageTable) -> None:
    decision = after_no_connection(policy(clock), attempt, is_refused_by_proxy=True, is_overdue=True)
    check_end(messages, decision, REFUSED)


def test_a_connection_beyond_the_deadline_is_not_retried(clock: FakeClock) -> None:
    assert after_no_connection(policy(clock), 1, is_overdue=True) == ""


def test_a_name_is_resolved_twice(clock: FakeClock, messages: MessageTable) -> None:
    made = policy(clock)
    assert after_no_connection(made, 3, unresolved="none.example", lookups=1) == 4
    decision = after_no_connection(made, 4, unresolved="none.example", lookups=2)
    check_end(messages, decision, RESOLVED, host="none.example", attempts=2)


def test_a_name_is_resolved_once_without_a_budget(clock: FakeClock, messages: MessageTable) -> None:
    check_end(messages, after_no_connection(policy(clock, 0, 0), 1, unresolved="none.example"), ZERO)


def test_connections_are_retried_for_a_time_of_their_own(clock: FakeClock, messages: MessageTable) -> None:
    made = policy(clock, 60, 15)
    assert after_no_connection(made, 5) == 15
    clock.sleep(10)  # the duration of the attempt
    assert after_no_connection(made, 5) == 5
    clock.sleep(5)
    check_end(messages, after_no_connection(made, 5), CONNECT_SPENT, seconds=15)
    check_end(messages, after_no_connection(made, 12), TWELVE, attempts=12)
    made.connected()
    assert after_no_connection(made, 5) == 15


def test_refused_connections_are_retried_within_the_budget(clock: FakeClock, messages: MessageTable) -> None:
    made = policy(clock, 60, 60)
    assert after_no_connection(made, 5) == 16
    clock.sleep(60)
    check_end(messages, after_no_connection(made, 5), SPENT, seconds=60)


# Lookups of changes


@pytest.mark.parametrize(
    ("submissions", "is_repeatable", "is_absent", "timed_out", "budget", "expected"),
    [
        (1, True, True, False, 60, True),
        (2, True, True, False, 0.1, True),
        (3, True, True, False, 60, False),
        (1, False, True, False, 60, False),
        (1, True, False, False, 60, False),
        (1, True, True, True, 60, False),
        (1, True, True, False, 0, False),
    ],
    ids=["absent", "twice", "three times", "a creation", "lookup failed", "timed out", "no budget"],
)
def test_a_change_is_resubmitted_only_if_certainly_absent(
    clock: FakeClock,
    submissions: int,
    is_repeatable: bool,
    is_absent: bool,
    timed_out: bool,
    budget: float,
    expected: bool,
) -> None:
    made = policy(clock, budget)
    assert made.may_submit_again(submissions, is_repeatable, is_absent, timed_out) is expected


# The parts


def test_a_spent_budget_grants_no_wait(clock: FakeClock) -> None:
    budget = RetryBudget(10, clock)
    assert budget.grant(4, may_shorten=False) == 4
    assert budget.grant(600, may_shorten=False) is None
    assert budget.grant(600, may_shorten=True) == 10


def test_parallel_waits_are_spent_once(clock: FakeClock) -> None:
    budget = RetryBudget(10, clock)
    assert [budget.grant(9, may_shorten=False) for _number in range(8)] == [9] * 8
    clock.sleep(9)
    assert budget.grant(2, may_shorten=False) is None
    assert budget.grant(2, may_shorten=True) == 1


def test_a_wait_within_another_wait_needs_no_budget(clock: FakeClock) -> None:
    """Parallel requests receive the same Retry-After, which has a resolution of one second, shortly after another."""
    budget = RetryBudget(60, clock)
    assert budget.grant(60, may_shorten=False) == 60
    clock.sleep(0.05)
    assert [budget.grant(wait, may_shorten=False) for wait in (60, 30)] == [60, 30]
    assert budget.grant(0.5, may_shorten=True) == 0.5
    assert budget.grant(62, may_shorten=False) is None
    clock.sleep(58)
    assert budget.grant(4, may_shorten=False) is None
    assert budget.grant(2, may_shorten=False) == 2
    clock.sleep(2)
    assert budget.grant(0.5, may_shorten=False) is None
    assert budget.grant(0.5, may_shorten=True) is None


def test_sequential_waits_add_up(clock: FakeClock) -> None:
    budget = RetryBudget(10, clock)
    for _number in range(2):
        assert budget.grant(4, may_shorten=False) == 4
        clock.sleep(5)
    assert budget.grant(4, may_shorten=False) is None
    assert budget.grant(4, may_shorten=True) == 2
    clock.sleep(2)
    assert budget.grant(4, may_shorten=True) is None


def test_an_outage_begins_with_the_first_failure(clock: FakeClock) -> None:
    outage = Outage(15, clock)
    clock.sleep(100)
    assert outage.remaining_after_failure() == 15
    clock.sleep(10)
    assert outage.remaining_after_failure() == 5
    clock.sleep(10)
    assert outage.remaining_after_failure() == 0
    outage.end()
    assert outage.remaining_after_failure() == 15


def test_the_back_off_is_limited_for_any_attempt() -> None:
    assert [backoff(2, attempt, 100) for attempt in (0, 1, 5, 6, 10**6)] == [2, 4, 64, 100, 100]


@pytest.mark.parametrize(
    ("is_open", "statuses"),
    [
        (True, [101, 199, 300, 301, 302, 303, 304, 399, 408, 502, 503, 504, 520, 599, 999]),
        (False, [307, 308, 400, 401, 403, 404, 409, 423, 429, 499, 500, 501, 505, 511]),
    ],
)
def test_some_statuses_leave_the_outcome_open(is_open: bool, statuses: list[int]) -> None:
    assert [status for status in statuses if leaves_outcome_open(status) is not is_open] == []
