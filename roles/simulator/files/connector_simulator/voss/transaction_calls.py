# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the operations that read, poll, list and replay transactions."""

from __future__ import annotations

import json
from typing import Any

from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import Operation
from connector_simulator.voss.envelope import list_meta, list_response, select
from connector_simulator.voss.state import BASE, COMMON, LIST, VossState
from connector_simulator.voss.transactions import Transaction

MODEL = "tool/Transaction"
BASE_PATH = f"/api/{MODEL}/"
_FIELDS = ("submitted_time", "status", "action", "username", "external.id", "external.reference")
_SUMMARY = [{"name": name, "title": name.replace("_", " ").replace(".", " ").title()} for name in _FIELDS]


class TransactionCalls:
    """Operations on transactions under ``/api/tool/Transaction/``."""

    def __init__(self, state: VossState):
        self.state = state
        own = BASE_PATH + "{id}"
        self.operations = (
            Operation("GET", BASE_PATH, self.list_transactions, LIST),
            Operation("GET", own + "[/]", self.get, COMMON),
            Operation("GET", own + "/poll[/]", self.poll, COMMON),
            Operation("GET", own + "/replay[/]", self.replay, COMMON, write=True),
        )

    def list_transactions(self, call: Call) -> Response:
        """Return the transactions at or below a node, by default newest first."""
        node = self.state.scope(call, self.state.node(call))
        field, desired = call.parameter("filter_field"), call.parameter("filter_text") or ""
        if field is not None and field not in _FIELDS:
            raise UndocumentedRequest(400, f"filter_field must be one of {', '.join(_FIELDS)}, not {field}.")
        external = {"external.id": "id", "external.reference": "reference"}.get(field or "")

        def matches(transaction: Transaction) -> bool:
            if not transaction.work.node.is_within(node):
                return False
            return external is None or desired.lower() in transaction.work.external.get(external, "").lower()

        call.parameters.setdefault("direction", ["desc"])
        page, transactions = select(
            call,
            {**self.state.settings, "filters": "honour"},
            self.state.transactions.visible(matches),
            self._data,
            _FIELDS,
        )
        resources = list(map(json.dumps, map(self._resource, transactions)))
        return list_response(
            BASE_PATH,
            page,
            self.state.settings,
            list_meta(MODEL, node.pkid, _SUMMARY),
            resources,
            ["list", "get", "replay"],
        )

    def get(self, call: Call) -> Response:
        """Return a transaction as an object with ``meta`` and ``data``."""
        transaction = self._find(call)
        self.state.transactions.poll(transaction)
        return json_response({"meta": self._meta(transaction), "data": self._data(transaction)})

    def poll(self, call: Call) -> Response:
        """Return the poll response in the form ``{"<id>": {"status", "href", "description"}}``."""
        transaction = self._find(call)
        self.state.transactions.poll(transaction)
        status = self.state.transactions.status(transaction)
        description = transaction.message or transaction.work.action
        return json_response(
            {transaction.id: {"status": status, "href": _href(transaction), "description": description}}
        )

    def replay(self, call: Call) -> Response:
        """Replay a transaction and return the list of transactions. The vendor uses GET for this operation."""
        transaction = self._find(call)
        self.state.transactions.submit(transaction.work, call.entry, wait=False)
        call.parameters.setdefault("hierarchy", [transaction.work.node.pkid])
        return self.list_transactions(call)

    def _find(self, call: Call) -> Transaction:
        self.state.check_node(call)
        transaction = self.state.transactions.find(call.arguments["id"])
        if transaction is None:
            raise ApiError(404, f"{MODEL} {call.arguments['id']} does not exist.")
        return transaction

    def _resource(self, transaction: Transaction) -> dict[str, Any]:
        return {"pkid": transaction.id, "meta": self._meta(transaction), "data": self._data(transaction)}

    def _meta(self, transaction: Transaction) -> dict[str, Any]:
        replay = {"class": "execute", "method": "GET", "href": f"{_href(transaction)}/replay?format=json"}
        return {"model_type": MODEL, "references": {}, "actions": {"replay": replay}}

    def _data(self, transaction: Transaction) -> dict[str, Any]:
        work = transaction.work
        resource: dict[str, Any] = {"hierarchy": work.node.pkid}
        if transaction.succeeded and work.names_result and self.state.settings["transaction_pkid"]:
            resource["after_transaction"] = f"{BASE}{transaction.pkid}/?cached=true"
        data: dict[str, Any] = {
            "pkid": transaction.id,
            "id": transaction.number,
            "parent_pkid": None,
            "top_level": True,
            "hierarchy": work.node.pkid,
            "status": self.state.transactions.status(transaction),
            "action": work.action,
            "username": work.username,
            "detail": f"{work.action} at {work.node.path}",
            "message": transaction.message,
            "priority": "Normal",
            "processor_host_name": "simulator",
            "rolled_back": "Yes" if work.rolled_back or transaction.succeeded is False else "No",
            "submitted_time": transaction.submitted,
            "started_time": transaction.submitted,
            "resource": resource,
        }
        if work.external:
            data["external"] = dict(work.external)
        if transaction.completed:
            data["completed_time"] = transaction.completed
        return data


def _href(transaction: Transaction) -> str:
    return f"{BASE_PATH}{transaction.id}"
