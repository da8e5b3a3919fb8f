# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event filter for alerts of Webex Control Hub, with data that Control Hub does not send."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

FILTER = Path(__file__).resolve().parents[4] / "extensions" / "eda" / "plugins" / "event_filter" / "webex_alert.py"
ALERT = {"resourceType": "ControlHubAlerts"}


def filtered(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event after the filter, which ansible-rulebook loads in the same way."""
    result: dict[str, Any] = runpy.run_path(str(FILTER))["main"](event)
    return result


@pytest.mark.parametrize("payload", [None, [], "ControlHubAlerts", {}, {"resourceType": ["ControlHubAlerts"]}], ids=str)
def test_other_data_becomes_an_empty_event(payload: Any) -> None:
    assert filtered({"payload": payload, "meta": {"headers": {"x": "{{ 1 }}"}}}) == {}


@pytest.mark.parametrize("value", [None, 1, True, ["{{ 1 }}"], {"{{ 1 }}": "{{ 1 }}"}], ids=str)
def test_a_value_that_is_not_a_string_becomes_null(value: Any) -> None:
    alert = filtered({"payload": {**ALERT, "title": value, "severity": "HIGH"}})["webex_alert"]
    assert (alert["title"], alert["severity"], alert["summary"]) == (None, "HIGH", None)


def test_a_string_cannot_be_evaluated_and_is_limited() -> None:
    alert = filtered({"payload": {**ALERT, "title": "{{ 1 }}", "summary": "{%" * 5000, "{{ 1 }}": "{{ 1 }}"}})
    assert alert["webex_alert"]["title"] == "(U+007B)(U+007B) 1 (U+007D)(U+007D)"
    assert len(alert["webex_alert"]["summary"]) <= 2000
    assert not set("{}%#") & set(str(alert["webex_alert"].values()))
