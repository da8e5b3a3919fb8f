# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the words for a node mean, and whether a customer is at it or below it."""

from __future__ import annotations

import pytest

from ansible_collections.hybrid.connectors.plugins.module_utils._voss import hierarchy

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
def test_a_pkid_is_told_from_a_path(words: str, is_pkid: bool) -> None:
    assert hierarchy.is_pkid(words) is is_pkid


@pytest.mark.parametrize("path", ["sys.hcs.CS-P.CS-NB", "hcs.CS-P.CS-NB", "sys.CS-P.CS-NB", "CS-P.CS-NB"])
def test_a_path_is_the_same_with_and_without_its_roots(path: str) -> None:
    assert hierarchy.plain_path(path) == "CS-P.CS-NB"


@pytest.mark.parametrize(
    ("path", "plain"), [("sys", "sys"), ("sys.hcs", "hcs"), ("hcs", "hcs"), ("system.A", "system.A")]
)
def test_a_root_by_itself_stays(path: str, plain: str) -> None:
    assert hierarchy.plain_path(path) == plain


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("sys.hcs.CS-P.CS-NB.AAAGlobal", "at"),
        ("CS-P.CS-NB.AAAGlobal", "at"),
        ("hcs.CS-P.CS-NB", "below"),
        ("sys.hcs.CS-P", "below"),
        ("sys", "below"),
        ("sys.hcs", "below"),
        ("hcs", "below"),
        ("sys.hcs.CS-P.CS-N", None),
        ("CS-NB.AAAGlobal", None),
        ("sys.hcs.CS-P.CS-NB.AAAGlobal.Site", None),
        (NODE, "at"),
        ("5f3ae236ce894e001204efa0", "below"),
        ("000000000000000000000000", None),
    ],
)
def test_a_customer_is_at_a_node_or_below_it_or_elsewhere(words: str, where: str | None) -> None:
    customer = {
        "hierarchy": NODE,
        "hierarchy_path": "sys.hcs.CS-P.CS-NB.AAAGlobal",
        "nodes": ("6t0ggef2c0deab00hb595101", "5f3ae236ce894e001204efa0", NODE),
    }
    assert hierarchy.relation(words, customer) == where


def test_a_customer_whose_path_is_not_shown_cannot_be_told_to_be_anywhere() -> None:
    assert hierarchy.relation("sys.hcs", {"hierarchy": NODE, "hierarchy_path": None, "nodes": ()}) is None


@pytest.mark.parametrize(
    ("words", "path", "where"),
    [
        ("sys", "sys", "at"),
        ("sys", "sys.hcs", "below"),
        ("hcs", "sys.hcs", "at"),
        ("sys.hcs", "CS-P", "below"),
        ("sys.hcs.CS-P", "CS-P", "at"),
        ("CS-P", "CS-P-2", None),
        ("CS-P", 7, None),
    ],
)
def test_a_customer_at_a_root_or_with_a_similar_path(words: str, path: object, where: str | None) -> None:
    assert hierarchy.relation(words, {"hierarchy": None, "hierarchy_path": path, "nodes": ()}) == where


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
def test_the_path_of_a_node_is_its_own_whichever_way_the_server_shows_it(
    data: dict[str, str], steps: list[str], path: str | None
) -> None:
    names = {"a": "sys", "b": "hcs", "c": "NB"}
    assert hierarchy.node_from({"pkid": "c", "data": data, "meta": {"path": steps}}, names) == {
        "pkid": "c",
        "path": path,
    }


@pytest.mark.parametrize("item", [{}, {"pkid": None}, {"pkid": ""}, {"pkid": 3, "data": []}])
def test_what_has_no_pkid_is_no_node(item: dict[str, object]) -> None:
    assert hierarchy.node_from(item, {}) is None
