# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test the API calls of VOSS Automate with a scripted server: requests, and interpretation of responses."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.messages import MessageTable
from support.scripted import Scripted, Step, http_at, reply

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    ConnectorsError,
    InputError,
    InvalidResponse,
    RequestFailed,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.client import Voss
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import Node

CUSTOMERS = "/api/relation/SparkCustomer/"
NODES = "/api/data/HierarchyNode/"
ROOT, HCS, PROVIDER = "6t0ggef2c0deab00hb595101", "5df35e48ce894e0012b345a1", "5f3ae236ce894e001204efa0"
NODE, ELSEWHERE = "6130d69ae04a4a0015a93bc6", "6130d69ae04a4a0015a93bc7"
PKID, OTHER = "65e0918d6fd4534903e212d9", "65e032dc6fd4534903dff709"
PATH = "sys.hcs.CS-P"
Item = dict[str, Any]
Start = Callable[..., Voss]
NO_NODE = "voss.unknown_node"


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as server:
        yield server


@pytest.fixture
def voss(server: Scripted) -> Start:
    """Return a run against the server with these responses: JSON, verbatim bytes, or other steps of a script."""

    def step(response: Any) -> Step:
        if isinstance(response, Step):
            return response
        return reply(200, response if isinstance(response, bytes) else json.dumps(response))

    def start(*responses: Any) -> Voss:
        server.script(*map(step, responses))
        return Voss(http_at(server.origin, "voss", requests_per_second=0))

    return start


def page(*resources: Any, **pagination: Any) -> Item:
    return {"resources": list(resources), "pagination": pagination}


def whole(*resources: Any) -> Item:
    return page(*resources, total=len(resources), limit=2000)


def node(pkid: str, path: str, *above: str) -> Item:
    meta = {"path": [*above, pkid]} if above else {}
    return {"pkid": pkid, "meta": meta, "data": {"name": path.rpartition(".")[2], "hierarchy_path": path}}


def customer(pkid: str, name: str, at: str = NODE, path: str | None = f"{PATH}.NB") -> Item:
    return {
        "pkid": pkid,
        "meta": {"path": [ROOT, HCS, PROVIDER, at, pkid], "references": {"parent": [{"pkid": at}]}},
        "data": {"name": name, "hierarchy_path": path},
    }


NO = reply(404, '{"error": "not there"}')
A_LIST = whole()


def listed(path: str, *query: str, skip: int = 0, limit: int = 2000) -> str:
    """The request for a page of a list."""
    return f"GET {path}?" + "&".join((*query, f"skip={skip}", f"limit={limit}", "format=json"))


def customers_at(hierarchy: str, **options: int) -> str:
    return listed(CUSTOMERS, f"hierarchy={hierarchy}", **options)


def customers_called(name: str, hierarchy: str, **options: int) -> str:
    query = (f"hierarchy={hierarchy}", "filter_field=name", "filter_condition=contains", f"filter_text={name}")
    return listed(CUSTOMERS, *query, **options)


def nodes_called(name: str, **options: int) -> str:
    return listed(NODES, "filter_field=name", "filter_condition=contains", f"filter_text={name}", **options)


def one_node(pkid: str) -> str:
    return f"GET {NODES}{pkid}/?format=json"


def the_list_is_there(hierarchy: str = "sys") -> str:
    """The request that proves that 'api_url' is correct."""
    return customers_at(hierarchy, limit=1)


def one_customer(pkid: str, hierarchy: str | None = None) -> str:
    return f"GET {CUSTOMERS}{pkid}/?" + (f"hierarchy={hierarchy}&" if hierarchy else "") + "format=json"


# Lists


def read(run: Voss, path: str = "/api/a/", *query: tuple[str, str]) -> list[str]:
    """The pkids of a list."""
    return run.pages.read(path, query, "things", lambda _response, pkid, _item: pkid)


def pages_of(sizes: list[int], pagination: Item, overlap: int = 1) -> list[Item]:
    """Return pages of a list. Each page begins with the last items of the previous page."""
    pages: list[Item] = []
    start = 0
    for size in sizes:
        first = max(start - overlap, 0) if pages and sizes[0] > 1 else start
        pages.append(page(*({"pkid": f"p{number}"} for number in range(first, start + size)), **pagination))
        start += size
    return pages


@pytest.mark.parametrize(
    ("sizes", "pagination", "skips"),
    [
        pytest.param([2, 1, 1, 1, 0], {"total": 5, "limit": 2}, [0, 1, 2, 3, 4], id="announced, pages full"),
        pytest.param([3, 2], {"total": 5, "limit": 2000}, [0, 2], id="announced, and more than one page"),
        pytest.param([5], {"total": 5, "limit": 2000}, [0], id="announced, on one page"),
        pytest.param([2, 0], {"total": 2, "limit": 2}, [0, 1], id="one full page"),
        pytest.param([2, 0], {"total": 2}, [0, 1], id="no limit"),
        pytest.param([2], {"total": 1, "limit": 9}, [0], id="more than announced"),
        pytest.param([0], {"total": 0, "limit": 9}, [0], id="nothing"),
        pytest.param([0], {}, [0], id="empty, without pagination"),
        pytest.param([3, 1], {"limit": 3}, [0, 2], id="not announced"),
        pytest.param([3, 2, 0], {"limit": 3}, [0, 2, 4], id="not announced, full to the end"),
        pytest.param([3, 2, 1], {"total": 3, "limit": 3}, [0, 2, 4], id="the number of the page is announced"),
        pytest.param([3, 2, 1], {"total": 3, "limit": 2000, "maximum_limit": 3}, [0, 2, 4], id="the maximum is less"),
        pytest.param([3, 1], {"total": 0, "limit": 3}, [0, 2], id="announced wrongly"),
        pytest.param([3, 1], {"total": "9", "limit": 3}, [0, 2], id="announced as a string"),
        pytest.param([3, 1], {"total": True, "limit": 3}, [0, 2], id="announced as a boolean"),
        pytest.param([3, 1, 0], {"limit": "5"}, [0, 2, 3], id="a limit that is a string"),
        pytest.param([1, 1, 0], {}, [0, 1, 2], id="one on each page"),
    ],
)
def test_a_list_is_read_until_every_signal_ends_it(
    server: Scripted, voss: Start, sizes: list[int], pagination: Item, skips: list[int]
) -> None:
    run = voss(*pages_of(sizes, pagination))
    assert read(run, "/api/a/", ("b", "c d")) == [f"p{number}" for number in range(sum(sizes))]
    assert server.targets() == [listed("/api/a/", "b=c%20d", skip=skip) for skip in skips]
    assert run.pages.count == len(skips)
    assert run.http.proven_collections == {"/api/a/"}


