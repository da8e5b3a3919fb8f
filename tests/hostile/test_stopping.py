# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that is killed, interrupted or timed out sends no more requests."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import pytest
from support.deadline import HANGS, wait_until
from support.event_source import INTERRUPTIBLE
from support.modules import COLLECTIONS, PACKAGE
from support.scripted import http_at

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import Stopped
from hostile.attack import Attack, Serve, connection
from hostile.server import HostileServer, Request, Sent, reply

pytestmark = [pytest.mark.first_case_only, pytest.mark.slow]

NUMBER = 30
NAMES = {f"id-{number}": f"new-{number}" for number in range(NUMBER)}
PROCESS = {"HYBRID_CONNECTORS_IN_PROCESS": "false"}
MODES = pytest.mark.parametrize("env", [{}, PROCESS], ids=["worker", "process"])
CUSTOMERS = [{"name": f"C{number}", "hierarchy": "sys.a"} for number in range(9)]
SYSTEMS: dict[str, tuple[str, dict[str, Any]]] = {
    "apono": ("apono_connectors", {"names": NAMES}),
    "voss": ("voss_spark_customers", {"hierarchy": "sys.a", "customers": CUSTOMERS}),
}
# Within this time, a running write ends, and the process detects that its parent has ended.
SETTLED = 4.0


def connectors(request: Request) -> Sent:
    """Serve connectors that can be renamed. Each rename takes a fifth of a second."""
    items = [{"id": key, "name": f"old-{key}", "status": "CONNECTED"} for key in NAMES]
    if request.path == "/api/admin/v3/connectors" and request.method == "GET":
        return reply(200, {"items": items, "pagination": {}})
    identifier = request.path.rpartition("/")[2]
    if request.method == "GET":
        return reply(200, {"id": identifier, "name": f"old-{identifier}", "status": "CONNECTED"})
    time.sleep(0.2)
    return reply(200, {"id": identifier, "name": request.json["name"], "status": "CONNECTED"})


def tasks(url: str) -> dict[str, dict[str, Any]]:
    """Return tasks with thirty writes: a loop, and a single task."""
    options = connection("apono", url)
    one = {**options, "id": "{{ item.key }}", "name": "{{ item.value }}"}
    return {
        "loop": {"hybrid.connectors.apono_connector": one, "loop": "{{ names | dict2items }}"},
        "bulk": {"hybrid.connectors.apono_connectors": {**options, "names": NAMES}},
    }


