# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Create, change and delete connector groups in Hybrid Data Pipeline."""

from __future__ import annotations

import operator
import typing as t
from collections import Counter

from ..._client import ApiClient
from ..._errors import InputError
from ..._mappings import by_key, having
from ..._plan import Object, diff
from ..._spec import Params, Result
from . import definitions, selection
from .definitions import GROUP, Definition

NUMBERS = {"connection_timeout": "connectionTimeout", "retry_delay": "retryDelay"}


def check(params: Params) -> None:
    """Check that the options of the group are valid.

    :raises InputError: an option is empty, too long or negative.
    """
    selection.check(params)
    for option in NUMBERS:
        _check_number(f"'{option}'", params[option])
    if params["members"] is None:
        return
    if not params["members"]:
        raise InputError(
            "'members' is empty, but a group must have at least one member. Use 'state: absent' to delete the group."
        )
    for number, member in enumerate(params["members"], 1):
        for option in ("sequence", "weight"):
            _check_number(f"'{option}' of member {number} of 'members'", member[option])


def _check_number(option: str, value: int | None) -> None:
    if value is not None and value < 0:
        raise InputError(f"Invalid value {value} for {option}: the value must not be negative.")


def present(params: Params, http: ApiClient, check_mode: bool) -> Result:
    """Create the group, or change it if it already exists.

    :raises InputError: the group does not exist and cannot be created, or a member is not valid.
    """
    listed: t.Sequence[Object] = ()
    if params["label"] or params["members"]:
        listed = selection.listed_connectors(http, _requires_labels(params))
    current = _find(params, http, listed)
    if current is None:
        return _create(params, http, check_mode, listed)
    desired = selection.planned(params, current)
    desired[GROUP] = _planned_group(params, current[GROUP], listed, current["connectorID"])
    return selection.replaced("group", current, desired, http, check_mode)


def absent(params: Params, http: ApiClient, check_mode: bool) -> Result:
    """Delete the group. Its members stay registered."""
    # A group with the new label is not the group to delete.
    params = {**params, "new_label": None}
    listed = selection.listed_by_label(http, params)
    current = _find(params, http, listed)
    if current is None:
        return {"changed": False, "group": None, "diff": diff(None, None)}
    group = definitions.public(current)
    if not check_mode and not definitions.delete_group(http, current["connectorID"]):
        return {"changed": False, "group": group, "diff": diff(None, None)}
    return {"changed": True, "group": group, "diff": diff(group, None)}


def _requires_labels(params: Params) -> bool:
    """Return whether an option selects the group or a member by its label."""
    if params["label"]:
        return True
    return any(map(operator.itemgetter("label"), params["members"] or ()))


def _find(params: Params, http: ApiClient, listed: t.Sequence[Object]) -> Definition | None:
    """Return the definition of the group, or None if it does not exist.

    :raises InputError: the connector is not a group.
    """
    current = selection.find(http, params, listed)
    if current is not None and not definitions.is_group(current):
        raise InputError(
            f"The connector '{current['connectorID']}' is not a group. Use the module hdp_connector for connectors.",
            reason="refused",
        )
    return current


def _create(params: Params, http: ApiClient, check_mode: bool, listed: t.Sequence[Object]) -> Result:
    if params["connector_id"]:
        raise InputError(
            f"Hybrid Data Pipeline does not have a group with the id '{params['connector_id']}'. The server assigns"
            " the ids. To create a group, specify 'label' instead of 'connector_id'.",
            reason="not_found",
        )
    if not params["members"]:
        raise InputError(
            f"The user does not own a group with the label '{params['label']}'. To create the group, specify 'members'."
            " To change a group of another user, use the credentials of its owner."
        )
    desired: Definition = {
        "label": params["new_label"] or params["label"],
        "authUser": selection.users(params["authorized_users"] or (), params["authorized_users_mode"], ()),
        GROUP: _planned_group(params, {**definitions.DEFAULTS, "members": []}, listed, None),
    }
    if not check_mode:
        desired = definitions.create_group(http, desired)
    group = definitions.public(desired)
    return {"changed": True, "group": group, "diff": diff(None, group)}


