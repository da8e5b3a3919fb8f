# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each quirk in plain HTTP, and how quirks are switched on and off."""

from __future__ import annotations

import io
import json
import math
import zipfile
from typing import Any

import pytest
import requests
from support.simulator import Client, Simulator, start

from connector_simulator.quirks import QUIRKS

LIST = "/api/admin/v3/connectors"
INTEGRATIONS = "/api/admin/v4/integrations"
ONE = f"{LIST}/prod-us-east-1"
WEBEX = "/hybrid/connectors"
HDP = "/api/admin/connectors?details=true"
HDP_OWN = "/api/mgmt/connectors"
HDP_CONNECTOR = "3f1d2c4e-0a1b-4c3d-8e5f-6a7b8c9d0e03"
BASE = "/api/relation/SparkCustomer/"
NODES = "/api/data/HierarchyNode/"
TRANSACTIONS = "/api/tool/Transaction/"
CUSTOMERS = f"{BASE}?hierarchy=sys"
AAA, AB = "65e0918d6fd4534903e212d9", "65e032dc6fd4534903dff709"
LISTS = {"apono": LIST, "hdp": HDP, "voss": CUSTOMERS, "webex": WEBEX}
KEYS = {"apono": "items", "hdp": "connectors", "voss": "resources", "webex": "items"}
every_system = pytest.mark.parametrize("system", LISTS)


def items(response: requests.Response) -> list[Any]:
    """The items of any list."""
    content = response.json()
    found: list[Any] = next(content[key] for key in KEYS.values() if key in content)
    return found


def names(response: requests.Response) -> list[str]:
    return [item.get("name") or item["data"]["name"] for item in items(response)]


def stored(simulator: Simulator, system: str) -> dict[str, str]:
    """The names of the stored connectors or customers, by ID."""
    state = simulator.state()[system]
    return {
        item.get("pkid") or item["id"]: item["name"]
        for item in state["customers" if system == "voss" else "connectors"]
    }


def poll(voss: Client, transaction: str, times: int = 3) -> dict[str, Any]:
    """Return a transaction after polling it a few times."""
    for _time in range(times):
        response = voss("GET", f"{TRANSACTIONS}{transaction}/").json()
    data: dict[str, Any] = response["data"]
    return data


# Tests of switching quirks on and off


def test_quirks_are_switched_on_and_off(simulator: Simulator) -> None:
    assert simulator.control("GET", "/quirks")["on"] == {}
    simulator.quirks(voss={"unproven": True, "page_total": True}, apono={"unproven": "lost"})
    assert simulator.control("GET", "/quirks")["on"] == {
        "apono": {"unproven": "lost"},
        "voss": {"unproven": "applied", "page_total": "on"},
    }
    simulator.quirks(voss={"unproven": False, "page_total": None}, apono={"ignore_rename": True})
    assert simulator.state()["quirks"] == {"apono": {"unproven": "lost", "ignore_rename": "on"}}
    simulator.control("DELETE", "/quirks")
    assert simulator.state()["quirks"] == {}


def test_a_seed_switches_quirks_on(apono: Client, simulator: Simulator) -> None:
    simulator.reset({"quirks": {"apono": {"broken_lists": "status"}}})
    assert apono("GET", LIST).json() == {"status": "maintenance"}
    simulator.reset(simulator.state())
    assert apono("GET", LIST).json() == {"status": "maintenance"}
    simulator.reset()
    assert len(items(apono("GET", LIST))) == 4


def test_the_command_line_switches_quirks_on() -> None:
    with start("--quirk", "voss.page_total", "--quirk", "webex.broken_lists=partial") as simulator:
        on = {"voss": {"page_total": "on"}, "webex": {"broken_lists": "partial"}}
        assert simulator.control("GET", "/quirks")["on"] == on
        simulator.reset()
        assert simulator.control("GET", "/quirks")["on"] == on


