# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The included playbook, other playbooks and Ansible itself do not evaluate strings in events as templates."""

from __future__ import annotations

import ast
import base64
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.event_source import Process, rulebook_programs
from support.modules import COLLECTIONS

from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import printable
from hostile.attack import CREDENTIALS, Attack, Serve, connection
from hostile.fleet import apono_item, lists
from hostile.server import reply
from hostile.slow import lasting

pytestmark = pytest.mark.first_case_only

INVENTORY = {
    "all": {
        "hosts": {
            "localhost": {
                "ansible_connection": "local",
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            }
        }
    }
}
# Playbooks of users concatenate strings of events, store them as facts, and render them again.
USERS_PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  vars:
    joined: "{{ '{' ~ item.name ~ item.id ~ '}' }}"
    body: '{"text": "{{ item.name }} {{ item.record.version }}"}'
  tasks:
    - ansible.builtin.set_fact:
        kept: >-
          {{ kept | default([]) + [item, '{' ~ item.name ~ '}', '{' ~ item.name ~ '}{' ~ item.id ~ '}',
             item.name ~ item.id ~ item.record.version, joined, body, '{' ~ item.name, item.name ~ '}'] }}
      loop: "{{ ansible_eda.events }}"
      when: item.record is defined
    - ansible.builtin.debug:
        msg:
          - "{{ kept }}"
          - "{{ ansible_eda }}"
          - "{{ lookup('ansible.builtin.vars', 'ansible_eda') | to_json | from_json }}"
    - ansible.builtin.debug:
        msg: "{{ item }}"
      loop: "{{ kept }}"
    - ansible.builtin.debug:
        msg: "{{ item.key }} {{ item.value }}"
      loop: "{{ ansible_eda.events | map('dict2items') | flatten }}"
    - ansible.builtin.debug:
        msg: "the id is {{ item.id_base64 | b64decode }} {{ item.name }}"
      loop: "{{ ansible_eda.events }}"
      when: item.id_base64 is defined
    - ansible.builtin.debug:
        msg: the end
"""
# Before ansible-core 2.19, Ansible rejects strings that resemble a Jinja header, so this task may fail.
NUMBER_SIGNS = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.set_fact:
        channel: "#{{ item.name }}"
      loop: "{{ ansible_eda.events | selectattr('name', 'defined') | selectattr('name', 'search', 'jinja2') }}"
    - ansible.builtin.debug:
        msg: "{{ channel }}"
"""


def payloads(trap: Path) -> list[str]:
    """Return strings that create a file if they are evaluated as templates."""
    command = f"lookup('ansible.builtin.pipe', 'touch {trap}')"
    header = "variable_start_string:'[[',variable_end_string:']]'"
    return [
        f"{{{{ {command} }}}}",
        f"#jinja2:{header}\n[[ {command} ]]",
        f"#jinja2: {header}\n[[ {command} ]]",
        f"#jinja2:{header}, trim_blocks:True\n[[ {command} ]]",
        f"#jinja2:block_start_string:'<<',block_end_string:'>>'\n<< set x = {command} >>",
        f"#jinja2:line_statement_prefix:'@'\n@ set x = {command}",
        f"jinja2:{header}\n[[ {command} ]]",
        f"% set x = {command} %",
        f"%- set x = {command} -%",
        f"{{%- if {command} -%}}{{%- endif -%}}",
        f"{{ {command} }}",
        f"{{{{{{ {command} }}}}}}",
        f"}}}}{{{{ {command} }}}}",
        f"' ~ {command} ~ '",
        f'" ~ {command} ~ "',
        f"x\n{{{{ {command} }}}}",
        f"\u202e{{{{ {command} }}}}\u2028",
        f"{{#\n{{{{ {command} }}}}\n#}}",
        "!unsafe x",
        "$ANSIBLE_VAULT;1.1;AES256\n3030",
        "\ud83d\ud83d{{",
        "True",
    ]


def hostile_list(trap: Path) -> list[dict[str, Any]]:
    """Return connectors of Apono with a payload in each field, and a connector with payloads in all fields."""
    fields = ("id", "name", "status", "version", "cloud_provider_type", "last_connected")
    items = []
    for number, payload in enumerate(payloads(trap)):
        everywhere = {**dict.fromkeys(fields, payload), "id": f"{payload}{number}", payload: payload}
        items.append(apono_item("", **{**everywhere, "status": "DISCONNECTED"}))
        items.append(apono_item("", **{**everywhere, "id": f"{number}{payload}", "status": payload}))
    return items


