# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the events of successive readings, and the state between readings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError, InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HEALTHS
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_events as events

AT = "2026-11-22T12:00:00Z"
Reading = Mapping[str, str]
READINGS = st.lists(st.dictionaries(st.sampled_from("abcde"), st.sampled_from(HEALTHS)), max_size=12)


def reported(system: events.System, reading: Reading) -> list[dict[str, Any]]:
    """Deliver the events of a reading with this health by ID, and return the events."""
    records = [{"id": key, "name": f"name of {key}", "health": health} for key, health in reading.items()]
    connectors = dict(system.connectors)
    found = []
    for step in events.steps("apono", system, records, AT):
        if step.event:
            found.append(step.event["connector_health"])
        if step.known:
            connectors[step.id] = step.known
        else:
            del connectors[step.id]
    system.connectors, system.started = connectors, True
    return found


def kinds(system: events.System, reading: Reading) -> list[tuple[str, str, str | None, str | None]]:
    """Return a short form of the events of a reading."""
    return [(event["type"], event["id"], event["before"], event["after"]) for event in reported(system, reading)]


def test_a_connector_that_was_not_read_does_not_disappear() -> None:
    system = events.System()
    reported(system, {"a": "healthy", "b": "healthy"})
    for _reading in range(5):
        found = events.steps("apono", system, [{"id": "a", "name": "a", "health": "healthy"}], AT, is_complete=False)
        assert [step for step in found if step.id == "b"] == []


def restarted(system: events.System) -> events.System:
    """Return the state of a system after a restart."""
    return events.restored(events.stored({"apono": system}))["apono"]


def test_startup_reports_unhealthy_connectors() -> None:
    reading = {"a": "healthy", "b": "down", "c": "unknown", "d": "maintenance"}
    assert kinds(events.System(), reading) == [
        ("unhealthy_at_start", "b", None, "down"),
        ("unhealthy_at_start", "c", None, "unknown"),
        ("unhealthy_at_start", "d", None, "maintenance"),
    ]


def test_a_flapping_connector_is_reported_with_each_change() -> None:
    system = events.System()
    assert kinds(system, {"a": "healthy"}) == []
    for before, after in (("healthy", "down"), ("down", "healthy"), ("healthy", "degraded")):
        assert kinds(system, {"a": after}) == [("health_changed", "a", before, after)]
        assert kinds(system, {"a": after}) == []


def test_a_new_connector_is_reported_in_any_health() -> None:
    system = events.System()
    reported(system, {})
    assert kinds(system, {"a": "healthy", "b": "down"}) == [
        ("appeared", "a", None, "healthy"),
        ("appeared", "b", None, "down"),
    ]


def test_a_connector_missing_in_two_readings_is_gone() -> None:
    system = events.System()
    reported(system, {"a": "down", "b": "healthy"})
    assert kinds(system, {"b": "healthy"}) == []
    [gone] = reported(system, {"b": "healthy"})
    assert (gone["type"], gone["id"], gone["name"], gone["before"]) == ("disappeared", "a", "name of a", "down")
    assert (gone["after"], gone["record"]) == (None, None)
    assert kinds(system, {"b": "healthy"}) == []


@pytest.mark.parametrize(("after", "number"), [("down", 0), ("healthy", 1)])
def test_a_connector_missing_in_one_reading_is_unchanged(after: str, number: int) -> None:
    system = events.System()
    reported(system, {"a": "down"})
    assert reported(system, {}) == []
    assert len(reported(system, {"a": after})) == number
    assert reported(system, {}) == [], "The readings that lack it have to follow each other."


def test_connectors_with_events_are_saved_last() -> None:
    records = [{"id": key, "name": key, "health": health} for key, health in (("a", "down"), ("b", "healthy"))]
    assert [step.id for step in events.steps("apono", events.System(), records, AT)] == ["b", "a"]


