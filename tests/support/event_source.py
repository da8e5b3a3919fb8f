# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the event source with or without ansible-rulebook as a process, and wait for its output."""

from __future__ import annotations

import importlib.metadata
import json
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest

from support import environments
from support.deadline import HANGS
from support.modules import COLLECTIONS, environment

SOURCE = Path("ansible_collections/hybrid/connectors/extensions/eda/plugins/event_source/connector_health.py")
# Background jobs of a non-interactive shell and their children ignore SIGINT.
INTERRUPTIBLE = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])"
)

Found = TypeVar("Found")
Event = dict[str, Any]


class Process:
    """A process whose output is read line by line. Use it in a with statement, which ends it."""

    def __init__(self, command: list[str | Path], folder: Path, env: Mapping[str, str]) -> None:
        self.output = ""
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTIBLE, *map(str, command)],
            cwd=folder,
            env=environment(folder, **{"ANSIBLE_HOME": str(folder / ".ansible"), **env}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.interrupt()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.output += line
            self._lines.put(line)
        self._lines.put(None)

    def line(self, fits: Callable[[str], Found | None], seconds: float = HANGS) -> Found:
        """Return the result of the function for the next line with a result."""
        until = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, until - time.monotonic()))
            except queue.Empty:
                line = None
            assert line is not None, f"Nothing that fits came:\n{self.output[-4000:]}"
            found = fits(line)
            if found is not None:
                return found

    def interrupt(self) -> int:
        """Interrupt the process like a terminal, and return its exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        return self.wait()

    def wait(self, seconds: float = HANGS) -> int:
        """Wait until the process ends, and return its exit status."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise AssertionError(f"It did not end within {seconds} s:\n{self.output[-4000:]}") from None
        finally:
            self._process.wait()
            self._reader.join()
            assert self._process.stdout is not None
            self._process.stdout.close()


def _event(line: str) -> Event | None:
    if not line.startswith("{"):
        return None
    event: Event = json.loads(line)["connector_health"]
    return event


class Source(Process):
    """The event source as a process."""

    def __init__(self, folder: Path, options: Mapping[str, Any], env: Mapping[str, str]) -> None:
        given = folder / "options.json"
        given.write_text(json.dumps(options), encoding="utf-8")
        super().__init__([sys.executable, COLLECTIONS / SOURCE, given], folder, env)

    def __enter__(self) -> Source:
        return self

    def event(self) -> Event:
        """Return the next event."""
        return self.line(_event)

    def events(self) -> list[Event]:
        """Interrupt the process, and return all of its events."""
        self.interrupt()
        return [event for event in map(_event, self.output.splitlines()) if event]


def rulebook_programs() -> Path:
    """The folder with ansible-rulebook and the ansible-core of these tests. Skip the test if Java is missing."""
    java = shutil.which("java")
    reported = subprocess.run([java, "-version"], check=False, capture_output=True, text=True).stderr if java else ""
    found = re.search(r'version "(\d+)', reported)
    if not found or int(found.group(1)) < 17:
        pytest.skip("ansible-rulebook needs Java 17 or later, and there is none on the search path.")
    return environments.programs("rulebook", f"ansible-core=={importlib.metadata.version('ansible-core')}")
