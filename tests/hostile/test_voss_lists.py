# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of VOSS Automate that are incomplete, endless or malformed, and customers that must not be created twice."""

from __future__ import annotations

import itertools
import json
import threading
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hostile.server import Request, reply
from hostile.voss import CUSTOMERS, SCOPE, TRANSACTIONS, Json, Service, on
from hostile.voss_task import Task, actions, reasons

NB = f"{SCOPE}.NB"
LETTERS = "ABCDEFG"
LISTED = r"SparkCustomer/\?"
UNFILTERED = r"SparkCustomer/\?(?!.*filter_text)"


def listed(voss: Task, service: Service) -> Any:
    """Return the names that the info module lists, or the reason of its failure."""
    result = voss(service, "voss_spark_customer_info", hierarchy=SCOPE)
    return reasons(result) if result.get("failed") else "".join(sorted(one["name"] for one in result["customers"]))


def shifting(service: Service, change: Callable[[int], None]) -> None:
    """Change the customers after each page of the list."""
    pages = itertools.count(1)

    def respond(request: Request) -> bytes:
        with service.lock:
            sent = service.documented(request)
            change(next(pages))
            return sent

    service.hooks.append(on("GET", UNFILTERED, respond))


# Completeness


@pytest.mark.parametrize("page_size", [2, 3, 4])
@pytest.mark.parametrize("total", ["right", "of the page", "none", "of the start"])
def test_a_deletion_while_pages_are_read_hides_no_customer(voss: Task, page_size: int, total: str) -> None:
    service = Service(*LETTERS)
    service.page_size = page_size
    real = service.page

    def page(items: list[Json], query: Any, **pagination: Any) -> Json:
        shown = real(items, query, **pagination)
        totals = {"right": len(items), "of the page": len(shown["resources"]), "none": 0, "of the start": len(LETTERS)}
        shown["pagination"]["total"] = totals[total]
        return shown

    service.page = page  # type: ignore[method-assign]

    def change(number: int) -> None:
        if number == 1:
            del service.customers[service.named("A")[0]]

    shifting(service, change)
    found = listed(voss, service)
    assert found in ("BCDEFG", "ABCDEFG") or (total == "of the start" and found == ["invalid_response"])


def test_concurrent_creations_and_deletions_hide_no_customer(voss: Task) -> None:
    service = Service(*LETTERS)
    service.page_size = 2

    def change(number: int) -> None:
        if number == 1:
            del service.customers[service.named("A")[0]]
            service.add("Z")

    shifting(service, change)
    assert set("BCDEFG") <= set(listed(voss, service))


def test_a_constantly_changing_list_is_complete_or_a_failure(voss: Task) -> None:
    service = Service(*LETTERS)
    service.page_size = 2
    kept = set("EFG")

    def change(number: int) -> None:
        first = next(iter(service.customers))
        if service.customers[first]["data"]["name"] not in kept:
            del service.customers[first]
            service.add(f"new {number}")

    shifting(service, change)
    found = listed(voss, service)
    assert found == ["invalid_response"] or kept <= set(found)


@pytest.mark.parametrize("page_size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize(
    "pagination",
    [
        {"total": 2},
        {"total": 0},
        {"total": "7"},
        {"total": True},
        {"total": -1},
        {"total": None, "limit": None, "maximum_limit": None},
        {"limit": "2"},
        {"limit": 2000, "total": 2},
    ],
    ids=str,
)
def test_no_single_signal_ends_a_list(voss: Task, page_size: int, pagination: Json) -> None:
    """The announced number is the size of the page, missing or invalid. ``maximum_limit`` is correct or missing."""
    service = Service(*LETTERS)
    service.page_size = page_size
    real = service.page
    service.page = lambda items, query, **more: real(items, query, **{**pagination, **more})  # type: ignore[method-assign]
    assert listed(voss, service) == LETTERS


def test_a_list_shorter_than_announced_is_a_failure(voss: Task) -> None:
    service = Service(*LETTERS)
    real = service.page
    service.page = lambda items, query, **more: real(items, query, total=8)  # type: ignore[method-assign]
    assert listed(voss, service) == ["invalid_response"]
    empty = Service()
    empty.page = lambda items, query, **more: real([], query, total=8)  # type: ignore[method-assign]
    assert listed(voss, empty) == ["invalid_response"]


