# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials are sent only to the origin of 'api_url'."""

from __future__ import annotations

import pytest
from support.scripted import http_at

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import RequestFailed
from hostile.attack import Attack, Serve, connection
from hostile.server import Request, Sent, reply


@pytest.mark.parametrize("header", ["Location", "Link"])
def test_a_backslash_does_not_lead_to_another_origin(attack: Attack, serve: Serve, header: str) -> None:
    evil = serve(lambda request: reply(200, {"items": []}))

    def respond(request: object) -> bytes:
        target = rf"http://127.0.0.1:{evil.port}\@{good.host}/x"
        if header == "Link":
            return reply(200, {"items": []}, f'Link: <{target}>; rel="next"')
        return reply(307, b"", f"Location: {target}")

    good = serve(respond)
    result = attack.task("webex_hybrid_connector_info", connection("webex", f"{good.url}/v1"))
    assert evil.requests == []
    assert result.failed
    assert result.failure["reason"] == "wrong_address"


# {evil} and {good} are the host and the port of two servers.
ELSEWHERE = [
    "http://{evil}/x",
    "//{evil}/x",
    "///{evil}/x",
    "http:{evil}/x",
    "http:/{evil}/x",
    "http:///{evil}/x",
    "http:\\\\{evil}\\x",
    "\\\\{evil}\\x",
    "/\\{evil}/x",
    "//{evil}\\@{good}/x",
    "http://{evil}\\@{good}/x",
    "http://{evil}#@{good}/x",
    "http://{evil}?@{good}/x",
    "http://{good}@{evil}/x",
    "http://user:password@{good}/x",
    "http://{good}%40{evil}/x",
    "http://{good}%2f@{evil}/x",
    "http://{evil}%00.{good}/x",
    "http://{evil}\t@{good}/x",
    "\thttp://{evil}/x",
    "ht\ttp://{evil}/x",
    "http://\t{evil}/x",
    "\xa0//{evil}/x",
    "http://127.0.0.1\uff0f@{evil}/x".encode().decode("latin-1"),
    "http://\uff11\uff12\uff17.0.0.1/x".encode().decode("latin-1"),
    "https://{good}/x",
    "ftp://{good}/x",
    "HTTP://{evil}:80/x",
    "http://localhost.{good}/x",
    "http://[::ffff:127.0.0.1]/x",
    "gopher://{evil}/_GET",
    "javascript://{good}/%0aalert(1)",
]


@pytest.mark.parametrize("link", ELSEWHERE)
@pytest.mark.parametrize("how", ["redirect", "link"])
def test_credentials_stay_at_the_origin(serve: Serve, how: str, link: str) -> None:
    evil = serve(lambda request: reply(200, {}))
    targets: list[str] = []

    def respond(request: Request) -> Sent:
        if request.path == "/start":
            return f"HTTP/1.1 302 Found\r\nLocation: {targets[0]}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
        return reply(404, {})

    good = serve(respond)
    targets.append(link.format(evil=evil.host, good=good.host))
    http = http_at(good.url)
    with pytest.raises(RequestFailed) as caught:
        _ = http.follow(targets[0], "/start") if how == "link" else http.get("/start")
    assert evil.requests == []
    assert caught.value.reason in ("wrong_address", "not_found")
    assert all("/start" in line or caught.value.reason == "not_found" for line in good.seen())


def test_the_address_of_a_request_cannot_lead_away_either(serve: Serve) -> None:
    """Identifiers from a server become path segments, and a query follows."""
    evil = serve(lambda request: reply(200, {}))
    good = serve(lambda request: reply(200, {}))
    http = http_at(good.url)
    for path in (f"/\\@{evil.host}/x", f"//{evil.host}/x", f"/x@{evil.host}", f"@{evil.host}/x", f"\\@{evil.host}/x"):
        try:
            http.get(path)
        except RequestFailed:
            pass
    assert evil.requests == []
