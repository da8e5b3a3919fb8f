# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hybrid Data Pipeline as documented: details of connectors, authorized users, groups and the server."""

from __future__ import annotations

from typing import Any

import pytest
from support.simulator import Client, Simulator

BASE = "/api/mgmt/connectors"
ONE, TWO, THREE = (f"3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e0{number}" for number in (1, 2, 3))
GROUP = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e10"
FOREIGN = "55b55556-22d1-4f6a-888f-444a2df565e0"
BALANCED: dict[str, Any] = {
    "connectionTimeout": 15,
    "retryDelay": 120,
    "loadBalancing": "Round Robin",
    "members": [
        {"memberID": ONE, "sequence": 1, "weight": 60},
        {"memberID": TWO, "sequence": 2, "weight": 40},
    ],
}


def message(response: Any) -> str:
    """The error message of a response."""
    value: str = response.json()["error"]["message"]["value"]
    return value


def failover(*members: dict[str, Any]) -> dict[str, Any]:
    """A group without load balancing."""
    return {"connectionTimeout": 0, "retryDelay": 60, "members": list(members)}


def member(member_id: str, sequence: int | str = 1, **more: Any) -> dict[str, Any]:
    return {"memberID": member_id, "sequence": sequence, **more}


def new_group(*members: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"label": "new", "connectorGroup": failover(*members), "authUser": [], **more}


def test_details_of_a_connector_and_of_a_group(hdp_owner: Client) -> None:
    assert hdp_owner("GET", f"{BASE}/{THREE}").json() == {
        "connectorID": THREE,
        "owner": "hdp-owner",
        "label": "finance-mssql",
        "authUser": ["Ann"],
    }
    group = hdp_owner("GET", f"{BASE}/{GROUP}").json()
    assert (group["connectorGroup"], group["authUser"]) == (BALANCED, ["Joe", "Fred"])
    assert hdp_owner("GET", BASE).json() == {"connectorIds": [ONE, TWO, THREE, GROUP]}


def test_only_the_owner_reads_and_changes(hdp: Client, hdp_user: Client, simulator: Simulator) -> None:
    shared = "7e7afa77-5555-44c3-b0ff-6bbe888edf8a"
    for client, path in ((hdp, f"{BASE}/{THREE}"), (hdp_user, f"{BASE}/{shared}")):
        for method, suffix in (("GET", ""), ("DELETE", ""), ("GET", "/authuser"), ("GET", "/members")):
            returned = client(method, path + suffix)
            assert (returned.status_code, returned.json()["error"]["code"]) == (403, 222208103)
    assert hdp("GET", f"{BASE}/nobody").status_code == 404
    assert simulator.refusals() == []


def test_replacing_a_connector(hdp_owner: Client, simulator: Simulator) -> None:
    content = {"connectorID": THREE, "owner": "hdp-owner", "label": "renamed", "authUser": ["Bob", "Ann", "Bob"]}
    returned = hdp_owner("PUT", f"{BASE}/{THREE}", json=content)
    assert (returned.status_code, returned.json()) == (200, {"success": True})
    assert hdp_owner("GET", f"{BASE}/{THREE}").json() == {**content, "authUser": ["Bob", "Ann"]}
    hdp_owner("PUT", f"{BASE}/{THREE}", json=content)
    assert [entry["applied"] for entry in simulator.writes()] == [True, False]


def test_a_new_label_is_in_the_list_for_administrators(hdp: Client, hdp_user: Client) -> None:
    before = {
        item["connectorID"]: item for item in hdp("GET", "/api/admin/connectors?details=true").json()["connectors"]
    }
    hdp_user("PUT", f"{BASE}/{FOREIGN}", json={"label": "renamed", "authUser": []})
    after = {
        item["connectorID"]: item for item in hdp("GET", "/api/admin/connectors?details=true").json()["connectors"]
    }
    changed = {name for name in after[FOREIGN] if after[FOREIGN][name] != before[FOREIGN][name]}
    assert changed == {"label", "lastModified"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"label": "x"}, "Missing: authUser"),
        ({"label": "x", "authUser": [], "owner": "Joe"}, "owner of a connector"),
        ({"label": "x", "authUser": [], "connectorID": TWO}, "ID in the path"),
        ({"label": "x", "authUser": [], "connectorGroup": BALANCED}, "does not have members"),
        ({"label": "x", "authUser": ["Ann", "nobody"]}, "The user nobody does not exist"),
        ({"label": "x", "authUser": ["ann"]}, "The user ann does not exist"),
        ({"label": "x" * 256, "authUser": []}, "at most 255 characters"),
    ],
)
def test_a_definition_that_breaks_a_rule(
    hdp_owner: Client, simulator: Simulator, content: dict[str, Any], reason: str
) -> None:
    before = simulator.state()["hdp"]
    returned = hdp_owner("PUT", f"{BASE}/{ONE}", json=content)
    assert (returned.status_code, reason in message(returned)) == (400, True)
    assert simulator.state()["hdp"] == before
    assert simulator.refusals() == []


