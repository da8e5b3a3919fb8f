# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webex as documented: the refresh grant and organizations."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from support.openapi import complaints
from support.simulator import CREDENTIALS, WEBEX_GRANT, Client, Simulator

CONNECTORS = "/hybrid/connectors"
ORGANIZATION = "Y2lzY29zcGFyazovL3"
SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"
GRANT = {"grant_type": "refresh_token", **WEBEX_GRANT}


def refresh(webex: Client, **fields: str) -> requests.Response:
    """Request an access token, without the header Authorization."""
    return webex("POST", "/access_token", data={**GRANT, **fields}, headers={"Authorization": ""})


def status(webex: Client, token: str) -> int:
    """The status of a list with an access token."""
    return webex("GET", CONNECTORS, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_refresh_returns_a_valid_access_token(webex: Client, simulator: Simulator) -> None:
    response = refresh(webex)
    content = response.json()
    assert response.status_code == 200
    assert set(content) == {
        *("access_token", "expires_in", "refresh_token", "refresh_token_expires_in", "token_type"),
    }
    assert content["refresh_token"] == GRANT["refresh_token"]
    assert (content["token_type"], content["refresh_token_expires_in"]) == ("Bearer", 7_776_000)
    assert 1_209_500 < content["expires_in"] <= 1_209_600
    assert status(webex, content["access_token"]) == 200
    assert refresh(webex).json()["access_token"] != content["access_token"]
    assert simulator.writes() == []
    assert simulator.refusals() == []


def test_the_journal_does_not_contain_the_secrets(webex: Client, simulator: Simulator) -> None:
    token = refresh(webex).json()["access_token"]
    webex("GET", CONNECTORS, headers={"Authorization": f"Bearer {token}"})
    (first, _second) = simulator.journal()
    assert first["body"] == {**GRANT, "client_secret": "hidden", "refresh_token": "hidden"}
    assert complaints(simulator.journal()) == []
    for secret in (GRANT["client_secret"], GRANT["refresh_token"], token):
        assert secret not in str(simulator.journal())


def test_an_access_token_expires(webex: Client, simulator: Simulator) -> None:
    token = refresh(webex).json()["access_token"]
    simulator.settings(webex={"access_token_lifetime": 0, "personal_token": "refuse"})
    assert status(webex, token) == 401
    assert status(webex, CREDENTIALS["webex"]["access_token"]) == 401
    simulator.settings(webex={"access_token_lifetime": 3600})
    renewed = refresh(webex).json()
    assert status(webex, renewed["access_token"]) == 200
    assert renewed["expires_in"] <= 3600


def test_a_refresh_token_may_rotate(webex: Client, simulator: Simulator) -> None:
    simulator.settings(webex={"refresh_token": "rotate", "token_scope": True})
    content = refresh(webex).json()
    assert "spark-admin:hybrid_connectors_read" in content["scope"].split()
    assert refresh(webex).status_code == 400
    again = refresh(webex, refresh_token=content["refresh_token"])
    assert again.status_code == 200
    assert simulator.state()["credentials"]["webex"]["refresh_token"] == again.json()["refresh_token"]
    simulator.settings(webex={"refresh_token": "omit"})
    assert "refresh_token" not in refresh(webex, refresh_token=again.json()["refresh_token"]).json()


def test_a_refresh_may_return_the_same_access_token(webex: Client, simulator: Simulator) -> None:
    simulator.settings(webex={"token_reuse": 86_400})
    first, second = refresh(webex).json(), refresh(webex).json()
    assert first["access_token"] == second["access_token"]
    assert second["expires_in"] <= first["expires_in"]
    simulator.settings(webex={"access_token_lifetime": 0})
    refresh(webex)
    simulator.settings(webex={"access_token_lifetime": 3600, "token_reuse": 0})
    assert refresh(webex).json()["access_token"] != first["access_token"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"refresh_token": ""}, "invalid_request"),
        ({"client_id": "other"}, "invalid_client"),
        ({"client_secret": "other"}, "invalid_client"),
        ({"refresh_token": "other"}, "invalid_request"),
    ],
)
def test_an_oauth_error(webex: Client, simulator: Simulator, fields: dict[str, str], error: str) -> None:
    response = refresh(webex, **fields)
    assert (response.status_code, response.json()["error"]) == (400, error)
    assert set(response.json()) == {"error", "error_description", "error_uri"}
    assert not any(value in response.text for value in GRANT.values() if value != "refresh_token")
    assert simulator.refusals() == []


@pytest.mark.parametrize(
    "error",
    [
        *("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type"),
        "invalid_scope",
    ],
)
def test_every_oauth_error_can_be_configured(webex: Client, simulator: Simulator, error: str) -> None:
    simulator.settings(webex={"token_error": error})
    response = refresh(webex)
    assert (response.status_code, response.json()["error"]) == (400, error)


def test_an_expired_refresh_token(webex: Client, simulator: Simulator) -> None:
    simulator.settings(webex={"refresh_token_lifetime": 0})
    assert refresh(webex).json()["error"] == "invalid_request"
    simulator.settings(webex={"expired_refresh_token": "invalid_grant"})
    assert refresh(webex).json()["error"] == "invalid_grant"
    simulator.settings(webex={"expired_refresh_token": "unauthorized"})
    response = refresh(webex)
    assert (response.status_code, set(response.json())) == (401, {"message", "errors", "trackingId"})


