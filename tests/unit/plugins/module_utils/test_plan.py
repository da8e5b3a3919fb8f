# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the selection of an object, and its comparison with the desired state."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._plan import (
    MAX_SHOWN,
    by_name_and_id,
    complaint,
    diff,
    differing,
    named_values,
    only_one,
    shown,
    text_of,
    undocumented,
    with_documented,
)


def numbered(count: int) -> list[dict[str, Any]]:
    return [{"id": f"id-{number}"} for number in range(count)]


def check_ambiguous(messages: MessageTable, count: int, found: str) -> None:
    with pytest.raises(InputError) as caught:
        the_one(count)
    assert caught.value.reason == "ambiguous"
    facts = {"count": count, "objects": "things with the name 'x'", "found": found, "option": "id"}
    messages.check("plan.ambiguous", caught.value.message, **facts)


def the_one(count: int) -> dict[str, Any] | None:
    return only_one(numbered(count), "things with the name 'x'", lambda item: str(item["id"]), "id")


def test_lists_are_sorted_by_name_then_id() -> None:
    items: list[dict[str, Any]] = [
        {"id": "2", "name": "b"},
        {"id": "1", "name": "b"},
        {"id": "9", "name": "a"},
        {"id": "5", "name": None},
        {"id": "6", "name": "B"},
        {"name": "b"},
    ]
    assert [item.get("id") for item in by_name_and_id(items)] == ["5", "6", "9", None, "1", "2"]


def test_keys_called_name_and_id_can_be_addressed() -> None:
    items = [{"connector_id": "1", "label": "b"}, {"connector_id": "2", "label": "a"}]
    assert [item["label"] for item in by_name_and_id(items, "label", "connector_id")] == ["a", "b"]


def test_documented_keys_are_present_in_their_documented_spelling() -> None:
    assert with_documented({"id": "a"}, ("id", "orgId")) == {"id": "a", "org_id": None}
    assert with_documented({"id": "a", "ID": "b", "Id": []}, ("id",)) == {"id": "a"}
    assert with_documented({"org_id": "a"}, ("orgId",)) == {"org_id": "a"}
    assert with_documented({"newField": {"innerID": 1}}, ()) == {"new_field": {"inner_id": 1}}


@pytest.mark.parametrize(
    ("value", "text"),
    [("A", "a"), (7, "7"), (True, "true"), (None, None), (["a"], None), ({"a": 1}, None)],
)
def test_only_a_scalar_value_can_be_compared(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_a_value_in_a_message_is_whole_or_absent() -> None:
    assert shown("x" * MAX_SHOWN) == "x" * MAX_SHOWN
    assert shown("x" * (MAX_SHOWN + 1)) == f"(a value of more than {MAX_SHOWN} characters)"
    assert shown(None) == "None"


def test_the_only_match_or_no_match() -> None:
    assert the_one(0) is None
    assert the_one(1) == {"id": "id-0"}


def test_ambiguous_matches_are_listed_with_their_differences(messages: MessageTable) -> None:
    check_ambiguous(messages, 2, "id-0; id-1")


@pytest.mark.parametrize(("count", "end"), [(20, ""), (21, "; and 1 more"), (25, "; and 5 more")])
def test_of_very_many_the_first_twenty_are_listed(count: int, end: str, messages: MessageTable) -> None:
    check_ambiguous(messages, count, "; ".join(f"id-{number}" for number in range(20)) + end)


def test_an_omitted_attribute_is_unchanged() -> None:
    def equal(name: str, one: object, other: object) -> bool:
        return name == "never distinguished" or one == other

    current = {"same": 1, "other": 1, "unknown": 1, "emptied": "x", "never distinguished": 1}
    desired = {"same": 1, "other": 2, "unknown": None, "emptied": "", "new": False, "never distinguished": 2}
    assert differing(current, desired, equal) == {"other": 2, "emptied": "", "new": False}


def test_a_missing_object_is_empty_in_the_diff() -> None:
    assert diff(None, {"a": 1}) == {"before": {}, "after": {"a": 1}}
    assert diff({"a": 1}, None) == {"before": {"a": 1}, "after": {}}


def test_a_diff_has_what_changes_and_what_identifies() -> None:
    before, after = {"id": 1, "a": 1, "b": 2, "c": 3}, {"id": 1, "a": 1, "b": 4, "d": 5}
    assert diff(before, after, ["id"]) == {
        "before": {"id": 1, "b": 2, "c": 3},
        "after": {"id": 1, "b": 4, "d": 5},
    }
    assert diff(before, dict(before), ["id"]) == {"before": {}, "after": {}}


def test_a_filter_is_compared_without_regard_to_case() -> None:
    assert named_values(["Operational", "OUTAGE"]) == {"operational", "outage"}
    assert named_values(None) == frozenset()


def test_only_undocumented_values_are_named_in_a_warning() -> None:
    warning = undocumented("status", ["outage", "broken", "Gone"], ("operational", "outage"), "Webex")
    assert warning is not None
    assert "'broken', 'Gone'" in warning
    assert "operational, outage" in warning
    assert "'outage'" not in warning


@pytest.mark.parametrize("expected", [None, [], ["OUTAGE"]])
def test_documented_values_need_no_warning(expected: list[str] | None) -> None:
    assert undocumented("status", expected, ("outage",), "Webex") is None


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (1, "1 of 10 customers failed; 9 succeeded. 'c1': No 1."),
        (3, "3 of 10 customers failed; 7 succeeded. 'c1': No 1. 'c2': No 2. 'c3': No 3."),
        (
            4,
            "4 of 10 customers failed; 6 succeeded. 'c1': No 1. 'c2': No 2. 'c3': No 3. See 'customers' for 1 more.",
        ),
        (10, "10 of 10 customers failed. 'c1': No 1. 'c2': No 2. 'c3': No 3. See 'customers' for 7 more."),
    ],
)
def test_of_all_that_failed_the_first_three_are_named(count: int, message: str) -> None:
    failed = [(f"c{number}", f"No {number}.") for number in range(1, count + 1)]
    assert complaint("customers", failed, 10) == message


@pytest.mark.parametrize(
    ("failed", "total", "check", "message"),
    [
        ([("a", "No")], 2, True, "1 of 2 customers failed; 1 would succeed. 'a': No."),
        ([("a", "No.")], 1, True, "1 of 1 customer failed. 'a': No."),
        ([("a", "The customer 'a' is not there.")], 1, False, "1 of 1 customer failed. The customer 'a' is not there."),
    ],
)
def test_failures_are_sentences_with_each_name_once(
    failed: list[tuple[str, str]], total: int, check: bool, message: str
) -> None:
    assert complaint("customers", failed, total, check) == message
