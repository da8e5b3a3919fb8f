# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module apono_connectors: the names of all connectors, and the deletion of unused connectors."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result, RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

INTEGRATIONS = "/api/admin/v4/integrations"


def connector(identifier: str, days: float | None = None, **more: Any) -> dict[str, Any]:
    """Return a connector that was last connected this many days ago, or never if the number is None."""
    seen = None if days is None else (datetime.now(timezone.utc) - timedelta(days=days)).isoformat()
    return {
        "id": identifier,
        "name": identifier,
        "status": "DISCONNECTED",
        "version": "1.6.4",
        "last_connected": seen,
        "is_latest_version": True,
        "cloud_provider_type": "AWS",
        "sessions": [],
        **more,
    }


def integration(connector_id: str | None, name: str = "canary-free") -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "type": "aws-rds-postgresql",
        "category": "RESOURCES",
        "status": "ACTIVE",
        "connector_id": connector_id,
        "integration_config": {"password": "canary-password"},
    }


def seed(simulator: Simulator, *connectors: dict[str, Any], integrations: tuple[dict[str, Any], ...] = ()) -> None:
    simulator.reset({"apono": {"connectors": list(connectors), "integrations": list(integrations)}})


def names(simulator: Simulator) -> dict[str, str]:
    return {item["id"]: item["name"] for item in simulator.state()["apono"]["connectors"]}


def actions(result: Result) -> dict[str, str]:
    return {item["id"]: item["action"] for item in result["connectors"]}


def why(result: Result) -> dict[str, str]:
    return {item["id"]: item["why"] for item in result["connectors"] if "why" in item}


def sent(simulator: Simulator) -> list[str]:
    return [f"{entry['method']} {entry['path'].rpartition('/')[2]}" for entry in simulator.writes()]


def test_connectors_are_named_and_removed_as_predicted_once(module: RunModule, simulator: Simulator) -> None:
    seed(
        simulator,
        connector("dead", 91),
        connector("old", 200, name="production"),
        connector("new", 0, status="CONNECTED"),
        connector("other", 0, status="CONNECTED"),
    )
    options = {"names": {"new": "production", "other": "new"}, "prune": True}
    predicted = module("apono_connectors", check=True, **options)
    assert simulator.writes() == []
    made = module("apono_connectors", **options).ok()
    assert predicted.values == made.values
    assert sent(simulator) == ["DELETE dead", "DELETE old", "PUT new", "PUT other"], "One waits for another's name."
    assert names(simulator) == {"new": "production", "other": "new"}
    assert made["summary"] == {"renamed": 2, "deleted": 2, "kept": 0, "unchanged": 0, "failed": 0}
    assert list(actions(made)) == ["new", "other", "dead", "old"]
    assert made["diff"]["before"]["new"]["name"] == "new"
    assert made["diff"]["after"]["new"]["name"] == "production"
    assert list(made["diff"]["before"]) == ["new", "other", "dead", "old"]
    assert list(made["diff"]["after"]) == ["new", "other"]
    simulator.forget()
    again = module("apono_connectors", **options).ok()
    assert not again.changed
    assert set(actions(again).values()) == {"unchanged"}
    assert simulator.writes() == []


def test_nothing_is_removed_by_default(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("dead", 500))
    assert module("apono_connectors").ok()["connectors"] == []
    assert len(simulator.journal()) == 1


KEPT: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "used": (connector("x", 200), "apono.kept_for_uses", {"integrations": "'Orders', 'Sales'"}),
    "disconnected, last connected recently": (connector("x", 89.9), "apono.kept_for_age", {"days": "89.9"}),
    "last connected in the future": (connector("x", -5), "apono.kept_for_age", {"days": "0.0"}),
    "never connected": (connector("x"), "apono.kept_never_connected", {}),
    "unreadable": (connector("x", last_connected="long ago"), "apono.kept_for_timestamp", {"value": "long ago"}),
    "with a session": (connector("x", 200, sessions=[{"id": "1"}]), "apono.kept_for_sessions", {}),
}


@pytest.mark.parametrize(("item", "row", "facts"), KEPT.values(), ids=KEPT)
def test_in_doubt_a_connector_is_kept_with_a_reason(
    module: RunModule,
    simulator: Simulator,
    messages: MessageTable,
    item: dict[str, Any],
    row: str,
    facts: dict[str, str],
) -> None:
    using = (integration("X", "Orders"), integration("X", "Sales")) if row == "apono.kept_for_uses" else ()
    seed(simulator, item, integrations=(*using, integration(None), integration("y")))
    result = module("apono_connectors", prune=True, prune_never_connected=["y"], prune_limit=0).ok()
    assert actions(result) == {"x": "kept"}
    messages.check(row, why(result)["x"], **facts)
    assert not result.changed
    assert "canary" not in result.output


