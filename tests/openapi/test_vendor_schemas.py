# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The schemas of the OpenAPI documents agree with the schemas that the vendors publish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from support.openapi import FOLDER, document, operations, resolved

Facts = Mapping[str, Any]

VENDORS: dict[str, Any] = yaml.safe_load((FOLDER / "vendor_schemas.yaml").read_text(encoding="utf-8"))
# These objects are described elsewhere: in guides, and in the SDKs of the vendors.
ELSEWHERE = {"apono": {"Texts"}, "webex": {"AlarmSeverity", "ConnectorStatus", "ConnectorType", "Error"}}

every_schema = pytest.mark.parametrize(
    ("system", "theirs"),
    [(system, name) for system, vendor in VENDORS.items() for name in vendor["schemas"]],
)


def schemas(system: str, theirs: str) -> tuple[Facts, Mapping[str, Any]]:
    """Return the facts about a schema of the vendor, and the schema that must agree with it."""
    facts = VENDORS[system]["schemas"][theirs]
    return facts, document(system)["components"]["schemas"][facts["ours"]]


def properties(system: str, schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {name: resolved(system, value) for name, value in schema["properties"].items()}


def types_of(schema: Mapping[str, Any], system: str) -> Any:
    """Return the types of a property: a name, or the list of a name and ``null``."""
    if "anyOf" not in schema or "type" in schema:
        return schema["type"]
    return [resolved(system, one)["type"] for one in schema["anyOf"]]


def enumeration(schema: Mapping[str, Any]) -> list[str] | None:
    """Return the documented values of a property, which can be closed or allow other values."""
    for one in (schema, *schema.get("anyOf", ())):
        if "enum" in one:
            return sorted(one["enum"])
    return None


@every_schema
def test_the_same_properties_have_the_same_types(system: str, theirs: str) -> None:
    facts, schema = schemas(system, theirs)
    found = properties(system, schema)
    assert {name: types_of(value, system) for name, value in found.items()} == facts["properties"]


@every_schema
def test_the_same_properties_are_required(system: str, theirs: str) -> None:
    facts, schema = schemas(system, theirs)
    assert set(schema.get("required", ())) ^ set(facts["required"]) == set(facts.get("deviations", ()))


@every_schema
def test_the_same_values_are_documented(system: str, theirs: str) -> None:
    facts, schema = schemas(system, theirs)
    found = {name: enumeration(value) for name, value in properties(system, schema).items()}
    documented = {name: sorted(values) for name, values in facts.get("enumerations", {}).items()}
    assert {name: values for name, values in found.items() if values} == documented


@pytest.mark.parametrize("system", VENDORS)
def test_every_schema_is_compared(system: str) -> None:
    compared = {facts["ours"] for facts in VENDORS[system]["schemas"].values()}
    assert compared == set(document(system)["components"]["schemas"]) - ELSEWHERE[system]


@pytest.mark.parametrize("system", VENDORS)
def test_every_object_of_an_operation_is_a_schema_of_its_own(system: str) -> None:
    inline = [
        f"{method} {path}"
        for method, path, operation, _parameters in operations(system)
        for schema in _successful(system, operation)
        if "$ref" not in schema and "$ref" not in schema.get("items", {})
    ]
    # The vendor of Webex documents the token grant in a guide, and not in its OpenAPI document.
    assert inline == (["POST /access_token"] * 2 if system == "webex" else [])


def _successful(system: str, operation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the schemas of the request and of the successful responses of an operation."""
    bodies = [operation.get("requestBody", {})]
    bodies += [resolved(system, found) for status, found in operation["responses"].items() if status.startswith("2")]
    for body in bodies:
        for content in body.get("content", {}).values():
            yield content["schema"]
