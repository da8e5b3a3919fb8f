# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The OpenAPI documents are valid, and agree with the simulator on paths and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from support.openapi import SEPARATOR, document, operations
from support.simulator import SYSTEMS

from connector_simulator.state import State
from connector_simulator.strict import Operation

# These operations are documented, but the simulator returns 501; see the description of the document.
NOT_DONE = {"template", "template_name", "configuration_template"}
every_system = pytest.mark.parametrize("system", SYSTEMS)

Facts = tuple[frozenset[tuple[str, bool]], str]


def paths_of(operation: Operation) -> Iterator[str]:
    """Return the paths of an operation, with and without an optional slash at the end."""
    yield operation.template.replace("[/]", "/")
    if operation.template.endswith("[/]"):
        yield operation.template.removesuffix("[/]")


@every_system
def test_a_document_is_valid(system: str) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document(system)).iter_errors()] == []


@every_system
def test_the_simulator_offers_what_is_documented_and_no_more(system: str) -> None:
    simulated: dict[tuple[str, str], Facts] = {}
    for operation in State({}).systems[system].operations:
        writes_a_customer = operation.method in ("POST", "PUT") and "template" in operation.query
        query = {
            (name, parameter.required)
            for name, parameter in operation.query.items()
            if not (writes_a_customer and name in NOT_DONE)
        }
        for path in paths_of(operation):
            simulated[operation.method, path] = (frozenset(query), operation.separator)
    documented: dict[tuple[str, str], Facts] = {}
    for method, path, facts, parameters in operations(system):
        query = {(one["name"], one.get("required", False)) for one in parameters if one["in"] == "query"}
        assert re.findall(r"{(\w+)}", path) == [one["name"] for one in parameters if one["in"] == "path"]
        documented[method, path] = (frozenset(query), facts.get(SEPARATOR, "&"))
    assert _without_node(simulated) == _without_node(documented)


def _without_node(facts: dict[tuple[str, str], Facts]) -> dict[tuple[str, str], Facts]:
    """Return the parameters except the node, because the handlers check it according to a setting."""
    return {
        call: (frozenset((name, needed and name != "hierarchy") for name, needed in query), separator)
        for call, (query, separator) in facts.items()
    }
