# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook apono_replace_connector: move all integrations, then delete the old connector."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

import pytest
from support.messages import MessageTable
from support.playbooks import Played, RunPlaybook
from support.simulator import CREDENTIALS, Simulator, in_environment

pytestmark = [pytest.mark.first_case_only, pytest.mark.usefixtures("only_documented")]

OLD, NEW = "AwsConnector-ProdTeam-XYZ123", "prod-us-east-1"
SECRET = "canary-integration-password"
WAREHOUSE_ID = "0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d203"
WAREHOUSE: dict[str, Any] = {
    "old": "gcp-analytics",
    "new": NEW,
    "secret_parameters": {"Warehouse": {"username": "warehouse", "password": SECRET}},
}


def with_status(simulator: Simulator, identifier: str, status: str | None) -> None:
    """Change the status of a connector."""
    data = simulator.state()["apono"]
    data["connectors"] = [
        {**item, "status": status} if item["id"] == identifier else item for item in data["connectors"]
    ]
    simulator.reset({"apono": data})


class RunJob(Protocol):
    """Run the playbook with variables, and credentials in the environment."""

    def __call__(self, *arguments: str, **variables: Any) -> Played: ...


@pytest.fixture
def job(playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]]) -> RunJob:
    env = in_environment({"apono": connection["apono"]})

    def run(*arguments: str, **variables: Any) -> Played:
        given = json.dumps({f"apono_replace_connector_{name}": value for name, value in variables.items()})
        text = "- ansible.builtin.import_playbook: hybrid.connectors.apono_replace_connector\n"
        played = playbook(text, "-e", given, *arguments, env=env)
        for secret in (CREDENTIALS["apono"]["api_token"], SECRET, "simulator-integration-secret"):
            assert secret not in played.output
        return played

    return run


def used(simulator: Simulator) -> dict[str, str]:
    """Return the connector of each integration."""
    return {item["name"]: item["connector_id"] for item in simulator.state()["apono"]["integrations"]}


def registered(simulator: Simulator) -> set[str]:
    return {item["id"] for item in simulator.state()["apono"]["connectors"]}


def test_the_connector_is_replaced_once(job: RunJob, simulator: Simulator, messages: MessageTable) -> None:
    assert job("--check", "--diff", old=OLD, new=NEW).status == 0
    assert simulator.writes() == []
    played = job(old=OLD, new=NEW)
    assert played.status == 0, played.output
    assert used(simulator) == {"Production accounts": NEW, "Orders database": NEW, "Warehouse": "gcp-analytics"}
    assert OLD not in registered(simulator)
    assert [entry["method"] for entry in simulator.writes()] == ["PUT", "PUT", "DELETE"]
    simulator.forget()
    again = job(old=OLD, new=NEW)
    assert again.status == 0, again.output
    assert simulator.writes() == []
    assert "changed=0" in again.output
    messages.check("apono.replaced_earlier", again["Show the summary"].msg, old=OLD, new=NEW)


@pytest.mark.parametrize("value", ["", None])
def test_an_unset_option_has_its_default(job: RunJob, simulator: Simulator, value: Any) -> None:
    unset = dict.fromkeys(("delete", "require_disconnected", "secret_parameters", "connection"), value)
    played = job(old=OLD, new=NEW, **unset)
    assert played.status == 0, played.output
    assert OLD not in registered(simulator)


def test_a_connector_can_get_the_name_of_the_old_one(job: RunJob, simulator: Simulator) -> None:
    data = simulator.state()["apono"]
    data["connectors"] = [
        {**item, "name": OLD if item["id"] == NEW else item["name"]} for item in data["connectors"] if item["id"] != OLD
    ]
    data["integrations"] = [{**item, "connector_id": NEW} for item in data["integrations"]]
    simulator.reset({"apono": data})
    assert job(old=OLD, new=NEW).status == 0
    assert simulator.writes() == []


def test_check_mode_shows_each_move(job: RunJob, messages: MessageTable) -> None:
    played = job("--check", "--diff", old=OLD, new=NEW)
    assert played.status == 0, played.output
    for name in ("Production accounts", "Orders database"):
        assert name in " ".join(played.output.split())
    messages.check("apono.would_replace", played["Show the summary"].msg, count=2, old=OLD, new=NEW)


