# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VOSS writes: create, replace, delete, move and the actions, and the settings for undocumented behavior."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.simulator import Client, Simulator

BASE = "/api/relation/SparkCustomer/"
MOVE = "/api/tool/DataMove/"
AAA = "65e0918d6fd4534903e212d9"
AB = "65e032dc6fd4534903dff709"
INITECH = "hierarchy=CS-P.CS-NB.Initech"
TO_UMBRELLA = "model_type=relation/SparkCustomer&hierarchy=sys&context_hierarchy=CS-P.CS-AB.Umbrella"


def stored(simulator: Simulator, pkid: str) -> dict[str, Any]:
    """Return the stored customer, including secrets."""
    customers = {customer["pkid"]: customer for customer in simulator.state()["voss"]["customers"]}
    found: dict[str, Any] = customers[pkid]
    return found


def message(response: Any) -> str:
    text: str = response.json()["error"]["message"]
    return text


@pytest.mark.parametrize("slash", ["", "/"])
def test_creating(voss: Client, simulator: Simulator, slash: str) -> None:
    payload = {"name": "Initech", "token": "t", "refresh_token": "r", "dirsync_enabled": True, "sync": True}
    response = voss("POST", f"{BASE[:-1]}{slash}?{INITECH}&format=json", json=payload)
    assert response.status_code == 200
    created = response.json()
    assert created["success"] is True
    assert created["model_type"] == "relation/SparkCustomer"
    assert created["meta"]["uri"] == BASE + created["pkid"]
    customer = stored(simulator, created["pkid"])
    assert customer["hierarchy"] == "sys.hcs.CS-P.CS-NB.Initech"
    assert (customer["token"], customer["refresh_token"], customer["syncs"]) == ("t", "r", {"roles_licences": 1})
    assert "sync" not in customer
    in_90_days = datetime.now(timezone.utc) + timedelta(days=90)
    assert customer["refresh_token_expires"][:10] == in_90_days.strftime("%Y-%m-%d")
    assert simulator.writes("voss")[0]["applied"] is True


def test_a_name_can_be_used_once_at_a_node(voss: Client, simulator: Simulator) -> None:
    where = "hierarchy=CS-P.CS-NB.AAAGlobal"
    response = voss("POST", f"{BASE}?{where}", json={"name": "AAAGlobal"})
    assert response.status_code == 400
    assert "already exists at sys.hcs.CS-P.CS-NB.AAAGlobal" in message(response)
    assert simulator.writes()[0]["applied"] is False
    simulator.settings(voss={"duplicate_names": "allow"})
    assert voss("POST", f"{BASE}?{where}", json={"name": "AAAGlobal"}).status_code == 200
    assert simulator.refusals() == []


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ({}, "name is required"),
        ({"name": ""}, "name is required"),
        ({"name": "x", "pkid": "y"}, "pkid is not an attribute"),
        ({"name": "x", "hierarchy_path": "sys"}, "hierarchy_path is not an attribute"),
        ({"data": {"name": "x"}, "meta": {}}, "data is not an attribute"),
        ({"name": "x", "dirsync_enabled": "true"}, "true or false"),
        ({"name": "x", "default_calling_behaviour": "Calling in Webex Teams"}, "Calling in Webex App"),
        ({"name": "x", "email_domain": None}, "must be a string"),
        ({"name": "x", "wholesale_status": "on"}, "wholesale_status is not an attribute"),
        ({"name": "x", "request_meta": {"external_id": "e"}}, "nowait=true"),
    ],
)
def test_attributes_are_checked_against_the_schema(
    voss: Client, simulator: Simulator, payload: dict[str, Any], reason: str
) -> None:
    for method, path in (("POST", f"{BASE}?{INITECH}"), ("PUT", f"{BASE}{AAA}/")):
        response = voss(method, path, json=payload)
        assert response.status_code == 400
        assert reason in message(response)
    assert len(simulator.refusals("voss")) == 2
    assert len(simulator.state()["voss"]["customers"]) == 2


def test_attributes_of_other_releases_can_be_allowed(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"extra_attributes": ["wholesale_status"]})
    pkid = voss("POST", f"{BASE}?{INITECH}", json={"name": "x", "wholesale_status": "on"}).json()["pkid"]
    assert voss("GET", f"{BASE}{pkid}/").json()["data"]["wholesale_status"] == "on"


def test_templates_are_honestly_not_applied(voss: Client) -> None:
    assert voss("POST", f"{BASE}?{INITECH}&template_name=x", json={"name": "x"}).status_code == 501


def test_replacing_drops_omitted_attributes(voss: Client, simulator: Simulator) -> None:
    response = voss("PUT", f"{BASE}{AAA}?format=json", json={"name": "AAA", "email_domain": "example.com"})
    assert response.json()["pkid"] == AAA
    data = voss("GET", f"{BASE}{AAA}/").json()["data"]
    assert set(data) == {"name", "email_domain", "token", "refresh_token", "shadow"}
    assert stored(simulator, AAA)["token"] == "simulator-access-token-AAAGlobal"


