# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several organizations of Webex in one task of webex_hybrid_connector_info."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

MODULE = "webex_hybrid_connector_info"
ORG = "Y2lzY29zcGFyazovL3"
SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"
BOTH = [ORG, SUBSIDIARY]
NAMES = {ORG: "Example Corporation", SUBSIDIARY: "Example Subsidiary"}
CONNECTORS_OF = {
    ORG: ["Y2lZY76123", "Y2lZY76124", "Y2lZY76125", "Y2lZY76126", "Y2lZY76127"],
    SUBSIDIARY: ["Y2lZY76131", "Y2lZY76132"],
}


def by_organization(result: Result) -> dict[str, list[str]]:
    """Return the sorted IDs of the connectors by the ID of their organization."""
    found: dict[str, list[str]] = {}
    for connector in result.ok()["connectors"]:
        found.setdefault(connector["org_id"], []).append(connector["id"])
    return {org_id: sorted(ids) for org_id, ids in found.items()}


def received(simulator: Simulator) -> list[str]:
    """Return the sorted paths and queries of the requests."""
    entries = simulator.journal("webex")
    return sorted(entry["path"] + (f"?{entry['query']}" if entry["query"] else "") for entry in entries)


@pytest.mark.parametrize("given", ["all", ["all"], BOTH, BOTH[::-1], [*BOTH, f"{ORG}=="]])
def test_every_organization_is_read(module: RunModule, simulator: Simulator, given: Any) -> None:
    result = module(MODULE, org_ids=given)
    assert by_organization(result) == CONNECTORS_OF
    assert {item["org_id"]: item["org_name"] for item in result["connectors"]} == NAMES
    assert result["organizations"] == [
        {"id": org_id, "name": NAMES[org_id], "read": True, "error": None, "reason": None} for org_id in BOTH
    ]
    assert result.warnings == "[]"
    assert not result.changed


def test_check_mode_reads_as_well(module: RunModule) -> None:
    assert module(MODULE, check=True, org_ids="all").values == module(MODULE, org_ids="all").values


@pytest.mark.parametrize("given", ["all", BOTH])
def test_one_request_is_sent_for_each_organization(module: RunModule, simulator: Simulator, given: Any) -> None:
    module(MODULE, org_ids=given).ok()
    lists = [f"/hybrid/connectors?orgId={org_id}" for org_id in BOTH]
    assert received(simulator) == [*lists, "/organizations"]


def test_clusters_add_one_request_for_each_organization(module: RunModule, simulator: Simulator) -> None:
    result = module(MODULE, org_ids="all", clusters=True)
    assert by_organization(result) == CONNECTORS_OF
    assert all(item["hybrid_cluster_name"] for item in result["connectors"])
    assert len(received(simulator)) == 5


def test_without_the_option_no_organization_is_listed(module: RunModule, simulator: Simulator) -> None:
    result = module(MODULE).ok()
    assert "organizations" not in result
    assert all("org_name" not in item for item in result["connectors"])
    assert received(simulator) == ["/hybrid/connectors"]


