# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A move of an Apono integration counts only if the server proves it, and must not lose a field."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from support.messages import MessageTable

from hostile.attack import Attack, Serve
from hostile.server import Request, Sent, reply
from hostile.test_vendor_proof import Case, check, play

pytestmark = pytest.mark.first_case_only

LIST = "/api/admin/v4/integrations"
CONNECTORS = "/api/admin/v3/connectors"
NO = {"message": "No."}
ONE: dict[str, Any] = {
    "id": "one",
    "name": "One",
    "type": "t",
    "category": "c",
    "status": "ACTIVE",
    "connector_id": "old",
    "integration_config": {"host": "h", "depth": {"list": ["a", {"b": 1}]}},
    "secret_store_config": {"aws": {"region": "r", "secret_id": "s"}},
    "owner": {"attribute_type": "user", "attribute_value": ["x"], "source_integration_name": "Okta"},
    "invented": {"later": True},
}
MOVE = {"id": "one", "connector_id": "new"}


class Apono:
    """A service that behaves as documented, except for the responses in ``instead`` (by method and path)."""

    def __init__(self, instead: dict[str, Any] | None = None, **different: Any) -> None:
        self.item = {key: value for key, value in copy.deepcopy({**ONE, **different}).items() if value != "left out"}
        self.instead = {key: list(sent) if isinstance(sent, list) else [sent] for key, sent in (instead or {}).items()}
        self.bodies: list[Any] = []

    def __call__(self, request: Request) -> Sent:
        if request.method == "PUT":
            self.bodies.append(request.json)
        left = self.instead.get(f"{request.method} {request.path}")
        if left:
            sent: Sent = left.pop(0) if len(left) > 1 else left[0]
            return sent
        if request.path == LIST:
            return reply(200, {"items": [self.item], "pagination": {}})
        if request.path == f"{CONNECTORS}/new":
            return reply(200, {"id": "new", "name": "new", "status": "CONNECTED"})
        if request.path != f"{LIST}/one":
            return reply(404, NO)
        if request.method == "PUT":
            self.item["connector_id"] = request.json["connector_id"]
        return reply(200, self.item)


WRITTEN = [f"PUT {LIST}/one"]


def test_a_move_sends_every_field_back(attack: Attack, serve: Serve) -> None:
    service = Apono()
    ((result, _server),) = play(attack, serve, {"move": Case("apono_integration", MOVE, service)}).values()
    assert result.changed, result.msg
    owner = {"attribute_type": "user", "attribute_value": ["x"], "source_integration_reference": "Okta"}
    assert service.bodies == [
        {
            "name": "One",
            "integration_config": ONE["integration_config"],
            "connector_id": "new",
            "secret_store_config": ONE["secret_store_config"],
            "owner": owner,
        }
    ]


def test_a_move_sends_only_the_store_that_has_a_value(attack: Attack, serve: Serve) -> None:
    unused = dict.fromkeys(("gcp", "kubernetes", "azure", "hashicorp_vault", "apono"))
    reference = Apono(secret_store_config={**ONE["secret_store_config"], **unused})
    stored = Apono(secret_store_config={**unused, "aws": None, "apono": {"parameters": {"password": "x"}}})
    parameters = {"password": "y"}
    tasks = {
        "a reference": Case("apono_integration", MOVE, reference),
        "secrets in Apono": Case("apono_integration", {**MOVE, "secret_parameters": parameters}, stored),
    }
    for result, _server in play(attack, serve, tasks).values():
        assert result.changed, result.msg
    assert reference.bodies[0]["secret_store_config"] == ONE["secret_store_config"]
    assert stored.bodies[0]["secret_store_config"] == {"apono": {"parameters": parameters}}


def test_the_status_of_an_integration_is_not_an_error(attack: Attack, serve: Serve) -> None:
    """An integration whose connector is dead has the status Error, and a move is the remedy."""
    became = [reply(200, ONE), reply(200, {**ONE, "connector_id": "new", "status": "Error"})]
    cases = {status: Apono(status=status) for status in ("Error", "FAILED", "rejected", "500")}
    tasks = {name: Case("apono_integration", MOVE, service) for name, service in cases.items()}
    tasks["became Error"] = Case("apono_integration", MOVE, Apono({f"GET {LIST}/one": became}))
    for name, (result, server) in play(attack, serve, tasks).items():
        assert result.changed, (name, result.msg)
        assert server.writes == WRITTEN
        assert result["integration"]["status"] == name.removeprefix("became ")


