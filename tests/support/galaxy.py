# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Provide a Galaxy server that only contains this collection, built from the source tree."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support.modules import ROOT, environment

COLLECTION = "/api/v3/collections/hybrid/connectors/"


def _build(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "ansible", "galaxy", "collection", "build", "--output-path", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
        env=environment(folder, ANSIBLE_HOME=str(folder / ".ansible")),
    )
    [archive] = folder.glob("*.tar.gz")
    return archive


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Start a Galaxy server, and yield its address for ANSIBLE_GALAXY_SERVER."""
    archive = _build(folder)
    content = archive.read_bytes()
    version = archive.name.removesuffix(".tar.gz").rpartition("-")[2]

    def response(path: str, origin: str) -> Any:
        if path == "/api/":
            return {"available_versions": {"v3": "v3/"}}
        if path == COLLECTION:
            return {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
        if path == f"{COLLECTION}versions/":
            return {"meta": {"count": 1}, "links": {"next": None}, "data": [{"version": version}]}
        if path == f"{COLLECTION}versions/{version}/":
            return {
                "namespace": {"name": "hybrid"},
                "collection": {"name": "connectors"},
                "version": version,
                "href": path,
                "download_url": f"{origin}/{archive.name}",
                "artifact": {"sha256": hashlib.sha256(content).hexdigest()},
                "metadata": {"dependencies": {}},
                "signatures": [],
            }
        return content if path == f"/{archive.name}" else None

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = response(self.path.partition("?")[0], f"http://{self.headers['Host']}")
            body = found if isinstance(found, bytes) else json.dumps(found or {}).encode()
            self.send_response(200 if found else 404)
            self.send_header(
                "Content-Type", "application/octet-stream" if isinstance(found, bytes) else "application/json"
            )
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_message: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
