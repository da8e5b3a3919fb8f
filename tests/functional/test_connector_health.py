# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The event source against the simulator: its events, its polls and its state file."""

from __future__ import annotations

import itertools
import json
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from support.deadline import HANGS, wait_until
from support.event_source import Event, Source
from support.messages import MessageTable
from support.simulator import Simulator, apono_seed

pytestmark = pytest.mark.first_case_only

Connection = Mapping[str, Mapping[str, str]]
Start = Callable[..., Source]
QUICKLY: Mapping[str, Any] = {"interval": 0.05}


@pytest.fixture
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start the event source with options. It ends with the test."""
    with ExitStack() as running:

        def start(options: Mapping[str, Any], **env: str) -> Source:
            return running.enter_context(Source(tmp_path_factory.mktemp("source"), options, env))

        yield start


def short(event: Event) -> tuple[Any, ...]:
    """Return the main values of an event."""
    return event["type"], event["name"], event["before"], event["after"]


def timestamp(text: str) -> float:
    """Return a timestamp of an event as seconds since the Unix epoch."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def await_polls(simulator: Simulator, number: int, system: str = "apono") -> None:
    """Wait until a system has received this many more polls."""
    desired = len(simulator.journal(system)) + number
    wait_until(lambda: len(simulator.journal(system)) >= desired, f"{system} is no longer polled.")


def test_startup_reports_each_unhealthy_connector_once(
    source: Start, simulator: Simulator, connection: Connection, only_documented: None, messages: MessageTable
) -> None:
    running = source({**QUICKLY, **connection, "jitter": 0})
    emitted = [running.event() for _number in range(10)]
    await_polls(simulator, 3, "voss")
    assert running.interrupt() == 0
    assert running.events() == emitted
    assert {event["type"] for event in emitted} == {"unhealthy_at_start"}
    assert {(event["system"], event["after"]) for event in emitted} == {
        ("apono", "down"),
        ("hdp", "degraded"),
        ("voss", "down"),
        ("webex", "degraded"),
        ("webex", "down"),
        ("webex", "maintenance"),
    }
    one = next(event for event in emitted if event["id"] == "gcp-analytics")
    messages.check("apono.disconnected", one["record"]["problems"][0], time="2026-08-19T22:41:07.5Z")
    assert (one["record"]["health"], one["record"]["name"], one["before"]) == ("down", one["name"], None)
    assert simulator.writes() == []


def test_each_change_is_reported_once(source: Start, simulator: Simulator, connection: Connection) -> None:
    simulator.reset(apono_seed(a="CONNECTED", b="CONNECTED"))
    running = source({**QUICKLY, "apono": connection["apono"]})
    await_polls(simulator, 1)
    for after in ("DISCONNECTED", "CONNECTED", "DISCONNECTED"):
        simulator.reset(apono_seed(a=after, b="CONNECTED"))
        await_polls(simulator, 3)
    simulator.reset(apono_seed(b="CONNECTED", c="CONNECTED"))
    await_polls(simulator, 4)
    assert [short(event) for event in running.events()] == [
        ("health_changed", "a", "healthy", "down"),
        ("health_changed", "a", "down", "healthy"),
        ("health_changed", "a", "healthy", "down"),
        ("appeared", "c", None, "healthy"),
        ("disappeared", "a", "down", None),
    ]


def test_a_change_is_reported_once_it_is_confirmed(
    source: Start, simulator: Simulator, connection: Connection, tmp_path: Path
) -> None:
    simulator.reset(apono_seed(a="CONNECTED"))
    options = {"interval": 0.05, "confirm": 4, "apono": connection["apono"], "state_file": str(tmp_path / "state.json")}
    running = source(options)
    await_polls(simulator, 2)
    simulator.change("apono", "id-of-a", status="DISCONNECTED")
    changed = running.event()
    assert short(changed) == ("health_changed", "a", "healthy", "down")
    assert changed["unhealthy_since"] <= changed["at"]
    assert changed["downtime_seconds"] is None
    down = [entry for entry in simulator.journal("apono") if entry["time"] >= timestamp(changed["unhealthy_since"])]
    assert len(down) >= 4
    running.interrupt()

    simulator.change("apono", "id-of-a", status="CONNECTED")
    second = source(options)
    recovered = second.event()
    assert short(recovered) == ("health_changed", "a", "down", "healthy")
    assert recovered["unhealthy_since"] == changed["unhealthy_since"]
    assert recovered["downtime_seconds"] >= 0
    await_polls(simulator, 2)
    assert len(second.events()) == 1


