# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Run the planned steps of one customer: send each change, wait for its transaction, verify the result."""

from __future__ import annotations

import dataclasses
import time
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    OutcomeUnknown,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import model, verify
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import (
    CUSTOMERS,
    MODEL,
    MOVE,
    Voss,
    href,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import (
    CALLS,
    SYNCS,
    Outcome,
    Plan,
    Rules,
    Step,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import Customer
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.poller import Steps, WorkItem, disputed
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.query import Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import (
    CHECK_FIRST,
    Accepted,
    Change,
    PollOptions,
    Transaction,
    failure_of,
)


def run(voss: Voss, plan: Plan, poll_options: PollOptions, rules: Rules) -> Outcome:
    """Run the steps of a plan, each after the transaction of the previous step has ended.

    If ``poll_options.wait`` is false, the transaction of the last step is not polled.

    :raises ConnectorsError: a step failed. Its ``result`` contains the completed steps and their transactions.
    """
    outcome = Outcome(plan.before or plan.after)
    remaining = list(plan.steps)
    errors: list[ConnectorsError] = []
    if remaining:
        voss.poller.run([WorkItem(run_steps(voss, remaining, outcome, poll_options), errors.append)], poll_options)
    if errors:
        raise explained(errors[0], outcome, remaining, rules)
    try:
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
    """Run steps one after the other and remove each completed step from ``remaining``.

    :param until: stop before a step with one of these actions.
    :param verify_later: add creations and updates with a successful transaction to ``outcome.unverified``, so that
        many of them can be verified together.
    :raises ConnectorsError: the first of the remaining steps failed.
    """
    while remaining and remaining[0].action not in until:
        waiting = poll_options if len(remaining) == 1 else dataclasses.replace(poll_options, wait=True)
        yield from _run_step(voss, remaining[0], outcome, waiting, verify_later)
        remaining.pop(0)


def explained(error: ConnectorsError, outcome: Outcome, remaining: t.Sequence[Step], rules: Rules) -> ConnectorsError:
    """Return the error of a step with the completed steps and the steps that were not run."""
    message = error.message + progress(outcome.actions, [step.action for step in remaining], rules)
    copy = ConnectorsError(message, reason=error.reason)
    if isinstance(error, RequestFailed):
        copy = type(error)(message, error.failure)
    elif type(error).__init__ is ConnectorsError.__init__:
        copy = type(error)(message, reason=error.reason)
    copy.result.update(error.result)
    copy.result.update(actions=outcome.actions, transactions=outcome.transactions, changed=bool(outcome.actions))
    return copy


def progress(completed: t.Sequence[str], remaining: t.Sequence[str], rules: Rules) -> str:
    """Return sentences about the steps before and after a failed step, which is the first of ``remaining``."""
    text = ""
    if completed:
        text += f" Completed steps: {', '.join(completed)}."
    if len(remaining) > 1:
        text += f" Steps not run: {', '.join(remaining[1:])}."
    sync_actions = {action for action, _call in SYNCS.values()}
    if completed and not rules.sync_always and not sync_actions.isdisjoint(remaining):
        text += " The next run does not synchronize an unchanged customer. Run the task once with 'sync_when: always'."
    return text


def _run_step(voss: Voss, step: Step, outcome: Outcome, poll_options: PollOptions, verify_later: bool) -> Steps:
    customer = outcome.customer
    if customer is None:
        return
    accepted = _send(voss, step, customer)
    described = f"the customer '{customer['data'].get('name')}'"
    ended = yield from await_end(voss, accepted, step.action, outcome, poll_options, described)
    if accepted.gone:
        verify.verified_deletion(voss, customer, None)
        outcome.customer = None
    else:
        _record(voss, step, outcome, customer, accepted, ended, verify_later)


def _record(
    voss: Voss,
    step: Step,
    outcome: Outcome,
    customer: Customer,
    accepted: Accepted,
    ended: Transaction | None,
    verify_later: bool,
) -> None:
    """Record a step in the outcome. It is verified first, unless its transaction is running or this happens later."""
    doubt = accepted.doubt or _doubt_about(voss, accepted, ended, step.action, customer["pkid"])
    expected = _expected(step, customer, accepted, ended)
    is_running = bool(accepted.transaction) and not ended
    is_later = verify_later and not doubt and step.action in ("created", "updated")
    if not is_running and not is_later:
        _verify(voss, step, outcome, customer, expected, doubt)
        return
    outcome.actions.append(step.action)
    outcome.customer = expected
    if not is_running and (step.action == "created" or step.changes):
        outcome.unverified.append((step, customer))


def _send(voss: Voss, step: Step, customer: Customer) -> Accepted:
    """Send a change. A creation is sent once, and only if no customer at the node has the name."""
    if step.action != "created":
        return voss.poller.submit(_request(step, customer))
    verify.refuse_existing(voss, customer)
    try:
        return voss.poller.submit(_request(step, customer))
    except OutcomeUnknown as error:
        found = verify.seen_created(voss, customer, error)
        return Accepted(None, found["pkid"])


def await_end(
    voss: Voss, accepted: Accepted, action: str, outcome: Outcome, poll_options: PollOptions, described: str
) -> t.Generator[Accepted, Transaction, Transaction | None]:
    """Add the transaction of a change to the outcome and return it after it has ended.

    :param described: the customers that the change is about, for the error message.
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
        cause = (ended["message"] or "the server returned no reason").rstrip(". ")
        raise TransactionFailed(
            f"The action '{action}' failed for {described}: {cause} (transaction {ended['id']}).",
            {"failure": dataclasses.asdict(failure_of(voss.http, ended))},
        )
    return ended


def _doubt_about(
    voss: Voss, accepted: Accepted, ended: Transaction | None, action: str, pkid: str | None
) -> ConnectorsError | None:
    """Return the error to raise if reading does not show the change; None if the transaction proves the change.

    :param pkid: the pkid of the customer. A creation or a move can give the customer a new pkid.
    """
    if not ended:
        return None
    if voss.poller.is_doubtful(accepted):
        return disputed(accepted)
    if action in ("created", "moved") or ended["pkid"] in (None, pkid):
        return None
    return ConnectorsError(
        f"The transaction {accepted.transaction} ('{action}') changed a different customer (pkid {ended['pkid']})."
        f" {CHECK_FIRST}",
        reason="invalid_response",
    )


def _request(step: Step, customer: Customer) -> Change:
    """Return the request of a step."""
    place = [("hierarchy", customer["hierarchy"])] if customer["hierarchy"] else []
    if step.action == "created":
        return Change("POST", CUSTOMERS, place, step.body, repeatable=False)
    pkids = (customer["pkid"],)
    path = href(customer["pkid"]) + "/"
    if step.action == "moved":
        # A move can give the customer a new pkid, so the response is not compared with the pkid.
        return Change("POST", MOVE, move_query(place, step.target), {"hrefs": [href(customer["pkid"])]})
    if step.action in CALLS:
        return Change("POST", f"{path}{CALLS[step.action]}/", place, {}, pkids=pkids)
    return Change({"updated": "PUT", "deleted": "DELETE"}[step.action], path, place, step.body, pkids=pkids)


def move_query(place: Pairs, target: str) -> Pairs:
    """Return the query parameters of a move between two nodes."""
    return [("model_type", MODEL), *place, ("context_hierarchy", target)]


def _expected(step: Step, customer: Customer, accepted: Accepted, ended: Transaction | None) -> Customer | None:
    """Return the customer after a step, as far as the customer is known without reading it."""
    if step.action == "deleted":
        return None
    if step.action == "created":
        pkid = accepted.pkid
        if ended and not pkid:
            pkid = ended["pkid"]
        return {**customer, "pkid": pkid or None}
    if step.action == "updated":
        return model.after_changes(customer, {"name": step.body["name"]})  # the later steps need only the name
    return customer


def _verify(
    voss: Voss,
    step: Step,
    outcome: Outcome,
    before: Customer,
    expected: Customer | None,
    doubt: ConnectorsError | None,
) -> None:
    """Verify a step by reading and add its action to the outcome.

    :param doubt: the error to raise if reading does not show the change; None if the response or the transaction
        proves the change.
    """
    if not doubt:
        outcome.actions.append(step.action)
    try:
        _read(voss, step, outcome, before, expected, doubt)
    except verify.NotMade:
        outcome.actions.remove(step.action)
        raise
    if doubt:
        outcome.actions.append(step.action)


def _read(
    voss: Voss,
    step: Step,
    outcome: Outcome,
    before: Customer,
    expected: Customer | None,
    doubt: ConnectorsError | None,
) -> None:
    """Verify a step by reading and store the customer in the outcome. A synchronization cannot be verified."""
    if step.action == "deleted":
        verify.verified_deletion(voss, before, doubt)
        outcome.customer = None
    elif step.action == "created":
        outcome.read = outcome.customer = verify.verified_creation(voss, expected or before, doubt)
    elif step.action == "updated":
        outcome.read = verify.verified_update(voss, before, step.body["name"], step.changes, doubt)
        outcome.customer = expected
    elif step.action == "moved":
        outcome.read = outcome.customer = verify.verified_move(voss, before, step.target, doubt)
    elif doubt:
        raise doubt
    elif step.action == "access_token_refreshed":
        outcome.read = None


def verify_one(voss: Voss, outcome: Outcome) -> Steps:
    """Verify the unverified changes of one customer by reading.

    :raises ConnectorsError: a change was not made. The outcome does not contain its action anymore.
    """
    while outcome.unverified:
        step, before = outcome.unverified[0]
        if step.action == "created":
            reported, outcome.customer = outcome.customer or before, before
            outcome.customer = verify.verified_creation(voss, reported, None)
        else:
            current = {**before, "pkid": (outcome.customer or before)["pkid"]}  # a move can change the pkid
            try:
                verify.verified_update(voss, current, step.body["name"], step.changes, None)
            except verify.NotMade:
                outcome.actions.remove(step.action)
                raise
        outcome.unverified.pop(0)
    yield from ()


def _final_customer(voss: Voss, plan: Plan, outcome: Outcome, poll_options: PollOptions) -> Customer | None:
    """Return the customer after the run. It is read only if the server sets attributes of its own."""
    if plan.after is None:
        return None
    found = {**plan.after, "pkid": outcome.customer and outcome.customer["pkid"]}
    if {"created", "access_token_refreshed"}.isdisjoint(outcome.actions):
        return found
    current = outcome.read
    if current is None and found["pkid"] and poll_options.wait:
        current = voss.customer(found["pkid"])
    if current:
        found["data"] = current["data"]
    return found
