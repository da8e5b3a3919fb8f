# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""A whole list of customers: planned against one listing of their scope, then applied in parallel.

The list tells who is as wanted; whoever seems not to be is read by itself before anything is planned for them. Moves
to one node and deletions go out together. What one customer needs is decided and done by the same functions as for a
single one.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object, complaint, result_of
from ansible_collections.hybrid.connectors.plugins.module_utils._voss import model
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.client import CUSTOMERS, MOVE, Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.customer import (
    Outcome,
    Plan,
    Rules,
    Step,
    Wanted,
    await_end,
    calls,
    chosen,
    creation,
    href,
    left_over,
    move_query,
    plan_from,
    settings_of,
    take,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.hierarchy import is_pkid, plain_path
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.model import Customer
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.transactions import Patience
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.watch import Work

CHUNK = 100
ACTIONS = ("created", "updated", "moved", "deleted", "unchanged", "failed")
BODY_REFUSALS = (400, 405, 411, 413, 415)

Index = t.Mapping[str, t.Sequence[Customer]]


@dataclasses.dataclass
class Job:
    """One customer of the list, or one that is pruned: what is wanted of it, what is planned, what was done."""

    wanted: Wanted
    plan: Plan | None = None
    outcome: Outcome = dataclasses.field(default_factory=lambda: Outcome(None))
    todo: list[Step] = dataclasses.field(default_factory=list)
    error: ConnectorsError | None = None

    def planned(self, plan: Plan) -> None:
        """Take a plan on."""
        self.plan = plan
        self.todo = list(plan.steps)
        self.outcome = Outcome(plan.before or plan.after)


@dataclasses.dataclass(frozen=True)
class Reach:
    """How far a run may go: its scope, and what it does to customers that are elsewhere in it or not in the list."""

    scope: str
    absent: bool = False
    relocate: bool = False
    prune: bool = False
    prune_limit: int = 5
    parallel: int = 8


def plan(voss: Voss, wanted: t.Sequence[Wanted], rules: Rules, reach: Reach) -> list[Job]:
    """What makes the scope as the list wants it: a job for each item in its order, then one for each that is pruned.

    What cannot be planned for one customer is in its job. What is wrong with the list is raised before anything is
    changed.

    :raises InputError: two items mean one customer, or more would be pruned than ``prune_limit`` allows.
    """
    listed = voss.customers(reach.scope)
    index: dict[str, list[Customer]] = defaultdict(list)
    for customer in listed:
        index[str(customer["data"].get("name"))].append(customer)
    _refuse_twins(voss, wanted)
    jobs = [Job(item) for item in wanted]
    hints: list[Customer | None] = [None] * len(jobs)
    for number, job in enumerate(jobs):
        try:
            hints[number], job.wanted = _hint_for(voss, job.wanted, index, reach)
        except ConnectorsError as error:
            job.error = error
    _refuse_shared(jobs, hints)
    if any(hint is None and not job.error for job, hint in zip(jobs, hints)) and not reach.absent:
        voss.learn_nodes()
    named = {hint["pkid"] for hint in hints if hint}
    if reach.prune and not reach.absent:
        if any(job.error for job in jobs):
            raise InputError(
                "Nothing is pruned while it is not clear which customers the list means: "
                + "; ".join(f"{job.wanted.name}: {job.error.message}" for job in jobs if job.error)
            )
        pruned = sorted(
            (item for item in listed if item["pkid"] not in named),
            key=lambda item: (str(item["data"].get("name")), item["pkid"]),
        )
        if len(pruned) > reach.prune_limit:
            raise InputError(
                f"{len(pruned)} customers in '{reach.scope}' are not in the list, and 'prune_limit' allows"
                f" {reach.prune_limit} deletions: "
                + ", ".join(str(item["data"].get("name")) for item in pruned[:20])
                + ". Nothing was changed."
            )
        jobs += [Job(Wanted(reach.scope, str(item["data"].get("name")), item["pkid"], {}, {})) for item in pruned]
        hints += pruned

    doubtful: list[tuple[Job, Customer | None, bool]] = []
    for number, (job, hint) in enumerate(zip(jobs, hints)):
        absent = reach.absent or number >= len(wanted)
        if job.error:
            continue
        if hint and not absent and not job.wanted.target and _is_as_wanted(hint, job.wanted, rules):
            job.planned(Plan(hint, hint))
        else:
            doubtful.append((job, hint, absent))

    def plan_one(job: Job, hint: Customer | None, absent: bool) -> None:
        try:
            job.planned(_plan_one(voss, job.wanted, hint, rules, index, absent))
        except ConnectorsError as error:
            job.error = error

    pool = ThreadPoolExecutor(reach.parallel)
    try:
        for future in [pool.submit(plan_one, *one) for one in doubtful]:
            future.result()
    finally:
        pool.shutdown(cancel_futures=True)
    return jobs


def _refuse_twins(voss: Voss, wanted: t.Sequence[Wanted]) -> None:
    by_name: dict[str, list[Wanted]] = defaultdict(list)
    for item in wanted:
        by_name[str(item.name)].append(item)
    for name, items in by_name.items():
        if len(items) < 2:
            continue
        mixed = any(is_pkid(item.hierarchy) for item in items)
        nodes = Counter(voss.node(item.hierarchy)["pkid"] if mixed else plain_path(item.hierarchy) for item in items)
        twice = [node for node, count in nodes.items() if count > 1]
        if twice:
            raise InputError(f"The list has the customer '{name}' at '{twice[0]}' more than once. Nothing was changed.")


def _refuse_shared(jobs: t.Sequence[Job], hints: t.Sequence[Customer | None]) -> None:
    claimed: dict[str, Wanted] = {}
    for job, hint in zip(jobs, hints):
        if hint and claimed.setdefault(hint["pkid"], job.wanted) is not job.wanted:
            raise InputError(
                f"Two items of the list, at '{claimed[hint['pkid']].hierarchy}' and at '{job.wanted.hierarchy}', mean"
                f" the same customer '{job.wanted.name}' (pkid {hint['pkid']}). Nothing was changed."
            )


def _hint_for(voss: Voss, wanted: Wanted, index: Index, reach: Reach) -> tuple[Customer | None, Wanted]:
    """The customer of the listing that an item means, if there is one, and the item with the node that it moves to."""
    called = index.get(str(wanted.name), ())
    within = [customer for customer in called if voss.is_within(customer, wanted.hierarchy)]
    hint = chosen(voss, wanted.hierarchy, within, "hierarchy")
    if hint is None and reach.relocate and not reach.absent and called:
        hint = chosen(voss, reach.scope, called, "hierarchy")
        wanted = dataclasses.replace(wanted, target=wanted.hierarchy)
    return hint, wanted


def _plan_one(voss: Voss, wanted: Wanted, hint: Customer | None, rules: Rules, index: Index, absent: bool) -> Plan:
    if hint is None:
        if absent:
            return Plan(None, None)
        _refuse_outside(voss, wanted)
        return creation(voss, wanted, rules)
    truth = voss.customer(hint["pkid"], hint) if absent else voss.listed_customer(hint)
    if truth is None or truth["data"]["name"] != wanted.name:
        return Plan(None, None) if absent else creation(voss, wanted, rules)
    if absent:
        return Plan(truth, None, (Step("deleted"),))
    return plan_from(
        voss,
        truth,
        wanted,
        rules,
        lambda name, node: [other for other in index[name] if voss.is_at(other, node)],
    )


def _is_as_wanted(hint: Customer, wanted: Wanted, rules: Rules) -> bool:
    """Whether the list alone shows that there is nothing to do. It never shows that there is something to do."""
    if rules.refresh == "expiring" and not hint["data"].get("access_token_expires"):
        return False
    changes, secrets = model.changes(hint, settings_of(wanted), wanted.secrets, rules.rewrite_secrets)
    return not changes and not secrets and not calls(rules, hint, False)


def _refuse_outside(voss: Voss, wanted: Wanted) -> None:
    """A node outside the scope was not listed: what is there is not known, so nothing may be created there."""
    if wanted.scope is None or wanted.hierarchy == wanted.scope:
        return
    node, scope = voss.node(wanted.hierarchy), voss.node(wanted.scope)
    inside = node["pkid"] == scope["pkid"] or (
        node["path"] and scope["path"] and plain_path(node["path"]).startswith(plain_path(scope["path"]) + ".")
    )
    if not inside and scope["path"] not in ("sys", "sys.hcs", "hcs"):
        raise InputError(f"The node '{wanted.hierarchy}' is not in the scope '{wanted.scope}' of this task.")


def apply(voss: Voss, jobs: t.Sequence[Job], rules: Rules, reach: Reach, patience: Patience) -> None:
    """Take all steps of all jobs. What goes wrong with one customer is in its job, and stops no other.

    Creations and modifications come first, each by itself; then moves and deletions, many at once; then the actions.
    """
    together = ("moved", "deleted")
    voss.watch.place = [("hierarchy", reach.scope)]

    def advance(job: Job, until: t.Container[str]) -> Work:
        try:
            yield from take(voss, job.todo, job.outcome, patience, rules, until)
        except ConnectorsError as error:
            job.error = error

    def open_jobs() -> list[Job]:
        return [job for job in jobs if job.todo and not job.error]

    voss.watch.run([advance(job, together) for job in open_jobs()], patience, reach.parallel)
    groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in open_jobs():
        groups[job.todo[0].action, job.todo[0].target].append(job)
    chunks = [
        _take_chunk(voss, reach.scope, action, target, members[start : start + CHUNK], patience, rules)
        for (action, target), members in groups.items()
        for start in range(0, len(members), CHUNK)
    ]
    voss.watch.run(chunks, patience, reach.parallel)
    voss.watch.run([advance(job, ()) for job in open_jobs()], patience, reach.parallel)


def _take_chunk(
    voss: Voss, scope: str, action: str, target: str, jobs: t.Sequence[Job], patience: Patience, rules: Rules
) -> Work:
    """Move or delete many customers with one call, and give each its outcome.

    One that the call did not reach is moved or deleted by itself, which also tells what is in its way.
    """
    if len(jobs) > 1:
        place = [("hierarchy", voss.node(scope)["pkid"])]
        hrefs = {"hrefs": [href(job.outcome.customer["pkid"]) for job in jobs if job.outcome.customer]}
        request = (
            ("POST", MOVE, move_query(place, target), hrefs)
            if action == "moved"
            else ("DELETE", CUSTOMERS, place, hrefs)
        )
        shared = Outcome(None)
        waiting = patience.wait or any(len(job.todo) > 1 for job in jobs)
        try:
            accepted = voss.watch.submit(*request)
            yield from await_end(
                voss, accepted, action, shared, dataclasses.replace(patience, wait=waiting), f"{len(jobs)} customers"
            )
        except ConnectorsError as error:
            if isinstance(error, RequestFailed) and error.failure.status not in BODY_REFUSALS:
                for job in jobs:
                    _fail(job, error, rules)
                return
        else:
            there = voss.customers(target) if action == "moved" and waiting else None
            for job in () if accepted.gone else jobs:
                _done_together(voss, job, action, target, shared, there)
    for job in jobs:
        if job.todo and job.todo[0].action == action and not job.error:
            try:
                yield from _by_itself(voss, job, action, patience, rules)
            except ConnectorsError as error:
                job.error = error


def _fail(job: Job, error: ConnectorsError, rules: Rules) -> None:
    message = error.message + left_over(job.outcome.actions, [step.action for step in job.todo], rules)
    job.error = type(error)(message, error.failure) if isinstance(error, RequestFailed) else type(error)(message)
    job.error.result = dict(error.result)


def _done_together(
    voss: Voss, job: Job, action: str, target: str, shared: Outcome, there: t.Sequence[Customer] | None
) -> None:
    """Give a job its part of what was done to many, unless it is not among those that are ``there`` now."""
    customer = job.outcome.customer
    if customer and there is not None:
        own = [item for item in there if item["pkid"] == customer["pkid"]]
        own = own or [item for item in there if item["data"].get("name") == customer["data"]["name"]]
        if len(own) != 1 or not voss.is_at(own[0], target):
            return
        job.outcome.customer = {**customer, "pkid": own[0]["pkid"], "hierarchy": target}
    if action == "deleted":
        job.outcome.customer = None
    job.outcome.actions.append(action)
    job.outcome.transactions += shared.transactions
    job.todo.pop(0)


def _by_itself(voss: Voss, job: Job, action: str, patience: Patience, rules: Rules) -> Work:
    """Take the step of one customer by itself, if it has not been taken after all."""
    customer = job.outcome.customer
    if customer is None:
        return
    truth = voss.customer(customer["pkid"], customer)
    if truth is None if action == "deleted" else truth and voss.is_at(truth, job.todo[0].target):
        job.outcome.actions.append(action)
        job.outcome.customer = truth
        job.todo.pop(0)
    else:
        yield from take(voss, job.todo, job.outcome, patience, rules, [step.action for step in job.todo[1:]])


def report(job: Job, check_mode: bool) -> Object:
    """What is returned for one customer: in full if it was changed, in short if it was not."""
    known = job.outcome.customer or (job.plan and (job.plan.before or job.plan.after))
    place = (job.plan and (job.plan.after or job.plan.before)) or known
    actions = [step.action for step in job.todo] if check_mode and not job.error else job.outcome.actions
    short: Object = {
        "name": job.wanted.name,
        "hierarchy_path": (place and place["hierarchy_path"]) or job.wanted.target or job.wanted.hierarchy,
        "pkid": known["pkid"] if known else None,
        "action": _action(actions, job.error),
        "changed": bool(actions),
    }
    if job.error:
        short.update(error=job.error.message, failure=job.error.result.get("failure"))
    if job.plan and actions:
        given = job.wanted.secrets
        short.update(
            actions=list(actions),
            diff={
                "before": model.shown_with_secrets(job.plan.before, given) or {},
                "after": model.shown_with_secrets(job.plan.after, given, job.plan.written) or {},
            },
        )
    return short


def _action(actions: t.Sequence[str], error: ConnectorsError | None) -> str:
    """The one word for what was done: the first of its steps that has one, since the actions of Webex have none."""
    if error:
        return "failed"
    return next((action for action in actions if action in ACTIONS), "updated" if actions else "unchanged")


def result(jobs: t.Sequence[Job], check_mode: bool) -> Object:
    """What is returned for the whole list."""
    reports = [report(job, check_mode) for job in jobs]
    return result_of("customers", reports, ACTIONS, lambda item: f"{item['hierarchy_path']}: {item['name']}")


def complaint_about(jobs: t.Sequence[Job]) -> str:
    """One sentence for all that went wrong."""
    return complaint("customers", [(job.wanted.name, job.error.message) for job in jobs if job.error], len(jobs))
