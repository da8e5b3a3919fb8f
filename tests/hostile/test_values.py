# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible treats values from a service as plain data in both execution modes."""

from __future__ import annotations

import yaml

from hostile.attack import Attack, Serve, connection
from hostile.server import reply

OBJECTS = (
    {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n00"},
    {"__ansible_unsafe": "x"},
    {"__ansible_type": "AnsibleTaggedStr", "value": "x"},
)


def test_no_value_becomes_an_object_of_ansible(attack: Attack, serve: Serve) -> None:
    items = [{"id": f"c{number}", "name": "c", "version": value} for number, value in enumerate(OBJECTS)]
    server = serve(lambda request: reply(200, {"items": items, "pagination": {}}))
    options = connection("apono", server.url)
    modes = {"worker": {}, "process": {"environment": {"MODE": "process"}}}
    tasks = [{"name": mode, "hybrid.connectors.apono_connector_info": options, **more} for mode, more in modes.items()]
    played = attack.playbook(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    for mode in modes:
        found = {item["id"]: item["version"] for item in played[mode].ok()["connectors"]}
        assert set(found) == {"c0", "c1", "c2"}
        assert "__ansible" not in str(found)
