# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Replace characters that must not be displayed: lone surrogates, control characters and invisible characters.

JSON can contain lone surrogates, which cannot be encoded. Control characters can change the state of a terminal. Format
characters change the writing direction, break lines, or are invisible, so that two different strings look the same. The
callback plugins of Ansible display all these characters unchanged.

In messages and in the strings and keys of results, each of these characters is replaced with its code point, for
example ``[U+202E]``. The following characters are kept:

- line feeds and tabs, and a carriage return before a line feed,
- the joiners U+200C and U+200D after a character of a script that needs them, such as Arabic, Devanagari or emoji,
- one variation selector after a character that can have variants.
"""

from __future__ import annotations

import json
import re
import typing as t

_SURROGATES = re.compile("[\ud800-\udfff]")
_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_LINE_BREAKS = "\u2028\u2029"
# Characters with the Unicode property Default_Ignorable_Code_Point, except for joiners and variation selectors.
# The set also contains the interlinear annotation characters.
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff"
)
_JOINED = "\u0600-\u061b\u061d-\u180a\u1810-\u1fff\u2190-\u2bff\ua840-\uabff\ufe0f\U0001f000-\U0001faff"
# ASCII characters that a variation selector does not turn into an emoji.
_NO_SYMBOLS = '\x00-"$-)+-/:-\x7f'
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_UNSAFE = re.compile(
    f"[{_CONTROLS}{_DIRECTIONS}{_LINE_BREAKS}{_INVISIBLE}]|\r(?!\n)|(?<![{_JOINED}])[\u200c\u200d]"
    f"|(?:(?<=[{_NO_SYMBOLS}{_SELECTORS}])|^)[{_SELECTORS}]"
)
# Strings are first searched for these characters, because a search for one character set is ten times as fast.
_SUSPICIOUS = re.compile(f"[{_CONTROLS}\r{_DIRECTIONS}{_LINE_BREAKS}{_INVISIBLE}\u200c\u200d{_SELECTORS}]")
_UNSAFE_ASCII = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)")
_LINES = re.compile("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")

MAX_LINE = 5000


def has_surrogates(value: t.Any) -> bool:
    """Return whether a value, including any nested value, contains a lone surrogate."""
    try:
        json.dumps(value, default=str, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def replace_surrogates(value: t.Any) -> t.Any:
    """Replace each lone surrogate in a JSON value with U+FFFD."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {replace_surrogates(key): replace_surrogates(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(replace_surrogates, value))
    return value


def is_printable(text: str) -> bool:
    """Return whether a string contains only characters that :func:`printable` keeps."""
    if text.isascii():
        return text.isprintable() or _UNSAFE_ASCII.search(text) is None
    return _SUSPICIOUS.search(text) is None or _UNSAFE.search(text) is None


def printable(value: t.Any) -> t.Any:
    """Replace each control, format or invisible character in a string with its code point.

    A value of a different type is returned unchanged.
    """
    if not isinstance(value, str) or is_printable(value):
        return value
    return _UNSAFE.sub(numbered, value)


def one_line(value: object) -> str:
    """Convert a value to a single printable line of at most :data:`MAX_LINE` characters, for messages and logs."""
    text = replace_surrogates(str(value)[: 2 * MAX_LINE])
    line = str(printable(_LINES.sub(" ", text))).strip()
    if len(line) <= MAX_LINE:
        return line
    return line[: MAX_LINE - 4] + " ..."


def numbered(found: re.Match[str]) -> str:
    """Return the code point of a matched character, enclosed in brackets."""
    return f"[U+{ord(found[0]):04X}]"
