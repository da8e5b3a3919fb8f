# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module sends only a valid token from a token endpoint, and sends secrets only to the origin of 'api_url'."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import Result

from hostile.attack import Attack, Serve
from hostile.server import HostileServer, Request, Sent, reply

pytestmark = pytest.mark.first_case_only

SECRET, REFRESH, TOKEN = "canary-client-secret-1", "canary-refresh-token-1", "canary-access-token-1"
GRANT = {"client_id": "a client", "client_secret": SECRET, "refresh_token": REFRESH}
GOOD = {"access_token": TOKEN, "expires_in": 3600, "refresh_token": REFRESH, "refresh_token_expires_in": 7776000}


class Webex:
    """A service whose token endpoint returns the given responses in order, and then repeats the last response."""

    def __init__(self, *tokens: Sent, lists: Sent = None) -> None:
        self.tokens = list(tokens)
        self.lists = lists or reply(200, {"items": [{"id": "c", "hostname": "h"}]})
        self.received: list[Request] = []

    def __call__(self, request: Request) -> Sent:
        self.received.append(request)
        if request.path != "/v1/access_token":
            return self.lists
        return self.tokens.pop(0) if len(self.tokens) > 1 else self.tokens[0]

    def paths(self) -> list[str]:
        return [request.path.removeprefix("/v1") for request in self.received]


ROTATED = "canary-refresh-token-2"


def echo(request: Request) -> Sent:
    """Return the granted tokens in the fields of a connector."""
    if request.path == "/v1/access_token":
        return reply(200, {**GOOD, "refresh_token": ROTATED})
    token = request.headers["authorization"].split()[1]
    item = {"id": "c", "hostname": token, "status": f"status {token}", "version": ROTATED, "type": "calendar"}
    return reply(200, {"items": [item]})


def run(attack: Attack, server: HostileServer, module: str = "webex_hybrid_connector_info", **options: Any) -> Result:
    """Run a module that lists the connectors by default, and check that no secret is shown."""
    given = {"api_url": f"{server.url}/v1", "retry_budget": 0, **GRANT, **options}
    played = attack.tasks([{"name": "t", f"hybrid.connectors.{module}": given, "ignore_errors": True}])
    for secret in (SECRET, REFRESH, TOKEN):
        assert secret not in played.output
        assert secret not in repr(played["t"].values)
    return played["t"]


REFUSED: dict[str, tuple[Sent, str]] = {
    "HTML": (reply(200, "<html>"), "invalid_response"),
    "nothing": (reply(200), "invalid_response"),
    "a list": (reply(200, [GOOD]), "invalid_response"),
    "no token": (reply(200, {"expires_in": 1}), "invalid_response"),
    "an empty token": (reply(200, {**GOOD, "access_token": ""}), "invalid_response"),
    "a token with a line break": (reply(200, {**GOOD, "access_token": "a\r\nX: y"}), "invalid_response"),
    "a token that is a number": (reply(200, {**GOOD, "access_token": 1}), "invalid_response"),
    "a token that is too long": (reply(200, {**GOOD, "access_token": "a" * 70000}), "invalid_response"),
    "a redirect": (reply(302, b"", "Location: /v1/other"), "wrong_address"),
    "an echo of the form": (
        reply(400, {"error": "invalid_client", "error_description": f"{SECRET} {REFRESH}"}),
        "unauthorized",
    ),
    "a missing endpoint": (reply(404, {"message": "x"}), "wrong_address"),
    "the usual envelope": (reply(401, {"message": "expired", "trackingId": "T-1"}), "unauthorized"),
    "forbidden": (reply(403, {"message": "no"}), "unauthorized"),
    "an error of the server": (reply(500, {"message": "x"}), "unavailable"),
}


@pytest.mark.parametrize(("sent", "reason"), REFUSED.values(), ids=REFUSED)
def test_an_unusable_response_sends_no_further_request(attack: Attack, serve: Serve, sent: Sent, reason: str) -> None:
    webex = Webex(sent)
    result = run(attack, serve(webex))
    assert result.failure["reason"] == reason
    assert webex.paths() == ["/access_token"]


def test_token_and_grant_go_only_where_they_belong(attack: Attack, serve: Serve) -> None:
    webex = Webex(reply(200, GOOD))
    assert not run(attack, serve(webex), clusters=True).failed
    token, *others = webex.received
    assert token.body == b"grant_type=refresh_token&client_id=a+client&client_secret=%s&refresh_token=%s" % (
        SECRET.encode(), REFRESH.encode(),
    )  # fmt: skip
    assert token.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in token.headers
    for request in others:
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert not request.body
    assert webex.paths() == ["/access_token", "/hybrid/connectors", "/hybrid/clusters"]


