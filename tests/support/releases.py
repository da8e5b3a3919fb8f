# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build a release from a copy of the source tree, and run the checks of Galaxy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import yaml
from build import build

from support.environments import programs
from support.modules import COLLECTIONS, ROOT

# Galaxy and Automation Hub use these settings. flake8 is disabled, because its rules contradict those of ruff.
IMPORTER = {"GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "true", "GALAXY_IMPORTER_REQUIRE_V1_OR_GREATER": "true"}
DONE = "Importer processing completed successfully"
NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "*.tar.gz")


def copy(tree: Path, folder: Path, umask: int = 0o022) -> Path:
    """Return a copy of the source tree with new timestamps and a different umask, as in a new clone."""

    def as_other(source: str, destination: str) -> str:
        shutil.copyfile(source, destination)
        os.chmod(destination, os.stat(source).st_mode & ~umask)
        return destination

    shutil.copytree(tree, folder, ignore=NOT_COPIED, copy_function=as_other)
    return folder


def in_changelog(root: Path) -> bool:
    """Return whether the changelog of a source tree contains the version in galaxy.yml."""
    version = yaml.safe_load((root / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    return version in yaml.safe_load((root / "changelogs" / "changelog.yaml").read_text(encoding="utf-8"))["releases"]


def release(root: Path) -> str:
    """Add the changelog fragments of a source tree to its changelog, and return the changelog.

    A new version must have a summary. A version that is already in the changelog has one.
    """
    if not any((root / "changelogs" / "fragments").glob("*.yml")):
        return (root / "CHANGELOG.rst").read_text(encoding="utf-8")
    has_summary = in_changelog(root)
    program = str(Path(sys.executable).parent / "antsibull-changelog")
    done = subprocess.run(
        [program, "release", "--reload-plugins", "--update-existing"],
        check=False,
        cwd=root,
        env={**os.environ, "HOME": str(root / ".home")},  # antsibull-changelog writes its log to this folder.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    warnings = [line for line in done.stdout.splitlines() if line.startswith("WARNING ")]
    if has_summary:
        warnings = [line for line in warnings if "Found no release_summary" not in line]
    if done.returncode or warnings:
        raise SystemExit(f"antsibull-changelog:\n{done.stdout}")
    return (root / "CHANGELOG.rst").read_text(encoding="utf-8")


def released(scratch: Path) -> tuple[Path, Path]:
    """Build the release from two source trees that differ only in irrelevant properties, and return both archives."""
    one = copy(ROOT, scratch / "one")
    release(one)
    archives = []
    for root in (one, copy(one, scratch / "another", 0o077)):
        folder = scratch / f"{root.name}-built"
        folder.mkdir()
        archives.append(build(folder, root))
        time.sleep(1.1)  # Timestamps in tar and gzip files have a resolution of one second.
    return archives[0], archives[1]


class Imported(NamedTuple):
    """The result of galaxy-importer: warnings and errors, and the names that Galaxy lists, by type."""

    complaints: list[str]
    contents: dict[str, set[str]]


def imported(archive: Path, *, thorough: bool = False) -> Imported:
    """Run galaxy-importer, whose exit status is 0 even if it reports errors.

    :param thorough: run ansible-doc for each plugin, and ansible-lint, as the servers do.
    """
    folder = programs("importer")
    with tempfile.TemporaryDirectory() as home:
        # ansible-lint finds the collections that roles and playbooks use here: awx.awx and this collection.
        Path(home, ".ansible").mkdir()
        Path(home, ".ansible", "collections").symlink_to(COLLECTIONS)
        done = subprocess.run(
            [folder / "python", "-m", "galaxy_importer.main", archive.resolve()],
            check=False,
            cwd=home,  # galaxy-importer writes its results to this folder.
            env={
                **IMPORTER,
                "GALAXY_IMPORTER_RUN_ANSIBLE_DOC": str(thorough).lower(),
                "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": str(thorough).lower(),
                "HOME": home,
                "LC_ALL": os.environ.get("LC_ALL", "C.UTF-8"),
                "PATH": os.pathsep.join((str(folder), os.environ["PATH"])),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        lines = done.stdout.splitlines()
        if done.returncode or DONE not in lines:
            return Imported(lines, {})
        result = json.loads(Path(home, "importer_result.json").read_text(encoding="utf-8"))
    contents: dict[str, set[str]] = {}
    for content in result["contents"]:
        contents.setdefault(content["content_type"], set()).add(content["name"])
    return Imported([line for line in lines if line.startswith(("CRITICAL: ", "ERROR: ", "WARNING: "))], contents)
