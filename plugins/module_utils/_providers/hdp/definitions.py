# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read, replace, create and delete definitions of connectors and connector groups in Hybrid Data Pipeline.

Only the owner of a connector can read and change its definition. A change replaces the whole definition, so each change
starts from the current definition.

Source: the vendor's reference for the Connector API, which does not document some response bodies. The functions
accept a response that proves the change, and otherwise read the definition again. They do not use the deprecated DELETE
requests for users and members.
"""

from __future__ import annotations

import functools
import typing as t

from ... import _evidence
from ..._client import ApiClient, segment
from ..._errors import AccessDenied, InputError, InvalidResponse, OutcomeUnknown, RequestFailed
from ..._mappings import having
from ..._names import snake_cased
from ..._plan import Item, Object, first_of, shown
from ..._response import Response, is_integer, is_list_of
from .client import USER_CONNECTORS, user_connectors

# A definition whose keys have the documented spelling and whose numbers are integers.
# Undocumented keys are kept, because a change replaces the whole definition.
Definition = dict[str, t.Any]

ROUND_ROBIN = "Round Robin"
# Documented defaults for the properties of a group. According to the documentation, a change requires both properties.
DEFAULTS: t.Mapping[str, int] = {"connectionTimeout": 15, "retryDelay": 120}
GROUP = "connectorGroup"
MAX_LABEL = 255
# Delays in seconds before each search for a new group after a lost or invalid response.
# The second list applies if the server may still be executing the request.
PAUSES = (0.0, 1.0)
LATE_PAUSES = (0.0, 1.0, 2.0, 5.0)
# The default remedy does not apply, because an administrator cannot grant this permission.
NOT_THE_OWNER = "The credentials are valid, but only the owner can manage the connector. Use the owner's credentials."
_KEYS = (
    "connectorID", "owner", "label", "authUser", GROUP,
    "connectionTimeout", "retryDelay", "loadBalancing", "members", "memberID", "sequence", "weight",
)  # fmt: skip
_DOCUMENTED = {key.lower(): key for key in _KEYS}


def definition(http: ApiClient, connector_id: str) -> Definition | None:
    """Return the definition of a connector or a group, or None if it does not exist.

    :raises AccessDenied: a different user owns the connector.
    :raises InvalidResponse: the response is not a complete definition, or a 404 is not from the API.
    """
    response = http.get(_path(connector_id), expect=(404,), remedies={403: NOT_THE_OWNER})
    if response.status == 404:
        _confirm_absence(http, response, connector_id)
        return None
    found = _checked(response, _evidence.object_content(response, "a connector"))
    _evidence.require_identity(response, "connector with the id", connector_id, found.get("connectorID"))
    http.proven_collections.add(USER_CONNECTORS)
    return found


def replace(http: ApiClient, current: Definition, desired: Definition) -> Definition:
    """Replace the definition of a connector or a group, and return the new definition.

    :param desired: a definition that contains the defaults and differs from the current definition with its defaults.
    :raises InvalidResponse: the server reports success, but does not return the new definition afterwards. If it
        returns a different definition than before, the error is that of a task that made a change.
    :raises OutcomeUnknown: the server reports success, but the definition cannot be read afterwards.
    """
    connector_id = str(desired["connectorID"])
    try:
        response = http.request("PUT", _path(connector_id), payload=desired)
    except RequestFailed as error:
        raise _explained_rejection(error, desired) from None
    content = _evidence.content_of(response)
    if _is_success(content):
        return desired
    change = f"storing the new definition of the connector '{connector_id}'"
    with _evidence.verifying(http, change):
        found = definition(http, connector_id)
    if found is None:
        raise _evidence.without_effect(response, change, content)
    stored = public(with_defaults(found))
    if stored == public(desired):
        return found
    if stored == public(with_defaults(current)):
        raise _evidence.without_effect(response, change, content)
    remedy = (
        f"However, the server stored a different definition of the connector '{connector_id}'. Check the definition,"
        " and run the task again."
    )
    raise response.unusable("a success status", remedy=remedy).with_change()


def create_group(http: ApiClient, desired: Definition) -> Definition:
    """Create a group, and return its definition, including its ID.

    If the response does not show the new group, the function looks for it in the list. The request is never sent again,
    because labels are not unique: the server would create a second group.

    :raises OutcomeUnknown: the response was lost, and the list does not contain the new group or cannot be read.
    :raises InvalidResponse: the response does not prove that the server created the group with the desired properties,
        the list contains the group although the server returns 404 for it, or several connectors or groups have its
        label afterwards.
    :raises RequestFailed: the server rejected the group. If the server created the group despite the error, the
        message contains its ID.
    """
    try:
        response = http.request("POST", USER_CONNECTORS, payload=desired)
    except AccessDenied:
        raise
    except RequestFailed as error:
        return _after_failed_creation(http, desired, error)
    content = _evidence.content_of(response)
    found = _created(response, content, desired)
    if found is not None:
        return found
    try:
        found, labelled = _looked_up(http, desired, PAUSES)
    except RequestFailed as lookup:
        raise _not_looked_up(_unproven(response, content, desired["label"]), lookup) from None
    if len(labelled) > 1:
        what = "a success status without the id of the new group"
        remedy = _several(desired["label"], labelled)
        raise response.unusable(what, reason="ambiguous", remedy=remedy).with_change()
    if not labelled:
        raise _evidence.without_effect(response, f"creating the group '{desired['label']}'", content)
    if found is None:
        what = "a success status without the id of the new group"
        raise response.unusable(what, remedy=_listed_only(labelled[0])).with_change()
    if not _has_properties(found, desired):
        raise _different(response, found["connectorID"])
    return found


def _created(response: Response, content: object, desired: Definition) -> Definition | None:
    """Return the new group if the response body contains its ID, or None otherwise.

    :raises InvalidResponse: the response body shows that the group does not have the desired properties.
    """
    if not _evidence.is_free_of_errors(content):
        return None
    created = _in_documented_spelling(content)
    connector_id = _evidence.text_or_empty(created.get("connectorID"))
    if not connector_id:
        return None
    if created.get(GROUP) is not None:
        try:
            found = _checked(response, {**desired, **created})
        except InvalidResponse:
            return None
        if not _has_properties(found, desired):
            raise _different(response, connector_id)
    return {**desired, "connectorID": connector_id, "owner": created.get("owner")}


def _different(response: Response, connector_id: str) -> InvalidResponse:
    """Return the error for a new group that does not have the desired properties."""
    remedy = _incomplete(connector_id)
    return response.unusable("a group without the desired properties", remedy=remedy).with_change()


def _has_properties(found: Definition, desired: Definition) -> bool:
    """Return whether a new group has the desired properties. Properties that the server added are ignored."""
    actual, expected = public(with_defaults(found)), public(desired)
    return all(_includes(actual.get(key), expected[key]) for key in ("label", "auth_user", "connector_group"))


def _includes(actual: t.Any, expected: t.Any) -> bool:
    """Return whether two values are equal, apart from additional keys of the dictionaries in the first value."""
    if isinstance(expected, dict):
        return isinstance(actual, dict) and all(_includes(actual.get(key), expected[key]) for key in expected)
    if isinstance(expected, list):
        return isinstance(actual, list) and len(actual) == len(expected) and all(map(_includes, actual, expected))
    return bool(actual == expected)


def _unproven(response: Response, content: object, label: str) -> RequestFailed:
    """Return the error for a success status that does not prove whether the server created the group."""
    if _evidence.effect_of(content) == _evidence.REFUSED:
        return _evidence.without_effect(response, f"creating the group '{label}'", content)
    remedy = "It is not known whether the group was created. Check the list of groups before you run the task again."
    return response.unusable("a success status without the new group", reason="outcome_unknown", remedy=remedy)


def _after_failed_creation(http: ApiClient, desired: Definition, error: RequestFailed) -> Definition:
    """Return the new group if the server created it, although the response was lost or cannot be read.

    :raises RequestFailed: the server rejected the group, or it is not known whether the group was created.
    """
    if (error.failure.status or 0) >= 400 and not isinstance(error, OutcomeUnknown):
        raise _rejected_creation(http, error, desired)
    try:
        found, labelled = _looked_up_after(http, desired, error)
    except RequestFailed as lookup:
        raise _not_looked_up(error, lookup) from None
    if len(labelled) > 1:
        raise error.with_message(f"{error.message} {_several(desired['label'], labelled)}")
    if found is not None and _has_properties(found, desired):
        return found
    if not labelled or isinstance(error, OutcomeUnknown):  # the group with the label can be a different one
        raise error
    raise _although_created(error, labelled[0])


def _looked_up_after(http: ApiClient, desired: Definition, error: RequestFailed) -> tuple[Definition | None, list[str]]:
    """Look up the new group if the server may have created it even though the response was lost or cannot be read.

    :returns: the result of :func:`_looked_up`.
    """
    if isinstance(error, OutcomeUnknown):
        return _looked_up(http, desired, LATE_PAUSES if error.may_come else PAUSES)
    if error.failure.status is None:
        return None, []
    return _looked_up(http, desired, PAUSES)


def _looked_up(http: ApiClient, desired: Definition, pauses: t.Iterable[float]) -> tuple[Definition | None, list[str]]:
    """Find the new group by its label.

    :param pauses: seconds to wait before each lookup, because the server may still create the group.
    :returns: the new group and the IDs of all objects with its label. The group is None if several objects have the
        label, or if the server returns 404 for the only one. The values are those of the lookup that found the group
        with the desired properties, or of the last lookup.
    """
    found: Definition | None = None
    labelled: list[str] = []
    for seconds in pauses:
        http.sleep(seconds)
        labelled = _with_label(http, desired["label"])
        found = definition(http, labelled[0]) if len(labelled) == 1 else None
        if found and _has_properties(found, desired):
            break
    return found, labelled


def delete_group(http: ApiClient, connector_id: str) -> bool:
    """Delete a group. Return False if the group did not exist before the first attempt.

    :raises InvalidResponse: the group still exists, or a 404 is not from the API.
    :raises InputError: the server returned 404, but the group still exists.
    """
    response = http.request("DELETE", _path(connector_id), expect=(404,))
    if response.status == 404:
        _confirm_absence(http, response, connector_id)
        # A node of the server that lags behind the other nodes also returns 404.
        if definition(http, connector_id) is not None:
            raise InputError(
                f"Cannot delete the group '{connector_id}': the server returned 404, although the group still exists."
                " Run the task again.",
                reason="conflict",
            )
        return response.uncertain > 0
    content = _evidence.content_of(response)
    if response.is_empty_success or _is_success(content):
        return True
    change = f"deleting the group '{connector_id}'"
    with _evidence.verifying(http, change):
        left = definition(http, connector_id)
    if left is None:
        return True
    raise _evidence.without_effect(response, change, content)


def public(found: Definition) -> Object:
    """Convert a definition to the format of module results, with users and members sorted for comparison."""
    result: Object = dict.fromkeys(("connector_id", "owner", "label"))
    result.update(snake_cased(found))
    result["auth_user"] = sorted(found["authUser"])
    if is_group(found):
        group = {"load_balancing": None, **result["connector_group"]}
        group["load_balancing"] = group["load_balancing"] or None
        group["members"] = sorted(group["members"], key=lambda item: (item["sequence"], item["member_id"]))
        result["connector_group"] = group
    return result


def with_defaults(found: Definition) -> Definition:
    """Return a definition in which the omitted properties of a group have the documented defaults."""
    if not is_group(found):
        return found
    group = dict(found[GROUP])
    for key, value in DEFAULTS.items():
        if group.get(key) is None:
            group[key] = value
    return {**found, GROUP: group}


def is_group(found: Definition) -> bool:
    """Return whether a definition describes a group."""
    return bool(found.get(GROUP))


def _path(connector_id: str) -> str:
    return f"{USER_CONNECTORS}/{segment(connector_id)}"


def owned_ids(http: ApiClient) -> list[str]:
    """Return the IDs of the connectors and groups that the user owns."""
    return [item["connector_id"] for item in user_connectors(http, details=False, accessible=False)]


def missing_although_listed(connector_id: str) -> InputError:
    """Return the error for a connector that the list contains, but for which the server returned 404.

    The connector may have been deleted in the meantime. But the response may also come from a node of the server that
    lags behind the other nodes, so it does not prove that the connector does not exist.
    """
    return InputError(
        f"Cannot read the connector '{connector_id}': the server returned 404, although the list of connectors contains"
        " this connector. Nothing was changed. Run the task again.",
        reason="conflict",
    )


def _confirm_absence(http: ApiClient, response: Response, connector_id: str) -> None:
    listed = functools.partial(owned_ids, http)
    _evidence.confirm_absence(response, http, USER_CONNECTORS, "connector", connector_id, listed)


def _is_success(content: object) -> bool:
    if not _evidence.is_free_of_errors(content):
        return False
    return content.get("success") is True


def _explained_rejection(error: RequestFailed, desired: Definition) -> RequestFailed:
    """Add likely causes to the error message for a rejected change. Only the server can check these causes."""
    if error.failure.status not in (400, 404, 409, 422):
        return error
    remedy = "Check that each authorized user exists."
    if is_group(desired):
        remedy = (
            "Check that each authorized user exists, that no member belongs to a different group, and that no member is"
            " a group."
        )
    return error.with_message(f"{error.message} {remedy}")


def _rejected_creation(http: ApiClient, error: RequestFailed, desired: Definition) -> RequestFailed:
    """Return the error for a group that the server rejected. If the group exists anyway, the message contains its ID.

    The vendor does not document whether the server creates a group without those members that belong to another group.
    """
    try:
        created = _with_label(http, desired["label"])
    except RequestFailed as lookup:
        return _not_looked_up(_explained_rejection(error, desired), lookup)
    if not created:
        return _explained_rejection(error, desired)
    if len(created) > 1:
        return error.with_message(f"{error.message} {_several(desired['label'], created)}").with_change()
    return _although_created(error, created[0])


def _although_created(error: RequestFailed, connector_id: str) -> RequestFailed:
    """Add to the error for the creation of a group that the group exists."""
    return error.with_message(f"{error.message} {_incomplete(connector_id)}").with_change()


def _incomplete(connector_id: str) -> str:
    """Return sentences about a new group that may lack some of its members."""
    return (
        f"The server created the group '{connector_id}', possibly without some of its members. Correct the options and"
        " run the task again, or delete the group."
    )


def _listed_only(connector_id: str) -> str:
    """Return sentences about a new group for which the server returned 404, for example because a node lags behind."""
    return (
        f"The list of connectors contains the new group '{connector_id}', but the server returned 404 for this group."
        " Run the task again."
    )


def _several(label: str, identifiers: t.Sequence[str]) -> str:
    """Return sentences about several connectors or groups that have the label of a new group."""
    return (
        f"Afterwards, {len(identifiers)} connectors or groups have the label '{label}': {first_of(identifiers, 20)}."
        " Delete the groups that are not needed before you run the task again."
    )


def _not_looked_up(error: RequestFailed, lookup: RequestFailed) -> RequestFailed:
    """Add to the error for the creation of a group that the lookup of the group failed too."""
    return error.with_message(f"{error.message} The module could not look up the group: {lookup.message}")


def _with_label(http: ApiClient, label: str) -> list[str]:
    """Return the IDs of the user's connectors and groups that have the specified label."""
    listed = user_connectors(http, details=True, accessible=False, requires_labels=True)
    return [str(item["connector_id"]) for item in having(listed, "label", label)]


