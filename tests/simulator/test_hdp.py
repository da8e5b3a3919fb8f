# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hybrid Data Pipeline as documented: the two lists, their separators, filters, permissions and the lockout."""

from __future__ import annotations

import pytest
from support.simulator import Client, Simulator

ADMIN = "/api/admin/connectors"
MINE = "/api/mgmt/connectors"
BRIEF = ["connectorID", "label", "version", "owner", "tenantName"]


def test_the_administrators_list_has_details_on_request(hdp: Client) -> None:
    connectors = hdp("GET", ADMIN).json()["connectors"]
    assert [connector["label"] for connector in connectors] == ["MyConnector", "MySampleConnector", "hdp_connector"]
    assert all(list(connector) == BRIEF for connector in connectors)
    detailed = hdp("GET", f"{ADMIN}?details=true").json()["connectors"]
    assert all(len(connector) == 14 for connector in detailed)
    assert [connector["isGroup"] for connector in detailed] == ["false", "true", "false"]


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ("version=4.6.1.758", ["MyConnector", "hdp_connector"]),
        ("version=4.6.1.758;owner=xyzadmin", ["hdp_connector"]),
        ("details=true;tenantName=OrgC", ["MySampleConnector"]),
        ("isGroup=true", ["MySampleConnector"]),
        ("label=My%43onnector", ["MyConnector"]),
        ("version=4.6", []),
    ],
)
def test_filters_are_exact_and_separated_by_semicolons(
    hdp: Client, simulator: Simulator, query: str, labels: list[str]
) -> None:
    response = hdp("GET", f"{ADMIN}?{query}")
    assert [connector["label"] for connector in response.json()["connectors"]] == labels
    assert simulator.refusals() == []


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", f"{ADMIN}?details=true&version=4.6.1.758", 400, "semicolon"),
        ("GET", f"{ADMIN}?details=yes", 400, "true or false"),
        ("GET", f"{ADMIN}?colour=red", 400, "osVersion"),
        ("GET", f"{ADMIN}?version=1;version=2", 400, "single value"),
        ("GET", f"{MINE}?details=true;accessible=true", 400, "separator of query parameters is &"),
        ("GET", f"{MINE}?label=DevTest1", 400, "accessible, details"),
        ("GET", f"{ADMIN}/55b55556-22d1-4f6a-888f-444a2df565e0", 404, "not documented"),
        ("PATCH", MINE, 405, "Documented: GET, POST"),
    ],
)
def test_what_is_not_documented_is_refused_with_a_reason(
    hdp: Client, simulator: Simulator, method: str, path: str, status: int, reason: str
) -> None:
    response = hdp(method, path)
    assert response.status_code == status
    assert reason in response.json()["error"]["message"]["value"]
    assert reason in simulator.refusals("hdp")[0]


def test_an_administrators_list_is_not_for_users(hdp_user: Client) -> None:
    response = hdp_user("GET", ADMIN)
    assert response.status_code == 403
    error = response.json()["error"]
    assert (error["code"], error["message"]["lang"]) == (222208103, "en-US")
    assert "permissions" in error["message"]["value"]


def test_a_user_lists_bare_ids_objects_and_shared_connectors(hdp_user: Client) -> None:
    own, shared = "55b55556-22d1-4f6a-888f-444a2df565e0", "7e7afa77-5555-44c3-b0ff-6bbe888edf8a"
    assert hdp_user("GET", MINE).json() == {"connectorIds": [own]}
    assert hdp_user("GET", f"{MINE}?accessible=true").json() == {"connectorIds": [own, shared]}
    first, second = hdp_user("GET", f"{MINE}?details=true&accessible=true").json()["connectorIds"]
    assert first == {
        "connectorId": own,
        "owner": "ddctest01",
        "label": "DevTest1",
        "authUser": ["Joe", "Fred", "Tom"],
    }
    assert (second["connectorId"], second["authUser"]) == (shared, [])


def test_the_other_spellings(hdp: Client, hdp_user: Client, simulator: Simulator) -> None:
    simulator.settings(
        hdp={
            "user_list_key": "connectorIDs",
            "user_id_key": "connectorID",
            "group_as_text": False,
            "text_codes": True,
            "detail_filters": "refuse",
        }
    )
    assert "connectorID" in hdp_user("GET", f"{MINE}?details=true").json()["connectorIDs"][0]
    assert hdp("GET", f"{ADMIN}?details=true;owner=admin456").json()["connectors"][0]["isGroup"] is True
    assert hdp("GET", f"{ADMIN}?osName=Linux").status_code == 400
    assert hdp_user("GET", ADMIN).json()["error"]["code"] == "222208103"


def test_three_failed_logins_lock_the_account_until_a_reset(hdp: Client, simulator: Simulator) -> None:
    wrong = ("hdp-admin", "wrong")
    for _attempt in range(3):
        response = hdp("GET", ADMIN, auth=wrong)
        assert (response.status_code, response.json()["error"]["code"]) == (401, 222206007)
    locked = hdp("GET", ADMIN)
    assert locked.status_code == 401
    assert "locked for 30 minutes" in locked.json()["error"]["message"]["value"]
    simulator.reset()
    assert hdp("GET", ADMIN).status_code == 200


def test_a_success_starts_the_count_of_failed_logins_again(hdp: Client) -> None:
    statuses = []
    for _round in range(3):
        statuses += [hdp("GET", ADMIN, auth=("hdp-admin", "wrong")).status_code for _attempt in range(2)]
        statuses.append(hdp("GET", ADMIN).status_code)
    assert statuses == [401, 401, 200] * 3


def test_health_needs_no_login(hdp: Client) -> None:
    for authentication in (("", ""), ("nobody", "x")):
        assert hdp("GET", "/api/healthcheck", auth=authentication).json() == {"status": "active"}
    head = hdp("HEAD", "/api/healthcheck", auth=("", ""))
    assert (head.status_code, head.content) == (200, b"")


def test_connectors_of_a_seed_belong_to_their_owners(hdp_user: Client, simulator: Simulator) -> None:
    item = {"connectorID": "c1", "label": "one", "version": "5", "owner": "ddctest01", "tenantName": "T"}
    simulator.reset({"hdp": {"connectors": [item, {**item, "connectorID": "c2", "owner": "other"}]}})
    assert hdp_user("GET", MINE).json() == {"connectorIds": ["c1"]}
