# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the fleet report: its schema, unread systems, changes and metrics."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus
from support.growth import TIMES, is_linear
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.filter.fleet_metrics import RETURN
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import HealthThresholds
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_document import report_from
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet_history import (
    CONFIRMING_RUNS,
    appended,
    last_lines,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._notifications import notification
from ansible_collections.hybrid.connectors.plugins.plugin_utils._metrics import metrics
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report import report, same_fleet
from ansible_collections.hybrid.connectors.plugins.plugin_utils._report_problems import problems
from ansible_collections.hybrid.connectors.plugins.plugin_utils._sanitize import metric_label

SCHEMA = Path(__file__).resolve().parents[4] / "roles" / "fleet_report" / "files" / "fleet_report.schema.json"
NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
REFUSED = {"failed": True, "msg": "Webex returned 401\nfor GET."}


def later(**amount: float) -> str:
    return (NOW + timedelta(**amount)).isoformat()


def apono(*connectors: dict[str, Any]) -> dict[str, Any]:
    return {"connectors": [{"status": "CONNECTED", "is_latest_version": True, **item} for item in connectors]}


FLEET: dict[str, Any] = {
    "webex": {
        "connectors": [
            {
                "id": "w1",
                "hostname": "expc1",
                "status": "outage",
                "version": "8.11",
                "alarms": [
                    {"severity": "critical", "title": "Stopped", "created": later(days=-2)},
                    {"severity": "warning", "title": "Slow", "description": "Very.", "created": later(days=-1)},
                    {"severity": "warning", "title": "No time"},
                ],
            }
        ]
    },
    "voss": {
        "customers": [
            {
                "pkid": "v1",
                "name": "Initech",
                "access_token_expires": later(days=-1),
                "refresh_token_expires": later(days=3),
            },
            {"pkid": "v2", "name": "Globex", "refresh_token_expires": later(days=50)},
        ]
    },
    "apono": apono({"id": "a1", "name": "one", "is_latest_version": False, "version": "1.5"}, {"id": "a2"}),
    "hdp": {"connectors": [{"connector_id": "h1", "label": "hdp", "last_accessed": later(hours=-1)}]},
}


def made(results: Any = None, previous: object = None, now: datetime = NOW) -> dict[str, Any]:
    """Return a report after validating it against the schema."""
    document = report(FLEET if results is None else results, HealthThresholds(now), previous=previous)
    VALIDATOR.validate(document)
    return document


def test_the_schema_is_valid_and_rejects_unknown_fields() -> None:
    jsonschema.Draft202012Validator.check_schema(VALIDATOR.schema)
    for unexpected in ({"more": 1}, {"version": 2}, {"systems": [{**made()["systems"][0], "read": False}]}):
        assert not VALIDATOR.is_valid({**made(), **unexpected})


def test_entries_are_counted_and_sorted() -> None:
    document = made()
    assert [system["system"] for system in document["systems"]] == ["apono", "hdp", "voss", "webex"]
    assert [record["id"] for record in document["records"]] == ["a2", "a1", "h1", "v2", "v1", "w1"]
    assert document["summary"]["total"] == 6
    assert document["summary"]["by_health"] == {"healthy": 4, "degraded": 0, "down": 2, "maintenance": 0, "unknown": 0}
    assert document["summary"]["by_system"]["voss"]["down"] == 1
    assert document["summary"]["outdated"] == 1
    expiries = [(expiry["id"], expiry["token"], expiry["days_left"]) for expiry in document["expiries"]]
    assert expiries == [("v1", "access", -1.0), ("v1", "refresh", 3.0), ("v2", "refresh", 50.0)]
    assert [alarm["title"] for alarm in document["alarms"]] == ["Slow", "Stopped", "No time"]
    assert document["changes"] is None


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (REFUSED, "Webex returned 401 for GET."),
        ({**FLEET["webex"], "failed": True, "msg": "Half of it."}, "Half of it."),
        ({"started": 1, "finished": 0}, "report.unfinished"),
        ({}, "report.no_list"),
    ],
)
def test_an_unread_system_has_its_reason_and_no_count(
    result: dict[str, Any], reason: str, messages: MessageTable
) -> None:
    document = made({**FLEET, "webex": result})
    webex = document["systems"][-1]
    assert (webex["read"], webex["count"]) == (False, 0)
    error = webex["error"].removeprefix("not read, because ")
    if reason.startswith("report."):
        messages.check(reason, error)
        reason = messages.expected(reason)
    assert error == reason
    assert "webex" not in document["summary"]["by_system"]
    assert document["summary"]["total"] == len(document["records"]) == 5
    assert document["alarms"] == []
    assert problems(document, ["unread"]) == [f"unread: webex: not read, because {reason}"]
    assert 'hybrid_connectors_system_read{system="webex"} 0' in metrics(document)


def test_a_system_without_connectors_was_read() -> None:
    document = made({"apono": {"connectors": []}})
    state = {"read": True, "error": None, "count": 0, "last_read": "2026-11-22T12:00:00Z"}
    what = {"item": "connector", "has_alarms": False, "has_expiries": False}
    assert document["systems"] == [{"system": "apono", "title": "Apono", **what, **state}]
    assert document["summary"]["by_system"]["apono"]["healthy"] == 0


