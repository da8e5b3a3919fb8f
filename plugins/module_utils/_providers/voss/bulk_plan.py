# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Plan a bulk run by comparing the desired customers with one list of all customers in the scope.

The list shows which customers do not need a change. Every other customer has a work item, and is read before its steps
are planned. The steps are planned with the same functions as for a single customer.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
import operator
import typing as t
from collections import Counter, defaultdict

from ..._errors import ConnectorsError, InputError, as_failure
from ..._plan import first_of, named_messages
from . import customer as single
from . import hierarchy, model, poller
from .bulk_items import NO_PLAN, BulkItem, BulkOptions, Entry, Unchanged, failures_of, with_next, work_items
from .client import Voss
from .customer import DesiredCustomer, Plan, Rules, Step
from .model import Customer, normal, place_of
from .transactions import PollOptions

# Maximum number of customers in a warning.
MAX_NAMED = 5

ByName = t.Mapping[str, t.Sequence[Customer]]
ByPkid = t.Mapping[t.Optional[str], Customer]


def plan(voss: Voss, desired: t.Sequence[DesiredCustomer], rules: Rules, options: BulkOptions) -> list[Entry]:
    """Plan one entry for each desired customer in the order of the list, then one item for each customer to prune.

    An error that concerns one customer is stored in its item. An error that concerns the whole list is raised before
    any change.

    :raises InputError: two desired customers select the same customer, or ``prune_limit`` is exceeded.
    """
    listed = voss.customers(options.scope)
    entries = _select_all(voss, desired, listed, rules, options)
    items = work_items(entries)
    missing = [item.desired for item in items if not (item.listed or item.error)]
    if options.absent:
        single.warn_of_look_alikes(voss, missing)
    if any(not options.absent or desired.hierarchy != options.scope for desired in missing):
        voss.learn_nodes()
    if options.prune and not options.absent:
        pruned = _pruned(voss, listed, entries, options)
        items += pruned
        entries += pruned
    _read_each(voss, _plan_deletions(items), options, _plan_from_reading, rules)
    _warn(voss, _distinct_creations(items), _selected_pkids(entries))
    return entries


def _select_all(
    voss: Voss,
    desired: t.Sequence[DesiredCustomer],
    listed: t.Sequence[Customer],
    rules: Rules,
    options: BulkOptions,
) -> list[Entry]:
    """Create an entry for each desired customer, with the matching listed customer."""
    by_name: dict[str, list[Customer]] = defaultdict(list)
    for customer in listed:
        by_name[customer["data"]["name"]].append(customer)
    _refuse_duplicates(voss, desired)
    if _needs_nodes(desired, listed, options):
        voss.learn_nodes()
    exported = _exported(desired, listed)
    entries = [_entry(voss, customer, by_name, exported, rules, options.absent) for customer in desired]
    if options.relocate and not options.absent:
        _select_elsewhere(voss, entries, by_name, exported, options.scope)
    _refuse_shared(entries)
    return entries


def _entry(
    voss: Voss, desired: DesiredCustomer, by_name: ByName, exported: ByPkid, rules: Rules, absent: bool
) -> Entry:
    """Select the listed customer at or below the node of a desired customer, and compare the two customers.

    An error affects only this entry.
    """
    listed = None
    try:
        same_name = by_name.get(str(desired.name), ())
        within = [customer for customer in same_name if voss.is_within(customer, desired.hierarchy)]
        listed = single.select(voss, desired.hierarchy, within, "hierarchy")
        _refuse_renamed(desired, exported)
        _refuse_other_pkid(desired, listed, exported, absent)
        if listed and not absent and _is_up_to_date(listed, desired, rules):
            return Unchanged(desired, listed)
    except Exception as error:  # an error for one customer must not affect other customers
        return BulkItem(desired, error=as_failure(error), listed=listed, to_delete=absent)
    return BulkItem(desired, listed=listed, to_delete=absent)


def _read_each(
    voss: Voss, items: t.Iterable[BulkItem], options: BulkOptions, function: t.Callable[..., None], *arguments: t.Any
) -> None:
    """Call a function for each item in parallel to read its customer. An error affects only the item that caused it."""
    works = [poller.WorkItem(poller.at_once(function, voss, item, *arguments), item.fail) for item in items]
    voss.poller.run(works, PollOptions(), options.parallel)


