# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Timestamps have the same meaning with every Python version."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from support.modules import ROOT
from support.timestamps import NOT_READ, NUMBERS, READ

TIMESTAMPS = ROOT / "plugins" / "module_utils" / "_timestamps.py"
PROGRAM = """
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("timestamps", sys.argv[1])
timestamps = importlib.util.module_from_spec(spec)
spec.loader.exec_module(timestamps)
found = [timestamps.parse_timestamp(value) for value in json.load(sys.stdin)]
print(json.dumps([timestamp and timestamps.iso(timestamp) for timestamp in found]))
"""


def pythons() -> Iterator[str]:
    """Yield the installed Python interpreters that the modules support."""
    yield sys.executable
    for minor in range(9, 20):
        python = shutil.which(f"python3.{minor}")
        # A shim of pyenv does not run if its version is not selected.
        if python and subprocess.run([python, "--version"], check=False, capture_output=True).returncode == 0:
            yield python


def test_every_python_reads_the_same() -> None:
    values = [*READ, *NUMBERS, *NOT_READ]
    meanings = [*READ.values(), *NUMBERS.values(), *(None for _value in NOT_READ)]
    for python in pythons():
        done = subprocess.run(
            [python, "-c", PROGRAM, str(TIMESTAMPS)],
            input=json.dumps(values),
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert json.loads(done.stdout) == meanings, python
