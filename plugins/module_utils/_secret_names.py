# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Secrets that nobody configured, found by their names and places: keys, parameters, form fields, headers, addresses.

Functions that search return spans of the string that they get. A span is a start and an end. Every search takes time
proportional to the length of the string: the patterns look for a keyword or a delimiter, and what is read around it
is bounded or is not read again.
"""

from __future__ import annotations

import base64
import functools
import re
import typing as t

from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case

Span = tuple[int, int]

MAX_NAME = 64

# In a name that is written without separators.
_SECRET = re.compile(
    "token|secret(?!ar)|passw|passphrase|passcode|credential|authorization|cookie|csrf|xsrf|sessionid|sessid|jwt"
    "|(?:api|access|private|secret|shared|signing|encryption|encrypt|license|ssh|auth)keys?$|(?:auth|activation)code"
)
_SECRET_WORDS = frozenset({"pwd", "pin", "otp", "psk", "jwt", "bearer"})
# Keys that identify or sort objects, and the public half of a pair of keys.
_OPEN_KEYS = frozenset(
    {
        "business", "cache", "column", "composite", "dictionary", "external", "foreign", "index", "join", "lookup",
        "map", "natural", "object", "parent", "partition", "primary", "public", "row", "search", "sort", "translation",
        "unique",
    }
)  # fmt: skip
# The last word of a name that is about a secret and does not hold it.
_ABOUT = frozenset(
    {
        "at", "count", "days", "description", "enabled", "expires", "expiration", "expiry", "in", "left", "length",
        "lifetime", "name", "on", "policy", "refreshed", "required", "status", "title", "ttl", "type",
    }
)  # fmt: skip
# Values that stand after such a name and are no secrets.
TOKEN_KINDS = frozenset({"access", "refresh", "api", "certificate"})
_OPEN_VALUES = TOKEN_KINDS | {"", "null", "none", "true", "false", "always", "never", "expiring"}

_KEYWORDS = re.compile(
    r"token|secret|passw|passphrase|passcode|pwd|credential|authorization|cookie|csrf|xsrf|session[_-]?id|sessid|jwt"
    r"|key(?![\w-])",
    re.IGNORECASE | re.ASCII,
)
_SIGNS = (
    "token", "secret", "passw", "passphrase", "passcode", "pwd", "credential", "authorization", "cookie", "csrf",
    "xsrf", "session", "sessid", "jwt", "key", "bearer", "basic", "eyj",
)  # fmt: skip
_PLURAL = re.compile(r"(?:token|secret|password|credential|key)s$", re.IGNORECASE)
_NAME = re.compile(rf"[\w.-]{{0,{MAX_NAME}}}", re.ASCII)
_NAME_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")
_SEPARATOR = re.compile(
    r"""(?P<closed>["'`\]]{0,2})(?P<before>\s{0,8})(?P<sign>=>|=(?!=)|[:,>])(?P<after>\s{0,8})(?P<open>["'`\[{]?)"""
)
_QUOTED = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*", re.DOTALL) for quote in "\"'`"}
_LISTED = re.compile(r"[^\]]*")
_PARAMETER = re.compile(r"""[^&\s'"<>]*""")
_WORD = re.compile(r"""[^\s,;&'"<>{}\[\]]*""")
_CONTENT = re.compile(r"[^<]*")
_OPENED_ELEMENT = re.compile(r"<(?:[\w.-]{1,40}:)?\Z", re.ASCII)
_SCHEME = re.compile(r"(?:bearer|basic|digest|token|apikey)\s{1,8}", re.IGNORECASE)
_LINE = re.compile(r"(?:^|[\n{,;-])[ \t]{0,16}\Z")
# Secrets that show by themselves: bearer tokens, JSON web tokens, and the body of a private key.
_EVIDENT = re.compile(
    r"""(?i:bearer)\s{1,8}([\w+/.~=-]{16,})|(?<![\w-])(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"""
    r"""|-----BEGIN[A-Z ]{1,20}PRIVATE KEY-----([^-]+)""",
    re.ASCII,
)
_BASIC = re.compile(r"(?i:basic)\s{1,8}([A-Za-z0-9+/]{6,}={0,2})")

