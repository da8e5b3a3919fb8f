# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses of Apono, Webex and Hybrid Data Pipeline count only if they prove what was requested."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import yaml
from support.messages import MessageTable
from support.modules import Result

from hostile.attack import Attack, Serve, connection
from hostile.server import HostileServer, Request, Respond, Sent, reply

pytestmark = pytest.mark.first_case_only

LIST = "/api/admin/v3/connectors"
INTEGRATIONS = "/api/admin/v4/integrations"
HTML = "<html><body>Please sign in</body></html>"
NOT_FOUND = {"message": "No such connector."}
ENDED = {"items": [], "pagination": {"next_page_token": None}}
WEBEX = "/v1/hybrid/connectors"


def connector(identifier: str, days: float | None = None, **more: Any) -> dict[str, Any]:
    """A disconnected Apono connector that was connected this number of days ago, or never if the number is None."""
    seen = None if days is None else (datetime.now(timezone.utc) - timedelta(days=days)).isoformat()
    return {"id": identifier, "name": identifier, "status": "DISCONNECTED", "last_connected": seen, **more}


class Apono:
    """A service that behaves as documented, except for requests to which ``instead`` responds."""

    def __init__(self, *connectors: dict[str, Any], integrations: Any = (), instead: Any = None) -> None:
        self.connectors = {one["id"]: dict(one) for one in connectors}
        self.integrations = list(integrations)
        self.instead = instead or (lambda apono, request: None)
        self.count: dict[str, int] = {}

    def __call__(self, request: Request) -> Sent:
        key = f"{request.method} {request.path}"
        self.count[key] = self.count.get(key, 0) + 1
        sent: Sent = self.instead(self, request)
        return self.documented(request) if sent is None else sent

    def documented(self, request: Request) -> bytes:
        """Return the documented response."""
        if request.path == LIST:
            return reply(200, {"items": list(self.connectors.values()), "pagination": {"next_page_token": None}})
        if request.path == INTEGRATIONS:
            return reply(200, {"items": self.integrations, "pagination": {}})
        item = self.connectors.get(request.path.rpartition("/")[2])
        if item is None:
            return reply(404, NOT_FOUND)
        if request.method == "PUT":
            item.update(request.json)
        if request.method == "DELETE":
            del self.connectors[item["id"]]
            return reply(204)
        return reply(200, item)


def on(method: str, *sent: bytes, path: str = "") -> Any:
    """Respond to the requests of a method with these responses in order, and then repeat the last response."""
    left = list(sent)

    def instead(_apono: Apono, request: Request) -> bytes | None:
        if request.method != method or not request.path.endswith(path):
            return None
        return left.pop(0) if len(left) > 1 else left[0]

    return instead


@dataclass
class Case:
    """A module with options, the behavior of the service, and the expected result. :ivar reason: the reason of the
    failure; None if the task must succeed. :ivar changed: whether a successful task reports a change.
    :ivar writes: the requests that change something. :ivar is_check_mode: whether the task runs in check mode.
    """

    module: str
    options: dict[str, Any]
    respond: Respond
    reason: str | None = "invalid_response"
    changed: bool = False
    writes: list[str] = field(default_factory=list)
    path: str = ""
    is_check_mode: bool = False


def outcome(result: Result, server: HostileServer) -> tuple[str | None, bool, list[str]]:
    """The result of a case: the reason of the failure, whether the task reported a change, and the writes."""
    reason = str(result.failure["reason"]) if result.failed else None
    return reason, result.changed, [line.replace(LIST, "") for line in server.writes]


