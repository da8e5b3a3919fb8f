# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run modules in the worker of Ansible, in a process that keeps running. Each request is a play with one task. As a
program, this file reads each request from a line of JSON, and responds with a line that contains the result of the task
and everything that was displayed. Ansible is started once, and the modules are imported once.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import select
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

if TYPE_CHECKING or __name__ != "__main__":
    from support.deadline import HANGS
    from support.modules import COLLECTIONS, Result, assert_sanitized, environment

HERE = Path(__file__).resolve().parent


class Worker:
    """The process that keeps running. Use it in a with statement."""

    def __init__(self, folder: Path) -> None:
        self._record = folder / "record.jsonl"
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve())],
            cwd=folder,
            env={
                **environment(folder),
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_HOME": str(folder / ".ansible"),
                "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback_plugins"),
                "ANSIBLE_CALLBACKS_ENABLED": "recorder",
                "ANSIBLE_LOCALHOST_WARNING": "false",
                "ANSIBLE_NOCOLOR": "true",
                "RECORDER_FILE": str(self._record),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_exception: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def run(self, name: str, options: Mapping[str, Any], check: bool, env: Mapping[str, str]) -> Result:
        """Run a module as a task, and check that the output contains none of the given secrets."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"module": name, "options": dict(options), "check": check, "env": dict(env)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        responses = select.select([self._process.stdout], [], [], HANGS)[0]
        line = self._process.stdout.readline() if responses else ""
        assert line, f"{name} got no response from Ansible (status {self._process.poll()})"
        response = json.loads(line)
        assert len(response["tasks"]) == 1, response["output"]
        task = response["tasks"][0]
        output = json.dumps(task) + response["output"]
        assert "AnsiballZ" not in output, f"{name} ran in a process"
        assert_sanitized(name, options, output)
        return Result({"failed": task["outcome"] == "failed", **task["result"]}, output)


def _import_modules() -> None:
    """Import all modules of the collection, because otherwise each forked worker imports its module again."""
    package = importlib.import_module("ansible_collections.hybrid.connectors.plugins.modules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")


def _serve() -> None:
    """Respond to requests until there are no more."""
    responses = os.fdopen(os.dup(1), "w", encoding="utf-8")
    shown = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as the process
    os.dup2(shown.fileno(), 1)
    os.dup2(shown.fileno(), 2)

    from ansible import context
    from ansible.executor.task_queue_manager import TaskQueueManager
    from ansible.inventory.manager import InventoryManager
    from ansible.module_utils.common.collections import ImmutableDict
    from ansible.parsing.dataloader import DataLoader
    from ansible.playbook.play import Play
    from ansible.plugins.loader import action_loader, init_plugin_loader
    from ansible.utils.display import Display
    from ansible.utils.unsafe_proxy import wrap_var
    from ansible.vars.manager import VariableManager

    context.CLIARGS = ImmutableDict(
        check=False, connection="local", diff=False, forks=1, subset=None, syntax=False, verbosity=4
    )
    init_plugin_loader()
    action_loader.get("hybrid.connectors.apono_connector", class_only=True)
    _import_modules()
    waits = importlib.import_module("skipped_waits")  # this file is in the folder of the program
    display = Display()
    display.verbosity = 4
    loader = DataLoader()
    inventory = InventoryManager(loader=loader, sources=["localhost,"])
    variables = VariableManager(loader=loader, inventory=inventory)
    variables.extra_vars.update(ansible_python_interpreter=sys.executable)
    record = Path(os.environ["RECORDER_FILE"])

    for line in sys.stdin:
        request = json.loads(line)
        record.write_text("", encoding="utf-8")
        play = Play.load(
            {
                "hosts": "localhost",
                "gather_facts": False,
                "tasks": [
                    {
                        "name": "task",
                        f"hybrid.connectors.{request['module']}": wrap_var(request["options"]),
                        "check_mode": request["check"],
                        "diff": True,
                    }
                ],
            },
            variable_manager=variables,
            loader=loader,
        )
        # The type annotation of this method differs between the releases of ansible-core.
        hosts: Any = inventory
        manager = TaskQueueManager(inventory=hosts, variable_manager=variables, loader=loader, passwords={})
        with mock.patch.dict(os.environ, request["env"]), waits.skipped_waits(request["env"]):
            try:
                manager.run(play)
            finally:
                manager.cleanup()
        sys.stdout.flush()
        sys.stderr.flush()
        shown.seek(0)
        output = shown.read().decode("utf-8", "replace")
        shown.seek(0)
        shown.truncate()
        tasks = [json.loads(entry) for entry in record.read_text(encoding="utf-8").splitlines()]
        print(json.dumps({"tasks": tasks, "output": output}), file=responses, flush=True)


if __name__ == "__main__":
    _serve()
