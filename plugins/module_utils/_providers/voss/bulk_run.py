# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Run the planned steps of a bulk run in parallel, and verify them.

Each creation or update is a separate request. Deletions, and moves to the same node, are combined into requests for up
to 100 customers. The results of these requests are verified before tokens are refreshed and customers are
synchronized.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import typing as t
from collections import defaultdict

from ..._errors import ConnectorsError, RequestFailed, TransactionFailed
from . import steps
from .bulk_items import BulkItem, BulkOptions, Entry, with_next, work_items
from .bulk_plan import confirm_deletions
from .client import CUSTOMERS, MOVE, Voss, href
from .customer import CALLS, Outcome, Rules, Step
from .model import Customer, is_omitted, mapping
from .poller import Steps, WorkItem
from .transactions import Change, PollOptions
from .verify import different, normalized, verified_move

CHUNK = 100
CHUNKED = ("moved", "deleted")
BODY_REFUSALS = (400, 405, 411, 413, 415)

Place = tuple[t.Any, str]


def run(voss: Voss, entries: t.Sequence[Entry], rules: Rules, options: BulkOptions, poll_options: PollOptions) -> None:
    """Run all steps of all items. An error is stored in its item and does not affect other customers."""
    voss.poller.place = [("hierarchy", options.scope)]
    items = list(filter(operator.attrgetter("next_action"), work_items(entries)))

    def run_each(selected: t.Iterable[BulkItem], steps_of: t.Callable[[BulkItem], Steps]) -> None:
        works = [WorkItem(steps_of(item), functools.partial(_fail, item, rules)) for item in selected]
        voss.poller.run(works, poll_options, options.parallel)

    def until_chunked(item: BulkItem) -> Steps:
        return steps.run_steps(voss, item.remaining, item.outcome, poll_options, (*CHUNKED, *CALLS), verify_later=True)

    run_each(items, until_chunked)
    confirm_deletions(voss, items, options)
    works: list[WorkItem] = []
    for step, chunk in _chunks(items):
        shared = Outcome(None)
        chunk_steps = _run_chunk(voss, options.scope, step, chunk, shared, poll_options)
        works.append(WorkItem(chunk_steps, functools.partial(_fail_chunk, chunk, shared, rules)))
    voss.poller.run(works, poll_options, options.parallel)
    _verify_together(voss, items, options)
    run_each(_unverified(items), lambda item: steps.verify_one(voss, item.outcome))
    run_each(with_next(items, CHUNKED), lambda item: _run_alone(voss, item, poll_options))
    run_each(with_next(items, CALLS), lambda item: steps.run_steps(voss, item.remaining, item.outcome, poll_options))
    for item in items:
        if item.next_action:
            _fail(
                item,
                rules,
                ConnectorsError("The module did not complete all steps for this customer.", reason="outcome_unknown"),
            )


def _unverified(items: t.Sequence[BulkItem]) -> list[BulkItem]:
    return list(filter(operator.attrgetter("outcome.unverified"), items))


def _fail(item: BulkItem, rules: Rules, error: ConnectorsError) -> None:
    """Store an error in an item, and list the completed and remaining steps in the error message."""
    item.error = steps.explained(error, item.outcome, item.remaining, rules)
    item.outcome.unverified.clear()


def _chunks(items: t.Sequence[BulkItem]) -> t.Iterator[tuple[Step, list[BulkItem]]]:
    """Yield groups of items whose next steps can be combined in one request."""
    groups: dict[tuple[str, str], list[BulkItem]] = defaultdict(list)
    for item in with_next(items, CHUNKED):
        groups[item.remaining[0].action, item.remaining[0].target].append(item)
    for members in groups.values():
        for start in range(0, len(members), CHUNK):
            chunk = members[start : start + CHUNK]
            if len(chunk) > 1:
                yield chunk[0].remaining[0], chunk


