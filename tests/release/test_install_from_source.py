# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users can install the collection from a repository, from an archive and with a requirements file."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from support.modules import ROOT, environment

GALAXY = Path(sys.executable).parent / "ansible-galaxy"
VERSION = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def run(folder: Path, *command: str | Path) -> str:
    """Run a program in a folder and return its output."""
    variables = environment(
        folder, ANSIBLE_HOME=str(folder / "home"), ANSIBLE_COLLECTIONS_PATH=str(folder / "installed")
    )
    done = subprocess.run(command, check=False, cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the present content of the source tree."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("The source tree is not a Git repository, or Git is not installed.")
    clone = tmp_path / "repository"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, clone / name)
    git = ("git", "-C", clone, "-c", "user.name=test", "-c", "user.email=test@example.com")
    run(tmp_path, "git", "init", "--quiet", "--initial-branch=main", clone)
    run(tmp_path, *git, "add", "--all")
    run(tmp_path, *git, "commit", "--quiet", "--message", "The source tree")
    return clone


@pytest.mark.parametrize("way", ["repository", "archive", "requirements"])
def test_install_from_source(repository: Path, tmp_path: Path, way: str) -> None:
    arguments: list[str | Path] = [f"git+{repository.as_uri()},main"]
    if way == "archive":
        run(tmp_path, GALAXY, "collection", "build", "--output-path", tmp_path, repository)
        arguments = ["--offline", tmp_path / f"hybrid-connectors-{VERSION}.tar.gz"]
    if way == "requirements":
        requirements = {"collections": [{"name": repository.as_uri(), "type": "git", "version": "main"}]}
        (tmp_path / "requirements.yml").write_text(yaml.safe_dump(requirements), encoding="utf-8")
        arguments = ["-r", "requirements.yml"]
    run(tmp_path, GALAXY, "collection", "install", *arguments)
    assert VERSION in run(tmp_path, GALAXY, "collection", "list", "hybrid.connectors")
    run(tmp_path, GALAXY.with_name("ansible-doc"), "hybrid.connectors.apono_connector")
