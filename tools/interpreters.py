# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the working Python interpreters of this machine."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

Version = tuple[int, int]
VERSIONS: tuple[Version, ...] = tuple((3, minor) for minor in range(7, 16))


def _search_path() -> list[Path]:
    return [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]


def _folders() -> Iterator[Path]:
    """Yield the folders that can contain interpreters: those of the search path, of pyenv and of uv."""
    yield from _search_path()
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")]
    roots += [folder.parent for folder in _search_path() if folder.name == "shims"]
    for root in roots:
        yield from sorted((root / "versions").glob("*/bin"))
    uv = shutil.which("uv")
    if uv:
        managed = subprocess.run([uv, "python", "dir"], check=False, capture_output=True, text=True).stdout.strip()
        yield from sorted(Path(managed).glob("*/bin")) if managed else ()


def _query(candidate: Path, code: str) -> str | None:
    """Return the output of an interpreter for some code, or None if it cannot run, for example a pyenv shim."""
    try:
        done = subprocess.run([candidate, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout.strip()


def _is_whole(candidate: Path, version: Version) -> Path | None:
    """Return the interpreter of a candidate, or None if its version differs or it cannot create environments."""
    response = _query(
        candidate,
        "import ensurepip, ssl, sys, venv; print(sys.version_info[:2], sys.prefix == sys.base_prefix, sys.executable)",
    )
    expected = f"{version} True "
    return Path(response.removeprefix(expected)) if response and response.startswith(expected) else None


@functools.cache
def interpreters() -> dict[Version, Path]:
    """Return the first working interpreter for each Python version, oldest version first."""
    folders = list(dict.fromkeys(_folders()))
    found: dict[Version, Path] = {}
    for version in VERSIONS:
        for folder in folders:
            candidate = folder / "python{}.{}".format(*version)
            interpreter = _is_whole(candidate, version) if candidate.exists() else None
            if interpreter:
                found[version] = interpreter
                break
    return found


def search_path(first: Path) -> str:
    """Return a search path that starts with a folder, followed by the folders of all working interpreters.

    The path does not contain folders of broken interpreters, because ansible-test uses the first file with a matching
    name on the search path, and fails if that file does not run.
    """
    usable = []
    for folder in _search_path():
        named = [folder / "python{}.{}".format(*version) for version in VERSIONS]
        if (folder / "sh").exists() or all(_query(python, "") is not None for python in named if python.exists()):
            usable.append(folder)
    folders = [first, *(interpreter.parent for interpreter in reversed(interpreters().values())), *usable]
    return os.pathsep.join(str(folder) for folder in dict.fromkeys(folders))


if __name__ == "__main__":
    for found_version, found_interpreter in interpreters().items():
        print("{}.{}".format(*found_version), found_interpreter)
