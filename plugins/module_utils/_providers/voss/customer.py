# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Plan the changes to a customer: find it, compare it with the desired state, and list the required steps.

Planning does not change anything. In check mode, the plan is the result.
"""

from __future__ import annotations

import dataclasses
import typing as t
from datetime import datetime, timezone

from ..._errors import ConnectorsError, InputError
from ..._mappings import without_none
from ..._masked_values import masked_place
from ..._plan import Object, only_one, shown
from ..._timestamps import days_left
from . import model
from .client import Voss
from .hierarchy import is_above_customers
from .model import Customer
from .verify import refuse_similar

Called = t.Callable[[str, str], t.Sequence[Customer]]

SYNCS = {
    "roles_licences": ("roles_licences_synced", "+SyncWebexTeamsRolesLicences"),
    "users": ("users_synced", "+SyncWebexTeamsUsers"),
}
CALLS = {**dict(SYNCS.values()), "access_token_refreshed": "+RefreshAccessToken"}


@dataclasses.dataclass(frozen=True)
class DesiredCustomer:
    """The desired state of one customer.

    :ivar settings: the attributes by their API names, without secrets. Other attributes stay unchanged.
    :ivar target: the node to move the customer to.
    :ivar scope: the node to which the whole task is limited.
    :ivar exported_pkid: the pkid of the customer in the exported file that contains the desired state.
    """

    hierarchy: str
    name: str | None
    pkid: str | None
    settings: Object
    secrets: Object
    sync_on_create: bool | None = None
    target: str | None = None
    scope: str | None = None
    exported_pkid: str | None = None

    @property
    def destination(self) -> str:
        """The node to which the customer belongs after the run."""
        return self.target or self.hierarchy


@dataclasses.dataclass(frozen=True)
class Rules:
    """Options that determine when to write secrets, synchronize customers and refresh access tokens."""

    rewrite_secrets: bool = False
    sync: tuple[str, ...] = ()
    sync_always: bool = False
    refresh: str = "never"
    token_min_days: float = 3.0


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a plan: a change to a customer.

    :ivar action: the name of the action in the result of the task.
    :ivar body: the request body of a creation or an update.
    :ivar target: the target node of a move.
    :ivar changes: the settings that an update changes.
    """

    action: str
    body: Object = dataclasses.field(default_factory=dict)
    target: str = ""
    changes: Object = dataclasses.field(default_factory=dict, compare=False)

    @property
    def is_listed(self) -> bool:
        """Whether a list of customers can show this change. Lists do not show changes to secrets."""
        return self.action == "created" or bool(self.changes)


@dataclasses.dataclass(frozen=True)
class Plan:
    """The planned steps that change a customer.

    :ivar before: the customer before the run; None if it does not exist.
    :ivar after: the customer after the run; None if it no longer exists.
    :ivar written: the names of the secrets that the steps write.
    """

    before: Customer | None
    after: Customer | None
    steps: tuple[Step, ...] = ()
    written: tuple[str, ...] = ()


@dataclasses.dataclass
class Outcome:
    """The result of the completed steps.

    :ivar read: the customer as it was read after the last change; None if it was not read.
    :ivar unverified: the changes that still have to be verified by a read request, each with the customer before the
        change.
    """

    customer: Customer | None
    actions: list[str] = dataclasses.field(default_factory=list)
    transactions: list[Object] = dataclasses.field(default_factory=list)
    read: Customer | None = dataclasses.field(default=None, compare=False)
    unverified: list[tuple[Step, Customer]] = dataclasses.field(default_factory=list, compare=False)


def find(voss: Voss, desired: DesiredCustomer, to_delete: bool = False) -> Customer | None:
    """Return the current state of the selected customer, or None if it does not exist.

    :param to_delete: whether the task deletes the customer. If so, a listed customer may no longer exist.
    :raises InputError: the name is ambiguous (see :func:`select`), or the node is unknown.
    """
    if desired.pkid:
        return find_with_path(voss, desired.pkid)
    listed = _find_listed(voss, str(desired.name), desired)
    if listed is None:
        return None
    if to_delete:
        return voss.customer(listed["pkid"], listed)
    return voss.listed_customer(listed)


