# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module webex_hybrid_connector_info."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from support.modules import Result, RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

MODULE = "webex_hybrid_connector_info"
ORG = "Y2lzY29zcGFyazovL3"
NO_ALARM = dict.fromkeys(("id", "created", "severity", "title", "description", "hybrid_connector_id"))
NOTHING: dict[str, Any] = {
    **dict.fromkeys(("id", "org_id", "hybrid_cluster_id", "hostname", "status", "created", "type", "version")),
    "alarms": [],
}
SORTED = ["Y2lZY76125", "Y2lZY76126", "Y2lZY76123", "Y2lZY76124", "Y2lZY76127"]


def ids(result: Result) -> list[str]:
    assert not result.failed, result.msg
    assert not result.changed
    return [connector["id"] for connector in result["connectors"]]


def received(simulator: Simulator) -> list[str]:
    """Return the raw paths and queries of the requests."""
    return [entry["path"] + (f"?{entry['query']}" if entry["query"] else "") for entry in simulator.journal("webex")]


def test_connectors_are_sorted_by_host_name_then_id(module: RunModule, simulator: Simulator) -> None:
    result = module(MODULE)
    assert ids(result) == SORTED
    assert result["connectors"][2] == {
        "id": "Y2lZY76123",
        "org_id": ORG,
        "hybrid_cluster_id": "Y2lZY76123abbb",
        "hostname": "foo.example.org",
        "status": "operational",
        "created": "2017-09-15T15:53:00Z",
        "type": "calendar",
        "version": "1.9_foo_zz",
        "alarms": [
            {
                "id": "Y2lZY76123af234bbYY",
                "created": "2017-09-15T15:53:00Z",
                "severity": "warning",
                "title": "Something is wrong",
                "description": "More detail about something being wrong",
                "hybrid_connector_id": "Y2lZY76123af234bb",
            }
        ],
    }
    assert received(simulator) == ["/hybrid/connectors"]


def test_check_mode_lists_as_well(module: RunModule) -> None:
    assert module(MODULE, check=True).values == module(MODULE).values


def test_omitted_alarms_are_an_empty_list(module: RunModule, simulator: Simulator) -> None:
    assert module(MODULE)["connectors"][4]["alarms"] == []
    assert module(MODULE, id="Y2lZY76127")["connectors"][0]["alarms"] == []
    simulator.fault(system="webex", body={"items": [{"id": "a", "alarms": None}]})
    assert module(MODULE)["connectors"] == [{**NOTHING, "id": "a"}]


@pytest.mark.parametrize("empty", ["items", "object"])
def test_an_organization_without_connectors_is_an_empty_list(
    module: RunModule, simulator: Simulator, empty: str
) -> None:
    simulator.reset({"webex": {"connectors": []}, "settings": {"webex": {"empty": empty}}})
    assert ids(module(MODULE, clusters=True)) == []


def test_one_connector_is_read_by_id(module: RunModule, simulator: Simulator) -> None:
    assert ids(module(MODULE, id="Y2lZY76126")) == ["Y2lZY76126"]
    assert received(simulator) == ["/hybrid/connectors/Y2lZY76126"]


def test_an_unknown_id_returns_an_empty_list(module: RunModule, simulator: Simulator) -> None:
    assert ids(module(MODULE, id="nothing", clusters=True)) == []
    assert received(simulator) == ["/hybrid/connectors/nothing", "/hybrid/connectors"]


@pytest.mark.parametrize("identifier", ["a/b", "../clusters", "a b", "50%", "a?b#c", "a;b&c=d", "Y2lz+/=="])
def test_an_id_of_any_characters_stays_an_id(module: RunModule, simulator: Simulator, identifier: str) -> None:
    simulator.reset({"webex": {"connectors": [{"id": identifier, "orgId": ORG}]}})
    assert ids(module(MODULE, id=identifier)) == [identifier]


@pytest.mark.parametrize("options", [{"id": ""}, {"id": ".."}, {"org_id": ""}])
def test_ids_of_other_objects_are_refused_without_a_request(
    module: RunModule, simulator: Simulator, options: dict[str, Any]
) -> None:
    assert module(MODULE, **options).failed
    assert simulator.journal() == []


