# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Provider for the hybrid connectors of Webex."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, by_name_and_id, undocumented
from ansible_collections.hybrid.connectors.plugins.module_utils._providers._base import (
    HealthThresholds,
    Item,
    Provider,
    Warn,
    first_text,
    matching,
    status_problem,
    word,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex import client
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.connection import WEBEX
from ansible_collections.hybrid.connectors.plugins.module_utils._spec import Params, Spec
from ansible_collections.hybrid.connectors.plugins.module_utils._untrusted import record_text

DOCUMENTATION = r"""
---
operations: List hybrid connectors with their status, alarms and clusters
health_rules:
  - A Webex connector is V(healthy) if its status is C(operational), V(degraded) if its status is C(impaired), V(down)
    if its status is C(outage), and V(maintenance) if its status is C(maintenanceMode).
  - An operational Webex connector is V(degraded) if it has an unresolved alarm with the severity C(critical) or
    C(error).
fleet_notes:
  - If C(clusters) is V(true), the report contains the names of the clusters. The token then requires an additional
    scope.
"""

HEALTHS = {"operational": "healthy", "impaired": "degraded", "outage": "down", "maintenancemode": "maintenance"}
SEVERE_ALARMS = ("critical", "error")
MAX_ALARMS = 20


class Webex(Provider):
    """Hybrid connectors of Webex."""

    info_module = "webex_hybrid_connector_info"
    spec = Spec(
        connection=WEBEX,
        options={
            "id": {"type": "str"},
            "org_id": {"type": "str"},
            "status": {"type": "list", "elements": "str"},
            "type": {"type": "list", "elements": "str"},
            "hostname": {"type": "str"},
            "hybrid_cluster_id": {"type": "str"},
            "clusters": {"type": "bool", "default": False},
        },
        mutually_exclusive=(("id", "org_id"),),
    )
    scope = ("org_id", "clusters")
    health_filters = ("status",)

    def check(self, params: Params) -> None:
        """Check that the organization is not empty."""
        if params["org_id"] == "":
            raise InputError("Option 'org_id' must not be empty.")

    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the connectors that match the parameters of the info module, sorted by host name, then by ID."""
        for option, documented in (("status", client.STATUSES), ("type", client.TYPES)):
            if warning := undocumented(option, params[option], documented, "Webex"):
                warn(warning)
        found, org_id = _found(http, params)
        found = _filtered(found, params)
        if params["clusters"] and found:
            names = client.cluster_names(http, org_id)
            for item in found:
                item["hybrid_cluster_name"] = names.get(client.plain(item["hybrid_cluster_id"]))
        return by_name_and_id(found, "hostname")

    def identity(self, item: Item) -> tuple[object, object]:
        """Return the ID and the host name of a connector."""
        return item.get("id"), item.get("hostname")

    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Return the fields of a fleet record. The health depends on the status and on severe alarms."""
        status = item.get("status")
        alarms = self.alarms(item)
        health = HEALTHS.get(word(status), "unknown")
        problems = []
        if health != "healthy":
            problems.append(status_problem("Webex", status))
        elif any(map(_is_severe, alarms)):
            health = "degraded"
        problems += map(_alarm_problem, alarms[:MAX_ALARMS])
        if len(alarms) > MAX_ALARMS:
            problems.append(f"{len(alarms) - MAX_ALARMS} more alarms.")
        return {
            "host": item.get("hostname"),
            "status": status,
            "health": health,
            "version": item.get("version"),
            "outdated": None,
            "last_seen": None,
            "group": first_text(item.get("hybrid_cluster_name"), item.get("hybrid_cluster_id")),
            "type": item.get("type"),
            "org": item.get("org_name"),
            "problems": problems,
        }

    def alarms(self, item: Item) -> list[Item]:
        """Return the unresolved alarms of a connector."""
        alarms = item.get("alarms")
        return [alarm for alarm in alarms if isinstance(alarm, Mapping)] if isinstance(alarms, (list, tuple)) else []


def _found(http: ApiClient, params: Params) -> tuple[list[Object], str | None]:
    """Return all connectors, regardless of the filters, and their organization if it is known."""
    org_id = params["org_id"]
    if params["id"] is None:
        return client.connectors(http, org_id), org_id
    one = client.connector(http, params["id"])
    if one is None:
        return [], None
    return [one], one["org_id"] if isinstance(one["org_id"], str) else None


def _filtered(found: list[Object], params: Params) -> list[Object]:
    """Return the connectors that match all specified filters."""
    found = matching(found, "status", params["status"])
    found = matching(found, "type", params["type"])
    if params["hostname"]:
        found = matching(found, "hostname", [params["hostname"]])
    cluster = client.plain(params["hybrid_cluster_id"])
    if cluster is None:
        return found
    return [item for item in found if client.plain(item["hybrid_cluster_id"]) == cluster]


def _is_severe(alarm: Item) -> bool:
    return word(alarm.get("severity")) in SEVERE_ALARMS


def _alarm_problem(alarm: Item) -> str:
    severity = record_text(first_text(alarm.get("severity"), "unknown"))
    title = record_text(first_text(alarm.get("title"), "unknown"))
    return f"Alarm ({severity}): {title}."