def test_a_fault_switches_quirks_on_for_its_requests(apono: Client, simulator: Simulator) -> None:
    simulator.fault(method="PUT", skip=1, quirks={"unproven": "lost", "same_transaction": True})
    responses = [apono("PUT", ONE, json={"name": f"name-{number}"}).json() for number in range(3)]
    assert [response.get("name") for response in responses] == ["name-0", None, "name-2"]
    assert [entry["fault"] for entry in simulator.journal()][1] == "quirks same_transaction, unproven"
    assert [entry["applied"] for entry in simulator.journal()] == [True, False, True]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"voss": {"unprooven": True}}, "voss has no quirk 'unprooven'. Valid quirks: wrong_object"),
        ({"webex": {"unproven": True}}, "webex has no quirk 'unproven'"),
        ({"voss": {"unproven": "maybe"}}, "one of applied, lost"),
        ({"voss": {"unproven": 1}}, "one of applied, lost"),
        ({"cisco": {}}, "Unknown system cisco"),
        ({"voss": ["unproven"]}, "one object for each"),
        (["voss"], "one object for each"),
        (None, "one object for each"),
    ],
)
def test_unknown_quirks_change_nothing(simulator: Simulator, changes: Any, sentence: str) -> None:
    simulator.quirks(apono={"ignore_rename": True})
    given = {"webex": {"broken_lists": True}, **changes} if isinstance(changes, dict) else changes
    with pytest.raises(AssertionError, match=sentence):
        simulator.control("PATCH", "/quirks", given)
    assert simulator.control("GET", "/quirks")["on"] == {"apono": {"ignore_rename": "on"}}


# Tests of objects and changes


def test_another_object_is_read(apono: Client, voss: Client, webex: Client, simulator: Simulator) -> None:
    simulator.quirks(**{system: {"wrong_object": True} for system in ("apono", "voss", "webex")})
    assert apono("GET", ONE).json()["id"] == "AwsConnector-ProdTeam-XYZ123"
    assert apono("GET", f"{LIST}/AwsConnector-ProdTeam-XYZ123").json()["id"] == "prod-us-east-1"
    assert voss("GET", f"{BASE}{AB}/").json()["pkid"] == AAA
    assert webex("GET", f"{WEBEX}/Y2lZY76124").json()["id"] == "Y2lZY76123"
    assert apono("GET", f"{LIST}/nobody").status_code == 404


def test_a_change_names_another_object(apono: Client, voss: Client, simulator: Simulator) -> None:
    simulator.quirks(apono={"wrong_object": True}, voss={"wrong_object": True})
    assert apono("PUT", ONE, json={"name": "x"}).json()["id"] == "AwsConnector-ProdTeam-XYZ123"
    created = voss("POST", f"{BASE}?hierarchy=CS-P.CS-NB.Initech", json={"name": "Initech"}).json()
    assert created["pkid"] == AAA
    transaction = voss("PUT", f"{BASE}{AB}/?nowait=true", json={"name": "y"}).json()["transaction_id"]
    assert AAA in poll(voss, transaction)["resource"]["after_transaction"]
    assert stored(simulator, "apono")["prod-us-east-1"] == "x"
    assert sorted(stored(simulator, "voss").values()) == ["AAAGlobal", "Initech", "y"]


def test_a_new_name_is_ignored(apono: Client, voss: Client, simulator: Simulator) -> None:
    simulator.quirks(apono={"ignore_rename": True}, voss={"ignore_rename": True})
    response = apono("PUT", ONE, json={"name": "x"})
    assert (response.status_code, response.json()["name"]) == (200, "prod-us-east-1")
    changed = voss("PUT", f"{BASE}{AAA}/", json={"name": "x", "email_domain": "x.example"})
    assert (changed.status_code, changed.json()["success"]) == (200, True)
    data = voss("GET", f"{BASE}{AAA}/").json()["data"]
    assert (data["name"], data["email_domain"]) == ("AAAGlobal", "x.example")


