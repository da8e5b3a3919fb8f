# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Look at what a release would be, without making one: ``python release_check.py``.

In two copies of the source tree the version in galaxy.yml is released, as far as it is not, and built; the archives have
to be the same, byte for byte, and galaxy-importer must have nothing to say about them.
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
from typing import Any

import yaml
from build import build
from environment import ROOT
from importer import complaints


def _sources() -> list[str]:
    """The files that git knows or would add."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def copy(folder: Path, umask: int = 0o022, backwards: bool = False) -> Path:
    """A copy of the source tree as somebody else would have it, who checked it out just now."""
    before = os.umask(umask)
    try:
        for name in sorted(_sources(), reverse=backwards):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
            (folder / name).chmod((ROOT / name).stat().st_mode & 0o777 & ~umask)
    finally:
        os.umask(before)
    return folder


def fragments(root: Path) -> dict[str, Any]:
    """The fragments of the changelog that are not released, by their names."""
    files = sorted((root / "changelogs" / "fragments").glob("*.yml"))
    return {file.name: yaml.safe_load(file.read_text(encoding="utf-8")) for file in files}


def release(root: Path) -> str:
    """Make the changelog of the version in galaxy.yml of a copy, if it is not made; its text."""
    if fragments(root):
        command = [str(Path(sys.executable).parent / "antsibull-changelog"), "release", "--reload-plugins"]
        home = {"HOME": str(root / ".home")}  # antsibull writes its log there
        done = subprocess.run(
            command, check=False, cwd=root, env={**os.environ, **home}, capture_output=True, text=True
        )
        if done.returncode or "WARNING" in done.stderr:
            raise SystemExit(f"antsibull-changelog release:\n{done.stdout}{done.stderr}")
    return (root / "CHANGELOG.rst").read_text(encoding="utf-8")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        archives = []
        for name, umask, backwards in (("one", 0o022, False), ("another", 0o077, True)):
            root, target = Path(scratch, name), Path(scratch, f"{name}-built")
            copy(root, umask, backwards)
            target.mkdir()
            changelog = release(root)
            archives.append(build(target, root))
            time.sleep(1)  # for a later time stamp
        print(f"The changelog has {len(changelog.splitlines())} lines.")
        sums = [hashlib.sha256(archive.read_bytes()).hexdigest() for archive in archives]
        if sums[0] != sums[1]:
            raise SystemExit(f"Two builds of the same sources differ: {sums[0]} and {sums[1]}.")
        print(f"{archives[0].name} is the same from two copies of the sources: SHA-256 {sums[0]}")
        found = complaints(archives[0], thorough=True)
        if found:
            raise SystemExit("\n".join(["galaxy-importer:", *found]))
        print("galaxy-importer has nothing to complain of.")


if __name__ == "__main__":
    main()
