# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Make data of a service safe for the place where it is used. Each destination has one function.

The operators of a service, and every user who can name a connector in it, choose strings that reach file names, options
of programs, templates, terminals and logs. The functions use allow-lists, because a list of dangerous characters would
have to change with each new attack.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
import typing as t
import unicodedata
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import numbered, printable, replace_surrogates

MAX_FIELD = 1000
MAX_EVENT_TEXT = 2000
MAX_LABEL = 200
# A longer name is represented by this number of characters and a digest of the whole name.
MAX_INPUT = 1000
# Bytes. Names of hosts become names of files, which have at most 255 bytes, and Ansible adds extensions.
MAX_NAME = 200
MAX_ADDRESS = 253
MAX_INTEGER = 2**63

# Letters, marks and digits of any script are allowed, except for these invisible ones.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_INVISIBLE_RANGES = (("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))
_NAME_PUNCTUATION = frozenset("_.-")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]*\Z")
# Ansible reads the file host_vars/x.yml for a host x and for a host x.yml.
_FILE_EXTENSION = re.compile(r"\.(?=(?:ya?ml|json)\Z)", re.IGNORECASE)
# This set contains no character with a meaning for Jinja, for a Jinja header ("#jinja2: ...") or in a Python literal:
# no braces, brackets, number signs, percent signs, quotes, backslashes or line breaks.
_EVENT_PUNCTUATION = frozenset(" _-.,:;/@+=()&!?*~\u2018\u2019\u201c\u201d\u2013\u2014\u2026")
_PLAIN_EVENT = re.compile(r"[A-Za-z0-9 _.,:;/@+=()&!?*~-]*\Z")
_REPLACED = re.compile(r"\[(U\+[0-9A-F]{4,6})\]")
# Typographic quotes replace the quotes in messages, because they cannot begin a string in any language.
_TYPOGRAPHIC = {"'": "\u2019", '"': "\u201d"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\Z")
_NUMBER = re.compile(r"(?:[0-9]+|0[xX][0-9A-Fa-f]*)\Z")


def _is_letter_or_digit(character: str) -> bool:
    """Return whether a character is a visible letter, mark or digit."""
    if character.isascii():
        return character.isalnum()
    if character in _INVISIBLE or any(first <= character <= last for first, last in _INVISIBLE_RANGES):
        return False
    return character.isalnum() or unicodedata.category(character) in ("Mn", "Mc")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def record_text(value: object) -> str | None:
    """Return a scalar as a string for a field of a record; None for null, for infinity and for values of other types.

    Control characters are replaced by their numbers in brackets, and long strings are cut.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return _number_text(value)
    if not isinstance(value, str):
        return None
    return _cut(printable(replace_surrogates("".join(value[: MAX_FIELD + 1]))), MAX_FIELD)


def _cut(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of a string. An ellipsis marks the cut."""
    return text if len(text) <= limit else text[: limit - 1] + "\u2026"


def record_id(value: object) -> str | None:
    """Return the identifier of a record as an unchanged string; None if it is not a scalar."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _number_text(value)
    return replace_surrogates("".join(value)) if isinstance(value, str) else None


def _number_text(value: float) -> str | None:
    return str(value) if _is_plain_number(value) else None


def _is_plain_number(value: float) -> bool:
    """Return whether a number is finite and, if it is an integer, does not have too many digits."""
    limit = MAX_INTEGER if isinstance(value, int) else math.inf
    return abs(value) < limit


def plain_data(value: t.Any) -> t.Any:
    """Return data from JSON in a form that the JSON decoders of Ansible return as plain data.

    Ansible's decoders turn dictionaries with keys such as ``__ansible_vault`` into vault strings and other objects.
    Therefore, keys lose two leading underscores. Infinity, which JSON does not have, and NaN become null.
    """
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, (list, tuple)):
        return [plain_data(item) for item in value]
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, (int, float)) and not _is_plain_number(value):
        return None
    return value


def _plain_mapping(value: Mapping[t.Any, t.Any]) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {}
    for key, item in value.items():
        name = replace_surrogates(str(key))
        if name.startswith("__"):
            name = name.lstrip("_")
        # A renamed key does not replace a key that already has this name.
        if name == key or name not in value:
            result[name] = plain_data(item)
    return result


def host_name(*parts: str) -> str:
    """Return a host name that consists of parts, joined by underscores. The first part begins with a letter.

    The name of a host without ``ansible_host`` is also its address, so that it must not contain ``user@address``.
    """
    return _inventory_name("_".join(parts))


def group_name(text: str) -> str:
    """Return a string as the name of a group, or as a part of the name; empty if the string is empty."""
    return _inventory_name(text)


def _inventory_name(text: str) -> str:
    """Return a name of letters, digits, ``_``, ``.`` and ``-``, of at most 200 bytes, without a leading dot or dash.

    Ansible uses names of hosts and groups in names of files (``host_vars/<name>.yml``), patterns (``--limit``) and
    arguments of programs. The name contains no character with a meaning in one of these. Unicode normalization makes
    names equal that look the same.
    """
    normal = unicodedata.normalize("NFKC", text[:MAX_INPUT])
    name = normal if _PLAIN_NAME.match(normal) else "".join(map(_name_character, normal))
    if name.startswith((".", "-")):
        name = "_" + name[1:]
    name = _FILE_EXTENSION.sub("_", name)
    encoded = name.encode("utf-8")
    if len(encoded) <= MAX_NAME and len(text) <= MAX_INPUT:
        return name
    return f"{encoded[: MAX_NAME - 9].decode('utf-8', 'ignore')}_{_digest(text)}"


def _name_character(character: str) -> str:
    return character if character in _NAME_PUNCTUATION or _is_letter_or_digit(character) else "_"


def address(value: object) -> str | None:
    """Return the value if it is a valid host name or IP address; None otherwise.

    Ansible passes ``ansible_host`` to ssh as an argument. Host names follow RFC 1123 and have at most 253 characters.
    """
    if not isinstance(value, str) or len(value) > MAX_ADDRESS + 1:
        return None
    text = "".join(value)
    return text if _is_ip_address(text) or _is_host_name(text) else None


def _is_host_name(text: str) -> bool:
    name = text.removesuffix(".")
    labels = name.split(".")
    # Resolvers read a name whose last label is a number as an IP address in a different notation.
    if len(name) > MAX_ADDRESS or _NUMBER.match(labels[-1]):
        return False
    return all(map(_LABEL.match, labels))


def _is_ip_address(text: str) -> bool:
    try:
        version = ipaddress.ip_address(text).version
    except ValueError:
        return False
    if version == 6:
        return "%" not in text
    # Older releases of Python accept leading zeros, which some resolvers read as octal numbers.
    return re.search(r"\b0[0-9]", text) is None


def event_text(text: str) -> str:
    """Return a string for an event that is never evaluated as a template.

    Rulebooks pass events to playbooks as extra variables, whose strings Ansible renders as templates. The allowed
    characters cannot form a template, even if a playbook joins them with other strings. Each other character is
    replaced by its number, as in ``(U+007B)``, and quotes become typographic quotes.
    """
    # A control character that was replaced by its number keeps that number.
    shown = _REPLACED.sub(r"(\1)", text[: MAX_EVENT_TEXT + 1])
    if not _PLAIN_EVENT.match(shown):
        shown = "".join(map(_event_character, shown))
    return _cut(shown, MAX_EVENT_TEXT)


def _event_character(character: str) -> str:
    if character in _EVENT_PUNCTUATION or _is_letter_or_digit(character):
        return character
    return _TYPOGRAPHIC.get(character) or f"(U+{ord(character):04X})"


def event_data(value: t.Any) -> t.Any:
    """Return a value for an event: dictionaries and lists of null, booleans, finite numbers and :func:`event_text`."""
    if isinstance(value, Mapping):
        return {event_text(str(key)): event_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [event_data(item) for item in value]
    if isinstance(value, (int, float, type(None))):
        return plain_data(value)
    return event_text(str(value))


def metric_label(value: object) -> str:
    """Return the value of a metric label, of limited length and without control characters; empty for null.

    A value that is cut ends with a digest of the whole value, so that different values stay different.
    """
    if value is None:
        return ""
    text = _CONTROL.sub(numbered, printable(replace_surrogates(str(value))))
    if len(text) <= MAX_LABEL:
        return text
    return f"{text[: MAX_LABEL - 10]}\u2026_{_digest(text)}"
