# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VOSS hierarchy nodes: their types, parents and children, and pages of them."""

from __future__ import annotations

from support.simulator import Client, Simulator

NODES = "/api/data/HierarchyNode/"
RESELLER = "5f3ae236ce894e001204efa0"
CUSTOMERS = {"6130d69ae04a4a0015a93bc6", "6130d69ae04a4a0015a93c01", "6130d69ae04a4a0015a93c02"}


def test_a_node_has_its_parent_and_its_children(voss: Client) -> None:
    node = voss("GET", f"{NODES}{RESELLER}/").json()
    references = node["meta"]["references"]
    assert node["data"] == {
        "name": "CS-NB",
        "node_type": "Reseller",
        "hierarchy_path": "sys.hcs.CS-P.CS-NB",
        "hierarchy_friendly_name": "CS-NB (Reseller)",
    }
    assert [one["pkid"] for one in references["parent"]] == ["5f3ae1fcce894e001204e0ed"]
    assert {one["pkid"] for one in references["children"]} == CUSTOMERS
    leaf = voss("GET", f"{NODES}6130d69ae04a4a0015a93bc6/").json()
    assert leaf["meta"]["references"]["children"] == []


def test_nodes_can_be_filtered_by_their_type(voss: Client, simulator: Simulator) -> None:
    query = "?filter_field=node_type&filter_text=Reseller&filter_condition=contains"
    items = voss("GET", NODES + query).json()["resources"]
    assert [item["data"]["name"] for item in items] == ["CS-AB", "CS-NB"]
    assert simulator.refusals() == []


def test_an_intermediate_node_has_no_type(voss: Client, simulator: Simulator) -> None:
    nodes = [
        {"path": "sys.hcs.Region", "pkid": "a" * 24, "node_type": "", "description": "All customers in the north"},
        {"path": "sys.hcs.Region.Custom", "pkid": "b" * 24, "node_type": "Franchise"},
    ]
    simulator.reset({"voss": {"nodes": nodes, "customers": []}, "settings": {"voss": {"throttle": 0}}})
    assert voss("GET", f"{NODES}{'a' * 24}").json()["data"] == {
        "name": "Region",
        "description": "All customers in the north",
        "hierarchy_path": "sys.hcs.Region",
        "hierarchy_friendly_name": "Region",
    }
    assert voss("GET", f"{NODES}{'b' * 24}/").json()["data"]["node_type"] == "Franchise"
    state = simulator.state()
    simulator.reset(state)
    assert simulator.state() == state


def test_pages_of_nodes(voss: Client, simulator: Simulator) -> None:
    simulator.reset({"voss": {"generate": {"customers": 30, "free_nodes": 5}}, "settings": {"voss": {"throttle": 0}}})
    pkids: list[str] = []
    for skip in range(0, 60, 20):
        page = voss("GET", f"{NODES}?hierarchy=sys.hcs&skip={skip}&limit=20&order_by=hierarchy_path").json()
        pkids += [item["pkid"] for item in page["resources"]]
    assert len(pkids) == len(set(pkids)) == page["pagination"]["total"] == 10 + 1 + 35


def test_a_different_node_is_returned(voss: Client, simulator: Simulator) -> None:
    simulator.quirks(voss={"wrong_object": True})
    assert voss("GET", f"{NODES}{RESELLER}/").json()["pkid"] != RESELLER
