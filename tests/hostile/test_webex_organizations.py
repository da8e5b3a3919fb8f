# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A response for one Webex organization never counts for a different organization or as an empty list."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import pytest
from support.deadline import HANGS
from support.messages import MessageTable
from support.modules import Result
from support.playbooks import Played

from hostile.attack import Attack, Serve, connection
from hostile.server import HostileServer, Request, Respond, Sent, reply

pytestmark = pytest.mark.first_case_only

MODULES = {"webex_hybrid_connector_info": "connectors", "webex_hybrid_cluster_info": "clusters"}
LISTS = {"webex_hybrid_connector_info": "/v1/hybrid/connectors", "webex_hybrid_cluster_info": "/v1/hybrid/clusters"}
UUID = "1f1d8f2a-6c26-4e0f-9b53-0a7b0a3f1c11"
ENCODED = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8xZjFkOGYyYS02YzI2LTRlMGYtOWI1My0wYTdiMGEzZjFjMTE"

# The server and the options of each case.
Cases = Mapping[str, tuple[Respond, dict[str, Any]]]


class Webex:
    """Two organizations with one object in each list. ``instead`` contains other responses by path and organization."""

    def __init__(self, instead: Mapping[tuple[str, str], Sent] | None = None, names: Any = ("A", "B")) -> None:
        self.instead = instead or {}
        self.organizations = [{"id": "a", "displayName": names[0]}, {"id": "b", "displayName": names[1]}]

    def __call__(self, request: Request) -> Sent:
        path, _mark, query = request.target.partition("?")
        organization = query.removeprefix("orgId=")
        if (path, organization) in self.instead:
            return self.instead[path, organization]
        if path == "/v1/organizations":
            return reply(200, {"items": self.organizations})
        return reply(200, {"items": [{"id": f"x-{organization}", "orgId": organization}]})


def run_all(attack: Attack, serve: Serve, module: str, cases: Cases) -> Played:
    """Run a module in one play, with a server and options for each case."""
    tasks = []
    for name, (respond, options) in cases.items():
        given = {**connection("webex", f"{serve(respond).url}/v1"), "org_ids": "all", **options}
        tasks.append({"name": name, f"hybrid.connectors.{module}": given, "ignore_errors": True})
    return attack.tasks(tasks)


def run(attack: Attack, server: HostileServer, module: str, **options: Any) -> Result:
    given = {**connection("webex", f"{server.url}/v1"), "org_ids": "all", **options}
    return attack.task(module, given)


def states(result: Result) -> dict[str, str | None]:
    """Return the reason of the failure for each organization, or None if the organization was read."""
    return {item["id"]: item["reason"] for item in result["organizations"]}


UNUSABLE: dict[str, tuple[Sent, str]] = {
    "forbidden": (reply(403, {"message": "No."}), "forbidden"),
    "not found": (reply(404, {"message": "No."}), "not_found"),
    "HTML with 404": (reply(404, "<html>"), "wrong_address"),
    "HTML with 200": (reply(200, "<html>"), "invalid_response"),
    "an error with 200": (reply(200, {"error": "No."}), "invalid_response"),
    "no list": (reply(200, {"items": None}), "invalid_response"),
    "an object without an id": (reply(200, {"items": [{"orgId": "b"}]}), "invalid_response"),
    "an object of another organization": (reply(200, {"items": [{"id": "y", "orgId": "c"}]}), "invalid_response"),
    "a broken server": (reply(500, {"message": "No."}), "unavailable"),
    "a rate limit": (reply(429, {"message": "No."}, "Retry-After: 900"), "rate_limited"),
    "a link to another list": (
        reply(200, {"items": [{"id": "y"}]}, 'Link: </v1/people>; rel="next"'),
        "wrong_address",
    ),
    "a partial response": (reply(206, {"items": []}), "invalid_response"),
}


