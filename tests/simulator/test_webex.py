# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Webex as documented: lists and single objects, organizations, scopes, tracking ids and linked pages."""

from __future__ import annotations

import pytest
from support.simulator import Client, Simulator

CONNECTORS = "/hybrid/connectors"
ORGANIZATION = "Y2lzY29zcGFyazovL3"


def test_the_documented_sample(webex: Client) -> None:
    connector = webex("GET", f"{CONNECTORS}/Y2lZY76123").json()
    assert connector == {
        "id": "Y2lZY76123",
        "orgId": ORGANIZATION,
        "hybridClusterId": "Y2lZY76123abbb",
        "hostname": "foo.example.org",
        "status": "operational",
        "created": "2017-09-15T15:53:00Z",
        "type": "calendar",
        "version": "1.9_foo_zz",
        "alarms": [
            {
                "id": "Y2lZY76123af234bbYY",
                "created": "2017-09-15T15:53:00Z",
                "severity": "warning",
                "title": "Something is wrong",
                "description": "More detail about something being wrong",
                "hybridConnectorId": "Y2lZY76123af234bb",
            }
        ],
    }


def test_samples_cover_every_status_and_missing_alarms(webex: Client) -> None:
    items = webex("GET", CONNECTORS).json()["items"]
    assert {item["status"] for item in items} == {"operational", "impaired", "outage", "maintenanceMode"}
    assert [item["id"] for item in items if "alarms" not in item] == ["Y2lZY76127"]


@pytest.mark.parametrize("collection", ["/hybrid/clusters", "/resourceGroups"])
def test_clusters_and_resource_groups(webex: Client, collection: str) -> None:
    items = webex("GET", f"{collection}?orgId={ORGANIZATION}").json()["items"]
    assert len(items) >= 2
    assert webex("GET", f"{collection}/{items[0]['id']}").json() == items[0]


@pytest.mark.parametrize(
    ("method", "path", "status", "reason"),
    [
        ("GET", f"{CONNECTORS}?max=10", 400, "orgId"),
        ("GET", f"{CONNECTORS}?status=outage", 400, "not documented"),
        ("GET", f"{CONNECTORS}?cursor=abc", 400, "this list is orgId"),
        ("GET", f"{CONNECTORS}/Y2lZY76123?orgId={ORGANIZATION}", 400, "Documented: none"),
        ("GET", "/hybridConnectors", 404, "GET /hybrid/connectors"),
        ("DELETE", f"{CONNECTORS}/Y2lZY76123", 405, "Documented: GET"),
    ],
)
def test_what_is_not_documented_is_refused_with_a_reason(
    webex: Client, simulator: Simulator, method: str, path: str, status: int, reason: str
) -> None:
    response = webex(method, path)
    assert response.status_code == status
    error = response.json()
    assert reason in error["message"]
    assert error["errors"] == [{"description": error["message"]}]
    assert error["trackingId"] == response.headers["trackingId"]
    assert simulator.refusals("webex") == [error["message"]]


def test_every_response_has_its_own_tracking_id(webex: Client) -> None:
    assert webex("GET", CONNECTORS).headers["trackingId"] != webex("GET", CONNECTORS).headers["trackingId"]


def test_an_unknown_connector_or_organization_is_not_found(webex: Client, simulator: Simulator) -> None:
    for path in (f"{CONNECTORS}/nobody", f"{CONNECTORS}?orgId=nobody"):
        response = webex("GET", path)
        assert response.status_code == 404
        assert "not be found" in response.json()["message"]
    assert simulator.refusals() == []


def test_a_bad_token_is_refused(webex: Client) -> None:
    response = webex("GET", CONNECTORS, headers={"Authorization": "Bearer wrong"})
    assert response.status_code == 401
    assert "valid access token" in response.json()["message"]


def test_clusters_need_a_scope_of_their_own(webex: Client, simulator: Simulator) -> None:
    simulator.settings(webex={"scopes": ["spark-admin:hybrid_connectors_read"]})
    assert webex("GET", CONNECTORS).status_code == 200
    response = webex("GET", "/hybrid/clusters")
    assert response.status_code == 403
    assert "spark-admin:hybrid_clusters_read" in response.json()["message"]


@pytest.mark.parametrize(("setting", "expected"), [("items", {"items": []}), ("object", {})])
def test_empty_is_an_empty_list_or_an_empty_object(
    webex: Client, simulator: Simulator, setting: str, expected: dict[str, object]
) -> None:
    simulator.reset({"webex": {"connectors": []}, "settings": {"webex": {"empty": setting}}})
    assert webex("GET", CONNECTORS).json() == expected


def test_pages_are_linked_by_a_header(webex: Client, simulator: Simulator) -> None:
    simulator.settings(webex={"page_size": 2})
    url, seen = webex.url + CONNECTORS, []
    for _page in range(3):
        response = webex.session.get(url, timeout=30)
        seen += [item["id"] for item in response.json()["items"]]
        url = response.links.get("next", {}).get("url", "")
    assert url == ""
    assert len(seen) == len(set(seen)) == 5
    assert webex("GET", f"{CONNECTORS}?cursor=bm9uZQ==").status_code == 400


def test_another_organization(webex: Client, simulator: Simulator) -> None:
    other = {"id": "c", "orgId": "other", "hybridClusterId": "x", "hostname": "h", "status": "outage"}
    simulator.reset({"webex": {"connectors": [other]}})
    assert webex("GET", CONNECTORS).json() == {"items": []}
    assert webex("GET", f"{CONNECTORS}?orgId=other").json() == {"items": [other]}
