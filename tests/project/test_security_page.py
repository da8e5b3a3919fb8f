# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The security pages name an existing test for each guarantee."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "docsite" / "rst" / "security_tests.rst"
THREATS = ROOT / "SECURITY.md"


def functions(path: Path) -> set[str]:
    """Return the names of the functions that pytest collects from a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_named_test_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE.read_text(encoding="utf-8"))
    assert len(named) > 60
    assert [f"{path}::{name}" for path, name in named if name not in functions(ROOT / path)] == []


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
