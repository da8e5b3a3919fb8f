# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VOSS lists and single customers: formats, pages, filters, nodes and references to nodes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.simulator import Client, Simulator

BASE = "/api/relation/SparkCustomer/"
NODES = "/api/data/HierarchyNode/"
AAA = "65e0918d6fd4534903e212d9"
AAA_NODE = "6130d69ae04a4a0015a93bc6"
ROOT = "6t0ggef2c0deab00hb595101"


def names(response: Any) -> list[str]:
    return [resource["data"]["name"] for resource in response.json()["resources"]]


def test_a_list_item_has_the_documented_shape(voss: Client) -> None:
    response = voss("GET", f"{BASE}?hierarchy=sys&format=json").json()
    assert set(response) == {"operations", "pagination", "meta", "resources"}
    assert response["pagination"] == {
        "direction": "asc",
        "order_by": "name",
        "maximum_limit": 2000,
        "skip": 0,
        "current": f"{BASE}?skip=0&limit=50&order_by=name&direction=asc&traversal=default",
        "limit": 50,
        "total_limit": None,
        "total": 2,
    }
    assert response["meta"]["references"]["parent"][0]["pkid"] == ROOT
    item = response["resources"][0]
    assert item["pkid"] == AAA
    assert item["data"]["pkid"] == "65e0918d6fd4534903e212da"
    assert item["meta"]["path"] == [
        ROOT,
        "5df35e48ce894e0012b345a1",
        "5f3ae1fcce894e001204e0ed",
        "5f3ae236ce894e001204efa0",
        AAA_NODE,
        AAA,
    ]
    assert item["meta"]["references"]["parent"] == [{"pkid": AAA_NODE, "href": f"{NODES}{AAA_NODE}"}]
    assert item["data"]["hierarchy_path"] == "sys.hcs.CS-P.CS-NB.AAAGlobal"
    assert item["data"]["hierarchy_friendly_name"] == "AAAGlobal (Customer)"
    assert item["data"]["token"] == ""
    assert not {"shadow", "dirsync_enabled", "https_proxy"} & set(item["data"])
    assert [next(iter(action)) for action in item["meta"]["actions"]] == [
        "update",
        "remove",
        "move",
        "export",
        "get",
        "help",
        "RefreshAccessToken",
        "SyncWebexTeamsRolesLicences",
        "SyncWebexTeamsUsers",
    ]


def test_a_single_customer_has_the_documented_shape(voss: Client) -> None:
    response = voss("GET", f"{BASE}{AAA}").json()
    assert response["pkid"] == AAA
    assert response["meta"]["cache_control_policy"] == "cache_then_device"
    assert set(response["data"]) == {
        "access_token_expires",
        "refresh_token_expires",
        "name",
        "account_number_external",
        "token",
        "account_number",
        "shadow",
        "refresh_token",
        "account_email",
    }
    assert response["data"]["shadow"] == []
    assert response["data"]["token"] == ""
    assert response["data"]["refresh_token"].startswith("YWE3YWE5")
    assert voss("GET", f"{BASE}{AAA}/?format=json").json() == response


def test_links_carry_a_token(voss: Client) -> None:
    for path in (f"{BASE}?hierarchy=sys", f"{BASE}{AAA}/"):
        actions = {
            name: facts for entry in voss("GET", path).json()["meta"]["actions"] for name, facts in entry.items()
        }
        assert "auth_token=simulator-link-token" in actions["move"]["view"]
        assert "auth_token=simulator-link-token" in actions["export"]["view"]


def test_proxy_passwords_and_unset_values_are_omitted(voss: Client, simulator: Simulator) -> None:
    customer = {
        "hierarchy": "sys.hcs.CS-P.CS-NB.Initech",
        "pkid": "a" * 24,
        "name": "Initech",
        "http_proxy": "http://user:word@proxy.example.com:8080",
        "https_proxy": "https://user:word@proxy.example.com:8080",
        "email_domain": "",
        "dirsync_enabled": False,
    }
    simulator.reset({"voss": {"customers": [customer]}, "settings": {"voss": {"throttle": 0}}})
    expected = {"name": "Initech", "http_proxy": customer["http_proxy"], "shadow": []}
    assert voss("GET", f"{BASE}{'a' * 24}/").json()["data"] == expected
    simulator.settings(voss={"false_values": "show"})
    assert voss("GET", f"{BASE}{'a' * 24}/").json()["data"] == {**expected, "dirsync_enabled": False}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("hierarchy=sys.hcs.CS-P.CS-NB", ["AAAGlobal"]),
        ("hierarchy=CS-P.CS-AB", ["AB_Group"]),
        ("hierarchy=hcs.CS-P", ["AAAGlobal", "AB_Group"]),
        (f"hierarchy={AAA_NODE}", ["AAAGlobal"]),
        ("hierarchy=CS-P.CS-NB.Globex%20Corp", []),
        ("hierarchy=sys&direction=desc", ["AB_Group", "AAAGlobal"]),
        ("hierarchy=sys&order_by=hierarchy_friendly_name&limit=1", ["AAAGlobal"]),
        ("hierarchy=sys&skip=1", ["AB_Group"]),
        ("hierarchy=sys&skip=2", []),
        ("hierarchy=sys&filter_field=name&filter_condition=contains&filter_text=group", ["AB_Group"]),
    ],
)
def test_scope_order_and_filter(voss: Client, simulator: Simulator, query: str, expected: list[str]) -> None:
    assert names(voss("GET", f"{BASE}?{query}")) == expected
    assert simulator.refusals() == []


