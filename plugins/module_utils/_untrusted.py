# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Convert service data to record fields that are safe to use. The module ``_sanitize`` covers other uses.

The operators of a service, and any user who can set the name of a connector, can choose strings that end up in
command-line options, templates, terminals and logs. The functions use allow-lists, because a list of dangerous
characters would have to change with each new attack.
"""

from __future__ import annotations

import ipaddress
import json
import math
import re
import typing as t
from collections.abc import Mapping

from ._unicode import printable, replace_surrogates

MAX_FIELD = 1000
MAX_INTEGER = 2**63

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# Resolvers interpret a name whose last label is a decimal, octal or hexadecimal number as an IP address.
_NUMBER = "(?:[0-9]+|0[xX][0-9A-Fa-f]*)"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\.?\Z)(?:{_LABEL}\.)*(?!{_NUMBER}\.?\Z){_LABEL}\.?\Z")


def record_text(value: object) -> str | None:
    """Convert a scalar to a string for a record field. Return None for null, infinity, NaN and other types.

    Control characters are replaced with their code points in brackets, and long strings are truncated.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)) and _is_plain_number(value):
        return str(value)
    if not isinstance(value, str):
        return None
    return shortened(printable(replace_surrogates(plain_text(value)[: MAX_FIELD + 1])), MAX_FIELD)


def plain_text(text: str) -> str:
    """Convert a string to a plain ``str`` object, without the trust marking or the methods of a subclass."""
    return str.__str__(text)


def shortened(text: str, limit: int) -> str:
    """Truncate a string to at most ``limit`` characters. A truncated string ends with an ellipsis."""
    if len(text) <= limit:
        return text
    return text[: limit - 1] + "\u2026"


def record_id(value: object) -> str | None:
    """Convert the identifier of a record to a string, or return None if it is neither a string nor a number."""
    if isinstance(value, str):
        return str(replace_surrogates(plain_text(value)))
    return None if isinstance(value, bool) else record_text(value)


def _is_plain_number(value: float) -> bool:
    """Return whether a number is finite and does not have too many digits."""
    limit = MAX_INTEGER if isinstance(value, int) else math.inf
    return abs(value) < limit


def has_format(value: object, name: str, version: int) -> t.TypeGuard[t.Mapping[str, t.Any]]:
    """Return whether a value from a file is an object in the given format and version."""
    return isinstance(value, Mapping) and (value.get("format"), value.get("version")) == (name, version)


def json_or_none(text: str | bytes) -> t.Any:
    """Parse a JSON document, or return None if it is not valid or is nested too deeply."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def plain_data(value: t.Any) -> t.Any:
    """Sanitize JSON data so that Ansible's JSON decoders do not convert it to objects such as vault strings.

    The decoders convert dictionaries with keys such as ``__ansible_vault``. Therefore, leading underscores are removed
    from keys that begin with two underscores. Infinity, which does not exist in JSON, and NaN become null.
    """
    if isinstance(value, str):
        return replace_surrogates(value)
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, (list, tuple)):
        return list(map(plain_data, value))
    if isinstance(value, (int, float)) and not _is_plain_number(value):
        return None
    return value


def _plain_mapping(value: Mapping[t.Any, t.Any]) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {}
    for key, item in value.items():
        name = replace_surrogates(str(key))
        if name.startswith("__"):
            name = name.lstrip("_")
        # A renamed key must not replace an existing key.
        if name == key or name not in value:
            result[name] = plain_data(item)
    return result


def address(value: object) -> str | None:
    """Return the value if it is a valid host name or IP address, or None otherwise.

    Ansible passes ``ansible_host`` to ssh as an argument. Host names follow RFC 1123 and have at most 253 characters.
    """
    if not isinstance(value, str):
        return None
    text = plain_text(value)
    if _HOST_NAME.match(text) or _is_ip_address(text):
        return text
    return None


def _is_ip_address(text: str) -> bool:
    try:
        version = ipaddress.ip_address(text).version
    except ValueError:
        return False
    if version == 6:
        return "%" not in text
    # Older Python versions accept leading zeros, which some resolvers interpret as octal numbers.
    return re.search(r"\b0[0-9]", text) is None
