# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bulk tasks and deletions never change customers outside the scope, regardless of the listed customers and nodes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hostile.attack import Attack, Serve, connection
from hostile.server import Request, reply
from hostile.voss import CUSTOMERS, SCOPE, Json, Service, on
from hostile.voss_task import Task, actions, reasons

C1 = f"{SCOPE}.C1"


def beside(*names: str, shows_paths: bool = True) -> Service:
    """Return a service that ignores 'hierarchy', with one customer in the scope ``C1`` and one at a different node."""
    service = Service()
    service.shows_paths = shows_paths
    service.add("inside", f"{C1}.Site")
    service.add("outside", tuple(names))
    service._within = lambda words: list(service.customers)  # type: ignore[method-assign]
    return service


OUTSIDE: dict[str, tuple[str, ...]] = {
    "a name with a dot beside it": ("sys", "hcs", "CS-P", "C1.x"),
    "a name with a dot and a node below": ("sys", "hcs", "CS-P", "C1.Site", "Deep"),
    "a longer name": ("sys", "hcs", "CS-P", "C12"),
    "without hcs": ("sys", "CS-P", "C1", "Site"),
    "without sys.hcs": ("sys", "hcs", "sys", "hcs", "CS-P", "C1"),
    "the node above": ("sys", "hcs", "CS-P"),
    "all in one name": ("sys", "hcs", "CS-P.C1.x"),
    "another provider": ("sys", "hcs", "CS-Q", "C1"),
}
FORBIDDEN = on("GET", "HierarchyNode", lambda request: reply(403, {"error": "no"}))


@pytest.mark.parametrize("shows_paths", [True, False])
@pytest.mark.parametrize("sees_nodes", [True, False])
@pytest.mark.parametrize("words", ["path", "pkid", "short path"])
@pytest.mark.parametrize("names", OUTSIDE.values(), ids=OUTSIDE)
def test_nothing_outside_the_scope_is_deleted(
    voss: Task, names: tuple[str, ...], words: str, sees_nodes: bool, shows_paths: bool
) -> None:
    service = beside(*names, shows_paths=shows_paths)
    if not sees_nodes:
        service.hooks.append(FORBIDDEN)
    scope = {"path": C1, "pkid": str(service.node(C1)), "short path": "CS-P.C1"}[words]
    for options in (
        {"customers": [{"name": "inside"}], "prune": True},
        {"customers": [{"name": "outside"}], "state": "absent"},
        {"customers": [], "prune": True},
    ):
        result = voss(service, "voss_spark_customers", hierarchy=scope, **options)
        assert service.named("outside")
        if words == "path" and sees_nodes and shows_paths:
            assert not result.get("failed"), result
    assert service.named("inside") == [] or words != "path" or not (sees_nodes and shows_paths)
    result = voss(service, "voss_spark_customer", hierarchy=scope, name="outside", state="absent")
    assert service.named("outside")
    key = service.named("outside")[0]
    result = voss(service, "voss_spark_customer", hierarchy=scope, pkid=key, state="absent")
    assert service.named("outside")
    assert result["failed"]


def test_a_customer_next_to_the_scope_is_not_pruned(attack: Attack, serve: Serve) -> None:
    service = beside("sys", "hcs", "CS-P", "C1.x")
    server = serve(service.respond)
    options = {**connection("voss", server.url), "hierarchy": C1, "customers": [], "prune": True}
    result = attack.task("voss_spark_customers", options)
    assert actions(result.values) == ["deleted"]
    assert service.named("outside")
    assert not service.named("inside")


def test_a_list_of_the_wrong_node_deletes_no_customer(voss: Task) -> None:
    service = Service()
    service.add("inside", ("sys", "hcs", "P", "A"))
    service.add("outside", ("sys", "P", "A"))
    # The server can omit 'hcs'.
    service._within = lambda words: service.named("outside")  # type: ignore[method-assign]
    for scope in ("sys.hcs.P", "hcs.P", "P"):
        voss(service, "voss_spark_customers", hierarchy=scope, customers=[], prune=True)
        assert service.named("outside")


