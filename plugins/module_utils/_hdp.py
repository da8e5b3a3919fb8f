# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""On-premises connectors of Hybrid Data Pipeline, as an administrator and as a user sees them.

Source: the vendor's pages on the administrator and the management API. They spell keys in several ways
(C(connectorID) and C(connectorId), C(connectorIDs) and C(connectorIds)), so keys are read without regard to case.
"""

from __future__ import annotations

import typing as t
from urllib.parse import quote

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import Answer
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Http
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case, snake_cased

Connector = dict[str, t.Any]

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
FILTERS: dict[str, str] = {snake_case(name): name for name in PROPERTIES + DETAILS}

LIST_KEYS = ("connectors", "connectorids")


def admin_connectors(http: Http, details: bool = False, filters: t.Mapping[str, str] | None = None) -> list[Connector]:
    """All connectors of the server, or those that have every value of ``filters`` (see :func:`checked_filters`).

    The vendor separates parameters with a semicolon here. A server, or a proxy before it, that does not take that for
    a separator answers with too many connectors; so they are compared here as well.

    :raises UnusableAnswer: the answer is no list, or does not show what is to be compared.
    """
    filters = filters or {}
    query = ["details=true"] if details or any(FILTERS[name] in DETAILS for name in filters) else []
    query += [f"{FILTERS[name]}={quote(value, safe='')}" for name, value in filters.items()]
    answer = http.get("/api/admin/connectors", ";".join(query))
    found = _connectors(answer)
    for name in filters:
        if found and not any(name in item for item in found):
            raise answer.unusable(f"connectors that do not show '{name}', by which they are to be chosen")
    return [item for item in found if all(_text(item.get(name)) == _text(value) for name, value in filters.items())]


def user_connectors(http: Http, details: bool = False, accessible: bool = False) -> list[Connector]:
    """The connectors that the user owns; with ``accessible`` those that are shared with the user, too."""
    query = [(name, "true") for name, wanted in (("details", details), ("accessible", accessible)) if wanted]
    return _connectors(http.get("/api/mgmt/connectors", query))


def checked_filters(filters: t.Mapping[str, t.Any]) -> dict[str, str]:
    """Filters by our names of the properties, with their values as text.

    :raises InputError: a key is no property, or given twice; a value cannot be one of the property.
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
        if name == "is_group" and _text(value) not in ("true", "false"):
            raise InputError(f"The filter '{key}' is either true or false.")
        checked[name] = _text(value) if name == "is_group" else str(value)
    return checked


def _connectors(answer: Answer) -> list[Connector]:
    content = answer.json_object()
    items = next((value for key, value in content.items() if _folded(key) in LIST_KEYS), None)
    if not isinstance(items, list):
        raise answer.unusable("JSON that holds no list of connectors")
    return [_connector(answer, item) for item in items]


def _connector(answer: Answer, item: object) -> Connector:
    if isinstance(item, str):
        item = {"connector_id": item}
    if not isinstance(item, dict):
        raise answer.unusable("a connector that is neither an id nor an object")
    connector: Connector = {_ours(key): snake_cased(value) for key, value in item.items()}
    if not isinstance(connector.get("connector_id"), str) or not connector["connector_id"]:
        raise answer.unusable("a connector without an id")
    if _text(connector.get("is_group")) in ("true", "false"):
        connector["is_group"] = _text(connector["is_group"]) == "true"
    return connector


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


_KNOWN = {_folded(name): snake_case(name) for name in (*PROPERTIES, *DETAILS, "authUser", "connectorGroup")}


def _ours(key: str) -> str:
    return _KNOWN.get(_folded(key)) or snake_case(key)


def _text(value: object) -> str:
    return str(value).casefold()
