# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide lists of connectors with hostile content in the format of each service."""

from __future__ import annotations

import json
from typing import Any

from hostile.server import Request, Respond, reply

Item = dict[str, Any]
# If the hierarchy is the pkid of a node, VOSS Automate does not receive a separate request for the node.
ROOT, NODE = "5c0e3a1c9b5f2a0000000001", "5c0e3a1c9b5f2a0012345678"


def apono_item(identifier: Any, **fields: Any) -> Item:
    """Return a connector of Apono, which is healthy unless ``fields`` changes its health."""
    return {
        "id": identifier,
        "name": identifier,
        "status": "CONNECTED",
        "version": "1.6.4",
        "is_latest_version": True,
        "last_connected": "2026-11-20T08:15:30Z",
        "cloud_provider_type": "AWS",
        **fields,
    }


def webex_item(identifier: str, **fields: Any) -> Item:
    """Return a connector of Webex, which is healthy unless ``fields`` changes its health."""
    return {
        "id": identifier,
        "orgId": "org",
        "hybridClusterId": "cluster",
        "hostname": f"{identifier}.example.com",
        "status": "operational",
        "createdAt": "2026-01-01T00:00:00Z",
        "type": "videoMesh",
        "version": "2026.11.01",
        "alarms": [],
        **fields,
    }


def hdp_item(identifier: str, **fields: Any) -> Item:
    """Return a connector of Hybrid Data Pipeline."""
    return {
        "connectorID": identifier,
        "label": identifier,
        "version": "4.6.1.1",
        "owner": "owner",
        "tenantName": "tenant",
        "lastAccessed": "2026-11-20T08:15:30Z",
        "ipAddress": "192.0.2.1",
        **fields,
    }


def voss_item(pkid: str, **fields: Any) -> Item:
    """Return a customer of VOSS Automate in the format of a list. ``fields`` contains its attributes."""
    return {
        "pkid": pkid,
        "meta": {
            "model_type": "relation/SparkCustomer",
            "hierarchy": NODE,
            "path": [ROOT, NODE, pkid],
            "references": {
                "self": [{"pkid": pkid, "href": f"/api/relation/SparkCustomer/{pkid}/"}],
                "parent": [{"pkid": NODE, "href": f"/api/data/HierarchyNode/{NODE}/"}],
            },
        },
        "data": {
            "name": pkid,
            "hierarchy_path": "sys.hcs",
            "account_number": "1",
            "account_email": "a@example.com",
            "access_token_expires": "2030-01-01T00:00:00Z",
            "refresh_token_expires": "2030-01-01T00:00:00Z",
            **fields,
        },
    }


def listing(system: str, *items: Item) -> Any:
    """Return the document in which a service lists its connectors."""
    if system == "apono":
        return {"items": list(items), "pagination": {"next_page_token": None}}
    if system == "hdp":
        return {"connectors": list(items)}
    if system == "webex":
        return {"items": list(items)}
    return {"pagination": {"skip": 0, "limit": 2000, "total": len(items)}, "meta": {}, "resources": list(items)}


def lists(system: str, *items: Item) -> Respond:
    """Return the response of a server that lists these connectors. JSON does not support infinity, but a client parses
    a number that is too large as infinity.
    """
    content = json.dumps(listing(system, *items)).replace("Infinity", "1e999")

    def respond(request: Request) -> bytes:
        if request.method != "GET":
            return reply(405, {"message": "only reading is expected"})
        return reply(200, content)

    return respond
