# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links to the next page, and identifiers."""

from __future__ import annotations

from functools import partial

import pytest
from support.growth import TIMES, is_linear

from ansible_collections.hybrid.connectors.plugins.module_utils._providers.webex.client import (
    MAX_LINK,
    _next_links,
    is_same,
)

PAGE = "https://webexapis.com/v1/hybrid/connectors?cursor=a,b;c"


@pytest.mark.parametrize(
    "header",
    [
        f'<{PAGE}>; rel="next"',
        f"<{PAGE}>;rel=next",
        f'<{PAGE}> ; REL = "NEXT"',
        f'<{PAGE}>; title="more; of, it"; rel="next"',
        f'<{PAGE}>; rel="last next"; hreflang=en',
        f'<https://webexapis.com/first>; rel="first", <{PAGE}>; rel="next"',
        f"<https://webexapis.com/prev>; rel=prev,<{PAGE}>; rel=next",
    ],
)
def test_the_link_to_the_next_page_is_found(header: str) -> None:
    assert _next_links(header) == ({PAGE}, "")


@pytest.mark.parametrize(
    "header",
    ["", "nonsense", f'<{PAGE}>; rel="prev"', f'<{PAGE}>; title="rel=next"', f"<{PAGE}>", f'<{PAGE}>; rel="nextish"'],
)
def test_no_other_link_is_taken_for_it(header: str) -> None:
    assert _next_links(header)[0] == set()


def test_what_cannot_be_parsed_is_returned() -> None:
    assert _next_links(f'<{PAGE}; rel="next"') == (set(), f'<{PAGE}; rel="next"')
    assert _next_links(f'<{PAGE}>; rel="next') == (set(), '"next')
    assert _next_links(f'<{PAGE}>; rel="next", nonsense') == ({PAGE}, ", nonsense")


def test_several_next_pages_are_all_found() -> None:
    assert _next_links('</a>; rel="next", </b>; rel=next')[0] == {"/a", "/b"}
    assert _next_links('</a>; rel="next", </a>; rel=next')[0] == {"/a"}


HOSTILE = [
    "<",
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


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_time_to_parse_a_header_is_linear(piece: str) -> None:
    few = MAX_LINK // TIMES // len(piece)
    for prefix in ("", "<a>; a", '<a>; a="'):
        assert is_linear(partial(_next_links, prefix + piece * few), partial(_next_links, prefix + piece * few * TIMES))


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
