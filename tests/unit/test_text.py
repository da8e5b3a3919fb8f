# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Halves of characters, which JSON can spell, and what steers a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils._text import holds_halves, printable, without_halves

TEXTS = st.text(st.characters(codec=None), max_size=5)
VALUES = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
)


@pytest.mark.parametrize("value", ["", "ü", "\U0001f642", {"a": ["\U0001f642"]}, None, 5])
def test_what_can_be_written_is_whole_and_stays_as_it_is(value: Any) -> None:
    assert not holds_halves(value)
    assert without_halves(value) == value


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb", {"a": ["\ud83d"]}, {"\ude42": 1}])
def test_a_half_is_found_wherever_it_is(value: Any) -> None:
    assert holds_halves(value)


@given(VALUES)
def test_what_is_without_halves_can_be_written(value: Any) -> None:
    whole = without_halves(value)
    json.dumps(whole, ensure_ascii=False).encode()
    assert not holds_halves(whole)
    assert (whole == value) is not holds_halves(value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc ü \U0001f642", "a\tb\nc ü \U0001f642"),
        ("\x1b[31mred\x07", "[U+001B][31mred[U+0007]"),
        ("\x00\x08\x0b\x1f\x7f\x9f", "[U+0000][U+0008][U+000B][U+001F][U+007F][U+009F]"),
        ("\u202etxt.exe\u2066", "[U+202E]txt.exe[U+2066]"),
        (7, 7),
        (None, None),
    ],
)
def test_what_a_terminal_would_obey_is_shown_by_its_number(text: Any, shown: Any) -> None:
    assert printable(text) == shown
