# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The last line of .ci/run contains the number of tests with each result, and its exit status is the status of make."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.modules import ROOT

PASSED = "=========== \033[32m10 passed\033[0m, 2 skipped in 3.21s ==========="
PASSED_SLOWLY = "==== 20 passed, 1 skipped in 70.21s (0:01:10) ===="
FAILED = "=== 1 failed, 5 passed, 2 skipped, 3 errors in 4.00s ==="
NO_RESULT = ("=== short test summary info ===", "FAILED test_a.py::test_b - assert '7 passed' in ''", "9 passed")


def run(folder: Path, status: int, *lines: str) -> tuple[int, list[str]]:
    """Run the script with a program instead of make, and return its exit status and the lines that it adds."""
    make = folder / "make"
    make.write_text(f"#!/bin/sh\ncat '{folder}/output'\nexit {status}\n", encoding="utf-8")
    make.chmod(0o755)
    (folder / "output").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    (folder / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci")
    path = os.pathsep.join((str(folder), os.environ["PATH"]))
    done = subprocess.run(
        [folder / ".ci" / "run"], check=False, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    printed = done.stdout.splitlines()
    assert printed[: len(lines)] == list(lines)
    return done.returncode, [re.sub(r"\d+\.\d\ds", "1.00s", line) for line in printed[len(lines) :]]


@pytest.mark.parametrize(
    ("status", "lines", "counts"),
    [
        (0, [PASSED, PASSED_SLOWLY], "30 passed, 3 skipped"),
        (2, [PASSED, *NO_RESULT, FAILED], "1 failed, 15 passed, 4 skipped, 3 errors"),
        (2, ["=== 1 error in 1.00s ==="], "0 passed, 0 skipped, 1 error"),
        (2, ["ruff: error"], "0 passed, 0 skipped, 1 error"),
        (2, [PASSED, "make: *** [sanity] Error 1"], "10 passed, 2 skipped, 1 error"),
    ],
    ids=["passed", "failed", "error of a test", "check", "check after tests"],
)
def test_the_last_line_contains_all_results(tmp_path: Path, status: int, lines: list[str], counts: str) -> None:
    assert run(tmp_path, status, *lines) == (status, [f"============ {counts} in 1.00s ============"])
