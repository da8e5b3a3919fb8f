# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The values that are secret in a run, and the strings by which they are found in the views of a text."""

from __future__ import annotations

import base64
import re
import typing as t
import unicodedata
from urllib.parse import unquote
from urllib.request import getproxies

from ansible_collections.hybrid.connectors.plugins.module_utils._decoding import layers, may_hold_escapes

# Shorter secrets are searched for unencoded only: their encodings are as short, and a part of any text.
SHORTEST_ENCODED = 4

_AUTHORITY = re.compile(r"[^/?#\\]*")
_DELIMITERS = re.compile(r"[/?#\[\]@:\\]")
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]{0,20}:(?=[/\\])[/\\]*|\s*https?:[/\\]*|\s*[/\\]+|", re.IGNORECASE)


def encodings_of(secret: str, thorough: bool = True) -> set[str]:
    """Return the strings by which a secret is found in the views of a text: the secret, and its base64.

    :param thorough: in base64 at any place of what was encoded, too.
    """
    found = {secret, secret.strip()}
    if len(secret) < SHORTEST_ENCODED:
        return found - {""}
    if not secret.isascii():
        found |= {unicodedata.normalize(form, secret) for form in ("NFC", "NFD")}
        found.add(secret.encode("utf-8", "replace").decode("latin-1"))
    if " " in secret:
        found.add(secret.replace(" ", "+"))
    if may_hold_escapes(secret):
        found.update(text for text in layers(secret) if len(text) >= SHORTEST_ENCODED)
    for text in _base64_of(secret.encode("utf-8", "replace"), thorough):
        found |= {text, text.replace("+", "-").replace("/", "_")}
    return found - {""}


def is_unmistakable(secret: str) -> bool:
    """Return whether a secret that occurs within a value of a service is certainly that secret, and not a word."""
    kinds = {"letter" if one.isalpha() else "digit" if one.isdigit() else "other" for one in secret}
    return len(secret) >= 16 or (len(secret) >= 8 and len(kinds) > 1)


def end_of_scheme(text: str) -> int:
    found = _SCHEME.match(text)
    return found.end() if found else 0


def secrets_of_address(text: str) -> t.Iterator[str]:
    """Return the credentials in an address in every reading: up to the last C(@), and up to the last before a slash."""
    start = text.find("://") + 3 if "://" in text else end_of_scheme(text)
    authority = _AUTHORITY.match(text, start)
    ends = {text.rfind("@", start), text.rfind("@", start, authority.end() if authority else start)}
    for credentials in (text[start:end] for end in ends if end > start):
        yield from (credentials, unquote(credentials))
        username, colon, password = credentials.partition(":")
        if colon:
            yield from (password, unquote(password), of_basic(unquote(username), unquote(password)))


def secrets_of_proxies() -> t.Iterator[str]:
    """Return the credentials of the proxies that the environment names.

    Of a password with characters that delimit the parts of an address, each part is a secret: the HTTP library takes
    one of them for a host or a port, and its error message contains it.
    """
    for address in getproxies().values():
        if "@" not in address:
            continue
        yield from secrets_of_address(address)
        username, colon, password = address[end_of_scheme(address) : address.rfind("@")].partition(":")
        parts = _DELIMITERS.split(password)
        yield username + colon + parts[0]
        yield from (part for part in parts if len(part) >= SHORTEST_ENCODED)


def of_basic(username: str, password: str) -> str:
    """Return what HTTP Basic makes of credentials."""
    return base64.b64encode(f"{username}:{password}".encode("utf-8", "replace")).decode("ascii")


def _base64_of(content: bytes, thorough: bool) -> t.Iterator[str]:
    """Return content in base64 without padding, which is not always written.

    :param thorough: as it is within something that was encoded, too. The characters at its edges depend on what is
        around it and are left out.
    """
    yield base64.b64encode(content).decode("ascii").rstrip("=")
    if not thorough:
        return
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + content).decode("ascii")
        first = (before * 8 + 5) // 6
        last = (before + len(content)) * 8 // 6
        if last - first >= 2 * SHORTEST_ENCODED:
            yield encoded[first:last]