@pytest.mark.parametrize(
    "content", [{}, {"resources": None}, {"resources": {}}, {"resources": ["p1"]}, {"resources": [{}, 1]}]
)
def test_a_malformed_list_is_not_an_empty_list(
    server: Scripted, voss: Start, content: Item, messages: MessageTable
) -> None:
    run = voss(content)
    with pytest.raises(InvalidResponse) as raised:
        read(run)
    assert raised.value.reason == "invalid_response"
    messages.check_unusable("list.malformed", raised.value, what="things")
    assert server.targets() == [listed("/api/a/")]
    assert run.http.proven_collections == set()


def by_address(address: str, **more: Any) -> Item:
    own = {"self": [{"href": f"{CUSTOMERS}{address}/"}]}
    return {"meta": {"references": own, "address": address}, **more}


@pytest.mark.parametrize(
    "item",
    [{}, {"pkid": ""}, {"pkid": None}, {"pkid": ["p1"]}, {"pkid": 7}, {"pkid": "x" * 513}, {"data": {"pkid": "p1"}}],
)
def test_an_unidentifiable_item_makes_the_list_unusable(voss: Start, item: Item) -> None:
    with pytest.raises(InvalidResponse) as raised:
        read(voss(whole({"pkid": "p0"}, item)))
    assert raised.value.reason == "invalid_response"


@pytest.mark.parametrize(
    ("first", "second"),
    [({"pkid": "p1"}, {"pkid": "p1", "data": {}}), (by_address("p1"), by_address("p1", pkid=""))],
)
def test_a_list_that_restarts_ends(
    server: Scripted, voss: Start, first: Item, second: Item, messages: MessageTable
) -> None:
    with pytest.raises(InvalidResponse) as raised:
        read(voss(*[page(first, total=3), page(second, total=3)] * 3))
    messages.check_unusable(
        "list.incomplete", raised.value, "response.malformed", what="things", attempts=3, items="1 item"
    )
    assert server.targets() == [listed("/api/a/"), listed("/api/a/", skip=1)] * 3


def of(*numbers: int, **pagination: Any) -> Item:
    return page(*({"pkid": f"p{number}"} for number in numbers), **{"limit": 3, **pagination})


@pytest.mark.parametrize("total", [{}, {"total": 5}])
def test_an_item_on_two_pages_is_returned_once(server: Scripted, voss: Start, total: Item) -> None:
    assert read(voss(of(0, 1, 2, **total), of(1, 2, 3, **total), of(3, 4, **total))) == [f"p{n}" for n in range(5)]
    assert server.targets() == [listed("/api/a/", skip=skip) for skip in (0, 2, 4)]


@pytest.mark.parametrize("total", [{}, {"total": 5}])
def test_a_list_with_a_concurrent_deletion_is_read_again(server: Scripted, voss: Start, total: Item) -> None:
    """The second page does not begin with the last item of the first one."""
    again = [of(1, 2, 3), of(2, 3, 4), of(4)]
    assert read(voss(of(0, 1, 2, **total), of(3, 4, **total), *again)) == ["p1", "p2", "p3", "p4"]
    assert server.targets() == [listed("/api/a/", skip=skip) for skip in (0, 2, 0, 1, 2)]


def test_a_list_without_its_last_item_is_read_again(server: Scripted, voss: Start) -> None:
    assert read(voss(of(0, 1, 2), of(), of(0, 1))) == ["p0", "p1"]
    assert server.targets() == [listed("/api/a/", skip=skip) for skip in (0, 2, 0)]


@pytest.mark.parametrize(
    ("pages", "items"),
    [
        ([of(0, 1, total=3), of(1, total=3)] * 3, 2),
        ([of(total=3)] * 3, 0),
        ([of(0, 1, total=3, limit=None), of(1, total=3, limit=None)] * 3, 2),
    ],
    ids=["too few", "none", "too few, without a limit"],
)
def test_a_list_always_shorter_than_announced_is_unusable(
    server: Scripted, voss: Start, pages: list[Item], items: int, messages: MessageTable
) -> None:
    run = voss(*pages, *[of()] * 3)
    with pytest.raises(InvalidResponse) as raised:
        read(run)
    messages.check_unusable(
        "list.incomplete", raised.value, "response.malformed", what="things", attempts=3, items=f"{items} items"
    )
    assert run.http.proven_collections == set()


