# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server with a script: it gives one answer after the other, whatever it is asked, and keeps what that was."""

from __future__ import annotations

import json
import threading
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SCRIPT_ENDED = 418


@dataclass(frozen=True)
class Refused:
    """An answer that is none."""

    status: int


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    script: Scripted


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer is sent as a whole
    server: _Server

    def do_GET(self) -> None:
        answer = self.server.script.answer(f"{self.command} {self.path}", self.headers["Accept"])
        status = answer.status if isinstance(answer, Refused) else 200
        body = b"" if isinstance(answer, Refused) else answer
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Nothing is written anywhere."""


class Scripted:
    """The server. Use it in a with statement; begin each test with :meth:`begin`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.accepted: list[str] = []
        self._answers: deque[Any] = deque()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.script = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> Scripted:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def begin(self, *answers: Any) -> None:
        """Forget what was asked. The answers are JSON, or bytes as they are, or :class:`Refused`."""
        self.asked, self.accepted, self._answers = [], [], deque(answers)

    def answer(self, asked: str, accepted: str) -> Any:
        """The next answer; a refusal that nobody expects if there is none left."""
        self.asked.append(asked)
        self.accepted.append(accepted)
        return self._answers.popleft() if self._answers else Refused(SCRIPT_ENDED)