@pytest.mark.parametrize("status", ["CONNECTED", "UPGRADING"])
def test_connectors_that_are_not_disconnected_are_not_read(
    module: RunModule, simulator: Simulator, status: str
) -> None:
    seed(simulator, connector("x", 200, status=status))
    assert module("apono_connectors", prune=True).ok()["connectors"] == []
    assert len(simulator.journal()) == 1


def test_a_connector_named_in_the_list_is_never_removed(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("x", 500))
    result = module("apono_connectors", names={"x": "cold-standby"}, prune=True).ok()
    assert actions(result) == {"x": "renamed"}
    assert names(simulator) == {"x": "cold-standby"}


def test_a_never_connected_connector_is_removed_only_by_id(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("a"), connector("b"), connector("c", 3))
    result = module("apono_connectors", prune=True, prune_never_connected=["a", "c", "gone long ago"]).ok()
    assert actions(result) == {"a": "deleted", "b": "kept", "c": "kept"}
    assert sent(simulator) == ["DELETE a"]


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_exceeding_the_limit_is_a_failure_before_any_write(
    module: RunModule, simulator: Simulator, check: bool
) -> None:
    items = [connector(f"dead-{number}", 100) for number in range(4)]
    seed(simulator, *items, connector("x", 1), integrations=(integration("dead-3"),))
    result = module("apono_connectors", check=check, names={"x": "y"}, prune=True, prune_limit=2)
    assert result.failure["reason"] == "refused"
    assert "'prune_limit'" in result.msg
    assert re.findall(r"dead-\d(?= \()", result.msg) == ["dead-0", "dead-1", "dead-2"]
    assert simulator.writes() == []
    assert module("apono_connectors", check=check, names={"x": "y"}, prune=True, prune_limit=3).changed


RECONNECTED: dict[str, tuple[dict[str, Any], str, dict[str, str]]] = {
    "is connected": (
        {"status": "CONNECTED", "last_connected": None},
        "apono.kept_for_status",
        {"status": "CONNECTED"},
    ),
    "was connected": (
        {"status": "DISCONNECTED", "last_connected": "2999-01-01T00:00:00Z"},
        "apono.kept_for_age",
        {"days": "0.0"},
    ),
}


@pytest.mark.parametrize(("now", "row", "facts"), RECONNECTED.values(), ids=RECONNECTED)
@pytest.mark.parametrize("days", [200, None], ids=["dead", "never connected"])
def test_a_connector_that_reconnects_is_kept(
    module: RunModule,
    simulator: Simulator,
    messages: MessageTable,
    now: dict[str, Any],
    row: str,
    facts: dict[str, str],
    days: float | None,
) -> None:
    seed(simulator, connector("x", days))
    simulator.fault(system="apono", method="GET", path="connectors/x$", body={**connector("x"), **now})
    result = module("apono_connectors", prune=True, prune_never_connected=["x"]).ok()
    assert actions(result) == {"x": "kept"}
    messages.check(row, why(result)["x"], **facts)
    assert not result.changed
    assert simulator.writes() == []


def test_a_connector_used_after_planning_keeps_its_name(
    module: RunModule, simulator: Simulator, messages: MessageTable
) -> None:
    seed(simulator, connector("x", 200), connector("y", 0, status="CONNECTED"))
    body = {"items": [integration("x", "Orders")], "pagination": {}}
    simulator.fault(system="apono", method="GET", path=INTEGRATIONS, skip=1, body=body)
    result = module("apono_connectors", prune=True, names={"y": "x"})
    assert actions(result) == {"x": "kept", "y": "failed"}
    messages.check("apono.kept_for_use", why(result)["x"], integration="Orders")
    assert "id 'x'" in result.msg
    assert simulator.writes() == []


