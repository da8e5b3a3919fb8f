# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module voss_spark_customer_tokens: a plan and a summary without a request."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import RunModule
from support.simulator import Simulator

CUSTOMER = {"pkid": "p1", "name": "Initech", "hierarchy_path": "sys.hcs.A"}
ENDING = {**CUSTOMER, "access_token_days_left": 1.0, "refresh_token_days_left": 60.0}
LOST = {**CUSTOMER, "pkid": "p2", "name": "Hooli", "access_token_days_left": 1.0, "refresh_token_days_left": -3.0}
UNKNOWN = {**CUSTOMER, "pkid": "p3", "access_token_days_left": None, "refresh_token_days_left": None}


def test_customers_without_an_expiry_are_selected(module: RunModule, simulator: Simulator) -> None:
    result = module("voss_spark_customer_tokens", customers=[ENDING, UNKNOWN])
    assert result["without_expiry"] == [UNKNOWN]
    assert not result.changed
    assert simulator.journal() == []


def test_the_plan_follows_the_expiry(module: RunModule) -> None:
    result = module("voss_spark_customer_tokens", customers=[ENDING, LOST], results=[], token_days=14)
    assert result["refresh"] == [ENDING]
    assert result["reauthorise"] == [LOST]


@pytest.mark.parametrize(("check", "row"), [(False, "tokens.refreshed"), (True, "tokens.predicted")])
def test_the_summary_names_the_customers(module: RunModule, messages: MessageTable, check: bool, row: str) -> None:
    renewals = [{"voss_spark_customers_one": ENDING, "actions": ["access_token_refreshed"]}]
    result = module("voss_spark_customer_tokens", check=check, renewals=renewals, reauthorise=[LOST])
    assert result["refreshed"] == [ENDING]
    messages.check(row, result["lines"][0], count=1)
    assert messages.expected("tokens.unauthorized", count=1) in result["lines"]
    messages.check_in("tokens.refresh_expired", result["lines"][-1], days="3.0")


@pytest.mark.parametrize("wrong", [{}, {"customers": [], "renewals": []}, {"results": [], "renewals": []}])
def test_contradictory_options_are_refused(module: RunModule, wrong: dict[str, Any]) -> None:
    result = module("voss_spark_customer_tokens", **wrong)
    assert result.failed
    assert result.failure["reason"] == "invalid_option"
