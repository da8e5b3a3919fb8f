# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Define the items of a bulk run: the desired customers, the planned steps and the outcome."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._errors import ConnectorsError
from ..._plan import Object
from .customer import DesiredCustomer, Outcome, Plan, Step
from .model import Customer, mapping

NO_PLAN = Plan(None, None)


@dataclasses.dataclass(frozen=True)
class BulkOptions:
    """The scope of a bulk run, and the options for the customers in this scope.

    :ivar absent: whether the run deletes the customers in the list.
    :ivar relocate: whether the run moves a customer that exists elsewhere in the scope to the node in its list entry.
    :ivar prune: whether the run deletes the customers in the scope that the list does not select.
    :ivar parallel: the maximum number of parallel requests.
    """

    scope: str
    absent: bool = False
    relocate: bool = False
    prune: bool = False
    prune_limit: int = 5
    parallel: int = 8


@dataclasses.dataclass
class BulkItem:
    """A work item of a bulk run: a customer in the desired list that may require changes, or a customer to prune.

    :ivar remaining: the steps that the run has not completed.
    :ivar error: the error that prevents any further steps.
    :ivar listed: the selected customer as returned in the list of customers in the scope; None if it does not exist.
    :ivar to_delete: whether the run deletes the customer.
    :ivar in_chunk: whether this customer was part of a request for several customers.
    :ivar chunk_accepted: whether the server accepted that request.
    :ivar chunk_transactions: the transactions of that request.
    """

    desired: DesiredCustomer
    plan: Plan = NO_PLAN
    outcome: Outcome = dataclasses.field(default_factory=lambda: Outcome(None))
    remaining: list[Step] = dataclasses.field(default_factory=list)
    error: ConnectorsError | None = None
    listed: Customer | None = dataclasses.field(default=None, compare=False)
    to_delete: bool = False
    in_chunk: bool = False
    chunk_accepted: bool = False
    chunk_transactions: t.Sequence[Object] = ()

    def set_plan(self, plan: Plan) -> None:
        """Store the plan of the item and reset its steps and its outcome."""
        self.plan = plan
        self.remaining = list(plan.steps)
        self.outcome = Outcome(plan.before or plan.after)

    def fail(self, error: ConnectorsError) -> None:
        """Record an error, which prevents all further steps of the item."""
        self.error = error

    def complete_step(self, action: str) -> None:
        """Record that a bulk request completed the next step."""
        if action == "deleted":
            self.outcome.customer = None
        self.record_action(action)
        self.remaining.pop(0)

    def record_action(self, action: str) -> None:
        """Record the action and the transactions of a bulk request."""
        self.outcome.actions.append(action)
        self.outcome.transactions += self.chunk_transactions

    @property
    def customer(self) -> Customer:
        """The customer before the next step, or an empty dictionary if there is no customer."""
        return mapping(self.outcome.customer)

    @property
    def next_action(self) -> str | None:
        """The action of the next step, or None if the item failed or has no further steps."""
        if self.error or not self.remaining:
            return None
        return self.remaining[0].action

    @property
    def created(self) -> Customer | None:
        """The customer that the next step creates, or None if the next step is not a creation."""
        if self.next_action != "created":
            return None
        return self.plan.after


class Unchanged(t.NamedTuple):
    """A customer in the desired list that is up to date according to the list of customers in the scope."""

    desired: DesiredCustomer
    listed: Customer

    @property
    def error(self) -> ConnectorsError | None:
        """Always None, because only work items can fail."""
        return None


Entry = t.Union[BulkItem, Unchanged]


def work_items(entries: t.Iterable[Entry]) -> list[BulkItem]:
    """Return the entries without the customers that are up to date."""
    return [entry for entry in entries if isinstance(entry, BulkItem)]


def with_next(items: t.Iterable[BulkItem], actions: t.Container[str]) -> list[BulkItem]:
    """Return the items whose next step has one of the specified actions."""
    return [item for item in items if item.next_action in actions]


def failures_of(items: t.Iterable[BulkItem]) -> list[tuple[str | None, str]]:
    """Return the name and the error message of each failed customer."""
    return [(item.desired.name, item.error.message) for item in items if item.error]
