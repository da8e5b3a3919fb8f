# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugins, modules and roles with documentation."""

from __future__ import annotations

from typing import Any

import yaml

from support.modules import ROOT

WITHOUT_PAGES = ("action", "doc_fragments", "module_utils", "plugin_utils")


def documented() -> dict[str, list[str]]:
    """Return the full names of all documented plugins, modules and roles, by ansible-doc plugin type."""
    found = {"role": [path.parent for path in (ROOT / "roles").glob("*/meta")]}
    for folder in (ROOT / "plugins").glob("[!_]*"):
        if folder.name not in WITHOUT_PAGES:
            kind = "module" if folder.name == "modules" else folder.name
            found[kind] = list(folder.glob("[!_]*.py"))
    return {kind: sorted(f"hybrid.connectors.{path.stem}" for path in found[kind]) for kind in sorted(found)}


def role_specs() -> dict[str, dict[str, Any]]:
    """Return the documentation of the main entry point of each role."""
    specs = {}
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        specs[path.parents[1].name] = yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]
    return specs
