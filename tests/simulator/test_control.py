# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: index, journal, reset, settings and state."""

from __future__ import annotations

import time
from typing import Any

import pytest
from support.simulator import CREDENTIALS, Client, Simulator

LIST = "/api/admin/v3/connectors"


def test_the_index_lists_all_addresses(simulator: Simulator) -> None:
    index = simulator.control("GET", "/")
    assert index["name"] == "hybrid.connectors simulator"
    assert simulator.url.endswith(f":{index['port']}")
    assert index["systems"] == {
        "apono": f"{simulator.url}/apono",
        "hdp": f"{simulator.url}/hdp",
        "voss": f"{simulator.url}/voss",
        "webex": f"{simulator.url}/webex/v1",
    }


def test_the_journal_contains_requests_and_responses(apono: Client, hdp: Client, simulator: Simulator) -> None:
    before = time.time()
    apono("PUT", f"{LIST}/a%2Fb?x=%20y", json={"name": "n"}, headers={"X-Mine": "1"})
    hdp("GET", "/api/admin/connectors?details=true;version=4")
    first, second = simulator.journal()
    assert (first["n"], first["system"], first["method"]) == (1, "apono", "PUT")
    assert (first["path"], first["query"], first["params"]) == (f"{LIST}/a%2Fb", "x=%20y", {"x": [" y"]})
    assert (first["headers"]["x-mine"], first["headers"]["authorization"]) == ("1", "Bearer")
    assert (first["body"], first["status"], first["write"], first["applied"]) == ({"name": "n"}, 400, True, False)
    assert before <= first["time"] <= time.time()
    assert second["params"] == {"details": ["true"], "version": ["4"]}
    assert (second["body"], second["status"], second["write"], second["refused"]) == (None, 200, False, None)


def test_no_secret_of_a_login_gets_into_the_journal(voss: Client, simulator: Simulator) -> None:
    voss("GET", "/api/data/HierarchyNode/")
    apono = simulator.client("apono")
    apono("GET", LIST)
    apono.session.close()
    text = str(simulator.journal())
    assert CREDENTIALS["apono"]["api_token"] not in text
    assert "dm9zcy1hZG1pbj" not in text


def test_the_journal_of_one_system_and_an_empty_one(apono: Client, webex: Client, simulator: Simulator) -> None:
    apono("GET", LIST)
    webex("GET", "/hybrid/connectors")
    assert [entry["n"] for entry in simulator.journal("webex")] == [2]
    simulator.forget()
    assert simulator.journal() == []
    apono("GET", LIST)
    assert [entry["n"] for entry in simulator.journal()] == [1]


def test_connections_are_distinguished(apono: Client, webex: Client, simulator: Simulator) -> None:
    for client, path in ((apono, LIST), (apono, LIST), (webex, "/hybrid/clusters")):
        client("GET", path)
    first, second, third = (entry["connection"] for entry in simulator.journal())
    assert first == second != third


def test_a_reset_restores_the_initial_state(apono: Client, simulator: Simulator) -> None:
    apono("DELETE", f"{LIST}/prod-us-east-1")
    simulator.settings(apono={"sessions": False}, latency=0.01)
    simulator.fault(status=500)
    simulator.reset()
    assert apono("GET", f"{LIST}/prod-us-east-1").json()["sessions"]
    assert [entry["method"] for entry in simulator.journal()] == ["GET"]
    assert simulator.control("GET", "/settings")["latency"] == 0


def test_the_state_can_be_put_back(voss: Client, simulator: Simulator) -> None:
    simulator.reset({"voss": {"generate": {"customers": 3}}, "apono": {"connectors": []}})
    state = simulator.state()
    assert len(state["voss"]["customers"]) == 5
    simulator.reset(state)
    assert simulator.state() == state


def test_generated_objects_are_added(simulator: Simulator) -> None:
    counts = {"connectors": 12}
    desired = {"apono": counts, "hdp": counts, "webex": counts, "voss": {"customers": 12, "free_nodes": 2}}
    simulator.reset({system: {"generate": count} for system, count in desired.items()})
    state = simulator.state()
    assert [len(state[system]["connectors"]) for system in ("apono", "hdp", "webex")] == [16, 15, 19]
    assert (len(state["voss"]["customers"]), len(state["voss"]["nodes"])) == (14, 11 + 1 + 14)


