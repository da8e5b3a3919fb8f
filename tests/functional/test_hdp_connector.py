# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module hdp_connector: the label and the authorized users of a connector."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import CREDENTIALS, Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

ORACLE_1 = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e01"
FINANCE = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03"
GROUP = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e10"
OTHERS = "7e7afa77-5555-44c3-b0ff-6bbe888edf8a"

CHANGES: dict[str, dict[str, Any]] = {
    "label by id": {"connector_id": FINANCE, "new_label": "finance"},
    "label by label": {"label": "finance-mssql", "new_label": "finance"},
    "exact users": {"label": "finance-mssql", "authorized_users": ["Bob", "Joe"]},
    "an added user": {"label": "finance-mssql", "authorized_users": ["Bob"], "authorized_users_mode": "add"},
    "a removed user": {"label": "finance-mssql", "authorized_users": ["Ann"], "authorized_users_mode": "remove"},
    "no users": {"connector_id": FINANCE, "authorized_users": []},
    "label and users": {"label": "finance-mssql", "new_label": "finance", "authorized_users": ["Bob"]},
}
AFTERWARDS: dict[str, tuple[str, list[str]]] = {
    "label by id": ("finance", ["Ann"]),
    "label by label": ("finance", ["Ann"]),
    "exact users": ("finance-mssql", ["Bob", "Joe"]),
    "an added user": ("finance-mssql", ["Ann", "Bob"]),
    "a removed user": ("finance-mssql", []),
    "no users": ("finance-mssql", []),
    "label and users": ("finance", ["Bob"]),
}
UNCHANGED: dict[str, dict[str, Any]] = {
    "nothing to change": {"label": "finance-mssql"},
    "the same label": {"connector_id": FINANCE, "new_label": "finance-mssql"},
    "relabelled before": {"label": "old", "new_label": "finance-mssql"},
    "the same users": {"label": "finance-mssql", "authorized_users": ["Ann"]},
    "a user who is authorized": {
        "label": "finance-mssql",
        "authorized_users": ["Ann"],
        "authorized_users_mode": "add",
    },
    "a user who is not authorized": {
        "label": "finance-mssql",
        "authorized_users": ["Bob"],
        "authorized_users_mode": "remove",
    },
}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown id": ({"connector_id": "nothing", "new_label": "x"}, "not_found"),
    "an unknown label": ({"label": "nothing"}, "not_found"),
    "neither label": ({"label": "nothing", "new_label": "nowhere"}, "not_found"),
    "a label of another connector": ({"label": "finance-mssql", "new_label": "sales-oracle-1"}, "conflict"),
    "a group": ({"connector_id": GROUP, "new_label": "x"}, "refused"),
    "a foreign connector": ({"connector_id": OTHERS, "new_label": "x"}, "forbidden"),
    "a user in another case": ({"label": "finance-mssql", "authorized_users": ["ann", "Bob"]}, "ambiguous"),
    "an empty label": ({"connector_id": FINANCE, "new_label": ""}, "invalid_option"),
    "a label that is too long": ({"connector_id": FINANCE, "new_label": "x" * 256}, "invalid_option"),
    "an empty user": ({"connector_id": FINANCE, "authorized_users": ["Ann", ""]}, "invalid_option"),
    "a dot as id": ({"connector_id": "..", "new_label": "x"}, "invalid_option"),
}


def run(module: RunModule, **options: Any) -> Result:
    return module("hdp_connector", **{**CREDENTIALS["hdp_owner"], **options})


def stored(simulator: Simulator, connector_id: str = FINANCE) -> dict[str, Any]:
    """Return the connector in the simulator."""
    listed = simulator.state()["hdp"]["user_connectors"]
    return next(item for item in listed if item["connectorID"] == connector_id)


@pytest.mark.parametrize("case", CHANGES)
def test_check_mode_predicts_the_change(module: RunModule, simulator: Simulator, case: str) -> None:
    predicted = run(module, check=True, **CHANGES[case]).ok()
    assert simulator.writes() == []
    changed = run(module, **CHANGES[case]).ok()
    assert changed.changed
    assert predicted.changed
    assert changed["connector"] == predicted["connector"]
    assert changed["diff"] == predicted["diff"]


