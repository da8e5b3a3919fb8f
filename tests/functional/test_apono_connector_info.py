# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module apono_connector_info."""

from __future__ import annotations

from typing import Any

import pytest
from support.modules import Result, RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

LIST = "/api/admin/v3/connectors"


def ids(result: Result) -> list[str]:
    assert not result.failed, result.msg
    assert not result.changed
    return [connector["id"] for connector in result["connectors"]]


def connector(identifier: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": identifier,
        "name": identifier,
        "status": "CONNECTED",
        "version": "1.6.4",
        "last_connected": None,
        "is_latest_version": True,
        "cloud_provider_type": "AWS",
        **fields,
    }


def test_connectors_are_sorted_by_name_with_verbatim_values(module: RunModule) -> None:
    result = module("apono_connector_info")
    assert ids(result) == [
        "AwsConnector-ProdTeam-XYZ123",
        "gcp-analytics",
        "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012",
        "prod-us-east-1",
    ]
    analytics = result["connectors"][1]
    assert analytics == {
        "id": "gcp-analytics",
        "name": "analytics",
        "status": "DISCONNECTED",
        "version": "1.5.2",
        "last_connected": "2026-08-19T22:41:07.5Z",
        "is_latest_version": False,
        "cloud_provider_type": "GCP",
        "sessions": [],
    }
    session = result["connectors"][0]["sessions"][0]
    assert session["metadata"]["cloud_provider_metadata"]["aws_account_id"] == "123456789012"


def test_check_mode_lists_as_well(module: RunModule) -> None:
    assert module("apono_connector_info", check=True).values == module("apono_connector_info").values


def test_connectors_of_one_name_are_sorted_by_id(module: RunModule, simulator: Simulator) -> None:
    simulator.reset(
        {"apono": {"connectors": [connector("b", name="x"), connector("c", name="a"), connector("a", name="x")]}}
    )
    assert ids(module("apono_connector_info")) == ["c", "a", "b"]


def test_no_connectors_are_an_empty_list(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"apono": {"connectors": []}})
    assert ids(module("apono_connector_info")) == []


def test_unknown_fields_are_returned_in_snake_case(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"apono": {"connectors": [connector("a", someNewField={"innerID": 1})]}})
    assert module("apono_connector_info")["connectors"][0]["some_new_field"] == {"inner_id": 1}


