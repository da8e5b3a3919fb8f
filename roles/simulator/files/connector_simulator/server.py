# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front door: one aiohttp server on 127.0.0.1 that journals, breaks on request, and hands on to the systems."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import signal
import socket
import struct
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

from aiohttp import web
from multidict import CIMultiDict

from connector_simulator import control
from connector_simulator.door import HOST, Certificate, Door
from connector_simulator.exchange import Call, Reply, text_reply
from connector_simulator.faults import Rule
from connector_simulator.strict import SAFE_METHODS
from connector_simulator.system import System
from connector_simulator.world import PREFIXES, World, find_system

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_GZIP_FROM = 500
_COMPRESSIBLE = ("application/json", "text/")
_SPACES = b" " * 2**18


class Server:
    """Serves one world behind a door. ``stopped`` is set when the control interface is asked to stop."""

    def __init__(self, seed: Mapping[str, Any], port: int, certificate: Certificate | None):
        self.stopped = asyncio.Event()
        self.door = Door(port, certificate)
        self.control = control.Control(World(seed), seed, self.stopped.set)
        self._numbers = itertools.count(1)
        self._connections: WeakKeyDictionary[asyncio.BaseTransport, int] = WeakKeyDictionary()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request."""
        refusal = _refuse_stranger(request)
        if refusal:
            return _response(request, text_reply(refusal, 403))
        path, _mark, query = request.raw_path.partition("?")
        origin = f"{request.scheme}://{request.host}"
        if path.startswith(control.PREFIX):
            body = await request.read()
            reply = self.control.answer(request.method, path[len(control.PREFIX) :], query, body, origin)
            if not self.control.world.faults.rules:
                await self.door.mend()
            return _response(request, reply)
        name = find_system(path)
        if name is None:
            prefixes = ", ".join([*PREFIXES.values(), control.PREFIX])
            return _response(request, text_reply(f"Nothing is served at {path}, only below {prefixes}.", 404))
        return await self._serve(request, name, path[len(PREFIXES[name]) :], query, origin)

    async def _serve(
        self, request: web.BaseRequest, name: str, path: str, query: str, origin: str
    ) -> web.StreamResponse:
        world = self.control.world
        body = await request.read()
        entry = world.journal.record(
            system=name,
            method=request.method,
            path=path,
            query=query,
            params=parse_qs(query, keep_blank_values=True, separator=world.systems[name].separator(query)),
            headers=_shown_headers(request),
            body=_shown_body(body),
            connection=self._connection(request),
            write=request.method not in SAFE_METHODS,
        )
        call = Call(entry, request.method, path, query, request.headers, body, origin, PREFIXES[name])
        system = world.systems[name]
        rule = world.faults.due(name, request.method, f"{path}?{query}" if query else path)
        delay = world.settings.latency
        if rule is not None:
            entry.fault = rule.describe()
            entry.write = system.could_write(call)
            delay += rule.delay
        if delay:
            await asyncio.sleep(delay)
        if rule is not None and rule.cut == "before":
            return _reset(request)
        reply = _answer(system, call, rule)
        if rule is not None and rule.cut == "after":
            return _reset(request)
        if rule is not None and rule.cut == "body":
            return await _cut_body(request, reply)
        entry.status = reply.status
        if rule is not None and rule.size:
            return await _padded(request, reply, rule.size)
        response = _response(request, reply)
        if rule is not None and rule.follows:
            response.force_close()
            await self.door.spoil(rule)
        return response

    def _connection(self, request: web.BaseRequest) -> int:
        transport = request.transport
        if transport is None:
            return 0
        number = self._connections.get(transport)
        if number is None:
            number = self._connections[transport] = next(self._numbers)
        return number


def _answer(system: System, call: Call, rule: Rule | None) -> Reply:
    if rule is None:
        return system.answer(call)
    if rule.applied or not rule.answers:
        reply = system.answer(call)
    if not rule.answers:
        pass
    elif isinstance(rule.body, str):
        reply = text_reply(rule.body, rule.status or 200)
    else:
        content = b"" if rule.body is None else json.dumps(rule.body).encode()
        reply = Reply(rule.status or 200, content)
    for name, value in rule.headers.items():
        if name.lower() == "content-type":
            reply.content_type = value
        else:
            reply.headers[name] = value
    return reply


def _refuse_stranger(request: web.BaseRequest) -> str:
    """Why a request is not from this machine's own programs; empty if it is."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not peer or not str(peer[0]).startswith("127."):
        return "The simulator answers to its own machine only."
    if not _is_local(request.headers.get("Host", "")):
        return "The simulator answers to the host names localhost and 127.0.0.1 only."
    origin = request.headers.get("Origin")
    if origin is not None and not _is_local(urlsplit(origin).netloc):
        return "The simulator answers to no web page of another host."
    return ""


def _is_local(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOCAL_NAMES
    except ValueError:
        return False


def _shown_headers(request: web.BaseRequest) -> dict[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if "authorization" in headers:
        headers["authorization"] = headers["authorization"].split(" ", 1)[0]
    return headers


def _shown_body(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _response(request: web.BaseRequest, reply: Reply) -> web.Response:
    headers = CIMultiDict(reply.headers)
    headers["Content-Type"] = reply.content_type
    for cookie in reply.cookies:
        headers.add("Set-Cookie", cookie)
    body = reply.body
    wanted = "gzip" in request.headers.get("Accept-Encoding", "")
    if wanted and len(body) >= _GZIP_FROM and reply.content_type.startswith(_COMPRESSIBLE):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if reply.status == 204:
        del headers["Content-Type"]
    return web.Response(status=reply.status, body=body, headers=headers)


async def _cut_body(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Announce the whole answer, send half of it, then reset the connection."""
    response = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Type": reply.content_type})
    response.content_length = max(len(reply.body), 2)
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2] or b"{")
    await asyncio.sleep(0.02)
    return _reset(request)


async def _padded(request: web.BaseRequest, reply: Reply, size: int) -> web.StreamResponse:
    """Send an answer with spaces behind it, as far as the client takes them."""
    response = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Type": reply.content_type})
    response.content_length = max(size, len(reply.body))
    try:
        await response.prepare(request)
        await response.write(reply.body)
        for start in range(len(reply.body), size, len(_SPACES)):
            await response.write(_SPACES[: size - start])
    except ConnectionError:
        return _reset(request)
    return response


def _reset(request: web.BaseRequest) -> web.StreamResponse:
    """Reset the connection: the client sees neither an answer nor an orderly end."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)


async def serve(port: int, seed: Mapping[str, Any], certificate: Certificate | None = None) -> None:
    """Serve until the process is told to end (SIGTERM, SIGINT) or the control interface says so.

    Prints "listening on URL" as its first line. Raises OSError if the port cannot be had.
    """
    server = Server(seed, port, certificate)
    runner = web.ServerRunner(web.Server(server.handle, access_log=None), handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await server.door.open(runner)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stopped.set)
        print(f"listening on {server.door.scheme}://{HOST}:{server.door.port}", flush=True)
        await server.stopped.wait()
        await asyncio.sleep(0.05)
    finally:
        await runner.cleanup()
