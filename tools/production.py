# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An environment with exactly the Python packages that are installed for production, in their newest versions.

What they are stands in execution-environment.yml and in the collection's own meta/ee-requirements.txt.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import yaml
from environment import ROOT, create, install, run
from interpreters import interpreters


def definition() -> dict[str, Any]:
    """The definition of the execution environment."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "execution-environment.yml").read_text(encoding="utf-8"))
    return content


def desired() -> list[str]:
    """The requirements, as pip takes them."""
    dependencies = definition()["dependencies"]
    own = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").split()
    return [dependencies[name]["package_pip"] for name in ("ansible_core", "ansible_runner")] + own


def _interpreter() -> Path:
    package = definition()["dependencies"]["python_interpreter"]["package_system"]
    major, minor = re.fullmatch(r"python(\d+)\.(\d+)", package).groups()  # type: ignore[union-attr]
    found = interpreters().get((int(major), int(minor)))
    if found is None:
        print(f"Python {major}.{minor} is not here; taking {sys.version.split()[0]} in its place.", file=sys.stderr)
    return found or Path(sys.executable)


def production(folder: Path) -> Path:
    """Make the environment in a folder; its Python."""
    python = create(folder, _interpreter())
    install(python, *desired())
    if not run(python, "-m", "pip", "uninstall", "--yes", "--quiet", "pip", "setuptools"):
        raise SystemExit("What made the environment could not be taken out of it.")
    return python
