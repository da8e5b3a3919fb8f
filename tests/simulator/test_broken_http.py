# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the connection: raw bytes, slow bytes, endless parts, chained encodings, late changes."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import zlib
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from support.deadline import wait_until
from support.simulator import CREDENTIALS, Client, Simulator

LIST = "/api/admin/v3/connectors"
ONE = f"{LIST}/prod-us-east-1"
TOKEN = CREDENTIALS["apono"]["api_token"]


def send(simulator: Simulator, method: str = "GET", path: str = LIST, limit: int = 2**20) -> bytes:
    """Return the response to a request, until the server closes the connection or the limit is exceeded."""
    port = urlsplit(simulator.url).port or 0
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        head = f"{method} /apono{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        while len(received) < limit and (data := connection.recv(65536)):
            received += data
    return received


@pytest.mark.parametrize(
    "raw",
    [
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 7\r\n\r\n{}   ",
        "HTTP/1.1 200 OK\r\nContent-Length: \u00b2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n",
        "HTTP/1.1 99999 \x00\xff\r\n\r\n",
        '{"regular": "[0-9]{3}", "unknown": {x-none}}',
        "",
    ],
    ids=["two-lengths", "superscript", "negative-chunk", "ssh", "status", "braces", "nothing"],
)
def test_raw_bytes_replace_the_response(simulator: Simulator, raw: str) -> None:
    simulator.fault(method="PUT", path=LIST, raw=raw)
    assert send(simulator, "PUT", ONE) == raw.encode("latin-1")
    entry = simulator.journal()[0]
    assert (entry["status"], entry["applied"], entry["fault"]) == (None, False, "raw bytes")


def test_raw_bytes_can_repeat_a_request_header(simulator: Simulator) -> None:
    simulator.fault(raw="HTTP/1.1 200 OK\r\nBroken {authorization}\r\n\r\n")
    assert send(simulator) == f"HTTP/1.1 200 OK\r\nBroken Bearer {TOKEN}\r\n\r\n".encode()


def test_raw_bytes_can_follow_a_change(apono: Client, simulator: Simulator) -> None:
    simulator.fault(method="DELETE", raw="HTTP/1.1 2", applied=True)
    assert send(simulator, "DELETE", ONE) == b"HTTP/1.1 2"
    assert simulator.writes()[0]["applied"] is True
    assert apono("GET", ONE).status_code == 404


def test_a_location_is_sent_verbatim(apono: Client, simulator: Simulator) -> None:
    evil = "http://127.0.0.1:1\\@127.0.0.1:2/x"
    for status in (303, 307):
        simulator.fault(status=status, headers={"Location": evil, "Link": f'<{evil}>; rel="next"'})
        response = apono("DELETE", ONE, allow_redirects=False)
        assert (response.status_code, response.headers["Location"]) == (status, evil)
        assert evil in response.headers["Link"]


def test_a_response_can_trickle(apono: Client, simulator: Simulator) -> None:
    expected = apono("GET", ONE).json()
    simulator.fault(path="prod-us-east-1", trickle=0.0005)
    received = send(simulator, path=ONE)
    head, _blank, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert json.loads(body) == expected


def test_a_client_that_leaves_ends_a_trickle(apono: Client, simulator: Simulator) -> None:
    simulator.fault(trickle=0.01, raw="HTTP/1.1 200 OK\r\n" + "X" * 10**6)
    assert send(simulator, limit=3).startswith(b"HTT")
    assert apono("GET", LIST).status_code == 200


