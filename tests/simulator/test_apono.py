# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apono as documented: pages, filters, renaming, deleting, and rejected requests."""

from __future__ import annotations

from typing import Any

import pytest
from support.simulator import CREDENTIALS, Client, Simulator

LIST = "/api/admin/v3/connectors"
SAMPLE = "AwsConnector-ProdTeam-XYZ123"


def ids(response: Any) -> list[str]:
    return [item["id"] for item in response.json()["items"]]


def test_a_connector_has_the_documented_properties(apono: Client) -> None:
    connector = apono("GET", f"{LIST}/{SAMPLE}").json()
    assert {
        "id",
        "name",
        "status",
        "version",
        "last_connected",
        "is_latest_version",
        "cloud_provider_type",
        "sessions",
    } == set(connector)
    assert connector["status"] == "CONNECTED"
    assert [session["metadata"]["connector_version"] for session in connector["sessions"]] == ["1.6.4", "1.6.4"]


def test_pages_carry_their_filter_in_the_token(apono: Client, simulator: Simulator) -> None:
    simulator.reset({"apono": {"generate": {"connectors": 30}}})
    seen: list[str] = []
    query = "?status=DISCONNECTED&limit=2"
    for _page in range(10):
        response = apono("GET", LIST + query)
        seen += ids(response)
        token = response.json()["pagination"].get("next_page_token")
        if token is None:
            break
        query = f"?page_token={token}"
    assert len(seen) == len(set(seen)) == 5
    assert simulator.refusals() == []


@pytest.mark.parametrize(
    ("spelling", "expected"), [("missing", {}), ("null", {"next_page_token": None}), ("empty", {"next_page_token": ""})]
)
def test_the_end_of_the_list_has_three_spellings(
    apono: Client, simulator: Simulator, spelling: str, expected: dict[str, Any]
) -> None:
    simulator.settings(apono={"last_page": spelling})
    assert apono("GET", LIST).json()["pagination"] == expected


def test_a_page_token_can_repeat_for_ever(apono: Client, simulator: Simulator) -> None:
    simulator.settings(apono={"repeat_token": True})
    first = apono("GET", LIST).json()
    second = apono("GET", f"{LIST}?page_token={first['pagination']['next_page_token']}").json()
    assert second == first


def test_several_statuses_are_repeated_keys(apono: Client) -> None:
    assert len(ids(apono("GET", f"{LIST}?status=CONNECTED"))) == 2
    assert len(ids(apono("GET", f"{LIST}?status=CONNECTED&status=DISCONNECTED"))) == 4


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "reason"),
    [
        ("GET", f"{LIST}?status=CONNECTED,DISCONNECTED", {}, 400, "repeat the parameter"),
        ("GET", f"{LIST}?status=connected", {}, 400, "CONNECTED or DISCONNECTED"),
        ("GET", f"{LIST}?limit=0", {}, 400, "integer from 1"),
        ("GET", f"{LIST}?limit=2147483648", {}, 400, "integer from 1 to 2147483647"),
        ("GET", f"{LIST}?limit={'9' * 5000}", {}, 400, "integer from 1"),
        ("GET", f"{LIST}?limit=1&limit=2", {}, 400, "single value"),
        ("GET", f"{LIST}?name=analytics", {}, 400, "limit, page_token, status"),
        ("GET", f"{LIST}?page_token=x&status=CONNECTED", {}, 400, "sent alone"),
        ("GET", f"{LIST}?page_token=bm9uZQ==", {}, 400, "next_page_token"),
        ("GET", f"{LIST}/", {}, 404, "not documented"),
        ("GET", "/api/v2/connectors/x", {}, 404, "GET /api/v2/connectors"),
        ("POST", LIST, {"json": {"name": "x"}}, 405, "Documented: GET"),
        ("PATCH", f"{LIST}/{SAMPLE}", {"json": {"name": "x"}}, 405, "DELETE, GET, PUT"),
        ("PUT", f"{LIST}/{SAMPLE}", {"json": {"name": "x", "id": SAMPLE}}, 400, "id is not documented"),
        ("PUT", f"{LIST}/{SAMPLE}", {"json": {"name": ""}}, 400, "non-empty"),
        ("PUT", f"{LIST}/{SAMPLE}", {"json": {}}, 400, "requires name"),
        ("PUT", f"{LIST}/{SAMPLE}", {"json": ["x"]}, 400, "JSON object"),
        ("PUT", f"{LIST}/{SAMPLE}", {}, 400, "requires a body"),
        ("PUT", f"{LIST}/{SAMPLE}", {"data": "name=x"}, 415, "application/json"),
        ("PUT", f"{LIST}/{SAMPLE}", {"data": "{", "headers": {"Content-Type": "application/json"}}, 400, "valid JSON"),
        ("DELETE", f"{LIST}/{SAMPLE}", {"json": {"name": "x"}}, 400, "without a body"),
    ],
)  # fmt: skip
def test_what_is_not_documented_is_refused_with_a_reason(
    apono: Client, simulator: Simulator, method: str, path: str, options: dict[str, Any], status: int, reason: str
) -> None:
    before = simulator.state()["apono"]
    response = apono(method, path, **options)
    assert response.status_code == status
    assert reason in response.text
    assert reason in simulator.refusals("apono")[0]
    assert simulator.state()["apono"] == before


