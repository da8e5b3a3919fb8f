# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools that cannot be in one environment with all else, each in one of its own that is kept for the next run."""

from __future__ import annotations

import fcntl
import importlib.metadata
import sys
from pathlib import Path

from environment import create, install

from support.modules import ROOT


def rulebook() -> Path:
    """The folder of programs of an environment with ansible-rulebook and the ansible-core that runs these tests."""
    version = importlib.metadata.version("ansible-core")
    return _programs("rulebook", f"ansible-core-{version}", f"ansible-core=={version}")


def navigator() -> Path:
    """The folder of programs of an environment with ansible-navigator. Its ansible-core is one that suits it."""
    return _programs("navigator", "ansible-navigator")


def _programs(name: str, kind: str, *more: str) -> Path:
    folder = ROOT / ".cache" / name / "{}-python-{}.{}".format(kind, *sys.version_info)
    requirements = ROOT / "requirements" / f"{name}.txt"
    installed, wanted = folder / "installed.txt", requirements.read_text(encoding="utf-8")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not installed.exists() or installed.read_text(encoding="utf-8") != wanted:
            python = create(folder, Path(sys.executable))
            install(python, *more, "-r", str(requirements))
            installed.write_text(wanted, encoding="utf-8")
    return folder / "bin"
