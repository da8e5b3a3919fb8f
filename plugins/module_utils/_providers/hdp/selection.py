# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Select a connector or group that belongs to the user, and change its label and its authorized users."""

from __future__ import annotations

import typing as t

from ..._client import ApiClient
from ..._errors import InputError
from ..._mappings import having
from ..._plan import Object, diff, only_one
from ..._spec import Options, Params, Result
from . import definitions
from .client import user_connectors
from .definitions import Definition

# Options that the modules for connectors and for groups have in common.
OPTIONS: Options = {
    "connector_id": {"type": "str"},
    "label": {"type": "str"},
    "new_label": {"type": "str"},
    "authorized_users": {"type": "list", "elements": "str"},
    "authorized_users_mode": {"type": "str", "choices": ["exact", "add", "remove"], "default": "exact"},
}
RULES: t.Mapping[str, t.Any] = {
    "required_one_of": (("connector_id", "label"),),
    "mutually_exclusive": (("connector_id", "label"),),
}
# Keys that identify a connector in a diff.
IDENTITY = ("connector_id", "label")


def check(params: Params) -> None:
    """Check the options that the modules for connectors and for groups have in common.

    :raises InputError: an option is empty or too long.
    """
    for option in ("connector_id", "label", "new_label"):
        value = params[option]
        if value == "":
            raise InputError(f"Option '{option}' is empty. Specify a value, or omit the option.")
        if option != "connector_id" and value and len(value) > definitions.MAX_LABEL:
            raise InputError(
                f"Option '{option}' has {len(value)} characters, but the maximum is {definitions.MAX_LABEL}."
            )
    if "" in (params["authorized_users"] or ()):
        raise InputError("'authorized_users' contains an empty user name.")


def present(params: Params, http: ApiClient, check_mode: bool) -> Result:
    """Change the label and the authorized users of a single connector.

    :raises InputError: the connector does not exist, or is a group.
    """
    listed = listed_by_label(http, params)
    current = find(http, params, listed)
    if current is None:
        raise InputError(
            f"The user does not own a connector {_reference(params)}. Connectors register themselves during their"
            " installation; the module cannot create them. Use the module hdp_connector_info with 'scope: user' to list"
            " the connectors of the user.",
            reason="not_found",
        )
    if definitions.is_group(current):
        raise InputError(
            f"The connector '{current['connectorID']}' is a group. Use the module hdp_connector_group for groups.",
            reason="refused",
        )
    return replaced("connector", current, planned(params, current), http, check_mode)


def replaced(key: str, current: Definition, desired: Definition, http: ApiClient, check_mode: bool) -> Result:
    """Replace the definition if it differs from the desired definition, and return the result of the module.

    A property that the server omits has its documented default.

    :param key: the key of the connector or the group in the result.
    """
    before = definitions.public(current)
    desired = definitions.with_defaults(desired)
    if definitions.public(desired) == definitions.public(definitions.with_defaults(current)):
        return {"changed": False, key: before, "diff": diff(before, before, IDENTITY)}
    if not check_mode:
        desired = definitions.replace(http, current, desired)
    after = definitions.public(desired)
    return {"changed": True, key: after, "diff": diff(before, after, IDENTITY)}


def _reference(params: Params) -> str:
    if params["connector_id"]:
        return f"with the id '{params['connector_id']}'"
    reference = f"with the label '{params['label']}'"
    if params["new_label"]:
        reference += f" or '{params['new_label']}'"
    return reference


def listed_connectors(http: ApiClient, requires_labels: bool) -> list[Object]:
    """Return the connectors and groups that the user owns.

    :param requires_labels: whether an option selects a connector or a group by its label.
    """
    return user_connectors(http, details=True, accessible=False, requires_labels=requires_labels)


def listed_by_label(http: ApiClient, params: Params) -> t.Sequence[Object]:
    """Return the connectors and groups of the user, or an empty list if the task does not specify a label."""
    if params["label"]:
        return listed_connectors(http, requires_labels=True)
    return ()


def find(http: ApiClient, params: Params, listed: t.Sequence[Object]) -> Definition | None:
    """Return the definition of the selected connector or group, or None if it does not exist.

    :param listed: the connectors of the user; empty if the list was not read because ``connector_id`` is set.
    :raises InputError: the options do not select a single connector, or the connector changed after the list was read.
    """
    connector_id = _selected_id(params, listed)
    found = definitions.definition(http, connector_id) if connector_id else None
    if found is None:
        if any(item["connector_id"] == connector_id for item in listed):
            raise definitions.missing_although_listed(str(connector_id))
        return None
    if params["label"] and found.get("label") not in (params["label"], params["new_label"]):
        raise InputError(
            f"The label of the connector '{connector_id}' changed after the list was read. Nothing was changed. Run the"
            " task again.",
            reason="conflict",
        )
    return found


def _selected_id(params: Params, listed: t.Sequence[Object]) -> str | None:
    """Return the ID of the selected connector, or None if no connector has the label or the new label.

    :raises InputError: several connectors have the label, or the new label belongs to a different connector.
    """
    if params["connector_id"]:
        return str(params["connector_id"])
    selected = _labelled(listed, params["label"])
    renamed = _labelled(listed, params["new_label"])
    if selected and renamed and selected is not renamed:
        raise InputError(
            f"The label '{params['new_label']}' belongs to the connector '{renamed['connector_id']}'. Nothing was"
            " changed. Specify a different 'new_label'.",
            reason="conflict",
        )
    selected = selected or renamed
    return str(selected["connector_id"]) if selected else None


def _labelled(listed: t.Sequence[Object], label: str | None) -> Object | None:
    if not label:
        return None
    found = having(listed, "label", label)
    return only_one(found, f"connectors with the label '{label}'", lambda item: item["connector_id"], "connector_id")


def planned(params: Params, current: Definition) -> Definition:
    """Return a copy of a definition with the desired label and authorized users."""
    desired = dict(current)
    if params["new_label"]:
        desired["label"] = params["new_label"]
    if params["authorized_users"] is not None:
        desired["authUser"] = users(params["authorized_users"], params["authorized_users_mode"], current["authUser"])
    return desired


def users(given: t.Sequence[str], mode: str, current: t.Sequence[str]) -> list[str]:
    """Return the users who will be authorized after the change, without duplicates.

    Users who are already authorized come first, in the order in which the server returns them.

    :raises InputError: a name differs from the name of an authorized user only in case. The vendor does not document
        whether such names identify the same user.
    """
    _refuse_similar(given, current)
    if mode == "remove":
        return [name for name in current if name not in given]
    if mode == "add":
        return list(dict.fromkeys([*current, *given]))
    kept = [name for name in current if name in given]
    return list(dict.fromkeys([*kept, *given]))


def _refuse_similar(given: t.Sequence[str], current: t.Sequence[str]) -> None:
    by_folded = {name.casefold(): name for name in current}
    for name in given:
        known = by_folded.get(name.casefold(), name)
        if name not in current and known not in given:
            raise InputError(
                f"'authorized_users' contains '{name}', but '{known}' is already authorized. Hybrid Data Pipeline"
                " does not document whether user names are case-sensitive. Nothing was changed. Specify"
                f" '{known}', or remove '{known}' first.",
                reason="ambiguous",
            )