_TAGS = re.compile(r"""<(?P<tag>[A-Za-z][\w:-]{0,64})(?P<rest>(?:[^<>"']|"[^"<]*"|'[^'<]*')*)>""", re.ASCII)
_ATTRIBUTES = re.compile(
    r"""(?P<name>[A-Za-z][\w:.-]{0,64})\s{0,8}=\s{0,8}(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^\s"'<>]+))""",
    re.ASCII,
)
_NAMING = frozenset({"name", "id", "property", "http-equiv", "itemprop", "data-name", "formcontrolname", "key"})
_HOLDING = frozenset({"value", "content", "data-value", "data-content", "data"})
_WITH_CONTENT = frozenset({"textarea", "output", "option"})

_ADDRESS = re.compile(r"""[^\s"'<>`]*""")
_HOST_WITH_PORT = re.compile(r"[\w.-]{1,255}:\d{1,5}/?", re.ASCII)
_BRACKETED = re.compile(r"\[[^\]@]*\]")


def names_secret(name: str) -> bool:
    """Return whether the value under a key, or of a parameter or field, of this name is a secret."""
    return _names_secret(name if len(name) <= 4 * MAX_NAME else name[: 2 * MAX_NAME] + name[-2 * MAX_NAME :])


def is_open_value(text: str) -> bool:
    """Return whether a text under the name of a secret says something about it and is not the secret."""
    return text.strip().lower() in _OPEN_VALUES


@functools.lru_cache(maxsize=4096)
def _names_secret(name: str) -> bool:
    words = re.findall("[a-z0-9]+", snake_case(name).lower())
    if not words or words[-1] in _ABOUT or words[0] in ("is", "has"):
        return False
    if words[-1] in ("key", "keys") and len(words) > 1:
        return words[-2] not in _OPEN_KEYS
    return bool(_SECRET.search("".join(words))) or not _SECRET_WORDS.isdisjoint(words)


@functools.lru_cache(maxsize=1024)
def names_session(name: str) -> bool:
    """Return whether this is the name of a session token, which also stands in headers and in scripts."""
    plain = re.sub("[^a-z]", "", name.lower())
    return "csrf" in plain or "xsrf" in plain or "sessionid" in plain or "sessid" in plain or "authtoken" in plain


def signs_of_names(text: str) -> set[str]:
    """Return what a text has in lower case without which there is no named secret and no address with credentials."""
    folded = text.lower()
    signs = {sign for sign in _SIGNS if sign in folded}
    return signs | {"://"} if "://" in text and "@" in text else signs


def named_secrets(text: str) -> t.Iterator[Span]:
    """Return the spans of values that follow the name of a secret, and of those that show by themselves what they are.

    The former are parameters of addresses and cookies (C(token=x)), JSON and other literals (C("token": "x")), lines of
    YAML (C(token: x)), headers of sessions (C(X-CSRFToken: x)), XML elements and HTML fields.
    """
    place = 0
    while found := _KEYWORDS.search(text, place):
        start, end = _whole_name(text, found.start(), found.end())
        name = text[start:end]
        value = _value_after(text, start, end, name) if names_secret(name) else None
        place = max(end, value[1]) if value else end
        if value and not is_open_value(text[value[0] : value[1]]):
            yield value
    for found in _EVIDENT.finditer(text):
        yield found.span(found.lastindex or 0)
    yield from (found.span(1) for found in _BASIC.finditer(text) if _is_of_basic(found[1]))
    if "<" in text:
        yield from _fields(text)


def _whole_name(text: str, start: int, end: int) -> Span:
    first = max(0, start - MAX_NAME)
    while start > first and text[start - 1] in _NAME_CHARACTERS:
        start -= 1
    rest = _NAME.match(text, end)
    return start, rest.end() if rest else end


