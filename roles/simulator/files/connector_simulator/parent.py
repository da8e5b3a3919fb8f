# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stop the simulator when another process ends, so that an aborted test run does not leave it running."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_POLL_INTERVAL = 0.5


def call_when_ended(pid: int, callback: Callable[[], None]) -> None:
    """Call a function in the running event loop when a process ends, or immediately if the process does not exist.

    The signal that the kernel can send when the parent ends (PR_SET_PDEATHSIG) is not suitable, because it is sent when
    the thread that started the child ends, which can be long before the parent process ends.
    """
    loop = asyncio.get_running_loop()
    open_process = getattr(os, "pidfd_open", None)
    try:
        descriptor = -1 if open_process is None else open_process(pid)
    except ProcessLookupError:
        callback()
        return
    except OSError:  # The kernel or the container does not support pidfd_open.
        descriptor = -1
    if descriptor < 0:
        loop.call_later(_POLL_INTERVAL, _poll, loop, pid, os.getppid() == pid, callback)
        return

    def ended() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        callback()

    loop.add_reader(descriptor, ended)


def _poll(loop: asyncio.AbstractEventLoop, pid: int, is_parent: bool, callback: Callable[[], None]) -> None:
    if _is_running(pid, is_parent):
        loop.call_later(_POLL_INTERVAL, _poll, loop, pid, is_parent, callback)
    else:
        callback()


def _is_running(pid: int, is_parent: bool) -> bool:
    """Return whether a process is running.

    A parent that has ended is no longer the parent of this process, even if it is still a zombie.
    """
    if is_parent:
        return os.getppid() == pid
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # The process belongs to another user.
        return True
    return True
