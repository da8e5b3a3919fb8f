# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Client for Hybrid Data Pipeline: On-Premises Connectors, as an administrator and as a user sees them.

Source: the vendor's pages on the administrator and the management API. They spell keys in several ways
(C(connectorID) and C(connectorId), C(connectorIDs) and C(connectorIds)), so keys are read without regard to case.
"""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._evidence import (
    ListReader,
    list_content,
    reading_list,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case, snake_cased
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import text_of
from ansible_collections.hybrid.connectors.plugins.module_utils._response import Response

Connector = dict[str, t.Any]

ADMIN_CONNECTORS = "/api/admin/connectors"
USER_CONNECTORS = "/api/mgmt/connectors"
PROPERTIES = ("connectorID", "label", "version", "owner", "tenantName")
DETAILS = (
    "isGroup",
    "createdTime",
    "lastModified",
    "lastAccessed",
    "ipAddress",
    "javaVersion",
    "javaVendor",
    "osName",
    "osVersion",
)
USER_DETAILS = ("connectorID", "owner", "label", "authUser")
FILTERS: dict[str, str] = {snake_case(name): name for name in PROPERTIES + DETAILS}

LIST_KEYS = ("connectors", "connectorids")


def admin_connectors(
    http: ApiClient, details: bool = False, filters: t.Mapping[str, str] | None = None
) -> list[Connector]:
    """Return all connectors of the server, or those that have every value of ``filters``.

    The vendor separates parameters with a semicolon here. A server, or a proxy before it, that does not take a
    semicolon for a separator returns too many connectors, so the client filters as well. Only the client filters by
    ``is_group``, because it is not certain which connectors the server takes for groups.

    :param filters: see :func:`checked_filters`.
    :raises InvalidResponse: the response is not a list, or does not contain what is to be compared.
    """
    filters = filters or {}
    details = details or any(FILTERS[name] in DETAILS for name in filters)
    query = ["details=true"] if details else []
    query += [f"{FILTERS[name]}={quote(value, safe='')}" for name, value in filters.items() if name != "is_group"]
    with reading_list():
        response = http.get(ADMIN_CONNECTORS, ";".join(query))
    found = _connectors(http, response, ADMIN_CONNECTORS)
    for name in filters:
        if found and not any(name in item for item in found):
            raise response.unusable(f"connectors without '{name}', by which they are to be filtered")
    documented = _nulls(PROPERTIES + DETAILS if details else PROPERTIES)
    return [{**documented, **item} for item in found if _passes(item, filters)]


def user_connectors(http: ApiClient, details: bool = False, accessible: bool = False) -> list[Connector]:
    """Return the connectors that the user owns; with ``accessible`` also those that are shared with the user."""
    query = [(name, "true") for name, wanted in (("details", details), ("accessible", accessible)) if wanted]
    with reading_list():
        response = http.get(USER_CONNECTORS, query)
    documented = _nulls(USER_DETAILS if details else ())
    return [{**documented, **item} for item in _connectors(http, response, USER_CONNECTORS)]


def checked_filters(filters: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Return filters by our names of the properties, with their values as strings.

    :raises InputError: a key is not a property, or given twice; a value cannot be one of the property.
    """
    ours = {_folded(name): name for name in FILTERS}
    checked: dict[str, str] = {}
    for key, value in filters.items():
        name = ours.get(_folded(str(key)))
        if name is None:
            raise InputError(f"Connectors cannot be filtered by '{key}'. Filters are: {', '.join(FILTERS)}.")
        if name in checked:
            raise InputError(f"The filter '{name}' is given twice, in two spellings.")
        if isinstance(value, bool):
            value = str(value).lower()
        if not isinstance(value, (str, int, float)) or value == "":
            raise InputError(f"The filter '{key}' needs one value that is a text or a number.")
        if name == "is_group" and text_of(value) not in ("true", "false"):
            raise InputError(f"The filter '{key}' is either true or false.")
        checked[name] = str(value).lower() if name == "is_group" else str(value)
    return checked


def _nulls(keys: t.Iterable[str]) -> dict[str, None]:
    return dict.fromkeys(map(snake_case, keys))


def _passes(item: Connector, filters: t.Mapping[str, str]) -> bool:
    return all(text_of(item.get(name)) == value.casefold() for name, value in filters.items())


def _connectors(http: ApiClient, response: Response, path: str) -> list[Connector]:
    content = list_content(response, "connectors")
    lists = [value for key, value in content.items() if _folded(key) in LIST_KEYS]
    if len(lists) != 1 or not isinstance(lists[0], list):
        raise response.unusable("JSON that does not contain one list of connectors")
    reader = ListReader("connectors")
    reader.add(response, [_connector(response, item) for item in lists[0]], "connector_id")
    reader.finish(response, content)
    http.proven_collections.add(path)
    return list(reader.items.values())


def _connector(response: Response, item: object) -> Connector:
    if isinstance(item, str):
        item = {"connector_id": item}
    if not isinstance(item, dict):
        raise response.unusable("a connector that is neither an id nor an object")
    identifiers = [value for key, value in item.items() if _ours(key) == "connector_id"]
    if any(value != identifiers[0] for value in identifiers):
        raise response.unusable("a connector with several ids")
    connector: Connector = {_ours(key): snake_cased(value) for key, value in item.items()}
    if connector.get("connector_group"):
        connector["is_group"] = True
        return connector
    is_group = text_of(connector.get("is_group"))
    if is_group in ("true", "false"):
        connector["is_group"] = is_group == "true"
    return connector


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


_KNOWN = {_folded(name): snake_case(name) for name in (*PROPERTIES, *DETAILS, "authUser", "connectorGroup")}


def _ours(key: str) -> str:
    return _KNOWN.get(_folded(key)) or snake_case(key)