def test_secrets_in_apono_are_specified_by_name(job: RunJob, simulator: Simulator) -> None:
    assert job(**WAREHOUSE).status == 0
    (moved,) = [item for item in simulator.state()["apono"]["integrations"] if item["name"] == "Warehouse"]
    assert moved["secret_store_config"] == {"apono": {"parameters": WAREHOUSE["secret_parameters"]["Warehouse"]}}
    assert "gcp-analytics" not in registered(simulator)


def with_warehouses(simulator: Simulator, *others: tuple[str, str]) -> None:
    """Add copies of the integration Warehouse, each with a name and a connector. The first one has the ID copy-1."""
    data = simulator.state()["apono"]
    (warehouse,) = [item for item in data["integrations"] if item["name"] == "Warehouse"]
    for number, (name, connector_id) in enumerate(others, 1):
        data["integrations"].append({**warehouse, "id": f"copy-{number}", "name": name, "connector_id": connector_id})
    simulator.reset({"apono": data})


def passwords(simulator: Simulator) -> dict[str, str]:
    """Return the stored password of each integration that has one, by the end of its ID."""
    stores = {item["id"]: item.get("secret_store_config") or {} for item in simulator.state()["apono"]["integrations"]}
    return {
        identifier[-6:]: store["apono"]["parameters"]["password"]
        for identifier, store in stores.items()
        if "apono" in store
    }


BOTH = {WAREHOUSE_ID: {"username": "w", "password": SECRET}, "copy-1": {"username": "c", "password": f"{SECRET}-2"}}


@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["run", "check mode"])
@pytest.mark.parametrize("place", ["gcp-analytics", NEW])
def test_a_name_must_select_one_integration(
    job: RunJob, simulator: Simulator, messages: MessageTable, place: str, arguments: tuple[str, ...]
) -> None:
    with_warehouses(simulator, ("Warehouse", place), ("Other", NEW), ("Other", NEW))
    given = {**WAREHOUSE["secret_parameters"], "Other": {"password": SECRET}}
    played = job(*arguments, **{**WAREHOUSE, "secret_parameters": given})
    assert played.status == 2
    listed = [f"{identifier} for Warehouse" for identifier in (WAREHOUSE_ID, "copy-1")[: 1 if place == NEW else 2]]
    facts = {"old": "gcp-analytics", "new": NEW, "listed": ", ".join(listed)}
    messages.check("apono.ambiguous_secret_keys", played.failed.msg, **facts)
    assert simulator.writes() == []


def test_ids_select_integrations_of_the_same_name(job: RunJob, simulator: Simulator) -> None:
    with_warehouses(simulator, ("Warehouse", "gcp-analytics"))
    played = job(**{**WAREHOUSE, "secret_parameters": BOTH})
    assert played.status == 0, played.output
    assert passwords(simulator) == {WAREHOUSE_ID[-6:]: SECRET, "copy-1": f"{SECRET}-2"}


def test_an_id_does_not_select_an_integration_with_this_name(job: RunJob, simulator: Simulator) -> None:
    with_warehouses(simulator, (WAREHOUSE_ID, "gcp-analytics"))
    given = {WAREHOUSE_ID: BOTH[WAREHOUSE_ID]}
    assert job(**{**WAREHOUSE, "secret_parameters": given}).status == 2
    assert simulator.writes() == []


@pytest.mark.parametrize("names", [["Warehouse", "Lake"], [WAREHOUSE_ID, "copy-1"]], ids=["names", "IDs"])
def test_the_same_command_continues_after_a_failed_move(job: RunJob, simulator: Simulator, names: list[str]) -> None:
    with_warehouses(simulator, ("Lake", "gcp-analytics"))
    variables = {**WAREHOUSE, "secret_parameters": dict(zip(names, BOTH.values(), strict=True))}
    simulator.fault(system="apono", method="PUT", path="integrations", status=500, skip=1)
    assert job(**variables).status == 2
    assert [used(simulator)[name] for name in ("Lake", "Warehouse")] == [NEW, "gcp-analytics"]
    simulator.clear_faults()
    played = job(**variables)
    assert played.status == 0, played.output
    assert [used(simulator)[name] for name in ("Lake", "Warehouse")] == [NEW, NEW]
    assert passwords(simulator) == {WAREHOUSE_ID[-6:]: SECRET, "copy-1": f"{SECRET}-2"}
    assert "gcp-analytics" not in registered(simulator)
    assert job(**variables).status == 0


