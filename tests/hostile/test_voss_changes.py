# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of VOSS Automate with responses that are wrong, malformed or about a different object."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from hostile.attack import Attack, Serve, connection
from hostile.server import Request, reply
from hostile.voss import CUSTOMERS, MOVE, SCOPE, TRANSACTIONS, Json, Service, on
from hostile.voss_task import Task, actions, reasons

ONE = "aaaaaaaa-0000-4000-8000-000000000001"
NB = f"{SCOPE}.NB"
WEST = f"{SCOPE}.West"


def three(service: Service, **attributes: Any) -> list[Json]:
    return [{"name": one["data"]["name"], **attributes} for one in service.customers.values()]


def names(service: Service) -> list[str]:
    return sorted(one["data"]["name"] for one in service.customers.values())


def with_one_transaction(service: Service, method: str, applied: bool) -> None:
    """Return the same transaction for all changes of a method."""

    def respond(request: Request) -> Json:
        if applied:
            service.documented(request)
        service.transactions[ONE] = {"status": "Success", "external": "", "pkid": None}
        return {"transaction_id": ONE, "success": True}

    service.hooks.append(on(method, CUSTOMERS, respond))


# Transactions


@pytest.mark.parametrize("applied", [True, False])
def test_one_transaction_for_several_updates_deletes_no_customer(attack: Attack, serve: Serve, applied: bool) -> None:
    service = Service("A", "B", "C")
    with_one_transaction(service, "PUT", applied)
    server = serve(service.respond)
    options = {
        **connection("voss", server.url),
        "hierarchy": SCOPE,
        "customers": three(service, email_domain="x.example"),
        "poll_interval": 0.05,
    }
    result = attack.task("voss_spark_customers", options)
    assert [line for line in server.writes if not line.startswith("PUT")] == []
    assert names(service) == ["A", "B", "C"]
    written = ["x.example" if applied else None] * 3
    assert [one["data"].get("email_domain") for one in service.customers.values()] == written
    assert result["summary"]["deleted"] == 0
    if applied:
        assert actions(result.values) == ["updated"] * 3
    else:
        assert actions(result.values) == ["failed"] * 3


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
@pytest.mark.parametrize("parallel", [1, 8])
def test_one_transaction_does_not_prove_several_changes(voss: Task, method: str, parallel: int) -> None:
    service = Service(*("ABCDE" if method != "POST" else ()))
    with_one_transaction(service, method, applied=False)
    desired = [{"name": name, "hierarchy": NB, "email_domain": "x.example"} for name in "ABCDE"]
    options: Json = {"customers": desired, "max_parallel": parallel}
    if method == "DELETE":  # each change separately
        service.hooks.append(on("DELETE", r"SparkCustomer/\?", lambda request: reply(405, {"error": "no"})))
        options = {**options, "state": "absent"}
    result = voss(service, "voss_spark_customers", **options)
    assert actions(result) == ["failed"] * 5
    assert len(service.customers) == (0 if method == "POST" else 5)
    assert {line.split()[0] for line in voss.server.writes} == {method}
    assert {item["failure"]["reason"] for item in result["customers"]} <= {"invalid_response", "outcome_unknown"}


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        " ",
        [],
        ["x"],
        {},
        7,
        True,
        None,
        "x" * 100_000,
        "../../relation/SparkCustomer",
        ".",
        "..",
        "a/b",
        "a b",
        "\n",
    ],
    ids=repr,
)
def test_a_malformed_transaction_id_is_not_followed(voss: Task, identifier: Any) -> None:
    service = Service("A", "B")
    service.hooks.append(on("PUT", CUSTOMERS, lambda request: {"transaction_id": identifier}))
    result = voss(service, "voss_spark_customers", customers=three(service, email_domain="x.example"))
    assert actions(result) == ["failed", "failed"]
    assert {item["failure"]["reason"] for item in result["customers"]} == {"outcome_unknown"}
    assert [line for line in voss.server.seen("GET") if f"{TRANSACTIONS}?" not in line and TRANSACTIONS in line] == []


