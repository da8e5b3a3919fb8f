# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The declarative part of strictness: what a query parameter or a field of a body may be.

A check takes a value and returns None if it is fine, else the second half of a sentence ("is true or false").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[Any], str | None]


def anything(value: Any) -> str | None:
    """Any value at all."""
    return None


def text(value: Any) -> str | None:
    """A JSON string or a query value that is not empty."""
    return None if isinstance(value, str) and value else "is a text that is not empty"


def string(value: Any) -> str | None:
    """A JSON string, empty or not."""
    return None if isinstance(value, str) else "is a string"


def boolean(value: Any) -> str | None:
    """A JSON boolean."""
    return None if isinstance(value, bool) else "is true or false"


def one_of(*words: str) -> Check:
    """One of the words, exactly as spelt."""

    def check(value: Any) -> str | None:
        return None if value in words else f"is {' or '.join(words)}"

    return check


INT32 = 2**31 - 1
INT64 = 2**63 - 1


def whole_number(minimum: int, maximum: int = INT64) -> Check:
    """A query value in digits, of at least ``minimum`` and at most ``maximum``."""

    def check(value: Any) -> str | None:
        digits = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(maximum))
        return None if digits and minimum <= int(value) <= maximum else f"is a whole number from {minimum} to {maximum}"

    return check


flag = one_of("true", "false")


def list_of_texts(value: Any) -> str | None:
    """A JSON array of strings, with at least one."""
    fine = isinstance(value, list) and value and all(isinstance(item, str) and item for item in value)
    return None if fine else "is a list of texts that is not empty"


def object_with(*names: str) -> Check:
    """A JSON object of strings that has no other keys than these."""

    def check(value: Any) -> str | None:
        fine = isinstance(value, dict) and set(value) <= set(names) and all(isinstance(v, str) for v in value.values())
        return None if fine else f"is an object of texts with no other keys than {', '.join(names)}"

    return check