@pytest.mark.parametrize("lifetime", [None, "soon", -1, True, 1e300, [], 0])
def test_any_lifetime_is_survived(attack: Attack, serve: Serve, lifetime: Any) -> None:
    sent = {**GOOD, "expires_in": lifetime, "refresh_token_expires_in": lifetime, "refresh_token": lifetime}
    webex = Webex(reply(200, sent))
    assert not run(attack, serve(webex)).failed
    assert webex.paths()[0] == "/access_token"


def test_a_new_token_is_not_sent_to_another_origin(attack: Attack, serve: Serve) -> None:
    other = serve(lambda request: reply(200, {"items": []}))
    webex = Webex(reply(200, GOOD), lists=reply(302, b"", f"Location: {other.url}/v1/hybrid/connectors"))
    assert run(attack, serve(webex)).failure["reason"] == "wrong_address"
    assert other.requests == []


def test_a_rejected_token_ends_after_one_renewal(attack: Attack, serve: Serve) -> None:
    second = {**GOOD, "access_token": "canary-access-token-2"}
    webex = Webex(reply(200, GOOD), reply(200, second), lists=reply(401, {"message": "expired"}))
    assert run(attack, serve(webex)).failure["reason"] == "unauthorized"
    assert webex.paths() == ["/access_token", "/hybrid/connectors", "/access_token", "/hybrid/connectors"]


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize("module", ["webex_hybrid_connector_info", "webex_hybrid_cluster_info"])
def test_a_rejected_renewal_fails_the_task(attack: Attack, serve: Serve, module: str, status: int) -> None:
    """Rejected OAuth credentials affect all organizations, whatever the status of the token endpoint is."""
    revoked = "/v1/resourceGroups" if module == "webex_hybrid_cluster_info" else "/v1/hybrid/connectors"
    webex = Webex(reply(200, GOOD), reply(status, {"error": "invalid_grant"}))

    def respond(request: Request) -> Sent:
        if request.path == "/v1/organizations":
            webex.received.append(request)
            return reply(200, {"items": [{"id": "a", "displayName": "A"}, {"id": "b", "displayName": "B"}]})
        if request.path == revoked and request.query["orgId"] == "b":
            return reply(401, {"message": "expired"})
        if request.path.startswith("/v1/hybrid"):
            return reply(200, {"items": [{"id": request.query["orgId"]}]})
        return webex(request)

    result = run(attack, serve(respond), module, org_ids="all")
    assert result.failed
    assert result.failure["reason"] == "unauthorized"
    assert result.failure["status"] == status
    assert "refresh_token" in result.msg
    assert "scope" not in result.msg
    assert "resource_groups" not in result.msg
    assert webex.paths().count("/access_token") == 2


ELSEWHERE: dict[str, Sent] = {
    "404": reply(404, {"message": "x"}),
    "404 of a proxy": reply(404, "<html>"),
    "405": reply(405, {"message": "x"}),
    "a redirect": reply(302, b"", "Location: /v1/other"),
}
SCOPES: dict[str, dict[str, Any]] = {
    "the default": {},
    "an id": {"id": "c"},
    "an organization": {"org_id": "a"},
    "organizations": {"org_ids": ["a", "b"]},
    "all": {"org_ids": "all"},
}


