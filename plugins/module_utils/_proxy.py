# Copyright (c) 2026, hybrid.connectors contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module_utils is PRIVATE to the collection hybrid.connectors: it can change without notice.

"""The proxy that the environment names for an address, checked before anything is sent."""

from __future__ import annotations

import ipaddress
import os
from urllib.parse import urlsplit

from ansible_collections.hybrid.connectors.plugins.module_utils._errors import SettingsError

try:
    import requests
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url
except ImportError:
    pass

SOCKS = ("socks4", "socks4a", "socks5", "socks5h")


def environment_proxies(url: str) -> dict[str, str]:
    """Return the proxies of the environment, as requests takes them; empty if none is to be used for an address.

    :raises SettingsError: the proxy for the address cannot be used. The message does not show it, but names the
        variable.
    """
    if _is_exempt(url):
        return {}
    proxies: dict[str, str] = requests.utils.get_environ_proxies(url)
    proxy = requests.utils.select_proxy(url, proxies)
    if proxy:
        problem = _problem(proxy)
        if problem:
            source = _source(url, proxy)
            raise SettingsError(f"{source[0].upper()}{source[1:]} {problem} or set 'use_proxy' to false.")
    return proxies


def described(url: str, proxies: dict[str, str]) -> str | None:
    """Return the proxy for an address without its credentials, and where it was configured; None without a proxy."""
    proxy = requests.utils.select_proxy(url, proxies)
    if not proxy:
        return None
    parsed = parse_url(_with_scheme(proxy))
    return f"{parsed.scheme}://{parsed.netloc} ({_source(url, proxy)})"


def _with_scheme(proxy: str) -> str:
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_exempt(url: str) -> bool:
    """Return whether NO_PROXY contains the IPv6 address of a URL, or a network with it.

    requests compares the addresses of such networks and of other spellings as if they were names.
    """
    try:
        address = ipaddress.IPv6Address(urlsplit(url).hostname or "")
    except ValueError:
        return False
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return any(address in network for network in map(_network, exempt.split(",")) if network)


def _network(entry: str) -> ipaddress.IPv6Network | None:
    """Return an entry of NO_PROXY as a network; None if it is not one of IPv6. The address can be in brackets."""
    try:
        return ipaddress.IPv6Network(entry.strip().replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None


def uses_tls(url: str, proxies: dict[str, str]) -> bool:
    """Return whether the connection to the proxy for an address uses TLS."""
    return (requests.utils.select_proxy(url, proxies) or "").lower().startswith("https:")


def _problem(proxy: str) -> str | None:
    scheme, separator, _rest = proxy.partition("://")
    scheme = scheme.lower() if separator else "http"
    if scheme in SOCKS and not _is_installed("socks"):
        return "names a SOCKS proxy, which needs the Python package PySocks. Install it,"
    if scheme not in ("http", "https", *SOCKS):
        return "names a proxy of an unknown type. Correct it,"
    try:
        host = parse_url(_with_scheme(proxy)).host
    except LocationParseError:
        host = None
    return None if host else "does not contain a valid proxy address. Correct it,"


def _is_installed(module: str) -> bool:
    try:
        __import__(module)
    except ImportError:
        return False
    return True


def _source(url: str, proxy: str) -> str:
    """Return where a proxy was configured."""
    for kind in (url.partition(":")[0], "all"):
        for name in (f"{kind}_proxy", f"{kind}_proxy".upper()):
            if os.environ.get(name) == proxy:
                return f"the environment variable {name}"
    return "the proxy setting of this machine"
