# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Run the planned steps for a customer: send each change, wait for its transaction, and verify the result."""

from __future__ import annotations

import dataclasses
import operator
import time
import typing as t

from ..._errors import ConnectorsError, OutcomeUnknown, TransactionFailed
from ..._plan import Object
from . import model, verify
from .client import CUSTOMERS, MODEL, MOVE, Voss, href
from .customer import CALLS, SYNCS, Outcome, Plan, Rules, Step
from .model import Customer
from .poller import Steps, disputed
from .query import Pairs
from .transactions import CHECK_FIRST, Accepted, Change, PollOptions, Transaction, failure_of

ACTION_OF = operator.attrgetter("action")
SYNC_ACTIONS = frozenset(dict(SYNCS.values()))


def run(voss: Voss, plan: Plan, poll_options: PollOptions, rules: Rules) -> Outcome:
    """Run the steps of a plan. Each step starts after the transaction of the previous step has ended.

    If ``poll_options.wait`` is false, the transaction of the last step is not polled.

    :raises ConnectorsError: a step failed. The ``result`` of the error contains the completed steps and their
        transactions.
    """
    outcome = Outcome(plan.before or plan.after)
    remaining = list(plan.steps)
    try:
        if remaining:
            voss.poller.run_one(run_steps(voss, remaining, outcome, poll_options), poll_options)
        return dataclasses.replace(outcome, customer=_final_customer(voss, plan, outcome, poll_options))
    except ConnectorsError as error:
        raise explained(error, outcome, remaining, rules) from None


def run_steps(
    voss: Voss,
    remaining: list[Step],
    outcome: Outcome,
    poll_options: PollOptions,
    until: t.Container[str] = (),
    verify_later: bool = False,
) -> Steps:
    """Run steps one after another, and remove each completed step from ``remaining``.

    :param until: stop before a step with one of these actions.
    :param verify_later: whether to add creations and updates with a successful transaction to ``outcome.unverified``,
        so that the caller can verify many of them with one request.
    :raises ConnectorsError: the first of the remaining steps failed.
    """
    for step in list(remaining):
        if step.action in until:
            return
        waiting = poll_options if len(remaining) == 1 else dataclasses.replace(poll_options, wait=True)
        yield from _run_step(voss, step, outcome, waiting, verify_later)
        remaining.pop(0)


def explained(error: ConnectorsError, outcome: Outcome, remaining: t.Sequence[Step], rules: Rules) -> ConnectorsError:
    """Return a copy of an error whose message also lists the completed steps and the steps that were not run."""
    copy = error.with_message(error.message + progress(outcome.actions, list(map(ACTION_OF, remaining)), rules))
    copy.result.update(actions=outcome.actions, transactions=outcome.transactions, changed=bool(outcome.actions))
    return copy


def progress(completed: t.Sequence[str], remaining: t.Sequence[str], rules: Rules) -> str:
    """Return sentences that list the completed steps and the steps that were not run.

    :param remaining: the failed step, followed by the steps that were not run.
    """
    text = ""
    if completed:
        text += f" Completed steps: {', '.join(completed)}."
    if len(remaining) > 1:
        text += f" Steps not run: {', '.join(remaining[1:])}."
    if completed and not rules.sync_always and not SYNC_ACTIONS.isdisjoint(remaining):
        text += " The next run does not synchronize an unchanged customer. Run the task once with 'sync_when: always'."
    return text


def _run_step(voss: Voss, step: Step, outcome: Outcome, poll_options: PollOptions, verify_later: bool) -> Steps:
    """Send a change, wait for its transaction, verify the change and record it in the outcome."""
    before = outcome.customer
    if before is None:
        return
    change = _request(step, before)
    accepted = _send(voss, change, before)
    described = f"the customer '{before['data'].get('name')}'"
    ended = yield from await_end(voss, accepted, step.action, outcome, poll_options, described)
    if accepted.gone:
        verify.verified_deletion(voss, before, None)
        outcome.customer = None
        return
    pkid = before["pkid"]
    if step.action == "created":
        pkid = ended["pkid"] if ended else accepted.pkid
    sent = {**before, "pkid": pkid}
    doubt = _doubt_about(voss, step, change, accepted, ended)
    outcome.actions.append(step.action)
    if accepted.transaction and not ended:  # polling of transactions is disabled
        outcome.customer = _expected(step, sent)
    elif verify_later and step.is_listed and not doubt:
        outcome.customer = _expected(step, sent)
        outcome.unverified.append((step, before))
    else:
        _verify(voss, outcome, step, sent, doubt)


def _expected(step: Step, customer: Customer) -> Customer | None:
    """Return the expected state of a customer after a change, without reading the customer."""
    if step.action == "updated":
        return model.after_changes(customer, {"name": step.body["name"]})  # later steps only require the name
    return None if step.action == "deleted" else customer


def _send(voss: Voss, change: Change, customer: Customer) -> Accepted:
    """Send a change. Send a creation only once, and only if no customer at the node has the same or a similar name."""
    if change.repeatable:
        return voss.poller.submit(change)
    verify.refuse_existing(voss, customer)
    try:
        return voss.poller.submit(change)
    except OutcomeUnknown as error:
        return Accepted(None, verify.seen_created(voss, customer, error)["pkid"])


