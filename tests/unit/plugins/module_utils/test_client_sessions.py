# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the destination of requests: redirects, links in responses, proxies and TLS."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from support.messages import MessageTable
from support.scripted import CUT, NOISE, SILENCE, Scripted, Step, http_at, raw, reply

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    AccessDenied,
    Failure,
    OutcomeUnknown,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._request_errors import UNKNOWN_OUTCOME

PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def proxies(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Remove all proxies from the environment."""
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return monkeypatch


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """Return the TLS context of a server with a certificate for 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def other() -> Iterator[Scripted]:
    """A different origin, which must not receive requests."""
    with Scripted() as server:
        yield server
        assert server.received == []


def redirect(status: int, location: str | None) -> tuple[int, str, dict[str, str]]:
    return status, "moved", {"trackingId": "T-1", **({} if location is None else {"Location": location})}


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 399])
@pytest.mark.parametrize(
    ("location", "target"),
    [("/c?d=e", "/c?d=e"), ("c", "/v1/c"), ("{origin}/v1/c", "/v1/c"), ("//{host}/c", "/c"), ("?c", "/v1/a?c")],
)
def test_a_redirect_within_the_origin_is_followed(status: int, location: str, target: str) -> None:
    with Scripted() as server:
        there = location.format(origin=server.origin, host=server.host)
        server.script(reply(*redirect(status, there)), reply(200, "b"))
        response = server.http().get("/a", [("q", "1")], accept="text/csv")
        assert (response.body, response.attempts) == (b"b", 2)
        assert server.targets() == ["GET /v1/a?q=1", f"GET {target}"]
        assert server.received[0].headers == server.received[1].headers


def test_a_status_that_is_expected_is_no_redirect() -> None:
    with Scripted(reply(*redirect(302, "/b"))) as server:
        assert server.http().get("/a", expect=[302]).status == 302


@pytest.mark.parametrize(
    ("method", "status"),
    [("GET", 301), ("GET", 307), ("PUT", 301), ("PUT", 307), ("DELETE", 301), ("DELETE", 307), ("POST", 307)],
)
def test_a_redirect_to_another_origin_is_not_followed(
    method: str, status: int, other: Scripted, messages: MessageTable
) -> None:
    location = f"{other.origin}/b?token=canary&c"
    with Scripted(reply(*redirect(status, location))) as server, pytest.raises(RequestFailed) as caught:
        server.http().request(method, "/a", [("q", "1")])
    assert type(caught.value) is RequestFailed
    facts = {"url": f"{server.origin}/v1/a?q=1", "target": f"{other.origin}/b?token=********&c", "status": status}
    messages.check("request.redirected", caught.value.message, method=method, **facts)
    assert caught.value.failure == Failure(
        "webex", method, f"{server.origin}/v1/a?q=1", status, request_id="T-1", reason="wrong_address"
    )
    assert server.targets() == [f"{method} /v1/a?q=1"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_a_change_is_not_redirected_even_within_the_origin(method: str, messages: MessageTable) -> None:
    with Scripted(reply(*redirect(307, "/b"))) as server, pytest.raises(RequestFailed) as caught:
        server.http().request(method, "/a")
    assert type(caught.value) is RequestFailed
    assert caught.value.reason == "wrong_address"
    facts = {"url": f"{server.origin}/v1/a", "target": f"{server.origin}/b", "status": 307}
    messages.check("request.redirected", caught.value.message, method=method, **facts)
    assert server.targets() == [f"{method} /v1/a"]


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 306, 399])
@pytest.mark.parametrize(("method", "repeatable"), [("POST", None), ("PUT", False)])
def test_after_a_redirected_change_the_outcome_is_unknown(
    method: str, repeatable: bool | None, status: int, other: Scripted
) -> None:
    location = f"{other.origin}/b"
    with Scripted(reply(status, b"", {"Location": location})) as server, pytest.raises(OutcomeUnknown) as caught:
        server.http().request(method, "/a", repeatable=repeatable)
    assert caught.value.failure == Failure("webex", method, f"{server.origin}/v1/a", status, reason="outcome_unknown")
    assert caught.value.may_come is True
    assert server.targets() == [f"{method} /v1/a"]