def test_a_transaction_of_an_earlier_task_is_no_proof(attack: Attack, serve: Serve) -> None:
    service = Service("A", "B")
    first: list[bytes] = []

    def respond(request: Request) -> bytes:
        if not first:
            first.append(service.documented(request))
        return first[0]

    service.hooks.append(on("PUT", CUSTOMERS, respond))
    server = serve(service.respond)
    tasks = [
        {
            "name": name,
            "hybrid.connectors.voss_spark_customer": {
                **connection("voss", server.url),
                "hierarchy": SCOPE,
                "name": name,
                "email_domain": "x.example",
            },
            "ignore_errors": True,
        }
        for name in "AB"
    ]
    played = attack.playbook(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    assert not played["A"].failed
    assert played["B"].failed
    assert played["B"].failure["reason"] in ("invalid_response", "outcome_unknown")


def other_id(service: Service) -> Callable[[Request], Json]:
    def respond(request: Request) -> Json:
        key = request.path.removeprefix(TRANSACTIONS).strip("/")
        return {**service.transaction_item(key), "pkid": ONE}

    return respond


def other_address(service: Service) -> Callable[[Request], Json]:
    def respond(request: Request) -> Json:
        key = request.path.removeprefix(TRANSACTIONS).strip("/")
        replay = {"replay": {"class": "execute", "method": "GET", "href": f"{TRANSACTIONS}{ONE}/replay?format=json"}}
        return {"meta": {"actions": replay}, "data": service.transaction_item(key)["data"]}

    return respond


def other_external_id(service: Service) -> Callable[[Request], Json]:
    def respond(request: Request) -> Json:
        key = request.path.removeprefix(TRANSACTIONS).strip("/")
        found = service.transaction_item(key)
        found["data"]["external"] = {"id": "0123456789abcdef0123456789abcdef-0-0."}
        return found

    return respond


@pytest.mark.parametrize("other", [other_id, other_address, other_external_id])
def test_the_body_of_a_different_transaction_is_no_proof(voss: Task, other: Any) -> None:
    service = Service("A")
    service.hooks.append(on("GET", f"{TRANSACTIONS}[0-9a-f]", other(service)))
    options = {"hierarchy": SCOPE, "name": "A", "sync": ["users"], "sync_when": "always"}
    assert reasons(voss(service, "voss_spark_customer", **options)) == ["invalid_response"]
    if other is other_id:
        key = next(iter(service.transactions))
        assert reasons(voss(service, "voss_transaction_info", id=key)) == ["invalid_response"]


@pytest.mark.parametrize(
    ("status", "more"), [(202, {}), (206, {}), (200, {"error": "Backend down."}), (200, {"success": False})], ids=str
)
def test_an_incomplete_transaction_is_no_proof(voss: Task, status: int, more: Json) -> None:
    service = Service("A")

    def respond(request: Request) -> bytes:
        key = request.path.removeprefix(TRANSACTIONS).strip("/")
        return reply(status, {**service.transaction_item(key), **more})

    service.hooks.append(on("GET", f"{TRANSACTIONS}[0-9a-f]", respond))
    for options in ({"sync": ["users"], "sync_when": "always"}, {"refresh_access_token": "always"}):
        result = voss(service, "voss_spark_customer", hierarchy=SCOPE, name="A", **options)
        assert reasons(result) == ["invalid_response"]
        assert result["actions"] == []
    key = next(iter(service.transactions))
    assert reasons(voss(service, "voss_transaction_info", id=key)) == ["invalid_response"]


def test_a_transaction_for_a_different_customer_is_no_proof(voss: Task) -> None:
    service = Service("A", "B")
    other = service.named("B")[0]

    def respond(request: Request) -> bytes:
        return service.accepted(str(request.json["request_meta"]["external_id"]), other)

    service.hooks += [on("PUT", CUSTOMERS, respond), on("POST", r"\+Sync", respond)]
    given = {"hierarchy": SCOPE, "name": "A"}
    assert voss(service, "voss_spark_customer", **given, email_domain="x")["failed"]
    assert voss(service, "voss_spark_customer", **given, sync=["users"], sync_when="always")["failed"]
    result = voss(service, "voss_spark_customers", customers=[{"name": "A", "email_domain": "x"}])
    assert actions(result) == ["failed"]


@pytest.mark.parametrize("reported", ["Yes", "yes", "YES ", True, "true", 1, "1", "partly"], ids=repr)
def test_a_success_that_was_rolled_back_is_a_failure(voss: Task, reported: Any) -> None:
    service = Service("A", "B")

    def respond(request: Request) -> bytes:
        return service.accepted(str(request.json["request_meta"]["external_id"]), None)

    real = service.transaction_item

    def rolled_back(key: str) -> Json:
        item = real(key)
        item["data"]["rolled_back"] = reported
        return item

    service.transaction_item = rolled_back  # type: ignore[method-assign]
    service.hooks.append(on("POST", r"\+Sync", respond))
    options: Json = {"sync": ["users"], "sync_when": "always"}
    assert reasons(voss(service, "voss_spark_customer", hierarchy=SCOPE, name="A", **options)) == ["transaction_failed"]
    result = voss(service, "voss_spark_customers", customers=three(service), **options)
    assert actions(result) == ["failed", "failed"]
    key = next(iter(service.transactions))
    assert voss(service, "voss_transaction_info", id=key)["transaction"]["state"] == "failed"


@pytest.mark.parametrize("reported", ["No", "no", False, None, "", 0, "false"], ids=repr)
def test_a_success_that_was_not_rolled_back_is_one(voss: Task, reported: Any) -> None:
    service = Service("A")
    service.accepted("", None)
    key = next(iter(service.transactions))
    item = service.transaction_item(key)
    item["data"]["rolled_back"] = reported
    service.hooks.append(on("GET", TRANSACTIONS, lambda request: item))
    assert voss(service, "voss_transaction_info", id=key)["transaction"]["state"] == "succeeded"


@pytest.mark.parametrize("status", ["In Progress", "Success"])
def test_a_listed_failure_is_a_failure(voss: Task, status: str) -> None:
    service = Service("A", "B")

    def outdated(request: Request) -> Json:
        key = request.path.removeprefix(TRANSACTIONS).strip("/")
        found = service.transaction_item(key)
        found["data"]["status"] = status
        return found

    accept = service.accepted
    service.accepted = lambda external, key: accept(external, key, "Fail")  # type: ignore[assignment,misc]
    service.hooks.append(on("GET", f"{TRANSACTIONS}[0-9a-f]", outdated))
    result = voss(service, "voss_spark_customers", customers=three(service), sync=["users"], sync_when="always")
    assert actions(result) == ["failed", "failed"]
    assert set(reasons(result)) == {"transaction_failed"}


# Effects


STEPS: dict[str, tuple[str, str, Json]] = {
    "create": ("POST", r"SparkCustomer/\?", {"name": "New", "hierarchy": NB}),
    "update": ("PUT", CUSTOMERS, {"name": "A", "email_domain": "x.example"}),
    "move": ("POST", MOVE, {"name": "A", "target_hierarchy": WEST}),
    "delete": ("DELETE", CUSTOMERS, {"name": "A", "state": "absent"}),
    "sync": ("POST", r"\+SyncWebexTeamsUsers", {"name": "A", "sync": ["users"], "sync_when": "always"}),
    "refresh": ("POST", r"\+Refresh", {"name": "A", "refresh_access_token": "always"}),
}
ERRORS: list[Any] = [
    {"status": "error"},
    {"status": "ERROR", "message": "no"},
    {"success": False},
    {"error": {"code": 4002, "message": "no"}},
    {"errors": ["no"], "transaction_id": ONE},
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("body", ERRORS, ids=json.dumps)
def test_an_error_with_status_200_is_a_failure(voss: Task, step: str, body: Json) -> None:
    service = Service("A", west=WEST)
    method, pattern, options = STEPS[step]
    service.hooks.append(on(method, pattern, lambda request: body))
    result = voss(service, "voss_spark_customer", **{"hierarchy": SCOPE, **options})
    assert reasons(result) == ["refused"]
    assert result["actions"] == []
    assert not result["changed"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("body", [{}, {"pkid": "somebody"}, {"status": "ok"}, b""], ids=repr)
def test_a_response_without_proof_is_verified_by_reading(voss: Task, step: str, applied: bool, body: Any) -> None:
    service = Service("A", west=WEST)
    method, pattern, options = STEPS[step]

    def respond(request: Request) -> Any:
        if applied:
            service.documented(request)
            service.transactions.clear()
        return reply(200, body) if isinstance(body, bytes) else body

    service.hooks.append(on(method, pattern, respond))
    result = voss(service, "voss_spark_customer", **{"hierarchy": SCOPE, **options})
    if applied and step not in ("sync", "refresh"):
        assert not result.get("failed"), result
        assert len(result["actions"]) == 1
    else:
        assert reasons(result) == ["outcome_unknown"]
        assert result["actions"] == []
    assert len(service.named("New")) == (1 if step == "create" and applied else 0)


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("body", [{}, {"success": True}, "transaction"], ids=repr)
def test_customers_that_are_still_there_were_not_deleted(voss: Task, applied: bool, body: Any) -> None:
    service = Service("A", "B", "C")

    def respond(request: Request) -> Any:
        accepted = service.documented(request) if applied else service.accepted("", None)
        if body != "transaction":
            service.transactions.clear()
        return accepted if body == "transaction" else body

    service.hooks.append(on("DELETE", CUSTOMERS, respond))
    result = voss(service, "voss_spark_customers", customers=three(service), state="absent")
    assert len(service.customers) == (0 if applied else 3)
    assert result["summary"]["deleted"] == (3 if applied else 0)


UNUSABLE_LISTS: dict[str, tuple[int, Json]] = {
    "no list": (200, {"pagination": {"total": 3}}),
    "null": (200, {"resources": None}),
    "more than the list": (200, {"resources": [], "pagination": {"total": 3}}),
    "a notice": (200, {"resources": [], "message": "The search index is being rebuilt."}),
    "no transaction ID": (200, {"resources": [{"data": {"status": "Success"}}]}),
    "an error": (200, {"resources": [], "error": "Backend down."}),
    "partial": (206, {"resources": []}),
}


@pytest.mark.parametrize("step", [step for step in STEPS if step != "create"])
@pytest.mark.parametrize(("status", "content"), UNUSABLE_LISTS.values(), ids=UNUSABLE_LISTS)
def test_an_unusable_lookup_does_not_repeat_a_change(voss: Task, step: str, status: int, content: Json) -> None:
    service = Service("A", west=WEST)
    method, pattern, options = STEPS[step]

    def respond(request: Request) -> bytes:
        service.documented(request)
        return reply(504, {"error": "Gateway timeout."})

    service.hooks += [
        on(method, pattern, respond, 1),
        on("GET", rf"{TRANSACTIONS}\?", lambda request: reply(status, content)),
    ]
    result = voss(service, "voss_spark_customer", **{"hierarchy": SCOPE, "retry_budget": 60, **options})
    assert len(voss.server.writes) == 1
    if step in ("sync", "refresh"):  # reading the customer does not show the change
        assert reasons(result) == ["outcome_unknown"]


def test_a_partial_bulk_move_does_not_prove_all(voss: Task) -> None:
    service = Service("A", "B", west=WEST)

    def respond(request: Request) -> bytes:
        service.customers[service.named("A")[0]]["node"] = service.node(WEST)
        return service.accepted(request.json["request_meta"]["external_id"], None)

    service.hooks.append(on("POST", MOVE, respond))
    desired = [{"name": name, "hierarchy": WEST} for name in "AB"]
    result = voss(service, "voss_spark_customers", customers=desired, relocate=True)
    assert actions(result) == ["moved", "failed"]
    assert reasons(result) == ["outcome_unknown", "outcome_unknown"]
    assert len(voss.server.writes) == 1


def with_outdated_reads(service: Service) -> None:
    """Return customers with the state before the first move when each of them, or each list, is read for the first
    time after this move.
    """
    before: dict[str, Json] = {}
    read: set[str] = set()

    def move(request: Request) -> Any:
        before.update(copy.deepcopy(service.customers))
        return ...

    def get(request: Request) -> Any:
        with service.lock:
            if not before or request.target in read:
                return ...
            read.add(request.target)
            current, service.customers = service.customers, before
            try:
                return service.documented(request)
            finally:
                service.customers = current

    service.hooks += [on("POST", MOVE, move, 1), on("GET", CUSTOMERS, get)]


def test_outdated_reads_do_not_refute_a_move(voss: Task) -> None:
    service = Service("A", west=WEST)
    with_outdated_reads(service)
    result = voss(service, "voss_spark_customer", hierarchy=SCOPE, name="A", target_hierarchy=WEST)
    assert reasons(result) == []
    assert (result["actions"], result["customer"]["hierarchy"]) == (["moved"], service.node(WEST))
    assert len(voss.server.writes) == 1


def test_outdated_reads_do_not_repeat_a_bulk_move(voss: Task) -> None:
    service = Service("A", "B", west=WEST)
    with_outdated_reads(service)
    desired = [{"name": name, "hierarchy": WEST} for name in "AB"]
    result = voss(service, "voss_spark_customers", customers=desired, relocate=True, sync=["users"])
    assert actions(result) == ["moved", "moved"]
    assert [[one["action"] for one in item["transactions"]] for item in result["customers"]] == [
        ["moved", "users_synced"],
        ["moved", "users_synced"],
    ]
    assert [line for line in voss.server.writes if "DataMove" in line] == voss.server.writes[:1]


BULK_CHANGES: dict[str, tuple[str, Json]] = {
    "moved": ("POST", {"relocate": True, "sync": ["users"]}),
    "deleted": ("DELETE", {"state": "absent"}),
}


def with_failing_reads(service: Service, method: str, pattern: str) -> None:
    """Return an error for each GET request for customers whose target contains a pattern, after the first change."""
    changed: list[Request] = []

    def change(request: Request) -> Any:
        changed.append(request)
        return ...

    def get(request: Request) -> Any:
        return reply(500, {"error": "no"}) if changed else ...

    service.hooks += [on(method, f"{MOVE}|{CUSTOMERS}", change, 1), on("GET", f"{CUSTOMERS}{pattern}", get)]


@pytest.mark.parametrize("action", BULK_CHANGES)
@pytest.mark.parametrize("pattern", [r"\?", ""], ids=["only lists fail", "all reads fail"])
def test_a_change_that_cannot_be_read_is_reported(voss: Task, action: str, pattern: str) -> None:
    service = Service("A", "B", west=WEST)
    method, options = BULK_CHANGES[action]
    with_failing_reads(service, method, pattern)
    desired = [{"name": name, "hierarchy": WEST if action == "moved" else NB} for name in "AB"]
    result = voss(service, "voss_spark_customers", customers=desired, **options)
    assert actions(result) == ["failed" if pattern == "" else action] * 2
    assert result["changed"]
    steps = [action, "users_synced"] if action == "moved" and pattern else [action]
    for item in result["customers"]:
        assert item["actions"] == steps
        assert [one["action"] for one in item["transactions"]] == steps
        assert item["transactions"][0]["status"] == "Success"
    assert [line for line in voss.server.writes if "+Sync" not in line] == voss.server.writes[:1]


@pytest.mark.parametrize("action", BULK_CHANGES)
def test_a_change_that_times_out_has_its_transaction(voss: Task, action: str) -> None:
    service = Service("A", "B", west=WEST)
    _method, options = BULK_CHANGES[action]
    accept = service.accepted
    service.accepted = lambda external, key: accept(external, key, "In Progress")  # type: ignore[assignment,misc]
    desired = [{"name": name, "hierarchy": WEST if action == "moved" else NB} for name in "AB"]
    result = voss(service, "voss_spark_customers", customers=desired, wait_timeout=0.2, **options)
    assert actions(result) == ["failed"] * 2
    assert [len(item["transactions"]) for item in result["customers"]] == [1, 1]
    assert list(service.transactions) == [result["customers"][0]["transactions"][0]["id"]]


def test_a_repeated_deletion_has_the_first_transaction(voss: Task) -> None:
    service = Service("A", "B")
    key = service.named("A")[0]
    shown = service.item(key, listed=False)
    deleted: list[Request] = []

    def delete(request: Request) -> Any:
        deleted.append(request)
        return ...

    service.hooks.append(on("DELETE", CUSTOMERS, delete))
    service.hooks.append(on("GET", f"{CUSTOMERS}{key}", lambda request: shown if len(deleted) == 1 else ...))
    service.hooks.append(on("GET", rf"{CUSTOMERS}\?", lambda request: reply(500, {}) if deleted else ...))
    result = voss(service, "voss_spark_customers", customers=three(service), state="absent")
    assert actions(result) == ["deleted", "deleted"]
    assert [len(item["transactions"]) for item in result["customers"]] == [1, 1]


@pytest.mark.parametrize("many", [True, False])
def test_an_ignored_update_is_not_reported_as_made(voss: Task, many: bool) -> None:
    service = Service("A")

    def respond(request: Request) -> bytes:
        return service.accepted(request.json["request_meta"]["external_id"], service.named("A")[0])

    service.hooks.append(on("PUT", CUSTOMERS, respond))
    desired = {"name": "A", "email_domain": "x.example"}
    if many:
        result = voss(service, "voss_spark_customers", customers=[desired])
        assert actions(result) == ["failed"]
    else:
        result = voss(service, "voss_spark_customer", hierarchy=SCOPE, **desired)
        assert result["actions"] == []
    assert set(reasons(result)) == {"invalid_response"}


@pytest.mark.parametrize("ignored", [True, False])
@pytest.mark.parametrize("shown", [True, False])
def test_a_list_does_not_prove_that_an_attribute_is_empty(voss: Task, ignored: bool, shown: bool) -> None:
    service = Service("A", "B")
    for one in service.customers.values():
        one["data"]["account_number"] = "1"
    plain = service.item

    def item(key: str, listed: bool = True) -> Json:
        found = plain(key, listed)
        if listed and not (shown and found["data"]["account_number"]):
            del found["data"]["account_number"]
        return found

    def put(request: Request) -> Any:
        if ignored:
            key = request.path.removeprefix(CUSTOMERS).strip("/")
            return service.accepted(request.json["request_meta"]["external_id"], key)
        return ...

    service.item = item  # type: ignore[method-assign]
    service.hooks.append(on("PUT", CUSTOMERS, put))
    result = voss(service, "voss_spark_customers", customers=three(service, account_number=""))
    assert actions(result) == ["failed" if ignored else "updated"] * 2
    assert set(reasons(result)) == ({"invalid_response"} if ignored else set())
    if not ignored:
        single = [line for line in voss.server.seen("GET") if re.search(r"SparkCustomer/\d", line)]
        assert len(single) == (2 if shown else 4)


def test_an_ignored_rename_is_not_reported_as_made(voss: Task) -> None:
    service = Service("A")
    key = service.named("A")[0]
    service.hooks.append(
        on("PUT", CUSTOMERS, lambda request: service.accepted(request.json["request_meta"]["external_id"], key))
    )
    result = voss(service, "voss_spark_customer", hierarchy=SCOPE, pkid=key, name="B")
    assert reasons(result) == ["invalid_response"]


# Identity


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("by", ["pkid", "name"])
def test_another_customer_in_the_response_is_not_touched(voss: Task, state: str, by: str) -> None:
    service = Service("A", "B")
    mine, other = service.named("A")[0], service.named("B")[0]
    service.hooks.append(on("GET", f"SparkCustomer/{mine}", lambda request: service.item(other, listed=False)))
    options: Json = {"hierarchy": SCOPE, by: mine if by == "pkid" else "A", "state": state}
    if state == "present":
        options["email_domain"] = "x.example"
    result = voss(service, "voss_spark_customer", **options)
    assert reasons(result) == ["invalid_response"]
    assert voss.server.writes == []
    result = voss(service, "voss_spark_customers", customers=[{"name": "A", "email_domain": "x"}], state=state)
    assert actions(result) == ["failed"]
    assert voss.server.writes == []


@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_name_that_contradicts_the_list_is_a_failure(voss: Task, state: str) -> None:
    service = Service("A")
    key = service.named("A")[0]
    shown = service.item(key, listed=False)
    shown["data"] = {"name": "Somebody"}
    service.hooks.append(on("GET", f"SparkCustomer/{key}", lambda request: shown))
    given: Json = {"state": state, **({"email_domain": "x"} if state == "present" else {})}
    assert reasons(voss(service, "voss_spark_customer", hierarchy=SCOPE, name="A", **given)) == ["invalid_response"]
    result = voss(service, "voss_spark_customers", customers=[{"name": "A", "email_domain": "x"}], state=state)
    assert actions(result) == ["failed"]
    assert voss.server.writes == []


@pytest.mark.parametrize(
    "shown",
    [{"data": {"name": "A"}}, {"pkid": None, "data": {"name": "A"}}, {"pkid": ["x"], "data": {"name": "A"}}],
    ids=json.dumps,
)
def test_a_customer_without_its_pkid_is_rejected(voss: Task, shown: Json) -> None:
    service = Service("A")
    key = service.named("A")[0]
    service.hooks.append(on("GET", f"SparkCustomer/{key}", lambda request: shown))
    for state in ("present", "absent"):
        result = voss(service, "voss_spark_customer", hierarchy=SCOPE, pkid=key, state=state, name="A")
        assert reasons(result) == ["invalid_response"]
    assert voss.server.writes == []


@pytest.mark.parametrize(
    ("status", "more"), [(202, {}), (206, {}), (200, {"error": "Backend down."}), (200, {"success": False})], ids=str
)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_incomplete_customer_is_neither_changed_nor_deleted(voss: Task, state: str, status: int, more: Json) -> None:
    service = Service("A")
    key = service.named("A")[0]
    shown = reply(status, {**service.item(key, listed=False), **more})
    service.hooks.append(on("GET", f"SparkCustomer/{key}", lambda request: shown))
    given = {"pkid": key, "name": "A", "email_domain": "x"}
    assert reasons(voss(service, "voss_spark_customer", hierarchy=SCOPE, state=state, **given)) == ["invalid_response"]
    assert voss.server.writes == []


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("how", ["another pkid", "another name"])
def test_a_created_customer_is_verified(voss: Task, many: bool, how: str) -> None:
    service = Service("A")
    other = service.named("A")[0]

    def respond(request: Request) -> bytes:
        if how == "another name":
            return service.accepted(request.json["request_meta"]["external_id"], service.add("Newer"))
        service.documented(request)
        return service.accepted(request.json["request_meta"]["external_id"], other)

    service.hooks.append(on("POST", CUSTOMERS, respond, 1))
    desired = {"name": "New", "hierarchy": NB}
    if many:
        result = voss(service, "voss_spark_customers", customers=[desired])
    else:
        result = voss(service, "voss_spark_customer", **desired)
    assert set(reasons(result)) == {"invalid_response"}
    assert [item["pkid"] for item in result.get("customers", ())] == [None] * many


# One customer of a list


ODD: list[Any] = [
    {"pkid": ["x"], "success": True},
    {"pkid": {"a": 1}, "transaction_id": [1]},
    {"transaction_id": {"a": "b"}},
    {"href": ["/api/tool/Transaction/x"]},
    [],
    "text",
    7,
    None,
]


@pytest.mark.parametrize("body", ODD, ids=json.dumps)
def test_an_odd_response_fails_its_customer_and_no_other(voss: Task, body: Any) -> None:
    service = Service("A", "B", "C")
    odd = service.named("B")[0]
    service.hooks.append(on("PUT", odd, lambda request: reply(200, json.dumps(body))))
    result = voss(service, "voss_spark_customers", customers=three(service, email_domain="x.example"))
    assert actions(result) == ["updated", "failed", "updated"]


@pytest.mark.parametrize(
    "data",
    [
        {"status": "Success", "resource": {"after_transaction": ["x"]}},
        {"status": ["Success"]},
        {"status": {"a": 1}},
        {"status": "Success", "message": {"a": [1]}, "rolled_back": {"a": 1}},
        [],
        None,
    ],
    ids=json.dumps,
)
def test_an_odd_transaction_fails_its_customer_and_no_other(voss: Task, data: Any) -> None:
    service = Service("A", "B", "C")
    odd = service.named("B")[0]

    def respond(request: Request) -> Any:
        return {"transaction_id": ONE} if odd in request.target else service.documented(request)

    service.hooks += [
        on("PUT", CUSTOMERS, respond),
        on("GET", f"{TRANSACTIONS}{ONE}", lambda request: {"pkid": ONE, "data": data}),
        on("GET", rf"{TRANSACTIONS}\?", lambda request: reply(400, {"error": "no filter"})),
    ]
    desired = three(service, email_domain="x.example")
    result = voss(service, "voss_spark_customers", customers=desired, wait_timeout=2)
    assert actions(result) == ["updated", "failed", "updated"]


@pytest.mark.parametrize(
    ("module", "options"),
    [
        *(
            (module, {option: value})
            for module in ("voss_spark_customer", "voss_spark_customers")
            for option in ("wait_timeout", "poll_interval", "token_min_days")
            for value in (".inf", "nan", "-inf", "1e300", -1)
        ),
        *(
            ("voss_transaction_info", {option: value})
            for option in ("wait_timeout", "poll_interval")
            for value in ("inf", "nan")
        ),
        *(("voss_spark_customer_info", {"expiring_within_days": value}) for value in ("inf", "nan", "1e300")),
    ],
    ids=str,
)
def test_invalid_numbers_are_refused(voss: Task, module: str, options: Json) -> None:
    service = Service("A")
    given: dict[str, Json] = {
        "voss_spark_customer": {"hierarchy": SCOPE, "name": "A"},
        "voss_spark_customers": {"customers": [{"name": "A"}]},
        "voss_transaction_info": {"id": ONE},
        "voss_spark_customer_info": {"hierarchy": SCOPE},
    }
    value = {key: float(text.lstrip(".")) if isinstance(text, str) else text for key, text in options.items()}
    for form in (options, value):
        result = voss(service, module, **{**given[module], **form})
        assert reasons(result) == ["invalid_option"]
    assert voss.server.requests == []
