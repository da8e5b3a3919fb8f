# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The functional tests do not import private code of the collection."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.imports import imported
from support.modules import ROOT

# The fictional system imports shared code, because it is part of the collection while its test runs.
FILES = [path for path in sorted((ROOT / "tests" / "functional").rglob("*.py")) if "fifth_system" not in path.parts]
PLUGINS = "ansible_collections.hybrid.connectors.plugins"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_functional_tests_import_no_private_code(path: Path) -> None:
    of_plugins = [name for name in imported(path) if name.startswith(PLUGINS)]
    assert [name for name in of_plugins if "._" in name] == []
