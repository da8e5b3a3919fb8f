# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Isolation from other users of the machine and from a collection with the same names."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.modules import ROOT
from support.playbooks import run_playbook
from support.simulator import CREDENTIALS, Simulator, in_environment

pytestmark = pytest.mark.first_case_only

SECRETS = [value.encode() for login in CREDENTIALS.values() for name, value in login.items() if name != "username"]
SLOW = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: read
      hybrid.connectors.apono_connector_info: "{{ systems.apono }}"
"""


def command_lines() -> Iterator[bytes]:
    """Return the command lines of all processes that any user can read."""
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            yield Path("/proc", entry, "cmdline").read_bytes()
        except OSError:  # the process has ended in the meantime
            continue


def files_with_secrets(folder: Path) -> Iterator[tuple[str, bool]]:
    """Return the files with secrets below a folder, and whether other users can read them."""
    for inside, _folders, names in os.walk(folder):
        for name in names:
            try:
                file = Path(inside, name)
                if any(secret in file.read_bytes() for secret in SECRETS):
                    yield name, bool(file.stat().st_mode & 0o077 and Path(inside).stat().st_mode & 0o077)
            except OSError:  # the file was deleted in the meantime
                continue


@contextmanager
def watched(folder: Path) -> Iterator[tuple[set[bytes], set[tuple[str, bool]]]]:
    """Collect command lines and files with secrets while the body runs."""
    lines: set[bytes] = set()
    files: set[tuple[str, bool]] = set()
    ended = threading.Event()

    def observe() -> None:
        while not ended.wait(0.05):
            lines.update(command_lines())
            files.update(files_with_secrets(folder))

    watcher = threading.Thread(target=observe)
    watcher.start()
    try:
        yield lines, files
    finally:
        ended.set()
        watcher.join()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="this system has no list of processes in /proc")
def test_a_running_module_shows_no_secret_to_other_users(
    simulator: Simulator, connection: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    simulator.fault(system="apono", delay=1)
    ansible = tmp_path / ".ansible"
    ansible.mkdir()
    with watched(ansible) as (lines, files):
        played = run_playbook(
            tmp_path, SLOW, (), {"systems": connection}, {"HYBRID_CONNECTORS_IN_PROCESS": "false", "LC_ALL": "C.UTF-8"}
        )
    assert played.status == 0, played.output
    own = [line for line in lines if str(tmp_path).encode() in line]  # other tests run at the same time
    assert [line for line in own if b"AnsiballZ_apono_connector_info" in line] != []
    assert [line for line in own if any(secret in line for secret in SECRETS)] == []
    assert {name for name, _open in files} != set()
    assert {name for name, others_may_read_it in files if others_may_read_it} == set()


MODULE = '''#!/usr/bin/python
DOCUMENTATION = """
module: {name}
short_description: A name that another collection has
description: It leaves a trace.
author: Unknown
"""
from ansible.module_utils.basic import AnsibleModule
open({trace!r}, "a").write("{name}\\n")
AnsibleModule({{}}, bypass_checks=True).exit_json()
'''
FILTERS = """
def traced(*_arguments, **_options):
    open({trace!r}, "a").write("filter\\n")
    return ""

class FilterModule:
    def filters(self):
        return {{name: traced for name in {names!r}}}
"""
BESIDE = """
- hosts: localhost
  gather_facts: false
  collections: [other.people]
  module_defaults:
    group/hybrid.connectors.apono: "{{ systems.apono }}"
  tasks:
    - name: ours
      hybrid.connectors.apono_connector_info:
      register: read
    - name: the role
      ansible.builtin.include_role:
        name: hybrid.connectors.fleet_report
      vars:
        fleet_report_systems: [apono]
    - name: theirs
      apono_connector_info:
"""


def other_collection(place: Path, trace: Path) -> None:
    """Create a collection with the same short names as this collection and ansible-core. Its code leaves a trace."""
    root = place / "ansible_collections" / "other" / "people"
    modules, filters = root / "plugins" / "modules", root / "plugins" / "filter"
    modules.mkdir(parents=True)
    filters.mkdir()
    (root / "galaxy.yml").write_text("namespace: other\nname: people\nversion: 1.0.0\n", encoding="utf-8")
    ours = {path.stem for path in (ROOT / "plugins" / "modules").glob("[a-z]*.py")}
    for name in ours | {"assert", "async_status", "copy", "debug", "set_fact", "stat", "template"}:
        (modules / f"{name}.py").write_text(MODULE.format(name=name, trace=str(trace)), encoding="utf-8")
    names = sorted(path.stem for path in (ROOT / "plugins" / "filter").glob("[a-z]*.py"))
    assert names
    (filters / "all.py").write_text(FILTERS.format(trace=str(trace), names=names), encoding="utf-8")
    for role in (ROOT / "roles").iterdir():
        tasks = root / "roles" / role.name / "tasks"
        tasks.mkdir(parents=True)
        (tasks / "main.yml").write_text(f"- shell: echo role >> {trace}\n", encoding="utf-8")


@pytest.mark.usefixtures("simulator")
def test_a_collection_of_the_same_names_does_not_interfere(
    connection: Mapping[str, Mapping[str, str]], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    other_collection(tmp_path / "collections", trace)  # Ansible searches next to the playbook first.
    files = {f"fleet_report_{kind}": str(tmp_path / f"fleet.{kind}") for kind in ("html", "json", "prom")}
    env = in_environment({"apono": connection["apono"]})
    played = run_playbook(tmp_path, BESIDE, (), {"systems": connection, **files}, env)
    assert played.status == 0, played.output
    assert (tmp_path / "fleet.json").exists()
    assert trace.read_text(encoding="utf-8").split() == ["apono_connector_info"]