@pytest.mark.parametrize(("word", "applied"), [("applied", True), ("lost", False)])
def test_a_response_does_not_prove_a_change(
    apono: Client, voss: Client, simulator: Simulator, word: str, applied: bool
) -> None:
    simulator.quirks(apono={"unproven": word}, voss={"unproven": word})
    responses = [
        apono("PUT", f"{LIST}/gcp-analytics", json={"name": "x"}),
        apono("DELETE", ONE),
        voss("POST", f"{BASE}?hierarchy=CS-P.CS-NB.Initech&nowait=true", json={"name": "Initech"}),
        voss("DELETE", f"{BASE}?hierarchy=sys&nowait=true", json={"hrefs": [BASE + AAA]}),
        voss("POST", f"{BASE}{AB}/+RefreshAccessToken/"),
    ]
    assert [(response.status_code, response.json()) for response in responses] == [(200, {})] * 5
    assert [entry["applied"] for entry in simulator.writes()] == [applied] * 5
    assert ("prod-us-east-1" in stored(simulator, "apono")) is not applied
    assert sorted(stored(simulator, "voss").values()) == (
        ["AB_Group", "Initech"] if applied else ["AAAGlobal", "AB_Group"]
    )
    assert apono("GET", f"{LIST}/gcp-analytics").json()["id"] == "gcp-analytics"


@pytest.mark.parametrize(
    ("word", "part"), [("status", {"status": "error"}), ("error", {"code": 500}), ("success", {"success": False})]
)
def test_an_error_has_status_200(
    apono: Client, voss: Client, simulator: Simulator, word: str, part: dict[str, Any]
) -> None:
    simulator.quirks(apono={"false_success": word}, voss={"false_success": word})
    responses = [
        apono("PUT", ONE, json={"name": "x"}),
        apono("DELETE", ONE),
        voss("PUT", f"{BASE}{AAA}/?nowait=true", json={"name": "x"}),
        voss("POST", f"{BASE}{AAA}/+SyncWebexTeamsUsers/", json={}),
    ]
    for response in responses:
        content = response.json()
        assert response.status_code == 200
        assert part.items() <= content.get("error", content).items()
    assert [entry["applied"] for entry in simulator.writes()] == [False] * 4


def test_changes_are_confirmed_and_discarded(apono: Client, hdp_owner: Client, simulator: Simulator) -> None:
    before = simulator.state()
    simulator.quirks(apono={"lost_changes": True}, hdp={"lost_changes": True})
    group = {"connectionTimeout": 15, "retryDelay": 120, "members": [{"memberID": HDP_CONNECTOR, "sequence": 1}]}
    responses = [
        apono("PUT", ONE, json={"name": "x"}),
        apono("DELETE", ONE),
        apono("POST", INTEGRATIONS, json={"name": "x", "type": "mysql", "integration_config": {}}),
        hdp_owner("POST", HDP_OWN, json={"label": "x", "connectorGroup": group, "authUser": []}),
        hdp_owner("PUT", f"{HDP_OWN}/{HDP_CONNECTOR}", json={"label": "x", "authUser": ["Bob"]}),
        hdp_owner("POST", f"{HDP_OWN}/{HDP_CONNECTOR}/authuser", json={"authUser": ["Bob"]}),
    ]
    assert [response.status_code for response in responses] == [200, 204, 200, 201, 200, 200]
    assert (responses[0].json()["name"], responses[-1].json()) == ("x", {"success": True})
    assert [entry["applied"] for entry in simulator.writes()] == [False] * 6
    assert hdp_owner("PUT", f"{HDP_OWN}/{HDP_CONNECTOR}", json={"label": "x"}).status_code == 400
    simulator.control("DELETE", "/quirks")
    assert simulator.state() == before


def test_all_changes_share_one_transaction(voss: Client, simulator: Simulator) -> None:
    simulator.quirks(voss={"same_transaction": True})
    changes = [voss("PUT", f"{BASE}{pkid}/?nowait=true", json={"name": name}) for pkid, name in ((AAA, "x"), (AB, "y"))]
    created = voss("POST", f"{BASE}?hierarchy=CS-P.CS-NB.Initech&nowait=true", json={"name": "z"})
    transactions = {response.json()["transaction_id"] for response in (*changes, created)}
    assert len(transactions) == 1
    data = poll(voss, transactions.pop())
    assert (data["status"], AAA in data["resource"]["after_transaction"]) == ("Success", True)
    assert sorted(stored(simulator, "voss").values()) == ["x", "y", "z"]


