# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of VOSS Automate, against a server with a script: what is asked, and what is made of the answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from support.scripted import Scripted, Step, http_at, reply

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import (
    InputError,
    RequestFailed,
    UnusableAnswer,
)
from ansible_collections.hybrid.connectors.plugins.module_utils._voss.client import Voss

CUSTOMERS = "/api/relation/SparkCustomer/"
NODES = "/api/data/HierarchyNode/"
ROOT, PROVIDER = "6t0ggef2c0deab00hb595101", "5f3ae236ce894e001204efa0"
NODE, ELSEWHERE = "6130d69ae04a4a0015a93bc6", "6130d69ae04a4a0015a93bc7"
PKID, OTHER = "65e0918d6fd4534903e212d9", "65e032dc6fd4534903dff709"
PATH = "sys.hcs.CS-P"
Item = dict[str, Any]
Start = Callable[..., Voss]
NO_NODE = (
    "VOSS Automate shows no node '{}' in its hierarchy. Give the dotted path from the root, for example"
    " 'sys.hcs.Provider.Customer', or the node's pkid, and check that the user may see it."
)


@pytest.fixture
def server() -> Iterator[Scripted]:
    with Scripted() as server:
        yield server


@pytest.fixture
def voss(server: Scripted) -> Start:
    """A run against the server, which gives these answers: JSON, bytes as they are, or what else a script has."""

    def step(answer: Any) -> Step:
        if isinstance(answer, Step):
            return answer
        return reply(200, answer if isinstance(answer, bytes) else json.dumps(answer))

    def start(*answers: Any) -> Voss:
        server.say(*map(step, answers))
        return Voss(http_at(server.origin, "voss", requests_per_second=0))

    return start


def page(*resources: Any, **pagination: Any) -> Item:
    return {"resources": list(resources), "pagination": pagination}


def whole(*resources: Any) -> Item:
    return page(*resources, total=len(resources))


def node(pkid: str, path: str) -> Item:
    return {"pkid": pkid, "data": {"name": path.rpartition(".")[2], "hierarchy_path": path}}


def customer(pkid: str, name: str, at: str = NODE, path: str | None = f"{PATH}.NB") -> Item:
    return {
        "pkid": pkid,
        "meta": {"path": [ROOT, PROVIDER, at, pkid], "references": {"parent": [{"pkid": at}]}},
        "data": {"name": name, "hierarchy_path": path},
    }


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


def one_customer(pkid: str, hierarchy: str | None = None) -> str:
    return f"GET {CUSTOMERS}{pkid}/?" + (f"hierarchy={hierarchy}&" if hierarchy else "") + "format=json"


# Lists


@pytest.mark.parametrize(
    ("sizes", "pagination", "skips"),
    [
        pytest.param([2, 2, 1], {"total": 5}, [0, 2, 4], id="announced"),
        pytest.param([1], {"total": 1, "limit": 1}, [0], id="one full page"),
        pytest.param([2], {"total": 1}, [0], id="more than announced"),
        pytest.param([1, 0], {"total": 5}, [0, 1], id="less than announced"),
        pytest.param([0], {"total": 0}, [0], id="nothing"),
        pytest.param([0], {"total": 7, "limit": 0}, [0], id="nothing of many"),
        pytest.param([2, 1], {"limit": 2}, [0, 2], id="not announced"),
        pytest.param([2, 2, 0], {"limit": 2}, [0, 2, 4], id="not announced, full to the end"),
        pytest.param([2, 1], {"total": 0, "limit": 2}, [0, 2], id="announced wrongly"),
        pytest.param([2, 1], {"total": "9", "limit": 2}, [0, 2], id="announced as a text"),
        pytest.param([2, 1, 0], {"limit": "5"}, [0, 2, 3], id="nothing announced"),
    ],
)
def test_a_list_is_read_in_its_order_to_its_end(
    server: Scripted, voss: Start, sizes: list[int], pagination: Item, skips: list[int]
) -> None:
    pkids = iter(range(10))
    pages = [page(*({"pkid": f"p{next(pkids)}"} for _number in range(size)), **pagination) for size in sizes]
    found = voss(*pages).pages("/api/a/", [("b", "c d")])
    assert list(found) == [{"pkid": f"p{number}"} for number in range(sum(sizes))]
    assert server.targets() == [listed("/api/a/", "b=c%20d", skip=skip) for skip in skips]


