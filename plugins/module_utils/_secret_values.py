# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Collect the strings to redact: the secrets of a run, and those encodings that ``_decoding`` does not decode."""

from __future__ import annotations

import base64
import re
import typing as t
import unicodedata
from urllib.parse import unquote
from urllib.request import getproxies

from ._decoding import layers, may_hold_escapes

# Encodings of shorter secrets are not searched for, because they occur in many strings by coincidence.
SHORTEST_ENCODED = 4

_AUTHORITY = re.compile(r"[^/?#\\]*")
_DELIMITERS = re.compile(r"[/?#\[\]@:\\]")
_SCHEME = re.compile(r"\s*[A-Za-z][A-Za-z0-9+.-]{0,20}:(?=[/\\])[/\\]*|\s*https?:[/\\]*|\s*[/\\]+|", re.IGNORECASE)


def encodings_of(secret: str, thorough: bool = True) -> set[str]:
    """Return the strings that reveal a secret: the secret itself, and the encodings that :class:`View` does not decode.

    :param thorough: whether to include the base64 encodings of longer strings that contain the secret.
    """
    found = {secret, secret.strip()}
    if len(secret) < SHORTEST_ENCODED:
        return found - {""}
    if not secret.isascii():
        found |= {unicodedata.normalize("NFC", secret), unicodedata.normalize("NFD", secret)}
        found.add(secret.encode("utf-8", "replace").decode("latin-1"))
    if " " in secret:
        found.add(secret.replace(" ", "+"))
    if may_hold_escapes(secret):
        found.update(text for text in layers(secret) if len(text) >= SHORTEST_ENCODED)
    for text in _base64_of(secret.encode("utf-8", "replace"), thorough):
        found |= {text, text.replace("+", "-").replace("/", "_")}
    return found - {""}


def is_unmistakable(secret: str) -> bool:
    """Return whether a secret is unlikely to occur in service data as an ordinary word."""
    kinds = {(character.isalpha(), character.isdigit()) for character in secret}
    return len(secret) >= (8 if len(kinds) > 1 else 16)


def end_of_scheme(text: str) -> int:
    """Return the position at which the scheme of a URL ends, or 0 if the URL does not have a scheme."""
    return _SCHEME.match(text).end()  # type: ignore[union-attr]


def secrets_of_address(text: str) -> t.Iterator[str]:
    """Yield the possible credentials in a URL, which end at the last ``@`` in the URL or in its authority."""
    start = text.find("://") + 3 if "://" in text else end_of_scheme(text)
    authority_end = _AUTHORITY.match(text, start).end()  # type: ignore[union-attr]
    ends = {text.rfind("@", start), text.rfind("@", start, authority_end)}
    for end in ends:
        credentials = text[start : max(start, end)]
        yield from (credentials, unquote(credentials))
        username, colon, password = credentials.partition(":")
        if colon:
            yield from (password, unquote(password), basic_credentials(unquote(username), unquote(password)))


def secrets_of_proxies() -> t.Iterator[str]:
    """Yield the credentials of the proxies that are configured in the environment.

    If a password contains characters that delimit the parts of an address, each part is treated as a secret: the HTTP
    library uses one of the parts as the host or the port, and its error message contains this part.
    """
    for address in getproxies().values():
        if "@" not in address:
            continue
        yield from secrets_of_address(address)
        username, colon, password = address[end_of_scheme(address) : address.rfind("@")].partition(":")
        parts = _DELIMITERS.split(password)
        yield username + colon + parts[0]
        yield from (part for part in parts if len(part) >= SHORTEST_ENCODED)


def basic_credentials(username: str, password: str) -> str:
    """Encode credentials for HTTP Basic authentication."""
    return base64.b64encode(f"{username}:{password}".encode("utf-8", "replace")).decode("ascii")


def _base64_of(content: bytes, thorough: bool) -> t.Iterator[str]:
    """Yield the base64 encodings of the content, without padding.

    :param thorough: whether to include the encodings that occur if the content is a part of longer content. They do not
        include the first and last characters, which depend on the characters around the content.
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