PARTLY = {
    **FLEET["webex"],
    "organizations": [
        {"id": "a", "name": "A", "read": True, "error": None, "reason": None},
        {"id": "b", "name": "B", "read": False, "error": "Webex returned 403.", "reason": "forbidden"},
    ],
}


def test_a_partly_read_system_is_not_read_and_keeps_its_records() -> None:
    document = made({**FLEET, "webex": PARTLY})
    webex = document["systems"][-1]
    assert (webex["read"], webex["count"]) == (False, 1)
    error = "not read completely, because 1 of 2 organizations was not read. 'B': Webex returned 403."
    assert webex["error"] == error
    assert document["summary"]["by_system"]["webex"]["down"] == 1
    assert document["summary"]["total"] == 6
    assert problems(document, ["unread"]) == [f"unread: webex: {error}"]
    assert 'hybrid_connectors_system_read{system="webex"} 0' in metrics(document)
    assert 'hybrid_connectors_connectors{system="webex",health="down"} 1' in metrics(document)


def test_unread_connectors_neither_appear_nor_disappear() -> None:
    nothing = {**PARTLY, "connectors": []}
    other = {**PARTLY, "connectors": [{**FLEET["webex"]["connectors"][0], "status": "operational", "alarms": []}]}
    for before, after, health in (
        (FLEET["webex"], nothing, 0),
        (nothing, FLEET["webex"], 0),
        (PARTLY, nothing, 0),
        (PARTLY, other, 1),
        (FLEET["webex"], other, 1),
    ):
        changes = made({"webex": after}, made({"webex": before}))["changes"]
        assert (changes["appeared"], changes["disappeared"]) == ([], [])
        assert len(changes["health"]) == health


@pytest.mark.parametrize("odd", [None, 7, {}, [None], [{}], [{"read": None}], "text"])
def test_odd_organizations_are_ignored(odd: object) -> None:
    assert made({**FLEET, "webex": {**FLEET["webex"], "organizations": odd}})["systems"][-1]["read"]


@pytest.mark.parametrize("results", [[], {"jira": {}}, {"apono": []}, {"apono": {"connectors": ["text"]}}])
def test_what_is_no_result_is_refused(results: Any) -> None:
    with pytest.raises(InputError):
        made(results)


def test_changes_since_an_earlier_report_are_listed() -> None:
    before = made({"apono": apono({"id": "a", "version": "1"}, {"id": "b"}, {"id": "c"}), "hdp": FLEET["hdp"]})
    after = {
        "apono": apono({"id": "a", "version": "2"}, {"id": "b", "status": "DISCONNECTED"}, {"id": "d"}),
        "hdp": {"connectors": [{**FLEET["hdp"]["connectors"][0], "connector_id": "a"}]},
    }
    changes = made(after, json.dumps(before), NOW + timedelta(hours=1))["changes"]
    assert changes == {
        "since": "2026-11-22T12:00:00Z",
        "appeared": [{"system": "apono", "id": "d", "name": "d"}, {"system": "hdp", "id": "a", "name": "hdp"}],
        "disappeared": [{"system": "apono", "id": "c", "name": "c"}, {"system": "hdp", "id": "h1", "name": "hdp"}],
        "health": [{"system": "apono", "id": "b", "name": "b", "before": "healthy", "after": "down"}],
        "version": [{"system": "apono", "id": "a", "name": "a", "before": "1", "after": "2"}],
        "new": [
            {
                "system": "apono",
                "id": "b",
                "name": "b",
                "before": "healthy",
                "after": "down",
                "since": "2026-11-22T13:00:00Z",
            }
        ],
        "worse": [],
        "recovered": [],
        "unread": [],
        "read_again": [],
    }


def test_an_unread_system_has_no_changes() -> None:
    unread = {**FLEET, "webex": REFUSED}
    without = {system: result for system, result in FLEET.items() if system != "webex"}
    for before, after in ((FLEET, unread), (unread, FLEET), (FLEET, without), (without, FLEET)):
        changes = made(after, made(before))["changes"]
        assert not any(changes[kind] for kind in ("appeared", "disappeared", "health", "version"))


def webex(*connectors: tuple[str, str]) -> dict[str, Any]:
    """The list of Webex connectors with an ID and a status."""
    return {"connectors": [{"id": id_, "hostname": id_, "status": status, "alarms": []} for id_, status in connectors]}