def _refuse_duplicates(voss: Voss, desired: t.Sequence[DesiredCustomer]) -> None:
    """Check that no two desired customers have both the same name and the same node."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for customer in desired:
        by_name[str(customer.name)].append(customer.hierarchy)
    for name, hierarchies in by_name.items():
        if len(hierarchies) < 2:
            continue
        if any(map(hierarchy.is_pkid, hierarchies)):
            nodes = Counter(map(voss.reference, hierarchies))
        else:
            nodes = Counter(map(hierarchy.plain_path, hierarchies))
        ((node, count),) = nodes.most_common(1)
        if count > 1:
            raise InputError(
                f"The list contains the customer '{name}' at '{node}' more than once. Nothing was changed. Remove the"
                " duplicate entries."
            )


def _needs_nodes(desired: t.Sequence[DesiredCustomer], listed: t.Sequence[Customer], options: BulkOptions) -> bool:
    """Return whether selecting the customers would require many requests for individual nodes."""
    hierarchies = set(map(operator.attrgetter("hierarchy"), desired)) - {options.scope}
    if not hierarchies:
        return False
    for path in itertools.filterfalse(hierarchy.is_pkid, hierarchies):
        if not path.startswith(hierarchy.FULL):
            return True
    return not all(map(hierarchy.is_aligned, listed))


def _exported(desired: t.Iterable[DesiredCustomer], listed: t.Iterable[Customer]) -> ByPkid:
    """Return the listed customers by pkid, or an empty dictionary if no desired customer has an exported pkid."""
    if not any(map(operator.attrgetter("exported_pkid"), desired)):
        return {}
    return {customer["pkid"]: customer for customer in listed}


def _refuse_renamed(desired: DesiredCustomer, exported: ByPkid) -> None:
    """Check that the current name of a customer is the same as its name in the export.

    :raises InputError: the customer has a different name, so that the task would create or change another customer.
    """
    customer = exported.get(desired.exported_pkid)
    if customer is None or customer["data"]["name"] == desired.name:
        return
    raise InputError(
        f"The file contains the name '{desired.name}' for the pkid {desired.exported_pkid}, which belongs to the"
        f" customer '{customer['data']['name']}'. This customer was not changed. To rename the customer, use the module"
        " voss_spark_customer with 'pkid'. To create a new customer, remove the pkid from the file.",
        reason="conflict",
    )


def _select_elsewhere(voss: Voss, entries: t.Sequence[Entry], by_name: ByName, exported: ByPkid, scope: str) -> None:
    """Select the customer to move for each item that does not have a customer at or below its node.

    Customers that other entries select at their own nodes are not moved. The same applies to customers that a failed
    entry may select.
    """
    selected = _selected_pkids(entries)
    items = work_items(entries)
    unclear = {item.desired.name: item.desired for item in items if item.error and not item.listed}
    for item in items:
        if item.listed or item.error:
            continue
        same_name = by_name.get(str(item.desired.name), ())
        others = [customer for customer in same_name if customer["pkid"] not in selected]
        try:
            item.listed = single.select(voss, scope, others, "hierarchy")
            _refuse_other_pkid(item.desired, item.listed, exported, absent=False)
            _refuse_unclear(item.desired, item.listed, unclear.get(item.desired.name))
        except Exception as error:  # an error for one customer must not affect other customers
            item.fail(as_failure(error))
        if item.listed:
            item.desired = dataclasses.replace(item.desired, target=item.desired.hierarchy)


def _refuse_unclear(desired: DesiredCustomer, listed: Customer | None, failed: DesiredCustomer | None) -> None:
    """Check that no failed entry may select the customer to move.

    :param failed: a failed entry with the same name, whose customer is unknown; None if there is no such entry.
    :raises InputError: there is such an entry.
    """
    if listed is None:
        return
    if failed is None:
        return
    raise InputError(
        f"The customer '{desired.name}' at {place_of(listed)} (pkid {listed['pkid']}) was not moved to"
        f" '{desired.hierarchy}': the list entry for the customer '{failed.name}' at '{failed.hierarchy}' failed, and"
        " may select the same customer. Correct that entry, and run the task again.",
        reason="ambiguous",
    )


def _refuse_other_pkid(desired: DesiredCustomer, listed: Customer | None, exported: ByPkid, absent: bool) -> None:
    """Check that the selected customer is the exported customer, and not a different customer with the same name.

    A deleted customer can be restored from an export, so that it has a new pkid afterwards. Therefore, a new customer
    with the same name can be changed, but not deleted.

    :raises InputError: the customer has a different pkid.
    """
    pkid = desired.exported_pkid
    if not pkid or listed is None or listed["pkid"] == pkid:
        return
    if pkid not in exported and not absent:
        return
    raise InputError(
        f"The file contains the pkid {pkid} for the name '{desired.name}', but the customer with this name at"
        f" {place_of(listed)} has the pkid {listed['pkid']}. This customer was not changed. Check which"
        " customer to select. To select the customer by its name, remove the pkid from the file.",
        reason="conflict",
    )


def _refuse_shared(entries: t.Sequence[Entry]) -> None:
    """Check that no two entries select the same customer. An entry with an error does not change its customer."""
    selected: dict[str, DesiredCustomer] = {}
    for entry in entries:
        if entry.listed is None or entry.error:
            continue
        first = selected.setdefault(entry.listed["pkid"], entry.desired)
        if first is not entry.desired:
            raise InputError(
                f"Two list entries, at '{first.hierarchy}' and at '{entry.desired.hierarchy}', select the same customer"
                f" '{entry.desired.name}' (pkid {entry.listed['pkid']}). Nothing was changed. Remove one of the"
                " entries.",
                reason="ambiguous",
            )


def _selected_pkids(entries: t.Iterable[Entry]) -> set[str]:
    """Return the pkids of the existing customers that the entries select."""
    return {entry.listed["pkid"] for entry in entries if entry.listed}


def _pruned(
    voss: Voss, listed: t.Sequence[Customer], entries: t.Sequence[Entry], options: BulkOptions
) -> list[BulkItem]:
    """Return an item for each customer in the scope that no list entry selects, sorted by name.

    :raises InputError: it is unclear which customer an item selects, or ``prune_limit`` is exceeded.
    :raises ConnectorsError: the response does not prove that a customer is in the scope.
    """
    items = work_items(entries)
    errors = failures_of(items)
    if errors:
        raise InputError(
            "Cannot prune customers: it is not clear which customers the list selects. Nothing was changed. "
            + named_messages(errors),
            reason="ambiguous",
        )
    selected = _selected_pkids(entries)
    pruned = [customer for customer in listed if customer["pkid"] not in selected]
    pruned.sort(key=lambda customer: (customer["data"]["name"], customer["pkid"]))
    _refuse_pruning_of_similar(pruned, items)
    if len(pruned) > options.prune_limit:
        names = [customer["data"]["name"] for customer in pruned]
        raise InputError(
            f"Cannot prune {model.counted_names(names, 20)} in '{options.scope}', because 'prune_limit' is"
            f" {options.prune_limit}. Nothing was changed. Check the list, or raise 'prune_limit'.",
            reason="refused",
        )
    return list(map(functools.partial(_pruned_item, voss, options.scope), pruned))


def _pruned_item(voss: Voss, scope: str, customer: Customer) -> BulkItem:
    name, pkid = customer["data"]["name"], customer["pkid"]
    if not voss.is_proven_within(customer, scope):
        raise ConnectorsError(
            f"Cannot prune the customer '{name}' (pkid {pkid}): the pkids in the response do not prove that the"
            f" customer is at or below '{scope}'. Nothing was changed. Specify the pkid of the node as 'hierarchy',"
            " or disable 'prune'.",
            reason="invalid_response",
        )
    return BulkItem(DesiredCustomer(scope, name, pkid, {}, {}), listed=customer, to_delete=True)


def _refuse_pruning_of_similar(pruned: t.Sequence[Customer], items: t.Sequence[BulkItem]) -> None:
    """Check that no customer to prune has a name that is equal or similar to the name of a customer to create.

    :raises InputError: a list entry was probably intended to select a customer that would be pruned.
    """
    missing = {normal(str(item.desired.name)): item.desired for item in items if item.listed is None}
    for customer in pruned:
        name = customer["data"]["name"]
        desired = missing.get(normal(name))
        if desired is None:
            continue
        remedy = "To move the customer, set 'relocate: true'. To keep it, correct the 'hierarchy' of the list entry."
        if name != desired.name:
            remedy = f"The names differ only in {model.SIMILARITY}. Specify the exact name."
        raise InputError(
            f"Cannot prune the customer '{name}' at {place_of(customer)} (pkid {customer['pkid']}), because the"
            f" same task would create '{desired.name}' at '{desired.hierarchy}'. Nothing was changed. {remedy}",
            reason="conflict",
        )


def _plan_deletions(items: t.Iterable[BulkItem]) -> list[BulkItem]:
    """Plan the deletion of listed customers, and return the other items, whose customers must be read first."""
    unplanned: list[BulkItem] = []
    for item in items:
        if item.error:
            continue
        if item.to_delete and item.listed:
            item.set_plan(Plan(item.listed, None, (Step("deleted"),)))
        else:
            unplanned.append(item)
    return unplanned


def _is_up_to_date(listed: Customer, desired: DesiredCustomer, rules: Rules) -> bool:
    """Return whether the list proves that a customer, selected by its name, is up to date."""
    if desired.target:
        return False
    if rules.refresh == "expiring" and not listed["data"].get("access_token_expires"):
        return False
    if model.is_omitted(listed["data"], desired.settings, desired.secrets):
        return False
    changes, secrets = model.changes(listed, desired.settings, desired.secrets, rules.rewrite_secrets)
    return not any((changes, secrets, single.calls(rules, listed, False)))


def _plan_from_reading(voss: Voss, item: BulkItem, rules: Rules) -> None:
    """Plan an item based on the current state of its customer."""
    if item.listed is None or item.desired.target:
        _refuse_outside(voss, item.desired)
    if item.listed is None:
        if not item.to_delete:
            item.set_plan(single.creation(voss, item.desired, rules))
        return
    current = voss.listed_customer(item.listed)
    item.set_plan(single.plan_from(voss, current, item.desired, rules, lambda name, _node: voss.known_similar(name)))


def _refuse_outside(voss: Voss, desired: DesiredCustomer) -> None:
    """Check that the node of a customer to create, to move or to delete is in the scope.

    The customers at other nodes are unknown, and the task must not change them.

    :raises InputError: the node is not in the scope.
    """
    if desired.scope in (None, desired.hierarchy):
        return
    if not hierarchy.is_below(voss.node(desired.hierarchy), voss.node(str(desired.scope))):
        raise InputError(
            f"The node '{desired.hierarchy}' is not at or below '{desired.scope}', the scope of this task."
        )


def _distinct_creations(items: t.Iterable[BulkItem]) -> list[Customer]:
    """Return the customers to create. If customers at a node have similar names, only the first one is created."""
    first_items: dict[tuple[t.Any, str], BulkItem] = {}
    distinct: list[Customer] = []
    for item in items:
        created = item.created
        if created is None:
            continue
        first = first_items.setdefault((created["hierarchy"], normal(created["data"]["name"])), item)
        if first is item:
            distinct.append(created)
            continue
        item.remaining.clear()
        item.fail(
            InputError(
                f"The customer '{item.desired.name}' was not created: the list contains '{first.desired.name}' at"
                " the same node, and VOSS Automate may treat both names as the same name. Correct the names.",
                reason="conflict",
            )
        )
    return distinct


def _warn(voss: Voss, created: t.Sequence[Customer], selected: t.Container[str]) -> None:
    """Warn about planned creations that are probably unintended.

    :param selected: the pkids of the customers that the list selects.
    """
    single.warn_of_creations(voss, created)
    duplicates, similar = _existing_names(voss, created, selected)
    list_names = functools.partial(first_of, limit=MAX_NAMED, rest=", and")
    if duplicates:
        voss.http.warn(
            f"The task creates customers whose names exist elsewhere in the scope: {list_names(duplicates)}. To move"
            " the existing customers instead, set 'relocate: true'."
        )
    if similar:
        voss.http.warn(
            "The task creates customers whose names differ from other names in the scope only in case, whitespace,"
            f" invisible characters or Unicode normalization: {list_names(similar)}. To select an existing customer,"
            " specify its exact name."
        )


def _existing_names(
    voss: Voss, created: t.Sequence[Customer], selected: t.Container[str]
) -> tuple[list[str], list[str]]:
    """Describe new customers whose names already exist in the scope or are similar to existing names.

    A name can also be similar to the name of an earlier new customer.
    """
    duplicates: list[str] = []
    similar: list[str] = []
    first: dict[str, Customer] = {}
    for customer in created:
        name, node = customer["data"]["name"], place_of(customer)
        for other in voss.known_similar(name):
            existing, place = other["data"]["name"], place_of(other)
            if existing != name:
                similar.append(f"'{name}' at {node} (similar to '{existing}' at {place})")
            elif other["pkid"] not in selected:
                duplicates.append(f"'{name}' at {node} (a customer with this name exists at {place})")
        earlier = first.setdefault(normal(name), customer)
        if earlier["data"]["name"] != name:
            similar.append(
                f"'{name}' at {node} (similar to the new '{earlier['data']['name']}' at {place_of(earlier)})"
            )
    return duplicates, similar


def confirm_deletions(voss: Voss, entries: t.Sequence[Entry], options: BulkOptions) -> None:
    """Read each customer immediately before deleting it, and refuse to delete a customer that has changed.

    No step is necessary for a customer that no longer exists.
    """
    _read_each(voss, with_next(work_items(entries), ("deleted",)), options, _confirm_deletion, options)


def _confirm_deletion(voss: Voss, item: BulkItem, options: BulkOptions) -> None:
    planned = item.customer
    current = voss.customer(planned["pkid"], planned)
    item.outcome.customer = current
    if current is None:
        item.set_plan(NO_PLAN)
        return
    if current["hierarchy"] != planned["hierarchy"]:
        raise InputError(
            f"The customer '{item.desired.name}' (pkid {planned['pkid']}) was not deleted: it was moved after"
            " the customers were listed. Check the customer, and run the task again.",
            reason="conflict",
        )
    for node in (item.desired.hierarchy, options.scope):
        single.refuse_deletion(voss, current, dataclasses.replace(item.desired, hierarchy=node))
    item.plan = Plan(current, None, (Step("deleted"),))
