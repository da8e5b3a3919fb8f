# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivery of tickets and chat messages by the playbooks that rulebooks start."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.jobs import VARIABLES
from support.messages import MessageTable
from support.playbooks import Played, RunPlaybook
from support.ports import reserve_port
from support.receiver import Receiver

TOKEN = "canary-token"
PATH = "/services/canary-of-the-url"
NOT_SENT = {
    "connector_health_ticket": "playbook.ticket_not_sent",
    "connector_health_chat": "playbook.chat_not_sent",
}
UNREACHABLE = {
    "connector_health_ticket": "playbook.ticket_unreachable",
    "connector_health_chat": "playbook.chat_unreachable",
}


def play(playbook: RunPlaybook, name: str, url: str, *arguments: str) -> Played:
    """Run a playbook for an event, without pauses between its attempts."""
    variables: dict[str, Any] = {**VARIABLES[name], f"{name}_retry_delay": 0}
    env = {f"{name.upper()}_URL": url, f"{name.upper()}_TOKEN": TOKEN}
    text = f"- ansible.builtin.import_playbook: hybrid.connectors.{name}\n"
    return playbook(text, "-e", json.dumps(variables), *arguments, env=env)


@pytest.mark.parametrize("name", NOT_SENT)
def test_a_message_is_sent_again_if_the_service_is_unavailable(
    playbook: RunPlaybook, receiver: Receiver, name: str
) -> None:
    receiver.first_statuses[PATH] = [503, 429]
    played = play(playbook, name, receiver.url + PATH)
    assert played.status == 0, played.output
    first, second, third = receiver.bodies(PATH)
    assert first == second == third


@pytest.mark.parametrize("status", [400, 503])
@pytest.mark.parametrize("name", NOT_SENT)
def test_a_message_that_is_not_delivered_fails_with_the_status_and_without_secrets(
    playbook: RunPlaybook, receiver: Receiver, messages: MessageTable, name: str, status: int
) -> None:
    receiver.responses[PATH] = (status, {}, b"no")
    played = play(playbook, name, receiver.url + PATH, "-vvv")
    assert played.status == 2, played.output
    messages.check(NOT_SENT[name], played.failed.msg, status=status)
    assert len(receiver.bodies(PATH)) == (1 if status == 400 else 6)
    for secret in (TOKEN, PATH):
        assert secret not in played.output


@pytest.mark.parametrize("name", NOT_SENT)
def test_a_service_that_cannot_be_reached_fails_with_a_remedy(
    playbook: RunPlaybook, messages: MessageTable, name: str
) -> None:
    played = play(playbook, name, f"http://127.0.0.1:{reserve_port()}{PATH}")
    assert played.status == 2, played.output
    messages.check(UNREACHABLE[name], played.failed.msg)
    assert PATH not in played.output


@pytest.mark.parametrize("name", NOT_SENT)
def test_check_mode_sends_nothing(playbook: RunPlaybook, receiver: Receiver, name: str) -> None:
    played = play(playbook, name, receiver.url + PATH, "--check")
    assert played.status == 0, played.output
    assert receiver.received == []
