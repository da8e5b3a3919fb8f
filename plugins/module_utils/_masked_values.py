# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Detect values in which a service has replaced a secret with a mask.

A request that contains such a value would replace the secret with its mask.
"""

from __future__ import annotations

import re

from ._plan import shown

# The characters and words that services use to hide a secret, and the decoration of such a word.
_MASKS = r"*\u2022\u25cf\u2588\uff0a"
_HIDING = r"(?:redacted|masked|filtered|hidden|sensitive(?:\svalue)?)"
_OPEN, _CLOSE = r"[<\[({*_]", r"[>\])}*_]"
# Matches a value that services return in place of a secret.
_WHOLE_MASK = re.compile(f"redacted|x{{5,}}|{_OPEN}+{_HIDING}{_CLOSE}+", re.IGNORECASE)
# Matches the masked part of a value, but not the asterisks in globs, cron expressions or bold text in Markdown.
_PARTIAL_MASK = re.compile(
    rf"""
    [{_MASKS}]{{3,}}
    | [<\[({{*]redacted[>\])}}*] | __redacted__
    | ://[^\s/@]*:(?:[{_MASKS}]+|x{{5,}}|redacted|{_OPEN}+{_HIDING}{_CLOSE}+)@      # a password in a URL
    """,
    re.IGNORECASE | re.VERBOSE,
)
# Matches bold italic text in Markdown.
_EMPHASIS = re.compile(r"(?<![\w*])\*{3}[^\s*][^*]*\*{3}(?![\w*])")


def masked_place(name: str, value: object) -> str | None:
    """Return a phrase for messages that identifies a masked secret in an attribute, or None if none is found.

    :param name: the name of the attribute.
    :param value: the value of the attribute, which is searched recursively.
    """
    masked = _masked_key(value, name)
    if masked is None:
        return None
    return f"'{shown(name)}'" if masked == name else f"the value '{shown(masked)}' of '{shown(name)}'"


def _masked_key(value: object, name: str) -> str | None:
    """Search a value recursively for a masked secret, and return its key, or None if no masked secret is found.

    :param name: the key of the value.
    """
    if isinstance(value, str):
        return name if _looks_masked(value) else None
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = [(name, item) for item in value]
    else:
        return None
    for key, item in inside:
        found = _masked_key(item, str(key))
        if found is not None:
            return found
    return None


def _looks_masked(text: str) -> bool:
    """Return whether a string contains a mask in place of a secret or of a part of a secret."""
    text = text.strip()
    if _WHOLE_MASK.fullmatch(text):
        return True
    if " " in text:
        text = _EMPHASIS.sub(" ", text)
    return _PARTIAL_MASK.search(text) is not None
