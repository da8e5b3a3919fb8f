# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleet records, and the rules for their health."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils import _fleet
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
THRESHOLDS = _fleet.HealthThresholds(NOW)


def record(system: str, **item: object) -> dict[str, Any]:
    [only] = _fleet.records(system, [item], THRESHOLDS)
    return only


def later(**amount: float) -> str:
    return (NOW + timedelta(**amount)).isoformat()


@pytest.mark.parametrize("system", PROVIDERS)
def test_every_record_has_every_field(system: str) -> None:
    assert tuple(record(system)) == _fleet.FIELDS
    assert record(system)["health"] in _fleet.HEALTHS


@pytest.mark.parametrize(
    ("status", "alarms", "health"),
    [
        ("operational", [], "healthy"),
        ("OPERATIONAL", [], "healthy"),
        ("operational", ["warning", "alert"], "healthy"),
        ("operational", ["warning", "critical"], "degraded"),
        ("operational", ["error"], "degraded"),
        ("impaired", [], "degraded"),
        ("outage", ["critical"], "down"),
        ("maintenanceMode", ["critical"], "maintenance"),
        ("newWord", [], "unknown"),
        (None, [], "unknown"),
    ],
)
def test_webex(status: str | None, alarms: list[str], health: str) -> None:
    found = record("webex", status=status, alarms=[{"severity": word, "title": "Title"} for word in alarms])
    assert found["health"] == health
    assert len(found["problems"]) == len(alarms) + (str(status).casefold() != "operational")


def test_webex_names_the_cluster_or_else_its_id() -> None:
    assert record("webex", hybrid_cluster_id="c1", hybrid_cluster_name="Oslo")["group"] == "Oslo"
    assert record("webex", hybrid_cluster_id="c1", hybrid_cluster_name=None)["group"] == "c1"


@pytest.mark.parametrize(
    ("status", "health"),
    [("CONNECTED", "healthy"), ("Connected", "healthy"), ("disconnected", "down"), ("PENDING", "unknown")],
)
def test_apono(status: str, health: str) -> None:
    assert record("apono", status=status)["health"] == health


@pytest.mark.parametrize(("latest", "outdated"), [(True, False), (False, True), (None, None)])
def test_apono_reports_outdated_connectors(latest: bool | None, outdated: bool | None, messages: MessageTable) -> None:
    found = record("apono", status="CONNECTED", version="1.5.9", is_latest_version=latest)
    assert found["outdated"] is outdated
    assert len(found["problems"]) == bool(outdated)
    for problem in found["problems"]:
        messages.check("fleet.outdated", problem, version="1.5.9")
    assert _fleet.is_outdated(found) is bool(outdated)


@pytest.mark.parametrize(
    ("access", "refresh", "health"),
    [
        (None, None, "healthy"),
        (later(days=30), later(days=60), "healthy"),
        (later(days=6), later(days=60), "degraded"),
        (later(days=30), later(days=7), "degraded"),
        (later(seconds=-100), later(days=60), "down"),
        (later(days=6), later(days=-1), "down"),
        ("no time at all", None, "healthy"),
    ],
)
def test_voss(access: str | None, refresh: str | None, health: str) -> None:
    assert record("voss", access_token_expires=access, refresh_token_expires=refresh)["health"] == health


@pytest.mark.parametrize(
    ("accessed", "health"),
    [
        (later(hours=-23), "healthy"),
        (later(hours=-25), "degraded"),
        ((NOW - timedelta(hours=1)).timestamp() * 1000, "healthy"),
        ("yesterday", "unknown"),
        (None, "unknown"),
    ],
)
def test_hdp(accessed: object, health: str) -> None:
    assert record("hdp", last_accessed=accessed)["health"] == health


@pytest.mark.parametrize(
    ("accessed", "problem"),
    [
        (None, "The time of the last access is unknown."),
        ("Dec 31, 2025", "The time of the last access has an unknown format: 'Dec 31, 2025'."),
    ],
)
def test_an_unknown_hdp_time_differs_from_a_missing_time(accessed: object, problem: str) -> None:
    assert record("hdp", last_accessed=accessed)["problems"] == [problem]


def test_the_limits_can_be_moved() -> None:
    thresholds = _fleet.HealthThresholds(NOW, stale_after_hours=1, expiring_within_days=60)
    assert _fleet.records("hdp", [{"last_accessed": later(hours=-2)}], thresholds)[0]["health"] == "degraded"
    assert _fleet.records("voss", [{"access_token_expires": later(days=59)}], thresholds)[0]["health"] == "degraded"


def test_last_seen_is_normalized() -> None:
    assert record("apono", last_connected="2026-10-01T10:15:30.123456+02:00")["last_seen"] == "2026-10-01T08:15:30Z"
    assert record("hdp", last_accessed="2026-10-01T08:15:30")["last_seen"] == "2026-10-01T08:15:30Z"


def test_records_are_sorted_by_name() -> None:
    items = [{"id": "2", "name": "b"}, {"id": "3", "name": "a"}, {"id": "1", "name": "a"}]
    assert [item["id"] for item in _fleet.records("apono", items, THRESHOLDS)] == ["1", "3", "2"]


@pytest.mark.parametrize("given", [{"connectors": []}, "text", None, [1], ["id"]])
def test_only_lists_of_info_modules_are_accepted(given: object) -> None:
    with pytest.raises(InputError, match="'connectors'"):
        _fleet.records("apono", given, THRESHOLDS)


def test_an_unknown_system_is_refused() -> None:
    with pytest.raises(InputError, match="apono, hdp, voss, webex"):
        _fleet.records("zoom", [], THRESHOLDS)


@pytest.mark.parametrize("given", [{}, "healthy", None, {"health": "healthy"}])
def test_only_records_can_be_tested(given: object, messages: MessageTable) -> None:
    for test in (_fleet.is_healthy, _fleet.is_outdated):
        with pytest.raises(InputError) as caught:
            test(given)
        messages.check("fleet.not_a_record", caught.value.message)


def test_record_has_type_and_organization() -> None:
    webex = record("webex", type="calendar", org_name="Initech", org_id="o1")
    assert (webex["type"], webex["org"]) == ("calendar", "Initech")
    assert record("webex", type="calendar", org_id="o1")["org"] is None
    hdp = record("hdp", tenant_name="OrgB")
    assert (hdp["type"], hdp["org"], hdp["group"]) == (None, "OrgB", "OrgB")
    for system in ("apono", "voss"):
        assert (record(system)["type"], record(system)["org"]) == (None, None)