def find_with_path(voss: Voss, pkid: str) -> Customer | None:
    """Read a customer. Add the path of its node, because responses for a single customer omit this path."""
    customer = voss.customer(pkid)
    if customer and not customer["hierarchy_path"]:
        node = voss.node_of(customer)
        customer.update(hierarchy_path=node.path, nodes=customer["nodes"] or node.nodes)
    return customer


def _find_listed(voss: Voss, name: str, desired: DesiredCustomer) -> Customer | None:
    """Find the selected customer in lists, and return it with the attributes that the list contains.

    If an earlier run already moved the customer, it is at the target. The first attempt uses lists that the server
    filters, which is fast but not conclusive. The second attempt reads the complete lists.
    """
    if not desired.target:
        return select(voss, desired.hierarchy, voss.customers_called(name, desired.hierarchy))
    for is_certain in (False, True):
        for hierarchy in (desired.hierarchy, desired.target):
            found = select(voss, hierarchy, voss.customers_called(name, hierarchy, certain=is_certain))
            if found:
                return found
    return None


def select(voss: Voss, hierarchy: str, customers: t.Sequence[Customer], option: str = "pkid") -> Customer | None:
    """Return the customer at the node itself. If there is none, return the only customer below the node, or None.

    :param customers: customers with the same name.
    :param option: the option that selects one of several customers.
    :raises InputError: several customers are at the node, or no customer is at the node and several are below it.
    """
    if not customers:
        return None
    if len(customers) == 1:
        return customers[0]
    found, place = [customer for customer in customers if voss.is_at(customer, hierarchy)], "at"
    if not found:
        found, place = list(customers), "below"
    return only_one(
        found,
        f"customers with the name '{found[0]['data'].get('name')}' {place} '{hierarchy}'",
        lambda customer: f"{model.place_of(customer)} (pkid {customer['pkid']})",
        option,
    )


def plan_present(voss: Voss, desired: DesiredCustomer, rules: Rules) -> Plan:
    """Plan the steps that create or change a customer.

    :raises InputError: the name is ambiguous or belongs to another customer, or a node is unknown.
    """
    return plan_from(voss, find(voss, desired), desired, rules, voss.similar_within)


def plan_from(voss: Voss, current: Customer | None, desired: DesiredCustomer, rules: Rules, called: Called) -> Plan:
    """Plan the steps that change a customer from its current state to the desired state.

    :param called: returns the customers with a name, or with a similar name, at or below a node.
    :raises InputError: a node is unknown, the name belongs to another customer, or an attribute that is not specified
        looks masked.
    """
    if current is None:
        return creation(voss, desired, rules)
    settings = settings_of(desired)
    changes, secrets = model.changes(current, settings, desired.secrets, rules.rewrite_secrets)
    after = model.after_changes(current, changes)
    steps: list[Step] = []
    if "name" in changes:
        _refuse_rename(current, changes["name"], called, voss)
    if changes or secrets:
        body = model.modification(current, changes, secrets, settings, desired.secrets)
        _refuse_masked(current, body, {**without_none(settings), **desired.secrets})
        steps.append(Step("updated", body, changes=changes))
    if desired.target and not voss.is_at(current, desired.target):
        node = voss.node(desired.target)
        _refuse_taken(voss, after["data"]["name"], node.reference, current, called)
        steps.append(Step("moved", target=node.reference))
        after = {**after, "hierarchy": node.reference, "hierarchy_path": node.path, "nodes": ()}
    steps += calls(rules, current, bool(steps))
    return Plan(current, after, tuple(steps), tuple(secrets))


def settings_of(desired: DesiredCustomer) -> Object:
    """Return the desired attributes, including the desired name."""
    if not desired.name:
        return desired.settings
    return {**desired.settings, "name": desired.name}


