# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run playbooks with ansible-runner, with the folders and the environment that AWX gives a job."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runner.interface

from support.deadline import HANGS
from support.modules import COLLECTIONS, assert_nothing_deprecated, environment
from support.simulator import in_environment

PROGRAMS = Path(sys.executable).parent
IDENT = "7"
Hosts = Mapping[str, Mapping[str, Any]]
Connections = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Artifacts:
    """The files of a job, including its exit status, its output and its events."""

    folder: Path

    def text(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def events(self) -> list[dict[str, Any]]:
        """Return the events in their order, and check that none is missing."""
        files = [path for path in (self.folder / "job_events").iterdir() if path.suffix == ".json"]
        events = [json.loads(path.read_text(encoding="utf-8")) for path in files]
        return sorted(events, key=lambda event: int(event["counter"]))

    def stats(self) -> dict[str, Any]:
        """Return the number of tasks by result and host."""
        stats: dict[str, Any] = self.events()[-1]["event_data"]
        return stats


def job_environment(folder: Path, connections: Connections) -> dict[str, str]:
    """Return the environment that AWX sets for a job: the paths of collections, and the credentials."""
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_HOME": str(folder / "home" / ".ansible"),
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        **in_environment(connections),
    }


def job_folder(folder: Path, playbook: str, hosts: Hosts, variables: Mapping[str, Any]) -> Path:
    """Create the folder of a job like AWX: project, inventory script and extra variables."""
    inventory = {"all": {"hosts": list(hosts)}, "_meta": {"hostvars": hosts}}
    files = {
        "project/job.yml": playbook,
        "inventory/hosts": f"#!{sys.executable}\nprint({json.dumps(inventory)!r})\n",
        "env/extravars": json.dumps(variables),
        "env/settings": json.dumps({"suppress_ansible_output": True}),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "inventory" / "hosts").chmod(0o700)
    (folder / "home").mkdir()
    return folder


def start(folder: Path, connections: Connections) -> subprocess.Popen[str]:
    """Start ``ansible-runner run`` in the folder of a job, with the credentials in the file env/envvars."""
    (folder / "env" / "envvars").write_text(json.dumps(job_environment(folder, connections)), encoding="utf-8")
    return subprocess.Popen(
        [PROGRAMS / "ansible-runner", "run", "--omit-env-files", "--ident", IDENT, "--playbook", "job.yml", folder],
        env=node_environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(folder: Path, connections: Connections) -> Artifacts:
    """Run a job with ``ansible-runner run``."""
    with start(folder, connections) as process:
        output, _nothing = process.communicate(timeout=HANGS)
    return finished(folder, output)


def finished(folder: Path, output: str) -> Artifacts:
    """Return the artifacts of a job that succeeded."""
    artifacts = Artifacts(folder / "artifacts" / IDENT)
    assert (artifacts.folder / "rc").exists(), output
    assert (artifacts.text("status"), artifacts.text("rc")) == ("successful", "0"), artifacts.text("stdout")
    assert_nothing_deprecated(artifacts.text("stdout"))
    return artifacts


def run_on_a_mesh(folder: Path, connections: Connections) -> Artifacts:
    """Run a job like AWX on a different node: transmit, work and process."""
    sent, returned, node = (folder.with_name(f"{folder.name}-{name}") for name in ("sent", "returned", "node"))
    job = {"private_data_dir": str(folder), "ident": IDENT, "playbook": "job.yml", "suppress_env_files": True}
    with sent.open("wb") as output:
        ansible_runner.interface.run(
            streamer="transmit", _output=output, envvars=job_environment(folder, connections), **job
        )
    with sent.open("rb") as stream, returned.open("wb") as output:
        done = subprocess.run(
            [PROGRAMS / "ansible-runner", "worker", "--private-data-dir", node],
            env=node_environment(folder),
            check=False,
            stdin=stream,
            stdout=output,
            stderr=subprocess.PIPE,
            text=True,
            timeout=HANGS,
        )
    with returned.open("rb") as stream:
        ansible_runner.interface.run(streamer="process", quiet=True, _input=stream, **job)
    # The data between the nodes, which AWX encrypts.
    sent.unlink()
    returned.unlink()
    return finished(folder, done.stderr)


def node_environment(folder: Path) -> dict[str, str]:
    """Return the environment of the node that runs a job, without variables for the job."""
    path = os.pathsep.join((str(PROGRAMS), os.environ["PATH"]))
    return environment(folder / "home", PATH=path)
