# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module hdp_connector_group: create, change and delete a group of connectors."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import CREDENTIALS, Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

ORACLE_1 = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e01"
ORACLE_2 = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e02"
FINANCE = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03"
GROUP = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e10"
OTHERS = "7e7afa77-5555-44c3-b0ff-6bbe888edf8a"
NEW: dict[str, Any] = {"label": "finance", "members": [{"label": "finance-mssql"}]}
SAME: dict[str, Any] = {
    "label": "sales-oracle",
    "members": [
        {"label": "sales-oracle-1", "sequence": 1, "weight": 60},
        {"connector_id": ORACLE_2, "sequence": 2, "weight": 40},
    ],
    "connection_timeout": 15,
    "retry_delay": 120,
    "load_balancing": True,
    "authorized_users": ["Fred", "Joe"],
}

# The options of a change, and the properties of the group that differ afterwards.
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "label": ({"connector_id": GROUP, "new_label": "oracle"}, {"label": "oracle"}),
    "timeout": ({"label": "sales-oracle", "connection_timeout": 0}, {"connection_timeout": 0}),
    "delay": ({"label": "sales-oracle", "retry_delay": 60}, {"retry_delay": 60}),
    "no balancing": ({"label": "sales-oracle", "load_balancing": False}, {"load_balancing": None}),
    "users": (
        {"label": "sales-oracle", "authorized_users": ["Ann"], "authorized_users_mode": "add"},
        {"auth_user": ["Ann", "Fred", "Joe"]},
    ),
    "one more member": (
        {"label": "sales-oracle", "members": [{"connector_id": item} for item in (ORACLE_1, ORACLE_2, FINANCE)]},
        {"members": [(ORACLE_1, 1, 60), (ORACLE_2, 2, 40), (FINANCE, 3, 1)]},
    ),
    "one member less": (
        {"connector_id": GROUP, "members": [{"label": "sales-oracle-2"}]},
        {"members": [(ORACLE_2, 1, 40)]},
    ),
    "weights": (
        {
            "label": "sales-oracle",
            "members": [{"label": "sales-oracle-1", "weight": 1}, {"label": "sales-oracle-2", "weight": 3}],
        },
        {"members": [(ORACLE_1, 1, 1), (ORACLE_2, 2, 3)]},
    ),
    "the other order": (
        {"label": "sales-oracle", "members": [{"label": "sales-oracle-2"}, {"label": "sales-oracle-1"}]},
        {"members": [(ORACLE_2, 1, 40), (ORACLE_1, 2, 60)]},
    ),
}
# The module rejects these options before it sends a request that could change something.
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown id": ({"connector_id": "nothing", "members": [{"label": "finance-mssql"}]}, "not_found"),
    "a new group without members": ({"label": "finance"}, "invalid_option"),
    "a group without members": ({"label": "sales-oracle", "members": []}, "invalid_option"),
    "an unknown member": ({"label": "finance", "members": [{"label": "nothing"}]}, "not_found"),
    "a member of another owner": ({"label": "finance", "members": [{"connector_id": OTHERS}]}, "not_found"),
    "itself as a member": ({"label": "sales-oracle", "members": [{"connector_id": GROUP}]}, "refused"),
    "a member twice": (
        {"label": "finance", "members": [{"label": "finance-mssql"}, {"connector_id": FINANCE}]},
        "invalid_option",
    ),
    "one sequence twice": (
        {
            "label": "sales-oracle",
            "load_balancing": False,
            "members": [{"connector_id": ORACLE_1, "sequence": 1}, {"connector_id": ORACLE_2, "sequence": 1}],
        },
        "invalid_option",
    ),
    "a single connector": ({"connector_id": FINANCE, "retry_delay": 1}, "refused"),
    "the deletion of a connector": ({"label": "finance-mssql", "state": "absent"}, "refused"),
    "a foreign connector": ({"connector_id": OTHERS, "retry_delay": 1}, "forbidden"),
    "the deletion of a foreign connector": ({"connector_id": OTHERS, "state": "absent"}, "forbidden"),
    "a negative timeout": ({"label": "sales-oracle", "connection_timeout": -1}, "invalid_option"),
    "a negative weight": (
        {"label": "sales-oracle", "members": [{"label": "sales-oracle-1", "weight": -1}]},
        "invalid_option",
    ),
}