def test_an_organization_is_selected_by_id(module: RunModule, simulator: Simulator) -> None:
    connectors = [{"id": "mine", "orgId": ORG}, {"id": "theirs", "orgId": "other org", "hybridClusterId": "c"}]
    clusters = [{"id": "c", "orgId": "other org", "name": "Theirs"}]
    simulator.reset({"webex": {"connectors": connectors, "clusters": clusters}})
    result = module(MODULE, org_id="other org", clusters=True)
    assert ids(result) == ["theirs"]
    assert result["connectors"][0]["hybrid_cluster_name"] == "Theirs"
    assert received(simulator) == ["/hybrid/connectors?orgId=other%20org", "/hybrid/clusters?orgId=other%20org"]


def test_the_cluster_is_searched_in_the_connectors_organization(module: RunModule, simulator: Simulator) -> None:
    connectors = [{"id": "theirs", "orgId": "other", "hybridClusterId": "c"}]
    clusters = [{"id": "c", "orgId": "other", "name": "Theirs"}]
    simulator.reset({"webex": {"connectors": connectors, "clusters": clusters}})
    assert module(MODULE, id="theirs", clusters=True)["connectors"][0]["hybrid_cluster_name"] == "Theirs"
    assert received(simulator) == ["/hybrid/connectors/theirs", "/hybrid/clusters?orgId=other"]


def test_an_organization_that_is_not_there_is_a_failure(module: RunModule) -> None:
    result = module(MODULE, org_id="nothing")
    assert result.failed
    assert (result.failure["status"], result.failure["reason"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"status": ["outage"]}, ["Y2lZY76125"]),
        ({"status": ["OUTAGE", "maintenancemode"]}, ["Y2lZY76125", "Y2lZY76126"]),
        ({"status": []}, SORTED),
        ({"type": ["Calendar"]}, ["Y2lZY76125", "Y2lZY76123"]),
        ({"type": ["videomesh", "call"]}, ["Y2lZY76124", "Y2lZY76127"]),
        ({"type": ["calendar"], "status": ["operational"]}, ["Y2lZY76123"]),
        ({"hostname": "FOO.example.ORG"}, ["Y2lZY76123", "Y2lZY76124"]),
        ({"hostname": "foo"}, []),
        ({"hybrid_cluster_id": "Y2lZY76123accc"}, ["Y2lZY76125", "Y2lZY76126"]),
        ({"hybrid_cluster_id": "Y2lzY76123ACCC"}, []),
        ({"id": "Y2lZY76123", "status": ["outage"]}, []),
        ({"id": "Y2lZY76125", "status": ["outage"]}, ["Y2lZY76125"]),
        ({"hostname": "foo.example.org", "hybrid_cluster_id": "Y2lZY76123abbb", "type": ["call"]}, ["Y2lZY76124"]),
    ],
)
def test_filters_are_applied_here(
    module: RunModule, simulator: Simulator, filters: dict[str, Any], found: list[str]
) -> None:
    result = module(MODULE, **filters)
    assert ids(result) == found
    assert result.warnings == "[]"
    assert simulator.journal("webex")[0]["query"] == ""


@pytest.mark.parametrize(("option", "value"), [("status", "offline"), ("type", "fax")])
def test_an_undocumented_filter_value_is_searched_with_a_warning(
    module: RunModule, simulator: Simulator, option: str, value: str
) -> None:
    assert value in module(MODULE, **{option: [value]}).warnings
    simulator.reset({"webex": {"connectors": [{"id": "new", "orgId": ORG, option: value.title()}]}})
    assert ids(module(MODULE, **{option: [value]})) == ["new"]


def test_undocumented_values_are_returned(module: RunModule, simulator: Simulator) -> None:
    item = {
        "id": "a",
        "orgId": ORG,
        "status": "dreaming",
        "type": "fax",
        "alarms": [{"severity": "odd"}],
        "newField": 1,
    }
    simulator.reset({"webex": {"connectors": [item]}})
    assert module(MODULE)["connectors"] == [
        {
            **NOTHING,
            "id": "a",
            "org_id": ORG,
            "status": "dreaming",
            "type": "fax",
            "alarms": [{**NO_ALARM, "severity": "odd"}],
            "new_field": 1,
        }
    ]


def test_clusters_are_named(module: RunModule, simulator: Simulator) -> None:
    result = module(MODULE, clusters=True)
    assert [item["hybrid_cluster_name"] for item in result["connectors"]] == [
        "Expressway Oslo",
        "Expressway Oslo",
        "Expressway Dallas",
        "Expressway Dallas",
        "Video Mesh Dallas",
    ]
    assert received(simulator) == ["/hybrid/connectors", "/hybrid/clusters"]