def problem(kind: str, document: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """Return the ID, the previous health and the start time for each connector with one kind of change."""
    return [(item["id"], item["before"], item["since"][:10]) for item in document["changes"][kind]]


def day(number: int) -> datetime:
    return NOW + timedelta(days=number)


def test_problems_are_new_worse_or_recovered() -> None:
    first = made({"webex": webex(("a", "operational"), ("b", "impaired"), ("c", "outage"), ("e", "maintenanceMode"))})
    assert first["changes"] is None
    statuses = (("a", "outage"), ("b", "outage"), ("c", "operational"), ("d", "impaired"), ("e", "operational"))
    second = made({"webex": webex(*statuses)}, first, day(1))
    assert problem("new", second) == [("a", "healthy", "2026-11-23"), ("d", None, "2026-11-23")]
    assert problem("worse", second) == [("b", "degraded", "2026-11-22")]
    assert problem("recovered", second) == [("c", "down", "2026-11-22")]
    assert problems(second, ["new", "worse"]) == [
        "new: webex a: down, it was healthy before. Webex reports the status 'outage'.",
        "new: webex d: degraded, it was not in the earlier report. Webex reports the status 'impaired'.",
        "worse: webex b: down, it was degraded before. Webex reports the status 'outage'.",
    ]
    third = made({"webex": webex(*statuses)}, second, day(2))
    assert not any(third["changes"][kind] for kind in ("new", "worse", "recovered"))
    assert [(item["id"], item["since"][:10]) for item in third["unhealthy"]] == [
        ("a", "2026-11-23"),
        ("b", "2026-11-22"),
        ("d", "2026-11-23"),
    ]


def test_problems_are_new_after_a_system_was_not_read() -> None:
    first = made({"webex": webex(("a", "operational"), ("b", "outage"), ("c", "outage"))})
    second = made({"webex": REFUSED}, first, day(1))
    assert second["changes"]["unread"] == ["webex"]
    assert second["systems"][0]["last_read"] == first["generated_at"]
    third = made({"webex": REFUSED}, second, day(2))
    assert third["changes"]["unread"] == []
    fourth = made({"webex": webex(("a", "outage"), ("b", "outage"), ("c", "operational"))}, third, day(3))
    assert fourth["changes"]["read_again"] == ["webex"]
    assert problem("new", fourth) == [("a", None, "2026-11-25")]
    assert problem("recovered", fourth) == [("c", "down", "2026-11-22")]
    assert [item["since"][:10] for item in fourth["unhealthy"]] == ["2026-11-25", "2026-11-22"]


def test_a_system_that_was_never_read_has_no_new_problems() -> None:
    first = made({"webex": REFUSED})
    second = made({"webex": webex(("a", "outage"))}, first, day(1))
    assert problem("new", second) == []


def test_problems_of_a_system_that_was_not_part_of_the_earlier_report_are_new() -> None:
    """For example, a run with fewer systems must not hide an outage from all later runs."""
    both = {"webex": webex(("a", "operational"), ("b", "outage")), "apono": {"connectors": []}}
    first = made(both)
    second = made({"apono": {"connectors": []}}, first, day(1))
    outage = {**both, "webex": webex(("a", "outage"), ("b", "outage"), ("c", "operational"))}
    third = made(outage, second, day(2))
    assert problem("new", third) == [("a", None, "2026-11-24"), ("b", None, "2026-11-24")]
    assert problem("recovered", third) == []
    assert [third["changes"][kind] for kind in ("appeared", "unread", "read_again")] == [[], [], []]
    fourth = made(outage, third, day(3))
    assert problem("new", fourth) == []


def partly(*connectors: tuple[str, str]) -> dict[str, Any]:
    """The connectors of one Webex organization, if a second organization cannot be read."""
    return {"webex": {**webex(*connectors), "organizations": PARTLY["organizations"]}}


def kinds_of(document: dict[str, Any]) -> dict[str, list[str]]:
    """Return the IDs of the connectors with each kind of change."""
    return {kind: [item["id"] for item in document["changes"][kind]] for kind in ("new", "worse", "recovered")}


def test_problems_of_a_permanently_partly_read_system_are_compared() -> None:
    first = made(partly(("a", "operational"), ("b", "impaired"), ("c", "outage")))
    assert first["systems"][0]["last_read"] == first["generated_at"]
    after = partly(("a", "outage"), ("b", "outage"), ("c", "operational"), ("d", "impaired"))
    second = made(after, first, day(1))
    assert problem("new", second) == [("a", "healthy", "2026-11-23"), ("d", None, "2026-11-23")]
    assert problem("worse", second) == [("b", "degraded", "2026-11-22")]
    assert problem("recovered", second) == [("c", "down", "2026-11-22")]
    assert kinds_of(made(after, second, day(2))) == {"new": [], "worse": [], "recovered": []}


def test_problems_of_a_partly_read_system_are_compared_with_a_history() -> None:
    _first, history = with_history(partly(("a", "operational"), ("b", "outage")), "", NOW)
    second, history = with_history(partly(("a", "outage"), ("b", "operational")), history, day(1))
    assert kinds_of(second) == {"new": ["a"], "worse": [], "recovered": ["b"]}
    third, history = with_history({"webex": REFUSED}, history, day(2))
    assert third["changes"]["unread"] == ["webex"]


def test_the_outage_of_a_partly_read_system_is_reported_as_unread() -> None:
    first = made(partly(("a", "operational"), ("b", "operational")))
    second = made({"webex": REFUSED}, first, day(1))
    assert second["changes"]["unread"] == ["webex"]
    assert second["systems"][0]["last_read"] == first["generated_at"]
    third = made({"webex": REFUSED}, second, day(2))
    assert third["changes"]["unread"] == []
    fourth = made(partly(("a", "outage"), ("b", "operational")), third, day(3))
    assert (fourth["changes"]["unread"], fourth["changes"]["read_again"]) == ([], [])
    assert problem("new", fourth) == [("a", None, "2026-11-25")]
    fifth = made({"webex": webex(("a", "outage"), ("b", "operational"), ("other", "impaired"))}, fourth, day(4))
    assert fifth["changes"]["read_again"] == ["webex"]
    assert problem("new", fifth) == [("other", None, "2026-11-26")]


def partly_without(unread: set[str], *connectors: tuple[str, str]) -> dict[str, Any]:
    """Connectors of Webex, if the given organizations cannot be read."""
    organizations = [{"id": "a", "name": "A", "read": True, "error": None, "reason": None}]
    for name in sorted(unread):
        refused = {"read": False, "error": "Webex returned 403.", "reason": "forbidden"}
        organizations.append({"id": name, "name": name, **refused})
    return {"webex": {**webex(*connectors), "organizations": organizations}}


def test_a_further_unreadable_part_is_reported_as_unread() -> None:
    a, b = ("a", "operational"), ("b", "outage")
    first = made(partly_without({"X"}, a, b))
    assert first["systems"][0]["unread"] == ["X"]
    second = made(partly_without({"X", "B"}, a), first, day(1))
    assert second["changes"]["unread"] == ["webex"]
    assert (second["changes"]["disappeared"], problem("recovered", second)) == ([], [])
    content = notification(second, ["unread"])
    assert content is not None
    assert content["unread"][0]["system"] == "webex"
    third = made(partly_without({"X", "B"}, a), second, day(2))
    assert third["changes"]["unread"] == []
    fourth = made(partly_without({"B"}, a), third, day(3))
    assert (fourth["changes"]["unread"], fourth["changes"]["read_again"]) == ([], [])
    other = made(partly_without({"X"}, a, b), fourth, day(4))
    assert other["changes"]["unread"] == ["webex"]
    complete = made({"webex": webex(a, b)}, other, day(5))
    assert complete["changes"]["read_again"] == ["webex"]
    assert "unread" not in complete["systems"][0]


def test_a_further_unreadable_part_is_reported_with_a_history() -> None:
    history = ""
    found = []
    for number, unread in enumerate(({"X"}, {"X"}, {"X", "B"}, {"X", "B"}, {"X"})):
        document, history = with_history(partly_without(unread, ("a", "operational")), history, day(number))
        found.append((document["changes"] or {"unread": None})["unread"])
    assert found == [None, [], ["webex"], [], []]
    assert [line.count('"unread"') for line in history.splitlines()] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("unread", [None, "X", 7, {"X": 1}, [], [None], [["X"]], [{}]])
def test_a_report_with_unknown_unreadable_parts_is_compared_by_extent(unread: Any) -> None:
    first = made(partly_without({"X"}, ("a", "operational")))
    first["systems"][0]["unread"] = unread
    second = made(partly_without({"X", "B"}, ("a", "outage")), json.dumps(first), day(1))
    assert (second["changes"]["unread"], kinds_of(second)["new"]) == ([], ["a"])


def muted(until: object, results: Any, previous: object = None, now: datetime = NOW) -> dict[str, Any]:
    """A report in which the connector a of Webex is muted."""
    mute = [{"system": "webex", "id": "a", "until": until, "reason": "replaced"}]
    document = report(results, HealthThresholds(now), previous=previous, mute=mute)
    VALIDATOR.validate(document)
    return document


@pytest.mark.parametrize(
    ("until", "end"),
    [
        ("2026-11-23", "2026-11-24T00:00:00Z"),
        ("2026-11-23T18:00:00+02:00", "2026-11-23T16:00:00Z"),
        (datetime(2026, 11, 23, 13, tzinfo=timezone.utc), "2026-11-23T13:00:00Z"),
        (None, None),
    ],
)
def test_a_muted_problem_is_not_new_until_its_mute_ends(until: object, end: str | None) -> None:
    healthy, down = ({"webex": webex(("a", status), ("b", status))} for status in ("operational", "outage"))
    second = muted(until, down, made(healthy), day(1))
    assert second["mutes"] == [{"system": "webex", "id": "a", "until": end, "reason": "replaced"}]
    assert [item[0] for item in problem("new", second)] == ["b"]
    assert [line.split()[2] for line in problems(second, ["down", "new"])] == ["b:", "b:"]
    assert second["headline"] == "2 of 2 connectors are down, 2 more than yesterday, 1 of them muted."
    third = muted(until, down, second, day(3))
    expected = [] if until is None else [("a", "down", "2026-11-23")]
    assert problem("new", third) == expected
    assert len(third["mutes"]) == (until is None)


def daily(statuses: list[str], history: str | None = None, muted_runs: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    """Return the reports of daily runs in which the connector x has these statuses."""
    found: list[dict[str, Any]] = []
    for number, status in enumerate(statuses):
        results = {"webex": webex(("x", status)) if status else REFUSED}
        mute = [{"system": "webex", "id": "x"}] if number in muted_runs else []
        thresholds = HealthThresholds(day(number))
        if history is None:
            document = report(results, thresholds, previous=json.dumps(found[-1]) if found else None, mute=mute)
        else:
            document = report(results, thresholds, history=last_lines(history), mute=mute)
            history = appended(history, document, "fleet.jsonl")
        VALIDATOR.validate(document)
        found.append(document)
    return found


@pytest.mark.parametrize("history", [None, ""])
@pytest.mark.parametrize(
    ("during", "before"),
    [
        (["outage", "maintenanceMode"], "down"),
        (["outage", "maintenanceMode", "maintenanceMode"], "down"),
        (["outage", "maintenanceMode", "", "maintenanceMode"], "down"),
        (["impaired", "maintenanceMode", ""], "degraded"),
    ],
)
def test_a_problem_that_ends_in_maintenance_is_reported_as_recovered(
    during: list[str], before: str, history: str | None
) -> None:
    *_others, last, next_one = daily(["operational", *during, "operational", "operational"], history)
    assert problem("recovered", last) == [("x", before, "2026-11-23")]
    assert kinds_of(last)["new"] == []
    assert kinds_of(next_one) == {"new": [], "worse": [], "recovered": []}


@pytest.mark.parametrize("history", [None, ""])
def test_maintenance_without_a_problem_is_not_reported(history: str | None) -> None:
    statuses = ["operational", "maintenanceMode", "operational", "outage", "operational", "maintenanceMode"]
    documents = daily([*statuses, "operational"], history)
    assert [kinds_of(document)["recovered"] for document in documents[1:]] == [[], [], [], ["x"], [], []]
    assert [kinds_of(document)["new"] for document in documents[1:]] == [[], [], ["x"], [], [], []]


def test_a_problem_after_maintenance_is_new_and_recovers_once() -> None:
    documents = daily(["operational", "outage", "maintenanceMode", "impaired", "operational"])
    assert problem("new", documents[3]) == [("x", "maintenance", "2026-11-25")]
    assert problem("recovered", documents[4]) == [("x", "degraded", "2026-11-25")]


def test_a_muted_problem_that_ends_in_maintenance_is_not_reported() -> None:
    documents = daily(["operational", "outage", "maintenanceMode", "operational"], muted_runs=(1,))
    assert [kinds_of(document)["recovered"] for document in documents[1:]] == [[], [], []]


@pytest.mark.parametrize("damage", [{"problem": "odd"}, {"problem_since": "soon"}, {"problem": ["down"]}])
def test_a_damaged_problem_before_maintenance_is_ignored(damage: dict[str, Any]) -> None:
    first = daily(["operational", "outage", "maintenanceMode"])[-1]
    first["unhealthy"][0].update(damage)
    second = made({"webex": webex(("x", "operational"))}, json.dumps(first), day(3))
    assert kinds_of(second) == {"new": [], "worse": [], "recovered": []}


@pytest.mark.parametrize(
    "mute",
    [
        "a",
        ["a"],
        [{}],
        [{"system": "webex"}],
        [{"system": "jira", "id": "a"}],
        [{"system": "webex", "id": "a", "until": "soon"}],
        [{"system": "webex", "id": "a", "unti": "2026-01-01"}],
    ],
)
def test_an_invalid_mute_is_refused(mute: object) -> None:
    with pytest.raises(InputError):
        report(FLEET, HealthThresholds(NOW), mute=mute)


@pytest.mark.parametrize(
    ("before", "after", "days", "sentence"),
    [
        (None, ["outage", "outage", "operational"], 0, "2 of 3 connectors are down."),
        (["outage"], ["outage"], 1, "1 of 1 connector is down, as many as yesterday."),
        (
            ["outage", "outage"],
            ["outage", "operational"],
            3,
            "1 of 2 connectors is down, 1 fewer than in the report from 3 days ago.",
        ),
        (
            ["impaired"],
            ["impaired", "impaired"],
            0.25,
            "2 of 2 connectors are degraded, 1 more than in the report from 6 hours ago.",
        ),
        (["outage"], ["outage", "outage"], 1, "2 of 2 connectors are down, 1 more than yesterday."),
        (["outage"], ["outage"], 0.0002, "1 of 1 connector is down, as many as in the report from 1 minute ago."),
        (None, ["operational", "maintenanceMode"], 0, "None of the 2 connectors has a problem."),
        (None, ["operational"], 0, "The connector does not have a problem."),
        (None, [], 0, "The systems have no connectors."),
    ],
)
def test_the_headline_is_one_sentence(before: list[str] | None, after: list[str], days: float, sentence: str) -> None:
    def fleet(statuses: list[str]) -> dict[str, Any]:
        return {"webex": webex(*((str(number), status) for number, status in enumerate(statuses)))}

    previous = None if before is None else made(fleet(before))
    assert made(fleet(after), previous, NOW + timedelta(days=days))["headline"] == sentence


def test_the_headline_names_unread_systems() -> None:
    assert made({"webex": REFUSED, "apono": apono({"id": "a", "status": "DISCONNECTED"}), "hdp": {}})["headline"] == (
        "1 of 1 connector is down; Hybrid Data Pipeline and Webex were not read."
    )
    assert made({"webex": REFUSED})["headline"] == "Webex was not read."


def test_the_headline_distinguishes_systems_that_were_read_partly() -> None:
    partly = {**webex(("a", "operational")), "organizations": PARTLY["organizations"]}
    assert made({"webex": partly})["headline"] == (
        "The connector does not have a problem; Webex was not read completely."
    )
    assert made({"webex": partly, "hdp": {}})["headline"] == (
        "The connector does not have a problem; Hybrid Data Pipeline was not read; Webex was not read completely."
    )


def test_the_headline_compares_only_systems_of_which_the_same_parts_were_read() -> None:
    down, other = ("a", "outage"), ("b", "outage")
    complete, without_b = {"webex": webex(down, other)}, partly_without({"B"}, down)
    first = made(complete)
    second = made(without_b, first, day(1))
    assert second["headline"] == "1 of 1 connector is down; Webex was not read completely."
    third = made(without_b, second, day(2))
    assert third["headline"] == "1 of 1 connector is down, as many as yesterday; Webex was not read completely."
    fourth = made(partly_without({"C"}, down, other), third, day(3))
    assert fourth["headline"] == "2 of 2 connectors are down; Webex was not read completely."
    assert made(complete, fourth, day(4))["headline"] == "2 of 2 connectors are down."
    both = made({**complete, "apono": apono({"id": "x"})})
    down_too = made({**without_b, "apono": apono({"id": "x", "status": "DISCONNECTED"})}, both, day(1))
    assert down_too["headline"] == "2 of 2 connectors are down; Webex was not read completely."
    _document, history = with_history(complete, "", NOW)
    assert "fewer" not in with_history(without_b, history, day(1))[0]["headline"]


def test_the_headline_does_not_compare_with_missing_counts() -> None:
    down = {"webex": webex(("a", "outage")), "apono": apono({"id": "x"})}
    first, history = with_history(down, "", NOW)
    run = json.loads(history)
    for earlier in (first, run):
        del earlier["summary"]["by_system"]["apono"]
    assert made(down, first, day(1))["headline"] == "1 of 2 connectors is down."
    assert with_history(down, json.dumps(run), day(1))[0]["headline"] == "1 of 2 connectors is down."


def with_history(results: Any, history: str, now: datetime) -> tuple[dict[str, Any], str]:
    """A report without an earlier report, and the history with its run."""
    document = report(results, HealthThresholds(now), history=last_lines(history))
    VALIDATOR.validate(document)
    return document, appended(history, document, "fleet.jsonl")


def test_the_history_keeps_counts_and_the_start_of_problems() -> None:
    history = ""
    for number, status in enumerate(["operational", "outage", "outage", "operational"]):
        document, history = with_history({"webex": webex(("a", status))}, history, day(number))
        runs_shown = [run["by_system"]["webex"]["down"] for run in document["trend"]]
        assert runs_shown == [0, 1, 1, 0][: number + 1]
        if status == "outage":
            assert document["unhealthy"][0]["since"] == "2026-11-23T12:00:00Z"
    assert problem("recovered", document) == [("a", "down", "2026-11-23")]
    lines = [json.loads(line) for line in history.splitlines()]
    assert [line["generated_at"][8:10] for line in lines] == ["22", "23", "24", "25"]
    assert [len(line.get("unhealthy", ())) for line in lines] == [0, 0, 0, 0]


def test_the_history_is_limited() -> None:
    history = ""
    for number in (0, 1, 399, 400, 401):
        document, history = with_history({"webex": webex(("a", "outage"))}, history, day(number))
    assert [json.loads(line)["generated_at"][:10] for line in history.splitlines()] == [
        "2026-11-23",
        "2027-12-26",
        "2027-12-27",
        "2027-12-28",
    ]
    many = "".join(history.splitlines(keepends=True)[-1:] * 12_000)
    document, history = with_history({"webex": webex(("a", "outage"))}, many, day(402))
    assert history.count("\n") == 10_000
    assert len(document["trend"]) == 30


@pytest.mark.parametrize(
    "damage",
    [
        {"unhealthy": [{"system": "webex", "id": "a", "name": 1, "health": "odd", "since": "x", "muted": 1}]},
        {"generated_at": "<script>"},
        {"summary": {"by_system": {"webex": {"down": -1}}}},
        {"systems": [{"system": "webex"}]},
        {"version": 2},
    ],
)
def test_damaged_lines_of_a_history_are_ignored(damage: dict[str, Any], messages: MessageTable) -> None:
    document, history = with_history({"webex": webex(("a", "outage"))}, "", NOW)
    damaged = json.dumps({**json.loads(history), **damage}) + "\n"
    for text in (history + damaged, damaged + history, history + "{\n" + "[" * 100_000):
        document, after = with_history({"webex": webex(("a", "outage"))}, text, day(1))
        assert len(document["trend"]) == 2
        assert after.count("\n") == 2
    with pytest.raises(InputError) as caught:
        appended(damaged, document, "fleet.jsonl")
    messages.check("report.not_a_history", caught.value.message, file="fleet.jsonl")


@pytest.mark.parametrize("behind", [timedelta(seconds=2), timedelta(days=2000)])
def test_a_history_is_compared_and_kept_if_the_clock_is_behind(behind: timedelta) -> None:
    _first, history = with_history({"webex": webex(("a", "operational"), ("b", "operational"))}, "", NOW)
    _second, history = with_history({"webex": webex(("a", "outage"), ("b", "operational"))}, history, day(1))
    now = day(1) - behind
    third, after = with_history({"webex": webex(("a", "outage"), ("b", "outage"))}, history, now)
    assert kinds_of(third) == {"new": ["b"], "worse": [], "recovered": []}
    assert third["changes"]["since"] == third["generated_at"]
    assert [json.loads(line)["generated_at"] for line in after.splitlines()] == [
        json.loads(line)["generated_at"] for line in (*history.splitlines(), json.dumps(third))
    ]
    assert max(run["generated_at"] for run in third["trend"]) <= third["generated_at"]


@pytest.mark.parametrize("ahead", [[3000], [3000, 3001, 3002], [420, 900, 3000]])
def test_runs_with_a_clock_ahead_do_not_erase_the_history(ahead: list[int]) -> None:
    history = ""
    for number in (*range(20), *ahead):
        _document, history = with_history({"webex": webex(("a", "operational"))}, history, day(number))
    assert history.count("\n") == 20 + len(ahead)
    down, history = with_history({"webex": webex(("a", "outage"))}, history, day(20))
    assert kinds_of(down) == {"new": ["a"], "worse": [], "recovered": []}
    healthy, history = with_history({"webex": webex(("a", "operational"))}, history, day(21))
    assert problem("recovered", healthy) == [("a", "down", "2026-12-12")]
    assert history.count("\n") == 22 + len(ahead)


def test_old_runs_are_removed_when_later_runs_confirm_the_time() -> None:
    history = ""
    for number in (0, 1, *range(3000, 3000 + CONFIRMING_RUNS)):
        _document, history = with_history({"webex": webex(("a", "operational"))}, history, day(number))
    assert history.count("\n") == 2 + CONFIRMING_RUNS
    _document, history = with_history({"webex": webex(("a", "operational"))}, history, day(3100))
    assert history.count("\n") == 1 + CONFIRMING_RUNS


def test_a_history_does_not_prove_that_a_connector_was_healthy() -> None:
    _first, history = with_history({"webex": webex(("a", "operational"), ("b", "impaired"))}, "", NOW)
    statuses = (("a", "outage"), ("b", "outage"), ("new", "outage"))
    second, history = with_history({"webex": webex(*statuses)}, history, day(1))
    assert problem("new", second) == [("a", None, "2026-11-23"), ("new", None, "2026-11-23")]
    assert problem("worse", second) == [("b", "degraded", "2026-11-22")]
    assert problems(second, ["new"]) == [
        "new: webex a: down, it had no problem in the earlier report. Webex reports the status 'outage'.",
        "new: webex new: down, it had no problem in the earlier report. Webex reports the status 'outage'.",
    ]
    _third, history = with_history({"webex": REFUSED}, history, day(2))
    fourth, history = with_history({"webex": webex(*statuses, ("later", "impaired"))}, history, day(3))
    assert problem("new", fourth) == [("later", None, "2026-11-25")]


@pytest.mark.parametrize("has_history", [False, True])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"webex": REFUSED}, {"webex": webex(("a", "operational"), ("n", "outage"))}),
        ({"webex": REFUSED}, partly_without({"X"}, ("a", "operational"), ("n", "outage"))),
        (
            partly_without({"X"}, ("a", "operational")),
            {"webex": webex(("a", "operational"), ("n", "outage"))},
        ),
        (
            partly_without({"X"}, ("a", "operational")),
            partly_without({"Y"}, ("a", "operational"), ("n", "outage")),
        ),
    ],
    ids=["unread, read", "unread, partly", "partly, read", "partly, partly"],
)
def test_the_earlier_health_of_unread_connectors_is_unknown(
    before: dict[str, Any], after: dict[str, Any], has_history: bool
) -> None:
    first, history = with_history({"webex": webex(("a", "operational"))}, "", NOW)
    if has_history:
        _second, history = with_history(before, history, day(1))
        third, _history = with_history(after, history, day(2))
    else:
        third = made(after, made(before, first, day(1)), day(2))
    assert problem("new", third) == [("n", None, "2026-11-24")]
    assert problems(third, ["new"]) == [
        "new: webex n: down, its earlier health is not known. Webex reports the status 'outage'."
    ]
    content = notification(third, ["new"])
    assert content
    assert [item["before"] for item in content["new"]] == [None]