@pytest.mark.parametrize("case", CHANGES)
def test_a_change_is_made_once(module: RunModule, simulator: Simulator, case: str) -> None:
    label, users = AFTERWARDS[case]
    result = run(module, **CHANGES[case]).ok()
    assert (stored(simulator)["label"], sorted(stored(simulator)["authUser"])) == (label, users)
    assert (result["connector"]["label"], result["connector"]["auth_user"]) == (label, users)
    assert result["connector"]["owner"] == "hdp-owner"
    methods = [entry["method"] for entry in simulator.journal("hdp")]
    assert methods in (["GET", "PUT"], ["GET", "GET", "PUT"])
    simulator.forget()
    assert not run(module, **CHANGES[case]).ok().changed
    assert simulator.writes() == []


@pytest.mark.parametrize("options", UNCHANGED.values(), ids=UNCHANGED)
def test_the_desired_state_changes_nothing(module: RunModule, simulator: Simulator, options: dict[str, Any]) -> None:
    result = run(module, **options).ok()
    assert not result.changed
    assert result["connector"]["connector_id"] == FINANCE
    assert result["diff"] == {"before": {}, "after": {}}
    assert simulator.writes() == []


@pytest.mark.parametrize(("options", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_refusal_writes_nothing(
    module: RunModule, simulator: Simulator, options: dict[str, Any], reason: str
) -> None:
    result = run(module, **options)
    assert result.failed
    assert result.failure["reason"] == reason
    assert simulator.writes() == []


def test_a_foreign_connector_requires_its_owner(module: RunModule, messages: MessageTable) -> None:
    result = run(module, connector_id=OTHERS, new_label="x")
    assert result.failure["reason"] == "forbidden"
    _start, period, remedy = result.msg.partition(". The credentials")
    messages.check("hdp.not_the_owner", f"{period[2:]}{remedy}")


def test_the_diff_shows_only_the_change(module: RunModule) -> None:
    result = run(module, label="finance-mssql", authorized_users=["Bob"], authorized_users_mode="add").ok()
    identity = {"connector_id": FINANCE, "label": "finance-mssql"}
    assert result["diff"] == {
        "before": {**identity, "auth_user": ["Ann"]},
        "after": {**identity, "auth_user": ["Ann", "Bob"]},
    }


def test_a_user_who_does_not_exist_is_named(module: RunModule, simulator: Simulator) -> None:
    result = run(module, label="finance-mssql", authorized_users=["Nobody"])
    assert result.failure["code"] == "222207916"
    assert "Nobody" in result.msg
    assert "authorized user" in result.msg
    assert stored(simulator)["authUser"] == ["Ann"]


def test_labels_that_occur_twice_are_ambiguous(module: RunModule, simulator: Simulator) -> None:
    run(module, connector_id=ORACLE_1, new_label="finance-mssql").ok()
    simulator.forget()
    result = run(module, label="finance-mssql", new_label="x")
    assert result.failure["reason"] == "ambiguous"
    assert ORACLE_1 in result.msg
    assert FINANCE in result.msg
    assert simulator.writes() == []


@pytest.mark.parametrize("body", ["success", "object", "empty"])
def test_every_response_to_a_change_is_verified(module: RunModule, simulator: Simulator, body: str) -> None:
    simulator.settings(hdp={"change_body": body})
    result = run(module, connector_id=FINANCE, new_label="finance").ok()
    assert result.changed
    assert result["connector"]["label"] == "finance"
    assert len(simulator.writes()) == 1


@pytest.mark.parametrize("body", ["object", "empty"])
def test_an_ignored_change_is_a_failure(module: RunModule, simulator: Simulator, body: str) -> None:
    simulator.settings(hdp={"change_body": body})
    simulator.quirks(hdp={"ignore_rename": True})
    result = run(module, connector_id=FINANCE, new_label="finance")
    assert result.failure["reason"] == "invalid_response"
    assert FINANCE in result.msg
