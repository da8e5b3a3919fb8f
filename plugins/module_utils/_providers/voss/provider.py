# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Provider for Webex customers in VOSS Automate."""

from __future__ import annotations

import math
import operator
import typing as t
from datetime import datetime, timezone

from ..._client import ApiClient
from ..._errors import check_not_empty, check_range
from ..._plan import Object, by_name_and_id
from ..._spec import Params, Spec
from ..._timestamps import days_left
from .._base import HealthThresholds, Item, Provider, Warn, first_text
from . import model, options
from .client import Voss
from .connection import VOSS

DOCUMENTATION = r"""
---
operations: >-
  Create, modify, move, delete, synchronize and export the Webex customers of a service provider
  (`relation/SparkCustomer`)
health_rules:
  - A VOSS Automate customer is V(down) if one of its tokens has expired, and V(degraded) if one of its tokens expires
    within O(expiring_within_days) days.
"""

TOKENS = ("access", "refresh")


class VossAutomate(Provider):
    """Webex customers in VOSS Automate."""

    info_module = "voss_spark_customer_info"
    list_key = "customers"
    spec = Spec(
        connection=VOSS,
        options={
            "hierarchy": {"type": "str"},
            "name": {"type": "str"},
            "pkid": {"type": "str"},
            "expiring_within_days": {"type": "float"},
        },
        required_one_of=(("hierarchy", "pkid"),),
    )
    scope = ("hierarchy",)
    required_scope = ("hierarchy",)
    health_filters = ("expiring_within_days",)
    health_from_tokens = True
    item = "customer"
    poll_defaults: t.ClassVar[t.Mapping[str, t.Any]] = {"hierarchy": "sys"}

    def check(self, params: Params) -> None:
        """Check that no parameter is empty or out of range."""
        check_not_empty(params, "hierarchy", "name", "pkid")
        check_range(params, "expiring_within_days", -options.MAX_DAYS, options.MAX_DAYS)

    def items(self, http: ApiClient, params: Params, warn: Warn) -> list[Object]:
        """Return the customers that match the parameters of the info module, sorted by name, then by pkid."""
        return customers(Voss(http, params["hierarchy"]), params, warn)

    def identity(self, item: Item) -> tuple[object, object]:
        """Return the pkid and the name of an item."""
        return item.get("pkid"), item.get("name")

    def record(self, item: Item, thresholds: HealthThresholds) -> Object:
        """Return the fields for the fleet record of a customer."""
        health, problems = _health(self.expiries(item), thresholds)
        return {
            "health": health,
            "group": first_text(item.get("hierarchy_path"), item.get("hierarchy")),
            "problems": problems,
        }

    def expiries(self, item: Item) -> list[tuple[str, object]]:
        """Return the expiry dates of the access token and the refresh token."""
        return [(token, item.get(f"{token}_token_expires")) for token in TOKENS]


def customers(voss: Voss, params: Params, warn: Warn) -> list[Object]:
    """Return the customers that match the parameters, sorted by name, then by pkid."""
    now = datetime.now(timezone.utc)
    selected = _selected(voss, params)
    if not params["pkid"] and not _shows_expiry(selected):
        warn(
            "The list of customers does not contain the expiry of any token. If the customers have tokens, this server"
            " omits the expiry from lists, and expired tokens are not detected. To check a customer, run the"
            " module voss_spark_customer_info with 'pkid'."
        )
    items = [model.with_documented(model.public(customer, now)) for customer in selected]
    if params["expiring_within_days"] is not None:
        items = [item for item in items if _expires_within(item, params["expiring_within_days"])]
    return by_name_and_id(items, identifier="pkid")


def _selected(voss: Voss, params: Params) -> list[model.Customer]:
    name, hierarchy = params["name"], params["hierarchy"]
    if params["pkid"]:
        found = list(filter(None, [voss.customer(params["pkid"])]))
        return [customer for customer in found if name in (None, customer["data"]["name"])]
    if name:
        return voss.customers_called(name, hierarchy)
    return voss.customers(hierarchy)


def _shows_expiry(listed: t.Sequence[model.Customer]) -> bool:
    """Return whether a list contains the expiry of at least one token, or is empty."""
    return not listed or any(map(model.EXPIRY_NAMES.intersection, map(operator.itemgetter("data"), listed)))


def _expires_within(item: Object, days: float) -> bool:
    known = {item["access_token_days_left"], item["refresh_token_days_left"]} - {None}
    return min(known, default=math.inf) <= days


def _health(expiries: t.Iterable[tuple[str, object]], thresholds: HealthThresholds) -> tuple[str, list[str]]:
    """Return the health and the problems of a customer, based on the expiry of its tokens."""
    severity = 0
    problems = []
    for kind, expires in expiries:
        left = days_left(expires, thresholds.now)
        if left is None or left > thresholds.expiring_within_days:
            continue
        if left < 0:
            severity = 2
            problems.append(f"The {kind} token expired at {expires}.")
        else:
            severity = max(severity, 1)
            problems.append(f"The {kind} token expires in {left:.1f} days, at {expires}.")
    return ("healthy", "degraded", "down")[severity], problems
