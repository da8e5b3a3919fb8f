# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of messages. The tests that produce a message check its wording."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.messages import TABLE, MessageTable, parse, render

SOURCES = [path.read_text(encoding="utf-8") for path in TABLE.parent.rglob("*.py") if path.name != Path(__file__).name]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = tmp_path / "messages.txt"
    made.write_text("# A comment.\n\n[a.row]\nNo '<thing>'.\n", encoding="utf-8")
    return made


def test_every_row_is_used(messages: MessageTable) -> None:
    assert [name for name in messages.rows if not any(f'"{name}"' in source for source in SOURCES)] == []


def test_every_message_is_shown_once(messages: MessageTable) -> None:
    assert len(set(messages.rows.values())) == len(messages.rows)


def test_the_table_is_sorted(messages: MessageTable) -> None:
    assert TABLE.read_text(encoding="utf-8") == render(messages.comment, messages.rows)


def test_a_message_with_its_facts_passes(path: Path) -> None:
    MessageTable(path, write=False).check("a.row", "No 'x'.", thing="x")


@pytest.mark.parametrize(
    ("name", "message", "facts"),
    [
        ("a.row", "Not 'x'.", {"thing": "x"}),
        ("a.row", "No 'y'.", {"thing": "x"}),
        ("a.row", "No 'x'. And more.", {"thing": "x"}),
        ("a.row", "No 'x'.", {}),
        ("a.row", "No 'x'.", {"thing": "x", "other": "y"}),
        ("a.row", None, {"thing": "x"}),
    ],
    ids=["other wording", "other fact", "more words", "no fact", "unused fact", "no message"],
)
def test_any_other_message_fails(path: Path, name: str, message: str | None, facts: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        MessageTable(path, write=False).check(name, message, **facts)


def test_a_message_without_a_row_fails(path: Path) -> None:
    with pytest.raises(KeyError):
        MessageTable(path, write=False).check("b.row", "")


def test_a_reworded_message_is_written(path: Path) -> None:
    MessageTable(path, write=True).check("a.row", "Thing 'x' of 'xx'.", thing="x")
    MessageTable(path, write=True).check("b.row", "None.")
    assert parse(path.read_text(encoding="utf-8")) == (
        "# A comment.\n\n",
        {"a.row": "Thing '<thing>' of 'xx'.", "b.row": "None."},
    )