def test_authorised_users(hdp_owner: Client, simulator: Simulator) -> None:
    path = f"{BASE}/{THREE}/authuser"
    assert hdp_owner("GET", path).json() == {"authUser": ["Ann"]}
    assert hdp_owner("POST", path, json={"authUser": ["Bob", "Joe"]}).json() == {"success": True}
    refused = hdp_owner("POST", path, json={"authUser": ["Tom", "nobody"]})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 222207916)
    assert hdp_owner("GET", path).json() == {"authUser": ["Ann", "Bob", "Joe"]}
    assert hdp_owner("PUT", path, json={"authUser": []}).json() == {"success": True}
    assert hdp_owner("GET", path).json() == {"authUser": []}
    simulator.settings(hdp={"user_limit": 1, "user_names": "ignore_case"})
    assert message(hdp_owner("POST", path, json={"authUser": ["Ann", "Bob"]})).endswith("at most 1 users.")
    assert hdp_owner("PUT", path, json={"authUser": ["ann", "BOB"]}).status_code == 200
    assert hdp_owner("GET", path).json() == {"authUser": ["Ann", "Bob"]}
    simulator.settings(hdp={"user_limit_for_put": True, "user_names": "any"})
    assert hdp_owner("PUT", path, json={"authUser": ["Ann", "Bob"]}).status_code == 400
    assert hdp_owner("PUT", path, json={"authUser": ["somebody"]}).status_code == 200


def test_the_life_of_a_group(hdp: Client, hdp_owner: Client, simulator: Simulator) -> None:
    returned = hdp_owner("POST", BASE, json=new_group(member(THREE), authUser=["Ann"]))
    assert returned.status_code == 201
    group = returned.json()
    members = [{"memberID": THREE, "sequence": 1, "weight": 1}]
    assert group == {
        "connectorID": group["connectorID"],
        "owner": "hdp-owner",
        "label": "new",
        "connectorGroup": failover(*members),
        "authUser": ["Ann"],
    }
    path = f"{BASE}/{group['connectorID']}"
    assert hdp_owner("GET", path).json() == group
    listed = hdp("GET", "/api/admin/connectors?details=true;isGroup=true;owner=hdp-owner").json()["connectors"]
    assert [item["label"] for item in listed] == ["new"]
    content = {**group, "label": "tuned", "connectorGroup": {**group["connectorGroup"], "retryDelay": 0}}
    assert hdp_owner("PUT", path, json=content).json() == {"success": True}
    assert hdp_owner("GET", path).json() == content
    assert hdp_owner("DELETE", path).json() == {"success": True}
    assert hdp_owner("GET", path).status_code == 404
    assert hdp_owner("GET", BASE).json() == {"connectorIds": [ONE, TWO, THREE, GROUP]}
    assert [entry["applied"] for entry in simulator.writes()] == [True, True, True]
    assert simulator.refusals() == []


def test_members_of_a_group(hdp_owner: Client) -> None:
    path = f"{BASE}/{GROUP}/members"
    assert hdp_owner("GET", path).json() == {"members": BALANCED["members"]}
    assert hdp_owner("POST", path, json={"members": [member(THREE, 3)]}).json() == {"success": True}
    assert [item["memberID"] for item in hdp_owner("GET", path).json()["members"]] == [ONE, TWO, THREE]
    assert "only once" in message(hdp_owner("POST", path, json={"members": [member(THREE, 4)]}))
    assert hdp_owner("PUT", path, json={"members": [member(TWO, 1, weight=3)]}).json() == {"success": True}
    assert hdp_owner("GET", path).json() == {"members": [member(TWO, 1, weight=3)]}
    assert "at least one member" in message(hdp_owner("PUT", path, json={"members": []}))
    assert "not a connector group" in message(hdp_owner("GET", f"{BASE}/{ONE}/members"))
    assert "not a connector group" in message(hdp_owner("DELETE", f"{BASE}/{ONE}"))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (new_group(), "at least one member"),
        (new_group(member(ONE)), "already in the group sales-oracle"),
        (new_group(member(GROUP)), "cannot be nested"),
        (new_group(member(FOREIGN)), "not registered to hdp-owner"),
        (new_group(member("nobody")), "not registered to hdp-owner"),
        (new_group(member(THREE), member(THREE, 2)), "only once"),
        (new_group({"memberID": THREE}), "requires memberID and sequence"),
        (new_group(member(THREE), owner="Joe"), "owner of a connector"),
        (new_group(member(THREE), authUser=["nobody"]), "does not exist"),
        ({**new_group(), "connectorGroup": {"members": [member(THREE)]}}, "connectionTimeout of a connector group"),
        ({**new_group(), "connectorGroup": {**failover(member(THREE)), "loadBalancing": "None"}}, "'Round Robin'"),
    ],
)
def test_a_group_that_breaks_a_rule(
    hdp_owner: Client, simulator: Simulator, content: dict[str, Any], reason: str
) -> None:
    before = simulator.state()["hdp"]
    returned = hdp_owner("POST", BASE, json=content)
    assert (returned.status_code, reason in message(returned)) == (400, True), message(returned)
    assert simulator.state()["hdp"] == before
    assert simulator.refusals() == []