def test_a_flapping_connector_is_reported_when_it_begins_and_ends(
    source: Start, simulator: Simulator, connection: Connection, tmp_path: Path
) -> None:
    simulator.reset(apono_seed(a="CONNECTED", b="CONNECTED"))
    # The first window lasts at least 20 seconds, so that flapping does not end on a slow machine.
    options = {"interval": 0.2, "flapping_changes": 2, "flapping_window": 100, "apono": connection["apono"]}
    options["state_file"] = str(tmp_path / "state.json")
    running = source(options)
    await_polls(simulator, 1)
    for status in ("DISCONNECTED", "CONNECTED", "DISCONNECTED", "CONNECTED"):
        simulator.change("apono", "id-of-a", status=status)
        await_polls(simulator, 2)
    assert [short(event) for event in running.events()] == [
        ("health_changed", "a", "healthy", "down"),
        ("flapping_started", "a", "down", "healthy"),
    ]

    second = source({**options, "flapping_window": 3})
    ended = second.event()
    assert short(ended) == ("flapping_ended", "a", "healthy", "healthy")
    assert ended["flapping_since"] == running.events()[1]["at"]
    assert ended["downtime_seconds"] >= 0
    await_polls(simulator, 2)
    assert len(second.events()) == 1


def test_an_unreadable_system_is_reported_once_with_growing_pauses(
    source: Start, simulator: Simulator, connection: Connection
) -> None:
    simulator.reset(apono_seed(a="CONNECTED", b="DISCONNECTED"))
    systems = {"apono": {**connection["apono"], "retry_budget": 0}, "webex": connection["webex"]}
    running = source({**systems, "interval": 0.2, "jitter": 0, "max_interval": 0.8})
    await_polls(simulator, 1)
    simulator.forget()
    simulator.fault(system="apono", times=None, status=500)
    await_polls(simulator, 5)
    times = [entry["time"] for entry in simulator.journal("apono") if entry["status"] == 500]
    await_polls(simulator, 2, "webex")
    simulator.clear_faults()
    await_polls(simulator, 3)
    emitted = [event for event in running.events() if event["system"] == "apono"]
    assert [event["type"] for event in emitted] == ["unhealthy_at_start", "system_unreadable", "system_readable"]
    assert emitted[1]["failure"]["status"] == 500
    assert "500" in emitted[1]["problem"]
    assert emitted[2]["problem"] is None
    pauses = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert pauses[0] > 0.38
    assert min(pauses[1:4]) > 0.78  # test_event_source.py shows that pauses are limited to max_interval


def test_a_refused_system_is_not_polled_again(source: Start, simulator: Simulator, connection: Connection) -> None:
    hdp = {**connection["hdp"], "password": "canary"}
    running = source({**QUICKLY, "apono": connection["apono"], "hdp": hdp})
    await_polls(simulator, 6)
    [refused] = [event for event in running.events() if event["system"] == "hdp"]
    assert (refused["type"], refused["failure"]["status"]) == ("system_refused", 401)
    assert [entry["status"] for entry in simulator.journal("hdp")] == [401]
    assert "canary" not in running.output


def test_it_ends_with_an_error_if_all_systems_refuse(
    source: Start, simulator: Simulator, connection: Connection, messages: MessageTable
) -> None:
    simulator.settings(webex={"scopes": []})
    wrong = {
        system: {**options, **{name: "canary" for name in ("api_token", "password") if name in options}}
        for system, options in connection.items()
    }
    running = source({**QUICKLY, **wrong})
    assert running.wait() == 1
    assert {(event["type"], event["system"]) for event in running.events()} == {
        ("system_refused", system) for system in connection
    }
    messages.check_in("events.all_rejected", running.output.splitlines()[-1])
    received = sorted((entry["system"], entry["status"]) for entry in simulator.journal())
    assert received == [("apono", 401), ("hdp", 401), ("voss", 401), ("webex", 403)]
    assert "canary" not in running.output
    assert "Traceback" not in running.output


