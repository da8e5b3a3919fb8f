# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Apono as documented: reading, creating, moving and deleting integrations."""

from __future__ import annotations

from typing import Any

import pytest
from support.simulator import Client, Simulator

LIST = "/api/admin/v4/integrations"
ACCOUNTS, ORDERS, WAREHOUSE = (f"0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d20{number}" for number in (1, 2, 3))
REQUIRED = {"id", "name", "type", "category", "status", "integration_config"}
SECRET = "simulator-integration-secret"


def as_request(integration: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A complete request that changes some fields of an integration."""
    request = {**integration, **changes}
    for name in ("id", "type", "category", "status", "last_sync_time"):
        request.pop(name, None)
    for name in ("owner", "owners_mapping"):
        if request.get(name):
            owner = dict(request[name])
            owner["source_integration_reference"] = owner.pop("source_integration_id")
            owner.pop("source_integration_name")
            request[name] = owner
    return request


def test_an_integration_has_the_documented_fields(apono: Client) -> None:
    orders = apono("GET", f"{LIST}/{ORDERS}").json()
    assert set(orders) > REQUIRED
    assert orders["owner"]["source_integration_name"] == "Production accounts"
    assert orders == apono("GET", f"{LIST}?name=Orders*").json()["items"][0]
    missing = apono("GET", f"{LIST}/nobody")
    assert (missing.status_code, missing.json()) == (404, {"message": "Integration not found"})


def test_moving_an_integration_to_another_connector(apono: Client, simulator: Simulator) -> None:
    before = apono("GET", f"{LIST}/{ORDERS}").json()
    response = apono("PUT", f"{LIST}/{ORDERS}", json=as_request(before, connector_id="prod-us-east-1"))
    assert response.status_code == 200
    assert response.json() == {**before, "connector_id": "prod-us-east-1"}
    assert apono("GET", f"{LIST}/{ORDERS}").json() == response.json()
    apono("PUT", f"{LIST}/{ORDERS}", json=as_request(response.json()))
    assert [entry["applied"] for entry in simulator.writes()] == [True, False]
    assert simulator.refusals() == []


def test_omitted_fields_are_cleared_or_kept(apono: Client, simulator: Simulator) -> None:
    content = {"name": "Orders", "integration_config": {}}
    simulator.settings(apono={"omitted_fields": "keep"})
    kept = apono("PUT", f"{LIST}/{ORDERS}", json=content).json()
    assert (kept["name"], kept["custom_access_details"]) == ("Orders", "Use the read replica.")
    simulator.settings(apono={"omitted_fields": "clear"})
    cleared = apono("PUT", f"{LIST}/{ORDERS}", json=content).json()
    names = ("connector_id", "secret_store_config", "custom_access_details", "connected_resource_types", "owner")
    assert [cleared[name] for name in names] == [None] * 5
    assert (cleared["type"], cleared["status"]) == ("aws-rds-postgresql", "ACTIVE")


def test_stored_secrets_are_not_returned_by_default(apono: Client, simulator: Simulator) -> None:
    for path in (f"{LIST}/{WAREHOUSE}", LIST):
        assert SECRET not in apono("GET", path).text
    masked = apono("GET", f"{LIST}/{WAREHOUSE}").json()
    assert masked["secret_store_config"]["apono"]["parameters"] == {"username": "********", "password": "********"}
    simulator.settings(apono={"stored_secrets": "drop"})
    assert apono("GET", f"{LIST}/{WAREHOUSE}").json()["secret_store_config"] == {"apono": {}}
    simulator.settings(apono={"stored_secrets": "show"})
    assert SECRET in apono("GET", f"{LIST}/{WAREHOUSE}").text
    apono("PUT", f"{LIST}/{WAREHOUSE}", json=as_request(masked))
    assert SECRET not in apono("GET", f"{LIST}/{WAREHOUSE}").text


def test_secrets_in_the_configuration_can_be_masked(apono: Client, simulator: Simulator) -> None:
    config = {"hostname": "h", "db_password": "p"}
    apono("PUT", f"{LIST}/{ACCOUNTS}", json={"name": "x", "integration_config": config})
    assert apono("GET", f"{LIST}/{ACCOUNTS}").json()["integration_config"] == config
    simulator.settings(apono={"config_secrets": "mask"})
    shown = apono("GET", f"{LIST}/{ACCOUNTS}").json()["integration_config"]
    assert shown == {"hostname": "h", "db_password": "********"}


def test_the_status_may_change_after_a_move(apono: Client, simulator: Simulator) -> None:
    simulator.settings(apono={"refreshing": 2})
    before = apono("GET", f"{LIST}/{ORDERS}").json()
    response = apono("PUT", f"{LIST}/{ORDERS}", json=as_request(before, connector_id=None))
    statuses = [response, *(apono("GET", f"{LIST}/{ORDERS}") for _time in range(2))]
    assert [one.json()["status"] for one in statuses] == ["Refreshing", "Refreshing", "ACTIVE"]


def test_creating_and_deleting(apono: Client, simulator: Simulator) -> None:
    content = {"name": "New", "type": "mysql", "integration_config": {}, "connector_id": "gcp-analytics"}
    created = apono("POST", LIST, json=content)
    assert created.status_code == 200
    item = created.json()
    assert (set(item) >= REQUIRED, item["connector_id"]) == (True, "gcp-analytics")
    assert apono("GET", f"{LIST}/{item['id']}").json() == item
    response = apono("DELETE", f"{LIST}/{item['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert apono("DELETE", f"{LIST}/{item['id']}").status_code == 404
    assert [entry["applied"] for entry in simulator.writes()] == [True, True, False]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"connector_id": "nobody"}, "connector nobody does not exist"),
        ({"secret_store_config": {}}, "exactly one of aws"),
        ({"secret_store_config": {"aws": {}, "gcp": {}}}, "exactly one of aws"),
        ({"secret_store_config": {"vault": {}}}, "exactly one of aws"),
        ({"secret_store_config": {"aws": None, "gcp": None}}, "exactly one of aws"),
        ({"secret_store_config": {"aws": {"name": "x"}}}, "region, secret_id"),
        ({"secret_store_config": {"aws": {"region": "x"}}}, "must have secret_id"),
        ({"secret_store_config": {"aws": {"region": "x", "secret_id": None}}}, "must be strings"),
        ({"secret_store_config": {"apono": {"parameters": {"user": 7}}}}, "must be strings"),
        ({"owner": {"attribute_type": "user"}}, "must have attribute_value"),
        ({"secret_store_config": {"apono": {"parameters": 7}}}, "must be strings"),
        ({"custom_access_details": "x" * 401}, "at most 400 characters"),
        (
            {"owner": {"attribute_type": "user", "attribute_value": ["x"], "source_integration_reference": "nobody"}},
            "integration nobody does not",
        ),
    ],
)
def test_a_field_that_breaks_a_rule(apono: Client, simulator: Simulator, changes: dict[str, Any], reason: str) -> None:
    before = simulator.state()["apono"]
    response = apono("PUT", f"{LIST}/{ACCOUNTS}", json={"name": "x", "integration_config": {}, **changes})
    assert (response.status_code, reason in response.json()["message"]) == (400, True)
    assert simulator.state()["apono"] == before
    assert simulator.refusals() == []


def test_unused_stores_may_be_null(apono: Client) -> None:
    store = {"aws": None, "gcp": {"project": "p", "secret_id": "s"}, "apono": None}
    content = {"name": "x", "integration_config": {}, "secret_store_config": store}
    assert apono("PUT", f"{LIST}/{ACCOUNTS}", json=content).json()["secret_store_config"] == store


def test_an_unknown_connector_may_be_accepted(apono: Client, simulator: Simulator) -> None:
    simulator.settings(apono={"unknown_connector": "accept"})
    content = {"name": "x", "integration_config": {}, "connector_id": "nobody"}
    assert apono("PUT", f"{LIST}/{ACCOUNTS}", json=content).json()["connector_id"] == "nobody"


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "reason"),
    [
        ("PUT", f"{LIST}/{ACCOUNTS}", {"name": "x"}, 400, "requires integration_config"),
        ("PUT", f"{LIST}/{ACCOUNTS}", {"name": "x", "integration_config": []}, 400, "must be an object"),
        ("PUT", f"{LIST}/{ACCOUNTS}", {"name": "x", "integration_config": {}, "type": "y"}, 400, "type is not"),
        ("PUT", f"{LIST}/{ACCOUNTS}", {"name": "x", "integration_config": {}, "owner": {"source_integration_id": "y"}},
         400, "source_integration_id is not documented"),
        ("POST", LIST, {"name": "x", "integration_config": {}}, 400, "requires type"),
        ("PATCH", f"{LIST}/{ACCOUNTS}", {"connector_id": "x"}, 405, "Documented: DELETE, GET, PUT"),
        ("POST", f"/api/v2/integrations/{ACCOUNTS}/refresh", None, 404, "not documented"),
    ],
)  # fmt: skip
def test_what_is_not_documented_is_refused(
    apono: Client, simulator: Simulator, method: str, path: str, content: Any, status: int, reason: str
) -> None:
    before = simulator.state()["apono"]
    assert apono(method, path, json=content).status_code == status
    assert reason in simulator.refusals("apono")[0]
    assert simulator.state()["apono"] == before


def test_quirks_apply_to_integrations(apono: Client, simulator: Simulator) -> None:
    before = apono("GET", f"{LIST}/{ORDERS}").json()
    content = as_request(before, name="Renamed", connector_id="gcp-analytics")
    simulator.quirks(apono={"ignore_move": True})
    moved = apono("PUT", f"{LIST}/{ORDERS}", json=content).json()
    assert (moved["name"], moved["connector_id"]) == ("Renamed", before["connector_id"])
    simulator.quirks(apono={"ignore_move": False, "ignore_rename": True, "wrong_object": True})
    assert apono("PUT", f"{LIST}/{ORDERS}", json={**content, "name": "y"}).json()["id"] == ACCOUNTS
    simulator.quirks(apono={"ignore_rename": False, "wrong_object": False, "unproven": "lost"})
    assert apono("PUT", f"{LIST}/{ORDERS}", json=content).json() == {}
    stored = {item["id"]: item for item in simulator.state()["apono"]["integrations"]}[ORDERS]
    assert (stored["name"], stored["connector_id"]) == ("Renamed", "gcp-analytics")
