# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source: documented options, the rulebook in the guide, and pauses between polls."""

from __future__ import annotations

import ast
import asyncio
import textwrap
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import loops

from ansible_collections.hybrid.connectors.plugins.plugin_utils import _health_monitor
from ansible_collections.hybrid.connectors.plugins.plugin_utils._health_monitor import OPTIONS, SYSTEMS, pause

ROOT = Path(__file__).resolve().parents[4]
EDA = ROOT / "extensions" / "eda"
GUIDE = ROOT / "docs" / "docsite" / "rst" / "eda.rst"


def documents() -> dict[str, Any]:
    """The YAML documents in the source's file, by the name of their variable; the file is not run."""
    tree = ast.parse((EDA / "plugins" / "event_source" / "connector_health.py").read_text(encoding="utf-8"))
    return {
        node.targets[0].id: yaml.safe_load(ast.literal_eval(node.value))
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


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


def test_the_guide_contains_the_rulebook_verbatim() -> None:
    rulebook = (EDA / "rulebooks" / "connector_health.yml").read_text(encoding="utf-8")
    shown = rulebook.partition("- name: Health of connectors")
    assert textwrap.indent(shown[1] + shown[2], "    ").rstrip() in GUIDE.read_text(encoding="utf-8")


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
