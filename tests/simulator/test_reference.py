# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of the role is complete and not too long."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.deadline import HANGS
from support.simulator import environment

from connector_simulator.faults import KEYS, Rule
from connector_simulator.quirks import QUIRKS
from connector_simulator.settings import SPEC

ROLE = Path(__file__).parents[2] / "roles" / "simulator"
REFERENCE = (ROLE / "REFERENCE.md").read_text(encoding="utf-8")
NAMES = [*KEYS, *QUIRKS, *(name for spec in SPEC.values() for name in spec)]


def test_the_reference_is_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "connector_simulator", "reference"],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=HANGS,
        check=True,
    )
    assert done.stdout == REFERENCE


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_names_it(name: str) -> None:
    rows = re.findall(rf"^\| `{name}` \|(.+)\|$", REFERENCE, re.MULTILINE)
    assert rows
    assert all(len(row.split()) > 2 for row in rows)


def test_the_values_of_quirks_are_explained() -> None:
    for name, quirk in QUIRKS.items():
        assert [value for value in quirk.values if value != "on" and f"`{value}`" not in quirk.summary] == [], name


def test_a_fault_has_the_documented_keys() -> None:
    assert set(KEYS) == set(vars(Rule())) - {"seen", "hits"}


def test_the_readme_is_short() -> None:
    readme = (ROLE / "README.md").read_text(encoding="utf-8")
    assert len(readme.split()) <= 1800
    assert "REFERENCE.md" in readme
