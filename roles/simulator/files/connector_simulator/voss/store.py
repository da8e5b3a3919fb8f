# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Store the Spark customers, format them for responses, and apply write operations to them.

Source: the vendor's API reference and samples. Settings define the behavior that these sources do not document.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any

from connector_simulator.voss.hierarchy import Hierarchy, Node
from connector_simulator.voss.schema import EXPIRIES, PASSWORDS, SUMMARY_ATTRIBUTES

ACCESS_TOKEN_DAYS = 14
REFRESH_TOKEN_DAYS = 90
_NOT_IN_LISTS = ("notes", "token_link")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Failure(Exception):
    """A failed write operation. Its message becomes the message of the transaction."""


@dataclass
class Customer:
    """A Spark customer.

    :param data: stored attributes, including secrets.
    :param data_pkid: pkid in the ``data`` of list items. It identifies a different object.
    :param syncs: number of synchronizations by kind.
    :param listed: cached data and JSON of the last list item.
    """

    pkid: str
    data_pkid: str
    node: Node
    data: dict[str, Any]
    syncs: dict[str, int] = field(default_factory=dict)
    listed: tuple[dict[str, Any], str] | None = None


class Customers:
    """All Spark customers by pkid."""

    def __init__(self, settings: Mapping[str, Any], hierarchy: Hierarchy, customers: Iterable[Mapping[str, Any]]):
        self._settings = settings
        self._hierarchy = hierarchy
        self.by_pkid: dict[str, Customer] = {}
        for given in customers:
            self._load(given)

    def _load(self, given: Mapping[str, Any]) -> None:
        data = dict(given)
        reference = data.pop("hierarchy")
        node = self._hierarchy.find(reference)
        if node is None:
            raise ValueError(
                f"The hierarchy {reference} of the VOSS customer {data.get('name')} is not a path or pkid of a node."
            )
        pkid = data.pop("pkid", None) or new_pkid()
        customer = Customer(pkid, data.pop("data_pkid", None) or new_pkid(), node, {}, data.pop("syncs", {}))
        customer.data = data
        self.by_pkid[pkid] = customer

    def dump(self) -> list[dict[str, Any]]:
        """Return all customers in the format of a seed."""
        return list(map(self._dumped, self.by_pkid.values()))

    def snapshot(self) -> dict[str, Customer]:
        """Return a copy of all customers by pkid."""
        return {
            pkid: replace(customer, data=dict(customer.data), syncs=dict(customer.syncs))
            for pkid, customer in self.by_pkid.items()
        }

    def change(self, pkid: str, fields: Mapping[str, Any]) -> dict[str, Any] | None:
        """Update a customer with fields in the seed format.

        :returns: the customer, or None if it does not exist.
        :raises ValueError: a field cannot be changed.
        """
        customer = self.by_pkid.get(pkid)
        if customer is None:
            return None
        shown = {**self._dumped(customer), **copy.deepcopy(dict(fields))}
        if (shown["pkid"], shown["data_pkid"]) != (customer.pkid, customer.data_pkid):
            raise ValueError("Cannot change the pkid of an object.")
        self._load(shown)
        return self._dumped(self.by_pkid[pkid])

    def within(self, scope: Node) -> list[Customer]:
        """Return the customers at or below a node."""
        return [customer for customer in self.by_pkid.values() if customer.node.is_within(scope)]

    def get(self, pkid: str) -> Customer:
        """Return a customer.

        :raises Failure: the customer does not exist.
        """
        customer = self.by_pkid.get(pkid)
        if customer is None:
            raise Failure(f"relation/SparkCustomer {pkid} does not exist.")
        return customer

    def create(self, node: Node, payload: Mapping[str, Any]) -> Customer:
        """Create a customer at a node."""
        self._refuse_duplicate(node, payload["name"], None)
        customer = Customer(new_pkid(), new_pkid(), node, self._stored(payload))
        self._set_expiries(customer.data, payload)
        if payload.get("sync"):
            self._need_tokens(customer)
            customer.syncs["roles_licences"] = 1
        self.by_pkid[customer.pkid] = customer
        return customer

    def replace(self, pkid: str, payload: Mapping[str, Any]) -> bool:
        """Replace all attributes of a customer, and return whether an attribute changed."""
        customer = self.get(pkid)
        self._refuse_duplicate(customer.node, payload["name"], customer)
        data = self._stored(payload)
        kept: list[str] = []
        if self._settings["omitted_password"] == "keep":
            kept += PASSWORDS
        if self._settings["omitted_expiry"] == "keep":
            kept += EXPIRIES
        for name in kept:
            if name not in payload and name in customer.data:
                data[name] = customer.data[name]
        self._set_expiries(data, payload)
        changed = data != customer.data
        customer.data = data
        customer.listed = None
        return changed

    def delete(self, pkids: Iterable[str]) -> None:
        """Delete several customers, or none of them if one does not exist."""
        for customer in list(map(self.get, pkids)):
            del self.by_pkid[customer.pkid]

    def move(self, pkids: Iterable[str], target: Node) -> list[Customer]:
        """Move customers to a node atomically. A setting determines whether their pkids change."""
        customers = list(map(self.get, pkids))
        for customer in customers:
            self._refuse_direction(customer.node, target)
            if customer.node is not target:
                self._refuse_duplicate(target, customer.data["name"], customer)
        for customer in customers:
            customer.node = target
            customer.listed = None
            if self._settings["pkid_after_move"] == "change":
                del self.by_pkid[customer.pkid]
                customer.pkid = new_pkid()
                self.by_pkid[customer.pkid] = customer
        return customers

    def refresh_access_token(self, pkid: str) -> None:
        """Replace the access token of a customer. The new token is valid for 14 days."""
        customer = self.get(pkid)
        if not customer.data.get("refresh_token"):
            raise Failure(f"Cannot refresh the access token of {customer.data['name']}: it has no refresh token.")
        expires = str(customer.data.get("refresh_token_expires", ""))
        if self._settings["expired_refresh_token"] == "fail" and expires and expires < timestamp(0):
            raise Failure(f"The refresh token of {customer.data['name']} expired on {expires}.")
        customer.data["token"] = f"simulator-access-token-{new_pkid()}"
        customer.data["access_token_expires"] = timestamp(ACCESS_TOKEN_DAYS)
        customer.listed = None

    def synchronise(self, pkid: str, kind: str) -> None:
        """Count a Webex synchronization of users, or of roles and licenses."""
        customer = self.get(pkid)
        self._need_tokens(customer)
        customer.syncs[kind] = customer.syncs.get(kind, 0) + 1

    def shown(self, customer: Customer) -> dict[str, Any]:
        """Return a customer for a GET response, without unset attributes and with an empty access token."""
        data = self._readable(customer)
        data.setdefault("shadow", [])
        return data

    def shown_in_list(self, customer: Customer) -> dict[str, Any]:
        """Return a customer for a list, with fewer attributes than in a GET response, but with the hierarchy."""
        data = self._readable(customer)
        for name in ("shadow", *_NOT_IN_LISTS):
            data.pop(name, None)
        if self._settings["list_data"] == "summary":
            data = {name: value for name, value in data.items() if name in SUMMARY_ATTRIBUTES}
        data["pkid"] = customer.data_pkid
        data["hierarchy_path"] = customer.node.path
        data["hierarchy_friendly_name"] = customer.node.friendly_name
        return data

    def _dumped(self, customer: Customer) -> dict[str, Any]:
        return {
            "pkid": customer.pkid,
            "data_pkid": customer.data_pkid,
            "hierarchy": customer.node.path,
            "syncs": customer.syncs,
            **customer.data,
        }

    def _readable(self, customer: Customer) -> dict[str, Any]:
        unset: list[Any] = ["", None, []]
        if self._settings["false_values"] == "omit":
            unset.append(False)
        data = {name: value for name, value in customer.data.items() if value not in unset}
        data.pop("https_proxy", None)
        if "token" in data:
            data["token"] = ""
        return data

    def _stored(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        data = {name: value for name, value in payload.items() if name != "sync"}
        external = data.get("account_number_external")
        if external and self._settings["account_number_form"] == "base64" and _UUID.fullmatch(external):
            encoded = base64.b64encode(f"ciscospark://us/ORGANIZATION/{external}".encode()).decode().rstrip("=")
            external = data["account_number_external"] = encoded
        if external and not data.get("account_number"):
            data["account_number"] = external
        return data

    @staticmethod
    def _set_expiries(data: dict[str, Any], payload: Mapping[str, Any]) -> None:
        """Set the expiry of each token in a payload that does not contain this expiry."""
        for secret, expiry, days in (
            ("token", "access_token_expires", ACCESS_TOKEN_DAYS),
            ("refresh_token", "refresh_token_expires", REFRESH_TOKEN_DAYS),
        ):
            if payload.get(secret) and not payload.get(expiry):
                data[expiry] = timestamp(days)

    def _need_tokens(self, customer: Customer) -> None:
        if not customer.data.get("token"):
            raise Failure(f"{customer.data['name']} has no access token: cannot connect to Webex.")

    def _refuse_duplicate(self, node: Node, name: str, customer: Customer | None) -> None:
        if self._settings["duplicate_names"] == "allow":
            return
        for other in self.by_pkid.values():
            if other.node is node and other is not customer and other.data["name"] == name:
                raise Failure(f"A relation/SparkCustomer named {name} already exists at {node.path}.")

    def _refuse_direction(self, source: Node, target: Node) -> None:
        direction = self._settings["move_direction"]
        if (direction == "up" and not source.is_within(target)) or (
            direction == "down" and not target.is_within(source)
        ):
            raise Failure(f"A move from {source.path} to {target.path} is not allowed.")


def renewed(customer: Customer, number: int) -> Customer:
    """Return a copy of a customer with a different pkid and name."""
    pkid = hashlib.sha256(f"{customer.pkid} {number}".encode()).hexdigest()[:24]
    data = {**customer.data, "name": f"{customer.data['name']}-{number}"}
    return replace(customer, pkid=pkid, data=data, listed=None)


def new_pkid() -> str:
    """Return a new random pkid with 24 hexadecimal digits."""
    return os.urandom(12).hex()


def timestamp(days: float) -> str:
    """Return the current time plus a number of days as a timestamp in the format of the service."""
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