def test_concurrent_creations_and_deletions_leave_the_list_usable(voss: Start) -> None:
    grown = voss(of(0, 1, 2, total=4), of(2, 3, 9, total=6), of(9, 10, total=6))
    assert read(grown) == ["p0", "p1", "p2", "p3", "p9", "p10"]
    shrunk = voss(of(0, 1, 2, total=6), of(2, 3, total=4))
    assert read(shrunk) == ["p0", "p1", "p2", "p3"]


@pytest.mark.parametrize("status", [400, 422])
def test_refused_large_pages_reduce_the_page_size(server: Scripted, voss: Start, status: int) -> None:
    run = voss(
        reply(status),
        page({"pkid": "p1"}, total=2, limit=1),
        page({"pkid": "p2"}, total=2, limit=1),
        page(total=2, limit=1),
        whole(),
        reply(status),
    )
    assert read(run) == ["p1", "p2"]
    assert read(run, "/api/b/") == []
    with pytest.raises(RequestFailed):
        read(run, "/api/c/")
    assert server.targets() == [
        listed("/api/a/"),
        *(listed("/api/a/", skip=skip, limit=200) for skip in (0, 1, 2)),
        listed("/api/b/", limit=200),
        listed("/api/c/", limit=200),
    ]


@pytest.mark.parametrize(("refusals", "limits"), [([400, 422], [2000, 200]), ([501], [2000])])
def test_a_list_that_is_refused_is_a_failure(
    server: Scripted, voss: Start, refusals: list[int], limits: list[int]
) -> None:
    with pytest.raises(RequestFailed) as raised:
        read(voss(*map(reply, refusals)))
    assert raised.value.failure.status == refusals[-1]
    assert server.targets() == [listed("/api/a/", limit=limit) for limit in limits]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"error": "no such node"}', "not_found"),
        ("<html>", "wrong_address"),
        ("", "wrong_address"),
        ("[]", "wrong_address"),
    ],
)
def test_a_foreign_404_for_lists_is_a_wrong_address(voss: Start, content: str, reason: str) -> None:
    with pytest.raises(RequestFailed) as raised:
        read(voss(reply(404, content)))
    assert (raised.value.failure.status, raised.value.reason) == (404, reason)


# Hierarchy


def test_a_node_is_found_by_its_pkid_once(server: Scripted, voss: Start) -> None:
    run = voss(node(PROVIDER, PATH, ROOT, HCS))
    found = Node(PROVIDER, PATH, (ROOT, HCS, PROVIDER))
    assert run.node(PROVIDER) == run.node(PROVIDER) == found
    assert server.targets() == [one_node(PROVIDER)]


def test_a_node_found_by_path_is_cached_by_pkid(server: Scripted, voss: Start) -> None:
    run = voss(whole(node(PROVIDER, PATH)))
    assert run.node("CS-P") == run.node(PROVIDER) == run.node("CS-P") == Node(PROVIDER, PATH)
    assert server.targets() == [nodes_called("CS-P")]


@pytest.mark.parametrize("data", [{}, {"name": "CS-P"}])
def test_a_hidden_node_path_is_null(voss: Start, data: Item) -> None:
    shown = {"pkid": PROVIDER, "data": data, "meta": {"path": [ROOT, PROVIDER]}}
    assert voss(shown).node(PROVIDER) == Node(PROVIDER, None, (ROOT, PROVIDER))


@pytest.mark.parametrize("shown", [{}, {"pkid": None}, {"pkid": OTHER}, {"pkid": [NODE]}])
def test_a_different_node_is_not_accepted(voss: Start, shown: Item) -> None:
    with pytest.raises(InvalidResponse) as raised:
        voss({**shown, "data": {"hierarchy_path": PATH}}).node(NODE)
    assert raised.value.reason == "invalid_response"


@pytest.mark.parametrize(
    ("responses", "requested"),
    [([reply(400)], [one_node(NODE)]), ([NO, A_LIST], [one_node(NODE), the_list_is_there()])],
)
def test_an_unknown_pkid_is_reported_as_unknown(
    server: Scripted, voss: Start, responses: list[Any], requested: list[str], messages: MessageTable
) -> None:
    with pytest.raises(InputError) as raised:
        voss(*responses).node(NODE)
    messages.check(NO_NODE, raised.value.message, node=NODE)
    assert server.targets() == requested


def test_a_node_that_is_not_readable_has_only_a_pkid(server: Scripted, voss: Start) -> None:
    run = voss(reply(403))
    assert run.node(NODE) == run.node(NODE) == Node(NODE)
    assert server.targets() == [one_node(NODE)]


def test_the_reference_of_a_pkid_needs_no_request(server: Scripted, voss: Start) -> None:
    assert voss().reference(NODE) == NODE
    assert server.targets() == []


@pytest.mark.parametrize("status", [401, 405, 501])
def test_a_node_that_is_refused_is_a_failure(voss: Start, status: int) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(status)).node(NODE)
    assert raised.value.failure.status == status


