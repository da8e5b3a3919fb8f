# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check that ansible-doc can show all documentation of the installed collection.

``python documentation.py FOLDER`` expects the folder of the installed collections. ansible-doc fails for a page that it
cannot read, but not for a missing page, so this script looks for missing pages itself.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from environment import ROOT

COLLECTION = "hybrid.connectors"
WITHOUT_PAGES = ("action", "doc_fragments", "module_utils", "plugin_utils")


def documented(root: Path) -> dict[str, list[str]]:
    """Return the full names of all documented plugins, modules and roles, by ansible-doc plugin type."""
    found = {"role": [path.name for path in (root / "roles").iterdir() if path.is_dir()]}
    for folder in (root / "plugins").iterdir():
        if folder.is_dir() and folder.name not in WITHOUT_PAGES:
            names = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
            found["module" if folder.name == "modules" else folder.name] = names
    return {kind: [f"{COLLECTION}.{name}" for name in sorted(names)] for kind, names in sorted(found.items()) if names}


def shown(collections: Path, *words: str) -> str | None:
    """Return the output of ansible-doc, or None if the command fails, which prints its error message on stderr."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "ansible-doc"), *words],
        check=False,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections)},
        stdout=subprocess.PIPE,
        text=True,
    )
    return None if done.returncode else done.stdout


def missing(collections: Path, kind: str, names: list[str]) -> list[str]:
    """Return the names that ansible-doc cannot show as text or as JSON."""
    if shown(collections, "--type", kind, *names) is None:
        return names
    pages = json.loads(shown(collections, "--json", "--type", kind, *names) or "{}")
    return [name for name in names if not pages.get(name)]


def main() -> None:
    """Exit with an error that lists all names without documentation."""
    collections = Path(sys.argv[1]).resolve()
    lacking = []
    for kind, names in documented(ROOT).items():
        without = missing(collections, kind, names)
        print(f"{len(names) - len(without)} of {len(names)} pages of type {kind}")
        lacking += without
    if lacking:
        raise SystemExit(f"ansible-doc cannot show the documentation of {', '.join(lacking)}.")


if __name__ == "__main__":
    main()
