# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Read a response body and decompress it in chunks, up to a maximum size.

urllib3 does not limit the decompressed size. gzip can expand data by a factor of about 1,000, and each additional
encoding of the body multiplies this factor.
"""

from __future__ import annotations

import re
import typing as t
import zlib

from ._plan import shown

CHUNK_BYTES = 256 * 1024
MAX_MEMBERS = 64
GZIP = zlib.MAX_WBITS | 16
GZIP_MAGIC = b"\x1f\x8b"
WITHOUT_BODY = frozenset({204, 304})

# Matches a Content-Length value. Servers may send the same value several times, separated by commas.
_SIZES = re.compile(r"\s*([0-9]{1,18})\s*(?:,\s*\1\s*)*")


class Unreadable(Exception):
    """The client rejects the response body. The message is a noun phrase that completes "The server returned ..."."""


class Incomplete(Exception):
    """The response body is incomplete or corrupt."""


class _Plain:
    """Decoder for a body that is not compressed."""

    def pieces(self, data: bytes) -> t.Iterator[bytes]:
        yield data

    def finish(self) -> None: ...


class _Inflated:
    """Decoder for a body that is compressed with gzip or deflate."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._started = False
        self._members = 1
        self._ended = False

    def pieces(self, data: bytes) -> t.Iterator[bytes]:
        """Decompress the next part of the body, and yield chunks of limited size.

        :raises Incomplete: the data is damaged.
        """
        while data and not self._ended:
            piece = self._decompress(data)
            yield piece
            data = self._inflate.unconsumed_tail
            while not data and len(piece) == CHUNK_BYTES:  # zlib may have buffered more output
                piece = self._inflate.decompress(b"", CHUNK_BYTES)
                yield piece
            if self._inflate.eof:
                data = self._inflate.unused_data
                self._begin_next_member(data)

    def _decompress(self, data: bytes) -> bytes:
        try:
            piece = self._inflate.decompress(data, CHUNK_BYTES)
        except zlib.error as error:
            if self._started or self._window != zlib.MAX_WBITS:
                raise Incomplete(f"the compressed data is damaged: {error}") from None
            # Some servers send raw deflate data without the zlib header.
            self._window = -zlib.MAX_WBITS
            self._inflate = zlib.decompressobj(self._window)
            return self._decompress(data)
        self._started = True
        return piece

    def _begin_next_member(self, data: bytes) -> None:
        if not data:
            return
        if self._window != GZIP or not GZIP_MAGIC.startswith(data[:2]):
            self._ended = True  # the remaining data is padding
            return
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise Incomplete(f"the compressed data contains more than {MAX_MEMBERS} parts")
        self._inflate = zlib.decompressobj(self._window)

    def finish(self) -> None:
        """Check that the compressed data is not truncated.

        :raises Incomplete: the end is missing.
        """
        if self._started and not self._inflate.eof:
            raise Incomplete("the end of the compressed data is missing")


def _decoder(headers: t.Mapping[str, str]) -> _Plain | _Inflated:
    header = headers.get("Content-Encoding", "")
    encodings = [name for name in header.lower().replace(" ", "").split(",") if name not in ("", "identity")]
    if not encodings:
        return _Plain()
    if encodings in (["gzip"], ["x-gzip"]):
        return _Inflated(GZIP)
    if encodings == ["deflate"]:
        return _Inflated(zlib.MAX_WBITS)
    raise Unreadable(f"a body with the encoding '{shown(header)}', which the module did not request")


def _announced(status: int, headers: t.Mapping[str, str]) -> int:
    """Return the size in the ``Content-Length`` header, or 0 if this header is missing.

    :raises Incomplete: the end of the body is unknown, because the header is not a number or contains conflicting
        sizes.
    """
    header = headers.get("Content-Length")
    if header is None or status in WITHOUT_BODY:
        return 0
    size = _SIZES.fullmatch(header)
    if not size:
        raise Incomplete(f"its Content-Length header '{shown(header)}' is not valid")
    return int(size[1])


def read(raw: t.Any, limit: int) -> bytes:
    """Return the complete body of a urllib3 response.

    :param limit: the maximum number of bytes after decompression.
    :raises Unreadable: the body is too large, or has an encoding that was not requested.
    :raises Incomplete: part of the body is missing or damaged.
    """
    announced = _announced(raw.status, raw.headers)
    decoder = _decoder(raw.headers)
    body = bytearray()
    size = 0
    for data in raw.stream(CHUNK_BYTES, decode_content=False):
        size += len(data)
        for piece in decoder.pieces(data):
            body += piece
            if len(body) > limit:
                raise Unreadable(f"more than {limit // 1024 // 1024} MiB")
    if size < announced:
        raise Incomplete(f"received {size} of {announced} bytes")
    decoder.finish()
    return bytes(body)


def read_start(raw: t.Any, limit: int) -> bytes:
    """Return the beginning of the body of an error response. If reading fails, return the part that was read."""
    body = bytearray()
    try:
        decoder = _decoder(raw.headers)
        for data in raw.stream(CHUNK_BYTES, decode_content=False):
            for piece in decoder.pieces(data):
                body += piece
                if len(body) > limit:
                    return bytes(body[:limit])
    except Exception:  # the status is known, so the error can be reported without the rest of the body
        pass
    return bytes(body)