def test_a_run_without_the_state_of_its_connectors_is_not_compared() -> None:
    _first, history = with_history({"webex": webex(("a", "outage"))}, "", NOW)
    _second, history = with_history({"webex": webex(("a", "outage"))}, history, day(1))
    incomplete = history[:-10]
    third, after = with_history({"webex": webex(("a", "outage"))}, incomplete, day(2))
    assert third["changes"] is None
    assert len(third["trend"]) == 2
    fourth, after = with_history({"webex": webex(("a", "operational"))}, after, day(3))
    assert kinds_of(fourth) == {"new": [], "worse": [], "recovered": ["a"]}


@pytest.mark.parametrize(
    "previous", [None, "", "no JSON", "[" * 100_000, b"\xff", "[]", {}, {"format": "hybrid.connectors.fleet_report"}]
)
def test_an_invalid_earlier_report_counts_as_missing(previous: object) -> None:
    assert made(previous=previous)["changes"] is None
    assert not same_fleet(made(), previous)


def test_an_incomplete_report_or_another_version_is_refused() -> None:
    others: list[dict[str, Any]] = [{"version": 2}, {"records": [{}]}, {"systems": None}]
    for other in others:
        assert report_from({**made(), **other}) is None


def test_reports_that_differ_only_in_time_are_equal() -> None:
    first = made()
    later_on = made(previous=first, now=NOW + timedelta(hours=1))
    assert later_on != first
    assert same_fleet(first, json.dumps(later_on))
    for results in ({**FLEET, "webex": REFUSED}, {**FLEET, "apono": apono({"id": "a1"})}):
        assert not same_fleet(first, made(results))
    assert not same_fleet(first, made(now=NOW + timedelta(days=50))), "A token has expired meanwhile."


