# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read lists from several Webex organizations in parallel.

An organization that cannot be read does not affect the other organizations. The result contains its error, so that an
item that was not read is never mistaken for one that does not exist.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import typing as t
from collections import Counter
from collections.abc import Mapping

from ..._client import ApiClient
from ..._errors import ConnectorsError, InputError, RequestFailed, check_not_empty
from ..._plan import Object, by_name_and_id, counted, named_messages, shown
from ..._spec import Options, Params
from .._base import PartlyRead, Warn
from . import client

ALL = "all"
MAX_MESSAGES = 3
EMPTY = "Webex returned an empty list of organizations."
OPTIONS: Options = {"org_id": {"type": "str"}, "org_ids": {"type": "list", "elements": "str"}}

# A function that returns the items in the organization with the given ID, or in the token's organization for None.
ReadOne = t.Callable[[t.Optional[str]], list[Object]]


@dataclasses.dataclass(frozen=True)
class Reading:
    """The items in an organization, or the error if they could not be read."""

    id: str
    name: t.Any
    items: t.Sequence[Object] = ()
    error: ConnectorsError | None = None

    @property
    def result(self) -> Object:
        """The entry for this organization in the module result."""
        if self.error is None:
            return {"id": self.id, "name": self.name, "read": True, "error": None, "reason": None}
        error, reason = self.error.message, self.error.reason
        return {"id": self.id, "name": self.name, "read": False, "error": error, "reason": reason}


@dataclasses.dataclass(frozen=True)
class Listing:
    """The items in one or more organizations.

    :ivar readings: one entry for each organization in ``org_ids``; None if this option is not set.
    """

    items: list[Object]
    readings: t.Sequence[Reading] | None = None

    def complete(self) -> list[Object]:
        """Return the items in all organizations.

        :raises PartlyRead: an organization could not be read.
        """
        if self.readings is None:
            return self.items
        message = missing(self.result())
        if message is not None:
            unread = [reading.id for reading in self.readings if reading.error]
            raise PartlyRead(message, self.items, _errors(self.readings)[0], unread)
        return self.items

    def result(self, warn: Warn = lambda text: None) -> Object:
        """Return the organizations in the format of the module result. Emit a warning if any of them was not read."""
        if self.readings is None:
            return {}
        result = {"organizations": [reading.result for reading in self.readings]}
        message = missing(result)
        if message is not None:
            warn(message)
        return result


def check(params: Params) -> None:
    """Check the options that select organizations.

    :raises InputError: an option is empty, or ``all`` is combined with IDs.
    """
    check_not_empty(params, "org_id")
    given = params["org_ids"]
    if given is None:
        return
    if not given or not all(map(str.strip, given)):
        raise InputError(f"Option 'org_ids' must not be empty. Specify organization IDs or '{ALL}'.")
    if ALL in given and len(given) > 1:
        raise InputError(f"Option 'org_ids' must be either '{ALL}' or a list of IDs.")


def listing(http: ApiClient, params: Params, read_one: ReadOne, warn: Warn) -> Listing:
    """Read and return the items in all selected organizations.

    :raises ConnectorsError: no organization could be read, or Webex rejected the credentials.
    """
    if params["org_ids"] is None:
        return Listing(read_one(params["org_id"]))
    names = _names(http, params["org_ids"], warn)
    read = functools.partial(_reading, http, read_one)
    with http.threads(http.settings.connections) as pool:
        readings = _without_repeated(list(pool.map(read, names.keys(), names.values())))
    items: list[Object] = []
    for reading in readings:
        items += reading.items
    found = Listing(items, readings)
    errors = _errors(readings)
    if len(errors) == len(readings):
        result = found.result()
        raise ConnectorsError(str(missing(result)), {**errors[0].result, **result}, errors[0].reason)
    return found


def missing(result: t.Mapping[str, t.Any]) -> str | None:
    """Return a message about the organizations that could not be read, or None if all were read."""
    errors = list(map(_named, unread(result)))
    if not errors:
        return None
    was = "was" if len(errors) == 1 else "were"
    message = f"{len(errors)} of {counted(len(result['organizations']), 'organization')} {was} not read."
    message = f"{message} {named_messages(errors[:MAX_MESSAGES])}"
    if len(errors) > MAX_MESSAGES:
        message += f" {counted(len(errors) - MAX_MESSAGES, 'more error')}."
    return message