def test_a_connector_without_an_id_is_identified_by_name() -> None:
    records = [{"id": None, "name": "n", "health": "down"}, {"id": None, "name": "n", "health": "unknown"}]
    [step] = events.steps("apono", events.System(), records, AT)
    assert step.id == "n"
    assert step.event
    assert step.event["connector_health"]["after"] == "unknown"


@given(READINGS, st.sets(st.integers(0, 11)))
def test_no_change_is_reported_twice_across_restarts(readings: list[Reading], restarts: set[int]) -> None:
    """Each event of a connector continues the previous one, and the last event has the current health."""
    system = events.System()
    last: dict[str, str | None] = {}
    for number, reading in enumerate(readings):
        if number in restarts:
            system = restarted(system)
        found = reported(system, reading)
        assert len({event["id"] for event in found}) == len(found)
        for event in found:
            default = None if event["type"] in ("appeared", "unhealthy_at_start") else "healthy"
            assert event["before"] == last.get(event["id"], default)
            assert event["after"] != event["before"]
            last[event["id"]] = event["after"]
        assert {key: health for key, health in reading.items() if last.get(key, "healthy") != health} == {}
        assert reported(restarted(system), reading) == []


@given(READINGS)
def test_a_repeated_reading_reports_only_disappeared_connectors(readings: list[Reading]) -> None:
    system = events.System()
    for reading in readings:
        reported(system, reading)
        assert {event["type"] for event in reported(system, reading)} <= {"disappeared"}
        assert reported(system, reading) == []


def test_the_condition_of_a_system_is_reported_on_change() -> None:
    failure = {"status": 500}
    error = ConnectorsError("It is broken.", {"failure": failure})
    event = events.of_condition("hdp", "readable", "unreadable", AT, error)
    assert event == {
        "connector_health": {
            "type": "system_unreadable",
            "at": AT,
            "system": "hdp",
            "problem": "It is broken.",
            "failure": failure,
        }
    }
    assert events.of_condition("hdp", "unreadable", "unreadable", AT, error) is None


def test_no_string_of_an_event_is_a_template() -> None:
    value = {"text": "{{ a }} {%b%}", "list": ["#"], "{{": 1, "none": None, "true": True, "fine": "a 'b': c/d."}
    assert events.event("appeared", AT, record=value)["connector_health"]["record"] == {
        "text": "(U+007B)(U+007B) a (U+007D)(U+007D) (U+007B)(U+0025)b(U+0025)(U+007D)",
        "list": ["(U+0023)"],
        "(U+007B)(U+007B)": 1,
        "none": None,
        "true": True,
        "fine": "a \u2019b\u2019: c/d.",
    }


def test_a_state_with_hostile_names_makes_inert_events() -> None:
    system = events.System()
    reported(system, {"{{ a }}": "down"})
    system = restarted(system)
    reported(system, {})
    [gone] = reported(system, {})
    assert (gone["type"], gone["id"], gone["id_base64"]) == (
        "disappeared",
        "(U+007B)(U+007B) a (U+007D)(U+007D)",
        "e3sgYSB9fQ==",
    )
    assert gone["name"] == "name of (U+007B)(U+007B) a (U+007D)(U+007D)"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"format": 2, "systems": {}}',
        b'{"format": 1, "systems": []}',
        b'{"format": 1, "systems": {"apono": {}}}',
        b'{"format": 1, "systems": {"apono": {"condition": "readable", "started": true, "connectors": {"a": "down"}}}}',
        b'{"format": 1, "systems": {"apono": {"condition": "readable", "started": 1, "connectors": {"a": ["x", 1]}}}}',
        b'{"format": 1, "systems": {"apono": {"condition": "lost", "started": true, "connectors": {}}}}',
        b"\xff",
    ],
)
def test_what_is_no_state_is_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="not valid"):
        events.restored(content)


def test_the_state_contains_only_health_and_names() -> None:
    system = events.System()
    reported(system, {"a": "down"})
    assert json.loads(events.stored({"apono": system}))["systems"] == {
        "apono": {"condition": "readable", "started": True, "connectors": {"a": ["down", "name of a"]}}
    }
