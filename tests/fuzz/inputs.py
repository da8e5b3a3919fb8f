# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Unusual values: strings, numbers, dates, nesting depths and types of all kinds."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

STRINGS = (
    "", " ", ".", "..", "../../x", "/", "//evil.example/x", "a/b", "a\\b", "%2e%2e", "%2F..%2F", "a?b=c", "a&b=c",
    "a;b=c", "#f", "a#b?c", "@evil.example", "http://evil.example/", "http://user:pw@evil.example/?token=x", "a b",
    "+", "%", "%00", "\x00", "\t", "\n", "\r\nX-Evil: 1", "a\r\n\r\nGET /evil HTTP/1.1\r\nHost: evil\r\n\r\n", "\x7f",
    "\x85", "\u2028", "\u202eevil", "\ufeff", "\ufffe", "\ud800", "a\udcffb", "é", "e\u0301", "ß", "İ", "🙂", "名前",
    "\U0010ffff", "'", '"', "'\"\\", "`id`", "$(id)", "{{ 1 }}", "{% raw %}", "<script>", "None", "null", "True",
    "yes", "[", "{", "[]", "{}", "x" * 5000, "é" * 2000, "../" * 200, "a=b", "{'a': 1}", '{"a": {"b": [1]}}',
    "a=1,b=2", "!unsafe x", "*", "\\u0000",
)  # fmt: skip
NUMBERS = (
    "0", "-0", "-1", "1.5", "1e999", "-1e999", "nan", "inf", "9" * 40, "9" * 5000, "0x10", "1_000", "\u0661", "1,5",
    "0b1",
)  # fmt: skip
DATES = (
    "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789Z", "2026-01-02T03:04:05+14:00",
    "2026-01-02T03:04:05-23:59", "2026-01-02 03:04:05", "2026-01-02", "20260102T030405Z", "2026-W01-1", "2026-002",
    "03:04", "2026-02-30T00:00:00Z", "2026-06-30T23:59:60Z", "0000-00-00T00:00:00Z", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59.9999999Z", "10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z", "Fri, 02 Jan 2026 03:04:05 GMT", "Fri, 32 Foo 99999 03:04:05 GMT",
    "2026-01-02T03:04:05+99:99", "1767323045", "1767323045.000000001", "1767323045000", "2026-01-02T03:04:05Zz",
    "\u0662\u0660\u0662\u0666-\u0660\u0661-\u0660\u0662", "2026-01-02T03:04:05 +0000",
)  # fmt: skip
INTEGERS = (0, -1, 1, 2, 2**31, 2**31 - 1, -(2**31), 2**53 + 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400)
FLOATS = (0.0, -0.0, 0.1, 1e-300, 1e11, 1e15, 1e308, -1e308, 1.5, 62135596800.0, -62135596801.0)
UNBOUNDED = (float("inf"), float("-inf"), float("nan"))
DEPTHS = (1, 50, 200, sys.getrecursionlimit() // 3, sys.getrecursionlimit(), 5000)


def nested(depth: int, kind: int) -> Any:
    """Return nested lists or objects."""
    value: Any = "deep"
    for _level in range(depth):
        value = [value] if kind else {"a": value}
    return value


strings = st.one_of(
    st.sampled_from(STRINGS),
    st.sampled_from(DATES),
    st.sampled_from(NUMBERS),
    st.text(max_size=20),
    st.text(st.characters(codec=None, categories=("Cc", "Cf", "Cs", "Zl", "Zs", "Po")), max_size=8),
)
numbers = st.one_of(st.sampled_from(INTEGERS), st.sampled_from(FLOATS), st.integers(), st.floats(allow_nan=False))
scalars = st.one_of(st.none(), st.booleans(), strings, numbers)
deep = st.builds(nested, st.sampled_from(DEPTHS[:4]), st.integers(0, 1))
values = st.one_of(
    scalars,
    st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3), max_leaves=6
    ),
    deep,
)


def examples(few: int) -> settings:
    """Return this number of examples, or a multiple of it in the thorough profile."""
    return settings(max_examples=few if settings().derandomize else 25 * few)


def places(content: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every position in a response: a container and a key."""
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(content, dict):
        pairs = content.items()
    elif isinstance(content, list):
        pairs = enumerate(content)
    for key, inner in list(pairs):
        yield content, key
        yield from places(inner)


def changed(content: Any, at: float, how: str, name: str, value: Any) -> Any:
    """Return a response with a change at one position: a different, missing or repeated value or field."""
    wrapped = [content]
    everywhere = list(places(wrapped))
    container, key = everywhere[int(at * len(everywhere))]
    if how == "value":
        container[key] = value
    elif how == "missing" and container is not wrapped:
        del container[key]
    elif how == "more" and isinstance(container[key], dict):
        container[key][name] = value
    elif how == "renamed" and isinstance(container, dict):
        container[name] = container.pop(key)
    elif how == "again" and isinstance(container[key], list):
        container[key] = container[key] * 2
    return wrapped[0]