def test_a_seed_of_many_megabytes(simulator: Simulator) -> None:
    connectors = [{"id": f"{number}", "name": "x" * 1000, "status": "CONNECTED"} for number in range(5000)]
    simulator.reset({"apono": {"connectors": connectors}})
    assert len(simulator.state()["apono"]["connectors"]) == 5000
    simulator.reset(simulator.state())
    assert len(simulator.state()["apono"]["connectors"]) == 5000


@pytest.mark.parametrize(
    ("system", "object_id", "fields"),
    [
        ("apono", "prod-us-east-1", {"status": "DISCONNECTED", "last_connected": None, "new": {"a": [1]}}),
        ("apono", "0b9d3e54-8f7e-4c60-a1a4-5ab1c0f3d201", {"status": "ERROR", "connector_id": None}),
        ("hdp", "66b77776-33d1-5f9a-444f-222a3df898f0", {"lastAccessed": "2020-01-01T00:00:00Z"}),
        ("webex", "Y2lZY76124", {"status": "outage", "alarms": []}),
        ("webex", "Y2lZY76123abbb", {"name": "5"}),
        ("voss", "65e0918d6fd4534903e212d9", {"name": "Umbrella", "access_token_expires": "2020-01-01T00:00:00Z"}),
    ],
)
def test_one_object_can_be_changed(simulator: Simulator, system: str, object_id: str, fields: dict[str, Any]) -> None:
    before = simulator.state()
    changed = simulator.change(system, object_id, **fields)
    assert fields.items() <= changed.items()
    after = simulator.state()
    stored = [item for items in after[system].values() for item in items]
    assert changed in stored
    others = [item for items in before[system].values() for item in items]
    assert len([item for item in stored if item not in others]) == 1
    assert {**after, system: None} == {**before, system: None}
    assert simulator.journal() == []


def test_an_object_of_two_lists_is_changed_in_both(simulator: Simulator) -> None:
    simulator.change("hdp", "55b55556-22d1-4f6a-888f-444a2df565e0", label="other")
    state = simulator.state()["hdp"]
    assert [item.get("label") for items in state.values() for item in items].count("other") == 2


def test_a_changed_object_is_served(apono: Client, voss: Client, simulator: Simulator) -> None:
    simulator.reset({"apono": {"connectors": [{"id": "a/b 100%", "name": "x", "status": "CONNECTED"}]}})
    simulator.change("apono", "a/b 100%", name="#jinja2: x")
    assert apono("GET", LIST).json()["items"][0]["name"] == "#jinja2: x"
    simulator.change("apono", "a/b 100%", last_connected="never")
    assert apono("GET", "/api/v2/connectors").json()[0]["last_connected"] == "never"
    base = "/api/relation/SparkCustomer/"
    assert len(voss("GET", f"{base}?hierarchy=CS-P.CS-NB.AAAGlobal").json()["resources"]) == 1
    simulator.change("voss", "65e0918d6fd4534903e212d9", hierarchy="sys.hcs.CS-P.CS-NB.Initech", name="Moved")
    assert voss("GET", f"{base}?hierarchy=CS-P.CS-NB.AAAGlobal").json()["resources"] == []
    assert voss("GET", f"{base}65e0918d6fd4534903e212d9/").json()["data"]["name"] == "Moved"


