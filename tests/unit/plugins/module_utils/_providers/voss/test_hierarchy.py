# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test references to hierarchy nodes, and whether a customer is at a node or below it."""

from __future__ import annotations

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss import hierarchy
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import Node

NODE = "6130d69ae04a4a0015a93bc6"


@pytest.mark.parametrize(
    ("words", "is_pkid"),
    [
        (NODE, True),
        ("6t0ggef2c0deab00hb595101", True),
        ("sys.hcs.CS-P", False),
        ("abcdefghijklmnopqrstuvwx", False),
        ("6130D69AE04A4A0015A93BC6", False),
        (NODE + "0", False),
    ],
)
def test_a_pkid_is_distinguished_from_a_path(words: str, is_pkid: bool) -> None:
    assert hierarchy.is_pkid(words) is is_pkid


@pytest.mark.parametrize("path", ["sys.hcs.CS-P.CS-NB", "hcs.CS-P.CS-NB", "sys.CS-P.CS-NB", "CS-P.CS-NB"])
def test_paths_with_and_without_roots_are_equal(path: str) -> None:
    assert hierarchy.plain_path(path) == "CS-P.CS-NB"


@pytest.mark.parametrize(
    ("path", "plain"), [("sys", "sys"), ("sys.hcs", "hcs"), ("hcs", "hcs"), ("system.A", "system.A")]
)
def test_a_root_on_its_own_is_kept(path: str, plain: str) -> None:
    assert hierarchy.plain_path(path) == plain


PATH = "sys.hcs.CS-P.CS-NB.AAAGlobal"
NODES = (
    "6t0ggef2c0deab00hb595101",
    "5df35e48ce894e0012b345a1",
    "5f3ae1fcce894e001204e0ed",
    "5f3ae236ce894e001204efa0",
    NODE,
)


def placed(hierarchy: str | None, path: str | None, *nodes: str) -> dict[str, object]:
    """A customer at a node."""
    return {"hierarchy": hierarchy, "hierarchy_path": path, "nodes": nodes}


@pytest.mark.parametrize(
    ("node", "where"),
    [
        (Node(NODE), "at"),
        (Node(NODE, "sys.elsewhere"), "at"),
        (Node("5f3ae236ce894e001204efa0"), "below"),
        (Node("5f3ae236ce894e001204efa0", PATH), "below"),
        (Node("000000000000000000000000", PATH), "elsewhere"),
        (Node("000000000000000000000000", "sys.hcs.CS-P"), "elsewhere"),
        (Node("000000000000000000000000"), "elsewhere"),
        (Node(None, PATH), "at"),
        (Node(None, "CS-P.CS-NB.AAAGlobal"), "at"),
        (Node(None, "hcs.CS-P.CS-NB"), "below"),
        (Node(None, "sys.hcs.CS-P"), "below"),
        (Node(None, "sys"), "below"),
        (Node(None, "sys.hcs"), "below"),
        (Node(None, "hcs"), "below"),
        (Node(None, "sys.hcs.CS-P.CS-N"), "elsewhere"),
        (Node(None, "CS-NB.AAAGlobal"), "elsewhere"),
        (Node(None, f"{PATH}.Site"), "elsewhere"),
    ],
)
def test_pkids_precede_paths_in_locating_a_customer(node: Node, where: str) -> None:
    assert hierarchy.relation(node, placed(NODE, PATH, *NODES)) == where


@pytest.mark.parametrize(
    ("node", "customer", "where"),
    [
        (Node(None, "sys.hcs"), placed(NODE, None), "unknown"),
        (Node("n1", "sys.hcs"), placed(NODE, None), "unknown"),
        (Node("n1"), placed(None, PATH), "unknown"),
        (Node("n1", PATH), placed(None, PATH), "at"),
        (Node("n1", PATH), placed(NODE, PATH), "unknown"),
        (Node("n1", "sys.hcs.CS-P"), placed(NODE, PATH), "below"),
        (Node("n1", "sys.hcs.CS-Q"), placed(NODE, PATH), "elsewhere"),
        (Node(None, "sys"), placed(None, "sys"), "below"),
        (Node("n1", "sys"), placed(None, None), "below"),
        (Node(None, "hcs"), placed(None, "sys.hcs"), "at"),
        (Node(None, "sys.hcs"), placed(None, "CS-P"), "below"),
        (Node(None, "sys.hcs"), placed(None, "sys.CS-P"), "elsewhere"),
        (Node(None, "sys.hcs.CS-P"), placed(None, "CS-P"), "at"),
        (Node(None, "CS-P"), placed(None, "CS-P-2"), "elsewhere"),
    ],
)
def test_hidden_values_are_unknown(node: Node, customer: dict[str, object], where: str) -> None:
    assert hierarchy.relation(node, customer) == where