@pytest.mark.parametrize(
    ("kind", "begin", "end"),
    [
        ("continue", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\nH"),
        ("headers", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", b"x"),
        ("chunks", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", b" "),
        ("line", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", b"xxx"),
        ("trailers", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", b"x"),
    ],
)
def test_a_body_may_be_endless(simulator: Simulator, kind: str, begin: bytes, end: bytes) -> None:
    # The simulator stops at this size, which is 64 MiB by default.
    simulator.fault(endless=kind, size=300_001)
    received = send(simulator)
    assert len(received) == 300_001
    assert received.startswith(begin)
    assert received.endswith(end)
    if kind in ("chunks", "line", "trailers"):
        assert b'"next_page_token"' in received or b'"pagination"' in received
    assert (b"\r\n0\r\nX-Filler-0: " in received) == (kind == "trailers")


def test_an_endless_body_can_be_slow(simulator: Simulator) -> None:
    simulator.fault(endless="continue", trickle=0.001, size=100)
    assert send(simulator) == (b"HTTP/1.1 100 Continue\r\n\r\n" * 4)[:100]


def unpacked(content: bytes, encodings: list[str]) -> bytes:
    tools: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "deflate": zlib.decompress}
    for name in reversed(encodings):
        content = tools[name](content)
    return content


@pytest.mark.parametrize("encodings", [["gzip"], ["deflate"], ["gzip", "gzip"], ["deflate", "gzip", "gzip"]])
def test_encodings_can_be_chained(apono: Client, simulator: Simulator, encodings: list[str]) -> None:
    expected = apono("GET", LIST).json()
    simulator.fault(encodings=encodings)
    head, _blank, body = send(simulator).partition(b"\r\n\r\n")
    assert f"Content-Encoding: {', '.join(encodings)}".encode() in head
    assert json.loads(unpacked(body, encodings)) == expected


def test_a_small_response_can_unpack_to_a_large_one(simulator: Simulator) -> None:
    simulator.fault(encodings=["gzip", "gzip"], size=50_000_000, times=None)
    body = send(simulator).partition(b"\r\n\r\n")[2]
    assert len(body) < 5_000
    assert len(unpacked(body, ["gzip", "gzip"])) == 50_000_000


def test_a_content_encoding_can_be_a_lie(simulator: Simulator) -> None:
    simulator.fault(headers={"Content-Encoding": "gzip"})
    head, _blank, body = send(simulator).partition(b"\r\n\r\n")
    assert b"Content-Encoding: gzip" in head
    assert body.startswith(b"{")


LATE_RULES = pytest.mark.parametrize("rule", [{"status": 504, "body": "gateway"}, {"cut": "after"}, {"raw": "?"}])


def deleted_late(apono: Client, simulator: Simulator, seconds: float, rule: dict[str, str]) -> None:
    """Delete a connector. The simulator applies the request this number of seconds after its response."""
    simulator.fault(method="DELETE", late=seconds, **rule)
    with contextlib.suppress(OSError):
        apono("DELETE", ONE)


@LATE_RULES
def test_a_late_change_is_not_made_with_its_response(apono: Client, simulator: Simulator, rule: dict[str, str]) -> None:
    deleted_late(apono, simulator, 3600, rule)
    assert apono("GET", ONE).status_code == 200
    assert simulator.writes()[0]["applied"] is False


@LATE_RULES
def test_a_late_change_is_made_after_its_response(apono: Client, simulator: Simulator, rule: dict[str, str]) -> None:
    deleted_late(apono, simulator, 0.1, rule)
    wait_until(lambda: apono("GET", ONE).status_code == 404, "The change was not made.")
    assert simulator.writes()[0]["applied"] is True
    assert "applied 0.1 s late" in simulator.writes()[0]["fault"]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"raw": "\u20ac"}, "up to U\\+00FF"),
        ({"raw": ["x"]}, "up to U\\+00FF"),
        ({"encodings": ["br"]}, "list of gzip, deflate"),
        ({"encodings": "gzip"}, "list of gzip, deflate"),
        ({"endless": "love"}, "one of continue, headers, chunks, line, trailers"),
        ({"trickle": -1}, "numbers of seconds"),
        ({"trickle": True}, "numbers of seconds"),
        ({"late": 1}, "requires status, body, raw"),
        ({"headers": {"X": "a\r\nY: b"}}, "must not have line breaks"),
        ({"quirks": ["unproven"]}, "object of names"),
        ({"quirks": {"unproved": True}}, "no quirk 'unproved'"),
        ({"system": "webex", "quirks": {"unproven": True}}, "webex has no quirk 'unproven'"),
        ({"quirks": {"unproven": "maybe"}}, "one of applied, lost"),
    ],
)
def test_a_rule_without_meaning_is_refused(simulator: Simulator, rule: dict[str, object], sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        simulator.control("POST", "/faults", rule)
    assert simulator.control("GET", "/faults") == {"faults": []}