@pytest.mark.parametrize("fresh", [True, False])
def test_an_endless_list_is_a_failure(voss: Task, fresh: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.hybrid.connectors.plugins.module_utils import _evidence

    monkeypatch.setattr(_evidence, "MAX_PAGES", 30)
    service = Service()
    numbers = itertools.count()

    def respond(request: Request) -> Json:
        item = {
            "pkid": f"{next(numbers) if fresh else 0:023d}c",
            "meta": {"references": {"parent": [{"pkid": service.node(NB)}]}},
            "data": {"name": "A"},
        }
        return {"resources": [item], "pagination": {"total": 10**9, "limit": 1}}

    service.hooks.append(on("GET", LISTED, respond))
    assert listed(voss, service) == ["invalid_response"]
    assert len(voss.server.requests) <= 40


def test_a_list_of_too_many_items_is_a_failure(voss: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.hybrid.connectors.plugins.module_utils import _evidence

    monkeypatch.setattr(_evidence, "MAX_ITEMS", 5)
    service = Service(*LETTERS)
    service.page_size = 2
    assert listed(voss, service) == ["invalid_response"]


# Items


@pytest.mark.parametrize(
    "change",
    [
        {"pkid": None, "meta": {"references": {}}},
        {"pkid": ["x"]},
        {"pkid": "x" * 10_000},
        {"pkid": "000000000000000000000000"},
        {"data": {}},
        {"data": {"name": ""}},
        {"data": {"name": ["A"]}},
        {"data": {"name": None}},
        {"data": None},
        {"meta": {}, "data": {"name": "A"}},
        {"meta": {"path": ["x", 7]}, "data": {"name": "A", "hierarchy_path": ["sys"]}},
    ],
    ids=lambda change: json.dumps(change)[:50],
)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_unidentifiable_item_makes_the_list_unusable(voss: Task, change: Json, state: str) -> None:
    service = Service("A", "B")
    real = service.item

    def item(key: str, listed: bool = True) -> Json:
        shown = real(key, listed)
        return {**shown, **change} if listed and key == service.named("A")[0] else shown

    service.item = item  # type: ignore[method-assign]
    assert listed(voss, service) == ["invalid_response"]
    desired = [{"name": "A", "hierarchy": NB}, {"name": "C", "hierarchy": NB}]
    assert reasons(voss(service, "voss_spark_customers", customers=desired, state=state)) == ["invalid_response"]
    given = {"hierarchy": NB, "name": "A", "state": state}
    assert reasons(voss(service, "voss_spark_customer", **given)) == ["invalid_response"]
    assert voss.server.writes == []


@pytest.mark.parametrize("resources", [None, {}, "x", 7, [None], [[]], ["x"]], ids=repr)
def test_what_is_no_list_is_not_an_empty_one(voss: Task, resources: Any) -> None:
    service = Service("A")
    body = {"resources": resources, "pagination": {"total": 0, "limit": 2000}}
    service.hooks.append(on("GET", LISTED, lambda request: body))
    assert listed(voss, service) == ["invalid_response"]
    result = voss(service, "voss_spark_customer", hierarchy=NB, name="A")
    assert reasons(result) == ["invalid_response"]


NOT_A_LIST: dict[str, tuple[int, Json]] = {
    "an error": (200, {"error": {"message": "Backend down."}}),
    "errors": (200, {"errors": ["Backend down."]}),
    "a failed status": (200, {"status": "error"}),
    "no success": (200, {"success": False}),
    "accepted": (202, {}),
    "partial": (206, {}),
}
NOT_EMPTY: dict[str, tuple[int, Json]] = {**NOT_A_LIST, "a notice": (200, {"message": "Maintenance until 06:00"})}


@pytest.mark.parametrize(("status", "more"), NOT_EMPTY.values(), ids=NOT_EMPTY)
@pytest.mark.parametrize("check", [True, False])
def test_an_error_is_not_an_empty_list(voss: Task, status: int, more: Json, check: bool) -> None:
    service = Service("A")
    service.hooks.append(on("GET", LISTED, lambda request: reply(status, {**service.page([], request.query), **more})))
    for state in ("present", "absent"):
        given = {"name": "A", "hierarchy": NB}
        assert reasons(voss(service, "voss_spark_customer", check, state=state, **given)) == ["invalid_response"]
        result = voss(service, "voss_spark_customers", check, state=state, customers=[given])
        assert reasons(result) == ["invalid_response"]
        assert voss.server.writes == []
    assert listed(voss, service) == ["invalid_response"]


@pytest.mark.parametrize(("status", "more"), NOT_A_LIST.values(), ids=NOT_A_LIST)
def test_items_next_to_an_error_are_not_a_list(voss: Task, status: int, more: Json) -> None:
    service = Service("A")
    service.listed = lambda items, query: reply(status, {**service.page(items, query), **more})  # type: ignore[method-assign]
    assert listed(voss, service) == ["invalid_response"]


def test_a_list_with_a_notice_is_complete(voss: Task) -> None:
    service = Service("A")
    real = service.page
    service.page = lambda items, query, **more: {**real(items, query, **more), "message": "Maintenance at 22:00"}  # type: ignore[method-assign]
    assert listed(voss, service) == "A"


# Doubled customers


NEW = {"name": "New", "hierarchy": NB}


def created(voss: Task, service: Service, many: bool, **options: Any) -> Json:
    if many:
        return voss(service, "voss_spark_customers", customers=[NEW], **options)
    return voss(service, "voss_spark_customer", **NEW, **options)


def lost(service: Service, how: str, after: float | None) -> None:
    """Lose the response to each creation. The service creates the customer after this number of seconds, or never."""

    def respond(request: Request) -> Any:
        if after == 0:
            service.documented(request)
        elif after is not None:
            timer = threading.Timer(after, service.documented, [request])
            timer.daemon = True
            timer.start()
        if how == "reset":
            return None
        if how == "cut":
            return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 500\r\n\r\n{"
        return reply(int(how), {"error": "Gateway"})

    service.hooks.append(on("POST", LISTED, respond))


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize("how", ["502", "503", "504", "reset", "cut"])
@pytest.mark.parametrize("after", [0, 1.0, 30.0, None])
def test_a_creation_with_a_lost_response_is_not_repeated(voss: Task, many: bool, how: str, after: float | None) -> None:
    service = Service("A")
    lost(service, how, after)
    result = created(voss, service, many, retry_budget=60)
    assert len(voss.server.writes) == 1
    if after == 0:
        assert not result.get("failed"), result
    if after is None:
        assert set(reasons(result)) == {"outcome_unknown"}
    if result.get("failed"):
        assert set(reasons(result)) == {"outcome_unknown"}
        assert not result["changed"]


def test_a_creation_without_a_transaction_is_found_by_name(voss: Task) -> None:
    service = Service("A")
    lost(service, "504", 0)
    service.hooks.append(on("GET", rf"{TRANSACTIONS}\?", lambda request: service.page([], {})))
    result = created(voss, service, many=False)
    assert not result.get("failed"), result
    assert result["customer"]["pkid"] == service.named("New")[0]
    assert len(voss.server.writes) == 1


def test_a_creation_does_not_adopt_a_foreign_customer(voss: Task) -> None:
    service = Service("A")
    lost(service, "504", None)
    writes = service.hooks[-1]

    def respond(request: Request) -> Any:
        if request.method == "POST":
            service.add("New", NB, email_domain="somebody.example")
        return writes(request)

    service.hooks.append(respond)
    result = voss(service, "voss_spark_customer", **NEW, email_domain="mine.example")
    assert reasons(result) == ["outcome_unknown"]


@pytest.mark.parametrize("many", [True, False])
def test_a_customer_that_appears_before_creation_is_not_recreated(voss: Task, many: bool) -> None:
    service = Service("A")
    lists = itertools.count()

    def respond(request: Request) -> Any:
        with service.lock:
            sent = service.documented(request)
            if not many or next(lists) == 0:
                pass
            return sent

    service.hooks.append(on("GET", LISTED, respond))
    node_reads: list[Request] = []

    def appears(request: Request) -> Any:
        """Another user creates the customer after the run was planned."""
        node_reads.append(request)
        if not service.named("New"):
            service.add("New", NB)
        return ...

    service.hooks.append(on("GET", r"HierarchyNode/\?", appears, 1))
    result = created(voss, service, many)
    assert len(service.named("New")) == 1
    assert voss.server.writes == []
    if not many:
        return
    assert set(reasons(result)) == {"conflict"}


@pytest.mark.parametrize("many", [True, False])
@pytest.mark.parametrize(
    ("there", "desired"),
    [
        ("New", " New"),
        ("New", "New "),
        ("New", "\tNew\n"),
        ("New", "NEW"),
        ("STRASSE", "Straße"),
        (unicodedata.normalize("NFC", "Café"), unicodedata.normalize("NFD", "Café")),
        (unicodedata.normalize("NFD", "Café"), unicodedata.normalize("NFC", "Café")),
        ("New Customer", "New  Customer"),
        ("New", "New\u00a0"),
        ("New", "New\u200b"),
    ],
    ids=ascii,
)
def test_a_name_in_a_different_spelling_is_a_conflict(voss: Task, many: bool, there: str, desired: str) -> None:
    service = Service()
    service.add(there, NB)
    given = {"name": desired, "hierarchy": NB}
    for check in (True, False):
        if many:
            result = voss(service, "voss_spark_customers", check=check, customers=[given])
        else:
            result = voss(service, "voss_spark_customer", check=check, **given)
        assert set(reasons(result)) == {"conflict"}
        assert there in json.dumps(result, ensure_ascii=False)
        assert voss.server.writes == []
    elsewhere = f"{SCOPE}.West"
    service.add_node(*elsewhere.split("."))
    result = voss(service, "voss_spark_customers", customers=[{**given, "hierarchy": elsewhere}])
    assert actions(result) == ["created"]


def test_two_spellings_of_one_name_are_not_both_created(voss: Task) -> None:
    service = Service()
    desired = [{"name": name, "hierarchy": NB} for name in ("New", "NEW", "new ")]
    result = voss(service, "voss_spark_customers", customers=desired)
    assert result["failed"]
    assert len(service.customers) <= 1


@pytest.mark.parametrize("many", [True, False])
def test_a_trimmed_name_is_reported_and_not_recreated(voss: Task, many: bool) -> None:
    service = Service()
    real = service.add
    service.add = lambda name, *more, **data: real(name.strip(), *more, **data)  # type: ignore[method-assign]

    def respond(request: Request) -> bytes:
        key = service.add(request.json["name"], NB)
        return service.accepted(request.json["request_meta"]["external_id"], key)

    service.hooks.append(on("POST", LISTED, respond))
    given = {"name": "New ", "hierarchy": NB}
    for expected in ("invalid_response", "conflict"):
        if many:
            result = voss(service, "voss_spark_customers", customers=[given])
        else:
            result = voss(service, "voss_spark_customer", **given)
        assert set(reasons(result)) == {expected}
        assert bool(result.get("changed")) is (expected == "invalid_response")
    assert len(service.customers) == 1


def test_each_creation_follows_one_lookup_at_its_node(voss: Task) -> None:
    service = Service("A", west=f"{SCOPE}.West")
    desired = [{"name": f"New {number}", "hierarchy": NB if number % 2 else f"{SCOPE}.West"} for number in range(20)]
    result = voss(service, "voss_spark_customers", customers=desired)
    assert actions(result) == ["created"] * 20
    seen = voss.server.requests
    for item in desired:
        node = service.node(str(item["hierarchy"]))
        posted = [place for place, one in enumerate(seen) if one.method == "POST" and one.json["name"] == item["name"]]
        lookups = [
            place
            for place, one in enumerate(seen)
            if one.path == CUSTOMERS and one.query.get("filter_text") == item["name"] and one.query["hierarchy"] == node
        ]
        assert len(posted) == 1
        assert len([place for place in lookups if place < posted[0]]) == 1


@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("many", [False, True])
def test_a_filter_that_returns_nothing_does_not_hide_a_creation(voss: Task, many: bool, lost: bool) -> None:
    service = Service("A")
    accept = service.accepted
    service.accepted = lambda external, key: accept(external, None)  # type: ignore[assignment,misc]
    service.hooks.append(on("GET", "SparkCustomer.*filter_text", lambda request: service.page([], request.query)))
    if lost:
        service.hooks.append(on("POST", CUSTOMERS, lambda request: (service.documented(request), None)[1]))
        service.hooks.append(on("GET", rf"{TRANSACTIONS}\?", lambda request: service.page([], request.query)))
    new = [{"name": name, "hierarchy": NB} for name in "BC"]
    if many:
        result = voss(service, "voss_spark_customers", customers=new)
    else:
        result = voss(service, "voss_spark_customer", **new[0])
    assert reasons(result) == []
    assert len(service.named("B")) == 1


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("change", ["rename", "move"])
@pytest.mark.parametrize("there", ["B", "b"])
def test_a_filter_that_omits_customers_hides_no_conflict(voss: Task, there: str, change: str, check: bool) -> None:
    service = Service("B @ sys.hcs.CS-P.NB.Below", west=f"{SCOPE}.West")
    hidden = service.add(there, NB)

    def filtered(request: Request) -> Json:
        shown = [service.item(key) for key in service._within(request.query["hierarchy"]) if key != hidden]
        return service.page([one for one in shown if one["data"]["name"] == "B"], request.query)

    service.hooks.append(on("GET", "SparkCustomer.*filter_text", filtered))
    if change == "rename":
        options = {"pkid": service.add("C", NB), "name": "B"}
    else:
        options = {"pkid": service.add("B", f"{SCOPE}.West"), "target_hierarchy": NB}
    result = voss(service, "voss_spark_customer", check=check, hierarchy=SCOPE, **options)
    assert reasons(result) == ["conflict"]
    assert voss.server.writes == []


def test_a_list_of_one_page_is_read_with_one_request(voss: Task) -> None:
    service = Service(*LETTERS)
    assert listed(voss, service) == LETTERS
    assert len(voss.server.requests) == 1


def pages_of(service: Service) -> Iterator[int]:
    yield from range(len(service.customers))