@pytest.mark.parametrize("module", MODULES)
def test_an_unusable_response_leaves_one_organization_unread(
    attack: Attack, serve: Serve, module: str, messages: MessageTable
) -> None:
    cases: Cases = {name: (Webex({(LISTS[module], "b"): sent}), {}) for name, (sent, _reason) in UNUSABLE.items()}
    played = run_all(attack, serve, module, cases)
    for name, (_sent, reason) in UNUSABLE.items():
        result = played[name].ok()
        assert (name, states(result)) == (name, {"a": None, "b": reason})
        assert [item["id"] for item in result[MODULES[module]]] == ["x-a"]
        messages.check_in("webex.unread_organization", result.warnings, total=2)


@pytest.mark.parametrize("module", MODULES)
def test_unusable_responses_for_all_organizations_fail_the_task(attack: Attack, serve: Serve, module: str) -> None:
    path = LISTS[module]
    cases: Cases = {
        name: (Webex({(path, "a"): sent, (path, "b"): sent}), {}) for name, (sent, _reason) in UNUSABLE.items()
    }
    played = run_all(attack, serve, module, cases)
    for name, (_sent, reason) in UNUSABLE.items():
        result = played[name]
        assert result.failed, name
        assert MODULES[module] not in result
        assert (name, states(result)) == (name, {"a": reason, "b": reason})
        assert result.failure["reason"] == reason


@pytest.mark.parametrize("path", ["/v1/hybrid/connectors", "/v1/resourceGroups"])
def test_a_list_that_a_cluster_needs_leaves_its_organization_unread(attack: Attack, serve: Serve, path: str) -> None:
    """Connectors that could not be read are not counted as zero."""
    webex = Webex({(path, "b"): reply(403, {"message": "No."})})
    result = run(attack, serve(webex), "webex_hybrid_cluster_info").ok()
    assert states(result) == {"a": None, "b": "forbidden"}
    assert [item["id"] for item in result["clusters"]] == ["x-a"]


def test_one_list_for_all_organizations_is_not_believed(attack: Attack, serve: Serve) -> None:
    """A server that ignores the organization returns the same objects for all organizations."""
    same = reply(200, {"items": [{"id": "x"}]})
    path = LISTS["webex_hybrid_connector_info"]
    result = run(attack, serve(Webex({(path, "a"): same, (path, "b"): same})), "webex_hybrid_connector_info")
    assert result.failure["reason"] == "invalid_response"
    assert "connectors" not in result


def test_objects_without_an_organization_belong_to_the_requested_one(attack: Attack, serve: Serve) -> None:
    path = LISTS["webex_hybrid_connector_info"]
    webex = Webex({(path, "a"): reply(200, {"items": [{"id": "x"}]})})
    result = run(attack, serve(webex), "webex_hybrid_connector_info").ok()
    assert {item["id"]: (item["org_id"], item["org_name"]) for item in result["connectors"]} == {
        "x": ("a", "A"),
        "x-b": ("b", "B"),
    }


def test_without_the_list_of_organizations_nothing_is_read(attack: Attack, serve: Serve) -> None:
    refused = {
        "no id": (reply(200, {"items": [{"displayName": "no id"}]}), "invalid_response"),
        "empty": (reply(200, {"items": []}), "invalid_response"),
        "empty object": (reply(200, {}), "invalid_response"),
        "HTML": (reply(200, "<html>"), "invalid_response"),
        "not found": (reply(404, {"message": "No."}), "wrong_address"),
        "forbidden": (reply(403, {"message": "No."}), "forbidden"),
        "unauthorized": (reply(401, {"message": "No."}), "unauthorized"),
    }
    received: list[str] = []

    def recording(sent: Sent) -> Respond:
        def respond(request: Request) -> Sent:
            received.append(request.target)
            return sent

        return respond

    cases: Cases = {name: (recording(sent), {}) for name, (sent, _reason) in refused.items()}
    played = run_all(attack, serve, "webex_hybrid_connector_info", cases)
    assert {name: played[name].failure["reason"] for name in refused} == {
        name: reason for name, (_sent, reason) in refused.items()
    }
    assert received == ["/v1/organizations"] * len(refused)