def test_a_server_without_sessions_is_understood(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(apono={"sessions": False})
    assert all(item["sessions"] is None for item in module("apono_connector_info")["connectors"])


def test_documented_fields_that_the_server_leaves_out_are_null(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", body={"items": [{"id": "a"}], "pagination": {}})
    assert module("apono_connector_info")["connectors"] == [
        {**dict.fromkeys(connector("a")), "sessions": None, "id": "a"}
    ]
    simulator.fault(system="apono", body=[{"connector_id": "a"}])
    assert module("apono_connector_info", api_version="v2")["connectors"] == [
        {"id": "a", "connector_id": "a", "status": None, "last_connected": None}
    ]


@pytest.mark.parametrize("end", ["missing", "null", "empty"])
def test_every_page_is_read_for_each_end_marker(module: RunModule, simulator: Simulator, end: str) -> None:
    simulator.reset(
        {"apono": {"connectors": [], "generate": {"connectors": 205}}, "settings": {"apono": {"last_page": end}}}
    )
    assert ids(module("apono_connector_info")) == [f"generated-{number:04}" for number in range(1, 206)]
    assert len(simulator.journal("apono")) == 3


def test_pages_share_one_connection_and_send_only_the_token(module: RunModule, simulator: Simulator) -> None:
    simulator.reset({"apono": {"connectors": [], "generate": {"connectors": 50}}})
    assert len(ids(module("apono_connector_info", limit=2, status=["DISCONNECTED"]))) == 5
    first, *others = simulator.journal("apono")
    assert first["query"] == "limit=2&status=DISCONNECTED"
    assert len(others) == 2
    assert all(set(entry["params"]) == {"page_token"} for entry in others)
    assert len({entry["connection"] for entry in (first, *others)}) == 1


def test_without_a_limit_the_server_chooses_it(module: RunModule, simulator: Simulator) -> None:
    module("apono_connector_info")
    assert [entry["query"] for entry in simulator.journal("apono")] == [""]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_is_refused_without_a_request(module: RunModule, simulator: Simulator, limit: int) -> None:
    assert "'limit'" in module("apono_connector_info", limit=limit).msg
    assert simulator.journal() == []


def test_a_repeated_page_token_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(apono={"repeat_token": True})
    result = module("apono_connector_info")
    assert result.failure["reason"] == "invalid_response"
    assert "connectors" not in result
    assert len(simulator.journal("apono")) == 2


def test_several_statuses_are_sent_as_repeated_parameters(module: RunModule, simulator: Simulator) -> None:
    assert len(ids(module("apono_connector_info", status=["connected", "Disconnected"]))) == 4
    assert simulator.journal("apono")[0]["query"] == "status=CONNECTED&status=DISCONNECTED"


@pytest.mark.parametrize("case", ["upper", "title"])
def test_a_status_matches_in_any_case(module: RunModule, simulator: Simulator, case: str) -> None:
    simulator.settings(apono={"status_case": case})
    result = module("apono_connector_info", status=["disconnected"])
    assert ids(result) == ["gcp-analytics", "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"]
    assert result["connectors"][0]["status"] == ("DISCONNECTED" if case == "upper" else "Disconnected")
    assert result.warnings == "[]"


def test_a_server_that_ignores_the_filter_returns_no_others(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(
        system="apono", body={"items": [connector("a"), connector("b", status="DISCONNECTED")], "pagination": {}}
    )
    assert ids(module("apono_connector_info", status=["DISCONNECTED"])) == ["b"]


def test_an_undocumented_status_is_searched_with_a_warning(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(apono={"unknown_status": "empty"})
    result = module("apono_connector_info", status=["PENDING"])
    assert ids(result) == []
    assert "PENDING" in result.warnings
    assert "CONNECTED, DISCONNECTED" in result.warnings


def test_an_undocumented_status_is_returned(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="apono", body={"items": [connector("a", status="Hibernating")], "pagination": {}})
    assert module("apono_connector_info")["connectors"][0]["status"] == "Hibernating"


def test_one_connector_is_read_by_id(module: RunModule, simulator: Simulator) -> None:
    assert ids(module("apono_connector_info", id="gcp-analytics")) == ["gcp-analytics"]
    assert [entry["path"] for entry in simulator.journal("apono")] == [f"{LIST}/gcp-analytics"]


def test_an_unknown_id_returns_an_empty_list(module: RunModule, simulator: Simulator) -> None:
    assert ids(module("apono_connector_info", id="nothing")) == []
    sent = [entry["path"] + "?" + entry["query"] for entry in simulator.journal("apono")]
    assert sent == [f"{LIST}/nothing?", f"{LIST}?limit=1"], "One page of the list shows that the address is right."


@pytest.mark.parametrize(
    "identifier",
    ["a/b", "../connectors", "a..b", "...", "a b", "50%", "%2e%2e", "a?b=c", "a#b", "a;b&c", "a+b", "zürich", "'\"<>"],
)
def test_an_id_of_any_characters_stays_an_id(module: RunModule, simulator: Simulator, identifier: str) -> None:
    simulator.reset({"apono": {"connectors": [connector(identifier), connector("other")]}})
    assert ids(module("apono_connector_info", id=identifier)) == [identifier]


@pytest.mark.parametrize("identifier", [".", ".."])
def test_an_id_with_path_characters_is_refused(module: RunModule, simulator: Simulator, identifier: str) -> None:
    result = module("apono_connector_info", id=identifier)
    assert result.failed
    assert "identifier" in result.msg
    assert simulator.journal() == []


def test_a_name_is_found_if_it_is_exactly_that(module: RunModule) -> None:
    assert ids(module("apono_connector_info", name="analytics")) == ["gcp-analytics"]
    assert ids(module("apono_connector_info", name="Analytics")) == []


def test_id_name_and_status_have_to_fit_all(module: RunModule) -> None:
    assert ids(module("apono_connector_info", id="gcp-analytics", name="analytics", status=["disconnected"])) == [
        "gcp-analytics"
    ]
    assert ids(module("apono_connector_info", id="gcp-analytics", name="other")) == []
    assert ids(module("apono_connector_info", id="gcp-analytics", status=["connected"])) == []


def test_version_2_returns_the_fields_of_version_3(module: RunModule, simulator: Simulator) -> None:
    result = module("apono_connector_info", api_version="v2")
    assert ids(result) == [
        "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012",
        "AwsConnector-ProdTeam-XYZ123",
        "gcp-analytics",
        "prod-us-east-1",
    ]
    never, recently = result["connectors"][:2]
    assert never["last_connected"] is None
    assert recently == {
        "id": "AwsConnector-ProdTeam-XYZ123",
        "connector_id": "AwsConnector-ProdTeam-XYZ123",
        "status": "CONNECTED",
        "last_connected": "2026-10-01T08:15:30.123456Z",
    }
    assert [entry["path"] for entry in simulator.journal("apono")] == ["/api/v2/connectors"]


def test_version_2_is_filtered_by_id_and_status(module: RunModule) -> None:
    assert ids(module("apono_connector_info", api_version="v2", id="gcp-analytics")) == ["gcp-analytics"]
    assert ids(module("apono_connector_info", api_version="v2", id="nothing")) == []
    assert len(ids(module("apono_connector_info", api_version="v2", status=["disconnected"]))) == 2


@pytest.mark.parametrize("options", [{"name": "analytics"}, {"limit": 10}])
def test_version_2_has_no_names_or_pages(module: RunModule, simulator: Simulator, options: dict[str, Any]) -> None:
    assert "v3" in module("apono_connector_info", api_version="v2", **options).msg
    assert simulator.journal() == []


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"items": None},
        {"items": {}},
        {"items": ["id"]},
        {"items": [{"name": "no id"}]},
        {"items": [{"id": None}]},
        {"items": [{"id": ""}]},
        {"items": [{"id": 7}]},
        {"items": []},
        {"items": [], "pagination": None},
        {"items": [], "pagination": "next"},
        {"items": [], "pagination": {"next_page_token": 7}},
        {"items": [], "pagination": {"next_page_token": False}},
    ],
)
def test_a_malformed_page_is_a_failure(module: RunModule, simulator: Simulator, body: Any) -> None:
    simulator.fault(system="apono", body=body, times=None)
    result = module("apono_connector_info")
    assert result.failed
    assert result.failure["reason"] == "invalid_response"
    assert result.failure["status"] == 200
    assert "connectors" not in result


@pytest.mark.parametrize("version", ["v3", "v2"])
def test_integrations_are_listed_once_for_all_connectors(module: RunModule, simulator: Simulator, version: str) -> None:
    result = module("apono_connector_info", integrations=True, api_version=version).ok()
    found = {item["id"]: [used["name"] for used in item["integrations"]] for item in result["connectors"]}
    assert found == {
        "AwsConnector-ProdTeam-XYZ123": ["Orders database", "Production accounts"],
        "gcp-analytics": ["Warehouse"],
        "prod-us-east-1": [],
        "4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012": [],
    }
    assert len(simulator.journal("apono")) == 2
    assert "simulator-integration-secret" not in result.output
