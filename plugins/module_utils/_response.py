# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Represent a response, and parse its body as JSON or as an error in one of the common formats."""

from __future__ import annotations

import dataclasses
import json
import math
import re
import sys
import typing as t

from ._errors import InvalidResponse
from ._unicode import replace_surrogates

MAX_VENDOR_TEXT = 2000
# Maximum size of an error body in bytes. Messages contain less text, but redaction can only detect complete secrets.
MAX_ERROR_BYTES = 1024 * 1024
MAX_DEPTH = 100
CONTACT_VENDOR = (
    "The module cannot use this response. Run the task again. If the error persists, contact the vendor of the service."
)
# Limit the number of values, because a Python dictionary requires 25 times as much memory as its JSON text.
MAX_VALUES = 1_000_000
MAX_DIGITS = 4300
# A number that is out of range is replaced by a string with its first digits, up to this length.
MAX_NUMBER_TEXT = 40
NOT_BRACKETS = bytes(code for code in range(256) if code not in b"[{]}")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
OAUTH_CODE = re.compile("[a-z]{1,40}(_[a-z]{1,40}){1,3}")
SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")

Reduce = t.Callable[[dict[str, t.Any]], dict[str, t.Any]]


@dataclasses.dataclass(frozen=True)
class Response:
    """A response whose body was read completely.

    :ivar attempts: the number of times that the request was sent.
    :ivar unusable: a function that creates the error for a response that probably did not come from the API.
    :ivar uncertain: the number of earlier attempts that the server may have executed but that had no usable response.
    """

    status: int
    headers: t.Mapping[str, str]
    body: bytes
    attempts: int
    unusable: t.Callable[..., InvalidResponse]
    uncertain: int = 0

    @property
    def is_empty_success(self) -> bool:
        """Whether the response reports that a change was made, and has no content that could contradict it."""
        return self.status in (200, 204) and not self.body.strip()

    def malformed(self, what: str) -> InvalidResponse:
        """Return the error for an API response that differs from the documentation.

        :param what: a description of the response, which follows the word "returned" in the message.
        """
        return self.unusable(what, remedy=CONTACT_VENDOR)

    def json(self, reduce: Reduce | None = None) -> t.Any:
        """Parse the body as JSON, regardless of the content type.

        :param reduce: a function that removes unused values from each object as soon as the object is parsed, to limit
            memory use.
        :raises InvalidResponse: the body is empty, truncated, or not JSON, or has too many values or levels.
        """
        if not self.body.strip():
            raise self.unusable("an empty body")
        if sum(map(self.body.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise self.malformed(f"JSON with more than {MAX_VALUES:,} values")
        may_be_deep = _may_be_deep(self.body)
        try:
            text = self.body.removeprefix(BYTE_ORDER_MARK).decode()
            content = _parsed(text, parse_constant=_refuse_constant, object_hook=None if may_be_deep else reduce)
        except (ValueError, RecursionError):
            is_html = self.body.lstrip().startswith(b"<")
            raise self.unusable("HTML" if is_html else "content that is not JSON") from None
        if may_be_deep and _is_deep(content):
            raise self.malformed(f"JSON with more than {MAX_DEPTH} nested levels")
        if SURROGATE_ESCAPE.search(self.body):
            content = replace_surrogates(content)
        return content

    def json_object(self, reduce: Reduce | None = None) -> dict[str, t.Any]:
        """Parse the body as a JSON object.

        :param reduce: see :meth:`json`.
        :raises InvalidResponse: the body is not a JSON object.
        """
        content = self.json(reduce)
        if not isinstance(content, dict):
            raise self.unusable(f"a JSON {_json_type(content)} instead of an object")
        return content


def _int_or_text(digits: str) -> int | str:
    """Convert digits to an integer, or return the first digits as a string if there are too many."""
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    return digits[:MAX_NUMBER_TEXT]


def _finite_or_text(number: str) -> float | str:
    """Return a float, or a string if the number is out of range.

    Python reads 1e999 as infinity, which is not JSON. One such value must not make a whole list unusable.
    """
    value = float(number)
    if math.isfinite(value):
        return value
    return number[:MAX_NUMBER_TEXT]


def _parsed(text: str | bytes, **options: t.Any) -> t.Any:
    """Parse JSON with a limit on the length of integers, because Python needs minutes to convert a million digits."""
    if hasattr(sys, "get_int_max_str_digits"):
        try:
            return json.loads(text, parse_float=_finite_or_text, **options)
        except json.JSONDecodeError:
            raise
        except ValueError:  # ValueError is raised for integers with too many digits and for invalid UTF-8
            pass
    return json.loads(text, parse_float=_finite_or_text, parse_int=_int_or_text, **options)


def _may_be_deep(body: bytes) -> bool:
    """Return whether brackets, including those in strings, may be nested more than :data:`MAX_DEPTH` levels deep."""
    brackets = body.translate(None, NOT_BRACKETS)
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
        next_level: list[t.Any] = []
        for value in level:
            if isinstance(value, dict):
                next_level += value.values()
            elif isinstance(value, list):
                next_level += value
        level = next_level
    return bool(level)


def _refuse_constant(name: str) -> t.NoReturn:
    raise ValueError(f"{name} is not JSON")


def _json_type(content: object) -> str:
    return {list: "array", str: "string", bool: "boolean", type(None): "null"}.get(type(content), "number")


class VendorError(t.NamedTuple):
    """The code, the message and the request ID in the body of an error response."""

    code: str | None
    message: str | None
    request_id: str | None


def vendor_error(body: bytes, status: int) -> VendorError:
    """Parse an error body in any of the common formats. If the format is unknown, the message is the entire body.

    With a success status, the body can contain data such as the configuration of an integration, so the entire body is
    never the message.
    """
    body = body[:MAX_ERROR_BYTES]
    raw = None if 200 <= status < 300 else body.decode("utf-8", "replace").strip()
    try:
        content = _parsed(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        return VendorError(None, _first_text([raw]), None)
    if isinstance(content.get("error_description"), str):  # the format of OAuth 2.0
        request_id = _first_text(map(content.get, ("trackingId", "requestId", "request_id")))
        return VendorError(_first_text([content.get("error")]), _first_text([content["error_description"]]), request_id)
    error = _object_of(content.get("error"), "message")
    message = _object_of(error.get("message"), "value")
    errors = content.get("errors")
    first = _object_of(next(iter(errors), None) if isinstance(errors, list) else None, "description")
    codes = [error.get("code"), *map(content.get, ("code", "error_code", "errorCode")), first.get("errorCode")]
    codes.append(_oauth_code(content.get("error")))
    messages = [message.get("value"), *map(content.get, ("message", "detail", "error_details"))]
    return VendorError(
        _first_text(codes),
        _first_text([*messages, first.get("description"), first.get("message"), raw]),
        _first_text(map(content.get, ("trackingId", "requestId", "request_id"))),
    )


def _oauth_code(error: object) -> str | None:
    """Return the error code of an OAuth response that does not contain a description, or None."""
    if isinstance(error, str) and OAUTH_CODE.fullmatch(error):
        return error
    return None


def _object_of(value: t.Any, key: str) -> dict[str, t.Any]:
    """Return a value if it is an object. Otherwise, return an object that contains the value under ``key``."""
    if isinstance(value, dict):
        return value
    return {key: value}


def is_integer(value: object) -> t.TypeGuard[int]:
    """Return whether a JSON value is an integer. In Python, ``True`` and ``False`` are integers too."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_list_of(value: object, kind: type) -> t.TypeGuard[list[t.Any]]:
    """Return whether a JSON value is a list in which all entries have the given type."""
    return isinstance(value, list) and set(map(type, value)) <= {kind}


def _first_text(candidates: t.Iterable[object]) -> str | None:
    for candidate in candidates:
        if type(candidate) in (str, int) and str(candidate).strip():
            return str(candidate)
    return None
