# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a response goes over the wire: as it should, or cut, padded, compressed, byte by byte or without an end."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import socket
import struct
import time
import zlib
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from aiohttp import web
from multidict import CIMultiDict

from connector_simulator.exchange import Reply
from connector_simulator.faults import Rule, filled

_GZIP_FROM = 500
_COMPRESSIBLE = ("application/json", "text/")
_SPACES = b" " * 2**18
_WINDOW_BITS = {"gzip": 31, "deflate": 15}
# What has no end ends here all the same, so that a forgotten fault does not fill a disk or run for days.
ENDLESS_BYTES = 64 * 2**20
ENDLESS_SECONDS = 600.0
_UNSENT_BYTES = 2**18


def plain(request: web.BaseRequest, reply: Reply) -> web.Response:
    """Return the response as it should be, compressed if the client takes that."""
    headers = _headers(reply)
    body = reply.body
    wanted = "gzip" in request.headers.get("Accept-Encoding", "") and "Content-Encoding" not in headers
    if wanted and len(body) >= _GZIP_FROM and reply.content_type.startswith(_COMPRESSIBLE):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if reply.status == 204:
        del headers["Content-Type"]
    return web.Response(status=reply.status, body=body, headers=headers)


async def spoilt(request: web.BaseRequest, reply: Reply, rule: Rule) -> web.StreamResponse:
    """Send a response as a fault wants it."""
    if rule.cut == "body":
        return await _cut_body(request, reply)
    if rule.raw is not None:
        return await _pieces(request, _slowly(filled(rule.raw, request.headers), rule.trickle), rule.trickle)
    if rule.encodings:
        reply = await asyncio.to_thread(_packed, reply, rule.size, rule.encodings)
    if rule.endless:
        limit = rule.size or ENDLESS_BYTES
        return await _pieces(request, _limited(_without_end(rule.endless, reply), limit), rule.trickle)
    if rule.trickle:
        whole = _head(reply, f"Content-Length: {len(reply.body)}") + reply.body
        return await _pieces(request, _slowly(whole, rule.trickle), rule.trickle)
    if rule.size and not rule.encodings:
        return await _padded(request, reply, rule.size)
    return plain(request, reply)


def reset(request: web.BaseRequest) -> web.StreamResponse:
    """Reset the connection: the client sees neither a response nor an orderly end."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)


def _headers(reply: Reply) -> CIMultiDict[str]:
    headers = CIMultiDict(reply.headers)
    headers["Content-Type"] = reply.content_type
    for cookie in reply.cookies:
        headers.add("Set-Cookie", cookie)
    return headers


def _head(reply: Reply, framing: str) -> bytes:
    """The status line and the headers, up to the empty line. ``framing`` is the header that says how the body ends."""
    phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Unknown"
    lines = [f"HTTP/1.1 {reply.status} {phrase}", framing, "Connection: close"]
    lines += [f"{name}: {value}" for name, value in _headers(reply).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _slowly(data: bytes, seconds: float) -> Iterable[bytes]:
    return (data[n : n + 1] for n in range(len(data))) if seconds else [data]


def _without_end(kind: str, reply: Reply) -> Iterator[bytes]:
    """The pieces of a response of which one part does not end."""
    head = _head(reply, "Transfer-Encoding: chunked")
    body = b"%x\r\n%b\r\n" % (len(reply.body), reply.body) if reply.body else b""
    fillers = (b"X-Filler-%d: %b\r\n" % (number, b"x" * 100) for number in itertools.count())
    if kind == "continue":
        yield from itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")
    elif kind == "headers":
        yield head[:-2]
        yield from fillers
    elif kind == "chunks":
        yield head + body
        yield from itertools.repeat(b"400\r\n" + b" " * 1024 + b"\r\n")
    elif kind == "line":
        yield head + body + b"1;"
        yield from itertools.repeat(b"x" * 1024)
    else:
        yield head + body + b"0\r\n"
        yield from fillers


def _limited(pieces: Iterable[bytes], limit: int) -> Iterator[bytes]:
    for piece in pieces:
        if limit <= 0:
            return
        yield piece[:limit]
        limit -= len(piece)


async def _pieces(request: web.BaseRequest, pieces: Iterable[bytes], seconds: float) -> web.StreamResponse:
    """Send bytes as they are, some seconds apart, as long as the client takes them; then close the connection."""
    transport = request.transport
    until = time.monotonic() + ENDLESS_SECONDS
    for piece in pieces:
        if transport is None or transport.is_closing() or time.monotonic() > until:
            break
        transport.write(piece)
        if seconds:
            await asyncio.sleep(seconds)
        while transport.get_write_buffer_size() > _UNSENT_BYTES and not transport.is_closing():
            await asyncio.sleep(0.005)
    if transport is not None:
        transport.close()
    return web.Response(status=500)


def _packed(reply: Reply, size: int, encodings: list[str]) -> Reply:
    """Return a response with a body of ``size`` bytes, compressed with each encoding in turn."""
    first, *others = encodings
    packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOW_BITS[first])
    body = packer.compress(reply.body)
    for start in range(len(reply.body), size, len(_SPACES)):
        body += packer.compress(_SPACES[: size - start])
    body += packer.flush()
    for name in others:
        packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOW_BITS[name])
        body = packer.compress(body) + packer.flush()
    headers = {**reply.headers, "Content-Encoding": ", ".join(encodings)}
    return Reply(reply.status, body, reply.content_type, headers, reply.cookies)


async def _cut_body(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Announce the whole response, send half of it, then reset the connection."""
    response = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Type": reply.content_type})
    response.content_length = max(len(reply.body), 2)
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2] or b"{")
    await asyncio.sleep(0.02)
    return reset(request)


async def _padded(request: web.BaseRequest, reply: Reply, size: int) -> web.StreamResponse:
    """Send a response with spaces behind it, as far as the client takes them."""
    response = web.StreamResponse(status=reply.status, headers={**reply.headers, "Content-Type": reply.content_type})
    response.content_length = max(size, len(reply.body))
    try:
        await response.prepare(request)
        await response.write(reply.body)
        for start in range(len(reply.body), size, len(_SPACES)):
            await response.write(_SPACES[: size - start])
    except ConnectionError:
        return reset(request)
    return response