@pytest.mark.parametrize(
    ("node", "customer", "proven"),
    [
        (Node(NODE), placed(NODE, None), True),
        (Node("5f3ae236ce894e001204efa0"), placed(NODE, None, *NODES), True),
        (Node("5f3ae236ce894e001204efa0", "sys.hcs.CS-P.CS-NB"), placed(NODE, PATH), False),
        (Node("n1", PATH), placed(NODE, PATH, *NODES), False),
        (Node(None, PATH), placed(NODE, PATH, *NODES), False),
        (Node(None, PATH), placed(None, PATH), False),
        (Node(None, "sys"), placed(None, None), True),
    ],
)
def test_only_pkids_prove_that_a_customer_is_in_scope(node: Node, customer: dict[str, object], proven: bool) -> None:
    assert hierarchy.is_proven_within(node, customer) is proven


@pytest.mark.parametrize(
    ("path", "customers", "node"),
    [
        ("sys.hcs", [placed(NODE, PATH, *NODES)], Node(NODES[1], "sys.hcs", NODES[:2])),
        (PATH, [placed(NODE, PATH, *NODES)], Node(NODE, PATH, NODES)),
        (f"{PATH}.Site", [placed(NODE, PATH, *NODES)], None),
        ("CS-P", [placed(NODE, PATH, *NODES)], None),
        ("sys.hcs.CS", [placed(NODE, PATH, *NODES)], None),
        ("sys.hcs", [placed(NODE, PATH, *NODES), placed(NODE, PATH, *NODES)], Node(NODES[1], "sys.hcs", NODES[:2])),
        (
            "sys.hcs",
            [placed(NODE, PATH, *NODES), placed(NODE, "sys.C", "n0", "n1")],
            Node(NODES[1], "sys.hcs", NODES[:2]),
        ),
        ("sys.hcs", [placed(NODE, PATH, *NODES), placed(NODE, "sys.hcs", "n0", "n1")], None),
        ("sys.hcs", [placed(NODE, PATH, *NODES), placed(NODE, None, *NODES)], None),
        ("sys.hcs", [placed(NODE, PATH, *NODES), placed(NODE, "sys.hcs.C1.x", *NODES[:3])], None),
        ("sys.hcs", [placed(NODE, PATH)], None),
        ("sys.hcs", [], None),
    ],
)
def test_customers_with_complete_pkids_reveal_those_of_nodes(
    path: str, customers: list[dict[str, object]], node: Node | None
) -> None:
    assert hierarchy.node_among(path, customers) == node


@pytest.mark.parametrize(
    ("path", "customer", "elsewhere"),
    [
        ("sys.hcs.CS-Q", placed(NODE, PATH, *NODES), True),
        ("sys.hcs.CS-P.CS-NB.AAAGlobal.Site", placed(NODE, PATH, *NODES), True),
        ("sys.hcs.CS-P", placed(NODE, PATH, *NODES), False),
        ("CS-Q", placed(NODE, PATH, *NODES), False),
        ("sys.CS-Q", placed(NODE, PATH, *NODES), False),
        ("sys.hcs.CS-Q", placed(NODE, PATH, *NODES[:4]), False),
        ("sys.hcs.CS-Q", placed(NODE, "hcs.CS-P", *NODES[:2]), False),
        ("sys.hcs.CS-Q", placed(NODE, None), False),
    ],
)
def test_complete_names_prove_that_a_customer_is_outside(
    path: str, customer: dict[str, object], elsewhere: bool
) -> None:
    assert hierarchy.is_elsewhere(path, customer) is elsewhere


