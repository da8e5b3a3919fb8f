# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""What is in a text that is no text: halves of characters, which JSON can spell and nothing can write, send or display,
and what steers a terminal.
"""

from __future__ import annotations

import json
import re
import typing as t

_HALVES = re.compile("[\ud800-\udfff]")
# What steers a terminal or turns the direction of writing. Line feeds and tabulators are harmless.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def holds_halves(value: t.Any) -> bool:
    """Whether there are halves of characters anywhere in a value of plain types."""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return not text.isascii() and _HALVES.search(text) is not None


def without_halves(value: t.Any) -> t.Any:
    """A value out of JSON with the sign for what is no character in the place of each half of one."""
    if isinstance(value, str):
        return _HALVES.sub("\ufffd", value)
    if isinstance(value, dict):
        return {without_halves(key): without_halves(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_halves(item) for item in value]
    return value


def printable(value: t.Any) -> t.Any:
    """A text that may hold a service's words, with what a terminal would obey shown by its number; else the value.

    Ansible displays the messages of failures and warnings as they are.
    """
    return _STEERING.sub(lambda found: f"[U+{ord(found[0]):04X}]", value) if isinstance(value, str) else value
