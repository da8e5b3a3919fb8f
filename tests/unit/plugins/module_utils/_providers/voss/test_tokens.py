# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test which tokens the role voss_spark_customers refreshes, and its report about customers."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import tokens

MISSING = "voss.missing_transaction"


def customer(access: float | None, refresh: float | None, pkid: str = "p1", **more: Any) -> dict[str, Any]:
    left = {"access_token_days_left": access, "refresh_token_days_left": refresh}
    return {"pkid": pkid, "name": pkid, "hierarchy_path": "sys.hcs.A", **left, **more}


@pytest.mark.parametrize(
    ("access", "refresh", "refreshes", "reports"),
    [
        (5, 50, True, False),
        (7, 7, True, True),
        (7.1, 7.1, False, False),
        (None, 50, True, False),
        (-1, 3, True, True),
        (5, 0, False, True),
        (5, -1, False, True),
        (5, None, False, True),
        (None, None, False, True),
        (30, 3, False, True),
    ],
)
def test_expiry_decides_what_is_refreshed_and_reported(
    access: float | None, refresh: float | None, refreshes: bool, reports: bool
) -> None:
    one = customer(access, refresh)
    found = tokens.plan([one], [], 7)
    assert found == {"refresh": [one] * refreshes, "reauthorise": [one] * reports, "failures": []}


def test_customers_without_an_expiry_are_read() -> None:
    customers = [customer(None, 5), customer(5, None), customer(5, 5), customer(None, None)]
    assert tokens.without_expiry(customers) == [customers[0], customers[1], customers[3]]


def test_read_customers_replace_listed_ones_and_keep_their_path() -> None:
    listed = [customer(None, None, "b"), customer(None, None, "c"), customer(1, 9, "a")]
    results: list[dict[str, Any]] = [
        {"voss_spark_customers_one": listed[0], "customers": [{**customer(2, 8, "b"), "hierarchy_path": None}]},
        {"voss_spark_customers_one": listed[1], "customers": []},
    ]
    found = tokens.plan(listed, results, 7)
    assert found["refresh"] == [listed[2], customer(2, 8, "b")]
    assert found["reauthorise"] == []


def test_customers_that_were_not_read_are_failures() -> None:
    listed = [customer(None, None, "b"), customer(1, 9, "a")]
    found = tokens.plan(listed, [{"voss_spark_customers_one": listed[0], "msg": "Out of order."}], 7)
    failures = ["failed: b at sys.hcs.A: Out of order."]
    assert found == {"refresh": [listed[1]], "reauthorise": [], "failures": failures}
    assert tokens.outcome([], [], failures)["failures"] == failures


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        ({"msg": "timeout"}, "timeout"),
        ({"msg": "no", "transaction": None}, MISSING),
        ({"msg": "no", "transaction": {"state": "failed", "message": "Why."}}, "Why."),
        ({"msg": "no", "transaction": {"state": "failed", "message": None}}, "voss.no_cause"),
        ({"msg": "still running", "transaction": {"state": "running", "message": None}}, "still running"),
    ],
)
def test_a_failed_transaction_is_reported_with_its_cause(
    end: dict[str, Any], cause: str, messages: MessageTable
) -> None:
    one, other = customer(1, 9), customer(None, 9, "p2")
    renewals: list[dict[str, Any]] = [
        {"voss_spark_customers_one": one, "actions": ["access_token_refreshed"]},
        {"voss_spark_customers_one": other, "actions": ["access_token_refreshed"]},
        {"voss_spark_customers_one": customer(1, 9, "p3"), "failed": True, "msg": "gone"},
        {"voss_spark_customers_one": customer(9, 9, "p4"), "actions": []},
    ]
    found = tokens.outcome(renewals, [{"failed": True, "voss_spark_customers_sent": renewals[0], **end}])
    assert found["refreshed"] == [other]
    report = tokens.report(found, [], check_mode=False)
    messages.check("voss.refreshed_unknown_expiry", report[1], customer="p2 at sys.hcs.A")
    place, _failed, shown = report[3].rpartition("sys.hcs.A: ")
    assert (place, len(report)) == ("failed: p1 at ", 5)
    if cause.startswith("voss."):
        messages.check(cause, shown)
    else:
        assert shown == cause
    assert [report[0], report[2], report[4]] == [
        messages.expected("tokens.refreshed", count=1),
        "failed: p3 at sys.hcs.A: gone",
        messages.expected("tokens.unauthorized", count=0),
    ]
