# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Ensure that the main thread of a process receives the signals for the process.

Python runs signal handlers in the main thread only. If the operating system delivers a signal to another thread, the
main thread continues to wait, for example for the result of a module process, and the handler runs much later.
Ansible interrupts a task with SIGINT or SIGTERM, and uses SIGALRM to end a task that times out.
"""

from __future__ import annotations

import signal

FOR_MAIN_THREAD = frozenset({signal.SIGALRM, signal.SIGHUP, signal.SIGINT, signal.SIGTERM})


def block_in_this_thread() -> None:
    """Block the signals that are meant for the main thread. Every thread that the collection starts calls this."""
    signal.pthread_sigmask(signal.SIG_BLOCK, FOR_MAIN_THREAD)
