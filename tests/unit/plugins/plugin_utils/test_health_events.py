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
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError, InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HEALTHS
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_events as events

AT = "2026-11-22T12:00:00Z"
EACH_CHANGE = events.Stability()
LETTERS = {"h": "healthy", "d": "down", "g": "degraded"}
CONFIRMED = events.Stability(confirm=3)
FLAPPING = events.Stability(flapping_changes=3, flapping_window=5)
Reading = Mapping[str, str]
READINGS = st.lists(st.dictionaries(st.sampled_from("abcde"), st.sampled_from(HEALTHS)), max_size=12)


def reported(
    system: events.System, reading: Reading, stability: events.Stability = EACH_CHANGE, at: str = AT
) -> list[dict[str, Any]]:
    """Deliver the events of a reading with this health by ID, and return the events."""
    records = [{"id": key, "name": f"name of {key}", "health": health} for key, health in reading.items()]
    connectors = dict(system.connectors)
    found = []
    for step in events.steps("apono", system, records, at, stability=stability):
        if step.event:
            found.append(step.event["connector_health"])
        if step.known:
            connectors[step.id] = step.known
        else:
            del connectors[step.id]
    system.connectors, system.started = connectors, True
    return found


def kinds(
    system: events.System, reading: Reading, stability: events.Stability = EACH_CHANGE
) -> list[tuple[str, str, str | None, str | None]]:
    """Return a short form of the events of a reading."""
    found = reported(system, reading, stability)
    return [(event["type"], event["id"], event["before"], event["after"]) for event in found]


def history(healths: str, stability: events.Stability, is_restarted: bool = False) -> list[tuple[int, str, Any, Any]]:
    """Return the number of the reading, the type, and the health before and after, for each event of one connector.

    Each letter is the health in a reading, see C(LETTERS); a hyphen is a reading without the connector.
    """
    system = events.System()
    found = []
    for number, letter in enumerate(healths):
        reading = {"a": LETTERS[letter]} if letter in LETTERS else {}
        found += [(number, kind, before, after) for kind, _id, before, after in kinds(system, reading, stability)]
        # A restarted source counts missing readings anew.
        if is_restarted and reading:
            system = restarted(system)
    return found


def test_a_connector_that_was_not_read_does_not_disappear() -> None:
    system = events.System()
    reported(system, {"a": "healthy", "b": "healthy"})
    for _reading in range(5):
        found = events.steps("apono", system, [{"id": "a", "name": "a", "health": "healthy"}], AT, unread={"B"})
        assert [step for step in found if step.id == "b"] == []


def polled(system: events.System, reading: Reading, unread: str = "") -> list[tuple[str, str]]:
    """Deliver the events of a poll that cannot read these parts, and return their types and IDs."""
    found = []
    connectors = dict(system.connectors)
    records = [{"id": key, "name": key, "health": health} for key, health in reading.items()]
    for step in events.steps("webex", system, records, AT, frozenset(unread)):
        if step.event:
            found.append((step.event["connector_health"]["type"], step.id))
        if step.known:
            connectors[step.id] = step.known
    system.connectors = connectors
    system.add_poll(frozenset(unread))
    return found


@pytest.mark.parametrize("is_restarted", [False, True])
def test_connectors_of_a_part_that_is_read_late_do_not_appear(is_restarted: bool) -> None:
    system = events.System()
    of_a, of_b = {"a1": "healthy", "a2": "down"}, {"b1": "healthy", "b2": "down"}
    assert polled(system, of_a, "B") == [("unhealthy_at_start", "a2")]
    for reading, unread, expected in (
        (of_a, "B", []),
        ({**of_a, "a3": "healthy"}, "B", [("appeared", "a3")]),
        ({**of_a, "a3": "healthy", **of_b}, "", [("unhealthy_at_start", "b2")]),
        ({**of_a, "a3": "healthy"}, "B", []),
        ({**of_a, "a3": "healthy", **of_b, "b3": "healthy"}, "", [("appeared", "b3")]),
    ):
        if is_restarted:
            system = restarted(system)
        assert polled(system, reading, unread) == expected


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


