# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Find secrets that are not known in advance: values whose names indicate a secret, and credentials in URLs.

The functions that search a string return spans, which are pairs of start and end positions. Each search takes time
proportional to the length of the string: the patterns search for a keyword or a delimiter, and then read a limited
number of characters before it, or characters after it that are not read again.
"""

from __future__ import annotations

import base64
import functools
import re
import string
import typing as t

from ._names import snake_case

Span = tuple[int, int]

MAX_NAME = 64
NOTHING: Span = (0, 0)

_WORDS = "token|secret|passw|passphrase|passcode|credential|authorization|cookie|csrf|xsrf|sessid|jwt"
# A key is the name of a secret if it contains one of these words. Separators are removed before the search.
_SECRET = re.compile(
    rf"(?!secretar)(?:{_WORDS})|sessionid|(?:auth|activation)code"
    "|(?:api|access|private|secret|shared|signing|encryption|encrypt|license|ssh|auth)keys?$"
)
_SECRET_WORDS = frozenset({"pwd", "pin", "otp", "psk", "jwt", "bearer"})
# A key that follows one of these words is not a secret, for example a primary key, a sort key or a public key.
_OPEN_KEYS = frozenset(
    {
        "business", "cache", "column", "composite", "dictionary", "external", "foreign", "index", "join", "lookup",
        "map", "natural", "object", "parent", "partition", "primary", "public", "row", "search", "sort", "translation",
        "unique",
    }
)  # fmt: skip
# A key that ends with one of these words describes a secret, but its value is not the secret.
_ABOUT = frozenset(
    {
        "at", "count", "days", "description", "enabled", "expires", "expiration", "expiry", "in", "left", "length",
        "lifetime", "name", "on", "policy", "refreshed", "required", "status", "title", "ttl", "type",
    }
)  # fmt: skip
# Values that are not secret even if they follow the name of a secret.
TOKEN_KINDS = frozenset({"access", "refresh", "api", "certificate"})
OPEN_VALUES = TOKEN_KINDS | {"null", "none", "true", "false", "always", "never", "expiring"}

_KEYWORDS = re.compile(rf"{_WORDS}|pwd|session[_-]?id|key(?![\w-])", re.IGNORECASE | re.ASCII)
_NOT_SECRET = OPEN_VALUES | {""}
_SIGNS = (*_WORDS.split("|"), "pwd", "session", "key", "bearer", "basic", "eyj")
_PLURAL = re.compile(r"(?:token|secret|password|credential|key)s$", re.IGNORECASE)
_NAME = re.compile(rf"[\w.-]{{0,{MAX_NAME}}}", re.ASCII)
_NAME_CHARACTERS = string.ascii_letters + string.digits + "_.-"
_SEPARATOR = re.compile(
    r"""(?P<closed>["'`\]]{0,2})(?P<before>\s{0,8})(?P<sign>=>|=(?!=)|[:,>])(?P<after>\s{0,8})(?P<open>["'`\[{]?)"""
)
# An equals sign that has a space after it but not before it is part of a sentence, unless a quoted value follows.
_SENTENCE = re.compile(r"""(?<!\s)=\s{1,8}(?!["'`\s])""")
_QUOTED = {quote: re.compile(rf"(?:[^{quote}\\]|\\.)*", re.DOTALL) for quote in "\"'`"}
_LISTED = re.compile(r"[^\]]*")
_PARAMETER = re.compile(r"""[^&\s'"<>]*""")
_WORD = re.compile(r"""[^\s,;&'"<>{}\[\]]*""")
_CONTENT = re.compile(r"[^<]*")
_OPENED_ELEMENT = re.compile(r"<(?:[\w.-]{1,40}:)?\Z", re.ASCII)
_SCHEME = re.compile(r"(?:(?:bearer|basic|digest|token|apikey)\s{1,8})?", re.IGNORECASE)
_LINE = re.compile(r"(?:^|[\n{,;-])[ \t]{0,16}\Z")
# Secrets that can be recognized without a name: bearer tokens, JSON web tokens, and the body of a private key.
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

_ADDRESS = re.compile(r"""://([^\s"'<>`]*)""")
_HOST_WITH_PORT = re.compile(r"[\w.-]{1,255}:\d{1,5}/?", re.ASCII)
# Matches an ``auth_token`` parameter in a URL, including the delimiter before the parameter.
SESSION_PARAMETER = re.compile(r"""[?&]auth_?token=[^&\s'"<>]*""", re.IGNORECASE)
_SESSION_NAME = re.compile("csrf|xsrf|sessionid|sessid|authtoken")
_BRACKETED = re.compile(r"\[[^\]@]*\]")
_COLON_WITHOUT_PORT = re.compile(r":(?![0-9]+\Z)")


def names_secret(name: str) -> bool:
    """Return whether a key, parameter or field with this name contains a secret."""
    return _names_secret(name[: 2 * MAX_NAME] + name[2 * MAX_NAME :][-2 * MAX_NAME :])


@functools.lru_cache(maxsize=4096)
def _names_secret(name: str) -> bool:
    words = re.findall("[a-z0-9]+", snake_case(name))
    if words[:1] in (["is"], ["has"]) or not _ABOUT.isdisjoint(words[-1:]):
        return False
    if words[-1:] in (["key"], ["keys"]):
        return not _OPEN_KEYS.issuperset(words[-2:-1])
    if not _SECRET_WORDS.isdisjoint(words):
        return True
    return _SECRET.search("".join(words)) is not None


@functools.lru_cache(maxsize=1024)
def names_session(name: str) -> bool:
    """Return whether a name identifies a session token. Session tokens also occur in headers and scripts."""
    return _SESSION_NAME.search(re.sub("[^a-z]", "", name.lower())) is not None


def signs_of_names(text: str) -> set[str]:
    """Return the lowercase substrings of a string that can indicate a named secret or credentials in a URL."""
    folded = text.lower()
    signs = {sign for sign in _SIGNS if sign in folded}
    if "@" in text.partition("://")[2]:
        signs.add("://")
    return signs


def named_secrets(text: str) -> t.Iterator[Span]:
    """Yield the spans of named secrets, and of secrets that are recognizable without a name.

    Values follow names in addresses and cookies (``token=x``), in JSON and other literals (``"token": "x"``), in lines
    of YAML (``token: x``), in session headers (``X-CSRFToken: x``), in XML elements and in HTML fields.
    """
    place = 0
    while found := _KEYWORDS.search(text, place):
        first = max(0, found.start() - MAX_NAME)
        start = first + len(text[first : found.start()].rstrip(_NAME_CHARACTERS))
        place = _span_of(_NAME, text, found.end())[1]
        if not names_secret(text[start:place]):
            continue
        value = _value_after(text, start, place)
        place = max(place, value[1])
        if text[slice(*value)].strip().lower() not in _NOT_SECRET:
            yield value
    for found in _EVIDENT.finditer(text):
        yield found.span(found.lastindex)  # type: ignore[arg-type]
    for found in _BASIC.finditer(text):
        if _is_basic_credentials(found[1]):
            yield found.span(1)
    yield from _fields(text)


def _value_after(text: str, start: int, end: int) -> Span:
    """Return the span of the value that follows a name, or an empty span if there is no value.

    :param start: the start of the name.
    :param end: the end of the name.
    """
    separator = _SEPARATOR.match(text, end)
    if not separator:
        return NOTHING
    if separator["sign"] == "=":
        is_prose = _PLURAL.search(text[start:end]) or _SENTENCE.match(text, separator.start("sign"))
        return NOTHING if is_prose else _value(separator, _PARAMETER)
    if separator["sign"] == ",":
        return _value_after_comma(start, text[start:end], separator)
    if separator["sign"] == ">":
        return _content_of_element(start, separator)
    return _value_after_colon(start, text[start:end], separator)


def _value_after_colon(start: int, name: str, separator: re.Match[str]) -> Span:
    text = separator.string
    if _follows_quoted(separator) or names_session(name) or _is_header(text, separator.end(), name):
        return _value(separator, _WORD)
    # In a sentence, an ordinary word can also follow a colon.
    if not _LINE.search(text, max(0, start - 17), start):
        return NOTHING
    value = _value(separator, _WORD)
    is_word = value[1] - value[0] < 4 or text[slice(*value)].isalpha()
    return NOTHING if is_word else value


def _value_after_comma(start: int, name: str, separator: re.Match[str]) -> Span:
    """Return the span of a session token in a call such as ``set("csrftoken", "value")``, or an empty span."""
    before = separator.string[max(0, start - 2) : start - 1]
    if before == "(" and _follows_quoted(separator) and names_session(name) and separator["open"] in _QUOTED:
        return _value(separator, _WORD)
    return NOTHING


def _content_of_element(start: int, separator: re.Match[str]) -> Span:
    text = separator.string
    if separator["closed"] or not _OPENED_ELEMENT.search(text, max(0, start - MAX_NAME), start):
        return NOTHING
    return _span_of(_CONTENT, text, separator.start("sign") + 1)


def _follows_quoted(separator: re.Match[str]) -> bool:
    return separator["closed"].startswith(tuple(_QUOTED))


def _is_header(text: str, start: int, name: str) -> bool:
    if "authorization" not in name.lower():
        return False
    return _is_not_empty(_span_of(_SCHEME, text, start))


def _is_basic_credentials(text: str) -> bool:
    """Return whether a string is a base64-encoded user name and password for HTTP Basic authentication."""
    try:
        return b":" in base64.b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return False


def _value(separator: re.Match[str], bare: re.Pattern[str]) -> Span:
    """Return the span of the value after a separator, excluding quotation marks and brackets. The span can be empty.

    :param bare: the pattern of a value without quotation marks and brackets.
    """
    text, start, opened = separator.string, separator.end(), separator["open"]
    if opened == "{":
        return NOTHING
    if opened == "[":
        return _span_of(_LISTED, text, start)
    if opened:
        return _span_of(_QUOTED[opened], text, start)
    _start, end_of_scheme = _span_of(_SCHEME, text, start)
    return _span_of(bare, text, end_of_scheme)


def _span_of(pattern: re.Pattern[str], text: str, start: int) -> Span:
    """Match a pattern at a position, and return the span. The pattern must be able to match an empty string."""
    return pattern.match(text, start).span()  # type: ignore[union-attr]


def _fields(text: str) -> t.Iterator[Span]:
    """Yield the spans of values in HTML form fields and meta elements whose names indicate a secret."""
    for tag in _TAGS.finditer(text):
        if not _KEYWORDS.search(tag["rest"]):
            continue
        attributes = _attributes(tag)
        names = [text[slice(*span)] for name, span in attributes if name in _NAMING]
        if not any(map(names_secret, names)):
            continue
        spans = [span for name, span in attributes if name in _HOLDING]
        if tag["tag"].lower() in _WITH_CONTENT:
            spans.append(_span_of(_CONTENT, text, tag.end()))
        yield from filter(_is_not_empty, spans)


def _attributes(tag: re.Match[str]) -> list[tuple[str, Span]]:
    """Return the attributes of an element as pairs of the lowercase name and the span of the value."""
    attributes = _ATTRIBUTES.finditer(tag.string, *tag.span("rest"))
    return [(found["name"].lower(), found.span(found.lastgroup)) for found in attributes]  # type: ignore[arg-type]


def _is_not_empty(span: Span) -> bool:
    return span[0] < span[1]


def credentials_in(text: str) -> t.Iterator[Span]:
    """Yield the spans of credentials in URLs. Each span begins after ``://`` and ends before the last ``@``.

    An ``@`` in a path is not evidence of credentials. The following are evidence: an ``@`` before the first slash, a
    colon that is not followed by a port, and a host with a port at the end of the address.
    """
    for found in _ADDRESS.finditer(text):
        start, end = found.span(1)
        last = text.rfind("@", start, end)
        if last > start and _has_credentials(found[1]):
            yield start, last


def _has_credentials(address: str) -> bool:
    """Return whether a URL contains credentials.

    :param address: an address that contains an ``@``, without its scheme.
    """
    authority = re.split(r"[/?#\\]", address, maxsplit=1)[0]
    if "@" in authority:
        return True
    if _COLON_WITHOUT_PORT.search(_BRACKETED.sub("", authority)):
        return True
    return _HOST_WITH_PORT.fullmatch(address[address.rfind("@") + 1 :]) is not None
