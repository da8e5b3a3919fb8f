# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module runs in a process that Ansible builds with AnsiballZ, as it does without in-process execution."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from support.cases import CASES, MODULES, WITHOUT_REQUESTS, login_of
from support.connections import connected
from support.playbooks import RunPlaybook

OPTIONS_WITHOUT_REQUESTS: dict[str, dict[str, Any]] = {
    "fleet_report_files": {"files": [{"path": "{{ playbook_dir }}/page.html", "content": "<p>ü</p>", "mode": "0640"}]},
    "voss_spark_customer_tokens": {"customers": []},
}
# The first case of this module has the label of a connector that is in no group.
FAILURES = {"hdp_connector_group": "refused"}


def first_case(module: str, connection: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """Return the options of the first case of a module. A file of the test is in the folder of the playbook."""
    option, case = next(iter(CASES[module].items()))
    options = {**login_of(module, case.login), **case.given, option: case.value}
    return connected(module, lambda system: connection[system], options)


@pytest.mark.extended
@pytest.mark.slow
def test_every_module_runs_through_ansiballz(
    playbook: RunPlaybook, connection: Mapping[str, Mapping[str, str]]
) -> None:
    assert set(OPTIONS_WITHOUT_REQUESTS) == WITHOUT_REQUESTS
    options = {**{name: first_case(name, connection) for name in MODULES}, **OPTIONS_WITHOUT_REQUESTS}
    tasks = [
        {"name": name, f"hybrid.connectors.{name}": given, "ignore_errors": True} for name, given in options.items()
    ]
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    played = playbook(json.dumps(play), "-vvv", env={"HYBRID_CONNECTORS_IN_PROCESS": "false"})
    assert set(re.findall(r"AnsiballZ_(\w+)\.py", played.output)) == set(options), played.output
    assert [name for name, _result in played.tasks] == list(options)
    failures = {name: result.failure["reason"] for name, result in played.tasks if result.failed}
    assert failures == FAILURES
