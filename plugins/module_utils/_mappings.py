# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Select values from dictionaries, and dictionaries from lists."""

from __future__ import annotations

import typing as t

from ._plan import Item, Object


def picked(item: Item, keys: t.Iterable[str]) -> Object:
    """Return the given keys of a dictionary with their values. A missing key has the value None."""
    return {key: item.get(key) for key in keys}


def without_none(item: Item) -> Object:
    """Return a dictionary without the keys whose value is None."""
    return {key: value for key, value in item.items() if value is not None}


def having(items: t.Iterable[Object], key: str, value: object) -> list[Object]:
    """Return the dictionaries in which a key has the given value."""
    return [item for item in items if item.get(key) == value]


def by_key(items: t.Iterable[Object], key: str) -> dict[str, Object]:
    """Index dictionaries by the value of a key. If several have the same value, the last one takes precedence."""
    return {item[key]: item for item in items}
