# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading, creating, modifying and deleting Spark customers."""

from __future__ import annotations

from typing import Any

from connector_simulator import quirks
from connector_simulator.checks import list_of_texts, text
from connector_simulator.exchange import Call, Misuse, Problem, Reply, json_reply
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.voss import customer_meta
from connector_simulator.voss.envelope import list_reply, select
from connector_simulator.voss.schema import SCHEMA, SUMMARY_ATTRIBUTES, check_attributes
from connector_simulator.voss.state import (
    BASE,
    COMMON,
    LIST,
    POLICY,
    SCHEMA_PARAMETERS,
    WRITE,
    State,
    take_correlation,
)
from connector_simulator.voss.store import Customer, renewed
from connector_simulator.voss.transactions import Work

_TEMPLATES = {name: Parameter(text) for name in ("template", "template_name", "configuration_template")}


class CustomerCalls:
    """The calls of ``/api/relation/SparkCustomer/`` that handle customers as such."""

    def __init__(self, state: State):
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

    def list_customers(self, call: Call) -> Reply:
        """The customers at a node and below it, in the vendor's envelope."""
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
        return list_reply(
            BASE,
            page,
            state.settings,
            customer_meta.for_list(node.pkid),
            [self._item(customer) for customer in customers],
            customer_meta.OPERATIONS,
            SCHEMA if call.parameter("schema") in ("1", "true") else None,
        )

    def get(self, call: Call) -> Reply:
        """One customer ``{"pkid", "meta", "data"}``."""
        customer = quirks.instead(call, self.state.customer(call), list(self.state.customers.by_pkid.values()))
        answer: dict[str, Any] = {
            "pkid": customer.pkid,
            "meta": customer_meta.for_instance(customer),
            "data": self.state.customers.shown(customer),
        }
        if call.parameter("schema") in ("1", "true"):
            answer["schema"] = SCHEMA
        return json_reply(answer)

    def create(self, call: Call) -> Reply:
        node = self.state.node(call)
        correlation = take_correlation(call)
        payload = self._attributes(call)

        def apply() -> tuple[str, bool]:
            return self.state.customers.create(node, payload).pkid, True

        return self.state.write(call, Work("Create Spark Customer", node, call.user, apply, external=correlation))

    def replace(self, call: Call) -> Reply:
        """Put the payload in the place of all the customer's attributes."""
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

    def delete_one(self, call: Call) -> Reply:
        """Delete the customer that the path names."""
        customer = self.state.customer(call)
        self._refuse_body(call)
        correlation = take_correlation(call)
        if call.content:
            raise Misuse(400, "The deletion of one instance is documented without a payload.")
        return self._delete(call, [customer], correlation)

    def delete_many(self, call: Call) -> Reply:
        """Delete the customers that ``hrefs`` names, all or none."""
        self.state.node(call)
        self._refuse_body(call)
        correlation = take_correlation(call)
        customers = named_customers(self.state, call)
        return self._delete(call, customers, correlation)

    def _delete(self, call: Call, customers: list[Customer], correlation: dict[str, str]) -> Reply:
        pkids = [customer.pkid for customer in customers]

        def apply() -> tuple[str, bool]:
            self.state.customers.delete(pkids)
            return pkids[0], True

        work = Work("Delete Spark Customer", customers[0].node, call.user, apply, False, correlation)
        reply = self.state.write(call, work)
        if self.state.settings["delete_answer"] == "empty" and call.parameter("nowait") != "true":
            return Reply(204)
        return reply

    def _attributes(self, call: Call) -> dict[str, Any]:
        if {*_TEMPLATES} & {*call.parameters}:
            raise Problem(501, "The simulator applies no configuration templates to what is written.")
        payload = dict(call.content)
        check_attributes(payload, self.state.settings["extra_attributes"])
        return payload

    def _refuse_body(self, call: Call) -> None:
        if call.body and self.state.settings["delete_body"] == "refuse":
            raise Problem(400, "A DELETE with a body is not understood on the way to this server.")

    @staticmethod
    def _sorting_fields(customer: Customer) -> dict[str, Any]:
        return {**customer.data, "hierarchy_friendly_name": customer.node.friendly_name}

    def _item(self, customer: Customer) -> str:
        data = self.state.customers.shown_in_list(customer)
        if customer.listed is None or customer.listed[0] != data:
            customer.listed = (data, customer_meta.list_item(customer, data))
        return customer.listed[1]


def named_customers(state: State, call: Call) -> list[Customer]:
    """The customers that a body's ``hrefs`` names; raises Misuse for a body that is not documented so."""
    hrefs = call.content.get("hrefs")
    if set(call.content) != {"hrefs"} or list_of_texts(hrefs):
        raise Misuse(400, f'The body is documented as {{"hrefs": ["{BASE}[pkid]", ...]}}.')
    customers = []
    for href in hrefs:
        pkid = href[len(BASE) :].rstrip("/") if href.startswith(BASE) else ""
        if not pkid or "/" in pkid:
            raise Misuse(400, f"An href is documented as {BASE}[pkid], not {href!r}.")
        customer = state.customers.by_pkid.get(pkid)
        if customer is None:
            raise Problem(404, f"{href} does not exist.")
        customers.append(customer)
    return customers
