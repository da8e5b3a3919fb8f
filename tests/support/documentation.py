# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugins, modules and roles with documentation."""

from __future__ import annotations

from support.modules import ROOT

WITHOUT_PAGES = ("action", "doc_fragments", "module_utils", "plugin_utils")


def documented() -> dict[str, list[str]]:
    """Return the full names of all documented plugins, modules and roles, by ansible-doc plugin type."""
    found = {"role": [path.name for path in (ROOT / "roles").iterdir() if path.is_dir()]}
    for folder in (ROOT / "plugins").iterdir():
        if folder.is_dir() and folder.name not in WITHOUT_PAGES:
            names = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
            found["module" if folder.name == "modules" else folder.name] = names
    return {kind: [f"hybrid.connectors.{name}" for name in sorted(names)] for kind, names in sorted(found.items())}
