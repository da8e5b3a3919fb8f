# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Make data of a service safe for the place where it goes. Each destination has one function.

A service, or whoever may name a connector in it, chooses strings that reach file names, options of programs,
templates, terminals and logs. The functions know what is allowed at a destination, not what is dangerous there: an
allow-list stays right when somebody finds a new way to use a character.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import re
import typing as t
import unicodedata
from collections.abc import Mapping

from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import printable, replace_surrogates

MAX_FIELD = 1000
MAX_EVENT_TEXT = 2000
MAX_LABEL = 200
# Characters of a name that are taken into account, beside the digest of all of it.
MAX_INPUT = 1000
# Bytes. Names of hosts become names of files, which end at 255 bytes, and Ansible adds extensions.
MAX_NAME = 200
MAX_ADDRESS = 253
MAX_INTEGER = 2**63

# Letters, marks and digits of any script, without those that nobody can see.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_INVISIBLE_RANGES = (("\ufe00", "\ufe0f"), ("\U000e0100", "\U000e01ef"))
_NAME_PUNCTUATION = frozenset("_.-")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]*\Z")
# Ansible reads the file host_vars/x.yml for a host x and for a host x.yml.
_FILE_EXTENSION = re.compile(r"\.(?=(?:ya?ml|json)\Z)", re.IGNORECASE)
# Of the characters that Jinja gives a meaning none is here, and none that a header for Jinja ("#jinja2: ...") or a
# Python literal needs: no braces, brackets, number signs, percent signs, quotes, backslashes or line breaks.
_EVENT_PUNCTUATION = frozenset(" _-.,:;/@+=()&!?*~\u2018\u2019\u201c\u201d\u2013\u2014\u2026")
_PLAIN_EVENT = re.compile(r"[A-Za-z0-9 _.,:;/@+=()&!?*~-]*\Z")
_REPLACED = re.compile(r"\[(U\+[0-9A-F]{4,6})\]")
# Messages have quotes in them; these cannot begin a string in any language.
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
    """Return a scalar as a string for a field of a record; None for null, for what is not a scalar and for infinity.

    Control characters, which terminals obey, are replaced by their number in brackets, and long strings are cut.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return _number_text(value)
    if not isinstance(value, str):
        return None
    text: str = printable(replace_surrogates("".join(value[: MAX_FIELD + 1])))
    return text if len(text) <= MAX_FIELD else text[: MAX_FIELD - 1] + "\u2026"


def record_id(value: object) -> str | None:
    """Return the identifier of a record, unchanged: programs find the object with it. None if it is not a scalar."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return _number_text(value)
    return replace_surrogates("".join(value)) if isinstance(value, str) else None


def _number_text(value: float) -> str | None:
    """Return a number as a string; None if it is infinite or has too many digits."""
    if isinstance(value, int):
        return str(value) if abs(value) < MAX_INTEGER else None
    return str(value) if math.isfinite(value) else None


def plain_data(value: t.Any) -> t.Any:
    """Return data out of JSON in a form in which no JSON decoder of Ansible finds more than data.

    Ansible's decoders make vault strings and other objects of dictionaries with keys such as ``__ansible_vault``, so
    that no key begins with two underscores here. Infinity, which JSON does not have, becomes null.
    """
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, (list, tuple)):
        return [plain_data(item) for item in value]
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= MAX_INTEGER:
        return None
    return value


def _plain_mapping(value: Mapping[t.Any, t.Any]) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {}
    for key, item in value.items():
        name = replace_surrogates(str(key))
        if name.startswith("__"):
            name = name.lstrip("_")
        # A renamed key does not replace one that has this name.
        if name == key or name not in value:
            result[name] = plain_data(item)
    return result


def host_name(*parts: str) -> str:
    """Return the name of a host made of parts, joined by underscores. The first part is ours and begins with a letter.

    The name of a host without ``ansible_host`` is also its address, so that no ``user@address`` is possible in it.
    """
    return _inventory_name("_".join(parts))


def group_name(text: str) -> str:
    """Return text as the name of a group, or as a part of one; empty if the text is empty."""
    return _inventory_name(text)


def _inventory_name(text: str) -> str:
    """Return text in letters, digits, ``_``, ``.`` and ``-``, at most 200 bytes, not beginning with a dot or a dash.

    Ansible makes names of files (``host_vars/<name>.yml``), patterns (``--limit``) and arguments of programs of names
    of hosts and groups. Nothing that has a meaning in one of these is left. Characters that exist in several forms
    become one, so that what looks the same is the same.
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
    """Return a host name or an IP address; None if the value is not a valid one.

    Ansible hands ``ansible_host`` to ssh as an argument. A host name is one of RFC 1123, at most 253 characters. The
    last label may not be a number, because resolvers read such names as IP addresses of other notations.
    """
    if not isinstance(value, str) or not value.isascii() or not 0 < len(value) <= MAX_ADDRESS + 1:
        return None
    text = "".join(value)
    if "%" not in text and _is_ip_address(text):
        return text
    labels = (text[:-1] if text.endswith(".") else text).split(".")
    if len(".".join(labels)) > MAX_ADDRESS or _NUMBER.match(labels[-1]):
        return None
    return text if all(_LABEL.match(label) for label in labels) else None


def _is_ip_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    # Older Pythons take leading zeros, which some resolvers read as octal numbers.
    return ":" in text or not re.search(r"(?:\A|\.)0[0-9]", text)


def event_text(text: str) -> str:
    """Return text for an event, which is inert wherever Jinja or Ansible may come across it.

    Rulebooks hand events to playbooks as extra variables, whose strings Ansible renders as templates. Nothing that
    Jinja could act on can be written with the characters that are left, not even if a playbook joins it with other
    text. A character that is not allowed is replaced by its number, as in ``(U+007B)``; quotes become typographic ones.
    """
    # A control character that has been replaced already is not to be replaced twice.
    numbered = _REPLACED.sub(r"(\1)", text[: MAX_EVENT_TEXT + 1])
    shown = numbered if _PLAIN_EVENT.match(numbered) else "".join(map(_event_character, numbered))
    return shown if len(shown) <= MAX_EVENT_TEXT else shown[: MAX_EVENT_TEXT - 1] + "\u2026"


def _event_character(character: str) -> str:
    if character in _EVENT_PUNCTUATION or _is_letter_or_digit(character):
        return character
    return _TYPOGRAPHIC.get(character) or f"(U+{ord(character):04X})"


def event_data(value: t.Any) -> t.Any:
    """Return a value for an event: strings, keys among them, are inert, and everything else is null, a boolean, a
    finite number, a list or a dictionary.
    """
    if isinstance(value, str):
        return event_text(value)
    if isinstance(value, Mapping):
        return {event_text(str(key)): event_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [event_data(item) for item in value]
    return plain_data(value) if value is None or isinstance(value, (bool, int, float)) else event_text(str(value))


def metric_label(value: object) -> str:
    """Return the value of a label of a metric, of limited length and without control characters; of null it is empty.

    What is cut keeps a digest of the whole, so that two values do not become one.
    """
    text = "" if value is None else _CONTROL.sub(_numbered, printable(replace_surrogates(str(value))))
    if len(text) <= MAX_LABEL:
        return text
    return f"{text[: MAX_LABEL - 10]}\u2026_{_digest(text)}"


def _numbered(found: re.Match[str]) -> str:
    return f"[U+{ord(found[0]):04X}]"
