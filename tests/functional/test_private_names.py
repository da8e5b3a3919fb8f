# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""If ansible-core renames a private attribute, the results of tasks and inventories stay the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ansible.template
import pytest
import yaml
from support.deadline import HANGS
from support.messages import MessageTable
from support.modules import COLLECTIONS, MODULE_PYTHON, ROOT, environment
from support.playbooks import Played, run_playbook
from support.renamed import USED_BY_INVENTORY, USED_IN_PROCESS
from support.simulator import Simulator

pytestmark = pytest.mark.first_case_only

# The package in which the inventory tests rename a private name, unless inventory plugins define the name.
PACKAGES = {"is_trusted_as_template": "ansible", "trust_as_template": "ansible"}
RENAMED = str(ROOT / "tests" / "support" / "renamed.py")
TASKS = [
    {"name": "list", "hybrid.connectors.apono_connector_info": {}},
    {
        "name": "rename",
        "hybrid.connectors.apono_connector": {"id": "prod-us-east-1", "name": "production"},
        "check_mode": True,
        "diff": True,
    },
    {"name": "fail", "hybrid.connectors.apono_connector": {"id": "missing", "name": "x"}, "ignore_errors": True},
]
CONSTRUCTED = {
    "compose": {"problem": "fleet.problems | join(' ')", "fixed": "'yes'", "from_extra": "extra ~ fleet.health"},
    "groups": {"alarmed": "connector.alarms | default([]) | length > 0", "with_problem": "problem != ''"},
    "keyed_groups": [
        {"key": "fleet.version", "prefix": "version"},
        {"key": "fleet.group", "prefix": "in", "parent_group": "clusters"},
        {"key": "fleet.name", "separator": ""},
    ],
    "use_extra_vars": True,
}


def play(folder: Path, apono: Mapping[str, str], name: str | None) -> Played:
    """Run the tasks. If a name is specified, ansible-core has a different name for this attribute."""
    folder.mkdir()
    tasks = {"hosts": "localhost", "gather_facts": False, "tasks": TASKS}
    defaults = {"module_defaults": {"group/hybrid.connectors.apono": "{{ systems.apono }}"}}
    program = {"program": (RENAMED, "ansible.plugins.action", f"self.{name}", "playbook")} if name else {}
    return run_playbook(
        folder, json.dumps([{**tasks, **defaults}]), ("-vvv",), {"systems": {"apono": apono}}, {}, **program
    )


def results(played: Played) -> dict[str, Any]:
    assert played.status == 0, played.output
    return {
        task: {key: value for key, value in result.values.items() if key not in ("exception", "invocation")}
        for task, result in played.tasks
    }


@pytest.mark.skipif(sys.executable != MODULE_PYTHON, reason="Modules are to run on another Python.")
@pytest.mark.parametrize("name", USED_IN_PROCESS)
def test_tasks_run_as_processes(
    simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path, name: str
) -> None:
    usual = play(tmp_path / "usual", connection["apono"], None)
    stock = play(tmp_path / "stock", connection["apono"], name)
    assert ("AnsiballZ_" in usual.output, "AnsiballZ_" in stock.output) == (False, True)
    assert results(stock) == results(usual)


def construct(folder: Path, connection: Mapping[str, Mapping[str, str]], name: str | None) -> tuple[Any, str]:
    """Return the inventory and all output."""
    folder.mkdir()
    content = {"plugin": "hybrid.connectors.fleet", "apono": dict(connection["apono"]), **CONSTRUCTED}
    content["webex"] = {**connection["webex"], "clusters": True}
    (folder / "our.fleet.yml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    program = (
        [RENAMED, PACKAGES.get(name, "ansible.plugins.inventory"), name, "inventory"]
        if name
        else ["-m", "ansible", "inventory"]
    )
    arguments = ["-i", "our.fleet.yml", "-e", "extra=is-", "--list", "--output", "list.json", "-vv"]
    done = subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=folder,
        env=environment(
            folder,
            ANSIBLE_HOME=str(folder / ".ansible"),
            ANSIBLE_COLLECTIONS_PATH=str(COLLECTIONS),
            ANSIBLE_NOCOLOR="true",
            ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true",
        ),
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    inventory = json.loads((folder / "list.json").read_text(encoding="utf-8"))
    for variables in inventory["_meta"]["hostvars"].values():
        variables.pop("inventory_file", None)
        variables.pop("inventory_dir", None)
    return plain(inventory), " ".join(output.split())


def plain(value: Any) -> Any:
    """Return an inventory without the marks of strings, because the implementation of Ansible does not keep them."""
    if isinstance(value, dict) and set(value) == {"__ansible_unsafe"}:
        return value["__ansible_unsafe"]
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def exists(name: str) -> bool:
    """Return whether the ansible-core of these tests has a name."""
    return PACKAGES.get(name) != "ansible" or hasattr(ansible.template, name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.skipif(not exists(name), reason="ansible-core 2.19 added this function."))
        for name in (*USED_BY_INVENTORY, "_vars")
    ],
)
def test_the_inventory_is_constructed_by_ansible(
    simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path, name: str, messages: MessageTable
) -> None:
    usual, output = construct(tmp_path / "usual", connection, None)
    standard = [messages.expected("inventory.standard_implementation", name=other) for other in USED_BY_INVENTORY]
    assert [message for message in standard if message in output] == []
    assert {"alarmed", "with_problem", "clusters"} <= set(usual)
    stock, output = construct(tmp_path / "stock", connection, name)
    message = messages.expected("inventory.standard_implementation", name=name)
    assert (message in output) == (name in USED_BY_INVENTORY)
    assert stock == usual
