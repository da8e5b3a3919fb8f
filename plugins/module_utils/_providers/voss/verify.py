# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Whether a change of a customer may be made, and whether it was made, as reading the customer shows.

A change that reading does not show at once is read again a few times, as lists and copies may be a moment behind. Where
neither the response nor the transaction proves the change, ``doubt`` is the failure that is raised if reading does not
show it either.
"""

from __future__ import annotations

import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    OutcomeUnknown,
    RequestFailed,
    TransactionFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import Object
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import model
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import AT, UNKNOWN, is_pkid
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import Customer
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.transactions import pause
from ansible_collections.hybrid.connectors.plugins.module_utils._retry import LOOKUP_PAUSES

T = t.TypeVar("T")


class NotMade(ConnectorsError):
    """The server reports a change that reading shows not to have been made."""

    reason = "invalid_response"


def refuse_existing(voss: Voss, customer: Customer) -> None:
    """Check that no customer at a node has the name of one that is to be created there.

    :raises InputError: there is one of that name, or of one that the server may take for it.
    """
    name = customer["data"]["name"]
    refuse_similar(name, voss.similar_at(name, customer["hierarchy"]))


def refuse_similar(name: str, found: Customer | None) -> None:
    """Check that there is no customer that would be doubled by one of this name; see :func:`refuse_existing`."""
    if found is None:
        return
    other = found["data"]["name"]
    where = f"at {model.place_of(found)} (pkid {found['pkid']})"
    if other == name:
        raise InputError(
            f"The customer '{name}' was not created: one of that name has appeared {where} since the customers were"
            " listed. Run the task again.",
            reason="conflict",
        )
    raise InputError(
        f"The customer '{name}' was not created: the customer '{other}' exists {where}, and the names differ only in"
        f" {model.difference_of(name, other)}. Specify the name of the existing customer, or rename that customer.",
        reason="conflict",
    )


def _until(voss: Voss, read: t.Callable[[], T | None]) -> T | None:
    """What reading shows in the end; None if it shows nothing each time."""
    found = read()
    for seconds in LOOKUP_PAUSES:
        if found is not None:
            break
        pause(voss.http, seconds)
        found = read()
    return found


def seen_created(voss: Voss, customer: Customer, lost: OutcomeUnknown) -> Customer:
    """The customer that a creation without a response has made after all: of its name, at its node, as it was sent.

    :raises OutcomeUnknown: there is none, or the server cannot tell.
    """
    name = customer["data"]["name"]

    def read() -> Customer | None:
        found = voss.similar_at(name, customer["hierarchy"])
        if found is None or found["data"]["name"] != name:
            return None
        return voss.customer(found["pkid"], found)

    try:
        found = _until(voss, read)
    except RequestFailed:
        raise lost from None
    if found is None or model.changes(found, customer["data"], {}, False)[0]:
        raise lost
    return found


def verified_creation(voss: Voss, customer: Customer, doubt: ConnectorsError | None) -> Customer:
    """The customer that was created, as it is read.

    :param customer: what was created, with its pkid if that is known.
    :raises ConnectorsError: it is not to be seen, or what is there instead is another one.
    """
    name, node = customer["data"]["name"], customer["hierarchy"]

    def read() -> Customer | None:
        truth = voss.customer(customer["pkid"]) if customer["pkid"] else None
        if truth:
            return truth
        found = voss.similar_at(name, node)
        return found and (voss.customer(found["pkid"], found) or found)

    found = _until(voss, read)
    if found is None:
        raise doubt or _not_shown(name, node, "created")
    where = voss.where(found, node)
    if where == UNKNOWN and not is_pkid(node):  # a GET does not show the path of a node, only a list does
        listed = voss.similar_at(name, node)
        where = AT if listed and listed["pkid"] == found["pkid"] else UNKNOWN
    if found["data"]["name"] != name or where != AT:
        raise doubt or ConnectorsError(
            f"VOSS Automate reports that it created the customer '{name}', but shows '{found['data']['name']}' (pkid"
            f" {found['pkid']}) in its place. Check it there before you run this again.",
            reason="invalid_response",
        )
    if doubt and model.changes(found, customer["data"], {}, False)[0]:
        raise doubt
    voss.note_normalized(normalized(found, customer["data"]), name)
    return {**customer, "pkid": found["pkid"], "data": found["data"]}


def normalized(customer: Customer, wanted: Object) -> list[str]:
    """Return the attributes of a customer that the server shows in a different form than they were written."""
    left = model.changes(customer, wanted, {}, False)[0]
    return sorted(name for name in left if not model.is_blank(customer["data"].get(name)))


def normalization_warnings(voss: Voss) -> list[str]:
    """Return one warning for each attribute that the server stores in a different form than specified."""
    return [
        f"VOSS Automate stores '{attribute}' of {model.counted_names(names)} in a different form than specified, for"
        " example in lower case or trimmed. Each run writes the attribute again and reports a change. Specify the value"
        " that VOSS Automate returns."
        for attribute, names in sorted(voss.normalized.items())
    ]


def verified_update(
    voss: Voss, before: Customer, name: str, changes: Object, doubt: ConnectorsError | None
) -> Customer | None:
    """The customer as it is read after an update; None if the update wrote secrets only, which are not shown.

    Attributes that the server stores in a different form are recorded in ``voss.normalized``.

    :param changes: the settings that were written because they differed.
    :raises ConnectorsError: a setting is what it was before, or the customer has another name.
    """
    if not changes:
        if doubt:
            raise doubt
        return None
    wanted = {**changes, "name": name}
    truth: list[Customer] = []

    def read() -> Customer | None:
        truth[:] = filter(None, [voss.customer(before["pkid"])])
        return truth[0] if truth and not _unchanged(truth[0], before, wanted) else None

    if _until(voss, read) is None:
        if doubt or not truth:
            raise doubt or _not_shown(name, before["hierarchy"], "updated")
        raise NotMade(
            f"VOSS Automate reports that it updated the customer '{name}' (pkid {before['pkid']}), but shows"
            f" {', '.join(_unchanged(truth[0], before, wanted))} unchanged."
        )
    left = model.changes(truth[0], wanted, {}, False)[0]
    if left and doubt:
        raise doubt
    voss.note_normalized(sorted(left), name)
    return truth[0]


def _unchanged(customer: Customer, before: Customer, wanted: Object) -> list[str]:
    """Return the settings that are as before, and not as they were written.

    A name has to be exactly as written. Another setting may have been written and stored in a different form.
    """
    left = model.changes(customer, wanted, {}, False)[0]
    data = customer["data"]
    return sorted(
        key
        for key, value in left.items()
        if key == "name"
        or (
            model.equal(key, before["data"].get(key), data.get(key))
            and not model.is_same_but_for_form(data.get(key), value)
        )
    )


def verified_move(voss: Voss, customer: Customer, target: str, doubt: ConnectorsError | None) -> Customer:
    """The customer at its new node.

    Whether it keeps its pkid when it moves is not documented: if it is not found by it, it is looked for by its name.

    :raises ConnectorsError: it is not there.
    """
    name = customer["data"]["name"]
    truth = voss.customer(customer["pkid"])
    if truth and truth["data"]["name"] == name and truth["hierarchy"] == target:
        return truth
    found = [item for item in voss.customers_called(name, target) if voss.is_at(item, target)]
    if len(found) != 1:
        raise doubt or _not_shown(name, target, "moved", len(found))
    return voss.customer(found[0]["pkid"], found[0]) or found[0]


def verified_deletion(voss: Voss, customer: Customer, doubt: ConnectorsError | None) -> None:
    """Check that a customer is not there any more.

    :raises ConnectorsError: it is.
    """

    def read() -> bool | None:
        return voss.customer(customer["pkid"]) is None or None

    if not _until(voss, read):
        raise doubt or NotMade(
            f"VOSS Automate reports that the customer '{customer['data']['name']}' (pkid {customer['pkid']}) is"
            " deleted, and shows it nevertheless."
        )


def _not_shown(name: str, node: str, action: str, number: int = 0) -> TransactionFailed:
    return TransactionFailed(
        f"VOSS Automate says that the customer '{name}' was {action}, but shows {number or 'none'} of that name"
        f" at the node {node}. Look at it there before you run this again.",
        reason="outcome_unknown",
    )