@pytest.mark.parametrize("authorization", ["Bearer wrong", CREDENTIALS["apono"]["api_token"], "Basic eDp5", ""])
def test_a_bad_token_is_refused_in_the_documented_shape(apono: Client, authorization: str) -> None:
    response = apono("GET", LIST, headers={"Authorization": authorization})
    assert response.status_code == 401
    assert response.json() == {"status": "401", "code": "Unauthorized"}


def test_renaming_changes_only_the_name(apono: Client, simulator: Simulator) -> None:
    before = apono("GET", f"{LIST}/{SAMPLE}").json()
    after = apono("PUT", f"{LIST}/{SAMPLE}", json={"name": "production"})
    assert after.status_code == 200
    assert after.json() == {**before, "name": "production"}
    assert apono("GET", f"{LIST}/{SAMPLE}").json() == after.json()
    apono("PUT", f"{LIST}/{SAMPLE}", json={"name": "production"})
    assert [entry["applied"] for entry in simulator.writes("apono")] == [True, False]


def test_a_name_that_another_connector_has_is_a_conflict(apono: Client, simulator: Simulator) -> None:
    response = apono("PUT", f"{LIST}/{SAMPLE}", json={"name": "analytics"})
    assert response.status_code == 409
    assert "analytics" in response.text
    assert simulator.refusals() == []


def test_deleting(apono: Client, simulator: Simulator) -> None:
    simulator.settings(apono={"delete_connected": "refuse"})
    assert apono("DELETE", f"{LIST}/{SAMPLE}").status_code == 409
    simulator.settings(apono={"delete_connected": "allow"})
    response = apono("DELETE", f"{LIST}/{SAMPLE}")
    assert (response.status_code, response.content) == (204, b"")
    again = apono("DELETE", f"{LIST}/{SAMPLE}")
    assert (again.status_code, again.json()) == (404, {"message": "Connector not found"})
    assert SAMPLE not in ids(apono("GET", LIST))
    assert simulator.refusals() == []


def test_an_id_is_decoded_once(apono: Client, simulator: Simulator) -> None:
    simulator.reset({"apono": {"connectors": [{"id": "a/b 100%", "name": "odd", "status": "CONNECTED"}]}})
    assert apono("GET", f"{LIST}/a%2Fb%20100%25").json()["name"] == "odd"


def test_the_old_list_is_a_bare_array_with_numbers(apono: Client) -> None:
    items = {item["connector_id"]: item for item in apono("GET", "/api/v2/connectors").json()}
    assert set(items[SAMPLE]) == {"connector_id", "status", "last_connected"}
    assert items[SAMPLE]["last_connected"] == pytest.approx(1790842530.123456)
    assert items["4c0e2f6d-1b7a-4a39-9d2f-8e6b5a7c9012"]["last_connected"] is None


def test_integrations_of_some_connectors_in_any_case(apono: Client) -> None:
    path = "/api/admin/v4/integrations"
    assert len(apono("GET", path).json()["items"]) == 3
    response = apono("GET", f"{path}?connector_id={SAMPLE.lower()}&connector_id=nobody")
    assert [item["name"] for item in response.json()["items"]] == ["Production accounts", "Orders database"]


def test_integrations_of_no_connector_and_by_other_filters(apono: Client, simulator: Simulator) -> None:
    path = "/api/admin/v4/integrations"
    samples = simulator.state()["apono"]["integrations"]
    loose = {**samples[0], "id": "loose", "connector_id": None, "name": "Orders (old)", "category": "USER-INFORMATION"}
    simulator.reset({"apono": {"integrations": [*samples, loose]}})
    found = {
        query: [item["name"] for item in apono("GET", f"{path}?{query}").json()["items"]]
        for query in (
            "connector_id=gcp-analytics",
            "name=Orders*",
            "type=aws-*",
            "category=USER-INFORMATION",
            "limit=1",
        )
    }
    assert found == {
        "connector_id=gcp-analytics": ["Warehouse"],
        "name=Orders*": ["Orders database", "Orders (old)"],
        "type=aws-*": ["Production accounts", "Orders database", "Orders (old)"],
        "category=USER-INFORMATION": ["Orders (old)"],
        "limit=1": ["Production accounts"],
    }
    assert apono("GET", f"{path}?connectorId=x").status_code == 400


def test_a_connector_in_use_may_reject_deletion(apono: Client, simulator: Simulator) -> None:
    simulator.settings(apono={"delete_used": "refuse"})
    assert apono("DELETE", f"{LIST}/gcp-analytics").status_code == 409
    assert apono("DELETE", f"{LIST}/prod-us-east-1").status_code == 204


def test_a_page_has_its_limit(apono: Client, simulator: Simulator) -> None:
    response = apono("GET", f"{LIST}?limit=1001")
    assert (response.status_code, list(response.json())) == (400, ["message"])
    assert "at most 1000" in response.json()["message"]
    assert simulator.refusals() == []


def test_settings_change_the_shape_of_connectors(apono: Client, simulator: Simulator) -> None:
    simulator.settings(apono={"status_case": "title", "sessions": False, "maximum_limit": 2, "over_limit": "clamp"})
    items = apono("GET", f"{LIST}?limit=500").json()["items"]
    assert [(item["status"], "sessions" in item) for item in items] == [("Connected", False), ("Connected", False)]