def test_a_page_is_asked_for_when_the_one_before_it_is_used_up(server: Scripted, voss: Start) -> None:
    found = voss(page({"pkid": "p1"}, {"pkid": "p2"}, total=3), page({"pkid": "p3"}, total=3)).pages("/api/a/", ())
    assert [next(found)["pkid"], next(found)["pkid"]] == ["p1", "p2"]
    assert server.targets() == [listed("/api/a/")]
    assert [item["pkid"] for item in found] == ["p3"]


@pytest.mark.parametrize(
    "content", [{}, {"resources": None}, {"resources": {}}, {"resources": ["p1"]}, {"resources": [{}, 1]}]
)
def test_what_is_no_list_is_not_taken_for_an_empty_one(server: Scripted, voss: Start, content: Item) -> None:
    with pytest.raises(UnusableAnswer, match=re.escape(" with JSON without a list of resources, which its API ")):
        list(voss(content).pages("/api/a/", ()))
    assert server.targets() == [listed("/api/a/")]


def by_address(address: str, **more: Any) -> Item:
    return {"meta": {"references": {"self": [{"href": f"{CUSTOMERS}{address}/"}]}}, **more}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"pkid": "p1"}, {"pkid": "p1", "data": {}}),
        (by_address("p1"), by_address("p1", data={})),
        (by_address("p1", pkid=""), by_address("p1")),
        ({"data": {"name": "A"}}, {"data": {"name": "A"}}),
        ({"pkid": ["p1"]}, {"pkid": ["p1"]}),
    ],
)
def test_a_list_that_begins_again_is_not_read_for_ever(
    server: Scripted, voss: Start, first: Item, second: Item
) -> None:
    with pytest.raises(UnusableAnswer) as raised:
        list(voss(page(first, total=3), page(second, total=3)).pages("/api/a/", ()))
    assert " with a page that it gave before, so that the list would never end, which its " in raised.value.message
    assert server.targets() == [listed("/api/a/"), listed("/api/a/", skip=1)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"pkid": "p1"}, {"pkid": "p2"}),
        (by_address("p1"), by_address("p2")),
        (by_address("p1", pkid=""), by_address("p2", pkid="")),
        ({"data": {"name": "A"}}, {"data": {"name": "B"}}),
        ({"pkid": ["p1"]}, {"pkid": ["p2"]}),
    ],
)
def test_what_moved_onto_the_next_page_is_given_once(server: Scripted, voss: Start, first: Item, second: Item) -> None:
    pages = (page({"pkid": "p0"}, first, total=4), page(first, second, total=4))
    assert list(voss(*pages).pages("/api/a/", ())) == [{"pkid": "p0"}, first, second]
    assert server.targets() == [listed("/api/a/"), listed("/api/a/", skip=2)]


@pytest.mark.parametrize("status", [400, 422])
def test_pages_are_smaller_from_then_on_if_large_ones_are_refused(server: Scripted, voss: Start, status: int) -> None:
    run = voss(reply(status), page({"pkid": "p1"}, total=2), page({"pkid": "p2"}, total=2), whole(), reply(status))
    assert [item["pkid"] for item in run.pages("/api/a/", ())] == ["p1", "p2"]
    assert list(run.pages("/api/b/", ())) == []
    with pytest.raises(RequestFailed):
        list(run.pages("/api/c/", ()))
    assert server.targets() == [
        listed("/api/a/"),
        listed("/api/a/", limit=200),
        listed("/api/a/", skip=1, limit=200),
        listed("/api/b/", limit=200),
        listed("/api/c/", limit=200),
    ]


