# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test the event source: documented options, the rulebook in the guide, and intervals between polls."""

from __future__ import annotations

import ast
import asyncio
import json
import re
import subprocess
import sys
import textwrap
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import loops
from support.deadline import HANGS
from support.messages import MessageTable
from support.pages import read

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import ConnectorsError
from ansible_collections.hybrid.connectors.plugins.module_utils._fleet import FIELDS
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_events as events
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_monitor
from ansible_collections.hybrid.connectors.plugins.plugin_utils._health_monitor import OPTIONS, SYSTEMS, pause

ROOT = Path(__file__).resolve().parents[4]
EDA = ROOT / "extensions" / "eda"
GUIDES = ROOT / "docs" / "docsite" / "rst"


def documents() -> dict[str, Any]:
    """Return the YAML documents in the file of the source, by variable name, without running the file."""
    tree = ast.parse((EDA / "plugins" / "event_source" / "connector_health.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: yaml.safe_load(ast.literal_eval(node.value))
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the file of the source without ansible-rulebook."""
    command = [sys.executable, EDA / "plugins" / "event_source" / "connector_health.py", *arguments]
    return subprocess.run(list(map(str, command)), check=False, capture_output=True, text=True, timeout=HANGS)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_usage_is_shown(option: str) -> None:
    done = run(option)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: connector_health.py [-h] [options.json]")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (None, "No such file or directory"),
        (b'{"interval": 1', "Expecting ',' delimiter: line 1 column 15 (char 14)"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b"[1]", "the content is not a JSON object"),
    ],
    ids=["no file", "invalid JSON", "not UTF-8", "a list"],
)
def test_an_unusable_file_of_options_is_reported_in_one_line(
    tmp_path: Path, messages: MessageTable, content: bytes | None, cause: str
) -> None:
    file = tmp_path / "options.json"
    if content is not None:
        file.write_bytes(content)
    done = run(file)
    assert (done.returncode, done.stdout) == (1, "")
    messages.check("events.unusable_file", done.stderr.rstrip("\n"), file=file, cause=cause)


def test_every_option_is_documented_with_type_and_default() -> None:
    documented = documents()["DOCUMENTATION"]["options"]
    assert set(documented) == {*SYSTEMS, *OPTIONS}
    for name, option in OPTIONS.items():
        assert {key: documented[name][key] for key in option} == option, name
    assert {documented[system]["type"] for system in SYSTEMS} == {"dict"}


def test_the_examples_have_no_option_that_is_not_documented() -> None:
    for example in documents()["EXAMPLES"]:
        [(name, options)] = example.items()
        assert name == "hybrid.connectors.connector_health"
        assert set(options) <= {*SYSTEMS, *OPTIONS}


@pytest.mark.parametrize("path", sorted((EDA / "rulebooks").iterdir()), ids=lambda path: path.stem)
def test_the_guide_contains_each_rulebook_verbatim(path: Path) -> None:
    shown = path.read_text(encoding="utf-8").partition("- name: ")
    guide = (GUIDES / "eda_rulebooks.rst").read_text(encoding="utf-8")
    assert textwrap.indent(shown[1] + shown[2], "    ").rstrip() in guide


def test_the_guide_shows_the_events_as_they_are_emitted() -> None:
    """The events in the guide follow from their own records."""
    shown = [json.loads(block.text)["connector_health"] for block in read(GUIDES / "eda_events.rst") if block.not_run]
    changed, unreadable, heartbeat = shown
    healthy = events.Known(changed["name"], "healthy", "2026-11-22T11:00:00Z", 1, "healthy")
    known = {changed["id"]: healthy, "b": healthy, "c": healthy}
    [step] = events.steps("apono", events.System(connectors=known), [changed["record"]], changed["at"], {"other"})
    assert step.known
    error = ConnectorsError(unreadable["problem"], {"failure": unreadable["failure"]})
    states = {"apono": events.System(connectors={**known, step.id: step.known})}
    assert [{"connector_health": event} for event in shown] == [
        step.event,
        events.of_condition("hdp", events.System(), "unreadable", unreadable["at"], error),
        events.heartbeat(states, {"apono": "2026-11-22T12:04:30Z"}, heartbeat["at"]),
    ]
    assert set(changed["record"]) == set(FIELDS)


def test_the_guide_lists_all_types_of_events() -> None:
    listed = (GUIDES / "eda_events.rst").read_text(encoding="utf-8").partition("Events about connectors")[0]
    code = Path(events.__file__).read_text(encoding="utf-8")
    types = set(
        re.findall(r'"(unhealthy_at_start|appeared|disappeared|heartbeat|\w+_(?:changed|started|ended))"', code)
    )
    types |= {f"system_{condition}" for condition in {*events.CONDITIONS} - {events.PARTLY}}
    assert set(re.findall(r"^   \* - ``(\w+)``$", listed, re.M)) == {"type", *types}


@pytest.mark.parametrize(("failures", "middle"), [(0, 60), (1, 120), (3, 480), (4, 900), (5000, 900)])
def test_pauses_grow_with_failures_and_vary(failures: int, middle: float) -> None:
    pauses = [pause(failures, 60, 900, 0.1) for _number in range(100)]
    assert middle * 0.9 <= min(pauses) < middle < max(pauses) <= middle * 1.1
    assert len(set(pauses)) > 50
    assert pause(failures, 60, 900, 0) == middle


def test_a_maximum_pause_below_the_interval_means_the_interval() -> None:
    assert [pause(failures, 60, 10, 0) for failures in (0, 1, 9)] == [60, 60, 60]


@pytest.mark.parametrize("steps", range(8))
def test_a_source_that_has_just_been_read_can_be_cancelled(monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    thread: Future[list[Any]] = Future()
    monkeypatch.setattr(_health_monitor, "start", lambda *_arguments: thread)

    async def is_cancelled() -> bool:
        source = _health_monitor._Monitor(asyncio.Queue(), {}, {}, {})
        task = asyncio.ensure_future(source._read("apono"))
        await asyncio.sleep(0)
        thread.set_result([])
        for _step in range(steps):
            await asyncio.sleep(0)
        expected = task.cancel()
        await asyncio.wait([task])
        return task.cancelled() == expected

    assert loops.run(is_cancelled())
