# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of keys to snake case."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from support.openapi import FOLDER
from support.simulator import SYSTEMS

from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case, snake_cased


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("connectorID", "connector_id"),
        ("connectorId", "connector_id"),
        ("connector_id", "connector_id"),
        ("connectorIDs", "connector_ids"),
        ("hybridClusterId", "hybrid_cluster_id"),
        ("authUser", "auth_user"),
        ("ipAddress", "ip_address"),
        ("isGroup", "is_group"),
        ("osVersion", "os_version"),
        ("HTTPProxy", "http_proxy"),
        ("sha256Sum", "sha256_sum"),
        ("X-Request-ID", "x_request_id"),
        ("id", "id"),
        ("", ""),
    ],
)
def test_a_key_is_written_in_snake_case(theirs: str, ours: str) -> None:
    assert snake_case(theirs) == ours


def test_a_key_in_snake_case_stays_as_it_is() -> None:
    assert snake_case(snake_case("connectorGroupMemberIDs")) == "connector_group_member_ids"


def properties(schema: Any) -> Iterator[str]:
    """The names of all properties of objects in an OpenAPI document."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties" and isinstance(value, dict):
                yield from value
            yield from properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from properties(value)


@pytest.mark.parametrize("system", SYSTEMS)
def test_documented_keys_are_named_as_ansible_names_them(system: str) -> None:
    keys = set(properties(yaml.safe_load((FOLDER / f"{system}.yaml").read_text())))
    expected = {key: next(iter(camel_dict_to_snake_dict({key: None}))) for key in keys}
    expected.update({key: name.replace("_i_ds", "_ids") for key, name in expected.items()})
    assert keys
    assert {key: snake_case(key) for key in keys} == expected


def test_keys_are_renamed_at_every_depth_and_values_never() -> None:
    theirs = {"orgId": "orgId", "alarms": [{"hybridConnectorId": 1, "moreOf": [["aB"]]}], "none": None}
    assert snake_cased(theirs) == {
        "org_id": "orgId",
        "alarms": [{"hybrid_connector_id": 1, "more_of": [["aB"]]}],
        "none": None,
    }


def test_a_key_that_is_not_a_string_becomes_one() -> None:
    assert snake_cased({1: "x"}) == {"1": "x"}