def test_a_key_that_matches_no_integration_is_refused(
    job: RunJob, simulator: Simulator, messages: MessageTable
) -> None:
    given = {**WAREHOUSE["secret_parameters"], "Orders database": {}, "Wharehouse": {"password": SECRET}}
    played = job(**{**WAREHOUSE, "secret_parameters": given})
    assert played.status == 2
    facts = {"old": "gcp-analytics", "new": NEW, "keys": "Orders database, Wharehouse"}
    messages.check("apono.unknown_secret_keys", played.failed.msg, **facts)
    assert simulator.writes() == []


REFUSED: dict[str, dict[str, Any]] = {
    "one connector": {"old": OLD, "new": OLD},
    "an unknown new connector": {"old": OLD, "new": "nothing"},
    "the name of the old connector": {"old": "analytics", "new": NEW},
    "no new connector": {"old": OLD, "new": ""},
    "secrets in Apono": {"old": "gcp-analytics", "new": NEW},
    "secrets of an unknown integration": {**WAREHOUSE, "secret_parameters": {"Wharehouse": {"password": SECRET}}},
    "an unknown variable": {"old": OLD, "new": NEW, "delet": False},
}


@pytest.mark.parametrize("variables", REFUSED.values(), ids=REFUSED)
def test_a_refusal_writes_nothing(job: RunJob, simulator: Simulator, variables: dict[str, Any]) -> None:
    assert job(**variables).status == 2
    assert simulator.writes() == []


@pytest.mark.parametrize("empty", ["", None], ids=["empty", "null"])
@pytest.mark.parametrize("name", ["old", "new"])
def test_the_ids_of_both_connectors_are_required(
    job: RunJob, simulator: Simulator, name: str, empty: str | None
) -> None:
    played = job(**{"old": OLD, "new": NEW, name: empty})
    assert played.status == 2
    assert f"apono_replace_connector_{name}" in played.failed.msg
    assert simulator.journal() == []


def test_a_refused_integration_stops_all_moves(job: RunJob, simulator: Simulator) -> None:
    data = simulator.state()["apono"]
    data["integrations"][2]["connector_id"] = OLD
    simulator.reset({"apono": data})
    assert job(old=OLD, new=NEW).status == 2
    assert simulator.writes() == []


@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["run", "check mode"])
def test_a_connected_connector_is_not_replaced(
    job: RunJob, simulator: Simulator, messages: MessageTable, arguments: tuple[str, ...]
) -> None:
    played = job(*arguments, old=OLD, new=NEW, require_disconnected=True)
    assert played.status == 2
    messages.check("apono.old_connected", played.failed.msg, old=OLD, status="CONNECTED")
    assert simulator.writes() == []


def with_numbers(simulator: Simulator) -> None:
    """Change the ID of the old connector to 123, and the ID of the new connector to 456."""
    numbers = {OLD: "123", NEW: "456"}
    data = simulator.state()["apono"]
    for item in data["connectors"]:
        item["id"] = numbers.get(item["id"], item["id"])
    for item in data["integrations"]:
        item["connector_id"] = numbers.get(item["connector_id"], item["connector_id"])
    simulator.reset({"apono": data})


def test_ids_can_be_numbers(job: RunJob, simulator: Simulator, messages: MessageTable) -> None:
    with_numbers(simulator)
    played = job(old=123, new=456)
    assert played.status == 0, played.output
    messages.check("apono.replaced", played["Show the summary"].msg, count=2, old=123, new=456)
    assert "123" not in registered(simulator)


