# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the VOSS calls share: settings, nodes, customers, transactions, and how a request names a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import flag, one_of, text, whole_number
from connector_simulator.exchange import Call, Misuse, Problem, Reply, json_reply
from connector_simulator.strict import Parameter
from connector_simulator.voss.hierarchy import ROOT, Hierarchy, Node
from connector_simulator.voss.schema import title
from connector_simulator.voss.store import Customer, Customers
from connector_simulator.voss.transactions import Apply, Transactions, Work

MODEL = "relation/SparkCustomer"
BASE = f"/api/{MODEL}/"

FORMAT = {"format": Parameter(one_of("json"))}
SCHEMA_PARAMETERS = {"schema": Parameter(one_of("1", "true", "false")), "schema_rules": Parameter(flag)}
POLICY = {"policy": Parameter(text), "policy_name": Parameter(text)}
HIERARCHY = {"hierarchy": Parameter(text)}
COMMON = {**HIERARCHY, **FORMAT}
WRITE = {**COMMON, "nowait": Parameter(flag)}
LIST = {
    **COMMON,
    **SCHEMA_PARAMETERS,
    **POLICY,
    "skip": Parameter(whole_number(0)),
    "limit": Parameter(whole_number(1)),
    "order_by": Parameter(text),
    "direction": Parameter(one_of("asc", "desc")),
    "traversal": Parameter(one_of("default")),
    "filter_field": Parameter(text),
    "filter_text": Parameter(text),
    "filter_condition": Parameter(one_of("contains")),
    "count": Parameter(flag),
}
_CORRELATION = {"external_id": "id", "external_reference": "reference"}
_CALLBACK = ("callback_url", "callback_username", "callback_password", "callback_auth_name")


class State:
    """The state of one VOSS service."""

    def __init__(self, settings: Mapping[str, Any], data: Mapping[str, Any]):
        self.settings = settings
        self.hierarchy = Hierarchy(data["nodes"])
        self.customers = Customers(settings, self.hierarchy, data["customers"])
        self.transactions = Transactions(settings)

    def node(self, call: Call, name: str = "hierarchy") -> Node:
        """The node that a required parameter names."""
        reference = call.parameter(name)
        if reference is None:
            if name == "hierarchy" and self.settings["missing_hierarchy"] == "home":
                return self._home()
            raise Misuse(400, f"{name} is required for every request that does not name an instance.")
        node = self.hierarchy.find(reference, self.settings["dotted"])
        if node is None and self.settings["unknown_hierarchy"] == "home":
            return self._home()
        if node is None:
            raise Problem(404, f"There is no hierarchy node {reference}.")
        return node

    def check_node(self, call: Call) -> None:
        """Refuse a ``hierarchy`` that does not exist, where it may be left out."""
        if call.parameter("hierarchy") is not None:
            self.node(call)

    def customer(self, call: Call) -> Customer:
        """The customer that the path names; 404 if there is none."""
        self.check_node(call)
        customer = self.customers.by_pkid.get(call.arguments["pkid"])
        if customer is None:
            raise Problem(404, f"{MODEL} {call.arguments['pkid']} does not exist.")
        return customer

    def write(self, call: Call, work: Work) -> Reply:
        """Run some work as a transaction: its outcome is the answer, or with ``nowait`` only its acceptance."""
        work = self._spoilt(call, work)
        asynchronous = call.parameter("nowait") == "true" and self.settings["nowait"] == "honour"
        # Nobody polls a transaction whose id the response does not have.
        first = self.transactions.first if call.quirk("same_transaction") else None
        unseen = asynchronous and bool(first or call.quirk("unproven"))
        transaction = self.transactions.submit(work, call.entry, wait=unseen or not asynchronous)
        status = self.settings["write_status"]
        if asynchronous:
            transaction = first or transaction
            href = f"/api/tool/Transaction/{transaction.id}"
            return json_reply({"href": href, "success": True, "transaction_id": transaction.id}, status)
        if not transaction.succeeded:
            raise Problem(400, transaction.message)
        meta = {
            "parent_id": {"pkid": work.node.pkid, "uri": f"/api/data/HierarchyNode/{work.node.pkid}"},
            "summary_attrs": [{"name": "name", "title": title("name")}],
            "uri": f"{BASE}{transaction.pkid}",
        }
        return json_reply({"pkid": transaction.pkid, "model_type": MODEL, "meta": meta, "success": True}, status)

    def scope(self, call: Call, node: Node) -> Node:
        """The node whose subtree a list shows."""
        return self.hierarchy.by_path[ROOT] if call.quirk("ignore_hierarchy") else node

    def _spoilt(self, call: Call, work: Work) -> Work:
        """The work as the quirks of the request change it."""
        if call.quirk("rolled_back"):
            work = replace(work, apply=self._undone(work.apply), rolled_back=True)
        if call.quirk("wrong_object"):
            work = replace(work, apply=self._misnamed(call, work.apply))
        return work

    def _undone(self, apply: Apply) -> Apply:
        def undone() -> tuple[str, bool]:
            before = self.customers.snapshot()
            pkid, _changed = apply()
            self.customers.by_pkid = before
            return pkid, False

        return undone

    def _misnamed(self, call: Call, apply: Apply) -> Apply:
        def misnamed() -> tuple[str, bool]:
            pkid, changed = apply()
            return quirks.instead(call, pkid, [*self.customers.by_pkid]), changed

        return misnamed

    def _home(self) -> Node:
        node = self.hierarchy.find(self.settings["home"])
        if node is None:
            raise Problem(500, f"The setting home names no node: {self.settings['home']}.")
        return node


def take_correlation(call: Call) -> dict[str, str]:
    """Take ``request_meta`` out of a payload; raises Misuse where it is not documented."""
    if "request_meta" not in call.content:
        return {}
    given = call.content.pop("request_meta")
    if call.parameter("nowait") != "true":
        raise Misuse(400, "request_meta is documented together with nowait=true only.")
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise Misuse(400, "request_meta is an object of texts.")
    known = (*_CORRELATION, *_CALLBACK)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise Misuse(400, f"{unknown[0]} is not documented in request_meta: {', '.join(known)}.")
    if set(given) & set(_CALLBACK):
        raise Problem(501, "The simulator makes no callbacks.")
    return {name: given[key] for key, name in _CORRELATION.items() if key in given}