@pytest.mark.parametrize("check", [True, False], ids=["check mode", "run"])
@pytest.mark.parametrize("prune_limit", [0, 5])
def test_nothing_is_pruned_while_names_contains_an_unknown_id(
    module: RunModule, simulator: Simulator, messages: MessageTable, prune_limit: int, check: bool
) -> None:
    seed(simulator, connector("standby-dr-eu-1", 200), connector("y", 0, status="CONNECTED"))
    desired = {"standby-dr-eu1": "dr-standby", "Y": "b", "y": "a"}
    result = module("apono_connectors", check=check, prune=True, prune_limit=prune_limit, names=desired)
    assert result.failure["reason"] == "not_found"
    messages.check("apono.prune_unknown_ids", result.msg, first="standby-dr-eu1", second="Y", similar="y")
    assert not result.changed
    assert "connectors" not in result
    assert [entry["method"] for entry in simulator.journal()] == ["GET"]
    renamed = module("apono_connectors", check=check, prune=False, names=desired)
    assert actions(renamed) == {"standby-dr-eu1": "failed", "Y": "failed", "y": "renamed"}


@pytest.mark.parametrize("gone", ["before the lookup", "after the lookup"])
def test_a_connector_deleted_meanwhile_is_unchanged(
    module: RunModule, simulator: Simulator, messages: MessageTable, gone: str
) -> None:
    seed(simulator, connector("x", 200))
    method = "GET" if gone == "before the lookup" else "DELETE"
    gone_now = {"status": 404, "body": {"message": "Gone."}, "applied": True}
    simulator.fault(system="apono", method=method, path="connectors/x$", **gone_now)
    result = module("apono_connectors", prune=True).ok()
    assert actions(result) == {"x": "unchanged"}
    messages.check("apono.already_deleted", why(result)["x"])
    assert not result.changed


@pytest.mark.parametrize("first", [None, 502], ids=["404", "502, then 404"])
def test_a_connector_that_exists_after_a_404_keeps_its_name(
    module: RunModule, simulator: Simulator, messages: MessageTable, first: int | None
) -> None:
    seed(simulator, connector("x", 200), connector("y", 1))
    if first:
        simulator.fault(system="apono", method="DELETE", status=first)
    simulator.fault(system="apono", method="DELETE", status=404, body={"message": "No such route"}, times=None)
    result = module("apono_connectors", prune=True, names={"y": "x"})
    assert actions(result) == {"x": "failed", "y": "failed"}
    assert not result.changed
    failed = result["connectors"][1]
    assert failed["failure"]["reason"] == "conflict"
    messages.check("apono.exists_after_404", failed["error"], identifier="x")
    assert names(simulator) == {"x": "x", "y": "y"}


def test_a_connector_deleted_meanwhile_releases_its_name(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("x", 200), connector("y", 1))
    simulator.fault(system="apono", method="GET", path="connectors/x$", status=404, body={"message": "Gone."})
    result = module("apono_connectors", prune=True, names={"y": "x"})
    assert actions(result)["x"] == "unchanged"
    # The simulator rejects the name, because the connector still exists there.
    assert sent(simulator) == ["PUT y"]


UNREADABLE: dict[str, dict[str, Any]] = {
    "no list": {"body": {"pagination": {}}},
    "a bare list": {"body": []},
    "a list of strings": {"body": {"items": ["x"], "pagination": {}}},
    "HTML": {"body": "<html>"},
    "not there": {"status": 404, "body": {"message": "Not found"}},
    "without an id": {"body": {"items": [{"connector_id": "x"}], "pagination": {}}},
    "out of order": {"status": 500, "body": {"message": "Out of order."}},
}


@pytest.mark.parametrize("response", UNREADABLE.values(), ids=UNREADABLE)
def test_a_connector_of_unknown_use_does_not_stop_others(
    module: RunModule, simulator: Simulator, response: dict[str, Any]
) -> None:
    seed(simulator, connector("x", 200), connector("y", 200))
    simulator.fault(system="apono", method="GET", path="connector_id=x$", times=None, **response)
    predicted, result = (module("apono_connectors", check=check, prune=True) for check in (True, False))
    for one in (predicted, result):
        assert one.failed
        assert actions(one) == {"x": "failed", "y": "deleted"}
        assert one["connectors"][0]["failure"]["method"] == "GET"
    assert sent(simulator) == ["DELETE y"]


UNEXPECTED: dict[str, tuple[list[dict[str, Any]], bool]] = {
    "without a connector": ([{"id": "1"}], True),
    "a list of connectors instead": ([{"id": "1", "connectors": ["x"]}], True),
    "it is another's: the filter was not honoured": ([{"id": "1", "connector_id": "y"}], False),
    "it is written in another case": ([{"id": "1", "connectorId": "X"}], True),
}


