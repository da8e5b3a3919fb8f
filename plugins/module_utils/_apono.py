# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Apono's connectors: list, get, rename, delete, and which integrations use one. There is no call that creates one.

Source: the vendor's API reference of connectors v3 and v2, and the list of integrations v4 in the OpenAPI document of
its Terraform provider. Objects are plain dictionaries in snake case.
"""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from ansible_collections.hybrid.connectors.plugins.module_utils._answer import Answer
from ansible_collections.hybrid.connectors.plugins.module_utils._http import Http, segment
from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_cased

Connector = dict[str, t.Any]
Integration = dict[str, t.Any]

STATUSES = ("CONNECTED", "DISCONNECTED")
CONNECTORS = "/api/admin/v3/connectors"
INTEGRATIONS = "/api/admin/v4/integrations"


def connectors(http: Http, statuses: t.Sequence[str] = (), limit: int | None = None) -> list[Connector]:
    """All connectors, page by page, in the order of the server.

    Filters go out with the first page alone: its page token carries them, as the vendor's own client has it.

    :raises UnusableAnswer: an answer is not a page, or its page token came before, which would never end.
    """
    query: list[tuple[str, str]] = [] if limit is None else [("limit", str(limit))]
    query += [("status", status.upper()) for status in statuses]
    return [_identified(answer, item) for answer, item in _listed(http, CONNECTORS, query, "connectors")]


def connectors_v2(http: Http) -> list[Connector]:
    """All connectors as the API v2 shows them: C(id), C(connector_id), C(status), C(last_connected) as ISO 8601."""
    answer = http.get("/api/v2/connectors")
    return [
        {**item, "id": item.get("connector_id"), "last_connected": _iso(item.get("last_connected"))}
        for item in _items(answer, answer.json(), "connectors")
    ]


def connector(http: Http, identifier: str) -> Connector | None:
    """One connector, or None if there is none of that id."""
    answer = http.get(_path(identifier), expect=(404,))
    return None if answer.status == 404 else _one(answer)


def is_disconnected(connector: Connector) -> bool:
    """Whether a connector's status is DISCONNECTED, in upper or lower case."""
    return str(connector.get("status")).casefold() == "disconnected"


def rename(http: Http, identifier: str, name: str) -> Connector | None:
    """Give a connector a name. Its answer is the connector as it is then, None if the server does not show it.

    :raises UnusableAnswer: the answer is no connector, or empty while the connector does not have the name.
    """
    answer = http.request("PUT", _path(identifier), payload={"name": name})
    if answer.body.strip():
        return _one(answer)
    renamed = connector(http, identifier)
    if renamed is None or renamed.get("name") != name:
        raise answer.unusable("an empty body, and without giving the name")
    return renamed


def delete(http: Http, identifier: str) -> bool:
    """Delete a connector. False: it was gone already, and not by a lost request of ours.

    :raises UnusableAnswer: something else than the API has answered.
    """
    answer = http.request("DELETE", _path(identifier), expect=(404,))
    if answer.status != 404 and answer.body.strip():
        answer.json_object()
    return answer.status != 404 or answer.attempts > 1


def integrations(http: Http, identifier: str) -> list[Integration]:
    """The integrations that use a connector: ``id`` and ``name`` of each, as far as the server shows them.

    The server is asked for those of this connector. What it answers counts unless it says itself that it belongs to
    another connector, so that in doubt a connector is in use. How an integration is configured is its own matter.

    :raises UnusableAnswer: what came cannot be read, so that nothing is known of what uses the connector.
    """
    return [
        {"id": item.get("id"), "name": item.get("name")}
        for _answer, item in _listed(http, INTEGRATIONS, [("connector_id", identifier)], "integrations")
        if not _of_another(item.get("connector_id"), identifier)
    ]


def in_use(using: t.Sequence[Integration]) -> str | None:
    """What to say of a connector that integrations use; None if there are none."""
    if not using:
        return None
    named = ", ".join(f"'{item['name'] or item['id'] or 'without a name'}'" for item in using[:5])
    more = f" and {len(using) - 5} more" if len(using) > 5 else ""
    return f"used by the integration{'s' if len(using) > 1 else ''} {named}{more}"


def _of_another(connector_id: object, identifier: str) -> bool:
    return isinstance(connector_id, str) and connector_id != "" and connector_id.casefold() != identifier.casefold()


def _listed(
    http: Http, path: str, query: t.Sequence[tuple[str, str]], what: str
) -> t.Iterator[tuple[Answer, dict[str, t.Any]]]:
    """All items of a list, page by page, each with the answer that it came in."""
    tokens: set[str] = set()
    while True:
        answer = http.get(path, query)
        page = answer.json_object()
        for item in _items(answer, page.get("items"), what):
            yield answer, item
        pagination = page.get("pagination")
        token = pagination.get("next_page_token") if isinstance(pagination, dict) else None
        if not token:
            return
        if not isinstance(token, str) or token in tokens:
            raise answer.unusable("a page token that it gave before, so that the list would never end")
        tokens.add(token)
        query = [("page_token", token)]


def _path(identifier: str) -> str:
    return f"{CONNECTORS}/{segment(identifier)}"


def _one(answer: Answer) -> Connector:
    return _identified(answer, snake_cased(answer.json_object()))


def _identified(answer: Answer, item: Connector) -> Connector:
    if not isinstance(item.get("id"), str) or not item["id"]:
        raise answer.unusable("a connector without an id")
    return item


def _items(answer: Answer, items: object, what: str) -> list[dict[str, t.Any]]:
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise answer.unusable(f"JSON that is not a list of {what}")
    return [snake_cased(item) for item in items]


def _iso(seconds: object) -> object:
    """The v2 time stamp, seconds since 1970 as a number, in the notation of v3; anything else as it is."""
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return seconds
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError, OSError):
        return str(seconds)