@pytest.mark.parametrize(
    ("responses", "requested"),
    [
        pytest.param([whole(node(NODE, f"{PATH}.NB"))], [nodes_called("NB")], id="filter"),
        pytest.param(
            [whole(), whole(node(NODE, f"{PATH}.NB"))], [nodes_called("NB"), listed(NODES)], id="filter finds none"
        ),
        pytest.param(
            [whole(node(OTHER, f"{PATH}.NB.NB")), whole(node(NODE, f"{PATH}.NB"))],
            [nodes_called("NB"), listed(NODES)],
            id="filter finds others",
        ),
        pytest.param(
            [reply(422), reply(400), whole(node(NODE, f"{PATH}.NB"))],
            [nodes_called("NB"), nodes_called("NB", limit=200), listed(NODES)],
            id="no filter",
        ),
    ],
)
def test_a_node_is_found_by_its_path(server: Scripted, voss: Start, responses: list[Any], requested: list[str]) -> None:
    assert voss(*responses).node(f"{PATH}.NB") == Node(NODE, f"{PATH}.NB")
    assert server.targets() == requested


def test_all_nodes_are_read_once(server: Scripted, voss: Start, messages: MessageTable) -> None:
    run = voss(whole(), whole(node(NODE, f"{PATH}.NB"), node(PROVIDER, PATH)))
    assert run.node(f"{PATH}.NB").pkid == NODE
    assert run.node(PATH).pkid == PROVIDER
    with pytest.raises(InputError) as raised:
        run.node(f"{PATH}.AB")
    messages.check(NO_NODE, raised.value.message, node=f"{PATH}.AB")
    assert server.targets() == [nodes_called("NB"), listed(NODES)]


def test_cached_nodes_are_not_requested_again(server: Scripted, voss: Start, messages: MessageTable) -> None:
    run = voss(whole(node(NODE, f"{PATH}.NB"), node(PROVIDER, PATH)))
    run.learn_nodes()
    run.learn_nodes()
    assert run.node(f"{PATH}.NB") == Node(NODE, f"{PATH}.NB")
    with pytest.raises(InputError) as raised:
        run.node("AB")
    messages.check(NO_NODE, raised.value.message, node="AB")
    assert server.targets() == [listed(NODES)]


@pytest.mark.parametrize("refusal", [reply(403), NO], ids=["403", "404"])
def test_without_the_node_list_the_server_resolves_a_path(server: Scripted, voss: Start, refusal: Step) -> None:
    run = voss(refusal, refusal)
    run.learn_nodes()
    assert run.node(PATH) == run.node(PATH) == Node(None, PATH)
    assert run.node(PATH).reference == PATH
    assert server.targets() == [listed(NODES), nodes_called("CS-P")]


@pytest.mark.parametrize("ask", [lambda run: run.learn_nodes(), lambda run: run.node(PATH)])
@pytest.mark.parametrize(("step", "reason"), [(reply(501), "unavailable"), (reply(404, "<html>"), "wrong_address")])
def test_a_list_of_nodes_that_fails_is_a_failure(
    voss: Start, ask: Callable[[Voss], object], step: Step, reason: str
) -> None:
    with pytest.raises(RequestFailed) as raised:
        ask(voss(step))
    assert raised.value.reason == reason


@pytest.mark.parametrize("words", ["", " ", "sys..CS-P", "sys. .CS-P", "sys.CS-P.", ".sys"])
def test_a_path_with_a_blank_name_is_not_requested(
    server: Scripted, voss: Start, words: str, messages: MessageTable
) -> None:
    with pytest.raises(InputError) as raised:
        voss().node(words)
    messages.check(NO_NODE, raised.value.message, node=words)
    assert server.targets() == []


def test_a_node_path_is_joined_from_its_ancestors(voss: Start) -> None:
    above = [{"pkid": pkid, "data": {"name": name}} for pkid, name in ((ROOT, "sys"), (PROVIDER, "CS-P"))]
    below = {"pkid": NODE, "data": {"name": "NB"}, "meta": {"path": [ROOT, PROVIDER, NODE]}}
    run = voss(whole(*above, below))
    run.learn_nodes()
    assert run.node("sys.CS-P.NB") == Node(NODE, "sys.CS-P.NB", (ROOT, PROVIDER, NODE))


@pytest.mark.parametrize(
    ("words", "paths", "found"),
    [
        ("sys.A", ["sys.hcs.A", "sys.A"], "sys.A"),
        ("A", ["hcs.A", "A", "sys.A"], "A"),
        ("hcs.A.B", ["sys.hcs.A", "sys.hcs.A.B", "sys.hcs.B"], "sys.hcs.A.B"),
        ("sys.hcs.A", ["sys.hcs.A.B", "A"], "A"),
    ],
)
def test_an_exact_path_precedes_one_with_other_roots(voss: Start, words: str, paths: list[str], found: str) -> None:
    run = voss(whole(*(node(f"p{number}", path) for number, path in enumerate(paths)), {"pkid": "no path"}))
    run.learn_nodes()
    assert run.node(words) == Node(f"p{paths.index(found)}", found)


@pytest.mark.parametrize(("words", "paths"), [("A", ["sys.hcs.A", "hcs.A"]), ("sys.A", ["sys.A", "sys.A"])])
def test_an_ambiguous_path_is_a_failure_with_its_nodes(
    voss: Start, words: str, paths: list[str], messages: MessageTable
) -> None:
    run = voss(whole(node(NODE, paths[0]), node(OTHER, paths[1]), node(ROOT, "sys.hcs.B")))
    with pytest.raises(InputError) as raised:
        run.node(words)
    assert raised.value.reason == "ambiguous"
    facts = {"path": f"'{words}'", "first": f"{paths[0]} ({NODE})", "second": f"{paths[1]} ({OTHER})"}
    messages.check("voss.ambiguous_node", raised.value.message, **facts)


# Customers


def pkids(customers: list[Item]) -> list[str]:
    return [item["pkid"] for item in customers]