def test_a_missing_token_endpoint_is_a_wrong_address(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    """The request with the client secret is sent once, whatever the task reads."""
    services: dict[str, Webex] = {}
    tasks = []
    for what, sent in ELSEWHERE.items():
        for name, scope in SCOPES.items():
            service = services[f"{what}, {name}"] = Webex(sent)
            options = {"api_url": f"{serve(service).url}/v1", "retry_budget": 0, **GRANT, **scope}
            module = {"hybrid.connectors.webex_hybrid_connector_info": options}
            tasks.append({"name": f"{what}, {name}", **module, "ignore_errors": True})
    done = attack.tasks(tasks)
    for name, service in services.items():
        assert (done[name].failure["reason"], service.paths()) == ("wrong_address", ["/access_token"]), name
        assert SECRET not in repr(done[name].values)
    for name in SCOPES:
        row = done[f"404, {name}"]
        messages.check("webex.no_token_endpoint", row.msg, url=row.failure["url"])


@pytest.mark.parametrize("sent", [reply(200, "<html>"), reply(200, {"expires_in": 1})], ids=["HTML", "no token"])
def test_a_response_without_a_token_is_final(attack: Attack, serve: Serve, sent: Sent) -> None:
    """The client secret is not sent again for the next organization."""
    webex = Webex(sent)
    assert run(attack, serve(webex), org_ids=["a", "b"]).failure["reason"] == "invalid_response"
    assert webex.paths() == ["/access_token"]


OAUTH_ERRORS = {
    "invalid_client": ("invalid_client", "'client_id' and 'client_secret'"),
    "unauthorized_client": ("unauthorized_client", "'client_id'"),
    "invalid_grant": ("invalid_grant", "may have expired"),
    "No such client.": (None, "may have expired"),
}


@pytest.mark.parametrize(
    ("sent", "requests"),
    [
        (reply(200, "<html>"), ["/access_token", "/access_token", "/hybrid/connectors"]),
        (reply(404, "<html>"), ["/access_token", "/access_token", "/hybrid/connectors"]),
        (reply(400, {"error": "invalid_client"}), ["/access_token"]),
    ],
    ids=["HTML", "a missing endpoint", "rejected credentials"],
)
def test_a_retry_repeats_only_unrejected_credentials(
    attack: Attack, serve: Serve, sent: Sent, requests: list[str]
) -> None:
    webex = Webex(sent, reply(200, GOOD))
    options = {"api_url": f"{serve(webex).url}/v1", "retry_budget": 0, **GRANT}
    task = {"name": "t", "hybrid.connectors.webex_hybrid_connector_info": options, "ignore_errors": True}
    again = {"register": "listed", "until": "listed is succeeded", "retries": 1, "delay": 0}
    played = attack.tasks([{**task, **again}])
    assert webex.paths() == requests
    assert played["t"].failed is (len(requests) == 1)


def test_an_error_code_without_a_description_selects_the_remedy(attack: Attack, serve: Serve) -> None:
    for error, (code, words) in OAUTH_ERRORS.items():
        result = run(attack, serve(Webex(reply(400, {"error": error}))))
        assert (result.failure["reason"], result.failure["code"]) == ("unauthorized", code)
        assert words in result.msg
        assert result.msg.count(error.rstrip(".")) == 1, result.msg


@pytest.mark.parametrize("given", [["all"], ["a", "b"]])
def test_a_grant_that_is_forbidden_requires_no_scope(attack: Attack, serve: Serve, given: list[str]) -> None:
    webex = Webex(reply(403, {"message": "no"}))
    result = run(attack, serve(webex), "webex_hybrid_connector_info", org_ids=given)
    assert result.failure["reason"] == "unauthorized"
    assert "scope" not in result.msg
    assert webex.paths() == ["/access_token"]


GRANTED: dict[str, dict[str, Any]] = {
    "the first item of a loop": {},
    "a module process": {"environment": {"A": "process"}},
    "the first task with a cache": {"cached": True},
    "another task with the cache": {"cached": True, "environment": {"A": "process"}},
}


def test_granted_tokens_are_redacted_in_results(attack: Attack, serve: Serve) -> None:
    server = serve(echo)
    given = {"api_url": f"{server.url}/v1", **GRANT}
    cached = {**given, "token_cache": str(attack.folder / "tokens")}
    tasks: list[dict[str, Any]] = [
        {"name": "fleet", "hybrid.connectors.fleet_info": {"webex": given}, "register": "fleet"},
        {"name": "show", "ansible.builtin.debug": {"var": "fleet"}},
    ]
    for name, case in GRANTED.items():
        how = {**case, "loop": [1, 2], "register": "it"}
        options = cached if how.pop("cached", False) else given
        tasks.append({"name": name, "hybrid.connectors.webex_hybrid_connector_info": options, **how})
        tasks.append({"name": f"show {name}", "ansible.builtin.debug": {"var": "it"}})
    done = attack.tasks(tasks, "-vvv")
    values = repr([result.values for _name, result in done.tasks])
    for token in (TOKEN, ROTATED):
        assert token not in done.output
        assert token not in values
    assert [request.path for request in server.requests].count("/v1/access_token") == 5
    assert values.count("'hostname': '") == 2 * 2 * len(GRANTED)


def test_granted_tokens_are_redacted_in_an_inventory(attack: Attack, serve: Serve) -> None:
    server, cache = serve(echo), attack.folder / "cache"
    stored = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(cache)}
    listed = repr(attack.inventory({"webex": {"api_url": f"{server.url}/v1", **GRANT}, **stored}))
    files = "".join(path.read_text(encoding="utf-8") for path in cache.iterdir())
    assert "calendar" in files
    for token in (TOKEN, ROTATED):
        assert token not in listed
        assert token not in files
