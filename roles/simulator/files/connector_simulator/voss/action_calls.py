# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving customers, and the three actions of relation/SparkCustomer that run at Webex."""

from __future__ import annotations

from collections.abc import Callable

from connector_simulator.checks import one_of, text
from connector_simulator.exchange import Call, Misuse, Reply
from connector_simulator.strict import Body, Operation, Parameter
from connector_simulator.voss.customer_calls import named_customers
from connector_simulator.voss.state import BASE, MODEL, WRITE, State, take_correlation
from connector_simulator.voss.store import Customer
from connector_simulator.voss.transactions import Work

_MOVE = {
    **WRITE,
    "model_type": Parameter(one_of(MODEL), required=True),
    "context_hierarchy": Parameter(text, required=True),
}


class ActionCalls:
    """The calls that do something to customers other than writing their attributes."""

    def __init__(self, state: State):
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

    def move_many(self, call: Call) -> Reply:
        """Move what ``hrefs`` names from ``hierarchy`` to ``context_hierarchy``, all or none."""
        correlation = take_correlation(call)
        return self._move(call, named_customers(self.state, call), correlation)

    def move_one(self, call: Call) -> Reply:
        """Move the customer that the path names; a payload may name it once more."""
        correlation = take_correlation(call)
        customer = self.state.customer(call)
        if call.content and named_customers(self.state, call) != [customer]:
            raise Misuse(400, "The hrefs of a single move name the instance in the path.")
        return self._move(call, [customer], correlation)

    def _move(self, call: Call, customers: list[Customer], correlation: dict[str, str]) -> Reply:
        source = self.state.node(call)
        target = self.state.node(call, "context_hierarchy")
        for customer in customers:
            if not customer.node.is_within(source):
                raise Misuse(
                    400, f"{BASE}{customer.pkid} is not at {source.path}, where hierarchy says it is moved from."
                )
        pkids = [customer.pkid for customer in customers]

        def apply() -> tuple[str, bool]:
            changed = any(customer.node is not target for customer in customers)
            moved = self.state.customers.move(pkids, target)
            return moved[0].pkid, changed

        return self.state.write(call, Work("Move Spark Customer", source, call.user, apply, external=correlation))

    def _action(self, name: str, act: Callable[[str], None]) -> Callable[[Call], Reply]:
        def handler(call: Call) -> Reply:
            customer = self.state.customer(call)
            correlation = take_correlation(call)
            if call.content:
                raise Misuse(400, f"+{name} is documented without a payload.")

            def apply() -> tuple[str, bool]:
                act(customer.pkid)
                return customer.pkid, True

            return self.state.write(call, Work(name, customer.node, call.user, apply, external=correlation))

        return handler