@pytest.mark.parametrize(("refusals", "limits"), [([400, 422], [2000, 200]), ([501], [2000]), ([404], [2000])])
def test_a_list_that_is_refused_is_a_failure(
    server: Scripted, voss: Start, refusals: list[int], limits: list[int]
) -> None:
    with pytest.raises(RequestFailed) as raised:
        list(voss(*map(reply, refusals)).pages("/api/a/", ()))
    assert raised.value.failure.status == refusals[-1]
    assert server.targets() == [listed("/api/a/", limit=limit) for limit in limits]


# Hierarchy


def test_a_node_is_found_by_its_pkid_once(server: Scripted, voss: Start) -> None:
    run = voss({"data": {"name": "CS-P", "hierarchy_path": PATH}})
    assert run.node(PROVIDER) == run.node(PROVIDER) == {"pkid": PROVIDER, "path": PATH}
    assert server.targets() == [one_node(PROVIDER)]


def test_a_node_that_is_found_by_its_path_is_known_by_its_pkid_too(server: Scripted, voss: Start) -> None:
    run = voss(whole(node(PROVIDER, PATH)))
    assert run.node("CS-P") == run.node(PROVIDER) == run.node("CS-P") == {"pkid": PROVIDER, "path": PATH}
    assert server.targets() == [nodes_called("CS-P")]


@pytest.mark.parametrize("answer", [{}, {"data": {"name": "CS-P"}, "meta": {"path": [ROOT, PROVIDER]}}])
def test_the_path_of_a_node_is_none_if_it_is_not_shown(voss: Start, answer: Item) -> None:
    assert voss(answer).node(PROVIDER) == {"pkid": PROVIDER, "path": None}


@pytest.mark.parametrize("answer", [reply(400), reply(404), {"pkid": None}])
def test_a_pkid_of_no_node_is_said_to_be_none(server: Scripted, voss: Start, answer: Any) -> None:
    with pytest.raises(InputError) as raised:
        voss(answer).node(NODE)
    assert raised.value.message == NO_NODE.format(NODE)
    assert server.targets() == [one_node(NODE)]


@pytest.mark.parametrize("status", [401, 403, 405, 501])
def test_a_node_that_is_refused_is_a_failure(voss: Start, status: int) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(status)).node(NODE)
    assert raised.value.failure.status == status


