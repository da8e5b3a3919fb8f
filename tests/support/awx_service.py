# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the fake AWX API in a separate process: ``awx_service.py start DIRECTORY``, and ``stop`` to end the process. The
file ``url`` in the directory contains the address, and the directory ``projects`` contains the projects.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.awx import Awx


def serve(folder: Path) -> None:
    """Serve until the process is stopped."""
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_signal: ended.set())
    with Awx(folder / "projects") as awx:
        (folder / "pid").write_text(str(os.getpid()), encoding="utf-8")
        (folder / "url").write_text(awx.url, encoding="utf-8")
        ended.wait()


def start(folder: Path) -> None:
    """Start a service in the background, and return when its address is known."""
    (folder / "projects").mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("w", encoding="utf-8") as log:
        subprocess.Popen(
            [sys.executable, __file__, "serve", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    end = time.monotonic() + 30
    while not (folder / "url").exists():
        if time.monotonic() > end:
            raise SystemExit((folder / "log").read_text(encoding="utf-8"))
        time.sleep(0.05)


def stop(folder: Path) -> None:
    """Stop the service of this directory if it is running."""
    if (folder / "pid").exists():
        os.kill(int((folder / "pid").read_text(encoding="utf-8")), signal.SIGTERM)
    for name in ("pid", "url"):
        (folder / name).unlink(missing_ok=True)


if __name__ == "__main__":
    {"serve": serve, "start": start, "stop": stop}[sys.argv[1]](Path(sys.argv[2]))
