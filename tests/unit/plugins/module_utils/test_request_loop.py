# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the requests of the API client, the responses that it accepts, and its retries."""

from __future__ import annotations

import gzip
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.clock import FakeClock
from support.deadline import HANGS
from support.messages import MessageTable
from support.scripted import CUT, ReceivedRequest, Scripted, Step, http_at, raw, reply

from ansible_collections.hybrid.connectors.plugins.module_utils._client import (
    MAX_EXPORT_BYTES,
    MAX_JSON_BYTES,
    ApiClient,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    ConnectorsError,
    Failure,
    InvalidResponse,
    OutcomeUnknown,
    RequestFailed,
    Stopped,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._session import ApiSession
from ansible_collections.hybrid.connectors.plugins.module_utils._settings import COLLECTION_VERSION
from ansible_collections.hybrid.connectors.plugins.module_utils._stop import StopSwitch

USUAL = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": f"hybrid.connectors/{COLLECTION_VERSION}",
}
BEARER = {**USUAL, "Authorization": "Bearer token-canary"}
JSON = {"Content-Type": "application/json"}
SOON = {"Retry-After": "0.01"}
# With this seed, the first wait is 0.006 s and the second is 1.9 s.
LITTLE = 3435
ApiRequest = Callable[[ApiClient], object]


class Warned(Exception):
    """Raised instead of waiting."""


def warn(text: str) -> None:
    raise Warned(text)


@pytest.fixture
def dice() -> Iterator[Callable[[int], random.Random]]:
    """Use the same random numbers in each run."""
    before = random.getstate()

    def thrown(seed: int) -> random.Random:
        random.seed(seed)
        return random.Random(seed)

    yield thrown
    random.setstate(before)


@pytest.mark.parametrize(
    ("call", "received"),
    [
        (lambda http: http.get("/a"), ReceivedRequest("GET", "/v1/a", BEARER)),
        (lambda http: http.get("/a", ""), ReceivedRequest("GET", "/v1/a", BEARER)),
        (
            lambda http: http.get("/a", [("q", "a b&c+"), ("x", "\u00fc"), ("q", "")]),
            ReceivedRequest("GET", "/v1/a?q=a%20b%26c%2B&x=%C3%BC&q=", BEARER),
        ),
        (lambda http: http.get("/a", "q=a%20b;c"), ReceivedRequest("GET", "/v1/a?q=a%20b;c", BEARER)),
        (
            lambda http: http.get("/a", accept="text/csv"),
            ReceivedRequest("GET", "/v1/a", {**BEARER, "Accept": "text/csv"}),
        ),
        (
            lambda http: http.request("POST", "/a", payload={"b": [1, "\u00fc"], "c": None}),
            ReceivedRequest(
                "POST", "/v1/a", {**BEARER, **JSON, "Content-Length": "27"}, b'{"b":[1,"\\u00fc"],"c":null}'
            ),
        ),
        (
            lambda http: http.request("PUT", "/a", [("q", "1")], payload={}),
            ReceivedRequest("PUT", "/v1/a?q=1", {**BEARER, **JSON, "Content-Length": "2"}, b"{}"),
        ),
        (
            lambda http: http.request("DELETE", "/a"),
            ReceivedRequest("DELETE", "/v1/a", {**BEARER, "Content-Length": "0"}),
        ),
    ],
)
def test_a_request_arrives_unchanged(call: ApiRequest, received: ReceivedRequest) -> None:
    with Scripted(reply()) as server:
        call(server.http())
        assert server.received == [
            ReceivedRequest(received.method, received.target, {"Host": server.host, **received.headers}, received.body)
        ]


def test_user_name_and_password_are_sent_as_http_basic() -> None:
    with Scripted(reply()) as server:
        server.http("voss").get("/a")
        assert server.received[0].headers == {
            **USUAL, "Host": server.host, "Authorization": "Basic dXNlcjpwYXNzLWNhbmFyeQ=="
        }  # fmt: skip


@pytest.mark.parametrize(("status", "expect"), [(200, ()), (204, ()), (299, ()), (404, [404]), (304, {304, 404})])
def test_success_is_every_2xx_and_each_expected_status(status: int, expect: Any) -> None:
    body = b"" if status in (204, 304) else b'{"a": 1}'
    with Scripted(reply(status, body, {"X-A": "b"})) as server:
        response = server.http().get("/a", expect=expect)
        assert (response.status, response.body, response.headers["x-a"], response.attempts) == (status, body, "b", 1)
        assert server.targets() == ["GET /v1/a"]