@pytest.fixture(scope="session")
def programs() -> Path:
    """The folder with ansible-rulebook."""
    return rulebook_programs()


def events_of(output: str) -> list[dict[str, Any]]:
    """Return the events that the engine of ansible-rulebook received."""
    return [ast.literal_eval(text) for text in re.findall(r"Posting data to ruleset .*? => (\{.*\})$", output, re.M)]


def strings(value: Any) -> Iterator[str]:
    """Yield all strings in a value, including keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from strings(key)
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def test_the_shipped_rulebook_runs_no_template_of_a_service(
    attack: Attack, serve: Serve, programs: Path, tmp_path: Path
) -> None:
    trap = tmp_path / "trap"
    whole = payloads(trap)
    # Each event starts a playbook, which takes a second, so this test passes only two payloads to the engine.
    items = [
        apono_item(f"{n} {payload}", name=payload, version=payload, cloud_provider_type=payload, status="DISCONNECTED")
        for n, payload in enumerate(whole[:2])
    ]
    apono = serve(lists("apono", *items))
    message = {"message": whole[1], "errors": [{"description": whole[1]}]}
    # A header line that cannot be parsed, which urllib3 would log, repeats the credentials.
    webex = serve(lambda request: reply(500, message, f"Malformed {request.headers['authorization']}"))
    hdp = serve(lasting)
    (tmp_path / "inventory.yml").write_text(yaml.safe_dump(INVENTORY), "utf-8")
    command: list[str | Path] = [programs / "ansible-rulebook", "-vv", "--inventory", "inventory.yml"]
    command += ["--rulebook", "hybrid.connectors.connector_health"]
    env = {
        "APONO_ENDPOINT": apono.url,
        "APONO_PERSONAL_TOKEN": CREDENTIALS["apono"]["api_token"],
        "HDP_API_URL": hdp.url,
        "HDP_USERNAME": CREDENTIALS["hdp"]["username"],
        "HDP_PASSWORD": CREDENTIALS["hdp"]["password"],
        "WEBEX_API_URL": webex.url,
        "WEBEX_ACCESS_TOKEN": CREDENTIALS["webex"]["access_token"],
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "PATH": os.pathsep.join((str(programs), os.environ["PATH"])),
    }
    with Process(command, tmp_path, env) as running:
        for _number in range(3):
            running.line(lambda line: re.search(r"^PLAY RECAP", line))
        running.interrupt()
    assert not trap.exists()
    reported = events_of(running.output)
    assert {event["connector_health"]["type"] for event in reported} == {"unhealthy_at_start", "system_unreadable"}
    assert "lookup" in running.output
    assert "failed=1" not in running.output
    for secret in CREDENTIALS.values():
        assert not any(word in running.output for word in secret.values())


def test_no_playbook_runs_a_template_of_a_service(attack: Attack, serve: Serve, tmp_path: Path) -> None:
    """Write every event as an extra variable to a YAML file, like ansible-rulebook."""
    trap = tmp_path / "trap"
    items = hostile_list(trap)
    server = serve(lists("apono", *items))
    failing = serve(lambda _request: reply(500, {"message": payloads(trap)[1]}, "trackingId: {{ 1 }}"))
    systems = {"apono": connection("apono", server.url), "webex": connection("webex", failing.url)}
    with attack.event_source({"interval": 60, **systems}) as source:
        events = [source.event() for _number in range(len(items) + 1)]
    found = {base64.b64decode(event["id_base64"]).decode() for event in events if "id_base64" in event}
    # The ID is unchanged, except for characters that cannot be encoded or displayed.
    assert set(map(printable, found)) == {printable(item["id"].replace("\ud83d", "\ufffd")) for item in items}
    for text in strings(events):
        assert not set(text) & set("{}[]#%'\"\\\n\r\t`$<>|"), text

    (tmp_path / "extra.yml").write_text(yaml.safe_dump({"ansible_eda": {"events": events}}), "utf-8")
    for playbook in (USERS_PLAYBOOK, NUMBER_SIGNS):
        (tmp_path / "play.yml").write_text(playbook, "utf-8")
        done = attack.ansible("playbook", "-i", "localhost,", "-c", "local", "play.yml", "-e", "@extra.yml")
        assert done.returncode == 0 or playbook == NUMBER_SIGNS, done.stdout + done.stderr
        assert "PLAY RECAP" in done.stdout
        assert not trap.exists()
