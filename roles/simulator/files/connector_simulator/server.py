# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The front door: one aiohttp server on 127.0.0.1 that journals, breaks on request, and hands on to the systems."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit
from weakref import WeakKeyDictionary

from aiohttp import web

from connector_simulator import control, sending
from connector_simulator.door import HOST, Certificate, Door
from connector_simulator.exchange import Call, Reply, text_reply
from connector_simulator.faults import Rule
from connector_simulator.parent import watch
from connector_simulator.strict import SAFE_METHODS
from connector_simulator.system import System
from connector_simulator.world import PREFIXES, World, find_system

_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


class Server:
    """Serves one world behind a door. ``stopped`` is set when the control interface is asked to stop."""

    def __init__(self, seed: Mapping[str, Any], port: int, certificate: Certificate | None):
        self.stopped = asyncio.Event()
        self.door = Door(port, certificate)
        self.control = control.Control(World(seed), seed, self.stopped.set)
        self._numbers = itertools.count(1)
        self._late: set[asyncio.Task[None]] = set()
        self._connections: WeakKeyDictionary[asyncio.BaseTransport, int] = WeakKeyDictionary()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request."""
        refusal = _refuse_stranger(request)
        if refusal:
            return sending.plain(request, text_reply(refusal, 403))
        path, _mark, query = request.raw_path.partition("?")
        origin = f"{request.scheme}://{request.host}"
        if path.startswith(control.PREFIX):
            body = await request.read()
            reply = self.control.answer(request.method, path[len(control.PREFIX) :], query, body, origin)
            if not self.control.world.faults.rules:
                await self.door.mend()
            return sending.plain(request, reply)
        name = find_system(path)
        if name is None:
            prefixes = ", ".join([*PREFIXES.values(), control.PREFIX])
            return sending.plain(request, text_reply(f"Nothing is served at {path}, only below {prefixes}.", 404))
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
        rule = world.faults.due(name, request.method, f"{path}?{query}" if query else path)
        on = world.quirks.for_request(name, rule.quirks if rule else {})
        call = Call(entry, request.method, path, query, request.headers, body, origin, PREFIXES[name], quirks=on)
        system = world.systems[name]
        delay = world.settings.latency
        if rule is not None:
            entry.fault = rule.describe()
            entry.write = system.could_write(call)
            delay += rule.delay
        if delay:
            await asyncio.sleep(delay)
        if rule is None:
            reply = system.answer(call)
            entry.status = reply.status
            return sending.plain(request, reply)
        if rule.cut == "before":
            return sending.reset(request)
        reply = self._faulty(system, call, rule)
        if rule.cut == "after":
            return sending.reset(request)
        if rule.cut is None and rule.raw is None:
            entry.status = reply.status
        response = await sending.spoilt(request, reply, rule)
        if rule.follows:
            response.force_close()
            await self.door.spoil(rule)
        return response

    def _faulty(self, system: System, call: Call, rule: Rule) -> Reply:
        """The response of the service, or the one that a fault puts in its place."""
        reply = Reply()
        if rule.late:
            task = asyncio.create_task(_handle_late(system, call, rule.late))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        elif rule.applied or not rule.answers:
            reply = system.answer(call)
        if isinstance(rule.body, str):
            reply = text_reply(rule.body, rule.status or 200)
        elif rule.answers:
            content = b"" if rule.body is None else json.dumps(rule.body).encode()
            reply = Reply(rule.status or 200, content)
        for name, value in rule.headers.items():
            if name.lower() == "content-type":
                reply.content_type = value
            else:
                reply.headers[name] = value
        return reply

    def _connection(self, request: web.BaseRequest) -> int:
        transport = request.transport
        if transport is None:
            return 0
        number = self._connections.get(transport)
        if number is None:
            number = self._connections[transport] = next(self._numbers)
        return number


async def _handle_late(system: System, call: Call, seconds: float) -> None:
    await asyncio.sleep(seconds)
    system.answer(call)


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


def _unlimited(message: Any, payload: Any, protocol: Any, writer: Any, task: asyncio.Task[None]) -> web.BaseRequest:
    """A request whose body can be of any size; by default aiohttp refuses more than 1 MiB."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=0)


async def serve(
    port: int, seed: Mapping[str, Any], certificate: Certificate | None = None, parent: int | None = None
) -> None:
    """Serve until SIGTERM or SIGINT, a request to stop, or the end of the process ``parent``.

    Prints "listening on URL" as its first line, then the address of each system. Raises OSError if the port is not
    available.
    """
    server = Server(seed, port, certificate)
    web_server = web.Server(server.handle, request_factory=_unlimited, access_log=None)
    runner = web.ServerRunner(web_server, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await server.door.open(runner)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stopped.set)
        if parent is not None:
            watch(parent, server.stopped.set)
        origin = f"{server.door.scheme}://{HOST}:{server.door.port}"
        addresses = [f"{name}: {origin}{prefix}" for name, prefix in PREFIXES.items()]
        print("\n".join([f"listening on {origin}", *addresses]), flush=True)
        await server.stopped.wait()
        await asyncio.sleep(0.05)
    finally:
        await runner.cleanup()