def _planned_group(params: Params, current: Object, listed: t.Sequence[Object], group_id: str | None) -> Object:
    """Return the properties that the group will have after the change.

    :param current: the current properties, or the defaults for a new group.
    """
    desired = dict(current)
    for option, key in NUMBERS.items():
        if params[option] is not None:
            desired[key] = params[option]
    if params["load_balancing"] is True:
        desired["loadBalancing"] = definitions.ROUND_ROBIN
    elif params["load_balancing"] is False and desired.get("loadBalancing"):
        # The vendor does not document how to disable load balancing.
        del desired["loadBalancing"]
    if params["members"] is not None:
        desired["members"] = _planned_members(params["members"], current["members"], listed, group_id)
    _refuse_repeated_sequence(desired)
    return desired


def _refuse_repeated_sequence(group: Object) -> None:
    """Check that the members have unique positions, unless the group uses load balancing.

    :raises InputError: two members have the same sequence, and the group does not use load balancing.
    """
    sequences = list(map(operator.itemgetter("sequence"), group["members"]))
    repeated = list(Counter(sequences) - Counter(set(sequences)))
    if repeated and not group.get("loadBalancing"):
        raise InputError(
            f"Several members have the sequence {repeated[0]}, but a group without load balancing requires a different"
            " sequence for each member. Nothing was changed. Specify different numbers, or set 'load_balancing: true'."
        )


def _planned_members(
    given: t.Sequence[Params], current: t.Sequence[Object], listed: t.Sequence[Object], group_id: str | None
) -> list[Object]:
    """Return the members that the group will have after the change.

    The default of ``sequence`` is the position in the list. The default of ``weight`` is the current weight, or 1.
    """
    before = by_key(current, "memberID")
    members: dict[str, Object] = {}
    for position, item in enumerate(given, 1):
        member_id = _member_id(item, listed, group_id)
        if member_id in members:
            raise InputError(f"'members' contains the connector '{member_id}' twice. Specify each connector once.")
        member = {"weight": 1, **before.get(member_id, {}), "memberID": member_id, "sequence": position}
        for option in ("sequence", "weight"):
            if item[option] is not None:
                member[option] = item[option]
        members[member_id] = member
    return list(members.values())


def _member_id(item: Params, listed: t.Sequence[Object], group_id: str | None) -> str:
    """Check that a member is a connector that belongs to the user, not a group, and return its ID.

    :raises InputError: the connector does not exist, is a group, or is a member of a different group.
    """
    key = "connector_id" if item["connector_id"] else "label"
    found = having(listed, key, item[key])
    if not found:
        raise InputError(
            f"The member with the {key} '{item[key]}' is not a connector of the user. Nothing was changed. A group can"
            " contain only connectors that belong to the owner of the group. Use the module hdp_connector_info with"
            " 'scope: user' to list these connectors.",
            reason="not_found",
        )
    if len(found) > 1:
        identifiers = ", ".join(entry["connector_id"] for entry in found[:20])
        raise InputError(
            f"Found {len(found)} connectors with the label '{item[key]}': {identifiers}. Nothing was changed. Specify"
            " the 'connector_id' of the member.",
            reason="ambiguous",
        )
    member_id = str(found[0]["connector_id"])
    if member_id == group_id or found[0].get("is_group"):
        raise InputError(
            f"The member '{item[key]}' is a group, and groups cannot be nested. Nothing was changed. Specify the"
            " members of that group instead.",
            reason="refused",
        )
    for entry in listed:
        _refuse_member_of(entry, member_id, group_id)
    return member_id


def _refuse_member_of(other: Object, member_id: str, group_id: str | None) -> None:
    """Check that a connector is not a member of the group in a list entry, unless that group is being changed.

    Entries that are not groups or do not include the members are accepted.

    :raises InputError: the connector is a member of a different group.
    """
    group = other.get("connector_group")
    if not isinstance(group, dict) or other["connector_id"] == group_id:
        return
    members = group.get("members")
    if not isinstance(members, list):
        return
    if member_id in map(_identifier, members):
        raise InputError(
            f"The connector '{member_id}' is a member of the group '{other['connector_id']}', and a connector can"
            " belong to only one group. Nothing was changed. Remove the connector from that group first.",
            reason="conflict",
        )


def _identifier(member: t.Any) -> object:
    """Return the ID of a member in a list entry, which is an object or an ID."""
    return member.get("member_id") if isinstance(member, dict) else member