@pytest.mark.parametrize(
    "place",
    [
        {"references": {}, "path": []},
        {"references": {"parent": [{"pkid": "elsewhere"}]}, "path": []},
        {"references": {"parent": [{"pkid": "elsewhere"}]}},
    ],
    ids=json.dumps,
)
def test_a_customer_without_a_proven_node_is_not_deleted(voss: Task, place: Json) -> None:
    """Only the dotted path shows that the customer is in the scope."""
    service = Service()
    service.add("A", C1)
    real = service.item

    def item(key: str, listed: bool = True) -> Json:
        shown = real(key, listed)
        return {**shown, "meta": {**shown["meta"], **place}}

    service.item = item  # type: ignore[method-assign]
    for options in ({"customers": [], "prune": True}, {"customers": [{"name": "A"}], "state": "absent"}):
        result = voss(service, "voss_spark_customers", hierarchy=C1, **options)
        assert result["failed"]
    assert voss(service, "voss_spark_customer", hierarchy=C1, name="A", state="absent")["failed"]
    assert voss.server.writes == []
    assert service.named("A")


def test_customers_without_paths_are_placed_by_their_node(voss: Task) -> None:
    service = Service()
    service.add("A", f"{C1}.Site")
    service.add("B", f"{SCOPE}.C2")
    real = service.item

    def item(key: str, listed: bool = True) -> Json:
        shown = real(key, listed)
        shown["meta"].pop("path", None)
        return shown

    service.item = item  # type: ignore[method-assign]
    service._within = lambda words: list(service.customers)  # type: ignore[method-assign]
    result = voss(service, "voss_spark_customers", hierarchy=C1, customers=[], prune=True)
    assert actions(result) == ["deleted"]
    assert (service.named("A"), len(service.named("B"))) == ([], 1)


def changed_before_deletion(service: Service, change: Any) -> None:
    """Change the customer 'A' once the list has been read."""

    def respond(request: Request) -> Any:
        with service.lock:
            sent = service.documented(request)
            change()
        return sent

    service.hooks.append(on("GET", r"SparkCustomer/\?", respond, 1))


@pytest.mark.parametrize("many", [1, 3])
@pytest.mark.parametrize("change", ["renamed", "moved", "gone", "another"])
@pytest.mark.parametrize("state", ["prune", "absent"])
def test_what_is_deleted_is_read_again_just_before(voss: Task, many: int, change: str, state: str) -> None:
    names = [f"A{number}" for number in range(many)]
    service = Service(*(f"{name} @ {C1}" for name in names), elsewhere=f"{SCOPE}.C2")
    key = service.named("A0")[0]

    def act() -> None:
        if change == "renamed":
            service.customers[key]["data"]["name"] = "Important"
        elif change == "moved":
            service.customers[key]["node"] = service.node(f"{SCOPE}.C2")
        elif change == "gone":
            del service.customers[key]
        else:
            service.hooks.append(on("GET", f"SparkCustomer/{key}", lambda request: service.item(other, listed=False)))

    other = service.add("Other", f"{SCOPE}.C2")
    changed_before_deletion(service, act)
    options: Json = {"customers": [{"name": name} for name in names], "state": "absent"}
    if state == "prune":
        options = {"customers": [], "prune": True}
    result = voss(service, "voss_spark_customers", hierarchy=C1, **options)
    assert actions(result) == ["unchanged" if change == "gone" else "failed"] + ["deleted"] * (many - 1)
    assert (key in service.customers) is (change != "gone")
    assert other in service.customers
    written = [one.target + one.body.decode() for one in voss.server.requests if one.method != "GET"]
    assert key not in json.dumps(written)


@pytest.mark.parametrize("shown", ["name", "place"])
def test_a_customer_that_changed_meanwhile_is_not_deleted(voss: Task, shown: str) -> None:
    """Between the plan and the deletion, the run updates other customers, which takes time."""
    service = Service(f"A @ {C1}", f"B @ {C1}", f"C @ {C1}", elsewhere=f"{SCOPE}.C2")
    key = service.named("C")[0]

    def respond(request: Request) -> Any:
        if shown == "name":
            service.customers[key]["data"]["name"] = "A new name"
        else:
            service.customers[key]["node"] = service.node(f"{SCOPE}.C2")
        return service.documented(request)

    service.hooks.append(on("PUT", CUSTOMERS, respond))
    desired = [{"name": "A", "email_domain": "x.example"}, {"name": "B"}]
    result = voss(service, "voss_spark_customers", hierarchy=C1, customers=desired, prune=True)
    assert actions(result) == ["updated", "unchanged", "failed"]
    assert key in service.customers


