# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a server that records the bytes of each request, responds like the simulator, and alters selected responses.
The server accepts only a single valid HTTP/1.1 request that the simulator supports.
"""

from __future__ import annotations

import itertools
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from connector_simulator.exchange import Call, Response, UndocumentedRequest
from connector_simulator.journal import Entry
from connector_simulator.state import PREFIXES, State
from connector_simulator.strict import find_operation
from support.simulator import CREDENTIALS

BASE = "/below"
HEAD_LINE = re.compile(rb"[\x21-\x7e][\x20-\x7e]*")
REQUEST_LINE = re.compile(rb"(GET|POST|PUT|DELETE) (/[\x21-\x7e]*) HTTP/1\.1")
HEADERS = {
    "host", "accept", "accept-encoding", "authorization", "user-agent", "content-type", "content-length", "connection",
}  # fmt: skip
SETTINGS = {"voss": {"throttle": 0, "polls": 0}, "hdp": {"lockout": 0}}

Alter = Callable[[int, Response], Response]


@dataclass
class Exchange:
    """A received request, and its errors."""

    head: bytes
    body: bytes
    wrong: list[str] = field(default_factory=list)


class Wire:
    """The server. Use it in a with statement, and call :meth:`begin` before each run."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._alter: Alter = lambda number, reply: reply
        self._state = State({"settings": SETTINGS})
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.origin = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._listening.close()
        for connection in list(self._open):
            connection.close()

    def begin(self, alter: Alter | None = None) -> None:
        """Clear the records of the last run. ``alter`` is called with the number of each response and the response."""
        with self._lock:
            self.exchanges = []
            self._state = State({"settings": SETTINGS})
            self._alter = alter or (lambda number, reply: reply)

    def connection(self, system: str) -> dict[str, str]:
        """Return the connection options of a system at this server."""
        return {"api_url": f"{self.origin}{BASE}{PREFIXES[system]}", **CREDENTIALS[system]}

    @property
    def wrong(self) -> list[str]:
        """Return the errors in all received requests."""
        return [f"{wrong}: {exchange.head!r}" for exchange in self.exchanges for wrong in exchange.wrong]

    def _accept(self) -> None:
        while True:
            try:
                connection, _address = self._listening.accept()
            except OSError:
                return
            self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for exchange in _exchanges(connection):
                    with self._lock:
                        self.exchanges.append(exchange)
                        reply = self._respond(exchange)
                    connection.sendall(_written(reply))
        except OSError:
            pass
        finally:
            self._open.discard(connection)

    def _respond(self, exchange: Exchange) -> Response:
        lines = exchange.head.split(b"\r\n")
        found = REQUEST_LINE.fullmatch(lines[0])
        if found is None or not all(HEAD_LINE.fullmatch(line) for line in lines):
            exchange.wrong.append("not a head of HTTP")
            return Response(400)
        method, target = found[1].decode(), found[2].decode()
        headers = {
            name.strip(): value.strip() for name, _colon, value in (x.decode().partition(":") for x in lines[1:])
        }
        unexpected = sorted({name.lower() for name in headers} - HEADERS)
        if unexpected or len(headers) != len(lines) - 1:
            exchange.wrong.append(f"headers {unexpected}")
        path, _mark, query = target.partition("?")
        prefixes = {f"{BASE}{prefix}": name for name, prefix in PREFIXES.items()}
        prefix = next((prefix for prefix in prefixes if path.startswith(f"{prefix}/")), None)
        if prefix is None:
            exchange.wrong.append("not below the address")
            return Response(404)
        name = prefixes[prefix]
        entry = Entry(len(self.exchanges), name, method, path, query, {}, {}, None, 0)
        call = Call(entry, method, path[len(prefix) :], query, headers, exchange.body, self.origin, prefix)
        system = self._state.systems[name]
        try:
            operation = find_operation(system.operations, call)
        except UndocumentedRequest as refusal:
            exchange.wrong.append(refusal.message)
        else:
            given = parse_qsl(query, keep_blank_values=True, separator=operation.separator)
            unknown = sorted({key for key, _value in given} - set(operation.query))
            if unknown or any(segment in (".", "..", "") for segment in path.split("/")[1:-1]) or "#" in query:
                exchange.wrong.append(f"query {unknown}")
        return self._alter(len(self.exchanges), system.respond(call))


def _exchanges(connection: socket.socket) -> Iterator[Exchange]:
    for _number in itertools.count():
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return
            data += more
        head, _blank, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"(?im)^content-length: *([0-9]+)\r?$", head)
        desired = int(length[1]) if length else 0
        while len(body) < desired:
            body += connection.recv(65536)
        exchange = Exchange(head, body[:desired])
        if len(body) > desired:
            exchange.wrong.append("more than one request")
        yield exchange


def _written(reply: Response) -> bytes:
    status = reply.status if 200 <= reply.status <= 599 else 200
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
    headers: dict[str, Any] = {"Content-Type": reply.content_type, **reply.headers, "Content-Length": len(reply.body)}
    if status == 204:
        headers = {**reply.headers}
        return _head(status, phrase, headers)
    return _head(status, phrase, headers) + reply.body


def _head(status: int, phrase: str, headers: dict[str, Any]) -> bytes:
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n"
