# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A web server that receives notifications, as a chat service does."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """The received requests, and the response by path. The default response is 200.

    :ivar first_statuses: by path, the status codes of the first responses.
    """

    url: str
    received: list[tuple[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    responses: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    first_statuses: dict[str, list[int]] = field(default_factory=dict)

    def bodies(self, path: str) -> list[Any]:
        """Return the bodies of the requests to a path."""
        return [body for found, body in self.received if found == path]


@contextlib.contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.received.append((self.path, json.loads(body)))
            receiver.headers.append(dict(self.headers))
            status, headers, content = receiver.responses.get(self.path, (200, {}, b"ok"))
            if receiver.first_statuses.get(self.path):
                status = receiver.first_statuses[self.path].pop(0)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
