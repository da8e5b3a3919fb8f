# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Selection of values from dictionaries, and of dictionaries from lists."""

from __future__ import annotations

from ansible_collections.hybrid.connectors.plugins.module_utils._mappings import by_key, having, picked, without_none


def test_picked_keys_are_in_the_given_order_and_missing_values_are_none() -> None:
    found = picked({"a": 1, "b": 2, "c": 3}, ("c", "missing", "a"))
    assert list(found.items()) == [("c", 3), ("missing", None), ("a", 1)]


def test_only_none_is_left_out() -> None:
    assert without_none({"none": None, "empty": "", "zero": 0, "false": False}) == {
        "empty": "",
        "zero": 0,
        "false": False,
    }


def test_items_are_selected_by_the_exact_value() -> None:
    items = [{"id": "A"}, {"id": "a"}, {"name": "a"}, {"id": "a", "name": "b"}]
    assert having(items, "id", "a") == [items[1], items[3]]


def test_the_last_item_with_a_key_takes_precedence() -> None:
    items = [{"id": "a", "name": "first"}, {"id": "b"}, {"id": "a", "name": "last"}]
    assert by_key(items, "id") == {"a": items[2], "b": items[1]}