HISTORIES: dict[str, tuple[str, events.Stability, list[tuple[int, str, Any, Any]]]] = {
    "a change that is reverted": ("hhddhdhhh", CONFIRMED, []),
    "a change that lasts": ("hhdddd", CONFIRMED, [(4, "health_changed", "healthy", "down")]),
    "different healths in a row": ("hddgdg", CONFIRMED, []),
    "a recovery": (
        "hdddhhdhhh",
        CONFIRMED,
        [(3, "health_changed", "healthy", "down"), (9, "health_changed", "down", "healthy")],
    ),
    "unhealthy at the start": ("ddd", CONFIRMED, [(2, "unhealthy_at_start", None, "down")]),
    "unhealthy at the start, then healthy": ("ddhhh", CONFIRMED, []),
    "healthy at the start": ("hddd", CONFIRMED, [(3, "health_changed", "healthy", "down")]),
    "a new connector": ("-hhh", CONFIRMED, [(3, "appeared", None, "healthy")]),
    "a new connector that connects late": ("-dhhh", CONFIRMED, [(4, "appeared", None, "healthy")]),
    "missing": ("h---", CONFIRMED, [(3, "disappeared", "healthy", None)]),
    "missing before it is reported": ("-dd---", CONFIRMED, []),
    "flapping": (
        "hdhdhdhhhhhhd",
        FLAPPING,
        [
            (1, "health_changed", "healthy", "down"),
            (2, "health_changed", "down", "healthy"),
            (3, "flapping_started", "healthy", "down"),
            (11, "flapping_ended", "down", "healthy"),
            (12, "health_changed", "healthy", "down"),
        ],
    ),
    "flapping that ends in the same health": (
        "hdhdddddd",
        FLAPPING,
        [
            (1, "health_changed", "healthy", "down"),
            (2, "health_changed", "down", "healthy"),
            (3, "flapping_started", "healthy", "down"),
            (8, "flapping_ended", "down", "down"),
        ],
    ),
    "changes too rare for flapping": (
        "hhhhdddddhhhhh",
        FLAPPING,
        [(4, "health_changed", "healthy", "down"), (9, "health_changed", "down", "healthy")],
    ),
    "flapping without a confirmed change": (
        "hdhdhhhhhh",
        events.Stability(2, 3, 5),
        [(3, "flapping_started", "healthy", "down"), (9, "flapping_ended", "down", "healthy")],
    ),
    "a new connector that flaps": (
        "-dhdh-----",
        events.Stability(2, 3, 5),
        [(4, "flapping_started", None, "healthy"), (6, "disappeared", "healthy", None)],
    ),
}


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize(("healths", "stability", "found"), HISTORIES.values(), ids=HISTORIES)
def test_events_of_a_history_with_and_without_restarts(
    healths: str, stability: events.Stability, found: list[tuple[int, str, Any, Any]], is_restarted: bool
) -> None:
    assert history(healths, stability, is_restarted) == found


def test_confirmation_and_flapping_do_not_alter_the_health_that_was_read() -> None:
    system = events.System()
    for health in ("healthy", "down", "healthy", "down", "degraded"):
        reported(system, {"a": health}, events.Stability(3, 3, 5))
        assert system.connectors["a"].read == health
        assert events.heartbeat({"apono": system}, {}, AT)["connector_health"]["systems"]["apono"]["connectors"] == {
            health: 1
        }


def minute(number: int) -> str:
    return f"2026-11-22T12:{number:02}:00Z"


@pytest.mark.parametrize(
    ("healths", "stability", "kind", "since", "downtime"),
    [
        ("hdgdh", EACH_CHANGE, "health_changed", 1, 180),
        ("ddh", EACH_CHANGE, "health_changed", 0, 120),
        ("hhdhddddhhhh", CONFIRMED, "health_changed", 4, 240),
        ("hdddhhdhhh", CONFIRMED, "health_changed", 1, 360),
        ("hdhdhdhhhhhh", FLAPPING, "flapping_ended", 3, 180),
        ("hdhdddddd", FLAPPING, "flapping_ended", 3, None),
        ("hhd", EACH_CHANGE, "health_changed", 2, None),
    ],
)
def test_a_recovery_contains_the_downtime(
    healths: str, stability: events.Stability, kind: str, since: int, downtime: int | None
) -> None:
    """The downtime lasts from the first unhealthy reading to the first reading of the confirmed recovery."""
    system = events.System()
    found = []
    for number, letter in enumerate(healths):
        found += reported(system, {"a": LETTERS[letter]}, stability, minute(number))
        system = restarted(system)
    last = found[-1]
    assert (last["type"], last["unhealthy_since"], last["downtime_seconds"]) == (kind, minute(since), downtime)
    assert [event["downtime_seconds"] for event in found if event["after"] != "healthy"] == [None] * sum(
        event["after"] != "healthy" for event in found
    )


def test_events_of_flapping_contain_its_start() -> None:
    system = events.System()
    found = []
    for number, letter in enumerate("hdhdhdhhhhhh"):
        found += reported(system, {"a": LETTERS[letter]}, FLAPPING, minute(number))
    assert [(event["type"], event["flapping_since"]) for event in found[-2:]] == [
        ("flapping_started", minute(3)),
        ("flapping_ended", minute(3)),
    ]
    assert {event["flapping_since"] for event in found[:-2]} == {None}


def test_flapping_ends_if_its_detection_is_switched_off() -> None:
    system = events.System()
    for health in ("healthy", "down", "healthy", "down"):
        reported(system, {"a": health}, FLAPPING)
    assert kinds(restarted(system), {"a": "down"}) == [("flapping_ended", "a", "down", "down")]


