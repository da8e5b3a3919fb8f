# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""The items of a bulk run: what each customer of a list needs, and what was done for it."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import (
    DesiredCustomer,
    Outcome,
    Plan,
    Step,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import Customer


@dataclasses.dataclass(frozen=True)
class BulkOptions:
    """The scope of a bulk run, and what the run does to customers in the scope that the list does not select."""

    scope: str
    absent: bool = False
    relocate: bool = False
    prune: bool = False
    prune_limit: int = 5
    parallel: int = 8


@dataclasses.dataclass
class BulkItem:
    """One customer of the list, or one customer that is pruned.

    :ivar listed: the selected customer as the list of the scope shows it; None if it does not exist.
    :ivar remaining: the steps that were not run yet.
    :ivar in_chunk: whether a request for many customers named this customer.
    :ivar chunk_transactions: the transactions of that request; None if the server did not accept it.
    """

    desired: DesiredCustomer
    plan: Plan | None = None
    outcome: Outcome = dataclasses.field(default_factory=lambda: Outcome(None))
    remaining: list[Step] = dataclasses.field(default_factory=list)
    error: ConnectorsError | None = None
    listed: Customer | None = dataclasses.field(default=None, compare=False)
    pruned: bool = False
    in_chunk: bool = False
    chunk_transactions: list[Object] | None = None

    def set_plan(self, plan: Plan) -> None:
        """Store the plan and reset the steps and the outcome."""
        self.plan = plan
        self.remaining = list(plan.steps)
        self.outcome = Outcome(plan.before or plan.after)

    def fail(self, error: ConnectorsError) -> None:
        """Store the error that prevents any further step."""
        self.error = error

    def complete_step(self, action: str) -> None:
        """Record that the request for many customers completed the next step."""
        if action == "deleted":
            self.outcome.customer = None
        self.outcome.actions.append(action)
        self.outcome.transactions += self.chunk_transactions or ()
        self.remaining.pop(0)

    @property
    def is_missing(self) -> bool:
        """Whether the scope does not contain the customer."""
        return self.listed is None and self.error is None

    @property
    def next_action(self) -> str | None:
        """The action of the next step; None if there is none or the item failed."""
        if self.error or not self.remaining:
            return None
        return self.remaining[0].action

    @property
    def created(self) -> Customer | None:
        """The customer that the next step creates; None if the next step is not a creation."""
        if self.plan is None or self.next_action != "created":
            return None
        return self.plan.after


def failures_of(items: t.Iterable[BulkItem]) -> list[tuple[str | None, str]]:
    """Return the name of each failed customer, and its error message."""
    return [(item.desired.name, item.error.message) for item in items if item.error]
