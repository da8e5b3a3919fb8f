# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test every failure of a request: the message and the structured failure."""

from __future__ import annotations

import dataclasses
import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from support.messages import MessageTable
from support.scripted import CUT, RESET, SILENCE, Scripted, Step, http_at, raw, reply

from ansible_collections.hybrid.connectors.plugins.module_utils import _redaction, _response
from ansible_collections.hybrid.connectors.plugins.module_utils._client import MAX_JSON_BYTES, segment
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    Failure,
    InputError,
    InvalidResponse,
    OutcomeUnknown,
    RequestFailed,
)

NOT_REPEATED = "retry.zero_budget"
NOT_KNOWN = "request.outcome_unknown"
REFUSED = "request.unauthorized"
FORBIDDEN = "request.forbidden"
NOT_FOUND = "request.not_found"


@pytest.fixture
def closed() -> Iterator[str]:
    """An address at which every connection is refused."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_identifier_with_path_characters_is_named(value: str, messages: MessageTable) -> None:
    with pytest.raises(InputError) as caught:
        segment(value)
    assert caught.value.reason == "invalid_option"
    messages.check("client.identifier", caught.value.message, value=value)


@pytest.mark.parametrize(
    ("method", "status", "kind", "reason", "row"),
    [
        ("GET", 400, RequestFailed, "refused", None),
        ("POST", 400, RequestFailed, "refused", None),
        ("GET", 401, AccessDenied, "unauthorized", REFUSED),
        ("POST", 401, AccessDenied, "unauthorized", REFUSED),
        ("GET", 402, RequestFailed, "refused", None),
        ("GET", 403, AccessDenied, "forbidden", FORBIDDEN),
        ("POST", 403, AccessDenied, "forbidden", FORBIDDEN),
        ("GET", 404, RequestFailed, "not_found", NOT_FOUND),
        ("GET", 423, RequestFailed, "unavailable", NOT_REPEATED),
        ("POST", 423, RequestFailed, "unavailable", NOT_REPEATED),
        ("GET", 429, RequestFailed, "rate_limited", NOT_REPEATED),
        ("POST", 429, RequestFailed, "rate_limited", NOT_REPEATED),
        ("GET", 500, RequestFailed, "unavailable", None),
        ("POST", 500, RequestFailed, "unavailable", None),
        ("GET", 502, RequestFailed, "unavailable", NOT_REPEATED),
        ("POST", 502, OutcomeUnknown, "outcome_unknown", NOT_KNOWN),
        ("POST", 503, OutcomeUnknown, "outcome_unknown", NOT_KNOWN),
        ("POST", 504, OutcomeUnknown, "outcome_unknown", NOT_KNOWN),
    ],
)
def test_an_unsuccessful_status_is_a_failure_with_a_remedy(
    method: str, status: int, kind: type[RequestFailed], reason: str, row: str | None, messages: MessageTable
) -> None:
    body = json.dumps({"code": 7, "message": "No. "})
    with Scripted(reply(status, body, {"trackingId": "T-1"})) as server, pytest.raises(RequestFailed) as caught:
        server.http().request(method, "/a", [("q", "1")])
    error, url = caught.value, f"{server.origin}/v1/a?q=1"
    assert type(error) is kind
    cause, _vendor, end = error.message.partition(": No.")
    messages.check("request.status", cause, status=status, method=method, url=url)
    messages.check_end(row, end)
    assert error.failure == Failure("webex", method, url, status, "7", "No. ", "T-1", reason)
    assert error.result == {"failure": dataclasses.asdict(error.failure)}


def test_a_change_that_may_have_run_is_not_retried(messages: MessageTable) -> None:
    with Scripted(reply(503)) as server, pytest.raises(OutcomeUnknown) as caught:
        server.http(retry_budget=1).request("POST", "/a")
    returned = messages.expected("request.status", status=503, method="POST", url=f"{server.origin}/v1/a")
    assert caught.value.message == f"{returned}. {messages.expected(NOT_KNOWN)}"
    assert caught.value.may_come is False


@pytest.mark.parametrize("status", [408, 502, 503, 504, 520, 524, 598, 599, 999])
def test_after_other_server_errors_the_outcome_is_unknown(status: int) -> None:
    with Scripted(reply(status)) as server, pytest.raises(OutcomeUnknown) as caught:
        server.http(retry_budget=1).request("POST", "/a")
    assert caught.value.failure == Failure("webex", "POST", f"{server.origin}/v1/a", status, reason="outcome_unknown")
    assert caught.value.may_come is (status not in (408, 502, 503))


@pytest.mark.parametrize("status", [101, 103, 199])
@pytest.mark.parametrize(("method", "kind"), [("GET", RequestFailed), ("PUT", RequestFailed), ("POST", OutcomeUnknown)])
def test_an_informational_status_ends_the_connection(method: str, kind: type[RequestFailed], status: int) -> None:
    informational = Step(f"HTTP/1.1 {status} Early\r\n\r\n".encode())
    with Scripted(informational, reply(200, "b")) as server:
        http = server.http()
        with pytest.raises(RequestFailed) as caught:
            http.request(method, "/a")
        assert type(caught.value) is kind
        assert http.get("/b").body == b"b"
        assert server.connections == 2


@pytest.mark.parametrize(
    ("body", "reported", "message"),
    [
        ("", "", None),
        ("  <html>No</html>", "", "<html>No</html>"),
        (" . ", "", "."),
        ("No", ": No", "No"),
        ("X", ": X", "X"),
        (".X No.\n\t Never .. ", ": .X No. Never", ".X No.\n\t Never .."),
        ("x" * 299 + "yz", ": " + "x" * 299 + "y", "x" * 299 + "yz"),
        ("x" * 1999 + "yz", ": " + "x" * 300, "x" * 1999 + "y"),
        ("It is pass  canary!", ": It is ********!", "It is ********!"),
    ],
)
def test_the_message_includes_the_vendor_message(
    body: str, reported: str, message: str | None, messages: MessageTable
) -> None:
    with Scripted(reply(500, body)) as server, pytest.raises(RequestFailed) as caught:
        server.http("voss", password="pass  canary").get("/a")
    messages.check("voss.status", caught.value.message, status=500, url=f"{server.origin}/v1/a{reported}")
    assert caught.value.failure == Failure(
        "voss", "GET", f"{server.origin}/v1/a", 500, message=message, reason="unavailable"
    )


@pytest.mark.parametrize(
    ("system", "body", "headers", "code", "request_id"),
    [
        ("webex", {"message": "No", "code": "c" * 201}, {"trackingId": "t" * 201}, "c" * 200, "t" * 200),
        ("webex", {"message": "No", "trackingId": "T-1"}, {}, None, "T-1"),
        ("webex", {"message": "No", "trackingId": "T-1"}, {"trackingId": "T-2"}, None, "T-2"),
        ("apono", {"message": "No", "code": "C"}, {"X-Request-ID": "R-1", "trackingId": "T-1"}, "C", "R-1"),
        (
            "apono",
            {"message": "No", "code": "of token-canary"},
            {"X-Request-ID": "token-canary-1"},
            "of ********",
            "********-1",
        ),
        ("voss", {"message": "No"}, {"X-Request-ID": "R-1"}, None, "R-1"),
        ("voss", {"message": "No"}, {"trackingId": "T-1"}, None, None),
    ],
)
def test_the_failure_has_code_and_request_id(
    system: str, body: dict[str, Any], headers: dict[str, str], code: str | None, request_id: str | None
) -> None:
    with Scripted(reply(409, json.dumps(body), headers)) as server, pytest.raises(RequestFailed) as caught:
        server.http(system).request("PUT", "/a")
    assert caught.value.failure == Failure(
        system, "PUT", f"{server.origin}/v1/a", 409, code, "No", request_id, "conflict"
    )


def test_a_long_address_is_cut_and_redacted(messages: MessageTable) -> None:
    with Scripted(reply(400)) as server, pytest.raises(RequestFailed) as caught:
        server.http().get("/a", [("token", "canary"), ("q", "x" * 3000)])
    shown = f"{server.origin}/v1/a?token=********&q=" + "x" * 3000
    assert caught.value.failure.url == shown[:2000]
    returned = messages.expected("request.status", status=400, method="GET", url=shown[:2000])
    assert caught.value.message == f"{returned}."


@pytest.mark.parametrize("size", [10, 1000, 5000])
@pytest.mark.parametrize("shift", [0, 1, 7])
def test_a_cut_string_shows_no_part_of_a_secret(size: int, shift: int) -> None:
    """A mask can be shorter than its secret, so redaction can move the end of a string into the displayed part."""
    secret = "".join(chr(ord("a") + number % 26) for number in range(size))
    body = "." * shift + secret * (1024 * 1024 // size)
    with Scripted(reply(500, body)) as server, pytest.raises(RequestFailed) as caught:
        server.http("webex", access_token=secret).get("/a")
    shown = str(caught.value.failure.message)
    assert set(shown) <= {".", "*"}
    assert caught.value.message.count("a" * 4) == 0


def test_only_the_beginning_of_a_long_string_is_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    spans = _redaction._spans

    def measured(text: str, searched: _redaction.Search) -> list[tuple[int, int]]:
        sizes.append(len(text))
        return spans(text, searched)

    monkeypatch.setattr(_redaction, "_spans", measured)
    body = json.dumps({"code": "c" * 400_000, "message": "m" * 400_000, "requestId": "r" * 200_000})
    with Scripted(reply(500, body)) as server, pytest.raises(RequestFailed):
        server.http().get("/a", [("q", "x" * 50_000)])
    assert max(sizes) == _redaction.MAX_SCANNED


def test_the_body_of_an_error_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str | bytes] = []
    parse = _response._parsed

    def recorded(text: str | bytes, **options: Any) -> Any:
        parsed.append(text)
        return parse(text, **options)

    monkeypatch.setattr(_response, "_parsed", recorded)
    with Scripted(reply(404, '{"message": "No such thing"}')) as server, pytest.raises(RequestFailed) as caught:
        server.http().get("/a")
    assert caught.value.failure.message == "No such thing"
    assert parsed == [b'{"message": "No such thing"}']


LOST = {
    "cut": (CUT, "Remote end closed connection without response"),
    "reset": (RESET, "[Errno 104] Connection reset by peer"),
    "no HTTP": (Step(b"No.\t  HTTP. \r\n\r\n", "close"), "No. HTTP"),
    "a secret": (Step(b"<b>: It is token-canary\r\n\r\n", "close"), "It is ********"),
    "long": (Step(b"x" * 299 + b"yz\r\n\r\n", "close"), "x" * 299 + "y"),
    "in chunks that are fewer": (
        raw(200, b"3\r\nabc\r\n0\r\n\r\n", {"Transfer-Encoding": "chunked", "Content-Length": "4"}),
        "received 3 of 4 bytes",
    ),
    "silent": (SILENCE, "Read timed out. (read timeout=0.3)"),
    "silent in the middle": (raw(200, b"a", {"Content-Length": "9"}, "silence"), "Read timed out"),
}


def read_timeout(step: Step) -> float:
    """Return a short timeout only if the server never responds. A slow machine must not cause other timeouts."""
    return 0.3 if step.then == "silence" else 5


@pytest.mark.parametrize(("step", "reported"), LOST.values(), ids=LOST)
def test_a_lost_response_is_a_failure(step: Step, reported: str, messages: MessageTable) -> None:
    with Scripted(step) as server, pytest.raises(RequestFailed) as caught:
        server.http(timeout=read_timeout(step)).request("PUT", "/a", [("q", "1")], payload=1)
    error, url = caught.value, f"{server.origin}/v1/a?q=1"
    assert type(error) is RequestFailed
    cause, _reported, end = error.message.partition(f": {reported}.")
    messages.check("request.lost", cause, method="PUT", url=url)
    messages.check_end(NOT_REPEATED, end)
    reason = "timeout" if step.then == "silence" else "unreachable"
    assert error.failure == Failure("webex", "PUT", url, reason=reason)
    assert error.__context__ is None


@pytest.mark.parametrize(("step", "reported"), LOST.values(), ids=LOST)
def test_a_change_with_a_lost_response_may_have_run(step: Step, reported: str, messages: MessageTable) -> None:
    with Scripted(step) as server, pytest.raises(OutcomeUnknown) as caught:
        server.http(timeout=read_timeout(step), retry_budget=5).request("POST", "/a", [("q", "1")], payload=1)
    error, url = caught.value, f"{server.origin}/v1/a?q=1"
    cause, _reported, end = error.message.partition(f": {reported}.")
    messages.check("request.lost", cause, method="POST", url=url)
    messages.check_end(NOT_KNOWN, end)
    assert error.failure == Failure("webex", "POST", url, reason="outcome_unknown")
    assert error.may_come is True
    assert server.targets() == ["POST /v1/a?q=1"]


@pytest.mark.parametrize("headers", [{"Content-Length": "9"}, {"Transfer-Encoding": "chunked"}])
def test_an_incomplete_response_counts_as_lost(headers: dict[str, str]) -> None:
    with Scripted(raw(200, b"5\r\nabc", headers), reply()) as server:
        assert server.http(retry_budget=0.05).get("/a").attempts == 2


def test_a_response_with_broken_compression_counts_as_lost() -> None:
    with Scripted(reply(200, b"none", {"Content-Encoding": "gzip"})) as server, pytest.raises(OutcomeUnknown):
        server.http().request("POST", "/a")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_refused_connection_names_the_address(closed: str, method: str, messages: MessageTable) -> None:
    with pytest.raises(RequestFailed) as caught:
        http_at(f"{closed}/v1").request(method, "/a")
    assert type(caught.value) is RequestFailed
    end = " " + messages.expected(NOT_REPEATED)
    assert caught.value.message.endswith(end)
    messages.check("request.unreachable", caught.value.message.removesuffix(end), url=closed)
    assert caught.value.failure == Failure("webex", method, f"{closed}/v1/a", reason="unreachable")


def test_an_unsent_request_is_retried_even_if_unsafe(closed: str, messages: MessageTable) -> None:
    with pytest.raises(RequestFailed) as caught:
        http_at(closed, retry_budget=0.01).request("POST", "/a")
    assert type(caught.value) is RequestFailed
    assert caught.value.reason == "unreachable"
    messages.check_in("retry.budget_spent", caught.value.message, seconds=0.01)


def test_a_connection_timeout_means_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        origin = f"http://127.0.0.1:{full.getsockname()[1]}"
        with socket.create_connection(full.getsockname()), pytest.raises(RequestFailed) as caught:
            http_at(origin, timeout=0.2).request("POST", "/a")
    assert type(caught.value) is RequestFailed
    assert caught.value.failure == Failure("webex", "POST", f"{origin}/a", reason="timeout")
    assert "Connection to 127.0.0.1 timed out. (connect timeout=0.2)." in caught.value.message


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_impossible_host_name_names_the_option(method: str, messages: MessageTable) -> None:
    url = "http://a..example:1/v1/a"
    with pytest.raises(RequestFailed) as caught:
        http_at("http://a..example:1/v1", retry_budget=5).request(method, "/a")
    assert type(caught.value) is RequestFailed
    messages.check("request.wrong_address", caught.value.message, method=method, url=url)
    assert caught.value.failure == Failure("webex", method, url, reason="wrong_address")
    assert caught.value.__context__ is None


def test_a_redirect_names_its_target_and_the_option(messages: MessageTable) -> None:
    headers = {"Location": "https://other.example/b"}
    with Scripted(*[reply(301, headers=headers)] * 2) as server:
        with pytest.raises(RequestFailed) as read:
            server.http().get("/a")
        with pytest.raises(OutcomeUnknown) as changed:
            server.http().request("POST", "/a")
    facts = {"url": f"{server.origin}/v1/a", "target": "https://other.example/b", "status": 301}
    messages.check("request.redirected", read.value.message, method="GET", **facts)
    redirected = messages.expected("request.redirected", method="POST", **facts)
    assert changed.value.message == f"{redirected} {messages.expected(NOT_KNOWN)}"


def test_a_link_to_another_origin_names_link_and_option(messages: MessageTable) -> None:
    with pytest.raises(RequestFailed) as caught:
        http_at("http://127.0.0.1:1").follow("https://other.example/b?token=canary&c", "/a")
    assert caught.value.reason == "wrong_address"
    messages.check("request.link", caught.value.message, url="https://other.example/b?token=********&c")


def test_a_response_that_is_not_the_apis_is_described(messages: MessageTable) -> None:
    with Scripted(reply(200, "<html>")) as server, pytest.raises(InvalidResponse) as caught:
        server.http().get("/a").json_object()
    assert caught.value.failure.url == f"{server.origin}/v1/a"
    messages.check_unusable("response.html", caught.value)
    assert caught.value.reason == "invalid_response"


@pytest.mark.parametrize(
    ("method", "kind", "row"), [("PUT", InvalidResponse, None), ("POST", OutcomeUnknown, NOT_KNOWN)]
)
def test_a_response_that_is_too_large_is_not_read(
    method: str, kind: type[RequestFailed], row: str | None, messages: MessageTable
) -> None:
    body = gzip.compress(bytes(MAX_JSON_BYTES + 1))
    with (
        Scripted(reply(200, body, {"Content-Encoding": "gzip"})) as server,
        pytest.raises(RequestFailed) as caught,
    ):
        server.http().request(method, "/a")
    assert type(caught.value) is kind
    message = caught.value.message
    end = f" {messages.expected(row)}" if row else ""
    assert message.endswith(end)
    messages.check("request.too_large", message.removesuffix(end), size=32, method=method, url=f"{server.origin}/v1/a")


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("at http://u:p@h/a and ftp://x@h:1", "at http://********@h/a and ftp://********@h:1"),
        ("no://a/b@c 'no://' @d", "no://a/b@c 'no://' @d"),
        ("?auth_token=a&b=c Token=D<e", "?auth_token=********&b=c Token=********<e"),
        ("?access_token=a refresh_token=b password%3Dc SECRET%3dd", "?access_token=******** refresh_token=********"
         " password%3D******** SECRET%3d********"),
        ("tokens=a token= token", "tokens=a token= token"),
        ('{"Token" : "a\\"b", "my_password_b":"", "b": "c"}', '{"Token" : "********", "my_password_b":"", "b": "c"}'),
        ('{"client_secret": "cut', '{"client_secret": "********'),
        ("token-canary and token-canary", "******** and ********"),
    ],
)  # fmt: skip
def test_only_secrets_are_removed(text: str, scrubbed: str) -> None:
    assert http_at("http://127.0.0.1:1").scrub(text) == scrubbed
