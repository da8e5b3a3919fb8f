# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only the main thread receives the signals with which Ansible ends a task."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils import _background
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch

SIGNALS = {signal.SIGALRM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM}


def blocked() -> set[int]:
    """Return the signals that this thread blocks."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, []))


def in_pool() -> set[int]:
    with StopSwitch().threads(1) as pool:
        return pool.submit(blocked).result()


def in_background() -> set[int]:
    return _background.start(blocked).result()


@pytest.mark.parametrize("thread", [in_pool, in_background])
def test_a_thread_leaves_signals_to_the_main_thread(thread: Callable[[], set[int]]) -> None:
    assert thread() >= SIGNALS
    assert not blocked() & SIGNALS
