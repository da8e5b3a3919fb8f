# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run time of functions that process strings from a service is proportional to the length of the string."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

import pytest
from support.growth import TIMES, is_linear

from ansible_collections.hybrid.connectors.plugins.module_utils._names import snake_case, snake_cased
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.hierarchy import is_pkid, plain_path
from ansible_collections.hybrid.connectors.plugins.module_utils._providers.voss.model import organization, pkid_in
from ansible_collections.hybrid.connectors.plugins.module_utils._redaction import Redaction
from ansible_collections.hybrid.connectors.plugins.module_utils._secret_names import names_secret
from ansible_collections.hybrid.connectors.plugins.module_utils._unicode import one_line, printable

SIZE = 6_000

PIECES = [
    "A",
    "a",
    "aA",
    "ID",
    "_",
    " ",
    "\n",
    ".",
    "/",
    "token",
    "tokentoken=",
    "token=",
    "token=a&",
    "?auth_token=a ",
    "&amp;auth_token=",
    "token:",
    "token ",
    "_token_",
    '"token":"',
    '"token": [',
    '"token": {',
    "'token': '\\",
    "key",
    "key=",
    "secret>",
    "<token>",
    "<secret ",
    "Bearer ",
    "Basic AAAA",
    "eyJ",
    "eyJAAAAAAAA.",
    "-----BEGIN PRIVATE KEY-----",
    "\ntoken: ",
    "-token:x",
    ",token:x",
    ":token:x",
    "token:x",
    "\n token: a1b2",
    "authorization: basic ",
    "csrf, ",
    "sessionid=;",
    "://",
    "://@",
    "://a@",
    "http://a:b",
    "http://u:p@h/",
    "@",
    "<",
    "<a ",
    '<a "',
    "<a '\"",
    '<input name="token" value="x',
    "<input name=token value=x>",
    "<textarea name=token>",
    "%",
    "%25",
    "%2525",
    "%u0025",
    "&",
    "&amp;",
    "&#38;",
    "&amp;amp;",
    "&a",
    "\\",
    "\\\\",
    "\\u005c",
    "\\u",
    "\x1b",
    "\u202e",
    "\u200d",
    "\ufe0f",
    "canary",
    "canary-0815 ",
    "%63anary-0815",
]

SECRETS = Redaction({"password": {"no_log": True}}, {"password": "canary-0815"})


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "text": SECRETS.text,
    "line": SECRETS.line,
    "address": SECRETS.address,
    "data": lambda text: SECRETS.data({"items": [{"notes": text}]}),
    "a sentence": lambda text: SECRETS.data({"items": [{"message": text}]}),
    "a proxy": lambda text: SECRETS.data({"items": [{"proxy": text}]}),
    "a key": lambda text: SECRETS.data({text: {"a": text}}),
    "parameters": lambda text: Redaction({"name": {}}, {"name": text}).parameters({"name": text}),
    "a secret": lambda text: Redaction({"name": {"no_log": True}}, {"name": text}).text("a message"),
    "names_secret": names_secret,
    "snake_case": snake_case,
    "snake_cased": lambda text: snake_cased([{text: {text: 1}}]),
    "printable": printable,
    "one_line": one_line,
    "is_pkid": is_pkid,
    "plain_path": plain_path.__wrapped__,
    "pkid_in": pkid_in,
    "organization": organization,
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_run_time_is_linear_in_the_length(function: str) -> None:
    run = FUNCTIONS[function]
    slow = []
    for piece in PIECES:
        text = piece * (SIZE // len(piece))
        if not is_linear(partial(run, text), partial(run, text * TIMES)):
            slow.append(piece)
    assert slow == []


def test_a_quadratic_run_time_is_detected() -> None:
    pattern = re.compile("a*b")
    text = "a" * 2000
    assert not is_linear(partial(pattern.search, text), partial(pattern.search, text * TIMES))
