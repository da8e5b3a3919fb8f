# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: index, journal, reset, settings and state."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from support.simulator import CREDENTIALS, Client, Simulator

from connector_simulator.settings import SPEC

LIST = "/api/admin/v3/connectors"


def test_the_index_says_where_everything_is(simulator: Simulator) -> None:
    index = simulator.control("GET", "/")
    assert index["name"] == "hybrid.connectors simulator"
    assert simulator.url.endswith(f":{index['port']}")
    assert index["systems"] == {
        "apono": f"{simulator.url}/apono",
        "hdp": f"{simulator.url}/hdp",
        "voss": f"{simulator.url}/voss",
        "webex": f"{simulator.url}/webex/v1",
    }


def test_the_journal_holds_what_went_over_the_wire(apono: Client, hdp: Client, simulator: Simulator) -> None:
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


def test_connections_are_told_apart(apono: Client, webex: Client, simulator: Simulator) -> None:
    for client, path in ((apono, LIST), (apono, LIST), (webex, "/hybrid/clusters")):
        client("GET", path)
    first, second, third = (entry["connection"] for entry in simulator.journal())
    assert first == second != third


def test_a_reset_forgets_everything(apono: Client, simulator: Simulator) -> None:
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


def test_generated_objects_come_on_top(simulator: Simulator) -> None:
    counts = {"connectors": 12}
    wanted = {"apono": counts, "hdp": counts, "webex": counts, "voss": {"customers": 12, "free_nodes": 2}}
    simulator.reset({system: {"generate": count} for system, count in wanted.items()})
    state = simulator.state()
    assert [len(state[system]["connectors"]) for system in ("apono", "hdp", "webex")] == [16, 15, 17]
    assert (len(state["voss"]["customers"]), len(state["voss"]["nodes"])) == (14, 11 + 1 + 14)


def test_a_seed_can_bring_credentials_and_settings(apono: Client, simulator: Simulator) -> None:
    simulator.reset({"credentials": {"apono": {"token": "other"}}, "settings": {"apono": {"sessions": False}}})
    assert apono("GET", LIST).status_code == 401
    items = apono("GET", LIST, headers={"Authorization": "Bearer other"}).json()["items"]
    assert "sessions" not in items[0]


@pytest.mark.parametrize(
    ("seed", "sentence"),
    [
        ({"cisco": {}}, "A seed has no cisco"),
        ({"apono": []}, "apono is an object"),
        ({"apono": {"connector": []}}, "has no connector, only connectors"),
        ({"apono": {"connectors": {}}}, "list of objects"),
        ({"apono": {"connectors": [{"name": "x"}]}}, "incomplete"),
        ({"voss": {"generate": {"nodes": 3}}}, "has no nodes"),
        ({"voss": {"generate": {"customers": "3"}}}, "whole numbers"),
        ({"voss": {"customers": [{"name": "x", "hierarchy": "sys.none"}]}}, "not among the nodes"),
        ({"voss": {"nodes": [{"path": "hcs"}]}}, "starts with sys"),
        ({"credentials": {"hdp": [{"user": "x"}]}}, "incomplete"),
        ({"settings": {"voss": {"lucks": 1}}}, "no setting 'lucks'"),
    ],
)
def test_a_seed_that_means_nothing_changes_nothing(simulator: Simulator, seed: dict[str, Any], sentence: str) -> None:
    before = simulator.state()
    with pytest.raises(AssertionError, match=sentence):
        simulator.reset(seed)
    assert simulator.state() == before


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"voss": {"looks": "two"}}, "number from 0"),
        ({"voss": {"filters": "maybe"}}, "honour, ignore, refuse"),
        ({"voss": {"transaction_pkid": 1}}, "true or false"),
        ({"voss": {"extra_attributes": "x"}}, "list of texts"),
        ({"voss": {"throttle": None}}, "number from 0"),
        ({"voss": {"success_word": 1}}, "is a text"),
        ({"cisco": {}}, "no 'cisco' object"),
        ({"latency": -1}, "number from 0"),
        ([], "are an object"),
    ],
)
def test_settings_are_checked_before_any_is_changed(simulator: Simulator, settings: Any, sentence: str) -> None:
    before = simulator.control("GET", "/settings")
    changes = {"webex": {"page_size": 5}, **settings} if isinstance(settings, dict) else settings
    with pytest.raises(AssertionError, match=sentence):
        simulator.control("PATCH", "/settings", changes)
    assert simulator.control("GET", "/settings") == before


def test_latency_is_added_to_every_answer(apono: Client, simulator: Simulator) -> None:
    simulator.settings(latency=0.1)
    begin = time.monotonic()
    apono("GET", LIST)
    assert time.monotonic() - begin >= 0.1


def test_what_the_control_interface_does_not_have(simulator: Simulator) -> None:
    for method, path in (("GET", "/nothing"), ("PUT", "/settings"), ("GET", "/journal?system=cisco")):
        with pytest.raises(AssertionError, match=r"40[04]"):
            simulator.control(method, path)


def test_the_readme_names_every_setting() -> None:
    readme = (Path(__file__).parents[2] / "roles" / "simulator" / "README.md").read_text(encoding="utf-8")
    missing = [name for spec in SPEC.values() for name in spec if f"`{name}`" not in readme]
    assert missing == []