def test_the_list_of_a_path_needs_no_node_lookup(server: Scripted, voss: Start) -> None:
    stranger = customer(OTHER, "B", at=ELSEWHERE, path="sys.hcs.CS-Q.NB")
    stranger["meta"]["path"][2] = ELSEWHERE[::-1]
    assert voss(whole(customer(PKID, "A"), stranger)).customers(PATH) == [
        {
            "pkid": PKID,
            "hierarchy": NODE,
            "hierarchy_path": f"{PATH}.NB",
            "nodes": (ROOT, HCS, PROVIDER, NODE),
            "data": {"name": "A"},
        }
    ]
    assert server.targets() == [customers_at(PATH)]


@pytest.mark.parametrize(
    "change",
    [
        {"data": {}},
        {"data": {"name": ""}},
        {"data": {"name": 7}},
        {"meta": {}, "data": {"name": "B"}},
        {"meta": {"path": [ROOT, NODE, OTHER], "references": {"parent": [{"pkid": ELSEWHERE}]}}, "data": {"name": "B"}},
        {"meta": {"references": {"self": [{"pkid": PKID}]}}},
    ],
)
def test_a_customer_without_name_or_node_makes_lists_unusable(voss: Start, change: Item) -> None:
    with pytest.raises(InvalidResponse) as raised:
        voss(whole(customer(PKID, "A"), {**customer(OTHER, "B"), **change})).customers(PATH)
    assert raised.value.reason == "invalid_response"


@pytest.mark.parametrize(
    ("refusal", "limits"),
    [(reply(400), [2000, 200]), (NO, [2000]), (reply(409), [2000]), (reply(422), [2000, 200])],
    ids=["400", "404", "409", "422"],
)
def test_a_path_that_the_list_rejects_is_looked_up(
    server: Scripted, voss: Start, refusal: Step, limits: list[int]
) -> None:
    refusals = [refusal for _limit in limits]
    run = voss(*refusals, whole(node(PROVIDER, PATH)), whole(customer(PKID, "A")))
    assert pkids(run.customers(PATH)) == [PKID]
    refused = [customers_at(PATH, limit=limit) for limit in limits]
    assert server.targets() == [*refused, nodes_called("CS-P"), customers_at(PROVIDER)]


@pytest.mark.parametrize("status", [401, 403, 501])
def test_a_list_refused_for_another_reason_is_a_failure(server: Scripted, voss: Start, status: int) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(status)).customers(PATH)
    assert raised.value.failure.status == status
    assert server.targets() == [customers_at(PATH)]


def test_known_nodes_rejected_by_the_list_are_a_failure(server: Scripted, voss: Start) -> None:
    run = voss(whole(node(PROVIDER, PATH)), NO)
    run.node(PATH)
    with pytest.raises(RequestFailed) as raised:
        run.customers(PATH)
    assert (raised.value.failure.status, raised.value.reason) == (404, "not_found")
    assert server.targets() == [nodes_called("CS-P"), customers_at(PROVIDER)]


def test_without_nodes_and_customers_the_address_is_wrong(server: Scripted, voss: Start) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(NO, NO, NO, NO, NO).customers(PATH)
    assert raised.value.reason == "wrong_address"
    assert server.targets() == [
        customers_at(PATH),
        nodes_called("CS-P"),
        customers_at(PATH),
        the_list_is_there(),
    ]


def test_an_empty_list_counts_if_its_node_exists(server: Scripted, voss: Start) -> None:
    run = voss(whole(), whole(node(PROVIDER, PATH)), whole())
    assert run.customers(PATH) == []
    assert run.customers(PATH) == []
    assert server.targets() == [customers_at(PATH), nodes_called("CS-P"), customers_at(PROVIDER)]


def test_the_list_of_a_missing_node_is_a_failure(server: Scripted, voss: Start, messages: MessageTable) -> None:
    with pytest.raises(InputError) as raised:
        voss(whole(), NO).customers(PROVIDER)
    messages.check(NO_NODE, raised.value.message, node=PROVIDER)
    assert server.targets() == [customers_at(PROVIDER), one_node(PROVIDER)]


def test_customers_without_paths_are_placed_by_node_pkid(server: Scripted, voss: Start) -> None:
    run = voss(whole(customer(PKID, "A", path=None)), whole(node(PROVIDER, PATH)))
    assert pkids(run.customers(PATH)) == [PKID]
    assert server.targets() == [customers_at(PATH), nodes_called("CS-P")]


def test_a_dot_in_a_name_is_not_a_level(server: Scripted, voss: Start) -> None:
    """The path 'sys.hcs.CS-P.NB' has four names, and the customer is at the third node."""
    dotted = {**customer(OTHER, "B"), "meta": {"path": [ROOT, HCS, ELSEWHERE, OTHER]}}
    run = voss(whole(customer(PKID, "A"), dotted), whole(node(PROVIDER, PATH)))
    assert pkids(run.customers(PATH)) == [PKID]
    assert server.targets() == [customers_at(PATH), nodes_called("CS-P")]


@pytest.mark.parametrize("many", [True, False], ids=["all nodes are listed", "nodes are not listed"])
def test_customers_without_paths_are_placed_by_their_node(server: Scripted, voss: Start, many: bool) -> None:
    inside, outside = customer(PKID, "A"), customer(OTHER, "B", at=ELSEWHERE)
    del inside["meta"]["path"], outside["meta"]["path"]
    nodes = (node(NODE, f"{PATH}.NB", ROOT, HCS, PROVIDER), node(ELSEWHERE, f"{PATH}.NB", ROOT, HCS, OTHER))
    by_list = [whole(*nodes)] if many else [reply(403), *nodes]
    run = voss(whole(inside, outside), whole(node(PROVIDER, PATH)), *by_list)
    assert pkids(run.customers(PATH)) == [PKID]
    one_by_one = [] if many else [one_node(NODE), one_node(ELSEWHERE)]
    assert server.targets() == [customers_at(PATH), nodes_called("CS-P"), listed(NODES), *one_by_one]
    assert run.is_proven_within(inside_of(inside), PATH)


