# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Parse URLs strictly, and restrict redirects and links to the origin of 'api_url', so that credentials do not leak.

URL parsers disagree about backslashes, userinfo, control characters and non-ASCII characters. One parser can
approve an address while another parser connects to a different host. The grammar in this module accepts only
addresses that all parsers interpret in the same way. A resolved address always begins with the origin of 'api_url',
byte for byte.
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import quote, urljoin

try:
    import requests
except ImportError:
    requests = None  # type: ignore[assignment]

MAX_LINK = 16 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}

# Matches any number of printable ASCII characters other than spaces and backslashes.
_PLAIN = re.compile(r"[\x21-\x5b\x5d-\x7e]*")
_ADDRESS = re.compile(
    r"(?P<scheme>[Hh][Tt][Tt][Pp][Ss]?)://"
    r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>(?:[/?#].*)?)"
)
_HOST_AND_REST = re.compile(r"([Hh][Tt][Tt][Pp][Ss]?://)([^/?#@:\[\]\\\s]+)(.*)", re.DOTALL)
_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ASCII = "".join(map(chr, range(128)))


class Address(t.NamedTuple):
    """The components of a URL.

    The scheme and the host are in lower case. If the URL does not contain a port, ``port`` is the default port of the
    scheme. ``rest`` contains the path, the query and the fragment.
    """

    scheme: str
    host: str
    port: int
    rest: str

    @property
    def origin(self) -> str:
        """The scheme, the host and the port of the URL. The default port of the scheme is omitted."""
        origin = f"{self.scheme}://{self.host}"
        if self.port == DEFAULT_PORTS[self.scheme]:
            return origin
        return f"{origin}:{self.port}"


def parse(url: str) -> Address:
    """Split a URL into its components.

    :raises ValueError: the URL is not an http or https URL with a valid host name and port, or contains credentials or
        characters that URL parsers interpret differently. The message is a clause that states the problem without
        including the URL.
    """
    if not _PLAIN.fullmatch(url):
        raise ValueError("it contains a space, a backslash, a control character or a non-ASCII character")
    found = _ADDRESS.fullmatch(url)
    if not found:
        raise ValueError(_complaint(url))
    scheme = found["scheme"].lower()
    port = int(found["port"] or DEFAULT_PORTS[scheme])
    if not 0 < port < 65536:
        raise ValueError("its port must be between 1 and 65535")
    return Address(scheme, found["host"].lower(), port, found["rest"])


def _complaint(url: str) -> str:
    authority = re.match(r"https?://([^/?#]*)", url, re.IGNORECASE)
    if not authority:
        return "it does not begin with 'https://' or 'http://'"
    if "@" in authority[1]:
        return "it contains credentials"
    return "it does not contain a valid host name and port"


def with_ascii_host(url: str) -> str:
    """Return a URL with its host name in ASCII (xn--...) and its path and query percent-encoded.

    :raises ValueError: the host name does not have an ASCII form.
    """
    found = _HOST_AND_REST.fullmatch(url)
    if not found:
        return url
    scheme, host, rest = found.groups()
    if not host.isascii():
        try:
            request = requests.PreparedRequest()
            request.prepare_url(f"http://{host}/", None)
            host = parse(str(request.url)).host
        except (ValueError, AttributeError):  # requests may be missing
            raise ValueError("it contains a non-ASCII host name without a valid ASCII form (xn--...)") from None
    return f"{scheme}{host}{quote(rest, safe=_ASCII)}"


def resolve(base: str, link: str) -> str:
    """Return the target of a redirect or link as an absolute URL.

    :param base: the URL of the response that contains the link. This URL has the same origin as 'api_url'.
    :raises ValueError: the target has a different origin, or URL parsers could interpret the link differently.
    """
    if not _PLAIN.fullmatch(link) or len(link) > MAX_LINK:
        raise ValueError("it is too long, or contains characters that are not valid in an address")
    own = parse(base)
    if link.startswith("//"):
        link = f"{own.scheme}:{link}"
    elif not _HAS_SCHEME.match(link):
        link = urljoin(base, link)
    target = parse(link)
    if target[:3] != own[:3]:
        raise ValueError("it leads to a different origin than 'api_url'")
    return f"{own.origin}/{target.rest.partition('#')[0].removeprefix('/')}"
