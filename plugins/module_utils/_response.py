# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""An answer and what can be read out of it: JSON, or the words of a vendor whose shape of errors is not documented."""

from __future__ import annotations

import json
import math
import re
import sys
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import InvalidResponse
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import replace_surrogates

MAX_VENDOR_TEXT = 2000
# Far more than is shown: what is cut off before secrets are looked for can be half of one.
MAX_WORDS = 1024 * 1024
MAX_DEPTH = 100
# A dictionary in Python takes 25 times the memory of its JSON.
MAX_VALUES = 1_000_000
MAX_DIGITS = 4300
# Of a number that is out of range, which is kept as a string.
MAX_NUMBER_TEXT = 40
NO_BRACKETS = bytes(code for code in range(256) if code not in b"[{]}")
HALF = re.compile(rb"\\u[dD][89a-fA-F]")


class Response:
    """A response whose whole body was read.

    ``attempts`` counts how often the request was sent. ``uncertain`` counts the earlier attempts that the server may
    have carried out although no usable response came.
    """

    def __init__(
        self,
        status: int,
        headers: t.Mapping[str, str],
        body: bytes,
        attempts: int,
        fail: t.Callable[..., InvalidResponse],
        uncertain: int = 0,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.attempts = attempts
        self.unusable = fail
        self.uncertain = uncertain

    def json(self) -> t.Any:
        """The body as JSON, whatever its content type.

        :raises InvalidResponse: it is empty, HTML, cut or otherwise not JSON, or too large for this machine's memory.
        """
        if not self.body or self.body.isspace():
            raise self.unusable("an empty body")
        if sum(map(self.body.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise self.unusable(f"JSON of more than {MAX_VALUES:,} values")
        try:
            content = _parsed(self.body.decode("utf-8-sig"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            looks_like_html = self.body.lstrip()[:1] == b"<"
            raise self.unusable("HTML" if looks_like_html else "something that is not JSON") from None
        if _may_be_deep(self.body) and _is_deep(content):
            raise self.unusable(f"JSON of more than {MAX_DEPTH} levels")
        return replace_surrogates(content) if HALF.search(self.body) else content

    def json_object(self) -> dict[str, t.Any]:
        """The body as a JSON object.

        :raises InvalidResponse: it is not one.
        """
        content = self.json()
        if not isinstance(content, dict):
            raise self.unusable(f"a JSON {_json_type(content)} in place of an object")
        return content


def _int_or_text(digits: str) -> int | str:
    """Return an integer, or the start of its digits if it has too many of them."""
    return int(digits) if len(digits) <= MAX_DIGITS else digits[:MAX_NUMBER_TEXT]


def _finite_or_text(number: str) -> float | str:
    """Return a number with a fraction or an exponent, or its text if it is out of range.

    A float of 1e999 is infinity, which is not JSON. One such value must not make a whole list unusable.
    """
    value = float(number)
    return value if math.isfinite(value) else number[:MAX_NUMBER_TEXT]


def _parsed(text: str | bytes, **options: t.Any) -> t.Any:
    """Parse JSON. Releases of Python without a limit of their own take minutes for an integer of a million digits."""
    if hasattr(sys, "get_int_max_str_digits"):
        try:
            return json.loads(text, parse_float=_finite_or_text, **options)
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer with more digits than Python converts, or not UTF-8
            pass
    return json.loads(text, parse_float=_finite_or_text, parse_int=_int_or_text, **options)


def _may_be_deep(body: bytes) -> bool:
    """Whether brackets do not close each other within so many levels; those in texts count, too."""
    brackets = body.translate(None, NO_BRACKETS)
    if len(brackets) > 2 * MAX_VALUES:
        return True
    for _level in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return bool(brackets)


def _is_deep(content: t.Any) -> bool:
    level = [content]
    for _depth in range(MAX_DEPTH + 1):
        level = [
            inner
            for value in level
            if isinstance(value, (dict, list))
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return bool(level)


def _refuse_constant(name: str) -> t.NoReturn:
    raise ValueError(f"{name} is not JSON")


def _json_type(content: object) -> str:
    return {list: "array", str: "string", bool: "boolean", type(None): "null"}.get(type(content), "number")


def _first_text(*candidates: object) -> str | None:
    for candidate in candidates:
        if isinstance(candidate, (str, int)) and not isinstance(candidate, bool) and str(candidate).strip():
            return str(candidate)
    return None


def vendor_error(body: bytes) -> tuple[str | None, str | None, str | None]:
    """Code, message and request id out of an error body of any of the shapes in use; the raw text if it is of none."""
    body = body[:MAX_WORDS]
    raw = body.decode("utf-8", "replace").strip()
    try:
        content = _parsed(body)
    except (ValueError, RecursionError):
        return None, raw or None, None
    if not isinstance(content, dict):
        return None, raw or None, None
    error = content.get("error")
    inner = error if isinstance(error, dict) else {}
    message = inner.get("message")
    errors = content.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    first = first if isinstance(first, dict) else {"description": first}
    return (
        _first_text(
            inner.get("code"),
            content.get("code"),
            content.get("error_code"),
            content.get("errorCode"),
            first.get("errorCode"),
        ),
        _first_text(
            message.get("value") if isinstance(message, dict) else message,
            error,
            content.get("message"),
            content.get("detail"),
            content.get("error_details"),
            first.get("description"),
            first.get("message"),
            raw,
        ),
        _first_text(content.get("trackingId"), content.get("requestId"), content.get("request_id")),
    )
