# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide responses that keep a client waiting."""

from __future__ import annotations

import time
from collections.abc import Iterator

from hostile.server import Request, Sent, reply

# The servers never stop, so a program that ends did not wait for them.
FOREVER = 600
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"


def silent(_request: Request) -> Sent:
    """Keep the connection open without sending data."""

    def pieces() -> Iterator[bytes]:
        for _second in range(FOREVER):
            time.sleep(1)
            yield b""

    return pieces()


def trickling(_request: Request) -> Sent:
    """Send single bytes at short intervals, so that no read exceeds the timeout."""

    def pieces() -> Iterator[bytes]:
        yield HEAD
        for _piece in range(FOREVER * 5):
            time.sleep(0.2)
            yield b" "

    return pieces()


def lasting(_request: Request) -> Sent:
    """Send spaces at a rate that extends the deadline of the read. With the default timeout, the read takes longer than
    any test waits.
    """

    def pieces() -> Iterator[bytes]:
        yield HEAD.replace(b"1000000", b"100000000")
        for _second in range(2 * FOREVER):
            time.sleep(1)
            yield b" " * 36 * 1024

    return pieces()


def postponing(_request: Request) -> Sent:
    """Respond with a long Retry-After."""
    return reply(429, {"message": "later"}, f"Retry-After: {FOREVER}")


def failing(_request: Request) -> Sent:
    return reply(503, {"message": "not now"})
