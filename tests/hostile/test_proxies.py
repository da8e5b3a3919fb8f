# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""If a request through a proxy fails, the message contains the proxy and the setting that selects the proxy."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from support.messages import MessageTable

from hostile.attack import Attack, Serve, connection
from hostile.server import HostileServer, Request, Sent, reply

PASSWORD = "proxy-password-canary"
TARGET = {"http": "http://apono.example.com", "https": "https://apono.example.com"}


def through(server: str) -> str:
    """Return the configured address of a proxy with credentials."""
    return f"http://proxy-user:{PASSWORD}@{server}"


RESPONSES: dict[str, tuple[str, Any, str]] = {
    "a tunnel is refused": ("https", reply(407, b"", close=True), "unreachable"),
    "a tunnel is not there": ("https", reply(502, b"", close=True), "unreachable"),
    "the response is lost": ("http", None, "unreachable"),
    "credentials are required": ("http", reply(407, b""), "refused"),
    "the server is not there": ("http", reply(502, b""), "unavailable"),
    "a login page": ("http", reply(200, "<html>Sign in</html>"), "invalid_response"),
    "a redirect": ("http", reply(302, b"", "Location: http://login.example.com/"), "wrong_address"),
    "no TLS in the tunnel": ("https", (reply(200, b""), None, b"No TLS here.\r\n\r\n"), "tls"),
}


@pytest.mark.parametrize(("scheme", "sent", "reason"), RESPONSES.values(), ids=RESPONSES)
def test_a_failure_through_a_proxy_names_the_proxy(
    attack: Attack, serve: Serve, scheme: str, sent: Any, reason: str, messages: MessageTable
) -> None:
    proxy = serve(lambda request: sent)
    env = {f"{scheme.upper()}_PROXY": through(proxy.host)}
    result = attack.task("apono_connector_info", connection("apono", TARGET[scheme]), **env)
    assert proxy.requests
    assert result.failure["reason"] == reason
    facts = {"proxy": f"http://{proxy.host}", "variable": f"{scheme.upper()}_PROXY"}
    messages.check_in("request.through_proxy", result.msg, **facts)
    assert PASSWORD not in result.output
    assert "proxy-user" not in result.output


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_an_unreachable_proxy_is_named(attack: Attack, variable: str, messages: MessageTable) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{bound.getsockname()[1]}"
        options = connection("apono", TARGET["http"])
        result = attack.task("apono_connector_info", options, **{variable: through(host)})
    assert result.failure["reason"] == "unreachable"
    messages.check_in("request.through_proxy", result.msg, proxy=f"http://{host}", variable=variable)
    assert "canary" not in result.output


def test_a_proxy_that_refuses_credentials_gets_one_request(
    serve: Serve, attack: Attack, messages: MessageTable
) -> None:
    """A proxy can lock an account after a few wrong passwords."""
    proxy = serve(lambda request: reply(407, b"", close=True))
    options = connection("apono", TARGET["https"], retry_budget=5)
    result = attack.task("apono_connector_info", options, HTTPS_PROXY=through(proxy.host))
    assert len(proxy.requests) == 1
    assert result.failure["reason"] == "unreachable"
    messages.check_in("retry.refused_by_proxy", result.msg)


def test_a_failure_without_a_proxy_does_not_mention_one(attack: Attack, serve: Serve) -> None:
    def respond(request: Request) -> Sent:
        return reply(404, {"message": "No."})

    server: HostileServer = serve(respond)
    env = {"HTTP_PROXY": "http://proxy.invalid:3128", "NO_PROXY": "127.0.0.1"}
    result = attack.task("apono_connector_info", connection("apono", server.url), **env)
    assert result.failure["status"] == 404
    assert "proxy.invalid" not in result.msg
