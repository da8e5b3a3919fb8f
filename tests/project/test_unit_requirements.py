# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""tests/unit/requirements.txt lists the packages that the unit tests import."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

from packaging.utils import canonicalize_name
from support.imports import closure, imported
from support.modules import ROOT

LISTED = (ROOT / "tests" / "unit" / "requirements.txt").read_text(encoding="utf-8").split()
FOLDERS = (ROOT / "tests", ROOT / "roles" / "simulator" / "files", ROOT / ".cache" / "collections")
# ansible-test itself requires these packages.
INSTALLED = ("ansible-core", "pytest")


def source(name: str) -> Path | None:
    """Return the file of an imported name, or of its module, in the source tree."""
    for folder in FOLDERS:
        path = folder.joinpath(*name.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py", path.parent.with_suffix(".py")):
            if file.is_file():
                return file
    return None


def packages() -> dict[str, Path]:
    """Return the imported packages that are not in the source tree, each with a file that imports it."""
    found: dict[str, Path] = {}
    waiting = [ROOT / "tests" / "conftest.py", *(ROOT / "tests" / "unit").rglob("*.py")]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        for name in imported(path):
            file = source(name)
            if file:
                waiting.append(file)
            else:
                found[name.partition(".")[0]] = path
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names}


def test_every_import_of_the_unit_tests_is_required() -> None:
    providers = metadata.packages_distributions()
    required = closure(*INSTALLED, *LISTED)
    imports = packages()
    assert {"pytest", "requests"} <= set(imports)
    missing = {
        name: path.relative_to(ROOT).as_posix()
        for name, path in imports.items()
        if not required & set(map(canonicalize_name, providers.get(name, ())))
    }
    assert missing == {}
