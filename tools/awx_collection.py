# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install the collection awx.awx, which the role awx_setup uses, in .cache/collections.

Static checks and tests require the collection. The script extracts the collection from the Python package ``ansible``,
because the package index also provides all other development dependencies. The package itself is not installed.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from environment import COLLECTIONS

PACKAGE = "ansible==12.3.0"
SHA256 = "cd156f82fa87f7a899212b0efa9f7ca3a24d609212de9f78428a572eb01e5414"
VERSION = "24.6.1"
INSIDE = "ansible_collections/awx/awx/"


def version(collections: Path) -> str | None:
    """Return the version of awx.awx in a collections folder."""
    manifest = collections / INSIDE / "MANIFEST.json"
    if not manifest.exists():
        return None
    found: str = json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"]
    return found


def download(folder: Path) -> Path:
    """Download the package, let pip verify its checksum, and return its path."""
    desired = folder / "requirements.txt"
    desired.write_text(f"{PACKAGE} --hash=sha256:{SHA256}\n", encoding="utf-8")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet")
    done = subprocess.run(
        (*pip, "--no-deps", "--only-binary=:all:", "--require-hashes", "--dest", str(folder), "-r", str(desired)),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        raise SystemExit(f"Could not download {PACKAGE}, which contains the collection awx.awx:\n{done.stdout}")
    return wheels[0]


def install(collections: Path) -> None:
    """Extract awx.awx from the package, and replace an older version atomically."""
    target = collections / INSIDE
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=collections) as folder:
        with zipfile.ZipFile(download(Path(folder))) as package:
            package.extractall(folder, [name for name in package.namelist() if name.startswith(INSIDE)])
        if version(Path(folder)) != VERSION:
            raise SystemExit(f"{PACKAGE} does not contain awx.awx {VERSION}.")
        shutil.rmtree(target, ignore_errors=True)
        (Path(folder) / INSIDE).rename(target)


if __name__ == "__main__":
    if version(COLLECTIONS) != VERSION:
        install(COLLECTIONS)
