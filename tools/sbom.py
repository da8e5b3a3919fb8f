# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a software bill of materials (SBOM) of the execution environment in CycloneDX format.

``python sbom.py FILE`` lists the collection and all Python packages that pip installs for it. The document has the time
in ``SOURCE_DATE_EPOCH``, or no time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from environment import ROOT, separate
from production import desired, production


def _project() -> str:
    """Convert galaxy.yml to the format of pyproject.toml, which the tool reads."""
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    (licence,) = galaxy["license"]
    entries = {
        "name": "{namespace}.{name}".format(**galaxy),
        "version": galaxy["version"],
        "description": galaxy["description"],
        "license": licence,
        "dependencies": desired(),
        "urls": {name: galaxy[name] for name in ("documentation", "homepage", "issues", "repository")},
    }
    urls = ", ".join(f"{name} = {json.dumps(url)}" for name, url in entries.pop("urls").items())
    lines = [f"{name} = {json.dumps(value)}" for name, value in entries.items()]
    return "\n".join(["[project]", *lines, f"urls = {{{urls}}}", ""])


def bill_of_materials(python: Path, *options: str) -> str:
    """Return the bill of materials of a Python environment."""
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "pyproject.toml"
        project.write_text(_project(), encoding="utf-8")
        command: list[str | Path] = [separate("supply_chain") / "cyclonedx-py", "environment", "--output-reproducible"]
        command += ["--spec-version", "1.6", "--mc-type", "library", "--pyproject", project, *options, python]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main(destination: Path) -> None:
    """Create the environment, then write and validate its bill of materials."""
    with tempfile.TemporaryDirectory() as folder:
        written = bill_of_materials(production(Path(folder) / "production"), "--validate")
    destination.parent.mkdir(parents=True, exist_ok=True)
    destination.write_text(written, encoding="utf-8")
    print(f"Wrote {destination}: hybrid.connectors and {len(json.loads(written)['components'])} packages of Python")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