def test_a_redirect_without_a_location_is_a_failure(messages: MessageTable) -> None:
    with Scripted(reply(*redirect(302, None))) as server, pytest.raises(RequestFailed) as caught:
        server.http().get("/a")
    assert caught.value.reason == "wrong_address"
    messages.check("request.redirected_without_target", caught.value.message, url=f"{server.origin}/v1/a")
    assert server.targets() == ["GET /v1/a"]


@pytest.mark.parametrize("location", ["http://[no", "http://127.0.0.1:99999/b"])
def test_what_is_no_address_is_not_followed(location: str, messages: MessageTable) -> None:
    with Scripted(reply(*redirect(302, location))) as server:
        with pytest.raises(RequestFailed) as redirected:
            server.http().get("/a")
        with pytest.raises(RequestFailed) as linked:
            server.http().follow(location, "/a")
        assert server.targets() == ["GET /v1/a"]
    assert redirected.value.reason == "wrong_address"
    facts = {"method": "GET", "url": f"{server.origin}/v1/a", "target": location, "status": 302}
    messages.check("request.redirected", redirected.value.message, **facts)
    assert linked.value.failure == Failure("webex", "GET", location, reason="wrong_address")


def test_a_sixth_redirect_is_a_failure(messages: MessageTable) -> None:
    steps = [reply(*redirect(302, f"/{number}")) for number in range(1, 7)]
    with Scripted(*steps[:5], reply(), *steps) as server:
        assert server.http().get("/a").attempts == 6
        with pytest.raises(RequestFailed) as caught:
            server.http().get("/a")
        assert caught.value.reason == "wrong_address"
        facts = {"method": "GET", "url": f"{server.origin}/5", "target": f"{server.origin}/6", "status": 302}
        messages.check("request.redirected", caught.value.message, **facts)
        assert server.targets() == ["GET /v1/a", *(f"GET /{number}" for number in range(1, 6))] * 2


@pytest.mark.parametrize(
    ("link", "target"),
    [("/c?d=e", "/c?d=e"), ("c", "/v1/a/c"), ("?after=1", "/v1/a/b?after=1"), ("{origin}/v1/c", "/v1/c")],
)
def test_a_link_within_the_origin_is_followed(link: str, target: str) -> None:
    with Scripted(reply(503, headers={"Retry-After": "0.01"}), reply(*redirect(302, "/e")), reply(200, "b")) as server:
        response = server.http(retry_budget=1).follow(link.format(origin=server.origin), "/a/b")
        assert (response.body, response.attempts) == (b"b", 3)
        assert server.targets() == [f"GET {target}", f"GET {target}", "GET /e"]
        assert server.received[0].headers == {
            "Host": server.host,
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": "Bearer token-canary",
            "User-Agent": server.received[0].headers["User-Agent"],
        }


def test_a_link_with_a_lost_response_is_retried() -> None:
    with Scripted(CUT, reply()) as server:
        assert server.http(retry_budget=0.05).follow("/b", "/a").attempts == 2


def test_a_refused_link_is_a_failure() -> None:
    with Scripted(reply(404)) as server, pytest.raises(RequestFailed) as caught:
        server.http().follow("/b", "/a")
    assert caught.value.failure == Failure("webex", "GET", f"{server.origin}/b", 404, reason="not_found")


@pytest.mark.parametrize("link", ["{origin}/b?token=canary&c", "//{host}/b?token=canary&c"])
def test_a_link_to_another_origin_is_not_followed(link: str, other: Scripted) -> None:
    with Scripted() as server, pytest.raises(RequestFailed) as caught:
        server.http().follow(link.format(origin=other.origin, host=other.host), "/a")
    shown = link.format(origin=other.origin, host=other.host).replace("canary", "********")
    assert type(caught.value) is RequestFailed
    assert f"({shown})" in caught.value.message
    assert caught.value.failure == Failure("webex", "GET", shown, reason="wrong_address")
    assert server.received == []


