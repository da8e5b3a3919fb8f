# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a module accepts connection options: at the top level, or in the dictionary of each system that it reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS
from ansible_collections.hybrid.connectors.plugins.plugin_utils._in_process import module_called

Options = Mapping[str, Any]


def connected(module: str, connection: Callable[[str], Options], given: Options) -> dict[str, Any]:
    """Return the options of a module with those of the connection, which ``connection`` returns for a system."""
    system = module_called(module)[0].system
    if system is not None:
        return {**connection(system), **given}
    return {
        name: {**connection(name), **value} if name in PROVIDERS and isinstance(value, Mapping) else value
        for name, value in given.items()
    }
