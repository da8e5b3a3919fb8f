# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module apono_integration_info: list integrations without their configuration."""

from __future__ import annotations

from typing import Any

import pytest
from support.messages import MessageTable
from support.modules import RunModule
from support.simulator import Simulator

pytestmark = pytest.mark.usefixtures("only_documented")

ALL = ["Orders database", "Production accounts", "Warehouse"]
AWS = "AwsConnector-ProdTeam-XYZ123"
FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "nothing": ({}, ALL),
    "a connector": ({"connector_id": ["gcp-analytics"]}, ["Warehouse"]),
    "two connectors": (
        {"connector_id": [AWS, "gcp-analytics"]},
        ALL,
    ),
    "a connector in another case": ({"connector_id": [AWS.lower()]}, []),
    "a name": ({"name": "Warehouse"}, ["Warehouse"]),
    "a part of a name": ({"name": "Ware*"}, []),
    "types": ({"type": ["GCP-project", "aws-organization"]}, ["Production accounts", "Warehouse"]),
    "a category": ({"category": ["resources"]}, ALL),
    "a status": ({"status": ["Warning"]}, ["Warehouse"]),
    "a status and a connector": ({"status": ["warning"], "connector_id": [AWS]}, []),
}


@pytest.mark.parametrize(("options", "names"), FILTERS.values(), ids=FILTERS)
def test_filters_select_integrations(module: RunModule, options: dict[str, Any], names: list[str]) -> None:
    result = module("apono_integration_info", **options).ok()
    assert not result.changed
    assert [item["name"] for item in result["integrations"]] == names


def test_the_configuration_is_never_returned(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(apono={"stored_secrets": "show"})
    result = module("apono_integration_info").ok()
    for item in result["integrations"]:
        assert set(item) == {"id", "name", "type", "category", "status", "connector_id", "last_sync_time"}
    for secret in ("simulator-integration-secret", "orders.example.com", "orders-database"):
        assert secret not in result.output


def test_one_request_lists_all_integrations(module: RunModule, simulator: Simulator) -> None:
    module("apono_integration_info").ok()
    assert [entry["path"] for entry in simulator.journal("apono")] == ["/api/admin/v4/integrations"]


def test_no_connectors_have_no_integrations(module: RunModule, simulator: Simulator) -> None:
    """If a play computes an empty list, a loop over the result must not change every integration."""
    assert module("apono_integration_info", connector_id=[]).ok()["integrations"] == []
    assert simulator.journal("apono") == []


EMPTY: dict[str, tuple[str, dict[str, Any]]] = {
    "a name of an integration": ("apono_integration_info", {"name": ""}),
    "an ID of a connector of an integration": ("apono_integration_info", {"connector_id": ["a", ""]}),
    "a name of a connector": ("apono_connector_info", {"name": ""}),
    "an ID of a connector": ("apono_connector_info", {"id": ""}),
    "a host name": ("webex_hybrid_connector_info", {"hostname": ""}),
    "an ID of a cluster": ("webex_hybrid_connector_info", {"hybrid_cluster_id": ""}),
    "a name of a cluster": ("webex_hybrid_connector_info", {"hybrid_cluster_name": ""}),
    "an ID of a listed cluster": ("webex_hybrid_cluster_info", {"id": ""}),
    "a name of a listed cluster": ("webex_hybrid_cluster_info", {"name": ""}),
    "an organization": ("webex_hybrid_cluster_info", {"org_id": ""}),
}


@pytest.mark.parametrize(("name", "options"), EMPTY.values(), ids=EMPTY)
def test_an_empty_filter_is_an_error(
    module: RunModule, simulator: Simulator, messages: MessageTable, name: str, options: dict[str, Any]
) -> None:
    result = module(name, **options)
    assert result.failure["reason"] == "invalid_option"
    assert simulator.journal() == []
    if "connector_id" not in options:
        messages.check("options.empty", result.msg, option=next(iter(options)))
    else:
        messages.check("apono.empty_connector_id", result.msg)
