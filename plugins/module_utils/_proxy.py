# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""Determine the proxy for a URL from the environment, and check it before a request is sent."""

from __future__ import annotations

import contextlib
import importlib.util
import ipaddress
import os
from urllib.request import getproxies

from ._address import parse
from ._errors import SettingsError

try:
    import requests
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url
except ImportError:
    pass

SOCKS = ("socks4", "socks4a", "socks5", "socks5h")


def environment_proxies(url: str) -> dict[str, str]:
    """Return the proxies from the environment for use with requests, or an empty dictionary if NO_PROXY applies.

    :raises SettingsError: the proxy for the URL is invalid. The message contains the name of the environment
        variable, but not its value.
    """
    if not getproxies() or _is_exempt(url):
        return {}
    proxies: dict[str, str] = requests.utils.get_environ_proxies(url)
    proxy = proxy_for(url, proxies)
    problem = _problem(proxy) if proxy else None
    if problem:
        raise SettingsError(f"Invalid proxy in {_source(url, proxy)}: {problem}, or set 'use_proxy' to false.")
    return proxies


def proxy_for(url: str, proxies: dict[str, str]) -> str:
    """Return the proxy for a URL, or an empty string if requests to the URL do not use a proxy."""
    return requests.utils.select_proxy(url, proxies) or ""


def described(url: str, proxy: str) -> str:
    """Describe the proxy for a URL, without its credentials."""
    parsed = parse_url(_with_scheme(proxy))
    return f"{parsed.scheme}://{parsed.netloc} ({_source(url, proxy)})"


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_exempt(url: str) -> bool:
    """Return whether NO_PROXY contains the IPv6 address in a URL, or a network that includes this address.

    This check is necessary because requests compares IPv6 networks and addresses as strings.
    """
    try:
        address = ipaddress.IPv6Address(parse(url).host.strip("[]"))
    except ValueError:
        return False
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return any(_contains(entry, address) for entry in exempt.split(","))


def _contains(entry: str, address: ipaddress.IPv6Address) -> bool:
    """Return whether a NO_PROXY entry is the given address or a network that contains it. Brackets are ignored."""
    try:
        return address in ipaddress.IPv6Network(entry.strip().replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False


def _problem(proxy: str) -> str | None:
    """Return the problem with a proxy and the first part of the remedy, or None if the proxy is valid."""
    scheme = _with_scheme(proxy).partition("://")[0].lower()
    if scheme in SOCKS and not importlib.util.find_spec("socks"):
        return "a SOCKS proxy requires the Python package PySocks. Install PySocks"
    if scheme not in ("http", "https", *SOCKS):
        return "the proxy type is unknown. Correct the value"
    with contextlib.suppress(LocationParseError):
        if parse_url(_with_scheme(proxy)).host:
            return None
    return "the value is not a valid proxy address. Correct the value"


def _source(url: str, proxy: str) -> str:
    """Describe where a proxy is configured: in an environment variable or in the proxy settings of the machine."""
    for kind in (url.partition(":")[0], "all"):
        for name in (f"{kind}_proxy", f"{kind}_proxy".upper()):
            if os.environ.get(name) == proxy:
                return f"the environment variable {name}"
    return "the proxy settings of this machine"
