# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Generate many numbered objects for benchmarks and pagination tests.

Each function returns lists in the format of a seed.
"""

from __future__ import annotations

import uuid
from typing import Any

COUNTS = {
    "apono": ("connectors",),
    "hdp": ("connectors",),
    "voss": ("customers", "free_nodes"),
    "webex": ("connectors", "organizations"),
}
PROVIDER = "sys.hcs.CS-P.CS-GEN"
ORGANIZATION = "Y2lzY29zcGFyazovL3"
SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"

Lists = dict[str, list[dict[str, Any]]]


def apono(connectors: int) -> Lists:
    """Create connectors named ``generated-0001`` and so on. Every tenth connector is disconnected."""
    return {
        "connectors": [
            {
                "id": f"generated-{number:04}",
                "name": f"generated-{number:04}",
                "status": "CONNECTED" if number % 10 else "DISCONNECTED",
                "version": "1.6.4",
                "last_connected": "2026-10-01T08:15:30Z",
                "is_latest_version": True,
                "cloud_provider_type": "AWS",
                "sessions": [],
            }
            for number in range(1, connectors + 1)
        ]
    }


def hdp(connectors: int) -> Lists:
    """Create connectors of one tenant, named ``generated-0001`` and so on. Only administrators can list them."""
    return {
        "connectors": [
            {
                "connectorID": str(uuid.UUID(int=(0xC0 << 120) + number)),
                "label": f"generated-{number:04}",
                "version": "4.6.1.815",
                "owner": "generated",
                "tenantName": "Generated",
                "isGroup": False,
                "createdTime": "2024-02-11T09:30:00.000Z",
                "lastModified": "2026-05-04T11:02:17.000Z",
                "lastAccessed": "2026-10-01T08:10:44.000Z",
                "ipAddress": f"198.18.{number // 250 % 256}.{number % 250 + 1}",
                "javaVersion": "11.0.22",
                "javaVendor": "Eclipse Adoptium",
                "osName": "Linux",
                "osVersion": "5.14.0",
            }
            for number in range(1, connectors + 1)
        ]
    }


def spread(lists: Lists, organizations: int) -> Lists:
    """Distribute Webex clusters and connectors among several organizations.

    :param organizations: number of organizations. If 0 or 1, all objects belong to the organization of the samples.
    """
    ids = [ORGANIZATION, SUBSIDIARY, *(f"{ORGANIZATION}-{number}" for number in range(3, organizations + 1))]
    ids = ids[: max(organizations, 1)]
    for number, cluster in enumerate(lists.get("clusters", [])):
        cluster["orgId"] = ids[number % len(ids)]
        if cluster["orgId"] != ORGANIZATION:
            cluster["resourceGroupId"] = f"{cluster['orgId']}-group"
    owners = {cluster["id"]: cluster["orgId"] for cluster in lists.get("clusters", [])}
    for number, connector in enumerate(lists["connectors"]):
        connector["orgId"] = owners.get(connector["hybridClusterId"], ids[number % len(ids)])
    groups = [{"id": f"{one}-group", "orgId": one, "name": "Default"} for one in ids[1:]]
    created = "2022-05-06T07:08:09.000Z"
    names = [{"id": one, "displayName": f"Organization {one[-1]}", "created": created} for one in ids[2:]]
    return {**lists, "resource_groups": [*lists.get("resource_groups", []), *groups], "organizations": names}


def webex(connectors: int, organizations: int) -> Lists:
    """Create connectors on the hosts ``generated-0001.example.org`` and so on. Every tenth connector has an outage."""
    generated: Lists = {
        "connectors": [
            {
                "id": f"Y2lZZ2Vu{number:06}",
                "orgId": ORGANIZATION,
                "hybridClusterId": "Y2lZY76123abbb",
                "hostname": f"generated-{number:04}.example.org",
                "status": "operational" if number % 10 else "outage",
                "created": "2022-01-17T12:40:05Z",
                "type": "calendar",
                "version": "8.11-1.0.7025",
                "alarms": [],
            }
            for number in range(1, connectors + 1)
        ]
    }
    return spread(generated, organizations)


def voss(customers: int, free_nodes: int) -> Lists:
    """Create nodes named ``Customer-0001`` and so on. The first ``customers`` nodes have customers of the same name."""
    names = [f"Customer-{number:04}" for number in range(1, customers + free_nodes + 1)]
    return {
        "nodes": [
            {"path": PROVIDER, "node_type": "Reseller"},
            *({"path": f"{PROVIDER}.{name}", "node_type": "Customer"} for name in names),
        ],
        "customers": [
            {
                "hierarchy": f"{PROVIDER}.{name}",
                "name": name,
                "account_email": f"{name.lower()}@example.com",
                "account_number": str(uuid.UUID(int=(0xA0 << 120) + number)),
                "account_number_external": str(uuid.UUID(int=(0xA0 << 120) + number)),
                "email_domain": f"{name.lower()}.example.com",
                "default_calling_behaviour": "Calling in Webex App",
                "dirsync_enabled": True,
                "token": f"generated-access-token-{number}",
                "refresh_token": f"generated-refresh-token-{number}",
                "access_token_expires": "2099-01-01T00:00:00.000000Z",
                "refresh_token_expires": "2099-03-01T00:00:00.000000Z",
            }
            for number, name in enumerate(names[:customers], start=1)
        ],
    }