@pytest.mark.parametrize("hierarchy", [f"{SCOPE}.C2", "node"])
def test_a_deletion_by_pkid_outside_the_hierarchy_is_refused(voss: Task, hierarchy: str) -> None:
    service = Service(f"A @ {C1}", elsewhere=f"{SCOPE}.C2")
    key = service.named("A")[0]
    place = str(service.node(f"{SCOPE}.C2")) if hierarchy == "node" else hierarchy
    result = voss(service, "voss_spark_customer", hierarchy=place, pkid=key, state="absent")
    assert reasons(result) == ["conflict"]
    assert voss.server.writes == []
    result = voss(service, "voss_spark_customer", hierarchy=C1, pkid=key, name="Another", state="absent")
    assert reasons(result) == ["conflict"]
    assert voss.server.writes == []
    assert voss(service, "voss_spark_customer", hierarchy=C1, pkid=key, name="A", state="absent")["changed"]


# Empty options, for example from undefined variables


@pytest.mark.parametrize("state", ["absent", "present"])
def test_empty_pkid_selects_no_customer(voss: Task, state: str) -> None:
    service = Service("None", "Initech")
    for options in ({}, {"name": "Initech"}):
        result = voss(service, "voss_spark_customer", hierarchy=SCOPE, pkid="", state=state, **options)
        assert reasons(result) == ["invalid_option"]
        assert voss.server.writes == []


@pytest.mark.parametrize("option", ["hierarchy", "target_hierarchy"])
def test_empty_node_of_a_customer_is_invalid(voss: Task, option: str) -> None:
    result = voss(Service("Initech"), "voss_spark_customer", **{"name": "Initech", "hierarchy": SCOPE, option: ""})
    assert reasons(result) == ["invalid_option"]
    assert voss.server.requests == []


@pytest.mark.parametrize(
    "options", [{"state": "absent"}, {"prune": True}, {"relocate": True}], ids=["absent", "prune", "relocate"]
)
def test_empty_node_of_an_entry_is_not_the_scope(voss: Task, options: Json, tmp_path: Path) -> None:
    service = Service(f"Initech @ {SCOPE}.West")
    entries = [{"name": "Initech", "hierarchy": ""}]
    source = tmp_path / "customers.json"
    source.write_text(json.dumps(entries), encoding="utf-8")
    for given in ({"customers": entries}, {"src": str(source)}, {"customers": [], "hierarchy": " "}):
        result = voss(service, "voss_spark_customers", **options, **given)
        assert reasons(result) == ["invalid_option"]
        assert voss.server.requests == []


# A scope whose node the user is not authorized to read


def with_hidden_nodes(status: int) -> Service:
    service = Service("A", "B")
    service.hooks.append(on("GET", "HierarchyNode", lambda _request: reply(status, {"error": "no"})))
    return service


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("names", ["A", "AB"])
@pytest.mark.parametrize("prune", [False, True])
def test_pkid_of_a_hidden_node_is_a_scope(voss: Task, status: int, names: str, prune: bool) -> None:
    service = with_hidden_nodes(status)
    scope = service.node(SCOPE)
    options: Json = {"customers": [{"name": name} for name in names], "state": "absent"}
    if prune:
        options = {"customers": [{"name": name} for name in "AB" if name not in names], "prune": True}
    result = voss(service, "voss_spark_customers", hierarchy=scope, **options)
    assert reasons(result) == []
    assert result["summary"]["deleted"] == len(names)
    assert [name for name in "AB" if service.named(name)] == [name for name in "AB" if name not in names]


@pytest.mark.parametrize("status", [None, 403, 404])
@pytest.mark.parametrize("many", [False, True])
def test_nothing_is_created_at_a_mistyped_pkid(voss: Task, status: int | None, many: bool) -> None:
    service = with_hidden_nodes(status) if status else Service("A", "B")
    new = {"name": "New", "hierarchy": "1" * 24}
    if many:
        result = voss(service, "voss_spark_customers", hierarchy=service.node(SCOPE), customers=[new, {"name": "A"}])
    else:
        result = voss(service, "voss_spark_customer", **new)
    assert result["failed"]
    assert service.named("New") == []


@pytest.mark.parametrize("many", [False, True])
def test_customer_is_created_at_the_pkid_of_a_hidden_node(voss: Task, many: bool) -> None:
    service = with_hidden_nodes(403)
    new = {"name": "New", "hierarchy": service.node(f"{SCOPE}.NB")}
    if many:
        result = voss(service, "voss_spark_customers", hierarchy=new["hierarchy"], customers=[{"name": "New"}])
    else:
        result = voss(service, "voss_spark_customer", **new)
    assert reasons(result) == []
    assert len(service.named("New")) == 1
