# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Build the result of a bulk run: a report for each customer, the summary, the diff and the error message."""

from __future__ import annotations

import dataclasses
import typing as t

from ..._errors import ConnectorsError, Failure
from ..._plan import Object, complaint, result_of
from .bulk_items import BulkItem, failures_of
from .customer import Plan, difference
from .model import place_of
from .steps import ACTION_OF, SYNC_ACTIONS

ACTIONS = ("created", "updated", "moved", "deleted", "synced", "unchanged", "failed")


def report(item: BulkItem, check_mode: bool) -> Object:
    """Return the result for one customer, with details if the customer changed or failed."""
    actions = item.outcome.actions
    if check_mode and not item.error:
        actions = list(map(ACTION_OF, item.remaining))
    plan = _completed(item) if item.error else item.plan
    planned = plan.after or plan.before or {}
    current = item.outcome.customer or planned
    found: Object = {
        "name": item.desired.name,
        "hierarchy_path": planned.get("hierarchy_path") or _desired_path(item),
        "pkid": current.get("pkid"),
        "action": _action(actions, item.error),
        "changed": bool(actions),
        "transactions": list(item.outcome.transactions),
    }
    if item.error:
        without_request = dataclasses.asdict(Failure("voss", reason=item.error.reason))
        found.update(error=item.error.message, failure=item.error.result.get("failure", without_request))
    if actions:
        found.update(actions=list(actions), diff=difference(plan))
    return found


def _desired_path(item: BulkItem) -> str:
    """Return the path for an item without a plan: the current node if the item failed, otherwise the desired node."""
    if item.error and item.listed:
        return str(place_of(item.listed))
    return item.desired.destination


def _completed(item: BulkItem) -> Plan:
    """Return the part of the plan of a failed item that was completed before the failure."""
    plan, actions = item.plan, item.outcome.actions
    steps = tuple(step for step in plan.steps if step.action in actions)
    if plan.before is None or plan.after is None:
        return dataclasses.replace(plan, steps=steps)
    after, written = dict(plan.before), plan.written
    if "updated" in actions:
        after["data"] = plan.after["data"]
    else:
        written = ()
    if "moved" in actions:
        after.update(hierarchy=plan.after["hierarchy"], hierarchy_path=plan.after["hierarchy_path"])
    return Plan(plan.before, after, steps, written)


def _action(actions: t.Sequence[str], error: ConnectorsError | None) -> str:
    """Return the key under which the summary counts a customer.

    The key is the first action of the customer for which the summary has a key. A refreshed token counts as an update.
    A customer that was only synchronized counts as ``synced``.
    """
    if error:
        return "failed"
    if not actions:
        return "unchanged"
    if SYNC_ACTIONS.issuperset(actions):
        return "synced"
    return next(filter(ACTIONS.__contains__, actions), "updated")


def result(items: t.Sequence[BulkItem], check_mode: bool) -> Object:
    """Return the result of the task."""
    reports = [report(item, check_mode) for item in items]
    return result_of("customers", reports, ACTIONS, lambda entry: f"{entry['hierarchy_path']}: {entry['name']}")


def error_message(items: t.Sequence[BulkItem], check_mode: bool) -> str:
    """Return a single error message that covers all failed customers."""
    return complaint("customers", failures_of(items), len(items), check_mode)