def test_a_transaction_succeeds_and_is_rolled_back(voss: Client, simulator: Simulator) -> None:
    before = simulator.state()["voss"]
    simulator.quirks(voss={"rolled_back": True})
    calls = [
        ("POST", f"{BASE}?hierarchy=CS-P.CS-NB.Initech&nowait=true", {"name": "Initech"}),
        ("PUT", f"{BASE}{AAA}/?nowait=true", {"name": "x"}),
        ("DELETE", f"{BASE}{AAA}/?nowait=true", None),
        ("POST", f"{BASE}{AB}/+RefreshAccessToken/?nowait=true", {}),
        ("POST", f"/api/tool/DataMove/{AAA}/?model_type=relation/SparkCustomer&hierarchy=sys&context_hierarchy=CS-P"
         "&nowait=true", {}),
    ]  # fmt: skip
    for method, path, content in calls:
        data = poll(voss, voss(method, path, json=content).json()["transaction_id"])
        assert (data["status"], data["rolled_back"]) == ("Success", "Yes")
    assert simulator.state()["voss"] == before
    assert [entry["applied"] for entry in simulator.writes()] == [False] * 5
    simulator.quirks(voss={"rolled_back": False})
    data = poll(voss, voss("DELETE", f"{BASE}{AAA}/?nowait=true").json()["transaction_id"])
    assert (data["rolled_back"], AAA in stored(simulator, "voss")) == ("No", False)


@pytest.mark.parametrize(
    ("quirk", "given", "expected"),
    [
        ({"trim_names": True}, " A b ", {"name": "A b", "email_domain": " X.example "}),
        ({"trim_names": "texts"}, " A b ", {"name": "A b", "email_domain": "X.example"}),
        ({"lower_names": True}, "A b", {"name": "a b", "email_domain": " X.example "}),
        ({"lower_names": "texts", "trim_names": "texts"}, " A b", {"name": "a b", "email_domain": "x.example"}),
    ],
)
def test_names_are_normalised(
    apono: Client, voss: Client, simulator: Simulator, quirk: dict[str, Any], given: str, expected: dict[str, str]
) -> None:
    simulator.quirks(apono=quirk, voss=quirk)
    assert apono("PUT", ONE, json={"name": given}).json()["name"] == expected["name"]
    content = {"name": given, "email_domain": " X.example ", "token": " Secret "}
    pkid = voss("POST", f"{BASE}?hierarchy=CS-P.CS-NB.Initech", json=content).json()["pkid"]
    data = voss("GET", f"{BASE}{pkid}/").json()["data"]
    assert {name: data[name] for name in expected} == expected
    assert simulator.state()["voss"]["customers"][-1]["token"] == " Secret "


# Lists.


def test_lists_ignore_the_hierarchy(voss: Client, simulator: Simulator) -> None:
    voss("POST", f"{BASE}{AAA}/+SyncWebexTeamsUsers/", json={})
    elsewhere = "?hierarchy=CS-P.CS-NB.Initech"
    paths = {BASE + elsewhere: (0, 2), NODES + elsewhere: (1, 11), TRANSACTIONS + elsewhere: (0, 1)}
    for path, (right, _wrong) in paths.items():
        assert len(items(voss("GET", path))) == right
    simulator.quirks(voss={"ignore_hierarchy": True})
    for path, (_right, wrong) in paths.items():
        assert len(items(voss("GET", path))) == wrong


def test_the_total_counts_the_page(voss: Client, simulator: Simulator) -> None:
    simulator.quirks(voss={"page_total": True})
    first = voss("GET", f"{NODES}?limit=4").json()
    assert (first["pagination"]["total"], len(first["resources"])) == (4, 4)
    assert voss("GET", f"{NODES}?limit=4&skip=8").json()["pagination"]["total"] == 3


def pages(client: Client, system: str, number: int) -> list[list[Any]]:
    """Return the IDs on the first pages of a list, with three items on each page."""
    found: list[list[Any]] = []
    path = LISTS[system] + {"voss": "&limit=3", "apono": "?limit=3"}.get(system, "")
    for _page in range(number):
        response = client("GET", path)
        found.append([item.get("pkid") or item.get("id") for item in items(response)])
        content = response.json()
        if system == "voss":
            skip = content["pagination"]["skip"] + 3
            more, path = content["pagination"]["total"] > skip, f"{CUSTOMERS}&limit=3&skip={skip}"
        elif system == "apono":
            token = content["pagination"].get("next_page_token")
            more, path = bool(token), f"{LIST}?page_token={token}"
        else:
            link = response.links.get("next", {}).get("url", "")
            more, path = bool(link), link.removeprefix(client.url)
        if not more:
            break
    return found


