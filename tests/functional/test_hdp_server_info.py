# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tests of the module hdp_server_info: health, version and nodes."""

from __future__ import annotations

from typing import Any

import pytest
from support.modules import RunModule
from support.simulator import CREDENTIALS, Simulator

pytestmark = pytest.mark.usefixtures("only_documented")


def test_an_administrator_gets_health_version_and_nodes(module: RunModule, simulator: Simulator) -> None:
    result = module("hdp_server_info").ok()
    assert not result.changed
    assert result["healthy"] is True
    assert result["version"]["hdp_version"] == "5.0.0.1"
    assert result["version"]["install_type"] == "Licenced"
    assert [node["id"] for node in result["nodes"]] == [1]
    paths = [entry["path"] for entry in simulator.journal("hdp")]
    assert paths == ["/api/healthcheck", "/api/mgmt/version", "/api/admin/system/nodes"]


def test_a_user_gets_the_version_without_nodes(module: RunModule) -> None:
    result = module("hdp_server_info", nodes=False, **CREDENTIALS["hdp_user"]).ok()
    assert result["nodes"] is None
    assert result["version"]["das_version"] == "5.0.0.1"


def test_nodes_without_the_permission_are_a_failure(module: RunModule) -> None:
    result = module("hdp_server_info", **CREDENTIALS["hdp_user"])
    assert result.failure["reason"] == "forbidden"
    assert "'nodes: false'" in result.msg


@pytest.mark.parametrize("settings", [{"health_as_text": True}, {"health": "active"}])
def test_both_documented_formats_are_healthy(module: RunModule, simulator: Simulator, settings: dict[str, Any]) -> None:
    simulator.settings(hdp=settings)
    assert module("hdp_server_info").ok()["healthy"] is True


@pytest.mark.parametrize("settings", [{"health": "inactive"}, {"health": "inactive", "health_as_text": True}])
def test_any_other_status_is_not_healthy(module: RunModule, simulator: Simulator, settings: dict[str, Any]) -> None:
    simulator.settings(hdp=settings)
    result = module("hdp_server_info").ok()
    assert (result["healthy"], result["version"], result["nodes"]) == (False, None, None)
    assert len(simulator.journal("hdp")) == 1


def test_an_unavailable_server_is_a_failure(module: RunModule, simulator: Simulator) -> None:
    simulator.fault(system="hdp", path="/api/healthcheck", status=503, times=None)
    result = module("hdp_server_info", retry_budget=0)
    assert result.failure["reason"] == "unavailable"


def test_an_evaluation_shows_its_end(module: RunModule, simulator: Simulator) -> None:
    simulator.settings(hdp={"license": "Evaluation"})
    assert module("hdp_server_info").ok()["version"]["eval_days_remaining"] == 30
