# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module webex_hybrid_cluster_info."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

MODULE = "webex_hybrid_cluster_info"
ORG = "Y2lzY29zcGFyazovL3"
SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"
STATUSES = dict.fromkeys(("operational", "impaired", "outage", "maintenanceMode"), 0)
TYPES: dict[str, int] = dict.fromkeys(
    (
        *("expresswayManagement", "calendar", "call", "message", "expresswayServiceability", "ecpServiceability"),
        *("videoMesh", "dataSecurity", "care", "careManagement"),
    ),
    0,
)
SORTED = ["Y2lZY76123abbb", "Y2lZY76123accc", "Y2lZY76123addd"]
LISTS = ["/hybrid/clusters", "/hybrid/connectors", "/resourceGroups"]


def ids(result: Result) -> list[str]:
    assert not result.ok().changed
    return [cluster["id"] for cluster in result["clusters"]]


def received(simulator: Simulator) -> list[str]:
    """Return the paths and queries of the requests."""
    return [entry["path"] + (f"?{entry['query']}" if entry["query"] else "") for entry in simulator.journal("webex")]


def test_clusters_are_sorted_and_their_connectors_counted(module: RunModule, simulator: Simulator) -> None:
    result = module(MODULE)
    assert ids(result) == SORTED
    assert result["clusters"][1] == {
        "id": "Y2lZY76123accc",
        "org_id": ORG,
        "name": "Expressway Oslo",
        "resource_group_id": "Y2lZY76123rg01",
        "resource_group_name": "Default",
        "connectors": {
            "total": 2,
            "by_status": {**STATUSES, "outage": 1, "maintenanceMode": 1},
            "by_type": {**TYPES, "calendar": 1, "expresswayManagement": 1},
        },
    }
    assert [cluster["resource_group_name"] for cluster in result["clusters"]] == ["Default", "Default", "Media"]
    assert received(simulator) == LISTS
    assert "organizations" not in result


def test_check_mode_lists_as_well(module: RunModule) -> None:
    assert module(MODULE, check=True).values == module(MODULE).values


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"id": "Y2lZY76123accc"}, ["Y2lZY76123accc"]),
        ({"id": "Y2lZY76123accc=="}, ["Y2lZY76123accc"]),
        ({"id": "y2lzy76123ACCC"}, []),
        ({"name": "expressway OSLO"}, ["Y2lZY76123accc"]),
        ({"name": "Expressway"}, []),
        ({"id": "Y2lZY76123accc", "name": "Expressway Dallas"}, []),
        ({"org_id": SUBSIDIARY}, ["Y2lZY76123aeee"]),
        ({"org_id": SUBSIDIARY, "id": "Y2lZY76123accc"}, []),
        ({"org_ids": "all", "id": "Y2lZY76123aeee"}, ["Y2lZY76123aeee"]),
    ],
)
def test_filters_select_clusters(module: RunModule, filters: dict[str, Any], found: list[str]) -> None:
    assert ids(module(MODULE, **filters)) == found


def test_without_a_matching_cluster_nothing_else_is_requested(module: RunModule, simulator: Simulator) -> None:
    assert ids(module(MODULE, name="nothing")) == []
    assert received(simulator) == ["/hybrid/clusters"]


def test_clusters_of_several_organizations(module: RunModule, simulator: Simulator) -> None:
    result = module(MODULE, org_ids="all")
    assert ids(result) == ["Y2lZY76123aeee", *SORTED]
    assert {item["id"]: item["org_name"] for item in result["clusters"]} == {
        "Y2lZY76123aeee": "Example Subsidiary",
        **dict.fromkeys(SORTED, "Example Corporation"),
    }
    assert [item["read"] for item in result["organizations"]] == [True, True]
    lists = [f"{path}?orgId={org_id}" for path in LISTS for org_id in (ORG, SUBSIDIARY)]
    assert sorted(received(simulator)) == sorted(["/organizations", *lists])