@pytest.mark.parametrize("status", [199, 300, 400])
def test_no_other_status_is_a_success(status: int) -> None:
    with Scripted(reply(status)) as server, pytest.raises(RequestFailed) as caught:
        server.http().get("/a")
    assert caught.value.failure.status == status


@pytest.mark.parametrize(
    "step",
    [
        raw(200, b'{"a": 1}', {}),
        raw(200, b'8\r\n{"a": 1}\r\n0\r\n\r\n', {"Transfer-Encoding": "chunked"}),
        reply(200, gzip.compress(b'{"a": 1}'), {"Content-Encoding": "gzip"}),
    ],
    ids=["until the end", "in chunks", "compressed"],
)
def test_a_response_may_have_any_transfer_coding(step: Step) -> None:
    with Scripted(step) as server:
        response = server.http().get("/a")
        assert (response.json_object(), response.body) == ({"a": 1}, b'{"a": 1}')


def test_an_unusable_response_keeps_its_failure_facts() -> None:
    headers = {"trackingId": "T-1"}
    with Scripted(reply(200, '{"code": 7, "message": "Sign in"}', headers)) as server:
        error = server.http().get("/a", [("q", "1")]).unusable("something")
        assert type(error) is InvalidResponse
        assert "something" in error.message
        assert error.failure == Failure(
            system="webex",
            method="GET",
            url=f"{server.origin}/v1/a?q=1",
            status=200,
            code="7",
            message="Sign in",
            request_id="T-1",
        )


@pytest.mark.parametrize(("accept", "size"), [(None, MAX_JSON_BYTES), ("*/*", MAX_EXPORT_BYTES)])
def test_a_response_of_the_largest_size_is_read(accept: str | None, size: int) -> None:
    with Scripted(reply(200, bytes(size))) as server:
        assert len(server.http().get("/a", accept=accept).body) == size


