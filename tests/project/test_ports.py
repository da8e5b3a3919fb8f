# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports of tests that run at the same time."""

from __future__ import annotations

import subprocess
import sys

from support.deadline import HANGS
from support.modules import ROOT
from support.ports import reserve_port

RESERVE = """
import sys
sys.path.insert(0, "tests")
from support import ports
ports._PORTS = range({port}, {port} + 1)
print(ports.reserve_port())
"""


def test_another_process_cannot_reserve_the_same_port() -> None:
    port = reserve_port()
    command = [sys.executable, "-c", RESERVE.format(port=port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.stdout == ""
    *_traceback, error = done.stderr.splitlines()
    assert error.startswith("RuntimeError: ")
    assert error.count(str(port)) == 2