@pytest.mark.parametrize(("items", "used"), UNEXPECTED.values(), ids=UNEXPECTED)
def test_integrations_count_as_use_unless_they_are_foreign(
    module: RunModule, simulator: Simulator, items: list[dict[str, Any]], used: bool
) -> None:
    seed(simulator, connector("x", 200))
    body = {"items": items, "pagination": {}}
    simulator.fault(system="apono", method="GET", path=INTEGRATIONS, times=None, body=body)
    assert actions(module("apono_connectors", prune=True).ok()) == {"x": "kept" if used else "deleted"}


def test_integrations_on_later_pages_count(module: RunModule, simulator: Simulator) -> None:
    using = [integration("x", name) for name in ("Orders", "Sales", "Stock")]
    seed(simulator, connector("x", 200), integrations=tuple(using))
    simulator.settings(apono={"maximum_limit": 1, "over_limit": "clamp"})
    assert why(module("apono_connectors", prune=True).ok())["x"].endswith("'Orders', 'Sales', 'Stock'")


def test_a_token_without_access_to_integrations_fails_early(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("x", 200), connector("y", 0, status="CONNECTED"))
    simulator.fault(system="apono", method="GET", path=INTEGRATIONS, times=None, status=403, body={"message": "No."})
    result = module("apono_connectors", names={"y": "z"}, prune=True)
    assert result.failure["status"] == 403
    assert simulator.writes() == []
    assert module("apono_connectors", names={"y": "z"}).changed, "Names need no integrations."


def test_one_failure_does_not_stop_the_others(module: RunModule, simulator: Simulator) -> None:
    unused, used = [connector("a", 200), connector("b", 200)], [connector(one, 1) for one in "cdef"]
    seed(simulator, *unused, *used)
    simulator.settings(apono={"delete_used": "refuse"})
    simulator.fault(system="apono", method="DELETE", path="/a$", times=None, status=409, body={"message": "Not now."})
    simulator.fault(system="apono", method="PUT", path="/c$", times=None, status=400, body={"message": "Alphanumeric."})
    result = module("apono_connectors", names={"e": "f", "c": "new c", "d": "new-d"}, prune=True)
    assert result.failed
    assert result.changed
    outcomes = {"e": "failed", "c": "failed", "d": "renamed", "a": "failed", "b": "deleted", "f": "kept"}
    assert actions(result) == outcomes
    assert re.findall(r"\d+", result.msg)[:3] == ["3", "6", "3"]
    assert "'e'" in result.msg
    assert "Alphanumeric" in result.msg
    assert "Not now" in result.msg
    assert names(simulator) == {"a": "a", "c": "c", "d": "new-d", "e": "e", "f": "f"}


def test_the_reason_is_the_reason_of_the_first_failure(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("a", 1), connector("b", 1))
    simulator.fault(system="apono", method="PUT", path="/b$", times=None, status=401, body={"message": "No."})
    unknown = module("apono_connectors", names={"gone": "x", "b": "y"})
    assert unknown.failure == {**dict.fromkeys(unknown.failure), "system": "apono", "reason": "not_found"}
    assert unknown["connectors"][0]["failure"] == unknown.failure
    assert unknown["connectors"][1]["failure"]["status"] == 401
    rejected = module("apono_connectors", names={"b": "y", "gone": "x"})
    assert rejected.failure["reason"] == rejected["connectors"][0]["failure"]["reason"] == "unauthorized"


@pytest.mark.parametrize("check", [False, True], ids=["run", "check mode"])
def test_a_taken_name_is_not_assigned(module: RunModule, simulator: Simulator, check: bool) -> None:
    seed(simulator, connector("a", 1), connector("b", 1), connector("c", 1))
    result = module("apono_connectors", check=check, names={"a": "c"})
    assert "id 'c'" in result.msg
    assert simulator.writes() == []


EXCHANGES: dict[str, tuple[dict[str, str], int]] = {
    "two": ({"a": "b", "b": "a"}, 3),
    "three": ({"a": "b", "b": "c", "c": "a"}, 4),
    "two pairs": ({"a": "b", "b": "a", "c": "d", "d": "c"}, 6),
    "a pair and one that follows": ({"a": "b", "b": "a", "c": "x", "d": "c"}, 5),
}


