# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a server that sends scripted responses in order and records the requests."""

from __future__ import annotations

import http
import re
import socket
import ssl
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ansible_collections.hybrid.connectors.plugins.module_utils._client import ApiClient
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.module_utils._session import ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import settings_from
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch
from support.deadline import HANGS

CREDENTIALS = {
    "apono": {"api_token": "token-canary"},
    "voss": {"username": "user", "password": "pass-canary"},
    "webex": {"access_token": "token-canary"},
}


@dataclass(frozen=True)
class ReceivedRequest:
    """A received request, with the original spelling of its headers."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = b""


@dataclass(frozen=True)
class Step:
    """The response to one request, the subsequent effect on the connection, and a function that is called first."""

    data: bytes = b""
    then: Literal["keep", "close", "reset", "silence", "noise"] = "keep"
    before: Callable[[], object] = lambda: None


CUT = Step(then="close")
RESET = Step(then="reset")
SILENCE = Step(then="silence")
NOISE = Step(then="noise")


def reply(status: int = 200, body: bytes | str = b"", headers: dict[str, str] | None = None) -> Step:
    """Return a complete response."""
    content = body.encode() if isinstance(body, str) else body
    known = {"Content-Length": str(len(content)), **(headers or {})}
    return raw(status, content, known, then="keep")


def raw(
    status: int, content: bytes, headers: dict[str, str], then: Literal["keep", "close", "reset", "silence"] = "close"
) -> Step:
    """Return a response with only these headers."""
    phrase = http.HTTPStatus(status).phrase if status in set(http.HTTPStatus) else "Unknown"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return Step("\r\n".join(lines).encode() + b"\r\n\r\n" + content, then)


class Scripted:
    """The server. Use it in a with statement. ``unread`` is the number of responses that were not read completely. With
    ``tunnel``, the server acts as a proxy, and after a CONNECT request as the TLS server behind the proxy.
    """

    def __init__(self, *steps: Step, tls: ssl.SSLContext | None = None, tunnel: bool = False) -> None:
        self.received: list[ReceivedRequest] = []
        self.connections = 0
        self.unread = 0
        self._steps = deque(steps)
        self._tls = tls
        self._tunnel = tunnel
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self.origin = f"{'https' if tls and not tunnel else 'http'}://{self.host}"
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self) -> Scripted:
        self._threads[0].start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._threads.pop(0).join()
        self._listening.close()
        with self._lock:
            for connection in self._open:
                _ended(connection)
        for thread in self._threads:
            thread.join()

    def http(
        self,
        system: str = "webex",
        warn: Callable[[str], None] = lambda text: None,
        session: ApiSession | None = None,
        stop: StopSwitch | None = None,
        **options: Any,
    ) -> ApiClient:
        """Return an API client for this server, which does not retry by default."""
        return http_at(f"{self.origin}/v1", system, warn, session, stop, **options)

    def script(self, *steps: Step) -> None:
        """Add responses for later requests."""
        self._steps.extend(steps)

    def targets(self) -> list[str]:
        """Return the method and the target of each request."""
        return [f"{received.method} {received.target}" for received in self.received]

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,))
            with self._lock:
                self.connections += 1
                self._open.add(connection)
                self._threads.append(thread)
            thread.start()

    def _serve(self, accepted: socket.socket) -> None:
        connection = accepted
        try:
            if self._tls and not self._tunnel:
                connection = self._wrapped(connection)
            while received := _read(connection):
                with self._lock:
                    self.received.append(received)
                    step = self._steps.popleft() if self._steps else reply(500, "The script has no further response.")
                if not self._play(connection, step):
                    return
                if self._tunnel and received.method == "CONNECT":
                    connection = self._wrapped(connection)
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _wrapped(self, connection: socket.socket) -> socket.socket:
        assert self._tls
        wrapped = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._open.remove(connection)
            self._open.add(wrapped)
        return wrapped  # The first read performs the handshake.

    def _play(self, connection: socket.socket, step: Step) -> bool:
        step.before()
        try:
            connection.sendall(step.data)
        except OSError:
            self.unread += 1
            return False
        if step.then == "silence":
            connection.settimeout(HANGS)
            connection.recv(1)
        if step.then == "noise":  # An invalid TLS record.
            socket.socket.sendall(connection, b"\x17\x03\x03\x00\x20" + bytes(32))
        if step.then == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return step.then == "keep"


def http_at(
    address: str,
    system: str = "webex",
    warn: Callable[[str], None] = lambda text: None,
    session: ApiSession | None = None,
    stop: StopSwitch | None = None,
    *,
    connections: int = 1,
    **options: Any,
) -> ApiClient:
    """Return an API client for an address, which ignores the proxies of the environment by default."""
    given = {"api_url": address, "retry_budget": 0, "use_proxy": False, "timeout": 5, **CREDENTIALS[system], **options}
    settings = settings_from(PROVIDERS[system].connection, given, connections)
    return ApiClient(settings, warn, session, stop)


def _ended(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


def _read(connection: socket.socket) -> ReceivedRequest | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
        if data.startswith(b"\x16"):  # TLS
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return None
    head, _blank, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name: value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    length = re.search(rb"(?im)^content-length: *([0-9]+)\r?$", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    method, target, _version = first.split(" ")
    return ReceivedRequest(method, target, headers, body)