def plan_absent(voss: Voss, desired: DesiredCustomer) -> Plan:
    """Plan the deletion of a customer.

    :raises ConnectorsError: see :func:`refuse_deletion`.
    """
    current = find(voss, desired, to_delete=True)
    if current is None:
        warn_of_look_alikes(voss, [desired])
        return Plan(None, None)
    refuse_deletion(voss, current, desired)
    return Plan(current, None, (Step("deleted"),))


def refuse_deletion(voss: Voss, current: Customer, desired: DesiredCustomer) -> None:
    """Check the name and the location of a customer before its deletion.

    :raises InputError: the customer has a different name, or is not at or below the node.
    :raises ConnectorsError: no pkids prove that the customer is at or below the node.
    """
    name = current["data"]["name"]
    place = model.place_of(current)
    if desired.name not in (None, name):
        raise InputError(
            _not_deleted(current, f"its name is not '{desired.name}'. Check the name and the pkid."), reason="conflict"
        )
    if voss.is_proven_within(current, desired.hierarchy):
        return
    if place and not voss.is_within(current, desired.hierarchy):
        raise InputError(
            _not_deleted(current, f"its node {place} is not at or below '{desired.hierarchy}'. Check 'hierarchy'."),
            reason="conflict",
        )
    raise ConnectorsError(
        _not_deleted(
            current,
            f"according to its pkids, the customer may not be at or below '{desired.hierarchy}'. Specify the pkid of"
            " the node as 'hierarchy'.",
        ),
        reason="invalid_response",
    )


def _not_deleted(customer: Customer, cause: str) -> str:
    """Return the message that explains why a customer was not deleted."""
    return f"The customer '{customer['data']['name']}' (pkid {customer['pkid']}) was not deleted: {cause}"


def creation(voss: Voss, desired: DesiredCustomer, rules: Rules) -> Plan:
    """Plan the creation of a customer.

    :raises InputError: the customer is specified by its pkid, its node is unknown, or a customer with a similar name
        exists.
    """
    if desired.pkid or not desired.name:
        raise InputError(
            f"VOSS Automate does not have a customer with the pkid '{desired.pkid}'. To create a customer, specify its"
            " 'name' without 'pkid'.",
            reason="not_found",
        )
    name, node = desired.name, voss.node(desired.destination)
    for other in voss.known_similar(name):
        if other["hierarchy"] == node.reference:
            refuse_similar(name, other)
    for place in dict.fromkeys((desired.hierarchy, desired.destination)):
        refuse_similar(name, voss.look_alike_within(name, place))
    data = {"name": name, **desired.settings}
    created: Customer = {
        "pkid": None,
        "hierarchy": node.reference,
        "hierarchy_path": node.path,
        "nodes": (),
        "data": data,
    }
    secrets = {name: value for name, value in desired.secrets.items() if value}
    body = {**data, **secrets}
    if desired.sync_on_create is not None:
        body["sync"] = desired.sync_on_create
    steps = (Step("created", body), *calls(rules, created, True))
    return Plan(None, created, steps, tuple(secrets))


def warn_of_creations(voss: Voss, created: t.Sequence[Customer]) -> None:
    """Warn about new customers at a node of an unusual type, and about names that the server may normalize."""
    by_node: dict[str, list[str]] = {}
    irregular: list[str] = []
    for customer in created:
        name = customer["data"]["name"]
        by_node.setdefault(customer["hierarchy"], []).append(name)
        if not model.is_regular(name):
            irregular.append(name)
    for reference, names in by_node.items():
        node = voss.node(reference)
        if is_above_customers(node):
            voss.http.warn(
                f"The task creates {model.counted_names(names)} at '{node.path or reference}', which is a node of"
                f" type {node.node_type}. Customers usually belong to a node of type Customer. Set 'hierarchy' to the"
                " node of each customer."
            )
    if irregular:
        voss.http.warn(
            f"The task creates {model.counted_names(irregular)} with a name that contains leading, trailing, repeated"
            " or no-break spaces, invisible characters, or characters that are not in the Unicode normalization form"
            " NFC. VOSS Automate may store a different name. Check the name."
        )