def _checked(response: Response, content: Item) -> Definition:
    """Check that a definition is complete, and return it.

    A definition without the list of users is rejected, because a change would also replace this list.

    :raises InvalidResponse: part of the definition is missing or has an unknown format.
    """
    found: Definition = _in_documented_spelling(content)
    users = found.get("authUser")
    if not is_list_of(users, str):
        raise response.malformed("a connector without the list 'authUser'")
    if is_group(found):
        found[GROUP] = _checked_group(response, found[GROUP])
    return found


def _checked_group(response: Response, group: object) -> Object:
    if not isinstance(group, dict) or not isinstance(group.get("members"), list):
        raise response.malformed("a connector group without a list of members")
    checked = {**group, "members": [_checked_member(response, member) for member in group["members"]]}
    for key in DEFAULTS:
        checked[key] = _number_or(None, response, checked, key)
    return checked


def _checked_member(response: Response, member: object) -> Object:
    if not isinstance(member, dict) or not isinstance(member.get("memberID"), str):
        raise response.malformed("a connector group with a member without an identifier")
    weight = _number_or(1, response, member, "weight")
    return {**member, "sequence": _number(response, member, "sequence"), "weight": weight}


def _number_or(default: int | None, response: Response, item: Item, key: str) -> int | None:
    """Return a numeric value as an integer, or the default value if the server omits it."""
    if item.get(key) is None:
        return default
    return _number(response, item, key)


def _number(response: Response, item: Item, key: str) -> int:
    """Return a numeric value as an integer. The server returns the value as a number or as a string."""
    value = item.get(key)
    if is_integer(value):
        return value
    if isinstance(value, str) and len(value) < 10 and value.isascii() and value.isdigit():
        return int(value)
    raise response.malformed(f"a connector group in which '{key}' is not a number ({shown(value)})")


def _in_documented_spelling(value: t.Any) -> t.Any:
    """Recursively convert known keys to their documented spelling."""
    if isinstance(value, list):
        return [_in_documented_spelling(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {}
    for key, item in value.items():
        found[_DOCUMENTED.get(key.replace("_", "").lower(), key)] = _in_documented_spelling(item)
    return found