@pytest.mark.parametrize(
    ("answers", "asked"),
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
def test_a_node_is_found_by_its_path(server: Scripted, voss: Start, answers: list[Any], asked: list[str]) -> None:
    assert voss(*answers).node(f"{PATH}.NB") == {"pkid": NODE, "path": f"{PATH}.NB"}
    assert server.targets() == asked


def test_all_nodes_are_read_once(server: Scripted, voss: Start) -> None:
    run = voss(whole(), whole(node(NODE, f"{PATH}.NB"), node(PROVIDER, PATH)))
    assert run.node(f"{PATH}.NB")["pkid"] == NODE
    assert run.node(PATH)["pkid"] == PROVIDER
    with pytest.raises(InputError) as raised:
        run.node(f"{PATH}.AB")
    assert raised.value.message == NO_NODE.format(f"{PATH}.AB")
    assert server.targets() == [nodes_called("NB"), listed(NODES)]


def test_nodes_that_are_learnt_are_asked_for_no_more(server: Scripted, voss: Start) -> None:
    run = voss(whole(node(NODE, f"{PATH}.NB"), node(PROVIDER, PATH)))
    run.learn_nodes()
    assert run.node(f"{PATH}.NB") == {"pkid": NODE, "path": f"{PATH}.NB"}
    with pytest.raises(InputError, match="no node 'AB'"):
        run.node("AB")
    assert server.targets() == [listed(NODES)]


@pytest.mark.parametrize("status", [403, 404])
def test_who_may_not_see_the_list_of_nodes_has_the_server_judge_a_path(
    server: Scripted, voss: Start, status: int
) -> None:
    run = voss(reply(status), reply(status))
    run.learn_nodes()
    assert run.node(PATH) == run.node(PATH) == {"pkid": PATH, "path": PATH}
    assert server.targets() == [listed(NODES), nodes_called("CS-P")]


@pytest.mark.parametrize("ask", [Voss.learn_nodes, lambda run: run.node(PATH)])
def test_a_list_of_nodes_that_fails_is_a_failure(voss: Start, ask: Callable[[Voss], object]) -> None:
    with pytest.raises(RequestFailed) as raised:
        ask(voss(reply(501)))
    assert raised.value.failure.status == 501


@pytest.mark.parametrize("words", ["", " ", "sys..CS-P", "sys. .CS-P", "sys.CS-P.", ".sys"])
def test_a_path_with_a_name_that_is_blank_is_asked_of_nobody(server: Scripted, voss: Start, words: str) -> None:
    with pytest.raises(InputError) as raised:
        voss().node(words)
    assert raised.value.message == NO_NODE.format(words)
    assert server.targets() == []


def test_the_path_of_a_node_is_put_together_from_the_names_of_those_above_it(voss: Start) -> None:
    above = [{"pkid": pkid, "data": {"name": name}} for pkid, name in ((ROOT, "sys"), (PROVIDER, "CS-P"))]
    below = {"pkid": NODE, "data": {"name": "NB"}, "meta": {"path": [ROOT, PROVIDER, NODE]}}
    run = voss(whole({"data": {"name": "no pkid"}}, *above, below))
    run.learn_nodes()
    assert run.node("sys.CS-P.NB") == {"pkid": NODE, "path": "sys.CS-P.NB"}


@pytest.mark.parametrize(
    ("words", "paths", "found"),
    [
        ("sys.A", ["sys.hcs.A", "sys.A"], "sys.A"),
        ("A", ["hcs.A", "A", "sys.A"], "A"),
        ("hcs.A.B", ["sys.hcs.A", "sys.hcs.A.B", "sys.hcs.B"], "sys.hcs.A.B"),
        ("sys.hcs.A", ["sys.hcs.A.B", "A"], "A"),
    ],
)
def test_a_path_means_the_node_that_is_spelt_so_before_those_spelt_with_other_roots(
    voss: Start, words: str, paths: list[str], found: str
) -> None:
    run = voss(whole(*(node(f"p{number}", path) for number, path in enumerate(paths)), {"pkid": "no path"}))
    run.learn_nodes()
    assert run.node(words) == {"pkid": f"p{paths.index(found)}", "path": found}


@pytest.mark.parametrize(("words", "paths"), [("A", ["sys.hcs.A", "hcs.A"]), ("sys.A", ["sys.A", "sys.A"])])
def test_a_path_that_fits_several_nodes_is_a_failure_that_names_them(voss: Start, words: str, paths: list[str]) -> None:
    run = voss(whole(node(NODE, paths[0]), node(OTHER, paths[1]), node(ROOT, "sys.hcs.B")))
    with pytest.raises(InputError) as raised:
        run.node(words)
    assert raised.value.message == (
        f"2 nodes of the hierarchy fit '{words}': {paths[0]} ({NODE}); {paths[1]} ({OTHER})."
        " Give the pkid of the one that is meant."
    )


# Customers


def pkids(customers: list[Item]) -> list[str]:
    return [item["pkid"] for item in customers]


def test_the_list_of_a_path_shows_its_customers_without_a_look_at_the_node(server: Scripted, voss: Start) -> None:
    stranger = customer(OTHER, "B", at=ELSEWHERE, path="sys.hcs.CS-Q")
    assert voss(whole(customer(PKID, "A"), {"data": {}}, stranger)).customers(PATH) == [
        {
            "pkid": PKID,
            "hierarchy": NODE,
            "hierarchy_path": f"{PATH}.NB",
            "nodes": (ROOT, PROVIDER, NODE),
            "data": {"name": "A"},
        }
    ]
    assert server.targets() == [customers_at(PATH)]


@pytest.mark.parametrize(("status", "limits"), [(400, [2000, 200]), (404, [2000]), (409, [2000]), (422, [2000, 200])])
def test_a_path_that_the_list_does_not_take_is_looked_up(
    server: Scripted, voss: Start, status: int, limits: list[int]
) -> None:
    refusals = [reply(status) for _limit in limits]
    run = voss(*refusals, whole(node(PROVIDER, PATH)), whole(customer(PKID, "A")))
    assert pkids(run.customers(PATH)) == [PKID]
    refused = [customers_at(PATH, limit=limit) for limit in limits]
    assert server.targets() == [*refused, nodes_called("CS-P"), customers_at(PROVIDER)]


@pytest.mark.parametrize("status", [401, 403, 501])
def test_a_list_that_is_refused_for_another_reason_is_a_failure(server: Scripted, voss: Start, status: int) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(status)).customers(PATH)
    assert raised.value.failure.status == status
    assert server.targets() == [customers_at(PATH)]


