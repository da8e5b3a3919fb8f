# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebooks of the collection in ansible-rulebook against the simulator, at the highest verbosity."""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from support.deadline import HANGS, wait_until
from support.event_source import Process, rulebook_programs
from support.messages import MessageTable
from support.modules import COLLECTIONS, ROOT
from support.pages import read
from support.ports import reserve_port
from support.receiver import Receiver
from support.simulator import Simulator, apono_seed, in_environment

pytestmark = pytest.mark.extended

INTERVAL = 1.0
INVENTORY = """\
all:
  hosts:
    localhost:
      ansible_connection: local
      ansible_python_interpreter: "{{ ansible_playbook_python }}"
"""
Systems = Mapping[str, Mapping[str, str]]
Start = Callable[..., Process]
TOKEN, SECRET = "canary-ticket-token", "canary-alert-secret"


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with ansible-rulebook."""
    return rulebook_programs()


@pytest.fixture
def rulebook(programs: Path, tmp_path: Path) -> Iterator[Start]:
    """Start a rulebook with the connection options in the environment."""
    (tmp_path / "inventory.yml").write_text(INVENTORY, encoding="utf-8")
    with ExitStack() as running:

        def start(
            systems: Systems, name: str = "connector_health", variables: Mapping[str, Any] | None = None, **more: str
        ) -> Process:
            content = yaml.safe_dump({f"{name}_interval": INTERVAL, **(variables or {})})
            (tmp_path / "variables.yml").write_text(content, encoding="utf-8")
            command: list[str | Path] = [programs / "ansible-rulebook", "-vv"]
            command += ["--rulebook", f"hybrid.connectors.{name}"]
            command += ["--inventory", "inventory.yml", "--vars", "variables.yml"]
            env = {
                **in_environment(systems),
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
                **more,
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
    rulebook: Start, simulator: Simulator, connection: Systems, tmp_path: Path, messages: MessageTable
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
    problem = messages.expected("apono.disconnected", time=victim["last_connected"])
    assert f"healthy -> down. {problem}" in message
    assert not trap.exists()
    for system, secret in (("apono", "api_token"), ("webex", "access_token")):
        assert connection[system][secret] not in running.output


def test_it_ends_if_all_systems_refuse_the_credentials(
    rulebook: Start, simulator: Simulator, connection: Systems, messages: MessageTable
) -> None:
    systems = {
        "apono": {**connection["apono"], "api_token": "canary-token"},
        "hdp": {**connection["hdp"], "password": "canary-password"},
    }
    running = rulebook(systems)
    assert running.wait() == 1
    assert sorted((entry["system"], entry["status"]) for entry in simulator.journal()) == [("apono", 401), ("hdp", 401)]
    assert {event["connector_health"]["type"] for event in events(running.output)} == {"system_refused"}
    messages.check_in("events.all_rejected", running.output)
    assert "canary" not in running.output


def guide(key: str) -> dict[str, Any]:
    """Return the JSON example with this key in the guide."""
    page = read(ROOT / "docs" / "docsite" / "rst" / "eda_rulebooks.rst")
    examples: list[dict[str, Any]] = [json.loads(block.text) for block in page if block.language == "json"]
    return next(example for example in examples if key in example)


def test_a_ticket_is_opened_and_resolved(
    rulebook: Start, simulator: Simulator, connection: Systems, receiver: Receiver, messages: MessageTable
) -> None:
    simulator.reset(apono_seed(a="CONNECTED", b="CONNECTED"))
    env = {"CONNECTOR_HEALTH_TICKET_URL": f"{receiver.url}/tickets", "CONNECTOR_HEALTH_TICKET_TOKEN": TOKEN}
    running = rulebook({"apono": connection["apono"]}, "connector_health_ticket", **env)
    await_requests(simulator, 2)
    simulator.change("apono", "id-of-a", status="DISCONNECTED")
    wait_until(lambda: len(receiver.bodies("/tickets")) == 1, "No ticket was opened.")
    simulator.change("apono", "id-of-a", status="CONNECTED")
    wait_until(lambda: len(receiver.bodies("/tickets")) == 2, "No ticket was resolved.")
    running.interrupt()

    opened, resolved = receiver.bodies("/tickets")
    for ticket, action, health in ((opened, "open", "down"), (resolved, "resolve", "healthy")):
        assert ticket["action"] == action
        messages.check("events.ticket_title", ticket["title"], name="a", system="apono", health=health)
    assert opened["key"] == resolved["key"]
    assert opened["unhealthy_since"] == resolved["unhealthy_since"]
    assert float(resolved["downtime_seconds"]) > 0
    assert set(resolved) == set(guide("action"))
    assert receiver.headers[0]["Authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in running.output


def test_a_chat_receives_one_message_for_each_event(
    rulebook: Start, simulator: Simulator, connection: Systems, receiver: Receiver, messages: MessageTable
) -> None:
    """The name of the connector must not notify the users of the chat."""
    seed = apono_seed(a="DISCONNECTED")
    seed["apono"]["connectors"][0]["name"] = "@channel"
    simulator.reset(seed)
    env = {"CONNECTOR_HEALTH_CHAT_URL": f"{receiver.url}/{SECRET}"}
    running = rulebook({"apono": connection["apono"]}, "connector_health_chat", **env)
    wait_until(lambda: receiver.bodies(f"/{SECRET}"), "No message was sent.")
    await_requests(simulator, len(simulator.journal("apono")) + 3)
    running.interrupt()

    [message] = receiver.bodies(f"/{SECRET}")
    (last_connected,) = [connector["last_connected"] for connector in simulator.state()["apono"]["connectors"]]
    problem = messages.expected("apono.disconnected", time=last_connected)
    assert message["text"].startswith(f"apono (at)channel: unknown to down. {problem}")
    assert SECRET not in running.output


def test_an_alert_of_control_hub_makes_a_playbook_read_the_connectors(
    rulebook: Start, simulator: Simulator, connection: Systems, programs: Path, tmp_path: Path
) -> None:
    """ansible-rulebook contains the same webhook as the collection ansible.eda, which is not installed here."""
    trap, seed = tmp_path / "trap", simulator.state()
    [victim, *_others] = seed["webex"]["connectors"]
    victim.update(status="outage", alarms=[])
    simulator.reset({"webex": {**seed["webex"], "connectors": [victim]}})
    port = reserve_port()
    collections = f"{collection_with_a_webhook(programs, tmp_path)}{os.pathsep}{COLLECTIONS}"
    variables = {"webex_alerts_secret": SECRET, "webex_alerts_port": port}
    running = rulebook({"webex": connection["webex"]}, "webex_alerts", variables, ANSIBLE_COLLECTIONS_PATH=collections)
    url = f"http://127.0.0.1:{port}/"
    wait_until(lambda: is_listening(port), "The webhook does not listen.")

    expected = guide("webex_alert")
    payload = {re.sub("_([a-z])", lambda found: found[1].upper(), k): v for k, v in expected["webex_alert"].items()}
    template = f"{{{{ lookup('pipe', 'touch {trap}') }}}}"
    assert requests.post(url, json=payload, timeout=HANGS).status_code == 400
    wrong = {"X-Spark-Signature": "0" * 40}
    assert requests.post(url, json=payload, headers=wrong, timeout=HANGS).status_code == 401
    hostile: list[Any] = [
        {**payload, template: template},
        {**payload, "title": template},
        {"resourceType": template},
        [],
    ]
    for content in hostile:
        body = json.dumps(content).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
        headers = {"X-Spark-Signature": signature, "X-Other": template, "Content-Type": "application/json"}
        assert requests.post(url, data=body, headers=headers, timeout=HANGS).status_code == 200
    wait_until(lambda: len(shown_connectors(running.output, victim["id"])) == 2, "The alerts started no playbook.")
    running.interrupt()

    received = [event for event in events(running.output) if "connector_health" not in event]
    alerts = [event["webex_alert"] for event in received if "webex_alert" in event]
    assert alerts[0] == expected["webex_alert"]
    assert alerts[1]["title"].startswith("(U+007B)(U+007B) lookup(")
    assert [sorted(event) for event in received] == [["meta", "webex_alert"]] * 2 + [["meta"]] * 2
    assert {tuple(sorted(event["meta"])) for event in received} == {("received_at", "source", "uuid")}
    assert not trap.exists()
    assert connection["webex"]["access_token"] not in running.output


def collection_with_a_webhook(programs: Path, folder: Path) -> Path:
    """Create the collection ansible.eda with the webhook of ansible-rulebook. Return the folder of collections."""
    [builtin] = programs.parent.glob("lib/python*/site-packages/ansible_rulebook/event_source/webhook.py")
    collection = folder / "more" / "ansible_collections" / "ansible" / "eda"
    source = collection / "extensions" / "eda" / "plugins" / "event_source" / "webhook.py"
    source.parent.mkdir(parents=True)
    shutil.copyfile(builtin, source)
    about = {"namespace": "ansible", "name": "eda", "version": "2.11.0", "authors": ["x"], "readme": "README.md"}
    (collection / "galaxy.yml").write_text(yaml.safe_dump(about), encoding="utf-8")
    return folder / "more"


def is_listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def shown_connectors(output: str, identifier: str) -> list[str]:
    """Return the items of a loop over connectors that playbooks have printed."""
    return re.findall(rf"\(item={re.escape(identifier)}\)", output)


def await_requests(simulator: Simulator, number: int) -> None:
    """Wait until Apono has received this many requests."""
    wait_until(lambda: len(simulator.journal("apono")) >= number, "Apono is no longer polled.")
