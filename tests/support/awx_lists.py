# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Implement the filters and the pagination of AWX 24.6.1 for the fake API. The code is based on FieldLookupBackend of
django-ansible-base and on Pagination in awx/api/pagination.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from support.awx_rules import Refused

Item = dict[str, Any]
RESERVED = ("page", "page_size", "order_by")
LARGEST_PAGE = 200


def _values(item: Item, name: str) -> list[str]:
    """Return the values of a field for filters. A to-many relation has several values."""
    value = item.get(name)
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _exact(item: Item, name: str, desired: str) -> bool:
    return desired in _values(item, name)


def _in(item: Item, name: str, desired: str) -> bool:
    if not desired:
        raise Refused(400, {"detail": "cannot provide empty value for __in"})
    return not set(desired.split(",")).isdisjoint(_values(item, name))


def _startswith(item: Item, name: str, desired: str) -> bool:
    return any(value.startswith(desired) for value in _values(item, name))


def _isnull(item: Item, name: str, desired: str) -> bool:
    return (item.get(name) in (None, [])) is (desired == "true")


LOOKUPS: dict[str, Callable[[Item, str, str], bool]] = {"in": _in, "startswith": _startswith, "isnull": _isnull}


def _condition(key: str, desired: str, fields: Collection[str]) -> Callable[[Item], bool]:
    path = key.removeprefix("or__").removeprefix("not__")
    name, _separator, suffix = path.rpartition("__")
    if suffix not in LOOKUPS:
        name, suffix = path, "exact"
    if name not in fields:
        raise Refused(400, {"detail": f"There is no field named {name}."})
    lookup = LOOKUPS.get(suffix, _exact)
    positive = not key.removeprefix("or__").startswith("not__")
    return lambda item: lookup(item, name, desired) is positive


def filtered(items: Iterable[Item], query: Mapping[str, str], fields: Collection[str]) -> list[Item]:
    """Return the items that a query selects, in the order of their ids."""
    if query.get("order_by", "id") != "id":
        raise Refused(400, {"detail": "The fake API supports only one order."})
    every = [
        _condition(key, value, fields) for key, value in query.items() if key not in RESERVED and key[:4] != "or__"
    ]
    either = [_condition(key, value, fields) for key, value in query.items() if key[:4] == "or__"]
    found = [item for item in sorted(items, key=lambda one: one["id"]) if all(condition(item) for condition in every)]
    return [item for item in found if not either or any(condition(item) for condition in either)]


def page(items: list[Item], path: str, query: Mapping[str, str]) -> Item:
    """Return one page of a list, with the address of the next one."""
    size = min(int(query.get("page_size", 25)), LARGEST_PAGE)
    number = int(query.get("page", 1))
    if number < 1 or (number > 1 and (number - 1) * size >= len(items)):
        raise Refused(404, {"detail": "Invalid page."})
    more = len(items) > number * size
    following = f"{path}?{urlencode({**query, 'page': number + 1})}" if more else None
    shown = items[(number - 1) * size : number * size]
    return {"count": len(items), "next": following, "previous": None, "results": shown}