@pytest.mark.parametrize(
    ("place", "content", "sentence"),
    [
        ("apono/nobody", {"name": "x"}, "404 .*'nobody'"),
        ("voss/5f3ae236ce894e001204efa0", {"name": "x"}, "404 .*no object"),
        ("cisco/x", {"name": "x"}, "400 .*Unknown system 'cisco'"),
        ("apono", {"name": "x"}, "404 .*no object"),
        ("apono/prod-us-east-1", {"id": "other"}, "400 .*Cannot change the id of an object"),
        ("hdp/55b55556-22d1-4f6a-888f-444a2df565e0", {"connectorID": "x"}, "400 .*connectorID"),
        ("voss/65e0918d6fd4534903e212d9", {"pkid": "x"}, "400 .*pkid of an object"),
        (
            "voss/65e0918d6fd4534903e212d9",
            {"hierarchy": "sys.nowhere"},
            "400 .*sys.nowhere of the VOSS customer AAAGlobal",
        ),
        ("apono/prod-us-east-1", {}, "400 .*at least one field"),
        ("apono/prod-us-east-1", ["name"], "400 .*at least one field"),
        ("apono/prod-us-east-1", None, "400 .*at least one field"),
    ],
)
def test_an_object_that_cannot_be_changed(simulator: Simulator, place: str, content: Any, sentence: str) -> None:
    before = simulator.state()
    with pytest.raises(AssertionError, match=sentence):
        simulator.control("PATCH", f"/state/{place}", content)
    assert simulator.state() == before


def test_a_fleet_is_believable(simulator: Simulator) -> None:
    simulator.reset({"generate": {"connectors": 400}})
    state = simulator.state()
    lists = {
        "apono": state["apono"]["connectors"],
        "hdp": state["hdp"]["connectors"],
        "webex": state["webex"]["connectors"],
        "voss": state["voss"]["customers"],
    }
    assert sum(map(len, lists.values())) == 400
    unhealthy = {
        "apono": [item for item in lists["apono"] if item["status"] != "CONNECTED"],
        "hdp": [item for item in lists["hdp"] if item["lastAccessed"] is None],
        "webex": [item for item in lists["webex"] if item["status"] == "outage"],
        "voss": [item for item in lists["voss"] if item["access_token_expires"] < time.strftime("%Y-%m-%d")],
    }
    for system, items in lists.items():
        assert 0 < len(unhealthy[system]) < len(items) / 4, system
    assert len({item["version"] for items in lists.values() for item in items if "version" in item}) > 6
    assert 5 < len({item["tenantName"] for item in lists["hdp"]}) < len(lists["hdp"]) / 3
    clusters = {item["id"]: item["name"] for item in state["webex"]["clusters"]}
    assert {item["hybridClusterId"] for item in lists["webex"]} == set(clusters)
    assert len(set(clusters.values())) == len(clusters) > 10
    assert len({item["name"] for item in lists["apono"]}) == len(lists["apono"])
    assert len({item["label"] for item in lists["hdp"]}) == len(lists["hdp"])
    nodes = {node["path"] for node in state["voss"]["nodes"]}
    assert {item["hierarchy"] for item in lists["voss"]} < nodes
    assert len({item["name"] for item in lists["voss"]}) == len(lists["voss"])


def test_a_fleet_is_the_same_for_the_same_number(simulator: Simulator) -> None:
    desired: dict[str, Any] = {"connectors": 50, "seed": 7, "now": "2026-10-01T08:00:00Z"}
    states = []
    for seed in ({"generate": desired}, {"generate": desired}, {"generate": {**desired, "seed": 8}}):
        simulator.reset(seed)
        states.append(simulator.state())
    assert states[0] == states[1]
    assert states[0]["apono"]["connectors"] != states[2]["apono"]["connectors"]


def test_a_fleet_is_added_to_other_objects(simulator: Simulator) -> None:
    mine = {"id": "mine", "name": "mine", "status": "CONNECTED"}
    simulator.reset({"generate": {"connectors": 20}, "apono": {"connectors": [mine]}, "webex": {"generate": {}}})
    state = simulator.state()
    assert [item["id"] for item in state["apono"]["connectors"]][:2] != ["mine", "prod-us-east-1"]
    assert len(state["apono"]["connectors"]) == 6
    assert state["webex"]["connectors"] == []
    simulator.reset(
        {"webex": {"generate": {"connectors": 12, "seed": 3}}, "voss": {"generate": {"free_nodes": 2, "seed": 1}}}
    )
    state = simulator.state()
    assert (len(state["webex"]["connectors"]), len(state["webex"]["clusters"])) == (7 + 12, 4 + 2)
    assert (len(state["voss"]["nodes"]), len(state["voss"]["customers"])) == (11 + 1 + 2, 2)