def _run_chunk(
    voss: Voss, scope: str, step: Step, items: t.Sequence[BulkItem], shared: Outcome, poll_options: PollOptions
) -> Steps:
    """Move or delete several customers with one bulk request.

    If the transaction is polled, the step stays in ``remaining`` until a later read request shows that the customer
    was moved or deleted.

    :param shared: receives the transaction of the request.
    """
    for item in items:
        item.in_chunk = True
        if len(item.remaining) > 1:
            poll_options = dataclasses.replace(poll_options, wait=True)
    accepted = voss.poller.submit(_chunk_change(voss, scope, step, items))
    yield from steps.await_end(voss, accepted, step.action, shared, poll_options, f"{len(items)} customers")
    if accepted.gone:
        return
    for item in items:
        item.chunk_accepted, item.chunk_transactions = True, shared.transactions
    if not poll_options.wait and not accepted.doubt:
        for item in items:
            item.complete_step(step.action)
    elif step.action == "moved":
        _complete_moves(voss, items, step.target)


def _chunk_change(voss: Voss, scope: str, step: Step, items: t.Sequence[BulkItem]) -> Change:
    pkids = tuple(item.customer["pkid"] for item in items)
    place = [("hierarchy", voss.reference(scope))]
    hrefs = {"hrefs": list(map(href, pkids))}
    if step.action == "moved":
        return Change("POST", MOVE, steps.move_query(place, step.target), hrefs)
    return Change("DELETE", CUSTOMERS, place, hrefs, pkids=pkids)


def _complete_moves(voss: Voss, items: t.Sequence[BulkItem], target: str) -> None:
    """Mark each move as completed if the customer is in the list of customers at the target node.

    A list that cannot be read is not an error, because the transaction has succeeded. Each customer is read afterwards.
    """
    try:
        at_target = voss.customers(target)
    except ConnectorsError:
        return
    for item in items:
        _complete_move(voss, item, target, at_target)


def _complete_move(voss: Voss, item: BulkItem, target: str, at_target: t.Sequence[Customer]) -> None:
    """Mark a move as completed if the list of customers at the target node contains the customer."""
    name, pkid = item.customer["data"]["name"], item.customer["pkid"]
    found = [other for other in at_target if other["pkid"] == pkid]
    if not found:
        found = [other for other in at_target if other["data"]["name"] == name]
    if len(found) != 1 or found[0]["data"]["name"] != name:
        return
    if voss.is_at(found[0], target):
        item.outcome.customer = {**item.customer, "pkid": found[0]["pkid"], "hierarchy": target}
        item.complete_step("moved")


def _fail_chunk(items: t.Sequence[BulkItem], shared: Outcome, rules: Rules, error: ConnectorsError) -> None:
    """Store the error and the transaction of a bulk request in all its items, unless separate requests may succeed.

    Separate requests may succeed if the server or a proxy rejected the request body, or if the transaction failed
    because of one of the customers.
    """
    if isinstance(error, RequestFailed) and error.failure.status in BODY_REFUSALS:
        return
    if error.reason == "transaction_failed":
        return
    for item in items:
        item.outcome.transactions += shared.transactions
        _fail(item, rules, error)


def _verify_together(voss: Voss, items: t.Sequence[BulkItem], options: BulkOptions) -> None:
    """Verify changes by listing the scope again if this requires fewer requests than reading each customer.

    Changes that the list does not show are verified individually afterwards.
    """
    deleted = list(filter(operator.attrgetter("chunk_accepted"), with_next(items, ("deleted",))))
    changed = _unverified(items)
    if len(deleted) + len(changed) <= voss.page_counts.get(options.scope, 1):
        return
    try:
        listed = voss.customers(options.scope)
    except ConnectorsError:
        return
    by_pkid = {customer["pkid"]: customer for customer in listed}
    for item in deleted:
        if item.customer["pkid"] not in by_pkid:
            item.complete_step("deleted")
    _verify_from_list(voss, changed, by_pkid)