def test_a_known_node_that_the_list_does_not_take_is_a_failure(server: Scripted, voss: Start) -> None:
    run = voss(whole(node(PROVIDER, PATH)), reply(404))
    run.node(PATH)
    with pytest.raises(RequestFailed) as raised:
        run.customers(PATH)
    assert raised.value.failure.status == 404
    assert server.targets() == [nodes_called("CS-P"), customers_at(PROVIDER)]


def test_an_empty_list_is_believed_once_there_is_the_node(server: Scripted, voss: Start) -> None:
    run = voss(whole(), whole(node(PROVIDER, PATH)), whole())
    assert run.customers(PATH) == []
    assert run.customers(PATH) == []
    assert server.targets() == [customers_at(PATH), nodes_called("CS-P"), customers_at(PROVIDER)]


def test_an_empty_list_of_a_node_that_is_not_there_is_a_failure(server: Scripted, voss: Start) -> None:
    with pytest.raises(InputError) as raised:
        voss(whole(), reply(404)).customers(PROVIDER)
    assert raised.value.message == NO_NODE.format(PROVIDER)
    assert server.targets() == [customers_at(PROVIDER), one_node(PROVIDER)]


def test_customers_whose_paths_are_not_shown_are_told_by_the_pkid_of_the_node(server: Scripted, voss: Start) -> None:
    run = voss(whole(customer(PKID, "A", path=None)), whole(node(PROVIDER, PATH)))
    assert pkids(run.customers(PATH)) == [PKID]
    assert server.targets() == [customers_at(PATH), nodes_called("CS-P")]


def test_customers_are_looked_for_by_their_exact_name(server: Scripted, voss: Start) -> None:
    found = whole(customer(OTHER, "A B C"), customer(PKID, "A B"), {**customer("p3", ""), "data": {}})
    assert pkids(voss(found).customers_called("A B", PATH)) == [PKID]
    assert server.targets() == [customers_called("A%20B", PATH)]


def test_a_filter_that_finds_none_is_believed_after_a_look_at_all(server: Scripted, voss: Start) -> None:
    run = voss(whole(), whole(node(PROVIDER, PATH)), whole(customer(OTHER, "B"), customer(PKID, "A")))
    assert pkids(run.customers_called("A", PATH)) == [PKID]
    assert server.targets() == [customers_called("A", PATH), nodes_called("CS-P"), customers_at(PROVIDER)]


def test_a_filter_that_finds_none_is_believed_at_once_where_that_will_do(server: Scripted, voss: Start) -> None:
    assert voss(whole()).customers_called("A", PATH, certain=False) == []
    assert server.targets() == [customers_called("A", PATH)]


def test_no_filter_is_sent_again_once_it_was_refused(server: Scripted, voss: Start) -> None:
    refused = (reply(422), reply(400))
    run = voss(*refused, whole(customer(PKID, "A"), customer(OTHER, "B")), whole(customer(OTHER, "B")))
    assert pkids(run.customers_called("A", PATH)) == [PKID]
    assert pkids(run.customers_called("B", PATH)) == [OTHER]
    filtered = [customers_called("A", PATH), customers_called("A", PATH, limit=200)]
    assert server.targets() == [*filtered, customers_at(PATH), customers_at(PATH)]


