# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send responses, which a fault can truncate, pad, compress, delay or make endless."""

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

from connector_simulator.exchange import Response
from connector_simulator.faults import Rule, filled

_GZIP_FROM = 500
_COMPRESSIBLE = ("application/json", "text/")
_SPACES = b" " * 2**18
_WINDOW_BITS = {"gzip": 31, "deflate": 15}
# Limits for an endless response, which could otherwise fill the client's disk if a test does not remove the fault.
ENDLESS_BYTES = 64 * 2**20
ENDLESS_SECONDS = 600.0
_UNSENT_BYTES = 2**18


def plain(request: web.BaseRequest, response: Response) -> web.Response:
    """Return a response without fault effects. Compress a long body if the client accepts gzip."""
    headers = _headers(response)
    body = response.body
    desired = "gzip" in request.headers.get("Accept-Encoding", "") and "Content-Encoding" not in headers
    if desired and len(body) >= _GZIP_FROM and response.content_type.startswith(_COMPRESSIBLE):
        body = gzip.compress(body, compresslevel=1, mtime=0)
        headers["Content-Encoding"] = "gzip"
    if response.status == 204:
        del headers["Content-Type"]
    return web.Response(status=response.status, body=body, headers=headers)


async def send_faulty(request: web.BaseRequest, response: Response, rule: Rule) -> web.StreamResponse:
    """Send a response with the effects of a fault."""
    if rule.cut == "body":
        return await _cut_body(request, response)
    if rule.raw is not None:
        return await _pieces(request, _slowly(filled(rule.raw, request.headers), rule.trickle), rule.trickle)
    if rule.encodings:
        response = await asyncio.to_thread(_packed, response, rule.size, rule.encodings)
    if rule.endless:
        limit = rule.size or ENDLESS_BYTES
        return await _pieces(request, _limited(_without_end(rule.endless, response), limit), rule.trickle)
    if rule.trickle:
        whole = _head(response, f"Content-Length: {len(response.body)}") + response.body
        return await _pieces(request, _slowly(whole, rule.trickle), rule.trickle)
    if rule.size and not rule.encodings:
        return await _padded(request, response, rule.size)
    return plain(request, response)


def reset(request: web.BaseRequest) -> web.StreamResponse:
    """Reset the TCP connection instead of closing it properly."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response(status=500)


def _headers(response: Response) -> CIMultiDict[str]:
    headers = CIMultiDict(response.headers)
    headers["Content-Type"] = response.content_type
    for cookie in response.cookies:
        headers.add("Set-Cookie", cookie)
    return headers


def _head(response: Response, framing: str) -> bytes:
    """Return the status line and the headers, including the final empty line.

    :param framing: header that defines the end of the body.
    """
    phrase = HTTPStatus(response.status).phrase if response.status in set(HTTPStatus) else "Unknown"
    lines = [f"HTTP/1.1 {response.status} {phrase}", framing, "Connection: close"]
    lines += [f"{name}: {value}" for name, value in _headers(response).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _slowly(data: bytes, seconds: float) -> Iterable[bytes]:
    return (data[n : n + 1] for n in range(len(data))) if seconds else [data]


def _without_end(kind: str, response: Response) -> Iterator[bytes]:
    """Yield the parts of an endless response."""
    head = _head(response, "Transfer-Encoding: chunked")
    body = b"%x\r\n%b\r\n" % (len(response.body), response.body) if response.body else b""
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
    """Send raw bytes and close the connection.

    :param seconds: interval between two parts.
    """
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


def _packed(response: Response, size: int, encodings: list[str]) -> Response:
    """Pad the body of a response to ``size`` bytes, and compress it with each encoding in turn."""
    first, *others = encodings
    packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOW_BITS[first])
    body = packer.compress(response.body)
    for start in range(len(response.body), size, len(_SPACES)):
        body += packer.compress(_SPACES[: size - start])
    body += packer.flush()
    for name in others:
        packer = zlib.compressobj(9, zlib.DEFLATED, _WINDOW_BITS[name])
        body = packer.compress(body) + packer.flush()
    headers = {**response.headers, "Content-Encoding": ", ".join(encodings)}
    return Response(response.status, body, response.content_type, headers, response.cookies)


async def _cut_body(request: web.BaseRequest, response: Response) -> web.StreamResponse:
    """Send the headers and half of the body, then reset the connection."""
    stream = web.StreamResponse(
        status=response.status, headers={**response.headers, "Content-Type": response.content_type}
    )
    stream.content_length = max(len(response.body), 2)
    await stream.prepare(request)
    await stream.write(response.body[: len(response.body) // 2] or b"{")
    await asyncio.sleep(0.02)
    return reset(request)


async def _padded(request: web.BaseRequest, response: Response, size: int) -> web.StreamResponse:
    """Send a response whose body is padded with spaces to ``size`` bytes."""
    stream = web.StreamResponse(
        status=response.status, headers={**response.headers, "Content-Type": response.content_type}
    )
    stream.content_length = max(size, len(response.body))
    try:
        await stream.prepare(request)
        await stream.write(response.body)
        for start in range(len(response.body), size, len(_SPACES)):
            await stream.write(_SPACES[: size - start])
    except ConnectionError:
        return reset(request)
    return stream