def test_a_refused_organization_does_not_hide_the_others(
    module: RunModule, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.settings(webex={"forbidden_organizations": [ORG]})
    result = module(MODULE, org_ids="all")
    assert ids(result) == ["Y2lZY76123aeee"]
    assert [(item["id"], item["reason"]) for item in result["organizations"]] == [
        (ORG, "forbidden"),
        (SUBSIDIARY, None),
    ]
    messages.check_in("webex.unread_organization", result.warnings, total=2)


def test_a_cluster_without_connectors_counts_zero(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"webex": {"connectors": []}})
    found = module(MODULE).ok()["clusters"]
    assert [item["connectors"] for item in found] == 3 * [{"total": 0, "by_status": STATUSES, "by_type": TYPES}]


def test_undocumented_values_are_counted(module: RunModule, simulator: Simulator) -> None:
    cluster = {"orgId": ORG, "hybridClusterId": "c="}
    connectors = [
        {"id": "1", **cluster, "status": "Dreaming", "type": "fax"},
        {"id": "2", **cluster, "status": "OUTAGE", "type": "Call"},
        {"id": "3", **cluster},
        {"id": "4", "orgId": ORG},
    ]
    clusters = [{"id": "c", "orgId": ORG, "name": "C", "newField": 1}]
    simulator.reset({"webex": {"connectors": connectors, "clusters": clusters}})
    assert module(MODULE).ok()["clusters"] == [
        {
            "id": "c",
            "org_id": ORG,
            "name": "C",
            "new_field": 1,
            "resource_group_id": None,
            "resource_group_name": None,
            "connectors": {
                "total": 3,
                "by_status": {**STATUSES, "outage": 1, "Dreaming": 1, "unknown": 1},
                "by_type": {**TYPES, "call": 1, "fax": 1, "unknown": 1},
            },
        }
    ]


@pytest.mark.parametrize(
    ("missing", "what", "scopes"),
    [
        ("hybrid_clusters_read", "hybrid clusters", ["hybrid_connectors_read", "resource_groups_read"]),
        ("hybrid_connectors_read", "hybrid connectors", ["hybrid_clusters_read", "resource_groups_read"]),
        ("resource_groups_read", "resource groups", ["hybrid_clusters_read", "hybrid_connectors_read"]),
    ],
)
def test_a_missing_scope_is_named(
    module: RunModule, simulator: Simulator, missing: str, what: str, scopes: list[str], messages: MessageTable
) -> None:
    simulator.settings(webex={"scopes": [f"spark-admin:{scope}" for scope in scopes]})
    result = module(MODULE)
    assert result.failure["reason"] == "forbidden"
    messages.check_in("webex.missing_scope", result.msg, what=what, scope=f"spark-admin:{missing}")
    assert "clusters" not in result


def test_clusters_can_be_listed_without_resource_groups(
    module: RunModule, simulator: Simulator, messages: MessageTable
) -> None:
    simulator.settings(webex={"scopes": ["spark-admin:hybrid_clusters_read", "spark-admin:hybrid_connectors_read"]})
    messages.check_in("webex.no_resource_groups", module(MODULE).msg)
    simulator.forget()
    result = module(MODULE, resource_groups=False)
    assert ids(result) == SORTED
    assert {item["resource_group_name"] for item in result["clusters"]} == {None}
    assert received(simulator) == LISTS[:2]


@pytest.mark.parametrize(
    "options", [{"org_id": ""}, {"org_ids": []}, {"org_ids": ["all", ORG]}, {"org_ids": "all", "org_id": ORG}]
)
def test_invalid_organizations_send_no_request(
    module: RunModule, simulator: Simulator, options: dict[str, Any]
) -> None:
    assert module(MODULE, **options).failure["reason"] == "invalid_option"
    assert simulator.journal() == []


@pytest.mark.parametrize("path", LISTS)
def test_pages_are_followed(module: RunModule, simulator: Simulator, path: str) -> None:
    simulator.settings(webex={"page_size": 1})
    result = module(MODULE)
    assert ids(result) == SORTED
    assert sum(item["connectors"]["total"] for item in result["clusters"]) == 5
    assert len([line for line in received(simulator) if line.startswith(path)]) > 1
