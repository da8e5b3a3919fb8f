# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the main thread receives the signals with which Ansible ends a task."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils import _background
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch
from ansible_collections.hybrid.connectors.plugins.plugin_utils import _in_process

SIGNALS = {signal.SIGALRM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def blocked() -> set[int]:
    """Return the signals that this thread blocks."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def in_pool() -> set[int]:
    with StopSwitch().threads(1) as pool:
        return pool.submit(blocked).result()


def in_background() -> set[int]:
    return _background.start(blocked).result()


def in_monitor() -> set[int]:
    """Return the signals that the thread blocks which waits for the end of Ansible, as reported by Linux."""
    before = set(threading.enumerate())
    with _in_process._ending_with_ansible():
        (thread,) = set(threading.enumerate()) - before
        status = Path(f"/proc/self/task/{thread.native_id}/status")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            mask = int(next(line.split()[1] for line in status.read_text().splitlines() if "SigBlk" in line), 16)
            found: set[int] = {number for number in signal.valid_signals() if mask >> (number - 1) & 1}
            if found:
                return found
    return set()


@pytest.mark.parametrize("thread", [in_pool, in_background, in_monitor])
def test_a_thread_leaves_signals_to_the_main_thread(thread: Callable[[], set[int]]) -> None:
    assert thread() >= SIGNALS
    assert not blocked() & SIGNALS