@pytest.mark.parametrize(
    ("options", "code", "reason"),
    [
        ({"json": GRANT}, 415, "application/x-www-form-urlencoded"),
        ({"data": {**GRANT, "scope": "x"}}, 400, "scope is not documented"),
        ({}, 400, "requires a body"),
    ],
)
def test_what_is_not_documented_is_refused(
    webex: Client, simulator: Simulator, options: dict[str, Any], code: int, reason: str
) -> None:
    response = webex("POST", "/access_token", **options)
    assert (response.status_code, reason in simulator.refusals()[0]) == (code, True)


def test_organizations(webex: Client, simulator: Simulator) -> None:
    items = webex("GET", "/organizations").json()["items"]
    assert [(item["id"], item["displayName"]) for item in items] == [
        (ORGANIZATION, "Example Corporation"),
        (SUBSIDIARY, "Example Subsidiary"),
    ]
    assert webex("GET", f"/organizations/{SUBSIDIARY}").json() == items[1]
    assert webex("GET", "/organizations/nobody").status_code == 404
    for organization, number in ((ORGANIZATION, 5), (SUBSIDIARY, 2)):
        found = webex("GET", f"{CONNECTORS}?orgId={organization}").json()["items"]
        assert [item["orgId"] for item in found] == [organization] * number
    assert webex("GET", "/organizations?max=1").status_code == 400
    simulator.reset({"webex": {"organizations": []}})
    items = webex("GET", "/organizations").json()["items"]
    assert [(item["id"], item["displayName"]) for item in items] == [
        (name, name) for name in (ORGANIZATION, SUBSIDIARY)
    ]


def test_one_organization_may_be_forbidden(webex: Client, simulator: Simulator) -> None:
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    for collection in (CONNECTORS, "/hybrid/clusters", "/resourceGroups"):
        assert webex("GET", f"{collection}?orgId={SUBSIDIARY}").status_code == 403
        assert webex("GET", f"{collection}?orgId={ORGANIZATION}").status_code == 200
    assert len(webex("GET", "/organizations").json()["items"]) == 2
    assert simulator.refusals() == []


def test_ids_may_have_padding(webex: Client, simulator: Simulator) -> None:
    connector, cluster = "Y2lZY76123", "Y2lZY76123abbb"
    before = webex("GET", f"{CONNECTORS}/{connector}").json()
    simulator.settings(webex={"padded_ids": True})
    items = webex("GET", "/organizations").json()["items"]
    assert [item["id"] for item in items] == [f"{ORGANIZATION}==", f"{SUBSIDIARY}=="]
    after = webex("GET", f"{CONNECTORS}/{connector}").json()
    assert after == {**before, "hybridClusterId": f"{cluster}=="}
    assert webex("GET", f"{CONNECTORS}?orgId={ORGANIZATION}%3D%3D").json()["items"][0] == after
    found = webex("GET", f"/hybrid/clusters/{cluster}%3D%3D?orgId={ORGANIZATION}").json()
    assert (found["id"], found["resourceGroupId"]) == (cluster, "Y2lZY76123rg01==")
    assert webex("GET", f"/organizations/{ORGANIZATION}").json() == items[0]
    assert webex("GET", f"/hybrid/clusters/{cluster}?orgId={SUBSIDIARY}").status_code == 404
    other = {"id": "c", "orgId": "other==", "hybridClusterId": "x", "hostname": "h", "status": "outage"}
    simulator.reset({"webex": {"connectors": [other]}})
    assert webex("GET", f"{CONNECTORS}?orgId=other").json() == {"items": [other]}
    assert webex("GET", "/organizations").json()["items"][-1]["id"] == "other=="


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/organizations", "spark-admin:organizations_read"),
        ("/resourceGroups", "spark-admin:resource_groups_read"),
        ("/hybrid/clusters", "spark-admin:hybrid_clusters_read"),
    ],
)
def test_each_list_has_its_scope(webex: Client, simulator: Simulator, path: str, scope: str) -> None:
    scopes = simulator.control("GET", "/settings")["webex"]["scopes"]
    simulator.settings(webex={"scopes": [one for one in scopes if one != scope]})
    response = webex("GET", path)
    assert (response.status_code, scope in response.json()["message"]) == (403, True)
    assert webex("GET", CONNECTORS).status_code == 200


def test_a_fleet_of_several_organizations(webex: Client, simulator: Simulator) -> None:
    simulator.reset({"generate": {"connectors": 100, "organizations": 3}})
    items = webex("GET", "/organizations").json()["items"]
    counts = [len(webex("GET", f"{CONNECTORS}?orgId={item['id']}").json()["items"]) for item in items]
    assert (len(items), sum(counts), min(counts) > 0) == (3, 40, True)
    clusters = {item["id"]: item["orgId"] for item in simulator.state()["webex"]["clusters"]}
    assert all(clusters[item["hybridClusterId"]] == item["orgId"] for item in simulator.state()["webex"]["connectors"])
    simulator.reset({"webex": {"generate": {"connectors": 10, "organizations": 2}}})
    assert len(webex("GET", f"{CONNECTORS}?orgId={SUBSIDIARY}").json()["items"]) == 2 + 5


def test_credentials_of_a_seed_keep_the_samples(webex: Client, simulator: Simulator) -> None:
    simulator.reset({"credentials": {"webex": {"token": "other"}}})
    assert status(webex, "other") == 200
    assert refresh(webex).status_code == 200
