# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The security pages name an existing test for each guarantee."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.deadline import HANGS

pytestmark = pytest.mark.extended

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "security_tests.rst"
THREATS = ROOT / "SECURITY.md"


def collected(tests: set[str]) -> subprocess.CompletedProcess[str]:
    """Collect tests by their IDs with pytest, without running the tests."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", *sorted(tests)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=HANGS,
    )


def test_pytest_collects_every_named_test() -> None:
    named = set(re.findall(r"`(tests/[\w/]+\.py::test_\w+)`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 60
    done = collected(named)
    assert done.returncode == 0, done.stdout + done.stderr
    assert named <= {line.partition("[")[0] for line in done.stdout.splitlines()}


def test_pytest_rejects_the_id_of_a_missing_test() -> None:
    missing = f"{Path(__file__).relative_to(ROOT)}::test_that_does_not_exist"
    assert f"not found: {ROOT / missing}" in collected({missing}).stderr


def test_every_attacker_of_the_threat_model_has_tests() -> None:
    attackers = re.findall(r"^### (.+)$", THREATS.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(attackers) == 6
    chapter = PAGE.read_text(encoding="utf-8").partition("\nAttackers\n---------\n")[2]
    parts = re.split(r"\n(.+)\n~+\n", chapter)
    tables = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert list(tables) == attackers
    for attacker, table in tables.items():
        claims = re.split(r"\n   \* - ", table)[2:]
        assert len(claims) >= 3, attacker
        assert [claim for claim in claims if "\n     - ``tests/" not in claim] == []
