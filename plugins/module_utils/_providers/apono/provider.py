# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Provider for Apono connectors."""

from __future__ import annotations

from ..._client import ApiClient
from ..._errors import InputError, check_not_empty
from ..._mappings import having
from ..._plan import Object, by_name_and_id, undocumented
from ..._spec import Params, Spec
from ..._untrusted import record_text
from .._base import HealthThresholds, Item, Provider, Warn, first_text, matching, status_problem, word
from . import client, integrations
from .connection import APONO

DOCUMENTATION = r"""
---
operations: List, rename and delete connectors; prune unused connectors; move integrations
health_rules:
  - An Apono connector is V(healthy) if its status is C(connected), and V(down) if its status is C(disconnected).
"""

HEALTHS = {"connected": "healthy", "disconnected": "down"}


class Apono(Provider):
    """Provider for Apono connectors."""

    info_module = "apono_connector_info"
    spec = Spec(
        connection=APONO,
        options={
            "id": {"type": "str"},
            "name": {"type": "str"},
            "status": {"type": "list", "elements": "str"},
            "api_version": {"type": "str", "choices": ["v3", "v2"], "default": "v3"},
            "limit": {"type": "int"},
            "integrations": {"type": "bool", "default": False},
        },
    )
    health_filters = ("status",)

    def check(self, params: Params) -> None:
        """Check that no option is empty, the page size is valid, and the API version supports the other options."""
        check_not_empty(params, "id", "name")
        if params["limit"] is not None and params["limit"] < 1:
            raise InputError("Option 'limit' must be at least 1.")
        if params["api_version"] == "v2" and {params["name"], params["limit"]} != {None}:
            raise InputError(
                "Version v2 of the Apono API does not support connector names or pagination. Remove the options 'name'"
                " and 'limit', or set 'api_version' to 'v3'."
            )

    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the connectors that match the parameters of the info module, sorted by name, then by ID."""
        statuses = params["status"] or []
        if warning := undocumented("status", statuses, client.STATUSES, "Apono"):
            warn(warning)
        found = matching(_found(http, params, statuses), "status", statuses)
        for key in ("id", "name"):
            if params[key] is not None:
                found = having(found, key, params[key])
        if params["integrations"]:
            _add_integrations(http, found)
        return by_name_and_id(found)

    def identity(self, item: Item) -> tuple[object, object]:
        """Return the ID and the name of a connector. If the name is missing, use the ID as the name."""
        return item.get("id"), first_text(item.get("name"), item.get("id"))

    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Convert a connector to the fields of a fleet record. The health depends on the status of the connector."""
        status = item.get("status")
        health = HEALTHS.get(word(status), "unknown")
        latest = item.get("is_latest_version")
        return {
            "status": status,
            "health": health,
            "version": item.get("version"),
            "outdated": not latest if isinstance(latest, bool) else None,
            "last_seen": item.get("last_connected"),
            "group": item.get("cloud_provider_type"),
            "problems": _problems(health, status, item.get("last_connected")),
        }


def _found(http: ApiClient, params: Params, statuses: list[str]) -> list[Object]:
    """Read the connectors. If no connector has one of the statuses, read them again without this filter.

    Apono does not document whether the filter is case-sensitive, and its own examples spell the statuses differently.
    """
    if params["api_version"] == "v2":
        return client.connectors_v2(http)
    if params["id"] is not None:
        one = client.connector(http, params["id"])
        return [one] if one else []
    found = client.connectors(http, statuses, params["limit"])
    if statuses and not found:
        return client.connectors(http, (), params["limit"])
    return found


def _add_integrations(http: ApiClient, connectors: list[Object]) -> None:
    """Add to each connector the integrations that use it. All integrations are read as a single list."""
    by_id: dict[object, Object] = {}
    for connector in connectors:
        connector["integrations"] = []
        by_id[connector["id"]] = connector
    for item in by_name_and_id(integrations.integrations(http)):
        if item["connector_id"] in by_id:
            by_id[item["connector_id"]]["integrations"].append(item)


def _problems(health: str, status: object, seen: object) -> list[str]:
    if health == "unknown":
        return [status_problem("Apono", status)]
    if health == "healthy":
        return []
    since = record_text(seen)
    return [f"Disconnected; last connected at {since}." if since else "The connector was never connected."]
