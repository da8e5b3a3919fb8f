# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test incomplete and malformed lists of hierarchy nodes, and nodes without a location."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hostile.server import reply
from hostile.voss import SCOPE, Json, Service, on
from hostile.voss_task import Task, reasons

MODULE = "voss_hierarchy_node_info"
LISTED = r"HierarchyNode/\?"


def nodes(voss: Task, service: Service, **options: Any) -> Any:
    """Return the paths of the nodes, or the reason of the failure."""
    result = voss(service, MODULE, **options)
    return reasons(result) if result.get("failed") else sorted(str(node["path"]) for node in result["nodes"])


def changed(service: Service, change: Callable[[Json], Any]) -> None:
    """Change each item of the list of nodes."""
    real = service.node_item

    def item(key: str) -> Json:
        made = real(key)
        change(made)
        return made

    service.node_item = item  # type: ignore[method-assign]


WRONG: dict[str, Callable[[Json], Any]] = {
    "no pkid": lambda item: item.pop("pkid"),
    "pkid of a different type": lambda item: item.update(pkid=5),
    "no name": lambda item: item["data"].pop("name"),
    "name of a different type": lambda item: item["data"].update(name=["x"]),
    "no data": lambda item: item.pop("data"),
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_an_item_without_an_identity_makes_the_list_unusable(voss: Task, change: Callable[[Json], Any]) -> None:
    service = Service()
    changed(service, change)
    assert nodes(voss, service) == ["invalid_response"]


RESPONSES: dict[str, tuple[bytes, str]] = {
    "HTML": (reply(200, "<html></html>"), "invalid_response"),
    "a list": (reply(200, []), "invalid_response"),
    "an error as success": (reply(200, {"error": "no"}), "invalid_response"),
    "an error in an empty list": (reply(200, {"resources": [], "error": "no"}), "invalid_response"),
    "an incomplete empty list": (reply(206, {"resources": []}), "invalid_response"),
    "denied": (reply(403, {"error": "no"}), "forbidden"),
    "gone": (reply(404, {"error": "no"}), "not_found"),
    "a page of a proxy": (reply(404, "<html></html>"), "wrong_address"),
}


@pytest.mark.parametrize(("sent", "reason"), RESPONSES.values(), ids=RESPONSES)
def test_any_other_response_is_a_failure(voss: Task, sent: bytes, reason: str) -> None:
    service = Service()
    service.hooks.append(on("GET", LISTED, lambda _request: sent))
    assert nodes(voss, service) == [reason]
    assert nodes(voss, service, hierarchy=SCOPE) == [reason]


@pytest.mark.parametrize(("status", "more"), [(206, {}), (200, {"error": "no"})], ids=str)
def test_an_incomplete_node_proves_no_empty_list(voss: Task, status: int, more: Json) -> None:
    service = Service()
    node = str(service.node(SCOPE))
    shown = reply(status, {**service.node_item(node), **more})
    service.hooks.append(on("GET", f"HierarchyNode/{node}", lambda _request: shown))
    assert reasons(voss(service, "voss_spark_customer_info", hierarchy=node)) == ["invalid_response"]
    given = {"hierarchy": node, "name": "A", "state": "absent"}
    assert reasons(voss(service, "voss_spark_customer", **given)) == ["invalid_response"]


def test_a_node_without_a_place_is_never_left_out_silently(voss: Task) -> None:
    service = Service(other=f"{SCOPE}.Other")

    def hide(item: Json) -> None:
        if item["data"]["name"] == "Other":
            item["meta"] = {}
            del item["data"]["hierarchy_path"]

    changed(service, hide)
    assert nodes(voss, service, hierarchy=SCOPE) == ["invalid_response"]
    assert "None" in nodes(voss, service)


def test_a_dotted_name_is_not_a_path(voss: Task) -> None:
    service = Service()
    service.add_node("sys", "hcs", "CS-P.NB")
    found = voss(service, MODULE, hierarchy=str(service.node(("sys", "hcs", "CS-P"))))["nodes"]
    assert sorted(node["name"] for node in found) == ["CS-P", "NB"]


def test_customers_at_hidden_nodes_are_named_in_a_warning(voss: Task) -> None:
    service = Service("Shown", "Hidden @ sys.hcs.Secret")
    hidden = service.node("sys.hcs.Secret")
    real = service.nodes

    def respond(request: Any) -> Any:
        service.nodes = {key: names for key, names in real.items() if key != hidden}
        try:
            return service.documented(request)
        finally:
            service.nodes = real

    service.hooks.append(on("GET", LISTED, respond))
    result = voss(service, MODULE, customers=True)
    assert [node["customers"] for node in result["nodes"] if node["customers"]] == [["Shown"]]
    assert "'Hidden'" in " ".join(result["warnings"])


def test_a_repeated_node_is_one_node(voss: Task) -> None:
    service = Service()
    real = service.page

    def page(items: list[Json], query: Any, **more: Any) -> Json:
        return real([*items, *items[:1]], query, total=len(items), **more)

    service.page = page  # type: ignore[method-assign]
    assert nodes(voss, service) == ["sys", "sys.hcs", SCOPE, f"{SCOPE}.NB"]


def test_secrets_of_a_node_are_not_returned(voss: Task) -> None:
    service = Service()
    changed(service, lambda item: item["data"].update(api_key="canary-4711", adminPassword="canary-4711"))
    result = voss(service, MODULE)
    assert "canary-4711" not in str(result)
    assert len(result["nodes"]) == 4