def test_a_setting_decides_on_omitted_passwords_and_expiries(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"omitted_password": "blank", "omitted_expiry": "keep"})
    voss("PUT", f"{BASE}{AAA}/", json={"name": "AAAGlobal"})
    customer = stored(simulator, AAA)
    assert not {"token", "refresh_token"} & set(customer)
    assert customer["access_token_expires"] == "2024-03-14T14:19:31.448016Z"


def test_sending_a_blank_password_back_blanks_it(voss: Client, simulator: Simulator) -> None:
    read = voss("GET", f"{BASE}{AAA}/").json()["data"]
    voss("PUT", f"{BASE}{AAA}/", json=read)
    assert stored(simulator, AAA)["token"] == ""
    assert [entry["applied"] for entry in simulator.writes()] == [True]


def test_an_identical_replacement_changes_nothing(voss: Client, simulator: Simulator) -> None:
    read = voss("GET", f"{BASE}{AAA}/").json()["data"]
    same = {name: value for name, value in read.items() if name not in ("token", "shadow")}
    assert voss("PUT", f"{BASE}{AAA}/", json=same).json()["success"] is True
    assert [entry["applied"] for entry in simulator.writes()] == [False]


def test_the_internal_account_number_is_resolved(voss: Client, simulator: Simulator) -> None:
    number = "566fe183-ae8a-458c-b3c2-ed531e4216c9"
    for form, expected in (
        ("as_given", number),
        ("base64", "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi81NjZmZTE4My1hZThhLTQ1OGMtYjNjMi1lZDUzMWU0MjE2Yzk"),
    ):
        simulator.settings(voss={"account_number_form": form})
        payload = {"name": form, "account_number_external": number}
        pkid = voss("POST", f"{BASE}?{INITECH}", json=payload).json()["pkid"]
        data = voss("GET", f"{BASE}{pkid}/").json()["data"]
        assert data["account_number"] == data["account_number_external"] == expected


def test_deleting_one(voss: Client, simulator: Simulator) -> None:
    assert voss("DELETE", f"{BASE}{AAA}/?hierarchy=sys").json()["success"] is True
    missing = voss("DELETE", f"{BASE}{AAA}/?hierarchy=sys")
    assert missing.status_code == 404
    simulator.settings(voss={"delete_response": "empty"})
    empty = voss("DELETE", f"{BASE}{AB}")
    assert (empty.status_code, empty.content) == (204, b"")
    assert simulator.state()["voss"]["customers"] == []
    assert [entry["applied"] for entry in simulator.writes()] == [True, False, True]


def test_deleting_many_is_atomic(voss: Client, simulator: Simulator) -> None:
    path = f"{BASE}?hierarchy=sys"
    assert voss("DELETE", path, json={"hrefs": [BASE + AAA, BASE + "nobody"]}).status_code == 404
    assert len(simulator.state()["voss"]["customers"]) == 2
    assert voss("DELETE", path, json={"hrefs": [BASE + AAA, f"{BASE}{AB}/"]}).status_code == 200
    assert simulator.state()["voss"]["customers"] == []


@pytest.mark.parametrize("body", [None, {}, {"hrefs": []}, {"hrefs": [AAA]}, {"hrefs": [BASE + AAA], "more": 1}])
def test_deleting_many_needs_hrefs(voss: Client, simulator: Simulator, body: Any) -> None:
    response = voss("DELETE", f"{BASE}?hierarchy=sys", json=body)
    assert response.status_code == 400
    assert "[pkid]" in simulator.refusals()[0]
    assert len(simulator.state()["voss"]["customers"]) == 2


def test_a_body_may_not_get_through_with_a_delete(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"delete_body": "refuse"})
    assert voss("DELETE", f"{BASE}?hierarchy=sys", json={"hrefs": [BASE + AAA]}).status_code == 400
    assert len(simulator.state()["voss"]["customers"]) == 2


@pytest.mark.parametrize(
    ("path", "body"),
    [(f"{MOVE}?{TO_UMBRELLA}", {"hrefs": [BASE + AAA]}), (f"{MOVE}{AAA}/?{TO_UMBRELLA}", None)],
)
def test_moving(voss: Client, simulator: Simulator, path: str, body: Any) -> None:
    assert voss("POST", path, json=body).json()["pkid"] == AAA
    item = next(item for item in voss("GET", f"{BASE}?hierarchy=sys").json()["resources"] if item["pkid"] == AAA)
    assert item["data"]["hierarchy_path"] == "sys.hcs.CS-P.CS-AB.Umbrella"
    assert item["meta"]["path"][-2] == item["meta"]["references"]["parent"][0]["pkid"]
    assert voss("POST", path, json=body).status_code == 200
    assert [entry["applied"] for entry in simulator.writes()] == [True, False]


