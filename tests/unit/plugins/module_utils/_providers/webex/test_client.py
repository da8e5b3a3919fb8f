# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Test links to the next page, and identifiers."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial

import pytest
from support.growth import TIMES, is_linear
from support.messages import MessageTable

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.client import (
    MAX_LINK,
    is_same,
    next_url,
)

PAGE = "https://webexapis.com/v1/hybrid/connectors?cursor=a,b"


@pytest.mark.parametrize(
    "header",
    [
        f'<{PAGE}>; rel="next"',
        f"<{PAGE}>;rel=next",
        f'<{PAGE}> ; REL = "NEXT"',
        f'<{PAGE}>; title="more, of it"; rel="next"',
        f'<{PAGE}>; rel="next", <{PAGE}>; rel=next',
        f'<https://webexapis.com/next>; rel="prev", <{PAGE}>; rel="next"',
        f'<{PAGE}>; rel="last next"; hreflang=en',
        f'<https://webexapis.com/first>; rel="first", <{PAGE}>; rel="next"',
        f"<https://webexapis.com/prev>; rel=prev,<{PAGE}>; rel=next",
    ],
)
def test_the_link_to_the_next_page_is_found(header: str) -> None:
    assert next_url(header) == PAGE


@pytest.mark.parametrize(
    "header",
    [
        "",
        " ",
        "nonsense",
        ";;==,<",
        f'<{PAGE}>; rel="prev"',
        f"<{PAGE}>",
        f'<{PAGE}>; rel="nextish"',
        f'<{PAGE}>; rel="next-archive"',
        '<https://webexapis.com/next>; rel="prev"',
        "</next>",
    ],
)
def test_other_links_are_ignored(header: str) -> None:
    assert next_url(header) is None


@pytest.mark.parametrize(
    "header",
    [
        f'<{PAGE}; rel="next"',
        f'{PAGE}>; rel="next"',
        f'{PAGE}; rel="next"',
        f'<{PAGE}>; rel="next", nonsense',
        f'<{PAGE}>; rel="next"; rel="prev"',
        f'<{PAGE}>; title="a=b"; rel="next"',
        f'<{PAGE}>; title="more; of it"; rel="next"',
        f'<{PAGE}>; crossorigin; rel="next"',
        f'<{PAGE}>;\trel="next"',
        f'<{PAGE};c>; rel="next"',
        f'<{PAGE};c=d>; rel="next"',
        f'<{PAGE}>; url="https://evil.example"; rel="next"',
        f'<{PAGE}>; URL="https://evil.example"; rel="next"',
        f'< {PAGE}>; rel="next"',
        "next",
        "rel=next",
        "; rel=next",
        '</a>; rel="next", </b>; rel=next',
    ],
)
def test_unclear_next_pages_are_refused(header: str, messages: MessageTable) -> None:
    with pytest.raises(ValueError, match=re.escape(messages.expected("webex.unclear_link"))):
        next_url(header)


@pytest.mark.parametrize("character", ["\0", "\x85", "\xff", "\ud800", "\n"])
def test_any_character_is_possible_in_a_header(character: str) -> None:
    assert next_url(f"{character}</a{character}>; rel=prev{character}, </b>; rel=next") == "/b"


HOSTILE = [
    "<",
    ",",
    ", <",
    ",<",
    " ",
    '"',
    "'",
    ">",
    "next",
    "</a>; rel=next, ",
    "<a>",
    "<a>;",
    "<a>;a=",
    '<a>;a="',
    ", ",
    "; ",
    "<a>; rel=next",
    '<a>; rel="',
    "<a>; a" + " " * 50,
    "=",
    "\t",
]


def parsed(header: str) -> None:
    """Parse a header. Only the documented exception is permitted."""
    with suppress(ValueError):
        next_url(header)


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_to_parse_a_header_is_linear(piece: str) -> None:
    few = MAX_LINK // TIMES // len(piece)
    for prefix in ("", "<a>; a", '<a>; a="'):
        assert is_linear(partial(parsed, prefix + piece * few), partial(parsed, prefix + piece * few * TIMES))


UUID = "1f1d8f2a-6c26-4e0f-9b53-0a7b0a3f1c11"
ENCODED = "Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi8xZjFkOGYyYS02YzI2LTRlMGYtOWI1My0wYTdiMGEzZjFjMTE"


@pytest.mark.parametrize(
    ("one", "other"), [("YWI", "YWI="), ("YWI==", "YWI"), ("a", "a"), (UUID, ENCODED), (ENCODED, UUID.upper())]
)
def test_an_identifier_may_be_padded_or_a_uuid(one: str, other: str) -> None:
    assert is_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("YWI", "YWJ"),
        ("ywi", "YWI"),
        ("", "a"),
        (UUID[:-1] + "2", ENCODED),
        ("", ENCODED),
        ("x" * 9, "\u00e9"),
        ("=", "a"),
    ],
)
def test_other_identifiers_are_different(one: str, other: str) -> None:
    assert not is_same(one, other)
