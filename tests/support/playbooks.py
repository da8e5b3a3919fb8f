# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks with ansible-playbook, and collect the results of their tasks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ansible.release import __version__

from support.deadline import HANGS
from support.modules import COLLECTIONS, MODULE_PYTHON, Result, assert_nothing_deprecated, environment

CALLBACKS = Path(__file__).resolve().parent / "callback_plugins"
# Before ansible-core 2.19, null is not a valid value of a string variable of a role.
NULL_IS_NO_STRING = tuple(map(int, __version__.split(".")[:2])) < (2, 19)


@dataclass(frozen=True)
class Played:
    """The exit status of a playbook, its output, and the results of its tasks in order."""

    status: int
    output: str
    tasks: list[tuple[str, Result]]

    def __getitem__(self, task: str) -> Result:
        """Return the result of the last task with this name."""
        return [result for name, result in self.tasks if name == task][-1]

    @property
    def failed(self) -> Result:
        """Return the result of the last task that failed."""
        return [result for _name, result in self.tasks if result.failed][-1]


class RunPlaybook(Protocol):
    """Run a playbook in YAML. ``arguments`` are added to the command line."""

    def __call__(self, text: str, *arguments: str, env: Mapping[str, str] | None = None) -> Played: ...


def run_playbook(
    folder: Path,
    text: str,
    arguments: tuple[str, ...],
    variables: Any,
    env: Mapping[str, str],
    program: tuple[str, ...] = ("-m", "ansible", "playbook"),
) -> Played:
    """Run a playbook on the local host in a separate folder. Other processes cannot read its variables."""
    record, playbook, given = folder / "record.jsonl", folder / "playbook.yml", folder / "variables.json"
    record.write_text("", encoding="utf-8")
    playbook.write_text(text, encoding="utf-8")
    given.write_text(json.dumps(variables), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, *program, "-e", f"@{given}", *arguments, str(playbook)],
        cwd=folder,
        env=environment(
            folder,
            ANSIBLE_HOME=str(folder / ".ansible"),
            # For some of these settings, Ansible uses the home folder of the user instead of HOME.
            ANSIBLE_REMOTE_TMP=str(folder / ".ansible" / "tmp"),
            ANSIBLE_ASYNC_DIR=str(folder / ".ansible" / "async"),
            ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
            ANSIBLE_CALLBACKS_ENABLED="recorder",
            ANSIBLE_PYTHON_INTERPRETER=MODULE_PYTHON,
            ANSIBLE_LOCALHOST_WARNING="false",
            ANSIBLE_NOCOLOR="true",
            RECORDER_FILE=str(record),
            **{"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), **env},
        ),
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    lines = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()]
    tasks = [
        (line["task"], Result({"failed": line["outcome"] == "failed", **line["result"]}, json.dumps(line)))
        for line in lines
    ]
    assert_nothing_deprecated(done.stdout + done.stderr)
    return Played(done.returncode, done.stdout + done.stderr, tasks)