def inside_of(item: Item) -> Item:
    return {"pkid": item["pkid"], "hierarchy": NODE, "hierarchy_path": None, "nodes": (), "data": item["data"]}


@pytest.mark.parametrize("seen", [reply(403), NO, {"pkid": NODE}], ids=["403", "404", "without a path"])
def test_a_customer_of_unknown_scope_is_a_failure(voss: Start, seen: Any, messages: MessageTable) -> None:
    shown = customer(PKID, "A", path=None)
    del shown["meta"]["path"]
    with pytest.raises(ConnectorsError) as raised:
        voss(whole(shown), whole(node(PROVIDER, PATH)), seen).customers(PATH)
    assert raised.value.reason == "invalid_response"
    start, _colon, cause = raised.value.message.partition(": ")
    messages.check("voss.customer_at_hidden_node", start, name="A", pkid=PKID)
    assert cause


def test_customers_are_filtered_by_their_exact_name(server: Scripted, voss: Start) -> None:
    found = whole(customer(OTHER, "A B C"), customer(PKID, "A B"), customer("p3", "a b"))
    assert pkids(voss(found).customers_called("A B", PATH)) == [PKID]
    assert server.targets() == [customers_called("A%20B", PATH)]


def test_an_empty_filter_result_is_verified_by_the_list(server: Scripted, voss: Start) -> None:
    run = voss(whole(), whole(node(PROVIDER, PATH)), whole(customer(OTHER, "B"), customer(PKID, "A")))
    assert pkids(run.customers_called("A", PATH)) == [PKID]
    assert server.targets() == [customers_called("A", PATH), nodes_called("CS-P"), customers_at(PROVIDER)]


def test_an_empty_filter_result_may_suffice(server: Scripted, voss: Start) -> None:
    assert voss(whole()).customers_called("A", PATH, certain=False) == []
    assert server.targets() == [customers_called("A", PATH)]


def test_no_filter_is_sent_again_once_it_was_refused(server: Scripted, voss: Start) -> None:
    refused = (reply(422), reply(400))
    both = whole(customer(PKID, "A"), customer(OTHER, "B"))
    run = voss(*refused, both, both)
    assert pkids(run.customers_called("A", PATH)) == [PKID]
    assert pkids(run.customers_called("B", PATH)) == [OTHER]
    filtered = [customers_called("A", PATH), customers_called("A", PATH, limit=200)]
    assert server.targets() == [*filtered, customers_at(PATH), customers_at(PROVIDER)]


def test_a_complete_list_is_not_read_twice(server: Scripted, voss: Start) -> None:
    run = voss(reply(400), reply(422), whole(customer(OTHER, "B")))
    assert run.customers_called("A", PATH) == []
    assert server.targets() == [
        customers_called("A", PATH),
        customers_called("A", PATH, limit=200),
        customers_at(PATH),
    ]


def test_an_empty_unfiltered_list_counts_if_its_node_exists(
    server: Scripted, voss: Start, messages: MessageTable
) -> None:
    run = voss(reply(400), reply(400), whole(), NO)
    with pytest.raises(InputError) as raised:
        run.customers_called("A", PROVIDER)
    messages.check(NO_NODE, raised.value.message, node=PROVIDER)
    assert server.targets()[2:] == [customers_at(PROVIDER), one_node(PROVIDER)]


def test_a_filter_that_fails_is_a_failure(server: Scripted, voss: Start) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(501)).customers_called("A", PATH)
    assert raised.value.failure.status == 501
    assert server.targets() == [customers_called("A", PATH)]


@pytest.mark.parametrize(
    ("name", "there", "found"),
    [
        ("A B", [customer(PKID, "A B")], PKID),
        (" A\u00a0 BCD", [customer(PKID, "a bcd")], PKID),
        ("A\u200b ", [customer(PKID, "a")], PKID),
        ("A B", [customer(OTHER, "a b"), customer(PKID, "A B")], PKID),
        ("A B", [customer(OTHER, "A B C"), customer(PKID, "A B", at=ELSEWHERE)], None),
        ("A B", [], None),
    ],
)
def test_a_similar_name_is_found_at_the_node(
    server: Scripted, voss: Start, name: str, there: list[Item], found: str | None
) -> None:
    similar = voss(whole(*there)).similar_at(name, NODE)
    assert (similar and similar["pkid"]) == found
    text = {"A B": "A%20B", " A\u00a0 BCD": "BCD", "A\u200b ": "A"}[name]
    assert server.targets() == [customers_called(text, NODE)]


def test_listed_names_are_cached(server: Scripted, voss: Start) -> None:
    run = voss(whole(customer(PKID, "A B")))
    assert run.known_similar("a b") == []
    run.customers(PATH)
    assert pkids(run.known_similar("a  B ")) == [PKID]
    assert run.known_similar("a c") == []
    assert len(server.received) == 1


def placed(path: str | None, *nodes: str) -> Item:
    return {"pkid": PKID, "hierarchy": NODE, "hierarchy_path": path, "nodes": nodes, "data": {"name": "A"}}