def test_an_unsafe_field_stops_the_move(attack: Attack, serve: Serve) -> None:
    def case(reason: str = "refused", **different: Any) -> Case:
        return Case("apono_integration", MOVE, Apono(**different), reason)

    check(
        attack,
        serve,
        {
            "secrets in Apono": case(secret_store_config={"apono": {"parameters": {"password": "x"}}}),
            "secrets in Apono, not shown": case(secret_store_config={"apono": None}),
            "a masked value": case(integration_config={"password": "******"}),
            "a masked value in depth": case(
                integration_config={"a": [{"b": {"password": "\u2022\u2022\u2022\u2022"}}]}
            ),
            "a redacted value": case(integration_config={"password": "<REDACTED>"}),
            "a masked password in a URL": case(integration_config={"url": "postgres://u:*****@db"}),
            "masked access details": case(custom_access_details="Use the password *****."),
            "a masked reference": case(secret_store_config={"aws": {"region": "r", "secret_id": "*****"}}),
            "not all secrets": Case(
                "apono_integration",
                {**MOVE, "secret_parameters": {"password": "x"}},
                Apono(secret_store_config={"apono": {"parameters": {"password": None, "user": None}}}),
                "refused",
            ),
            "an owner with more": case(owner={**ONE["owner"], "team": "x"}),
            "an owner that is a string": case(owner="x"),
            "no configuration": case("invalid_response", integration_config="left out"),
            "a configuration that is not an object": case("invalid_response", integration_config=["x"]),
            "no name": case("invalid_response", name=None),
            "another id": case("invalid_response", id="two"),
            "an error with 200": case("invalid_response", error="x"),
            "no success with 200": case("invalid_response", success=False),
            "a status without an integration": Case(
                "apono_integration", MOVE, Apono({f"GET {LIST}/one": reply(200, {"status": "error"})})
            ),
        },
    )


