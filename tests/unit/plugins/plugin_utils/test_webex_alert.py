# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event filter for alerts of Webex Control Hub, with data that Control Hub does not send."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FILTER = Path(__file__).resolve().parents[4] / "extensions" / "eda" / "plugins" / "event_filter" / "webex_alert.py"
# The filter sets up Ansible's plugin loader, which must not happen in the process of the other tests.
LOADED = """
import json, runpy, sys
main = runpy.run_path(sys.argv[1])["main"]
print(json.dumps([main(event) for event in json.load(sys.stdin)]))
"""
ALERT = {"resourceType": "ControlHubAlerts"}


def filtered(*payloads: Any) -> list[dict[str, Any]]:
    """Return the events for payloads. The filter is loaded as ansible-rulebook loads it."""
    given = json.dumps([{"payload": payload, "meta": {"headers": {"x": "{{ 1 }}"}}} for payload in payloads])
    command = [sys.executable, "-c", LOADED, str(FILTER)]
    result: list[dict[str, Any]] = json.loads(
        subprocess.run(command, input=given, check=True, stdout=subprocess.PIPE, text=True).stdout
    )
    return result


def test_other_data_becomes_an_empty_event() -> None:
    payloads: list[Any] = [None, [], "ControlHubAlerts", {}, {"resourceType": ["ControlHubAlerts"]}]
    assert filtered(*payloads) == [{}] * 5


def test_a_value_that_is_not_a_string_becomes_null() -> None:
    values = [None, 1, True, ["{{ 1 }}"], {"{{ 1 }}": "{{ 1 }}"}]
    for event in filtered(*({**ALERT, "title": value, "severity": "HIGH"} for value in values)):
        alert = event["webex_alert"]
        assert (alert["title"], alert["severity"], alert["summary"]) == (None, "HIGH", None)


def test_a_string_cannot_be_evaluated_and_is_limited() -> None:
    [event] = filtered({**ALERT, "title": "{{ 1 }}", "summary": "{%" * 5000, "{{ 1 }}": "{{ 1 }}"})
    assert event["webex_alert"]["title"] == "(U+007B)(U+007B) 1 (U+007D)(U+007D)"
    assert len(event["webex_alert"]["summary"]) <= 2000
    assert not set("{}%#") & set("".join(filter(None, event["webex_alert"].values())))