@pytest.mark.parametrize(
    ("path", "words", "within", "at"),
    [
        (None, "CS-P", True, False),
        (None, PROVIDER, True, False),
        (None, NODE, True, True),
        (None, ELSEWHERE, False, False),
        (f"{PATH}.NB", "CS-P", True, False),
        (f"{PATH}.NB", f"{PATH}.NB", True, True),
        (f"{PATH}.NB", f"{PATH}.NB.C", False, False),
        (f"{PATH}.NB", "sys.hcs.CS-Q", False, False),
        ("sys.hcs.CS-Q", "CS-P", True, False),
    ],
)
def test_pkids_locate_a_customer(
    server: Scripted, voss: Start, path: str | None, words: str, within: bool, at: bool
) -> None:
    run = voss(whole(node(PROVIDER, "sys.CS-P")))
    assert run.node("CS-P") == Node(PROVIDER, "sys.CS-P")
    there = placed(path, ROOT, HCS, PROVIDER, NODE)
    assert run.is_within(there, words) is within
    assert run.is_at(there, words) is at
    assert len(server.received) == 1


ENTRY = {"pkid": PKID, "hierarchy": NODE, "hierarchy_path": f"{PATH}.NB", "nodes": (ROOT, NODE), "data": {"name": "A"}}
SAME_NODE = {"references": {"parent": [{"pkid": NODE}]}}
OTHER_NODE = {"references": {"parent": [{"pkid": ELSEWHERE}]}}


@pytest.mark.parametrize(
    ("entry", "response", "place"),
    [
        pytest.param(None, {}, (None, None, ()), id="no entry"),
        pytest.param(None, {"meta": {"path": [ROOT, NODE, PKID]}}, (NODE, None, (ROOT, NODE)), id="its own place"),
        pytest.param(ENTRY, {}, (NODE, f"{PATH}.NB", (ROOT, NODE)), id="place of the entry"),
        pytest.param(ENTRY, {"meta": SAME_NODE}, (NODE, f"{PATH}.NB", (ROOT, NODE)), id="same node"),
        pytest.param(ENTRY, {"meta": OTHER_NODE}, (ELSEWHERE, None, ()), id="moved"),
        pytest.param(
            ENTRY,
            {"meta": {"path": [PROVIDER, NODE, PKID]}, "data": {"name": "A", "hierarchy_path": "CS-P.NB"}},
            (NODE, "CS-P.NB", (PROVIDER, NODE)),
            id="its own rather than that of the entry",
        ),
        pytest.param({**ENTRY, "hierarchy": None}, {"meta": SAME_NODE}, (NODE, None, ()), id="entry without a node"),
    ],
)
def test_a_missing_node_is_taken_from_the_list(
    server: Scripted, voss: Start, entry: Item | None, response: Item, place: tuple[Any, ...]
) -> None:
    found = voss({"pkid": PKID, "data": {"name": "A"}, **response}).customer(PKID, entry)
    fields = zip(("hierarchy", "hierarchy_path", "nodes"), place, strict=True)
    assert found == {"pkid": PKID, "data": {"name": "A"}, **dict(fields)}
    assert server.targets() == [one_customer(PKID, entry["hierarchy"] if entry else None)]


@pytest.mark.parametrize(
    ("hierarchy", "responses", "requested"),
    [
        (None, [A_LIST], [the_list_is_there()]),
        (PATH, [A_LIST], [the_list_is_there(PATH)]),
        (PATH, [NO, A_LIST], [the_list_is_there(PATH), the_list_is_there()]),
        ("sys", [A_LIST], [the_list_is_there()]),
    ],
)
def test_a_missing_customer_is_null_at_a_proven_address(
    server: Scripted, voss: Start, hierarchy: str | None, responses: list[Any], requested: list[str]
) -> None:
    run = Voss(voss(NO, *responses, NO).http, hierarchy)
    assert run.customer("a/b") is None
    assert server.targets() == [one_customer("a%2Fb"), *requested]
    assert run.customer("a/b") is None
    assert server.targets() == [one_customer("a%2Fb"), *requested, one_customer("a%2Fb")]


@pytest.mark.parametrize(
    "responses",
    [[reply(404)], [reply(404, "<html>")], [reply(404, "[]")], [NO, NO], [NO, reply(404)], [NO, reply(400)], [NO, {}]],
    ids=["empty", "html", "a list", "no customers either", "no api either", "refused", "not a list"],
)
def test_a_404_at_a_wrong_address_is_not_absence(voss: Start, responses: list[Any]) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(*responses).customer(PKID)
    assert raised.value.reason == "wrong_address"


@pytest.mark.parametrize("response", [{}, {"data": {"name": None}}, {"data": {}}, {"data": {"name": ["A"]}}])
def test_other_json_is_not_accepted_as_a_customer(voss: Start, response: Item, messages: MessageTable) -> None:
    with pytest.raises(InvalidResponse) as raised:
        voss({"pkid": PKID, **response}).customer(PKID)
    assert raised.value.reason == "invalid_response"
    messages.check_unusable("voss.not_a_customer", raised.value, "response.malformed")


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (None, {}),
        (None, {"pkid": None}),
        (None, {"pkid": OTHER}),
        (None, {"pkid": [PKID]}),
        (None, {"pkid": PKID.upper()}),
        (None, {"pkid": PKID, "meta": {"references": {"self": [{"pkid": OTHER}]}}}),
        (ENTRY, {"pkid": PKID, "data": {"name": "a"}}),
    ],
)
def test_a_different_customer_is_not_accepted(voss: Start, entry: Item | None, shown: Item) -> None:
    with pytest.raises(InvalidResponse) as raised:
        voss({"data": {"name": "A"}, **shown}).customer(PKID, entry)
    assert raised.value.reason == "invalid_response"


