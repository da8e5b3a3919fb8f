# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A response that is endless, too large or not HTTP only affects its own request."""

from __future__ import annotations

import functools
import gzip
import itertools
import json
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from support.deadline import HANGS
from support.modules import COLLECTIONS
from support.scripted import http_at

from ansible_collections.hybrid.connectors.plugins.module_utils import _client
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    InvalidResponse,
    OutcomeUnknown,
    RequestFailed,
)
from hostile.attack import Attack, Serve, connection
from hostile.server import HostileServer, Request, Sent, reply

# Timeouts of a request, one after the other. On a busy machine, the server can pause for longer than a short timeout.
TIMEOUTS = (0.6, 3.0, 15.0, 60.0)
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
GZIP = "Content-Encoding: gzip"
METHODS = pytest.mark.parametrize("method", ["GET", "POST"])


def failed(method: str, url: str, timeout: float = 30, **options: Any) -> RequestFailed:
    """Return the error of a request. The request must end."""
    errors: list[BaseException] = []

    def send() -> None:
        try:
            http_at(url, timeout=timeout, **options).request(method, "/a").json()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    thread.join(2 * HANGS)
    assert not thread.is_alive(), "The request goes on for ever."
    assert len(errors) == 1, "The response was accepted."
    assert isinstance(errors[0], RequestFailed), repr(errors[0])
    if method == "POST":
        assert type(errors[0]) is OutcomeUnknown
        assert errors[0].reason == "outcome_unknown"
    return errors[0]


def trickle(*pieces: bytes, pause: float = 0.05, sent: Callable[[float], None] = lambda at: None) -> Iterator[bytes]:
    """Send the parts with pauses, and repeat the last part. ``sent`` receives the time of each part."""
    for piece in itertools.chain(pieces, itertools.repeat(pieces[-1])):
        sent(time.monotonic())
        yield piece
        time.sleep(pause)


def ended(serve: Serve, method: str, *pieces: bytes) -> tuple[RequestFailed, HostileServer]:
    """Return the error of a request whose response trickles, and the server.

    If the server paused for too long, which is a different error, the request is sent to another server with a longer
    timeout.
    """
    for timeout in TIMEOUTS:
        times = [time.monotonic()]
        server = serve(functools.partial(_respond, pieces, times))
        error = failed(method, server.url, timeout=timeout, retry_budget=100)
        if kept_up(times, timeout):
            break
    return error, server


def kept_up(times: list[float], timeout: float) -> bool:
    """Return whether the server has never paused for nearly as long as the timeout, up to now."""
    return max(later - earlier for earlier, later in itertools.pairwise([*times, time.monotonic()])) < timeout / 2


def _respond(pieces: tuple[bytes, ...], times: list[float], request: Request) -> Sent:
    return trickle(*pieces, sent=times.append)


TRICKLES: dict[str, tuple[bytes, ...]] = {
    "head": (b"HTTP/1.1 200 OK\r\nX: ", b"a"),
    "status line": (b"H", b"T"),
    "100 Continue": (b"HTTP/1.1 100 Continue\r\n\r\n",),
    "body": (HEAD + b"Content-Length: 100000\r\n\r\n", b"a"),
    "body without length": (HEAD + b"\r\n", b"a"),
    "chunks": (CHUNKED, b"1\r\na\r\n"),
    "chunk line": (CHUNKED + b"1;", b"a"),
    "trailer": (CHUNKED + b"0\r\n", b"a"),
    "compressed body": (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"a")[:10], b"\0"),
}


@METHODS
@pytest.mark.parametrize("pieces", TRICKLES.values(), ids=TRICKLES)
def test_a_response_that_trickles_ends_at_the_deadline(serve: Serve, method: str, pieces: tuple[bytes, ...]) -> None:
    error, server = ended(serve, method, *pieces)
    assert error.reason == ("outcome_unknown" if method == "POST" else "timeout")
    assert len(server.requests) == 1
    if isinstance(error, OutcomeUnknown):
        assert error.may_come is True


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503])
def test_an_error_counts_although_its_body_trickles(serve: Serve, status: int) -> None:
    head = f"HTTP/1.1 {status} No\r\nContent-Length: 100000\r\n\r\n".encode()
    error, server = ended(serve, "PUT", head, b"a")
    assert error.failure.status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("how", ["tls", "tunnel"])
