# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module voss_hierarchy_node_info: the nodes, their filters and the customers at them."""

from __future__ import annotations

from typing import Any

import pytest
from support.modules import RunModule
from support.simulator import Simulator

MODULE = "voss_hierarchy_node_info"
SCOPE = "sys.hcs.CS-P"
NODES = [
    {"path": "sys", "node_type": "System"},
    {"path": "sys.hcs", "node_type": "Hcs"},
    {"path": SCOPE, "node_type": "Provider"},
    {"path": f"{SCOPE}.CS-NB", "node_type": "Reseller"},
    {"path": f"{SCOPE}.CS-NB.Initech", "node_type": "Customer", "description": "The first one"},
    {"path": f"{SCOPE}.CS-NB.Initech.Austin", "node_type": "Site"},
    {"path": f"{SCOPE}.CS-AB", "node_type": ""},
    {"path": f"{SCOPE}.CS-AB.Initech", "node_type": "Customer"},
]
CUSTOMERS = [
    {"name": "Zeta", "hierarchy": f"{SCOPE}.CS-NB.Initech"},
    {"name": "Alpha", "hierarchy": f"{SCOPE}.CS-NB.Initech"},
    {"name": "Site", "hierarchy": f"{SCOPE}.CS-NB.Initech.Austin"},
]

pytestmark = pytest.mark.usefixtures("only_documented")


@pytest.fixture(autouse=True)
def seeded(simulator: Simulator) -> None:
    simulator.reset({"voss": {"nodes": NODES, "customers": CUSTOMERS}})


def paths(module: RunModule, **options: Any) -> list[str]:
    return [node["path"] for node in module(MODULE, **options).ok()["nodes"]]


def test_all_nodes_are_listed_with_one_request(simulator: Simulator, module: RunModule) -> None:
    result = module(MODULE, check=True).ok()
    assert not result.changed
    by_path = {node["path"]: node for node in result["nodes"]}
    assert set(by_path) == {node["path"] for node in NODES}
    names = [(node["name"], node["pkid"]) for node in result["nodes"]]
    assert names == sorted(names)
    initech = by_path[f"{SCOPE}.CS-NB.Initech"]
    assert initech["parent"] == by_path[f"{SCOPE}.CS-NB"]["pkid"]
    assert (initech["node_type"], initech["description"]) == ("Customer", "The first one")
    assert by_path[f"{SCOPE}.CS-AB"]["node_type"] is None
    assert by_path["sys"]["parent"] is None
    assert "customers" not in initech
    assert [entry["path"] for entry in simulator.journal()] == ["/api/data/HierarchyNode/"]


@pytest.mark.parametrize("node_path", ["own", "parent"])
def test_the_nodes_at_and_below_a_node_are_selected(simulator: Simulator, module: RunModule, node_path: str) -> None:
    simulator.settings(voss={"node_path": node_path})
    below = [f"{SCOPE}.CS-NB", f"{SCOPE}.CS-NB.Initech", f"{SCOPE}.CS-NB.Initech.Austin"]
    assert sorted(paths(module, hierarchy=f"{SCOPE}.CS-NB")) == below
    [pkid] = [node["pkid"] for node in module(MODULE, name="CS-NB").ok()["nodes"]]
    assert sorted(paths(module, hierarchy=pkid)) == below
    assert sorted(paths(module, hierarchy="CS-P.CS-NB")) == below


def test_names_and_types_are_filters(module: RunModule) -> None:
    both = [f"{SCOPE}.CS-AB.Initech", f"{SCOPE}.CS-NB.Initech"]
    assert sorted(paths(module, name="Initech")) == both
    assert sorted(paths(module, node_type=["customer"])) == both
    assert sorted(paths(module, node_type="Site,Customer")) == [*both, f"{SCOPE}.CS-NB.Initech.Austin"]
    assert paths(module, name="Initech", hierarchy=f"{SCOPE}.CS-AB") == both[:1]
    assert paths(module, name="initech") == paths(module, node_type=["Building"]) == []


def test_customers_are_listed_at_their_nodes(simulator: Simulator, module: RunModule) -> None:
    nodes = module(MODULE, customers=True, hierarchy=SCOPE).ok()["nodes"]
    found = {node["path"]: node["customers"] for node in nodes if node["customers"]}
    assert found == {f"{SCOPE}.CS-NB.Initech": ["Alpha", "Zeta"], f"{SCOPE}.CS-NB.Initech.Austin": ["Site"]}
    assert len(simulator.journal()) == 2
    assert module(MODULE, customers=True, name="CS-P").ok()["nodes"][0]["customers"] == []


@pytest.mark.parametrize("options", [{"hierarchy": ""}, {"name": ""}])
def test_an_empty_option_is_refused(simulator: Simulator, module: RunModule, options: dict[str, Any]) -> None:
    assert module(MODULE, **options).failure["reason"] == "invalid_option"
    assert simulator.journal() == []


def test_an_unknown_node_is_a_failure(module: RunModule) -> None:
    for hierarchy in (f"{SCOPE}.Nowhere", "65e0918d6fd4534903e29999"):
        result = module(MODULE, hierarchy=hierarchy)
        assert hierarchy in result.msg
        assert result.failed


@pytest.mark.parametrize(("status", "reason"), [(401, "unauthorized"), (403, "forbidden"), (503, "unavailable")])
def test_a_refusal_is_a_failure(simulator: Simulator, module: RunModule, status: int, reason: str) -> None:
    for hierarchy in (None, SCOPE):
        simulator.fault(system="voss", path="/api/data/HierarchyNode/", status=status, times=None)
        assert module(MODULE, hierarchy=hierarchy, retry_budget=0).failure["reason"] == reason


def test_many_nodes_are_read_in_pages(simulator: Simulator, module: RunModule) -> None:
    nodes = [{"path": f"{SCOPE}.N{number:03}", "node_type": "Customer"} for number in range(450)]
    simulator.reset({"voss": {"nodes": nodes, "customers": []}})
    simulator.settings(voss={"maximum_limit": 200})
    assert len(paths(module, node_type=["Customer"])) >= 450