def test_a_whole_list_without_the_name_is_not_read_twice(server: Scripted, voss: Start) -> None:
    run = voss(reply(400), reply(422), whole(customer(OTHER, "B")))
    assert run.customers_called("A", PATH) == []
    assert server.targets() == [
        customers_called("A", PATH),
        customers_called("A", PATH, limit=200),
        customers_at(PATH),
    ]


def test_an_empty_list_without_a_filter_is_believed_once_there_is_the_node(server: Scripted, voss: Start) -> None:
    run = voss(reply(400), reply(400), whole(), reply(404))
    with pytest.raises(InputError) as raised:
        run.customers_called("A", PROVIDER)
    assert raised.value.message == NO_NODE.format(PROVIDER)
    assert server.targets()[2:] == [customers_at(PROVIDER), one_node(PROVIDER)]


def test_a_filter_that_fails_is_a_failure(server: Scripted, voss: Start) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(501)).customers_called("A", PATH)
    assert raised.value.failure.status == 501
    assert server.targets() == [customers_called("A", PATH)]


@pytest.mark.parametrize(
    ("path", "words", "within", "at"),
    [
        (None, "CS-P", True, False),
        (None, "sys.hcs.CS-P", False, False),
        (None, PROVIDER, True, False),
        (None, NODE, True, True),
        (None, ELSEWHERE, False, False),
        (f"{PATH}.NB", "sys.hcs.CS-P", True, False),
        (f"{PATH}.NB", "CS-P.NB", True, True),
        (f"{PATH}.NB", "CS-Q", False, False),
    ],
)
def test_a_customer_is_within_a_node_by_each_name_of_it_that_is_known(
    voss: Start, path: str | None, words: str, within: bool, at: bool
) -> None:
    run = voss(whole({"pkid": PROVIDER}, node(PROVIDER, "sys.CS-P")))
    assert run.node("CS-P") == {"pkid": PROVIDER, "path": "sys.CS-P"}
    placed = {"hierarchy": NODE, "hierarchy_path": path, "nodes": (ROOT, PROVIDER, NODE)}
    assert run.is_within(placed, words) is within
    assert run.is_at(placed, words) is at


def test_a_node_without_a_path_has_customers(voss: Start) -> None:
    run = voss({})
    run.node(NODE)
    assert run.is_at({"hierarchy": NODE, "hierarchy_path": f"{PATH}.NB", "nodes": ()}, NODE)


HINT = {"pkid": PKID, "hierarchy": NODE, "hierarchy_path": f"{PATH}.NB", "nodes": (ROOT, NODE), "data": {"name": "A"}}
SAME_NODE = {"references": {"parent": [{"pkid": NODE}]}}
OTHER_NODE = {"references": {"parent": [{"pkid": ELSEWHERE}]}}


@pytest.mark.parametrize(
    ("hint", "answer", "place"),
    [
        pytest.param(None, {}, (None, None, ()), id="no hint"),
        pytest.param(None, {"meta": {"path": [ROOT, NODE, PKID]}}, (NODE, None, (ROOT, NODE)), id="its own place"),
        pytest.param(HINT, {}, (NODE, f"{PATH}.NB", (ROOT, NODE)), id="place of the hint"),
        pytest.param(HINT, {"meta": SAME_NODE}, (NODE, f"{PATH}.NB", (ROOT, NODE)), id="same node"),
        pytest.param(HINT, {"meta": OTHER_NODE}, (ELSEWHERE, None, ()), id="moved"),
        pytest.param(
            HINT,
            {"meta": {"path": [PROVIDER, NODE, PKID]}, "data": {"name": "A", "hierarchy_path": "CS-P.NB"}},
            (NODE, "CS-P.NB", (PROVIDER, NODE)),
            id="its own rather than that of the hint",
        ),
        pytest.param({**HINT, "hierarchy": None}, {"meta": SAME_NODE}, (NODE, None, ()), id="hint without a node"),
    ],
)
def test_the_truth_about_a_customer_has_its_place_from_the_hint_if_it_shows_none(
    server: Scripted, voss: Start, hint: Item | None, answer: Item, place: tuple[Any, ...]
) -> None:
    found = voss({"data": {"name": "A"}, **answer}).customer(PKID, hint)
    fields = zip(("hierarchy", "hierarchy_path", "nodes"), place, strict=True)
    assert found == {"pkid": PKID, "data": {"name": "A"}, **dict(fields)}
    assert server.targets() == [one_customer(PKID, hint["hierarchy"] if hint else None)]