def test_a_seed_can_bring_credentials_and_settings(apono: Client, simulator: Simulator) -> None:
    simulator.reset({"credentials": {"apono": {"token": "other"}}, "settings": {"apono": {"sessions": False}}})
    assert apono("GET", LIST).status_code == 401
    items = apono("GET", LIST, headers={"Authorization": "Bearer other"}).json()["items"]
    assert "sessions" not in items[0]


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        ({"cisco": {}}, "Unknown key in the seed: cisco"),
        ({"apono": []}, "apono .*must be an object"),
        ({"apono": {"connector": []}}, "apono of the seed: connector. Valid keys: connectors"),
        ({"apono": {"connectors": {}}}, "list of objects"),
        ({"apono": {"connectors": [{"name": "x"}]}}, "incomplete"),
        ({"voss": {"generate": {"nodes": 3}}}, "generate of the seed: nodes"),
        ({"voss": {"generate": {"customers": "3"}}}, "whole numbers"),
        ({"voss": {"generate": {"customers": -3}}}, "whole numbers"),
        ({"voss": {"generate": 3}}, "whole numbers"),
        ({"apono": {"generate": {"connectors": 3, "seed": "x"}}}, "whole numbers"),
        ({"apono": {"generate": {"connectors": 3, "seed": 1, "now": "soon"}}}, "timestamp such as"),
        ({"generate": {"connectors": "x"}}, "whole number"),
        ({"generate": {"customers": 3}}, "generate of the seed: customers"),
        ({"generate": {"connectors": 3, "now": 3}}, "timestamp such as"),
        ({"quirks": {"voss": {"unprooven": True}}}, "no quirk 'unprooven'"),
        ({"voss": {"customers": [{"name": "x", "hierarchy": "sys.none"}]}}, "sys.none of the VOSS customer x"),
        ({"voss": {"nodes": [{"path": "hcs"}]}}, "must begin with sys"),
        ({"credentials": {"hdp": [{"user": "x"}]}}, "incomplete"),
        ({"settings": {"voss": {"lucks": 1}}}, "no setting 'lucks'"),
    ],
)
def test_an_invalid_seed_changes_nothing(simulator: Simulator, seed: dict[str, Any], sentence: str) -> None:
    before = simulator.state()
    with pytest.raises(AssertionError, match=sentence):
        simulator.reset(seed)
    assert simulator.state() == before


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"voss": {"polls": "two"}}, "number from 0"),
        ({"voss": {"filters": "maybe"}}, "honour, ignore, refuse"),
        ({"voss": {"transaction_pkid": 1}}, "true or false"),
        ({"voss": {"extra_attributes": "x"}}, "list of strings"),
        ({"voss": {"throttle": None}}, "number from 0"),
        ({"voss": {"success_word": 1}}, "must be a string"),
        ({"cisco": {}}, "no object 'cisco'"),
        ({"latency": -1}, "number from 0"),
        ([], "must be an object"),
    ],
)
def test_settings_are_checked_before_any_is_changed(simulator: Simulator, settings: Any, sentence: str) -> None:
    before = simulator.control("GET", "/settings")
    changes = {"webex": {"page_size": 5}, **settings} if isinstance(settings, dict) else settings
    with pytest.raises(AssertionError, match=sentence):
        simulator.control("PATCH", "/settings", changes)
    assert simulator.control("GET", "/settings") == before


def test_latency_is_added_to_every_response(apono: Client, simulator: Simulator) -> None:
    simulator.settings(latency=0.1)
    begin = time.monotonic()
    apono("GET", LIST)
    assert time.monotonic() - begin >= 0.1


def test_what_the_control_interface_does_not_have(simulator: Simulator) -> None:
    for method, path in (("GET", "/nothing"), ("PUT", "/settings"), ("GET", "/journal?system=cisco")):
        with pytest.raises(AssertionError, match=r"40[04]"):
            simulator.control(method, path)