def test_specified_organizations_are_read_without_the_list(
    attack: Attack, serve: Serve, messages: MessageTable
) -> None:
    """The list of organizations contains only the names of organizations whose IDs are specified."""
    unusable: dict[str, Sent] = {
        "empty": reply(200, {"items": []}),
        "empty object": reply(200, {}),
        "HTML": reply(200, "<html>"),
        "not found": reply(404, {"message": "No."}),
        "forbidden": reply(403, {"message": "No."}),
        "a broken server": reply(500, {"message": "No."}),
        "no id": reply(200, {"items": [{"displayName": "no id"}]}),
    }
    cases: Cases = {
        name: (Webex({("/v1/organizations", ""): sent}), {"org_ids": ["a"]}) for name, sent in unusable.items()
    }
    played = run_all(attack, serve, "webex_hybrid_connector_info", cases)
    for name in cases:
        result = played[name].ok()
        assert [(item["id"], item["org_name"]) for item in result["connectors"]] == [("x-a", None)]
        assert (name, states(result)) == (name, {"a": None})
        messages.check_in("webex.unread_names", result.warnings)
        assert "'org_ids'" not in result.warnings


def test_rejected_credentials_are_not_sent_after_the_list(attack: Attack, serve: Serve) -> None:
    server = serve(Webex({("/v1/organizations", ""): reply(401, {"message": "Expired."})}))
    result = run(attack, server, "webex_hybrid_connector_info", org_ids=["a"])
    assert result.failure["reason"] == "unauthorized"
    assert server.seen() == ["GET /v1/organizations"]


def test_an_organization_is_named_in_any_spelling_of_its_id(attack: Attack, serve: Serve) -> None:
    def respond(request: Request) -> Sent:
        if request.path == "/v1/organizations":
            return reply(200, {"items": [{"id": ENCODED, "displayName": "A"}]})
        return reply(200, {"items": [{"id": "x", "orgId": ENCODED}]})

    cases: Cases = {given: (respond, {"org_ids": [given]}) for given in (UUID, UUID.upper(), ENCODED, f"{ENCODED}=")}
    played = run_all(attack, serve, "webex_hybrid_connector_info", cases)
    for given in cases:
        found = played[given].ok()["connectors"]
        assert [(item["org_id"], item["org_name"]) for item in found] == [(ENCODED, "A")]


def test_odd_names_of_organizations_are_survived(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    odd: tuple[Any, ...] = (7, None, [], {"a": 1}, True, "x" * 3000, "{{ 7*7 }}", "a\nb\x1b[31m")
    refused = {("/v1/hybrid/connectors", "b"): reply(403, {"message": "No."})}
    cases: Cases = {str(number): (Webex(refused, names=("A", name)), {}) for number, name in enumerate(odd)}
    played = run_all(attack, serve, "webex_hybrid_connector_info", cases)
    for number in cases:
        result = played[number].ok()
        assert states(result) == {"a": None, "b": "forbidden"}
        messages.check_in("webex.unread_organization", result.warnings, total=2)
    assert "\x1b[31m" not in played.output
    assert "49" not in [item["name"] for item in played["6"]["organizations"]]


def test_a_silent_organization_does_not_hold_up_the_others(attack: Attack, serve: Serve) -> None:
    released = threading.Event()
    webex = Webex()

    def respond(request: Request) -> Sent:
        if request.target.endswith("orgId=b"):
            released.wait(HANGS)
        return webex(request)

    server = serve(respond)
    for timeout in (1, 10, 60):  # On a busy machine, the others can also exceed a short timeout.
        result = run(attack, server, "webex_hybrid_connector_info", timeout=timeout)
        if not result.failed and states(result) == {"a": None, "b": "timeout"}:
            break
    released.set()
    assert states(result.ok()) == {"a": None, "b": "timeout"}


def test_rejected_credentials_are_not_sent_for_each_organization(attack: Attack, serve: Serve) -> None:
    """If Webex rejects the token for one organization, the module does not send it for the other organizations."""
    webex = Webex()
    webex.organizations = [{"id": f"o{number}", "displayName": f"o{number}"} for number in range(40)]

    def respond(request: Request) -> Sent:
        if request.target == "/v1/organizations":
            return webex(request)
        return reply(401, {"message": "Expired."})

    server = serve(respond)
    result = run(attack, server, "webex_hybrid_connector_info")
    assert result.failure["reason"] == "unauthorized"
    assert len(server.requests) <= 5
