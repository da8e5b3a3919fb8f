# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules in playbooks, as users run them."""

from __future__ import annotations

import pytest
from support.jobs import VARIABLES
from support.messages import MessageTable
from support.playbooks import RunPlaybook
from support.simulator import CREDENTIALS, Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

LISTS = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.apono: "{{ systems.apono }}"
    group/hybrid.connectors.hdp: "{{ systems.hdp }}"
    group/hybrid.connectors.webex: "{{ systems.webex }}"
  tasks:
    - name: apono
      hybrid.connectors.apono_connector_info:
    - name: hdp
      hybrid.connectors.hdp_connector_info:
        details: true
    - name: webex
      hybrid.connectors.webex_hybrid_connector_info:
        clusters: true
"""
RENAME = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.apono: "{{ systems.apono }}"
  tasks:
    - name: rename
      hybrid.connectors.apono_connector:
        name: analytics
        new_name: warehouse
"""


def test_connection_options_may_be_module_defaults_without_leaks(playbook: RunPlaybook) -> None:
    played = playbook(LISTS, "-vvv")
    assert played.status == 0, played.output
    assert [len(played[system]["connectors"]) for system in ("apono", "hdp", "webex")] == [4, 3, 5]
    for credentials in CREDENTIALS.values():
        secrets = [value for option, value in credentials.items() if option != "username"]
        assert not [secret for secret in secrets if secret in played.output]


def test_a_rename_is_predicted_made_and_then_idempotent(playbook: RunPlaybook, simulator: Simulator) -> None:
    predicted = playbook(RENAME, "--check", "--diff")
    assert simulator.writes() == []
    made = playbook(RENAME, "--diff")
    again = playbook(RENAME, "--diff")
    assert [played["rename"].changed for played in (predicted, made, again)] == [True, True, False]
    assert predicted["rename"]["diff"] == made["rename"]["diff"]
    assert '-    "name": "analytics"' in made.output
    assert '+    "name": "warehouse"' in made.output
    assert len(simulator.writes()) == 1


def test_a_failure_has_its_message_and_its_facts(playbook: RunPlaybook, simulator: Simulator) -> None:
    simulator.fault(system="apono", status=500, body={"message": "Out of order."}, headers={"X-Request-ID": "R-1"})
    played = playbook(RENAME)
    assert played.status == 2
    assert "Out of order" in played["rename"].msg
    assert played["rename"].failure["request_id"] == "R-1"


@pytest.mark.parametrize("name", sorted(name for name, variables in VARIABLES.items() if "ansible_eda" in variables))
def test_an_event_playbook_rejects_a_start_without_a_rulebook(
    playbook: RunPlaybook, simulator: Simulator, messages: MessageTable, name: str
) -> None:
    """For example, ``connector_health_ticket`` would otherwise succeed and show an undefined ticket."""
    played = playbook(f"- ansible.builtin.import_playbook: hybrid.connectors.{name}\n")
    assert played.status == 2, played.output
    messages.check("playbook.no_event", played.failed.msg, name=name)
    assert [task for task, _result in played.tasks] == ["Check that a rulebook has passed an event"]
    assert simulator.journal() == []
