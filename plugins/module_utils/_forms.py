# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The forms in which a secret can come back: as it is, encoded for an address, a header or a page, and quoted."""

from __future__ import annotations

import base64
import html
import json
import typing as t
from urllib.parse import quote, quote_plus, unquote, urlsplit
from urllib.request import getproxies

# What is shorter is looked for as it is alone: its encoded forms are as short, and are a part of any text.
SHORTEST_ENCODED = 4


def forms_of(secret: str) -> set[str]:
    """A secret as it looks in a text: as it is, as a part of an address, of HTML or in base64, and each of them in the
    text of a Python or JSON value that it is a part of, and in the text of such a text.
    """
    forms = {secret, secret.strip()}
    if len(secret) >= SHORTEST_ENCODED:
        known = secret.encode("utf-8", "replace")
        forms |= {quote(known), quote(known, safe=""), quote_plus(known), html.escape(secret, quote=False)}
        forms |= {html.escape(secret), *_base64_of(secret)}
    return {text for form in forms for text in _nested(form)} - {""}


def basic_forms_of(username: str, password: str) -> set[str]:
    """What HTTP Basic makes of credentials."""
    return _base64_of(f"{username}:{password}")


def of_proxies() -> t.Iterator[str]:
    """The passwords of the proxies that the environment names, in all forms."""
    for address in getproxies().values():
        try:
            parts = urlsplit(address)
        except ValueError:
            continue
        if parts.password:
            password = unquote(parts.password)
            yield from forms_of(parts.password) | forms_of(password)
            yield from basic_forms_of(unquote(parts.username or ""), password)


def _base64_of(text: str) -> set[str]:
    """The text in base64, without what only fills it up: that is not always written."""
    standard = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii").rstrip("=")
    return {standard, standard.replace("+", "-").replace("/", "_"), quote(standard, safe="")}


def _nested(text: str) -> set[str]:
    if text.isascii() and text.isprintable() and not set(text) & {"'", '"', "\\"}:
        return {text}
    return {twice for once in _written(text) for twice in _written(once)}


def _written(text: str) -> set[str]:
    """The text as Python writes it, whose quotation marks depend on what else there is, and as JSON does."""
    python = {repr(text)[1:-1], repr('"' + text)[2:-1]}
    return {text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], *python}
