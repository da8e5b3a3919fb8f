# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Client for Hybrid Data Pipeline: list On-Premises Connectors as an administrator or as a user.

Source: the vendor's documentation of the administrator API and the management API. The documentation spells keys
inconsistently, for example ``connectorID`` and ``connectorId``, so the client ignores the case of keys.
"""

from __future__ import annotations

import functools
import typing as t
from urllib.parse import quote

from ..._client import ApiClient
from ..._errors import InputError
from ..._evidence import ListReader, list_content, reading_list, require_texts
from ..._names import snake_case, snake_cased
from ..._plan import Item, text_of
from ..._response import Response
from .._base import matching

Connector = dict[str, t.Any]

ADMIN_CONNECTORS = "/api/admin/connectors"
USER_CONNECTORS = "/api/mgmt/connectors"
PROPERTIES = ("connectorID", "label", "version", "owner", "tenantName")
DETAILS: tuple[str, ...] = ("isGroup", "createdTime", "lastModified", "lastAccessed", "ipAddress")
DETAILS += ("javaVersion", "javaVendor", "osName", "osVersion")
USER_DETAILS = ("connectorID", "owner", "label", "authUser")
FILTERS: dict[str, str] = dict(zip(map(snake_case, PROPERTIES + DETAILS), PROPERTIES + DETAILS))
DETAIL_FILTERS = frozenset(map(snake_case, DETAILS))

LIST_KEYS = ("connectors", "connectorids")


def admin_connectors(http: ApiClient, details: bool, filters: t.Mapping[str, str]) -> list[Connector]:
    """Return all connectors on the server that match all ``filters``.

    The vendor documents the semicolon as the separator of query parameters. A server or proxy that ignores semicolons
    returns too many connectors, so the client filters the list as well. Only the client filters by ``is_group``,
    because the vendor does not document which connectors the server regards as groups.

    :param filters: the result of :func:`checked_filters`.
    :raises InvalidResponse: the response is not a list, or does not contain a property that a filter requires.
    """
    if not DETAIL_FILTERS.isdisjoint(filters):
        details = True
    with reading_list():
        response = http.get(ADMIN_CONNECTORS, _admin_query(details, filters))
    found = _connectors(http, response, ADMIN_CONNECTORS)
    if found:
        missing = filters.keys() - set().union(*found)
        if missing:
            raise response.malformed(f"connectors without the property '{min(missing)}', which the filter requires")
    found = _completed(found, PROPERTIES + DETAILS if details else PROPERTIES)
    for name, value in filters.items():
        found = matching(found, name, [value])
    return found


def _admin_query(details: bool, filters: t.Mapping[str, str]) -> str:
    query = ["details=true"] if details else []
    for name, value in filters.items():
        if name != "is_group":
            query.append(f"{FILTERS[name]}={quote(value, safe='')}")
    return ";".join(query)


def user_connectors(http: ApiClient, details: bool, accessible: bool, requires_labels: bool = False) -> list[Connector]:
    """Return the connectors of the user. With ``accessible``, also return connectors that are shared with the user.

    :raises InvalidResponse: the response is not a list, or ``requires_labels`` is true and a label is missing.
    """
    query = []
    if details:
        query.append(("details", "true"))
    if accessible:
        query.append(("accessible", "true"))
    with reading_list():
        response = http.get(USER_CONNECTORS, query)
    found = _connectors(http, response, USER_CONNECTORS)
    if requires_labels:
        require_texts(response, "connectors", found, "label", "connector_id")
    return _completed(found, USER_DETAILS if details else ())


def checked_filters(filters: Item | None) -> dict[str, str]:
    """Check filters, and convert their names to snake case and their values to strings.

    :raises InputError: a filter is unknown or occurs twice, or its value is not valid.
    """
    names = dict(zip(map(_folded, FILTERS), FILTERS))
    checked: dict[str, str] = {}
    for key, value in (filters or {}).items():
        name = names.get(_folded(str(key)))
        if name is None:
            raise InputError(f"Unknown filter '{key}'. Valid filters are {', '.join(FILTERS)}.")
        if name in checked:
            raise InputError(f"'filters' contains the filter '{name}' in two spellings. Specify each filter once.")
        checked[name] = _filter_value(key, name, value)
    return checked


def _filter_value(key: str, name: str, value: object) -> str:
    """Convert the value of a filter to a string."""
    if isinstance(value, bool):
        value = str(value).lower()
    if not isinstance(value, (str, int, float)) or value == "":
        raise InputError(f"The filter '{key}' must be a number or a non-empty string.")
    if name != "is_group":
        return str(value)
    if text_of(value) not in ("true", "false"):
        raise InputError(f"The filter '{key}' must be true or false, not '{value}'.")
    return str(value).lower()


def _completed(items: list[Connector], keys: t.Iterable[str]) -> list[Connector]:
    """Add to each connector the documented keys that the server omitted, with the value None."""
    documented: Connector = dict.fromkeys(map(snake_case, keys))
    return [{**documented, **item} for item in items]


def _connectors(http: ApiClient, response: Response, path: str) -> list[Connector]:
    content = list_content(response, "connectors")
    lists = [value for key, value in content.items() if _folded(key) in LIST_KEYS]
    if len(lists) != 1 or not isinstance(lists[0], list):
        raise response.unusable("JSON that does not contain exactly one list of connectors")
    reader = ListReader("connectors")
    reader.add(response, list(map(functools.partial(_connector, response), lists[0])), "connector_id")
    reader.finish(response, content)
    http.proven_collections.add(path)
    return list(reader.items.values())


def _connector(response: Response, item: object) -> Connector:
    """Convert a list entry, which is an object or an ID, to a connector with keys in snake case."""
    if isinstance(item, str):
        item = {"connector_id": item}
    if not isinstance(item, dict):
        raise response.malformed("a connector that is neither a string nor an object")
    connector: Connector = {}
    for key, value in item.items():
        name = _KNOWN.get(_folded(key)) or snake_case(key)
        if name == "connector_id" and value != connector.get(name, value):
            raise response.malformed("a connector with several ids")
        connector[name] = snake_cased(value)
    if connector.get("connector_group"):
        connector["is_group"] = True
        return connector
    is_group = text_of(connector.get("is_group"))
    if is_group in ("true", "false"):
        connector["is_group"] = is_group == "true"
    return connector


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


_KEYS = (*PROPERTIES, *DETAILS, "authUser", "connectorGroup")
_KNOWN = dict(zip(map(_folded, _KEYS), map(snake_case, _KEYS)))
