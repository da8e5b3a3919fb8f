# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the web server, which records requests, applies faults and calls the simulated systems."""

from __future__ import annotations

import asyncio
import itertools
import json
import signal
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit
from weakref import WeakKeyDictionary

from aiohttp import web

from connector_simulator import control, sending
from connector_simulator.exchange import Call, Response, text_response
from connector_simulator.faults import Rule
from connector_simulator.journal import Entry
from connector_simulator.listener import HOST, Certificate, Listener
from connector_simulator.parent import call_when_ended
from connector_simulator.state import PREFIXES, State, find_system
from connector_simulator.strict import FORM, SAFE_METHODS
from connector_simulator.system import System

_SECRET_FIELDS = ("client_secret", "refresh_token", "password", "code")
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


class Server:
    """A running simulator with its listening port. A stop request sets the event ``stopped``."""

    def __init__(self, seed: Mapping[str, Any], port: int, certificate: Certificate | None):
        self.stopped = asyncio.Event()
        self.listener = Listener(port, certificate)
        self.control = control.Control(State(seed), seed, self.stopped.set)
        self._numbers = itertools.count(1)
        self._late: set[asyncio.Task[None]] = set()
        self._connections: WeakKeyDictionary[asyncio.BaseTransport, int] = WeakKeyDictionary()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Return the response to a request."""
        rejection = _reject_remote_client(request)
        if rejection:
            return sending.plain(request, text_response(rejection, 403))
        path, _mark, query = request.raw_path.partition("?")
        if path.startswith(control.PREFIX):
            return await self._control(request, path, query)
        name = find_system(path)
        if name is None:
            prefixes = ", ".join([*PREFIXES.values(), control.PREFIX])
            message = f"The simulator has no path {path}. Use a path below {prefixes}."
            return sending.plain(request, text_response(message, 404))
        return await self._serve(request, name, path[len(PREFIXES[name]) :], query)

    async def _control(self, request: web.BaseRequest, path: str, query: str) -> web.StreamResponse:
        body = await request.read()
        response = self.control.respond(request.method, path[len(control.PREFIX) :], query, body, _origin(request))
        if not self.control.state.faults.rules:
            await self.listener.restore()
        return sending.plain(request, response)

    async def _serve(self, request: web.BaseRequest, name: str, path: str, query: str) -> web.StreamResponse:
        state = self.control.state
        system = state.systems[name]
        body = await request.read()
        entry = self._record(request, name, path, query, body)
        rule = state.faults.due(name, request.method, f"{path}?{query}" if query else path)
        switched_on = state.quirks.for_request(name, rule.quirks if rule else {})
        call = Call(
            entry, request.method, path, query, request.headers, body, _origin(request), PREFIXES[name],
            quirks=switched_on,
        )  # fmt: skip
        delay = state.settings.latency
        if rule is not None:
            entry.fault = rule.describe()
            entry.write = system.could_write(call)
            delay += rule.delay
        if delay:
            await asyncio.sleep(delay)
        if rule is not None:
            return await self._serve_with_fault(request, system, call, rule)
        response = system.respond(call)
        entry.status = response.status
        return sending.plain(request, response)

    def _record(self, request: web.BaseRequest, name: str, path: str, query: str, body: bytes) -> Entry:
        system = self.control.state.systems[name]
        return self.control.state.journal.record(
            system=name,
            method=request.method,
            path=path,
            query=query,
            params=parse_qs(query, keep_blank_values=True, separator=system.separator(query)),
            headers=_recorded_headers(request),
            body=_recorded_body(body, request.headers.get("Content-Type", "")),
            connection=self._connection(request),
            write=request.method not in SAFE_METHODS,
        )

    async def _serve_with_fault(
        self, request: web.BaseRequest, system: System, call: Call, rule: Rule
    ) -> web.StreamResponse:
        if rule.cut == "before":
            return sending.reset(request)
        response = self._faulty_response(system, call, rule)
        if rule.cut == "after":
            return sending.reset(request)
        if rule.cut is None and rule.raw is None:
            call.entry.status = response.status
        stream = await sending.send_faulty(request, response, rule)
        if rule.follows:
            stream.force_close()
            await self.listener.apply_fault(rule)
        return stream

    def _faulty_response(self, system: System, call: Call, rule: Rule) -> Response:
        """Return the response after applying a fault, which may replace the response of the service."""
        response = Response()
        if rule.late:
            task = asyncio.create_task(_handle_late(system, call, rule.late))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
        elif rule.applied or not rule.replaces:
            response = system.respond(call)
        if rule.replaces:
            response = _replaced_response(rule)
        for name, value in rule.headers.items():
            if name.lower() == "content-type":
                response.content_type = value
            else:
                response.headers[name] = value
        return response

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
    system.respond(call)


def _replaced_response(rule: Rule) -> Response:
    status = rule.status or 200
    if rule.body is None:
        return Response(status)
    if isinstance(rule.body, str):
        return text_response(rule.body, status)
    return Response(status, json.dumps(rule.body).encode())


def _origin(request: web.BaseRequest) -> str:
    return f"{request.scheme}://{request.host}"


def _reject_remote_client(request: web.BaseRequest) -> str:
    """Return an error message for a request that is not from this machine, or an empty string for a local request."""
    peer = request.transport.get_extra_info("peername") if request.transport else None
    if not peer or not str(peer[0]).startswith("127."):
        return "The simulator accepts requests from this machine only."
    if not _is_local(request.headers.get("Host", "")):
        return "The simulator accepts the host names localhost and 127.0.0.1 only."
    origin = request.headers.get("Origin")
    if origin is not None and not _is_local(urlsplit(origin).netloc):
        return "The simulator does not accept requests from web pages of other hosts."
    return ""


def _is_local(host: str) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in _LOCAL_NAMES
    except ValueError:
        return False


def _recorded_headers(request: web.BaseRequest) -> dict[str, str]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    if "authorization" in headers:
        headers["authorization"] = headers["authorization"].split(" ", 1)[0]
    return headers


def _recorded_body(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    if content_type.startswith(FORM):
        fields = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        return {name: "hidden" if name in _SECRET_FIELDS else value for name, value in fields.items()}
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _unlimited(message: Any, payload: Any, protocol: Any, writer: Any, task: asyncio.Task[None]) -> web.BaseRequest:
    """Return a request without a body size limit, because aiohttp rejects bodies over 1 MiB by default."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=0)


async def serve(
    port: int, seed: Mapping[str, Any], certificate: Certificate | None = None, parent: int | None = None
) -> None:
    """Serve requests until SIGTERM, SIGINT or a stop request is received, or the process ``parent`` ends.

    The first line of the output is "listening on URL". The address of each system follows.

    :raises OSError: the port is not available.
    """
    server = Server(seed, port, certificate)
    web_server = web.Server(server.handle, request_factory=_unlimited, access_log=None)
    runner = web.ServerRunner(web_server, handle_signals=False, shutdown_timeout=1)
    await runner.setup()
    try:
        await server.listener.open(runner)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, server.stopped.set)
        if parent is not None:
            call_when_ended(parent, server.stopped.set)
        origin = f"{server.listener.scheme}://{HOST}:{server.listener.port}"
        addresses = [f"{name}: {origin}{prefix}" for name, prefix in PREFIXES.items()]
        print("\n".join([f"listening on {origin}", *addresses]), flush=True)
        await server.stopped.wait()
        await asyncio.sleep(0.05)
    finally:
        await runner.cleanup()