# In each case, the playbook must not delete the connector 123.
NUMBERS: dict[str, tuple[dict[str, Any], str, dict[str, object]]] = {
    "the new connector is disconnected": (
        {"old": 123, "new": 456},
        "apono.new_not_connected",
        {"old": 123, "new": 456, "status": "DISCONNECTED"},
    ),
    "the old connector is connected": (
        {"old": 123, "new": "gcp-analytics", "require_disconnected": True},
        "apono.old_connected",
        {"old": 123, "status": "CONNECTED"},
    ),
    "one connector": ({"old": 123, "new": "123"}, "apono.replaced_by_itself", {"identifier": 123}),
    "an unknown new connector": ({"old": 123, "new": 45}, "apono.unknown_new", {"new": 45}),
}


@pytest.mark.parametrize(("variables", "row", "facts"), NUMBERS.values(), ids=NUMBERS)
def test_ids_that_are_numbers_pass_the_same_checks(
    job: RunJob,
    simulator: Simulator,
    messages: MessageTable,
    variables: dict[str, Any],
    row: str,
    facts: dict[str, object],
) -> None:
    with_numbers(simulator)
    with_status(simulator, "456", "DISCONNECTED")
    with_status(simulator, "gcp-analytics", "CONNECTED")
    played = job(**variables)
    assert played.status == 2
    messages.check(row, played.failed.msg, **facts)
    assert simulator.writes() == []


@pytest.mark.parametrize("arguments", [(), ("--check",)], ids=["run", "check mode"])
@pytest.mark.parametrize("status", ["DISCONNECTED", "Unheard", None])
def test_a_new_connector_must_be_connected(
    job: RunJob, simulator: Simulator, status: str | None, arguments: tuple[str, ...]
) -> None:
    with_status(simulator, NEW, status)
    played = job(*arguments, old=OLD, new=NEW)
    assert played.status == 2
    assert "apono_replace_connector_delete" in played.output
    assert simulator.writes() == []


def test_a_new_connector_must_still_be_connected_before_the_deletion(
    job: RunJob, simulator: Simulator, messages: MessageTable
) -> None:
    (new,) = [item for item in simulator.state()["apono"]["connectors"] if item["id"] == NEW]
    # Each of the two integrations reads the connector once before all moves, and once for its own move.
    simulator.fault(
        system="apono",
        method="GET",
        path=f"connectors/{NEW}",
        status=200,
        body={**new, "status": "DISCONNECTED"},
        skip=4,
    )
    played = job(old=OLD, new=NEW)
    assert played.status == 2
    messages.check("apono.new_disconnected", played.failed.msg, old=OLD, new=NEW)
    assert OLD in registered(simulator)
    assert [entry["method"] for entry in simulator.writes()] == ["PUT", "PUT"]
    simulator.clear_faults()
    assert job(old=OLD, new=NEW).status == 0
    assert OLD not in registered(simulator)


def test_integrations_move_to_a_disconnected_connector_without_a_deletion(
    job: RunJob, simulator: Simulator, messages: MessageTable
) -> None:
    with_status(simulator, NEW, "DISCONNECTED")
    played = job(old=OLD, new=NEW, delete=False, require_disconnected=True)
    assert played.status == 0, played.output
    messages.check_in("apono.moved_to_disconnected", " ".join(played.output.split()), connector=NEW)
    assert OLD in registered(simulator)
    assert OLD not in used(simulator).values()


def test_a_second_run_does_not_require_a_connected_connector(job: RunJob, simulator: Simulator) -> None:
    assert job(old=OLD, new=NEW).status == 0
    with_status(simulator, NEW, "DISCONNECTED")
    simulator.forget()
    assert job(old=OLD, new=NEW, require_disconnected=True).status == 0
    assert simulator.writes() == []


def test_a_connected_connector_can_be_kept(job: RunJob, simulator: Simulator) -> None:
    assert job(old=OLD, new=NEW, delete=False).status == 0
    assert OLD in registered(simulator)
    assert job(old=OLD, new=NEW).status == 0
    assert OLD not in registered(simulator)


def test_a_failed_move_keeps_the_old_connector(job: RunJob, simulator: Simulator) -> None:
    simulator.fault(system="apono", method="PUT", path="integrations", status=500, skip=1)
    assert job(old=OLD, new=NEW).status == 2
    assert OLD in registered(simulator)
    assert sorted(used(simulator).values()) == sorted([NEW, OLD, "gcp-analytics"])
    simulator.clear_faults()
    assert job(old=OLD, new=NEW).status == 0
    assert OLD not in registered(simulator)
