# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Check whether the parent process of a module is still waiting for the result.

If Ansible is killed or a task times out, the module processes continue to run and would make more changes. With
``async``, an Ansible process waits until the module has ended.
"""

from __future__ import annotations

import os
import select
import stat
import sys


class ParentProcess:
    """The parent process at the time when this object was created."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._output = _output()

    def awaits_result(self) -> bool:
        """Return whether the parent process is alive and still reads the output of this process."""
        if os.getppid() != self._parent:
            return False
        if self._output is None:
            return True
        # Each call creates its own poll object, because several threads must not use the same object at the same time.
        poll = select.poll()
        poll.register(self._output, 0)
        return not any(event & (select.POLLERR | select.POLLHUP) for _file, event in poll.poll(0))


def _output() -> int | None:
    """Return the file descriptor of standard output, or None if it is not a pipe or a socket."""
    try:
        file = sys.__stdout__.fileno()  # type: ignore[union-attr]
        mode = os.fstat(file).st_mode
    except (AttributeError, OSError, ValueError):
        return None
    if stat.S_IFMT(mode) not in (stat.S_IFIFO, stat.S_IFSOCK):
        return None
    return file
