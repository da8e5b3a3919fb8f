# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports for tests that start a server by its port number."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

# The operating system assigns higher ports to sockets that ask for any port: Linux those from 32768, macOS from 49152.
_PORTS = range(20000, 32000)


def reserve_port() -> int:
    """Return a port of 127.0.0.1 that is free and that no other test uses until this process ends.

    A port that the operating system assigns can be assigned again, as soon as it is closed, to a server of a test that
    runs at the same time. Then one test stops the server of the other test.
    """
    locks = Path(tempfile.gettempdir()) / f"test-ports-{os.getuid()}"
    locks.mkdir(mode=0o700, exist_ok=True)
    for port in random.sample(_PORTS, len(_PORTS)):
        if _lock(locks / str(port)) and _is_free(port):
            return port
    raise RuntimeError(f"All ports from {_PORTS[0]} to {_PORTS[-1]} are in use.")


def _lock(path: Path) -> bool:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    return True


def _is_free(port: int) -> bool:
    try:
        with socket.create_server(("127.0.0.1", port)):
            return True
    except OSError:
        return False
