# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module apono_integration: move an integration to another connector."""

from __future__ import annotations

from typing import Any

import pytest
from support.modules import Result, RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

PREFIX = "0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d20"
ACCOUNTS, ORDERS, WAREHOUSE = (f"{PREFIX}{number}" for number in (1, 2, 3))
OLD, NEW = "AwsConnector-ProdTeam-XYZ123", "prod-us-east-1"
SECRET = "canary-integration-password"
PARAMETERS = {"username": "warehouse", "password": SECRET}

MOVES: dict[str, dict[str, Any]] = {
    "by name": {"name": "Orders database", "connector_id": NEW},
    "by id": {"id": ORDERS, "connector_id": NEW},
    "with secrets": {"id": WAREHOUSE, "connector_id": NEW, "secret_parameters": PARAMETERS},
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown id": ({"id": "nothing", "connector_id": NEW}, "not_found"),
    "an unknown name": ({"name": "nothing", "connector_id": NEW}, "not_found"),
    "an unknown connector": ({"id": ORDERS, "connector_id": "nothing"}, "not_found"),
    "secrets in Apono": ({"id": WAREHOUSE, "connector_id": NEW}, "refused"),
    "secrets that Apono does not have": (
        {"id": ORDERS, "connector_id": NEW, "secret_parameters": PARAMETERS},
        "invalid_option",
    ),
    "no secrets": ({**MOVES["with secrets"], "secret_parameters": {}}, "invalid_option"),
    "a secret that is a number": (
        {**MOVES["with secrets"], "secret_parameters": {**PARAMETERS, "port": 5432}},
        "invalid_option",
    ),
    "a secret that is null": (
        {**MOVES["with secrets"], "secret_parameters": {**PARAMETERS, "password": None}},
        "invalid_option",
    ),
    "an empty id": ({"id": "", "connector_id": NEW}, "invalid_option"),
    "an empty connector": ({"id": ORDERS, "connector_id": ""}, "invalid_option"),
}


def run(module: RunModule, **options: Any) -> Result:
    result = module("apono_integration", **options)
    assert SECRET not in result.output
    assert "simulator-integration-secret" not in result.output
    return result


def stored(simulator: Simulator) -> dict[str, dict[str, Any]]:
    """Return the integrations in the simulator by ID."""
    return {item["id"]: item for item in simulator.state()["apono"]["integrations"]}


def with_config(simulator: Simulator, **config: Any) -> None:
    """Change the configuration of an integration."""
    data = simulator.state()["apono"]
    data["integrations"][1]["integration_config"].update(config)
    simulator.reset({"apono": data})


@pytest.mark.parametrize("options", MOVES.values(), ids=MOVES)
def test_a_move_is_predicted_and_made_once(module: RunModule, simulator: Simulator, options: dict[str, Any]) -> None:
    predicted = run(module, check=True, **options).ok()
    assert simulator.writes() == []
    before = stored(simulator)
    result = run(module, **options).ok()
    identifier = result["integration"]["id"]
    after = stored(simulator)
    assert after[identifier]["connector_id"] == NEW
    assert result["diff"] == predicted["diff"]
    assert result["integration"] == predicted["integration"]
    secrets = {"secret_store_config": {"apono": {"parameters": PARAMETERS}}} if "secret_parameters" in options else {}
    assert after == {**before, identifier: {**before[identifier], "connector_id": NEW, **secrets}}
    assert len(simulator.writes()) == 1
    simulator.forget()
    again = run(module, **options).ok()
    assert not again.changed
    assert again["diff"] == {"before": {}, "after": {}}
    assert simulator.writes() == []


def test_the_result_has_no_configuration(module: RunModule) -> None:
    result = run(module, **MOVES["by id"]).ok()
    assert set(result["integration"]) == {
        "id", "name", "type", "category", "status", "connector_id", "last_sync_time",
    }  # fmt: skip
    identity = {"id": ORDERS, "name": "Orders database"}
    assert result["diff"] == {
        "before": {**identity, "connector_id": OLD},
        "after": {**identity, "connector_id": NEW},
    }


