# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Test lone surrogates, terminal control characters and invisible characters."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import (
    MAX_LINE,
    has_surrogates,
    is_printable,
    one_line,
    printable,
    replace_surrogates,
)

STRINGS = st.text(st.characters(codec=None), max_size=5)
VALUES = st.recursive(
    STRINGS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
)


@pytest.mark.parametrize("value", ["", "ü", "\U0001f642", {"a": ["\U0001f642"]}, None, 5])
def test_a_valid_string_is_unchanged(value: Any) -> None:
    assert not has_surrogates(value)
    assert replace_surrogates(value) == value


@pytest.mark.parametrize("value", ["\ud800", "a\udfffb", {"a": ["\ud83d"]}, {"\ude42": 1}])
def test_a_lone_surrogate_is_found_anywhere(value: Any) -> None:
    assert has_surrogates(value)


@given(VALUES)
def test_what_is_without_halves_can_be_written(value: Any) -> None:
    whole = replace_surrogates(value)
    json.dumps(whole, ensure_ascii=False).encode()
    assert not has_surrogates(whole)
    assert (whole == value) is not has_surrogates(value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc ü \U0001f642", "a\tb\nc ü \U0001f642"),
        ("\x1b[31mred\x07", "[U+001B][31mred[U+0007]"),
        ("\x00\x08\x0b\x1f\x7f\x9f", "[U+0000][U+0008][U+000B][U+001F][U+007F][U+009F]"),
        ("\u202etxt.exe\u2066", "[U+202E]txt.exe[U+2066]"),
        ("a\r\nb\rc", "a\r\nb[U+000D]c"),
        ("a\u2028b\u2029c\x85d", "a[U+2028]b[U+2029]c[U+0085]d"),
        ("ad\u200bm\u200ci\u200dn\u200e\u200f", "ad[U+200B]m[U+200C]i[U+200D]n[U+200E][U+200F]"),
        ("\ufeffa\u00adb\u2060c\u3164d\u034fe", "[U+FEFF]a[U+00AD]b[U+2060]c[U+3164]d[U+034F]e"),
        ("a\U000e0041\U000e007f\U000e0001", "a[U+E0041][U+E007F][U+E0001]"),
        ("a\ufe0f\U000e0100\U000e0101", "a[U+FE0F][U+E0100][U+E0101]"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"),
        (
            "\U0001f468\u200d\U0001f469 \u2764\ufe0f 1\ufe0f\u20e3",
            "\U0001f468\u200d\U0001f469 \u2764\ufe0f 1\ufe0f\u20e3",
        ),
        ("\u845b\U000e0100", "\u845b\U000e0100"),
        (7, 7),
        (None, None),
    ],
)
def test_a_control_character_is_replaced_by_its_number(text: Any, shown: Any) -> None:
    assert printable(text) == shown


def test_control_and_format_characters_are_never_left() -> None:
    for code in (*range(0x300), *range(0x2000, 0x2070), 0xFEFF, *range(0xE0000, 0xE0080)):
        character = chr(code)
        category = unicodedata.category(character)
        if category != "Cn":
            harmful = category in ("Cc", "Cf", "Zl", "Zp") and character not in "\t\n"
            assert is_printable(f"a{character}b") is not harmful, code
        assert is_printable(printable(f"a{character}b")), code


@given(STRINGS)
def test_a_printable_string_is_unchanged(text: str) -> None:
    assert (printable(text) == text) is is_printable(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a b  c", "a b  c"),
        ("a\nb\r\nc\td\u2028e", "a b c d e"),
        (" \x1b[2J\n", "[U+001B][2J"),
        ("a\ud800b", "a\ufffdb"),
        (None, "None"),
        ("x" * MAX_LINE, "x" * MAX_LINE),
        ("x" * (MAX_LINE + 1), "x" * (MAX_LINE - 4) + " ..."),
    ],
)
def test_a_message_is_one_line(text: object, line: str) -> None:
    assert one_line(text) == line
