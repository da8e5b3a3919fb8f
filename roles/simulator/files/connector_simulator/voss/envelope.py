# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: which part of them is asked for, and what the service wraps around it.

Source: the vendor's list sample and its page on pagination.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from connector_simulator import quirks
from connector_simulator.exchange import Call, Misuse, Problem, Reply

Item = TypeVar("Item")
Fields = Callable[[Item], Mapping[str, Any]]


@dataclass(frozen=True)
class Page:
    """The part of a list that is asked for. ``total`` counts the whole list, or is 0 if the caller wants no count."""

    skip: int
    limit: int
    total: int
    order_by: str
    direction: str

    def describe(self, path: str, maximum: int) -> dict[str, Any]:
        """The ``pagination`` element."""
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
    """Delete nothing."""


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
    """Filter, sort and cut a list as the request asks.

    ``known`` are the fields to sort and filter by; the first is the order if none is asked for. ``renew`` and
    ``remove`` make an item into a new one and delete it, for the quirks that need it.
    """
    chosen = _filter(call, settings, items, fields, known)
    order_by = call.parameter("order_by") or known[0]
    if order_by not in known:
        raise Misuse(400, f"order_by is one of the summary attributes {', '.join(known)}, not {order_by}.")
    direction = call.parameter("direction") or "asc"
    chosen.sort(key=lambda item: str(_value(fields(item), order_by)), reverse=direction == "desc")
    limit = int(call.parameter("limit") or settings["default_limit"])
    if limit > settings["maximum_limit"]:
        if settings["over_limit"] == "refuse":
            raise Problem(400, f"limit is at most {settings['maximum_limit']}.")
        limit = settings["maximum_limit"]
    skip = int(call.parameter("skip") or 0)
    if chosen and quirks.loses_first(call, skip):
        remove(chosen.pop(0))
    shown, more = quirks.page(call, chosen, skip, limit, renew)
    counted = max(len(chosen), skip + limit + 1) if more else len(chosen)
    total = 0 if call.parameter("count") == "false" else counted
    return Page(skip, limit, total, order_by, direction), shown


def list_reply(
    path: str,
    page: Page,
    settings: Mapping[str, Any],
    meta: Mapping[str, Any],
    resources: Sequence[str],
    operations: Sequence[str],
    schema: Mapping[str, Any] | None = None,
) -> Reply:
    """The envelope around resources that are JSON text already (so that a long list costs little)."""
    head: dict[str, Any] = {
        "operations": list(operations),
        "pagination": page.describe(path, settings["maximum_limit"]),
        "meta": meta,
    }
    if schema is not None:
        head["schema"] = schema
    opening = json.dumps(head, separators=(",", ":"))[:-1]
    return Reply(200, f'{opening},"resources":[{",".join(resources)}]}}'.encode())


def list_meta(model_type: str, node_pkid: str, attributes: Sequence[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """The ``meta`` element of a list."""
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
    field, wanted, condition = (call.parameter(name) for name in names)
    if field is None and wanted is None and condition is None:
        return list(items)
    if settings["filters"] == "refuse":
        raise Problem(400, "Filters are not available for this list.")
    if field is None or wanted is None or condition is None:
        raise Misuse(400, f"A filter is documented as {', '.join(names)} together.")
    if field not in known:
        raise Misuse(400, f"filter_field is one of {', '.join(known)}, not {field}.")
    if settings["filters"] == "ignore":
        return list(items)
    return [item for item in items if wanted.lower() in str(_value(fields(item), field)).lower()]


def _value(fields: Mapping[str, Any], name: str) -> Any:
    """A field's value by its name, which may be dotted; an unset one is empty."""
    value: Any = fields
    for step in name.split("."):
        value = value.get(step, "") if isinstance(value, dict) else ""
    return value
