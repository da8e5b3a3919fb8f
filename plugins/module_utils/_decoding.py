# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Decode escape sequences, and map each decoded character to its position in the original string.

A service can return a secret that is percent-encoded, escaped for HTML or XML, escaped in a JSON, Python or JavaScript
literal, or encoded in several of these ways. The escape sequences are decoded repeatedly, so that a search finds the
secret itself, and :meth:`View.span` returns the span to mask in the original string.

The decoding time is proportional to the length of the string.
"""

from __future__ import annotations

import html
import re
import typing as t
from bisect import bisect_right

# Maximum number of nested encodings that are decoded.
MAX_LAYERS = 8
# Each escape sequence begins with one of these characters.
ESCAPES = "%&\\"

_SEQUENCE = re.compile(
    r"""
    \\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}      # a surrogate pair of JSON
    | \\u[0-9a-fA-F]{4} | \\u\{[0-9a-fA-F]{1,6}\} | \\U[0-9a-fA-F]{8} | \\x[0-9a-fA-F]{2} | \\[0-7]{3}
    | \\[abfnrtv0/\\"'`]
    | %u[0-9a-fA-F]{4}
    | (?P<bytes>(?:%[0-9a-fA-F]{2})+)
    | &(?:\#[0-9]{1,12}|\#[xX][0-9a-fA-F]{1,12}|[A-Za-z][A-Za-z0-9]{1,31});?
    """,
    re.VERBOSE,
)
_LETTERS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_LAST_CODE = 0x10FFFF
# Python decodes each byte that is not valid UTF-8 as one of these surrogates.
_SURROGATE_SEQUENCE = {chr(0xDC00 + byte): chr(byte) for byte in range(0x80, 0x100)}


class View:
    """A decoded string with the position of each character in the original string."""

    def __init__(self, text: str, source: View | None = None) -> None:
        self.text = text
        self._source = source
        # The start of each decoded sequence in the decoded string.
        self._places: list[int] = []
        # The start and the end of each decoded sequence in the source, and its end in the decoded string.
        self._sequences: list[tuple[int, int, int]] = []

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span in the original string that corresponds to the decoded characters ``start`` to ``end``."""
        if self._source is None:
            return start, end
        return self._source.span(self._origin(start, 0), self._origin(end - 1, 1))

    def _origin(self, place: int, edge: int) -> int:
        """Return the position in the source at which the character at ``place`` starts (edge 0) or ends (edge 1)."""
        number = bisect_right(self._places, place) - 1
        if number < 0:
            return place + edge
        sequence = self._sequences[number]
        if place < sequence[2]:
            return sequence[edge]
        return sequence[1] + place - sequence[2] + edge

    def decoded(self) -> View | None:
        """Decode one layer of escape sequences and return the new view, or None if there are no escape sequences."""
        if not may_hold_escapes(self.text):
            return None
        pieces: list[str] = []
        view = View("", self)
        length = copied = 0
        for start, end, characters in _sequences(self.text):
            pieces += (self.text[copied:start], characters)
            view._places.append(length + start - copied)
            length += start - copied + len(characters)
            view._sequences.append((start, end, length))
            copied = end
        if not pieces:
            return None
        pieces.append(self.text[copied:])
        view.text = "".join(pieces)
        return view


def may_hold_escapes(text: str) -> bool:
    """Return whether a string contains a character that can start an escape sequence."""
    return "%" in text or "&" in text or "\\" in text


def views(text: str) -> t.Iterator[View]:
    """Yield views of a string: first the unchanged string, then one view for each layer of encoding that is decoded."""
    view: View | None = View(text)
    for _layer in range(MAX_LAYERS + 1):
        if view is None:
            return
        yield view
        view = view.decoded()


def layers(text: str) -> t.Iterator[str]:
    """Yield the unchanged string, then the decoded string for each layer of encoding."""
    for view in views(text):
        yield view.text


def _sequences(text: str) -> t.Iterator[tuple[int, int, str]]:
    """Yield the start position, the end position and the decoded characters of each escape sequence.

    For consecutive percent-encoded bytes, each decoded character is a separate sequence.
    """
    for found in _SEQUENCE.finditer(text):
        sequence = found[0]
        if found["bytes"]:
            yield from _percent_encoded(found.start(), sequence)
            continue
        meaning = html.unescape(sequence) if sequence[0] == "&" else _escaped(sequence)
        if meaning != sequence:
            yield found.start(), found.end(), meaning


def _percent_encoded(start: int, sequence: str) -> t.Iterator[tuple[int, int, str]]:
    """Decode consecutive percent-encoded bytes, and yield each character with its position. Invalid bytes are kept."""
    for character in bytes.fromhex(sequence.replace("%", "")).decode("utf-8", "surrogateescape"):
        size = 3 * len(character.encode("utf-8", "surrogateescape"))
        yield start, start + size, _SURROGATE_SEQUENCE.get(character, character)
        start += size


def _escaped(sequence: str) -> str:
    """Return the character that an escape sequence (JSON, Python, JavaScript or ``%uXXXX``) represents."""
    kind, digits = sequence[1], sequence[2:].strip("{}")
    if len(sequence) == 12:
        high, low = int(sequence[2:6], 16), int(sequence[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    if kind in "uUx":
        code = int(digits, 16)
        return chr(code) if code <= _LAST_CODE else sequence
    if len(sequence) == 4:
        return chr(int(sequence[1:], 8))
    return _LETTERS.get(kind, kind)
