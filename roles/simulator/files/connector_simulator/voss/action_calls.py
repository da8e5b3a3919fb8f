# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the operations that move Spark customers, and the three customer actions that call Webex."""

from __future__ import annotations

import operator
from collections.abc import Callable

from connector_simulator.checks import non_empty_string, one_of
from connector_simulator.exchange import Call, Response, UndocumentedRequest
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.voss.customer_calls import named_customers
from connector_simulator.voss.state import BASE, MODEL, WRITE, VossState, take_correlation
from connector_simulator.voss.store import Customer
from connector_simulator.voss.transactions import Work

_MOVE = {
    **WRITE,
    "model_type": Parameter(one_of(MODEL), required=True),
    "context_hierarchy": Parameter(non_empty_string, required=True),
}


class ActionCalls:
    """Operations that move customers or run actions on them."""

    def __init__(self, state: VossState):
        self.state = state
        customers = state.customers
        own = BASE + "{pkid}/"
        actions: dict[str, Callable[[str], None]] = {
            "RefreshAccessToken": customers.refresh_access_token,
            "SyncWebexTeamsRolesLicences": lambda pkid: customers.synchronise(pkid, "roles_licences"),
            "SyncWebexTeamsUsers": lambda pkid: customers.synchronise(pkid, "users"),
        }
        self.operations = (
            Operation("POST", "/api/tool/DataMove/", self.move_many, _MOVE, Body(), write=True),
            Operation("POST", "/api/tool/DataMove/{pkid}/", self.move_one, _MOVE, Body(optional=True), write=True),
            *(
                Operation("POST", f"{own}+{name}[/]", self._action(name, act), WRITE, Body(optional=True), write=True)
                for name, act in actions.items()
            ),
        )

    def move_many(self, call: Call) -> Response:
        """Move the customers in ``hrefs`` atomically from ``hierarchy`` to ``context_hierarchy``."""
        correlation = take_correlation(call)
        return self._move(call, named_customers(self.state, call), correlation)

    def move_one(self, call: Call) -> Response:
        """Move the customer identified by the request path.

        The payload is optional, and may contain only this customer.
        """
        correlation = take_correlation(call)
        customer = self.state.customer(call)
        if call.content and named_customers(self.state, call) != [customer]:
            raise UndocumentedRequest(400, "The hrefs of a single move must contain only the instance in the path.")
        return self._move(call, [customer], correlation)

    def _move(self, call: Call, customers: list[Customer], correlation: dict[str, str]) -> Response:
        source = self.state.node(call)
        target = self.state.node(call, "context_hierarchy")
        for customer in customers:
            if not customer.node.is_within(source):
                raise UndocumentedRequest(
                    400, f"Cannot move {BASE}{customer.pkid}: it is not at or below the hierarchy {source.path}."
                )
        pkids = list(map(operator.attrgetter("pkid"), customers))

        def apply() -> tuple[str, bool]:
            changed = any(customer.node is not target for customer in customers)
            moved = self.state.customers.move(pkids, target)
            return moved[0].pkid, changed

        return self.state.write(call, Work("Move Spark Customer", source, call.user, apply, external=correlation))

    def _action(self, name: str, act: Callable[[str], None]) -> Callable[[Call], Response]:
        def handler(call: Call) -> Response:
            customer = self.state.customer(call)
            correlation = take_correlation(call)
            if call.content:
                raise UndocumentedRequest(400, f"+{name} is documented without a payload.")

            def apply() -> tuple[str, bool]:
                act(customer.pkid)
                return customer.pkid, True

            return self.state.write(call, Work(name, customer.node, call.user, apply, external=correlation))

        return handler
