# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement pagination, filters and the response envelope for lists.

Source: the vendor's sample list response and its documentation of pagination.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from connector_simulator import quirks
from connector_simulator.exchange import ApiError, Call, Response, UndocumentedRequest

Item = TypeVar("Item")
Fields = Callable[[Item], Mapping[str, Any]]


@dataclass(frozen=True)
class Page:
    """The requested page of a list, with its pagination details.

    :param total: number of objects in the list, or 0 if the request disables counting.
    """

    skip: int
    limit: int
    total: int
    order_by: str
    direction: str

    def describe(self, path: str, maximum: int) -> dict[str, Any]:
        """Return the ``pagination`` object of the response."""
        query = f"skip={self.skip}&limit={self.limit}&order_by={self.order_by}&direction={self.direction}"
        return {
            "direction": self.direction,
            "order_by": self.order_by,
            "maximum_limit": maximum,
            "skip": self.skip,
            "current": f"{path}?{query}&traversal=default",
            "limit": self.limit,
            "total_limit": None,
            "total": self.total,
        }


def _keep(_item: Any) -> None:
    """Keep an item. This is the default for the ``remove`` argument of :func:`select`."""


def _same(item: Item, _number: int) -> Item:
    return item


def select(
    call: Call,
    settings: Mapping[str, Any],
    items: Sequence[Item],
    fields: Fields[Item],
    known: Sequence[str],
    renew: Callable[[Item, int], Item] = _same,
    remove: Callable[[Item], None] = _keep,
) -> tuple[Page, list[Item]]:
    """Filter, sort and paginate a list as specified in the request.

    :param known: fields that can be used to sort and filter. By default, the list is sorted by the first field.
    :param renew: function that returns a new item, for the quirk ``endless_list``.
    :param remove: function that deletes an item, for the quirk ``shifting_pages``.
    :returns: the page and its items.
    :raises ApiError: the limit or a filter is not valid.
    """
    chosen = _filter(call, settings, items, fields, known)
    order_by = call.parameter("order_by") or known[0]
    if order_by not in known:
        message = f"order_by must be a summary attribute ({', '.join(known)}), not {order_by}."
        raise UndocumentedRequest(400, message)
    direction = call.parameter("direction") or "asc"
    chosen.sort(key=lambda item: str(_value(fields(item), order_by)), reverse=direction == "desc")
    limit = _limit(call, settings)
    skip = int(call.parameter("skip") or 0)
    if chosen and quirks.loses_first(call, skip):
        remove(chosen.pop(0))
    shown, more = quirks.page(call, chosen, skip, limit, renew)
    total = max(len(chosen), skip + limit + 1) if more else len(chosen)
    if call.parameter("count") == "false":
        total = 0
    return Page(skip, limit, total, order_by, direction), shown


def _limit(call: Call, settings: Mapping[str, Any]) -> int:
    limit = int(call.parameter("limit") or settings["default_limit"])
    maximum: int = settings["maximum_limit"]
    if limit > maximum and settings["over_limit"] == "refuse":
        raise ApiError(400, f"limit must be at most {maximum}.")
    return min(limit, maximum)


def list_response(
    path: str,
    page: Page,
    settings: Mapping[str, Any],
    meta: Mapping[str, Any],
    resources: Sequence[str],
    operations: Sequence[str],
    schema: Mapping[str, Any] | None = None,
) -> Response:
    """Build a list response from resources that are already serialized, to save time for long lists."""
    head: dict[str, Any] = {
        "operations": list(operations),
        "pagination": page.describe(path, settings["maximum_limit"]),
        "meta": meta,
    }
    if schema is not None:
        head["schema"] = schema
    opening = json.dumps(head, separators=(",", ":"))[:-1]
    return Response(200, f'{opening},"resources":[{",".join(resources)}]}}'.encode())


def list_meta(model_type: str, node_pkid: str, attributes: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """Return the ``meta`` object of a list."""
    return {
        "tags": [],
        "cached": True,
        "title": "",
        "business_key": {},
        "references": {
            "device": [{"pkid": "", "href": ""}],
            "self": [{"pkid": None, "href": f"/api/{model_type}/None/"}],
            "children": [],
            "parent": [{"pkid": node_pkid, "href": f"/api/data/HierarchyNode/{node_pkid}"}],
            "foreign_key": [],
        },
        "model_type": model_type,
        "summary_attrs": list(attributes),
        "api_version": "21.2",
        "tagged_versions": [],
        **more,
    }


def _filter(
    call: Call, settings: Mapping[str, Any], items: Sequence[Item], fields: Fields[Item], known: Sequence[str]
) -> list[Item]:
    names = ("filter_field", "filter_text", "filter_condition")
    given = list(map(call.parameter, names))
    if given == [None, None, None]:
        return list(items)
    if settings["filters"] == "refuse":
        raise ApiError(400, "This list does not support filters.")
    field, text, condition = given
    if field is None or text is None or condition is None:
        message = f"The documented parameters of a filter are {', '.join(names)} together."
        raise UndocumentedRequest(400, message)
    if field not in known:
        raise UndocumentedRequest(400, f"filter_field must be one of {', '.join(known)}, not {field}.")
    if settings["filters"] == "ignore":
        return list(items)
    return _containing(items, fields, field, text.lower())


def _containing(items: Sequence[Item], fields: Fields[Item], field: str, text: str) -> list[Item]:
    return [item for item in items if text in str(_value(fields(item), field)).lower()]


def _value(fields: Mapping[str, Any], name: str) -> Any:
    """Return the value for a dotted field name, or an empty string if the field is not set."""
    value: Any = fields
    for step in name.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return value
