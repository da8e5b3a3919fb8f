# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Create virtual environments, and the collections folder in which Ansible and Python find this source tree.

Run with the Python of a virtual environment, this script installs its arguments in that environment:
``python environment.py -r requirements/development.txt``.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
COLLECTIONS = CACHE / "collections"


def as_pip_does() -> dict[str, str]:
    """Return environment variables that make uv use pip's package index and the CA certificates of this machine."""
    index = os.environ.get("PIP_INDEX_URL")
    return {**os.environ, "UV_SYSTEM_CERTS": "true", **({"UV_DEFAULT_INDEX": index} if index else {})}


def run(*command: str | Path) -> bool:
    """Run a command, and print its output only if the command fails."""
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        env=as_pip_does(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def create(folder: Path, interpreter: Path) -> Path:
    """Create an empty virtual environment, which replaces an existing one, and return its Python interpreter."""
    if not run(interpreter, "-m", "venv", "--clear", folder):
        raise SystemExit(f"{interpreter} could not create a virtual environment in {folder}.")
    return folder / "bin" / "python"


def install(python: Path, *desired: str) -> None:
    """Install requirements in a Python environment with uv, or with pip if uv is not available.

    Both compile the packages to bytecode. The Makefile disables bytecode for other runs, and Ansible would then take
    twice as long to start.
    """
    pip = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    uv = Path(sys.executable).parent / "uv"
    if (uv.exists() or run(sys.executable, *pip, "uv")) and run(
        uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, *desired
    ):
        return
    print("uv is not available. Installing with pip, which takes longer.", file=sys.stderr)
    if not run(python, *pip, *desired):
        raise SystemExit(f"Could not install {' '.join(desired)}; see the messages of pip above.")


def separate(name: str, *more: str) -> Path:
    """Create a separate environment from requirements/<name>.txt, and return the folder of its programs.

    Some tools have dependencies that conflict with those of the development environment. The environment is created on
    first use, and again when its requirements change. ``more`` contains further requirements.
    """
    python = f"python-{sys.version_info[0]}.{sys.version_info[1]}"
    folder = CACHE / "environments" / "-".join((name, *more, python))
    requirements = ROOT / "requirements" / f"{name}.txt"
    installed, desired = folder / "installed.txt", requirements.read_text(encoding="utf-8")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_text(encoding="utf-8") != desired:
            install(create(folder, Path(sys.executable)), *more, "-r", str(requirements))
            installed.write_text(desired, encoding="utf-8")
    return folder / "bin"


def link_collection() -> None:
    """Link .cache/collections/ansible_collections/hybrid/connectors to this source tree."""
    link = COLLECTIONS / "ansible_collections" / "hybrid" / "connectors"
    link.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(ROOT, link.parent.resolve())
    if not link.is_symlink() or os.readlink(link) != target:
        link.unlink(missing_ok=True)
        link.symlink_to(target, target_is_directory=True)


if __name__ == "__main__":
    link_collection()
    install(Path(sys.executable), *sys.argv[1:])