@pytest.mark.parametrize(("options", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_writes_nothing(
    module: RunModule, simulator: Simulator, options: dict[str, Any], reason: str
) -> None:
    result = run(module, **options)
    assert result.failed
    assert result.failure["reason"] == reason
    assert simulator.writes() == []


@pytest.mark.parametrize("omitted", ["clear", "keep"])
@pytest.mark.parametrize("secrets", ["mask", "drop", "show"])
def test_every_field_survives_a_move(module: RunModule, simulator: Simulator, omitted: str, secrets: str) -> None:
    simulator.settings(apono={"omitted_fields": omitted, "stored_secrets": secrets})
    before = stored(simulator)
    run(module, **MOVES["by id"]).ok()
    run(module, **MOVES["with secrets"]).ok()
    after = stored(simulator)
    for item in (*before.values(), *after.values()):
        item.pop("connector_id")
    before[WAREHOUSE]["secret_store_config"] = {"apono": {"parameters": PARAMETERS}}
    assert after == before


@pytest.mark.parametrize("check", [True, False])
def test_a_masked_value_is_not_sent_back(module: RunModule, simulator: Simulator, check: bool) -> None:
    with_config(simulator, admin_password="canary-config")
    simulator.settings(apono={"config_secrets": "mask"})
    result = run(module, check=check, **MOVES["by id"])
    assert result.failure["reason"] == "refused"
    assert "admin_password" in result.msg
    assert simulator.writes() == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("secrets", ["mask", "show"])
def test_all_stored_secrets_must_be_specified(
    module: RunModule, simulator: Simulator, secrets: str, check: bool
) -> None:
    simulator.settings(apono={"stored_secrets": secrets})
    result = run(module, check=check, **{**MOVES["with secrets"], "secret_parameters": {"username": "warehouse"}})
    assert result.failure["reason"] == "refused"
    assert "'password'" in result.msg
    assert "'username'" not in result.msg
    assert simulator.writes() == []


def test_a_number_as_a_secret_is_not_in_the_message(module: RunModule) -> None:
    result = run(module, **{**MOVES["with secrets"], "secret_parameters": {**PARAMETERS, "pin": 48151623}})
    assert "'pin'" in result.msg
    assert "48151623" not in result.output


def test_additional_secrets_can_be_specified(module: RunModule, simulator: Simulator) -> None:
    given = {**PARAMETERS, "account": "a"}
    assert run(module, **{**MOVES["with secrets"], "secret_parameters": given}).ok().changed
    assert stored(simulator)[WAREHOUSE]["secret_store_config"] == {"apono": {"parameters": given}}


def test_a_name_that_occurs_twice_is_ambiguous(module: RunModule, simulator: Simulator) -> None:
    data = simulator.state()["apono"]
    data["integrations"].append({**data["integrations"][0], "id": "twin", "name": "Orders database"})
    simulator.reset({"apono": data})
    result = run(module, **MOVES["by name"])
    assert result.failure["reason"] == "ambiguous"
    assert "twin" in result.msg
    assert ORDERS in result.msg


def test_a_move_without_effect_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.quirks(apono={"ignore_move": True})
    result = run(module, **MOVES["by id"])
    assert result.failure["reason"] == "invalid_response"
    assert ORDERS in result.msg


def test_a_disconnected_connector_gives_a_warning(module: RunModule) -> None:
    result = run(module, id=ORDERS, connector_id="gcp-analytics").ok()
    assert "gcp-analytics" in result.warnings
    assert not run(module, id=ACCOUNTS, connector_id=NEW).ok().values.get("warnings")


def test_a_status_may_change_after_a_move(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(apono={"refreshing": 2})
    assert run(module, **MOVES["by id"]).ok()["integration"]["status"] == "Refreshing"
