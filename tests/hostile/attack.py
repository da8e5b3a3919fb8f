# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ansible-playbook, ansible-inventory and the event source against a hostile server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from support.deadline import HANGS
from support.event_source import Source
from support.modules import COLLECTIONS, MODULE_PYTHON, Result, environment
from support.playbooks import Played, run_playbook

from hostile.server import HostileServer, Respond

CREDENTIALS: Mapping[str, Mapping[str, str]] = {
    "apono": {"api_token": "apono-token-canary"},
    "hdp": {"username": "hdp-user", "password": "hdp-password-canary"},
    "voss": {"username": "voss-user", "password": "voss-password-canary"},
    "webex": {"access_token": "webex-token-canary"},
}
SECRETS = ("apono-token-canary", "hdp-password-canary", "voss-password-canary", "webex-token-canary")

Serve = Callable[[Respond], HostileServer]


def connection(system: str, url: str, **more: Any) -> dict[str, Any]:
    """Return the connection options of a system at an address. Retries are disabled unless ``more`` enables them."""
    return {"api_url": url, **CREDENTIALS[system], "retry_budget": 0, "timeout": 10, **more}


class Attack:
    """Run commands in a separate folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def task(self, module: str, options: Mapping[str, Any], *arguments: str, **env: str) -> Result:
        """Run one task of a module in a playbook and return its result."""
        task = {"name": "attack", f"hybrid.connectors.{module}": dict(options), "ignore_errors": True}
        return self.tasks([task], *arguments, **env)["attack"]

    def tasks(self, tasks: Sequence[Mapping[str, Any]], *arguments: str, **env: str) -> Played:
        """Run tasks in a playbook."""
        play = [{"hosts": "localhost", "gather_facts": False, "tasks": [dict(task) for task in tasks]}]
        return self.playbook(yaml.safe_dump(play), *arguments, **env)

    def playbook(self, text: str, *arguments: str, variables: Any = None, **env: str) -> Played:
        """Run a playbook in YAML."""
        played = run_playbook(self.folder, text, arguments, variables or {}, env)
        for secret in SECRETS:
            assert secret not in played.output
        return played

    def ansible(self, program: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run another program of Ansible, for example ``inventory`` or ``adhoc``."""
        return subprocess.run(
            [sys.executable, "-m", "ansible", program, *arguments],
            cwd=self.folder,
            env=self.env(**env),
            check=False,
            capture_output=True,
            text=True,
            timeout=HANGS,
        )

    def env(self, **more: str) -> dict[str, str]:
        """The environment of an Ansible program, without the settings of the developer."""
        return environment(
            self.folder,
            ANSIBLE_HOME=str(self.folder / ".ansible"),
            ANSIBLE_PYTHON_INTERPRETER=MODULE_PYTHON,
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_NOCOLOR="true",
            COLUMNS="10000",
            **{"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), **more},
        )

    def write_inventory(self, content: Mapping[str, Any], name: str = "our.fleet.yml") -> Path:
        """Write an inventory file of the collection."""
        file = self.folder / name
        file.write_text(
            yaml.safe_dump({"plugin": "hybrid.connectors.fleet", **content}, sort_keys=False), encoding="utf-8"
        )
        return file

    def inventory(self, content: Mapping[str, Any], *arguments: str, **env: str) -> dict[str, Any]:
        """List an inventory, and return the output of ansible-inventory."""
        file = self.write_inventory(content)
        env = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true", **env}
        done = self.ansible("inventory", "-i", str(file), "--list", *arguments, **env)
        assert done.returncode == 0, done.stderr
        for secret in SECRETS:
            assert secret not in done.stdout + done.stderr
        listed: dict[str, Any] = _plain(json.loads(done.stdout[done.stdout.index("{\n") :]))
        return listed

    def event_source(self, options: Mapping[str, Any], **env: str) -> Source:
        """Start the event source without a rulebook. Use it in a with statement."""
        path = os.environ.get("PATH", "")
        return Source(self.folder, options, {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "PATH": path, **env})


def _plain(value: Any) -> Any:
    """Return the output of ansible-inventory without the mark for strings that are not templates."""
    if isinstance(value, dict):
        if list(value) == ["__ansible_unsafe"] and isinstance(value["__ansible_unsafe"], str):
            return value["__ansible_unsafe"]
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
