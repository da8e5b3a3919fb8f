# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles document exactly the arguments that their tasks use, with the correct defaults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.modules import ROOT

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir())
WITH_TASKS = ("block", "rescue", "always")


class Loader(yaml.SafeLoader):
    """Load YAML in which unsafe values are strings."""


Loader.add_constructor("!unsafe", lambda _loader, node: str(node.value))


def documents(role: str, folder: str) -> Iterator[tuple[Path, Any]]:
    for path in sorted((ROOT / "roles" / role / folder).rglob("*.yml")):
        yield path, yaml.load(path.read_text(encoding="utf-8"), Loader)


def documented(role: str) -> dict[str, Any]:
    """The options of all entry points."""
    ((_path, specs),) = ((path, text) for path, text in documents(role, "meta") if path.stem == "argument_specs")
    return {name: option for entry in specs["argument_specs"].values() for name, option in entry["options"].items()}


def tasks(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All tasks, including those in blocks."""
    for task in found:
        yield task
        for word in WITH_TASKS:
            yield from tasks(task.get(word, []))


def made(role: str) -> set[str]:
    """The variables that the role itself sets, and the groups of hosts that it creates."""
    names = {name for _path, variables in documents(role, "vars") for name in variables}
    for _path, found in documents(role, "tasks"):
        for task in tasks(found):
            names |= {*task.get("vars", {}), *task.get("ansible.builtin.set_fact", {})}
            names |= {task.get("ansible.builtin.add_host", {}).get("groups", "")}
            names |= {task.get("register", ""), task.get("loop_control", {}).get("loop_var", "")}
    return names


def where_plays_run() -> set[str]:
    """Return the variables that set the hosts of the playbooks."""
    contents = (path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml"))
    return {name for text in contents for name in re.findall(r"hosts: .*{{ (\w+)", text)}


def read(role: str) -> set[str]:
    """The role variables in the tasks, templates and expressions of the role, including defaults."""
    files = [
        path for folder in ("tasks", "templates", "vars") for path in (ROOT / "roles" / role / folder).rglob("*.*")
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    text += "\n".join(str(list(values.values())) for _path, values in documents(role, "defaults"))
    return set(re.findall(rf"(?<![\w./]){role}_\w+", text))


@pytest.mark.parametrize("role", ROLES)
def test_documented_and_used_role_variables_are_the_same(role: str) -> None:
    assert read(role) - made(role) - where_plays_run() == set(documented(role))


@pytest.mark.parametrize("role", ROLES)
def test_the_defaults_are_documented(role: str) -> None:
    defaults = {name: value for _path, values in documents(role, "defaults") for name, value in values.items()}
    reported = {name: option["default"] for name, option in documented(role).items() if "default" in option}
    constant = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    assert set(reported) <= set(defaults)
    given = {
        name: value for name, value in constant.items() if value != "" or name in reported
    }  # "" means that the variable is not set
    assert {name: reported.get(name) for name in given} == given


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_names_only_existing_variables(role: str) -> None:
    text = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(rf"(?<![\w/]){role}_\w+", text))
    assert named - set(documented(role)) <= made(role)
    assert named