def await_end(
    voss: Voss, accepted: Accepted, action: str, outcome: Outcome, poll_options: PollOptions, described: str
) -> t.Generator[Accepted, Transaction, Transaction | None]:
    """Record the transaction of a change in the outcome, wait until the transaction has ended, and return it.

    :param described: a description of the changed customers for the error message.
    :returns: None if the change has no transaction, or if the transaction is not polled.
    :raises TransactionFailed: the transaction failed or did not end in time.
    """
    if not accepted.transaction:
        return None
    started = time.monotonic()
    entry: Object = {"id": accepted.transaction, "action": action, "status": "submitted", "seconds": None}
    outcome.transactions.append(entry)
    if not poll_options.wait:
        return None
    ended = yield accepted
    entry.update(status=ended["status"], seconds=round(time.monotonic() - started, 3))
    if ended["state"] == "failed":
        cause = (ended["message"] or "VOSS Automate returned no cause").rstrip(". ")
        raise TransactionFailed(
            f"The action '{action}' failed for {described}: {cause} (transaction {ended['id']}).",
            {"failure": dataclasses.asdict(failure_of(voss.http, ended))},
        )
    return ended


def _doubt_about(
    voss: Voss, step: Step, change: Change, accepted: Accepted, ended: Transaction | None
) -> ConnectorsError | None:
    """Return the error to raise if reading the customer does not confirm a change, or None if the change is proven."""
    if not ended:
        return accepted.doubt
    if voss.poller.is_doubtful(accepted):
        return disputed(accepted)
    if change.concerns(ended["pkid"]):
        return None
    return ConnectorsError(
        f"The transaction {accepted.transaction} of the action '{step.action}' changed a different customer (pkid"
        f" {ended['pkid']})."
        f" {CHECK_FIRST}",
        reason="invalid_response",
    )


def _request(step: Step, customer: Customer) -> Change:
    """Return the request for a step."""
    place = [("hierarchy", customer["hierarchy"])] if customer["hierarchy"] else []
    if step.action == "created":
        return Change("POST", CUSTOMERS, place, step.body, repeatable=False)
    pkids = (customer["pkid"],)
    path = href(customer["pkid"]) + "/"
    if step.action == "moved":
        # Do not compare the pkid, because a move can assign a new pkid to the customer.
        return Change("POST", MOVE, move_query(place, step.target), {"hrefs": [href(customer["pkid"])]})
    if step.action in CALLS:
        return Change("POST", f"{path}{CALLS[step.action]}/", place, {}, pkids=pkids)
    return Change({"updated": "PUT", "deleted": "DELETE"}[step.action], path, place, step.body, pkids=pkids)


def move_query(place: Pairs, target: str) -> Pairs:
    """Return the query parameters for a move between two nodes."""
    return [("model_type", MODEL), *place, ("context_hierarchy", target)]


def _verify(voss: Voss, outcome: Outcome, step: Step, sent: Customer, doubt: ConnectorsError | None) -> None:
    """Verify a change by reading the customer. If the change is not proven, remove its action from the outcome.

    :param sent: the customer before the change. After a creation, it has the new pkid, if known.
    :param doubt: the error to raise if reading does not confirm the change; None if the response or the transaction
        proves the change.
    """
    try:
        _read(voss, outcome, step, sent, doubt)
    except Exception as error:
        if doubt or isinstance(error, verify.NotMade):
            outcome.actions.remove(step.action)
        raise


def _read(voss: Voss, outcome: Outcome, step: Step, sent: Customer, doubt: ConnectorsError | None) -> None:
    """Verify a change by reading the customer, and store the result. Synchronizations cannot be verified."""
    if step.action == "deleted":
        verify.verified_deletion(voss, sent, doubt)
        outcome.customer = None
    elif step.action == "created":
        outcome.read = outcome.customer = verify.verified_creation(voss, sent, doubt)
    elif step.action == "updated":
        outcome.read = verify.verified_update(voss, sent, step.body["name"], step.changes, doubt)
        outcome.customer = _expected(step, sent)
    elif step.action == "moved":
        outcome.read = outcome.customer = verify.verified_move(voss, sent, step.target, doubt)
    elif doubt:
        raise doubt
    elif step.action == "access_token_refreshed":
        outcome.read = None


def verify_one(voss: Voss, outcome: Outcome) -> Steps:
    """Verify the unverified changes to one customer by reading the customer.

    :raises ConnectorsError: a change was not made. Its action is removed from the outcome.
    """
    while outcome.unverified:
        step, before = outcome.unverified[0]
        current = {**(outcome.customer or before), "data": before["data"]}  # a move can change the pkid
        if step.action == "created":
            outcome.customer = before
        _verify(voss, outcome, step, current, None)
        outcome.unverified.pop(0)
    yield from ()


def _final_customer(voss: Voss, plan: Plan, outcome: Outcome, poll_options: PollOptions) -> Customer | None:
    """Return the state of the customer after the run, as it was read after the last change."""
    if plan.after is None:
        return None
    found = {**plan.after, "pkid": model.mapping(outcome.customer).get("pkid")}
    current = outcome.read
    if current is None and found["pkid"] and poll_options.wait and _sets_attributes(plan, outcome):
        current = voss.customer(found["pkid"])
    if current:
        found["data"] = current["data"]
    return found


def _sets_attributes(plan: Plan, outcome: Outcome) -> bool:
    """Return whether the server may have set attributes, for example the expiry of a new token."""
    return bool(plan.written) or "access_token_refreshed" in outcome.actions