def test_a_move_without_proof_is_a_failure(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    def read(**shown: Any) -> Case:
        sent = [reply(200, ONE), reply(200, {**ONE, "connector_id": "new", **shown})]
        changed = shown != {"connector_id": "old"}
        return Case("apono_integration", MOVE, Apono({f"GET {LIST}/one": sent}), "invalid_response", changed, WRITTEN)

    results = check(
        attack,
        serve,
        {
            "the old connector": read(connector_id="old"),
            "no connector": read(connector_id=None),
            "a lost owner": read(owner=None),
            "a changed configuration": read(integration_config={"host": "h"}),
            "another secret": read(secret_store_config={"aws": {"region": "r", "secret_id": "t"}}),
            "a lost undocumented field": read(invented=None),
            "another name": read(name="Two"),
            "gone": Case(
                "apono_integration",
                MOVE,
                Apono({f"GET {LIST}/one": [reply(200, ONE), reply(404, NO)]}),
                "invalid_response",
                writes=WRITTEN,
            ),
            "rejected": Case(
                "apono_integration", MOVE, Apono({f"PUT {LIST}/one": reply(400, NO)}), "refused", writes=WRITTEN
            ),
            "rejected with 200": Case(
                "apono_integration",
                MOVE,
                Apono({f"PUT {LIST}/one": reply(200, {"success": False, "message": "A different cloud."})}),
                "refused",
                writes=WRITTEN,
            ),
            "not moved, with the status Error": Case(
                "apono_integration",
                MOVE,
                Apono({f"PUT {LIST}/one": reply(200, {**ONE, "status": "Error"})}, status="Error"),
                "invalid_response",
                writes=WRITTEN,
            ),
            "without a body": Case(
                "apono_integration",
                MOVE,
                Apono({f"PUT {LIST}/one": reply(200), f"GET {LIST}/one": [
                    reply(200, ONE), reply(200, {**ONE, "connector_id": "new", "status": "SYNC", "invented": 1})
                ]}),
                None,
                True,
                WRITTEN,
            ),
        },
    )  # fmt: skip
    result, server = results["rejected with 200"]
    messages.check("apono.move_rejected_with_200", result.msg, url=server.url)


def test_a_field_lost_without_a_move_is_a_change(attack: Attack, serve: Serve, messages: MessageTable) -> None:
    def lost(**shown: Any) -> Case:
        sent = [reply(200, ONE), reply(200, {**ONE, "owner": None, **shown})]
        return Case("apono_integration", MOVE, Apono({f"GET {LIST}/one": sent}), changed=True, writes=WRITTEN)

    rows = {"not moved": "apono.changed_without_move", "moved elsewhere": "apono.moved_elsewhere"}
    cases = {"not moved": lost(), "moved elsewhere": lost(connector_id="third", owner=ONE["owner"])}
    results = check(attack, serve, cases)
    for name, (result, server) in results.items():
        messages.check(rows[name], result.msg, url=server.url)


UNREAD: dict[str, Sent] = {
    "503": reply(503, {"message": "Busy."}),
    "403": reply(403, NO),
    "500": reply(500, NO),
    "HTML": reply(200, "<html>"),
    "lost": None,
}


def test_an_accepted_change_that_cannot_be_verified_is_unknown(
    attack: Attack, serve: Serve, messages: MessageTable
) -> None:
    connector = {"id": "one", "name": "edge", "status": "DISCONNECTED"}
    listed = {"items": [connector], "pagination": {}}
    tasks = {
        "move": ("apono_integration", MOVE, LIST, ONE),
        "rename": ("apono_connector", {"id": "one", "name": "new"}, CONNECTORS, connector),
        "delete": ("apono_connector", {"id": "one", "state": "absent"}, CONNECTORS, connector),
    }
    cases = {}
    for name, (module, options, path, item) in tasks.items():
        for what, sent in UNREAD.items():
            instead = {f"GET {path}/one": [reply(200, item), sent], f"GET {CONNECTORS}": reply(200, listed)}
            method = "DELETE" if name == "delete" else "PUT"
            service = Apono({**instead, f"{method} {path}/one": reply(200, {})})
            cases[f"{name}, {what}"] = Case(
                module, options, service, "outcome_unknown", writes=[f"{method} {path}/one"]
            )
    bulk = Apono({f"GET {CONNECTORS}": reply(200, listed), f"PUT {CONNECTORS}/one": reply(200, {})})
    bulk.instead[f"GET {CONNECTORS}/one"] = [reply(503, {"message": "Busy."})]
    results = play(attack, serve, {**cases, "bulk": Case("apono_connectors", {"names": {"one": "new"}}, bulk)})
    for name, case in cases.items():
        result, server = results[name]
        assert (result.failure["reason"], result.changed, server.writes) == (case.reason, False, case.writes), name
    rows = {"move": "apono.unverified_move", "rename": "apono.unverified_name", "delete": "apono.unverified_deletion"}
    for name, row in rows.items():
        result, server = results[f"{name}, 503"]
        messages.check(row, result.msg, url=server.url)
    result, server = results["bulk"]
    (item,) = result["connectors"]
    assert item["failure"]["reason"] == "outcome_unknown"
    messages.check("apono.unverified_name", item["error"], url=server.url)


@pytest.mark.parametrize("secret", ["canary-of-the-configuration"])
def test_no_message_shows_the_configuration(attack: Attack, serve: Serve, secret: str) -> None:
    hidden: dict[str, Any] = {"integration_config": {"note": secret}, "custom_access_details": secret}
    lost = [reply(200, {**ONE, **hidden}), reply(200, {**ONE, **hidden, "connector_id": "new", "owner": None})]
    cases = {
        "moved": Case("apono_integration", MOVE, Apono(**hidden)),
        "refused": Case("apono_integration", MOVE, Apono(**hidden, owner="x")),
        "lost": Case("apono_integration", MOVE, Apono({f"GET {LIST}/one": lost})),
        "listed": Case("apono_integration_info", {}, Apono(**hidden)),
        "an integration without a name": Case(
            "apono_integration", {**MOVE, "id": None, "name": "a"}, Apono(**hidden, name=None)
        ),
        "another integration": Case("apono_integration", MOVE, Apono(**hidden, id="ONE")),
        "a list without an ID": Case("apono_integration_info", {}, Apono(**hidden, id=None)),
    }
    for result, _server in play(attack, serve, cases).values():
        assert secret not in result.output
        assert secret not in repr(result.values)


def rejected(message: str, **different: Any) -> Apono:
    """Return a service that rejects each change with a message."""
    return Apono({f"PUT {LIST}/one": reply(400, {"message": message})}, **different)


def test_no_vendor_message_shows_the_configuration(attack: Attack, serve: Serve) -> None:
    config = {
        "password": "Tr0ub4dor-9",
        "depth": [{"pin": "48151623"}],
        "url": "postgres://u:hunter-2-hunter@db",
        "key": "-----BEGIN-----\nMIIEvQIBADANBg\n-----END-----",
    }
    message = "cannot use Tr0ub4dor-9, 48151623, hunter-2-hunter, MIIEvQIBADANBg, secret/of/aws or ask Ann at 555"
    store = {"aws": {"region": "r", "secret_id": "secret/of/aws"}}
    service = rejected(
        message, integration_config=config, secret_store_config=store, custom_access_details="ask Ann at 555"
    )
    ((result, _server),) = play(attack, serve, {"echo": Case("apono_integration", MOVE, service)}).values()
    mask = "********"
    shown = f"cannot use {mask}, {mask}, {mask}, {mask}, {mask} or {mask}"
    assert result.failure["message"] == shown
    assert f": {shown}." in result.msg


def test_no_vendor_message_shows_a_short_secret(attack: Attack, serve: Serve) -> None:
    config = {
        "admin_password": "hunter2",
        "pin": 4815,
        "accounts": [{"api_token": "one"}],
        "url": "postgres://u:pw@db",
        "ssl": "on",
        "use_password": True,
    }
    message = "login with hunter2, 4815, one or pw failed (ssl is on, true)"
    stored = {"password": "s3cr", "user": "bob", "port": 1521}
    specified = {"password": "n3w", "user": "joe", "port": "1522"}
    cases = {
        "configured": Case("apono_integration", MOVE, rejected(message, integration_config=config)),
        "stored": Case(
            "apono_integration",
            {**MOVE, "secret_parameters": specified},
            rejected(
                "cannot replace s3cr, bob, 1521 by n3w, joe, 1522",
                secret_store_config={"apono": {"parameters": stored}},
            ),
        ),
    }
    results = play(attack, serve, cases)
    mask = "********"
    shown = {
        "configured": f"login with {mask}, {mask}, {mask} or {mask} failed (ssl is on, true)",
        "stored": f"cannot replace {mask}, {mask}, {mask} by {mask}, {mask}, {mask}",
    }
    assert {name: result.failure["message"] for name, (result, _server) in results.items()} == shown
    for name, (result, _server) in results.items():
        assert f": {shown[name]}." in result.msg


@pytest.mark.parametrize("flag", ["no", "YES", " on", "off", "0", "1", 1, 3, "false", True])
def test_a_flag_in_a_secret_key_is_shown(attack: Attack, serve: Serve, flag: object) -> None:
    """Apono stores the values of a configuration as strings, also those of flags such as ``rotate_password``."""
    message = "The connector does not run on 10.0.0.13, and there is no, off, false or YES in it."
    config = {"rotate_password": flag, "depth": [{"use_token": flag}], "password": "n0"}
    stored = {"apono": {"parameters": {"rotate": flag}}}
    move = {**MOVE, "secret_parameters": {"rotate": "n3w-secret"}}
    cases = {
        "configured": Case("apono_integration", MOVE, rejected(f"{message} n0", integration_config=config)),
        "stored": Case("apono_integration", move, rejected(message, secret_store_config=stored)),
    }
    results = play(attack, serve, cases)
    assert results["configured"][0].failure["message"] == f"{message} ********"
    assert results["stored"][0].failure["message"] == message
    for result, server in results.values():
        assert result.failure["url"] == f"{server.url}{LIST}/one"


def test_a_vendor_message_keeps_the_identifiers(attack: Attack, serve: Serve) -> None:
    options = {"id": "one", "connector_id": "new"}
    config = {
        "integration": "production-database",
        "place": "postgresql",
        "old": "old-connector",
        "new": "new",
        "host": "127.0.0.1",
        "path": "integrations",
    }
    message = "cannot move production-database (postgresql) from old-connector to new"
    service = rejected(
        message,
        name="production-database",
        type="aws-postgresql",
        connector_id="old-connector",
        integration_config=config,
    )
    ((result, _server),) = play(attack, serve, {"names": Case("apono_integration", options, service)}).values()
    assert result.failure["message"] == message
    assert f"{LIST}/one" in result.failure["url"]
    assert "127.0.0.1" in result.failure["url"]


def test_a_cut_vendor_message_has_no_part_of_a_specified_secret(attack: Attack, serve: Serve) -> None:
    secret = "canary-0123456789"
    given = {**MOVE, "secret_parameters": {"password": secret}}
    store = {"apono": {"parameters": {"password": "********"}}}
    cases = {
        str(before): Case("apono_integration", given, rejected("." * before + secret, secret_store_config=store))
        for before in range(285, 300, 5)
    }
    for result, _server in play(attack, serve, cases).values():
        assert result.failed
        assert "can" not in result.msg.partition("...")[2]


def test_a_wrong_address_is_not_an_absent_integration(attack: Attack, serve: Serve) -> None:
    missing = {"id": "nothing", "connector_id": "new"}
    check(
        attack,
        serve,
        {
            "not there": Case("apono_integration", missing, Apono(), "not_found"),
            "HTML": Case(
                "apono_integration", missing, Apono({f"GET {LIST}/nothing": reply(404, "<html>")}), "wrong_address"
            ),
            "no list": Case("apono_integration", missing, Apono({f"GET {LIST}": reply(404, NO)}), "wrong_address"),
            "in the list": Case(
                "apono_integration", MOVE, Apono({f"GET {LIST}/one": reply(404, NO)}), "invalid_response"
            ),
        },
    )
