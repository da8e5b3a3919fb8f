# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""End with another process, so that no simulator is left of a test run that was killed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

_POLL_SECONDS = 0.5


def watch(pid: int, gone: Callable[[], None]) -> None:
    """Call a function of the running event loop once a process has ended; at once if there is none.

    A signal of the kernel at the end of the parent (PR_SET_PDEATHSIG) comes when the thread that started the child
    ends, which may be long before its process.
    """
    loop = asyncio.get_running_loop()
    open_process = getattr(os, "pidfd_open", None)
    try:
        descriptor = open_process(pid) if open_process else -1
    except ProcessLookupError:
        gone()
        return
    except OSError:  # a kernel or a container without it
        descriptor = -1
    if descriptor < 0:
        loop.call_later(_POLL_SECONDS, _poll, loop, pid, os.getppid() == pid, gone)
        return

    def ended() -> None:
        loop.remove_reader(descriptor)
        os.close(descriptor)
        gone()

    loop.add_reader(descriptor, ended)


def _poll(loop: asyncio.AbstractEventLoop, pid: int, is_parent: bool, gone: Callable[[], None]) -> None:
    if _is_alive(pid, is_parent):
        loop.call_later(_POLL_SECONDS, _poll, loop, pid, is_parent, gone)
    else:
        gone()


def _is_alive(pid: int, is_parent: bool) -> bool:
    """Whether a process runs. A parent that has ended is no longer the parent, even while nobody reaps it."""
    if is_parent:
        return os.getppid() == pid
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to another user
        return True
    return True