def play(attack: Attack, serve: Serve, cases: Mapping[str, Case]) -> dict[str, tuple[Result, HostileServer]]:
    """Run all cases in one play, each against a separate server."""
    servers = {name: serve(case.respond) for name, case in cases.items()}
    tasks = []
    for name, case in cases.items():
        system = case.module.partition("_")[0]
        more = {"retry_budget": 30} if "later" in name else {}
        given = {**connection(system, servers[name].url + case.path, **more), **case.options}
        how = {"ignore_errors": True, "check_mode": case.is_check_mode}
        tasks.append({"name": name, f"hybrid.connectors.{case.module}": given, **how})
    played = attack.playbook(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    return {name: (played[name], servers[name]) for name in cases}


def check(attack: Attack, serve: Serve, cases: Mapping[str, Case]) -> dict[str, tuple[Result, HostileServer]]:
    """Run all cases, and compare the results with the expected results."""
    results = play(attack, serve, cases)
    found = {name: outcome(result, server) for name, (result, server) in results.items()}
    assert found == {name: (case.reason, case.changed, case.writes) for name, case in cases.items()}
    return results


def test_an_apono_list_without_names_does_not_prove_an_absence(
    attack: Attack, serve: Serve, messages: MessageTable
) -> None:
    items = [{"id": "x", "status": "CONNECTED", "integration_config": {}}]

    def respond(request: Request) -> bytes:
        if request.path.endswith("/x"):
            return reply(200, items[0])
        return reply(200, {"items": items, "pagination": {}})

    by_name: dict[str, tuple[str, dict[str, Any]]] = {
        "absent": ("apono_connector", {"name": "edge", "state": "absent"}),
        "present": ("apono_connector", {"name": "edge", "new_name": "new"}),
        "an integration": ("apono_integration", {"name": "edge", "connector_id": "new"}),
    }
    results = check(attack, serve, {name: Case(*case, respond) for name, case in by_name.items()})
    for name, (result, _server) in results.items():
        objects = "integrations" if name == "an integration" else "connectors"
        facts = {"objects": objects, "identifier": "x", "url": result.failure["url"]}
        messages.check("apono.list_without_names", result.msg, **facts)


def test_apono_connector_deletes_only_the_requested_connector(attack: Attack, serve: Serve) -> None:
    """Test identity: an object with a different ID, and a connector whose name or ID has changed since the list."""
    by_id = {"id": "x", "state": "absent"}
    by_name = {"name": "x", "state": "absent"}
    guarded = {"id": "x", "state": "absent", "require_disconnected": True, "require_unused": True}
    other = connector("other")
    back = {**connector("x"), "status": "CONNECTED"}

    def case(options: dict[str, Any], *arguments: Any, reason: str = "invalid_response", **more: Any) -> Case:
        return Case("apono_connector", options, Apono(connector("x"), other, *arguments, **more), reason)

    check(
        attack,
        serve,
        {
            "another object": case(by_id, instead=on("GET", reply(200, other), path="/x")),
            "an object without an id": case(by_id, instead=on("GET", reply(200, {"name": "x"}), path="/x")),
            "an id that is a list": case(by_id, instead=on("GET", reply(200, {**other, "id": ["x"]}), path="/x")),
            "an id in another case": case(by_id, instead=on("GET", reply(200, {**other, "id": "X"}), path="/x")),
            "a second spelling": case(by_id, instead=on("GET", reply(200, {**other, "ID": "x"}), path="/x")),
            "accepted only": case(by_id, instead=on("GET", reply(202, connector("x")), path="/x")),
            "an error": case(by_id, instead=on("GET", reply(200, connector("x", error="Backend down.")), path="/x")),
            "no success": case(by_id, instead=on("GET", reply(200, connector("x", success=False)), path="/x")),
            "by name, another object": case(by_name, instead=on("GET", reply(200, other), path="/x")),
            "by name, renamed by then": case(
                by_name, instead=on("GET", reply(200, {**connector("x"), "name": "y"}), path="/x"), reason="conflict"
            ),
            "by name, no name by then": case(
                by_name, instead=on("GET", reply(200, {**connector("x"), "name": None}), path="/x"), reason="conflict"
            ),
            "by name, connected by then": case(
                {**by_name, "require_disconnected": True},
                instead=on("GET", reply(200, back), path="/x"),
                reason="refused",
            ),
            "by id, connected by then": case(
                guarded, instead=on("GET", reply(200, connector("x")), reply(200, back), path="/x"), reason="refused"
            ),
            "used": case(guarded, integrations=[{"id": "1", "connector_id": " X"}], reason="refused"),
            "an integration without an id": case(guarded, integrations=[{"connector_id": "x"}]),
            "an integration that comes twice": case(
                guarded,
                integrations=[{"id": "1", "connector_id": "other"}, {"id": "1", "connector_id": "x"}],
                reason="refused",
            ),
        },
    )


def test_apono_connector_reports_a_deletion_only_with_proof(attack: Attack, serve: Serve) -> None:
    """Test the effect of DELETE: after a response other than 204 or an empty 200, the connector must not exist."""

    def case(sent: bytes, reason: str | None, gone: bool, changed: bool) -> Case:
        def instead(apono: Apono, request: Request) -> bytes | None:
            if request.method != "DELETE":
                return None
            if gone:
                apono.connectors.pop("x", None)
            return sent

        return Case(
            "apono_connector", {"id": "x", "state": "absent"}, Apono(connector("x"), instead=instead), reason, changed,
            ["DELETE /x"],
        )  # fmt: skip

    bodies: dict[str, tuple[int, Any, str]] = {
        "an error": (200, {"error": "No."}, "refused"),
        "a status": (200, {"status": "error"}, "refused"),
        "a number": (200, {"status": "401", "code": "Unauthorized"}, "refused"),
        "no success": (200, {"success": False}, "refused"),
        "nothing": (200, {}, "invalid_response"),
        "HTML": (200, HTML, "invalid_response"),
        "a list": (200, [1], "invalid_response"),
        "accepted": (202, b"", "invalid_response"),
        "partial": (206, b"", "invalid_response"),
        "success": (200, {"success": True}, "invalid_response"),
        "its id": (200, {"id": "x"}, "invalid_response"),
    }
    cases = {
        "404 in JSON": case(reply(404, NOT_FOUND), None, True, False),
        "404 in JSON, still there": case(reply(404, NOT_FOUND), "conflict", False, False),
        "404 in HTML": case(reply(404, HTML), "wrong_address", True, False),
        "404 without a body": case(reply(404), "wrong_address", True, False),
    }
    for name, (status, body, reason) in bodies.items():
        cases[f"{name}, still there"] = case(reply(status, body), reason, False, False)
        cases[f"{name}, and gone"] = case(reply(status, body), None, True, True)
    check(attack, serve, cases)


def test_apono_connector_counts_attempts_that_were_not_run(attack: Attack, serve: Serve) -> None:
    """Test retried deletions: after 429, a 404 does not prove that this task deleted the connector."""

    def case(first: bytes, changed: bool, reason: str | None = None) -> Case:
        responses = on("DELETE", first, reply(404, NOT_FOUND))

        def instead(apono: Apono, request: Request) -> bytes | None:
            sent: bytes | None = responses(apono, request)
            if apono.count.get(f"DELETE {LIST}/x") == 2 and not reason:
                apono.connectors.pop("x", None)
            return sent

        options = {"id": "x", "state": "absent"}
        service = Apono(connector("x"), instead=instead)
        return Case("apono_connector", options, service, reason, changed, ["DELETE /x", "DELETE /x"])

    check(
        attack,
        serve,
        {
            "429, later 404": case(reply(429, {"message": "Slow down."}, "Retry-After: 1"), False),
            "423, later 404": case(reply(423, {"message": "Locked."}, "Retry-After: 1"), False),
            "502, later 404": case(reply(502, {"message": "Bad gateway."}), True),
            "502, later 404, still there": case(reply(502, {"message": "Bad gateway."}), False, "conflict"),
        },
    )


def test_apono_connector_reports_a_rename_only_with_proof(attack: Attack, serve: Serve) -> None:
    """Test the effect of PUT: the response or a GET request must contain the connector with the new name."""
    old, new = connector("x"), {**connector("x"), "name": "new"}

    def case(sent: bytes, made: bool, reason: str | None) -> Case:
        def instead(apono: Apono, request: Request) -> bytes | None:
            if request.method != "PUT":
                return None
            if made:
                apono.connectors["x"]["name"] = "new"
            return sent

        service = Apono(connector("x"), instead=instead)
        return Case("apono_connector", {"id": "x", "name": "new"}, service, reason, reason is None, ["PUT /x"])

    bodies: dict[str, tuple[int, Any, str]] = {
        "the old name": (200, old, "invalid_response"),
        "another id": (200, {**new, "id": "y"}, "invalid_response"),
        "no id": (200, {"name": "new"}, "invalid_response"),
        "an empty object": (200, {}, "invalid_response"),
        "an empty body": (204, b"", "invalid_response"),
        "accepted": (202, b"", "invalid_response"),
        "HTML": (200, HTML, "invalid_response"),
        "a list": (200, [new], "invalid_response"),
        "a status": (200, {"status": "error"}, "refused"),
        "an error with the object": (200, {**new, "error": "No."}, "refused"),
        "no success": (200, {**new, "success": False}, "refused"),
        "the name in another spelling": (200, {**old, "NAME": "new"}, "invalid_response"),
        "success": (200, {"success": True}, "invalid_response"),
    }
    cases = {
        **{f"{name}, ignored": case(reply(code, body), False, why) for name, (code, body, why) in bodies.items()},
        **{f"{name}, and made": case(reply(code, body), True, None) for name, (code, body, _why) in bodies.items()},
    }
    results = check(attack, serve, cases)
    assert {result["connector"]["name"] for result, _server in results.values() if not result.failed} == {"new"}


def test_a_different_stored_name_is_a_change(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    def shorten(apono: Apono, request: Request) -> bytes | None:
        if request.method != "PUT":
            return None
        apono.connectors["x"]["name"] = "abcd"
        return reply(200, apono.connectors["x"])

    renames = {"names": {"x": "abcdef"}}
    cases = {
        "one": Case("apono_connector", {"id": "x", "name": "abcdef"}, Apono(connector("x"), instead=shorten)),
        "bulk": Case("apono_connectors", renames, Apono(connector("x"), instead=shorten)),
    }
    results = play(attack, serve, cases)
    for result, server in results.values():
        assert result.failed
        assert result.changed, result.msg
        facts = {"stored": "abcd", "name": "abcdef", "identifier": "x", "url": f"{server.url}{LIST}/x"}
        messages.check_in("apono.different_name", result.msg, **facts)
    (item,) = results["bulk"][0]["connectors"]
    assert (item["action"], item["changed"], item["name"]) == ("failed", True, "abcd")
    assert item["diff"]["after"] == {"id": "x", "name": "abcd"}


def shortening(length: int, *connectors: dict[str, Any]) -> Apono:
    """A service that stores only the first characters of each new name."""

    def instead(apono: Apono, request: Request) -> bytes | None:
        if request.method != "PUT":
            return None
        item = apono.connectors[request.path.rpartition("/")[2]]
        item["name"] = request.json["name"][:length]
        return reply(200, item)

    return Apono(*connectors, instead=instead)


def test_a_different_stored_name_is_not_assigned_again(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    service = shortening(4, connector("x"), connector("y"))
    case = Case("apono_connectors", {"names": {"x": "abcdef", "y": "abcd"}}, service)
    ((result, server),) = play(attack, serve, {"bulk": case}).values()
    assert server.writes == [f"PUT {LIST}/x"]
    assert {item["id"]: (item["name"], item["changed"]) for item in result["connectors"]} == {
        "x": ("abcd", True),
        "y": ("y", False),
    }
    messages.check("apono.name_of_another", result["connectors"][1]["error"], name="abcd", identifier="x")


def test_an_exchange_works_with_a_shortened_temporary_name(attack: Attack, serve: Serve) -> None:
    service = shortening(12, connector("x"), connector("y"))
    ((result, _server),) = play(
        attack, serve, {"bulk": Case("apono_connectors", {"names": {"x": "y", "y": "x"}}, service)}
    ).values()
    assert not result.failed, result.msg
    assert {item["name"] for item in result["connectors"]} == {"x", "y"}
    assert [service.connectors[identifier]["name"] for identifier in "xy"] == ["y", "x"]
    assert all(re.search("'renaming-...',", item["why"]) for item in result["connectors"] if "why" in item)


def test_a_temporary_name_in_another_form_causes_no_warning(attack: Attack, serve: Serve) -> None:
    def instead(apono: Apono, request: Request) -> bytes | None:
        if request.method != "PUT":
            return None
        item = apono.connectors[request.path.rpartition("/")[2]]
        item["name"] = request.json["name"].upper()
        return reply(200, item)

    service = Apono(connector("x", name="X"), connector("y", name="Y"), instead=instead)
    ((result, _server),) = play(
        attack, serve, {"bulk": Case("apono_connectors", {"names": {"x": "Y", "y": "X"}}, service)}
    ).values()
    assert not result.failed, result.msg
    assert result.values.get("warnings", []) == []


def test_a_failed_exchange_reports_the_name_that_is_stored(attack: Attack, serve: Serve) -> None:
    def instead(apono: Apono, request: Request) -> bytes | None:
        if request.method != "PUT":
            return None
        item = apono.connectors[request.path.rpartition("/")[2]]
        item["name"] = "third" if request.json["name"] == item["id"][::-1] else request.json["name"]
        return reply(200, item)

    # The last request of the exchange stores a third name.
    service = Apono(connector("xy"), connector("yx"), instead=instead)
    ((result, _server),) = play(
        attack, serve, {"bulk": Case("apono_connectors", {"names": {"xy": "yx", "yx": "xy"}}, service)}
    ).values()
    assert result.failed
    for item in result["connectors"]:
        assert item["name"] == service.connectors[item["id"]]["name"] == "third"
        assert item["changed"]
        assert "temporary" not in item["error"]


def unverified(name: str | None, *, fails: str = "") -> Apono:
    """A service with the connectors x and y. It stores a new name that begins with C(name), but does not show it, and
    does not return the connector x. :param fails: the ID of a connector for which each change is rejected.
    """

    def instead(apono: Apono, request: Request) -> bytes | None:
        identifier = request.path.rpartition("/")[2]
        if request.method == "GET" and identifier == "x":
            return reply(500, {"message": "Cannot read."})
        if request.method != "PUT":
            return None
        if identifier == fails:
            return reply(400, {"message": "No."})
        item = apono.connectors[identifier]
        item["name"] = request.json["name"]
        return reply(200) if name and item["name"].startswith(name) else reply(200, item)

    return Apono(connector("x"), connector("y"), instead=instead)


def test_an_unverified_rename_claims_no_temporary_name(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    def shorten_the_other(apono: Apono, request: Request) -> bytes | None:
        if request.method == "PUT" and request.path.endswith("/y"):
            apono.connectors["y"]["name"] = "z"
            return reply(200)
        if request.method == "PUT" and request.json["name"] == "x":
            return reply(400, {"message": "No."})
        return lost(apono, request)

    lost = unverified("y").instead
    services = {
        "last request": unverified("y"),
        "restored name": unverified("x", fails="y"),
        "rejected restore": Apono(connector("x"), connector("y"), instead=shorten_the_other),
    }
    cases = {
        name: Case("apono_connectors", {"names": {"x": "y", "y": "x"}}, service) for name, service in services.items()
    }
    for name, (result, _server) in play(attack, serve, cases).items():
        item = result["connectors"][0]
        assert (item["id"], item["action"], item["changed"]) == ("x", "failed", True), name
        assert services[name].connectors["x"]["name"] != item["name"], name
        messages.check_in("apono.unknown_rename", item["error"], temporary=item["name"])
        assert "now has" not in item["error"], name


def test_a_name_that_was_not_released_explains_why(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    cases = {
        "an exchange": ({"x": "y", "y": "x"}, "x", "y", unverified(None, fails="y")),
        "a temporary name": ({"x": "y", "y": "x"}, "y", "x", unverified("renaming-")),
        "the next name": ({"x": "new", "y": "x"}, "y", "x", unverified(None, fails="x")),
    }
    tasks = {
        what: Case("apono_connectors", {"names": names}, service)
        for what, (names, _id, _owner, service) in cases.items()
    }
    for what, (result, _server) in play(attack, serve, tasks).items():
        _names, identifier, owner, _service = cases[what]
        errors = {item["id"]: item.get("error") for item in result["connectors"]}
        expected = messages.expected("apono.name_not_released", name=owner, identifier=owner)
        assert str(errors[identifier]).startswith(expected), (what, errors)


def test_a_404_counts_only_if_it_is_the_apis(attack: Attack, serve: Serve) -> None:
    """Test missing objects: the 404 response must be a JSON object, and the list must be readable."""
    webex = {"items": [{"id": "y"}]}

    def apono(sent: bytes, listed: bytes | None, reason: str | None, path: str = "") -> dict[str, Case]:
        def respond(request: Request) -> bytes:
            return listed if listed and request.path == LIST else sent

        return {
            f"{module} {path} {sent[9:12]!r} {sent[-9:]!r} {listed and listed[-9:]!r}": Case(
                module, options, respond, reason, path=path
            )
            for module, options in (
                ("apono_connector", {"id": "x", "state": "absent"}),
                ("apono_connector_info", {"id": "x"}),
            )
        }

    def by_webex(sent: bytes, listed: bytes | None, reason: str | None) -> Case:
        def respond(request: Request) -> bytes:
            return listed if listed and request.path == WEBEX else sent

        return Case("webex_hybrid_connector_info", {"id": "x"}, respond, reason, path="/v1")

    everywhere: Respond = lambda request: reply(404, NOT_FOUND)  # noqa: E731
    cases = {
        **apono(reply(404, NOT_FOUND), reply(200, ENDED), None),
        **apono(reply(404, HTML), reply(200, ENDED), "wrong_address"),
        **apono(reply(404), reply(200, ENDED), "wrong_address"),
        **apono(reply(404, []), reply(200, ENDED), "wrong_address"),
        **apono(reply(404, NOT_FOUND), None, "wrong_address"),
        **apono(reply(404, NOT_FOUND), reply(200, {}), "invalid_response"),
        **apono(reply(404, NOT_FOUND), reply(200, HTML), "invalid_response"),
        **apono(reply(404, NOT_FOUND), reply(403, NOT_FOUND), "forbidden"),
        **apono(reply(404, NOT_FOUND), reply(200, {**ENDED, "items": [{"id": "x"}]}), "invalid_response"),
        "webex, it is listed": by_webex(
            reply(404, NOT_FOUND), reply(200, {"items": [{"id": "x="}]}), "invalid_response"
        ),
        "webex, there is none": by_webex(reply(404, NOT_FOUND), reply(200, webex), None),
        "webex, of a proxy": by_webex(reply(404, HTML), reply(200, webex), "wrong_address"),
        "webex, a wrong address": by_webex(reply(404, NOT_FOUND), None, "wrong_address"),
        "apono list": Case("apono_connector_info", {}, everywhere, "wrong_address"),
        "apono list v2": Case("apono_connector_info", {"api_version": "v2"}, everywhere, "wrong_address"),
        "apono by name": Case("apono_connector", {"name": "x", "state": "absent"}, everywhere, "wrong_address"),
        "apono bulk": Case("apono_connectors", {"prune": True}, everywhere, "wrong_address"),
        "webex list": Case("webex_hybrid_connector_info", {}, everywhere, "wrong_address"),
        "hdp admin": Case("hdp_connector_info", {}, everywhere, "wrong_address"),
        "hdp user": Case("hdp_connector_info", {"scope": "user"}, everywhere, "wrong_address"),
    }
    results = check(attack, serve, cases)
    assert "/v1" in results["webex list"][0].msg


def test_a_documented_path_in_api_url_is_not_doubled(attack: Attack, serve: Serve) -> None:
    paths = ("/api", "/api/", "/api/admin", "/api/admin/v3", "/api/admin/v3/connectors/", "/api/v2/connectors")
    service = Apono(connector("x"))
    cases = {
        **{f"apono{path}": Case("apono_connector_info", {}, service, None, path=path) for path in paths},
        "hdp/api/admin/connectors": Case(
            "hdp_connector_info",
            {},
            lambda request: reply(200, {"connectors": ["a"]}),
            None,
            path="/api/admin/connectors",
        ),
        "webex/v1/hybrid/connectors": Case(
            "webex_hybrid_connector_info", {}, lambda request: reply(200, {"items": [{"id": "a"}]}), None, path=WEBEX
        ),
    }
    results = check(attack, serve, cases)
    seen = {line for _result, server in results.values() for line in server.seen()}
    assert seen == {f"GET {LIST}", "GET /api/admin/connectors", f"GET {WEBEX}"}
    assert all(len(result["connectors"]) == 1 for result, _server in results.values())


NO_LISTS: dict[str, dict[str, Any]] = {
    "apono_connector_info": {
        "an error": (200, {"error": "No."}),
        "an error beside it": (200, {**ENDED, "error": "No."}),
        "no success beside it": (200, {**ENDED, "success": False}),
        "errors beside it": (200, {**ENDED, "errors": [{"message": "No."}]}),
        "a notice beside nothing": (200, {**ENDED, "message": "Maintenance."}),
        "maintenance": (200, {"status": "maintenance"}),
        "an empty object": (200, {}),
        "another key": (200, {"Items": [], "pagination": {}}),
        "null": (200, {"items": None, "pagination": {}}),
        "an object": (200, {"items": {}, "pagination": {}}),
        "no pagination": (200, {"items": []}),
        "pagination is null": (200, {"items": [], "pagination": None}),
        "pagination is a string": (200, {"items": [], "pagination": "next"}),
        "pagination is a list": (200, {"items": [], "pagination": [{"next_page_token": "x"}]}),
        "the token is false": (200, {"items": [], "pagination": {"next_page_token": False}}),
        "the token is zero": (200, {"items": [], "pagination": {"next_page_token": 0}}),
        "the token is an object": (200, {"items": [], "pagination": {"next_page_token": {}}}),
        "the token is a blank": (200, {"items": [], "pagination": {"next_page_token": " "}}),
        "more than came": (200, {"items": [{"id": "a"}], "pagination": {"total": 2}}),
        "a token elsewhere": (200, {"items": [], "pagination": {}, "next_page_token": "t"}),
        "it goes on": (200, {"items": [{"id": "a"}], "pagination": {"has_more": True}}),
        "created": (201, ENDED),
        "accepted": (202, ENDED),
        "of a proxy": (203, ENDED),
        "partial": (206, ENDED),
        "of many": (207, ENDED),
        "no content": (204, b""),
        "infinity": (200, b'{"items": [{"id": "a", "version": Infinity}], "pagination": {}}'),
        "without an id": (200, {"items": [{"id": "a"}, {"name": "b"}], "pagination": {}}),
        "an id that is a number": (200, {"items": [{"id": 7}], "pagination": {}}),
        "an id that is too long": (200, {"items": [{"id": "a" * 600}], "pagination": {}}),
    },
    "webex_hybrid_connector_info": {
        "an error": (200, {"error": "No."}),
        "an error beside it": (200, {"items": [], "error": "No."}),
        "errors beside it": (200, {"items": [], "errors": [{"description": "No."}]}),
        "no success beside it": (200, {"items": [], "success": False}),
        "a notice beside nothing": (200, {"items": [], "message": "Maintenance."}),
        "maintenance": (200, {"status": "maintenance"}),
        "another key": (200, {"Items": []}),
        "null": (200, {"items": None}),
        "an object": (200, {"items": {}}),
        "a bare list": (200, []),
        "more than came": (200, {"items": [{"id": "a"}], "totalResults": 2}),
        "an empty object with a next page": (200, {}, 'Link: </v1/hybrid/connectors?cursor=2>; rel="next"'),
        "a next page elsewhere": (200, {"items": [{"id": "a"}], "next": "/v1/hybrid/connectors?cursor=2"}),
        "created": (201, {"items": []}),
        "accepted": (202, {"items": []}),
        "accepted, an empty object": (202, {}),
        "of a proxy": (203, {"items": []}),
        "partial": (206, {"items": [{"id": "a"}]}),
        "partial, an empty object": (206, {}),
        "of many": (207, {"items": []}),
        "no content": (204, b""),
        "minus infinity": (200, b'{"items": [{"id": "a", "version": -Infinity}]}'),
    },
    "hdp_connector_info": {
        "an error": (200, {"error": {"code": 1, "message": {"value": "No."}}}),
        "an error beside it": (200, {"connectors": [], "error": {"code": 1}}),
        "no success beside it": (200, {"connectors": [], "success": False}),
        "a notice beside nothing": (200, {"connectors": [], "message": "Maintenance."}),
        "two lists": (200, {"connectors": [], "connectorIDs": ["a"]}),
        "null": (200, {"connectors": None}),
        "two ids": (200, {"connectors": [{"connectorID": "a", "connectorId": "b"}]}),
        "accepted": (202, {"connectors": []}),
        "partial": (206, {"connectors": ["a"]}),
        "more than came": (200, {"connectors": ["a"], "totalCount": 2}),
    },
}  # fmt: skip


@pytest.mark.parametrize("module", NO_LISTS)
def test_an_incomplete_list_is_not_an_empty_list(attack: Attack, serve: Serve, module: str) -> None:
    check(
        attack,
        serve,
        {
            name: Case(module, {}, lambda request, sent=sent: reply(*sent), path="/v1")  # type: ignore[misc]
            for name, sent in NO_LISTS[module].items()
        },
    )


def test_empty_lists_of_the_documented_shapes_are_empty(attack: Attack, serve: Serve) -> None:
    bodies: list[tuple[str, dict[str, Any], Any]] = [
        ("apono_connector_info", {}, {"items": [], "pagination": {}}),
        ("apono_connector_info", {}, {"items": [], "pagination": {"next_page_token": ""}}),
        ("apono_connector_info", {}, ENDED),
        ("apono_connector_info", {"api_version": "v2"}, []),
        ("webex_hybrid_connector_info", {}, {}),
        ("webex_hybrid_connector_info", {}, {"items": []}),
        ("hdp_connector_info", {}, {"connectors": []}),
        ("hdp_connector_info", {"scope": "user"}, {"connectorIDs": []}),
    ]
    results = check(
        attack,
        serve,
        {
            f"{number}": Case(module, options, lambda request, body=body: reply(200, body), None)  # type: ignore[misc]
            for number, (module, options, body) in enumerate(bodies)
        },
    )
    assert all(result["connectors"] == [] for result, _server in results.values())


def test_endless_lists_end(attack: Attack, serve: Serve) -> None:
    """Serve new page tokens or links forever, repeat a token or a link, or repeat the same items."""
    fresh = itertools.count()

    def apono(request: Request) -> bytes:
        number = next(fresh)
        return reply(200, {"items": [{"id": str(number)}], "pagination": {"next_page_token": f"t{number}"}})

    def empty(request: Request) -> bytes:
        return reply(200, {"items": [], "pagination": {"next_page_token": f"t{next(fresh)}"}})

    def webex(request: Request) -> bytes:
        link = f'Link: <{WEBEX}?cursor={next(fresh)}>; rel="next"'
        return reply(200, {"items": [{"id": "same"}]}, link)

    results = check(
        attack,
        serve,
        {
            "apono, fresh": Case("apono_connector_info", {}, apono),
            "apono, empty": Case("apono_connectors", {"prune": True}, empty),
            "apono, repeated": Case(
                "apono_connector_info",
                {},
                lambda request: reply(200, {"items": [], "pagination": {"next_page_token": "again"}}),
            ),
            "webex, fresh": Case("webex_hybrid_connector_info", {}, webex, path="/v1"),
            "webex, repeated": Case(
                "webex_hybrid_connector_info",
                {},
                lambda request: reply(200, {"items": []}, f"Link: <{WEBEX}>; rel=next"),
                path="/v1",
            ),
        },
    )
    counts = {name: len(server.requests) for name, (_result, server) in results.items()}
    assert counts["apono, fresh"] == counts["apono, empty"] == counts["webex, fresh"] == 1000
    assert counts["apono, repeated"] == counts["webex, repeated"] == 2


def test_the_same_id_twice_is_one_connector(attack: Attack, serve: Serve) -> None:
    twice = [connector("a"), connector("b"), connector("a")]

    def case(module: str, body: Any, path: str = "") -> Case:
        return Case(module, {}, lambda request: reply(200, body), None, path=path)

    results = check(
        attack,
        serve,
        {
            "apono": case("apono_connector_info", {"items": twice, "pagination": {"total": 2}}),
            "webex": case("webex_hybrid_connector_info", {"items": [{"id": "YQ=="}, {"id": "YQ"}]}, "/v1"),
            "hdp": case("hdp_connector_info", {"connectors": ["a", "a"]}),
        },
    )
    assert {name: len(result["connectors"]) for name, (result, _server) in results.items()} == {
        "apono": 2,
        "webex": 1,
        "hdp": 1,
    }


def test_webex_objects_and_pages_are_those_that_were_requested(attack: Attack, serve: Serve) -> None:
    module = "webex_hybrid_connector_info"
    uuid = "1f1d8f2a-6c26-4e0f-9b53-0a7b0a3f1c11"
    encoded = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8xZjFkOGYyYS02YzI2LTRlMGYtOWI1My0wYTdiMGEzZjFjMTE"

    def one(identifier: Any) -> Respond:
        return lambda request: reply(200, {"id": identifier, "orgId": "o"})

    def items(*headers: str, org: str = "o") -> Respond:
        return lambda request: reply(200, {"items": [{"id": "a", "orgId": org}]}, *headers)

    def only_as(identifier: str) -> Respond:
        """Find a connector only if its ID has exactly this spelling."""

        def respond(request: Request) -> bytes:
            if request.path.endswith("/hybrid/connectors"):
                return reply(200, {"items": [{"id": identifier, "orgId": "o"}]})
            if request.path.endswith(f"/{identifier}"):
                return reply(200, {"id": identifier, "orgId": "o"})
            return reply(404, NOT_FOUND)

        return respond

    def never_found(request: Request) -> bytes:
        if request.path.endswith("/hybrid/connectors"):
            return reply(200, {"items": [{"id": "YWI", "orgId": "o"}]})
        return reply(404, NOT_FOUND)

    long = "x" * 20_000
    check(
        attack,
        serve,
        {
            "another object": Case(module, {"id": "YWJj"}, one("YWJk"), path="/v1"),
            "no id": Case(module, {"id": "YWJj"}, one(None), path="/v1"),
            "a number": Case(module, {"id": "7"}, one(7), path="/v1"),
            "without padding": Case(module, {"id": "YWI="}, one("YWI"), None, path="/v1"),
            "with padding": Case(module, {"id": "YWI"}, one("YWI="), None, path="/v1"),
            "found without padding": Case(module, {"id": "YWI="}, only_as("YWI"), None, path="/v1"),
            "found with padding": Case(module, {"id": "YWI"}, only_as("YWI="), None, path="/v1"),
            "listed and not found": Case(module, {"id": "YWI="}, never_found, path="/v1"),
            "another organization": Case(module, {"org_id": "p"}, items(org="q"), path="/v1"),
            "the organization by its UUID": Case(module, {"org_id": uuid}, items(org=encoded), None, path="/v1"),
            "an organization that is not there": Case(
                module, {"org_id": "p"}, lambda request: reply(404, NOT_FOUND), "not_found", path="/v1"
            ),
            "the next page of another list": Case(
                module, {}, items('Link: </v1/people?max=1>; rel="next"'), "wrong_address", path="/v1"
            ),
            "two next pages": Case(
                module, {}, items(f'Link: <{WEBEX}?a>; rel="next", <{WEBEX}?b>; rel="next"'), path="/v1"
            ),
            "a link that cannot be parsed": Case(module, {}, items(f'Link: <{WEBEX}?a; rel="next"'), path="/v1"),
            "a header that is too long": Case(module, {}, items(f'Link: <{long}>; rel="prev"'), path="/v1"),
            "another link": Case(module, {}, items("Link: </style.css>; rel=preload; as=style"), None, path="/v1"),
        },
    )


@pytest.mark.parametrize("module", ["apono_connector_info", "webex_hybrid_connector_info"])
def test_an_incomplete_connector_is_not_returned(attack: Attack, serve: Serve, module: str) -> None:
    bodies: dict[str, tuple[int, dict[str, Any]]] = {
        "accepted": (202, {}),
        "partial": (206, {}),
        "an error": (200, {"error": "Backend down."}),
        "errors": (200, {"errors": [{"description": "Backend down."}]}),
        "no success": (200, {"success": False}),
    }

    def case(status: int, more: dict[str, Any], reason: str | None = "invalid_response") -> Case:
        return Case(module, {"id": "x"}, lambda request: reply(status, {"id": "x", **more}), reason, path="/v1")

    cases = {name: case(*sent) for name, sent in bodies.items()}
    check(attack, serve, {**cases, "a connector with an error": case(200, {"status": "Error"}, None)})


ODD: tuple[Any, ...] = (
    7,
    1.5,
    True,
    None,
    [],
    ["x"],
    {},
    {"__ansible_vault": "x"},
    "x" * 3000,
    "None",
    {"a": [{"b": None}]},
)


def test_odd_values_do_not_break_a_list(attack: Attack, serve: Serve) -> None:
    """The modules sort and filter items with values of any type, and return all documented fields."""
    apono = [{"id": f"a{n}", "name": odd, "status": odd, "last_connected": odd} for n, odd in enumerate(ODD)]
    webex = [{"id": f"w{n}", "hostname": odd, "status": odd, "hybridClusterId": odd} for n, odd in enumerate(ODD)]
    hdp = [{"connectorID": f"h{n}", "label": odd, "tenantName": odd} for n, odd in enumerate(ODD)]
    by_apono: Respond = lambda request: reply(200, {"items": apono, "pagination": {}})  # noqa: E731
    by_webex: Respond = lambda request: reply(200, {"items": webex})  # noqa: E731
    by_hdp: Respond = lambda request: reply(200, {"connectors": hdp})  # noqa: E731
    found = {
        "apono": Case("apono_connector_info", {}, by_apono, None),
        "apono, filtered": Case("apono_connector_info", {"status": ["none"]}, by_apono, None),
        "apono, by name": Case("apono_connector_info", {"name": "None"}, by_apono, None),
        "apono, bulk": Case("apono_connectors", {"prune": True}, by_apono, None),
        "apono, v2": Case(
            "apono_connector_info",
            {"api_version": "v2"},
            lambda request: reply(200, [{"connector_id": f"{n}", "last_connected": odd} for n, odd in enumerate(ODD)]),
            None,
        ),
        "webex": Case("webex_hybrid_connector_info", {}, by_webex, None, path="/v1"),
        "webex, filtered": Case(
            "webex_hybrid_connector_info", {"status": ["none"], "hostname": "none"}, by_webex, None, path="/v1"
        ),
        "webex, clusters": Case("webex_hybrid_connector_info", {"clusters": True}, by_webex, None, path="/v1"),
        "hdp": Case("hdp_connector_info", {}, by_hdp, None),
        "hdp, filtered": Case("hdp_connector_info", {"filters": {"tenant_name": "none"}}, by_hdp, None),
    }
    results = check(attack, serve, found)
    ids = {
        name: [item.get("id") or item["connector_id"] for item in result["connectors"]]
        for name, (result, _server) in results.items()
    }
    for name, prefix in (("apono", "a"), ("apono, v2", ""), ("webex", "w"), ("webex, clusters", "w"), ("hdp", "h")):
        assert sorted(ids[name]) == sorted(f"{prefix}{number}" for number in range(len(ODD)))
    for name, prefix in (
        ("apono, filtered", "a"),
        ("apono, by name", "a"),
        ("webex, filtered", "w"),
        ("hdp, filtered", "h"),
    ):
        assert ids[name] == [f"{prefix}9"], "The word None is not null."
    item = results["apono"][0]["connectors"][0]
    assert {"version", "is_latest_version", "cloud_provider_type", "sessions"} <= set(item)
    assert {"org_id", "type", "version", "created"} <= set(results["webex"][0]["connectors"][0])
    assert results["hdp"][0]["connectors"][0]["owner"] is None


def test_prune_keeps_connectors_similar_to_a_listed_one(attack: Attack, serve: Serve) -> None:
    """Test IDs that differ from an ID in the list only in case, whitespace or Unicode form."""
    ids = ["prod-1", "caf\u00e9", "east 1", "\ufb01ve", "zero\u200bwidth"]
    names = ["PROD-1", "cafe\u0301", "east\u00a01 ", "FIVE", "zerowidth"]
    unknown, known = {}, {}
    for identifier, listed in zip(ids, names, strict=True):
        options = {"names": {listed: listed}, "prune": True}
        unused, connected = connector(identifier, 500), connector(listed, 0, status="CONNECTED")
        unknown[identifier] = Case("apono_connectors", options, Apono(unused), "not_found")
        known[identifier] = Case("apono_connectors", options, Apono(unused, connected), None)
    for result, _server in check(attack, serve, unknown).values():
        assert "did you mean" in result.msg
    for result, _server in check(attack, serve, known).values():
        assert [item["action"] for item in result["connectors"]] == ["unchanged", "kept"]
        assert result["connectors"][1]["why"]


def test_prune_needs_a_valid_timestamp(attack: Attack, serve: Serve) -> None:
    """A default value, a time before Apono existed, and the start of a connection do not prove the last contact."""
    stamps = [
        "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59Z",
        "2019-06-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2999-01-01T00:00:00Z", "", " ", "soon", 0, 1500000000,
        False, [], {},
    ]  # fmt: skip
    old = connector("old", 200)
    alive = connector("alive", 100, status="Connected", sessions=[{"last_connected_time": old["last_connected"]}])
    prune = {"prune": True, "prune_never_connected": ["x"]}
    kept = {
        f"{stamp!r}": Case("apono_connectors", prune, Apono({**connector("x"), "last_connected": stamp}), None)
        for stamp in stamps
    }
    results = check(attack, serve, kept)
    for result, _server in results.values():
        assert [item["action"] for item in result["connectors"]] == ["kept"]
        assert result["connectors"][0]["why"]
    check(
        attack,
        serve,
        {
            "one is connected for longer": Case("apono_connectors", {"prune": True}, Apono(old, alive), "refused"),
            "one is connected since 1970": Case(
                "apono_connectors",
                {"prune": True},
                Apono(old, {**alive, "last_connected": "1970-01-01T00:00:00Z"}),
                "refused",
            ),
            "names wait for it": Case(
                "apono_connectors", {"prune": True, "names": {"alive": "b"}}, Apono(old, alive), "refused"
            ),
            "nothing is dead by age": Case(
                "apono_connectors", {"prune": True, "names": {"old": "old"}}, Apono(old, alive), None
            ),
            "only what was never connected": Case(
                "apono_connectors", prune, Apono(connector("x"), alive), None, True, ["DELETE /x"]
            ),
            "one is connected for less": Case(
                "apono_connectors",
                {"prune": True, "prune_after_days": 150},
                Apono(old, alive),
                None,
                True,
                ["DELETE /old"],
            ),
        },
    )


def test_prune_reads_again_what_it_deletes(attack: Attack, serve: Serve) -> None:
    """Between the list and the deletion, a connector can be reconnected, renamed, used or replaced."""
    dead = connector("x", 500)
    later = {
        "another object": ("failed", {**dead, "id": "y"}),
        "connected": ("kept", {**dead, "status": "CONNECTED"}),
        "no status": ("kept", {**dead, "status": None}),
        "a session": ("kept", {**dead, "sessions": [{"id": "1"}]}),
        "another name": ("kept", {**dead, "name": "y"}),
        "a newer time": ("kept", {**dead, "last_connected": connector("x", 1)["last_connected"]}),
        "an older time": ("kept", {**dead, "last_connected": connector("x", 600)["last_connected"]}),
        "no time": ("kept", {**dead, "last_connected": None}),
    }
    cases = {
        name: Case(
            "apono_connectors",
            {"prune": True},
            Apono(dead, instead=on("GET", reply(200, body), path="/x")),
            "invalid_response" if action == "failed" else None,
        )
        for name, (action, body) in later.items()
    }
    used = {"items": [{"id": "1", "connector_id": "X"}], "pagination": {}}
    cases["used"] = Case(
        "apono_connectors",
        {"prune": True},
        Apono(dead, instead=on("GET", reply(200, ENDED), reply(200, used), path=INTEGRATIONS)),
        None,
    )
    results = check(attack, serve, cases)
    actions = {name: result["connectors"][0]["action"] for name, (result, _server) in results.items()}
    assert actions == {**{name: action for name, (action, _body) in later.items()}, "used": "kept"}
    same = {**dead, "last_connected": str(dead["last_connected"]).replace("+00:00", "Z"), "version": "2"}
    service = Apono(dead, instead=on("GET", reply(200, same), path="/x"))
    check(attack, serve, {"same": Case("apono_connectors", {"prune": True}, service, None, True, ["DELETE /x"])})


def test_an_unproven_deletion_fails_on_its_own(attack: Attack, serve: Serve) -> None:
    """In a bulk run, an invalid response fails only one connector, and the result contains the other connectors."""
    dead = [connector(name, 500) for name in ("a", "b", "c")]
    odd = reply(200, {"error": "No."})
    service = Apono(*dead, connector("d", 1), instead=on("DELETE", odd, path="/b"))
    case = Case(
        "apono_connectors",
        {"prune": True, "names": {"d": "e"}},
        service,
        "refused",
        True,
        ["DELETE /a", "DELETE /b", "DELETE /c", "PUT /d"],
    )
    ((result, _server),) = check(attack, serve, {"bulk": case}).values()
    assert {item["id"]: item["action"] for item in result["connectors"]} == {
        "d": "renamed",
        "a": "deleted",
        "b": "failed",
        "c": "deleted",
    }