def test_a_restart_reports_only_differences(
    source: Start, simulator: Simulator, connection: Connection, tmp_path: Path
) -> None:
    state = tmp_path / "state.json"
    options = {**QUICKLY, "apono": connection["apono"], "state_file": str(state)}
    simulator.reset(apono_seed(a="CONNECTED", b="DISCONNECTED"))
    first = source(options)
    assert short(first.event()) == ("unhealthy_at_start", "b", None, "down")
    await_polls(simulator, 2)
    first.interrupt()
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert connection["apono"]["api_token"] not in state.read_text(encoding="utf-8")

    second = source(options)
    await_polls(simulator, 3)
    second.interrupt()
    assert second.events() == []

    simulator.reset(apono_seed(a="DISCONNECTED", b="DISCONNECTED"))
    third = source(options)
    await_polls(simulator, 3)
    assert [short(event) for event in third.events()] == [("health_changed", "a", "healthy", "down")]
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


def test_a_restart_does_not_repeat_an_unreadable_system(
    source: Start, simulator: Simulator, connection: Connection, tmp_path: Path
) -> None:
    options = {
        **QUICKLY,
        "max_interval": 0,
        "apono": {**connection["apono"], "retry_budget": 0},
        "state_file": str(tmp_path / "state.json"),
    }
    simulator.fault(system="apono", times=None, status=500)
    first = source(options)
    assert first.event()["type"] == "system_unreadable"
    first.interrupt()
    second = source(options)
    await_polls(simulator, 3)
    simulator.clear_faults()
    assert second.event()["type"] == "system_readable"
    assert second.event()["type"] == "unhealthy_at_start"


@pytest.mark.parametrize("content", ["", '{"format": 7, "systems": {}}', '{"format": 2, "systems": {"apono": 1}}'])
def test_an_unreadable_state_file_is_rewritten(
    source: Start, simulator: Simulator, connection: Connection, tmp_path: Path, content: str, messages: MessageTable
) -> None:
    state = tmp_path / "state.json"
    state.write_text(content, encoding="utf-8")
    running = source({**QUICKLY, "apono": connection["apono"], "state_file": str(state)})
    assert running.event()["type"] == "unhealthy_at_start"
    await_polls(simulator, 2)
    running.interrupt()
    messages.check_in("events.unusable_state", running.output, file=state)
    assert json.loads(state.read_text(encoding="utf-8"))["systems"]["apono"]["started"] is True


def test_a_slow_system_does_not_delay_others(source: Start, simulator: Simulator, connection: Connection) -> None:
    simulator.fault(system="hdp", times=None, delay=HANGS)
    systems = {"apono": connection["apono"], "hdp": {**connection["hdp"], "timeout": HANGS}}
    running = source({**QUICKLY, **systems, "heartbeat": 0.3})
    await_polls(simulator, 4)
    read: list[Event] = []
    while len(read) < 2:
        event = running.event()
        if event["type"] == "heartbeat" and event["systems"]["apono"]["read_at"]:
            read.append(event)
    assert [entry["status"] for entry in simulator.journal("hdp")] == [None]
    assert read[-1]["systems"]["apono"]["connectors"] == {"healthy": 2, "down": 2}
    assert read[-1]["systems"]["apono"]["read_at"] <= read[-1]["at"]
    assert read[-1]["systems"]["hdp"] == {"condition": "readable", "read_at": None, "connectors": {}}


