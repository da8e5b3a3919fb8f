# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Define checks for query parameters and for fields in a request body.

A check is a function that returns None for a valid value. For any other value, it returns the requirement, such as
"must be true or false".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Check = Callable[[Any], str | None]

INT32 = 2**31 - 1
INT64 = 2**63 - 1


def unless(is_valid: bool, requirement: str) -> str | None:
    """Return None if the value is valid, or else the requirement that the value does not meet."""
    return None if is_valid else requirement


def any_value(value: Any) -> str | None:
    """Accept any value."""
    return None


def non_empty_string(value: Any) -> str | None:
    """Accept a string with at least one character."""
    return unless(isinstance(value, str) and value != "", "must be a non-empty string")


def string(value: Any) -> str | None:
    """Accept any string, including an empty string."""
    return unless(isinstance(value, str), "must be a string")


def boolean(value: Any) -> str | None:
    """Accept a JSON boolean."""
    return unless(isinstance(value, bool), "must be true or false")


def json_object(value: Any) -> str | None:
    """Accept a JSON object with any content."""
    return unless(isinstance(value, dict), "must be an object")


def nullable(check: Check) -> Check:
    """Return a check that accepts null and all values that another check accepts."""

    def check_or_null(value: Any) -> str | None:
        complaint = None if value is None else check(value)
        return f"{complaint} or null" if complaint else None

    return check_or_null


def one_of(*values: str) -> Check:
    """Return a check that accepts only the given strings. The check is case-sensitive."""

    def check(value: Any) -> str | None:
        return unless(value in values, f"must be {' or '.join(values)}")

    return check


def integer(minimum: int, maximum: int = INT64) -> Check:
    """Return a check that accepts a decimal integer string within an inclusive range."""

    def check(value: Any) -> str | None:
        is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= len(str(maximum))
        is_valid = is_number and minimum <= int(value) <= maximum
        return unless(is_valid, f"must be an integer from {minimum} to {maximum}")

    return check


flag = one_of("true", "false")


def list_of_strings(value: Any) -> str | None:
    """Accept an array of non-empty strings. The array may be empty."""
    is_valid = isinstance(value, list) and all(isinstance(item, str) and item for item in value)
    return unless(is_valid, "must be a list of non-empty strings")


def list_of_non_empty_strings(value: Any) -> str | None:
    """Accept a non-empty array of non-empty strings."""
    is_valid = list_of_strings(value) is None and value != []
    return unless(is_valid, "must be a non-empty list of non-empty strings")
