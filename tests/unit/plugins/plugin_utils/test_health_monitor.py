# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the loop of the event source: invalid options, and a full queue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from support import loops
from support.deadline import HANGS
from support.messages import MessageTable
from support.scripted import Scripted, Step, reply
from support.simulator import Simulator, apono_seed

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InputError
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch
from ansible_collections.hybrid.connectors.plugins.plugin_utils._health_monitor import (
    STATE_LIMIT,
    _checked_systems,
    _Monitor,
    monitor,
)

Connection = Mapping[str, Mapping[str, str]]
Event = dict[str, Any]

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown option": ({"api_token": "canary"}, "Unknown option 'api_token'"),
    "an unknown option of a system": ({"apono": {"api_token": "canary", "tokn": "canary"}}, "apono: Unsupported"),
    "a system that is a string": ({"apono": "canary"}, "'apono' must be a dictionary"),
    "a system without credentials": ({"apono": {}}, "apono: missing required arguments: api_token"),
    "a required option that is null": ({"apono": {"api_token": None}}, "'api_token' is required and must not be null"),
    "a filter by status": (
        {"webex": {"access_token": "canary", "status": ["outage"]}},
        "'status' is not supported by the event source for 'webex'",
    ),
    "a filter by expiry": (
        {"voss": {"password": "canary", "expiring_within_days": 1}},
        "not supported by the event source for 'voss'",
    ),
    "an interval that is not a number": ({"interval": "often"}, "interval"),
    "no place for the state": (
        {"apono": {"api_token": "canary"}, "state_file": "/nowhere/state.json"},
        "'/nowhere' does not exist",
    ),
}


@pytest.mark.parametrize("system", PROVIDERS)
def test_null_equals_an_omitted_option_of_a_system(connection: Connection, system: str) -> None:
    options = PROVIDERS[system].fleet_spec.arguments()["argument_spec"]
    optional = {name for name, option in options.items() if not option.get("required")}
    given = connection[system]
    nulls = {**dict.fromkeys(optional), **given}
    assert _checked_systems({system: nulls}) == _checked_systems({system: given})