def _verify_from_list(voss: Voss, items: t.Sequence[BulkItem], by_pkid: t.Mapping[str, Customer]) -> None:
    """Mark changes as verified if the current list of customers in the scope shows them."""
    by_place: dict[Place, list[Customer]] = defaultdict(list)
    for customer in by_pkid.values():
        by_place[customer["hierarchy"], customer["data"]["name"]].append(customer)
    for item in items:
        unverified, item.outcome.unverified = item.outcome.unverified, []
        for step, before in unverified:
            if step.action == "created":
                is_shown = _is_creation_shown(voss, item, before, by_place)
            else:
                shown = by_pkid.get(item.customer["pkid"], {"data": {}})
                is_shown = _is_update_shown(item, step, shown)
            if not is_shown:
                item.outcome.unverified.append((step, before))


def _is_update_shown(item: BulkItem, step: Step, shown: Customer) -> bool:
    """Return whether a list shows an update.

    A missing attribute is empty only if the list of customers before the update contained this attribute.
    """
    if different(shown, {**step.changes, "name": step.body["name"]}):
        return False
    listed_before = mapping(mapping(item.listed).get("data"))
    return not is_omitted({**listed_before, **shown["data"]}, step.changes)


def _is_creation_shown(
    voss: Voss, item: BulkItem, before: Customer, by_place: t.Mapping[Place, t.Sequence[Customer]]
) -> bool:
    """Return whether a list contains a newly created customer. If it does, store the pkid in the outcome."""
    name = before["data"]["name"]
    found = by_place.get((before["hierarchy"], name), ())
    if len(found) != 1 or item.customer["pkid"] not in (None, found[0]["pkid"]):
        return False
    voss.note_normalized(normalized(found[0], before["data"]), name)
    item.outcome.customer = {**before, "pkid": found[0]["pkid"]}
    return True


def _run_alone(voss: Voss, item: BulkItem, poll_options: PollOptions) -> Steps:
    """Run the next step with a separate request, unless a bulk request has already completed the step."""
    action = item.remaining[0].action
    if item.in_chunk and _was_completed(voss, item, item.remaining[0]):
        return
    yield from steps.run_steps(voss, item.remaining, item.outcome, poll_options, CALLS)
    if action == "deleted" and item.chunk_accepted and action not in item.outcome.actions:
        item.record_action(action)  # the bulk request deleted the customer


def _was_completed(voss: Voss, item: BulkItem, step: Step) -> bool:
    """Read the customer to determine whether a bulk request completed a step, and record the completion.

    :raises ConnectorsError: the customer cannot be read. If the transaction succeeded, the action is recorded.
    """
    if step.action == "moved" and item.chunk_accepted:
        return _was_moved(voss, item, step)
    try:
        current = voss.customer(item.customer["pkid"], item.customer)
    except ConnectorsError:
        if item.chunk_transactions:
            item.record_action(step.action)
        raise
    if current is None:
        is_completed = step.action == "deleted"
    else:
        is_completed = step.action == "moved" and voss.is_at(current, step.target)
    if is_completed:
        item.complete_step(step.action)
        item.outcome.customer = current
    return is_completed


def _was_moved(voss: Voss, item: BulkItem, step: Step) -> bool:
    """Verify a move by reading the customer as after a separate request. Return False if the move must be sent again.

    A move with a successful transaction is not sent again, because the server rejects it if the customer was moved.

    :raises ConnectorsError: the customer cannot be read, or is not at the target although its transaction succeeded.
    """
    before = item.customer
    if not item.chunk_transactions:
        try:
            current = verified_move(voss, before, step.target, None)
        except TransactionFailed:
            return False
        item.complete_step("moved")
    else:
        item.record_action("moved")
        current = verified_move(voss, before, step.target, None)
        item.remaining.pop(0)
    item.outcome.customer = current
    return True