def test_pages_of_a_long_list(voss: Client, simulator: Simulator) -> None:
    simulator.reset({"voss": {"generate": {"customers": 120}}, "settings": {"voss": {"throttle": 0}}})
    scope = f"{BASE}?hierarchy=CS-P.CS-GEN"
    first = voss("GET", scope).json()
    assert (len(first["resources"]), first["pagination"]["total"]) == (50, 120)
    uncounted = voss("GET", f"{scope}&count=false&skip=100").json()
    assert (len(uncounted["resources"]), uncounted["pagination"]["total"]) == (20, 0)
    simulator.settings(voss={"maximum_limit": 60})
    clamped = voss("GET", f"{scope}&limit=100").json()
    assert (len(clamped["resources"]), clamped["pagination"]["limit"], clamped["pagination"]["maximum_limit"]) == (
        60,
        60,
        60,
    )
    simulator.settings(voss={"over_limit": "refuse"})
    assert voss("GET", f"{scope}&limit=100").status_code == 400


def test_filters_may_be_ignored_or_refused(voss: Client, simulator: Simulator) -> None:
    query = f"{BASE}?hierarchy=sys&filter_field=name&filter_condition=contains&filter_text=group"
    simulator.settings(voss={"filters": "ignore"})
    assert names(voss("GET", query)) == ["AAAGlobal", "AB_Group"]
    simulator.settings(voss={"filters": "refuse"})
    assert voss("GET", query).status_code == 400


def test_a_list_may_contain_summary_attributes_only(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"list_data": "summary"})
    data = voss("GET", f"{BASE}?hierarchy=sys").json()["resources"][1]["data"]
    assert set(data) == {"name", "account_number_external", "pkid", "hierarchy_path", "hierarchy_friendly_name"}


@pytest.mark.parametrize(
    ("dotted", "understood"),
    [
        ("accept", ["sys.hcs.CS-P.CS-NB", "hcs.CS-P.CS-NB", "CS-P.CS-NB"]),
        ("sys", ["sys.hcs.CS-P.CS-NB"]),
        ("refuse", []),
    ],
)
def test_spellings_of_a_node(voss: Client, simulator: Simulator, dotted: str, understood: list[str]) -> None:
    simulator.settings(voss={"dotted": dotted})
    spellings = ["sys.hcs.CS-P.CS-NB", "hcs.CS-P.CS-NB", "CS-P.CS-NB", "CS-NB", "sys.hcs.cs-p.cs-nb"]
    responses = {spelling: voss("GET", f"{BASE}?hierarchy={spelling}").status_code for spelling in spellings}
    assert [spelling for spelling, status in responses.items() if status == 200] == understood
    assert {status for status in responses.values() if status != 200} == {404}
    assert voss("GET", f"{BASE}?hierarchy={AAA_NODE}").status_code == 200


def test_an_unknown_node_may_mean_the_home_node(voss: Client, simulator: Simulator) -> None:
    assert voss("GET", BASE).status_code == 400
    assert voss("GET", f"{BASE}?hierarchy=nowhere").status_code == 404
    simulator.settings(voss={"unknown_hierarchy": "home", "missing_hierarchy": "home", "home": "CS-P.CS-AB"})
    simulator.forget()
    assert names(voss("GET", BASE)) == names(voss("GET", f"{BASE}?hierarchy=nowhere")) == ["AB_Group"]
    assert simulator.refusals() == []