@pytest.mark.parametrize(("accept", "size"), [(None, MAX_JSON_BYTES), ("*/*", MAX_EXPORT_BYTES)])
def test_a_longer_response_is_not_read_further(accept: str | None, size: int, messages: MessageTable) -> None:
    with Scripted(raw(203, bytes(size * 2), {"trackingId": "T-1"})) as server:
        with pytest.raises(InvalidResponse) as caught:
            server.http().request("PUT", "/a", accept=accept)
        facts = {"size": size // 1024 // 1024, "method": "PUT", "url": f"{server.origin}/v1/a"}
        messages.check("request.too_large", caught.value.message, **facts)
        assert caught.value.failure == Failure("webex", "PUT", f"{server.origin}/v1/a", 203, request_id="T-1")
    assert server.unread == 1


SAFE = {"GET": {}, "PUT": {}, "DELETE": {}, "POST": {"repeatable": True}}
UNSAFE = {"POST": {}, "PUT": {"repeatable": False}}


@pytest.mark.parametrize("step", [CUT, *(reply(status, headers=SOON) for status in (423, 429, 502, 503, 504))])
@pytest.mark.parametrize(("method", "options"), SAFE.items())
def test_a_safe_request_is_retried_until_it_succeeds(
    method: str, options: dict[str, Any], step: Step, dice: Callable[[int], random.Random]
) -> None:
    dice(LITTLE)
    with Scripted(step, reply()) as server:
        response = server.http(retry_budget=0.2).request(method, "/a", payload={"b": 1}, **options)
        assert (response.status, response.attempts, server.targets()) == (200, 2, [f"{method} /v1/a"] * 2)
        assert server.received[0] == server.received[1]


@pytest.mark.parametrize("step", [CUT, *(reply(status, headers=SOON) for status in (502, 503, 504))])
@pytest.mark.parametrize(("method", "options"), UNSAFE.items())
def test_what_may_do_harm_twice_is_sent_once(method: str, options: dict[str, Any], step: Step) -> None:
    with Scripted(step) as server:
        with pytest.raises(OutcomeUnknown):
            server.http(retry_budget=0.2).request(method, "/a", **options)
        assert server.targets() == [f"{method} /v1/a"]


@pytest.mark.parametrize("status", [423, 429])
@pytest.mark.parametrize(("method", "options"), UNSAFE.items())
def test_a_request_that_was_not_started_is_retried(method: str, options: dict[str, Any], status: int) -> None:
    with Scripted(reply(status, headers=SOON), reply(status, headers=SOON), reply()) as server:
        assert server.http(retry_budget=0.2).request(method, "/a", **options).attempts == 3


@pytest.mark.parametrize(
    ("headers", "budget", "sent", "facts"),
    [
        (SOON, 0, 1, ["'retry_budget' is 0"]),
        (SOON, 5, 12, ["12 times"]),
        ({"Retry-After": "7.6"}, 0.5, 1, ["Retry-After (8 s)", "'retry_budget' (0.5 s)"]),
        ({}, 0.002, 2, ["'retry_budget' (0.002 s)"]),
    ],
)
def test_a_temporary_status_finally_is_a_failure(
    headers: dict[str, str], budget: float, sent: int, facts: list[str], dice: Callable[[int], random.Random]
) -> None:
    dice(LITTLE)
    with Scripted(*[reply(503, headers=headers)] * sent) as server:
        with pytest.raises(RequestFailed) as caught:
            server.http(retry_budget=budget).get("/a")
        assert caught.value.failure == Failure("webex", "GET", f"{server.origin}/v1/a", 503, reason="unavailable")
        assert [fact for fact in facts if fact not in caught.value.message] == []
        assert server.targets() == ["GET /v1/a"] * sent


def test_a_lost_response_finally_is_a_failure(dice: Callable[[int], random.Random], messages: MessageTable) -> None:
    dice(LITTLE)
    with Scripted(CUT, CUT) as server:
        with pytest.raises(RequestFailed) as caught:
            server.http(retry_budget=0.002).get("/a")
        assert caught.value.reason == "unreachable"
        messages.check_in("retry.budget_spent", caught.value.message, seconds=0.002)
        assert server.targets() == ["GET /v1/a"] * 2


def test_other_failures_do_not_count_as_lookups(
    monkeypatch: pytest.MonkeyPatch, dice: Callable[[int], random.Random]
) -> None:
    """After an error status, a temporary failure of the name server is retried once."""
    dice(LITTLE)
    lookup, failures = socket.getaddrinfo, [False, True, False]

    def unreliable(host: str, *arguments: Any, **options: Any) -> Any:
        if failures.pop(0):
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return lookup("127.0.0.1", *arguments, **options)

    with Scripted(reply(503, b"{}", {**SOON, "Connection": "close"}), reply(200, b"{}")) as server:
        monkeypatch.setattr(socket, "getaddrinfo", unreliable)
        assert server.http(retry_budget=100).get("/a").attempts == 3
    assert failures == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unresolvable_name_is_looked_up_twice(
    monkeypatch: pytest.MonkeyPatch, method: str, dice: Callable[[int], random.Random], messages: MessageTable
) -> None:
    dice(LITTLE)
    resolved: list[str] = []

    def unknown(host: str, *_arguments: object) -> None:
        resolved.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(RequestFailed) as caught:
        http_at("http://none.example", retry_budget=100).request(method, "/a")
    assert type(caught.value) is RequestFailed
    assert caught.value.reason == "unreachable"
    messages.check_in("retry.unresolved", caught.value.message, host="none.example", attempts=2)
    assert resolved == ["none.example"] * 2


@pytest.mark.parametrize(("requested", "seconds"), [("1", []), ("1.1", [1]), ("8.7", [9])])
def test_a_wait_over_a_second_is_a_warning(requested: str, seconds: list[int], messages: MessageTable) -> None:
    emitted: list[str] = []
    clock = FakeClock()
    with Scripted(reply(503, headers={"Retry-After": requested}), reply()) as server:
        settings = server.http(retry_budget=10).settings
        ApiClient(settings, emitted.append, ApiSession(settings, clock=clock)).request("PUT", "/a%20b", [("q", "1")])
    facts = {"system": "Webex", "status": 503, "method": "PUT", "path": "/v1/a%20b"}
    assert emitted == [messages.expected("retry.after_status", seconds=number, **facts) for number in seconds]
    assert clock.now == pytest.approx(1000 + float(requested))


@pytest.mark.parametrize("status", [423, 429, 503])
def test_the_warning_names_the_status_that_causes_the_wait(status: int, messages: MessageTable) -> None:
    with Scripted(reply(status, headers={"Retry-After": "7"})) as server:
        with pytest.raises(Warned) as caught:
            server.http("apono", warn=warn, retry_budget=10).request("DELETE", "/a", [("token", "b")])
        facts = {"system": "Apono", "status": status, "method": "DELETE", "path": "/v1/a", "seconds": 7}
        messages.check("retry.after_status", str(caught.value), **facts)


def test_the_warning_reports_a_lost_response(dice: Callable[[int], random.Random], messages: MessageTable) -> None:
    dice(LITTLE)
    with Scripted(CUT, CUT) as server:
        with pytest.raises(Warned) as caught:
            server.http(warn=warn, retry_budget=10).request("DELETE", "/a", [("q", "b")])
        messages.check("retry.after_lost_response", str(caught.value), method="DELETE", path="/v1/a", seconds=2)


@pytest.mark.parametrize(("status", "held"), [(429, True), (423, False), (503, False)])
def test_a_429_delays_all_other_requests(monkeypatch: pytest.MonkeyPatch, status: int, held: bool) -> None:
    until: list[float] = []
    with Scripted(reply(status, headers={"Retry-After": "0.5"}), reply()) as server:
        http = server.http(retry_budget=10)
        monkeypatch.setattr(http._session.rate_limiter, "pause", until.append)
        http.get("/a")
    assert until == ([0.5] if held else [])


def test_refused_credentials_end_the_session() -> None:
    with Scripted(reply(401)) as server:
        first = server.http()
        second = server.http(session=first._session)
        for http in (first, first, second):
            with pytest.raises(AccessDenied) as caught:
                http.get("/a")
            assert caught.value.failure == Failure("webex", "GET", f"{server.origin}/v1/a", 401, reason="unauthorized")
        assert server.targets() == ["GET /v1/a"]


def test_a_forbidden_request_does_not_end_the_session() -> None:
    with Scripted(reply(403), reply()) as server:
        http = server.http()
        with pytest.raises(AccessDenied):
            http.get("/a")
        assert http.get("/b").status == 200


def test_an_abandoned_run_sends_no_more_requests(messages: MessageTable) -> None:
    awaited = [True]
    with Scripted(reply(), reply()) as server:
        http = server.http(session=ApiSession(server.http().settings, is_awaited=lambda: awaited[0]))
        assert http.get("/a").status == 200
        assert http.get("/b").status == 200
        awaited[0] = False
        with pytest.raises(ConnectorsError) as caught:
            http.get("/c")
        assert type(caught.value) is ConnectorsError
        messages.check("request.abandoned", caught.value.message)
        assert server.targets() == ["GET /v1/a", "GET /v1/b"]


def test_no_request_is_sent_after_the_run() -> None:
    with Scripted(reply()) as server:
        with server.http() as http:
            http.get("/a")
        with pytest.raises(Stopped):
            http.get("/b")
        assert server.targets() == ["GET /v1/a"]


def test_an_exception_ends_the_waits_of_all_threads() -> None:
    """Without this protection, the test takes minutes."""
    started = threading.Semaphore(0)
    ended: list[type[BaseException]] = []

    def run(call: Callable[[], object]) -> None:
        started.release()
        try:
            call()
        except BaseException as error:
            ended.append(type(error))

    stop = StopSwitch()
    limited = http_at("http://127.0.0.1:1", "voss", stop=stop, requests_per_second=0.01)
    limited._session.rate_limiter.acquire(time.sleep)
    with Scripted(Step(reply(503, headers={"Retry-After": "100"}).data, before=started.release)) as server:
        retrying = server.http(retry_budget=1000, stop=stop)
        waits = [lambda: limited.sleep(100), lambda: limited.get("/a"), lambda: retrying.get("/a")]

        def interrupted() -> None:
            with limited.threads(3) as pool:
                for wait in waits:
                    pool.submit(run, wait)
                for _ in range(4):
                    started.acquire()
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            interrupted()
    assert ended == [Stopped] * 3


def test_the_connection_pool_has_the_requested_size() -> None:
    desired = 12  # more than the default of requests
    together = threading.Barrier(desired, timeout=HANGS)
    response = reply()
    with Scripted(*[Step(response.data, before=together.wait)] * desired * 2) as server:
        http = server.http(connections=desired, timeout=HANGS)
        for _round in range(2):
            workers = [threading.Thread(target=http.get, args=("/a",)) for _ in range(desired)]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        assert (len(server.received), server.connections) == (desired * 2, desired)
