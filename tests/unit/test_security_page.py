# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page on security, and the model of threats, name a test for each promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "security_tests.rst"
THREATS = ROOT / "SECURITY.md"


@pytest.mark.parametrize("page", [PAGE, THREATS], ids=lambda page: page.name)
def test_every_test_that_is_named_is_there(page: Path) -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", page.read_text(encoding="utf-8"))
    assert len(named) > 20
    missing = [
        f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text(encoding="utf-8")
    ]
    assert missing == []


def test_whatever_an_attacker_cannot_do_is_shown_by_a_test_and_what_they_can_is_said() -> None:
    chapter = THREATS.read_text(encoding="utf-8").partition("\n## Who could do what\n")[2]
    attackers = chapter.split("\n### ")[1:]
    assert len(attackers) == 6
    for text in attackers:
        assert "**can**" in text
        claims = re.findall(r"^\| (?!It cannot|They cannot|Another user cannot)(.+) \| (.*) \|$", text, re.MULTILINE)
        assert len(claims) >= 3
        assert [claim for claim, tests in claims if "`tests/" not in tests] == []
