# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Check whether a customer can be created, and verify changes by reading customers.

If the response does not confirm a change, the customer is read again a few times, because lists and replicas may be out
of date. The parameter ``doubt`` is the error to raise if reading does not confirm the change. It is None if the
response or the transaction proves the change.
"""

from __future__ import annotations

import operator
import typing as t

from ..._errors import ConnectorsError, InputError, OutcomeUnknown, RequestFailed, TransactionFailed
from ..._mappings import picked
from ..._plan import Object, counted, differing
from ..._retry import LOOKUP_PAUSES
from . import model
from .client import Voss
from .hierarchy import AT, UNKNOWN, is_pkid
from .model import Customer

PLACE = ("hierarchy", "hierarchy_path", "nodes")
T = t.TypeVar("T")


class NotMade(ConnectorsError):
    """The server reported a change that it did not make."""

    reason = "invalid_response"


def refuse_existing(voss: Voss, customer: Customer) -> None:
    """Check that no customer at the node has the same name as the new customer, or a similar name.

    The complete list was read when the creation was planned. Therefore, the filter is sufficient here.

    :raises InputError: a customer has the name or a similar name.
    """
    name = customer["data"]["name"]
    refuse_similar(name, voss.similar_at(name, customer["hierarchy"]))


def refuse_similar(name: str, found: Customer | None) -> None:
    """Check that no customer with a similar name was found; see :func:`refuse_existing`."""
    if found is None:
        return
    other = found["data"]["name"]
    where = f"at {model.place_of(found)} (pkid {found['pkid']})"
    if other == name:
        raise InputError(
            f"The customer '{name}' was not created: another process has created this customer {where} after the"
            " customers were listed. Run the task again.",
            reason="conflict",
        )
    raise InputError(
        f"The customer '{name}' was not created: the customer '{other}' exists {where}, and the names differ only in"
        f" {model.SIMILARITY}. Specify the name of the existing customer, or rename that customer.",
        reason="conflict",
    )


def _retry(voss: Voss, read: t.Callable[[], T], is_shown: t.Callable[[T], bool] = bool) -> T:
    """Read customers until a change is visible or no attempts are left, and return the last result."""
    found = read()
    for seconds in LOOKUP_PAUSES:
        if is_shown(found):
            break
        voss.http.sleep(seconds)
        found = read()
    return found


def _refuse(doubt: ConnectorsError | None, error: ConnectorsError) -> t.NoReturn:
    """Raise ``doubt`` if it is set, or ``error`` otherwise."""
    raise doubt or error


def different(customer: Customer, settings: Object) -> Object:
    """Return the settings that differ from the current attributes of a customer."""
    return differing(customer["data"], settings, model.equal)


def seen_created(voss: Voss, customer: Customer, lost: OutcomeUnknown) -> Customer:
    """Find the customer that was created by a request whose response was lost.

    :raises OutcomeUnknown: there is no customer with the name, the node and the attributes of the request.
    """
    name = customer["data"]["name"]

    def read() -> Customer | None:
        found = voss.similar_at(name, customer["hierarchy"], certain=True)
        if found is None or found["data"]["name"] != name:
            return None
        return voss.customer(found["pkid"], found)

    try:
        found = _retry(voss, read)
    except RequestFailed:
        raise lost from None
    if found is None or different(found, customer["data"]):
        raise lost
    return found


def verified_creation(voss: Voss, customer: Customer, doubt: ConnectorsError | None) -> Customer:
    """Verify the creation of a customer by reading it, and return the customer.

    :param customer: the customer that was sent, with its pkid if the pkid is known.
    :raises ConnectorsError: the customer is not found, or it has a different name or node.
    """
    name, node = customer["data"]["name"], customer["hierarchy"]

    def read() -> Customer | None:
        if customer["pkid"]:
            current = voss.customer(customer["pkid"])
            if current:
                return current
        listed = voss.similar_at(name, node, certain=True)
        if listed is None:
            return None
        return _current(voss, listed)

    found = _retry(voss, read)
    if found is None:
        _refuse(doubt, _not_shown(name, node, "created"))
    if found["data"]["name"] != name or not _is_at(voss, found, node, name):
        message = (
            f"Cannot verify the creation of the customer '{name}': VOSS Automate returned '{found['data']['name']}'"
            f" (pkid {found['pkid']}) instead. Check this customer before you run the task again."
        )
        _refuse(doubt, ConnectorsError(message, reason="invalid_response"))
    if doubt and different(found, customer["data"]):
        raise doubt
    voss.note_normalized(normalized(found, customer["data"]), name)
    return {**customer, "pkid": found["pkid"], "data": found["data"]}


def _current(voss: Voss, listed: Customer) -> Customer:
    """Return the current state of a listed customer, or its listed state if a GET request does not find it."""
    return voss.customer(listed["pkid"], listed) or listed


def _is_at(voss: Voss, customer: Customer, node: str, name: str) -> bool:
    """Return whether a customer is at a node. If its location is unknown, read the list of customers at the node."""
    if is_pkid(node):
        return voss.is_at(customer, node)
    where = voss.where(customer, node)
    if where != UNKNOWN:
        return where == AT
    listed = voss.similar_at(name, node, certain=True)
    return listed is not None and listed["pkid"] == customer["pkid"]


def normalized(customer: Customer, settings: Object) -> list[str]:
    """Return the attributes whose values the server stored in a normalized form."""
    return sorted(name for name in different(customer, settings) if not model.is_blank(customer["data"].get(name)))


def normalization_warnings(voss: Voss) -> list[str]:
    """Return a warning for each attribute whose value the server normalized."""
    return [
        f"VOSS Automate stores '{attribute}' of {model.counted_names(names)} in a different form than specified, for"
        " example in lower case or trimmed. Each run writes the attribute again and reports a change. Specify the value"
        " that VOSS Automate returns."
        for attribute, names in sorted(voss.normalized.items())
    ]


def verified_update(
    voss: Voss, before: Customer, name: str, changes: Object, doubt: ConnectorsError | None
) -> Customer | None:
    """Verify an update by reading the customer. Return None if only secrets were written, which cannot be read.

    Attributes that the server stores in a different form are recorded in ``voss.normalized``.

    :param changes: the settings that the update changed.
    :raises ConnectorsError: a setting still has its old value, or the customer has a different name.
    """
    if not changes:
        if doubt:
            raise doubt
        return None
    settings = {**changes, "name": name}
    found = _retry(
        voss, lambda: voss.customer(before["pkid"]), lambda current: not _unchanged(current, before, settings)
    )
    if found is None:
        _refuse(doubt, _not_shown(name, before["hierarchy"], "updated"))
    unchanged = _unchanged(found, before, settings)
    if unchanged:
        message = (
            f"VOSS Automate reported that it updated the customer '{name}' (pkid {before['pkid']}), but did not change"
            f" {', '.join(unchanged)}. Check the values, and run the task again."
        )
        _refuse(doubt, NotMade(message))
    normalized_names = sorted(different(found, settings))
    if normalized_names and doubt:
        raise doubt
    voss.note_normalized(normalized_names, name)
    return found


def _unchanged(customer: Customer | None, before: Customer, settings: Object) -> list[str]:
    """Return the settings that still have their old values, or all settings if the customer does not exist.

    The name must match the written name exactly. The values of other settings may be stored in a different form.
    """
    if customer is None:
        return list(settings)
    data = customer["data"]
    found: list[str] = []
    for key, value in different(customer, settings).items():
        is_old = model.equal(key, before["data"].get(key), data.get(key))
        if key == "name" or (is_old and not model.is_same_but_for_form(data.get(key), value)):
            found.append(key)
    return sorted(found)


def verified_move(voss: Voss, customer: Customer, target: str, doubt: ConnectorsError | None) -> Customer:
    """Verify that a customer is at its new node, and return the customer.

    The vendor does not document whether a moved customer keeps its pkid. If the pkid is not found at the new node, the
    customer is searched for by its name.

    :raises ConnectorsError: the customer is not at the new node.
    """
    name = customer["data"]["name"]

    def read() -> list[Customer]:
        current = voss.customer(customer["pkid"])
        if current and (current["data"]["name"], current["hierarchy"]) == (name, target):
            return [current]
        listed = filter(lambda item: voss.is_at(item, target), voss.customers_called(name, target))
        return [_at_listed_node(voss, item) for item in listed]

    found = _retry(voss, read)
    if len(found) != 1:
        _refuse(doubt, _not_shown(name, target, "moved", len(found)))
    return found[0]


def _at_listed_node(voss: Voss, listed: Customer) -> Customer:
    """Return the current state of a listed customer, with its location from the list.

    The response to a GET request may still contain the old location, and contains at most the pkid of the node.
    """
    current = _current(voss, listed)
    if listed["hierarchy"] in (None, current["hierarchy"]):
        return current
    return {**current, **picked(listed, PLACE)}


def verified_deletion(voss: Voss, customer: Customer, doubt: ConnectorsError | None) -> None:
    """Check that a customer no longer exists.

    :raises ConnectorsError: the customer still exists.
    """
    if _retry(voss, lambda: voss.customer(customer["pkid"]), operator.not_):
        message = (
            f"VOSS Automate reported that it deleted the customer '{customer['data']['name']}' (pkid"
            f" {customer['pkid']}), but the customer still exists. Check the customer, and run the task again."
        )
        _refuse(doubt, NotMade(message))


def _not_shown(name: str, node: str, action: str, number: int = 0) -> TransactionFailed:
    found = counted(number, "customer") if number else "no customer"
    return TransactionFailed(
        f"VOSS Automate reported that the customer '{name}' was {action}, but returned {found} with this name at the"
        f" node {node}. Check the node before you run the task again.",
        reason="outcome_unknown",
    )
