# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The registry is the only list of systems, and shared code does not contain the name of a system."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.modules import ROOT

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.registry import PROVIDERS

PLUGINS = ROOT / "plugins"
# A chat service that receives notifications can have the name of a system.
CHAT_SERVICES = "module_utils/_notifications.py"
SHARED = sorted(
    path.relative_to(PLUGINS).as_posix()
    for folder in ("module_utils", "plugin_utils", "inventory", "filter", "test")
    for path in (PLUGINS / folder).glob("*.py")
    if path.relative_to(PLUGINS).as_posix() != CHAT_SERVICES
)


def constants(path: Path) -> Iterator[str]:
    """Yield the strings of a file, without its documentation."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("file", SHARED)
def test_shared_code_names_no_system(file: str) -> None:
    assert {*constants(PLUGINS / file)} & {*PROVIDERS} == set()


def test_template_names_no_system() -> None:
    role = ROOT / "roles" / "fleet_report"
    texts = [path.read_text(encoding="utf-8") for path in [*role.glob("templates/*"), role / "files" / "report.js"]]
    assert [name for name in PROVIDERS for text in texts if f'"{name}"' in text or f"'{name}'" in text] == []
