# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documented options of modules and connections. ansible-test sanity compares them with the argument specs."""

from __future__ import annotations

import functools
import importlib
import re
from typing import Any

import yaml

PLUGINS = "ansible_collections.hybrid.connectors.plugins"
VARIABLE = re.compile(r"the environment variable E\((\w+)\) is used")

Options = dict[str, dict[str, Any]]


def system_of(module: str) -> str | None:
    """Return the system of a module, or None if the module reads several systems."""
    system = module.partition("_")[0]
    return None if system == "fleet" else system


@functools.cache
def _fragment(name: str) -> Options:
    fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.{name}").ModuleDocFragment
    options: Options = yaml.safe_load(fragment.DOCUMENTATION)["options"]
    return options


@functools.cache
def module_options(module: str) -> Options:
    """Return the options of a module without those of its connection, by name."""
    documentation = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    options: Options = dict(documentation["options"])
    for fragment in documentation["extends_documentation_fragment"]:
        name = fragment.rpartition(".")[2]
        if fragment.count(".") == 2 and name not in ("attributes", system_of(module)):
            options |= _fragment(name)
    return options


def connection_options(system: str | None) -> Options:
    """Return the options of the connection to a system, by name."""
    return {} if system is None else _fragment(system)


def environment_variables(system: str) -> dict[str, str]:
    """Return the environment variable of each connection option that has one."""
    found = {}
    for name, option in connection_options(system).items():
        variable = VARIABLE.search(" ".join(option["description"]))
        if variable:
            found[name] = variable[1]
    return found
