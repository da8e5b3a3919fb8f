# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on security, and the model of threats, name a test for each promise."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "security_tests.rst"
THREATS = ROOT / "SECURITY.md"


def test_every_named_test_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 60
    missing = [
        f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


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