def test_a_connection_that_trickles_ends_at_the_deadline(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits also apply to TLS handshakes and to proxy tunnels, which are not part of a response."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            accepted, _address = listening.accept()
            with accepted:
                # A TLS record of 16 KiB, or the response to CONNECT.
                pieces = (b"\x16\x03\x03\x40\x00", b"\x02") if how == "tls" else (b"HTTP/1.1 200 OK\r\nX: ", b"a")
                try:
                    for piece in trickle(*pieces):
                        accepted.sendall(piece)
                except OSError:
                    pass

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        monkeypatch.setenv("https_proxy", f"http://{address}")
        url = f"https://{address}" if how == "tls" else "https://api.example"
        error = failed("GET", url, timeout=0.2, use_proxy=how == "tunnel")
        thread.join()
    assert error.reason in ("timeout", "tls")


def endless(*pieces: bytes) -> Iterable[bytes]:
    """Send the parts, and repeat the last part forever."""
    return itertools.chain(pieces[:-1], itertools.repeat(pieces[-1] * (65536 // len(pieces[-1]) or 1)))


FLOODS: dict[str, tuple[bytes, ...]] = {
    "100 Continue": (b"HTTP/1.1 100 Continue\r\n\r\n",),
    "100 Continue with headers": (b"HTTP/1.1 100 Continue\r\nX: a\r\n\r\n",),
    "header lines": (HEAD, b"X: a\r\n"),
    "long header lines": (HEAD, b"X: " + b"a" * 60000 + b"\r\n"),
    "a header line": (HEAD, b"a"),
    "a status line": (b"a",),
    "a chunk line": (CHUNKED + b"1;", b"a"),
    "a chunk size": (CHUNKED, b"0"),
    "chunk extensions": (CHUNKED, b"1;" + b"a" * 2000 + b"\r\nb\r\n"),
    "trailer lines": (CHUNKED + b"0\r\n", b"X: a\r\n"),
    "a trailer line": (CHUNKED + b"0\r\n", b"a"),
    "a body": (HEAD + b"\r\n", b"a"),
    "an announced body": (HEAD + b"Content-Length: 999999999999\r\n\r\n", b"a"),
    "chunks": (CHUNKED, b"ffff\r\n" + b"a" * 65535 + b"\r\n"),
    "empty members of gzip": (HEAD + b"Content-Encoding: gzip\r\n\r\n", gzip.compress(b"")),
    "zeros of gzip": (HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10], bytes(9)),
}


@METHODS
@pytest.mark.parametrize("pieces", FLOODS.values(), ids=FLOODS)
def test_an_endless_response_ends_at_the_size_limit(
    serve: Serve, method: str, pieces: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_client, "MAX_JSON_BYTES", 1024 * 1024)
    server = serve(lambda request: endless(*pieces))
    error = failed(method, server.url)
    assert error.reason == ("outcome_unknown" if method == "POST" else error.reason)
    assert error.reason not in ("timeout", "refused")


MALFORMED: dict[str, bytes] = {
    "not HTTP": b"Welcome to SMTP\r\n\r\n",
    "nothing": b"\r\n\r\n",
    "binary": bytes(range(256)) * 4,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "another version": b"HTTP/9.9 200 OK\r\n\r\n",
    "a status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of other digits": b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n",
    "a negative status": b"HTTP/1.1 -200 OK\r\n\r\n",
    "a large status": b"HTTP/1.1 2000 OK\r\n\r\n",
    "no status": b"HTTP/1.1\r\n\r\n",
    "a size of other digits": HEAD + b"Content-Length: \xb2\r\n\r\n{}",
    "a negative size": HEAD + b"Content-Length: -5\r\n\r\n{}",
    "a size with a sign": HEAD + b"Content-Length: +2\r\n\r\n{}",
    "a size with an underline": HEAD + b"Content-Length: 0_2\r\n\r\n{}",
    "a hexadecimal size": HEAD + b"Content-Length: 0x2\r\n\r\n{}",
    "an empty size": HEAD + b"Content-Length:\r\n\r\n{}",
    "an enormous size": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
    "two sizes": HEAD + b"Content-Length: 5, 7\r\n\r\n{}",
    "two lines of sizes": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
    "a size that is too large": HEAD + b"Content-Length: 5\r\n\r\n{}",
    "a chunk of a negative size": CHUNKED + b"-5\r\n{}\r\n0\r\n\r\n",
    "a chunk of size -1": CHUNKED + b"-1\r\n{}\r\n0\r\n\r\n",
    "a chunk without size": CHUNKED + b"\r\n{}\r\n0\r\n\r\n",
    "a chunk of letters": CHUNKED + b"xyz\r\n{}\r\n0\r\n\r\n",
    "a chunk that is too large": CHUNKED + b"ffffffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "chunks without an end": CHUNKED + b"2\r\n{}\r\n",
    "a compression bomb": reply(200, gzip.compress(bytes(200 * 1024 * 1024), 1), GZIP),
    "compressed twice": reply(200, gzip.compress(gzip.compress(b"{}")), "Content-Encoding: gzip, gzip"),
    "compressed in two headers": reply(200, gzip.compress(gzip.compress(b"{}")), GZIP, GZIP),
    "another compression": reply(200, b"{}", "Content-Encoding: br"),
    "an unknown compression": reply(200, b"{}", "Content-Encoding: \xb2"),
    "not compressed": reply(200, b"{}", GZIP),
    "half compressed": reply(200, gzip.compress(b"{}")[:-4], GZIP),
    "half a second part": reply(200, gzip.compress(b"{") + gzip.compress(b"}")[:9], GZIP),
    "half deflated": reply(200, zlib.compress(b"{}")[:-2], "Content-Encoding: deflate"),
    "not deflated": reply(200, b"{}{}", "Content-Encoding: deflate"),
    "early hints": b"HTTP/1.1 103 Early\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n",
    "see other": b"HTTP/1.1 303 See\r\nLocation: //[\r\nContent-Length: 0\r\n\r\n",
    "not modified": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "an unknown status": b"HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n",
}


@METHODS
@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_response_is_a_failure_of_its_request(serve: Serve, method: str, data: bytes) -> None:
    server = serve(lambda request: _then_closed(data))
    error = failed(method, server.url)
    assert error.failure.method == method
    assert len(server.requests) == 1
    assert error.reason in ("outcome_unknown", "unreachable", "invalid_response", "wrong_address", "unavailable")


def _then_closed(data: bytes) -> Iterator[bytes]:
    yield data
    raise ConnectionError  # the server closes the connection


ACCEPTED: dict[str, bytes] = {
    "chunks with extensions": CHUNKED + b"1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX: a\r\n\r\n",
    "100 Continue": b"HTTP/1.1 100 Continue\r\nX: a\r\n\r\n" * 3 + reply(200, b"{}"),
    "the same size twice": HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "gzip in parts": reply(200, gzip.compress(b"{") + gzip.compress(b"}"), GZIP),
    "gzip with padding": reply(200, gzip.compress(b"{}") + bytes(600000), GZIP),
    "deflate with padding": reply(200, zlib.compress(b"{}") + b"padding", "Content-Encoding: deflate"),
    "x-gzip": reply(200, gzip.compress(b"{}"), "Content-Encoding: X-GZip"),
    "identity": reply(200, b"{}", "Content-Encoding: identity"),
    "deflate": reply(200, zlib.compress(b"{}"), "Content-Encoding: deflate"),
    "deflate without its header": reply(200, zlib.compress(b"{}")[2:-4], "Content-Encoding: deflate"),
    "a large page": reply(200, gzip.compress(json.dumps({"a": ["b" * 1000] * 20000}).encode()), GZIP),
    "cookies": reply(200, b"{}", *["Set-Cookie: " + "a" * 9000 + "; Expires=" + " " * 9000] * 9, "Set-Cookie2: a=b"),
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_an_unusual_response_is_read(serve: Serve, data: bytes) -> None:
    server = serve(lambda request: data)
    http = http_at(server.url)
    for _ in range(2):
        assert isinstance(http.get("/a").json(), dict)
    assert server.connections == 1


@pytest.mark.parametrize(
    "data", [reply(200, gzip.compress(b"")[:0], GZIP), b"HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n"]
)
def test_a_response_without_a_body_is_read(serve: Serve, data: bytes) -> None:
    server = serve(lambda request: data)
    assert http_at(server.url).get("/a").body == b""


JSON_BOMBS: dict[str, Callable[[], bytes]] = {
    "lists": lambda: b"[" + b"[]," * 5_000_000 + b"0]",
    "dictionaries": lambda: b"[" + b'{"":1},' * 3_000_000 + b"0]",
    "numbers": lambda: b"[" + b"1e1," * 6_000_000 + b"0]",
    "keys": lambda: b"{" + b"".join(b'"%x":0,' % number for number in range(2_000_000)) + b'"":0}',
    "depth": lambda: b"[" * 5_000_000,
}


@pytest.mark.parametrize("bomb", JSON_BOMBS.values(), ids=JSON_BOMBS)
def test_json_that_grows_in_memory_is_not_parsed(serve: Serve, bomb: Callable[[], bytes]) -> None:
    data = reply(200, gzip.compress(bomb(), 1), GZIP)
    server = serve(lambda request: data)
    error = failed("GET", server.url)
    assert isinstance(error, InvalidResponse)
    assert error.reason == "invalid_response"


def test_a_number_of_many_digits_is_cut(serve: Serve) -> None:
    data = reply(200, gzip.compress(b"[" + b"1" * 20_000_000 + b"]", 1), GZIP)
    server = serve(lambda request: data)
    assert http_at(server.url).get("/a").json() == ["1" * 40]


MEASURED = """
import resource, sys
from support.scripted import http_at

http = http_at(sys.argv[1], timeout=30)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in ("/bomb", "/values", "/error", "/chunk", "/twice"):
    try:
        http.get(path).json()
    except Exception as error:
        print(type(error).__name__, file=sys.stderr)
    else:
        raise AssertionError("The response was accepted.")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_no_response_needs_more_than_200_mib_of_memory(serve: Serve) -> None:
    packer = zlib.compressobj(1, wbits=31)
    zeros = b"".join(packer.compress(bytes(1024 * 1024)) for _ in range(500)) + packer.flush()
    sent: dict[str, Sent] = {
        "/bomb": reply(200, zeros, GZIP),
        "/values": reply(200, gzip.compress(b"[" + b'{"":1},' * 4_500_000 + b"0]", 1), GZIP),
        "/error": reply(500, zeros, GZIP),
        "/twice": reply(200, gzip.compress(zeros), "Content-Encoding: gzip, gzip"),
    }

    def respond(request: Request) -> Sent:
        if request.path == "/chunk":
            return endless(CHUNKED + b"1;", b"a")
        return sent[request.path]

    server = serve(respond)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, server.url],
        env={
            "PYTHONPATH": f"{Path(__file__).parents[1]}:{COLLECTIONS}:{Path(__file__).parents[2]}/roles/simulator/files"
        },
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    assert int(done.stdout) / unit < 200


# An export of 16 MiB, which may take more than four minutes longer than ten times the timeout.
PIECES, PIECE = 64, bytes(256 * 1024)


def _export(pause: float, times: list[float], request: Request) -> Sent:
    head = HEAD + f"Content-Length: {PIECES * len(PIECE)}\r\n\r\n".encode()
    return itertools.islice(trickle(head, PIECE, pause=pause, sent=times.append), PIECES + 1)


def _bytes_read(url: str, timeout: float) -> int | RequestFailed:
    try:
        return len(http_at(url, timeout=timeout).get("/a", accept="*/*").body)
    except RequestFailed as error:
        return error


def test_a_large_export_over_a_slow_connection_is_read(serve: Serve) -> None:
    """The response takes longer than ten times 'timeout', but its size extends the deadline."""
    whole = PIECES * len(PIECE)
    for timeout in TIMEOUTS:
        times = [time.monotonic()]
        server = serve(functools.partial(_export, timeout / 6, times))
        read = _bytes_read(server.url, timeout)
        if read == whole or kept_up(times, timeout):
            break
    assert read == whole
    assert times[-1] - times[0] > 10 * timeout


@pytest.mark.parametrize("environment", [{}, {"HYBRID_CONNECTORS_IN_PROCESS": "false"}], ids=["worker", "process"])
def test_a_task_ends_although_the_response_does_not(attack: Attack, serve: Serve, environment: dict[str, str]) -> None:
    server = serve(lambda request: trickle(HEAD + b"Content-Length: 100000\r\n\r\n", b"a"))
    result = attack.task("apono_connector_info", connection("apono", server.url, timeout=0.3), **environment)
    assert result.failed
    assert result.failure["reason"] == "timeout"
    server.wait_for(1)
    assert len(server.requests) == 1


def test_a_tls_error_within_a_response_fails_its_request(serve: Serve) -> None:
    """An attacker on the network path closes the connection or adds bytes."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    half = HEAD + b"Content-Length: 9\r\n\r\n{}"
    with HostileServer(lambda request: _then_closed(half), context) as server, authority.cert_pem.tempfile() as bundle:
        error = failed("POST", server.url, ca_path=bundle)
    assert error.failure.status is None
