# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of effects. Two values of an option never have the same effect if they change different things."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.effects import effect, portable

NOTHING: tuple[dict[str, Any], list[Any]] = ({}, [])
LONG = "a" * 500


def effect_of(value: Any) -> list[str]:
    """Return the effect of a value that a result contains."""
    return effect(NOTHING, ({"value": value}, []))


def sent(body: Any) -> list[list[Any]]:
    return [["PUT", "/a", {}, body]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (LONG + "1", LONG + "2"),
        ([LONG, "1"], [LONG, "2"]),
        ([{"name": "a", "size": 1}], [{"name": "a", "size": 2}]),
        ([["1"]], [["2"]]),
        ({str(number): 0 for number in range(100)}, {**{str(number): 0 for number in range(100)}, "99": 1}),
        ("1.2", "1.3"),
        ("10.0.0.1", "10.0.0.2"),
    ],
)
def test_different_values_have_different_effects(one: Any, other: Any) -> None:
    assert effect_of(one) != effect_of(other)
    assert effect(NOTHING, ({}, sent(one))) != effect(NOTHING, ({}, sent(other)))
    assert effect(NOTHING, portable(({}, sent(one)), {})) != effect(NOTHING, portable(({}, sent(other)), {}))
    assert effect(({}, sent({})), ({}, sent({"value": one}))) != effect(({}, sent({})), ({}, sent({"value": other})))


def test_each_difference_is_a_line() -> None:
    before = {str(number): 0 for number in range(100)}
    assert len(effect((before, []), (dict.fromkeys(before, 1), []))) == 100


def test_a_request_is_compared_by_its_fields() -> None:
    before, after = sent({"name": "a", "text": LONG}), sent({"name": "b", "text": LONG})
    assert effect(({}, before), ({}, after)) == ['PUT /a body.name: "a" -> "b"']


def test_another_number_of_requests_is_shown() -> None:
    before, after = sent({"name": "a"}), [*sent({"name": "b"}), *sent({"name": "c"})]
    assert effect(({}, before), ({}, after)) == [
        'sends PUT /a {"body": {"name": "b"}}',
        'sends PUT /a {"body": {"name": "c"}}',
        'no longer sends PUT /a {"body": {"name": "a"}}',
    ]


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05.678Z", "within 0.25 s", "20 days ago", "20.2 days ago"])
def test_times_are_not_part_of_an_effect(text: str) -> None:
    later = text.replace("2", "3")
    assert portable([text], {}) == portable([later], {})


@pytest.mark.parametrize("nested", [False, True], ids=["value", "JSON in a string"])
def test_the_days_until_an_expiry_are_not_part_of_an_effect(nested: bool) -> None:
    values: list[Any] = [{"token_days_left": days} for days in (11.4, -3, None)]
    if nested:
        values = [json.dumps(value) for value in values]
    later, earlier, unknown = (portable([value], {}) for value in values)
    assert later == earlier != unknown