def test_a_listed_customer_is_read_at_its_node(server: Scripted, voss: Start) -> None:
    found = voss({"pkid": PKID, "data": {"name": "A", "email_domain": "a.example"}}).listed_customer(ENTRY)
    assert found == {**ENTRY, "data": {"name": "A", "email_domain": "a.example"}}
    assert server.targets() == [one_customer(PKID, NODE)]


def test_a_listed_customer_that_is_missing_is_a_failure(server: Scripted, voss: Start, messages: MessageTable) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(NO, A_LIST).listed_customer(ENTRY)
    facts = {"request": one_customer(PKID, NODE).replace(" ", f" {server.origin}"), "cause": "not there"}
    messages.check("voss.listed_customer_missing", raised.value.message, **facts)
    assert (raised.value.failure.status, raised.value.reason) == (404, "not_found")


def test_a_listed_customer_that_is_refused_is_a_failure(server: Scripted, voss: Start, messages: MessageTable) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(501)).listed_customer(ENTRY)
    assert raised.value.failure.status == 501
    messages.check("voss.status", raised.value.message, status=501, url=raised.value.failure.url)


@pytest.mark.parametrize(("content", "reason"), [('{"error": "no"}', None), ("<html>", "wrong_address")])
def test_the_apis_404_means_no_transaction(server: Scripted, voss: Start, content: str, reason: str | None) -> None:
    run = voss(reply(404, content), A_LIST)
    if reason is None:
        assert run.transaction("t") is None
        assert server.targets()[1:] == [the_list_is_there()]
        return
    with pytest.raises(RequestFailed) as raised:
        run.transaction("t")
    assert raised.value.reason == reason


def test_a_transaction_is_read(voss: Start) -> None:
    found = voss({"pkid": "t", "data": {"status": "Success"}}).transaction("t")
    assert found is not None
    assert (found["id"], found["state"]) == ("t", "succeeded")


# Documents of the model


@pytest.mark.parametrize(
    ("name", "pkid", "requested"),
    [
        ("help", None, "help?hierarchy=CS-P"),
        ("help", "a/b", "a%2Fb/help?hierarchy=CS-P"),
        ("add_form", None, "add/?hierarchy=CS-P&format=json&schema=1"),
        ("configuration_templates", PKID, "configuration_template/?hierarchy=CS-P&format=json"),
        ("field_display_policies", None, "field_display_policy/?hierarchy=CS-P&format=json"),
    ],
)
def test_a_document_is_requested_in_any_format(
    server: Scripted, voss: Start, name: str, pkid: str | None, requested: str
) -> None:
    content = b"<p>\xff</p>" if name == "help" else {"a": ["b"]}
    assert voss(content).document(name, "CS-P", pkid) == ("<p>\ufffd</p>" if name == "help" else {"a": ["b"]})
    assert server.targets() == [f"GET {CUSTOMERS}{requested}"]
    assert [requested.headers["Accept"] for requested in server.received] == ["*/*"]


def test_a_document_of_a_known_node_uses_its_pkid(server: Scripted, voss: Start) -> None:
    run = voss(whole(node(PROVIDER, PATH)), b"<p>")
    run.node(PATH)
    assert run.document("help", PATH) == "<p>"
    assert server.targets()[-1] == f"GET {CUSTOMERS}help?hierarchy={PROVIDER}"


@pytest.mark.parametrize("name", ["help", "add_form", "configuration_templates", "field_display_policies"])
def test_error_in_place_of_a_document_fails(voss: Start, name: str, messages: MessageTable) -> None:
    with pytest.raises(InvalidResponse) as raised:
        voss({"error": {"message": "Out of order."}}).document(name, "CS-P")
    assert raised.value.reason == "invalid_response"
    messages.check_unusable("voss.not_a_document", raised.value, "response.malformed")


@pytest.mark.parametrize("status", [202, 204, 206])
@pytest.mark.parametrize("name", ["help", "add_form"])
def test_an_incomplete_document_is_a_failure(voss: Start, name: str, status: int) -> None:
    with pytest.raises(InvalidResponse) as raised:
        voss(reply(status, "{}")).document(name, "CS-P")
    assert raised.value.reason == "invalid_response"


def test_a_document_that_is_no_object_is_a_failure(voss: Start) -> None:
    with pytest.raises(InvalidResponse):
        voss([]).document("add_form", "CS-P")


def test_a_large_page_takes_little_memory(voss: Start) -> None:
    """Most of a page describes the actions and columns of each item, which no module needs."""
    items = []
    for number in range(500):
        item = customer(f"{number:024}", f"Customer-{number}")
        action = {"support_async": True, "class": "update", "href": f"/api/{number}/", "method": "PUT", "title": "x"}
        item["meta"]["actions"] = [{f"action{count}": action} for count in range(10)]
        item["meta"]["summary_attrs"] = [{"name": "name", "title": "Customer Name"}] * 7
        items.append(item)
    body = json.dumps(whole(*items))
    run = voss(body.encode())
    tracemalloc.start()
    try:
        found = run.pages.read(CUSTOMERS, (), "customers", lambda _response, _pkid, entry: entry)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [entry["data"] for entry in found] == [item["data"] for item in items]
    assert peak < 4.5 * len(body)