@contextmanager
def running(attack: Attack, task: Mapping[str, Any], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a task in a playbook, in a separate process group."""
    play = [{"hosts": "localhost", "gather_facts": False, "vars": {"names": NAMES}, "tasks": [dict(task)]}]
    (attack.folder / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    command = [sys.executable, "-m", "ansible", "playbook", "play.yml"]
    with (attack.folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(
            command, cwd=attack.folder, env=attack.env(**env), stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(HANGS)


def written(server: HostileServer, number: int) -> None:
    """Wait until the server has received this number of writes."""
    wait_until(lambda: len(server.writes) >= number, server.seen)


def assert_silent(server: HostileServer, before: int) -> None:
    """Check that the server receives no further writes, except for a write that was already being sent."""
    assert before < NUMBER, "The task had ended before it was stopped."
    time.sleep(SETTLED)
    after = len(server.requests)
    assert len(server.writes) <= before + 1
    time.sleep(SETTLED)
    assert len(server.requests) == after


@MODES
@pytest.mark.parametrize(
    ("kind", "number"),
    [("loop", signal.SIGKILL), ("bulk", signal.SIGKILL), ("bulk", signal.SIGINT), ("loop", signal.SIGTERM)],
)
def test_a_terminated_ansible_writes_no_more(
    attack: Attack, serve: Serve, kind: str, number: signal.Signals, env: dict[str, str]
) -> None:
    server = serve(connectors)
    with running(attack, tasks(server.url)[kind], env) as process:
        written(server, 3)
        process.send_signal(number)
        before = len(server.writes)
        process.wait(HANGS)
        assert_silent(server, before)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_terminated_module_process_writes_no_more(attack: Attack, serve: Serve, number: signal.Signals) -> None:
    server = serve(connectors)
    given = json.dumps({"ANSIBLE_MODULE_ARGS": {**connection("apono", server.url), "names": NAMES}})
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, sys.executable, "-m", f"{PACKAGE}.apono_connectors"],
        env=attack.env(PYTHONPATH=str(COLLECTIONS)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(given.encode())
    process.stdin.close()
    written(server, 3)
    process.send_signal(number)
    before = len(server.writes)
    assert process.wait(HANGS) != 0
    process.stdout.close()
    assert_silent(server, before)


@pytest.mark.parametrize("how", ["the reader is gone", "the parent is gone"])
def test_an_abandoned_module_process_writes_no_more(attack: Attack, serve: Serve, how: str) -> None:
    server = serve(connectors)
    (attack.folder / "given.json").write_text(
        json.dumps({"ANSIBLE_MODULE_ARGS": {**connection("apono", server.url), "names": NAMES}}), encoding="utf-8"
    )
    command = f"{sys.executable} -m {PACKAGE}.apono_connectors < given.json"
    if how == "the parent is gone":
        command += " > result.json; :"  # a shell that waits
    process = subprocess.Popen(
        ["/bin/sh", "-c", command],
        cwd=attack.folder,
        env=attack.env(PYTHONPATH=str(COLLECTIONS)),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout
    try:
        written(server, 3)
        before = len(server.writes)
        if how == "the parent is gone":
            process.kill()
            process.wait(HANGS)
        process.stdout.close()
        assert_silent(server, before)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait(HANGS)


def test_an_asynchronous_task_outlives_its_ansible(attack: Attack, serve: Serve) -> None:
    server = serve(connectors)
    task = {**tasks(server.url)["bulk"], "async": 300, "poll": 0}
    with running(attack, task, {"ANSIBLE_ASYNC_DIR": str(attack.folder / "async")}) as process:
        assert process.wait(HANGS) == 0
        assert len(server.writes) < NUMBER, "It ended before Ansible did."
        written(server, NUMBER)


def silent(request: Request) -> Sent:
    """Never respond."""
    time.sleep(1000)
    return None


def unavailable(request: Request) -> Sent:
    return reply(503, b"", "Retry-After: 1000")


def throttled(request: Request) -> Sent:
    return reply(429, b"", "Retry-After: 900")


def late(request: Request) -> Iterator[bytes]:
    """Respond with single bytes at intervals."""
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"
    while True:
        time.sleep(0.2)
        yield b"a"


@pytest.mark.parametrize(
    ("system", "respond", "env"),
    [
        *[(system, respond, {}) for system in SYSTEMS for respond in (silent, unavailable, throttled, late)],
        ("apono", silent, PROCESS),
        ("voss", unavailable, PROCESS),
    ],
)
def test_a_task_ends_with_its_timeout(
    attack: Attack, serve: Serve, system: str, respond: Callable[[Request], Sent], env: dict[str, str]
) -> None:
    """Without a timeout, each of these requests takes a quarter of an hour."""
    server = serve(respond)
    module, more = SYSTEMS[system]
    options = connection(system, server.url, timeout=900, retry_budget=9000, **more)
    for timeout in (4, 15, 60, 240):
        with running(attack, {f"hybrid.connectors.{module}": options, "timeout": timeout}, env) as process:
            assert process.wait(HANGS) == 2
        output = (attack.folder / "output.txt").read_text(encoding="utf-8")
        assert re.search("timed out|timeout|time frame", output.lower()), output
        if server.requests:  # Otherwise, the task ended before its first request, and needs a longer timeout.
            break
    before = len(server.requests)
    assert before
    time.sleep(SETTLED)
    assert len(server.requests) == before


@pytest.mark.parametrize("phase", ["connect", "handshake", "response", "body"])
def test_an_exception_aborts_the_requests_of_all_threads(serve: Serve, phase: str) -> None:
    """If a request is not aborted, it continues for a quarter of an hour."""
    server = serve(late if phase == "body" else silent)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.create_connection(full.getsockname()):
        port = full.getsockname()[1] if phase in ("connect", "handshake") else server.port
        scheme = "https" if phase == "handshake" else "http"
        accepted = [full.accept()] if phase == "handshake" else []
        http = http_at(f"{scheme}://127.0.0.1:{port}", timeout=900, connections=3)
        futures: list[Future[object]] = []

        def interrupted() -> None:
            with http.threads(3) as pool:
                futures.extend(pool.submit(http.get, "/a") for _ in range(9))
                if phase in ("response", "body"):
                    server.wait_for(3)
                time.sleep(1)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
        for connected, _address in accepted:
            connected.close()
    for future in futures:
        assert future.cancelled() or isinstance(future.exception(), Stopped)
    assert len(server.requests) <= 3