@pytest.mark.parametrize(
    ("thresholds", "emitted"),
    [({}, {"hdp", "voss"}), ({"stale_after": 72}, {"voss"}), ({"expiring_within_days": 3}, {"hdp"})],
)
def test_the_limits_of_health_can_be_moved(
    source: Start, simulator: Simulator, connection: Connection, thresholds: dict[str, float], emitted: set[str]
) -> None:
    now = datetime.now(timezone.utc)
    state = simulator.state()
    [connector, *_others], [customer, *_others] = state["hdp"]["connectors"], state["voss"]["customers"]
    connector["lastAccessed"] = (now - timedelta(hours=48)).isoformat()
    customer["access_token_expires"] = customer["refresh_token_expires"] = (now + timedelta(days=5)).isoformat()
    state["voss"]["customers"], state["hdp"]["connectors"] = [customer], [connector]
    simulator.reset({system: state[system] for system in ("hdp", "voss")})
    running = source({**QUICKLY, **thresholds, "hdp": connection["hdp"], "voss": connection["voss"]})
    await_polls(simulator, 3, "hdp")
    await_polls(simulator, 3, "voss")
    assert [event["after"] for event in running.events()] == ["degraded"] * len(emitted)
    assert {event["system"] for event in running.events()} == emitted


def test_by_default_it_polls_the_systems_of_the_environment(
    source: Start, simulator: Simulator, connection: Connection
) -> None:
    env = {
        "WEBEX_API_URL": connection["webex"]["api_url"],
        "WEBEX_ACCESS_TOKEN": connection["webex"]["access_token"],
        "HDP_API_URL": connection["hdp"]["api_url"],
        "HDP_USERNAME": connection["hdp"]["username"],
    }
    running = source({**QUICKLY, "state_file": ""}, **env)
    await_polls(simulator, 2, "webex")
    assert {event["system"] for event in running.events()} == {"webex"}
    assert {entry["system"] for entry in simulator.journal()} == {"webex"}


SUBSIDIARY = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8wMg"


def test_an_unread_organization_does_not_lose_its_connectors(
    source: Start, simulator: Simulator, connection: Connection, messages: MessageTable
) -> None:
    running = source({**QUICKLY, "webex": {**connection["webex"], "org_ids": "all"}})
    started = [running.event() for _number in range(4)]
    assert {event["type"] for event in started} == {"unhealthy_at_start"}
    assert {event["record"]["org"] for event in started} == {"Example Corporation", "Example Subsidiary"}
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    unread = running.event()
    assert (unread["type"], unread["failure"]["reason"]) == ("system_unreadable", "forbidden")
    messages.check_in("webex.unread_organization", unread["problem"], total=2)
    await_polls(simulator, 9, "webex")
    simulator.change("webex", "Y2lZY76123", status="outage")
    changed = running.event()
    assert (changed["type"], changed["id"], changed["after"]) == ("health_changed", "Y2lZY76123", "down")
    simulator.settings(webex={"forbidden_organizations": []})
    assert running.event()["type"] == "system_readable"
    await_polls(simulator, 9, "webex")
    assert running.interrupt() == 0
    assert len(running.events()) == 7


def test_an_outage_is_reported_although_an_organization_was_unread_before(
    source: Start, simulator: Simulator, connection: Connection
) -> None:
    simulator.settings(webex={"forbidden_organizations": [SUBSIDIARY]})
    webex = {**connection["webex"], "org_ids": "all", "retry_budget": 0}
    running = source({**QUICKLY, "max_interval": 0, "webex": webex})
    first = running.event()
    assert (first["type"], first["failure"]["reason"]) == ("system_unreadable", "forbidden")
    assert running.event()["record"]["org"] == "Example Corporation"
    await_polls(simulator, 3, "webex")
    simulator.fault(system="webex", times=None, status=500)
    outage = running.event()
    while outage["type"] == "unhealthy_at_start":
        outage = running.event()
    assert (outage["type"], outage["failure"]["status"]) == ("system_unreadable", 500)
    simulator.clear_faults()
    await_polls(simulator, 9, "webex")
    simulator.settings(webex={"forbidden_organizations": []})
    after = running.event()
    assert after["type"] == "system_readable"
    at_start = running.event()
    assert (at_start["type"], at_start["record"]["org"]) == ("unhealthy_at_start", "Example Subsidiary")
    await_polls(simulator, 9, "webex")
    assert "appeared" not in {event["type"] for event in running.events()}