def unread(result: t.Mapping[str, t.Any]) -> list[t.Mapping[str, t.Any]]:
    """Return the organizations in a module result that could not be read."""
    organizations = result.get("organizations")
    if not isinstance(organizations, (list, tuple)):
        return []
    found = []
    for one in organizations:
        if isinstance(one, Mapping) and one.get("read") is False:
            found.append(one)
    return found


def _named(unread: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """Return the name and the error message of an organization that was not read."""
    return shown(unread.get("name") or unread.get("id")), str(unread.get("error"))


def _names(http: ApiClient, given: t.Sequence[str], warn: Warn) -> dict[str, t.Any]:
    """Return the names of the organizations in ``org_ids``, keyed by ID and sorted by name, then by ID.

    The name of an organization that the token cannot list is None.
    """
    requested = by_name_and_id(_requested(http, given, warn), "display_name")
    return dict(map(operator.itemgetter("id", "display_name"), requested))


def _requested(http: ApiClient, given: t.Sequence[str], warn: Warn) -> list[Object]:
    """Return the organizations in ``org_ids`` without duplicates, with their IDs as the user specified them.

    :raises ConnectorsError: ``org_ids`` is ``all``, and the list is empty. The list should contain the organization of
        the token, so an empty list does not prove that there are no connectors.
    """
    if given == [ALL]:
        listed = client.organizations(http)
        if not listed:
            message = f"{EMPTY} Set 'org_ids' to the IDs of the organizations."
            raise ConnectorsError(message, reason="invalid_response")
        return listed
    known = {client.comparable(one["id"]): one["display_name"] for one in _visible(http, warn)}
    found: dict[str, Object] = {}
    for identifier in given:
        key = client.comparable(identifier)
        found.setdefault(key, {"id": identifier, "display_name": known.get(key)})
    return list(found.values())


def _visible(http: ApiClient, warn: Warn) -> list[Object]:
    """Return the organizations that the token can list, or an empty list and a warning if the list cannot be read.

    :raises RequestFailed: the error would fail the requests for all organizations.
    """
    problem = EMPTY
    try:
        listed = client.organizations(http)
    except RequestFailed as error:
        _require_usable(http, error)
        listed, problem = [], error.message
    if not listed:
        warn(f"Cannot read the names of the organizations. {problem}")
    return listed


def _require_usable(http: ApiClient, error: RequestFailed) -> None:
    """Check that the client can send requests for other organizations after an error.

    :raises RequestFailed: the server rejected the credentials, or the address of the token endpoint is wrong.
    """
    if error.reason == "unauthorized":
        raise error
    if http.rejected is not None:
        raise http.rejected


def _reading(http: ApiClient, read_one: ReadOne, org_id: str, name: t.Any) -> Reading:
    """Read the items in an organization. An error that affects all organizations is raised."""
    try:
        items = read_one(org_id)
    except RequestFailed as error:
        _require_usable(http, error)
        return Reading(org_id, name, error=error)
    return Reading(org_id, name, [{**item, "org_id": item["org_id"] or org_id, "org_name": name} for item in items])


def _without_repeated(readings: list[Reading]) -> list[Reading]:
    """Store an error for organizations that have an item in common, because each item belongs to only one of them."""
    counts: Counter[str | None] = Counter()
    for reading in readings:
        for item in reading.items:
            counts[client.plain(item["id"])] += 1
    return [_checked(reading, counts) for reading in readings]


def _checked(reading: Reading, counts: t.Mapping[str | None, int]) -> Reading:
    for item in reading.items:
        if counts[client.plain(item["id"])] > 1:
            message = f"Webex returned the object '{shown(item['id'])}' for more than one organization."
            return dataclasses.replace(reading, items=(), error=ConnectorsError(message, reason="invalid_response"))
    return reading


def _errors(readings: t.Iterable[Reading]) -> list[ConnectorsError]:
    return [reading.error for reading in readings if reading.error]
