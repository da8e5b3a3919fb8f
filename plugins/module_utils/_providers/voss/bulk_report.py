# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Build the result of a bulk run: a report for each customer, the summary, the diff and the error message."""

from __future__ import annotations

import dataclasses
import functools
import operator
import typing as t
from collections import Counter

from ..._errors import ConnectorsError, failure_of
from ..._plan import Object, complaint, result_of
from .bulk_items import BulkItem, Entry, Unchanged, failures_of, work_items
from .customer import Plan, difference
from .model import place_of
from .steps import ACTION_OF, SYNC_ACTIONS

ACTIONS = ("created", "updated", "moved", "deleted", "synced", "unchanged", "failed")
CHANGED = operator.itemgetter("changed")


def report(entry: Entry, check_mode: bool) -> Object:
    """Return the result for one customer, with details if the customer changed or failed."""
    if isinstance(entry, Unchanged):
        path = entry.listed["hierarchy_path"] or entry.desired.destination
        return _report(entry.desired.name, path, entry.listed["pkid"], "unchanged", ())
    return _report_of_item(entry, check_mode)


def _report(
    name: str | None, path: str, pkid: str | None, action: str, transactions: t.Iterable[Object], changed: bool = False
) -> Object:
    return {
        "name": name,
        "hierarchy_path": path,
        "pkid": pkid,
        "action": action,
        "changed": changed,
        "transactions": list(transactions),
    }


def _report_of_item(item: BulkItem, check_mode: bool) -> Object:
    actions = item.outcome.actions
    if check_mode and not item.error:
        actions = list(map(ACTION_OF, item.remaining))
    plan = _completed(item) if item.error else item.plan
    planned = plan.after or plan.before or {}
    current = item.outcome.customer or planned
    path = planned.get("hierarchy_path") or _desired_path(item)
    action = _action(actions, item.error)
    found = _report(item.desired.name, path, current.get("pkid"), action, item.outcome.transactions, bool(actions))
    if item.error:
        found.update(error=item.error.message, failure=failure_of(item.error, "voss"))
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


def result(entries: t.Sequence[Entry], check_mode: bool) -> Object:
    """Return the result of the task."""
    reports = [report(entry, check_mode) for entry in entries]
    counts = Counter(map(_place_and_name, filter(CHANGED, reports)))
    return result_of("customers", reports, ACTIONS, functools.partial(_diff_key, counts))


def _place_and_name(report: Object) -> str:
    return f"{report['hierarchy_path']}: {report['name']}"


def _diff_key(counts: t.Mapping[str, int], report: Object) -> str:
    """Return the key of a customer in the diff. It contains the pkid if several customers have the same path and name.

    :param counts: the number of changed customers for each path and name.
    """
    key = _place_and_name(report)
    pkid = report["pkid"]
    if counts[key] == 1:
        return key
    return f"{key} (pkid {pkid})" if pkid else key


def error_message(entries: t.Sequence[Entry], check_mode: bool) -> str:
    """Return a single error message that covers all failed customers."""
    return complaint("customers", failures_of(work_items(entries)), len(entries), check_mode)
