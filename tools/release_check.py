# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check a release without publishing it. Usage: ``python release_check.py``.

The fragments are added to the changelog in a copy of the source tree. The archives that are
built there and in a second copy must be identical, and galaxy-importer must not report a problem.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml
from build import build
from environment import ROOT
from importer import complaints

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


def main() -> None:
    """Build the release twice, compare the archives, and run the Galaxy checks."""
    with tempfile.TemporaryDirectory() as scratch:
        archive, another = released(Path(scratch))
        content = archive.read_bytes()
        if content != another.read_bytes():
            raise SystemExit("Two builds of the same sources differ.")
        print(
            f"{archive.name} is the same from two copies of the sources: SHA-256 {hashlib.sha256(content).hexdigest()}"
        )
        found = complaints(archive, thorough=True)
    if found:
        raise SystemExit("\n".join(["galaxy-importer:", *found]))
    print("galaxy-importer reports no problem.")


if __name__ == "__main__":
    main()