def test_a_cluster_that_is_not_listed_has_no_name(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"webex": {"clusters": []}})
    assert {item["hybrid_cluster_name"] for item in module(MODULE, clusters=True)["connectors"]} == {None}


def test_without_clusters_no_cluster_is_requested(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"scopes": ["spark-admin:hybrid_connectors_read"]})
    assert all("hybrid_cluster_name" not in item for item in module(MODULE)["connectors"])


def test_a_missing_cluster_scope_is_named_in_the_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"scopes": ["spark-admin:hybrid_connectors_read"]})
    result = module(MODULE, clusters=True)
    assert result.failed
    assert "spark-admin:hybrid_clusters_read" in result.msg
    assert result.failure["status"] == 403
    assert "connectors" not in result


def test_a_missing_connector_scope_has_the_tracking_id(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"scopes": []})
    result = module(MODULE)
    assert result.failed
    assert result.failure["request_id"].startswith("SIMULATOR_")
    assert result.failure["reason"] == "forbidden"
    assert "spark-admin:hybrid_connectors_read" in result.failure["message"]
    assert len(simulator.journal()) == 1


@pytest.mark.parametrize("path", ["/hybrid/connectors", "/hybrid/clusters"])
def test_pages_are_followed_should_the_server_ever_make_some(
    module: RunModule, simulator: Simulator, path: str
) -> None:
    simulator.settings(webex={"page_size": 1})
    result = module(MODULE, clusters=True)
    assert ids(result) == SORTED
    assert all(item["hybrid_cluster_name"] for item in result["connectors"])
    assert len([line for line in received(simulator) if line.startswith(path)]) == (5 if "connectors" in path else 3)


def test_a_link_may_be_relative(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(webex={"page_size": 3})
    cursor = base64.urlsafe_b64encode(f"3 {ORG}".encode()).decode()
    simulator.fault(system="webex", headers={"Link": f'</webex/v1/hybrid/connectors?cursor={cursor}>; rel="next"'})
    assert ids(module(MODULE)) == SORTED
    assert len(simulator.journal()) == 2


def test_a_link_to_another_origin_is_not_followed(
    module: RunModule, simulator: Simulator, second_simulator: Simulator
) -> None:
    link = f"{second_simulator.system_url('webex')}/hybrid/connectors"
    simulator.fault(system="webex", headers={"Link": f'<{link}>; rel="next"'})
    result = module(MODULE)
    assert result.failed
    assert result.failure["reason"] == "wrong_address"
    assert second_simulator.journal() == []


def test_a_repeated_link_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    link = f"{simulator.system_url('webex')}/hybrid/connectors"
    simulator.fault(system="webex", headers={"Link": f'<{link}>; rel="next"'}, times=None)
    assert module(MODULE).failure["reason"] == "invalid_response"
    assert len(simulator.journal()) == 2


def test_a_thousand_pages_are_enough(module: RunModule, simulator: Simulator) -> None:
    simulator.reset(
        {"webex": {"connectors": [], "generate": {"connectors": 1001}}, "settings": {"webex": {"page_size": 1}}}
    )
    assert module(MODULE).failure["reason"] == "invalid_response"
    assert len(simulator.journal()) == 1000


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"items": None},
        {"items": {}},
        {"items": ["a"]},
        {"items": [None]},
        {"items": [{"hostname": "no id"}]},
        {"items": [{"id": None}]},
        {"items": [{"id": 7}]},
        {"items": [{"id": "a", "alarms": {"id": "b"}}]},
        {"status": "maintenance"},
        {"Items": []},
        {"error": "An error that calls itself a success."},
        {"items": [], "error": "An error that calls itself a success."},
        {"message": "An error that calls itself a success.", "trackingId": "T"},
    ],
)
def test_a_malformed_list_is_a_failure(module: RunModule, simulator: Simulator, body: Any) -> None:
    simulator.fault(system="webex", body=body)
    result = module(MODULE)
    assert result.failure["reason"] == "invalid_response"
    assert "connectors" not in result


def test_a_cluster_without_an_id_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="webex", path="clusters", body={"items": [{"name": "no id"}]})
    assert module(MODULE, clusters=True).failure["reason"] == "invalid_response"