def run(module: RunModule, **options: Any) -> Result:
    return module("hdp_connector_group", **{**CREDENTIALS["hdp_owner"], **options})


def stored(simulator: Simulator, label: str) -> dict[str, Any] | None:
    """Return the group in the simulator."""
    listed = simulator.state()["hdp"]["user_connectors"]
    return next((item for item in listed if item["label"] == label and "connectorGroup" in item), None)


def flat(group: dict[str, Any]) -> dict[str, Any]:
    """Return the properties of a returned group in one dictionary, with tuples for members."""
    members = [(item["member_id"], item["sequence"], item["weight"]) for item in group["connector_group"]["members"]]
    properties = {**group, **group["connector_group"], "members": members}
    del properties["connector_group"]
    return properties


def test_a_new_group_is_predicted_created_and_left(module: RunModule, simulator: Simulator) -> None:
    predicted = run(module, check=True, **NEW).ok()
    assert simulator.writes() == []
    result = run(module, **NEW).ok()
    group = stored(simulator, "finance")
    assert group is not None
    assert group["connectorGroup"] == {
        "connectionTimeout": 15,
        "retryDelay": 120,
        "members": [{"memberID": FINANCE, "sequence": 1, "weight": 1}],
    }
    assert result["group"]["connector_id"] == group["connectorID"]
    assert predicted["group"]["connector_id"] is None
    assert predicted["group"]["connector_group"] == result["group"]["connector_group"]
    assert result["diff"]["before"] == predicted["diff"]["before"] == {}
    assert [entry["method"] for entry in simulator.journal("hdp")] == ["GET", "GET", "POST"]
    simulator.forget()
    assert not run(module, **NEW).ok().changed
    assert simulator.writes() == []


@pytest.mark.parametrize("status", [200, 201])
def test_both_documented_statuses_of_a_creation_are_accepted(
    module: RunModule, simulator: Simulator, status: int
) -> None:
    simulator.settings(hdp={"create_status": status})
    assert run(module, **NEW).ok().changed


def test_the_documented_state_changes_nothing(module: RunModule, simulator: Simulator) -> None:
    result = run(module, **SAME).ok()
    assert not result.changed
    assert simulator.writes() == []
    assert flat(result["group"]) == {
        "connector_id": GROUP,
        "owner": "hdp-owner",
        "label": "sales-oracle",
        "auth_user": ["Fred", "Joe"],
        "connection_timeout": 15,
        "retry_delay": 120,
        "load_balancing": "Round Robin",
        "members": [(ORACLE_1, 1, 60), (ORACLE_2, 2, 40)],
    }