def test_nodes_are_listed_with_their_paths(voss: Client, simulator: Simulator) -> None:
    response = voss("GET", f"{NODES}?format=json&limit=200").json()
    paths = {item["data"]["hierarchy_path"]: item for item in response["resources"]}
    assert {"sys", "sys.hcs.CS-P.CS-NB.AAAGlobal", "sys.hcs.CS-P.CS-AB.Initech-West"} <= set(paths)
    item = paths["sys.hcs.CS-P.CS-NB.AAAGlobal"]
    assert item["meta"]["path"][0] == ROOT
    assert item["meta"]["path"][-1] == item["pkid"] == AAA_NODE
    assert item["meta"]["references"]["parent"][0]["pkid"] == item["meta"]["path"][-2]
    alone = voss("GET", f"{NODES}{AAA_NODE}/").json()
    assert alone["meta"]["references"].pop("children") == []
    assert alone == item
    assert set(names(voss("GET", f"{NODES}?hierarchy=CS-P.CS-AB"))) == {"CS-AB", "AB_Group", "Initech-West", "Umbrella"}
    simulator.settings(voss={"node_path": "parent"})
    assert voss("GET", f"{NODES}{AAA_NODE}").json()["data"]["hierarchy_path"] == "sys.hcs.CS-P.CS-NB"


def test_the_models_documents(voss: Client) -> None:
    form = voss("GET", f"{BASE}add/?hierarchy=CS-P.CS-NB.Initech&schema=1&format=json").json()
    assert form["schema"]["schema_version"] == "1.2.7"
    assert form["meta"]["actions"][0]["create"]["method"] == "POST"
    assert "bulk_update" in voss("GET", f"{BASE}bulk_update/?hierarchy=sys").json()["meta"]["actions"][0]
    for path in (f"{BASE}help?hierarchy=sys", f"{BASE}{AAA}/help"):
        page = voss("GET", path)
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "Refresh Token Expires At" in page.text
    assert names(voss("GET", f"{BASE}configuration_template/?hierarchy=sys")) == ["Spark Customer Defaults"]
    assert names(voss("GET", f"{BASE}field_display_policy/?hierarchy=sys")) == ["default"]
    assert "schema" in voss("GET", f"{BASE}{AAA}/?schema=true&schema_rules=true").json()
    assert "schema" in voss("GET", f"{BASE}?hierarchy=sys&schema=1").json()


@pytest.mark.parametrize("path", [f"{BASE}nothing/", f"{NODES}nothing/", "/api/tool/Transaction/nothing/"])
def test_what_does_not_exist_is_not_found(voss: Client, simulator: Simulator, path: str) -> None:
    response = voss("GET", path)
    assert response.status_code == 404
    assert response.json()["error"]["message"].endswith("nothing does not exist.")
    assert simulator.refusals() == []


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", f"{BASE}?hierarchy=sys&api_version=21.2", 400, "api_version is not documented"),
        ("GET", f"{BASE}?hierarchy=sys&auth_token=x", 400, "auth_token is not documented"),
        ("GET", f"{BASE}?hierarchy=sys&format=xml", 400, "must be json"),
        ("GET", f"{BASE}?hierarchy=sys&traversal=up", 400, "must be default"),
        ("GET", f"{BASE}?hierarchy=sys&limit=-1", 400, "an integer"),
        ("GET", f"{BASE}?hierarchy=sys&order_by=token", 400, "a summary attribute"),
        ("GET", f"{BASE}?hierarchy=sys&filter_field=name&filter_text=x", 400, "filter_condition together"),
        ("GET", f"{BASE}?hierarchy=sys&filter_field=token&filter_text=x&filter_condition=contains", 400, "must be one"),
        ("GET", f"{BASE}?hierarchy=sys&filter_field=name&filter_text=x&filter_condition=equals", 400, "be contains"),
        ("GET", f"{BASE}{AAA}/?skip=1", 400, "skip is not documented"),
        ("GET", BASE[:-1] + "?hierarchy=sys", 405, "Documented: POST"),
        ("GET", "/api/relation/Subscriber/?hierarchy=sys", 404, "not documented"),
        ("PATCH", f"{BASE}{AAA}/", 405, "DELETE, GET, PUT"),
        ("POST", f"{BASE}bulk_update/?hierarchy=sys", 405, "Documented: GET"),
    ],
)  # fmt: skip
def test_what_is_not_documented_is_refused_with_a_reason(
    voss: Client, simulator: Simulator, method: str, path: str, status: int, reason: str
) -> None:
    response = voss(method, path)
    assert response.status_code == status
    assert reason in response.json()["error"]["message"]
    assert reason in simulator.refusals("voss")[0]


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        ("object", {"error": {"code": 404, "message": "The hierarchy node x does not exist.", "http_code": 404}}),
        ("string", {"error": "The hierarchy node x does not exist."}),
        ("message", {"message": "The hierarchy node x does not exist."}),
        ("text", None),
    ],
)
def test_shapes_of_an_error(voss: Client, simulator: Simulator, shape: str, body: Any) -> None:
    simulator.settings(voss={"error_shape": shape})
    response = voss("GET", f"{BASE}?hierarchy=x")
    assert response.status_code == 404
    if body is None:
        assert response.text == "The hierarchy node x does not exist."
    else:
        assert json.loads(response.text) == body