def test_a_sequence_is_unique_without_load_balancing(hdp_owner: Client) -> None:
    path = f"{BASE}/{GROUP}"
    group = hdp_owner("GET", path).json()
    twice = [{**item, "sequence": 1} for item in BALANCED["members"]]
    balanced = {**group, "connectorGroup": {**BALANCED, "members": twice}}
    assert hdp_owner("PUT", path, json=balanced).status_code == 200
    unbalanced = {**group, "connectorGroup": failover(*twice)}
    assert "must be unique" in message(hdp_owner("PUT", path, json=unbalanced))


def test_a_conflict_may_leave_an_incomplete_group(hdp_owner: Client, simulator: Simulator) -> None:
    simulator.settings(hdp={"group_conflict": "partial"})
    returned = hdp_owner("POST", BASE, json=new_group(member(ONE), member(THREE, 2)))
    assert (returned.status_code, "already in another group" in message(returned)) == (400, True)
    group = simulator.state()["hdp"]["user_connectors"][-1]
    assert [item["memberID"] for item in group["connectorGroup"]["members"]] == [THREE]
    assert simulator.writes()[0]["applied"]


@pytest.mark.parametrize(
    ("method", "path", "content", "status", "reason"),
    [
        ("DELETE", f"{BASE}/{GROUP}/members", {"members": [ONE]}, 405, "Documented: GET, POST, PUT"),
        ("DELETE", f"{BASE}/{GROUP}/authuser", {"authUser": ["Joe"]}, 405, "Documented: GET, POST, PUT"),
        ("POST", BASE, {"label": "x", "authUser": []}, 400, "requires connectorGroup"),
        ("POST", BASE, new_group(member(THREE), connectorID=ONE), 400, "without a connectorID"),
        ("POST", BASE, new_group(member(THREE, rank=1)), 400, "rank is not documented"),
        ("POST", BASE, {**new_group(), "connectorGroup": {"timeout": 1}}, 400, "timeout is not documented"),
        ("POST", BASE, {**new_group(), "connectorGroup": {"retryDelay": -1}}, 400, "number from 0"),
        ("POST", BASE, {**new_group(), "connectorGroup": {"members": [ONE]}}, 400, "list of objects"),
        ("PUT", f"{BASE}/{ONE}", {"label": None}, 400, "must be a string"),
        ("PUT", f"{BASE}/{ONE}", {"tenantName": "x"}, 400, "tenantName is not documented"),
        ("POST", f"{BASE}/{ONE}/authuser", {"authUser": []}, 400, "non-empty list"),
        ("GET", f"{BASE}/{ONE}?details=true", None, 400, "details is not documented"),
        ("PUT", "/api/admin/connectors", {}, 405, "Documented: GET"),
    ],
)
def test_what_is_not_documented_is_refused(
    hdp_owner: Client, simulator: Simulator, method: str, path: str, content: Any, status: int, reason: str
) -> None:
    before = simulator.state()["hdp"]
    returned = hdp_owner(method, path, json=content)
    assert returned.status_code == status
    assert reason in simulator.refusals("hdp")[0]
    assert simulator.state()["hdp"] == before


def test_other_formats(hdp_owner: Client, simulator: Simulator) -> None:
    simulator.settings(
        hdp={
            "create_status": 200,
            "delete_status": 204,
            "change_body": "object",
            "no_load_balancing": "null",
            "numbers_as_text": True,
            "groups_in_lists": True,
            "omitted_properties": "keep",
        }
    )
    returned = hdp_owner("POST", BASE, json=new_group(member(THREE, "7")))
    assert returned.status_code == 200
    group = returned.json()
    expected = {
        "loadBalancing": None,
        "connectionTimeout": "0",
        "retryDelay": "60",
        "members": [{"memberID": THREE, "sequence": "7", "weight": "1"}],
    }
    assert group["connectorGroup"] == expected
    path = f"{BASE}/{group['connectorID']}"
    assert hdp_owner("PUT", path, json={"label": "kept"}).json() == {**group, "label": "kept"}
    assert hdp_owner("PUT", path, json={"connectorGroup": expected}).json() == {**group, "label": "kept"}
    listed = hdp_owner("GET", f"{BASE}?details=true").json()["connectorIds"]
    assert [item.get("connectorGroup", {}).get("loadBalancing") for item in listed] == [
        *(None, None, None),
        "Round Robin",
        None,
    ]
    simulator.settings(hdp={"change_body": "empty"})
    renamed = hdp_owner("PUT", path, json={"label": "again"})
    assert (renamed.status_code, renamed.content) == (200, b"")
    deleted = hdp_owner("DELETE", path)
    assert (deleted.status_code, deleted.content) == (204, b"")