def test_a_refused_organization_does_not_hide_the_others(
    module: RunModule, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    result = module(MODULE, org_ids="all")
    assert by_organization(result) == {ORG: CONNECTORS_OF[ORG]}
    read, unread = result["organizations"]
    assert (read["read"], read["error"]) == (True, None)
    assert (unread["id"], unread["name"], unread["read"]) == (SUBSIDIARY, NAMES[SUBSIDIARY], False)
    assert unread["reason"] == "forbidden"
    assert "403" in unread["error"]
    messages.check_in("webex.unread_organization", result.warnings, total=2)
    assert NAMES[SUBSIDIARY] in result.warnings


@pytest.mark.parametrize("given", ["all", BOTH, [ORG]])
def test_the_task_fails_if_no_organization_can_be_read(module: RunModule, simulator: Simulator, given: Any) -> None:
    simulator.settings(webex={"forbidden_organizations": BOTH})
    result = module(MODULE, org_ids=given)
    assert result.failed
    assert (result.failure["status"], result.failure["reason"]) == (403, "forbidden")
    assert "connectors" not in result
    assert {item["read"] for item in result["organizations"]} == {False}


def test_an_unknown_organization_is_not_read(module: RunModule) -> None:
    result = module(MODULE, org_ids=[ORG, "nothing"])
    assert by_organization(result) == {ORG: CONNECTORS_OF[ORG]}
    assert result["organizations"][0] == {
        "id": "nothing",
        "name": None,
        "read": False,
        "error": result["organizations"][0]["error"],
        "reason": "not_found",
    }


def test_other_failures_concern_one_organization_as_well(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", path=f"connectors\\?orgId={ORG}$", status=500, body={"message": "Broken."})
    result = module(MODULE, org_ids="all")
    assert by_organization(result) == {SUBSIDIARY: CONNECTORS_OF[SUBSIDIARY]}
    assert [item["reason"] for item in result["organizations"]] == ["unavailable", None]


def test_a_missing_scope_for_clusters_leaves_organizations_unread(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", path=f"clusters\\?orgId={ORG}$", status=403, body={"message": "No."})
    result = module(MODULE, org_ids="all", clusters=True)
    assert by_organization(result) == {SUBSIDIARY: CONNECTORS_OF[SUBSIDIARY]}
    assert "spark-admin:hybrid_clusters_read" in result["organizations"][0]["error"]


def test_all_organizations_require_a_scope(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"scopes": ["spark-admin:hybrid_connectors_read"]})
    result = module(MODULE, org_ids="all")
    assert result.failed
    assert result.failure["reason"] == "forbidden"
    assert "spark-admin:organizations_read" in result.msg
    assert received(simulator) == ["/organizations"]


def test_specified_organizations_are_read_without_their_names(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"scopes": ["spark-admin:hybrid_connectors_read"]})
    result = module(MODULE, org_ids=BOTH)
    assert by_organization(result) == CONNECTORS_OF
    assert {item["org_name"] for item in result["connectors"]} == {None}
    assert {item["name"] for item in result["organizations"]} == {None}
    assert "spark-admin:organizations_read" in result.warnings


def test_an_empty_list_of_organizations_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", path="organizations", body={"items": []})
    result = module(MODULE, org_ids="all")
    assert result.failure["reason"] == "invalid_response"
    assert "connectors" not in result


def test_rejected_credentials_fail_the_task(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", path="connectors", times=None, status=401, body={"message": "No."})
    result = module(MODULE, org_ids=BOTH)
    assert result.failed
    assert result.failure["reason"] == "unauthorized"


def test_an_organization_without_connectors_is_read(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"webex": {"connectors": []}, "settings": {"webex": {"empty": "object"}}})
    result = module(MODULE, org_ids="all").ok()
    assert result["connectors"] == []
    assert {item["read"] for item in result["organizations"]} == {True}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"status": ["outage"]}, ["Y2lZY76125"]),
        ({"hostname": "expc01.subsidiary.example"}, ["Y2lZY76131", "Y2lZY76132"]),
        ({"hybrid_cluster_name": "expressway bergen"}, ["Y2lZY76131", "Y2lZY76132"]),
        ({"alarm_severity": ["critical"]}, ["Y2lZY76125", "Y2lZY76132"]),
        ({"alarm_severity": "ERROR"}, ["Y2lZY76124"]),
    ],
)
def test_filters_apply_to_every_organization(module: RunModule, filters: dict[str, Any], found: list[str]) -> None:
    result = module(MODULE, org_ids="all", **filters).ok()
    assert sorted(item["id"] for item in result["connectors"]) == found
    assert {item["read"] for item in result["organizations"]} == {True}


@pytest.mark.parametrize(
    "options",
    [
        {"org_ids": []},
        {"org_ids": ""},
        {"org_ids": [ORG, " "]},
        {"org_ids": ["all", ORG]},
        {"org_ids": "all", "org_id": ORG},
        {"org_ids": "all", "id": "Y2lZY76123"},
    ],
)
def test_invalid_organizations_send_no_request(
    module: RunModule, simulator: Simulator, options: dict[str, Any]
) -> None:
    assert module(MODULE, **options).failure["reason"] == "invalid_option"
    assert simulator.journal() == []


@pytest.mark.real_waits
def test_many_organizations_wait_for_a_rate_limit_together(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"webex": {"connectors": [], "generate": {"connectors": 12, "organizations": 12}}})
    for number in (2, 7):
        simulator.fault(system="webex", path="connectors", skip=number, status=429, headers={"Retry-After": "1"})
    begin = time.monotonic()
    result = module(MODULE, org_ids="all").ok()
    assert len(result["connectors"]) == 12
    assert len(result["organizations"]) == 12
    assert time.monotonic() - begin >= 1
    assert len([line for line in received(simulator) if line.startswith("/hybrid/connectors")]) == 14


def test_several_organizations_are_read_at_once(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"webex": {"connectors": [], "generate": {"connectors": 8, "organizations": 8}}})
    simulator.settings(latency=0.3)
    result = module(MODULE, org_ids="all").ok()
    assert len(result["organizations"]) == 8
    lists = [entry for entry in simulator.journal("webex") if entry["path"] == "/hybrid/connectors"]
    assert len({entry["connection"] for entry in lists}) > 1
