# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory and the event source end on a signal, even if a server does not respond."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from support import loops
from support.event_source import INTERRUPTIBLE

from ansible_collections.hybrid.connectors.plugins.module_utils import _background
from ansible_collections.hybrid.connectors.plugins.plugin_utils._health_monitor import monitor
from hostile.attack import Attack, Serve, connection
from hostile.server import HostileServer
from hostile.slow import FOREVER, failing, postponing, silent, trickling

pytestmark = pytest.mark.first_case_only

# Without an interruption, the systems would be read for twice this time.
ENDS_WITHIN = FOREVER
SERVERS = {"silent": silent, "trickling": trickling, "postponing": postponing, "failing": failing}


def options(servers: dict[str, HostileServer]) -> dict[str, Any]:
    """Return options with which a system is retried for ten minutes."""
    names = dict(zip(("apono", "hdp", "webex"), servers.values(), strict=False))
    patient = {"timeout": 2 * FOREVER, "retry_budget": 2 * FOREVER}
    return {system: {**connection(system, server.url), **patient} for system, server in names.items()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_inventory_ends(attack: Attack, serve: Serve, number: signal.Signals) -> None:
    servers = {name: serve(SERVERS[name]) for name in ("silent", "trickling", "postponing")}
    file = attack.write_inventory(options(servers))
    command = [sys.executable, "-m", "ansible", "inventory", "-i", str(file), "--list"]
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, *command],
        cwd=attack.folder,
        env=attack.env(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for server in servers.values():
            server.wait_for(1)
        time.sleep(0.5)
        assert_ends(process, number)
    assert_nothing_follows(servers)


@pytest.mark.parametrize("names", [("silent", "trickling", "postponing"), ("failing", "trickling")])
def test_an_event_source_ends(attack: Attack, serve: Serve, names: tuple[str, ...]) -> None:
    servers = {name: serve(SERVERS[name]) for name in names}
    with attack.event_source({"interval": 1, **options(servers)}) as source:
        for server in servers.values():
            server.wait_for(1)
        time.sleep(0.5)
        started = time.monotonic()
        source.interrupt()
        assert time.monotonic() - started < ENDS_WITHIN
    assert "Traceback" not in source.output
    assert_nothing_follows(servers)


def test_a_source_that_is_cancelled_leaves_no_thread(serve: Serve) -> None:
    """Test the source in a program that continues to run, as in ansible-rulebook."""
    servers = {name: serve(SERVERS[name]) for name in ("silent", "trickling", "postponing")}

    async def cancelled() -> None:
        task = asyncio.ensure_future(monitor(asyncio.Queue(), {"interval": 1, **options(servers)}))
        for server in servers.values():
            await asyncio.to_thread(server.wait_for, 1)
        task.cancel()
        await asyncio.wait([task])

    started = time.monotonic()
    loops.run(cancelled())
    assert time.monotonic() - started < ENDS_WITHIN
    ours = [thread for thread in threading.enumerate() if thread.name == _background.NAME]
    for thread in ours:
        thread.join(ENDS_WITHIN)
    assert not [thread for thread in ours if thread.is_alive()]
    assert_nothing_follows(servers)


def assert_ends(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Send a signal and check that the process ends long before its requests."""
    started = time.monotonic()
    process.send_signal(number)
    try:
        output, _errors = process.communicate(timeout=ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        raise AssertionError(f"It goes on after {ENDS_WITHIN} s.") from None
    assert time.monotonic() - started < ENDS_WITHIN
    assert "Traceback" not in output


def assert_nothing_follows(servers: dict[str, HostileServer]) -> None:
    """Check that the server does not receive further requests."""
    before = {name: len(server.requests) for name, server in servers.items()}
    time.sleep(2)
    assert {name: len(server.requests) for name, server in servers.items()} == before
