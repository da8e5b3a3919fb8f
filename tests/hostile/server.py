# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide an HTTP server on a raw socket that can return any bytes, for attacks on the collection. The server does not
share code with the simulator or the collection, so it does not share their assumptions. A function receives each
request and returns the response: bytes, an iterable of bytes that are sent one after the other, or None to close the
connection without a response. If an item of the iterable is None, the server waits until the client sends data.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from support.deadline import wait_until

Sent = bytes | Iterable[bytes | None] | None


@dataclass(frozen=True)
class Request:
    """A received request. ``target`` is the raw request target, and ``at`` the time of a monotonic clock in seconds."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False, default=b"")
    at: float = 0.0

    @property
    def path(self) -> str:
        """The decoded path without its query."""
        return urllib.parse.unquote(self.target.partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        """The query parameters. The last value of a repeated key has precedence."""
        return dict(urllib.parse.parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body as JSON; None if it is empty."""
        return json.loads(self.body) if self.body else None


Respond = Callable[[Request], Sent]


def reply(status: int = 200, body: Any = b"", *headers: str, close: bool = False) -> bytes:
    """Return a complete response. :param body: bytes and strings are sent verbatim, and other values as JSON.
    :param headers: further header lines.
    """
    text = body if isinstance(body, (str, bytes)) else json.dumps(body)
    content = text.encode() if isinstance(text, str) else text
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(content)}", "Content-Type: application/json", *headers]
    if close:
        lines.append("Connection: close")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content


class HostileServer:
    """A server on a free port of the loopback interface. Use it in a with statement. ``requests`` contains the received
    requests in order, and ``connections`` is the number of accepted connections.
    """

    def __init__(self, respond: Respond, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self.respond = respond
        self.requests: list[Request] = []
        self.connections = 0
        self.errors: list[BaseException] = []
        self._tls = tls
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._closing = threading.Event()
        self._listening = socket.create_server((host, 0), backlog=128)
        self.port = self._listening.getsockname()[1]
        self.host = f"{host}:{self.port}"
        self.url = f"{'https' if tls else 'http'}://{self.host}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> HostileServer:
        self._accepting.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self._accepting.join(5)
        assert not self.errors, self.errors

    def seen(self, method: str | None = None) -> list[str]:
        """Return the requests of a method, or all of them, as ``METHOD target``."""
        return [f"{one.method} {one.target}" for one in self.requests if method in (None, one.method)]

    @property
    def writes(self) -> list[str]:
        """The write requests, as ``METHOD target``."""
        return [line for line in self.seen() if not line.startswith(("GET ", "HEAD "))]

    def wait_for(self, number: int) -> None:
        """Wait until the server has received at least this number of requests."""
        wait_until(
            lambda: len(self.requests) >= number, lambda: f"Only {len(self.requests)} requests arrived: {self.seen()}"
        )

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, accepted: socket.socket) -> None:
        connection = accepted
        try:
            if self._tls:
                connection = self._tls.wrap_socket(accepted, server_side=True)
            stream = connection.makefile("rb")
            while request := _read(stream):
                with self._lock:
                    self.requests.append(request)
                sent = self.respond(request)
                if sent is None:
                    return
                for piece in [sent] if isinstance(sent, bytes) else sent:
                    if self._closing.is_set():
                        return
                    if piece is None:
                        stream.peek(1)
                    else:
                        connection.sendall(piece)
                if isinstance(sent, bytes) and b"connection: close" in sent.partition(b"\r\n\r\n")[0].lower():
                    return
        except OSError:
            pass
        except Exception as error:  # a bug in the test, which is reported when the server is closed
            self.errors.append(error)
        finally:
            with self._lock:
                self._open.discard(accepted)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()


def _read(stream: Any) -> Request | None:
    """Read one request; None at the end of the connection."""
    first = stream.readline().decode("latin-1").split()
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _colon, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length") or 0)
    return Request(first[0], first[1], headers, stream.read(length), time.monotonic())
