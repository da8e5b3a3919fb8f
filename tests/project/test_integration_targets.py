# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module and plugin has an ansible-test integration target, which runs modules in module processes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.modules import ROOT

TARGETS = ROOT / "tests" / "integration" / "targets"
NAMES = sorted(path.name for path in TARGETS.iterdir() if not path.name.startswith("setup_"))


ROLES = {path.name for path in (ROOT / "roles").iterdir()}
# How expressions name filters and tests. A module can have a name that starts with the name of a filter.
USE = {
    "filter": re.compile(r"\| hybrid\.connectors\.(\w+)"),
    "test": re.compile(r"(?:\bis |\bnot |\(')hybrid\.connectors\.(\w+)"),
}


def plugins(kind: str) -> set[str]:
    return {path.stem for path in (ROOT / "plugins" / kind).glob("*.py")}


def target_of(module: str) -> str:
    """Return the target of a module. If a role has the name of a target, ansible-test runs the role instead."""
    return f"{module}_module" if module in ROLES else module


def block(name: str) -> dict[str, Any]:
    """The only block of a target."""
    [only] = yaml.safe_load((TARGETS / name / "tasks" / "main.yml").read_text(encoding="utf-8"))
    assert isinstance(only, dict)
    return only


def refusals(name: str) -> Iterator[str]:
    for task in block(name)["block"]:
        if "result.failure.reason != " in str(task.get("failed_when")):
            yield from (key.rpartition(".")[2] for key in task if key.startswith("hybrid.connectors."))


def test_every_module_inventory_and_lookup_has_a_target() -> None:
    named = {target_of(module) for module in plugins("modules")}
    named |= {f"{kind}_{name}" for kind in ("inventory", "lookup") for name in plugins(kind)}
    assert named <= {*NAMES}
    assert ROLES & {*NAMES} == set()


@pytest.mark.parametrize("kind", ["filter", "test"])
def test_every_filter_and_test_is_used_in_a_target(kind: str) -> None:
    texts = [path.read_text(encoding="utf-8") for path in TARGETS.glob("*/tasks/*.yml")]
    assert plugins(kind) - set(USE[kind].findall("\n".join(texts))) == set()


@pytest.mark.parametrize("name", NAMES)
def test_target_runs_modules_in_processes_against_the_simulator(name: str) -> None:
    meta = yaml.safe_load((TARGETS / name / "meta" / "main.yml").read_text(encoding="utf-8"))
    assert meta["dependencies"] == ["setup_simulator"]
    assert block(name)["environment"] == "{{ setup_simulator_environment }}"


@pytest.mark.parametrize("module", sorted(plugins("modules")))
def test_target_of_a_module_checks_the_reason_of_a_refusal(module: str) -> None:
    assert module in refusals(target_of(module))


@pytest.mark.parametrize("name", NAMES)
def test_target_has_a_context(name: str) -> None:
    context = "target" if name in map(target_of, plugins("modules")) else "controller"
    assert f"context/{context}" in Path(TARGETS / name / "aliases").read_text(encoding="utf-8").splitlines()
