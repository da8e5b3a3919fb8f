# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define the state of the VOSS service, and functions that its operations share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import flag, integer, non_empty_string, one_of
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import Parameter
from connector_simulator.voss.hierarchy import ROOT, Hierarchy, Node
from connector_simulator.voss.schema import title
from connector_simulator.voss.store import Customer, Customers
from connector_simulator.voss.transactions import Apply, Transactions, Work

MODEL = "relation/SparkCustomer"
BASE = f"/api/{MODEL}/"

FORMAT = {"format": Parameter(one_of("json"))}
SCHEMA_PARAMETERS = {"schema": Parameter(one_of("1", "true", "false")), "schema_rules": Parameter(flag)}
POLICY = {"policy": Parameter(non_empty_string), "policy_name": Parameter(non_empty_string)}
HIERARCHY = {"hierarchy": Parameter(non_empty_string)}
COMMON = {**HIERARCHY, **FORMAT}
WRITE = {**COMMON, "nowait": Parameter(flag)}
LIST = {
    **COMMON,
    **SCHEMA_PARAMETERS,
    **POLICY,
    "skip": Parameter(integer(0)),
    "limit": Parameter(integer(1)),
    "order_by": Parameter(non_empty_string),
    "direction": Parameter(one_of("asc", "desc")),
    "traversal": Parameter(one_of("default")),
    "filter_field": Parameter(non_empty_string),
    "filter_text": Parameter(non_empty_string),
    "filter_condition": Parameter(one_of("contains")),
    "count": Parameter(flag),
}
_CORRELATION = {"external_id": "id", "external_reference": "reference"}
_CALLBACK = ("callback_url", "callback_username", "callback_password", "callback_auth_name")


class VossState:
    """The hierarchy, customers and transactions of the VOSS service."""

    def __init__(self, settings: Mapping[str, Any], data: Mapping[str, Any]):
        self.settings = settings
        self.hierarchy = Hierarchy(data["nodes"])
        self.customers = Customers(settings, self.hierarchy, data["customers"])
        self.transactions = Transactions(settings)

    def node(self, call: Call, name: str = "hierarchy") -> Node:
        """Return the node that is specified in a required query parameter.

        :raises ApiError: the parameter is missing (400) or the node does not exist (404).
        """
        reference = call.parameter(name)
        if reference is None:
            if name == "hierarchy" and self.settings["missing_hierarchy"] == "home":
                return self._home()
            raise UndocumentedRequest(
                400, f"The query parameter {name} is required for requests without an instance in the path."
            )
        node = self.hierarchy.find(reference, self.settings["dotted"])
        if node is None and self.settings["unknown_hierarchy"] == "home":
            return self._home()
        if node is None:
            raise ApiError(404, f"The hierarchy node {reference} does not exist.")
        return node

    def check_node(self, call: Call) -> None:
        """Check that the node in an optional ``hierarchy`` parameter exists.

        :raises ApiError: the node does not exist (404).
        """
        if call.parameter("hierarchy") is not None:
            self.node(call)

    def customer(self, call: Call) -> Customer:
        """Return the customer identified by the request path.

        :raises ApiError: the customer does not exist (404).
        """
        self.check_node(call)
        customer = self.customers.by_pkid.get(call.arguments["pkid"])
        if customer is None:
            raise ApiError(404, f"{MODEL} {call.arguments['pkid']} does not exist.")
        return customer

    def write(self, call: Call, work: Work) -> Response:
        """Run an operation as a transaction.

        :returns: the result of the work. With ``nowait``, only the ID of the transaction.
        :raises ApiError: the work failed (400).
        """
        work = self._with_quirks(call, work)
        asynchronous = call.parameter("nowait") == "true" and self.settings["nowait"] == "honour"
        # A transaction whose ID is not returned is never polled, so it runs immediately.
        first = self.transactions.first if call.quirk("same_transaction") else None
        unseen = asynchronous and bool(first or call.quirk("unproven"))
        transaction = self.transactions.submit(work, call.entry, wait=unseen or not asynchronous)
        status = self.settings["write_status"]
        if asynchronous:
            transaction = first or transaction
            href = f"/api/tool/Transaction/{transaction.id}"
            return json_response({"href": href, "success": True, "transaction_id": transaction.id}, status)
        if not transaction.succeeded:
            raise ApiError(400, transaction.message)
        meta = {
            "parent_id": {"pkid": work.node.pkid, "uri": f"/api/data/HierarchyNode/{work.node.pkid}"},
            "summary_attrs": [{"name": "name", "title": title("name")}],
            "uri": f"{BASE}{transaction.pkid}",
        }
        return json_response({"pkid": transaction.pkid, "model_type": MODEL, "meta": meta, "success": True}, status)

    def scope(self, call: Call, node: Node) -> Node:
        """Return the root node of the subtree that a list covers."""
        return self.hierarchy.by_path[ROOT] if call.quirk("ignore_hierarchy") else node

    def _with_quirks(self, call: Call, work: Work) -> Work:
        """Apply the quirks of a request to the operation that the transaction runs."""
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
            return quirks.substitute(call, pkid, [*self.customers.by_pkid]), changed

        return misnamed

    def _home(self) -> Node:
        node = self.hierarchy.find(self.settings["home"])
        if node is None:
            raise ApiError(500, f"The node in the setting home does not exist: {self.settings['home']}.")
        return node


def take_correlation(call: Call) -> dict[str, str]:
    """Remove ``request_meta`` from a payload, and return its correlation identifiers.

    :raises UndocumentedRequest: the object is not as documented (400).
    """
    if "request_meta" not in call.content:
        return {}
    given = call.content.pop("request_meta")
    if call.parameter("nowait") != "true":
        raise UndocumentedRequest(400, "request_meta is documented for requests with nowait=true only.")
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise UndocumentedRequest(400, "request_meta must be an object of strings.")
    known = (*_CORRELATION, *_CALLBACK)
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UndocumentedRequest(
            400, f"The field {unknown[0]} is not documented in request_meta. Documented: {', '.join(known)}."
        )
    if set(given) & set(_CALLBACK):
        raise ApiError(501, "The simulator does not support callbacks.")
    return {name: given[key] for key, name in _CORRELATION.items() if key in given}
