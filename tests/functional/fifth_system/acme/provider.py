# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Acme Relay as a part of the fleet: its relays, which have alarms and a certificate that expires."""

from __future__ import annotations

import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, by_name_and_id
from ansible_collections.hybrid.connectors.plugins.module_utils._providers._base import (
    HealthThresholds,
    Item,
    Provider,
    Warn,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._spec import Params, Spec

from . import client
from .connection import ACME

DOCUMENTATION = r"""
---
operations: List relays
health_rules:
  - A relay of Acme Relay is healthy if its state is C(up), and V(down) if it is C(gone).
"""

HEALTHS = {"up": "healthy", "gone": "down"}


class Acme(Provider):
    """Relays of Acme Relay."""

    info_module = "acme_relay_info"
    list_key = "relays"
    item = "relay"
    spec = Spec(connection=ACME, options={"site": {"type": "str", "required": True}})
    scope = ("site",)
    required_scope = ("site",)
    poll_defaults: t.ClassVar[t.Mapping[str, t.Any]] = {"site": "main"}

    def check(self, params: Params) -> None:
        """Check that the site is not empty."""
        if not params["site"]:
            raise InputError("Option 'site' must not be empty.")

    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the relays of a site, sorted by name, then by id."""
        return by_name_and_id(client.relays(http, params["site"]))

    def identity(self, item: Item) -> tuple[object, object]:
        """Return the id and the name of a relay."""
        return item.get("id"), item.get("name")

    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Return the fields of a fleet record."""
        health = HEALTHS.get(str(item.get("state")), "unknown")
        return {
            "host": item.get("address"),
            "status": item.get("state"),
            "health": health,
            "version": item.get("version"),
            "outdated": None,
            "last_seen": item.get("seen"),
            "group": item.get("rack"),
            "type": "relay",
            "org": None,
            "problems": [] if health == "healthy" else [f"Its state is {item.get('state')}."],
        }

    def alarms(self, item: Item) -> list[Item]:
        """Return the alarms of a relay."""
        return list(item.get("alarms") or ())

    def expiries(self, item: Item) -> list[tuple[str, object]]:
        """Return when the certificate expires."""
        return [("certificate", item.get("certificate_expires"))]