def test_use_proxy_decides_on_the_proxy_of_the_environment(proxies: pytest.MonkeyPatch) -> None:
    with Scripted(reply()) as server, Scripted(reply()) as proxy:
        proxies.setenv("http_proxy", proxy.origin)
        server.http(use_proxy=True).get("/a")
        server.http(use_proxy=False).get("/b")
        assert proxy.targets() == [f"GET {server.origin}/v1/a"]
        assert server.targets() == ["GET /v1/b"]


def test_the_environment_may_name_hosts_that_need_no_proxy(proxies: pytest.MonkeyPatch, other: Scripted) -> None:
    with Scripted(reply()) as server:
        proxies.setenv("http_proxy", other.origin)
        proxies.setenv("no_proxy", "127.0.0.1")
        assert server.http(use_proxy=True).get("/a").status == 200


def test_an_unreachable_proxy_is_named_without_its_password(
    proxies: pytest.MonkeyPatch, messages: MessageTable
) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        proxies.setenv("http_proxy", f"http://user:prx-canary@127.0.0.1:{port}")
        http = http_at("http://127.0.0.1:1", use_proxy=True)
        with pytest.raises(RequestFailed) as caught:
            http.request("POST", "/a")
    assert type(caught.value) is RequestFailed
    assert caught.value.reason == "unreachable"
    facts = {"proxy": f"http://127.0.0.1:{port}", "variable": "http_proxy"}
    messages.check_in("request.through_proxy", caught.value.message, **facts)
    assert "canary" not in caught.value.message
    assert http.scrub("prx-canary, dXNlcjpwcngtY2FuYXJ5") == "********, ********"


def test_a_proxy_that_refuses_connections_received_no_request(
    proxies: pytest.MonkeyPatch, messages: MessageTable
) -> None:
    with Scripted(reply(407)) as proxy:
        proxies.setenv("https_proxy", proxy.origin)
        with pytest.raises(RequestFailed) as caught:
            http_at("https://127.0.0.1:1", use_proxy=True, retry_budget=60).request("POST", "/a")
        assert type(caught.value) is RequestFailed
        assert caught.value.failure == Failure("webex", "POST", "https://127.0.0.1:1/a", reason="unreachable")
        assert " 407 " in caught.value.message
        facts = {"proxy": proxy.origin, "variable": "https_proxy"}
        messages.check_in("request.through_proxy", caught.value.message, **facts)
        assert proxy.targets() == ["CONNECT 127.0.0.1:1"]


def test_a_change_lost_behind_a_proxy_may_have_run(proxies: pytest.MonkeyPatch) -> None:
    with Scripted(CUT) as proxy:
        proxies.setenv("http_proxy", proxy.origin)
        with pytest.raises(OutcomeUnknown):
            http_at("http://127.0.0.1:1", use_proxy=True, retry_budget=1).request("POST", "/a")
        assert len(proxy.received) == 1


def test_a_change_without_a_tunnel_was_not_sent(proxies: pytest.MonkeyPatch) -> None:
    with Scripted(CUT) as proxy:
        proxies.setenv("https_proxy", proxy.origin)
        with pytest.raises(RequestFailed) as caught:
            http_at("https://127.0.0.1:1", use_proxy=True).request("POST", "/a")
        assert type(caught.value) is RequestFailed
        assert caught.value.reason == "unreachable"
        assert proxy.targets() == ["CONNECT 127.0.0.1:1"]


