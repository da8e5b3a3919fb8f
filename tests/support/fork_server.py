# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a server that forks a process for each request, so that the process does not have to import its code.

The server is a separate program, which calls :func:`serve`. It ends when its stdin is closed.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable


class ForkServer:
    """The process of a server, with a folder for its socket at ``address``."""

    def __init__(self, interpreter: str, program: str, env: dict[str, str], *arguments: str) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="fork")
        self.address = os.path.join(self.folder.name, "socket")
        self._process = subprocess.Popen(
            [interpreter, program, self.address, *arguments],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", "No process can be forked: the server did not start."

    def stop(self) -> None:
        """End the server, and remove its folder."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
        self.folder.cleanup()


def serve(address: str, respond: Callable[[socket.socket], None]) -> None:
    """Call ``respond`` with each connection in a forked process, until stdin is closed.

    In the forked process, this function returns after ``respond``.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(16)
        print("ready", flush=True)
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection = listener.accept()[0]
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                listener.close()
                respond(connection)
                return
            connection.close()
