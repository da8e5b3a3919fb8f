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
import functools
import typing as t
from collections import Counter, defaultdict

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    Failure,
    InputError,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import (
    Object,
    complaint,
    first_of,
    named_messages,
    result_of,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import model
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import CUSTOMERS, MOVE, Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.customer import (
    CALLS,
    SYNCS,
    DesiredCustomer,
    Outcome,
    Plan,
    Rules,
    Step,
    await_end,
    calls,
    chosen,
    creation,
    difference,
    explained,
    href,
    move_query,
    plan_from,
    refuse_deletion,
    settings_of,
    take,
    verify_one,
    warn_of_creations,
    warn_of_look_alikes,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import (
    FULL,
    is_aligned,
    is_below,
    is_pkid,
    plain_path,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import Customer, normal, place_of
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.poller import (
    Steps,
    WorkItem,
    at_once,
    attempt,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import Change, PollOptions
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.verify import normalized

CHUNK = 100
# How many customers a warning names.
MAX_NAMED = 5
TOGETHER = ("moved", "deleted")
ACTIONS = ("created", "updated", "moved", "deleted", "synced", "unchanged", "failed")
SYNC_ACTIONS = frozenset(action for action, _call in SYNCS.values())
BODY_REFUSALS = (400, 405, 411, 413, 415)

Index = t.Mapping[str, t.Sequence[Customer]]


@dataclasses.dataclass
class Job:
    """One customer of the list, or one that is pruned: what is wanted of it, what is planned, what was done.

    ``tried`` says that a request for many named it, ``shared`` has the transactions of that request if it was accepted.
    """

    wanted: DesiredCustomer
    plan: Plan | None = None
    outcome: Outcome = dataclasses.field(default_factory=lambda: Outcome(None))
    todo: list[Step] = dataclasses.field(default_factory=list)
    error: ConnectorsError | None = None
    tried: bool = False
    shared: list[Object] | None = None

    def planned(self, plan: Plan) -> None:
        """Take a plan on."""
        self.plan = plan
        self.todo = list(plan.steps)
        self.outcome = Outcome(plan.before or plan.after)

    def failed(self, error: ConnectorsError) -> None:
        """Note why it cannot be planned or confirmed."""
        self.error = error

    @property
    def next_action(self) -> str | None:
        """The action of its next step, None if there is none to take."""
        return self.todo[0].action if self.todo and not self.error else None


@dataclasses.dataclass(frozen=True)
class BulkOptions:
    """How far a run may go: its scope, and what it does to customers that are elsewhere in it or not in the list."""

    scope: str
    absent: bool = False
    relocate: bool = False
    prune: bool = False
    prune_limit: int = 5
    parallel: int = 8


def plan(voss: Voss, wanted: t.Sequence[DesiredCustomer], rules: Rules, bulk_options: BulkOptions) -> list[Job]:
    """What makes the scope as the list wants it: a job for each item in its order, then one for each that is pruned.

    What cannot be planned for one customer is in its job. What is wrong with the list is raised before anything is
    changed.

    :raises InputError: two items mean one customer, or more would be pruned than ``prune_limit`` allows.
    """
    listed = voss.customers(bulk_options.scope)
    index: dict[str, list[Customer]] = defaultdict(list)
    for customer in listed:
        index[customer["data"]["name"]].append(customer)
    _refuse_twins(voss, wanted)
    if _needs_nodes(wanted, listed, bulk_options):
        voss.learn_nodes()
    jobs = [Job(item) for item in wanted]
    hints: list[Customer | None] = [None] * len(jobs)

    def find(number: int, job: Job) -> None:
        hints[number], job.wanted = _hint_for(voss, job.wanted, index, bulk_options)

    for number, job in enumerate(jobs):
        attempt(job.failed, find, number, job)
    _refuse_shared(jobs, hints)
    if any(hint is None and not job.error for job, hint in zip(jobs, hints)) and not bulk_options.absent:
        voss.learn_nodes()
    if bulk_options.prune and not bulk_options.absent:
        pruned = _pruned(voss, listed, jobs, hints, bulk_options)
        jobs += [
            Job(DesiredCustomer(bulk_options.scope, item["data"]["name"], item["pkid"], {}, {})) for item in pruned
        ]
        hints += pruned

    doubtful: list[tuple[Job, Customer | None]] = []
    for number, (job, hint) in enumerate(zip(jobs, hints)):
        if job.error:
            continue
        if bulk_options.absent or number >= len(wanted):
            job.planned(Plan(hint, None, (Step("deleted"),)) if hint else Plan(None, None))
        elif hint and not job.wanted.target and _is_as_wanted(hint, job.wanted, rules):
            job.planned(Plan(hint, hint))
        else:
            doubtful.append((job, hint))

    def plan_one(job: Job, hint: Customer | None) -> None:
        job.planned(_plan_one(voss, job.wanted, hint, rules))

    works = [WorkItem(at_once(plan_one, job, hint), job.failed) for job, hint in doubtful]
    voss.watch.run(works, PollOptions(), bulk_options.parallel)
    _refuse_doubles(jobs)
    _warn(voss, jobs, hints, bulk_options)
    return jobs


def _warn(voss: Voss, jobs: t.Sequence[Job], hints: t.Sequence[Customer | None], bulk_options: BulkOptions) -> None:
    """Warn of what the plan does and is probably not meant."""
    if bulk_options.absent:
        warn_of_look_alikes(voss, [job.wanted for job, hint in zip(jobs, hints) if hint is None and not job.error])
        return
    selected = {hint["pkid"] for hint in hints if hint}
    created = [(job, job.plan.after) for job in jobs if job.next_action == "created" and job.plan and job.plan.after]
    warn_of_creations(voss, [after for _job, after in created])
    doubled: list[str] = []
    similar: list[str] = []
    for job, after in created:
        name = str(job.wanted.name)
        for other in voss.known_similar(name):
            existing = other["data"]["name"]
            node, place = place_of(after), place_of(other)
            if existing != name:
                similar.append(f"'{name}' at {node} ('{existing}' exists at {place})")
            elif other["pkid"] not in selected:
                doubled.append(f"'{name}' at {node} (exists at {place})")
    similar += _look_alikes_among([after for _job, after in created])
    named_of = functools.partial(first_of, limit=MAX_NAMED, rest=", and")
    if doubled:
        voss.http.warn(
            f"The task creates customers whose names exist elsewhere in the scope: {named_of(doubled)}. To move the"
            " existing customers instead, set 'relocate: true'."
        )
    if similar:
        voss.http.warn(
            "The task creates customers whose names differ from other names in the scope only in case, whitespace,"
            f" invisible characters or Unicode normalization: {named_of(similar)}. To select an existing customer,"
            " specify its exact name."
        )


def _look_alikes_among(created: t.Sequence[Customer]) -> list[str]:
    """Return descriptions of new customers whose names look like the name of an earlier one, but are different."""
    first: dict[str, Customer] = {}
    found: list[str] = []
    for customer in created:
        name = customer["data"]["name"]
        earlier = first.setdefault(normal(name), customer)
        if earlier["data"]["name"] != name:
            existing = earlier["data"]["name"]
            found.append(f"'{name}' at {place_of(customer)} ('{existing}' is created at {place_of(earlier)})")
    return found


def _needs_nodes(wanted: t.Sequence[DesiredCustomer], listed: t.Sequence[Customer], bulk_options: BulkOptions) -> bool:
    """Whether the nodes of many items would have to be looked up one by one to tell which customers they mean."""
    own = {item.hierarchy for item in wanted} - {bulk_options.scope}
    if not own:
        return False
    is_short = any(not is_pkid(words) and not words.startswith(FULL) for words in own)
    return is_short or not all(is_aligned(customer) for customer in listed)


def _pruned(
    voss: Voss,
    listed: t.Sequence[Customer],
    jobs: t.Sequence[Job],
    hints: t.Sequence[Customer | None],
    bulk_options: BulkOptions,
) -> list[Customer]:
    """The customers in the scope that the list does not mean, in the order of their names.

    :raises InputError: it is not clear which customers the list means, or there are more than ``prune_limit`` allows.
    :raises ConnectorsError: the server does not prove that one of them is in the scope.
    """
    if any(job.error for job in jobs):
        raise InputError(
            "Cannot prune customers: it is not clear which customers the list selects. Nothing was changed. "
            + named_messages((job.wanted.name, job.error.message) for job in jobs if job.error),
            reason="ambiguous",
        )
    named = {hint["pkid"] for hint in hints if hint}
    pruned = sorted(
        (item for item in listed if item["pkid"] not in named),
        key=lambda item: (item["data"]["name"], item["pkid"]),
    )
    _refuse_pruning_of_named(pruned, jobs, hints)
    if len(pruned) > bulk_options.prune_limit:
        raise InputError(
            f"{len(pruned)} customers in '{bulk_options.scope}' are not in the list, and 'prune_limit' allows"
            f" {bulk_options.prune_limit} deletions: "
            + ", ".join(item["data"]["name"] for item in pruned[:20])
            + ". Nothing was changed."
        )
    for item in pruned:
        if not voss.is_proven_within(item, bulk_options.scope):
            raise ConnectorsError(
                f"VOSS Automate does not prove that the customer '{item['data']['name']}' (pkid {item['pkid']}) is in"
                f" '{bulk_options.scope}'. Nothing was changed. Give the pkid of the scope's node as 'hierarchy', or do"
                " not prune.",
                reason="invalid_response",
            )
    return pruned


def _refuse_pruning_of_named(
    pruned: t.Sequence[Customer], jobs: t.Sequence[Job], hints: t.Sequence[Customer | None]
) -> None:
    """Check that no customer is pruned while the list creates one of its name, or of a name that looks like it.

    :raises InputError: a list entry is probably meant to select a customer that would be pruned.
    """
    creating = {normal(str(job.wanted.name)): job.wanted for job, hint in zip(jobs, hints) if hint is None}
    for item in pruned:
        existing = item["data"]["name"]
        wanted = creating.get(normal(existing))
        if wanted is None:
            continue
        place = place_of(item)
        remedy = "To move the customer, set 'relocate: true'. To keep it, correct the 'hierarchy' of the list entry."
        if existing != wanted.name:
            remedy = (
                f"The names differ only in {model.difference_of(str(wanted.name), existing)}. Specify the exact name."
            )
        raise InputError(
            f"Cannot prune the customer '{existing}' at {place} (pkid {item['pkid']}): the list would create"
            f" '{wanted.name}' at '{wanted.hierarchy}'. Nothing was changed. {remedy}",
            reason="conflict",
        )


def _refuse_doubles(jobs: t.Sequence[Job]) -> None:
    """Have all but the first of several customers fail that the server may take for one once they are created."""
    claimed: dict[tuple[t.Any, str], Job] = {}
    for job in jobs:
        if job.next_action != "created" or not job.plan or not job.plan.after:
            continue
        first = claimed.setdefault((job.plan.after["hierarchy"], normal(str(job.wanted.name))), job)
        if first is not job:
            job.todo.clear()
            job.failed(
                InputError(
                    f"The customer '{job.wanted.name}' was not created: the list has '{first.wanted.name}' at the same"
                    " node, and the server may take the two names for one.",
                    reason="conflict",
                )
            )


def _refuse_twins(voss: Voss, wanted: t.Sequence[DesiredCustomer]) -> None:
    by_name: dict[str, list[DesiredCustomer]] = defaultdict(list)
    for item in wanted:
        by_name[str(item.name)].append(item)
    for name, items in by_name.items():
        if len(items) < 2:
            continue
        mixed = any(is_pkid(item.hierarchy) for item in items)
        nodes = Counter(voss.node(item.hierarchy).reference if mixed else plain_path(item.hierarchy) for item in items)
        twice = [node for node, count in nodes.items() if count > 1]
        if twice:
            raise InputError(f"The list has the customer '{name}' at '{twice[0]}' more than once. Nothing was changed.")


def _refuse_shared(jobs: t.Sequence[Job], hints: t.Sequence[Customer | None]) -> None:
    claimed: dict[str, DesiredCustomer] = {}
    for job, hint in zip(jobs, hints):
        if hint and claimed.setdefault(hint["pkid"], job.wanted) is not job.wanted:
            raise InputError(
                f"Two items of the list, at '{claimed[hint['pkid']].hierarchy}' and at '{job.wanted.hierarchy}', mean"
                f" the same customer '{job.wanted.name}' (pkid {hint['pkid']}). Nothing was changed."
            )


def _hint_for(
    voss: Voss, wanted: DesiredCustomer, index: Index, bulk_options: BulkOptions
) -> tuple[Customer | None, DesiredCustomer]:
    """The customer of the listing that an item means, if there is one, and the item with the node that it moves to."""
    called = index.get(str(wanted.name), ())
    within = [customer for customer in called if voss.is_within(customer, wanted.hierarchy)]
    hint = chosen(voss, wanted.hierarchy, within, "hierarchy")
    if hint is None and bulk_options.relocate and not bulk_options.absent and called:
        hint = chosen(voss, bulk_options.scope, called, "hierarchy")
        wanted = dataclasses.replace(wanted, target=wanted.hierarchy)
    return hint, wanted


def _plan_one(voss: Voss, wanted: DesiredCustomer, hint: Customer | None, rules: Rules) -> Plan:
    if hint is None:
        _refuse_outside(voss, wanted)
        return creation(voss, wanted, rules)
    return plan_from(
        voss,
        voss.listed_customer(hint),
        wanted,
        rules,
        lambda name, node: voss.known_similar(name),
    )


def _is_as_wanted(hint: Customer, wanted: DesiredCustomer, rules: Rules) -> bool:
    """Whether the list alone shows that there is nothing to do. It never shows that there is something to do."""
    if rules.refresh == "expiring" and not hint["data"].get("access_token_expires"):
        return False
    changes, secrets = model.changes(hint, settings_of(wanted), wanted.secrets, rules.rewrite_secrets)
    return not changes and not secrets and not calls(rules, hint, False)


def _refuse_outside(voss: Voss, wanted: DesiredCustomer) -> None:
    """A node outside the scope was not listed: what is there is not known, so nothing may be created there."""
    if wanted.scope is None or wanted.hierarchy == wanted.scope:
        return
    if not is_below(voss.node(wanted.hierarchy), voss.node(wanted.scope)):
        raise InputError(f"The node '{wanted.hierarchy}' is not in the scope '{wanted.scope}' of this task.")


def confirm_deletions(voss: Voss, jobs: t.Sequence[Job], bulk_options: BulkOptions) -> None:
    """Read each customer that is to be deleted again, just before, and keep those that changed since the plan.

    One that is not there any more is left as it is.
    """

    def confirm(job: Job) -> None:
        hint = job.outcome.customer
        truth = voss.customer(hint["pkid"], hint) if hint else None
        job.outcome.customer = truth
        if not hint or not truth:
            job.plan = Plan(None, None)
            job.todo.clear()
            return
        if truth["hierarchy"] != hint["hierarchy"]:
            raise InputError(
                f"The customer '{job.wanted.name}' (pkid {hint['pkid']}) was moved since the customers were listed. It"
                " was not deleted.",
                reason="conflict",
            )
        refuse_deletion(voss, truth, job.wanted)
        refuse_deletion(voss, truth, dataclasses.replace(job.wanted, hierarchy=bulk_options.scope))
        job.plan = Plan(truth, None, (Step("deleted"),))

    works = [WorkItem(at_once(confirm, job), job.failed) for job in jobs if job.next_action == "deleted"]
    voss.watch.run(works, PollOptions(), bulk_options.parallel)


def apply(
    voss: Voss, jobs: t.Sequence[Job], rules: Rules, bulk_options: BulkOptions, poll_options: PollOptions
) -> None:
    """Take all steps of all jobs. What goes wrong with one customer is in its job, and stops no other.

    Creations and modifications come first, each by itself; then moves and deletions, many at once. What these have
    brought about is read before the actions follow.
    """
    voss.watch.place = [("hierarchy", bulk_options.scope)]

    def work(job: Job, steps: Steps) -> WorkItem:
        return WorkItem(steps, functools.partial(_failed, job, rules))

    def run(works: list[WorkItem]) -> None:
        voss.watch.run(works, poll_options, bulk_options.parallel)

    run(
        [
            work(job, take(voss, job.todo, job.outcome, poll_options, (*TOGETHER, *CALLS), verify_later=True))
            for job in jobs
            if job.next_action
        ]
    )
    confirm_deletions(voss, jobs, bulk_options)
    chunks = [
        (action, target, members[start : start + CHUNK])
        for (action, target), members in _groups(jobs).items()
        for start in range(0, len(members), CHUNK)
    ]
    run(
        [
            WorkItem(
                _take_chunk(voss, bulk_options.scope, action, target, members, poll_options),
                functools.partial(_chunk_failed, members, rules),
            )
            for action, target, members in chunks
            if len(members) > 1
        ]
    )
    _verify_together(voss, jobs, bulk_options)
    run([work(job, verify_one(voss, job.outcome)) for job in jobs if job.outcome.unverified and not job.error])
    run([work(job, _by_itself(voss, job, poll_options)) for job in jobs if job.next_action in TOGETHER])
    run([work(job, take(voss, job.todo, job.outcome, poll_options)) for job in jobs if job.next_action in CALLS])
    for job in jobs:
        if job.next_action:
            _failed(job, rules, ConnectorsError("The work on it was not finished.", reason="outcome_unknown"))


def _groups(jobs: t.Sequence[Job]) -> dict[tuple[str, str], list[Job]]:
    """The jobs whose next step may be taken for many at once, by that step. No other step may."""
    groups: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in jobs:
        if job.next_action in TOGETHER:
            groups[job.todo[0].action, job.todo[0].target].append(job)
    return groups


def _take_chunk(
    voss: Voss, scope: str, action: str, target: str, jobs: t.Sequence[Job], poll_options: PollOptions
) -> Steps:
    """Move or delete many customers with one call. Those that reading does not show as moved are left as they are.

    So are those that were deleted, until the whole scope is read.
    """
    pkids = tuple(job.outcome.customer["pkid"] for job in jobs if job.outcome.customer)
    place = [("hierarchy", voss.reference(scope))]
    hrefs = {"hrefs": [href(pkid) for pkid in pkids]}
    if action == "moved":
        change = Change("POST", MOVE, move_query(place, target), hrefs)
    elif action == "deleted":
        change = Change("DELETE", CUSTOMERS, place, hrefs, pkids=pkids)
    else:
        raise ValueError(f"'{action}' is never done for many at once.")
    shared = Outcome(None)
    waiting = dataclasses.replace(poll_options, wait=poll_options.wait or any(len(job.todo) > 1 for job in jobs))
    for job in jobs:
        job.tried = True
    accepted = voss.watch.submit(change)
    yield from await_end(voss, accepted, action, shared, waiting, f"{len(jobs)} customers")
    if accepted.gone:
        return
    for job in jobs:
        job.shared = shared.transactions
    is_awaited = waiting.wait or accepted.doubt is not None
    if action == "deleted" and is_awaited:
        return
    there = voss.customers(target) if is_awaited else None
    for job in jobs:
        _done_together(voss, job, action, target, there)


def _failed(job: Job, rules: Rules, error: ConnectorsError) -> None:
    """Note an error of a job, with what was done before and what was not."""
    job.error = explained(error, job.outcome, job.todo, rules)


def _chunk_failed(jobs: t.Sequence[Job], rules: Rules, error: ConnectorsError) -> None:
    """Note the error of a request for many in all jobs, unless each may do better by itself."""
    if isinstance(error, RequestFailed) and error.failure.status in BODY_REFUSALS:
        return
    if error.reason == "transaction_failed":  # all or none; which one is in the way is told of that one
        return
    for job in jobs:
        _failed(job, rules, error)


def _done_together(voss: Voss, job: Job, action: str, target: str, there: t.Sequence[Customer] | None) -> None:
    """Give a job its part of what was done to many, unless it is not among those that are ``there`` now."""
    customer = job.outcome.customer
    if customer and there is not None:
        own = [item for item in there if item["pkid"] == customer["pkid"]]
        own = own or [item for item in there if item["data"]["name"] == customer["data"]["name"]]
        if len(own) != 1 or own[0]["data"]["name"] != customer["data"]["name"] or not voss.is_at(own[0], target):
            return
        job.outcome.customer = {**customer, "pkid": own[0]["pkid"], "hierarchy": target}
    _done(job, action)


def _done(job: Job, action: str) -> None:
    """Note the next step of a job as taken, with the transactions of the request for many."""
    if action == "deleted":
        job.outcome.customer = None
    job.outcome.actions.append(action)
    job.outcome.transactions += job.shared or ()
    job.todo.pop(0)


def _verify_together(voss: Voss, jobs: t.Sequence[Job], bulk_options: BulkOptions) -> None:
    """Read the scope once more where that takes fewer requests than reading each customer that was changed.

    What the list does not show as wanted is left to be read by itself.
    """
    deleted = [job for job in jobs if job.shared is not None and job.next_action == "deleted"]
    changed = [job for job in jobs if job.outcome.unverified and not job.error]
    if len(deleted) + len(changed) <= voss.page_counts.get(bulk_options.scope, 1):
        return
    try:
        listed = voss.customers(bulk_options.scope)
    except RequestFailed:
        return
    by_pkid = {item["pkid"]: item for item in listed}
    by_place: dict[tuple[t.Any, str], list[Customer]] = defaultdict(list)
    for item in listed:
        by_place[item["hierarchy"], item["data"]["name"]].append(item)
    for job in deleted:
        if job.outcome.customer and job.outcome.customer["pkid"] not in by_pkid:
            _done(job, "deleted")
    for job in changed:
        job.outcome.unverified = [
            (step, before)
            for step, before in job.outcome.unverified
            if not _is_shown(voss, job.outcome, step, before, by_pkid, by_place)
        ]


def _is_shown(
    voss: Voss,
    outcome: Outcome,
    step: Step,
    before: Customer,
    by_pkid: t.Mapping[str, Customer],
    by_place: t.Mapping[tuple[t.Any, str], t.Sequence[Customer]],
) -> bool:
    """Whether a list shows what a creation or an update has brought about; a created customer gets its pkid."""
    if step.action == "created":
        found = by_place.get((before["hierarchy"], before["data"]["name"]), ())
        known = outcome.customer and outcome.customer["pkid"]
        if len(found) != 1 or known not in (None, found[0]["pkid"]):
            return False
        voss.note_normalized(normalized(found[0], before["data"]), before["data"]["name"])
        outcome.customer = {**before, "pkid": found[0]["pkid"]}
        return True
    shown = by_pkid.get((outcome.customer or before)["pkid"])  # a move may have changed it
    settings = {**step.changes, "name": step.body["name"]}
    return shown is not None and not model.changes(shown, settings, {}, False)[0]


def _by_itself(voss: Voss, job: Job, poll_options: PollOptions) -> Steps:
    """Take the step of one customer by itself, if a request for many has not taken it after all."""
    customer, step = job.outcome.customer, job.todo[0]
    if customer is None:
        return
    if job.tried and _was_taken(voss, job, customer, step):
        return
    yield from take(voss, job.todo, job.outcome, poll_options, [later.action for later in job.todo[1:]])
    if job.shared is not None and step.action == "deleted" and "deleted" not in job.outcome.actions:
        job.outcome.actions.append("deleted")  # it went while it was read


def _was_taken(voss: Voss, job: Job, customer: Customer, step: Step) -> bool:
    """Whether reading shows that a step was taken by the request for many, and if so note that."""
    truth = voss.customer(customer["pkid"], customer)
    is_taken = truth is None if step.action == "deleted" else truth is not None and voss.is_at(truth, step.target)
    if is_taken:
        _done(job, step.action)
        job.outcome.customer = truth
    return is_taken


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
        "transactions": list(job.outcome.transactions),
    }
    if job.error:
        no_request = dataclasses.asdict(Failure("voss", None, None, reason=job.error.reason))
        short.update(error=job.error.message, failure=job.error.result.get("failure") or no_request)
    if job.plan and actions:
        short.update(actions=list(actions), diff=difference(job.plan))
    return short


def _action(actions: t.Sequence[str], error: ConnectorsError | None) -> str:
    """Return the one word for several actions: the first one that is such a word.

    A renewed token is an update. A customer that was only synchronized is counted by itself.
    """
    if error:
        return "failed"
    if not actions:
        return "unchanged"
    if SYNC_ACTIONS.issuperset(actions):
        return "synced"
    return next((action for action in actions if action in ACTIONS), "updated")


def result(jobs: t.Sequence[Job], check_mode: bool) -> Object:
    """What is returned for the whole list."""
    reports = [report(job, check_mode) for job in jobs]
    return result_of("customers", reports, ACTIONS, lambda item: f"{item['hierarchy_path']}: {item['name']}")


def complaint_about(jobs: t.Sequence[Job], check_mode: bool) -> str:
    """Return one message for all failures."""
    failed = [(job.wanted.name, job.error.message) for job in jobs if job.error]
    return complaint("customers", failed, len(jobs), check_mode)