INTERVAL = {"option": "interval", "value": -1, "lowest": 0.01, "highest": 86400}
CONFIRM = {"option": "confirm", "value": 0, "lowest": 1, "highest": 100}
CHANGES = {"option": "flapping_changes", "value": 1, "lowest": 2, "highest": 10}
WINDOW = {"option": "flapping_window", "value": 101, "lowest": 2, "highest": 100}
JITTER = {"option": "jitter", "value": 2, "lowest": 0, "highest": 0.5}


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch, simulator: Simulator) -> Callable[[dict[str, Any]], str]:
    """Return the message of a source that ends because of its options."""
    for name in ("APONO_PERSONAL_TOKEN", "HDP_API_URL", "VOSS_API_URL", "WEBEX_ACCESS_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def message(options: dict[str, Any]) -> str:
        with pytest.raises(InputError) as raised:
            loops.run(asyncio.wait_for(monitor(asyncio.Queue(), options), HANGS))
        assert "canary" not in str(raised.value)
        assert raised.value.reason == "invalid_option"
        assert simulator.journal() == []
        return str(raised.value)

    return message


@pytest.mark.parametrize(("options", "reported"), WRONG.values(), ids=WRONG)
def test_wrong_options_end_it_before_any_request(
    refusal: Callable[[dict[str, Any]], str], options: dict[str, Any], reported: str
) -> None:
    assert reported in refusal(options)


@pytest.mark.parametrize(
    ("options", "row", "facts"),
    [
        ({}, "events.no_system", {}),
        ({"apono": {"api_token": "canary\n"}}, "events.invalid_token", {"system": "apono", "option": "api_token"}),
        ({"interval": -1}, "events.out_of_range", INTERVAL),
        ({"jitter": 2}, "events.out_of_range", JITTER),
        ({"confirm": 0}, "events.out_of_range", CONFIRM),
        ({"flapping_changes": 1}, "events.out_of_range", CHANGES),
        ({"flapping_changes": 6, "flapping_window": 5}, "events.out_of_range", {**CHANGES, "value": 6, "highest": 5}),
        ({"flapping_window": 101}, "events.out_of_range", WINDOW),
    ],
)
def test_the_message_about_an_option_contains_a_remedy(
    refusal: Callable[[dict[str, Any]], str],
    options: dict[str, Any],
    row: str,
    facts: dict[str, Any],
    messages: MessageTable,
) -> None:
    messages.check(row, refusal(options), **facts)


@pytest.mark.parametrize("exists", [True, False])
def test_a_state_file_that_is_a_link_is_refused(
    refusal: Callable[[dict[str, Any]], str], tmp_path: Path, messages: MessageTable, exists: bool
) -> None:
    link, state = tmp_path / "link.json", tmp_path / "state.json"
    link.symlink_to(state)
    if exists:
        state.write_text("{}", encoding="utf-8")
    reported = refusal({"apono": {"api_token": "canary"}, "state_file": str(link)})
    messages.check("events.state_link", reported, file=link)
    assert link.is_symlink()
    assert state.exists() == exists


FOREIGN = {
    "password": b"canary-password\n",
    "truncated": b'{"format": 2, "systems": {"apono": {"condi',
    "other object": b'{"systems": {}}',
    "other keys": b'{"format": 1, "systems": {}, "version": 3}',
    "other format": b'{"format": "json", "systems": {}}',
    "list": b"[]",
    "deep": b"[" * 100_000,
    "other encoding": b"\xff",
}


@pytest.mark.parametrize("content", FOREIGN.values(), ids=FOREIGN)
def test_a_file_that_is_not_a_state_file_is_kept(
    refusal: Callable[[dict[str, Any]], str], tmp_path: Path, messages: MessageTable, content: bytes
) -> None:
    state = tmp_path / "state.json"
    state.write_bytes(content)
    reported = refusal({"apono": {"api_token": "canary"}, "state_file": str(state)})
    messages.check("events.other_file", reported, file=state)
    assert state.read_bytes() == content


def test_a_file_that_is_too_large_for_a_state_file_is_kept(
    refusal: Callable[[dict[str, Any]], str], tmp_path: Path, messages: MessageTable
) -> None:
    state = tmp_path / "state.json"
    with state.open("wb") as file:
        file.truncate(STATE_LIMIT + 1)
    reported = refusal({"apono": {"api_token": "canary"}, "state_file": str(state)})
    messages.check("events.other_file", reported, file=state)
    assert state.stat().st_size == STATE_LIMIT + 1


def test_a_full_queue_blocks_and_delivered_events_are_saved(
    simulator: Simulator, connection: Connection, tmp_path: Path
) -> None:
    simulator.reset(apono_seed(**{f"c{number}": "DISCONNECTED" for number in range(5)}))
    interval = 0.05
    options = {"interval": interval, "apono": dict(connection["apono"]), "state_file": str(tmp_path / "state.json")}

    async def taken(number: int, left: int) -> list[str]:
        narrow: asyncio.Queue[Event] = asyncio.Queue(maxsize=1)
        task = asyncio.ensure_future(monitor(narrow, options))
        found = [(await asyncio.wait_for(narrow.get(), HANGS))["connector_health"] for _each in range(number)]
        while narrow.qsize() < left:
            await asyncio.sleep(0.02)
        await asyncio.sleep(10 * interval)
        task.cancel()
        await asyncio.wait([task])
        found += [narrow.get_nowait()["connector_health"] for _each in range(narrow.qsize())]
        assert {event["type"] for event in found} == {"unhealthy_at_start"}
        return [event["name"] for event in found]

    assert loops.run(taken(2, left=1)) == ["c0", "c1", "c2"]
    assert len(simulator.journal()) == 1, "The source polled again before its events were consumed."
    assert loops.run(taken(2, left=0)) == ["c3", "c4"]


GRANT = {"client_id": "a client", "client_secret": "canary-secret", "refresh_token": "refresh-0"}


def granted(number: int, lifetime: int) -> Step:
    """Return the response to a refresh grant with a new refresh token."""
    content = {"access_token": f"access-{number}", "expires_in": lifetime, "refresh_token": f"refresh-{number}"}
    return reply(200, json.dumps(content))


@pytest.mark.parametrize(("lifetime", "refreshes"), [(3600, 1), (0, 3)])
def test_a_new_refresh_token_is_kept_between_polls(lifetime: int, refreshes: int) -> None:
    """Each poll uses a new session."""
    with Scripted() as server:
        systems = _checked_systems({"webex": {"api_url": f"{server.origin}/v1", "use_proxy": False, **GRANT}})
        source = _Monitor(asyncio.Queue(), {"stale_after_hours": 24, "expiring_within_days": 7}, systems, {})
        for number in range(3):
            if number < refreshes:
                server.script(granted(number + 1, lifetime))
            server.script(reply(200, json.dumps({"items": [{"id": "c", "hostname": "h"}]})))
            assert [item["id"] for item in source._records("webex", StopSwitch())] == ["c"]
    forms = [parse_qs(received.body.decode()) for received in server.received if received.body]
    assert [form["refresh_token"] for form in forms] == [[f"refresh-{number}"] for number in range(refreshes)]
