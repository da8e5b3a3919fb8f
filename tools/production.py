# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create an environment with only the Python packages of the execution environment, in their newest versions.

execution-environment.yml and meta/ee-requirements.txt of the collection define the packages.
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
    """Return the definition of the execution environment."""
    content: dict[str, Any] = yaml.safe_load((ROOT / "execution-environment.yml").read_text(encoding="utf-8"))
    return content


def desired() -> list[str]:
    """Return the requirements in the format of pip."""
    dependencies = definition()["dependencies"]
    own = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").split()
    return [dependencies[name]["package_pip"] for name in ("ansible_core", "ansible_runner")] + own


def _interpreter() -> Path:
    package = definition()["dependencies"]["python_interpreter"]["package_system"]
    major, minor = re.fullmatch(r"python(\d+)\.(\d+)", package).groups()  # type: ignore[union-attr]
    found = interpreters().get((int(major), int(minor)))
    if found is None:
        print(f"Python {major}.{minor} is not installed; using {sys.version.split()[0]} instead.", file=sys.stderr)
    return found or Path(sys.executable)


def production(folder: Path) -> Path:
    """Create the environment in a folder, and return its Python interpreter."""
    python = create(folder, _interpreter())
    install(python, *desired())
    if not run(python, "-m", "pip", "uninstall", "--yes", "--quiet", "pip", "setuptools"):
        raise SystemExit("The packages that create the environment could not be removed from it.")
    return python
