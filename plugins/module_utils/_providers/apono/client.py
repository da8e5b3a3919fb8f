# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Client for Apono: list, get, rename and delete connectors, and list the integrations that use a connector.

The API cannot create connectors. The client reports a change only if a response shows the change. It reports that a
connector does not exist only if the API itself returns 404 (see ``_evidence``).

Sources: the vendor's API reference for connectors (v3 and v2), and the OpenAPI document of its Terraform provider for
integrations (v4). Objects are dictionaries with keys in snake case.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from ... import _evidence
from ..._client import ApiClient, segment
from ..._errors import InputError, InvalidResponse
from ..._evidence import ListReader, folded, text_or_empty
from ..._plan import first_of, shown, with_documented
from ..._response import Response

Connector = dict[str, t.Any]
Integration = dict[str, t.Any]

STATUSES = ("CONNECTED", "DISCONNECTED")
CONNECTORS = "/api/admin/v3/connectors"
CONNECTORS_V2 = "/api/v2/connectors"
INTEGRATIONS = "/api/admin/v4/integrations"
FIELDS = ("id", "name", "status", "version", "last_connected", "is_latest_version", "cloud_provider_type", "sessions")
# Each diff contains these keys, so that users can identify the connector.
IDENTITY = ("id", "name")
FIELDS_V2 = ("connector_id", "status", "last_connected")


def connectors(
    http: ApiClient, statuses: t.Sequence[str] = (), limit: int | None = None, requires_names: bool = False
) -> list[Connector]:
    """Return all connectors in the order in which the server returns them.

    Only the first request contains the filters, because the page token includes them.

    :param requires_names: whether the caller selects a connector by its name.
    :raises InvalidResponse: a response is not a valid page, or the list does not end.
    """
    query = []
    if limit is not None:
        query.append(("limit", str(limit)))
    query += [("status", status.upper()) for status in statuses]
    reader = ListReader("connectors")
    for _entries in pages(http, CONNECTORS, query, reader, requires_names):
        pass
    return [with_documented(item, FIELDS) for item in reader.items.values()]


def connectors_v2(http: ApiClient) -> list[Connector]:
    """Return all connectors from API v2, with the keys and the timestamp format of API v3."""
    with _evidence.reading_list():
        response = http.get(CONNECTORS_V2)
    _evidence.require_ok(response, "a list of connectors")
    reader = ListReader("connectors")
    reader.add(response, response.json(), "connector_id", _from_v2)
    http.proven_collections.add(CONNECTORS_V2)
    return list(reader.items.values())


def connector(http: ApiClient, identifier: str) -> Connector | None:
    """Return the connector with the specified ID, or None if it does not exist.

    :raises InvalidResponse: the response is incomplete, contains an error or a different object, or is a 404 that is
        not from the API.
    """
    response = http.get(_path(identifier), expect=(404,))
    if response.status == 404:
        confirm_missing(http, response, CONNECTORS, "connector", identifier)
        return None
    item = _evidence.object_content(response, "a connector")
    _evidence.require_identity(response, "connector with the id", identifier, item.get("id"))
    http.proven_collections.add(CONNECTORS)
    return with_documented(item, FIELDS)


def is_disconnected(connector: Connector) -> bool:
    """Return whether the status of a connector is DISCONNECTED, ignoring case."""
    return str(connector.get("status")).casefold() == "disconnected"


def is_connected(connector: Connector) -> bool:
    """Return whether the status of a connector is CONNECTED, ignoring case and surrounding whitespace."""
    return str(connector.get("status")).strip().casefold() == "connected"


def rename(http: ApiClient, current: Connector, name: str, is_temporary: bool = False) -> Connector:
    """Rename a connector and return the renamed connector.

    If Apono stores a different form of the name, for example without trailing spaces, the function emits a warning.

    :param is_temporary: whether the name only has to differ from the current name. If Apono stores a third name, the
        function then returns the connector with this name.
    :raises InvalidResponse: neither the response nor a second request shows the new name. If Apono stores a third name,
        the result of the error contains the connector.
    """
    identifier = str(current["id"])
    response = http.request("PUT", _path(identifier), payload={"name": name})
    content = _evidence.content_of(response)
    if _has_name(content, identifier, name):
        return with_documented(content, FIELDS)
    change = f"renaming the connector '{identifier}' to '{shown(name)}'"
    with _evidence.verifying(http, change):
        renamed = connector(http, identifier)
    if renamed is None:
        raise _evidence.without_effect(response, change, content)
    if is_temporary and text_or_empty(renamed["name"]) not in ("", current["name"]):
        return renamed
    if folded(str(renamed["name"])) != folded(name):
        if renamed["name"] == current["name"]:
            raise _evidence.without_effect(response, change, content)
        raise _different_name(response, renamed, name)
    if renamed["name"] != name:
        http.warn(
            f"Apono stores the name of the connector '{identifier}' in a different form than specified:"
            f" '{shown(renamed['name'])}' instead of '{shown(name)}'. Each run renames the connector again and"
            " reports a change. Specify the name that Apono returns."
        )
    return renamed