@pytest.mark.parametrize(
    ("node", "scope", "below"),
    [
        (Node("n1"), Node("n1"), True),
        (Node("n1", "sys.A", ("n0", "n1")), Node("n0", "sys.B"), True),
        (Node("n1", "sys.A.B", ("n0", "n1")), Node("n9", "sys.A"), False),
        (Node("n1", "sys.A.B"), Node("n9", "sys.A"), True),
        (Node("n1", "sys.A.B", ("n0", "n1")), Node(None, "A"), True),
        (Node("n1", "sys.AB"), Node("n9", "sys.A"), False),
        (Node("n1"), Node("n9", "sys.A"), False),
        (Node("n1", "sys.A"), Node("n9"), False),
        (Node("n1"), Node(None, "sys"), True),
    ],
)
def test_descendants_are_found_by_pkid_or_by_path(node: Node, scope: Node, below: bool) -> None:
    assert hierarchy.is_below(node, scope) is below


@pytest.mark.parametrize(
    ("data", "steps", "path"),
    [
        ({"name": "NB", "hierarchy_path": "sys.hcs.NB"}, ["a", "b", "c"], "sys.hcs.NB"),
        ({"name": "NB", "hierarchy_path": "sys.hcs"}, ["a", "b", "c"], "sys.hcs.NB"),
        ({"name": "NB", "hierarchy_path": "sys.NB"}, ["a", "b", "c"], "sys.NB.NB"),
        ({"name": "NB", "hierarchy_path": "sys.hcs.NB"}, [], "sys.hcs.NB"),
        ({"name": "NB", "hierarchy_path": "sys.hcs"}, [], "sys.hcs.NB"),
        ({"name": "NB", "hierarchy_path": "sys.hcs"}, ["a", "x", "b", "c"], "sys.hcs.NB"),
        ({"name": "hcs", "hierarchy_path": "sys.hcs"}, ["a", "x", "b", "c"], "sys.hcs"),
        ({"name": "NB", "hierarchy_path": "sys.NB"}, ["a"], "sys.NB"),
        ({"name": "Another", "hierarchy_path": "sys.hcs.NB"}, ["a", "b", "c"], "sys.hcs.NB"),
        ({"name": "", "hierarchy_path": "sys.hcs"}, ["a", "b", "c"], "sys.hcs"),
        ({"hierarchy_path": "sys.hcs"}, [], "sys.hcs"),
        ({"name": "NB", "hierarchy_path": ""}, ["a", "b", "c"], "sys.hcs.NB"),
        ({"name": "NB", "hierarchy_path": ["sys", "hcs"]}, ["a", "b", "c"], "sys.hcs.NB"),
        ({"name": "NB"}, ["a", "b", "c"], "sys.hcs.NB"),
        ({"name": "NB"}, ["a", "unknown", "c"], None),
        ({"name": "NB"}, ["a", {}, "c"], None),
        ({"name": "NB"}, ["a", "", "c"], None),
        ({}, [], None),
    ],
)
def test_a_node_path_is_read_in_every_representation(data: dict[str, str], steps: list[str], path: str | None) -> None:
    names = {"a": "sys", "b": "hcs", "c": "NB"}
    found = hierarchy.node_from("c", {"data": data, "meta": {"path": steps}}, names)
    assert (found.pkid, found.path) == ("c", path)


@pytest.mark.parametrize(
    ("steps", "nodes"),
    [(["a", "b", "c"], ("a", "b", "c")), (["a", "b"], ()), ([], ()), (["a", 7, "c"], ()), ("abc", ())],
)
def test_the_pkids_of_a_node_end_with_its_own(steps: object, nodes: tuple[str, ...]) -> None:
    assert hierarchy.node_from("c", {"meta": {"path": steps}}, {}) == Node("c", None, nodes)


@pytest.mark.parametrize(
    ("node", "words"), [(Node("n1", "sys"), "n1"), (Node(None, "sys.A"), "sys.A"), (Node(None), "")]
)
def test_a_request_names_a_node_by_pkid_or_path(node: Node, words: str) -> None:
    assert node.reference == words