def test_a_change_with_a_lost_tunnel_may_have_run(
    proxies: pytest.MonkeyPatch, tls: ssl.SSLContext, authority_file: Path
) -> None:
    with Scripted(reply(), CUT, tls=tls, tunnel=True) as proxy:
        proxies.setenv("https_proxy", proxy.origin)
        with pytest.raises(OutcomeUnknown) as caught:
            http_at("https://127.0.0.1:1", use_proxy=True, retry_budget=1, ca_path=str(authority_file)).request(
                "POST", "/a"
            )
        assert caught.value.failure == Failure("webex", "POST", "https://127.0.0.1:1/a", reason="outcome_unknown")
        assert caught.value.may_come is True
        assert proxy.targets() == ["CONNECT 127.0.0.1:1", "POST /a"]


def test_a_server_with_a_certificate_uses_tls(tls: ssl.SSLContext, authority_file: Path) -> None:
    with Scripted(reply(200, "b"), reply(), tls=tls) as server:
        http = server.http(ca_path=str(authority_file))
        assert http.get("/a").body == b"b"
        assert http.get("/a").status == 200
        assert server.connections == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_untrusted_certificate_is_a_failure_at_once(
    monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext, method: str
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    with Scripted(tls=tls) as server, pytest.raises(RequestFailed) as caught:
        server.http(retry_budget=5).request(method, "/a", [("q", "1")])
    assert type(caught.value) is RequestFailed
    assert "CERTIFICATE_VERIFY_FAILED" in caught.value.message
    assert "'ca_path'" in caught.value.message
    assert caught.value.failure == Failure("webex", method, f"{server.origin}/v1/a?q=1", reason="tls")
    assert caught.value.__context__ is None
    assert server.connections == 1


def test_tls_at_a_plain_port_fails_at_once() -> None:
    with Scripted() as server, pytest.raises(RequestFailed) as caught:
        http_at(server.origin.replace("http:", "https:"), retry_budget=5).request("POST", "/a")
    assert type(caught.value) is RequestFailed
    assert caught.value.failure == Failure("webex", "POST", f"https://{server.host}/a", reason="tls")
    assert "'client_cert'" in caught.value.message
    assert server.connections == 1


def test_a_proxy_with_an_untrusted_certificate_fails_at_once(proxies: pytest.MonkeyPatch, tls: ssl.SSLContext) -> None:
    with Scripted(tls=tls) as proxy:
        proxies.setenv("https_proxy", proxy.origin)
        with pytest.raises(RequestFailed) as caught:
            http_at("https://127.0.0.1:1", use_proxy=True, retry_budget=5).request("POST", "/a")
        assert caught.value.failure == Failure("webex", "POST", "https://127.0.0.1:1/a", reason="tls")
        assert proxy.connections == 1


def test_ca_path_applies_to_the_certificate_of_a_proxy(
    proxies: pytest.MonkeyPatch, tls: ssl.SSLContext, authority_file: Path
) -> None:
    with Scripted(reply(407), tls=tls) as proxy:
        proxies.setenv("https_proxy", proxy.origin)
        with pytest.raises(RequestFailed, match=" 407 "):
            http_at("https://127.0.0.1:1", use_proxy=True, ca_path=str(authority_file)).get("/a")
        assert proxy.targets() == ["CONNECT 127.0.0.1:1"]


def test_a_proxy_with_a_wrong_certificate_receives_no_request(
    proxies: pytest.MonkeyPatch, authority: trustme.CA, authority_file: Path, messages: MessageTable
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("proxy.example.com").configure_cert(context)
    with Scripted(tls=context) as proxy:
        proxies.setenv("https_proxy", proxy.origin)
        with pytest.raises(RequestFailed, match=r" not valid for '127\.0\.0\.1'") as caught:
            http_at("https://127.0.0.1:1", use_proxy=True, ca_path=str(authority_file)).get("/a")
        messages.check_in("tls.not_established", caught.value.message, origin="https://127.0.0.1:1")
        assert proxy.received == []


def test_a_tls_handshake_without_a_response_times_out(tls: ssl.SSLContext, authority_file: Path) -> None:
    with Scripted(SILENCE, tls=tls) as server, pytest.raises(OutcomeUnknown) as caught:
        server.http(ca_path=str(authority_file), timeout=0.2).request("POST", "/a")
    assert caught.value.may_come is True


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_broken_tls_connection_may_have_sent_a_change(tls: ssl.SSLContext, authority_file: Path, method: str) -> None:
    with Scripted(NOISE, tls=tls) as server, pytest.raises(RequestFailed) as caught:
        server.http(ca_path=str(authority_file), retry_budget=5).request(method, "/a")
    assert type(caught.value) is (OutcomeUnknown if method == "POST" else RequestFailed)
    reason = "outcome_unknown" if method == "POST" else "tls"
    assert caught.value.failure == Failure("webex", method, f"{server.origin}/v1/a", reason=reason)
    assert "[SSL: " in caught.value.message
    assert caught.value.message.endswith(UNKNOWN_OUTCOME) is (method == "POST")
    assert server.targets() == [f"{method} /v1/a"]


def test_a_redirect_with_an_incomplete_body_is_retried() -> None:
    half = raw(302, b"half", {"Location": "/b", "Content-Length": "9"})
    with Scripted(half, reply(*redirect(302, "/b")), reply()) as server:
        server.http(retry_budget=0.05).get("/a")
        assert server.targets() == ["GET /v1/a", "GET /v1/a", "GET /b"]


@pytest.mark.parametrize("status", [200, 302, 401])
def test_a_session_keeps_and_sends_no_cookie(status: int) -> None:
    cookies = {"Set-Cookie": "id=canary; Path=/", "Location": "/b"}
    with Scripted(reply(status, "", cookies), reply(200, "", cookies), reply()) as server:
        http = server.http()
        for _number in range(2):
            with contextlib.suppress(AccessDenied):
                http.get("/a")
        assert [received.headers.get("Cookie") for received in server.received] == [None] * len(server.received)
        assert len(server.received) == {200: 2, 302: 3, 401: 1}[status]
        assert len(http._session.open().cookies) == 0


def test_a_session_ignores_netrc_and_the_environment(
    proxies: pytest.MonkeyPatch, tmp_path: Path, other: Scripted, tls: ssl.SSLContext, authority_file: Path
) -> None:
    (tmp_path / ".netrc").write_text("default login user password canary\n")
    (tmp_path / ".netrc").chmod(0o600)
    proxies.setenv("HOME", str(tmp_path))
    proxies.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in PROXIES[:3]:
        proxies.setenv(name, other.origin)
    proxies.setenv("CURL_CA_BUNDLE", str(tmp_path / "none.pem"))
    with Scripted(reply(), tls=tls) as server:
        server.http(use_proxy=False, ca_path=str(authority_file)).get("/a")
        assert [received.headers["Authorization"] for received in server.received] == ["Bearer token-canary"]


@pytest.mark.parametrize(
    "location",
    [
        "http://[no",
        "//[::1",
        "http://127.0.0.1:99999/b",
        "http://\u00e4" + "a" * 70 + ".example",
        "\xff\xfe",
        "http:///",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("status", [301, 303, 307])
def test_an_invalid_location_is_a_failure(method: str, status: int, location: str) -> None:
    """For some targets, requests raises an exception even if redirects are disabled."""
    step = Step(f"HTTP/1.1 {status} Moved\r\nContent-Length: 0\r\nLocation: {location}\r\n\r\n".encode("latin-1"))
    with Scripted(*[step] * 7) as server, pytest.raises(RequestFailed) as caught:
        server.http(retry_budget=60).request(method, "/a")
    assert type(caught.value) is RequestFailed
    assert caught.value.failure.status == status
    assert caught.value.reason == "wrong_address"
    assert server.targets()[0] == f"{method} /v1/a"


def test_requests_follows_no_redirect(other: Scripted) -> None:
    with Scripted(reply(*redirect(302, f"{other.origin}/b"))) as server:
        response = server.http()._session.send("GET", f"{server.origin}/a", {}, None)
        assert (response.status, response.headers["Location"]) == (302, f"{other.origin}/b")
        response.close()
