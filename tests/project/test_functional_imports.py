# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functional tests do not import private code of the collection."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.modules import ROOT

# The fictional system imports shared code, because it is part of the collection while its test runs.
FILES = [path for path in sorted((ROOT / "tests" / "functional").rglob("*.py")) if "fifth_system" not in path.parts]
PLUGINS = "ansible_collections.hybrid.connectors.plugins"


def imported(path: Path) -> Iterator[str]:
    """Yield the full names that a file imports from the plugins of the collection."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PLUGINS):
            yield from (f"{node.module}.{name.name}" for name in node.names)
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith(PLUGINS))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_functional_tests_import_no_private_code(path: Path) -> None:
    assert [name for name in imported(path) if "._" in name] == []
