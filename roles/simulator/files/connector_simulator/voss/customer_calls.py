# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the operations that read, create, modify and delete Spark customers."""

from __future__ import annotations

import operator
from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import list_of_non_empty_strings, non_empty_string
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest, json_response
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.voss import customer_meta
from connector_simulator.voss.envelope import list_response, select
from connector_simulator.voss.schema import SCHEMA, SUMMARY_ATTRIBUTES, check_attributes
from connector_simulator.voss.state import (
    BASE,
    COMMON,
    LIST,
    POLICY,
    SCHEMA_PARAMETERS,
    WRITE,
    VossState,
    take_correlation,
)
from connector_simulator.voss.store import Customer, renewed
from connector_simulator.voss.transactions import Work

_TEMPLATES = dict.fromkeys(("template", "template_name", "configuration_template"), Parameter(non_empty_string))


class CustomerCalls:
    """Operations on customers under ``/api/relation/SparkCustomer/``."""

    def __init__(self, state: VossState):
        self.state = state
        own = BASE + "{pkid}[/]"
        self.operations = (
            Operation("GET", BASE, self.list_customers, LIST),
            Operation("POST", BASE[:-1] + "[/]", self.create, {**WRITE, **_TEMPLATES}, Body(), write=True),
            Operation("DELETE", BASE, self.delete_many, WRITE, Body(optional=True), write=True),
            Operation("GET", own, self.get, {**COMMON, **SCHEMA_PARAMETERS, **POLICY}),
            Operation("PUT", own, self.replace, {**WRITE, **_TEMPLATES}, Body(), write=True),
            Operation("DELETE", own, self.delete_one, WRITE, Body(optional=True), write=True),
        )

    def list_customers(self, call: Call) -> Response:
        """Return the customers at or below a node."""
        state = self.state
        node = state.node(call)
        page, customers = select(
            call,
            state.settings,
            state.customers.within(state.scope(call, node)),
            self._sorting_fields,
            SUMMARY_ATTRIBUTES,
            renewed,
            lambda customer: state.customers.delete([customer.pkid]),
        )
        return list_response(
            BASE,
            page,
            state.settings,
            customer_meta.for_list(node.pkid),
            list(map(self._item, customers)),
            customer_meta.OPERATIONS,
            SCHEMA if call.parameter("schema") in ("1", "true") else None,
        )

    def get(self, call: Call) -> Response:
        """Return a customer as an object with ``pkid``, ``meta`` and ``data``."""
        customer = quirks.substitute(call, self.state.customer(call), list(self.state.customers.by_pkid.values()))
        returned: dict[str, Any] = {
            "pkid": customer.pkid,
            "meta": customer_meta.for_instance(customer),
            "data": self.state.customers.shown(customer),
        }
        if call.parameter("schema") in ("1", "true"):
            returned["schema"] = SCHEMA
        return json_response(returned)

    def create(self, call: Call) -> Response:
        """Create a customer with the attributes in the payload."""
        node = self.state.node(call)
        correlation = take_correlation(call)
        payload = self._attributes(call)

        def apply() -> tuple[str, bool]:
            return self.state.customers.create(node, payload).pkid, True

        return self.state.write(call, Work("Create Spark Customer", node, call.user, apply, external=correlation))

    def replace(self, call: Call) -> Response:
        """Replace all attributes of a customer with those in the payload."""
        customer = self.state.customer(call)
        correlation = take_correlation(call)
        payload = self._attributes(call)
        if call.quirk("ignore_rename"):
            payload["name"] = customer.data["name"]

        def apply() -> tuple[str, bool]:
            return customer.pkid, self.state.customers.replace(customer.pkid, payload)

        return self.state.write(
            call, Work("Modify Spark Customer", customer.node, call.user, apply, external=correlation)
        )

    def delete_one(self, call: Call) -> Response:
        """Delete the customer identified by the request path."""
        customer = self.state.customer(call)
        self._refuse_body(call)
        correlation = take_correlation(call)
        if call.content:
            raise UndocumentedRequest(400, "A DELETE request for one instance is documented without a payload.")
        return self._delete(call, [customer], correlation)

    def delete_many(self, call: Call) -> Response:
        """Delete the customers in ``hrefs`` atomically."""
        self.state.node(call)
        self._refuse_body(call)
        correlation = take_correlation(call)
        customers = named_customers(self.state, call)
        return self._delete(call, customers, correlation)

    def _delete(self, call: Call, customers: list[Customer], correlation: dict[str, str]) -> Response:
        pkids = list(map(operator.attrgetter("pkid"), customers))

        def apply() -> tuple[str, bool]:
            self.state.customers.delete(pkids)
            return pkids[0], True

        work = Work("Delete Spark Customer", customers[0].node, call.user, apply, False, correlation)
        response = self.state.write(call, work)
        if self.state.settings["delete_response"] == "empty" and call.parameter("nowait") != "true":
            return Response(204)
        return response

    def _attributes(self, call: Call) -> dict[str, Any]:
        if {*_TEMPLATES} & {*call.parameters}:
            raise ApiError(501, "The simulator does not support configuration templates for writes.")
        payload = dict(call.content)
        check_attributes(payload, self.state.settings["extra_attributes"])
        return payload

    def _refuse_body(self, call: Call) -> None:
        if call.body and self.state.settings["delete_body"] == "refuse":
            raise ApiError(400, "A network device rejected the DELETE request because it has a body.")

    @staticmethod
    def _sorting_fields(customer: Customer) -> dict[str, Any]:
        return {**customer.data, "hierarchy_friendly_name": customer.node.friendly_name}

    def _item(self, customer: Customer) -> str:
        data = self.state.customers.shown_in_list(customer)
        if customer.listed is None or customer.listed[0] != data:
            customer.listed = (data, customer_meta.list_item(customer, data))
        return customer.listed[1]


def named_customers(state: VossState, call: Call) -> list[Customer]:
    """Return the customers identified by the ``hrefs`` in a request body.

    :raises UndocumentedRequest: the body has a different format (400).
    :raises ApiError: a customer does not exist (404).
    """
    hrefs = call.content.get("hrefs")
    if set(call.content) != {"hrefs"} or list_of_non_empty_strings(hrefs):
        raise UndocumentedRequest(400, f'The documented body is {{"hrefs": ["{BASE}[pkid]", ...]}}.')
    customers = []
    for href in hrefs:
        pkid = href[len(BASE) :].rstrip("/") if href.startswith(BASE) else ""
        if not pkid or "/" in pkid:
            raise UndocumentedRequest(400, f"The documented format of an href is {BASE}[pkid], not {href!r}.")
        customer = state.customers.by_pkid.get(pkid)
        if customer is None:
            raise ApiError(404, f"{href} does not exist.")
        customers.append(customer)
    return customers
