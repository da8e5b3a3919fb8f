# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links and redirects lead only to the origin of 'api_url', as interpreted by requests and urllib3."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.hybrid.connectors.plugins.module_utils._address import (
    MAX_LINK,
    parse,
    resolve,
    with_ascii_host,
)

BASES = ["http://good.example/v1/a?b=c", "https://good.example:8443/v1/", "http://[2001:db8::1]:8080/a", "http://g/"]
PIECES = [
    *["http", "https", "HTTP", "hTTps", "ftp", "file", "javascript", ":", "//", "/", "///", "\\", "?", "#", "@", "%40"],
    *["good.example", "GOOD.example", "good.example.", "evil.example", "2001:db8::1", "[2001:db8::1]", "[", "]", "g"],
    *[
        ":80",
        ":443",
        ":8443",
        ":8080",
        ":0",
        ":",
        ":99999",
        ":\u0668\u0660",
        ":+80",
        ":8_0",
        ":0080",
        "user",
        "user:pw@",
    ],
    *[
        "\t",
        "\n",
        "\r",
        "\x00",
        "\x0b",
        " ",
        "\xa0",
        "\u3002",
        "\uff0e",
        "\uff0f",
        "\uff20",
        "\u2100",
        "\xad",
        "\u200b",
    ],
    *[
        "g\xf6\xf6d.example",
        "xn--",
        "%2e",
        "%2f",
        "%5c",
        "%00",
        "..",
        ".",
        ";",
        "=",
        "&",
        "|",
        "^",
        "`",
        "<",
        ">",
        "~",
        "_",
    ],
]
LINKS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=2)), max_size=9).map("".join)


def connected_to(url: str) -> tuple[Any, ...]:
    """Return the scheme, host and port that requests and urllib3 connect to."""
    request = requests.PreparedRequest()
    request.prepare(method="GET", url=url)
    parts = urllib3.util.parse_url(request.url or "")
    return parts.scheme, parts.host, parts.port or {"http": 80, "https": 443}[str(parts.scheme)]


@given(st.sampled_from(BASES), LINKS)
@settings(max_examples=1000, deadline=None)
def test_an_accepted_link_has_its_origin_for_all_parsers(base: str, link: str) -> None:
    try:
        url = resolve(base, link)
    except ValueError:
        return
    origin = parse(base).origin
    assert url == origin + url[len(origin) :]
    assert url[len(origin)] == "/"
    assert connected_to(url) == connected_to(base)
    if re.match("[A-Za-z]+://", link):
        assert connected_to(link) == connected_to(base)
    if link.startswith("//"):
        assert connected_to(f"{parse(base).scheme}:{link}") == connected_to(base)


@given(LINKS)
@settings(max_examples=1000, deadline=None)
def test_an_accepted_address_is_read_alike_by_all_parsers(url: str) -> None:
    try:
        address = parse(url)
    except ValueError:
        return
    try:
        found = connected_to(url)
    except requests.exceptions.InvalidURL:  # not a valid host name
        return
    assert found == address[:3]
    assert connected_to(address.origin) == found


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("c", "http://good.example/v1/c"),
        ("/c?d=http://evil.example/#e", "http://good.example/c?d=http://evil.example/"),
        ("?c", "http://good.example/v1/a?c"),
        ("", "http://good.example/v1/a?b=c"),
        ("../../..", "http://good.example/"),
        ("//good.example", "http://good.example/"),
        ("//GOOD.example:80/c", "http://good.example/c"),
        ("HTTP://Good.Example:0080?c", "http://good.example/?c"),
        ("/..//evil.example/x", "http://good.example/evil.example/x"),
    ],
)
def test_a_link_within_the_origin_is_resolved(link: str, target: str) -> None:
    assert resolve(BASES[0], link) == target


@pytest.mark.parametrize(
    "link",
    [
        "https://good.example/c",
        "http://good.example:8080/c",
        "http://good.example./c",
        "http://evil.example/c",
        "//evil.example",
        "///evil.example",
        "http:///evil.example",
        "http:evil.example",
        "http:/evil.example",
        "http://good.example@evil.example/",
        "http://evil.example@good.example/",
        "http://good.example%40evil.example/",
        "http://evil.example\\@good.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "http://good.example\t/",
        "ht\ntp://good.example/",
        " http://good.example/",
        "http://good.example:8\u0660/",
        "http://good\u3002example/",
        "http://good.example:0/",
        "http://good.example:/",
        "http://good.example:99999/",
        "http://[::1/",
        "ftp://good.example/",
        "javascript:alert(1)",
        "/" + "a" * MAX_LINK,
    ],
)
def test_any_other_link_is_refused(link: str) -> None:
    with pytest.raises(ValueError, match=r"^(it|its) "):
        resolve(BASES[0], link)


@pytest.mark.parametrize(
    ("url", "ascii_url"),
    [
        ("https://b\xfccher.example/\xe4?", "https://xn--bcher-kva.example/%C3%A4?"),
        ("HTTPS://B\xdcCHER.example:8443", "HTTPS://xn--bcher-kva.example:8443"),
        ("https://good.example/%2f/\xe4", "https://good.example/%2f/%C3%A4"),
        ("no address", "no address"),
        ("https://good.example", "https://good.example"),
    ],
)
def test_a_host_name_gets_its_ascii_spelling(url: str, ascii_url: str) -> None:
    assert with_ascii_host(url) == ascii_url


@pytest.mark.parametrize("host", ["a\u2025b", "\u2100.example", "\ud800", "xn--\xe4", "good\u3002example"])
def test_a_host_name_without_an_ascii_spelling_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"^it contains"):
        parse(with_ascii_host(f"https://{host}/"))
