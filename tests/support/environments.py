# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments for tools whose dependencies conflict with those of the tests."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

from support.modules import ROOT

FOLDER = ROOT / ".cache" / "environments" / f"python-{sys.version_info[0]}.{sys.version_info[1]}"


def make(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make in the source tree, with the Python of the tests, and return its result."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", "--silent", f"ENVIRONMENTS={FOLDER}", f"INTERPRETER={sys.executable}", *map(str, arguments)],
        check=False,
        cwd=ROOT,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
    )


def programs(name: str, *packages: str) -> Path:
    """Create an environment from requirements/<name>.txt and more packages. Return the folder of its programs."""
    # make interprets an argument with an equals sign as a variable and not as a target.
    folder = FOLDER.joinpath(*(package.replace("==", "-") for package in packages))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = make(f"ENVIRONMENTS={folder}", f"PACKAGES={' '.join(packages)}", folder / name / ".installed")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / name / "bin"
