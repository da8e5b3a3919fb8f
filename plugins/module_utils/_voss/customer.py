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

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._http import segment
from ansible_collections.hybrid.connectors.plugins.module_utils._moments import days_left
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, only_one
from ansible_collections.hybrid.connectors.plugins.module_utils._voss import model
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.client import CUSTOMERS, MODEL, MOVE, Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.model import Customer
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.query import Pairs
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.transactions import (
    Accepted,
    Patience,
    Transaction,
    failure_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.watch import Pending, Work

Called = t.Callable[[str, str], t.Sequence[Customer]]

SYNCS = {
    "roles_licences": ("roles_licences_synced", "+SyncWebexTeamsRolesLicences"),
    "users": ("users_synced", "+SyncWebexTeamsUsers"),
}
CALLS = {**dict(SYNCS.values()), "access_token_refreshed": "+RefreshAccessToken"}


@dataclasses.dataclass(frozen=True)
class Wanted:
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
    """One change: its name as it is returned, and what it carries beside the customer it is about."""

    action: str
    body: Object = dataclasses.field(default_factory=dict)
    target: str = ""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What there is, what there will be, and the steps from one to the other. ``written`` names the secrets in them."""

    before: Customer | None
    after: Customer | None
    steps: tuple[Step, ...] = ()
    written: tuple[str, ...] = ()


@dataclasses.dataclass
class Outcome:
    """What was done."""

    customer: Customer | None
    actions: list[str] = dataclasses.field(default_factory=list)
    transactions: list[Object] = dataclasses.field(default_factory=list)


def find(voss: Voss, wanted: Wanted, to_delete: bool = False) -> Customer | None:
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
    truth = voss.customer(hint["pkid"], hint) if to_delete else voss.listed_customer(hint)
    return truth if truth and truth["data"]["name"] == wanted.name else None


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
        lambda hint: f"{hint['hierarchy_path'] or hint['hierarchy']} (pkid {hint['pkid']})",
        option,
    )


def _with_path(voss: Voss, customer: Customer | None) -> Customer | None:
    """A GET does not show the path of a customer; its node does."""
    if customer and customer["hierarchy"] and not customer["hierarchy_path"]:
        try:
            customer["hierarchy_path"] = voss.node(customer["hierarchy"])["path"]
        except (InputError, RequestFailed):
            return customer
    return customer


def plan_present(voss: Voss, wanted: Wanted, rules: Rules) -> Plan:
    """What makes the customer as it is wanted.

    :raises InputError: it cannot be made so: the words are ambiguous, unknown, or a name is taken.
    """
    return plan_from(
        voss, find(voss, wanted), wanted, rules, lambda name, node: voss.customers_called(name, node, certain=False)
    )


def plan_from(voss: Voss, current: Customer | None, wanted: Wanted, rules: Rules, called: Called) -> Plan:
    """What makes of the current customer the one that is wanted.

    :param called: the customers of a name at and below a node, among which none may have the name that is wanted.
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
        steps.append(Step("updated", model.modification(current, changes, secrets, wanted.secrets)))
    if wanted.target and not _is_at_target(voss, current, wanted.target):
        node = voss.node(wanted.target)
        _refuse_taken(voss, after["data"]["name"], node["pkid"], current, called)
        steps.append(Step("moved", target=node["pkid"]))
        after = {**after, "hierarchy": node["pkid"], "hierarchy_path": node["path"], "nodes": ()}
    steps += calls(rules, current, bool(steps))
    return Plan(current, after, tuple(steps), tuple(secrets))


def settings_of(wanted: Wanted) -> Object:
    """The attributes that are wanted, the name among them."""
    return {**wanted.settings, **({"name": wanted.name} if wanted.name else {})}


def plan_absent(voss: Voss, wanted: Wanted) -> Plan:
    """What removes the customer, if it is there."""
    current = find(voss, wanted, to_delete=True)
    return Plan(current, None, (Step("deleted"),) if current else ())


def creation(voss: Voss, wanted: Wanted, rules: Rules) -> Plan:
    """What creates the customer that is wanted.

    :raises InputError: it is wanted by a pkid, which only the server gives; or its node is unknown.
    """
    if wanted.pkid or not wanted.name:
        raise InputError(
            f"VOSS Automate has no customer with the pkid '{wanted.pkid}'. To create one, give its"
            " 'name' without 'pkid'."
        )
    node = voss.node(wanted.target or wanted.hierarchy)
    data = {"name": wanted.name, **wanted.settings}
    created: Customer = {
        "pkid": None,
        "hierarchy": node["pkid"],
        "hierarchy_path": node["path"],
        "nodes": (),
        "data": data,
    }
    body = {**data, **wanted.secrets, **({} if wanted.sync_on_create is None else {"sync": wanted.sync_on_create})}
    refresh = [Step("access_token_refreshed")] if rules.refresh == "always" else []
    steps = [Step("created", body), *refresh, *_sync_steps(rules)]
    return Plan(None, created, tuple(steps), tuple(wanted.secrets))


def _is_at_target(voss: Voss, customer: Customer, target: str) -> bool:
    if voss.is_at(customer, target):
        return True
    return bool(customer["hierarchy"] == voss.node(target)["pkid"])


def _refuse_taken(voss: Voss, name: str, hierarchy: str, customer: Customer, called: Called) -> None:
    """Whether two customers of a node may share a name is not documented; two of them could not be told apart here."""
    for other in called(name, hierarchy):
        if other["pkid"] != customer["pkid"] and voss.is_at(other, hierarchy):
            raise InputError(
                f"The name '{name}' belongs to another customer at {other['hierarchy_path'] or hierarchy}"
                f" (pkid {other['pkid']}). Nothing was changed."
            )


def calls(rules: Rules, current: Customer, changed: bool) -> list[Step]:
    """The actions that are due for a customer, whose attributes are ``changed`` or not."""
    left = days_left(current["data"].get("access_token_expires"), datetime.now(timezone.utc))
    refresh = rules.refresh == "always" or (
        rules.refresh == "expiring" and left is not None and left <= rules.token_min_days
    )
    steps = [Step("access_token_refreshed")] if refresh else []
    return steps + (_sync_steps(rules) if changed or refresh or rules.sync_always else [])


def _sync_steps(rules: Rules) -> list[Step]:
    return [Step(action) for kind, (action, _call) in SYNCS.items() if kind in rules.sync]


def apply(voss: Voss, plan: Plan, patience: Patience, rules: Rules) -> Outcome:
    """Take the steps of a plan one after the other, each when the one before has ended.

    Without ``patience.wait`` the last one is sent and left to itself.

    :raises ConnectorsError: a step failed; its ``result`` says which were taken and what became of their transactions.
    """
    outcome = Outcome(plan.before or plan.after)
    if plan.steps:
        voss.watch.run([take(voss, list(plan.steps), outcome, patience, rules)], patience)
    return dataclasses.replace(outcome, customer=_result(voss, plan, outcome, patience))


def take(
    voss: Voss, todo: list[Step], outcome: Outcome, patience: Patience, rules: Rules, until: t.Container[str] = ()
) -> Work:
    """Take the steps of ``todo`` one after the other, up to one of the kinds ``until``; what is left stays in ``todo``.

    :raises ConnectorsError: see :func:`apply`.
    """
    try:
        while todo and todo[0].action not in until:
            yield from _take(
                voss, todo[0], outcome, patience if len(todo) == 1 else dataclasses.replace(patience, wait=True)
            )
            todo.pop(0)
    except ConnectorsError as error:
        error.message += left_over(outcome.actions, [step.action for step in todo], rules)
        error.result.update(
            {"actions": outcome.actions, "transactions": outcome.transactions, "changed": bool(outcome.actions)}
        )
        raise


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


def _take(voss: Voss, step: Step, outcome: Outcome, patience: Patience) -> Work:
    customer = outcome.customer
    if customer is None:
        return
    accepted = voss.watch.submit(*_request(step, customer))
    whom = f"the customer '{customer['data'].get('name')}'"
    ended = yield from await_end(voss, accepted, step.action, outcome, patience, whom)
    if not accepted.gone:
        outcome.actions.append(step.action)
    outcome.customer = _moved_on(voss, step, customer, accepted, ended)


def await_end(
    voss: Voss, accepted: Accepted, action: str, outcome: Outcome, patience: Patience, whom: str
) -> t.Generator[Pending, Transaction, Transaction | None]:
    """Note the transaction of a change among the outcome's and wait for its end, if it has one and is waited for.

    :raises TransactionFailed: it failed, or did not end in time.
    """
    if not accepted.transaction:
        return None
    started = time.monotonic()
    entry: Object = {"id": accepted.transaction, "action": action, "status": "submitted", "seconds": None}
    outcome.transactions.append(entry)
    if not patience.wait:
        return None
    ended = yield Pending(accepted, whole=action == "created")
    entry.update(status=ended["status"], seconds=round(time.monotonic() - started, 3))
    if ended["state"] == "failed":
        raise TransactionFailed(
            f"VOSS Automate could not finish '{action}' for {whom}:"
            f" {(ended['message'] or 'it gives no reason').rstrip('. ')} (transaction {ended['id']}).",
            {"failure": dataclasses.asdict(failure_of(voss.http, ended))},
        )
    return ended


def _request(step: Step, customer: Customer) -> tuple[str, str, Pairs, Object]:
    place = [("hierarchy", customer["hierarchy"])] if customer["hierarchy"] else []
    if step.action == "created":
        return "POST", CUSTOMERS, place, step.body
    own = href(customer["pkid"]) + "/"
    if step.action == "moved":
        return "POST", MOVE, move_query(place, step.target), {"hrefs": [href(customer["pkid"])]}
    if step.action in CALLS:
        return "POST", f"{own}{CALLS[step.action]}/", place, {}
    return ("PUT" if step.action == "updated" else "DELETE"), own, place, step.body


def href(pkid: str) -> str:
    """The address of a customer, as calls for many of them carry it."""
    return CUSTOMERS + segment(pkid)


def move_query(place: Pairs, target: str) -> Pairs:
    """The parameters of a move from a node to another one."""
    return [("model_type", MODEL), *place, ("context_hierarchy", target)]


def _moved_on(voss: Voss, step: Step, customer: Customer, accepted: Accepted, ended: Object | None) -> Customer | None:
    """The customer to take the next step with."""
    if step.action == "deleted":
        return None
    if step.action == "created":
        pkid = accepted.pkid or (ended and ended["pkid"])
        if not pkid and (ended or not accepted.transaction):
            pkid = _at_node(voss, customer["data"]["name"], customer["hierarchy"], "created")["pkid"]
        return {**customer, "pkid": pkid}
    if step.action == "updated":
        return model.after_changes(customer, {"name": step.body["name"]})  # all that the next steps need of it
    if step.action == "moved" and (ended or not accepted.transaction):
        return _after_move(voss, customer, step.target)
    return customer


def _after_move(voss: Voss, customer: Customer, target: str) -> Customer:
    """The customer at its new node.

    Whether it keeps its pkid when it moves is not documented: if it is not found by it, it is looked for by its name.
    """
    truth = voss.customer(customer["pkid"])
    if truth is None or truth["hierarchy"] != target:
        found = _at_node(voss, customer["data"]["name"], target, "moved")
        truth = voss.customer(found["pkid"], found) or found
    return truth


def _at_node(voss: Voss, name: str, hierarchy: str, action: str) -> Customer:
    """The one customer of a name at a node, where a change must have brought it.

    :raises TransactionFailed: it is not there, or there are several.
    """
    found = [item for item in voss.customers_called(name, hierarchy) if voss.is_at(item, hierarchy)]
    if len(found) != 1:
        raise TransactionFailed(
            f"VOSS Automate says that the customer '{name}' was {action}, but shows {len(found) or 'none'} of that name"
            f" at the node {hierarchy}. Look at it there before you run this again."
        )
    return found[0]


def _result(voss: Voss, plan: Plan, outcome: Outcome, patience: Patience) -> Customer | None:
    """The customer to return. What the server has filled in itself is read; what a change wrote is known."""
    if plan.after is None:
        return None
    pkid = outcome.customer and outcome.customer["pkid"]
    filled_in = {"created", "access_token_refreshed"} & set(outcome.actions)
    truth = voss.customer(pkid) if pkid and filled_in and patience.wait else None
    return {**plan.after, "pkid": pkid, "data": truth["data"] if truth else plan.after["data"]}