def warn_of_look_alikes(voss: Voss, missing: t.Iterable[DesiredCustomer]) -> None:
    """Warn if a customer to delete does not exist, but a customer with a similar name exists."""
    for desired in missing:
        name = str(desired.name)
        try:
            found = voss.look_alike_within(name, desired.hierarchy)
        except ConnectorsError:  # the warning is optional
            continue
        if found:
            other = found["data"]["name"]
            voss.http.warn(
                f"The customer '{name}' does not exist. The customer '{other}' exists at"
                f" {model.place_of(found)} (pkid {found['pkid']}), and the names differ only in"
                f" {model.SIMILARITY}. The module does not delete this customer."
            )


def _refuse_rename(current: Customer, name: str, called: Called, voss: Voss) -> None:
    """Check that a customer can be renamed.

    :raises InputError: the name belongs to another customer at the node, or the node of the customer is unknown.
    """
    if current["hierarchy"] is None:
        raise InputError(
            f"Cannot rename the customer '{current['data']['name']}' to '{name}': VOSS Automate does not show the node"
            " of the customer, so the names of the other customers at this node cannot be checked. Nothing was changed."
            " Use the credentials of a user who has access to the node.",
            reason="refused",
        )
    _refuse_taken(voss, name, current["hierarchy"], current, called)


def _refuse_taken(voss: Voss, name: str, hierarchy: str, customer: Customer, called: Called) -> None:
    """Check that no other customer at a node has this name or a similar name.

    The vendor does not document whether two customers at a node may have the same name. The modules cannot
    distinguish between customers with the same name.

    :raises InputError: another customer has the name.
    """
    for other in called(name, hierarchy):
        if other["pkid"] == customer["pkid"] or not voss.is_at(other, hierarchy):
            continue
        place = f"{model.place_of(other)} (pkid {other['pkid']})"
        existing = other["data"]["name"]
        if existing == name:
            raise InputError(
                f"The name '{name}' belongs to another customer at {place}. Nothing was changed.", reason="conflict"
            )
        raise InputError(
            f"The name '{name}' differs only in {model.SIMILARITY} from the name of the customer"
            f" '{existing}' at {place}. Nothing was changed.",
            reason="conflict",
        )


def _refuse_masked(current: Customer, body: Object, specified: t.Container[str]) -> None:
    """Check that an update does not replace a secret with the mask that the server returned.

    :param body: the body of the request, which contains all attributes.
    :param specified: the attributes whose values are from the options.
    :raises InputError: the value of an attribute that is not specified looks masked.
    """
    for attribute, value in body.items():
        place = None if attribute in specified else masked_place(attribute, value)
        if place is None:
            continue
        option = (
            f"'{shown(attribute)}'" if attribute in model.SETTINGS else f"'{shown(attribute)}' in 'extra_attributes'"
        )
        raise InputError(
            f"The customer '{current['data']['name']}' (pkid {current['pkid']}) was not updated: {place} looks masked,"
            f" and the update would replace a secret with its mask. Specify {option}.",
            reason="refused",
        )


def calls(rules: Rules, current: Customer, changed: bool) -> list[Step]:
    """Return the steps that refresh the access token or synchronize the customer.

    :param changed: whether other steps change the customer.
    """
    steps: list[Step] = []
    if _needs_refresh(rules, current):
        steps.append(Step("access_token_refreshed"))
    if changed or steps or rules.sync_always:
        steps += [Step(action) for kind, (action, _call) in SYNCS.items() if kind in rules.sync]
    return steps


def _needs_refresh(rules: Rules, current: Customer) -> bool:
    if rules.refresh != "expiring":
        return rules.refresh == "always"
    left = days_left(current["data"].get("access_token_expires"), datetime.now(timezone.utc))
    return left is not None and left <= rules.token_min_days


def difference(plan: Plan) -> Object:
    """Return the diff of the planned changes, without the values of secrets."""
    called = [step.action for step in plan.steps if step.action in CALLS]
    return model.difference(plan.before, plan.after, plan.written, called)
