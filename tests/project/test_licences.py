# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The dependencies of the collection have licences that are compatible with GPL-3.0-or-later."""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

import pytest
from support.imports import closure, imported

ROOT = Path(__file__).resolve().parents[2]
# The packages of an execution environment, and those of the simulator.
PRODUCTION = ("ansible-core", "ansible-runner", "openpyxl", "requests")
SIMULATOR = ("aiohttp",)
# The compatible licences, as packages specify them: an SPDX expression, the end of a classifier, or free text. The Free
# Software Foundation lists these licences as compatible with version 3 of the GPL.
FITS = {
    "Apache-2.0",
    "Apache Software License",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "GNU General Public License v3 or later (GPLv3+)",
    "GPL-3.0-or-later",
    "ISC License (ISCL)",
    "MIT",
    "MIT License",
    "MIT-0",
    "Mozilla Public License 2.0 (MPL 2.0)",
    "MPL-2.0",
    "PSF-2.0",
    "Python Software Foundation License",
}


def fits(licence: str) -> bool:
    """Return whether a license expression is compatible. One compatible alternative is sufficient."""
    alternatives = [re.split(r"\s+AND\s+", one) for one in re.split(r"\s+OR\s+", licence)]
    return any(all(part in FITS for part in parts) for parts in alternatives)


def licences(name: str) -> list[str]:
    """Return the licence in the metadata of a package, in the most precise field."""
    about = metadata.metadata(name)
    (expression,) = about.get_all("License-Expression") or ("",)
    classifiers = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if "License ::" in line]
    return [expression] if expression else classifiers or about.get_all("License") or [""]


@pytest.mark.parametrize("roots", [PRODUCTION, SIMULATOR], ids=["production", "simulator"])
def test_licences_of_all_dependencies_are_compatible(roots: tuple[str, ...]) -> None:
    packages = closure(*roots)
    assert packages > set(roots)
    assert {name: licences(name) for name in packages if not all(map(fits, licences(name)))} == {}


@pytest.mark.parametrize(
    ("licence", "fitting"),
    [("MIT", True), ("Proprietary OR MIT", True), ("MIT AND SSPL-1.0", False), ("GPL-2.0-only", False), ("", False)],
)
def test_a_licence_that_does_not_fit_is_found(licence: str, fitting: bool) -> None:
    assert fits(licence) is fitting


def test_plugins_import_only_python_ansible_and_requests() -> None:
    importers: dict[str, set[str]] = {}
    for folder in ("plugins", "extensions/eda"):
        for path in (ROOT / folder).rglob("*.py"):
            for name in imported(path):
                importers.setdefault(name.partition(".")[0], set()).add(path.name)
    beside_python = set(importers) - set(sys.stdlib_module_names)
    # Ansible requires jinja2, and requests requires idna and urllib3. Only Excel files require openpyxl.
    assert beside_python <= {"ansible", "ansible_collections", "idna", "jinja2", "openpyxl", "requests", "urllib3"}, (
        importers
    )
    assert {"ansible", "requests"} <= beside_python