def test_every_problem_is_one_line_and_listed_once() -> None:
    document = made(previous=made({**FLEET, "apono": apono({"id": "gone"})}))
    assert problems(document, ["outdated", "down", "expired", "expiring", "disappeared"]) == [
        "down: webex expc1 (w1): Webex reports the status 'outage'. Alarm (critical): Stopped. Alarm (warning): Slow."
        " Alarm (warning): No time.",
        "outdated: apono one (a1): version 1.5",
        "expired: voss Initech (v1): access token, 2026-11-21T12:00:00Z, 1.0 days ago",
        "expiring: voss Initech (v1): refresh token, 2026-11-25T12:00:00Z, 3.0 days left",
        "disappeared: apono gone: in the report of 2026-11-22T12:00:00Z, but not in this report",
    ]
    assert [line.partition(":")[0] for line in problems(document, ["down"])] == ["down", "down"]
    assert problems(document, []) == []
    with pytest.raises(InputError, match="broken"):
        problems(document, ["broken"])


def parsed(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return the series of a string on which the parser of Prometheus and the stricter one of OpenMetrics agree."""
    strictly = list(openmetrics(text + "# EOF\n"))  # type: ignore[no-untyped-call]
    families = [list(prometheus(text)), strictly]
    found = [
        {(one.name, frozenset(one.labels.items())): one.value for family in each for one in family.samples}
        for each in families
    ]
    assert found[0] == found[1]
    assert all(family.documentation and family.type == "gauge" for family in families[0])
    return found[0]


def test_the_metrics_are_what_the_parsers_read_back() -> None:
    text = metrics(made())
    series = parsed(text)
    values: dict[str, dict[str | None, float]] = {}
    for (name, labels), value in series.items():
        values.setdefault(name, {})[dict(labels).get("id")] = value
    assert values["hybrid_connectors_report_timestamp_seconds"] == {None: NOW.timestamp()}
    assert values["hybrid_connectors_health"] == dict.fromkeys(["a1", "a2", "h1", "v1", "v2", "w1"], 1)
    assert values["hybrid_connectors_outdated"] == {"a1": 1, "a2": 0}
    assert values["hybrid_connectors_last_seen_timestamp_seconds"] == {"h1": (NOW - timedelta(hours=1)).timestamp()}
    assert values["hybrid_connectors_token_expiry_timestamp_seconds"]["v2"] == (NOW + timedelta(days=50)).timestamp()
    assert values["hybrid_connectors_expiring_within_seconds"] == {None: 7 * 86400}
    health = {"system": "webex", "id": "w1", "name": "expc1", "group": "", "health": "down"}
    assert series["hybrid_connectors_health", frozenset(health.items())] == 1
    assert len([line for line in text.splitlines() if not line.startswith("#")]) == len(series)


def test_the_documented_metrics_are_what_the_filter_writes() -> None:
    sample = yaml.safe_load(RETURN)["_value"]["sample"]
    assert set(sample.splitlines()) <= set(metrics(made({"apono": apono({"id": "a"})})).splitlines())


def test_metric_names_follow_the_rules_of_promtool() -> None:
    names = {line.split()[2] for line in metrics(made()).splitlines() if line.startswith("# TYPE")}
    assert len(names) == 11
    for name in names:
        words = name.split("_")
        assert name == name.lower()
        assert words[-1] not in ("total", "count", "sum", "bucket")
        assert not {"gauge", "hours", "days", "minutes", "milliseconds", "ms"} & {*words}
        assert words[-1] == "seconds" or "seconds" not in words


@given(st.text(), st.text(), st.text())
def test_no_name_can_break_out_of_its_label(identifier: str, name: str, group: str) -> None:
    document = made({"apono": apono({"id": identifier, "name": name, "cloud_provider_type": group})})
    text = metrics(document).encode("utf-8").decode("utf-8")
    health = [dict(labels) for (metric, labels) in parsed(text) if metric == "hybrid_connectors_health"]
    assert health == [
        {
            "system": "apono",
            **{field: metric_label(document["records"][0][field]) for field in ("id", "name", "group")},
            "health": "healthy",
        }
    ]


def test_lone_surrogates_and_duplicates_leave_metrics_valid() -> None:
    text = metrics(made({"apono": apono({"id": "a", "name": "\ud800"}, {"id": "a", "name": "\ud800"})}))
    assert text.encode("utf-8").count(b'hybrid_connectors_health{system="apono",id="a",name="\xef\xbf\xbd"') == 1
    assert parsed(text)


def test_the_time_to_report_is_linear() -> None:
    def reported(number: int) -> None:
        fleet = {"apono": apono(*({"id": f"a{index}", "version": "1.5"} for index in range(number)))}
        document = report(fleet, HealthThresholds(NOW))
        report(fleet, HealthThresholds(NOW), previous=json.dumps(document))
        problems(document, ["down", "outdated"])
        assert metrics(document)

    assert is_linear(partial(reported, 1_000), partial(reported, 1_000 * TIMES))
