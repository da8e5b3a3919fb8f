# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A 404 response proves that an object is missing only if it comes from the API at the correct address."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from hostile.attack import Attack, Serve, connection
from hostile.server import reply
from hostile.voss import CUSTOMERS, SCOPE, TRANSACTIONS, Json, Service, on, pkid
from hostile.voss_task import Task, reasons

GONE = pkid(99)
TRANSACTION = "aaaaaaaa-0000-4000-8000-000000000001"
TASKS: dict[str, tuple[str, Json]] = {
    "delete by pkid": ("voss_spark_customer", {"hierarchy": SCOPE, "pkid": GONE, "state": "absent"}),
    "delete by name": ("voss_spark_customer", {"hierarchy": SCOPE, "name": "A", "state": "absent"}),
    "delete by name at a pkid": ("voss_spark_customer", {"hierarchy": pkid(4, "d"), "name": "A", "state": "absent"}),
    "delete several": ("voss_spark_customers", {"customers": [{"name": "A"}], "state": "absent"}),
    "read by pkid": ("voss_spark_customer_info", {"pkid": GONE}),
    "read by pkid at a node": ("voss_spark_customer_info", {"pkid": GONE, "hierarchy": SCOPE}),
    "read by name": ("voss_spark_customer_info", {"hierarchy": SCOPE, "name": "A"}),
    "list": ("voss_spark_customer_info", {"hierarchy": SCOPE}),
    "list at a pkid": ("voss_spark_customer_info", {"hierarchy": pkid(4, "d")}),
    "transaction": ("voss_transaction_info", {"id": TRANSACTION}),
    "wait for a transaction": ("voss_transaction_info", {"id": TRANSACTION, "wait": True, "wait_timeout": 1}),
}
BODIES: dict[str, Any] = {
    "html": "<html><body>404 Not Found</body></html>",
    "text": "Not Found",
    "empty": "",
    "json": {"error": "no such path"},
    "a list": [],
    "a string": '"not found"',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("task", TASKS)
def test_a_404_for_every_address_is_a_wrong_address(voss: Task, task: str, body: Any) -> None:
    service = Service("A")
    for method in ("GET", "DELETE", "POST"):
        service.hooks.append(on(method, "/", lambda request: reply(404, body)))
    module, options = TASKS[task]
    assert reasons(voss(service, module, **options)) == ["wrong_address"]
    assert voss.server.writes == []


def test_an_extra_path_is_a_wrong_address(attack: Attack, serve: Serve) -> None:
    service = Service("A")
    server = serve(service.respond)
    service.hooks.append(on("GET", "^/wrong", lambda request: service.missing(request.path)))
    given = {**connection("voss", f"{server.url}/wrong")}
    tasks = [
        {"name": name, f"hybrid.connectors.{module}": {**given, "hierarchy": SCOPE, **options}, "ignore_errors": True}
        for name, (module, options) in TASKS.items()
        if "transaction" not in name
    ]
    played = attack.playbook(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
    assert {name: result.failure["reason"] for name, result in played.tasks} == {
        task["name"]: "wrong_address" for task in tasks
    }
    assert server.writes == []


@pytest.mark.parametrize("body", [BODIES["html"], BODIES["text"], ""], ids=["html", "text", "empty"])
def test_a_proxys_404_for_an_object_is_not_absence(voss: Task, body: str) -> None:
    service = Service("A")
    key = service.named("A")[0]
    service.hooks.append(on("GET", f"SparkCustomer/{key}", lambda request: reply(404, body)))
    service.hooks.append(on("GET", f"{TRANSACTIONS}[a-z]", lambda request: reply(404, body)))
    for module, options in (
        ("voss_spark_customer", {"hierarchy": SCOPE, "pkid": key, "state": "absent"}),
        ("voss_spark_customer", {"hierarchy": SCOPE, "name": "A", "state": "absent"}),
        ("voss_spark_customer", {"hierarchy": SCOPE, "name": "A", "email_domain": "x"}),
        ("voss_spark_customer_info", {"pkid": key}),
        ("voss_transaction_info", {"id": TRANSACTION}),
    ):
        assert reasons(voss(service, module, **options)) == ["wrong_address"]
    result = voss(service, "voss_spark_customers", customers=[{"name": "A"}], state="absent")
    assert reasons(result) == ["wrong_address", "wrong_address"]
    assert voss.server.writes == []


def test_a_proxys_404_to_a_deletion_is_not_absence(voss: Task) -> None:
    service = Service("A")
    service.hooks.append(on("DELETE", CUSTOMERS, lambda request: reply(404, BODIES["html"])))
    result = voss(service, "voss_spark_customer", hierarchy=SCOPE, name="A", state="absent")
    assert reasons(result) == ["wrong_address"]
    service.hooks.append(on("DELETE", CUSTOMERS, lambda request: service.missing(request.path)))
    result = voss(service, "voss_spark_customer", hierarchy=SCOPE, name="A", state="absent")
    assert reasons(result) == ["invalid_response"]
    assert service.named("A")


def test_the_apis_404_to_a_bulk_deletion_is_not_absence(voss: Task) -> None:
    service = Service("A", "B")
    service.hooks.append(on("DELETE", CUSTOMERS, lambda request: service.missing(request.path)))
    listed = [{"name": "A"}, {"name": "B"}]
    result = voss(service, "voss_spark_customers", hierarchy=SCOPE, customers=listed, state="absent")
    assert [entry["action"] for entry in result["customers"]] == ["failed", "failed"]
    assert reasons(result) == ["invalid_response"] * 3
    assert not result["changed"]


@pytest.mark.parametrize(
    "sent",
    [reply(200, {"resources": [], "error": "Backend down."}), reply(206, {"resources": []}), reply(200, {})],
    ids=["error", "partial", "no list"],
)
def test_an_error_does_not_prove_the_address(voss: Task, sent: bytes) -> None:
    service = Service("A")
    service.hooks.append(on("GET", r"SparkCustomer/\?", lambda request: sent))
    for module, options in (TASKS["delete by pkid"], TASKS["read by pkid"]):
        assert reasons(voss(service, module, **options)) in (["invalid_response"], ["wrong_address"])
    assert voss.server.writes == []


def test_the_apis_404_is_absence(voss: Task) -> None:
    service = Service()
    for name, (module, options) in TASKS.items():
        result = voss(service, module, **options)
        if name == "wait for a transaction":
            assert result["transaction"] is None
        assert not result.get("failed"), result
        assert not result["changed"]


@pytest.mark.parametrize("where", ["sys.hcs.Nowhere", pkid(77, "d")])
def test_an_unknown_node_is_a_wrong_option(voss: Task, where: str) -> None:
    service = Service("A")
    service.hooks.append(
        on("GET", f"SparkCustomer/.*hierarchy={where}", lambda request: reply(404, {"error": "no such node"}))
    )
    for module, options in (
        ("voss_spark_customer_info", {"hierarchy": where}),
        ("voss_spark_customer", {"hierarchy": where, "name": "A", "state": "absent"}),
        ("voss_spark_customers", {"hierarchy": where, "customers": [{"name": "A"}]}),
    ):
        assert reasons(voss(service, module, **options)) == ["invalid_option"]