@pytest.mark.parametrize(("word", "unique"), [("new", 30), ("same", None), ("empty", None)])
@pytest.mark.parametrize("system", ["apono", "voss", "webex"])
def test_a_list_is_endless(
    system: str, word: str, unique: int | None, request: pytest.FixtureRequest, simulator: Simulator
) -> None:
    client: Client = request.getfixturevalue(system)
    simulator.settings(webex={"page_size": 3})
    all_ids = [each for page in pages(client, system, 10) for each in page]
    simulator.quirks(**{system: {"endless_list": word}})
    found = pages(client, system, 10)
    seen = [each for page in found for each in page]
    assert len(found) == 10
    assert seen[: len(all_ids)] == all_ids
    assert (len(seen), len(set(seen))) == {
        "new": (30, unique),
        "same": (30, len(all_ids)),
        "empty": (len(all_ids), len(all_ids)),
    }[word]


def test_other_lists_are_endless(apono: Client, voss: Client, webex: Client, simulator: Simulator) -> None:
    simulator.quirks(**{system: {"endless_list": True} for system in ("apono", "voss", "webex")})
    assert apono("GET", INTEGRATIONS).json()["pagination"]["next_page_token"]
    nodes = voss("GET", f"{NODES}?skip=9&limit=5").json()
    assert nodes["pagination"]["total"] > 14
    assert len({node["pkid"] for node in nodes["resources"]}) == 5
    assert "next" in webex("GET", WEBEX).links
    assert voss("GET", f"{BASE}?hierarchy=CS-P.CS-NB.Initech").json()["resources"] == []


@pytest.mark.parametrize("system", ["apono", "voss", "webex"])
@pytest.mark.parametrize("word", ["deleted", "added"])
def test_pages_shift(system: str, word: str, request: pytest.FixtureRequest, simulator: Simulator) -> None:
    client: Client = request.getfixturevalue(system)
    count = 5
    customers = [{"hierarchy": "sys.hcs", "name": f"c{n}", "pkid": f"p{n}"} for n in range(count)]
    apono = [{"id": f"p{n}", "name": f"c{n}", "status": "CONNECTED"} for n in range(count)]
    webex = [{"id": f"p{n}", "orgId": "Y2lzY29zcGFyazovL3"} for n in range(count)]
    data = {"apono": {"connectors": apono}, "voss": {"customers": customers}, "webex": {"connectors": webex}}
    settings = {"webex": {"page_size": 3}, "voss": {"throttle": 0}}
    simulator.reset({**data, "quirks": {system: {"shifting_pages": word}}, "settings": settings})
    found = pages(client, system, 3)
    assert found == [["p0", "p1", "p2"], ["p4"] if word == "deleted" else ["p2", "p3", "p4"]]
    left = [
        item.get("pkid") or item["id"]
        for item in simulator.state()[system]["customers" if system == "voss" else "connectors"]
    ]
    assert left == [f"p{n}" for n in range(1 if word == "deleted" else 0, count)]


@every_system
@pytest.mark.parametrize("word", ["id", "name", "place"])
def test_the_first_item_cannot_be_identified(
    system: str, word: str, request: pytest.FixtureRequest, simulator: Simulator
) -> None:
    client: Client = request.getfixturevalue(system)
    before = items(client("GET", LISTS[system]))
    simulator.quirks(**{system: {"anonymous_items": word}})
    first, *others = items(client("GET", LISTS[system]))
    assert others == before[1:]
    lost = {
        ("apono", "id"): "id", ("apono", "name"): "name", ("apono", "place"): "cloud_provider_type",
        ("hdp", "id"): "connectorID", ("hdp", "name"): "label", ("hdp", "place"): "tenantName",
        ("webex", "id"): "id", ("webex", "name"): "hostname", ("webex", "place"): "hybridClusterId",
        ("voss", "id"): "pkid", ("voss", "name"): "name", ("voss", "place"): "hierarchy_path",
    }[system, word]  # fmt: skip
    part = first["data"] if system == "voss" and word != "id" else first
    assert lost not in part
    if system == "voss":
        assert ("self" not in first["meta"]["references"]) == (word == "id")
        assert ("parent" not in first["meta"]["references"]) == (word == "place")
        assert ("path" not in first["meta"]) == (word == "place")