def test_a_move_may_change_the_pkid(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"pkid_after_move": "change"})
    pkid = voss("POST", f"{MOVE}?{TO_UMBRELLA}", json={"hrefs": [BASE + AAA]}).json()["pkid"]
    assert pkid != AAA
    assert voss("GET", f"{BASE}{AAA}/").status_code == 404
    assert voss("GET", f"{BASE}{pkid}/").json()["data"]["name"] == "AAAGlobal"


@pytest.mark.parametrize(("direction", "status"), [("any", 200), ("down", 400), ("up", 400)])
def test_a_direction_may_be_forbidden(voss: Client, simulator: Simulator, direction: str, status: int) -> None:
    simulator.settings(voss={"move_direction": direction})
    assert voss("POST", f"{MOVE}?{TO_UMBRELLA}", json={"hrefs": [BASE + AAA]}).status_code == status


def test_a_move_up_is_possible_where_only_up_is(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"move_direction": "up"})
    target = "model_type=relation/SparkCustomer&hierarchy=sys&context_hierarchy=CS-P.CS-NB"
    assert voss("POST", f"{MOVE}?{target}", json={"hrefs": [BASE + AAA]}).status_code == 200


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("model_type=relation/SparkCustomer&hierarchy=sys", "context_hierarchy is required"),
        ("hierarchy=sys&context_hierarchy=sys", "model_type is required"),
        ("model_type=relation/User&hierarchy=sys&context_hierarchy=sys", "must be relation/SparkCustomer"),
        ("model_type=relation/SparkCustomer&context_hierarchy=sys", "hierarchy is required"),
        ("model_type=relation/SparkCustomer&hierarchy=CS-P.CS-AB&context_hierarchy=sys", "is not at"),
        (f"{TO_UMBRELLA}&target_hierarchy=sys", "target_hierarchy is not documented"),
    ],
)
def test_a_move_names_both_ends(voss: Client, simulator: Simulator, query: str, reason: str) -> None:
    response = voss("POST", f"{MOVE}?{query}", json={"hrefs": [BASE + AAA]})
    assert response.status_code == 400
    assert reason in simulator.refusals()[0]


@pytest.mark.parametrize("plus", ["+", "%2B"])
def test_refreshing_an_access_token(voss: Client, simulator: Simulator, plus: str) -> None:
    before = stored(simulator, AAA)
    assert voss("POST", f"{BASE}{AAA}/{plus}RefreshAccessToken/?hierarchy=sys", json={}).status_code == 200
    after = stored(simulator, AAA)
    assert after["token"] != before["token"]
    in_14_days = datetime.now(timezone.utc) + timedelta(days=14)
    assert after["access_token_expires"][:10] == in_14_days.strftime("%Y-%m-%d")
    assert after["refresh_token"] == before["refresh_token"]


def test_refreshing_may_need_a_valid_refresh_token(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"expired_refresh_token": "fail"})
    expired = voss("POST", f"{BASE}{AAA}/+RefreshAccessToken/", json={})
    assert (expired.status_code, "expired on 2024-05-28" in message(expired)) == (400, True)
    pkid = voss("POST", f"{BASE}?{INITECH}", json={"name": "x"}).json()["pkid"]
    without = voss("POST", f"{BASE}{pkid}/+RefreshAccessToken/", json={})
    assert (without.status_code, message(without).endswith("it has no refresh token.")) == (400, True)


def test_synchronising_needs_a_token(voss: Client, simulator: Simulator) -> None:
    for action in ("SyncWebexTeamsRolesLicences", "SyncWebexTeamsUsers", "SyncWebexTeamsUsers/"):
        assert voss("POST", f"{BASE}{AAA}/+{action}?hierarchy=sys").status_code == 200
    assert stored(simulator, AAA)["syncs"] == {"roles_licences": 1, "users": 2}
    pkid = voss("POST", f"{BASE}?{INITECH}", json={"name": "x"}).json()["pkid"]
    failed = voss("POST", f"{BASE}{pkid}/+SyncWebexTeamsUsers/")
    assert (failed.status_code, "no access token" in message(failed)) == (400, True)
    assert simulator.refusals() == []


def test_three_actions_without_a_payload_exist(voss: Client, simulator: Simulator) -> None:
    assert voss("POST", f"{BASE}{AAA}/+RefreshAccessToken/", json={"x": 1}).status_code == 400
    assert voss("POST", f"{BASE}{AAA}/+Reboot/", json={}).status_code == 404
    assert len(simulator.refusals()) == 2


def test_the_status_of_a_write_is_a_setting(voss: Client, simulator: Simulator) -> None:
    simulator.settings(voss={"write_status": 202})
    assert voss("POST", f"{BASE}?{INITECH}", json={"name": "x"}).status_code == 202
