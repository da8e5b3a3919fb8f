# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Webex's hybrid connectors and the clusters that they belong to. The API reads only and filters nothing.

Source: the vendor's API reference and its OpenAPI document. No property is promised there, and a list of nothing may
come as an empty object. Identifiers are passed on as they are.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import Answer
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import NotAllowed
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Http, segment
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_cased

Object = dict[str, t.Any]

STATUSES = ("operational", "impaired", "outage", "maintenanceMode")
TYPES = (
    "expresswayManagement",
    "calendar",
    "call",
    "message",
    "expresswayServiceability",
    "ecpServiceability",
    "videoMesh",
    "dataSecurity",
    "care",
    "careManagement",
)
CONNECTORS = "/hybrid/connectors"
CLUSTERS = "/hybrid/clusters"
CLUSTERS_SCOPE = "spark-admin:hybrid_clusters_read"
MAX_PAGES = 1000


def connectors(http: Http, org_id: str | None = None) -> list[Object]:
    """All connectors of an organization, by default that of the token."""
    return [_with_alarms(answer, item) for answer, item in _listed(http, CONNECTORS, org_id)]


def connector(http: Http, identifier: str) -> Object | None:
    """One connector, or None if there is none of that id."""
    answer = http.get(f"{CONNECTORS}/{segment(identifier)}", expect=(404,))
    return None if answer.status == 404 else _with_alarms(answer, _identified(answer, answer.json_object()))


def cluster_names(http: Http, org_id: str | None = None) -> dict[str, t.Any]:
    """The names of an organization's clusters by their ids.

    :raises NotAllowed: the token lacks the scope that clusters need, which connectors do not need.
    """
    try:
        return {cluster["id"]: cluster.get("name") for _answer, cluster in _listed(http, CLUSTERS, org_id)}
    except NotAllowed as error:
        raise NotAllowed(f"{error.message} Listing clusters needs the scope {CLUSTERS_SCOPE}.", error.failure) from None


def _listed(http: Http, path: str, org_id: str | None) -> t.Iterator[tuple[Answer, Object]]:
    """Every item of a list with the answer that held it. No paging is documented here; a next link is followed."""
    answer = http.get(path, [] if org_id is None else [("orgId", org_id)])
    followed: set[str] = set()
    while True:
        page = answer.json_object()
        items = page.get("items", [])
        if not isinstance(items, list) or ("items" not in page and (page.get("message") or page.get("errors"))):
            raise answer.unusable("JSON that holds no list of items")
        for item in items:
            yield answer, _identified(answer, item)
        link = _next_link(answer.headers.get("Link", ""))
        if link is None:
            return
        if link in followed or len(followed) + 1 >= MAX_PAGES:
            raise answer.unusable("links from page to page that do not end")
        followed.add(link)
        answer = http.follow(link, path)


def _identified(answer: Answer, item: object) -> Object:
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not item["id"]:
        raise answer.unusable("an item without an id")
    identified: Object = snake_cased(item)
    return identified


def _with_alarms(answer: Answer, item: Object) -> Object:
    alarms = item.get("alarms")
    if not isinstance(alarms, (list, type(None))):
        raise answer.unusable("alarms that are no list")
    return {**item, "alarms": alarms or []}


def _next_link(header: str) -> str | None:
    """The address that a C(Link) header gives for the next page."""
    for address, parameters in re.findall(r'<([^<>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s;,"]*))?)*)', header):
        relation = re.search(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))', parameters, re.IGNORECASE)
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            return str(address)
    return None
