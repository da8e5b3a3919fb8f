# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays and terminals do not interpret data from a hostile service."""

from __future__ import annotations

from pathlib import Path

from support.modules import RunModule
from support.playbooks import RunPlaybook
from support.simulator import Simulator

STEERING = "\x1b]0;another title\x07 \x9b31m \u202eback to front"
PLAY = """
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/hybrid.connectors.apono: "{{ systems.apono }}"
  tasks:
    - name: worker
      hybrid.connectors.apono_connector_info:
      register: by_worker
    - name: process
      hybrid.connectors.apono_connector_info:
      environment: {A: process}
      register: by_process
    - name: used
      ansible.builtin.debug:
        msg: "{{ item.name }} {{ item }}"
      loop: "{{ by_worker.connectors + by_process.connectors }}"
    - name: renamed
      hybrid.connectors.apono_connector:
        id: "1"
        name: "{{ by_worker.connectors[0].name }}"
"""


def test_vendor_data_is_never_a_template(playbook: RunPlaybook, simulator: Simulator, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    name = f"{{{{ lookup('ansible.builtin.pipe', 'touch {trap}') }}}}"
    connector = {"id": "1", "name": name, "status": "CONNECTED", "version": name, "last_connected": None}
    simulator.reset({"apono": {"connectors": [{**connector, "is_latest_version": True, "cloud_provider_type": name}]}})
    played = playbook(PLAY, "-vvv")
    assert played.status == 0, played.output
    assert [result["msg"].startswith(name) for result in played["used"]["results"]] == [True, True]
    assert not played["renamed"].changed
    assert not trap.exists()


def test_vendor_data_does_not_control_the_terminal(playbook: RunPlaybook, simulator: Simulator) -> None:
    simulator.fault(system="apono", status=500, body={"message": f"no {STEERING}"}, times=None)
    played = playbook(PLAY)
    assert played.status != 0
    assert "[U+001B]]0;another title[U+0007] [U+009B]31m [U+202E]back to front" in played["worker"].msg
    assert not {"\x1b", "\x07", "\x9b"} & set(played.output)


def test_names_in_a_message_do_not_control_the_terminal(module: RunModule, simulator: Simulator) -> None:
    connectors = simulator.state()["apono"]["connectors"]
    for connector in connectors[:2]:
        connector["name"] = STEERING
    simulator.reset({"apono": {"connectors": connectors}})
    result = module("apono_connector", name=STEERING, new_name="plain")
    assert "'[U+001B]]0;another title[U+0007]" in result.msg