@pytest.mark.parametrize(("desired", "writes"), EXCHANGES.values(), ids=EXCHANGES)
def test_connectors_exchange_their_names_as_predicted(
    module: RunModule, simulator: Simulator, desired: dict[str, str], writes: int
) -> None:
    seed(simulator, *(connector(identifier, 1) for identifier in "abcd"))
    predicted = module("apono_connectors", check=True, names=desired).ok()
    made = module("apono_connectors", names=desired).ok()
    assert predicted.values == made.values
    assert {identifier: names(simulator)[identifier] for identifier in desired} == desired
    assert len(simulator.writes()) == writes
    assert all("'renaming-" in text for text in why(made).values())
    assert made["diff"]["before"]["a"]["name"] == "a"
    assert made["diff"]["after"]["a"]["name"] == desired["a"]
    simulator.forget()
    assert not module("apono_connectors", names=desired).ok().changed
    assert simulator.writes() == []


def test_a_failed_exchange_restores_the_first_name(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("a", 1), connector("b", 1))
    simulator.fault(system="apono", method="PUT", path="/b$", times=None, status=400, body={"message": "No."})
    result = module("apono_connectors", names={"a": "b", "b": "a"})
    assert result.failed
    assert not result.changed
    assert actions(result) == {"a": "failed", "b": "failed"}
    assert "renaming-" not in result.msg
    assert names(simulator) == {"a": "a", "b": "b"}


def test_an_interrupted_exchange_is_completed_by_the_next_run(module: RunModule, simulator: Simulator) -> None:
    seed(simulator, connector("a", 1), connector("b", 1))
    simulator.fault(system="apono", method="PUT", path="/a$", skip=1, times=None, status=400, body={"message": "No."})
    desired = {"a": "b", "b": "a"}
    result = module("apono_connectors", names=desired)
    assert (actions(result), result.changed) == ({"a": "failed", "b": "renamed"}, True)
    between = names(simulator)["a"]
    assert between.startswith("renaming-")
    assert f"'{between}'" in result.msg
    assert result["diff"]["after"]["a"]["name"] == between
    state = simulator.state()["apono"]
    simulator.reset({"apono": state})
    assert actions(module("apono_connectors", names=desired).ok()) == {"a": "renamed", "b": "unchanged"}
    assert names(simulator) == desired


def test_a_run_killed_before_the_second_name_is_completed(module: RunModule, simulator: Simulator) -> None:
    """Start from the state after the first request of an exchange."""
    seed(simulator, connector("a", 1, name="renaming-0123456789ab"), connector("b", 1))
    desired = {"a": "b", "b": "a"}
    assert actions(module("apono_connectors", names=desired).ok()) == {"a": "renamed", "b": "renamed"}
    assert names(simulator) == desired


def test_a_temporary_name_that_is_taken_is_not_used(module: RunModule, simulator: Simulator) -> None:
    taken = [f"renaming-{hashlib.sha256(identifier.encode()).hexdigest()[:12]}" for identifier in "ab"]
    others = [connector(f"x{number}", 1, name=name) for number, name in enumerate(taken)]
    seed(simulator, connector("a", 1), connector("b", 1), *others)
    module("apono_connectors", names={"a": "b", "b": "a"}).ok()
    found = names(simulator)
    assert (found["a"], found["b"], [found["x0"], found["x1"]]) == ("b", "a", taken)


@pytest.mark.parametrize(
    ("options", "facts"),
    [
        ({"names": {"a": "x", "b": "x"}}, ["'names'", "'x'", "'a'", "'b'"]),
        ({"names": {"": "y"}}, ["'names'", "empty"]),
        ({"prune_after_days": 0.5}, ["'prune_after_days'", "1"]),
        ({"prune_after_days": "nan"}, ["'prune_after_days'", "1"]),
        ({"prune_limit": -1}, ["'prune_limit'", "0"]),
    ],
)
def test_wrong_options_are_refused_without_a_request(
    module: RunModule, simulator: Simulator, options: dict[str, Any], facts: list[str]
) -> None:
    result = module("apono_connectors", **options)
    assert result.failure["reason"] == "invalid_option"
    assert [fact for fact in facts if fact not in result.msg] == []
    assert simulator.journal() == []


@pytest.mark.parametrize(("name", "shown"), [("", '""'), (1.10, "1.1"), (["x"], '["x"]'), (None, "null")])
def test_a_name_that_is_not_a_string_is_shown(
    module: RunModule, simulator: Simulator, name: Any, shown: str, messages: MessageTable
) -> None:
    result = module("apono_connectors", names={"b": "y", "a": name})
    assert result.failure["reason"] == "invalid_option"
    messages.check("apono.invalid_name", result.msg, value=shown, identifier="'a'")
    assert simulator.journal() == []
