# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Provider for the On-Premises Connectors of Hybrid Data Pipeline."""

from __future__ import annotations

import typing as t
from datetime import timedelta

from ..._client import ApiClient
from ..._errors import AccessDenied, InputError, check_not_empty
from ..._mappings import having
from ..._plan import Object, by_name_and_id
from ..._spec import Params, Spec
from ..._timestamps import iso, parse_timestamp
from .._base import HealthThresholds, Item, Provider, Warn, first_text, quoted
from . import client, definitions
from .connection import HDP

DOCUMENTATION = r"""
---
operations: List On-Premises Connectors of Progress Hybrid Data Pipeline; manage connectors and groups
health_rules:
  - A Hybrid Data Pipeline connector is V(degraded) if its last access to the server was more than O(stale_after_hours)
    hours ago. If the time of the last access is unknown, for example because the list does not contain details, the
    health of the connector is V(unknown).
fleet_notes:
  - C(details) is V(true) by default, because the health depends on the time of the last access.
"""


class Hdp(Provider):
    """Provider for the On-Premises Connectors of Hybrid Data Pipeline."""

    info_module = "hdp_connector_info"
    spec = Spec(
        connection=HDP,
        options={
            "scope": {"type": "str", "choices": ["admin", "user"], "default": "admin"},
            "details": {"type": "bool", "default": False},
            "accessible": {"type": "bool", "default": False},
            "filters": {"type": "dict"},
            "connector_id": {"type": "str"},
            "groups": {"type": "bool", "default": False},
        },
    )
    scope = ("scope",)
    fleet_defaults: t.ClassVar[t.Mapping[str, t.Any]] = {"details": True}

    def check(self, params: Params) -> None:
        """Check that no option is empty, the filters are valid, and the scope supports the specified options."""
        check_not_empty(params, "connector_id")
        if params["scope"] == "user":
            if params["filters"]:
                raise InputError(
                    "Option 'filters' requires 'scope: admin'. The server cannot filter the connectors of a user."
                )
        elif params["accessible"]:
            raise InputError(
                "Option 'accessible' requires 'scope: user'. With 'scope: admin', the module lists all connectors."
            )
        elif params["groups"]:
            raise InputError("Option 'groups' requires 'scope: user'. Only the owner of a group can read its members.")
        client.checked_filters(params["filters"])

    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the connectors that match the parameters of the info module, sorted by label, then by ID."""
        if params["scope"] == "user":
            found = client.user_connectors(http, params["details"], params["accessible"])
        else:
            filters = client.checked_filters(params["filters"])
            found = client.admin_connectors(http, params["details"], filters)
        if params["connector_id"] is not None:
            found = having(found, "connector_id", params["connector_id"])
        if params["groups"]:
            accessible = bool(params["accessible"])
            found = [{**item, "connector_group": _group(http, item["connector_id"], accessible)} for item in found]
        return by_name_and_id(found, "label", "connector_id")

    def identity(self, item: Item) -> tuple[object, object]:
        """Return the ID and the label of a connector. If the label is missing, use the ID as the label."""
        return item.get("connector_id"), first_text(item.get("label"), item.get("connector_id"))

    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Convert a connector to the fields of a fleet record. The health depends on the time of the last access."""
        accessed = item.get("last_accessed")
        seen = parse_timestamp(accessed)
        health, problems = "healthy", []
        if seen is None:
            health, problems = "unknown", [_unknown_time(accessed)]
        elif thresholds.now - seen > timedelta(hours=thresholds.stale_after_hours):
            health, problems = "degraded", [f"The connector was last accessed at {iso(seen)}."]
        return {
            "host": item.get("ip_address"),
            "health": health,
            "version": item.get("version"),
            "last_seen": accessed,
            "group": item.get("tenant_name"),
            "org": item.get("tenant_name"),
            "problems": problems,
        }


def _group(http: ApiClient, connector_id: str, accessible: bool) -> Object | None:
    """Return the properties of a group, or None if the connector is not a group or belongs to a different user.

    :param accessible: whether the list also contains connectors of other users. The vendor does not document whether
        the server returns 403 or 404 for these connectors.
    :raises InputError: the server returned 404 for a connector that the user owns.
    """
    try:
        found = definitions.definition(http, connector_id)
    except AccessDenied as error:
        if error.reason != "forbidden":
            raise
        return None
    if found is None:
        if accessible and connector_id not in definitions.owned_ids(http):
            return None
        raise definitions.missing_although_listed(connector_id)
    if not definitions.is_group(found):
        return None
    group: Object = definitions.public(found)["connector_group"]
    return group


def _unknown_time(accessed: object) -> str:
    """Return the sentence that explains why the time of the last access is unknown."""
    if accessed is None:
        return "The time of the last access is unknown."
    return f"The time of the last access has an unknown format: {quoted(accessed)}."