def _different_name(response: Response, renamed: Connector, name: str) -> InvalidResponse:
    remedy = (
        f"However, Apono stored the name '{shown(renamed['name'])}' instead of '{shown(name)}' for the connector"
        f" '{renamed['id']}'. Choose a name that Apono does not change, and run the task again."
    )
    error = response.unusable("a success status", remedy=remedy).with_change()
    error.result["connector"] = renamed
    return error


def delete(http: ApiClient, identifier: str) -> bool:
    """Delete a connector.

    :returns: True if this request deleted the connector, or if it returned 404 after an earlier attempt that may have
        deleted the connector. False if the connector did not exist.
    :raises InvalidResponse: the connector still exists, or a 404 is not from the API.
    :raises InputError: the server returned 404, but the connector still exists.
    """
    response = http.request("DELETE", _path(identifier), expect=(404,))
    if response.status == 404:
        _evidence.require_api_404(response)
        # A gateway that does not route DELETE requests, or a node that lags behind the other nodes, also returns 404.
        if connector(http, identifier) is not None:
            raise InputError(
                f"Cannot delete the connector '{identifier}': the server returned 404, although the connector still"
                " exists. Run the task again.",
                reason="conflict",
            )
        return response.uncertain > 0
    if response.is_empty_success:
        return True
    change = f"deleting the connector '{identifier}'"
    with _evidence.verifying(http, change):
        left = connector(http, identifier)
    if left is None:
        return True
    raise _evidence.without_effect(response, change, _evidence.content_of(response))


def integrations(http: ApiClient, identifier: str) -> list[Integration]:
    """Return the integrations that use a connector.

    The server filters the list by connector. The client discards only integrations that contain the ID of a different
    connector. An integration without a connector ID is therefore assumed to use the connector.

    :raises InvalidResponse: a response is not a valid page, or the list does not end.
    """
    using: dict[str, Integration] = {}
    for entries in pages(http, INTEGRATIONS, [("connector_id", identifier)], ListReader("integrations")):
        for entry in entries:
            item = with_documented(entry, ("id", "name", "connector_id"))
            if not _is_different(item["connector_id"], identifier):
                using[item["id"]] = item
    return list(using.values())


def in_use(using: t.Sequence[Integration]) -> str | None:
    """Describe the integrations that use a connector, or return None if no integration uses it."""
    if not using:
        return None
    names = first_of([f"'{shown(item['name'] or item['id'])}'" for item in using], 5)
    if len(using) == 1:
        return f"used by the integration {names}"
    return f"used by the integrations {names}"


def _has_name(content: object, identifier: str, name: str) -> bool:
    """Return whether the response to a rename request contains the connector with its new name."""
    if not _evidence.is_free_of_errors(content):
        return False
    return (content.get("id"), content.get("name")) == (identifier, name)


def _is_different(connector_id: object, identifier: str) -> bool:
    """Return whether a value identifies a different connector, ignoring case, whitespace and Unicode normalization."""
    different = text_or_empty(connector_id)
    if not different:
        return False
    return folded(different) != folded(identifier)


def confirm_missing(http: ApiClient, response: Response, path: str, what: str, identifier: str) -> None:
    """Check that an object for which the server returned a 404 response does not exist."""

    def listed() -> list[str]:
        return [item["id"] for item in next(pages(http, path, [("limit", "1")], ListReader(f"{what}s")))]

    _evidence.confirm_absence(response, http, path, what, identifier, listed)


def pages(
    http: ApiClient,
    path: str,
    query: t.Sequence[tuple[str, str]],
    reader: ListReader,
    requires_names: bool = False,
) -> t.Iterator[list[dict[str, t.Any]]]:
    """Read a list page by page, and yield the entries of each page.

    :raises InvalidResponse: a response is not a valid page, the list does not end, or ``requires_names`` is true and
        an entry does not have a name.
    """
    while True:
        with _evidence.reading_list():
            response = http.get(path, query)
        page = _evidence.list_content(response, reader.what)
        entries = page.get("items")
        reader.add(response, entries, "id")
        if requires_names:
            _evidence.require_texts(response, reader.what, t.cast("list[dict[str, t.Any]]", entries), "name", "id")
        pagination = page.get("pagination")
        if not isinstance(pagination, dict):
            raise response.malformed(f"a page of {reader.what} without the object 'pagination'")
        http.proven_collections.add(path)
        yield t.cast("list[dict[str, t.Any]]", entries)
        token = pagination.get("next_page_token")
        if token in (None, ""):
            reader.finish(response, page, pagination)
            return
        query = [("page_token", reader.advance(response, token))]


def _path(identifier: str) -> str:
    return f"{CONNECTORS}/{segment(identifier)}"


def _from_v2(_identifier: str, entry: Connector) -> Connector:
    """Add the keys of API v3 to a connector of API v2."""
    item = with_documented(entry, FIELDS_V2)
    return {**item, "id": item["connector_id"], "last_connected": _iso(item["last_connected"])}


def _iso(seconds: t.Any) -> object:
    """Convert a timestamp of API v2 (Unix time) to the format of API v3. Return other values unchanged."""
    if type(seconds) not in (int, float):
        return seconds
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return str(seconds)
