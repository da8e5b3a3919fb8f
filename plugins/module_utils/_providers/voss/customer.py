# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""One customer, from what is wanted to what was done: find, plan, apply.

A plan is made of reads alone and says all that will happen, so check mode is a plan that is not applied.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t
from datetime import datetime, timezone

from ansible_collections.hybrid.connectors.plugins.module_utils._client import segment
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    OutcomeUnknown,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, only_one
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import model
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import (
    CUSTOMERS,
    MODEL,
    MOVE,
    Voss,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import is_above_customers
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
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.verify import (
    NotMade,
    refuse_existing,
    refuse_similar,
    seen_created,
    verified_creation,
    verified_deletion,
    verified_move,
    verified_update,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._timestamps import days_left

Called = t.Callable[[str, str], t.Sequence[Customer]]

SYNCS = {
    "roles_licences": ("roles_licences_synced", "+SyncWebexTeamsRolesLicences"),
    "users": ("users_synced", "+SyncWebexTeamsUsers"),
}
CALLS = {**dict(SYNCS.values()), "access_token_refreshed": "+RefreshAccessToken"}


@dataclasses.dataclass(frozen=True)
class DesiredCustomer:
    """What a user wants of one customer.

    Attributes carry the API's names; those that are left as they are, are absent.
    """

    hierarchy: str
    name: str | None
    pkid: str | None
    settings: Object
    secrets: Object
    sync_on_create: bool | None = None
    target: str | None = None
    scope: str | None = None


@dataclasses.dataclass(frozen=True)
class Rules:
    """What is done beside the attributes, and when."""

    rewrite_secrets: bool = False
    sync: tuple[str, ...] = ()
    sync_always: bool = False
    refresh: str = "never"
    token_min_days: float = 3.0


@dataclasses.dataclass(frozen=True)
class Step:
    """One change: its name as it is returned, and what it carries beside the customer it is about.

    ``changes`` has the settings that an update writes because they differ.
    """

    action: str
    body: Object = dataclasses.field(default_factory=dict)
    target: str = ""
    changes: Object = dataclasses.field(default_factory=dict, compare=False)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What there is, what there will be, and the steps from one to the other. ``written`` names the secrets in them."""

    before: Customer | None
    after: Customer | None
    steps: tuple[Step, ...] = ()
    written: tuple[str, ...] = ()


@dataclasses.dataclass
class Outcome:
    """What was done.

    :ivar read: the customer as a GET showed it after the last change, if it was read.
    :ivar unverified: the changes that reading has not shown yet, each with the customer before it.
    """

    customer: Customer | None
    actions: list[str] = dataclasses.field(default_factory=list)
    transactions: list[Object] = dataclasses.field(default_factory=list)
    read: Customer | None = dataclasses.field(default=None, compare=False)
    unverified: list[tuple[Step, Customer]] = dataclasses.field(default_factory=list, compare=False)


def find(voss: Voss, wanted: DesiredCustomer, to_delete: bool = False) -> Customer | None:
    """The customer that is meant, as a GET shows it, or None.

    :param to_delete: one that the list shows may as well be gone already.
    :raises InputError: several are called so and none of them is at the node itself; or the hierarchy is unknown.
    """
    if wanted.pkid:
        return _with_path(voss, voss.customer(wanted.pkid))
    name = str(wanted.name)
    hint = chosen(voss, wanted.hierarchy, voss.customers_called(name, wanted.hierarchy, certain=not wanted.target))
    if hint is None and wanted.target:
        hint = (
            chosen(voss, wanted.target, voss.customers_called(name, wanted.target, certain=False))
            or chosen(voss, wanted.hierarchy, voss.customers_called(name, wanted.hierarchy))
            or chosen(voss, wanted.target, voss.customers_called(name, wanted.target))
        )
    if hint is None:
        return None
    return voss.customer(hint["pkid"], hint) if to_delete else voss.listed_customer(hint)


def chosen(voss: Voss, hierarchy: str, hints: t.Sequence[Customer], option: str = "pkid") -> Customer | None:
    """The one that is meant of customers of one name: the one at the node itself, else the only one.

    :param option: the option that says which one is meant.
    :raises InputError: there are several.
    """
    if not hints:
        return None
    there = [hint for hint in hints if voss.is_at(hint, hierarchy)]
    return only_one(
        there or hints,
        f"customers are called '{hints[0]['data'].get('name')}' {'at' if there else 'below'} '{hierarchy}'",
        lambda hint: f"{model.place_of(hint)} (pkid {hint['pkid']})",
        option,
    )


def _with_path(voss: Voss, customer: Customer | None) -> Customer | None:
    """A GET does not show the path of a customer; its node does."""
    if customer and customer["hierarchy"] and not customer["hierarchy_path"]:
        try:
            node = voss.node(customer["hierarchy"])
        except (InputError, RequestFailed):
            return customer
        customer.update(hierarchy_path=node.path, nodes=customer["nodes"] or node.nodes)
    return customer


def plan_present(voss: Voss, wanted: DesiredCustomer, rules: Rules) -> Plan:
    """What makes the customer as it is wanted.

    :raises InputError: it cannot be made so: the words are ambiguous, unknown, or a name is taken.
    """
    return plan_from(voss, find(voss, wanted), wanted, rules, voss.similar_within)


def plan_from(voss: Voss, current: Customer | None, wanted: DesiredCustomer, rules: Rules, called: Called) -> Plan:
    """What makes of the current customer the one that is wanted.

    :param called: the customers of a name, or of one that looks like it, at and below a node. None of them may be at
        the node itself.
    :raises InputError: a node is unknown, or the name is taken.
    """
    if current is None:
        return creation(voss, wanted, rules)
    changes, secrets = model.changes(current, settings_of(wanted), wanted.secrets, rules.rewrite_secrets)
    after = model.after_changes(current, changes)
    steps: list[Step] = []
    if changes or secrets:
        if "name" in changes:
            if current["hierarchy"] is None:
                raise InputError(
                    f"VOSS Automate does not show at which node the customer '{current['data']['name']}' is, so that"
                    f" nobody knows whether another one there is called '{changes['name']}'. Nothing was changed."
                )
            _refuse_taken(voss, changes["name"], current["hierarchy"], current, called)
        body = model.modification(current, changes, secrets, wanted.secrets)
        steps.append(Step("updated", body, changes=changes))
    if wanted.target and not voss.is_at(current, wanted.target):
        node = voss.node(wanted.target)
        _refuse_taken(voss, after["data"]["name"], node.reference, current, called)
        steps.append(Step("moved", target=node.reference))
        after = {**after, "hierarchy": node.reference, "hierarchy_path": node.path, "nodes": ()}
    steps += calls(rules, current, bool(steps))
    return Plan(current, after, tuple(steps), tuple(secrets))


def settings_of(wanted: DesiredCustomer) -> Object:
    """The attributes that are wanted, the name among them."""
    return {**wanted.settings, **({"name": wanted.name} if wanted.name else {})}


def plan_absent(voss: Voss, wanted: DesiredCustomer) -> Plan:
    """What removes the customer, if it is there.

    :raises ConnectorsError: see :func:`refuse_deletion`.
    """
    current = find(voss, wanted, to_delete=True)
    if current is None:
        warn_of_look_alikes(voss, [wanted])
        return Plan(None, None)
    refuse_deletion(voss, current, wanted)
    return Plan(current, None, (Step("deleted"),))


def refuse_deletion(voss: Voss, current: Customer, wanted: DesiredCustomer) -> None:
    """Check that a customer, as it was read just now, is the one that is to be deleted.

    :raises InputError: it has another name, or is not at or below the hierarchy.
    :raises ConnectorsError: the server does not prove where it is.
    """
    name = current["data"]["name"]
    where = model.place_of(current)
    if wanted.name and name != wanted.name:
        raise InputError(
            f"The customer with the pkid {current['pkid']} is called '{name}', not '{wanted.name}'. It was not"
            " deleted.",
            reason="conflict",
        )
    if voss.is_proven_within(current, wanted.hierarchy):
        return
    if where and not voss.is_within(current, wanted.hierarchy):
        raise InputError(
            f"The customer '{name}' (pkid {current['pkid']}) is at {where}, which is not at or below"
            f" '{wanted.hierarchy}'. It was not deleted.",
            reason="conflict",
        )
    raise ConnectorsError(
        f"VOSS Automate does not prove that the customer '{name}' (pkid {current['pkid']}) is at or below"
        f" '{wanted.hierarchy}'. It was not deleted. Give the pkid of its node as the hierarchy.",
        reason="invalid_response",
    )


def creation(voss: Voss, wanted: DesiredCustomer, rules: Rules) -> Plan:
    """What creates the customer that is wanted.

    :raises InputError: it is wanted by a pkid, which only the server gives; its node is unknown; or a customer there
        has a name that the server may take for this one.
    """
    if wanted.pkid or not wanted.name:
        raise InputError(
            f"VOSS Automate has no customer with the pkid '{wanted.pkid}'. To create one, give its"
            " 'name' without 'pkid'."
        )
    node = voss.node(wanted.target or wanted.hierarchy)
    refuse_similar(wanted.name, voss.known_similar_at(wanted.name, node.reference))
    for place in dict.fromkeys((wanted.hierarchy, wanted.target or wanted.hierarchy)):
        refuse_similar(wanted.name, voss.look_alike_within(wanted.name, place))
    data = {"name": wanted.name, **wanted.settings}
    created: Customer = {
        "pkid": None,
        "hierarchy": node.reference,
        "hierarchy_path": node.path,
        "nodes": (),
        "data": data,
    }
    body = {**data, **wanted.secrets, **({} if wanted.sync_on_create is None else {"sync": wanted.sync_on_create})}
    refresh = [Step("access_token_refreshed")] if rules.refresh == "always" else []
    steps = [Step("created", body), *refresh, *_sync_steps(rules)]
    return Plan(None, created, tuple(steps), tuple(wanted.secrets))


def warn_of_creations(voss: Voss, created: t.Sequence[Customer]) -> None:
    """Warn of customers that are created at a node that is probably wrong, or with a name that the server may change.

    :param created: the customers as they are to be created.
    """
    by_node: dict[str, list[str]] = {}
    for customer in created:
        by_node.setdefault(customer["hierarchy"], []).append(customer["data"]["name"])
    for reference, names in by_node.items():
        node = voss.node(reference)
        if is_above_customers(node):
            voss.http.warn(
                f"The task creates {model.counted_names(names)} at '{node.path or reference}', which is a node of the"
                f" type {node.node_type}. Customers usually belong to a node of the type Customer. Specify the node of"
                " each customer as its 'hierarchy'."
            )
    irregular = [name for names in by_node.values() for name in names if not model.is_regular(name)]
    if irregular:
        voss.http.warn(
            f"The task creates {model.counted_names(irregular)} with a name that contains leading, trailing, repeated"
            " or no-break spaces, invisible characters, or characters that are not in the Unicode normalization form"
            " NFC. VOSS Automate may store a different name. Check the name."
        )


def warn_of_look_alikes(voss: Voss, missing: t.Iterable[DesiredCustomer]) -> None:
    """Warn of customers that do not exist and are therefore not deleted, but whose names look like an existing one."""
    for wanted in missing:
        name = wanted.name or ""
        try:
            found = voss.look_alike_within(name, wanted.hierarchy)
        except ConnectorsError:  # where a customer is that is not deleted does not matter
            continue
        if found:
            other = found["data"]["name"]
            voss.http.warn(
                f"The customer '{name}' does not exist. The customer '{other}' exists at"
                f" {model.place_of(found)} (pkid {found['pkid']}), and the names differ only in"
                f" {model.difference_of(name, other)}. It is not deleted."
            )


def _refuse_taken(voss: Voss, name: str, hierarchy: str, customer: Customer, called: Called) -> None:
    """Check that no other customer at a node has a name, or one that looks like it.

    Whether two customers at a node may have the same name is not documented. The modules could not tell them apart.

    :raises InputError: there is one.
    """
    for other in called(name, hierarchy):
        if other["pkid"] == customer["pkid"] or not voss.is_at(other, hierarchy):
            continue
        place = f"{other['hierarchy_path'] or hierarchy} (pkid {other['pkid']})"
        existing = other["data"]["name"]
        if existing == name:
            raise InputError(
                f"The name '{name}' belongs to another customer at {place}. Nothing was changed.", reason="conflict"
            )
        raise InputError(
            f"The name '{name}' differs only in {model.difference_of(name, existing)} from the name of the customer"
            f" '{existing}' at {place}. Nothing was changed.",
            reason="conflict",
        )


def calls(rules: Rules, current: Customer, changed: bool) -> list[Step]:
    """The actions that are due for a customer, whose attributes are ``changed`` or not."""
    left = days_left(current["data"].get("access_token_expires"), datetime.now(timezone.utc))
    refresh = rules.refresh == "always" or (
        rules.refresh == "expiring" and left is not None and left <= rules.token_min_days
    )
    steps = [Step("access_token_refreshed")] if refresh else []
    return steps + (_sync_steps(rules) if changed or refresh or rules.sync_always else [])


def difference(plan: Plan) -> Object:
    """Return the diff of a plan, without the values of secrets."""
    called = [step.action for step in plan.steps if step.action in CALLS]
    return model.difference(plan.before, plan.after, plan.written, called)


def _sync_steps(rules: Rules) -> list[Step]:
    return [Step(action) for kind, (action, _call) in SYNCS.items() if kind in rules.sync]


def apply(voss: Voss, plan: Plan, poll_options: PollOptions, rules: Rules) -> Outcome:
    """Take the steps of a plan one after the other, each when the one before has ended.

    Without ``patience.wait`` the last one is sent and left to itself.

    :raises ConnectorsError: a step failed; its ``result`` says which were taken and what became of their transactions.
    """
    outcome = Outcome(plan.before or plan.after)
    todo = list(plan.steps)
    errors: list[ConnectorsError] = []
    if todo:
        voss.watch.run([WorkItem(take(voss, todo, outcome, poll_options), errors.append)], poll_options)
    if errors:
        raise explained(errors[0], outcome, todo, rules)
    try:
        return dataclasses.replace(outcome, customer=_result(voss, plan, outcome, poll_options))
    except ConnectorsError as error:
        raise explained(error, outcome, todo, rules) from None


def take(
    voss: Voss,
    todo: list[Step],
    outcome: Outcome,
    poll_options: PollOptions,
    until: t.Container[str] = (),
    verify_later: bool = False,
) -> Steps:
    """Take the steps of ``todo`` one after the other, up to one of the kinds ``until``; what is left stays in ``todo``.

    :param verify_later: collect creations and updates that are proven by their transactions in ``outcome.unverified``,
        where many are verified together.
    :raises ConnectorsError: a step failed. It is the first one of ``todo``.
    """
    while todo and todo[0].action not in until:
        waiting = poll_options if len(todo) == 1 else dataclasses.replace(poll_options, wait=True)
        yield from _take(voss, todo[0], outcome, waiting, verify_later)
        todo.pop(0)


def explained(error: ConnectorsError, outcome: Outcome, todo: t.Sequence[Step], rules: Rules) -> ConnectorsError:
    """The error of a step with what was done before it and what was not done, in its sentence and in its result."""
    message = error.message + left_over(outcome.actions, [step.action for step in todo], rules)
    told = ConnectorsError(message, reason=error.reason)
    if isinstance(error, RequestFailed):
        told = type(error)(message, error.failure)
    elif type(error).__init__ is ConnectorsError.__init__:
        told = type(error)(message, reason=error.reason)
    told.result.update(error.result)
    told.result.update(
        {"actions": outcome.actions, "transactions": outcome.transactions, "changed": bool(outcome.actions)}
    )
    return told


def left_over(done: t.Sequence[str], todo: t.Sequence[str], rules: Rules) -> str:
    """What to say of the steps before and after the one that failed, which is the first of ``todo``."""
    words = f" Done before: {', '.join(done)}." if done else ""
    if len(todo) > 1:
        words += f" Not done: {', '.join(todo[1:])}."
    if done and not rules.sync_always and any(action in todo for action, _call in SYNCS.values()):
        words += (
            " A second run finds nothing left to change and does not sync by itself: run it once with"
            " 'sync_when: always'."
        )
    return words


def _take(voss: Voss, step: Step, outcome: Outcome, poll_options: PollOptions, verify_later: bool) -> Steps:
    customer = outcome.customer
    if customer is None:
        return
    accepted = _sent(voss, step, customer)
    whom = f"the customer '{customer['data'].get('name')}'"
    ended = yield from await_end(voss, accepted, step.action, outcome, poll_options, whom)
    if accepted.gone:
        verified_deletion(voss, customer, None)
        outcome.customer = None
        return
    doubt = accepted.doubt or doubt_about(voss, accepted, ended, step.action, (customer["pkid"],))
    if accepted.transaction and not ended:
        outcome.actions.append(step.action)
        outcome.customer = _expected(step, customer, accepted, ended)
    elif verify_later and not doubt and step.action in ("created", "updated"):
        outcome.actions.append(step.action)
        if step.action == "created" or step.changes:
            outcome.unverified.append((step, customer))
        outcome.customer = _expected(step, customer, accepted, ended)
    else:
        _verify(voss, step, outcome, customer, _expected(step, customer, accepted, ended), doubt)


def _sent(voss: Voss, step: Step, customer: Customer) -> Accepted:
    """Send a change. A creation goes out only if nobody of that name is at the node, and is sent once."""
    if step.action != "created":
        return voss.watch.submit(_request(step, customer))
    refuse_existing(voss, customer)
    try:
        return voss.watch.submit(_request(step, customer))
    except OutcomeUnknown as error:
        found = seen_created(voss, customer, error)
        return Accepted(None, found["pkid"])


def await_end(
    voss: Voss, accepted: Accepted, action: str, outcome: Outcome, poll_options: PollOptions, whom: str
) -> t.Generator[Accepted, Transaction, Transaction | None]:
    """Note the transaction of a change among the outcome's and wait for its end, if it has one and is waited for.

    :raises TransactionFailed: it failed, or did not end in time.
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
        raise TransactionFailed(
            f"VOSS Automate could not finish '{action}' for {whom}:"
            f" {(ended['message'] or 'it gives no reason').rstrip('. ')} (transaction {ended['id']}).",
            {"failure": dataclasses.asdict(failure_of(voss.http, ended))},
        )
    return ended


def doubt_about(
    voss: Voss, accepted: Accepted, ended: Transaction | None, action: str, pkids: t.Collection[str | None]
) -> ConnectorsError | None:
    """The failure of a change, if its transaction does not prove it and reading does not show it either.

    :param pkids: the customers that the change is about. One that is created or moved may get another pkid.
    """
    if not ended:
        return None
    if voss.watch.is_doubtful(accepted):
        return disputed(accepted)
    if action in ("created", "moved") or ended["pkid"] in (None, *pkids):
        return None
    return ConnectorsError(
        f"VOSS Automate reports that the transaction {accepted.transaction} for '{action}' was about another customer"
        f" (pkid {ended['pkid']}). {CHECK_FIRST}",
        reason="invalid_response",
    )


def _request(step: Step, customer: Customer) -> Change:
    place = [("hierarchy", customer["hierarchy"])] if customer["hierarchy"] else []
    if step.action == "created":
        return Change("POST", CUSTOMERS, place, step.body, repeatable=False)
    pkids = (customer["pkid"],)
    own = href(customer["pkid"]) + "/"
    if step.action == "moved":
        # A customer may get another pkid when it is moved.
        return Change("POST", MOVE, move_query(place, step.target), {"hrefs": [href(customer["pkid"])]})
    if step.action in CALLS:
        return Change("POST", f"{own}{CALLS[step.action]}/", place, {}, pkids=pkids)
    return Change({"updated": "PUT", "deleted": "DELETE"}[step.action], own, place, step.body, pkids=pkids)


def href(pkid: str) -> str:
    """The address of a customer, as calls for many of them carry it."""
    return CUSTOMERS + segment(pkid)


def move_query(place: Pairs, target: str) -> Pairs:
    """The parameters of a move from a node to another one."""
    return [("model_type", MODEL), *place, ("context_hierarchy", target)]


def _expected(step: Step, customer: Customer, accepted: Accepted, ended: Transaction | None) -> Customer | None:
    """The customer after a step, as far as it is known without reading."""
    if step.action == "deleted":
        return None
    if step.action == "created":
        return {**customer, "pkid": accepted.pkid or (ended and ended["pkid"]) or None}
    if step.action == "updated":
        return model.after_changes(customer, {"name": step.body["name"]})  # all that the next steps need of it
    return customer


def _verify(
    voss: Voss,
    step: Step,
    outcome: Outcome,
    before: Customer,
    expected: Customer | None,
    doubt: ConnectorsError | None,
) -> None:
    """Note that a step was taken once that is proven: by its transaction or by its response, and by reading.

    :param doubt: the failure if reading alone has to prove the step and does not.
    """
    if not doubt:
        outcome.actions.append(step.action)
    try:
        if step.action == "deleted":
            verified_deletion(voss, before, doubt)
            outcome.customer = None
        elif step.action == "created":
            outcome.read = outcome.customer = verified_creation(voss, expected or before, doubt)
        elif step.action == "updated":
            outcome.read = verified_update(voss, before, step.body["name"], step.changes, doubt)
            outcome.customer = expected
        elif step.action == "moved":
            outcome.read = outcome.customer = verified_move(voss, before, step.target, doubt)
        elif doubt:
            raise doubt
        elif step.action == "access_token_refreshed":
            outcome.read = None
    except NotMade:
        outcome.actions.remove(step.action)
        raise
    if doubt:
        outcome.actions.append(step.action)


def verify_one(voss: Voss, outcome: Outcome) -> Steps:
    """Verify by reading what was left unverified, and take back what was not done.

    :raises ConnectorsError: a change was not made.
    """
    while outcome.unverified:
        step, before = outcome.unverified[0]
        if step.action == "created":
            reported, outcome.customer = outcome.customer or before, before
            outcome.customer = verified_creation(voss, reported, None)
        else:
            now = {**before, "pkid": (outcome.customer or before)["pkid"]}  # a move may have changed it
            try:
                verified_update(voss, now, step.body["name"], step.changes, None)
            except NotMade:
                outcome.actions.remove(step.action)
                raise
        outcome.unverified.pop(0)
    yield from ()


def _result(voss: Voss, plan: Plan, outcome: Outcome, poll_options: PollOptions) -> Customer | None:
    """The customer to return. What the server has filled in itself is read; what a change wrote is known."""
    if plan.after is None:
        return None
    pkid = outcome.customer and outcome.customer["pkid"]
    filled_in = {"created", "access_token_refreshed"} & set(outcome.actions)
    truth = outcome.read if filled_in else None
    if pkid and filled_in and poll_options.wait and truth is None:
        truth = voss.customer(pkid)
    return {**plan.after, "pkid": pkid, "data": truth["data"] if truth else plan.after["data"]}