def test_bare_ids_can_be_null(hdp_user: Client, simulator: Simulator) -> None:
    simulator.quirks(hdp={"anonymous_items": True})
    assert hdp_user("GET", "/api/mgmt/connectors").json()["connectorIds"] == [None]


@every_system
def test_optional_fields_are_missing(system: str, request: pytest.FixtureRequest, simulator: Simulator) -> None:
    client: Client = request.getfixturevalue(system)
    simulator.quirks(**{system: {"sparse_items": True}})
    fields = {
        "apono": {"id", "name", "status"},
        "hdp": {"connectorID", "label", "owner"},
        "webex": {"id", "orgId", "hostname", "status"},
        "voss": {"pkid", "meta", "data"},
    }[system]
    found = items(client("GET", LISTS[system]))
    assert [set(item) for item in found] == [fields] * len(found)
    if system == "voss":
        assert set(found[0]["data"]) == {"pkid", "name", "hierarchy_path"}


@every_system
def test_values_are_odd(system: str, request: pytest.FixtureRequest, simulator: Simulator) -> None:
    client: Client = request.getfixturevalue(system)
    simulator.reset({"generate": {"connectors": 120}, "settings": {"voss": {"throttle": 0}}})
    simulator.quirks(**{system: {"odd_values": True}})
    found = items(client("GET", LISTS[system]))
    shown = [item.get("data", item) for item in found]
    seen = [value for item in shown for value in item.values()]
    name = "label" if system == "hdp" else "name"
    if system != "webex":
        assert any("{{ lookup" in str(item[name]) for item in shown)
        assert any(str(item[name]).startswith("#jinja2:") for item in shown)
        assert any("../../../../tmp/evil" in str(item[name]) for item in shown)
    if system != "voss":
        assert math.inf in seen
        assert {"__ansible_vault": "1.6.4"} in seen
        assert ":1e999" in client("GET", LISTS[system]).text
    if system in ("webex", "hdp"):
        assert any("-oProxyCommand" in str(value) for value in seen)
    ids = [item.get("pkid") or item.get("id") or item.get("connectorID") for item in found]
    assert len(set(ids)) == len(found) > 15


def test_odd_values_of_one_kind(apono: Client, simulator: Simulator) -> None:
    before = items(apono("GET", LIST))
    fields = {"versions": "version", "names": "name", "times": "last_connected", "ids": "id"}
    for word, name in fields.items():
        simulator.control("DELETE", "/quirks")
        simulator.quirks(apono={"odd_values": word})
        after = items(apono("GET", LIST))
        assert [item[name] for item in after] != [item[name] for item in before]
        untouched = [field for field in fields.values() if field != name]
        assert [[item[field] for field in untouched] for item in after] == [
            [item[field] for field in untouched] for item in before
        ]
    assert apono("GET", ONE).json()["id"] == ["x"]


@every_system
def test_items_carry_secrets(system: str, request: pytest.FixtureRequest, simulator: Simulator) -> None:
    client: Client = request.getfixturevalue(system)
    simulator.quirks(**{system: {"secrets_in_items": True}})
    found = items(client("GET", LISTS[system]))
    for item in found:
        shown = item.get("data", item)
        assert shown["connectorPassword"] == shown["token"] == "simulator-leaked-secret/+="
        assert shown["proxy"].startswith("http://user:simulator-leaked-secret%2F")
    assert json.dumps(found).count("simulator-leaked-secret") == 11 * len(found)