def _value_after(text: str, start: int, end: int, name: str) -> Span | None:
    """Return the span of the value that belongs to the name at a span; None if there is none."""
    found = _SEPARATOR.match(text, end)
    if not found:
        return None
    sign, opened = found["sign"], found["open"]
    is_quoted = found["closed"][:1] in ('"', "'", "`")
    if sign == "=":
        # A sentence may have a blank behind the sign, too: that a value follows needs a blank on both sides, or quotes.
        if _PLURAL.search(name) or (found["after"] and not found["before"] and opened not in _QUOTED):
            return None
        return _value(text, found.end(), opened, _PARAMETER)
    if sign == ":" or sign == "=>":
        if is_quoted or names_session(name) or _is_header(text, found.end(), name):
            return _value(text, found.end(), opened, _WORD)
        begins_line = _LINE.search(text, max(0, start - 17), start)
        value = _value(text, found.end(), opened, _WORD) if begins_line else None
        return value if value and _is_no_word(text[slice(*value)]) else None
    if sign == ",":
        is_argument = is_quoted and text[max(0, start - 2) : start - 1] == "(" and opened in _QUOTED
        return _value(text, found.end(), opened, _WORD) if is_argument and names_session(name) else None
    is_element = not found["closed"] and _OPENED_ELEMENT.search(text, max(0, start - MAX_NAME), start)
    return _span_of(_CONTENT, text, found.start("sign") + 1) if is_element else None


def _is_header(text: str, start: int, name: str) -> bool:
    return "authorization" in name.lower() and _SCHEME.match(text, start) is not None


def _is_no_word(text: str) -> bool:
    """Return whether a value cannot be a word of a sentence, which can have a colon as well."""
    return len(text) >= 4 and not text.isalpha()


def _is_of_basic(text: str) -> bool:
    """Return whether a text is what HTTP Basic makes of credentials."""
    try:
        return b":" in base64.b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return False


def _value(text: str, start: int, opened: str, bare: re.Pattern[str]) -> Span | None:
    """Return the span of a value that begins at ``start``, behind its quotation mark or bracket if it has one."""
    if opened == "{":
        return None
    if opened == "[":
        return _span_of(_LISTED, text, start)
    if opened:
        return _span_of(_QUOTED[opened], text, start)
    scheme = _SCHEME.match(text, start)
    return _span_of(bare, text, scheme.end() if scheme else start)


def _span_of(pattern: re.Pattern[str], text: str, start: int) -> Span | None:
    found = pattern.match(text, start)
    return found.span() if found and found.end() > start else None


def _fields(text: str) -> t.Iterator[Span]:
    """Return the spans of the values of form fields and meta elements that are named like a secret."""
    for tag in _TAGS.finditer(text):
        rest = tag["rest"]
        if "=" not in rest or not _KEYWORDS.search(rest):
            continue
        attributes = [(found["name"].lower(), found) for found in _ATTRIBUTES.finditer(text, *tag.span("rest"))]
        if not any(name in _NAMING and names_secret(_content(found)) for name, found in attributes):
            continue
        yield from (_content_span(found) for name, found in attributes if name in _HOLDING and _content(found))
        if tag["tag"].lower() in _WITH_CONTENT:
            content = _span_of(_CONTENT, text, tag.end())
            if content:
                yield content


def _content_span(found: re.Match[str]) -> Span:
    return found.span(next(name for name in ("double", "single", "bare") if found[name] is not None))


def _content(found: re.Match[str]) -> str:
    start, end = _content_span(found)
    return found.string[start:end]


def session_parameters(text: str) -> t.Iterator[Span]:
    """Return the spans of the parameters C(auth_token) of addresses, with the sign before them."""
    return (found.span() for found in re.finditer(r"""(?i)[?&]auth_?token=[^&\s'"<>]*""", text))


def credentials_in(text: str) -> t.Iterator[Span]:
    """Return the spans of the credentials in addresses, from C(://) to the last C(@).

    A sign C(@) in a path is no evidence of credentials. A user name before the first slash is evidence. So are a colon
    without a port behind it, and a host and a port at the end of the address.
    """
    place = text.find("://")
    while place >= 0:
        start = place + 3
        found = _ADDRESS.match(text, start)
        end = found.end() if found else start
        last = text.rfind("@", start, end)
        if last > start and has_credentials(text[start:end]):
            yield start, last
        place = text.find("://", max(end, start))


def has_credentials_anywhere(text: str) -> bool:
    """Return whether there is an address with credentials in a text."""
    return any(credentials_in(text))


def has_credentials(address: str) -> bool:
    """Return whether an address, without its scheme, has credentials."""
    authority = re.split(r"[/?#\\]", address, maxsplit=1)[0]
    if "@" in authority:
        return True
    _host, colon, port = _BRACKETED.sub("", authority).partition(":")
    if colon and not port.isdigit():
        return True
    return _HOST_WITH_PORT.fullmatch(address[address.rfind("@") + 1 :]) is not None and "@" in address