def test_a_label_may_have_to_be_unique(hdp_owner: Client, simulator: Simulator) -> None:
    content = {"label": "sales-oracle-2", "authUser": []}
    assert hdp_owner("PUT", f"{BASE}/{ONE}", json=content).status_code == 200
    simulator.settings(hdp={"duplicate_labels": "refuse"})
    assert "already in use" in message(hdp_owner("PUT", f"{BASE}/{THREE}", json=content))
    assert "already in use" in message(hdp_owner("POST", BASE, json=new_group(member(THREE), label="finance-mssql")))
    assert hdp_owner("PUT", f"{BASE}/{THREE}", json={"label": "finance-mssql", "authUser": []}).status_code == 200


def test_quirks_apply_to_connectors(hdp_owner: Client, simulator: Simulator) -> None:
    content = {"label": " Renamed ", "authUser": []}
    simulator.quirks(hdp={"ignore_rename": True})
    assert hdp_owner("PUT", f"{BASE}/{ONE}", json=content).json() == {"success": True}
    assert hdp_owner("GET", f"{BASE}/{ONE}").json()["label"] == "sales-oracle-1"
    simulator.quirks(hdp={"ignore_rename": False, "trim_names": True, "lower_names": True, "wrong_object": True})
    hdp_owner("PUT", f"{BASE}/{ONE}", json=content)
    assert hdp_owner("GET", f"{BASE}/{TWO}").json()["label"] == "renamed"
    simulator.quirks(hdp={"unproven": "lost"})
    assert hdp_owner("DELETE", f"{BASE}/{GROUP}").json() == {}
    simulator.quirks(hdp={"unproven": False, "false_success": "error"})
    assert "error" in hdp_owner("DELETE", f"{BASE}/{GROUP}").json()
    assert [entry["applied"] for entry in simulator.writes()] == [False, True, False, False]


def test_version_nodes_and_health(hdp: Client, hdp_user: Client, simulator: Simulator) -> None:
    assert hdp_user("GET", "/api/mgmt/version").json() == {
        "InstallType": "Licenced",
        "HDPVersion": "5.0.0.1",
        "WAPVersion": "5.0.0.1",
        "DASVersion": "5.0.0.1",
    }
    assert hdp_user("GET", "/api/admin/system/nodes").status_code == 403
    (node,) = hdp("GET", "/api/admin/system/nodes").json()["nodes"]
    assert (node["id"], node["url"]) == (1, hdp.url)
    simulator.settings(hdp={"license": "Evaluation", "health": "starting"})
    assert isinstance(hdp_user("GET", "/api/mgmt/version").json()["EvalDaysRemaining"], int)
    assert hdp("GET", "/api/healthcheck", auth=("", "")).json() == {"status": "starting"}
    simulator.settings(hdp={"health": "active", "health_as_text": True})
    assert hdp("GET", "/api/healthcheck", auth=("", "")).text == "{status: active}"
    nodes = [{"url": "https://node1.example.com:8443", "id": 1}, {"url": "https://node2.example.com:8443", "id": 2}]
    simulator.reset({"hdp": {"nodes": nodes}})
    assert hdp("GET", "/api/admin/system/nodes").json() == {"nodes": nodes}


def test_groups_of_a_seed_are_returned(hdp_owner: Client, simulator: Simulator) -> None:
    hdp_owner("POST", BASE, json=new_group(member(THREE), authUser=["Ann"]))
    state = simulator.state()
    simulator.reset(state)
    assert simulator.state() == state


def test_a_fleet_has_groups(simulator: Simulator) -> None:
    simulator.reset({"generate": {"connectors": 400}})
    hdp = simulator.state()["hdp"]
    groups = [item for item in hdp["user_connectors"] if "connectorGroup" in item]
    assert {item["connectorID"] for item in groups} == {
        item["connectorID"] for item in hdp["connectors"] if item["isGroup"]
    }
    owners = {item["connectorID"]: item["owner"] for item in hdp["user_connectors"]}
    members = [(owners[one["memberID"]], item["owner"]) for item in groups for one in item["connectorGroup"]["members"]]
    assert members
    assert all(first == second for first, second in members)
