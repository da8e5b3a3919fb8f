# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Provider for Webex hybrid connectors."""

from __future__ import annotations

import dataclasses
import functools
import typing as t
from collections.abc import Mapping

from ..._client import ApiClient
from ..._errors import check_not_empty
from ..._plan import Object, by_name_and_id, counted, named_values, undocumented
from ..._spec import Params, Spec
from ..._untrusted import record_text
from .._base import HealthThresholds, Item, Provider, Warn, first_text, matching, status_problem, word
from . import client, organizations
from .connection import WEBEX

DOCUMENTATION = r"""
---
operations: List the hybrid connectors and clusters of organizations, with their status and alarms
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
# The documented values of each filter.
DOCUMENTED = {"status": client.STATUSES, "type": client.TYPES, "alarm_severity": client.SEVERITIES}


class Webex(Provider):
    """Webex hybrid connectors."""

    info_module = "webex_hybrid_connector_info"
    spec = Spec(
        connection=WEBEX,
        options={
            "id": {"type": "str"},
            **organizations.OPTIONS,
            "status": {"type": "list", "elements": "str"},
            "type": {"type": "list", "elements": "str"},
            "hostname": {"type": "str"},
            "hybrid_cluster_id": {"type": "str"},
            "hybrid_cluster_name": {"type": "str"},
            "alarm_severity": {"type": "list", "elements": "str"},
            "clusters": {"type": "bool", "default": False},
        },
        mutually_exclusive=(("id", "org_id", "org_ids"),),
    )
    scope = ("org_id", "org_ids", "clusters")
    health_filters = ("status", "alarm_severity")

    def check(self, params: Params) -> None:
        """Check that no option is empty, and check the options that select organizations."""
        check_not_empty(params, "id", "hostname", "hybrid_cluster_id", "hybrid_cluster_name")
        organizations.check(params)

    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the connectors that match the parameters of the info module, sorted by host name, then by ID."""
        return self.listing(http, params, warn).complete()

    def listing(self, http: ApiClient, params: Params, warn: Warn) -> organizations.Listing:
        """Return the same connectors as :meth:`items`, together with the outcome for each organization."""
        for option, documented in DOCUMENTED.items():
            if warning := undocumented(option, params[option], documented, "Webex"):
                warn(warning)
        if params["id"] is not None:
            found = organizations.Listing(_with_id(http, params))
        else:
            found = organizations.listing(http, params, functools.partial(_of_organization, http, params), warn)
        return dataclasses.replace(found, items=by_name_and_id(found.items, "hostname"))

    def missing(self, result: Item) -> str | None:
        """Return a message about the organizations that could not be read, or None if all were read."""
        return organizations.missing(result)

    def unread_parts(self, result: Item) -> list[t.Any]:
        """Return the IDs of the organizations that could not be read."""
        return [organization.get("id") for organization in organizations.unread(result)]

    def identity(self, item: Item) -> tuple[object, object]:
        """Return the ID and the host name of a connector."""
        return item.get("id"), item.get("hostname")

    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Return the fields of a fleet record. The health depends on the status and on any severe alarms."""
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
            problems.append(f"{counted(len(alarms) - MAX_ALARMS, 'more alarm')}.")
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
        return _alarms(item)


def _with_id(http: ApiClient, params: Params) -> list[Object]:
    """Return the connector with the specified ID if it matches the filters."""
    found = client.connector(http, params["id"])
    if found is None:
        return []
    org_id = found["org_id"] if isinstance(found["org_id"], str) else None
    return _filtered(http, params, [found], org_id)


def _of_organization(http: ApiClient, params: Params, org_id: str | None) -> list[Object]:
    """Return the connectors in an organization that match the filters."""
    return _filtered(http, params, client.connectors(http, org_id), org_id)


def _filtered(http: ApiClient, params: Params, found: list[Object], org_id: str | None) -> list[Object]:
    """Return the connectors that match all filters. Add the names of their clusters if required."""
    found = _with_properties(params, found)
    if not found or not any(map(params.get, ("clusters", "hybrid_cluster_name"))):
        return found
    names = {client.plain(cluster["id"]): cluster["name"] for cluster in client.clusters(http, org_id)}
    for item in found:
        item["hybrid_cluster_name"] = names.get(client.plain(item["hybrid_cluster_id"]))
    if params["hybrid_cluster_name"]:
        return matching(found, "hybrid_cluster_name", [params["hybrid_cluster_name"]])
    return found


def _with_properties(params: Params, found: list[Object]) -> list[Object]:
    """Apply the filters that do not require the names of clusters, and return the matching connectors."""
    found = matching(found, "status", params["status"])
    found = matching(found, "type", params["type"])
    if params["hostname"]:
        found = matching(found, "hostname", [params["hostname"]])
    if params["alarm_severity"]:
        severities = named_values(params["alarm_severity"])
        found = [item for item in found if not severities.isdisjoint(map(_severity, _alarms(item)))]
    cluster = client.plain(params["hybrid_cluster_id"])
    if cluster is None:
        return found
    return [item for item in found if client.plain(item["hybrid_cluster_id"]) == cluster]


def _alarms(item: Item) -> list[Item]:
    alarms = item.get("alarms")
    return [alarm for alarm in alarms if isinstance(alarm, Mapping)] if isinstance(alarms, (list, tuple)) else []


def _severity(alarm: Item) -> str:
    return word(alarm.get("severity"))


def _is_severe(alarm: Item) -> bool:
    return _severity(alarm) in SEVERE_ALARMS


def _alarm_problem(alarm: Item) -> str:
    severity = record_text(first_text(alarm.get("severity"), "unknown"))
    title = record_text(first_text(alarm.get("title"), "unknown"))
    return f"Alarm ({severity}): {title}."
