# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.
"""Convert strings from a service to safe host names, group names, event strings and metric labels.

See ``_untrusted`` for the reasons.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
import unicodedata
from collections.abc import Mapping

from ..module_utils._unicode import numbered, printable, replace_surrogates
from ..module_utils._untrusted import plain_data, shortened

MAX_EVENT_TEXT = 2000
MAX_LABEL = 200
# A longer name is truncated, and ends with a digest of the whole name.
MAX_INPUT = 1000
# Maximum length in bytes. Ansible uses host names in file names, and file systems limit a file name to 255 bytes.
MAX_NAME = 200

# Letters, marks and digits of any script are allowed except for these invisible characters.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_MARKS = ("Mn", "Mc")
_NOT_NAME = re.compile(r"[^\w.-]")
# Ansible reads host_vars/x.yml for both the host x and the host x.yml.
_FILE_EXTENSION = re.compile(r"\.(?=(?:ya?ml|json)\Z)", re.IGNORECASE)
# The allowed characters have no special meaning in Jinja, in a Jinja header ("#jinja2: ...") or in a Python literal.
# Braces, brackets, number signs, percent signs, quotes, backslashes and line breaks are not allowed.
_NOT_EVENT = re.compile("[^\\w .,:;/@+=()&!?*~\u2018\u2019\u201c\u201d\u2013\u2014\u2026-]")
_REPLACED = re.compile(r"\[(U\+[0-9A-F]{4,6})\]")
# Quotes in messages are replaced with typographic quotes, because these cannot start a string literal.
_TYPOGRAPHIC = {"'": "\u2019", '"': "\u201d"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def inventory_name(*parts: str) -> str:
    """Join parts with underscores to form a host name or a group name.

    The name has at most 200 bytes. It consists of letters, digits, ``_``, ``.`` and ``-``, and does not begin with a
    dot or a dash. Ansible uses such names in file names (``host_vars/<name>.yml``), patterns (``--limit``) and
    program arguments, and as the address of a host without ``ansible_host``. None of the characters has a special
    meaning in these places. Unicode normalization makes names that look the same equal.
    """
    text = "_".join(parts)
    normal = unicodedata.normalize("NFKC", text[:MAX_INPUT])
    name = _NOT_NAME.sub(_mark_or_underscore, _INVISIBLE.sub("_", normal))
    if name.startswith((".", "-")):
        name = "_" + name[1:]
    name = _FILE_EXTENSION.sub("_", name)
    encoded = name.encode("utf-8")
    if len(encoded) <= MAX_NAME and len(text) <= MAX_INPUT:
        return name
    return f"{encoded[: MAX_NAME - 9].decode('utf-8', 'ignore')}_{_digest(text)}"


def _mark_or_underscore(found: re.Match[str]) -> str:
    return found[0] if unicodedata.category(found[0]) in _MARKS else "_"


def event_text(text: str) -> str:
    """Convert a string for use in an event, so that it is never evaluated as a template.

    Rulebooks pass events to playbooks as extra variables, and Ansible renders the strings in extra variables as
    templates. The allowed characters cannot form a template, even if a playbook joins them with other strings. Any
    other character is replaced with its code point, as in ``(U+007B)``, and quotes become typographic quotes.
    """
    # Control characters have already been replaced with their code points in brackets.
    shown = _REPLACED.sub(r"(\1)", text[: MAX_EVENT_TEXT + 1])
    shown = _NOT_EVENT.sub(_mark_or_number, _INVISIBLE.sub(_number, shown))
    return shortened(shown, MAX_EVENT_TEXT)


def _mark_or_number(found: re.Match[str]) -> str:
    if unicodedata.category(found[0]) in _MARKS:
        return found[0]
    return _TYPOGRAPHIC.get(found[0], _number(found))


def _number(found: re.Match[str]) -> str:
    return f"(U+{ord(found[0]):04X})"


def event_data(value: t.Any) -> t.Any:
    """Convert a value to plain types for use in an event, and apply :func:`event_text` to strings."""
    if isinstance(value, Mapping):
        return {event_text(str(key)): event_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return list(map(event_data, value))
    if isinstance(value, (int, float, type(None))):
        return plain_data(value)
    return event_text(str(value))


def metric_label(value: object) -> str:
    """Convert a value to a metric label without control characters. Null becomes an empty string.

    A long value is truncated and ends with a digest of the whole value, so that different values stay different.
    """
    if value is None:
        return ""
    text = str(value)
    if not text.isascii() or not text.isprintable():
        text = _CONTROL.sub(numbered, printable(replace_surrogates(text)))
    if len(text) <= MAX_LABEL:
        return text
    return f"{text[: MAX_LABEL - 10]}\u2026_{_digest(text)}"
