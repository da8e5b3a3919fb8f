# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a task waits for an unreachable server, and what it displays meanwhile."""

from __future__ import annotations

import json
import re
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from support.deadline import HANGS
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils import _settings
from ansible_collections.hybrid.connectors.plugins.plugin_utils._in_process import execute, module_called
from hostile.attack import Attack, Serve, connection
from hostile.server import reply

LISTS = {
    "apono": ("apono_connector_info", {}),
    "hdp": ("hdp_connector_info", {}),
    "voss": ("voss_spark_customer_info", {"hierarchy": "sys"}),
    "webex": ("webex_hybrid_connector_info", {}),
}
PROCESS = {"HYBRID_CONNECTORS_IN_PROCESS": "false"}
# Maximum number of seconds that a process waits for an expected event.


@pytest.fixture
def closed() -> Iterator[str]:
    """An address at which every connection is refused."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def unset(options: dict[str, Any]) -> dict[str, Any]:
    """Return options without 'retry_budget'."""
    return {name: value for name, value in options.items() if name != "retry_budget"}


def test_a_refused_connection_is_retried_for_fifteen_seconds(
    attack: Attack, closed: str, messages: MessageTable
) -> None:
    result = attack.task("apono_connector_info", unset(connection("apono", closed)), **PROCESS)
    assert result.failure["reason"] == "unreachable"
    messages.check_in("retry.connection", result.msg, seconds=15)


@pytest.mark.parametrize("system", LISTS)
def test_refused_connections_are_retried_for_less_than_the_budget(
    system: str, closed: str, monkeypatch: pytest.MonkeyPatch, messages: MessageTable
) -> None:
    monkeypatch.setattr(_settings, "CONNECT_BUDGET", 0.1)
    module, more = LISTS[system]
    spec, function = module_called(module)
    result = execute(spec, function, {**unset(connection(system, closed)), **more}, module, False)
    assert result["failure"]["reason"] == "unreachable"
    messages.check_in("retry.connection", result["msg"], seconds=0.1)


def test_a_configured_retry_budget_is_used(
    closed: str, monkeypatch: pytest.MonkeyPatch, messages: MessageTable
) -> None:
    monkeypatch.setattr(_settings, "CONNECT_BUDGET", 0.0)
    spec, function = module_called("apono_connector_info")
    options = {**connection("apono", closed), "retry_budget": 0.2}
    result = execute(spec, function, options, "apono_connector_info", False)
    assert result["failure"]["reason"] == "unreachable"
    messages.check_in("retry.budget_spent", result["msg"], seconds=0.2)


def test_packets_that_are_dropped_count_as_time(monkeypatch: pytest.MonkeyPatch, messages: MessageTable) -> None:
    """If each of the twelve attempts lasted as long as 'timeout', a task would take minutes."""
    monkeypatch.setattr(_settings, "CONNECT_BUDGET", 0.2)
    spec, function = module_called("apono_connector_info")
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        options = unset(connection("apono", f"http://127.0.0.1:{full.getsockname()[1]}", timeout=1))
        result = execute(spec, function, options, "apono_connector_info", False)
    assert result["failure"]["reason"] == "timeout"
    messages.check_in("retry.connection", result["msg"], seconds=0.2)


@pytest.mark.parametrize("env", [{}, PROCESS], ids=["in-process", "process"])
def test_an_unresolvable_name_fails_after_one_retry(
    attack: Attack, env: dict[str, str], messages: MessageTable
) -> None:
    options = unset(connection("apono", "http://connectors.invalid"))
    result = attack.task("apono_connector_info", options, **env)
    assert result.failure["reason"] == "unreachable"
    messages.check_in("retry.unresolved", result.msg, host="connectors.invalid", attempts=2)


def test_a_long_wait_is_displayed_while_it_lasts(attack: Attack, serve: Serve) -> None:
    server = serve(lambda request: reply(503, {"message": "Later."}, "Retry-After: 600"))
    options = connection("apono", server.url, retry_budget=1000, id="apono-token-canary")
    tasks = [{"hybrid.connectors.apono_connector_info": options}]
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    (attack.folder / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "ansible", "playbook", "play.yml"],
        cwd=attack.folder,
        env=attack.env(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr
        shown = ""
        while "Retrying" not in shown:
            assert select.select([process.stderr], [], [], HANGS)[0], "Nothing was shown."
            line = process.stderr.readline()
            assert line, "Ansible ended."
            shown += line
        assert re.search(r"Apono \S+ 503\b.* GET /\S+/\*+ in 600 s", shown)
        assert "canary" not in shown
        assert process.poll() is None
        assert len(server.requests) == 1
    finally:
        process.terminate()
        process.wait(HANGS)
        assert process.stderr
        process.stderr.close()


def test_a_long_transaction_is_displayed_while_it_runs(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    identifier = "cfe8a8fd-98e6-4290-b0c3-2dfa2224b808"
    running = {"pkid": identifier, "data": {"status": "Processing"}}
    server = serve(lambda request: reply(200, running))
    options = connection("voss", server.url, id=identifier, wait=True, wait_timeout=6)
    played = attack.tasks([{"name": "attack", "hybrid.connectors.voss_transaction_info": options}])
    assert played["attack"].failure["reason"] == "timeout"
    (seconds,) = re.findall(r"1 transaction after (\d+) s", played.output)
    messages.check_in("voss.long_wait", played.output, count=1, seconds=seconds)