def test_single_objects_and_documents_carry_secrets(
    apono: Client, voss: Client, webex: Client, simulator: Simulator
) -> None:
    simulator.quirks(**{system: {"secrets_in_items": True} for system in ("apono", "voss", "webex")})
    for client, path in ((apono, ONE), (webex, f"{WEBEX}/Y2lZY76123")):
        assert client("GET", path).json()["settings"]["nested"][0]["PASSWORD"].startswith("simulator-leaked")
    for path in (f"{BASE}{AAA}/", f"{BASE}add/?hierarchy=sys"):
        assert voss("GET", path).json()["data"]["auth_token"].startswith("simulator-leaked")
    page = voss("GET", f"{BASE}help?hierarchy=sys").text
    for form in ("&amp;auth_token=", "&#38;auth_token=", "%3Fauth_token%3D", "AUTH_TOKEN=", 'name="auth_token" value='):
        assert f"{form}simulator-leaked".replace('="simulator', '="simulator') in page or f'{form}"simulator' in page
    assert page.count("simulator-leaked-secret") == 6
    templates = voss("GET", f"{BASE}configuration_template/?hierarchy=sys").json()["resources"]
    assert templates[0]["data"]["auth_token"].startswith("simulator-leaked")


@every_system
@pytest.mark.parametrize("word", QUIRKS["broken_lists"].values)
def test_a_list_has_a_different_type(
    system: str, word: str, request: pytest.FixtureRequest, simulator: Simulator
) -> None:
    client: Client = request.getfixturevalue(system)
    path, key = LISTS[system], KEYS[system]
    before = client("GET", path).json()
    simulator.quirks(**{system: {"broken_lists": word}})
    response = client("GET", path)
    content = response.json()
    assert response.status_code == {"accepted": 202, "partial": 206}.get(word, 200)
    if word in ("error", "status", "empty"):
        assert key not in content
    elif word == "spelling":
        assert (key in content, content[key.capitalize()]) == (False, before[key])
    elif word == "pagination":
        assert (content["pagination"], content[key]) == ("next", before[key])
    else:
        half = before[key][: len(before[key]) // 2]
        assert content[key] == {"null": None, "accepted": [], "partial": half}[word]


def test_bare_lists_have_a_different_type(apono: Client, simulator: Simulator) -> None:
    simulator.quirks(apono={"broken_lists": True})
    assert set(apono("GET", "/api/v2/connectors").json()) == {"error"}
    assert apono("GET", ONE).json()["id"] == "prod-us-east-1"


@pytest.mark.parametrize(
    ("word", "received", "expected"),
    [
        ("missing", [AAA, AB], [AAA]),
        ("missing", [AAA], []),
        ("other", [AAA], [AB]),
        ("empty", [AAA, AB], []),
    ],
)
def test_an_export_has_other_customers(
    voss: Client, simulator: Simulator, word: str, received: list[str], expected: list[str]
) -> None:
    simulator.quirks(voss={"wrong_export": word})
    hrefs = {"hrefs": [BASE + pkid for pkid in received]}
    response = voss("POST", f"{BASE}export/?hierarchy=sys&export_format=json", json=hrefs)
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        content = json.loads(archive.read(archive.namelist()[0]))
    assert [item["meta"]["pkid"] for item in content["resources"]] == expected
    assert voss("GET", f"{BASE}{AAA}/export/?export_format=xlsx").status_code == 200


@every_system
def test_a_404_is_a_page_of_a_proxy(system: str, request: pytest.FixtureRequest, simulator: Simulator) -> None:
    client: Client = request.getfixturevalue(system)
    simulator.quirks(**{system: {"html_404": True}})
    assert client("GET", LISTS[system]).status_code == 200
    response = client("GET", "/nothing")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "nginx" in response.text
    simulator.quirks(**{system: {"html_404": "every"}})
    assert client("GET", LISTS[system]).status_code == 404
    assert client("GET", LISTS[system], headers={"Authorization": "none"}).text == response.text


def test_an_interfering_proxy_makes_no_change(apono: Client, simulator: Simulator) -> None:
    simulator.quirks(apono={"html_404": "every"})
    assert apono("DELETE", ONE).status_code == 404
    assert simulator.writes()[0]["applied"] is False
    assert "prod-us-east-1" in stored(simulator, "apono")