def test_numbers_in_strings_are_numbers(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(hdp={"numbers_as_text": True})
    assert not run(module, **SAME).ok().changed
    assert run(module, label="sales-oracle", retry_delay=60).ok().changed
    assert not run(module, label="sales-oracle", retry_delay=60).ok().changed


@pytest.mark.parametrize("off", ["missing", "null", "empty"])
def test_a_group_without_balancing_is_unchanged(module: RunModule, simulator: Simulator, off: str) -> None:
    simulator.settings(hdp={"no_load_balancing": off})
    assert run(module, label="sales-oracle", load_balancing=False).ok().changed
    simulator.forget()
    assert not run(module, label="sales-oracle", load_balancing=False).ok().changed
    assert run(module, label="sales-oracle", retry_delay=60).ok().changed
    assert run(module, label="sales-oracle", load_balancing=True).ok().changed
    assert len(simulator.writes()) == 2


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_predicted_and_made_once(module: RunModule, simulator: Simulator, case: str) -> None:
    options, changes = CHANGES[case]
    before = flat(run(module, connector_id=GROUP).ok()["group"])
    predicted = run(module, check=True, **options).ok()
    assert simulator.writes() == []
    simulator.forget()
    result = run(module, **options).ok()
    assert flat(result["group"]) == {**before, **changes}
    assert result["group"] == predicted["group"]
    assert result["diff"] == predicted["diff"]
    assert [entry["method"] for entry in simulator.journal("hdp")] in (["GET", "PUT"], ["GET", "GET", "PUT"])
    simulator.forget()
    assert not run(module, **options).ok().changed
    assert simulator.writes() == []


@pytest.mark.parametrize(("options", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_writes_nothing(
    module: RunModule, simulator: Simulator, options: dict[str, Any], reason: str
) -> None:
    result = run(module, **options)
    assert result.failed
    assert result.failure["reason"] == reason
    assert simulator.writes() == []


def test_a_group_of_another_user_looks_like_a_missing_group(module: RunModule, messages: MessageTable) -> None:
    result = run(module, label="finance", retry_delay=1)
    messages.check("hdp.no_group", result.msg, label="finance")


@pytest.mark.parametrize("listed", [True, False])
def test_a_member_of_another_group_is_refused(module: RunModule, simulator: Simulator, listed: bool) -> None:
    simulator.settings(hdp={"groups_in_lists": listed})
    result = run(module, label="finance", members=[{"label": "finance-mssql"}, {"label": "sales-oracle-1"}])
    assert result.failed
    assert "group" in result.msg
    assert len(simulator.writes()) == (0 if listed else 1)
    assert stored(simulator, "finance") is None


@pytest.mark.parametrize("listed", [True, False])
def test_a_nested_group_is_refused(
    module: RunModule, simulator: Simulator, messages: MessageTable, listed: bool
) -> None:
    """The documented list does not show that a member is a group, so the server must reject the nested group."""
    simulator.settings(hdp={"groups_in_lists": listed})
    result = run(module, label="finance", members=[{"label": "sales-oracle"}])
    assert result.failure["reason"] == "refused"
    assert len(simulator.writes()) == (0 if listed else 1)
    assert stored(simulator, "finance") is None
    if not listed:
        messages.check("hdp.rejected_nested_group", result.msg, url=simulator.url)


def test_a_rejected_change_names_the_likely_causes(
    module: RunModule, simulator: Simulator, messages: MessageTable
) -> None:
    group = run(module, label="sales-oracle", members=[{"connector_id": ORACLE_1}], authorized_users=["nobody"])
    single = module("hdp_connector", **CREDENTIALS["hdp_owner"], connector_id=FINANCE, authorized_users=["nobody"])
    for result, row in ((group, "hdp.rejected_group"), (single, "hdp.rejected_connector")):
        messages.check(row, result.msg, url=simulator.url)


def test_a_group_that_an_error_left_is_named(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(hdp={"group_conflict": "partial"})
    result = run(module, label="finance", members=[{"label": "finance-mssql"}, {"label": "sales-oracle-1"}])
    group = stored(simulator, "finance")
    assert group is not None
    assert result.failed
    assert group["connectorID"] in result.msg


@pytest.mark.parametrize("selected", [{"label": "sales-oracle"}, {"connector_id": GROUP}])
@pytest.mark.parametrize("status", [200, 204])
def test_a_group_is_deleted_once(
    module: RunModule, simulator: Simulator, selected: dict[str, Any], status: int
) -> None:
    simulator.settings(hdp={"delete_status": status})
    predicted = run(module, check=True, state="absent", **selected).ok()
    assert simulator.writes() == []
    result = run(module, state="absent", **selected).ok()
    assert predicted.changed
    assert result.changed
    assert result["diff"] == predicted["diff"]
    assert result["diff"]["before"]["connector_id"] == GROUP
    assert [entry["method"] for entry in simulator.writes()] == ["DELETE"]
    assert stored(simulator, "sales-oracle") is None
    again = run(module, state="absent", **selected).ok()
    assert not again.changed
    assert again["group"] is None
    assert len(simulator.writes()) == 1


def test_a_renamed_group_is_found_by_its_new_label(module: RunModule, simulator: Simulator) -> None:
    options = {"label": "sales-oracle", "new_label": "oracle"}
    assert run(module, **options).ok().changed
    assert not run(module, **options).ok().changed
    assert len(simulator.writes()) == 1


def test_two_options_of_a_member_are_exclusive(module: RunModule) -> None:
    result = run(module, label="finance", members=[{"label": "finance-mssql", "connector_id": FINANCE}])
    assert result.failed
    assert result.failure["reason"] == "invalid_option"
