# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook of the collection in ansible-rulebook against the simulator, at the highest verbosity."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from support.deadline import wait_until
from support.event_source import Process, rulebook_programs
from support.modules import COLLECTIONS
from support.simulator import Simulator

pytestmark = pytest.mark.first_case_only

INTERVAL = 1.0
NAMES = {
    "apono": {"api_url": "APONO_ENDPOINT", "api_token": "APONO_PERSONAL_TOKEN"},
    "hdp": {"api_url": "HDP_API_URL", "username": "HDP_USERNAME", "password": "HDP_PASSWORD"},
    "webex": {"api_url": "WEBEX_API_URL", "access_token": "WEBEX_ACCESS_TOKEN"},
}
INVENTORY = """\
all:
  hosts:
    localhost:
      ansible_connection: local
      ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""
Systems = Mapping[str, Mapping[str, str]]


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with ansible-rulebook."""
    return rulebook_programs()


@pytest.fixture
def rulebook(programs: Path, tmp_path: Path) -> Iterator[Callable[[Systems], Process]]:
    """Start the rulebook with the connection options in the environment."""
    (tmp_path / "inventory.yml").write_text(INVENTORY, encoding="utf-8")
    (tmp_path / "variables.yml").write_text(f"connector_health_interval: {INTERVAL}\n", encoding="utf-8")
    with ExitStack() as running:

        def start(systems: Systems) -> Process:
            given = {
                NAMES[system][name]: value for system, options in systems.items() for name, value in options.items()
            }
            command: list[str | Path] = [programs / "ansible-rulebook", "-vv"]
            command += ["--rulebook", "hybrid.connectors.connector_health"]
            command += ["--inventory", "inventory.yml", "--vars", "variables.yml"]
            env = {
                **given,
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
            }
            return running.enter_context(Process(command, tmp_path, env))

        yield start


def events(output: str) -> list[dict[str, Any]]:
    """Return the events that the engine received."""
    return [ast.literal_eval(text) for text in re.findall(r"Posting data to ruleset .*? => (\{.*\})$", output, re.M)]


def reported(output: str) -> list[str]:
    """Return the output of each run of the playbook."""
    return re.findall(r'"msg": "(.*)"', output)


def test_a_failing_connector_triggers_the_playbook_once(
    rulebook: Callable[[Systems], Process], simulator: Simulator, connection: Systems, tmp_path: Path
) -> None:
    """The name of the connector is a template, which must not be rendered."""
    trap = tmp_path / "trap"
    seed = {key: simulator.state()[key] for key in ("apono", "webex")}
    seed["webex"]["connectors"] = []
    [victim, *_others] = seed["apono"]["connectors"]
    seed["apono"]["connectors"] = [victim]
    victim.update(status="CONNECTED", name=f"{{{{ lookup('pipe', 'touch {trap}') }}}}")
    simulator.reset(seed)
    running = rulebook({system: connection[system] for system in ("apono", "webex")})
    await_requests(simulator, 2)

    victim["status"] = "DISCONNECTED"
    simulator.reset(seed)
    running.line(lambda line: re.search(r"^PLAY RECAP", line))
    await_requests(simulator, len(simulator.journal("apono")) + 3)
    running.interrupt()

    [emitted] = events(running.output)
    assert emitted["connector_health"]["type"] == "health_changed"
    assert emitted["meta"]["source"]["type"] == "hybrid.connectors.connector_health"
    received = datetime.fromisoformat(emitted["meta"]["received_at"].replace("Z", "+00:00")).timestamp()
    assert len([entry for entry in simulator.journal("apono") if entry["time"] < received]) in (1, 2)
    [message] = reported(running.output)
    assert "healthy -> down. Disconnected since" in message
    assert not trap.exists()
    for system, secret in (("apono", "api_token"), ("webex", "access_token")):
        assert connection[system][secret] not in running.output


def test_it_ends_if_all_systems_refuse_the_credentials(
    rulebook: Callable[[Systems], Process], simulator: Simulator, connection: Systems
) -> None:
    systems = {
        "apono": {**connection["apono"], "api_token": "canary-token"},
        "hdp": {**connection["hdp"], "password": "canary-password"},
    }
    running = rulebook(systems)
    assert running.wait() == 1
    assert sorted((entry["system"], entry["status"]) for entry in simulator.journal()) == [("apono", 401), ("hdp", 401)]
    assert {event["connector_health"]["type"] for event in events(running.output)} == {"system_refused"}
    assert "All systems rejected their credentials" in running.output
    assert "canary" not in running.output


def await_requests(simulator: Simulator, number: int) -> None:
    """Wait until Apono has received this many requests."""
    wait_until(lambda: len(simulator.journal("apono")) >= number, "Apono is no longer polled.")