@given(READINGS, st.integers(1, 4), st.integers(2, 4), st.sets(st.integers(0, 11)))
def test_events_of_a_connector_continue_each_other(
    readings: list[Reading], confirm: int, changes: int, restarts: set[int]
) -> None:
    """Between the beginning and the end of flapping, there is no change, and no event is repeated."""
    system, stability = events.System(), events.Stability(confirm, changes, 5)
    last: dict[str, dict[str, Any]] = {}
    for number, reading in enumerate(readings):
        if number in restarts:
            system = restarted(system)
        for event in reported(system, reading, stability):
            before = last.get(event["id"], {"type": "disappeared", "after": None})
            assert event["before"] in (before["after"], *(["healthy"] if before["after"] is None else ()))
            if event["type"] == "flapping_ended":
                assert before["type"] == "flapping_started"
            elif event["type"] != "disappeared":
                assert before["type"] != "flapping_started"
                assert event["after"] != event["before"] or event["type"] == "flapping_started"
            last[event["id"]] = event


def test_a_steady_connector_does_not_change_the_state() -> None:
    system, stability = events.System(), events.Stability(3, 3, 5)
    for health in ("down", "healthy", *["down"] * 9):
        reported(system, {"a": health}, stability)
    found = events.steps("apono", system, [{"id": "a", "name": "name of a", "health": "down"}], AT, stability=stability)
    assert found == []


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
    event = events.of_condition("hdp", events.System(), "unreadable", AT, error)
    assert event == {
        "connector_health": {
            "type": "system_unreadable",
            "at": AT,
            "system": "hdp",
            "problem": "It is broken.",
            "failure": failure,
        }
    }
    assert events.of_condition("hdp", events.System("unreadable"), "unreadable", AT, error) is None


@pytest.mark.parametrize("is_restarted", [False, True])
@pytest.mark.parametrize(
    ("unread", "expected"),
    [
        ("-BBx", [(1, "unreadable"), (3, "unreadable")]),
        ("BxBx-", [(0, "unreadable"), (1, "unreadable"), (3, "unreadable"), (4, "readable")]),
        ("xBBB-", [(0, "unreadable"), (4, "readable")]),
        ("BBCC-", [(0, "unreadable"), (2, "unreadable"), (4, "readable")]),
    ],
    ids=["then no organization", "an outage that ends", "first no organization", "a different organization"],
)
def test_each_further_unreadable_organization_is_reported(
    unread: str, expected: list[tuple[int, str]], is_restarted: bool
) -> None:
    """Each letter is the organization that a poll cannot read; x is all of them, and a hyphen is none."""
    system = events.System()
    conditions = {"-": events.READABLE, "x": events.UNREADABLE}
    found = []
    for number, letter in enumerate(unread):
        condition = conditions.get(letter, events.PARTLY)
        parts = frozenset() if letter in conditions else frozenset({letter})
        event = events.of_condition("webex", system, condition, AT, unread=parts)
        if event:
            found.append((number, event["connector_health"]["type"].removeprefix("system_")))
        system.condition, system.unread = condition, parts
        if is_restarted:
            system = restarted(system)
    assert found == expected


def test_a_heartbeat_distinguishes_a_system_that_is_read_partly() -> None:
    found = events.heartbeat({"webex": events.System(events.PARTLY, unread=frozenset("B"))}, {}, AT)
    assert found["connector_health"]["systems"]["webex"]["condition"] == "partly_readable"


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
        b'{"format": 1, "systems": {}}',
        b'{"format": 2, "systems": []}',
        b'{"format": 2, "systems": {"apono": {}}}',
        b'{"format": 2, "systems": {"apono": {"condition": "lost", "started": true, "connectors": {}}}}',
        b'{"format": 2, "systems": {"apono": {"condition": "readable", "started": true, "connectors": {},'
        b' "unread": [1]}}}',
        b'{"format": 2, "systems": {"apono": {"condition": "readable", "started": true, "connectors": {},'
        b' "never_read": "B"}}}',
        b"\xff",
    ],
)
def test_what_is_no_state_is_refused(content: bytes, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        events.restored(content)
    messages.check("events.invalid_state", caught.value.message)


@pytest.mark.parametrize(
    "changed",
    [
        {"read": "x"},
        {"read": None},
        {"reported": "x"},
        {"reported": []},
        {"read_since": None},
        {"read_since": "today"},
        {"unhealthy_since": "today"},
        {"flapping_since": [1]},
        {"streak": -1},
        {"streak": "1"},
        {"changes": 1e400},
        {"changes": 1 << 200},
        {"unknown": 1},
    ],
    ids=str,
)
def test_an_invalid_state_of_a_connector_is_refused(changed: dict[str, Any], messages: MessageTable) -> None:
    system = events.System()
    reported(system, {"a": "down"})
    content = json.loads(events.stored({"apono": system}))
    content["systems"]["apono"]["connectors"]["a"].update(changed)
    with pytest.raises(InputError) as caught:
        events.restored(json.dumps(content).encode())
    messages.check("events.invalid_state", caught.value.message)


def test_the_state_contains_only_health_names_and_times() -> None:
    system = events.System()
    reported(system, {"a": "down"})
    known = {"name": "name of a", "read": "down", "read_since": AT, "streak": 1, "reported": "down"}
    assert json.loads(events.stored({"apono": system}))["systems"] == {
        "apono": {"condition": "readable", "started": True, "connectors": {"a": {**known, "unhealthy_since": AT}}}
    }