def test_a_customer_that_is_not_there_is_none(server: Scripted, voss: Start) -> None:
    assert voss(reply(404)).customer("a/b") is None
    assert server.targets() == [one_customer("a%2Fb")]


@pytest.mark.parametrize("answer", [{}, {"data": {"name": None}}, {"data": {}}, {"pkid": 7, "data": {"name": "A"}}])
def test_what_is_no_customer_is_not_taken_for_one(voss: Start, answer: Item) -> None:
    with pytest.raises(UnusableAnswer, match=r" with JSON that is not a customer, which its API "):
        voss(answer).customer(PKID)


def test_the_truth_about_a_customer_of_the_list_is_read_where_the_list_shows_it(server: Scripted, voss: Start) -> None:
    found = voss({"data": {"name": "A", "email_domain": "a.example"}}).listed_customer(HINT)
    assert found == {**HINT, "data": {"name": "A", "email_domain": "a.example"}}
    assert server.targets() == [one_customer(PKID, NODE)]


def test_a_customer_of_the_list_that_is_not_there_is_a_failure(server: Scripted, voss: Start) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(404)).listed_customer(HINT)
    assert raised.value.message == (
        f"VOSS Automate answered 404 to {one_customer(PKID, NODE).replace(' ', f' {server.origin}')}. Check the"
        " identifiers in it and 'api_url'. The list shows this customer, so it was deleted just now, or the server"
        " contradicts itself. Nothing was changed; run the task again."
    )
    assert raised.value.failure.status == 404


def test_a_customer_of_the_list_that_is_refused_is_that_failure(voss: Start) -> None:
    with pytest.raises(RequestFailed) as raised:
        voss(reply(501)).listed_customer(HINT)
    assert raised.value.failure.status == 501
    assert "The list shows" not in raised.value.message


# The model's own documents


@pytest.mark.parametrize(
    ("name", "pkid", "asked"),
    [
        ("help", None, "help?hierarchy=CS-P"),
        ("help", "a/b", "a%2Fb/help?hierarchy=CS-P"),
        ("add_form", None, "add/?hierarchy=CS-P&format=json&schema=1"),
        ("configuration_templates", PKID, "configuration_template/?hierarchy=CS-P&format=json"),
        ("field_display_policies", None, "field_display_policy/?hierarchy=CS-P&format=json"),
    ],
)
def test_a_document_is_asked_for_in_whatever_form_it_has(
    server: Scripted, voss: Start, name: str, pkid: str | None, asked: str
) -> None:
    content = b"<p>\xff</p>" if name == "help" else {"a": ["b"]}
    assert voss(content).document(name, "CS-P", pkid) == ("<p>\ufffd</p>" if name == "help" else {"a": ["b"]})
    assert server.targets() == [f"GET {CUSTOMERS}{asked}"]
    assert [asked.headers["Accept"] for asked in server.asked] == ["*/*"]


def test_a_document_of_a_known_node_is_asked_for_by_its_pkid(server: Scripted, voss: Start) -> None:
    run = voss(whole(node(PROVIDER, PATH)), b"<p>")
    run.node(PATH)
    assert run.document("help", PATH) == "<p>"
    assert server.targets()[-1] == f"GET {CUSTOMERS}help?hierarchy={PROVIDER}"


def test_a_document_that_is_no_object_is_a_failure(voss: Start) -> None:
    with pytest.raises(UnusableAnswer):
        voss([]).document("add_form", "CS-P")
